/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a campaign makes sense: a list of rules, each with the words for the owner. */
#include "offer/campaign.h"

bool offer_id_ok(const char *id)
{
    size_t len = strnlen(id, OFFER_ID_MAX + 1);
    if (len == 0 || len > OFFER_ID_MAX) return false;
    for (size_t i = 0; i < len; i++)
        if (!(id[i] >= 'a' && id[i] <= 'z') && !(id[i] >= '0' && id[i] <= '9')) return false;
    return true;
}

/* UTF-8 is looked at where texts come in from people; here only what would break a receipt. */
static bool name_ok(const char *name)
{
    size_t len = strnlen(name, OFFER_NAME_MAX + 1);
    if (len == 0 || len > OFFER_NAME_MAX) return false;
    for (size_t i = 0; i < len; i++)
        if ((uint8_t)name[i] < 0x20 || name[i] == 0x7f) return false;
    return true;
}

static bool minor_ok(int64_t minor)
{
    return minor >= 0 && minor <= OFFER_MINOR_MAX;
}

static bool kind_ok(const struct offer_campaign *c)
{
    switch (c->kind) {
    case OFFER_AMOUNT_OFF:
        return c->measure == OFFER_BY_AMOUNT;
    case OFFER_PERCENT_OFF:
        return c->measure == OFFER_BY_RATE;
    case OFFER_RANDOM:
        return c->measure == OFFER_BY_DRAW;
    case OFFER_COUPON:
    case OFFER_STAMPS:
    case OFFER_BIRTHDAY:
    case OFFER_FIRST_ORDER:
        return c->measure == OFFER_BY_AMOUNT || c->measure == OFFER_BY_RATE;
    case OFFER_NONE:
    case OFFER_KINDS:
        break;
    }
    return false;
}

static bool amount_ok(const struct offer_campaign *c)
{
    if (c->measure != OFFER_BY_AMOUNT) return c->off_minor == 0 && !c->each_minimum;
    return c->off_minor > 0 && minor_ok(c->off_minor);
}

static bool rate_ok(const struct offer_campaign *c)
{
    if (c->measure != OFFER_BY_RATE) return c->rate_ppm == 0 && c->rounding == 0;
    return c->rate_ppm > 0 && c->rate_ppm <= OFFER_RATE_WHOLE && c->rounding >= OFFER_ROUND_DOWN &&
           c->rounding < OFFER_ROUNDINGS;
}

static bool draw_ok(const struct offer_campaign *c)
{
    if (c->measure != OFFER_BY_DRAW) return c->low_minor == 0 && c->high_minor == 0;
    return c->low_minor > 0 && c->low_minor <= c->high_minor && minor_ok(c->high_minor);
}

/* An amount off has to be below the price from which it is given, or the shop pays its customers.
 */
static bool minimum_ok(const struct offer_campaign *c)
{
    if (!minor_ok(c->minimum_minor)) return false;
    if (c->each_minimum && c->minimum_minor == 0) return false;
    if (c->minimum_minor == 0) return true;
    return c->off_minor <= c->minimum_minor && c->high_minor <= c->minimum_minor;
}

static bool occasion_ok(const struct offer_campaign *c)
{
    bool stamps = c->stamps_every >= 2 && c->stamps_every <= OFFER_STAMPS_MAX;
    bool birthday = c->birthday >= OFFER_THE_DAY && c->birthday < OFFER_BIRTHDAYS;
    return (c->kind == OFFER_STAMPS ? stamps : c->stamps_every == 0) &&
           (c->kind == OFFER_BIRTHDAY ? birthday : c->birthday == 0);
}

static bool time_ok(const struct offer_campaign *c)
{
    return c->from_ms >= 0 && c->from_ms < c->until_ms && c->until_ms <= OFFER_TIME_MAX_MS &&
           c->weekdays > 0 && c->weekdays <= 0x7f && c->from_minute < OFFER_DAY_MINUTES &&
           c->until_minute > 0 && c->until_minute <= OFFER_DAY_MINUTES &&
           c->from_minute != c->until_minute;
}

static bool shops_ok(const struct offer_campaign *c)
{
    if (c->shop_count > OFFER_SHOPS_MAX) return false;
    for (size_t i = 0; i < OFFER_SHOPS_MAX; i++) {
        if (i >= c->shop_count ? c->shop[i] != 0 : c->shop[i] == 0) return false;
        if (i > 0 && i < c->shop_count && c->shop[i] <= c->shop[i - 1]) return false;
    }
    return true;
}

