/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * benefit: what one campaign alone would take off one sale, or why it does not. Every benefit is
 * reckoned from the price before any reduction, so that the order of campaigns makes no difference
 * and each line on the receipt can be checked with one multiplication.
 */

#include "lib/base/clock.h"
#include "offer/campaign.h"

/* Why a campaign was taken or not: the first that holds, in this order. On the receipt's journal
 * and in reports: added to, never renumbered. */
enum offer_reason {
    OFFER_TAKEN,
    OFFER_NOT_STARTED,
    OFFER_ENDED,
    OFFER_NOT_THIS_DAY,
    OFFER_NOT_THIS_HOUR,
    OFFER_NOT_THIS_SHOP,
    OFFER_FOR_MEMBERS,
    OFFER_FOR_OTHER_TIERS,
    OFFER_BELOW_MINIMUM,
    OFFER_NO_COUPON,
    OFFER_NO_BIRTHDAY, /* it is another day, or the member has not told it */
    OFFER_NOT_FIRST,
    OFFER_STAMPS_MISSING,
    OFFER_USED_TODAY, /* as often as the member may in a day */
    OFFER_USED_UP,    /* as often as the member may at all */
    OFFER_NOT_WITH_POINTS,
    OFFER_GIVES_NOTHING, /* rounded down to zero */
    OFFER_BUDGET_SPENT,  /* what is left of the budget is less than this reduction */
    OFFER_GROUP_BETTER,  /* another campaign of its group gives more */
    OFFER_OTHERS_BETTER, /* may not stand beside those that give more */
    OFFER_NOTHING_LEFT,  /* the price has been taken off already */
    OFFER_REASONS,
};

/* "The purchase is below the minimum." Never NULL. */
const char *offer_reason_text(enum offer_reason reason, bool chinese);

/* Who buys; without a member all is zero. */
struct offer_member {
    bool known;                     /* a member in good standing */
    uint8_t tier;                   /* 0 to OFFER_TIERS_MAX - 1 */
    uint8_t birth_month, birth_day; /* 0: not told */
    uint32_t purchases;             /* so far, those given back not counted */
};

/* What is bought. */
struct offer_sale {
    int64_t price_minor;  /* before reductions, above zero, at most OFFER_MINOR_MAX */
    int64_t points_minor; /* the part that points will pay, 0 to price_minor */
    uint32_t shop;        /* number of the outlet */
    int64_t at_ms;        /* UTC */
    int64_t offset_ms;    /* of the shop's clock against it: CLOCK_CHINA_OFFSET_MS */
    bool may_be_free;     /* reductions may leave nothing to pay; otherwise 1 fen is left */
    uint64_t draw;        /* see offer_draw */
};

/* A campaign with what is known of it in this moment, where the sale is made. */
struct offer_candidate {
    const struct offer_campaign *campaign; /* sound */
    bool has_coupon;                       /* COUPON: the customer holds a valid one of it */
    uint32_t used_today, used;             /* by this member */
    uint32_t stamps;                       /* STAMPS: purchases since the card was begun */
    int64_t left_minor, left_count;        /* of the budget here; the count 0 when there is one */
};

/*
 * What the campaign would give for the sale alone: *ret_minor, more than zero and never above the
 * cap or what is left of the budget, with OFFER_TAKEN; or the reason why nothing, and *ret_minor
 * stays. It may be above the price: offer_best() cuts it.
 */
enum offer_reason offer_benefit(const struct offer_candidate *candidate,
                                const struct offer_member *member, const struct offer_sale *sale,
                                int64_t *ret_minor);

/*
 * The draw of a random reduction: a number in low..high that only `draw`, the campaign's id and
 * nothing else decide, so that whoever knows `draw` can recompute it and asking again gives no
 * better luck. The caller derives `draw` from the payment's key under a secret key; the customer
 * cannot know it and the cashier cannot choose it. Uniform but for less than 2^-24.
 */
int64_t offer_draw(uint64_t draw, const char *campaign, int64_t low_minor, int64_t high_minor);
