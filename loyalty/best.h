/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Campaigns of the store as offer/best.h wants them. Private to loyalty/. */

#include "loyalty/campaign_internal.h"
#include "loyalty/redemption.h"

struct loyalty_candidates {
    struct loyalty_best *best; /* where the campaigns stand */
    struct offer_member member;
    size_t count;
    struct offer_candidate candidate[OFFER_CANDIDATES_MAX];
};

/* The best of these campaigns, as far as they run; those that do not are left out. */
MUST_USE err loyalty_candidates(struct store *store, const struct loyalty_ask *ask,
                                const struct loyalty_campaign_ids *ids, struct loyalty_best *best,
                                struct loyalty_candidates *out);

/* Days since 1970 in Beijing. */
int64_t loyalty_day(int64_t at_ms);
