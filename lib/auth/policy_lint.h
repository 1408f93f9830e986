/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy_lint: what each authority asks of passwords, held against a policy (D2). The authorities
 * contradict each other, so no policy satisfies all; here it is said which it does, instead of
 * claiming that it did. docs/policies.md tells why each rule set is as it is.
 */

#include "lib/auth/policy.h"

enum policy_lint { POLICY_SATISFIED, POLICY_VIOLATED, POLICY_NOT_APPLICABLE };

struct policy_lint_rule {
    const char *id;   /* "NIST N1", after the tables of the authorities */
    const char *text; /* what it asks, in a few words of our own */
    const char *text_zh;
};

/* {NULL} after the last. */
struct policy_lint_rule policy_lint_rule(size_t rule);

/* ENSUREs a rule that there is. */
enum policy_lint policy_lint(size_t rule, const struct policy *policy);

const char *policy_lint_word(enum policy_lint lint);

/* The policies that the matrix has as columns under one rule set: each profile at a terminal (the
 * cashier's, which is the least) and at a console (the owner's). */
enum { POLICY_LINT_COLUMNS_MAX = 2 * POLICY_PROFILES };
struct policy_lint_column {
    const char *place; /* "terminal", "console" */
    struct policy policy;
};
size_t policy_lint_columns(enum policy_rules rules,
                           struct policy_lint_column ret_column[POLICY_LINT_COLUMNS_MAX]);

/* The matrix of one rule set as lines of text. */
void policy_lint_write(enum policy_rules rules, struct writer *w);
