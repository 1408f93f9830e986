/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * redemption: what campaigns take off a payment at the host: computed, reserved, then given or
 * released, each step idempotent by the payment's key.
 *
 *   loyalty_best      what may be taken off, for the screen; changes nothing
 *   loyalty_reserve   before the payment is made: budgets and coupons are held
 *   loyalty_give      it was approved;  loyalty_release  it was not
 *   loyalty_undo      it was given, and the payment was voided: budget and coupons come back
 *
 * A refund of a part gives nothing back: what was taken off stays taken off.
 *
 * Reserving reckons again, with the budgets and limits of that moment, inside the transaction that
 * holds: so no number of askers at once exceeds a budget, a limit of a member or the rules, and no
 * terminal can claim more than they give.
 */

#include "loyalty/campaign.h"
#include "loyalty/coupon.h"

enum { LOYALTY_SHOWN_MAX = 8 /* coupons that a customer shows for one payment */ };

struct loyalty_ask {
    struct bytes merchant, member; /* member empty: nobody known */
    struct offer_sale sale;
    size_t coupons;
    struct bytes coupon[LOYALTY_SHOWN_MAX]; /* codes as they were scanned */
};

/* Owns what its result views: not to be copied. */
struct loyalty_best {
    struct offer_campaign campaign[OFFER_CANDIDATES_MAX];
    char coupon[OFFER_CANDIDATES_MAX][LOYALTY_COUPON_LEN + 1]; /* used by campaign[i], or "" */
    struct offer_result result;
};

/*
 * The best of all running campaigns. A coupon campaign uses a coupon that is shown, or else the one
 * of the member that runs out first. Members who have left count as nobody.
 */
MUST_USE err loyalty_best(struct store *store, const struct loyalty_ask *ask,
                          struct loyalty_best *out);

struct loyalty_part {
    struct bytes campaign, coupon; /* coupon empty but for a coupon campaign */
    int64_t minor;
};

struct loyalty_reservation {
    struct loyalty_ask ask;
    struct bytes key; /* of the payment */
    size_t parts;     /* 1 and more */
    struct loyalty_part part[OFFER_CANDIDATES_MAX];
};

/*
 * Holds all parts, or nothing. DONE, REPEATED, OTHER_CONTENT; CAMPAIGN_STATE (one does not run),
 * BUDGET_SPENT, USED_UP, what coupon.h says of a coupon, OFFER_CHANGED (it would take off something
 * else now: compute again).
 */
MUST_USE err loyalty_reserve(struct store *store, const struct loyalty_reservation *reservation,
                             enum loyalty_verdict *ret_verdict);

/* DONE, REPEATED, NO_PAYMENT, DECIDED. Undoing needs what was given; UNDONE again is REPEATED. */
MUST_USE err loyalty_give(struct store *store, struct bytes key, int64_t at_ms,
                          enum loyalty_verdict *ret_verdict);
MUST_USE err loyalty_release(struct store *store, struct bytes key, int64_t at_ms,
                             enum loyalty_verdict *ret_verdict);
MUST_USE err loyalty_undo(struct store *store, struct bytes key, int64_t at_ms,
                          enum loyalty_verdict *ret_verdict);
