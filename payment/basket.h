/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * basket: what is bought with one payment (S92), as it was named and priced then. A price is one
 * piece's in minor units, the sum of a basket never more than MONEY_FIELD_MAX. Not part of struct
 * payment: the host is told what is paid, not what for.
 */

#include "lib/base/money.h"

enum {
    BASKET_LINES = 12,      /* different goods; two lines of a receipt each */
    BASKET_NAME = 49,       /* sixteen Chinese characters, or 32 columns of anything, and a NUL */
    BASKET_QUANTITY = 9999, /* of one line */
};

struct basket_line {
    char name[BASKET_NAME];
    int64_t price_minor; /* of one; above 0 */
    int64_t quantity;    /* 1 .. BASKET_QUANTITY */
};

struct basket {
    size_t count;
    struct basket_line line[BASKET_LINES];
};

/* One more of it. Errors: FULL (no room for another line, or for one more of it), RANGE (the sum
 * would be more than an amount can say). On error the basket is untouched. */
MUST_USE err basket_add(struct basket *basket, const char *name, int64_t price_minor);

/* One less of line `index`; the last one takes the line away. */
void basket_less(struct basket *basket, size_t index);

/* price * quantity of a line, which basket_add() has checked. */
int64_t basket_line_minor(const struct basket_line *line);

int64_t basket_minor(const struct basket *basket);
