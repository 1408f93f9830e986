/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slips of all kinds as the pictures that the page shows, compared with golden maps of their ink.
 * S102 S180
 *
 * A map has a character for each cell of 12 x 28 dots: ' ' for no ink (SPILL), else how much of it,
 * in steps of INK_STEP dots, as 0 to 9 and A to Z. The size of a picture is compared exactly, and
 * so is which cells have ink. How much they have may differ: by CELL_DOTS and a third in a cell,
 * since another version of a font draws a character otherwise; by a tenth in a line, which
 * tells bold from normal; the last test shows what is noticed and what is let through. Which
 * character it is is not read off the picture: that is what the bytes are compared for.
 *
 * TERMINAL_GOLDEN=write writes the maps anew; then look at the pictures: with RECEIPT_PICTURES=
 * a folder, they are written there.
 */
#include "tests/unit/receipt_kinds.h"

#include <cairo.h>

#include "terminal/device/picture.h"

enum {
    COLUMN = 12,
    ROW = 28,
    MARGIN = 16,
    SIGNATURE = STROKES_ROWS + 8,
    INK_STEP = 5,
    CELL_DOTS = 10,
    LINE_PERCENT = 10,
    SPILL = 2 * 255,          /* what the edge of a bold neighbour may leave in a cell */
    PICTURE_MAX = 128 * 1024, /* as picture.h says; draw() would fail with FULL */
};

/* The leak checker asks for this: fontconfig keeps what it has read about fonts until the end. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig\n";
}

/* ---- a picture, back from its PNG ---- */

struct picture {
    size_t width, height;
    uint8_t ink[640 * 3072]; /* 255 is black, rows of `width` */
};

static cairo_status_t give(void *context, unsigned char *data, unsigned len)
{
    struct bytes *left = context;
    if (len > left->len) return CAIRO_STATUS_READ_ERROR;
    memcpy(data, left->at, len);
    left->at += len;
    left->len -= len;
    return CAIRO_STATUS_SUCCESS;
}

static void keep(const char *name, struct bytes png)
{
    char path[512];
    const char *folder = getenv("RECEIPT_PICTURES");
    if (folder == NULL || name == NULL) return;
    snprintf(path, sizeof path, "%s/%s.png", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(png.at, 1, png.len, file), png.len);
    assert_int_equal(fclose(file), 0);
}

static void draw(const struct receipt *receipt, const char *name, struct picture *out)
{
    static uint8_t block[PICTURE_MAX];
    struct writer w = writer_over(block, sizeof block);
    assert_int_equal(picture_receipt(receipt, &w).code, ERR_OK);
    keep(name, writer_view(&w));
    struct bytes left = writer_view(&w);
    cairo_surface_t *surface = cairo_image_surface_create_from_png_stream(give, &left);
    assert_int_equal(cairo_surface_status(surface), CAIRO_STATUS_SUCCESS);
    /* A grey PNG comes back as one of colours that are all alike. */
    assert_int_equal(cairo_image_surface_get_format(surface), CAIRO_FORMAT_RGB24);
    out->width = (size_t)cairo_image_surface_get_width(surface);
    out->height = (size_t)cairo_image_surface_get_height(surface);
    assert_true(out->width * out->height <= sizeof out->ink);
    const unsigned char *data = cairo_image_surface_get_data(surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(surface);
    for (size_t y = 0; y < out->height; y++)
        for (size_t x = 0; x < out->width; x++) {
            uint32_t pixel;
            memcpy(&pixel, data + y * stride + x * 4, sizeof pixel);
            out->ink[y * out->width + x] = (uint8_t)(255 - (pixel & 0xff));
        }
    cairo_surface_destroy(surface);
}

/* ---- its ink, cell by cell ---- */

static uint64_t ink_in(const struct picture *p, size_t x, size_t y, size_t width, size_t height)
{
    uint64_t sum = 0;
    for (size_t row = y; row < y + height; row++)
        for (size_t column = x; column < x + width; column++)
            sum += p->ink[row * p->width + column];
    return sum;
}

static char ink_digit(uint64_t sum)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    if (sum <= SPILL) return ' ';
    uint64_t step = (sum / 255 + INK_STEP / 2) / INK_STEP;
    return digits[step < sizeof digits - 2 ? step : sizeof digits - 2];
}

