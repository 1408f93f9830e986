/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * trades: the trades that shops usually are of, in groups, each with its merchant category code
 * (ISO 18245) and the words by which a shop's name tells it.
 */

#include "lib/base/bytes.h"

enum trade_group {
    TRADE_FOOD,
    TRADE_SHOP,
    TRADE_SERVICE,
    TRADE_LEISURE,
    TRADE_CAR,
    TRADE_HEALTH,
    TRADE_BUILDING,
    TRADE_GROUPS,
};

struct trade {
    enum trade_group group;
    const char *code; /* four digits */
    const char *zh, *en;
    const char *words; /* in Chinese, a space between them */
};

/* Group by group. */
const struct trade *trades(size_t *ret_count);
const char *trade_group_text(enum trade_group group, bool english);

/* NULL when it is not in the list. */
const struct trade *trade_of(const char *code);

/* Does a name say that the shop is of this trade: by a word of it, or of its group? */
bool trade_is_named(const struct trade *trade, const char *name);
