/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * sums: what cells come to, in the words of a shop.
 *
 *   gross     everything that was paid: sales, completions, instalments (营业额)
 *   voided    of it, taken back whole on the same day's batch (撤销)
 *   refunded  given back later, whole or in part (退款)
 *   turned    undone after it was booked, because an answer was lost (冲正): what was paid, less
 * what had been given back net       gross - voided - refunded - turned (净额)
 *
 * By shop and business day, net is what the ledger has of payments in the shop's favour: the sum of
 * its lines taken, given and turned; fee and instalment are its lines fee and fee_back, instalment
 * and instalment_back, as costs: above zero when the shop pays. Money orders (holds, payouts) are
 * no takings and in none of it. A tip is a part of what was paid. Held at an issuer (预授权),
 * points and what was declined are no money of the shop: they are counted beside it.
 */

#include "figures/cell.h"

struct figure_part {
    int64_t count, minor;
};

struct figure_sums {
    struct figure_part gross, voided, refunded, turned, declined, held, points;
    int64_t tip_minor, fee_minor, instalment_minor;
};

static inline int64_t figure_net_minor(const struct figure_sums *s)
{
    return s->gross.minor - s->voided.minor - s->refunded.minor - s->turned.minor;
}

/* What a cell of this type and outcome adds. */
void figure_sums_add(struct figure_sums *sums, enum payment_type type, enum figure_outcome outcome,
                     const struct figure_amounts *amounts);

/* All cells of a row. CORRUPT. */
MUST_USE err figure_cells_sum(struct bytes cells, struct figure_sums *sums);

/* Parts per ten thousand, half-even; 0 of nothing. Neither is below zero. */
int64_t figure_rate(int64_t part, int64_t whole);
