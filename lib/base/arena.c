/* SPDX-License-Identifier: Apache-2.0 */
/* Memory with one lifetime: bump allocation, wiped as a whole. */
#include "lib/base/arena.h"

struct arena arena_over(void *block, size_t size)
{
    ENSURE(block != NULL);
    return (struct arena){.block = block, .size = size};
}

void *arena_alloc(struct arena *arena, size_t count, size_t size, size_t align)
{
    ENSURE(size > 0);
    ENSURE(align > 0 && (align & (align - 1)) == 0);
    ENSURE(arena->used <= arena->size);

    size_t pad = -((uintptr_t)arena->block + arena->used) & (align - 1);
    size_t left = arena->size - arena->used;
    /* Division, not multiplication: count * size may wrap, left / size cannot. */
    if (pad > left || count > (left - pad) / size) return NULL;

    uint8_t *at = arena->block + arena->used + pad;
    arena->used += pad + count * size;
    if (arena->peak < arena->used) arena->peak = arena->used;
    return memset(at, 0, count * size);
}

void arena_reset(struct arena *arena)
{
    explicit_bzero(arena->block, arena->used);
    arena->used = 0;
}
