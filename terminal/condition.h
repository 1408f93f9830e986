/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * condition: how this device is, told to the back office (S114): when it has changed, but not more
 * often than DEVICE_STATE_GAP_MS, and otherwise as a beat every DEVICE_BEAT_MS. Nothing in it says
 * what was sold to whom: numbers and words, and the two digits of who is signed in.
 */

#include "lib/wire/device_protocol.h"

struct condition {
    struct device_message told; /* last, on this connection */
    int64_t told_us;            /* 0: nothing was told on it */
    int64_t first_us;           /* then it is to be */
    int64_t last_number;        /* of the payment that `last_ms` is of */
    int64_t last_ms;
};

struct terminal;

/* A connection is there, to which all of it is news: once what comes with a start is over. */
void condition_begin(struct terminal *t);

/* When it is to be told next, if nothing changes meanwhile; now, when something has changed. */
int64_t condition_next_us(const struct terminal *t);

/* The question that tells it; from then on it is told. */
MUST_USE err condition_tell(struct terminal *t, struct device_message *ret_question);
