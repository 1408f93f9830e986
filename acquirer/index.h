/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * index: which place of a table belongs to a 64-bit key. Open addressing with linear probing, at
 * most half full; a removal moves the followers back, so there are no tombstones to clean up.
 *
 * The keys here are exact, not hashes of something longer: eight characters of a terminal id, or
 * terminal, batch and STAN packed (20 bits each), or the number of an RRN.
 */

#include "lib/base/err.h"

enum { INDEX_NONE = 0xffffffff };

struct index {
    struct index_slot {
        uint64_t key;
        uint32_t place; /* its complement, so that a zeroed slot is a free one */
    } * slot;
    uint32_t mask;
    uint32_t count, max;
};

/* Room for `max` keys. Takes memory: at start-up only. Errors: NO_MEMORY. */
MUST_USE err index_open(struct index *index, uint32_t max);
void index_close(struct index *index);

/* INDEX_NONE when the key is not there. */
uint32_t index_find(const struct index *index, uint64_t key);

/* The key must not be there, and there must be room: the table it belongs to has a limit. */
void index_add(struct index *index, uint64_t key, uint32_t place);

/* The key must be there. */
void index_move(struct index *index, uint64_t key, uint32_t place);
void index_remove(struct index *index, uint64_t key);
