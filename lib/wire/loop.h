/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * loop: one thread, one epoll set. Everything a program does is a callback from here.
 *
 * One iteration: wait, run what is readable or writable (for 20 ms or so; the rest is the next
 * iteration's), run the timers that are due, then run the hooks: all of LOOP_COMMIT first, all of
 * LOOP_FLUSH after. That order is the group commit of the whole program: a hundred requests read in
 * one iteration are made durable by one commit, and only then do their answers leave, one write per
 * socket (stream.h flushes in LOOP_FLUSH).
 *
 * Watches, timers, hooks and wakes are structs that the caller embeds and owns; zero them first.
 * They must outlive their registration. The only memory of the loop is taken in loop_create().
 * Callbacks may add, change and remove any of them, themselves included.
 * Not thread-safe, except loop_wake_signal().
 */

#include "lib/base/bytes.h"
#include "lib/base/clock.h"

struct loop;

struct loop_options {
    struct clock clock;   /* only its monotonic time is used */
    unsigned timers_max;  /* armed at one time; 0 means 1024 */
    bool stop_on_signals; /* SIGTERM and SIGINT stop the loop (they are blocked and read by
                             signalfd; create the loop before any thread so that they inherit) */
};

/* Errors: NO_MEMORY, IO. Ignores SIGPIPE for the process. */
MUST_USE err loop_create(const struct loop_options *options, struct loop **ret_loop);
void loop_destroy(struct loop *loop); /* NULL is allowed */

/* Runs until loop_stop() or a signal. The hooks run once more before it returns. Errors: IO. */
MUST_USE err loop_run(struct loop *loop);

/* One iteration that waits at most `wait_ms` (-1 for as long as it takes). For tests. */
MUST_USE err loop_once(struct loop *loop, int wait_ms);

void loop_stop(struct loop *loop);
bool loop_stopping(const struct loop *loop);

/* The next iteration does not wait: a hook has made new work for the other hooks. */
void loop_again(struct loop *loop);

/* Monotonic time of this iteration, read once after the wait. */
int64_t loop_now_us(const struct loop *loop);

/*
 * A file descriptor that is watched. Those that are `first` are asked about in every iteration,
 * before all others: epoll hands out what is ready in its order, and behind ten thousand devices a
 * person who asks for a page waits for all of them. For doors through which few come.
 */
enum loop_events { LOOP_READ = 1, LOOP_WRITE = 2, LOOP_HANGUP = 4 /* only reported */ };

struct loop_watch {
    void (*ready)(void *context, unsigned events);
    void *context;
    int fd;
    unsigned events;
    bool first; /* set before loop_watch(), and not changed */
    bool active;
};

/* Sets ready and context before; `events` may be 0. Errors: IO, FULL (the kernel's limit). */
MUST_USE err loop_watch(struct loop *loop, struct loop_watch *watch, int fd, unsigned events);
MUST_USE err loop_watch_change(struct loop *loop, struct loop_watch *watch, unsigned events);

/* Call before close(fd). Nothing is reported for it afterwards. A watch that is not active is fine.
 */
void loop_unwatch(struct loop *loop, struct loop_watch *watch);

/* A timer: runs once, at or after its time, in the order of the times. */
struct loop_timer {
    void (*run)(void *context);
    void *context;
    int64_t due_us;
    size_t place; /* in the heap, counted from 1; 0 when not armed */
};

/* Arms, or moves when armed. Set run and context before. Errors: FULL (timers_max are armed). */
MUST_USE err loop_timer_set(struct loop *loop, struct loop_timer *timer, int64_t after_ms);
void loop_timer_cancel(struct loop *loop, struct loop_timer *timer);

/*
 * Makes room for `count` more armed timers beyond timers_max: for libraries that own many and know
 * how many. Start-up only. Errors: NO_MEMORY.
 */
MUST_USE err loop_timers_reserve(struct loop *loop, size_t count);

static inline bool loop_timer_armed(const struct loop_timer *timer)
{
    return timer->place != 0;
}

/* What runs at the end of every iteration, before the wait; in order of registration per phase. */
enum loop_phase { LOOP_COMMIT, LOOP_FLUSH, LOOP_PHASES };

struct loop_hook {
    void (*run)(void *context);
    void *context;
    struct loop_hook *next;
};

void loop_before_wait(struct loop *loop, enum loop_phase phase, struct loop_hook *hook);
void loop_hook_remove(struct loop *loop, struct loop_hook *hook);

/* How another thread gets this one's attention. Several signals may become one run. */
struct loop_wake {
    void (*run)(void *context);
    void *context;
    struct loop_watch watch;
    struct loop *loop;
};

MUST_USE err loop_wake_open(struct loop *loop, struct loop_wake *wake);
void loop_wake_close(struct loop_wake *wake);
void loop_wake_signal(struct loop_wake *wake); /* from any thread */
