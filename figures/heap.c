/* SPDX-License-Identifier: Apache-2.0 */
/* Cells by row and key: places one after the other, and a hash over them. */
#include "figures/heap.h"

#include <stdlib.h>

enum { SLOT_BITS = 20, SLOTS = 1 << SLOT_BITS, OF_ONE_PAYMENT = 8 };

err figure_heap_open(struct figure_heap *heap)
{
    heap->entry = calloc(FIGURE_HEAP_MAX, sizeof *heap->entry);
    heap->slot = calloc(SLOTS, sizeof *heap->slot);
    heap->visit = calloc(FIGURE_CUSTOMERS_MAX, sizeof *heap->visit);
    if (heap->entry == NULL || heap->slot == NULL || heap->visit == NULL) return ERR(NO_MEMORY);
    return OK;
}

void figure_heap_close(struct figure_heap *heap)
{
    free(heap->entry);
    free(heap->slot);
    free(heap->visit);
    *heap = (struct figure_heap){0};
}

static uint32_t slot_of(int64_t row, uint64_t key)
{
    uint64_t mixed = ((uint64_t)row * UINT64_C(0x9E3779B97F4A7C15)) ^ key;
    mixed ^= mixed >> 29;
    return (uint32_t)((mixed * UINT64_C(0xC2B2AE3D27D4EB4F)) >> (64 - SLOT_BITS));
}

void figure_heap_clear(struct figure_heap *heap)
{
    /* Small batches are many, and the hash is large: only what was used is emptied. */
    for (size_t i = 0; i < heap->count; i++) {
        uint32_t at = slot_of(heap->entry[i].row, heap->entry[i].cell.key);
        for (; heap->slot[at] != 0; at = (at + 1) % SLOTS) heap->slot[at] = 0;
    }
    heap->count = 0;
    heap->visits = 0;
}

bool figure_heap_has_room(const struct figure_heap *heap)
{
    return heap->count + OF_ONE_PAYMENT <= FIGURE_HEAP_MAX && heap->visits < FIGURE_CUSTOMERS_MAX;
}

void figure_heap_add(struct figure_heap *heap, int64_t row, uint64_t key,
                     const struct figure_amounts *amounts)
{
    uint32_t at = slot_of(row, key);
    for (; heap->slot[at] != 0; at = (at + 1) % SLOTS) {
        struct figure_entry *there = &heap->entry[heap->slot[at] - 1];
        if (there->row != row || there->cell.key != key) continue;
        figure_amounts_add(&there->cell.amounts, amounts);
        return;
    }
    ENSURE(heap->count < FIGURE_HEAP_MAX);
    heap->entry[heap->count++] = (struct figure_entry){row, {key, *amounts}};
    heap->slot[at] = (uint32_t)heap->count;
}

void figure_heap_visit(struct figure_heap *heap, int64_t row, uint64_t customer)
{
    ENSURE(heap->visits < FIGURE_CUSTOMERS_MAX);
    heap->visit[heap->visits++] = (struct figure_visit){row, customer};
}

static int by_row_and_key(const void *left, const void *right)
{
    const struct figure_entry *a = left, *b = right;
    if (a->row != b->row) return a->row < b->row ? -1 : 1;
    return (a->cell.key > b->cell.key) - (a->cell.key < b->cell.key);
}

static int by_row_and_customer(const void *left, const void *right)
{
    const struct figure_visit *a = left, *b = right;
    if (a->row != b->row) return a->row < b->row ? -1 : 1;
    return (a->customer > b->customer) - (a->customer < b->customer);
}

void figure_heap_sort(struct figure_heap *heap)
{
    qsort(heap->entry, heap->count, sizeof *heap->entry, by_row_and_key);
    qsort(heap->visit, heap->visits, sizeof *heap->visit, by_row_and_customer);
}
