/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * campaign: what a shop gives to its customers for a sale, as data (S150). Pure: no clock, no
 * store, no input or output. The back office keeps campaigns (loyalty/campaign.h), the terminal has
 * them delivered (offer/encode.h), and both reckon with the same object files.
 *
 * What a campaign gives comes out of the shop's pocket, before the payment is made: an acquirer,
 * a card and a ledger of payments see only what is left to pay.
 *
 * Amounts are int64 fen. Rates are parts per million of the price: 12 % off, which is sold as
 * "8.8 折", is 120,000. Every rounding is named in the campaign.
 */

#include "lib/base/bytes.h"
#include "lib/base/err.h"

enum {
    OFFER_ID_MAX = 15,   /* as an owner of an account (ledger/account.h) */
    OFFER_NAME_MAX = 60, /* bytes of UTF-8: twenty characters on a receipt */
    OFFER_SHOPS_MAX = 64,
    OFFER_TIERS_MAX = 8,      /* a bit each */
    OFFER_STAMPS_MAX = 100,   /* a card that nobody fills is a promise that nobody keeps */
    OFFER_USES_MAX = 1000000, /* of one member */
    OFFER_DAY_MINUTES = 1440,
    OFFER_RATE_WHOLE = 1000000,
};

/* The most that one campaign may cost: ten thousand million yuan, so that sums fit. */
#define OFFER_MINOR_MAX INT64_C(1000000000000)

/* Times end with the year 9999, which is as far as lib/base/clock.h reckons. */
#define OFFER_TIME_MAX_MS INT64_C(253402300800000)

/* What the campaign is about. In deliveries and on disk: added to, never renumbered. */
enum offer_kind {
    OFFER_NONE,
    OFFER_AMOUNT_OFF,  /* 满减: an amount off from a minimum on */
    OFFER_PERCENT_OFF, /* 折扣: a share of the price, with a cap */
    OFFER_COUPON,      /* 优惠券: either of the two, for who holds a coupon; once each */
    OFFER_RANDOM,      /* 随机立减: between two bounds, drawn (offer_draw in offer/benefit.h) */
    OFFER_STAMPS,      /* 集点: either of the two at every nth purchase */
    OFFER_BIRTHDAY,    /* 生日: either of the two around a member's birthday */
    OFFER_FIRST_ORDER, /* 首单: either of the two at a member's first purchase */
    OFFER_KINDS,
};

/* How the reduction is reckoned. */
enum offer_measure { OFFER_BY_AMOUNT = 1, OFFER_BY_RATE, OFFER_BY_DRAW, OFFER_MEASURES };

/* To the fen, where a rate does not give whole ones. */
enum offer_rounding {
    OFFER_ROUND_DOWN = 1,  /* for the shop */
    OFFER_ROUND_UP,        /* for the customer */
    OFFER_ROUND_HALF_EVEN, /* as fees are */
    OFFER_ROUNDINGS,
};

/* What may be given beside it in the same sale. */
enum offer_stacking {
    OFFER_ALONE = 1,   /* with no other campaign, and not when points pay a part */
    OFFER_WITH_POINTS, /* with no other campaign; points may pay a part */
    OFFER_WITH_OTHERS, /* with those of other groups that are WITH_OTHERS too; points as well */
    OFFER_STACKINGS,
};

/* Which days count for OFFER_BIRTHDAY. Who was born on 29 February is taken to be born on the 28th
 * in years that have none. */
enum offer_birthday {
    OFFER_THE_DAY = 1,
    OFFER_THREE_DAYS_AROUND,
    OFFER_THE_MONTH,
    OFFER_BIRTHDAYS
};

/*
 * One campaign. What a kind has no use for is zero, so that one campaign has one encoding; 0 is "no
 * limit" where it says so. offer_campaign_check() tells whether all of it makes sense.
 */
struct offer_campaign {
    char id[OFFER_ID_MAX + 1]; /* small letters and digits */
    uint32_t version;          /* 1, 2, 3 ...: each change of the campaign */
    char name_zh[OFFER_NAME_MAX + 1], name_en[OFFER_NAME_MAX + 1];
    enum offer_kind kind;

    enum offer_measure measure;
    int64_t off_minor;             /* BY_AMOUNT */
    bool each_minimum;             /* BY_AMOUNT: off for every whole minimum (每满), not once */
    uint32_t rate_ppm;             /* BY_RATE: 1 to OFFER_RATE_WHOLE off */
    enum offer_rounding rounding;  /* BY_RATE */
    int64_t low_minor, high_minor; /* BY_DRAW: both may be drawn */
    int64_t cap_minor;             /* the most for one sale; 0: no cap */

    int64_t minimum_minor; /* price from which it is given; 0: any */
    uint32_t stamps_every; /* STAMPS: 2 and more: given at every nth purchase */
    enum offer_birthday birthday;

    int64_t from_ms, until_ms;      /* UTC, the end not included */
    uint8_t weekdays;               /* bit 0 is Monday; 0x7f: every day */
    uint16_t from_minute;           /* of the shop's day, 0 to 1439 */
    uint16_t until_minute;          /* 1 to 1440, not included; below from_minute: over midnight */
    uint16_t shop_count;            /* 0: all shops of the merchant */
    uint32_t shop[OFFER_SHOPS_MAX]; /* numbers of outlets, ascending */
    bool members_only;              /* BIRTHDAY, FIRST_ORDER, STAMPS and member limits need it */
    uint8_t tiers;                  /* bit n: tier n; 0: all. Needs members_only */

    uint32_t per_member_day, per_member; /* uses; 0: no limit. Need members_only */
    int64_t budget_minor;                /* what it may cost altogether, never 0 */
    int64_t budget_count;                /* how often it may be given; 0: as often as money lasts */

    uint8_t
        group; /* WITH_OTHERS: at most one campaign of a group in a sale; 0: a group of its own */
    enum offer_stacking stacking;
};

/* What is wrong with a campaign, in the order in which it is looked for. A verdict, not an err. */
enum offer_fault {
    OFFER_SOUND,
    OFFER_FAULT_ID,
    OFFER_FAULT_NAME,     /* both languages, without control characters */
    OFFER_FAULT_KIND,     /* no such kind, or one that cannot be reckoned by this measure */
    OFFER_FAULT_BENEFIT,  /* nothing off, more than all off, bounds the wrong way round */
    OFFER_FAULT_MINIMUM,  /* an amount off that is above its minimum, each_minimum without one */
    OFFER_FAULT_OCCASION, /* stamps or birthday missing, or there without need */
    OFFER_FAULT_TIME,     /* ends before it begins, no weekday, no minute */
    OFFER_FAULT_SHOPS,    /* not ascending, too many */
    OFFER_FAULT_MEMBERS,  /* needs members, and is not for members only */
    OFFER_FAULT_BUDGET,   /* a budget of zero: the campaign could never give anything */
    OFFER_FAULT_STACKING, /* a group without WITH_OTHERS, no such rule */
    OFFER_FAULTS,
};

enum offer_fault offer_campaign_check(const struct offer_campaign *campaign);

/* What happened and what to do, for the owner; `chinese` chooses the language. Never NULL. */
const char *offer_fault_text(enum offer_fault fault, bool chinese);

/* True for an id: 1 to OFFER_ID_MAX small letters and digits. */
bool offer_id_ok(const char *id);
