/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the files of `tongbao bench tap --road` share.
 *
 *   bench_road.c    the programs, the payments, the report
 *   bench_relay.c   stands between terminal and acquirer and writes down when bytes came by
 */

#include <pthread.h>
#include <stdatomic.h>

#include "lib/base/bytes.h"

enum { RELAY_TIMES = 1024 /* of the newest pieces from the terminal */ };

/* A listener on 127.0.0.1 whose connections are passed on, in both directions, unread: TLS goes
 * through it. One at a time, in a thread of its own. */
struct relay {
    int listener;
    uint16_t port;    /* where it listens */
    uint16_t to_port; /* where it passes on to */
    pthread_t thread;
    atomic_bool stop;
    atomic_uint pieces;                     /* that came from the terminal so far */
    _Atomic(int64_t) piece_us[RELAY_TIMES]; /* when, monotonic; a ring */
};

/* Errors: IO, BUSY. */
MUST_USE err relay_start(struct relay *relay, uint16_t to_port);
void relay_stop(struct relay *relay);

/* When the first piece after `pieces` came; false when none has. */
bool relay_first_after(const struct relay *relay, unsigned pieces, int64_t *ret_us);
