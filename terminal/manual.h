/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* manual: a card number and an expiry that are typed, where no reader can read the card. */

#include "terminal/follow.h"

/* The shop allows it for this payment: the administrator has set an amount, and it is not above. */
bool manual_offered(const struct terminal *t);

/* With a supervisor's yes. DONE: t->work.payment has its card, and its PIN where one is wanted. */
err manual_take(struct terminal *t, struct procedure *p);

/* Up to which amount: set by the administrator. */
err manual_parameters(struct terminal *t, struct procedure *p);

/* What is set, from the store; 0: not at all, as delivered. CORRUPT: no value of ours. */
MUST_USE err manual_load(struct records *records, int64_t *ret_most_minor);
