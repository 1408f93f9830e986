/* SPDX-License-Identifier: Apache-2.0 */
/* One campaign and one sale: may it, and how much. */
#include "offer/benefit.h"

#include "lib/base/money.h"

enum { MINUTE_MS = 60 * 1000, DAY_MS = 24 * 3600 * 1000 };

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static enum offer_reason judge_time(const struct offer_campaign *c, const struct offer_sale *sale)
{
    if (sale->at_ms < c->from_ms) return OFFER_NOT_STARTED;
    if (sale->at_ms >= c->until_ms) return OFFER_ENDED;
    int64_t local_ms = sale->at_ms + sale->offset_ms, day = floor_div(local_ms, DAY_MS);
    int64_t minute = (local_ms - day * DAY_MS) / MINUTE_MS;
    bool over_midnight = c->until_minute < c->from_minute;
    /* The hours after midnight belong to the evening before. */
    if (over_midnight && minute < c->until_minute) day--;
    int64_t weekday = ((day + 3) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
    if ((c->weekdays >> weekday & 1) == 0) return OFFER_NOT_THIS_DAY;
    bool inside = over_midnight ? minute >= c->from_minute || minute < c->until_minute
                                : minute >= c->from_minute && minute < c->until_minute;
    return inside ? OFFER_TAKEN : OFFER_NOT_THIS_HOUR;
}

static bool has_shop(const struct offer_campaign *c, uint32_t shop)
{
    for (size_t i = 0; i < c->shop_count; i++)
        if (c->shop[i] == shop) return true;
    return c->shop_count == 0;
}

static bool leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* The birthday of that year, as days since 1970. */
static int64_t birthday_in(int year, const struct offer_member *member)
{
    struct civil civil = {.year = year, .month = member->birth_month, .day = member->birth_day};
    if (civil.month == 2 && civil.day == 29 && !leap(year)) civil.day = 28;
    return civil_to_ms(civil) / DAY_MS;
}

static bool is_birthday(const struct offer_campaign *c, const struct offer_member *member,
                        const struct offer_sale *sale)
{
    if (member->birth_month == 0) return false;
    int64_t local_ms = sale->at_ms + sale->offset_ms, today = local_ms / DAY_MS;
    struct civil now = civil_from_ms(local_ms);
    if (c->birthday == OFFER_THE_MONTH) return now.month == member->birth_month;
    int64_t around = c->birthday == OFFER_THREE_DAYS_AROUND ? 3 : 0;
    for (int year = now.year - 1; year <= now.year + 1; year++) { /* around New Year */
        int64_t away = birthday_in(year, member) - today;
        if (away >= -around && away <= around) return true;
    }
    return false;
}

static enum offer_reason judge_occasion(const struct offer_candidate *candidate,
                                        const struct offer_member *member,
                                        const struct offer_sale *sale)
{
    const struct offer_campaign *c = candidate->campaign;
    if (c->kind == OFFER_COUPON && !candidate->has_coupon) return OFFER_NO_COUPON;
    if (c->kind == OFFER_BIRTHDAY && !is_birthday(c, member, sale)) return OFFER_NO_BIRTHDAY;
    if (c->kind == OFFER_FIRST_ORDER && member->purchases > 0) return OFFER_NOT_FIRST;
    if (c->kind == OFFER_STAMPS && (candidate->stamps + 1) % c->stamps_every != 0)
        return OFFER_STAMPS_MISSING;
    return OFFER_TAKEN;
}

static enum offer_reason judge_limits(const struct offer_candidate *candidate,
                                      const struct offer_sale *sale)
{
    const struct offer_campaign *c = candidate->campaign;
    if (c->per_member_day > 0 && candidate->used_today >= c->per_member_day)
        return OFFER_USED_TODAY;
    if (c->per_member > 0 && candidate->used >= c->per_member) return OFFER_USED_UP;
    if (c->stacking == OFFER_ALONE && sale->points_minor > 0) return OFFER_NOT_WITH_POINTS;
    return OFFER_TAKEN;
}

static enum offer_reason judge_who(const struct offer_candidate *candidate,
                                   const struct offer_member *member, const struct offer_sale *sale)
{
    const struct offer_campaign *c = candidate->campaign;
    if (!has_shop(c, sale->shop)) return OFFER_NOT_THIS_SHOP;
    if (c->members_only && !member->known) return OFFER_FOR_MEMBERS;
    if (c->tiers != 0 && (c->tiers >> member->tier & 1) == 0) return OFFER_FOR_OTHER_TIERS;
    if (sale->price_minor < c->minimum_minor) return OFFER_BELOW_MINIMUM;
    enum offer_reason occasion = judge_occasion(candidate, member, sale);
    if (occasion != OFFER_TAKEN) return occasion;
    return judge_limits(candidate, sale);
}

static int64_t by_rate(const struct offer_campaign *c, int64_t price_minor)
{
    /* 10^12 fen times 10^6 fits into 63 bits. */
    int64_t product = price_minor * c->rate_ppm, down = product / OFFER_RATE_WHOLE;
    if (c->rounding == OFFER_ROUND_HALF_EVEN)
        return money_rate_half_even(price_minor, (int64_t)c->rate_ppm);
    return down + (c->rounding == OFFER_ROUND_UP && product % OFFER_RATE_WHOLE != 0);
}

static int64_t reckon(const struct offer_campaign *c, const struct offer_sale *sale)
{
    switch (c->measure) {
    case OFFER_BY_AMOUNT: {
        int64_t times = c->each_minimum ? sale->price_minor / c->minimum_minor : 1, minor = 0;
        return __builtin_mul_overflow(times, c->off_minor, &minor) ? OFFER_MINOR_MAX : minor;
    }
    case OFFER_BY_RATE:
        return by_rate(c, sale->price_minor);
    case OFFER_BY_DRAW:
        return offer_draw(sale->draw, c->id, c->low_minor, c->high_minor);
    case OFFER_MEASURES:
        break;
    }
    ENSURE(false);
    return 0;
}

enum offer_reason offer_benefit(const struct offer_candidate *candidate,
                                const struct offer_member *member, const struct offer_sale *sale,
                                int64_t *ret_minor)
{
    const struct offer_campaign *c = candidate->campaign;
    ENSURE(sale->price_minor > 0 && sale->price_minor <= OFFER_MINOR_MAX);
    ENSURE(sale->points_minor >= 0 && sale->points_minor <= sale->price_minor);
    ENSURE(member->tier < OFFER_TIERS_MAX && candidate->left_minor >= 0);
    enum offer_reason reason = judge_time(c, sale);
    if (reason == OFFER_TAKEN) reason = judge_who(candidate, member, sale);
    if (reason != OFFER_TAKEN) return reason;
    int64_t minor = reckon(c, sale);
    if (c->cap_minor > 0 && minor > c->cap_minor) minor = c->cap_minor;
    if (minor == 0) return OFFER_GIVES_NOTHING;
    if (minor > candidate->left_minor) return OFFER_BUDGET_SPENT;
    if (c->budget_count > 0 && candidate->left_count <= 0) return OFFER_BUDGET_SPENT;
    *ret_minor = minor;
    return OFFER_TAKEN;
}

/* The finaliser of splitmix64: every bit of the input reaches every bit of the output. */
static uint64_t mixed(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

int64_t offer_draw(uint64_t draw, const char *campaign, int64_t low_minor, int64_t high_minor)
{
    ENSURE(low_minor > 0 && low_minor <= high_minor && high_minor <= OFFER_MINOR_MAX);
    uint64_t state = mixed(draw + UINT64_C(0x9E3779B97F4A7C15));
    for (const char *c = campaign; *c != '\0'; c++) state = mixed(state ^ (uint8_t)*c);
    unsigned __int128 wide = (unsigned __int128)state * (uint64_t)(high_minor - low_minor + 1);
    return low_minor + (int64_t)(wide >> 64);
}
