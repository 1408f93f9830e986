/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* needles: numbers that are searched for in databases and in memory, all in one pass. */

#include "lib/base/bytes.h"

enum { NEEDLES_MAX = 640 };

struct needles {
    struct needle {
        struct bytes text; /* a view: the searcher leaves no copy of what is searched for */
        const char *what;
    } needle[NEEDLES_MAX];
    size_t count, least;
};

/* `text` is of digits, four at least; `what` is said when it is found. Both outlive the needles. */
void needles_add(struct needles *n, struct bytes text, const char *what);

/* A needle that stands in the block, or NULL. */
const struct needle *needles_find(const struct needles *n, struct bytes block);
