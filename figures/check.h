/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * check: are the figures what the ledger says, and what a fold of today makes of the journal?
 */

#include "figures/fold.h"

struct figures_difference {
    bool same;
    int64_t seq;      /* up to which row of the journal both were compared */
    size_t compared;  /* days of shops, or rows */
    size_t differing; /* of them */
    char text[200];   /* the first that differs */
};

/*
 * Compares every shop's every business day with the lines that the ledger has of it: what was
 * taken, given back, turned, and fees, in numbers and to the fen. What the ledger has folded after
 * the figures' last row is left out. Both stores are read, of one moment each.
 */
MUST_USE err figures_check(struct store *figures, struct store *ledger,
                           struct figures_difference *ret_difference);

/*
 * Folds the journal again into a store in memory, as far as the figures have come, and compares
 * every row: rollups and visits as well. `config` names the sources and the key; its figures are
 * not opened.
 */
MUST_USE err figures_rebuild_compare(struct store *figures, const struct figures_config *config,
                                     struct store_fault *fault,
                                     struct figures_difference *ret_difference);
