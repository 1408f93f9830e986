/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy: may this be somebody's password? One engine for the keypad of a terminal and for the page
 * of a console, so that the two can never disagree.
 *
 * A struct policy is plain data: what one role on one model of device must keep to. It comes from a
 * document (policy_document.h), and no document can go below the floor that is compiled in
 * (policy_floor.c). policy_check() holds a candidate against it, the person whose password it is to
 * be, and a blocklist, and names every rule that is broken.
 *
 * Two kinds of secret, by role. A terminal's is an activation secret (NIST SP 800-63B-4 3.2.10):
 * short and of digits where need be, worth nothing without the device, and at most ten tries. A
 * console's is a password (3.1.1): long, since it is tried over a network.
 *
 * Nothing here has a clock, a store or a secret of its own. What a candidate leaves on the stack is
 * wiped.
 */

#include "lib/auth/blocklist.h"
#include "lib/auth/normalise.h"
#include "lib/auth/verdicts.h"
#include "lib/base/clock.h"
#include "lib/base/writer.h"

/* S47: the levels at a terminal, numbered as enum vault_role; then the people at a console. */
enum policy_role {
    POLICY_CASHIER = 1,
    POLICY_SUPERVISOR = 2,
    POLICY_ADMINISTRATOR = 3,
    POLICY_STAFF = 4,
    POLICY_OWNER = 5,
    POLICY_ROLE_END
};

enum policy_language { POLICY_EN, POLICY_ZH };

/* name, word in documents and on command lines. Stored in documents: words never change. */
#define POLICY_PROFILE_LIST(X)        \
    X(NUMERIC_FIXED, "numeric-fixed") \
    X(NUMERIC_ANY, "numeric-any")     \
    X(ALPHANUMERIC, "alphanumeric")   \
    X(PASSPHRASE, "passphrase")       \
    X(PIN_APPROVAL, "pin-approval")

#define POLICY_RULES_LIST(X) \
    X(DEFAULT, "default")    \
    X(DJBP_L3, "djbp-l3")    \
    X(PCI, "pci")            \
    X(NIST, "nist")          \
    X(UNIONPAY, "unionpay")

enum policy_profile {
#define X(name, word) POLICY_##name,
    POLICY_PROFILE_LIST(X)
#undef X
        POLICY_PROFILES
};

enum policy_rules {
#define X(name, word) POLICY_RULES_##name,
    POLICY_RULES_LIST(X)
#undef X
        POLICY_RULE_SETS
};

/* Bits of policy.classes: each that is set must be in the password. */
enum { POLICY_LETTER = 1, POLICY_DIGIT = 2, POLICY_SPECIAL = 4 };

/* S38: ways back in for who has forgotten. Bits of policy.recovery; the numbers are on a wire. */
enum {
    POLICY_BY_SUPERVISOR = 1,
    POLICY_BY_SMS = 2,
    POLICY_BY_MAIL = 4,
    POLICY_BY_SERVICE = 8,
    POLICY_BY_OFFLINE = 16,
    POLICY_RECOVERY_ALL = 31
};

/* What is typed: a number, or anything that is text. */
enum policy_keyboard { POLICY_KEYS_DIGITS, POLICY_KEYS_TEXT };

struct policy {
    enum policy_profile profile;
    enum policy_rules rules;
    enum policy_role role;
    enum policy_keyboard keyboard;
    uint8_t digit_keys;      /* digits that can be typed: 10, or 6 for 1 to 6 */
    uint8_t min, max;        /* code points after NFKC */
    uint8_t digits_only_min; /* so many when there are only digits; min where digits are usual */
    uint8_t classes;         /* POLICY_LETTER ... that must be there */
    uint8_t history;    /* so many passwords before this one are refused, the present included */
    uint32_t min_age_s; /* before the person may change it again; never in the way of a reset */
    uint16_t review_after_days; /* a reminder, or with `expires` the end */
    bool expires;               /* djbp-l3 only */
    uint8_t grace;              /* logins after the end, before nothing but a change is possible */
    uint8_t tries, quick;       /* lib/auth/attempts.h */
    uint32_t first_wait_ms;
    bool approval;        /* a paired phone must say yes too */
    bool second_factor;   /* of a console: another factor is asked for besides the password */
    uint8_t recovery;     /* POLICY_BY_... */
    uint16_t auto_lock_s; /* without a touch; the default of a setting */
};

