/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing with cairo and pango: black on white, 12 x 24 dots a column as printers have them. */
#include "terminal/device/picture.h"

#include <pango/pangocairo.h>

#include "terminal/device/strokes.h"

enum { COLUMN = 12, ROW = 28, MARGIN = 16, SIGNATURE = STROKES_ROWS + 8 };

static const char font[] =
    "WenQuanYi Micro Hei Mono,WenQuanYi Micro Hei,Noto Sans Mono CJK SC,Monospace 20px";

struct pen {
    cairo_t *cairo;
    PangoLayout *layout;
    unsigned columns;
};

static void draw_character(struct pen *pen, const char *at, int len, double x, double y,
                           double width)
{
    int drawn_width, drawn_height;
    pango_layout_set_text(pen->layout, at, len);
    pango_layout_get_pixel_size(pen->layout, &drawn_width, &drawn_height);
    /* In the middle of its cell. */
    cairo_move_to(pen->cairo, x + (width - drawn_width) / 2, y + (ROW - drawn_height) / 2);
    pango_cairo_show_layout(pen->cairo, pen->layout);
}

static void draw_line(struct pen *pen, const struct receipt_line *line, double y)
{
    double x = MARGIN;
    if (line->style == RECEIPT_RULE) {
        cairo_rectangle(pen->cairo, MARGIN, y + ROW / 2, pen->columns * COLUMN, 1);
        cairo_fill(pen->cairo);
        return;
    }
    if (line->style == RECEIPT_CENTRE)
        x += (double)(pen->columns - receipt_columns(line->text)) * COLUMN / 2;
    for (const char *at = line->text; *at != '\0';) {
        char one[8] = "";
        int len = 1;
        while (len < 4 && ((uint8_t)at[len] & 0xc0) == 0x80) len++;
        memcpy(one, at, (size_t)len);
        double width = (double)receipt_columns(one) * COLUMN;
        if (*at != ' ') draw_character(pen, at, len, x, y, width);
        x += width;
        at += len;
    }
}

static void set_font(struct pen *pen, bool strong)
{
    PangoFontDescription *description = pango_font_description_from_string(font);
    pango_font_description_set_weight(description,
                                      strong ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(pen->layout, description);
    pango_font_description_free(description);
}

static cairo_status_t take(void *context, const unsigned char *data, unsigned len)
{
    struct writer *w = context;
    write_bytes(w, bytes_of(data, len));
    return w->fault == ERR_OK ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

/* The pen's way, as wide as a narrow paper. */
static void draw_strokes(struct pen *pen, struct bytes strokes, double y)
{
    const double scale = (double)STROKES_DOTS / STROKES_WIDTH;
    struct strokes_walk walk = strokes_walk_over(strokes);
    cairo_set_line_width(pen->cairo, 2.5);
    cairo_set_line_cap(pen->cairo, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_join(pen->cairo, CAIRO_LINE_JOIN_ROUND);
    while (strokes_next(&walk)) {
        double at_x = MARGIN + walk.x * scale, at_y = y + walk.y * scale;
        if (walk.begins) cairo_move_to(pen->cairo, at_x, at_y);
        cairo_line_to(pen->cairo, at_x, at_y); /* a stroke of one point is a dot */
    }
    cairo_stroke(pen->cairo);
}

static void draw_receipt(struct pen *pen, const struct receipt *receipt)
{
    double y = MARGIN;
    for (size_t i = 0; i <= receipt->count; i++) {
        if (receipt->strokes_len > 0 && receipt->strokes_at == i) {
            draw_strokes(pen, bytes_of(receipt->strokes, receipt->strokes_len), y);
            y += SIGNATURE;
        }
        if (i == receipt->count) break;
        bool strong = receipt->line[i].style == RECEIPT_STRONG;
        if (strong) set_font(pen, true);
        draw_line(pen, &receipt->line[i], y);
        if (strong) set_font(pen, false);
        y += ROW;
    }
}

err picture_receipt(const struct receipt *receipt, struct writer *png)
{
    int height =
        (int)receipt->count * ROW + (receipt->strokes_len > 0 ? SIGNATURE : 0) + 2 * MARGIN;
    int width = (int)receipt->columns * COLUMN + 2 * MARGIN;
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, width, height);
    struct pen pen = {.cairo = cairo_create(surface), .columns = receipt->columns};
    pen.layout = pango_cairo_create_layout(pen.cairo);
    /* An A8 surface becomes a grey PNG, a third of a coloured one: full is white, ink takes away.
     */
    cairo_set_source_rgba(pen.cairo, 0, 0, 0, 1);
    cairo_paint(pen.cairo);
    cairo_set_operator(pen.cairo, CAIRO_OPERATOR_DEST_OUT);
    set_font(&pen, false);
    draw_receipt(&pen, receipt);
    cairo_status_t status = cairo_surface_write_to_png_stream(surface, take, png);
    g_object_unref(pen.layout);
    cairo_destroy(pen.cairo);
    cairo_surface_destroy(surface);
    if (png->fault != ERR_OK) return (err){png->fault};
    if (status == CAIRO_STATUS_NO_MEMORY) return ERR(NO_MEMORY);
    return status == CAIRO_STATUS_SUCCESS ? OK : ERR(IO);
}
