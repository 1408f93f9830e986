/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing with cairo and pango, to PDF. */
#include "paper/pen.h"

#include <cairo-pdf.h>

#include "lib/base/writer.h"
#include "lib/qr/image.h"

enum { CODE_PIXELS = 8 };

static const char family[] = "WenQuanYi Micro Hei,Noto Sans CJK SC,Source Han Sans SC,Sans";

/* clang-format off */
static const struct {
    double size;
    bool bold;
    enum pen_colour colour;
    double spacing; /* lines, of their height */
} styles[PEN_STYLES] = {
    [PEN_TITLE]     = {25,  true,  PEN_INK,    1.1},
    [PEN_HEADING]   = {15,  true,  PEN_ACCENT, 1.1},
    [PEN_STRONG]    = {10,  true,  PEN_INK,    1.25},
    [PEN_BODY]      = {9.5, false, PEN_INK,    1.3},
    [PEN_SMALL]     = {8.5, false, PEN_INK,    1.25},
    [PEN_FAINT]     = {8,   false, PEN_GREY,   1.25},
    [PEN_ON_ACCENT] = {8,   true,  PEN_WHITE,  1.0},
    [PEN_TINY]      = {6,   false, PEN_INK,    1.0},
};

static const double colours[PEN_COLOURS][3] = {
    [PEN_INK]    = {0.10, 0.13, 0.17},
    [PEN_GREY]   = {0.38, 0.43, 0.48},
    [PEN_ACCENT] = {0.05, 0.38, 0.36},
    [PEN_LINE]   = {0.76, 0.80, 0.83},
    [PEN_PALE]   = {0.94, 0.96, 0.96},
    [PEN_WHITE]  = {1, 1, 1},
};
/* clang-format on */

