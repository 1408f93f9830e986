/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * shop: what the shop is called on slips (S142). The vault has the name that the device was set up
 * with; a contract that gets another one says so from afar (afar.h), and what is printed from then
 * on has that. What was printed before keeps its own name, also when it is printed again: the
 * names are kept with the moment from which each holds, by the device's clock.
 */

#include "lib/base/err.h"

enum {
    SHOP_NAME_MAX = 127,
    SHOP_NAMES = 16, /* kept in memory: slips of before all of these have the oldest of them */
};

struct shop {
    size_t count;
    struct {
        int64_t since_ms;
        char name[SHOP_NAME_MAX + 1];
    } named[SHOP_NAMES]; /* oldest first; none: it never was called something else */
};

struct terminal;

MUST_USE err shop_open(struct terminal *t);

/* Writes down a name that is another one than before, when nobody is in the middle of anything. */
MUST_USE err shop_tick(struct terminal *t);
bool shop_is_due(const struct terminal *t);

/* Now, and of what was made then. Views: until the next tick. */
const char *shop_name(const struct terminal *t);
const char *shop_name_at(const struct terminal *t, int64_t at_ms);
