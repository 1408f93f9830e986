/* SPDX-License-Identifier: Apache-2.0 */
/* Open addressing over exact 64-bit keys. */
#include "acquirer/index.h"

#include <stdlib.h>

enum { NEIGHBOURS = 8 };

/*
 * Finalizer of splitmix64 over all but the last three bits: a terminal's consecutive STANs share
 * two cache lines, and a page that is new serves more than one payment; without that, the first
 * touch of a page cost the acquirer 4 % of its time. Blocks of neighbours are spread at random.
 */
static uint32_t home(const struct index *index, uint64_t key)
{
    uint64_t block = key / NEIGHBOURS;
    block = (block ^ block >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    block = (block ^ block >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((block ^ block >> 31) * NEIGHBOURS + key % NEIGHBOURS) & index->mask;
}

err index_open(struct index *index, uint32_t max)
{
    ENSURE(max > 0 && max <= UINT32_C(1) << 29);
    uint64_t size = 16;
    while (size < 2 * (uint64_t)max) size *= 2;
    /* calloc and a free place of all zero bits, so that pages nobody has used cost nothing: a
     * place is kept as its complement. */
    struct index_slot *slot = calloc(size, sizeof *slot);
    if (slot == NULL) return ERR(NO_MEMORY);
    *index = (struct index){.slot = slot, .mask = (uint32_t)(size - 1), .max = max};
    return OK;
}

void index_close(struct index *index)
{
    free(index->slot);
    *index = (struct index){0};
}

static uint32_t place_of(const struct index_slot *slot)
{
    return ~slot->place;
}

/* The slot of the key, or the free one where it would go. */
static uint32_t probe(const struct index *index, uint64_t key)
{
    uint32_t i = home(index, key);
    while (place_of(&index->slot[i]) != INDEX_NONE && index->slot[i].key != key)
        i = (i + 1) & index->mask;
    return i;
}

uint32_t index_find(const struct index *index, uint64_t key)
{
    return place_of(&index->slot[probe(index, key)]);
}

void index_add(struct index *index, uint64_t key, uint32_t place)
{
    ENSURE(index->count < index->max);
    ENSURE(place != INDEX_NONE);
    struct index_slot *slot = &index->slot[probe(index, key)];
    ENSURE(place_of(slot) == INDEX_NONE);
    *slot = (struct index_slot){key, ~place};
    index->count++;
}

void index_move(struct index *index, uint64_t key, uint32_t place)
{
    ENSURE(place != INDEX_NONE);
    struct index_slot *slot = &index->slot[probe(index, key)];
    ENSURE(place_of(slot) != INDEX_NONE);
    slot->place = ~place;
}

void index_remove(struct index *index, uint64_t key)
{
    uint32_t hole = probe(index, key);
    ENSURE(place_of(&index->slot[hole]) != INDEX_NONE);
    /* Move back every follower whose way from home passes the hole. */
    for (uint32_t i = (hole + 1) & index->mask; place_of(&index->slot[i]) != INDEX_NONE;
         i = (i + 1) & index->mask) {
        uint32_t from = home(index, index->slot[i].key);
        if (((i - from) & index->mask) < ((i - hole) & index->mask)) continue;
        index->slot[hole] = index->slot[i];
        hole = i;
    }
    index->slot[hole] = (struct index_slot){0};
    index->count--;
}
