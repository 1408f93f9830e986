/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sheet with the one-time passwords: cut out of the manual, folded twice, sealed. It is printed
 * on both sides; folded, the upper third of the outside is in front, and the passwords lie between
 * two parts with a tint, so that light through the paper shows nothing.
 *
 *   outside                        inside
 *   +-----------------------+      +-----------------------+
 *   | what this is, for whom|      | how they are used     |
 *   +- - - - - - - - - - - -+      +- - - - - - - - - - - -+
 *   | tint                  |      | the passwords         |
 *   +- - - - - - - - - - - -+      +- - - - - - - - - - - -+
 *   | tint                  |      | tint; how to fold     |
 *   +-----------------------+      +-----------------------+
 */
#include "paper/manual_pages.h"

#include <assert.h>

#define PART (PEN_HEIGHT / 3)

enum { CUT = 22, ROW = 38, SHAPES = 192 /* where passwords begin */ };
static_assert(SHAPES + ONE_TIME_DIGITS * PEN_CELL + (ONE_TIME_DIGITS - 1) / PEN_GROUP * PEN_GAP <=
                  (int)(PEN_WIDTH - PEN_MARGIN),
              "a one-time password does not fit");

static void fold_lines(struct pen *pen, const struct manual *m)
{
    char block[96];
    manual_both(m, MANUAL_FOLD, block, sizeof block);
    for (int i = 1; i <= 2; i++) {
        pen_dashes(pen, 0, i * PART, PEN_WIDTH, i * PART);
        pen_box(pen, PEN_WHITE, PEN_WIDTH - PEN_MARGIN - 112, i * PART - 11, 116, 10);
        pen_text(pen, PEN_TINY, PEN_RIGHT, PEN_MARGIN, i * PART - 10, PEN_TEXT, block);
    }
}

/* At the edge that is bound: the left of a right-hand page, the right of its back. */
static void cut_line(struct pen *pen, const struct manual *m, double x)
{
    char block[96];
    manual_both(m, MANUAL_CUT, block, sizeof block);
    pen_dashes(pen, x, 0, x, PEN_HEIGHT);
    cairo_save(pen->cairo);
    cairo_translate(pen->cairo, x - 9, 120);
    cairo_rotate(pen->cairo, -1.5707963267948966);
    pen_text(pen, PEN_TINY, PEN_LEFT, 0, 0, 110, block);
    cairo_restore(pen->cairo);
}

/* A sentence in each language that there is. */
static void say(struct pen *pen, const struct manual *m, enum pen_style style,
                enum manual_word word)
{
    for (int language = POLICY_ZH; language >= POLICY_EN; language--)
        if (m->language[language])
            pen->y += pen_text(pen, style, PEN_LEFT, PEN_MARGIN, pen->y, PEN_TEXT,
                               manual_word(word, (unsigned)language)) +
                      2;
}

static void device_line(struct pen *pen, const struct manual *m)
{
    char block[96];
    snprintf(block, sizeof block, "%s · %s", m->policy.model, m->serial);
    pen->y += pen_text(pen, PEN_STRONG, PEN_LEFT, PEN_MARGIN, pen->y, PEN_TEXT, block) + 8;
}

static void outside(struct pen *pen, const struct manual *m)
{
    pen_tint(pen, 0, PART, PEN_WIDTH, 2 * PART);
    fold_lines(pen, m);
    cut_line(pen, m, CUT);
    pen->y = 30;
    say(pen, m, PEN_HEADING, MANUAL_OUTSIDE);
    pen->y += 4;
    device_line(pen, m);
    say(pen, m, PEN_SMALL, MANUAL_OUTSIDE_WHO);
    pen->y += 3;
    say(pen, m, PEN_SMALL, MANUAL_OUTSIDE_FIRST);
    pen_page_end(pen);
}

static void column_names(struct pen *pen, const struct manual *m, double y)
{
    static const struct {
        enum manual_word name;
        double x;
    } columns[] = {{MANUAL_OPERATOR, 0}, {MANUAL_ROLE, 86}, {MANUAL_PASSWORD, SHAPES - PEN_MARGIN}};
    for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
        char block[64];
        pen_text(pen, PEN_FAINT, PEN_LEFT, PEN_MARGIN + columns[i].x, y, 130,
                 manual_both(m, columns[i].name, block, sizeof block));
    }
}

static void secret_row(struct pen *pen, const struct manual *m, const struct manual_secret *secret,
                       double y)
{
    double name = y + 7;
    pen_line(pen, PEN_LINE, PEN_MARGIN, y, PEN_WIDTH - PEN_MARGIN, y);
    pen_text(pen, PEN_HEADING, PEN_LEFT, PEN_MARGIN, y + 9, 50, secret->operator_id);
    for (int language = POLICY_ZH; language >= POLICY_EN; language--)
        if (m->language[language])
            name += pen_text(pen, PEN_SMALL, PEN_LEFT, PEN_MARGIN + 86, name, 70,
                             policy_role_text(secret->role, (enum policy_language)language));
    /* Whole points: tests look at each letter where it must be. */
    pen_shapes(pen, secret->password, SHAPES, (double)(int)(y + 29));
}

static void inside(struct pen *pen, const struct manual *m)
{
    pen_tint(pen, 0, 2 * PART + 58, PEN_WIDTH, PART - 58);
    fold_lines(pen, m);
    cut_line(pen, m, PEN_WIDTH - CUT);
    pen->y = 34;
    say(pen, m, PEN_HEADING, MANUAL_INSIDE);
    pen->y += 4;
    device_line(pen, m);
    say(pen, m, PEN_SMALL, MANUAL_INSIDE_ONCE);
    say(pen, m, PEN_SMALL, MANUAL_OUTSIDE_FIRST);
    column_names(pen, m, PART + 10);
    for (size_t i = 0; i < m->secrets->count; i++)
        secret_row(pen, m, &m->secrets->row[i], PART + 28 + (double)i * ROW);
    pen->y = 2 * PART + 8;
    say(pen, m, PEN_FAINT, MANUAL_FOLD_HOW);
    pen_page_end(pen);
}

void manual_sheet(struct pen *pen, const struct manual *m)
{
    ENSURE(m->secrets != NULL && m->serial != NULL && pen->page % 2 == 1);
    pen->head = NULL;
    outside(pen, m);
    inside(pen, m);
}

void manual_notes(struct pen *pen)
{
    pen->y += pen_text(pen, PEN_HEADING, PEN_LEFT, PEN_MARGIN, pen->y, PEN_TEXT,
                       manual_word(MANUAL_NOTES, pen->language));
    pen->y += pen_text(pen, PEN_FAINT, PEN_LEFT, PEN_MARGIN, pen->y, PEN_TEXT,
                       manual_word(MANUAL_NOTES_HINT, pen->language)) +
              24;
    for (; pen->y < PEN_BOTTOM; pen->y += 26)
        pen_line(pen, PEN_LINE, PEN_MARGIN, pen->y, PEN_WIDTH - PEN_MARGIN, pen->y);
    pen_page_end(pen);
}
