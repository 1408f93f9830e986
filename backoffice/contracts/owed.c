/* SPDX-License-Identifier: Apache-2.0 */
/* A file of its own: the ledger's accounts and those of people have the same name. */
#include "backoffice/contracts/owed.h"

#include "ledger/figures.h"
#include "lib/base/money.h"

err owed_read(const char *ledger_path, const char *mid, struct owed *ret_owed)
{
    const struct store_options options = {.mode = STORE_READ_ONLY};
    struct store *store = NULL;
    struct ledger_figures f;
    TRY(store_open(ledger_path, &options, NULL, &store));
    err read = ledger_figures(store, mid, CURRENCY_CNY, &f);
    store_close(store);
    TRY(read);
    /* What is undecided still counts: it is nobody's until it is. */
    int64_t undecided = f.coming_minor > f.going_minor ? f.coming_minor : f.going_minor;
    *ret_owed = (struct owed){.payable_minor = f.payable_minor != 0 ? f.payable_minor : undecided,
                              .held_minor = f.held_minor,
                              .transit_minor = f.transit_minor};
    return OK;
}
