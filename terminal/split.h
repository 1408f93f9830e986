/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* split: an order that is paid in several parts (S84). */

#include "terminal/follow.h"

/* The amount of t->work.payment becomes an order in memory: SKIPPED; then split_run(). */
err split_begin(struct terminal *t, struct procedure *p);

/* The order until it ends or is left. BACK: not a part of it was begun, t->work is as it was. */
err split_run(struct terminal *t, struct procedure *p);

/* The open order goes on, from the main screen. */
err split_resume(struct terminal *t, struct procedure *p);

/* The order of the store, whatever a procedure has left in memory. */
MUST_USE err split_look(struct terminal *t);

/* It is paid, and only its slip is missing. */
bool split_due(const struct terminal *t);

/* What the main screen says of an open order; true when there is one. */
bool split_say(struct terminal *t);
