/* SPDX-License-Identifier: Apache-2.0 */
/* The loop: order of timers and hooks, changes from inside callbacks, wake-ups, signals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "lib/base/random.h"
#include "lib/wire/loop.h"

/* A clock that stands still until it is told. */
static int64_t fake_us(void *context)
{
    return *(int64_t *)context;
}

static struct loop *open_loop(int64_t *now_us, unsigned timers_max)
{
    struct loop *loop = NULL;
    struct loop_options options = {.clock = {fake_us, fake_us, now_us}, .timers_max = timers_max};
    assert_false(FAILED(loop_create(&options, &loop)));
    return loop;
}

struct ticker {
    struct loop *loop;
    struct loop_timer timer;
    int64_t *last_due;
    unsigned *count;
};

static void on_tick(void *context)
{
    struct ticker *ticker = context;
    assert_true(ticker->timer.due_us >= *ticker->last_due);
    *ticker->last_due = ticker->timer.due_us;
    (*ticker->count)++;
}

static void runs_timers_in_their_order(void **state)
{
    (void)state;
    enum { COUNT = 500 };
    static struct ticker tickers[COUNT];
    int64_t now = 1000, last = 0;
    unsigned count = 0;
    struct random_seeded source;
    random_seed(&source, 3);
    struct loop *loop = open_loop(&now, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        tickers[i] = (struct ticker){loop, {on_tick, &tickers[i], 0, 0}, &last, &count};
        assert_false(FAILED(
            loop_timer_set(loop, &tickers[i].timer, (int64_t)(random_seeded_next(&source) % 997))));
    }
    for (size_t i = 0; i < COUNT; i += 3) loop_timer_cancel(loop, &tickers[i].timer);
    for (size_t i = 1; i < COUNT; i += 3) /* moved while armed */
        assert_false(FAILED(
            loop_timer_set(loop, &tickers[i].timer, (int64_t)(random_seeded_next(&source) % 997))));
    now += 500 * 1000;
    assert_false(FAILED(loop_once(loop, 0)));
    assert_true(last <= now);
    unsigned first_half = count;
    now += 500 * 1000;
    assert_false(FAILED(loop_once(loop, 0)));
    assert_true(first_half > 0 && first_half < count);
    assert_int_equal(count, COUNT - (COUNT + 2) / 3);
    assert_false(FAILED(loop_once(loop, 0)));
    assert_int_equal(count, COUNT - (COUNT + 2) / 3); /* each runs once */
    loop_destroy(loop);
}

static void refuses_more_timers_than_it_has_room_for(void **state)
{
    (void)state;
    int64_t now = 0, last = 0;
    unsigned count = 0;
    struct loop *loop = open_loop(&now, 2);
    struct ticker t[4];
    for (size_t i = 0; i < 4; i++)
        t[i] = (struct ticker){loop, {on_tick, &t[i], 0, 0}, &last, &count};
    assert_false(FAILED(loop_timer_set(loop, &t[0].timer, 5)));
    assert_false(FAILED(loop_timer_set(loop, &t[1].timer, 5)));
    assert_int_equal(loop_timer_set(loop, &t[2].timer, 5).code, ERR_FULL);
    assert_false(loop_timer_armed(&t[2].timer));
    assert_false(FAILED(loop_timer_set(loop, &t[1].timer, 1))); /* moving needs no room */
    assert_false(FAILED(loop_timers_reserve(loop, 1)));
    assert_false(FAILED(loop_timer_set(loop, &t[2].timer, 5)));
    loop_destroy(loop);
}

static char trace[64];

static void note(void *context)
{
    size_t len = strlen(trace);
    assert_true(len + 1 < sizeof trace);
    trace[len] = *(const char *)context;
    trace[len + 1] = '\0';
}

