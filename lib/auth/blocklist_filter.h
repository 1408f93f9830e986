/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * blocklist_filter: the arithmetic that the program and its build tool share. A binary fuse filter
 * (Graf and Lemire, "Binary fuse filters: fast and smaller than xor filters", 2022): an entry's
 * hash names three places, one in each of three neighbouring segments, and a fingerprint of 16
 * bits, and the three values there XOR to the fingerprint. What was not put in passes once in
 * 65,536.
 */

#include "lib/base/bytes.h"

struct blocklist {
    uint64_t seed;
    uint32_t segment; /* places in one; a power of two */
    uint32_t starts;  /* places that the first of the three may have */
    const uint16_t *fingerprint;
    uint32_t fingerprints;
    uint32_t entries;              /* what was put in, for who wants to know */
    uint32_t version;              /* of the file that it came in; 0: compiled in */
    const struct blocklist *floor; /* another whose words are refused as well; NULL: none */
};

/* The finaliser of MurmurHash3: every bit of the input moves every bit of the output. */
static inline uint64_t blocklist_mix(uint64_t h)
{
    h ^= h >> 33;
    h *= UINT64_C(0xff51afd7ed558ccd);
    h ^= h >> 33;
    h *= UINT64_C(0xc4ceb9fe1a85ec53);
    return h ^ h >> 33;
}

/* FNV-1a over the bytes. Nobody gains by making two words collide, so no key is needed. */
static inline uint64_t blocklist_word(struct bytes word)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < word.len; i++) h = (h ^ word.at[i]) * UINT64_C(0x100000001b3);
    return h;
}

struct blocklist_place {
    uint32_t at[3];
    uint16_t fingerprint;
};

static inline struct blocklist_place blocklist_place(const struct blocklist *b, uint64_t word)
{
    uint64_t h = blocklist_mix(word + b->seed);
    uint32_t mask = b->segment - 1;
    uint32_t first = (uint32_t)((unsigned __int128)h * b->starts >> 64);
    return (struct blocklist_place){
        .at = {first, (first + b->segment) ^ ((uint32_t)(h >> 18) & mask),
               (first + 2 * b->segment) ^ ((uint32_t)h & mask)},
        .fingerprint = (uint16_t)(h ^ h >> 32),
    };
}
