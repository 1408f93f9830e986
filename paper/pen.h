/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * pen: paper, letters, lines and codes, in points from the upper left corner of a page. What flows
 * does so on a page of A5. Text that is set as text can be searched in the PDF; pen_shapes() draws
 * letters that cannot.
 */

#include <pango/pangocairo.h>

#include "lib/auth/policy.h"

/* clang-format off */
#define PEN_WIDTH  419.53 /* A5 */
#define PEN_HEIGHT 595.28
#define PEN_MARGIN 42.0
#define PEN_TEXT   (PEN_WIDTH - 2 * PEN_MARGIN)
#define PEN_TOP    64.0
#define PEN_BOTTOM (PEN_HEIGHT - 52)
/* clang-format on */

enum pen_style {
    PEN_TITLE,
    PEN_HEADING,
    PEN_STRONG,
    PEN_BODY,
    PEN_SMALL,
    PEN_FAINT,
    PEN_ON_ACCENT,
    PEN_TINY,
    PEN_STYLES
};

enum pen_align { PEN_LEFT, PEN_CENTRE, PEN_RIGHT };

enum pen_colour { PEN_INK, PEN_GREY, PEN_ACCENT, PEN_LINE, PEN_PALE, PEN_WHITE, PEN_COLOURS };

enum { PEN_SHAPE_FIRST = '!', PEN_SHAPE_LAST = '~' };

struct pen {
    cairo_surface_t *surface;
    cairo_t *cairo;
    PangoLayout *layout;
    cairo_path_t *shape[PEN_SHAPE_LAST - PEN_SHAPE_FIRST + 1];
    double y;         /* where flowing text goes on */
    unsigned page;    /* that is being drawn, from 1 */
    const char *head; /* above a flowing page, and its number below; NULL: neither */
    enum policy_language language;
    bool unknown_glyph;
};

/* Points. */
struct pen_paper {
    double width, height;
};

/* Gives every byte of the PDF to `write`; `title` is what a reader's window shows. Errors:
 * NO_MEMORY. */
MUST_USE err pen_begin(struct pen *pen, const struct pen_paper *paper, const char *title,
                       cairo_write_func_t write, void *context);
/* Errors: NOT_FOUND (no font has a character), NO_MEMORY, IO. Frees everything. */
MUST_USE err pen_finish(struct pen *pen);

void pen_page_end(struct pen *pen);
/* The page at hand in the list that readers show beside the pages. */
void pen_bookmark(struct pen *pen, const char *text);
/* Makes sure of `height` points below `y`, on the next page when this one is full. */
void pen_room(struct pen *pen, double height);

/* Sets text in a box `width` wide, and says how high it became. */
double pen_text(struct pen *pen, enum pen_style style, enum pen_align align, double x, double y,
                double width, const char *text);
/* The same of what somebody has typed, in at most so many lines: what is longer ends in dots, and a
 * letter that no font has is an empty box and no fault of ours. */
double pen_typed(struct pen *pen, enum pen_style style, enum pen_align align, double x, double y,
                 double width, unsigned lines, const char *text);
/* Flowing: at `y`, which moves below it. */
void pen_flow(struct pen *pen, enum pen_style style, const char *text);
/* Flowing, with a dot in front. */
void pen_item(struct pen *pen, const char *text);

void pen_colour(struct pen *pen, enum pen_colour colour);
void pen_line(struct pen *pen, enum pen_colour colour, double x1, double y1, double x2, double y2);
void pen_dashes(struct pen *pen, double x1, double y1, double x2, double y2);
void pen_box(struct pen *pen, enum pen_colour fill, double x, double y, double width,
             double height);
void pen_frame(struct pen *pen, double x, double y, double width, double height);
void pen_dot(struct pen *pen, enum pen_colour colour, double x, double y, double radius);

/* A QR code, `side` points wide with its quiet zone. Errors: those of qr_image_write(). */
MUST_USE err pen_code(struct pen *pen, struct bytes text, double x, double y, double side);

/*
 * Printable ASCII as shapes, 22 points high, `y` the base line: a shape in every PEN_CELL points,
 * and a gap after each four, as they are read and typed. The text reaches no library.
 */
enum { PEN_CELL = 14, PEN_GROUP = 4, PEN_GAP = 8 };
void pen_shapes(struct pen *pen, const char *text, double x, double y);

/* A page of small shapes over one another, so that what is behind it is not read against light. */
void pen_tint(struct pen *pen, double x, double y, double width, double height);