static void commits_before_it_flushes(void **state)
{
    (void)state;
    int64_t now = 0;
    struct loop *loop = open_loop(&now, 4);
    struct loop_hook flush = {note, (void *)(uintptr_t) "f", NULL};
    struct loop_hook first = {note, (void *)(uintptr_t) "1", NULL};
    struct loop_hook second = {note, (void *)(uintptr_t) "2", NULL};
    struct loop_timer timer = {.run = note, .context = (void *)(uintptr_t) "t"};
    trace[0] = '\0';
    loop_before_wait(loop, LOOP_FLUSH, &flush);
    loop_before_wait(loop, LOOP_COMMIT, &first);
    loop_before_wait(loop, LOOP_COMMIT, &second);
    assert_false(FAILED(loop_timer_set(loop, &timer, 0)));
    assert_false(FAILED(loop_once(loop, 0)));
    assert_string_equal(trace, "t12f");
    loop_hook_remove(loop, &first);
    assert_false(FAILED(loop_once(loop, 0)));
    assert_string_equal(trace, "t12f2f");
    loop_destroy(loop);
}

struct pair {
    struct loop *loop;
    struct loop_watch mine, *other;
    unsigned calls;
};

static void remove_other(void *context, unsigned events)
{
    struct pair *pair = context;
    assert_true(events & LOOP_READ);
    pair->calls++;
    loop_unwatch(pair->loop, pair->other);
}

static void reports_nothing_of_what_was_removed(void **state)
{
    (void)state;
    int64_t now = 0;
    int a[2], b[2];
    struct loop *loop = open_loop(&now, 4);
    assert_int_equal(pipe(a), 0);
    assert_int_equal(pipe(b), 0);
    struct pair first = {.loop = loop}, second = {.loop = loop};
    first.mine = (struct loop_watch){.ready = remove_other, .context = &first};
    second.mine = (struct loop_watch){.ready = remove_other, .context = &second};
    first.other = &second.mine;
    second.other = &first.mine;
    assert_false(FAILED(loop_watch(loop, &first.mine, a[0], LOOP_READ)));
    assert_false(FAILED(loop_watch(loop, &second.mine, b[0], LOOP_READ)));
    assert_int_equal(write(a[1], "x", 1), 1);
    assert_int_equal(write(b[1], "x", 1), 1);
    assert_false(
        FAILED(loop_once(loop, 0))); /* both are ready; the first to run removes the other */
    assert_int_equal(first.calls + second.calls, 1);
    for (int i = 0; i < 2; i++) close(a[i]), close(b[i]);
    loop_destroy(loop);
}

/* A pipe with something in it, which stays. */
struct ready {
    struct loop_watch watch;
    int pipe[2];
    int64_t *now_us, takes_us;
    const char *name;
    unsigned calls;
};

static void on_ready(void *context, unsigned events)
{
    struct ready *ready = context;
    assert_true(events & LOOP_READ);
    ready->calls++;
    *ready->now_us += ready->takes_us;
    if (ready->name != NULL) note((void *)(uintptr_t)ready->name);
}

static void make_ready(struct loop *loop, struct ready *ready, int64_t *now_us, int64_t takes_us,
                       bool first)
{
    *ready = (struct ready){.now_us = now_us, .takes_us = takes_us};
    ready->watch = (struct loop_watch){.ready = on_ready, .context = ready, .first = first};
    assert_int_equal(pipe(ready->pipe), 0);
    assert_int_equal(write(ready->pipe[1], "x", 1), 1);
    assert_false(FAILED(loop_watch(loop, &ready->watch, ready->pipe[0], LOOP_READ)));
}

static void end_ready(struct loop *loop, struct ready *ready)
{
    loop_unwatch(loop, &ready->watch);
    close(ready->pipe[0]);
    close(ready->pipe[1]);
}

