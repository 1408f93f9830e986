/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * fold: the acquirer's journal into figures.db, beside its ledger.
 *
 * A payment counts when the ledger has booked it, on the business day and with the fee that the
 * ledger has: the journal says what it was (shop, terminal, operator, method), the ledger whether
 * it counts. So figures are never ahead of the ledger, and equal it to the fen; figures_check()
 * (check.h) proves it. What moves no money of the ledger (holds at an issuer, points, what was
 * declined) counts from the journal alone.
 *
 *   row of the journal            in the ledger      counts as
 *   APPROVE -> APPROVED           posted             FIGURE_PAID
 *   APPROVE -> APPROVED           of no account      FIGURE_PAID, when it holds or is points
 *   REVERSE, REVERSAL_ACK         undone again       FIGURE_TURNED, on the day of the undoing
 *   DECLINE -> DECLINED           nothing posted     FIGURE_DECLINED
 *
 * figures.db is a file of its own that can be thrown away and is folded again. How far it has come
 * stands in it and moves with every batch in one transaction: a crash repeats nothing and loses
 * nothing. One process writes it.
 *
 * A token is kept as a keyed hash of eight bytes, by shop and day, to tell who comes again; the key
 * is the caller's and stands elsewhere. With another key the file is refused (CONFIG).
 */

#include "lib/store/migrate.h"

struct figures_fold;

extern const struct store_schema figures_schema;

enum {
    FIGURES_KEY_BYTES = 16,
    FIGURES_ROWS_MAX_STEP = 1 << 19, /* journal rows in one transaction: catching up is bulk */
};

/* Lent by the caller: this folder has no hash. */
typedef uint64_t figures_hash(const uint8_t key[static FIGURES_KEY_BYTES], struct bytes token);

struct figures_config {
    enum store_mode mode;    /* of figures.db: one that writes */
    enum store_mode sources; /* of journal and ledger: STORE_READ_ONLY, or STORE_MEMORY in a test */
    const char *journal_path, *ledger_path, *figures_path;
    figures_hash *hash;
    const uint8_t *key;   /* FIGURES_KEY_BYTES; outlives the fold */
    int checkpoint_pages; /* 0: no checkpointer of its own (store.h) */
};

/* Errors: those of store.h with cause and remedy in `fault`, CONFIG. figures_fold_close(). */
MUST_USE err figures_fold_open(const struct figures_config *config, struct store_fault *fault,
                               struct figures_fold **ret_fold);
void figures_fold_close(struct figures_fold *fold); /* NULL is allowed */

/* Folds up to `max_rows` rows of the journal in one transaction and says how many it has passed: 0
 * is the end of what the ledger has. CORRUPT: the ledger has booked what the journal has not. */
MUST_USE err figures_fold_step(struct figures_fold *fold, size_t max_rows, size_t *ret_rows);

/* The number of the last journal row that counts. */
int64_t figures_fold_seq(const struct figures_fold *fold);
const char *figures_fold_error(const struct figures_fold *fold);

/* The store beneath: for store_set_fault(). A view. */
struct store *figures_fold_store(struct figures_fold *fold);

/* The same of a store that is only read. */
MUST_USE err figures_seq(struct store *figures, int64_t *ret_seq);
