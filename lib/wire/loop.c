/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop: level-triggered epoll, a binary heap of timers, two lists of hooks. Level-triggered,
 * because a callback may then take a fair share of what is there and leave the rest to the next
 * iteration; edge-triggered saved no system call that reading once per report does not save too.
 */
#include "lib/wire/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "lib/base/clock_turned.h"

enum {
    BATCH = 256, /* reports taken per wait: bounds one iteration */
    FIRST = 16,  /* the same of those that go before all others */
    REPORTS_US =
        20000, /* an iteration hands out reports so long: what costs much is cut here ... */
    REPORTS_LEAST = 16, /* ... but not below this: what an iteration costs itself would be all */
    TIMERS_DEFAULT = 1024,
    TIMERS_PER_TURN = 1024, /* a timer that re-arms itself for now cannot hold up the rest */
};

struct loop {
    struct clock clock;
    int epoll_fd, first_fd, signal_fd; /* first_fd is watched by epoll_fd, too: it wakes */
    int64_t now_us;
    struct loop_timer **heap; /* heap[1] is due first; heap[0] is unused */
    size_t timers, timers_max;
    struct loop_hook *hooks[LOOP_PHASES];
    struct loop_watch signal_watch;
    struct epoll_event batch[BATCH];
    int batch_at, batch_count; /* what is not handed out yet stands between them */
    struct epoll_event first[FIRST];
    int first_at, first_count;
    struct loop_watch first_watch;
    bool stop, again;
    /* Of a clock that is turned; NULL: time is the machine's, and there is no bell. */
    struct clock_seat *seat;
    struct loop_watch bell;
};

static void on_signal(void *context, unsigned events)
{
    struct loop *loop = context;
    struct signalfd_siginfo info;
    (void)events;
    while (read(loop->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) loop->stop = true;
}

static err open_signals(struct loop *loop)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0) return ERR(IO);
    loop->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (loop->signal_fd < 0) return ERR(IO);
    loop->signal_watch.ready = on_signal;
    loop->signal_watch.context = loop;
    return loop_watch(loop, &loop->signal_watch, loop->signal_fd, LOOP_READ);
}

static void on_bell(void *context, unsigned events)
{
    struct loop *loop = context;
    (void)events;
    clock_bell_hush(loop->bell.fd);
}

/* A loop that waits is woken when the clock is turned and when it is asked whether it rests. */
static err open_bell(struct loop *loop)
{
    int fd = -1;
    loop->seat = clock_seat_take();
    if (loop->seat == NULL) return OK;
    TRY(clock_bell_open(&fd));
    loop->bell = (struct loop_watch){.ready = on_bell, .context = loop};
    err done = loop_watch(loop, &loop->bell, fd, LOOP_READ);
    if (FAILED(done)) (void)close(fd);
    return done;
}

/* It has only woken: what is behind it is asked about in every iteration. */
static void on_first(void *context, unsigned events)
{
    (void)context, (void)events;
}

static err open_first(struct loop *loop)
{
    loop->first_fd = epoll_create1(EPOLL_CLOEXEC);
    if (loop->first_fd < 0) return ERR(IO);
    loop->first_watch = (struct loop_watch){.ready = on_first, .context = loop};
    return loop_watch(loop, &loop->first_watch, loop->first_fd, LOOP_READ);
}

static err open_loop(struct loop *loop, const struct loop_options *options)
{
    loop->timers_max = options->timers_max > 0 ? options->timers_max : TIMERS_DEFAULT;
    loop->heap = calloc(loop->timers_max + 1, sizeof(struct loop_timer *));
    if (loop->heap == NULL) return ERR(NO_MEMORY);
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll_fd < 0) return ERR(IO);
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) return ERR(IO);
    TRY(open_first(loop));
    TRY(open_bell(loop));
    return options->stop_on_signals ? open_signals(loop) : OK;
}

err loop_create(const struct loop_options *options, struct loop **ret_loop)
{
    ENSURE(options->clock.monotonic_us != NULL);
    struct loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL) return ERR(NO_MEMORY);
    loop->clock = options->clock;
    loop->epoll_fd = loop->first_fd = loop->signal_fd = -1;
    loop->now_us = clock_monotonic_us(&loop->clock);
    err e = open_loop(loop, options);
    if (FAILED(e)) {
        loop_destroy(loop);
        return e;
    }
    *ret_loop = loop;
    return OK;
}