/* Behind four hundred that are always ready, it is still asked in every turn, and before them. */
static void those_that_are_first_never_wait(void **state)
{
    (void)state;
    enum { MANY = 400 };
    static struct ready many[MANY], door;
    int64_t now = 0;
    struct loop *loop = open_loop(&now, 4);
    for (size_t i = 0; i < MANY; i++) make_ready(loop, &many[i], &now, 0, false);
    make_ready(loop, &door, &now, 0, true);
    door.name = "d";
    trace[0] = '\0';
    for (unsigned turn = 1; turn <= 5; turn++) {
        assert_false(FAILED(loop_once(loop, -1)));
        assert_int_equal(door.calls, turn);
    }
    assert_string_equal(trace, "ddddd");
    for (size_t i = 0; i < MANY; i++) assert_true(many[i].calls > 0); /* and nobody is forgotten */
    for (size_t i = 0; i < MANY; i++) end_ready(loop, &many[i]);
    assert_false(FAILED(loop_once(loop, -1))); /* alone, it wakes a loop that waits */
    assert_int_equal(door.calls, 6);
    end_ready(loop, &door);
    loop_destroy(loop);
}

/* What takes long is cut, after sixteen of them: hooks run, the door is asked, and the rest comes
 * in the next turn. */
static void a_turn_is_cut_where_its_time_ends(void **state)
{
    (void)state;
    enum { SLOW = 20 };
    static struct ready slow[SLOW], door;
    int64_t now = 0;
    struct loop *loop = open_loop(&now, 4);
    struct loop_hook commit = {note, (void *)(uintptr_t) "c", NULL};
    loop_before_wait(loop, LOOP_COMMIT, &commit);
    for (size_t i = 0; i < SLOW; i++) {
        make_ready(loop, &slow[i], &now, 15000, false);
        slow[i].name = "s";
    }
    make_ready(loop, &door, &now, 0, true);
    door.name = "d";
    trace[0] = '\0';
    assert_false(FAILED(loop_once(loop, -1)));
    assert_string_equal(trace, "dssssssssssssssssc");
    end_ready(loop, &slow[17]); /* reported, and not handed out yet: it is withdrawn */
    assert_false(FAILED(loop_once(loop, -1)));
    assert_string_equal(trace, "dssssssssssssssssc"
                               "dsssc");
    for (size_t i = 0; i < SLOW; i++) assert_int_equal(slow[i].calls, i != 17);
    for (size_t i = 0; i < SLOW; i++)
        if (i != 17) end_ready(loop, &slow[i]);
    end_ready(loop, &door);
    loop_destroy(loop);
}

static void stop_loop(void *context)
{
    loop_stop(context);
}

static void *signal_wake(void *context)
{
    loop_wake_signal(context);
    return NULL;
}

static void is_woken_by_another_thread(void **state)
{
    (void)state;
    struct loop *loop = NULL;
    struct loop_options options = {.clock = clock_system()};
    assert_false(FAILED(loop_create(&options, &loop)));
    struct loop_wake wake = {.run = stop_loop, .context = loop};
    assert_false(FAILED(loop_wake_open(loop, &wake)));
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, signal_wake, &wake), 0);
    assert_false(FAILED(loop_run(loop))); /* ends only by the wake */
    assert_int_equal(pthread_join(thread, NULL), 0);
    loop_wake_close(&wake);
    loop_destroy(loop);
}

static void stops_on_a_signal(void **state)
{
    (void)state;
    struct loop *loop = NULL;
    struct loop_options options = {.clock = clock_system(), .stop_on_signals = true};
    assert_false(FAILED(loop_create(&options, &loop)));
    assert_int_equal(raise(SIGTERM), 0);
    assert_false(FAILED(loop_run(loop)));
    assert_true(loop_stopping(loop));
    loop_destroy(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_timers_in_their_order),
        cmocka_unit_test(refuses_more_timers_than_it_has_room_for),
        cmocka_unit_test(commits_before_it_flushes),
        cmocka_unit_test(reports_nothing_of_what_was_removed),
        cmocka_unit_test(those_that_are_first_never_wait),
        cmocka_unit_test(a_turn_is_cut_where_its_time_ends),
        cmocka_unit_test(is_woken_by_another_thread),
        cmocka_unit_test(stops_on_a_signal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
