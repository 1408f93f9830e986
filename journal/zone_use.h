/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * zone_use: which set of a zone's keys the acquirer uses (S120), beside the journal and in the same
 * transactions: what leaves under new keys leaves after the row that says so. Numbers are those of
 * registry/rotation.h. Who takes old keys away looks here first.
 */

#include "lib/store/store.h"

struct journal_zone_use {
    int64_t zone;                /* as the registry numbers them */
    int64_t number, switched_ms; /* number 0: nothing was ever changed */
    bool ended;                  /* the set before it is over: nothing is under way under it */
};

extern const struct store_schema journal_zone_use_schema;

MUST_USE err journal_zone_use_find(struct store *store, int64_t zone,
                                   struct journal_zone_use *ret_use);
MUST_USE err journal_zone_use_put(struct store_tx *tx, const struct journal_zone_use *use);
