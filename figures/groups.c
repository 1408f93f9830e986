/* SPDX-License-Identifier: Apache-2.0 */
/* Places one after the other, and a hash over them that is twice as large. */
#include "figures/groups.h"

#include <stdlib.h>

enum { FIRST = 64 };

void figure_groups_free(struct figure_groups *groups)
{
    free(groups->group);
    free(groups->slot);
    *groups = (struct figure_groups){0};
}

static size_t slot_of(const struct figure_groups *groups, int64_t key)
{
    size_t at = (size_t)((uint64_t)key * UINT64_C(0x9E3779B97F4A7C15) >> 20) % (2 * groups->room);
    while (groups->slot[at] != 0 && groups->group[groups->slot[at] - 1].key != key)
        at = (at + 1) % (2 * groups->room);
    return at;
}

static err grow(struct figure_groups *groups)
{
    size_t room = groups->room == 0 ? FIRST : 2 * groups->room;
    struct figure_group *group = realloc(groups->group, room * sizeof *group);
    if (group == NULL) return ERR(NO_MEMORY);
    groups->group = group;
    uint32_t *slot = calloc(2 * room, sizeof *slot);
    if (slot == NULL) return ERR(NO_MEMORY);
    free(groups->slot);
    groups->slot = slot;
    groups->room = room;
    for (size_t i = 0; i < groups->count; i++)
        slot[slot_of(groups, group[i].key)] = (uint32_t)i + 1;
    return OK;
}

err figure_groups_find(struct figure_groups *groups, int64_t key, struct figure_sums **ret_sums)
{
    if (groups->count == groups->room) TRY(grow(groups));
    size_t at = slot_of(groups, key);
    if (groups->slot[at] == 0) {
        groups->group[groups->count++] = (struct figure_group){.key = key};
        groups->slot[at] = (uint32_t)groups->count;
    }
    *ret_sums = &groups->group[groups->slot[at] - 1].sums;
    return OK;
}
