/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S61, S64: when vaults, hsm and networks have gone, no card number is left anywhere in the memory
 * of this process: not in an arena, a buffer or a message of terminal and acquirer, which still
 * live, nor on the heap or the stack that the others used. Searched as digits and as packed
 * decimal.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/simulation/world.h"

enum { NEEDLES_MAX = 32 };

struct needles {
    struct bytes text[NEEDLES_MAX]; /* views of the table of cards, which is read-only memory */
    size_t count;
};

static void collect(struct needles *n)
{
    size_t count;
    const struct virtual_card *cards = virtual_cards(&count);
    ENSURE(count <= NEEDLES_MAX);
    for (size_t i = 0; i < count; i++) n->text[n->count++] = bytes_text(cards[i].pan);
}

static void search_block(struct world *w, const struct needles *n, struct bytes block,
                         const char *where)
{
    for (const uint8_t *at = block.at, *end = block.at + block.len;;) {
        /* All virtual cards begin alike, so one search passes over most of the memory. */
        at = memmem(at, (size_t)(end - at), "6200", 4);
        if (at == NULL) return;
        for (size_t k = 0; k < n->count; k++) {
            struct bytes pan = n->text[k];
            if ((size_t)(end - at) < pan.len || memcmp(at, pan.at, pan.len) != 0) continue;
            world_fail(w, "card number %zu stands in memory (%.60s) after the vaults have gone", k,
                       where);
            return;
        }
        at++;
    }
}

/* The writable parts of this process, as the kernel lists them. */
void world_check_memory(struct world *w)
{
    struct needles needles = {.count = 0};
    char line[256];
    collect(&needles);
    FILE *maps = fopen("/proc/self/maps", "re");
    if (maps == NULL) {
        world_fail(w, "the memory of this process cannot be listed");
        return;
    }
    while (fgets(line, sizeof line, maps) != NULL && w->failure[0] == '\0') {
        char *rights;
        uintptr_t from = strtoul(line, &rights, 16);
        if (*rights != '-') continue;
        uintptr_t to = strtoul(rights + 1, &rights, 16);
        if (strncmp(rights, " rw", 3) != 0) continue;
        search_block(w, &needles, bytes_of((const void *)from, to - from), line);
    }
    fclose(maps);
}
