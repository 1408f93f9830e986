/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* owed: what the acquirer's ledger says that a merchant has to get, or has to give back. */

#include "lib/base/err.h"

/* In fen. Below zero: he owes us. */
struct owed {
    int64_t payable_minor; /* posted, or still undecided */
    int64_t held_minor, transit_minor;
};

/* Read only, opened for this look. Errors: those of the ledger that is not there or not to be read.
 */
MUST_USE err owed_read(const char *ledger_path, const char *mid, struct owed *ret_owed);
