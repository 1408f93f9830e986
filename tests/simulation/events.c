/* SPDX-License-Identifier: Apache-2.0 */
/* The list of events: a binary heap by time, then by order of creation. */
#include <stdlib.h>

#include "tests/simulation/world.h"

static bool before(const struct event *a, const struct event *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

static void swap(struct event *a, struct event *b)
{
    struct event kept = *a;
    *a = *b;
    *b = kept;
}

void event_push(struct world *w, int64_t at_ms, enum event_kind kind, uint32_t index,
                uint32_t generation, struct bytes payload)
{
    if (w->event_count == w->event_max) {
        w->event_max = w->event_max == 0 ? 1024 : w->event_max * 2;
        w->heap = realloc(w->heap, w->event_max * sizeof *w->heap);
        ENSURE(w->heap != NULL);
    }
    struct event e = {at_ms, w->event_order++, kind, index, generation, NULL, payload.len};
    if (payload.len > 0) {
        e.payload = malloc(payload.len);
        ENSURE(e.payload != NULL);
        memcpy(e.payload, payload.at, payload.len);
    }
    size_t at = w->event_count++;
    w->heap[at] = e;
    for (; at > 0 && before(&w->heap[at], &w->heap[(at - 1) / 2]); at = (at - 1) / 2)
        swap(&w->heap[at], &w->heap[(at - 1) / 2]);
}

bool event_pop(struct world *w, struct event *out)
{
    if (w->event_count == 0) return false;
    *out = w->heap[0];
    w->heap[0] = w->heap[--w->event_count];
    for (size_t at = 0;;) {
        size_t child = 2 * at + 1;
        if (child >= w->event_count) break;
        if (child + 1 < w->event_count && before(&w->heap[child + 1], &w->heap[child])) child++;
        if (!before(&w->heap[child], &w->heap[at])) break;
        swap(&w->heap[at], &w->heap[child]);
        at = child;
    }
    return true;
}

void event_free_all(struct world *w)
{
    for (size_t i = 0; i < w->event_count; i++) free(w->heap[i].payload);
    free(w->heap);
    w->heap = NULL;
    w->event_count = w->event_max = 0;
}
