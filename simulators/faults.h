/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * faults: what a test or a person may have the SMS gateway and the mail server do wrong, for as
 * many of the next requests as is said. Set through the tray.
 */

#include "lib/base/bytes.h"

enum fault {
    FAULT_NONE,
    FAULT_DOWN,      /* mail: connections are closed without a word. SMS: 503. Nothing is taken */
    FAULT_SLOW,      /* taken at once, answered `delay_ms` later */
    FAULT_TEMPORARY, /* mail: 451 to MAIL. SMS: "later". Nothing is taken */
    FAULT_REFUSED,   /* mail: 550 to RCPT. SMS: "refused" */
    FAULT_BROKEN,    /* mail: 554 to the whole message. SMS: taken, and 500 */
    FAULT_WRONG,     /* SMS: taken, and an answer with another id */
    FAULT_DOUBLED,   /* SMS: taken, and the answer stands in the body twice */
    FAULTS,
};

enum { FAULT_DELAY_MAX_MS = 60000 };

struct fault_plan {
    enum fault fault;
    int64_t count; /* requests it still holds for */
    unsigned delay_ms;
};

/* The fault of this request, which it is then counted for. */
static inline enum fault fault_take(struct fault_plan *plan)
{
    if (plan->count <= 0) return FAULT_NONE;
    plan->count--;
    return plan->fault;
}

static const char *const fault_names[FAULTS] = {"none",    "down",   "slow",  "temporary",
                                                "refused", "broken", "wrong", "doubled"};
