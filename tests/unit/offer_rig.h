/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Campaigns and sales that the tests of offers and of loyalty change to their liking. */

#include "offer/best.h"
#include "offer/encode.h"
#include "tests/unit/scratch.h"

/* Monday, 2 March 2026, 12:00 in Beijing. */
#define RIG_NOON_MS INT64_C(1772424000000)

#define RIG_DAY_MS INT64_C(86400000)

static inline struct offer_campaign rig_campaign(const char *id)
{
    struct offer_campaign c = {
        .version = 1,
        .kind = OFFER_AMOUNT_OFF,
        .measure = OFFER_BY_AMOUNT,
        .off_minor = 1000,
        .from_ms = RIG_NOON_MS - 10 * RIG_DAY_MS,
        .until_ms = RIG_NOON_MS + 10 * RIG_DAY_MS,
        .weekdays = 0x7f,
        .until_minute = OFFER_DAY_MINUTES,
        .budget_minor = 1000000,
        .stacking = OFFER_WITH_OTHERS,
    };
    snprintf(c.id, sizeof c.id, "%s", id);
    snprintf(c.name_zh, sizeof c.name_zh, "活动%s", id);
    snprintf(c.name_en, sizeof c.name_en, "Campaign %s", id);
    return c;
}

static inline struct offer_campaign rig_percent(const char *id, uint32_t rate_ppm,
                                                enum offer_rounding rounding)
{
    struct offer_campaign c = rig_campaign(id);
    c.kind = OFFER_PERCENT_OFF;
    c.measure = OFFER_BY_RATE;
    c.off_minor = 0;
    c.rate_ppm = rate_ppm;
    c.rounding = rounding;
    return c;
}

static inline struct offer_candidate rig_candidate(const struct offer_campaign *campaign)
{
    return (struct offer_candidate){.campaign = campaign,
                                    .has_coupon = true,
                                    .left_minor = campaign->budget_minor,
                                    .left_count = campaign->budget_count};
}

static inline struct offer_sale rig_sale(int64_t price_minor)
{
    return (struct offer_sale){.price_minor = price_minor,
                               .shop = 1,
                               .at_ms = RIG_NOON_MS,
                               .offset_ms = CLOCK_CHINA_OFFSET_MS,
                               .draw = 42};
}

static inline struct offer_member rig_member(void)
{
    return (struct offer_member){
        .known = true, .tier = 1, .birth_month = 3, .birth_day = 2, .purchases = 0};
}
