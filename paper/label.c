/* SPDX-License-Identifier: Apache-2.0 */
/* One page from its top to its foot. */
#include "paper/label.h"

#include "paper/pen.h"

/* 100 x 150 mm in points. */
#define WIDTH  283.46
#define HEIGHT 425.20
#define MARGIN 16.0
#define TEXT   (WIDTH - 2 * MARGIN)
#define CODE   112.0

/* ---- what people have typed ---- */

/* How long a character is that is not drawn; 0: it is drawn. UTF-8: controls of C0 and C1, marks of
 * direction (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069), line separators. */
static size_t left_out(const uint8_t *at)
{
    if (at[0] < 0x20 || at[0] == 0x7F) return 1;
    if (at[0] == 0xC2 && at[1] >= 0x80 && at[1] <= 0x9F) return 2;
    if (at[0] == 0xD8 && at[1] == 0x9C) return 2;
    if (at[0] != 0xE2) return 0;
    bool mark =
        at[1] == 0x80 && (at[2] == 0x8E || at[2] == 0x8F || (at[2] >= 0xA8 && at[2] <= 0xAE));
    bool isolate = at[1] == 0x81 && at[2] >= 0xA6 && at[2] <= 0xA9;
    return mark || isolate ? 3 : 0;
}

static size_t length_of(uint8_t first)
{
    if (first < 0x80) return 1;
    if (first < 0xE0) return 2;
    return first < 0xF0 ? 3 : 4;
}

void label_plain(const char *text, char *out, size_t size)
{
    const uint8_t *at = (const uint8_t *)text;
    size_t len = 0;
    ENSURE(size > 0);
    while (*at != '\0') {
        size_t gone = left_out(at), want = length_of(*at);
        if (gone != 0) {
            at += gone;
            continue;
        }
        if (want > strlen((const char *)at) || len + want >= size) break;
        memcpy(out + len, at, want);
        len += want;
        at += want;
    }
    out[len] = '\0';
}

/* ---- the page ---- */

/* A name in both languages, and below it what was typed, in so many lines. Moves down by both. */
static void field(struct pen *pen, const char *name, enum pen_style style, unsigned lines,
                  const char *typed)
{
    char plain[PAPER_NAME_MAX + 1];
    label_plain(typed, plain, sizeof plain);
    if (plain[0] == '\0') return;
    pen->y += pen_text(pen, PEN_FAINT, PEN_LEFT, MARGIN, pen->y, TEXT, name) + 1;
    pen->y += pen_typed(pen, style, PEN_LEFT, MARGIN, pen->y, TEXT, lines, plain) + 6;
}

static void band(struct pen *pen)
{
    pen_box(pen, PEN_ACCENT, MARGIN, MARGIN, TEXT, 24);
    pen_text(pen, PEN_ON_ACCENT, PEN_CENTRE, MARGIN, MARGIN + 7, TEXT,
             "通宝支付终端 · Tongbao payment terminal");
}

/* Beside the code: which device this is, and which number it has in the network. */
static err device(struct pen *pen, const struct paper *p)
{
    const double x = MARGIN + CODE + 8, width = TEXT - CODE - 8;
    double y = 50;
    TRY(pen_code(pen, bytes_text(p->serial), MARGIN - 8, 44, CODE));
    y += pen_text(pen, PEN_FAINT, PEN_LEFT, x, y, width, "序列号 · Serial number") + 1;
    y += pen_typed(pen, PEN_STRONG, PEN_LEFT, x, y, width, 2, p->serial) + 7;
    y += pen_text(pen, PEN_FAINT, PEN_LEFT, x, y, width, "型号 · Model") + 1;
    y += pen_typed(pen, PEN_STRONG, PEN_LEFT, x, y, width, 1, p->model) + 7;
    if (p->terminal[0] == '\0') return OK;
    y += pen_text(pen, PEN_FAINT, PEN_LEFT, x, y, width, "终端号 · Terminal number") + 1;
    pen_typed(pen, PEN_HEADING, PEN_LEFT, x, y, width, 1, p->terminal);
    return OK;
}

static void shop(struct pen *pen, const struct paper *p)
{
    pen->y = 158;
    pen_line(pen, PEN_LINE, MARGIN, pen->y, WIDTH - MARGIN, pen->y);
    pen->y += 8;
    field(pen, "商户 · Shop", PEN_HEADING, 2, p->name_zh);
    if (strcmp(p->name_en, p->name_zh) != 0 && p->name_en[0] != '\0') {
        char plain[PAPER_NAME_MAX + 1];
        label_plain(p->name_en, plain, sizeof plain);
        pen->y += pen_typed(pen, PEN_SMALL, PEN_LEFT, MARGIN, pen->y - 4, TEXT, 1, plain) + 2;
    }
    field(pen, "收货地址 · Address", PEN_STRONG, 3, p->address);
    field(pen, "收件人电话 · Phone", PEN_STRONG, 1, p->phone);
}

/* As text: a second code would be a second answer to whoever scans the label. */
static void courier(struct pen *pen, const struct paper *p)
{
    const double top = HEIGHT - MARGIN - 76;
    if (p->courier[0] == '\0') return;
    pen_line(pen, PEN_LINE, MARGIN, top, WIDTH - MARGIN, top);
    pen_text(pen, PEN_FAINT, PEN_LEFT, MARGIN, top + 8, TEXT, "运单号 · Courier number");
    pen_typed(pen, PEN_HEADING, PEN_LEFT, MARGIN, top + 20, TEXT, 1, p->courier);
}

static void foot(struct pen *pen)
{
    double y = HEIGHT - MARGIN - 28;
    pen_line(pen, PEN_LINE, MARGIN, y, WIDTH - MARGIN, y);
    y += 5;
    y += pen_text(pen, PEN_FAINT, PEN_LEFT, MARGIN, y, TEXT,
                  "首次开机时扫描上方的码。请勿在标签上记录密码。");
    pen_text(pen, PEN_FAINT, PEN_LEFT, MARGIN, y, TEXT,
             "Scan the code at the first start. No passwords on this label.");
}

static cairo_status_t give(void *context, const unsigned char *data, unsigned len)
{
    struct writer *w = context;
    write_bytes(w, bytes_of(data, len));
    return w->fault == ERR_OK ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

err label_draw(const struct paper *p, struct writer *pdf)
{
    static const struct pen_paper sheet = {WIDTH, HEIGHT};
    struct pen pen;
    ENSURE(p->serial[0] != '\0');
    TRY(pen_begin(&pen, &sheet, p->serial, give, pdf));
    band(&pen);
    err drawn = device(&pen, p);
    shop(&pen, p);
    courier(&pen, p);
    foot(&pen);
    pen_page_end(&pen);
    err finished = pen_finish(&pen);
    if (pdf->fault != ERR_OK) return (err){pdf->fault};
    return FAILED(drawn) ? drawn : finished;
}
