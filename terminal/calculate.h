/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * calculate: the counter's calculator, pure (S92). Sums of products of decimals with at most two
 * places, "12.50*3+8-1.50": products before sums, signs only between two numbers.
 *
 * Everything is exact in int64: a product of n numbers has 2n decimals. The sum is rounded once, at
 * its end, half a fen away from nothing, as people do with prices by weight (12.34 * 1.25).
 */

#include <stdbool.h>

#include "lib/base/err.h"

enum {
    CALCULATE_MAX = 31,    /* characters: what a field shows */
    CALCULATE_FACTORS = 3, /* in one product: piece, number, share */
};

enum calculate_verdict {
    CALCULATE_GOOD,
    CALCULATE_OPEN,       /* nothing yet, or it ends with a sign */
    CALCULATE_TOO_MUCH,   /* more than 9,999,999.99 at the end, or on the way there */
    CALCULATE_TOO_LITTLE, /* nothing, or less */
    CALCULATE_FACTORS_MANY,
    CALCULATE_MALFORMED, /* what calculate_key() would never have made */
};

/* The result in fen; *ret_minor is untouched unless GOOD. */
enum calculate_verdict calculate(const char *expression, int64_t *ret_minor);

/* One key onto the expression: '0'..'9', '.', '+', '-', '*'. Keys that lead nowhere do nothing; a
 * sign behind a sign takes its place. `expression` holds CALCULATE_MAX characters and a NUL. */
void calculate_key(char expression[static CALCULATE_MAX + 1], char key);
