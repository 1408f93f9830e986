/* SPDX-License-Identifier: Apache-2.0 */
/* The terms of payouts, oldest first. The figures are examples, not offers. */
#include "ledger/terms.h"

#include "lib/base/clock.h"
#include "lib/base/money.h"

/* clang-format off */
static const struct terms_rule rules[] = {
    /* version  way           from  ppm   fixed  minimum  hours */
    {801,       TERMS_NEXT_DAY, 0,  0,    0,     100,     0, 24},
    {802,       TERMS_SAME_DAY, 0,  2000, 100,   1000,    8, 22},  /* 0.20 % and 1.00 */
};
/* clang-format on */

const struct terms_rule *terms_rules(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(rules);
    return rules;
}

const struct terms_rule *terms_rule_for(enum terms_way way, int64_t at_ms)
{
    const struct terms_rule *found = NULL;
    ENSURE(way >= TERMS_NEXT_DAY && way < TERMS_WAYS);
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        if (rules[i].way == way && rules[i].from_ms <= (at_ms > 0 ? at_ms : 0) &&
            (found == NULL || rules[i].from_ms >= found->from_ms))
            found = &rules[i];
    ENSURE(found != NULL);
    return found;
}

const struct terms_rule *terms_rule_of(uint32_t version)
{
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        if (rules[i].version == version) return &rules[i];
    return NULL;
}

err terms_fee(const struct terms_rule *rule, int64_t due_minor, int64_t *ret_fee_minor)
{
    ENSURE(due_minor > 0);
    int64_t fee_minor =
        money_rate_half_even(due_minor, rule->parts_per_million) + rule->fixed_minor;
    if (due_minor - fee_minor < rule->minimum_minor) return ERR(RANGE);
    *ret_fee_minor = fee_minor;
    return OK;
}

bool terms_open(const struct terms_rule *rule, int64_t at_ms)
{
    struct civil local = civil_from_ms(at_ms + CLOCK_CHINA_OFFSET_MS);
    return local.hour >= rule->from_hour && local.hour < rule->to_hour;
}
