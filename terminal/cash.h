/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* cash: taken and handed back at the counter, and nobody else is asked. */

#include "terminal/follow.h"

/* The means of t->work.payment is cash. DONE: it is paid and in the store. BACK: it is not. */
err cash_take(struct terminal *t, struct procedure *p);

/* What t->work.payment gives back is handed over. DONE: it is in the store. BACK: it is not. */
err cash_give(struct terminal *t, struct procedure *p);

/* The lines of change and of what was put down, on the screen of a sale that was paid so. */
void cash_say(struct terminal *t);
