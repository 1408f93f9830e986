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
    ACCOUNT_NETWORK_COST,       /* owner: the network. What it and its issuers cost us */
    ACCOUNT_SUSPENSE,           /* owner: none. What a person has to look at */
    ACCOUNT_MERCHANT_HELD,      /* owner: the merchant. Held back, for a reason that was told him */
    ACCOUNT_MERCHANT_TRANSIT,   /* owner: the merchant. Paid out, not yet confirmed by the bank */
    ACCOUNT_BANK,               /* owner: none. Our account at the bank that pays out */
    ACCOUNT_ISSUER_FEE,         /* owner: the network. What issuers get of the merchants' fees */
    ACCOUNT_NETWORK_FEE,        /* owner: the network. What it gets of them itself */
    ACCOUNT_PAYOUT_INCOME,      /* owner: none. Fees for being paid on the same day */
    ACCOUNT_ADJUSTMENT,         /* owner: none. What corrections by hand cost us */
    ACCOUNT_INSTALMENT_FEE,     /* owner: the network. Issuers' fees for instalments, borne by
                                   merchants */

    /*
     * Of the books between a shop and its members (loyalty/), which have a file of their own: no
     * entry of a payment and no money order names them, and ledger.db has none of them.
     */
    ACCOUNT_POINTS,            /* owner: the member. Points that he may spend */
    ACCOUNT_POINTS_OWED,       /* owner: the member. Spent, and taken back by a refund since */
    ACCOUNT_POINTS_COST,       /* owner: the merchant. Points that it has given, less taken back */
    ACCOUNT_POINTS_SPENT,      /* owner: the merchant. Points that have paid */
    ACCOUNT_POINTS_EXPIRED,    /* owner: the merchant. Points that ran out */
    ACCOUNT_VALUE_TAKEN,       /* owner: the merchant. Money taken in for stored value */
    ACCOUNT_VALUE_PRINCIPAL,   /* owner: the member. Stored value that he has paid for */
    ACCOUNT_VALUE_BONUS,       /* owner: the member. Stored value that was given on top */
    ACCOUNT_VALUE_BONUS_COST,  /* owner: the merchant. What it has given on top */
    ACCOUNT_VALUE_SALES,       /* owner: the merchant. What was paid with stored value */
    ACCOUNT_CAMPAIGN_GRANT,    /* owner: the merchant. Budgets that it has set, of all campaigns */
    ACCOUNT_CAMPAIGN_BUDGET,   /* owner: the campaign. What is left of its budget */
    ACCOUNT_CAMPAIGN_ESCROW,   /* owner: the lease. The share that a device may give by itself */
    ACCOUNT_CAMPAIGN_DISCOUNT, /* owner: the campaign. What it has given */
    ACCOUNT_KINDS,
};

enum account_side { ACCOUNT_DEBIT, ACCOUNT_CREDIT };

/* One account for all, or one for each of these. */
enum account_owner {
    ACCOUNT_OWNER_NONE,
    ACCOUNT_OWNER_MERCHANT,
    ACCOUNT_OWNER_NETWORK,
    ACCOUNT_OWNER_MEMBER,
    ACCOUNT_OWNER_CAMPAIGN,
    ACCOUNT_OWNER_LEASE,
};

/* One row of the chart. */
struct account_row {
    const char *code;       /* "2100": asset 1, liability 2, income 4, cost 5 */
    const char *name;       /* "merchant payable" */
    enum account_side side; /* the side on which its balance normally stands */
    enum account_owner owner;
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
