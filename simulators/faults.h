/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * faults: what a test or a person may have the SMS gateway, the mail server and the wallets'
 * interfaces do wrong, for as many of the next requests as is said. Set through the tray. A wallet
 * has two plans: one for its answers, one for the notices that it sends.
 */

#include "lib/base/bytes.h"

enum fault {
    FAULT_NONE,
    FAULT_DOWN,      /* mail, wallet: connections are closed without a word; notice: never sent,
                        and counted as sent. SMS: 503. Nothing is taken */
    FAULT_SLOW,      /* taken at once, answered (notice: sent) `delay_ms` later */
    FAULT_TEMPORARY, /* mail: 451 to MAIL. SMS: "later". Wallet: a system error. Nothing is taken */
    FAULT_REFUSED,   /* mail: 550 to RCPT. SMS: "refused". Wallet: not allowed to this merchant */
    FAULT_BROKEN,    /* mail: 554 to the whole message. SMS, wallet: taken, and 500 */
    FAULT_WRONG,     /* SMS: taken, and an answer with another id. Wallet, notice: another amount */
    FAULT_DOUBLED,   /* SMS, wallet: taken, and the answer stands in the body twice; notice: sent
                        twice at once */
    FAULT_UNKNOWN,   /* wallet: taken, and "system error, result unknown", signed */
    FAULT_SILENT,    /* wallet: taken, and no answer ever */
    FAULT_FORGED,    /* wallet, notice: signed with another text */
    FAULT_GARBAGE,   /* wallet, notice: bytes that are nothing */
    FAULT_CUT,       /* wallet: taken, and the connection ends in the middle of the answer */
    FAULT_SEALED,    /* wallet, notice: what is sealed in it is under another key */
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

static const char *const fault_names[FAULTS] = {
    "none",    "down",    "slow",   "temporary", "refused", "broken", "wrong",
    "doubled", "unknown", "silent", "forged",    "garbage", "cut",    "sealed"};
