/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* shift_cash: the cash of a shift: what was in the drawer at its beginning, and what is at its end
 * (S107). */

#include "terminal/core.h"

/* The float of the open shift of operator t->number is typed and committed. BACK: it stays. */
err shift_float(struct terminal *t, struct procedure *p);

/* The drawer is counted; what should be in it is not shown before. DONE: t->chosen has it, in fen.
 */
err shift_count(struct terminal *t, struct procedure *p);

/* Expected, counted, and the difference. */
void shift_say_count(struct terminal *t, const struct shift *shift);
