/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * update: new software for this device (S119). The back office says, signed, which version it is to
 * have and in which hours it may start it; whoever has started us fetches, checks and keeps it
 * (update/runner.h), and we say when it is healthy and when nothing is lost by starting anew.
 *
 *   healthy   the self-check is over (store, vault), and host or back office have answered
 *   start     the hours are right, the screen stands where things begin, no order is open
 */

#include "lib/wire/device_protocol.h"
#include "terminal/terminal.h"

struct update {
    struct terminal_software software;
    bool known;                /* somebody has told it: image is not 0 */
    bool untold;               /* the back office does not know it yet */
    bool healthy;              /* was said, in this life */
    bool asked;                /* to be started anew, in this life */
    unsigned from_min, to_min; /* local time of day; the same: at any time */
};

/* "02:00-05:00"; what is none is any time. */
void update_hours(struct bytes text, unsigned *ret_from_min, unsigned *ret_to_min);
bool update_in_hours(unsigned from_min, unsigned to_min, unsigned minute);

/* The back office has told what to have. */
void update_told(struct terminal *t, const struct device_message *heard);
/* A connection is there, to which all of it is news. */
void update_begin(struct terminal *t);
/* The question that says what runs; then it is told. */
void update_tell(struct terminal *t, struct device_message *ret_question);
/* Says what is due. */
void update_tick(struct terminal *t);
int64_t update_next_us(const struct terminal *t);
