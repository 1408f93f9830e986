/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * lots: points by when they run out. Private to loyalty/. All functions run in the caller's
 * transaction and move nothing in the book: whoever calls books what they say.
 */

#include "loyalty/internal.h"

/* A new lot; nothing for 0 points. */
MUST_USE err loyalty_lot_add(struct store *store, const struct loyalty_member *member,
                             struct bytes key, int64_t expires_ms, int64_t points);

/* Takes up to `points` out of the lot of this purchase. */
MUST_USE err loyalty_lot_take_key(struct store *store, struct bytes member, struct bytes key,
                                  int64_t points, int64_t *ret_taken);

/*
 * Takes up to `points` out of a member's lots that run out after `at_ms`, the first to run out
 * first. With a hold's key each part is written down, so that loyalty_lot_restore can put it back.
 */
MUST_USE err loyalty_lot_take(struct store *store, struct bytes member, int64_t points,
                              int64_t at_ms, struct bytes hold, int64_t *ret_taken);
MUST_USE err loyalty_lot_restore(struct store *store, struct bytes hold);

/* The points of one that run out next after at_ms, all that may be spent then. */
MUST_USE err loyalty_lot_state(struct store *store, struct bytes member, int64_t at_ms,
                               int64_t *ret_free, int64_t *ret_next, int64_t *ret_next_ms);