/* A row of `count` cells from x. Ink that is in no cell of it is "!". */
static void map_row(struct writer *w, const struct picture *p, size_t x, size_t y, size_t height,
                    size_t count)
{
    uint64_t seen = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t sum = ink_in(p, x + i * COLUMN, y, COLUMN, height);
        write_format(w, "%c", ink_digit(sum));
        seen += sum;
    }
    bool beside = ink_in(p, 0, y, p->width, height) > seen + SPILL;
    write_bytes(w, beside ? BYTES("|!\n") : BYTES("|\n"));
}

/* Where the text of a line begins. */
static size_t line_x(const struct receipt *r, const struct receipt_line *line)
{
    if (line->style != RECEIPT_CENTRE) return MARGIN;
    return MARGIN + (r->columns - receipt_columns(line->text)) * COLUMN / 2;
}

static void map(struct writer *w, const struct receipt *r, const struct picture *p)
{
    size_t y = MARGIN;
    write_format(w, "%zu x %zu\n", p->width, p->height);
    map_row(w, p, MARGIN, 0, MARGIN, r->columns);
    for (size_t i = 0; i <= r->count; i++) {
        if (r->strokes_len > 0 && r->strokes_at == i) {
            map_row(w, p, MARGIN, y, SIGNATURE, r->columns);
            y += SIGNATURE;
        }
        if (i == r->count) break;
        map_row(w, p, line_x(r, &r->line[i]), y, ROW, receipt_columns(r->line[i].text));
        y += ROW;
    }
    map_row(w, p, MARGIN, y, MARGIN, r->columns);
}

/* ---- two maps, with what may differ between them ---- */

static long ink_of(char digit)
{
    if (digit >= '0' && digit <= '9') return INK_STEP * (digit - '0');
    return digit >= 'A' && digit <= 'Z' ? INK_STEP * (digit - 'A' + 10) : -1;
}

/* One line: a heading, a size and what is no cell are compared as they are. */
static bool line_differs(struct bytes made, struct bytes wanted)
{
    long made_sum = 0, wanted_sum = 0;
    if (made.len != wanted.len) return true;
    if (made.len == 0 || made.at[made.len - 1] != '|') return !bytes_equal(made, wanted);
    for (size_t i = 0; i < made.len; i++) {
        long a = ink_of((char)made.at[i]), b = ink_of((char)wanted.at[i]);
        if ((a < 0 || b < 0) && made.at[i] != wanted.at[i]) return true;
        if (labs(a - b) > CELL_DOTS + (b < 0 ? 0 : b / 3)) return true;
        made_sum += a < 0 ? 0 : a;
        wanted_sum += b < 0 ? 0 : b;
    }
    return 100 * labs(made_sum - wanted_sum) > LINE_PERCENT * wanted_sum;
}

static struct bytes line_take(struct bytes *text)
{
    const uint8_t *end = text->len == 0 ? NULL : memchr(text->at, '\n', text->len);
    struct bytes line = bytes_of(text->at, end == NULL ? text->len : (size_t)(end - text->at));
    size_t taken = line.len + (end != NULL);
    *text = bytes_of(text->at + taken, text->len - taken);
    return line;
}

static bool map_differs(struct bytes made, struct bytes wanted, const char *name)
{
    for (size_t line = 1; made.len > 0 || wanted.len > 0; line++) {
        struct bytes a = line_take(&made), b = line_take(&wanted);
        if (!line_differs(a, b)) continue;
        if (name != NULL)
            print_error("%s.ink differs in line %zu:\n-%.*s\n+%.*s\n", name, line, (int)b.len,
                        (const char *)b.at, (int)a.len, (const char *)a.at);
        return true;
    }
    return false;
}

/* ---- against the golden files ---- */

struct comparison {
    char group[64];
    uint8_t text[GOLDEN_MAX];
    struct writer made;
    size_t groups, differ;
};

static struct picture drawn;

