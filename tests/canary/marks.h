/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * marks: secrets that a run has used, and every spelling in which one could have been left behind:
 * UTF-8, UTF-16LE, hexadecimal in either case, base64 at each of the three offsets, and, for
 * numbers of ten digits and more, packed digits as PIN blocks have them. All are searched in one
 * pass.
 *
 * A number of less than MARK_LONE digits is common inside longer ones: as text it counts only where
 * no digit stands before it or behind it.
 *
 * A mark that is found says where a secret was; the mark itself is never printed.
 */

#include "lib/base/bytes.h"

enum {
    MARKS_MAX = 256,
    MARK_LONE = 10,
    MARK_MIN = 6,  /* bytes; shorter ones stand in any memory by chance */
    MARK_MAX = 80, /* a link with its token; a shared secret in base32 */
    MARK_LABEL_MAX = 48,
    MARK_SPELLINGS = 9,
    MARK_SPELLING_MAX = 2 * MARK_MAX
};

struct mark_spelling {
    uint8_t at[MARK_SPELLING_MAX];
    size_t len;
    const char *name;           /* "utf-8", "base64" ... */
    bool alone;                 /* only without a digit on either side */
    size_t mark;                /* whose it is */
    struct mark_spelling *next; /* with the same first two bytes */
};

struct marks {
    char label[MARKS_MAX][MARK_LABEL_MAX]; /* "initial password 01" */
    size_t count;
    struct mark_spelling spelling[MARKS_MAX * MARK_SPELLINGS];
    size_t spellings, longest;
    struct mark_spelling *first[1 << 16]; /* by first two bytes */
};

/* Zeroed is empty. Errors: LENGTH (secret or label outside the limits), FULL, EXISTS (known). */
MUST_USE err marks_add(struct marks *marks, const char *label, struct bytes secret);

/*
 * Reads "label TAB secret LF" lines; a secret that begins with "hex:" is the bytes behind it.
 * Errors: those of marks_add(), FORMAT (no tab, no end of line), MISSING (not one mark: a search
 * for nothing finds nothing).
 */
MUST_USE err marks_read(struct marks *marks, struct bytes lines);

/* What is called for each place where a spelling begins. */
typedef void (*marks_found)(void *context, const struct mark_spelling *spelling, size_t offset);

/* Looks at all of `block`. */
void marks_search(const struct marks *marks, struct bytes block, marks_found found, void *context);
