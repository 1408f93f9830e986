/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cache: keys by the key block they came from, so that a block is opened once and not for every
 * message. A hit compares the whole block: who alters one bit of it has a miss, and the miss is
 * refused by its MAC. Bounded: a set that is full forgets its longest unused key.
 *
 * Lives in guarded memory, inside struct hsm. Which set a block falls in depends on a random value,
 * so that nobody can choose blocks that push each other out.
 */

#include "hsm/limits.h"
#include "lib/crypto/key.h"
#include "lib/crypto/keyblock.h"

struct hsm_cache_entry {
    uint64_t used; /* when last, counted in look-ups; 0: empty */
    struct key key;
    uint8_t block_len;
    uint8_t block[KEYBLOCK_MAX];
};

struct hsm_cache {
    uint64_t seed[2];
    uint64_t look_ups, misses;
    struct hsm_cache_entry entry[HSM_CACHE_SETS][HSM_CACHE_WAYS];
};

/* `cache` is zeroed memory. */
void hsm_cache_init(struct hsm_cache *cache, const struct random *random);

/*
 * The key of `block`, unwrapped under `keys` unless it is known. The view is good for this
 * command: the next three look-ups cannot push it out. Between commands keep nothing. Errors: those
 * of keyblock_unwrap.
 */
MUST_USE err hsm_cache_key(struct hsm_cache *cache, struct crypto *crypto,
                           const struct keyblock_keys *keys, struct bytes block,
                           const struct key **ret_key);
