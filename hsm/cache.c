/* SPDX-License-Identifier: Apache-2.0 */
/* A set-associative table with the least recently used entry of a set given up. */
#include "hsm/cache.h"

#include <assert.h>

static_assert((HSM_CACHE_SETS & (HSM_CACHE_SETS - 1)) == 0, "a mask chooses the set");
static_assert(KEYBLOCK_MAX <= UINT8_MAX, "block_len is one byte");
/* One command looks up at most five keys, and each must stay until its end. */
static_assert(HSM_CACHE_WAYS >= 4, "see hsm_cache_key");

void hsm_cache_init(struct hsm_cache *cache, const struct random *random)
{
    random_fill(random, cache->seed, sizeof cache->seed);
}

/*
 * A block ends in 32 hex digits of MAC, which nobody without the master key can choose; altered
 * ones are refused and never stored. Mixing those with the seed is enough to spread them.
 */
static size_t set_of(const struct hsm_cache *cache, struct bytes block)
{
    uint64_t tail[2];
    memcpy(tail, block.at + block.len - sizeof tail, sizeof tail);
    uint64_t mixed = (tail[0] ^ cache->seed[0]) * 0x9e3779b97f4a7c15u;
    mixed ^= mixed >> 29;
    mixed = (mixed ^ tail[1] ^ cache->seed[1]) * 0xbf58476d1ce4e5b9u;
    return (size_t)(mixed >> 32) & (HSM_CACHE_SETS - 1);
}

err hsm_cache_key(struct hsm_cache *cache, struct crypto *crypto, const struct keyblock_keys *keys,
                  struct bytes block, const struct key **ret_key)
{
    if (block.len < KEYBLOCK_HEADER_BYTES) return ERR(SHORT);
    if (block.len > KEYBLOCK_MAX) return ERR(LENGTH);
    struct hsm_cache_entry *set = cache->entry[set_of(cache, block)], *oldest = set;
    cache->look_ups++;
    for (struct hsm_cache_entry *e = set; e < set + HSM_CACHE_WAYS; e++) {
        if (e->used != 0 && e->block_len == block.len &&
            memcmp(e->block, block.at, block.len) == 0) {
            e->used = cache->look_ups;
            *ret_key = &e->key;
            return OK;
        }
        if (e->used < oldest->used) oldest = e;
    }

    cache->misses++;
    CLEANUP(key_wipe) struct key key = {0};
    TRY(keyblock_unwrap_derived(crypto, keys, block, &key));
    oldest->key = key;
    memcpy(oldest->block, block.at, block.len);
    oldest->block_len = (uint8_t)block.len;
    oldest->used = cache->look_ups;
    *ret_key = &oldest->key;
    return OK;
}
