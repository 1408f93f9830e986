/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * booked: what the ledger has booked with each row of the journal for its merchant, as a sequence
 * that is read beside the journal: for folds that know what a payment was and ask here whether it
 * counts, and what it cost.
 */

#include "lib/store/store.h"

/* All amounts are magnitudes: which way they went follows from the kind of the payment. */
struct ledger_booked {
    int64_t seq; /* of the journal row */
    bool turned; /* what was posted before is undone with it; otherwise it is posted */
    int64_t amount_minor;
    int64_t fee_minor; /* taken with money that came, given back with money that went */
    int64_t instalment_minor;
};

/* Reads up to `max` bookings of the rows from `from_seq` to `to_seq` in their order. Fewer than
 * `max`: there are no more. Money orders are not among them. */
MUST_USE err ledger_booked_read(struct store *ledger, int64_t from_seq, int64_t to_seq,
                                struct ledger_booked *rows, size_t max, size_t *ret_count);