void loop_destroy(struct loop *loop)
{
    if (loop == NULL) return;
    clock_seat_give(loop->seat);
    if (loop->bell.active) close(loop->bell.fd);
    if (loop->signal_fd >= 0) close(loop->signal_fd);
    if (loop->first_fd >= 0) close(loop->first_fd);
    if (loop->epoll_fd >= 0) close(loop->epoll_fd);
    free(loop->heap);
    free(loop);
}

void loop_stop(struct loop *loop)
{
    loop->stop = true;
}

bool loop_stopping(const struct loop *loop)
{
    return loop->stop;
}

void loop_again(struct loop *loop)
{
    loop->again = true;
}

int64_t loop_now_us(const struct loop *loop)
{
    return loop->now_us;
}

/* ---- watches ---- */

static int epoll_of(const struct loop *loop, const struct loop_watch *watch)
{
    return watch->first ? loop->first_fd : loop->epoll_fd;
}

static err watch_control(struct loop *loop, int operation, struct loop_watch *watch)
{
    struct epoll_event event = {.data.ptr = watch};
    if (watch->events & LOOP_READ) event.events |= EPOLLIN;
    if (watch->events & LOOP_WRITE) event.events |= EPOLLOUT;
    if (epoll_ctl(epoll_of(loop, watch), operation, watch->fd, &event) == 0) return OK;
    return errno == ENOSPC || errno == ENOMEM ? ERR(FULL) : ERR(IO);
}

err loop_watch(struct loop *loop, struct loop_watch *watch, int fd, unsigned events)
{
    ENSURE(!watch->active && watch->ready != NULL && fd >= 0);
    watch->fd = fd;
    watch->events = events;
    TRY(watch_control(loop, EPOLL_CTL_ADD, watch));
    watch->active = true;
    return OK;
}

err loop_watch_change(struct loop *loop, struct loop_watch *watch, unsigned events)
{
    ENSURE(watch->active);
    if (watch->events == events) return OK;
    watch->events = events;
    return watch_control(loop, EPOLL_CTL_MOD, watch);
}

void loop_unwatch(struct loop *loop, struct loop_watch *watch)
{
    if (!watch->active) return;
    watch->active = false;
    (void)epoll_ctl(epoll_of(loop, watch), EPOLL_CTL_DEL, watch->fd, NULL);
    /* What was reported for it and was not yet handed out is withdrawn. */
    for (int i = loop->batch_at; i < loop->batch_count; i++)
        if (loop->batch[i].data.ptr == watch) loop->batch[i].data.ptr = NULL;
    for (int i = loop->first_at; i < loop->first_count; i++)
        if (loop->first[i].data.ptr == watch) loop->first[i].data.ptr = NULL;
}

/* ---- timers ---- */

static void heap_put(struct loop *loop, size_t place, struct loop_timer *timer)
{
    loop->heap[place] = timer;
    timer->place = place;
}

static void heap_up(struct loop *loop, struct loop_timer *timer, size_t place)
{
    while (place > 1 && loop->heap[place / 2]->due_us > timer->due_us) {
        heap_put(loop, place, loop->heap[place / 2]);
        place /= 2;
    }
    heap_put(loop, place, timer);
}

static void heap_down(struct loop *loop, struct loop_timer *timer, size_t place)
{
    for (;;) {
        size_t child = 2 * place;
        if (child > loop->timers) break;
        if (child < loop->timers && loop->heap[child + 1]->due_us < loop->heap[child]->due_us)
            child++;
        if (loop->heap[child]->due_us >= timer->due_us) break;
        heap_put(loop, place, loop->heap[child]);
        place = child;
    }
    heap_put(loop, place, timer);
}

