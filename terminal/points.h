/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * points: a member pays with points, all of a sale or a part of an order (points.c). What they are
 * worth, and whether he has them, is for whoever keeps them to say: the host asks him.
 */

#include "terminal/core.h"

bool points_offered(const struct terminal *t);

/* The member's number. DONE: t->work.payment is one with points. BACK: it is not. */
err points_take(struct terminal *t, struct procedure *p);

/* It is an ordinary sale again. */
void points_undo(struct terminal *t);
