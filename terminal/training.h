/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * training (演示, S181): what is done at a counter, without money: sales by card, code, cash
 * and points, in instalments and in parts, and all that follows them, of what was practised before,
 * up to a settlement. A supervisor has
 * said yes; nothing is sent to the host (host_free() is false for as long), no card is read,
 * nothing comes into records, batch or totals, and every screen and slip says so in both languages.
 *
 * Training is on while its procedure stands on the stack, and the stack is never stored: a restart,
 * a log-out and a lock by the back office end it.
 */

#include <stdbool.h>

#include "payment/payment.h"

struct procedure;
struct terminal;

enum { TRAINING_KEPT = 16 }; /* practised payments that others may follow; the oldest makes room */

/* What was practised, in memory alone: it ends with the training. */
struct training_book {
    struct payment payment[TRAINING_KEPT];
    size_t count;
    uint32_t stan;
    int64_t order, order_minor; /* the last order that is paid in parts: its number, its total */
};

bool training_on(const struct terminal *t);

/* Asks for the supervisor, and goes on until somebody leaves or nobody touches anything. */
err training(struct terminal *t, struct procedure *p);
