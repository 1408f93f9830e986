/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * programme: the rules by which a merchant treats its members, one for all of its outlets. Amounts
 * are fen, points are whole.
 */

#include "loyalty/loyalty.h"

enum {
    LOYALTY_TIERS = 4,   /* tier 0 is everybody's */
    LOYALTY_BONUSES = 4, /* steps of top-ups */
    LOYALTY_RATE_MAX = 100000,
    LOYALTY_MONTHS_MAX = 120,
    LOYALTY_WEEK_MAX = 21, /* messages to one member: three a day, and nobody likes that */
};

struct loyalty_tier {
    int64_t from_minor;   /* turnover of the last twelve months; of tier 0: 0 */
    int64_t per_100_yuan; /* points for 100 yuan paid, rounded down; 0: none */
};

struct loyalty_bonus {
    int64_t from_minor; /* a top-up of so much or more; 0: no such step */
    int64_t bonus_minor;
};

struct loyalty_programme {
    char merchant[LOYALTY_MERCHANT_MAX + 1];
    int64_t version; /* 0: never saved */
    struct loyalty_tier tier[LOYALTY_TIERS];
    int64_t tiers;           /* 1 to LOYALTY_TIERS */
    int64_t points_per_yuan; /* that pay one yuan; 0: points do not pay */
    int64_t expiry_months;   /* 1 and more: points of a purchase run out after so many months of 30
                                days; told in this form wherever it is told */
    struct loyalty_bonus bonus[LOYALTY_BONUSES];   /* rising in both, the empty ones last */
    int64_t quiet_from_minute, quiet_until_minute; /* of the shop's day; equal: never quiet */
    int64_t messages_a_week;                       /* to one member; 0: none at all */
    bool may_be_free;                              /* reductions may leave nothing to pay */
};

/* NO_PROGRAMME, or DONE and the programme. */
MUST_USE err loyalty_programme(struct store *store, struct bytes merchant,
                               enum loyalty_verdict *ret_verdict, struct loyalty_programme *out);

/* The merchant with a programme behind `merchant` ("": the first) by number, into it. */
MUST_USE err loyalty_programme_next(struct store *store,
                                    char merchant[static LOYALTY_MERCHANT_MAX + 1],
                                    bool *ret_found);

/*
 * Saves what the owner has set. `version` is the one that he has seen, 0 for a first programme:
 * CHANGED when it is not the newest any more; REPEATED when the newest is the next one and says
 * the same, because then it was this asking that saved it, or one like it. SETTINGS when it makes
 * no sense. On DONE the new version is `version` + 1.
 */
MUST_USE err loyalty_programme_save(struct store *store, const struct loyalty_programme *programme,
                                    enum loyalty_verdict *ret_verdict);

/* What points are worth when they pay: fen, rounded down. */
int64_t loyalty_points_worth(const struct loyalty_programme *programme, int64_t points);
/* The bonus of a top-up: that of the highest step that it reaches. */
int64_t loyalty_bonus_of(const struct loyalty_programme *programme, int64_t top_up_minor);
/* The tier of a turnover. */
int64_t loyalty_tier_of(const struct loyalty_programme *programme, int64_t turnover_minor);
