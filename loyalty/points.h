/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * points: what members earn with purchases and pay with (S148). A merchant's own points; those of
 * an issuer (PAYMENT_REDEEM) are something else.
 *
 * Points are earned in lots, one a purchase, that run out after the programme's months; what runs
 * out first is spent first. Each step is double entry (docs/accounts.md): a member's points are
 * 2310, and the sum of what is left of his lots is always what he may spend of it. A refund takes
 * back the points of its part; those that are spent already become what he owes (1330, "points
 * owed"), and the next points that he earns pay that first.
 */

#include "loyalty/programme.h"

/* A purchase that is paid. `amount_minor` is what earns: paid in money, without what was taken off
 * and without what points paid. `member` is empty when nobody showed himself; the row is kept all
 * the same, because the effect of a campaign is held against all sales. */
struct loyalty_purchase {
    struct bytes merchant, key, member;
    uint32_t outlet;
    int64_t amount_minor; /* 0 to LOYALTY_AMOUNT_MAX */
    int64_t at_ms;
};

struct loyalty_earned {
    int64_t points;  /* for this purchase: per 100 yuan of the tier before it, rounded down */
    int64_t settled; /* of them, what paid for points owed */
    int64_t tier;    /* after it: by the turnover of 365 days */
};

/*
 * DONE; REPEATED, with what it had earned; OTHER_CONTENT; AMOUNT; WITHOUT_MEMBER: the member has
 * left, is erased or unknown, also meanwhile: the purchase is on record without him, nothing is
 * earned; NO_PROGRAMME (nothing on record).
 */
MUST_USE err loyalty_earn(struct store *store, const struct loyalty_purchase *purchase,
                          enum loyalty_verdict *ret_verdict, struct loyalty_earned *out);

struct loyalty_back {
    int64_t points; /* taken back */
    int64_t owed;   /* of them, spent already: the member owes them */
};

/*
 * A refund or void of a purchase, under a key of its own. All refunds together have taken back
 * floor(points * refunded / paid): the last fen takes the last point. DONE, REPEATED,
 * OTHER_CONTENT, NO_PAYMENT, TOO_MUCH, AMOUNT.
 */
MUST_USE err loyalty_earn_back(struct store *store, struct bytes merchant, struct bytes key,
                               struct bytes refund_key, int64_t amount_minor, int64_t at_ms,
                               enum loyalty_verdict *ret_verdict, struct loyalty_back *out);

/*
 * Tiers on record are those of the last purchase; points and offers reckon them anew. This lets
 * those fall whose year has passed, for lists and segments: once a day. Says how many fell.
 */
MUST_USE err loyalty_tiers_fall(struct store *store, struct bytes merchant, int64_t at_ms,
                                int64_t *ret_fallen);

/* ---- paying with points -----------------------------------------------------------------------
 */

struct loyalty_points_payment {
    struct bytes merchant, key, member;
    int64_t points;
    int64_t at_ms;
};

/*
 * Reserves points for a payment: persisted before it is made. DONE with what they are worth in fen,
 * REPEATED, OTHER_CONTENT, POINTS_SHORT, WITHOUT_MEMBER, AMOUNT (none, or points do not pay here),
 * NO_PROGRAMME.
 */
MUST_USE err loyalty_points_hold(struct store *store, const struct loyalty_points_payment *payment,
                                 enum loyalty_verdict *ret_verdict, int64_t *ret_worth_minor);

/* The payment came about, or did not. DONE, REPEATED, NO_PAYMENT, DECIDED (the other way). */
MUST_USE err loyalty_points_commit(struct store *store, struct bytes key, int64_t at_ms,
                                   enum loyalty_verdict *ret_verdict);
MUST_USE err loyalty_points_release(struct store *store, struct bytes key, int64_t at_ms,
                                    enum loyalty_verdict *ret_verdict);

/*
 * Points that had paid go back to the member as a lot of that moment, under a key of the refund.
 * DONE, REPEATED, OTHER_CONTENT, NO_PAYMENT (or not committed), TOO_MUCH, AMOUNT, WITHOUT_MEMBER
 * (erased: nobody is left to give them to; nothing changes).
 */
MUST_USE err loyalty_points_give_back(struct store *store, struct bytes key,
                                      struct bytes refund_key, int64_t points, int64_t at_ms,
                                      enum loyalty_verdict *ret_verdict);

/* ---- corrected by hand ------------------------------------------------------------------------
 */

enum { LOYALTY_REASON_MAX = 120, LOYALTY_ADJUSTER_MAX = 96 };

/* Points that a person gives or takes, with the reason that he wrote. */
struct loyalty_adjustment {
    struct bytes merchant, member, key;
    int64_t points;          /* above zero: given; below: taken */
    struct bytes reason, by; /* 1 to LOYALTY_REASON_MAX, 1 to LOYALTY_ADJUSTER_MAX */
    int64_t at_ms;
};

/*
 * Given points are a lot of that moment and settle what is owed first; taken are only those that
 * are free. DONE, REPEATED, OTHER_CONTENT, AMOUNT (none, or too many), POINTS_SHORT, NO_MEMBER
 * (has left), NO_PROGRAMME.
 */
MUST_USE err loyalty_points_adjust(struct store *store, const struct loyalty_adjustment *adjustment,
                                   enum loyalty_verdict *ret_verdict);

/* ---- what there is ----------------------------------------------------------------------------
 */

struct loyalty_points_state {
    int64_t free;    /* may be spent: of lots that have not run out at `at_ms` */
    int64_t held;    /* reserved for payments under way */
    int64_t owed;    /* the negative balance */
    int64_t next;    /* points that run out next, and when; 0: none */
    int64_t next_ms; /* a notice says both */
};
MUST_USE err loyalty_points(struct store *store, struct bytes member, int64_t at_ms,
                            struct loyalty_points_state *out);

/* Lets at most `max` lots that have run out by `at_ms` go, and says how many: called until it is
 * fewer. */
MUST_USE err loyalty_points_expire(struct store *store, int64_t at_ms, int64_t max,
                                   int64_t *ret_lots);

/* Members whose lots do not make their account: 0, always. For tests and an operator. */
MUST_USE err loyalty_points_check(struct store *store, int64_t *ret_differing);
