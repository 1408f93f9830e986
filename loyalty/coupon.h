/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * coupon: one use of a campaign of kind OFFER_COUPON, as a code that is shown or scanned (S151).
 *
 * A coupon is in one place at a time: free at the host, reserved for a payment, kept for one device
 * (loyalty/escrow.h), or spent. A device without a line takes only coupons that are kept for it,
 * the host none of those: so one that is scanned on two devices is good on one of them.
 */

#include "loyalty/loyalty.h"

enum { LOYALTY_COUPON_LEN = 16 /* 80 bits: nobody guesses one */ };

/* On disk: never renumbered. */
enum loyalty_coupon_state {
    LOYALTY_COUPON_FREE = 1,
    LOYALTY_COUPON_RESERVED,
    LOYALTY_COUPON_LEASED,
    LOYALTY_COUPON_USED,
    LOYALTY_COUPON_STATES,
};

struct loyalty_coupon {
    char code[LOYALTY_COUPON_LEN + 1], campaign[LOYALTY_ID_LEN + 1];
    char member[LOYALTY_ID_LEN + 1]; /* "": for whoever shows it */
    char lease[LOYALTY_ID_LEN + 1];  /* of the device that it is kept for, or "" */
    enum loyalty_coupon_state state;
    int64_t issued_ms, expires_ms;
};

struct loyalty_coupon_issue {
    struct bytes merchant, campaign, member; /* member may be empty */
    struct bytes key;                        /* of this issue: a repeat gets the same coupon */
    int64_t at_ms, expires_ms;
};

/*
 * DONE or REPEATED with the code; NO_CAMPAIGN, CAMPAIGN_STATE (ended, or not of coupons),
 * WITHOUT_MEMBER, COUPON_EXPIRED (before it is issued).
 */
MUST_USE err loyalty_coupon_issue(struct store *store, const struct random *random,
                                  const struct loyalty_coupon_issue *issue,
                                  enum loyalty_verdict *ret_verdict,
                                  char ret_code[static LOYALTY_COUPON_LEN + 1]);

/* DONE or NO_COUPON: another merchant's is none. */
MUST_USE err loyalty_coupon(struct store *store, struct bytes merchant, struct bytes code,
                            enum loyalty_verdict *ret_verdict, struct loyalty_coupon *out);

/* The free coupon of this campaign that a member holds and that runs out first; "" when none. */
MUST_USE err loyalty_coupon_of(struct store *store, struct bytes campaign, struct bytes member,
                               int64_t at_ms, char ret_code[static LOYALTY_COUPON_LEN + 1]);