err loop_timer_set(struct loop *loop, struct loop_timer *timer, int64_t after_ms)
{
    ENSURE(timer->run != NULL);
    ENSURE(after_ms >= 0 && after_ms <= INT64_MAX / 2000);
    loop_timer_cancel(loop, timer);
    if (loop->timers == loop->timers_max) return ERR(FULL);
    timer->due_us = clock_monotonic_us(&loop->clock) + after_ms * 1000;
    loop->timers++;
    heap_up(loop, timer, loop->timers);
    return OK;
}

err loop_timers_reserve(struct loop *loop, size_t count)
{
    ENSURE(count < SIZE_MAX / sizeof(struct loop_timer *) - loop->timers_max - 1);
    size_t slots = loop->timers_max + count + 1;
    struct loop_timer **heap = realloc(loop->heap, slots * sizeof(struct loop_timer *));
    if (heap == NULL) return ERR(NO_MEMORY);
    loop->heap = heap;
    loop->timers_max += count;
    return OK;
}

void loop_timer_cancel(struct loop *loop, struct loop_timer *timer)
{
    size_t place = timer->place;
    if (place == 0) return;
    ENSURE(place <= loop->timers && loop->heap[place] == timer);
    struct loop_timer *last = loop->heap[loop->timers];
    loop->heap[loop->timers] = NULL;
    loop->timers--;
    timer->place = 0;
    if (last == timer) return;
    /* The last one takes the free place; at most one of the two moves it. */
    heap_up(loop, last, place);
    heap_down(loop, last, last->place);
}

static void run_timers(struct loop *loop)
{
    for (int i = 0; i < TIMERS_PER_TURN && loop->timers > 0; i++) {
        struct loop_timer *timer = loop->heap[1];
        if (timer->due_us > loop->now_us) return;
        loop_timer_cancel(loop, timer);
        timer->run(timer->context);
    }
}

/* ---- hooks ---- */

void loop_before_wait(struct loop *loop, enum loop_phase phase, struct loop_hook *hook)
{
    ENSURE(phase < LOOP_PHASES && hook->run != NULL);
    struct loop_hook **at = &loop->hooks[phase];
    while (*at != NULL) {
        ENSURE(*at != hook);
        at = &(*at)->next;
    }
    hook->next = NULL;
    *at = hook;
}

void loop_hook_remove(struct loop *loop, struct loop_hook *hook)
{
    for (int phase = 0; phase < LOOP_PHASES; phase++)
        for (struct loop_hook **at = &loop->hooks[phase]; *at != NULL; at = &(*at)->next)
            if (*at == hook) {
                *at = hook->next;
                return; /* hook->next stays, so that a hook may remove itself while it runs */
            }
}

static void run_hooks(struct loop *loop)
{
    for (int phase = 0; phase < LOOP_PHASES; phase++)
        for (struct loop_hook *hook = loop->hooks[phase]; hook != NULL; hook = hook->next)
            hook->run(hook->context);
}

/* ---- wakes ---- */

static void on_wake(void *context, unsigned events)
{
    struct loop_wake *wake = context;
    uint64_t count;
    (void)events;
    if (read(wake->watch.fd, &count, sizeof count) == (ssize_t)sizeof count)
        wake->run(wake->context);
}

err loop_wake_open(struct loop *loop, struct loop_wake *wake)
{
    ENSURE(wake->run != NULL);
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (fd < 0) return ERR(IO);
    wake->loop = loop;
    wake->watch = (struct loop_watch){.ready = on_wake, .context = wake, .first = true};
    err e = loop_watch(loop, &wake->watch, fd, LOOP_READ);
    if (FAILED(e)) close(fd);
    return e;
}

void loop_wake_close(struct loop_wake *wake)
{
    if (!wake->watch.active) return;
    loop_unwatch(wake->loop, &wake->watch);
    close(wake->watch.fd);
}

void loop_wake_signal(struct loop_wake *wake)
{
    const uint64_t one = 1;
    /* The only failure is a counter at its end: then the wake is already on its way. */
    ssize_t done = write(wake->watch.fd, &one, sizeof one);
    (void)done;
}

/* ---- the turn ---- */

