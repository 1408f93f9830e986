/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A clock that is turned: what it does to time, whom it takes, and who is at rest. A process has
 * one clock for its life, so each test is a process of its own.
 */
#include "tests/unit/scratch.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/clock_turned.h"
#include "lib/base/file.h"
#include "lib/wire/loop.h"

enum { HOUR_MS = 3600 * 1000 };

static struct scratch place;
static char path[256], other[256], beside[256];

/* Fails in the child are told by its status. */
#define HOLDS(condition)                                                  \
    do {                                                                  \
        if (!(condition)) {                                               \
            (void)fprintf(stderr, "line %d: %s\n", __LINE__, #condition); \
            _exit(1);                                                     \
        }                                                                 \
    } while (0)

static void in_child(void (*act)(void))
{
    int status = 0;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        act();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static int start(void **state)
{
    (void)state;
    scratch_make(&place);
    (void)snprintf(path, sizeof path, "%s/clock", place.directory);
    (void)snprintf(other, sizeof other, "%s/other", place.directory);
    (void)snprintf(beside, sizeof beside, "%s/link", place.directory);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    scratch_remove(&place);
    return 0;
}

static void turn(void)
{
    const struct clock clock = clock_system(), machine = clock_machine();
    HOLDS(clock_turned_file() == NULL && clock_turned_by_us() == 0);
    HOLDS(clock_seat_take() == NULL);
    HOLDS(!FAILED(clock_turned_make(path)));
    HOLDS(strcmp(clock_turned_file(), path) == 0);
    int64_t wall = clock_now_ms(&clock) - clock_now_ms(&machine);
    HOLDS(wall >= -1000 && wall <= 1000);
    clock_turned_on(5 * HOUR_MS);
    clock_turned_on(HOUR_MS);
    wall = clock_now_ms(&clock) - clock_now_ms(&machine);
    HOLDS(wall > 5 * HOUR_MS && wall < 7 * HOUR_MS);
    int64_t us = clock_monotonic_us(&clock) - clock_monotonic_us(&machine);
    HOLDS(us / 1000 > 5 * HOUR_MS && us / 1000 < 7 * HOUR_MS);
}

/* Another process that is told of the file has the time that the first one made. */
static void take(void)
{
    HOLDS(!FAILED(clock_turned_take(path)));
    HOLDS(clock_turned_by_us() == 6LL * HOUR_MS * 1000);
}

static void make_again(void)
{
    HOLDS(clock_turned_make(path).code == ERR_EXISTS);
}

static void both_clocks_are_turned_for_everybody(void **state)
{
    (void)state;
    in_child(turn);
    in_child(take);
    in_child(make_again);
}

/* What others may write, what is no clock, and what is not there. */
static void refuse(void)
{
    static const uint8_t nothing[4096];
    HOLDS(clock_turned_take("/nonexistent/clock").code == ERR_NOT_FOUND);
    HOLDS(!FAILED(file_write(other, FILE_PRIVATE, BYTES("short"))));
    HOLDS(clock_turned_take(other).code == ERR_CONFIG);
    HOLDS(!FAILED(file_write(other, FILE_PRIVATE, bytes_of(nothing, sizeof nothing))));
    HOLDS(clock_turned_take(other).code == ERR_CONFIG);
    HOLDS(chmod(path, 0644) == 0);
    HOLDS(clock_turned_take(path).code == ERR_DENIED);
    HOLDS(chmod(path, 0600) == 0);
    HOLDS(symlink(path, beside) == 0);
    HOLDS(clock_turned_take(beside).code == ERR_CONFIG);
    HOLDS(unlink(beside) == 0);
    HOLDS(clock_turned_file() == NULL);
}

static void only_a_private_clock_is_taken(void **state)
{
    (void)state;
    in_child(refuse);
}

/* ---- loops ---- */

static void count_one(void *context)
{
    ++*(unsigned *)context;
}

/* A timer of an hour runs when the clock is turned: the bell ends the loop's wait. */
static void wake(void)
{
    unsigned ran = 0;
    struct loop *loop = NULL;
    struct loop_timer timer = {.run = count_one, .context = &ran};
    const struct loop_options options = {.clock = clock_system()};
    HOLDS(!FAILED(clock_turned_take(path)));
    HOLDS(!FAILED(loop_create(&options, &loop)));
    HOLDS(!FAILED(loop_timer_set(loop, &timer, HOUR_MS)));
    clock_turned_on(HOUR_MS / 2);
    HOLDS(!FAILED(loop_once(loop, -1))); /* comes back, though nothing is due for half an hour */
    HOLDS(ran == 0);
    clock_turned_on(HOUR_MS / 2);
    HOLDS(!FAILED(loop_once(loop, -1)));
    HOLDS(ran == 1);
    loop_destroy(loop);
}

/* Two turns of a loop: the bell, and the look that answers. */
static void look(struct loop *loop)
{
    for (int i = 0; i < 2; i++) HOLDS(!FAILED(loop_once(loop, 0)));
}

/* At rest are all, or nobody: each has looked since the last that anybody did. */
static void rest(void)
{
    unsigned ran = 0;
    struct loop *one = NULL, *two = NULL;
    struct loop_timer timer = {.run = count_one, .context = &ran};
    struct clock_rest seen = {0};
    const struct loop_options options = {.clock = clock_system()};
    HOLDS(!FAILED(clock_turned_take(path)));
    HOLDS(!FAILED(loop_create(&options, &one)) && !FAILED(loop_create(&options, &two)));
    HOLDS(!clock_rest_seen(&seen)); /* asks */
    look(one);
    HOLDS(!clock_rest_seen(&seen)); /* the other one has said nothing */
    look(two);
    HOLDS(clock_rest_seen(&seen));
    HOLDS(!FAILED(loop_timer_set(two, &timer, 0)));
    HOLDS(!FAILED(loop_once(two, 1)));
    HOLDS(ran == 1 && !clock_rest_seen(&seen)); /* it did something: asks anew */
    look(one);
    look(two);
    HOLDS(clock_rest_seen(&seen));
    loop_destroy(two);
    seen = (struct clock_rest){0};
    HOLDS(!clock_rest_seen(&seen));
    look(one);
    HOLDS(clock_rest_seen(&seen)); /* whoever has left is not waited for */
    loop_destroy(one);
}

/* ---- what is on its way ---- */

struct post {
    struct loop *loop;
    struct loop_watch watch;
    struct clock_rest *asked; /* by somebody who asks while a letter is answered; NULL: nobody */
    struct post *other;
    unsigned heard;
};

/* Takes a letter and passes it on, as often as its number says. */
static void pass_on(void *context, unsigned events)
{
    struct post *p = context;
    uint8_t left;
    (void)events;
    if (read(p->watch.fd, &left, 1) != 1) return;
    p->heard++;
    if (p->asked != NULL) {
        HOLDS(!clock_rest_seen(p->asked));
        look(p->other->loop);
    }
    if (left-- > 0) HOLDS(write(p->watch.fd, &left, 1) == 1);
}

static void open_post(struct post *p, int fd)
{
    const struct loop_options options = {.clock = clock_system()};
    HOLDS(!FAILED(loop_create(&options, &p->loop)));
    p->watch = (struct loop_watch){.ready = pass_on, .context = p};
    HOLDS(!FAILED(loop_watch(p->loop, &p->watch, fd, LOOP_READ)));
}

/* The second has a letter in its hand when all are asked. The first looks and answers; then the
 * second sends it another letter, and answers too. Both say that they rest while a letter lies in
 * the socket: the clock may not be turned. */
static void letter(void)
{
    int pair[2];
    uint8_t one_more = 1;
    struct clock_rest seen = {0};
    struct post one = {0}, two = {.asked = &seen, .other = &one};
    HOLDS(!FAILED(clock_turned_take(path)));
    HOLDS(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    open_post(&one, pair[0]);
    open_post(&two, pair[1]);
    HOLDS(write(pair[0], &one_more, 1) == 1);
    HOLDS(!FAILED(loop_once(two.loop, -1)));
    look(two.loop);
    HOLDS(two.heard == 1 && one.heard == 0);
    HOLDS(!clock_rest_seen(&seen)); /* both have answered: asks anew */
    look(two.loop);
    HOLDS(!clock_rest_seen(&seen));
    look(one.loop);
    look(one.loop);
    HOLDS(one.heard == 1 && !clock_rest_seen(&seen));
    look(one.loop);
    look(two.loop);
    HOLDS(clock_rest_seen(&seen));
    loop_destroy(one.loop);
    loop_destroy(two.loop);
    HOLDS(close(pair[0]) == 0 && close(pair[1]) == 0);
}

/* Work in a thread has a seat, and says nothing until it is given back; then all look anew. */
static void thread_at_work(void)
{
    struct loop *loop = NULL;
    struct clock_rest seen = {0};
    const struct loop_options options = {.clock = clock_system()};
    HOLDS(!FAILED(clock_turned_take(path)));
    HOLDS(!FAILED(loop_create(&options, &loop)));
    struct clock_seat *work = clock_seat_take();
    HOLDS(work != NULL && !clock_rest_seen(&seen));
    look(loop);
    HOLDS(!clock_rest_seen(&seen));
    clock_seat_give(work);
    HOLDS(!clock_rest_seen(&seen));
    look(loop);
    HOLDS(clock_rest_seen(&seen));
    loop_destroy(loop);
}

static void what_is_on_its_way_is_waited_for(void **state)
{
    (void)state;
    in_child(letter);
    in_child(thread_at_work);
}

/* A seat of a process that was killed is free again, for as many as come. */
static void sit_and_go(void)
{
    HOLDS(!FAILED(clock_turned_take(path)));
    HOLDS(clock_seat_take() != NULL);
}

static void loops_wake_and_say_when_they_rest(void **state)
{
    (void)state;
    in_child(wake);
    in_child(rest);
    for (int i = 0; i < 2 * CLOCK_SEATS; i++) in_child(sit_and_go);
    in_child(rest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_clocks_are_turned_for_everybody),
        cmocka_unit_test(only_a_private_clock_is_taken),
        cmocka_unit_test(loops_wake_and_say_when_they_rest),
        cmocka_unit_test(what_is_on_its_way_is_waited_for),
    };
    return cmocka_run_group_tests_name("base_clock_turned", tests, start, stop);
}
