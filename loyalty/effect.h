/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * effect: what a campaign cost and what came of it (S153). Every figure is a sum over rows that
 * stay: redemptions, and purchases with or without a member (points.h). What was given on a day is
 * kept as a fold (campaign_day), so that a report is quick, and loyalty_effect_check folds again.
 *
 * Extra sales are a comparison, not a proof: the sales of all of the merchant's outlets in the
 * days of the report, less those of as many days before, whole weeks earlier, so that Saturdays
 * meet Saturdays.
 */

#include "loyalty/campaign.h"

enum { LOYALTY_EFFECT_DAYS_MAX = 366 };

struct loyalty_effect {
    int64_t times, cost_minor;    /* given in these days, voided ones not counted */
    int64_t with_minor;           /* purchases that had it, less refunds */
    int64_t members;              /* different ones who used it */
    int64_t members_again;        /* of them: bought again later, within the days */
    int64_t sales_minor, sales;   /* all purchases of these days, less refunds */
    int64_t before_minor, before; /* the same of the days before */
    int64_t before_day;           /* the first of those */
    int64_t extra_minor;          /* sales_minor - before_minor: may be negative */
    int64_t again_ppm;            /* members_again in a million of members; 0 of none */
};

/*
 * `from_day` is a day since 1970 in Beijing, `days` 1 to LOYALTY_EFFECT_DAYS_MAX (RANGE otherwise).
 * DONE or NO_CAMPAIGN.
 */
MUST_USE err loyalty_effect(struct store *store, struct bytes merchant, struct bytes campaign,
                            int64_t from_day, int64_t days, enum loyalty_verdict *ret_verdict,
                            struct loyalty_effect *out);

/* Days of all campaigns whose fold is not what its redemptions make of it: 0, always. */
MUST_USE err loyalty_effect_check(struct store *store, int64_t *ret_differing);
