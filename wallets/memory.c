/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of a few places each; the one that was heard of longest ago goes. */
#include "wallets/memory.h"

enum { WAYS = 8, SETS = GATEWAY_MEMORY_MAX / WAYS };

/* FNV-1a: RRNs are our own acquirer's, nobody chooses them to collide. */
static struct remembered *set_of(struct memory *memory, const char *rrn)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *rrn != '\0'; rrn++) hash = (hash ^ (uint8_t)*rrn) * UINT64_C(0x100000001b3);
    return &memory->place[(hash ^ hash >> 32) % SETS * WAYS];
}

struct remembered *memory_find(struct memory *memory, const char *rrn)
{
    struct remembered *set = set_of(memory, rrn);
    for (unsigned i = 0; rrn[0] != '\0' && i < WAYS; i++)
        if (strcmp(set[i].payment.rrn, rrn) == 0) return &set[i];
    return NULL;
}

struct remembered *memory_keep(struct memory *memory, const char *rrn, int64_t now_ms)
{
    struct remembered *oldest = memory_find(memory, rrn), *set = set_of(memory, rrn);
    for (unsigned i = 0; oldest == NULL && i < WAYS; i++)
        if (set[i].payment.rrn[0] == '\0') oldest = &set[i];
    for (unsigned i = 0; oldest == NULL && i < WAYS; i++)
        if (!set[i].under_way) oldest = &set[i];
    if (oldest == NULL) {
        memory->forgotten_ms = now_ms;
        return NULL;
    }
    bool full = oldest->payment.rrn[0] != '\0' && strcmp(oldest->payment.rrn, rrn) != 0;
    for (unsigned i = 0; full && i < WAYS; i++)
        if (!set[i].under_way && set[i].sent_ms < oldest->sent_ms) oldest = &set[i];
    if (full && oldest->sent_ms > memory->forgotten_ms) memory->forgotten_ms = oldest->sent_ms;
    *oldest = (struct remembered){.holder = MEMORY_OTHER, .sent_ms = now_ms};
    return oldest;
}
