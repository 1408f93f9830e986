/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * reconcile: three ways to look at one day (S111): the terminals' batches, the host's journal, and
 * the file in which a network says what it charged (payment/clearing.h).
 *
 * Terminal and host are compared when a batch is closed (close.h). Here the journal is held against
 * the file: every row of the file has its payment, every payment of that day that stands has its
 * row, with one amount, state and fee. Each difference is one work item. How far the terminals have
 * come with the same payments is counted beside it.
 *
 * A payment belongs to the day that the network's answer named (field 15), or, when it named none,
 * to the business day of its approval. What has no decision yet (a reversal under way) is compared
 * as not standing.
 *
 * Reads the journal through its indexes and writes nothing: whoever is the writer of the journal
 * appends the items, and the row that says that the day is reconciled, once for each network and
 * day.
 */

#include "journal/close.h"
#include "payment/clearing.h"

/* Apply it after journal_close_schema, to the same store. */
extern const struct store_schema journal_reconcile_schema;

/* What issuer and network may keep of a payment, or what they give back with one that gives money
 * back: in fen, not below zero. */
struct reconcile_agreed {
    bool known; /* false: nobody has agreed anything, and nothing is compared */
    int64_t issuer_minor, network_minor, instalment_minor;
};

/* `row` is where it was approved. An error ends the walk. */
typedef err (*reconcile_agree)(void *context, const struct payment *payment, int64_t row,
                               struct reconcile_agreed *ret_agreed);

struct reconcile_file {
    struct clearing_head head;
    const struct clearing_row *row; /* in the order of their references, as clearing_parse() has */
    size_t rows;
    int version;           /* of the file; 1 says nothing of instalments and of what goes back */
    reconcile_agree agree; /* NULL: fees are not compared */
    void *agree_context;
};

struct reconcile_sums {
    int64_t matched;     /* payments that are the same here and there */
    int64_t differences; /* told to `each` */
    /* Of what stands here: its terminal has settled it and agreed, has settled it with work items,
     * or has not settled it yet. */
    int64_t settled, disputed_batch, unsettled;
    int64_t host_minor, network_minor; /* what stands: taken less given back */
    /* What was agreed about fees of what stands on both sides, less what goes back. */
    struct reconcile_agreed agreed;
};

/* Is told each difference: an item without `number` and `at_ms`. An error ends the walk. */
typedef err (*reconcile_each)(void *context, const struct journal_item *item);

/* CORRUPT: the journal makes no sense; otherwise those of lib/store and of `each`. */
MUST_USE err reconcile(struct store *store, const struct reconcile_file *file, reconcile_each each,
                       void *context, struct reconcile_sums *ret_sums);

/* ---- that it was done ---- */

struct journal_reconciled {
    int64_t number, at_ms;
    enum payment_route network;
    int32_t day;
    char digest[2 * CLEARING_DIGEST_BYTES + 1];
    int64_t rows, matched, differences;
    char actor[41];
};

/* EXISTS: this day of this network is reconciled. */
MUST_USE err journal_reconciled_append(struct store_tx *tx, const struct journal_reconciled *done);
/* NOT_FOUND. */
MUST_USE err journal_reconciled_find(struct store *store, enum payment_route network, int32_t day,
                                     struct journal_reconciled *out);
