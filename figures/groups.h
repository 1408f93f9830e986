/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* groups: sums by key, for one query. Grows as far as there are keys. */

#include "figures/sums.h"

struct figure_group {
    int64_t key;
    struct figure_sums sums;
};

struct figure_groups {
    struct figure_group *group;
    uint32_t *slot; /* hash: place + 1, or 0 */
    size_t count, room;
};

void figure_groups_free(struct figure_groups *groups);
/* The sums of a key, made with zeros when it is new; valid until the next one. NO_MEMORY. */
MUST_USE err figure_groups_find(struct figure_groups *groups, int64_t key,
                                struct figure_sums **ret_sums);
