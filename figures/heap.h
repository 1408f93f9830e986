/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * heap: the cells of one batch in memory, before they are written. However often a batch meets a
 * cell, its row is written once. Memory is taken at start and touched as far as batches go.
 */

#include "figures/cell.h"

enum {
    FIGURE_HEAP_MAX = 1 << 19,     /* cells: 130,000 payments of 1,000 shops need half of that */
    FIGURE_CUSTOMERS_MAX = 1 << 17 /* payments with a token in one batch */
};

struct figure_visit {
    int64_t row;
    uint64_t customer; /* the keyed hash of a token */
};

struct figure_heap {
    struct figure_entry *entry;
    uint32_t *slot; /* hash: place + 1, or 0 */
    struct figure_visit *visit;
    size_t count, visits;
};

MUST_USE err figure_heap_open(struct figure_heap *heap);
void figure_heap_close(struct figure_heap *heap);
void figure_heap_clear(struct figure_heap *heap);
/* Is there room for what one payment may add? */
bool figure_heap_has_room(const struct figure_heap *heap);
void figure_heap_add(struct figure_heap *heap, int64_t row, uint64_t key,
                     const struct figure_amounts *amounts);
void figure_heap_visit(struct figure_heap *heap, int64_t row, uint64_t customer);
/* By row and key, for writing; nothing may be added before the next figure_heap_clear(). */
void figure_heap_sort(struct figure_heap *heap);
