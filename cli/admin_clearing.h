/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A network's clearing file of a day, read whole, and what was agreed about its fees: for the
 * commands of `tongbao admin` that hold it against the books.
 */

#include "journal/reconcile.h"
#include "lib/wire/process.h"

struct admin_clearing {
    struct bytes file; /* mapped */
    struct clearing_head head;
    struct clearing_row *row;
    size_t rows;
    struct clearing_sums sums;
    char digest[2 * CLEARING_DIGEST_BYTES + 1];
    struct store *journal, *ledger; /* to read */
};

/*
 * `network` is card_network or wallet, `day` such as 2026-01-31, `state` the acquirer's directory.
 * CONFIG, NOT_FOUND, and those of clearing_parse() and store.h; `fault` says it.
 */
MUST_USE err admin_clearing_open(const char *network, const char *day, const char *file,
                                 const char *state, struct admin_clearing *out,
                                 struct process_fault *fault);
void admin_clearing_close(struct admin_clearing *clearing); /* for CLEANUP; a zeroed one is fine */

/* Which network is meant; NONE when there is none of this name. */
enum payment_route admin_network(const char *name);

/* Holds it against the journal, fees as the ledger has them. AGAIN: the ledger is not folded so
 * far. */
MUST_USE err admin_clearing_compare(struct admin_clearing *clearing, reconcile_each each,
                                    void *context, struct reconcile_sums *ret_sums,
                                    struct process_fault *fault);
