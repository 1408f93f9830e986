/* SPDX-License-Identifier: Apache-2.0 */
/* Totals of a batch, by the direction that kind.c gives each kind of payment. */
#include "payment/batch.h"

#include "payment/kind.h"

enum payment_side payment_side_of(enum payment_type type)
{
    switch (payment_type_row(type)->direction) {
    case PAYMENT_TAKES:
        return PAYMENT_SIDE_DEBIT;
    case PAYMENT_GIVES:
        return PAYMENT_SIDE_CREDIT;
    case PAYMENT_HOLDS:
    case PAYMENT_LEAVES:
    case PAYMENT_SPENDS:
    case PAYMENT_RESTORES:
    case PAYMENT_DIRECTIONS:
        break;
    }
    return PAYMENT_SIDE_NONE;
}

bool payment_counted(enum payment_type type, enum payment_state state)
{
    /* Disputed: approved at the terminal, which has heard no more than that we have it. */
    bool stands = state == PAYMENT_APPROVED || state == PAYMENT_CAPTURED ||
                  state == PAYMENT_SETTLED || state == PAYMENT_DISPUTED;
    return stands && payment_side_of(type) != PAYMENT_SIDE_NONE;
}

err payment_totals_add(struct payment_totals *totals, enum payment_type type, int64_t count,
                       int64_t minor)
{
    enum payment_side side = payment_side_of(type);
    struct payment_sum *sum = &totals->side[side];
    int64_t counted, added;
    if (side == PAYMENT_SIDE_NONE) return OK;
    TRY(money_add(sum->count, count, &counted));
    TRY(money_add(sum->minor, minor, &added));
    if (added > MONEY_FIELD_MAX || added < 0 || counted < 0) return ERR(RANGE);
    *sum = (struct payment_sum){counted, added};
    return OK;
}

bool payment_totals_equal(const struct payment_totals *a, const struct payment_totals *b)
{
    for (enum payment_side side = 0; side < PAYMENT_SIDES; side++)
        if (a->side[side].count != b->side[side].count ||
            a->side[side].minor != b->side[side].minor)
            return false;
    return true;
}