/* Milliseconds until something is due, never more than `limit_ms` (-1: no limit). */
static int wait_time(const struct loop *loop, int limit_ms)
{
    if (loop->again || loop->stop || loop->batch_at < loop->batch_count) return 0;
    if (loop->timers == 0) return limit_ms;
    int64_t left_us = loop->heap[1]->due_us - clock_monotonic_us(&loop->clock);
    if (left_us <= 0) return 0;
    int64_t left_ms = (left_us + 999) / 1000; /* rounded up: an early wake-up would only spin */
    if (limit_ms >= 0 && left_ms > limit_ms) return limit_ms;
    return left_ms > INT32_MAX ? INT32_MAX : (int)left_ms;
}

static void hand_out(const struct epoll_event *report)
{
    struct loop_watch *watch = report->data.ptr;
    unsigned events = 0;
    if (watch == NULL) return;
    if (report->events & EPOLLIN) events |= LOOP_READ;
    if (report->events & EPOLLOUT) events |= LOOP_WRITE;
    if (report->events & (EPOLLHUP | EPOLLERR)) events |= LOOP_HANGUP;
    watch->ready(watch->context, events);
}

/* All of those that are first; of the others as many as the time of the iteration is enough for,
 * and some at least: a process that gets no processor for a while finds its time over each time. */
static void report(struct loop *loop)
{
    int64_t end_us = loop->now_us + REPORTS_US;
    while (loop->first_at < loop->first_count) hand_out(&loop->first[loop->first_at++]);
    loop->first_at = loop->first_count = 0;
    for (int handed = 1; loop->batch_at < loop->batch_count; handed++) {
        hand_out(&loop->batch[loop->batch_at++]);
        if (handed >= REPORTS_LEAST && clock_monotonic_us(&loop->clock) >= end_us) break;
    }
    if (loop->batch_at == loop->batch_count) loop->batch_at = loop->batch_count = 0;
}

static err ask(int fd, struct epoll_event *out, int max, int timeout, int *ret_count)
{
    int count = epoll_wait(fd, out, max, timeout);
    if (count < 0 && errno != EINTR) return ERR(IO);
    *ret_count = count > 0 ? count : 0;
    return OK;
}

/* The others are asked about when all that they had reported has been handed out. */
static err take_reports(struct loop *loop, int timeout)
{
    if (loop->batch_at == loop->batch_count)
        TRY(ask(loop->epoll_fd, loop->batch, BATCH, timeout, &loop->batch_count));
    return ask(loop->first_fd, loop->first, FIRST, 0, &loop->first_count);
}

/* Whether this turn has anything in it: a report that only wakes is nothing. */
static bool has_work(const struct loop *loop)
{
    if (loop->first_count > 0) return true;
    for (int i = loop->batch_at; i < loop->batch_count; i++) {
        const void *watch = loop->batch[i].data.ptr;
        if (watch != &loop->bell && watch != &loop->first_watch) return true;
    }
    return loop->timers > 0 && loop->heap[1]->due_us <= loop->now_us;
}

static void handle(struct loop *loop)
{
    report(loop);
    run_timers(loop);
    run_hooks(loop);
}

/* Under a clock that is turned: what is done is counted, and a turn without anything to do answers
 * what was asked before it looked. `goes_on`: the turn before has left something to the hooks. */
static void handle_counted(struct loop *loop, uint64_t question, bool goes_on)
{
    bool works = goes_on || has_work(loop);
    if (works) clock_seat_work(loop->seat);
    handle(loop);
    if (works) clock_seat_work(loop->seat);
    else if (question != 0 && !loop->again) clock_seat_rest(loop->seat, question);
}

err loop_once(struct loop *loop, int wait_ms)
{
    const uint64_t question = loop->seat == NULL ? 0 : clock_seat_question(loop->seat);
    const bool goes_on = loop->again;
    int timeout = question != 0 ? 0 : wait_time(loop, wait_ms);
    loop->again = false;
    TRY(take_reports(loop, timeout));
    loop->now_us = clock_monotonic_us(&loop->clock);
    if (loop->seat == NULL) handle(loop);
    else handle_counted(loop, question, goes_on);
    return OK;
}

err loop_run(struct loop *loop)
{
    run_hooks(loop); /* what start-up has buffered */
    while (!loop->stop) TRY(loop_once(loop, -1));
    run_hooks(loop); /* what a callback has done after it said stop */
    return OK;
}
