/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * share: what a device may give of a campaign by itself, without a line to the host (S151).
 *
 * The host lends a device a part of the budget, in fen and uses, and keeps coupons for it, until a
 * moment (loyalty/escrow.h). The device persists the share, takes from it before each payment that
 * it makes offline, and reports each redemption under its own rising number; what it has not used
 * it returns, after everything else that it reported. What it does not hold it cannot give.
 */

#include "offer/benefit.h"

struct offer_share {
    char lease[OFFER_ID_MAX + 1];
    char campaign[OFFER_ID_MAX + 1];
    int64_t until_ms; /* not included: from then on nothing may be given, only returned */
    int64_t left_minor, left_uses;
    bool returned;
};

/*
 * Takes one use of `minor` (above 0) out of the share, or leaves it as it is: OFFER_ENDED when it
 * has run out or was returned, OFFER_BUDGET_SPENT. Persisted by the caller before the payment.
 */
static inline enum offer_reason offer_share_take(struct offer_share *share, int64_t at_ms,
                                                 int64_t minor)
{
    ENSURE(minor > 0 && share->left_minor >= 0 && share->left_uses >= 0);
    if (share->returned || at_ms >= share->until_ms) return OFFER_ENDED;
    if (minor > share->left_minor || share->left_uses == 0) return OFFER_BUDGET_SPENT;
    share->left_minor -= minor;
    share->left_uses--;
    return OFFER_TAKEN;
}

/* The payment did not come about: what was taken for it is there again. Not after the return. */
static inline void offer_share_put_back(struct offer_share *share, int64_t minor)
{
    ENSURE(minor > 0 && !share->returned);
    share->left_minor += minor;
    share->left_uses++;
}
