/* SPDX-License-Identifier: Apache-2.0 */
/* The chart of accounts. docs/accounts.md tells people the same. */
#include "ledger/account.h"

#include "lib/base/writer.h"

/* clang-format off */
static const struct account_row chart[ACCOUNT_KINDS] = {
    [ACCOUNT_NETWORK_RECEIVABLE] = {"1200", "network receivable", ACCOUNT_DEBIT,  true},
    [ACCOUNT_SUSPENSE]           = {"1900", "suspense",           ACCOUNT_DEBIT,  false},
    [ACCOUNT_MERCHANT_PAYABLE]   = {"2100", "merchant payable",   ACCOUNT_CREDIT, true},
    [ACCOUNT_FEE_INCOME]         = {"4100", "fee income",         ACCOUNT_CREDIT, false},
    [ACCOUNT_NETWORK_COST]       = {"5100", "network cost",       ACCOUNT_DEBIT,  true},
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
