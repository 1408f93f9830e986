/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* reverse: what has no definitive answer is taken back, beside everything else (S88). */

#include "payment/payment.h"

struct terminal;
struct procedure;

/* Reversals, sent beside everything else. */
struct reverse {
    bool under_way;
    int64_t number; /* of the payment that is being reversed */
    struct payment payment;
    unsigned failures; /* since the last acknowledged one */
    int64_t next_us;   /* not before */
};

/* Sends the oldest waiting reversal when it can and may be sent now. */
MUST_USE err reverse_drive(struct terminal *t);

/* The reversal that was sent has ended as t->host says. */
MUST_USE err reverse_ended(struct terminal *t);

/* Next time reverse_drive() has something to do, or INT64_MAX. */
int64_t reverse_next_us(const struct terminal *t);

/* Sends all of them before something else. BACK: given up. */
err reverse_first(struct terminal *t, struct procedure *p);
