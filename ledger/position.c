/* SPDX-License-Identifier: Apache-2.0 */
/* The hash of positions. Keys are mixed by a multiplication: they are ours, nobody floods them. */
#include "ledger/position.h"

#include <assert.h>
#include <stdlib.h>

enum { SLOTS = 1 << 20 };
static_assert(POSITION_POOL <= SLOTS / 2, "half full at most");
static_assert(POSITION_POOL < POSITION_NONE, "a place is not NONE");

static uint32_t slot_of(const uint8_t key[LEDGER_KEY_LEN])
{
    uint64_t high, low;
    static_assert(sizeof high + sizeof low == LEDGER_KEY_LEN, "two words");
    memcpy(&high, key, sizeof high);
    memcpy(&low, key + sizeof high, sizeof low);
    uint64_t mixed = (high ^ (low * UINT64_C(0xFF51AFD7ED558CCD))) * UINT64_C(0x9E3779B97F4A7C15);
    return (uint32_t)(mixed >> 44);
}

static_assert(SLOTS == 1 << (64 - 44), "the top bits of the mix are a slot");

err positions_make(struct positions *positions)
{
    positions->pool = calloc(POSITION_POOL, sizeof *positions->pool);
    positions->slot = calloc(SLOTS, sizeof *positions->slot);
    if (positions->pool == NULL || positions->slot == NULL) {
        positions_free(positions);
        return ERR(NO_MEMORY);
    }
    positions->free = positions->oldest = positions->newest = POSITION_NONE;
    return OK;
}

void positions_free(struct positions *positions)
{
    free(positions->pool);
    free(positions->slot);
    *positions = (struct positions){0};
}

void positions_clear(struct positions *positions)
{
    if (positions->used == 0) return; /* as it was made: the pages need not be touched */
    memset(positions->slot, 0, SLOTS * sizeof *positions->slot);
    memset(positions->pool, 0, positions->used * sizeof *positions->pool);
    positions->used = positions->held = positions->decided = 0;
    positions->free = positions->oldest = positions->newest = POSITION_NONE;
}

struct position *positions_find(struct positions *positions, const uint8_t key[LEDGER_KEY_LEN])
{
    for (uint32_t at = slot_of(key);; at = (at + 1) % SLOTS) {
        uint32_t place = positions->slot[at];
        if (place == 0) return NULL;
        struct position *position = &positions->pool[place - 1];
        if (memcmp(position->key, key, LEDGER_KEY_LEN) == 0) return position;
    }
}

/* Takes a key out, and moves back those behind it that would no longer be found. */
static void slot_clear(struct positions *positions, const uint8_t key[LEDGER_KEY_LEN])
{
    uint32_t hole = slot_of(key);
    while (memcmp(positions->pool[positions->slot[hole] - 1].key, key, LEDGER_KEY_LEN) != 0) {
        hole = (hole + 1) % SLOTS;
        ENSURE(positions->slot[hole] != 0);
    }
    for (uint32_t at = (hole + 1) % SLOTS; positions->slot[at] != 0; at = (at + 1) % SLOTS) {
        uint32_t home = slot_of(positions->pool[positions->slot[at] - 1].key);
        /* How far it is from home, against how far the hole is: only who lies beyond may move. */
        if ((at - home) % SLOTS < (at - hole) % SLOTS) continue;
        positions->slot[hole] = positions->slot[at];
        hole = at;
    }
    positions->slot[hole] = 0;
}

static void forget_oldest(struct positions *positions)
{
    uint32_t place = positions->oldest;
    ENSURE(place != POSITION_NONE && positions->decided > 0);
    struct position *position = &positions->pool[place];
    slot_clear(positions, position->key);
    positions->oldest = position->next;
    if (positions->oldest == POSITION_NONE) positions->newest = POSITION_NONE;
    positions->decided--;
    *position = (struct position){.next = positions->free};
    positions->free = place;
}

static uint32_t take_place(struct positions *positions)
{
    uint32_t place = positions->free;
    if (place == POSITION_NONE) {
        ENSURE(positions->used < POSITION_POOL);
        return positions->used++;
    }
    positions->free = positions->pool[place].next;
    return place;
}

err positions_add(struct positions *positions, const uint8_t key[LEDGER_KEY_LEN],
                  struct position **ret_position)
{
    if (positions->held >= LEDGER_OPEN_MAX) return ERR(NO_MEMORY);
    uint32_t at = slot_of(key);
    while (positions->slot[at] != 0) {
        ENSURE(memcmp(positions->pool[positions->slot[at] - 1].key, key, LEDGER_KEY_LEN) != 0);
        at = (at + 1) % SLOTS;
    }
    uint32_t place = take_place(positions);
    struct position *position = &positions->pool[place];
    *position = (struct position){.state = POSITION_HELD, .next = POSITION_NONE};
    memcpy(position->key, key, LEDGER_KEY_LEN);
    positions->slot[at] = place + 1;
    positions->held++;
    *ret_position = position;
    return OK;
}

void positions_decide(struct positions *positions, struct position *position,
                      enum position_state state)
{
    bool was_held = position->state == POSITION_HELD;
    ENSURE(was_held || (position->state == POSITION_POSTED && state == POSITION_UNDONE));
    ENSURE(state == POSITION_POSTED || state == POSITION_UNDONE);
    position->state = state;
    if (!was_held) return; /* stays where it is in the order of deciding */

    uint32_t place = (uint32_t)(position - positions->pool);
    positions->held--;
    if (positions->newest == POSITION_NONE) positions->oldest = place;
    else positions->pool[positions->newest].next = place;
    position->next = POSITION_NONE;
    positions->newest = place;
    positions->decided++;
    if (positions->decided > LEDGER_RECENT) forget_oldest(positions);
}
