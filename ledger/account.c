/* SPDX-License-Identifier: Apache-2.0 */
/* The chart of accounts. docs/accounts.md tells people the same. */
#include "ledger/account.h"

#include "lib/base/writer.h"

/* clang-format off */
static const struct account_row chart[ACCOUNT_KINDS] = {
    [ACCOUNT_BANK]               = {"1100", "bank",                ACCOUNT_DEBIT,  ACCOUNT_OWNER_NONE},
    [ACCOUNT_NETWORK_RECEIVABLE] = {"1200", "network receivable",  ACCOUNT_DEBIT,  ACCOUNT_OWNER_NETWORK},
    [ACCOUNT_SUSPENSE]           = {"1900", "suspense",            ACCOUNT_DEBIT,  ACCOUNT_OWNER_NONE},
    [ACCOUNT_MERCHANT_PAYABLE]   = {"2100", "merchant payable",    ACCOUNT_CREDIT, ACCOUNT_OWNER_MERCHANT},
    [ACCOUNT_MERCHANT_HELD]      = {"2110", "merchant held",       ACCOUNT_CREDIT, ACCOUNT_OWNER_MERCHANT},
    [ACCOUNT_MERCHANT_TRANSIT]   = {"2120", "payout in transit",   ACCOUNT_CREDIT, ACCOUNT_OWNER_MERCHANT},
    [ACCOUNT_ISSUER_FEE]         = {"2210", "issuer fee payable",  ACCOUNT_CREDIT, ACCOUNT_OWNER_NETWORK},
    [ACCOUNT_NETWORK_FEE]        = {"2220", "network fee payable", ACCOUNT_CREDIT, ACCOUNT_OWNER_NETWORK},
    [ACCOUNT_INSTALMENT_FEE]     = {"2230", "instalment fee payable", ACCOUNT_CREDIT, ACCOUNT_OWNER_NETWORK},
    [ACCOUNT_FEE_INCOME]         = {"4100", "fee income",          ACCOUNT_CREDIT, ACCOUNT_OWNER_NONE},
    [ACCOUNT_PAYOUT_INCOME]      = {"4200", "payout fee income",   ACCOUNT_CREDIT, ACCOUNT_OWNER_NONE},
    [ACCOUNT_NETWORK_COST]       = {"5100", "network cost",        ACCOUNT_DEBIT,  ACCOUNT_OWNER_NETWORK},
    [ACCOUNT_ADJUSTMENT]         = {"5200", "adjustments",         ACCOUNT_DEBIT,  ACCOUNT_OWNER_NONE},
    [ACCOUNT_VALUE_TAKEN]        = {"1310", "stored value taken",  ACCOUNT_DEBIT,  ACCOUNT_OWNER_MERCHANT},
    [ACCOUNT_CAMPAIGN_GRANT]     = {"1320", "campaign grant",      ACCOUNT_DEBIT,  ACCOUNT_OWNER_MERCHANT},
    [ACCOUNT_POINTS_OWED]        = {"1330", "points owed",         ACCOUNT_DEBIT,  ACCOUNT_OWNER_MEMBER},
    [ACCOUNT_POINTS]             = {"2310", "points",              ACCOUNT_CREDIT, ACCOUNT_OWNER_MEMBER},
    [ACCOUNT_VALUE_PRINCIPAL]    = {"2320", "stored value",        ACCOUNT_CREDIT, ACCOUNT_OWNER_MEMBER},
    [ACCOUNT_VALUE_BONUS]        = {"2330", "stored value bonus",  ACCOUNT_CREDIT, ACCOUNT_OWNER_MEMBER},
    [ACCOUNT_CAMPAIGN_BUDGET]    = {"2340", "campaign budget",     ACCOUNT_CREDIT, ACCOUNT_OWNER_CAMPAIGN},
    [ACCOUNT_CAMPAIGN_ESCROW]    = {"2350", "campaign escrow",     ACCOUNT_CREDIT, ACCOUNT_OWNER_LEASE},
    [ACCOUNT_POINTS_SPENT]       = {"4310", "points spent",        ACCOUNT_CREDIT, ACCOUNT_OWNER_MERCHANT},
    [ACCOUNT_POINTS_EXPIRED]     = {"4320", "points expired",      ACCOUNT_CREDIT, ACCOUNT_OWNER_MERCHANT},
    [ACCOUNT_VALUE_SALES]        = {"4330", "stored value sales",  ACCOUNT_CREDIT, ACCOUNT_OWNER_MERCHANT},
    [ACCOUNT_CAMPAIGN_DISCOUNT]  = {"4340", "discounts given",     ACCOUNT_CREDIT, ACCOUNT_OWNER_CAMPAIGN},
    [ACCOUNT_POINTS_COST]        = {"5310", "points cost",         ACCOUNT_DEBIT,  ACCOUNT_OWNER_MERCHANT},
    [ACCOUNT_VALUE_BONUS_COST]   = {"5320", "bonus cost",          ACCOUNT_DEBIT,  ACCOUNT_OWNER_MERCHANT},
};
/* clang-format on */

const struct account_row *account_row(enum account_kind kind)
{
    ENSURE(kind > ACCOUNT_NONE && kind < ACCOUNT_KINDS);
    return &chart[kind];
}

void account_text(const struct account *account, char out[static ACCOUNT_TEXT_MAX])
{
    struct writer w = writer_over(out, ACCOUNT_TEXT_MAX - 1);
    write_format(&w, "%s-%s%s%03u", account_row(account->kind)->code, account->owner,
                 account->owner[0] == '\0' ? "" : "-", account->currency);
    ENSURE(w.fault == ERR_OK);
    out[w.len] = '\0';
}
