/* SPDX-License-Identifier: Apache-2.0 */
/* Cells by row and key: entries one after the other, and a hash over them. */
#include "figures/heap.h"

#include <stdlib.h>

err figure_heap_open(struct figure_heap *heap, size_t room)
{
    ENSURE(room > 0 && (room & (room - 1)) == 0 && room <= UINT32_MAX / 2);
    *heap = (struct figure_heap){.room = room};
    for (heap->bits = 1; (size_t)1 << heap->bits < 2 * room;) heap->bits++;
    heap->entry = calloc(room, sizeof *heap->entry);
    heap->place = calloc(room, sizeof *heap->place);
    heap->slot = calloc(2 * room, sizeof *heap->slot);
    if (heap->entry == NULL || heap->place == NULL || heap->slot == NULL) return ERR(NO_MEMORY);
    return OK;
}

void figure_heap_close(struct figure_heap *heap)
{
    free(heap->entry);
    free(heap->place);
    free(heap->slot);
    *heap = (struct figure_heap){.room = 0};
}

static size_t slot_of(const struct figure_heap *heap, int64_t row, uint64_t key)
{
    uint64_t mixed = ((uint64_t)row * UINT64_C(0x9E3779B97F4A7C15)) ^ key;
    mixed ^= mixed >> 29;
    return (size_t)((mixed * UINT64_C(0xC2B2AE3D27D4EB4F)) >> (64 - heap->bits));
}

/* Small batches are many, and the hash is large: of theirs only what was used is emptied. */
void figure_heap_clear(struct figure_heap *heap)
{
    size_t slots = 2 * heap->room;
    if (heap->count > slots / 64) memset(heap->slot, 0, slots * sizeof *heap->slot);
    else
        for (size_t i = 0; i < heap->count; i++) {
            size_t at = slot_of(heap, heap->entry[i].row, heap->entry[i].cell.key);
            for (; heap->slot[at] != 0; at = (at + 1) & (slots - 1)) heap->slot[at] = 0;
        }
    heap->count = 0;
}

void figure_heap_add(struct figure_heap *heap, int64_t row, uint64_t key,
                     const struct figure_amounts *amounts)
{
    size_t at = slot_of(heap, row, key);
    for (; heap->slot[at] != 0; at = (at + 1) & (2 * heap->room - 1)) {
        struct figure_entry *there = &heap->entry[heap->slot[at] - 1];
        if (there->row != row || there->cell.key != key) continue;
        figure_amounts_add(&there->cell.amounts, amounts);
        return;
    }
    ENSURE(heap->count < heap->room);
    heap->entry[heap->count++] = (struct figure_entry){row, {key, *amounts}};
    heap->slot[at] = (uint32_t)heap->count;
}

static int by_row_and_key(const void *left, const void *right)
{
    const struct figure_place *a = left, *b = right;
    if (a->row != b->row) return a->row < b->row ? -1 : 1;
    return (a->key > b->key) - (a->key < b->key);
}

/* Entries stay where they are: sorting moves what it looks at and no more. */
void figure_heap_sort(struct figure_heap *heap)
{
    for (size_t i = 0; i < heap->count; i++)
        heap->place[i] = (struct figure_place){heap->entry[i].row, heap->entry[i].cell.key,
                                               &heap->entry[i].cell.amounts};
    qsort(heap->place, heap->count, sizeof *heap->place, by_row_and_key);
}
