/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * batch: what the payments of a batch (批次) add up to, for both ends of a settlement (结算).
 *
 * Gross, as in section 1.10 of the protocol notes: a sale counts as debit and stays it when it is
 * voided; its void counts as credit. Which kind of payment counts on which side follows from its
 * row in kind.c: terminal and host use this one, so they cannot differ in it.
 */

#include "payment/payment.h"

/* Which side of a settlement a kind of payment is on; NONE moves no money (a hold, an inquiry). */
enum payment_side { PAYMENT_SIDE_NONE, PAYMENT_SIDE_DEBIT, PAYMENT_SIDE_CREDIT, PAYMENT_SIDES };

struct payment_sum {
    int64_t count, minor;
};

struct payment_totals {
    struct payment_sum side[PAYMENT_SIDES]; /* [PAYMENT_SIDE_NONE] stays zero */
};

enum payment_side payment_side_of(enum payment_type type);

/* Is a payment of this kind in this state part of its batch's totals? */
bool payment_counted(enum payment_type type, enum payment_state state);

/* Adds `count` payments of this kind, together `minor`; negative numbers take them away again.
 * RANGE when the sum is more than an amount can say; then `totals` is as it was. */
MUST_USE err payment_totals_add(struct payment_totals *totals, enum payment_type type,
                                int64_t count, int64_t minor);

bool payment_totals_equal(const struct payment_totals *a, const struct payment_totals *b);

static inline bool payment_totals_empty(const struct payment_totals *t)
{
    return t->side[PAYMENT_SIDE_DEBIT].count == 0 && t->side[PAYMENT_SIDE_CREDIT].count == 0;
}
