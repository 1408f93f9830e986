/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * timeouts: how long a customer may take over each step before the payment is submitted, as a
 * table with floor and ceiling, and what happens when the time is over.
 *
 * The administrator sets each within its bounds (timeouts_set); a store with a value outside is
 * refused as damaged. A step that runs out of time has one outcome: card and entry are forgotten,
 * an audit record `timeout` names the step and the amount, and a screen says that nothing was
 * charged and to take the card back. An amount that was never entered goes back to the main screen
 * without one: nobody waits for it. After the payment is submitted nothing of this applies: it ends
 * by the host's answer or reversed.
 *
 * A PIN has two times: from one key to the next, and for all of it. With the guide for who does not
 * see the screen (guide.h) both are longer: an instruction has to be heard first.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"

struct terminal;
struct procedure;
struct records;

enum timeout {
    TIMEOUT_AMOUNT,
    TIMEOUT_PRESENT,
    TIMEOUT_CHOICE, /* of a card's applications; a document that is looked at */
    TIMEOUT_PIN_PAUSE,
    TIMEOUT_PIN_WHOLE,
    TIMEOUT_GUIDED_PAUSE,
    TIMEOUT_GUIDED_WHOLE,
    TIMEOUTS,
    TIMEOUT_NONE = TIMEOUTS
};

struct timeout_row {
    const char *name; /* in the store, in the audit, and of the choice */
    int floor_s, delivered_s, ceiling_s;
};
const struct timeout_row *timeout_row(enum timeout timeout);

struct timeouts {
    int64_t seconds[TIMEOUTS];
};

/* What the customer at this screen has; of struct terminal. */
struct patience {
    enum timeout step, whole; /* NONE: this screen idles as any other */
    int64_t whole_until_us;
    enum timeout over; /* which one has ended the payment that timed_out() speaks of */
    bool card_inside;  /* then */
};

/* What the administrator has set, or what was delivered. CORRUPT: no value of ours. */
MUST_USE err timeouts_load(struct records *records, struct timeouts *ret_timeouts);

/* This screen waits for a customer; after screen_begin(). */
void timeout_of(struct terminal *t, enum timeout step);

/* A PIN begins: from now on the whole of it is counted; then timeout_of_pin() on each screen. */
void timeout_pin_begin(struct terminal *t, bool guided);
void timeout_of_pin(struct terminal *t, bool guided);

/* The screen has idled: does it have an outcome? Notes it; the caller unwinds and calls
 * timed_out(). False: nobody waits for one. */
MUST_USE err timeout_over(struct terminal *t, bool *ret_outcome);

err timed_out(struct terminal *t, struct procedure *p);
err timeouts_set(struct terminal *t, struct procedure *p);
