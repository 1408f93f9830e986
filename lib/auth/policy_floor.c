/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What no policy may go below, whoever signed it. One function for each key of a document; each
 * says what is wrong with that key alone, so that the fault has a line.
 */
#include "lib/auth/policy_document.h"

enum {
    TEXT_MIN = 8,
    TEXT_MAX_LEAST = 64,        /* ASVS 6.2.9 */
    CONSOLE_MIN = 8,            /* N1: with a second factor */
    CONSOLE_MIN_ALONE = 15,     /* N1: without */
    CONSOLE_DIGITS_MIN = 20,    /* 66 bits */
    PCI_MIN = 12,               /* PCI DSS 8.3.6 */
    HISTORY_LEAST = 4,          /* PCI DSS 8.3.7 */
    HISTORY_MOST = 24,          /* each costs a hash of 25 ms when a password is changed */
    MIN_AGE_MOST_S = 7 * 86400, /* what somebody has seen must be changeable within a week */
    REVIEW_LEAST_DAYS = 30,     /* more often only teaches people to count up a digit */
    REVIEW_MOST_DAYS = 366,
    GRACE_MOST = 10,
    TRIES_LEAST = 3,
    TRIES_MOST = 10, /* N11 */
    WAIT_LEAST_MS = 1000,
    WAIT_MOST_MS = 3600000, /* N8 */
    AUTO_LOCK_LEAST_S = 15,
    AUTO_LOCK_MOST_S = 3600,
    CONSOLE_LOCK_MOST_S = 900, /* PCI DSS 8.2.8 */
};

static bool at_console(const struct policy *p)
{
    return p->role == POLICY_STAFF || p->role == POLICY_OWNER;
}

static bool numeric(const struct policy *p)
{
    return p->keyboard == POLICY_KEYS_DIGITS;
}

static enum policy_fault_kind fault_if(bool broken, enum policy_fault_kind kind)
{
    return broken ? kind : POLICY_FAULT_NONE;
}

/* `min` digits of this keypad make at least as many numbers as `decimals` decimal digits. */
static bool as_many_as(const struct policy *p, unsigned decimals)
{
    uint64_t wanted = 1, numbers = 1;
    for (unsigned i = 0; i < decimals; i++) wanted *= 10;
    for (unsigned i = 0; i < p->min && numbers < wanted; i++) numbers *= p->digit_keys;
    return numbers >= wanted;
}

static enum policy_fault_kind check_profile(const struct policy *p)
{
    bool short_numbers = p->profile == POLICY_NUMERIC_FIXED || p->profile == POLICY_PIN_APPROVAL;
    if (at_console(p) && short_numbers) return POLICY_FAULT_FLOOR;
    bool keypad = short_numbers || p->profile == POLICY_NUMERIC_ANY;
    return fault_if(keypad != numeric(p), POLICY_FAULT_PROFILE);
}

static unsigned console_least(const struct policy *p)
{
    if (numeric(p)) return CONSOLE_DIGITS_MIN;
    return p->second_factor ? CONSOLE_MIN : CONSOLE_MIN_ALONE;
}

static bool below_length(const struct policy *p)
{
    static const uint8_t decimals[POLICY_ROLE_END] = {
        [POLICY_CASHIER] = 4, [POLICY_SUPERVISOR] = 6, [POLICY_ADMINISTRATOR] = 8};
    if (at_console(p)) return p->min < console_least(p);
    if (!numeric(p)) return p->min < TEXT_MIN;
    /* Where the length is free it may not be as short as where a scheme has fixed it. */
    unsigned wanted = decimals[p->role];
    if (p->profile != POLICY_NUMERIC_FIXED && wanted < 6) wanted = 6;
    return !as_many_as(p, wanted);
}

static enum policy_fault_kind check_length(const struct policy *p)
{
    if (p->min == 0) return POLICY_FAULT_SKIPS;
    if (p->max < p->min || p->max > PASSWORD_TEXT_POINTS) return POLICY_FAULT_VALUE;
    if (p->profile == POLICY_NUMERIC_FIXED && p->min != p->max) return POLICY_FAULT_PROFILE;
    if (below_length(p)) return POLICY_FAULT_FLOOR;
    if (!numeric(p) && p->max < TEXT_MAX_LEAST) return POLICY_FAULT_FLOOR;
    bool pci = p->rules == POLICY_RULES_PCI && at_console(p);
    return fault_if(pci && p->min < PCI_MIN, POLICY_FAULT_RULES);
}

static enum policy_fault_kind check_digits_only(const struct policy *p)
{
    if (p->digits_only_min < p->min || p->digits_only_min > p->max) return POLICY_FAULT_VALUE;
    bool weak = at_console(p) && p->digits_only_min < CONSOLE_DIGITS_MIN;
    return fault_if(weak, POLICY_FAULT_FLOOR);
}

