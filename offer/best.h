/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * best: of all campaigns, the combination that takes most off a sale, explained (S150).
 *
 * Allowed is either one campaign of any stacking rule, or any number that are WITH_OTHERS, at most
 * one of each group. The best one, in this order:
 *   1. takes off most: the sum of its benefits, but never more than may be taken off
 *      (the price without what points pay, less 1 fen unless the sale may be free);
 *   2. uses fewest campaigns, so that no coupon and no budget is spent for nothing;
 *   3. has the larger benefits first, and of equal ones the one with the lower id.
 * The last line is cut to what may be taken off. Because benefits are reckoned from the price and
 * do not depend on each other, the optimum is exact and found by sorting; tests/unit holds it
 * against every subset. The order of the candidates makes no difference.
 */

#include "offer/benefit.h"

enum { OFFER_CANDIDATES_MAX = 32 /* of one merchant at one time; loyalty/ lets no more run */ };

struct offer_line {
    const struct offer_campaign *campaign; /* view of the candidate's */
    enum offer_reason reason;              /* OFFER_TAKEN, or why not */
    int64_t minor;                         /* taken off by it; 0 when it was not taken */
};

struct offer_result {
    int64_t total_minor; /* the sum of the lines */
    int64_t pay_minor;   /* price less that: what points and money pay */
    size_t taken;        /* lines that count, in the order in which they were taken, come first */
    size_t count;        /* all: one for each candidate; the rest by id */
    struct offer_line line[OFFER_CANDIDATES_MAX];
};

/* `count` at most OFFER_CANDIDATES_MAX; no campaign stands there twice (ENSURE). */
void offer_best(const struct offer_candidate *candidate, size_t count,
                const struct offer_member *member, const struct offer_sale *sale,
                struct offer_result *out);
