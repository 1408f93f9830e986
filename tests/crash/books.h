/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* books: what each side has written down, read from its files when everything is quiet. */

#include "tests/protocol/programs.h"

/* Of the acquirer's journal: what became of each payment. */
struct journal_totals {
    int64_t rows, payments, approved, approved_minor, declined, reversed;
    int64_t undecided; /* neither approved, declined nor reversed yet */
};

/* `tid` NULL: of all terminals. Fails the test when the journal cannot be read. */
struct journal_totals books_journal(const char *acquirer, const char *tid);

/* What the networks owe us by the ledger; -1 while the fold is behind the journal. */
int64_t books_ledger_minor(const char *acquirer);

/* Of terminal.db: payments that it calls approved, their sum, and those that are not decided. */
struct terminal_totals {
    int64_t approved, approved_minor, undecided;
};
struct terminal_totals books_terminal(const char *terminal);
