/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * heap: the cells of one batch in memory, before they are written. However often a batch meets a
 * cell, its row is written once. Memory is taken at start and touched as far as batches go.
 */

#include "figures/cell.h"

struct figure_visit {
    int64_t row;
    uint64_t customer; /* the keyed hash of a token */
};

struct figure_heap {
    struct figure_entry *entry;
    struct figure_place *place; /* after figure_heap_sort(): by row and key */
    uint32_t *slot;             /* hash: number of an entry + 1, or 0 */
    unsigned bits;              /* twice as many slots as entries */
    size_t count, room;
};

/* Of at most `room` cells, a power of two. NO_MEMORY. */
MUST_USE err figure_heap_open(struct figure_heap *heap, size_t room);
void figure_heap_close(struct figure_heap *heap);
void figure_heap_clear(struct figure_heap *heap);
/* ENSURE: there is room. */
void figure_heap_add(struct figure_heap *heap, int64_t row, uint64_t key,
                     const struct figure_amounts *amounts);
/* Nothing may be added before the next figure_heap_clear(). */
void figure_heap_sort(struct figure_heap *heap);
