/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attempts: how often may somebody be wrong? A budget of tries as pure functions over a stored
 * record; the caller owns the storage and the clock. The order of the calls is the whole point:
 *
 *   attempts_begin(&limits, &stored, now, &next, &wait)   GO, WAIT or LOCKED
 *   GO: make `next` durable                              the try is spent, whatever happens now
 *   compare
 *   right: store attempts_fresh()                        wrong: nothing more to do
 *
 * A power cut at any point costs a try and never gives one back. Counting after the comparison is
 * how power cuts have given unlimited guesses elsewhere.
 *
 * Time only slows a guesser down; the number stops him. A clock that is set forward skips a wait
 * and gives no more tries; one that is set back begins the wait anew, and so cannot be used to lock
 * somebody out for longer than one wait.
 */

#include "lib/base/err.h"

struct attempts_limits {
    uint8_t tries;          /* in all, then LOCKED */
    uint8_t quick;          /* so many wrong ones without a wait */
    uint32_t first_wait_ms; /* after them; doubles with each further one */
};

/* Ten tries, the NIST SP 800-63B-4 3.2.10 limit; three at once, then 1, 2, 4 ... 64 seconds. */
static inline struct attempts_limits attempts_limits_default(void)
{
    return (struct attempts_limits){.tries = 10, .quick = 3, .first_wait_ms = 1000};
}

/* What is stored for each person. Zeroed is fresh. */
struct attempts {
    uint8_t used;    /* tries spent since the last right one */
    int64_t last_ms; /* when the last of them was spent; 0: never */
};

enum attempts_verdict { ATTEMPTS_GO, ATTEMPTS_WAIT, ATTEMPTS_LOCKED };

static inline struct attempts attempts_fresh(void)
{
    return (struct attempts){0};
}

/*
 * GO: *ret_next has one try fewer and must be durable before anything is compared.
 * WAIT: *ret_wait_ms is what is left to wait; *ret_next differs from `stored` only when the clock
 * was set back, and is then to be stored. LOCKED: *ret_next equals `stored`. The last try that is
 * allowed is GO; only then comes LOCKED.
 */
enum attempts_verdict attempts_begin(const struct attempts_limits *limits,
                                     const struct attempts *stored, int64_t now_ms,
                                     struct attempts *ret_next, uint32_t *ret_wait_ms);

uint8_t attempts_left(const struct attempts_limits *limits, const struct attempts *stored);

/* The wait that follows after `used` wrong tries, in milliseconds. */
uint32_t attempts_wait_ms(const struct attempts_limits *limits, uint8_t used);
