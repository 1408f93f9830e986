/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * shown: a code that this terminal shows and the customer scans (主扫, S78; payment/shown.h).
 *
 * The payment is committed as PENDING and sent like any other. What the host then tells of its code
 * ends nothing: it is put on the screen, and the wait goes on until the code's time is over and a
 * while longer. Nothing of it is stored: after a restart the payment is reversed as any other.
 */

#include "terminal/core.h"

/* The means of t->work.payment is a code that will be shown: DONE. */
err shown_take(struct terminal *t, struct procedure *p);

/* What the host has told, and nothing of the request before. */
void shown_forget(struct host *host);

/* The host tells of the code of the payment that is under way; its MAC is good. */
MUST_USE err shown_told(struct terminal *t, const struct iso8583_message *message);

/* Is there one to be shown? */
bool shown_there(const struct terminal *t);

/* Nobody has paid it in its time. */
bool shown_over(const struct payment *payment);

/* sale.shown, until the payment has ended. */
void shown_show(struct terminal *t);
