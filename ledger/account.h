/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * account: the chart of accounts, and what an account is.
 *
 * Amounts are int64 minor units, never negative; a balance is the difference of two of them. The
 * rows of the chart are in account.c, each with its normal side and its meaning; docs explain them
 * to people. An account is one kind, one owner and one currency.
 */

#include "lib/base/bytes.h"
#include "lib/base/err.h"

/* On disk: added to, never renumbered. */
enum account_kind {
    ACCOUNT_NONE,
    ACCOUNT_MERCHANT_PAYABLE,   /* owner: the merchant. What we owe it for approved payments */
    ACCOUNT_NETWORK_RECEIVABLE, /* owner: the network or wallet. What it owes us for them */
    ACCOUNT_FEE_INCOME,         /* owner: none. Our fees, taken from what the merchant gets */
    ACCOUNT_NETWORK_COST,       /* owner: the network. What it keeps of what it owes us */
    ACCOUNT_SUSPENSE,           /* owner: none. What a person has to look at */
    ACCOUNT_KINDS,
};

enum account_side { ACCOUNT_DEBIT, ACCOUNT_CREDIT };

/* One row of the chart. */
struct account_row {
    const char *code;       /* "2100": asset 1, liability 2, income 4, cost 5 */
    const char *name;       /* "merchant payable" */
    enum account_side side; /* the side on which its balance normally stands */
    bool owned;             /* one account for each owner, or one for all */
};

/* The row of a kind; ENSURE on ACCOUNT_NONE. */
const struct account_row *account_row(enum account_kind kind);

enum { ACCOUNT_OWNER_MAX = 15, ACCOUNT_TEXT_MAX = 32 };

struct account {
    int64_t id; /* 1, 2, 3 ... in the order of first use, so a rebuilt ledger numbers alike */
    enum account_kind kind;
    uint16_t currency;
    bool debits_limited; /* debits, held or posted, must not exceed posted credits */
    char owner[ACCOUNT_OWNER_MAX + 1];
    int64_t debits_pending, debits_posted;
    int64_t credits_pending, credits_posted;
};

/* "2100-898310153110001-156", for people and messages. `out` gets ACCOUNT_TEXT_MAX bytes. */
void account_text(const struct account *account, char out[static ACCOUNT_TEXT_MAX]);
