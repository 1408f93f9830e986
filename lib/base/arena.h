/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * arena: memory with one lifetime.
 *
 * The owner hands over one block, sized at start-up from its program's limits.h. One request
 * borrows it, allocates down the call tree, and is forgotten by a single arena_reset().
 * Nothing is freed piecemeal, so nothing can leak or be freed twice.
 *
 * Card data passes through here: arena_reset() wipes every byte that was handed out.
 */

#include <stdalign.h>

#include "lib/base/bytes.h"

struct arena {
    uint8_t *block;
    size_t size;
    size_t used;
    size_t peak; /* the most ever used, so limits are set from evidence */
};

struct arena arena_over(void *block, size_t size);
void arena_reset(struct arena *arena);

/* Zeroed memory for `count` objects, or NULL when the arena is full. */
void *arena_alloc(struct arena *arena, size_t count, size_t size, size_t align);

#define arena_array(arena, type, count) \
    ((type *)arena_alloc(arena, count, sizeof(type), alignof(type)))
