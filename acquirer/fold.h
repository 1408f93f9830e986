/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * fold: journal rows and money orders into the ledger, off the hot path.
 *
 * The journal is the truth; the ledger is what follows from it by the chart of accounts. A fold has
 * its own handles on both stores, so the program runs it in a thread of its own and the hot path
 * never waits for it; the simulator calls it in line. How far it has come stands in the ledger's
 * store and moves in the same transaction as the entries: a crash repeats nothing and loses
 * nothing.
 */

#include "journal/journal.h"
#include "journal/order.h"
#include "ledger/fold.h"

struct fold;

/* What a row of the journal is to the ledger. Pure; whoever rebuilds a ledger uses the same. */
void fold_entry(const struct journal_row *row, struct ledger_entry *out);

/* What a money order is to the ledger: a row of the table in fold_order.c. Pure. */
void fold_order(const struct journal_order *order, struct ledger_entry *out);

/* Journal and orders as one sequence: after each row the orders that count after it. */
struct fold_reader;
/* A view of `journal`, which outlives the reader. NULL: no memory. */
struct fold_reader *fold_reader_new(struct store *journal);
void fold_reader_free(struct fold_reader *reader); /* NULL is allowed */
/* A ledger_source: `context` is the reader. */
MUST_USE err fold_read(void *context, struct ledger_position after, struct ledger_entry *entries,
                       size_t max, size_t *ret_count);

struct fold_config {
    enum store_mode mode;
    const char *journal_path, *ledger_path;
};

/* Errors: those of store.h, with cause and remedy in `fault`. */
MUST_USE err fold_open(const struct fold_config *config, struct store_fault *fault,
                       struct fold **ret_fold);
void fold_close(struct fold *fold); /* NULL is allowed */

/* Folds at most `max_rows` rows and orders in one transaction and says how many there were: 0 is
 * the end. */
MUST_USE err fold_step(struct fold *fold, size_t max_rows, size_t *ret_rows);

/* The number of the last journal row that has been folded. */
int64_t fold_seq(const struct fold *fold);

/* Cause and remedy of the last failure. */
const char *fold_error_text(const struct fold *fold);
