/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * orders: a total that is paid in several parts (S84), each an ordinary payment that carries the
 * order's number. What is paid is never written down beside the payments: it is their sum. At most
 * one order is open; it stays so over restarts and hand-overs, until it is paid or given up.
 *
 *   OPEN -> PAID           the parts come up to the total
 *   OPEN -> GIVING_UP      its paid parts are taken back, one by one
 *   GIVING_UP -> GIVEN_UP  nothing is paid any more
 */

#include "terminal/records.h"

enum order_state { /* on disk: added to, never renumbered */
                   ORDER_NONE,
                   ORDER_OPEN,
                   ORDER_GIVING_UP,
                   ORDER_PAID,
                   ORDER_GIVEN_UP,
};

struct order {
    int64_t number; /* 0: not in the store yet */
    enum order_state state;
    int64_t total_minor;
    int64_t tip_minor;  /* of the total */
    int64_t paid_minor; /* what its payments come up to; what went back is taken off */
    char operator_id[3];
    int64_t begun_ms, ended_ms; /* ended_ms 0: it is open */
};

extern const struct store_schema orders_schema; /* behind that of the records */

static inline int64_t order_rest(const struct order *order)
{
    return order->total_minor - order->paid_minor;
}

/* The open one, with what is paid of it; state NONE when there is none. */
MUST_USE err orders_open(struct records *r, struct order *out);

/* Commits a new one, OPEN, with what is bought and its audit record; its number is filled in then.
 */
MUST_USE err orders_begin(struct records *r, struct order *order, const struct basket *basket);

/* What is bought with it: empty when its amount was typed. */
MUST_USE err orders_basket(struct records *r, const struct order *order, struct basket *out);

/* One that has ended. NOT_FOUND. */
MUST_USE err orders_get(struct records *r, int64_t number, struct order *out);

/* Commits another state of the open one, with its audit record; of a paid one the slip is owed. */
MUST_USE err orders_turn(struct records *r, struct order *order, enum order_state state,
                         const char *actor, int64_t at_ms);

enum { ORDER_PARTS = 10 }; /* the last of so many must be all of the rest: they fit on one slip */

/* The parts of it that are paid and stand, oldest first, at most ORDER_PARTS. */
MUST_USE err orders_parts(struct records *r, int64_t number, struct records_row *rows,
                          size_t *ret_count);
