/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a profile and a rule set stand for, in numbers. Where the authorities contradict each other
 * (docs/policies.md has the table) the default follows NIST SP 800-63B-4 and OWASP ASVS 5.0: length
 * and a blocklist instead of classes and changes by the calendar. The other rule sets are for who
 * must show that another text is kept to.
 */
#include "lib/auth/policy.h"

enum {
    REVIEW_DAYS = 180, /* the guide's six months */
    HISTORY = 4,       /* PCI DSS 8.3.7 */
    HISTORY_DJBP = 8,
    MIN_AGE_DJBP_S = 24 * 3600, /* or eight changes in a row would give the old one back */
    GRACE_DJBP = 3,
    DIGITS_AT_CONSOLE = 20, /* 66 bits: digits are allowed anywhere when there are enough of them */
};

static bool at_console(enum policy_role role)
{
    return role == POLICY_STAFF || role == POLICY_OWNER;
}

struct length {
    uint8_t min, max;
};

/* 0: not offered. */
static struct length terminal_length(struct policy_choice choice)
{
    bool administrator = choice.role == POLICY_ADMINISTRATOR;
    switch (choice.profile) {
    case POLICY_NUMERIC_FIXED:
        if (administrator) return (struct length){8, 8};
        /* Four is what N11 of NIST allows at the least, six what it advises. */
        if (choice.role == POLICY_CASHIER && choice.rules != POLICY_RULES_NIST)
            return (struct length){4, 4};
        return (struct length){6, 6};
    case POLICY_NUMERIC_ANY:
        return (struct length){administrator ? 8 : 6, 32};
    case POLICY_PIN_APPROVAL:
        return (struct length){administrator ? 8 : 6, 12};
    case POLICY_ALPHANUMERIC:
        return (struct length){8, 64};
    case POLICY_PASSPHRASE:
        return (struct length){15, PASSWORD_TEXT_POINTS};
    case POLICY_PROFILES:
        break;
    }
    return (struct length){0, 0};
}

static struct length console_length(struct policy_choice choice)
{
    uint8_t min = choice.second_factor ? 12 : 15;
    switch (choice.profile) {
    case POLICY_NUMERIC_ANY:
        return (struct length){DIGITS_AT_CONSOLE, PASSWORD_TEXT_POINTS};
    case POLICY_ALPHANUMERIC:
    case POLICY_PASSPHRASE:
        return (struct length){min, PASSWORD_TEXT_POINTS};
    case POLICY_NUMERIC_FIXED:
    case POLICY_PIN_APPROVAL: /* short numbers are tried over the network in no time */
    case POLICY_PROFILES:
        break;
    }
    return (struct length){0, 0};
}

static uint8_t classes_of(struct policy_choice choice)
{
    bool text = choice.profile == POLICY_ALPHANUMERIC || choice.profile == POLICY_PASSPHRASE;
    if (!text || choice.rules == POLICY_RULES_NIST) return 0;
    if (choice.profile == POLICY_ALPHANUMERIC || choice.rules == POLICY_RULES_DJBP_L3)
        return POLICY_LETTER | POLICY_DIGIT | POLICY_SPECIAL;
    return choice.rules == POLICY_RULES_PCI && at_console(choice.role)
               ? POLICY_LETTER | POLICY_DIGIT
               : 0;
}

static void put_terminal(struct policy *policy)
{
    static const struct {
        uint8_t recovery;
        uint16_t auto_lock_s;
    } by_role[] = {
        [POLICY_CASHIER] = {POLICY_BY_SUPERVISOR | POLICY_BY_SMS, 300},
        [POLICY_SUPERVISOR] = {POLICY_BY_SMS | POLICY_BY_MAIL | POLICY_BY_SERVICE |
                                   POLICY_BY_OFFLINE,
                               120},
        [POLICY_ADMINISTRATOR] = {POLICY_BY_SERVICE | POLICY_BY_OFFLINE, 60},
    };
    policy->tries = 10;
    policy->quick = 3;
    policy->first_wait_ms = 1000;
    policy->recovery = by_role[policy->role].recovery;
    policy->auto_lock_s = by_role[policy->role].auto_lock_s;
}

static void put_console(struct policy *policy, bool second_factor)
{
    policy->tries = 10;
    policy->quick = 5;
    policy->first_wait_ms = 30000;
    policy->recovery = policy->role == POLICY_STAFF
                           ? POLICY_BY_SERVICE
                           : POLICY_BY_SMS | POLICY_BY_MAIL | POLICY_BY_SERVICE;
    policy->auto_lock_s = 900; /* PCI DSS 8.2.8 */
    policy->second_factor = second_factor;
    policy->digits_only_min = DIGITS_AT_CONSOLE;
}

static void put_rules(struct policy *policy)
{
    policy->history = HISTORY;
    policy->review_after_days = REVIEW_DAYS;
    if (policy->rules != POLICY_RULES_DJBP_L3) return;
    policy->history = HISTORY_DJBP;
    policy->min_age_s = MIN_AGE_DJBP_S;
    policy->expires = true;
    policy->grace = GRACE_DJBP;
}

bool policy_make(struct policy_choice choice, struct policy *ret_policy)
{
    ENSURE(choice.role > 0 && choice.role < POLICY_ROLE_END);
    bool console = at_console(choice.role);
    struct length length = console ? console_length(choice) : terminal_length(choice);
    if (length.min == 0) return false;
    /* GB/T 22239 8.1.4.1 d: two factors. */
    if (console && choice.rules == POLICY_RULES_DJBP_L3 && !choice.second_factor) return false;
    bool text = choice.profile == POLICY_ALPHANUMERIC || choice.profile == POLICY_PASSPHRASE;
    struct policy policy = {
        .profile = choice.profile,
        .rules = choice.rules,
        .role = choice.role,
        .keyboard = text ? POLICY_KEYS_TEXT : POLICY_KEYS_DIGITS,
        .digit_keys = 10,
        .min = length.min,
        .max = length.max,
        .digits_only_min = length.min,
        .classes = classes_of(choice),
        .approval = choice.profile == POLICY_PIN_APPROVAL,
    };
    put_rules(&policy);
    if (console) put_console(&policy, choice.second_factor);
    else put_terminal(&policy);
    *ret_policy = policy;
    return true;
}
