/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fee rules, oldest first. To change a rate, add rules with new versions and a moment from
 * which they hold; the rules that were are what old fees name.
 */
#include "ledger/fee.h"

/* clang-format off */
static const struct fee_rule built_in[] = {
    /* version  plan               class       from  ppm   cap     the first of each holds from ever */
    {101,       FEE_PLAN_STANDARD, FEE_DEBIT,  0,    5000, 2000},  /* 0.50 %, at most 20.00          */
    {102,       FEE_PLAN_STANDARD, FEE_CREDIT, 0,    6000, 0},     /* 0.60 %                         */
    {103,       FEE_PLAN_STANDARD, FEE_WALLET, 0,    3800, 0},     /* 0.38 %                         */
    {201,       FEE_PLAN_SMALL,    FEE_DEBIT,  0,    3800, 2000},  /* small businesses: 0.38 %       */
    {202,       FEE_PLAN_SMALL,    FEE_CREDIT, 0,    3800, 0},
    {203,       FEE_PLAN_SMALL,    FEE_WALLET, 0,    3800, 0},
    {104,       FEE_PLAN_STANDARD, FEE_FOREIGN, 0,   25000, 0},    /* 2.50 %                         */
    {204,       FEE_PLAN_SMALL,    FEE_FOREIGN, 0,   25000, 0},
};

static const struct fee_rule *rules = built_in;
static size_t rule_count = ARRAY_LEN(built_in);

/* Ceilings of issuer and network since September 2016; those of wallet and foreign are examples. */
static const struct fee_share_rule share_rules[] = {
    /* version  class       from  issuer       network, and as much again from the issuer */
    {901,       FEE_DEBIT,   0,   3500,  1300, 325,  325},   /* 0.35 % up to 13.00; 0.0325 % up to 3.25 */
    {902,       FEE_CREDIT,  0,   4500,  0,    325,  325},   /* 0.45 %; 0.0325 % up to 3.25             */
    {903,       FEE_WALLET,  0,   0,     0,    2000, 0},     /* a wallet is issuer and network in one   */
    {904,       FEE_FOREIGN, 0,   11000, 0,    4000, 0},
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

enum fee_return fee_return_of_instalment(enum fee_reason reason)
{
    static const enum fee_return how[FEE_REASONS] = {
        [FEE_TAKEN] = FEE_RETURN_NONE,
        [FEE_VOIDED] = FEE_RETURN_ALL,
        [FEE_REFUNDED] = FEE_RETURN_SHARE,
    };
    ENSURE(reason < FEE_REASONS);
    return how[reason];
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
    *ret_count = rule_count;
    return rules;
}

void fee_rules_use(const struct fee_rule *other, size_t count)
{
    ENSURE(other == NULL || count > 0);
    rules = other == NULL ? built_in : other;
    rule_count = other == NULL ? ARRAY_LEN(built_in) : count;
}

static const struct fee_rule *latest(uint32_t plan, enum fee_class class, int64_t at_ms)
{
    const struct fee_rule *found = NULL;
    for (size_t i = 0; i < rule_count; i++) {
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

static bool plan_known(uint32_t plan)
{
    for (size_t i = 0; i < rule_count; i++)
        if (rules[i].plan == plan) return true;
    return false;
}

const struct fee_rule *fee_rule_agreed(uint32_t plan, enum fee_class class, int64_t at_ms,
                                       int64_t signed_ms)
{
    ENSURE(class < FEE_CLASSES);
    int64_t as_of = signed_ms < at_ms ? signed_ms : at_ms;
    return latest(plan_known(plan) ? plan : FEE_PLAN_STANDARD,
                  class == FEE_UNKNOWN ? FEE_CREDIT : class, as_of > 0 ? as_of : 0);
}

struct fee_standing fee_standing_of(uint32_t plan, enum fee_class class, int64_t at_ms,
                                    int64_t signed_ms)
{
    return (struct fee_standing){.now = fee_rule_for(plan, class, at_ms),
                                 .agreed = fee_rule_agreed(plan, class, at_ms, signed_ms)};
}

const struct fee_rule *fee_rule_of(uint32_t version)
{
    for (size_t i = 0; i < rule_count; i++)
        if (rules[i].version == version) return &rules[i];
    return NULL;
}

/* A rate of an amount, half-even, up to a cap. */
static int64_t capped(int64_t amount_minor, int64_t parts_per_million, int64_t cap_minor)
{
    int64_t minor = money_rate_half_even(amount_minor, parts_per_million);
    return cap_minor > 0 && minor > cap_minor ? cap_minor : minor;
}

int64_t fee_amount(const struct fee_rule *rule, int64_t amount_minor)
{
    ENSURE(rule != NULL && amount_minor >= 0);
    ENSURE(rule->parts_per_million >= 0 && rule->parts_per_million <= 1000000);
    int64_t fee = capped(amount_minor, rule->parts_per_million, rule->cap_minor);
    ENSURE(fee >= 0 && fee <= amount_minor);
    return fee;
}

const struct fee_share_rule *fee_share_rules(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(share_rules);
    return share_rules;
}

const struct fee_share_rule *fee_share_rule_for(enum fee_class class, int64_t at_ms)
{
    ENSURE(class < FEE_CLASSES);
    enum fee_class known = class == FEE_UNKNOWN ? FEE_CREDIT : class;
    int64_t at = at_ms > 0 ? at_ms : 0;
    const struct fee_share_rule *found = NULL;
    for (size_t i = 0; i < ARRAY_LEN(share_rules); i++) {
        const struct fee_share_rule *rule = &share_rules[i];
        if (rule->class != known || rule->from_ms > at) continue;
        if (found == NULL || rule->from_ms >= found->from_ms) found = rule;
    }
    ENSURE(found != NULL);
    return found;
}

struct fee_shares fee_shares_of(const struct fee_share_rule *rule, int64_t amount_minor,
                                int64_t fee_minor)
{
    ENSURE(rule != NULL && amount_minor >= 0 && fee_minor >= 0 && fee_minor <= amount_minor);
    struct fee_shares shares = {
        .issuer_minor = capped(amount_minor, rule->issuer_ppm, rule->issuer_cap_minor),
        .network_minor = capped(amount_minor, rule->network_ppm, rule->network_cap_minor),
    };
    if (rule->issuer_ppm > 0) shares.network_of_issuer_minor = shares.network_minor;
    shares.acquirer_minor = fee_minor - shares.issuer_minor - shares.network_minor;
    return shares;
}
