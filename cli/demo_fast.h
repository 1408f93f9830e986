/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * demo_fast: half a year of a shop in two minutes. Real programs under a clock that is turned
 * (lib/base/clock_turned.h); the driver turns it from one interesting moment to the next, waits
 * until everybody is at rest, and does what people would do, by the doors that they have.
 *
 * Each thing that happens is said once, with its date in China and its figure. The kinds are a
 * table that says how often each must come within so many days: the story came out right when all
 * of them did and the money at the end is the same from wherever it is counted.
 */

#include "cli/console.h"
#include "cli/page.h"
#include "cli/stage.h"
#include "lib/base/clock.h"
#include "lib/base/random.h"

/* name, in how many days from the start the first must have come, once in how many days (0: once)
 */
#define FAST_KINDS(X)                  \
    X(START, "start", 1, 0)            \
    X(ACCOUNT, "payout account", 2, 0) \
    X(TRADE, "trade", 2, 1)            \
    X(SETTLED, "settled", 2, 1)        \
    X(CLEARED, "cleared", 3, 1)        \
    X(PAID, "paid out", 11, 10)

enum fast_kind {
#define X(name, word, first, every) FAST_##name,
    FAST_KINDS(X)
#undef X
        FAST_KINDS_COUNT
};

enum { FAST_SCREEN_MS = 10000, FAST_ANSWER_MS = 30000, FAST_DAY_MS = 24 * 3600 * 1000 };

/* Somebody at a console. */
struct fast_person {
    struct console *console;
    const char *login;
};

struct fast {
    struct stage *stage;
    struct page *page;
    struct clock clock;
    struct random random;
    int64_t days, day; /* of the story; the one at hand counts from 0 */
    int64_t began_ms;  /* local midnight of day 0, as UTC */
    bool json;
    size_t said[FAST_KINDS_COUNT];
    char password[16], supervisor[16]; /* that operator 01 and 00 have chosen */
    char pin[16];
    struct fast_person agent, chief, owner;
    /* What should stand in the books, counted here. */
    int64_t sold_minor, refunded_minor, paid_out_minor, fee_minor;
    size_t sales, refunds, settlements, payouts;
    uint8_t *block; /* for whatever comes; FAST_BLOCK bytes */
    char why[256];  /* what failed, for people */
};

enum { FAST_BLOCK = 256 << 10 };

/* ---- demo_fast.c ---- */

/* The moment at hand, local and as UTC. */
int64_t fast_now_ms(const struct fast *f);
struct civil fast_date(const struct fast *f);

/* Turns the clock to this hour and minute of the day at hand, when it is not later already, and
 * waits until everybody is at rest. Errors: TIMEOUT. */
MUST_USE err fast_until(struct fast *f, int hour, int minute);
/* Waits until everybody is at rest. */
MUST_USE err fast_rest(struct fast *f);

/* Something has happened. */
void fast_say(struct fast *f, enum fast_kind kind, const char *format, ...) PRINTF(3, 4);
/* Why the story cannot go on. Returns `why`. */
MUST_USE err fast_failed(struct fast *f, err why, const char *format, ...) PRINTF(3, 4);

/*
 * `tongbao admin` with these words, up to NULL; what it has said is laid into f->block. STATE when
 * its status was not 0.
 */
MUST_USE err fast_admin(struct fast *f, const char *const *words);

/* ---- demo_fast_counter.c: the cashier ---- */

MUST_USE err fast_counter_begin(struct fast *f);
/* A day's sales and their settlement. */
MUST_USE err fast_counter_trade(struct fast *f);
MUST_USE err fast_counter_settle(struct fast *f);

/* ---- demo_fast_people.c: the consoles ---- */

MUST_USE err fast_people_begin(struct fast *f);
void fast_people_end(struct fast *f);
/* Logs in when the session has ended. */
MUST_USE err fast_people_enter(struct fast *f, struct fast_person *person);

/* ---- demo_fast_money.c: the acquirer's people ---- */

/* In the morning: yesterday held against the networks, and payouts. */
MUST_USE err fast_money_morning(struct fast *f);
/* The books at the end, and what they say of each other. */
MUST_USE err fast_money_end(struct fast *f);