enum { POLICY_NAMES_MAX = 8, POLICY_NUMBERS_MAX = 12, POLICY_NAME_BYTES = 120 };

/*
 * Who the password is for, as far as the caller knows: views that outlive the call. What is empty
 * or not known is left out. Nothing of it is kept or logged.
 */
struct policy_person {
    /* people's and shops' names, UTF-8: Chinese, pinyin or Latin; "张伟", "zhang wei" */
    struct bytes name[POLICY_NAMES_MAX];
    size_t names;
    /* numbers that others can read: phone, licence, identity card, serial, terminal, merchant */
    struct bytes number[POLICY_NUMBERS_MAX];
    size_t numbers;
    struct civil today; /* year 0: not known */
};

struct policy_result {
    enum policy_verdict first; /* what to tell when there is room for one */
    uint32_t broken;           /* bit 1 << verdict for every rule that is broken; 0: accepted */
};

/*
 * S11: never SAME, HISTORY, MISMATCH, TOO_YOUNG: those are for the caller, who alone has the
 * records. `candidate` is as typed: it is normalised here. Takes a time that depends on the
 * candidate: for choosing, not for verifying.
 */
struct policy_result policy_check(const struct policy *policy, const struct policy_person *person,
                                  const struct blocklist *blocklist, struct bytes candidate);

/*
 * The policy of a role on a model as compiled in; an unknown model has the generic one. Terminals
 * have the first three roles; staff and owner are of the model "CONSOLE". ENSUREs a role that the
 * model has.
 */
struct policy policy_of_model(struct bytes model, enum policy_role role);

/* What is wanted of a policy that comes from no document. */
struct policy_choice {
    enum policy_profile profile;
    enum policy_rules rules;
    enum policy_role role;
    bool second_factor; /* consoles only */
};

/* The values that a profile and a rule set stand for. False: not offered to this role. */
bool policy_make(struct policy_choice choice, struct policy *ret_policy);

/* --- review and expiry (S24, CR-06) --- */

enum policy_age {
    POLICY_AGE_FINE,
    POLICY_AGE_REMIND,     /* soon due: `reminder` 1 from 30 days before, 2 from 7 days before */
    POLICY_AGE_DUE,        /* `reminder` 3 from the day, 4 from 7 days after: review or change */
    POLICY_AGE_GRACE,      /* over, and grace_left logins remain; only where the policy expires */
    POLICY_AGE_MUST_CHANGE /* over: nothing but a change */
};

struct policy_review {
    enum policy_age age;
    uint8_t reminder;  /* 0 to 4; each is shown once: the caller keeps the last one shown */
    int32_t days_left; /* until it is due; negative after */
    uint8_t grace_left;
};

/*
 * `since_ms`: when it was set or, where it does not expire, when its owner last chose to keep it.
 * `grace_used`: logins since it was over. A clock before `since_ms` is taken for that moment.
 */
struct policy_review policy_review(const struct policy *policy, int64_t since_ms, int64_t now_ms,
                                   uint8_t grace_used);

/* May the person change it by himself already? A clock before `set_ms` never stands in the way. */
bool policy_old_enough(const struct policy *policy, int64_t set_ms, int64_t now_ms);

/* --- in words --- */

/* S19: the policy in plain lines, each ended by '\n': for `policy show`, manual and help screen. */
void policy_describe(const struct policy *policy, enum policy_language language, struct writer *w);

/* Never NULL, also for a number that is not in the list. */
const char *policy_verdict_text(enum policy_verdict verdict, enum policy_language language);
const char *policy_verdict_word(enum policy_verdict verdict);
const char *policy_profile_word(enum policy_profile profile);
const char *policy_rules_word(enum policy_rules rules);
const char *policy_role_word(enum policy_role role);
const char *policy_role_text(enum policy_role role, enum policy_language language);

/* False: no such word. */
bool policy_profile_of(struct bytes word, enum policy_profile *ret_profile);
bool policy_rules_of(struct bytes word, enum policy_rules *ret_rules);
bool policy_role_of(struct bytes word, enum policy_role *ret_role);
