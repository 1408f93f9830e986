/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fee rules, oldest first. To change a rate, add rules with new versions and a moment from
 * which they hold; the rules that were are what old fees name.
 */
#include "ledger/fee.h"

/* clang-format off */
static const struct fee_rule rules[] = {
    /* version  plan               class       from  ppm   cap     the first of each holds from ever */
    {101,       FEE_PLAN_STANDARD, FEE_DEBIT,  0,    5000, 2000},  /* 0.50 %, at most 20.00          */
    {102,       FEE_PLAN_STANDARD, FEE_CREDIT, 0,    6000, 0},     /* 0.60 %                         */
    {103,       FEE_PLAN_STANDARD, FEE_WALLET, 0,    3800, 0},     /* 0.38 %                         */
    {201,       FEE_PLAN_SMALL,    FEE_DEBIT,  0,    3800, 2000},  /* small businesses: 0.38 %       */
    {202,       FEE_PLAN_SMALL,    FEE_CREDIT, 0,    3800, 0},
    {203,       FEE_PLAN_SMALL,    FEE_WALLET, 0,    3800, 0},
};
/* clang-format on */

/* clang-format off */
static const struct {
    uint32_t plan;
    enum fee_reason reason;
    enum fee_return how;
} returns[] = {
    {FEE_PLAN_STANDARD, FEE_VOIDED,   FEE_RETURN_ALL},
    {FEE_PLAN_STANDARD, FEE_REFUNDED, FEE_RETURN_SHARE},
    {FEE_PLAN_SMALL,    FEE_VOIDED,   FEE_RETURN_ALL},
    {FEE_PLAN_SMALL,    FEE_REFUNDED, FEE_RETURN_SHARE},
};
/* clang-format on */

enum fee_return fee_return_of(uint32_t plan, enum fee_reason reason)
{
    for (size_t i = 0; i < ARRAY_LEN(returns); i++)
        if (returns[i].plan == plan && returns[i].reason == reason) return returns[i].how;
    return plan == FEE_PLAN_STANDARD ? FEE_RETURN_NONE : fee_return_of(FEE_PLAN_STANDARD, reason);
}

/* fee * returned / amount, ties to the even fen. A fee is at most the amount, so 128 bits do. */
static int64_t share(int64_t fee_minor, int64_t amount_minor, int64_t returned_minor)
{
    __int128 twice = (__int128)fee_minor * returned_minor * 2;
    __int128 whole = twice / ((__int128)amount_minor * 2);
    __int128 rest = twice - whole * amount_minor * 2;
    bool up = rest > amount_minor || (rest == amount_minor && whole % 2 == 1);
    return (int64_t)(whole + (up ? 1 : 0));
}

int64_t fee_returned(enum fee_return how, int64_t fee_minor, int64_t amount_minor,
                     int64_t returned_minor)
{
    ENSURE(fee_minor >= 0 && amount_minor > 0 && returned_minor >= 0);
    ENSURE(returned_minor <= amount_minor && fee_minor <= amount_minor);
    if (how == FEE_RETURN_NONE) return 0;
    if (how == FEE_RETURN_ALL) return returned_minor > 0 ? fee_minor : 0;
    return share(fee_minor, amount_minor, returned_minor);
}

const struct fee_rule *fee_rules(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(rules);
    return rules;
}

static const struct fee_rule *latest(uint32_t plan, enum fee_class class, int64_t at_ms)
{
    const struct fee_rule *found = NULL;
    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        const struct fee_rule *rule = &rules[i];
        if (rule->plan != plan || rule->class != class || rule->from_ms > at_ms) continue;
        if (found == NULL || rule->from_ms >= found->from_ms) found = rule;
    }
    return found;
}

const struct fee_rule *fee_rule_for(uint32_t plan, enum fee_class class, int64_t at_ms)
{
    ENSURE(class < FEE_CLASSES);
    enum fee_class known = class == FEE_UNKNOWN ? FEE_CREDIT : class;
    int64_t at = at_ms > 0 ? at_ms : 0;
    const struct fee_rule *rule = latest(plan, known, at);
    if (rule == NULL) rule = latest(FEE_PLAN_STANDARD, known, at);
    ENSURE(rule != NULL);
    return rule;
}

const struct fee_rule *fee_rule_of(uint32_t version)
{
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        if (rules[i].version == version) return &rules[i];
    return NULL;
}

int64_t fee_amount(const struct fee_rule *rule, int64_t amount_minor)
{
    ENSURE(rule != NULL && amount_minor >= 0);
    ENSURE(rule->parts_per_million >= 0 && rule->parts_per_million <= 1000000);
    int64_t fee = money_rate_half_even(amount_minor, rule->parts_per_million);
    if (rule->cap_minor > 0 && fee > rule->cap_minor) fee = rule->cap_minor;
    ENSURE(fee >= 0 && fee <= amount_minor);
    return fee;
}
