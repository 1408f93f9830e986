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
 * In the same page every event loop has a seat, and so has every piece of work that is out of its
 * loop's sight (a transfer in a thread) for as long as it lasts. Whoever turns the clock asks all
 * seats by a numbered question and rings a bell that wakes the loops; a loop answers when it has
 * looked and found nothing. All are at rest when everybody has answered the same question and
 * nobody has worked since before it was asked: then nothing can be on its way between them. Nobody
 * waits for time to pass, and nobody looks at the clock while nothing happens.
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

/* Turns everybody's clock on by 0..CLOCK_TURN_MAX_MS and rings. The file was taken. */
void clock_turned_on(int64_t by_ms);

/* A seat: of a loop, or of work in a thread. */
struct clock_seat;

/* NULL: the clock is not turned. A process whose file has no free seat ends: it could not be waited
 * for. Work in a thread has one from where it is handed over to where the loop hears of its end. */
struct clock_seat *clock_seat_take(void);
void clock_seat_give(struct clock_seat *seat); /* NULL is allowed */

/* A descriptor that is readable after each turn and question, until it is hushed. Errors: IO. */
MUST_USE err clock_bell_open(int *ret_fd);
void clock_bell_hush(int fd);

/* What was asked and this seat has not answered; 0: nothing. Read it before looking. */
uint64_t clock_seat_question(const struct clock_seat *seat);
/* There was nothing to do: the answer to `question`. */
void clock_seat_rest(struct clock_seat *seat, uint64_t question);
/* Said before something is done, and again when it has been done. */
void clock_seat_work(struct clock_seat *seat);

/* Whether all are at rest, for the one who turns: begin with zeros, look and pause in turn.
 * Seats of processes that have ended count for nothing. */
struct clock_rest {
    uint64_t question, worked;
    uint32_t answers;
};
bool clock_rest_seen(struct clock_rest *rest);
/* Until somebody has answered since the last look, or so long. */
void clock_rest_pause(const struct clock_rest *rest, int wait_ms);