static void compare_group(struct comparison *c)
{
    if (c->group[0] == '\0') return;
    assert_int_equal(c->made.fault, ERR_OK);
    struct bytes made = writer_view(&c->made);
    c->differ += map_differs(made, golden_text(c->group, "ink", made), c->group);
    c->groups++;
}

/* A cell has ink when its character has: nothing is missing, and nothing is beside its cell. */
static void cells_are_those_of_the_text(const struct receipt *r, const struct picture *p)
{
    size_t y = MARGIN;
    for (size_t i = 0; i < r->count; i++) {
        const struct receipt_line *line = &r->line[i];
        size_t x = line_x(r, line);
        if (r->strokes_len > 0 && r->strokes_at == i) y += SIGNATURE;
        for (const char *at = line->text; *at != '\0';) {
            char one[8] = "";
            size_t len = 1;
            while (((uint8_t)at[len] & 0xc0) == 0x80) len++;
            memcpy(one, at, len);
            size_t width = receipt_columns(one) * COLUMN;
            uint64_t sum = ink_in(p, x, y, width, ROW);
            if (*at == ' ') assert_true(sum <= SPILL);
            else assert_true(sum > SPILL);
            x += width;
            at += len;
        }
        y += ROW;
    }
}

static void compare_slip(const struct slip *slip, void *context)
{
    struct comparison *c = context;
    char name[128];
    const struct receipt *r = &slip->receipt;
    if (strcmp(slip->group, c->group) != 0) {
        compare_group(c);
        snprintf(c->group, sizeof c->group, "%s", slip->group);
        c->made = writer_over(c->text, sizeof c->text);
    }
    snprintf(name, sizeof name, "%s%s%s.%s", slip->group, slip->part[0] ? "." : "", slip->part,
             r->columns == RECEIPT_COLUMNS ? "58" : "80");
    draw(r, name, &drawn);
    assert_int_equal(drawn.width, r->columns * COLUMN + 2 * MARGIN);
    assert_int_equal(drawn.height,
                     r->count * ROW + 2 * MARGIN + (r->strokes_len > 0 ? SIGNATURE : 0));
    cells_are_those_of_the_text(r, &drawn);
    golden_heading(&c->made, slip);
    map(&c->made, r, &drawn);
}

static void ink_is_that_of_the_golden_files(void **state)
{
    (void)state;
    static struct comparison c;
    slips_each(compare_slip, &c);
    compare_group(&c);
    assert_int_equal(c.differ, 0);
    golden_count_is("ink", c.groups);
}

/* ---- what the comparison notices ---- */

/* The map of what is in `drawn`, as if it were of `r`. */
static struct bytes map_of(const struct receipt *r, struct writer *w)
{
    map(w, r, &drawn);
    assert_int_equal(w->fault, ERR_OK);
    return writer_view(w);
}

static void make(struct receipt *out, int64_t amount_minor)
{
    struct payment p = slip_payment(PAYMENT_SALE, PAYMENT_CARD);
    struct receipt_context context = {.merchant_name = SLIP_NAME, .local_ms = slip_local_ms()};
    p.amount_minor = amount_minor;
    assert_int_equal(receipt_make(&p, &context, out).code, ERR_OK);
}

/* All ink moved to the right. */
static void shift(size_t dots)
{
    for (size_t y = 0; y < drawn.height; y++) {
        uint8_t *row = drawn.ink + y * drawn.width;
        memmove(row + dots, row, drawn.width - dots);
        memset(row, 0, dots);
    }
}

static void shift_down(size_t dots)
{
    size_t moved = dots * drawn.width, all = drawn.height * drawn.width;
    memmove(drawn.ink + moved, drawn.ink, all - moved);
    memset(drawn.ink, 0, moved);
}

static void erase(size_t x, size_t y, size_t width, size_t height)
{
    for (size_t row = y; row < y + height; row++)
        memset(drawn.ink + row * drawn.width + x, 0, width);
}

/* More or less of it everywhere. */
static void scale(unsigned percent)
{
    for (size_t i = 0; i < drawn.width * drawn.height; i++) {
        unsigned ink = drawn.ink[i] * percent / 100;
        drawn.ink[i] = (uint8_t)(ink > 255 ? 255 : ink);
    }
}

