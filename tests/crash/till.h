/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * till: a terminal of the tests that takes one payment after the other while the host is being
 * killed, in a process of its own. Whatever has no answer with a good MAC it reverses until that is
 * acknowledged, and only then goes on: afterwards it knows of every payment what became of it.
 */

#include <stdatomic.h>

#include "tests/protocol/pos.h"

enum { TILL_TEXT_MAX = 120 };

/* In memory that parent and till share. */
struct till_report {
    char tid[9];
    atomic_llong approved, approved_minor, by_code, declined, reversed; /* by_code: of approved */
    atomic_bool failed; /* it has seen what may never happen: `why` */
    char why[TILL_TEXT_MAX];
};

struct till {
    struct pos pos;
    const char *tray;        /* where a customer's telephone shows its code; NULL: cards only */
    const long *port;        /* where the acquirer is: the same after each start */
    const atomic_bool *stop; /* take no new payment; end when the last is decided */
    struct till_report *report;
    uint64_t seed;
};

/* Returns the exit status of the process. */
int till_run(struct till *till);
