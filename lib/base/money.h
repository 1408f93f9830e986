/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * money: amounts are int64 minor units (fen) beside an ISO 4217 numeric currency. There is no
 * floating point anywhere near them, additions are checked, and rounding is named at the call.
 */

#include "lib/base/reader.h"
#include "lib/base/writer.h"

enum {
    CURRENCY_CNY = 156,
    MONEY_TEXT_MAX = 24, /* "-9,223,372..." never: plain digits, a point, two decimals, a sign */
};

/* The most that field 4 can carry: twelve digits. */
#define MONEY_FIELD_MAX INT64_C(999999999999)

/* a + b, or RANGE when it does not fit. */
MUST_USE err money_add(int64_t a_minor, int64_t b_minor, int64_t *ret_sum);

/*
 * amount * rate / 1,000,000 with ties to the even fen: a fee from a rate in parts per million
 * (0.6 % is 6000). Both must be non-negative.
 */
int64_t money_rate_half_even(int64_t amount_minor, int64_t parts_per_million);

/* "128.00" of 12800. Two decimals: every currency in the product so far has them. */
void money_write(struct writer *w, int64_t amount_minor);

/*
 * The amount of a text: "128", "128.5", "128.50". No sign, no grouping, at most two decimals and
 * at most MONEY_FIELD_MAX. Errors: FORMAT, RANGE.
 */
MUST_USE err money_parse(struct bytes text, int64_t *ret_minor);
