/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * escrow: shares of budgets, and coupons, that devices hold to give without a line (S151).
 *
 * A lease moves fen and uses from the campaign's budget to an account of its own, and marks coupons
 * as kept for it, before the device hears of it. So the budget is exceeded by nobody, and a coupon
 * is good in one place. A device reports each redemption, and the return of what is left, under one
 * rising number for all of its leases; reports are taken in their order, each once.
 *
 * A share comes back by the device's own return and in no other way. A device that is lost keeps
 * it: what it may have given cannot be known, and giving it twice would exceed the budget. The
 * owner sees such leases (loyalty_leases_late) and may raise the budget.
 */

#include "loyalty/campaign.h"
#include "loyalty/coupon.h"

enum {
    LOYALTY_DEVICE_MAX = 15,
    LOYALTY_LEASE_COUPONS_MAX = 256, /* of one lease */
};

struct loyalty_lease_ask {
    struct bytes merchant, campaign;
    struct bytes device; /* 1 to LOYALTY_DEVICE_MAX: a terminal's number */
    struct bytes key;    /* of this asking: a repeat gets the same lease */
    int64_t minor, uses; /* above zero */
    size_t coupons;      /* free ones of this campaign, all or none */
    const struct bytes *coupon;
    int64_t at_ms, until_ms;
};

/*
 * DONE or REPEATED with the lease's id; NO_CAMPAIGN, CAMPAIGN_STATE (not running), BUDGET_SPENT,
 * AMOUNT (nothing, or an end that has passed), what coupon.h says of a coupon. OTHER_CONTENT.
 */
MUST_USE err loyalty_lease(struct store *store, const struct random *random,
                           const struct loyalty_lease_ask *ask, enum loyalty_verdict *ret_verdict,
                           char ret_lease[static LOYALTY_ID_LEN + 1]);

/* The coupons that are kept for a lease and not used, by code: what the device is told, again when
 * the first answer was lost. At most `max`. */
MUST_USE err loyalty_lease_coupons(struct store *store, struct bytes lease,
                                   char (*codes)[LOYALTY_COUPON_LEN + 1], size_t max,
                                   size_t *ret_count);

/* On disk: never renumbered. */
enum loyalty_report_kind { LOYALTY_REDEEMED = 1, LOYALTY_RETURNED, LOYALTY_REPORT_KINDS };

struct loyalty_report {
    struct bytes device;
    int64_t seq; /* 1, 2, 3 ... for one device */
    enum loyalty_report_kind kind;
    struct bytes lease;
    /* REDEEMED: */
    struct bytes key;            /* of the payment, given to no other one */
    struct bytes member, coupon; /* may be empty */
    int64_t minor;
    int64_t at_ms; /* of the redemption, by the device's clock */
};

/*
 * Takes one report. DONE: booked. REPEATED, OTHER_CONTENT: that number was taken before.
 * REPORT_GAP: an earlier one is missing; nothing is taken. *ret_next is always the number that is
 * wanted next. REPORT_OVER: the device has given what it did not hold, or a coupon that was not
 * kept for it; the report is taken and stands on record for a person, and no budget pays for it.
 * NO_LEASE: no such lease of this device; nothing is taken.
 */
MUST_USE err loyalty_report(struct store *store, const struct loyalty_report *report,
                            enum loyalty_verdict *ret_verdict, int64_t *ret_next);

struct loyalty_lease_row {
    char id[LOYALTY_ID_LEN + 1], campaign[LOYALTY_ID_LEN + 1], device[LOYALTY_DEVICE_MAX + 1];
    int64_t from_ms, until_ms, left_minor, left_uses;
};
/* Leases of a merchant that ended before `at_ms` and were not returned, at most `max`, oldest
 * first. */
MUST_USE err loyalty_leases_late(struct store *store, struct bytes merchant, int64_t at_ms,
                                 struct loyalty_lease_row *rows, size_t max, size_t *ret_count);

/* Redemptions that no budget pays for: what a person has to look at. */
MUST_USE err loyalty_over_count(struct store *store, struct bytes merchant, int64_t *ret_count);
