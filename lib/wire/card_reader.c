/* SPDX-License-Identifier: Apache-2.0 */
/* The loop's side of a card reader: what the threads have seen and done becomes events. */
#include "lib/wire/card_reader_internal.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>

static_assert(CARD_COMMAND_MAX >= CARD_RESPONSE_MAX, "one buffer holds either");

enum { STACK_BYTES = 128 << 10, JOIN_MS = 50, JOIN_TRIES = 20 };

/* ---- what is reported ---- */

static void report_card(struct card_reader *r, struct card_slot *s)
{
    const struct card_reader_events *events = &r->options.events;
    uint8_t atr[CARD_ATR_MAX];
    pthread_mutex_lock(&r->mutex);
    bool busy = s->task.state == TASK_ASKED && !s->task.unheard;
    bool present = s->present, changed = s->change != s->shown_change && !busy;
    size_t len = s->atr_len;
    memcpy(atr, s->atr, len);
    if (changed) s->shown_change = s->change;
    pthread_mutex_unlock(&r->mutex);
    if (!changed) return;
    if (s->shown) {
        s->shown = false;
        s->connected = false;
        events->on_removed(events->context, s->number);
    }
    if (!present) return;
    s->shown = true;
    events->on_card(events->context, s->number, bytes_of(atr, len),
                    card_atr_interface(bytes_of(atr, len)));
}

/* Takes the result of a task that is done. */
static bool take_result(struct card_reader *r, struct card_slot *s, struct card_task *out)
{
    pthread_mutex_lock(&r->mutex);
    bool done = s->task.state == TASK_DONE;
    if (done) {
        *out = s->task;
        explicit_bzero(&s->task, sizeof s->task);
    }
    pthread_mutex_unlock(&r->mutex);
    return done;
}

static void report_task(struct card_reader *r, struct card_slot *s)
{
    const struct card_reader_events *events = &r->options.events;
    struct card_task task = {0};
    bool told = take_result(r, s, &task);
    if (told) loop_timer_cancel(r->options.loop, &s->timer);
    if (told && task.kind == TASK_CONNECT) {
        s->connected = task.result == CARD_DONE;
        events->on_connected(events->context, s->number, task.result, task.protocol);
    }
    if (told && task.kind == TASK_TRANSMIT) {
        struct bytes answer = bytes_of(task.data, task.result == CARD_DONE ? task.len : (size_t)0);
        events->on_answer(events->context, s->number, task.result, answer);
    }
    explicit_bzero(&task, sizeof task);
}

/* A card's end is told after the answer that was under way. */
static void report(void *context)
{
    struct card_reader *r = context;
    pthread_mutex_lock(&r->mutex);
    bool there = r->there;
    pthread_mutex_unlock(&r->mutex);
    if (there && !r->shown_there) r->options.events.on_reader(r->options.events.context, true);
    for (unsigned i = 0; i < CARD_READER_SLOTS; i++) {
        report_task(r, &r->slot[i]);
        report_card(r, &r->slot[i]);
    }
    if (!there && r->shown_there) r->options.events.on_reader(r->options.events.context, false);
    r->shown_there = there;
}

/* The deadline. The thread may still be in the driver; what it brings is nobody's. */
static void late(void *context)
{
    struct card_slot *s = context;
    struct card_reader *r = s->reader;
    const struct card_reader_events *events = &r->options.events;
    pthread_mutex_lock(&r->mutex);
    bool waiting = s->task.state == TASK_ASKED && !s->task.unheard;
    enum card_task_kind kind = s->task.kind;
    if (waiting) s->task.unheard = true;
    pthread_mutex_unlock(&r->mutex);
    if (!waiting) return; /* done in this very moment: report() tells */
    s->connected = false;
    if (kind == TASK_CONNECT) events->on_connected(events->context, s->number, CARD_LATE, CARD_T0);
    else events->on_answer(events->context, s->number, CARD_LATE, (struct bytes){0});
    report(r); /* that the card has left may have waited for this */
}