static void set_style(struct pen *pen, enum pen_style style)
{
    PangoFontDescription *font = pango_font_description_from_string(family);
    pango_font_description_set_weight(font,
                                      styles[style].bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_font_description_set_absolute_size(font, styles[style].size * PANGO_SCALE);
    pango_layout_set_font_description(pen->layout, font);
    pango_layout_set_line_spacing(pen->layout, (float)styles[style].spacing);
    pango_font_description_free(font);
}

/* In the order of the alphabet and before anything secret is known to the pen. */
static void make_shapes(struct pen *pen)
{
    PangoFontDescription *font = pango_font_description_from_string(family);
    pango_font_description_set_absolute_size(font, 22 * PANGO_SCALE);
    pango_layout_set_font_description(pen->layout, font);
    pango_font_description_free(font);
    for (int c = PEN_SHAPE_FIRST; c <= PEN_SHAPE_LAST; c++) {
        const char text[] = {(char)c, '\0'};
        int width;
        pango_layout_set_text(pen->layout, text, 1);
        pango_layout_get_size(pen->layout, &width, NULL);
        cairo_new_path(pen->cairo);
        cairo_move_to(pen->cairo, -0.5 * width / PANGO_SCALE,
                      -(double)pango_layout_get_baseline(pen->layout) / PANGO_SCALE);
        pango_cairo_layout_path(pen->cairo, pen->layout);
        pen->shape[c - PEN_SHAPE_FIRST] = cairo_copy_path(pen->cairo);
    }
    cairo_new_path(pen->cairo);
}

err pen_begin(struct pen *pen, const struct pen_paper *paper, const char *title,
              cairo_write_func_t write, void *context)
{
    *pen = (struct pen){.page = 1, .y = PEN_TOP};
    pen->surface = cairo_pdf_surface_create_for_stream(write, context, paper->width, paper->height);
    cairo_pdf_surface_set_metadata(pen->surface, CAIRO_PDF_METADATA_TITLE, title);
    pen->cairo = cairo_create(pen->surface);
    pen->layout = pango_cairo_create_layout(pen->cairo);
    /* Letters lie where the font says, and not on the dots of a screen. */
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(pango_layout_get_context(pen->layout), options);
    cairo_font_options_destroy(options);
    pango_layout_set_wrap(pen->layout, PANGO_WRAP_WORD_CHAR);
    make_shapes(pen);
    return cairo_status(pen->cairo) == CAIRO_STATUS_SUCCESS ? OK : ERR(NO_MEMORY);
}

err pen_finish(struct pen *pen)
{
    cairo_surface_finish(pen->surface);
    cairo_status_t status = cairo_status(pen->cairo);
    if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_status(pen->surface);
    for (size_t i = 0; i < ARRAY_LEN(pen->shape); i++) cairo_path_destroy(pen->shape[i]);
    g_object_unref(pen->layout);
    cairo_destroy(pen->cairo);
    cairo_surface_destroy(pen->surface);
    if (status == CAIRO_STATUS_NO_MEMORY) return ERR(NO_MEMORY);
    if (status != CAIRO_STATUS_SUCCESS) return ERR(IO);
    return pen->unknown_glyph ? ERR(NOT_FOUND) : OK;
}

void pen_page_end(struct pen *pen)
{
    if (pen->head != NULL) {
        char number[16];
        snprintf(number, sizeof number, "%u", pen->page);
        pen_text(pen, PEN_FAINT, PEN_LEFT, PEN_MARGIN, 28, PEN_TEXT, pen->head);
        pen_line(pen, PEN_LINE, PEN_MARGIN, 44, PEN_WIDTH - PEN_MARGIN, 44);
        pen_text(pen, PEN_FAINT, PEN_CENTRE, PEN_MARGIN, PEN_HEIGHT - 36, PEN_TEXT, number);
    }
    cairo_show_page(pen->cairo);
    pen->page++;
    pen->y = PEN_TOP;
}

void pen_bookmark(struct pen *pen, const char *text)
{
    char where[32];
    snprintf(where, sizeof where, "page=%u", pen->page);
    (void)cairo_pdf_surface_add_outline(pen->surface, CAIRO_PDF_OUTLINE_ROOT, text, where, 0);
}

void pen_room(struct pen *pen, double height)
{
    if (pen->y + height > PEN_BOTTOM) pen_page_end(pen);
}

void pen_colour(struct pen *pen, enum pen_colour colour)
{
    cairo_set_source_rgb(pen->cairo, colours[colour][0], colours[colour][1], colours[colour][2]);
}

/* Lays the text out; its height in points. */
static double lay_out(struct pen *pen, enum pen_style style, double width, const char *text)
{
    int height;
    set_style(pen, style);
    pango_layout_set_width(pen->layout, (int)(width * PANGO_SCALE));
    pango_layout_set_text(pen->layout, text, -1);
    pango_layout_get_size(pen->layout, NULL, &height);
    if (pango_layout_get_unknown_glyphs_count(pen->layout) > 0) pen->unknown_glyph = true;
    return (double)height / PANGO_SCALE;
}

double pen_text(struct pen *pen, enum pen_style style, enum pen_align align, double x, double y,
                double width, const char *text)
{
    static const PangoAlignment alignments[] = {PANGO_ALIGN_LEFT, PANGO_ALIGN_CENTER,
                                                PANGO_ALIGN_RIGHT};
    pango_layout_set_alignment(pen->layout, alignments[align]);
    double height = lay_out(pen, style, width, text);
    pen_colour(pen, styles[style].colour);
    cairo_move_to(pen->cairo, x, y);
    pango_cairo_show_layout(pen->cairo, pen->layout);
    return height;
}

/* Its direction is ours: a name from the right to the left stands where every name stands. */
double pen_typed(struct pen *pen, enum pen_style style, enum pen_align align, double x, double y,
                 double width, unsigned lines, const char *text)
{
    const bool unknown = pen->unknown_glyph;
    pango_layout_set_single_paragraph_mode(pen->layout, TRUE);
    pango_layout_set_auto_dir(pen->layout, FALSE);
    pango_layout_set_ellipsize(pen->layout, PANGO_ELLIPSIZE_END);
    pango_layout_set_height(pen->layout, -(int)lines);
    double height = pen_text(pen, style, align, x, y, width, text);
    pango_layout_set_height(pen->layout, -1);
    pango_layout_set_ellipsize(pen->layout, PANGO_ELLIPSIZE_NONE);
    pango_layout_set_auto_dir(pen->layout, TRUE);
    pango_layout_set_single_paragraph_mode(pen->layout, FALSE);
    pen->unknown_glyph = unknown;
    return height;
}

void pen_flow(struct pen *pen, enum pen_style style, const char *text)
{
    pen_room(pen, lay_out(pen, style, PEN_TEXT, text));
    pen->y += pen_text(pen, style, PEN_LEFT, PEN_MARGIN, pen->y, PEN_TEXT, text) + 3;
}

void pen_item(struct pen *pen, const char *text)
{
    enum { INDENT = 12 };
    pen_room(pen, lay_out(pen, PEN_BODY, PEN_TEXT - INDENT, text));
    pen_dot(pen, PEN_ACCENT, PEN_MARGIN + 4, pen->y + 6.5, 1.6);
    pen->y +=
        pen_text(pen, PEN_BODY, PEN_LEFT, PEN_MARGIN + INDENT, pen->y, PEN_TEXT - INDENT, text) + 3;
}

void pen_line(struct pen *pen, enum pen_colour colour, double x1, double y1, double x2, double y2)
{
    pen_colour(pen, colour);
    cairo_set_line_width(pen->cairo, 0.6);
    cairo_move_to(pen->cairo, x1, y1);
    cairo_line_to(pen->cairo, x2, y2);
    cairo_stroke(pen->cairo);
}

void pen_dashes(struct pen *pen, double x1, double y1, double x2, double y2)
{
    static const double dash[] = {4, 3};
    cairo_set_dash(pen->cairo, dash, ARRAY_LEN(dash), 0);
    pen_line(pen, PEN_GREY, x1, y1, x2, y2);
    cairo_set_dash(pen->cairo, NULL, 0, 0);
}

static void rounded(struct pen *pen, double x, double y, double width, double height)
{
    enum { RADIUS = 3 };
    const double quarter = 1.5707963267948966;
    cairo_new_sub_path(pen->cairo);
    cairo_arc(pen->cairo, x + width - RADIUS, y + RADIUS, RADIUS, -quarter, 0);
    cairo_arc(pen->cairo, x + width - RADIUS, y + height - RADIUS, RADIUS, 0, quarter);
    cairo_arc(pen->cairo, x + RADIUS, y + height - RADIUS, RADIUS, quarter, 2 * quarter);
    cairo_arc(pen->cairo, x + RADIUS, y + RADIUS, RADIUS, 2 * quarter, 3 * quarter);
    cairo_close_path(pen->cairo);
}

void pen_box(struct pen *pen, enum pen_colour fill, double x, double y, double width, double height)
{
    pen_colour(pen, fill);
    rounded(pen, x, y, width, height);
    cairo_fill(pen->cairo);
}

void pen_frame(struct pen *pen, double x, double y, double width, double height)
{
    pen_colour(pen, PEN_LINE);
    cairo_set_line_width(pen->cairo, 0.8);
    rounded(pen, x, y, width, height);
    cairo_stroke(pen->cairo);
}

void pen_dot(struct pen *pen, enum pen_colour colour, double x, double y, double radius)
{
    pen_colour(pen, colour);
    cairo_new_sub_path(pen->cairo);
    cairo_arc(pen->cairo, x, y, radius, 0, 6.283185307179586);
    cairo_fill(pen->cairo);
}

static cairo_status_t read_png(void *context, unsigned char *to, unsigned len)
{
    struct bytes *left = context;
    if (len > left->len) return CAIRO_STATUS_READ_ERROR;
    memcpy(to, left->at, len);
    *left = bytes_of(left->at + len, left->len - len);
    return CAIRO_STATUS_SUCCESS;
}

err pen_code(struct pen *pen, struct bytes text, double x, double y, double side)
{
    static uint8_t png[QR_DRAWN_MAX];
    struct writer w = writer_over(png, sizeof png);
    TRY(qr_image_write(text, CODE_PIXELS, &w));
    struct bytes left = writer_view(&w);
    cairo_surface_t *picture = cairo_image_surface_create_from_png_stream(read_png, &left);
    if (cairo_surface_status(picture) != CAIRO_STATUS_SUCCESS) {
        cairo_surface_destroy(picture);
        return ERR(NO_MEMORY);
    }
    cairo_save(pen->cairo);
    cairo_translate(pen->cairo, x, y);
    double scale = side / cairo_image_surface_get_width(picture);
    cairo_scale(pen->cairo, scale, scale);
    cairo_set_source_surface(pen->cairo, picture, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(pen->cairo), CAIRO_FILTER_NEAREST);
    cairo_paint(pen->cairo);
    cairo_restore(pen->cairo);
    cairo_surface_destroy(picture);
    return OK;
}

static void draw_shape(struct pen *pen, char c, double x, double y)
{
    ENSURE(c >= PEN_SHAPE_FIRST && c <= PEN_SHAPE_LAST);
    cairo_save(pen->cairo);
    cairo_translate(pen->cairo, x, y);
    cairo_append_path(pen->cairo, pen->shape[c - PEN_SHAPE_FIRST]);
    cairo_restore(pen->cairo);
}

void pen_shapes(struct pen *pen, const char *text, double x, double y)
{
    pen_colour(pen, PEN_INK);
    for (size_t i = 0; text[i] != '\0'; i++) {
        draw_shape(pen, text[i], x + PEN_CELL / 2.0, y);
        cairo_fill(pen->cairo);
        x += PEN_CELL + ((i + 1) % PEN_GROUP == 0 ? PEN_GAP : 0);
    }
}

/* Shapes over one another, as a tile: the same on every sheet, it hides and tells nothing. */
static cairo_surface_t *make_tint(struct pen *pen)
{
    enum { SIDE = 144, STEP = 9 };
    const cairo_rectangle_t extents = {0, 0, SIDE, SIDE};
    cairo_surface_t *tile = cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, &extents);
    cairo_t *page = pen->cairo;
    uint32_t state = 1;
    pen->cairo = cairo_create(tile);
    cairo_set_source_rgb(pen->cairo, 0.62, 0.66, 0.69);
    for (int y = 0; y < SIDE + 2 * STEP; y += STEP) {
        for (int x = 0; x <= SIDE; x += STEP) {
            state = state * 1664525u + 1013904223u;
            draw_shape(pen, (char)('0' + (state >> 16) % 10), x + (state >> 24) % 5, y);
            cairo_fill(pen->cairo);
        }
    }
    cairo_destroy(pen->cairo);
    pen->cairo = page;
    return tile;
}

void pen_tint(struct pen *pen, double x, double y, double width, double height)
{
    cairo_surface_t *tile = make_tint(pen);
    cairo_save(pen->cairo);
    cairo_rectangle(pen->cairo, x, y, width, height);
    cairo_set_source_surface(pen->cairo, tile, 0, 0);
    cairo_pattern_set_extend(cairo_get_source(pen->cairo), CAIRO_EXTEND_REPEAT);
    cairo_fill(pen->cairo);
    cairo_restore(pen->cairo);
    cairo_surface_destroy(tile);
}