static bool members_ok(const struct offer_campaign *c)
{
    if (c->per_member_day > OFFER_USES_MAX || c->per_member > OFFER_USES_MAX) return false;
    if (c->members_only) return true;
    return c->tiers == 0 && c->per_member_day == 0 && c->per_member == 0 &&
           c->kind != OFFER_STAMPS && c->kind != OFFER_BIRTHDAY && c->kind != OFFER_FIRST_ORDER;
}

static bool budget_ok(const struct offer_campaign *c)
{
    return c->budget_minor > 0 && minor_ok(c->budget_minor) && c->budget_count >= 0 &&
           c->budget_count <= OFFER_MINOR_MAX;
}

static bool stacking_ok(const struct offer_campaign *c)
{
    return c->stacking >= OFFER_ALONE && c->stacking < OFFER_STACKINGS &&
           (c->group == 0 || c->stacking == OFFER_WITH_OTHERS);
}

static enum offer_fault check_benefit(const struct offer_campaign *c)
{
    if (!kind_ok(c)) return OFFER_FAULT_KIND;
    if (!amount_ok(c) || !rate_ok(c) || !draw_ok(c) || !minor_ok(c->cap_minor))
        return OFFER_FAULT_BENEFIT;
    return minimum_ok(c) ? OFFER_SOUND : OFFER_FAULT_MINIMUM;
}

enum offer_fault offer_campaign_check(const struct offer_campaign *c)
{
    if (!offer_id_ok(c->id) || c->version == 0) return OFFER_FAULT_ID;
    if (!name_ok(c->name_zh) || !name_ok(c->name_en)) return OFFER_FAULT_NAME;
    enum offer_fault benefit = check_benefit(c);
    if (benefit != OFFER_SOUND) return benefit;
    if (!occasion_ok(c)) return OFFER_FAULT_OCCASION;
    if (!time_ok(c)) return OFFER_FAULT_TIME;
    if (!shops_ok(c)) return OFFER_FAULT_SHOPS;
    if (!members_ok(c)) return OFFER_FAULT_MEMBERS;
    if (!budget_ok(c)) return OFFER_FAULT_BUDGET;
    return stacking_ok(c) ? OFFER_SOUND : OFFER_FAULT_STACKING;
}

/* clang-format off */
static const char *const fault_text[OFFER_FAULTS][2] = {
    [OFFER_SOUND]          = {"The campaign can run.", "活动可以开始。"},
    [OFFER_FAULT_ID]       = {"The campaign has no valid number. Create it anew.", "活动编号无效，请重新创建。"},
    [OFFER_FAULT_NAME]     = {"A name is missing or too long. Enter one in Chinese and one in English, up to 60 bytes each.", "名称缺失或过长，请填写中文和英文名称，各不超过60字节。"},
    [OFFER_FAULT_KIND]     = {"This kind of campaign cannot be reckoned this way. Choose another kind, or another reduction.", "该类型的活动不能使用此优惠方式，请更换类型或优惠方式。"},
    [OFFER_FAULT_BENEFIT]  = {"The reduction is not possible. Enter an amount above zero, or a share from above 0 % to 100 %; the lower bound first.", "优惠无法成立，请填写大于零的金额，或大于0%且不超过100%的比例；下限应不大于上限。"},
    [OFFER_FAULT_MINIMUM]  = {"The reduction is above the price from which it is given. Raise the minimum or lower the reduction.", "优惠超过了起用金额，请提高起用金额或降低优惠。"},
    [OFFER_FAULT_OCCASION] = {"Say at which purchase (2 to 100) or on which birthday days it is given, for these kinds only.", "请填写第几次消费（2至100）或生日的有效日期，仅限对应类型的活动。"},
    [OFFER_FAULT_TIME]     = {"The times are not possible. The end must be after the beginning, with a day of the week and an hour in it.", "时间无效，结束须晚于开始，并至少包含一个星期几和一段时间。"},
    [OFFER_FAULT_SHOPS]    = {"The shops are not a list of up to 64 different shops. Choose them again.", "门店列表无效，最多64家且不得重复，请重新选择。"},
    [OFFER_FAULT_MEMBERS]  = {"Limits for each member, tiers, stamps, birthdays and first orders need members. Make it for members only.", "按会员限次、等级、集点、生日和首单活动需要会员，请设为仅限会员。"},
    [OFFER_FAULT_BUDGET]   = {"The budget is zero, so nothing could be given. Enter what the campaign may cost.", "预算为零，活动无法发放优惠，请填写活动的最高花费。"},
    [OFFER_FAULT_STACKING] = {"The rule for other campaigns is not possible. A group is for campaigns that may be combined.", "叠加规则无效，只有可叠加的活动才能设置分组。"},
};
/* clang-format on */

const char *offer_fault_text(enum offer_fault fault, bool chinese)
{
    ENSURE(fault < OFFER_FAULTS);
    return fault_text[fault][chinese];
}
