/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * history: what stands on a member's page besides his balances, the newest first: what he bought,
 * what was corrected by hand, and the coupons that are his. His stored value has its own statement
 * (value.h). Whoever asks has looked up the member (loyalty_member), so whose he is is known.
 */

#include "loyalty/coupon.h"
#include "loyalty/points.h"

struct loyalty_past_purchase {
    int64_t at_ms, amount_minor, refunded_minor;
    int64_t points; /* earned, less what refunds took back */
    uint32_t outlet;
};
MUST_USE err loyalty_past_purchases(struct store *store, struct bytes member,
                                    struct loyalty_past_purchase *rows, size_t max,
                                    size_t *ret_count);

struct loyalty_past_adjustment {
    int64_t at_ms, points;
    char reason[LOYALTY_REASON_MAX + 1], by[LOYALTY_ADJUSTER_MAX + 1];
};
MUST_USE err loyalty_past_adjustments(struct store *store, struct bytes member,
                                      struct loyalty_past_adjustment *rows, size_t max,
                                      size_t *ret_count);

/* Those that can still be used at `at_ms`, the first to run out first. */
MUST_USE err loyalty_coupons_of(struct store *store, struct bytes member, int64_t at_ms,
                                struct loyalty_coupon *rows, size_t max, size_t *ret_count);
