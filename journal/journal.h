/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * journal: what happened to every payment, in order. The truth; everything else is a fold of it.
 *
 * One row for each step of a payment's life, numbered 1, 2, 3 ... without a gap, with the whole
 * record as it was after the step. Rows are only ever appended; triggers refuse the rest. There is
 * no random-keyed index: a repeat, a limit or a payment still open is answered from the acquirer's
 * memory, which is rebuilt from here at start-up, and a random-keyed index costs ten times the row.
 *
 * Never in a row, because struct payment cannot hold it: a clear PAN, a track, a PIN block, a
 * payment code. A mask that is no mask is a bug and stops the process.
 *
 * Limits: 2^63 rows, about 200 bytes each; measured 4 us of CPU a row at 100 rows a commit.
 */

#include "lib/store/migrate.h"
#include "payment/payment.h"

/* Apply it with store_migrate() to the store that holds the journal. */
extern const struct store_schema journal_schema;

struct journal_row {
    int64_t seq;
    int64_t at_ms; /* UTC, by the clock of the process that wrote it */
    enum payment_event event;
    struct payment payment; /* as it was after the event */
};

/*
 * Appends one row inside the caller's transaction and says its number. A rolled-back number is
 * given again, so that committed numbers have no gap. Errors: those of lib/store.
 */
MUST_USE err journal_append(struct store_tx *tx, const struct payment *payment,
                            enum payment_event event, int64_t at_ms, int64_t *ret_seq);

/*
 * Reads up to `max` rows from number `from_seq` on into `rows`; *ret_count below `max` means that
 * the end was reached. CORRUPT when a number is missing or a value is not one that we write.
 */
MUST_USE err journal_read(struct store *store, int64_t from_seq, struct journal_row *rows,
                          size_t max, size_t *ret_count);

/*
 * The same with only what the ledger wants to know of a payment: key, type, state, class, route,
 * mid, amount, currency, plan of fees, agreement and its signature; the rest of `rows` is zero.
 * Half the time of a whole row.
 */
MUST_USE err journal_read_money(struct store *store, int64_t from_seq, struct journal_row *rows,
                                size_t max, size_t *ret_count);

/*
 * Of the rows from `from_seq` to `to_seq` those that may have decided something (APPROVE, DECLINE,
 * REVERSE, REVERSAL_ACK), with only what figures want to know of a payment: terminal, type, state,
 * means, entry, class, mid, operator, amount, token, tip; the rest of `rows` is zero.
 * *ret_count below `max`: there are no more of them. A missing row is not noticed here: whoever
 * uses this stays behind the ledger's fold, which notices.
 */
MUST_USE err journal_read_decided(struct store *store, int64_t from_seq, int64_t to_seq,
                                  struct journal_row *rows, size_t max, size_t *ret_count);

/* The number of the last row, 0 when there is none. */
MUST_USE err journal_last(struct store *store, int64_t *ret_seq);
