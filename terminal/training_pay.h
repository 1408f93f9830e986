/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* training_pay: the parts of training that its files have in common. */

#include "payment/follow.h"
#include "terminal/core.h"
#include "terminal/training.h"

/* How the payment of t->work is paid. BACK: not at all. */
err training_present(struct terminal *t, struct procedure *p);

/* Ends it as its fen say: the wait, the slips, a place in the book, the result. DONE: another one.
 */
err training_carry_out(struct terminal *t, struct procedure *p);

/* What has followed a practised payment; what took a completion back has opened its hold again. */
struct payment_trail training_trail(const struct terminal *t, const struct payment *original);

/* An order that is paid in parts (training_order.c). */
err training_order(struct terminal *t, struct procedure *p);
