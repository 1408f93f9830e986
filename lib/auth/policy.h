/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy: may this be somebody's password at the terminal? Digits only, since the keypad has no
 * more; a length by role; nothing that is guessed first. The verdict names the rule, so that the
 * screen can say what to do instead.
 *
 * The rules are checked in the order of the enum, and the first that is broken is the verdict.
 * POLICY_SAME is for the caller, who alone can compare with the stored record.
 */

#include "lib/base/bytes.h"

/* S47: the three levels. The numbers are those of enum vault_role. */
enum policy_role { POLICY_CASHIER = 1, POLICY_SUPERVISOR = 2, POLICY_ADMINISTRATOR = 3 };

/* name, what the screen and `policy show` say of it */
#define POLICY_VERDICT_LIST(X)                                                   \
    X(OK, "accepted")                                                            \
    X(NOT_DIGITS, "only digits can be entered here")                             \
    X(TOO_SHORT, "too few digits for this role")                                 \
    X(TOO_LONG, "too many digits")                                               \
    X(REPEATS, "repeats a digit or a group of digits")                           \
    X(RUN, "counts up or down")                                                  \
    X(DATE, "is or contains a date")                                             \
    X(PUBLISHED, "is a published default or among the first that are guessed")   \
    X(OWN_NUMBER, "is part of a number printed on the terminal or its receipts") \
    X(SAME, "is the password that it replaces")

enum policy_verdict {
#define X(name, text) POLICY_##name,
    POLICY_VERDICT_LIST(X)
#undef X
        POLICY_VERDICTS
};

enum { POLICY_DIGITS_MAX = 12, POLICY_NUMBERS_MAX = 8 };

struct policy {
    uint8_t min, max; /* digits */
};

/* Numbers that anybody near the terminal can read: terminal, merchant and serial number. */
struct policy_context {
    struct bytes number[POLICY_NUMBERS_MAX]; /* text; only its digits are looked at */
    size_t count;
};

/* Cashier and supervisor 6 to 12 digits, administrator 8 to 12. */
struct policy policy_for(enum policy_role role);

/* Never SAME. Takes a time that depends on the candidate: for choosing, not for verifying. */
enum policy_verdict policy_check(struct policy policy, const struct policy_context *context,
                                 struct bytes candidate);

/* A clause without a full stop. Never NULL. */
const char *policy_verdict_text(enum policy_verdict verdict);