static enum policy_fault_kind check_classes(const struct policy *p)
{
    if (p->classes == 0) {
        bool asked = !numeric(p) && (p->rules == POLICY_RULES_DJBP_L3 ||
                                     (p->rules == POLICY_RULES_PCI && at_console(p)));
        return fault_if(asked, POLICY_FAULT_RULES);
    }
    if (numeric(p)) return POLICY_FAULT_PROFILE;
    if (p->rules == POLICY_RULES_NIST) return POLICY_FAULT_RULES;
    unsigned wanted = p->rules == POLICY_RULES_DJBP_L3
                          ? POLICY_LETTER | POLICY_DIGIT | POLICY_SPECIAL
                      : p->rules == POLICY_RULES_PCI && at_console(p) ? POLICY_LETTER | POLICY_DIGIT
                                                                      : 0;
    return fault_if((p->classes & wanted) != wanted, POLICY_FAULT_RULES);
}

static enum policy_fault_kind check_history(const struct policy *p)
{
    if (p->history > HISTORY_MOST) return POLICY_FAULT_VALUE;
    return fault_if(p->history < HISTORY_LEAST, POLICY_FAULT_FLOOR);
}

static enum policy_fault_kind check_min_age(const struct policy *p)
{
    return fault_if(p->min_age_s > MIN_AGE_MOST_S, POLICY_FAULT_FLOOR);
}

static enum policy_fault_kind check_review(const struct policy *p)
{
    return fault_if(p->review_after_days < REVIEW_LEAST_DAYS ||
                        p->review_after_days > REVIEW_MOST_DAYS,
                    POLICY_FAULT_FLOOR);
}

/* D3: only the classified protection of information systems ends a password by the calendar. */
static enum policy_fault_kind check_expires(const struct policy *p)
{
    return fault_if(p->expires != (p->rules == POLICY_RULES_DJBP_L3), POLICY_FAULT_RULES);
}

static enum policy_fault_kind check_grace(const struct policy *p)
{
    if (p->grace > GRACE_MOST) return POLICY_FAULT_FLOOR;
    return fault_if(p->grace > 0 && !p->expires, POLICY_FAULT_RULES);
}

static enum policy_fault_kind check_tries(const struct policy *p)
{
    if (p->tries > TRIES_MOST) return POLICY_FAULT_FLOOR;
    if (p->tries < TRIES_LEAST || p->quick == 0 || p->quick > p->tries) return POLICY_FAULT_VALUE;
    if (p->first_wait_ms < WAIT_LEAST_MS) return POLICY_FAULT_FLOOR;
    return fault_if(p->first_wait_ms > WAIT_MOST_MS, POLICY_FAULT_VALUE);
}

static enum policy_fault_kind check_approval(const struct policy *p)
{
    return fault_if(p->approval != (p->profile == POLICY_PIN_APPROVAL), POLICY_FAULT_PROFILE);
}

static enum policy_fault_kind check_second_factor(const struct policy *p)
{
    if (p->second_factor && !at_console(p)) return POLICY_FAULT_PROFILE;
    bool wanted = at_console(p) && p->rules == POLICY_RULES_DJBP_L3; /* 8.1.4.1 d */
    return fault_if(wanted && !p->second_factor, POLICY_FAULT_RULES);
}

/* Nobody stands above a supervisor at the counter. */
static enum policy_fault_kind check_recovery(const struct policy *p)
{
    bool above = (p->recovery & POLICY_BY_SUPERVISOR) != 0 && p->role != POLICY_CASHIER;
    return fault_if(above, POLICY_FAULT_PROFILE);
}

static enum policy_fault_kind check_auto_lock(const struct policy *p)
{
    unsigned most = at_console(p) ? CONSOLE_LOCK_MOST_S : AUTO_LOCK_MOST_S;
    return fault_if(p->auto_lock_s < AUTO_LOCK_LEAST_S || p->auto_lock_s > most,
                    POLICY_FAULT_FLOOR);
}

enum policy_fault_kind policy_floor(const struct policy *policy, enum policy_key *ret_key)
{
    ENSURE(policy->role > 0 && policy->role < POLICY_ROLE_END);
    ENSURE(policy->digit_keys == 10 || policy->digit_keys == 6);
    static enum policy_fault_kind (*const checks[POLICY_KEYS])(const struct policy *) = {
        [POLICY_KEY_PROFILE] = check_profile,
        [POLICY_KEY_LENGTH] = check_length,
        [POLICY_KEY_DIGITS_ONLY] = check_digits_only,
        [POLICY_KEY_CLASSES] = check_classes,
        [POLICY_KEY_HISTORY] = check_history,
        [POLICY_KEY_MIN_AGE] = check_min_age,
        [POLICY_KEY_REVIEW] = check_review,
        [POLICY_KEY_EXPIRES] = check_expires,
        [POLICY_KEY_GRACE] = check_grace,
        [POLICY_KEY_TRIES] = check_tries,
        [POLICY_KEY_APPROVAL] = check_approval,
        [POLICY_KEY_SECOND_FACTOR] = check_second_factor,
        [POLICY_KEY_RECOVERY] = check_recovery,
        [POLICY_KEY_AUTO_LOCK] = check_auto_lock,
    };
    for (enum policy_key key = 0; key < POLICY_KEYS; key++) {
        enum policy_fault_kind kind = checks[key] == NULL ? POLICY_FAULT_NONE : checks[key](policy);
        if (kind == POLICY_FAULT_NONE) continue;
        *ret_key = key;
        return kind;
    }
    return POLICY_FAULT_NONE;
}
