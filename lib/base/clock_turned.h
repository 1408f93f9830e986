/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clock_turned: a clock that somebody turns on, for a demo that tells half a year in two minutes.
 *
 * The clock is a file of one page that its maker keeps private (0600). Programs of the same user
 * that are told of it map it, and from then on clock_system() gives the machine's wall and
 * monotonic time plus what the file says; both only ever go forward. No installed unit names such a
 * file, and each program that has one says so at its start.
 *
 * In the same page every event loop has a seat. It counts there what it has done and how often it
 * has waited in vain, so that whoever turns the clock can see that all of them are at rest.
 *
 * The mapping belongs to the process, like the clock that it stands for: taken once, at start,
 * before there are threads, and never given back.
 */

#include "lib/base/err.h"

enum { CLOCK_SEATS = 60, CLOCK_PATH_MAX = 200, CLOCK_TURN_MAX_MS = 40 * 24 * 3600 * 1000LL };

/* Makes the file, turned by nothing, and takes it for this process. Errors: EXISTS, IO, CONFIG. */
MUST_USE err clock_turned_make(const char *path);

/* Takes the file for this process. Errors: NOT_FOUND, DENIED (of somebody else, or open to others),
 * CONFIG (not such a file, or the path is too long), IO. */
MUST_USE err clock_turned_take(const char *path);

/* The file that was taken; NULL: this is the machine's time. For programs that are started here. */
const char *clock_turned_file(void);

/* What the machine's time is turned by; 0 when it is not. */
int64_t clock_turned_by_us(void);

/* Turns everybody's clock on by 0..CLOCK_TURN_MAX_MS. The file was taken. */
void clock_turned_on(int64_t by_ms);

/* A loop's seat. */
struct clock_seat;

/* NULL: the clock is not turned. A process whose file has no free seat ends: it could not be waited
 * for. */
struct clock_seat *clock_seat_take(void);
void clock_seat_give(struct clock_seat *seat); /* NULL is allowed */

/* One turn of a loop: it has done something, or waited in vain and had nothing due. */
void clock_seat_turn(struct clock_seat *seat, bool worked);

/* Whether all are at rest is seen by looking again and again with the same zeroed `rest`: true when
 * since the last that anybody did everybody has waited in vain twice. Seats of processes that have
 * ended count for nothing. */
struct clock_rest {
    uint64_t worked, waited[CLOCK_SEATS];
    bool began;
};
bool clock_rest_seen(struct clock_rest *rest);