/* ---- what is asked ---- */

static err ask(struct card_slot *s, enum card_task_kind kind, struct bytes command)
{
    struct card_reader *r = s->reader;
    err asked = OK;
    pthread_mutex_lock(&r->mutex);
    /* A disconnect that has not begun is part of every connect. */
    bool replaces = kind == TASK_CONNECT && s->task.kind == TASK_DISCONNECT;
    if (s->task.state != TASK_IDLE && !replaces) {
        asked = ERR(BUSY);
    } else if (!s->present || s->name[0] == '\0') {
        asked = ERR(STATE);
    } else {
        s->task = (struct card_task){.state = TASK_ASKED, .kind = kind, .len = command.len};
        if (command.len > 0) memcpy(s->task.data, command.at, command.len);
        pthread_cond_signal(&s->work);
    }
    pthread_mutex_unlock(&r->mutex);
    return asked;
}

static err connect_card(void *context, unsigned slot, unsigned deadline_ms)
{
    struct card_reader *r = context;
    ENSURE(slot < CARD_READER_SLOTS && deadline_ms > 0);
    struct card_slot *s = &r->slot[slot];
    if (s->connected || !s->shown) return ERR(STATE);
    TRY(ask(s, TASK_CONNECT, (struct bytes){0}));
    return loop_timer_set(r->options.loop, &s->timer, deadline_ms);
}

static err transmit(void *context, unsigned slot, struct bytes command, unsigned deadline_ms)
{
    struct card_reader *r = context;
    ENSURE(slot < CARD_READER_SLOTS && deadline_ms > 0);
    struct card_slot *s = &r->slot[slot];
    if (command.len < 4 || command.len > CARD_COMMAND_MAX) return ERR(LENGTH);
    if (!s->connected) return ERR(STATE);
    TRY(ask(s, TASK_TRANSMIT, command));
    return loop_timer_set(r->options.loop, &s->timer, deadline_ms);
}

static void disconnect(void *context, unsigned slot)
{
    struct card_reader *r = context;
    ENSURE(slot < CARD_READER_SLOTS);
    struct card_slot *s = &r->slot[slot];
    loop_timer_cancel(r->options.loop, &s->timer);
    s->connected = false;
    pthread_mutex_lock(&r->mutex);
    if (s->task.state == TASK_ASKED) { /* its thread disconnects when it comes back */
        s->task.unheard = true;
    } else {
        explicit_bzero(&s->task, sizeof s->task);
        s->task = (struct card_task){.state = TASK_ASKED, .kind = TASK_DISCONNECT, .unheard = true};
        pthread_cond_signal(&s->work);
    }
    pthread_mutex_unlock(&r->mutex);
}

struct card_reader_calls card_reader_calls(struct card_reader *reader)
{
    return (struct card_reader_calls){reader, connect_card, transmit, disconnect};
}

/* ---- opening and closing ---- */

void card_reader_release(struct card_reader *r)
{
    pthread_mutex_lock(&r->mutex);
    bool last = --r->holders == 0;
    pthread_mutex_unlock(&r->mutex);
    if (!last) return;
    for (unsigned i = 0; i < CARD_READER_SLOTS; i++) pthread_cond_destroy(&r->slot[i].work);
    pthread_cond_destroy(&r->retry);
    pthread_mutex_destroy(&r->mutex);
    explicit_bzero(r, sizeof *r);
    free(r);
}

static err start_thread(struct card_reader *r, void *(*run)(void *), void *argument,
                        pthread_t *ret_thread)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    if (pthread_attr_init(&attributes) != 0) return ERR(NO_MEMORY);
    (void)pthread_attr_setstacksize(&attributes, STACK_BYTES);
    sigfillset(&all); /* signals are the main thread's */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_mutex_lock(&r->mutex);
    int failed = pthread_create(ret_thread, &attributes, run, argument);
    if (failed == 0) r->holders++;
    pthread_mutex_unlock(&r->mutex);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return failed == 0 ? OK : ERR(NO_MEMORY);
}

