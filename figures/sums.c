/* SPDX-License-Identifier: Apache-2.0 */
/* Which way the money of a cell went. */
#include "figures/sums.h"

#include "lib/base/money.h"
#include "payment/kind.h"

static void part_add(struct figure_part *part, int64_t count, int64_t minor)
{
    part->count += count;
    part->minor += minor;
}

/* The part of a payment that counts, by what it does with money. */
static struct figure_part *part_of(struct figure_sums *sums, enum payment_type type)
{
    const struct payment_type_row *row = payment_type_row(type);
    switch (row->direction) {
    case PAYMENT_TAKES:
        return &sums->gross;
    case PAYMENT_GIVES:
        return row->whole ? &sums->voided : &sums->refunded;
    case PAYMENT_HOLDS:
        return type == PAYMENT_PREAUTH_CANCEL ? NULL : &sums->held;
    case PAYMENT_SPENDS:
        return &sums->points;
    default:
        return NULL;
    }
}

void figure_sums_add(struct figure_sums *sums, enum payment_type type, enum figure_outcome outcome,
                     const struct figure_amounts *a)
{
    if (outcome == FIGURE_DECLINED) {
        part_add(&sums->declined, a->count, a->minor);
        return;
    }
    struct figure_part *part = part_of(sums, type);
    if (part == NULL) return;
    bool gives = payment_type_row(type)->direction == PAYMENT_GIVES;
    bool turned = outcome == FIGURE_TURNED;
    if (turned) part_add(&sums->turned, a->count, gives ? -a->minor : a->minor);
    else part_add(part, a->count, a->minor);
    /* A fee goes with the money: out with what comes, back with what goes. */
    int64_t sign = gives != turned ? -1 : 1;
    sums->tip_minor += sign * a->tip_minor;
    sums->fee_minor += sign * a->fee_minor;
    sums->instalment_minor += sign * a->instalment_minor;
}

err figure_cells_sum(struct bytes cells, struct figure_sums *sums)
{
    struct figure_reader reader = figure_reader_over(cells);
    for (;;) {
        struct figure_cell cell;
        struct figure_key key;
        bool more = false;
        TRY(figure_cell_next(&reader, &cell, &more));
        if (!more) return OK;
        TRY(figure_key_unpack(cell.key, &key));
        figure_sums_add(sums, key.type, key.outcome, &cell.amounts);
    }
}

int64_t figure_rate(int64_t part, int64_t whole)
{
    ENSURE(part >= 0 && whole >= 0);
    if (whole == 0) return 0;
    /* Beyond 2^49 fen the last digits of both are dropped: they are no part of a ten-thousandth. */
    while (part > INT64_MAX / 20000 || whole > INT64_MAX / 2) part /= 10, whole /= 10;
    int64_t rate = part * 10000 / whole, left = part * 10000 % whole;
    if (left * 2 > whole || (left * 2 == whole && rate % 2 != 0)) rate++;
    return rate;
}
