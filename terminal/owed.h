/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * owed: slips that no payment has to show for itself, each out once, or said to be in doubt
 * (owed.c). They are printed one after the other: the printer has one, and the others are in the
 * store.
 */

#include "terminal/core.h"

/* The next one goes to the printer, when that has none of them. */
MUST_USE err owed_print(struct terminal *t);

/* The printer is through with a slip of this number, or nobody knows how that one is. */
MUST_USE err owed_printed(struct terminal *t, int64_t number);
MUST_USE err owed_unsure(struct terminal *t, int64_t number);

/* The one in doubt, records.doubted, because a person wants it: marked as a duplicate. */
MUST_USE err owed_print_doubted(struct terminal *t);

/* On the main screen: that one of them is in doubt, and the way on. */
void owed_say(struct terminal *t);

/* The slip of an order that has been paid, into `out`. */
MUST_USE err owed_order_slip(struct terminal *t, int64_t order, bool reprint, struct receipt *out);