static err start(struct card_reader *r)
{
    TRY(loop_wake_open(r->options.loop, &r->wake));
    for (unsigned i = 0; i < CARD_READER_SLOTS; i++) {
        struct card_slot *s = &r->slot[i];
        TRY(start_thread(r, card_reader_work, s, &s->thread));
        s->thread_runs = true;
    }
    return start_thread(r, card_reader_watch, r, &r->watcher);
}

static struct card_reader *make(const struct card_reader_options *options)
{
    struct card_reader *r = calloc(1, sizeof *r);
    if (r == NULL) return NULL;
    r->options = *options;
    memcpy(r->prefix, options->name, strlen(options->name) + 1);
    r->options.name = r->prefix;
    r->holders = 1;
    r->wake = (struct loop_wake){.run = report, .context = r};
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&r->mutex, NULL);
    pthread_cond_init(&r->retry, &monotonic);
    pthread_condattr_destroy(&monotonic);
    for (unsigned i = 0; i < CARD_READER_SLOTS; i++) {
        struct card_slot *s = &r->slot[i];
        s->reader = r;
        s->number = i;
        s->timer = (struct loop_timer){.run = late, .context = s};
        pthread_cond_init(&s->work, NULL);
    }
    return r;
}

err card_reader_open(const struct card_reader_options *options, struct card_reader **ret_reader)
{
    const struct card_reader_events *events = &options->events;
    ENSURE(options->loop != NULL && options->name != NULL && options->name[0] != '\0');
    ENSURE(events->on_reader != NULL && events->on_card != NULL && events->on_removed != NULL);
    ENSURE(events->on_connected != NULL && events->on_answer != NULL);
    if (strlen(options->name) > CARD_READER_NAME_MAX) return ERR(LENGTH);
    /* The only way to tell libpcsclite. It is a path and no secret. */
    if (options->socket != NULL && setenv("PCSCLITE_CSOCK_NAME", options->socket, 1) != 0)
        return ERR(NO_MEMORY);
    struct card_reader *r = make(options);
    if (r == NULL) return ERR(NO_MEMORY);
    err started = start(r);
    if (FAILED(started)) {
        card_reader_close(r);
        return started;
    }
    *ret_reader = r;
    return OK;
}

struct timespec card_reader_in(int64_t ms)
{
    struct clock clock = clock_machine();
    int64_t us = clock_monotonic_us(&clock) + ms * 1000;
    return (struct timespec){.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
}

/* A thread that hangs in a driver is left to itself: it frees what it holds when it comes back. */
static void join(struct card_reader *r, pthread_t thread, bool watcher)
{
    for (int i = 0; i < JOIN_TRIES; i++) {
        if (watcher) card_reader_interrupt(r);
        struct timespec until = card_reader_in(JOIN_MS);
        if (pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &until) == 0) return;
    }
    pthread_detach(thread);
}

void card_reader_close(struct card_reader *r)
{
    if (r == NULL) return;
    pthread_mutex_lock(&r->mutex);
    r->quit = true;
    pthread_cond_broadcast(&r->retry);
    for (unsigned i = 0; i < CARD_READER_SLOTS; i++) pthread_cond_broadcast(&r->slot[i].work);
    pthread_mutex_unlock(&r->mutex);
    if (r->watcher != 0) join(r, r->watcher, true);
    for (unsigned i = 0; i < CARD_READER_SLOTS; i++) {
        struct card_slot *s = &r->slot[i];
        loop_timer_cancel(r->options.loop, &s->timer);
        if (s->thread_runs) join(r, s->thread, false);
    }
    pthread_mutex_lock(&r->mutex); /* a thread that is left must not wake a loop that is gone */
    if (r->wake.loop != NULL) loop_wake_close(&r->wake);
    r->wake.loop = NULL;
    pthread_mutex_unlock(&r->mutex);
    card_reader_release(r);
}
