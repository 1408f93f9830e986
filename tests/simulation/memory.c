/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S61, S64: when vaults, hsm and networks have gone, no card number is left anywhere in the memory
 * of this process: not in an arena, a buffer or a message of terminal and acquirer, which still
 * live, nor on the heap or the stack that the others used. Searched as digits.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/simulation/needles.h"
#include "tests/simulation/world.h"

static void collect(struct needles *n)
{
    size_t count;
    const struct virtual_card *cards = virtual_cards(&count);
    for (size_t i = 0; i < count; i++)
        needles_add(n, bytes_text(cards[i].pan), "a card number"); /* read-only memory */
}

static void search_block(struct world *w, const struct needles *n, struct bytes block,
                         const char *where)
{
    const struct needle *found = block.len == 0 ? NULL : needles_find(n, block);
    if (found != NULL)
        world_fail(w, "%s stands in memory (%.60s) after the vaults have gone", found->what, where);
}

/* The kernel's word for a page: bit 63, it is there; bit 62, it is swapped out. */
static bool touched(uint64_t page)
{
    return page >> 62 != 0;
}

/* Most of a process's address space was never written to; looking at it would make it real. */
static void search_touched(struct world *w, const struct needles *n, int pagemap, uintptr_t from,
                           uintptr_t to, const char *where)
{
    enum { PAGE = 4096, AT_ONCE = 512 };
    uint64_t page[AT_ONCE];
    uintptr_t begin = from; /* of the touched pages that end at `at` */
    for (uintptr_t at = from; at < to && w->failure[0] == '\0';) {
        size_t count = (to - at) / PAGE < AT_ONCE ? (to - at) / PAGE : AT_ONCE;
        ssize_t got = pread(pagemap, page, count * sizeof *page, (off_t)(at / PAGE * sizeof *page));
        if (got != (ssize_t)(count * sizeof *page)) {
            world_fail(w, "the pages of this process cannot be listed");
            return;
        }
        for (size_t i = 0; i < count; i++, at += PAGE) {
            if (touched(page[i])) continue;
            search_block(w, n, bytes_of((const void *)begin, at - begin), where);
            begin = at + PAGE;
        }
    }
    search_block(w, n, bytes_of((const void *)begin, to - begin), where);
}

/* The writable parts of this process, as the kernel lists them. */
void world_check_memory(struct world *w)
{
    struct needles needles = {.count = 0};
    char line[256];
    collect(&needles);
    FILE *maps = fopen("/proc/self/maps", "re");
    int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    if (maps == NULL || pagemap < 0) {
        world_fail(w, "the memory of this process cannot be listed");
        return;
    }
    while (fgets(line, sizeof line, maps) != NULL && w->failure[0] == '\0') {
        char *rights;
        uintptr_t from = strtoul(line, &rights, 16);
        if (*rights != '-') continue;
        uintptr_t to = strtoul(rights + 1, &rights, 16);
        if (strncmp(rights, " rw", 3) != 0) continue;
        search_touched(w, &needles, pagemap, from, to, line);
    }
    fclose(maps);
    close(pagemap);
}