static size_t line_of(const struct receipt *r, const char *begin)
{
    for (size_t i = 0; i < r->count; i++)
        if (strncmp(r->line[i].text, begin, strlen(begin)) == 0) return i;
    fail_msg("no line begins with %s", begin);
    return 0;
}

enum fault {
    FAULT_NONE,
    FAULT_THINNER,      /* a font that is drawn with less ink */
    FAULT_MUCH_THINNER, /* another weight of it */
    FAULT_OTHER_SLIP,
    FAULT_OTHER_AMOUNT, /* one digit more */
    FAULT_HALF_CELL,
    FAULT_THREE_DOTS,
    FAULT_DOWN, /* by a quarter of a line */
    FAULT_NO_CHARACTER,
    FAULT_HALF_CHARACTER, /* cut at its right side */
    FAULT_LOWER_HALF,     /* cut below */
    FAULT_NOT_BOLD,
    FAULT_BOLD,
    FAULT_NO_LINE,
    FAULT_NO_RULE,
    FAULT_SPECK, /* on the margin */
    FAULTS,
};

static void spoil(enum fault fault, struct receipt *r)
{
    size_t amount = line_of(r, "金额 AMOUNT"), name = line_of(r, "商户编号"), rule = 2;
    if (fault == FAULT_NOT_BOLD) r->line[amount].style = RECEIPT_NORMAL;
    if (fault == FAULT_BOLD) r->line[name].style = RECEIPT_STRONG;
    if (fault == FAULT_NO_LINE) r->count--;
    if (fault == FAULT_OTHER_AMOUNT) make(r, 112800);
    if (fault == FAULT_OTHER_SLIP) {
        struct payment p = slip_payment(PAYMENT_VOID, PAYMENT_CARD);
        struct receipt_context context = {.merchant_name = SLIP_NAME,
                                          .copy = RECEIPT_CARDHOLDER_COPY,
                                          .local_ms = slip_local_ms()};
        assert_int_equal(receipt_make(&p, &context, r).code, ERR_OK);
    }
    draw(r, NULL, &drawn);
    if (fault == FAULT_THINNER) scale(94);
    if (fault == FAULT_MUCH_THINNER) scale(80);
    if (fault == FAULT_HALF_CELL) shift(COLUMN / 2);
    if (fault == FAULT_THREE_DOTS) shift(3);
    if (fault == FAULT_DOWN) shift_down(ROW / 4);
    if (fault == FAULT_NO_CHARACTER) erase(MARGIN, MARGIN + name * ROW, 2 * COLUMN, ROW);
    if (fault == FAULT_HALF_CHARACTER) erase(MARGIN + COLUMN, MARGIN + name * ROW, COLUMN, ROW);
    if (fault == FAULT_LOWER_HALF)
        erase(MARGIN, MARGIN + name * ROW + ROW / 2, r->columns * COLUMN, ROW / 2);
    if (fault == FAULT_NO_RULE) erase(MARGIN, MARGIN + rule * ROW, r->columns * COLUMN, ROW);
    if (fault == FAULT_SPECK) memset(drawn.ink + 5 * drawn.width + 5, 255, 4);
}

static void what_is_noticed(void **state)
{
    (void)state;
    static uint8_t good_text[GOLDEN_MAX], text[GOLDEN_MAX];
    static struct receipt good, other;
    for (enum fault fault = FAULT_NONE; fault < FAULTS; fault++) {
        struct writer wanted = writer_over(good_text, sizeof good_text);
        struct writer made = writer_over(text, sizeof text);
        make(&good, 12800);
        draw(&good, NULL, &drawn);
        struct bytes golden = map_of(&good, &wanted);
        other = good;
        spoil(fault, &other);
        bool noticed = map_differs(map_of(&other, &made), golden, NULL);
        if (noticed != (fault > FAULT_THINNER)) print_error("fault %d\n", (int)fault);
        assert_int_equal(noticed, fault > FAULT_THINNER);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ink_is_that_of_the_golden_files),
        cmocka_unit_test(what_is_noticed),
    };
    return cmocka_run_group_tests_name("receipt_pictures", tests, NULL, NULL);
}
