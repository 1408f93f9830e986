/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files about campaigns share. */

#include "loyalty/campaign.h"
#include "loyalty/coupon.h"
#include "loyalty/internal.h"

extern const struct store_schema loyalty_campaign_schema, loyalty_redemption_schema,
    loyalty_coupon_schema, loyalty_escrow_schema;

/* What is free in the budget of a campaign that has ended goes back to the grant: after whatever
 * was released, undone or returned. In a transaction. */
MUST_USE err loyalty_campaign_sweep(struct store *store, const char *id, int64_t at_ms);

/* ---- coupon.c, in a transaction ---- */

/* Whether this coupon may be used now, by this member, for this campaign: DONE, NO_COUPON,
 * COUPON_SPENT, COUPON_ELSEWHERE, COUPON_EXPIRED, COUPON_OTHERS. */
MUST_USE err loyalty_coupon_judge(struct store *store, struct bytes code, struct bytes campaign,
                                  struct bytes member, int64_t at_ms,
                                  enum loyalty_verdict *ret_verdict);
MUST_USE err loyalty_coupon_set(struct store *store, struct bytes code,
                                enum loyalty_coupon_state state, struct bytes lease);

/* ---- redemption.c, in a transaction ---- */

/* On disk: never renumbered. */
enum redemption_state {
    REDEMPTION_RESERVED = 1,
    REDEMPTION_GIVEN,
    REDEMPTION_RELEASED,
    REDEMPTION_UNDONE, /* given, and the payment was voided */
    REDEMPTION_OVER,   /* a device gave more than its share: no money of the budget */
};

/* One campaign's part of one payment. */
struct redemption {
    struct bytes key, campaign, member, coupon; /* the last two may be empty */
    int64_t minor, at_ms;
    enum redemption_state state;
};
MUST_USE err loyalty_redemption_insert(struct store *store, const struct redemption *redemption);

/* The books of one part: debit the budget (or the escrow) and credit the discount, fen and one use.
 * The verdict is of the first that refuses; the caller rolls back. */
MUST_USE err loyalty_redemption_book(struct store *store, enum book_step step,
                                     const struct redemption *redemption, enum account_kind from,
                                     const char *from_owner, enum transfer_verdict *ret_verdict);

/* What was given on a day, for the effect report: +1 and its amount, or -1 and minus its amount. */
MUST_USE err loyalty_redemption_day(struct store *store, struct bytes campaign, int64_t at_ms,
                                    int64_t times, int64_t minor);
