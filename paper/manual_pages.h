/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* manual_pages: the parts of the manual in the order in which they lie in it. */

#include "paper/manual.h"
#include "paper/manual_words.h"
#include "paper/pen.h"

enum { MANUAL_CHAPTERS = 6 };

/* Where the chapters are, for the table of contents. */
struct manual_places {
    unsigned page[2][MANUAL_CHAPTERS]; /* by language */
};

/* A word in both languages, or in the one that there is, into `block`. */
const char *manual_both(const struct manual *manual, enum manual_word which, char *block,
                        size_t size);

MUST_USE err manual_cover(struct pen *pen, const struct manual *manual);
void manual_contents(struct pen *pen, const struct manual *manual,
                     const struct manual_places *places);
/* The chapters in the pen's language; notes where each begins. */
void manual_chapters(struct pen *pen, const struct manual *manual, struct manual_places *places);

/* Two pages that are one sheet of paper: its outside, and its inside with the passwords. */
void manual_sheet(struct pen *pen, const struct manual *manual);
/* A page with nothing to read, so that the sheet is one piece of paper. */
void manual_notes(struct pen *pen);
