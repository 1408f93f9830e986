/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streams over TCP and Unix sockets on loopback, with a clock that the test moves: frames, limits,
 * slow and rude peers. The peers that misbehave are plain sockets; the well-behaved one is ours.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/wire/socket.h"
#include "lib/wire/stream.h"

enum { FRAME_MAX = 4096, TURNS_MAX = 10000 };

struct end { /* what one side has seen */
    struct stream *stream;
    unsigned opened, frames, closed;
    size_t bytes;
    err reason;
    char text[200];
    char first[32]; /* of the last frame */
    bool echo, pause;
};

struct bench {
    int64_t now_us;
    struct loop *loop;
    struct stream_pool *pool;
    struct stream_listener *listener;
    struct stream_events server_events;
    struct end server;
};

static int64_t fake_us(void *context)
{
    return *(int64_t *)context;
}

static void on_open(struct stream *stream)
{
    struct end *end = stream_owner(stream);
    end->stream = stream;
    end->opened++;
}

static void on_frame(struct stream *stream, struct bytes frame)
{
    struct end *end = stream_owner(stream);
    end->frames++;
    end->bytes += frame.len;
    size_t len = frame.len < sizeof end->first ? frame.len : sizeof end->first - 1;
    memcpy(end->first, frame.at, len);
    end->first[len] = '\0';
    if (end->echo) stream_send(stream, frame);
    if (end->pause) stream_pause(stream, true);
}

static void on_close(struct stream *stream, err reason)
{
    struct end *end = stream_owner(stream);
    end->closed++;
    end->reason = reason;
    (void)snprintf(end->text, sizeof end->text, "%s", stream_reason_text(stream));
    if (end->stream == stream) end->stream = NULL;
}

static struct stream_events events_of(struct end *end)
{
    return (struct stream_events){on_open, on_frame, on_close, end};
}

static void turn(struct bench *b)
{
    assert_false(FAILED(loop_once(b->loop, 0)));
}

/* Turns the loop until `condition` holds. The bound is far above what any case needs. */
#define UNTIL(bench, condition)                                   \
    do {                                                          \
        int turns_ = 0;                                           \
        while (!(condition) && turns_++ < TURNS_MAX) turn(bench); \
        assert_true(condition);                                   \
    } while (0)

static void pass_ms(struct bench *b, int64_t ms)
{
    b->now_us += ms * 1000;
    turn(b);
    turn(b);
}

static struct stream_pool_options options_of(struct bench *b)
{
    return (struct stream_pool_options){.loop = b->loop,
                                        .streams_max = 8,
                                        .frame = {2, FRAME_MAX},
                                        .frame_ms = 1000,
                                        .out_ms = 2000,
                                        .idle_ms = 30000};
}

static struct bench open_bench(void)
{
    return (struct bench){.now_us = 1000000};
}

static void start(struct bench *b, struct stream_pool_options (*make)(struct bench *))
{
    struct loop_options options = {.clock = {fake_us, fake_us, &b->now_us}};
    assert_false(FAILED(loop_create(&options, &b->loop)));
    struct stream_pool_options pool_options = make(b);
    assert_false(FAILED(stream_pool_create(&pool_options, &b->pool)));
    b->server_events = events_of(&b->server);
    assert_false(FAILED(
        stream_listen_tcp(b->pool, "127.0.0.1", 0, NULL, 0, &b->server_events, &b->listener)));
    assert_true(stream_listener_port(b->listener) != 0);
}

static void stop(struct bench *b)
{
    stream_pool_destroy(b->pool);
    loop_destroy(b->loop);
}

static int raw_peer(struct bench *b)
{
    int fd = -1;
    err e = socket_connect_tcp("127.0.0.1", stream_listener_port(b->listener), &fd);
    assert_true(!FAILED(e) || e.code == ERR_AGAIN);
    unsigned before = b->server.opened;
    UNTIL(b, b->server.opened == before + 1);
    return fd;
}

static void raw_send(int fd, const void *at, size_t len)
{
    assert_int_equal(send(fd, at, len, MSG_NOSIGNAL), (ssize_t)len);
}

/* ---- the ordinary way ---- */

static void carries_frames_both_ways(void **state)
{
    (void)state;
    struct bench b = open_bench();
    struct end client = {0};
    struct stream_events events = events_of(&client);
    struct stream *stream = NULL;
    b.server.echo = true;
    start(&b, options_of);
    assert_false(FAILED(stream_connect_tcp(b.pool, "127.0.0.1", stream_listener_port(b.listener),
                                           NULL, &events, &stream)));
    stream_send(stream, BYTES("before it is open"));
    UNTIL(&b, client.frames == 1);
    assert_string_equal(client.first, "before it is open");
    for (int i = 0; i < 100; i++) stream_send(stream, BYTES("many"));
    UNTIL(&b, client.frames == 101);
    assert_int_equal(b.server.frames, 101);
    assert_string_equal(stream_peer_name(stream), "");
    assert_non_null(strstr(stream_peer_address(stream), "127.0.0.1:"));

    uint64_t id = stream_id(stream);
    assert_ptr_equal(stream_find(b.pool, id), stream);
    stream_send(stream, BYTES("last"));
    stream_close(stream, OK);
    assert_int_equal(client.closed, 0); /* never from inside stream_close() */
    UNTIL(&b, client.closed == 1 && b.server.closed == 1);
    assert_null(stream_find(b.pool, id));
    assert_int_equal(client.reason.code, ERR_OK);
    assert_int_equal(b.server.reason.code, ERR_CLOSED);
    assert_string_equal(b.server.first, "last"); /* what was buffered has left before the close */
    assert_int_equal(stream_count(b.pool), 0);
    stop(&b);
}

static void works_over_a_unix_socket(void **state)
{
    (void)state;
    struct bench b = open_bench();
    struct end client = {0};
    struct stream_events events = events_of(&client);
    struct stream_listener *listener = NULL, *second = NULL;
    struct stream *stream = NULL;
    char path[64];
    struct stat info;
    (void)snprintf(path, sizeof path, "/tmp/wire_stream_test.%d", (int)getpid());
    b.server.echo = true;
    start(&b, options_of);
    assert_false(FAILED(stream_listen_unix(b.pool, path, 0, &b.server_events, &listener)));
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(stream_listen_unix(b.pool, path, 0, &b.server_events, &second).code, ERR_BUSY);
    assert_false(FAILED(stream_connect_unix(b.pool, path, &events, &stream)));
    stream_send(stream, BYTES("hello"));
    UNTIL(&b, client.frames == 1);
    char expected[32];
    (void)snprintf(expected, sizeof expected, "unix:%d", (int)getpid());
    assert_string_equal(stream_peer_address(b.server.stream), expected);
    stream_listener_close(listener);
    assert_int_not_equal(stat(path, &info), 0); /* the file is gone */
    struct end late = {0};
    struct stream_events late_events = events_of(&late);
    assert_false(FAILED(stream_connect_unix(b.pool, path, &late_events, &stream)));
    UNTIL(&b, late.closed == 1);
    assert_int_equal(late.reason.code, ERR_REFUSED);
    stop(&b);
}

static void takes_over_the_socket_file_of_a_dead_process(void **state)
{
    (void)state;
    struct bench b = open_bench();
    struct stream_listener *listener = NULL;
    char path[64];
    int fd = -1;
    (void)snprintf(path, sizeof path, "/tmp/wire_stream_dead.%d", (int)getpid());
    assert_false(FAILED(socket_listen_unix(path, &fd)));
    close(fd); /* the file stays, as after kill -9 */
    start(&b, options_of);
    assert_false(FAILED(stream_listen_unix(b.pool, path, 0, &b.server_events, &listener)));
    stream_listener_close(listener);
    stop(&b);
}

static void says_that_a_port_is_taken(void **state)
{
    (void)state;
    struct bench b = open_bench();
    struct stream_listener *second = NULL;
    start(&b, options_of);
    assert_int_equal(stream_listen_tcp(b.pool, "127.0.0.1", stream_listener_port(b.listener), NULL,
                                       0, &b.server_events, &second)
                         .code,
                     ERR_BUSY);
    assert_int_equal(
        stream_listen_tcp(b.pool, "localhost", 0, NULL, 0, &b.server_events, &second).code,
        ERR_CONFIG);
    stop(&b);
}

static void says_that_nobody_is_there(void **state)
{
    (void)state;
    struct bench b = open_bench();
    struct end client = {0};
    struct stream_events events = events_of(&client);
    struct stream *stream = NULL;
    start(&b, options_of);
    uint16_t port = stream_listener_port(b.listener);
    stream_listener_close(b.listener);
    assert_false(FAILED(stream_connect_tcp(b.pool, "127.0.0.1", port, NULL, &events, &stream)));
    UNTIL(&b, client.closed == 1);
    assert_int_equal(client.reason.code, ERR_REFUSED);
    assert_int_equal(client.opened, 0);
    stop(&b);
}

/* ---- peers that misbehave ---- */

static void closes_on_a_frame_that_is_too_long(void **state)
{
    (void)state;
    struct bench b = open_bench();
    start(&b, options_of);
    int fd = raw_peer(&b);
    raw_send(fd, "\x10\x01", 2); /* 4097 */
    UNTIL(&b, b.server.closed == 1);
    assert_int_equal(b.server.reason.code, ERR_LENGTH);
    assert_string_equal(b.server.text, "a frame is longer than the protocol allows");
    close(fd);
    fd = raw_peer(&b);
    raw_send(fd, "\0\0", 2);
    UNTIL(&b, b.server.closed == 2);
    assert_int_equal(b.server.reason.code, ERR_FORMAT);
    close(fd);
    stop(&b);
}

static void closes_on_a_frame_that_is_never_completed(void **state)
{
    (void)state;
    struct bench b = open_bench();
    start(&b, options_of);
    int fd = raw_peer(&b);
    raw_send(fd, "\0\x05hel", 5);
    turn(&b);
    /* A byte now and then must not help it. */
    pass_ms(&b, 600);
    raw_send(fd, "l", 1);
    turn(&b);
    assert_int_equal(b.server.closed, 0);
    pass_ms(&b, 401);
    UNTIL(&b, b.server.closed == 1);
    assert_int_equal(b.server.reason.code, ERR_TIMEOUT);
    assert_string_equal(b.server.text, "a frame was begun and not completed");
    assert_int_equal(b.server.frames, 0);
    close(fd);
    stop(&b);
}

static void completing_a_frame_in_time_is_enough(void **state)
{
    (void)state;
    struct bench b = open_bench();
    start(&b, options_of);
    int fd = raw_peer(&b);
    for (unsigned i = 0; i < 5; i++) {
        raw_send(fd, "\0\x05hel", 5);
        turn(&b);
        pass_ms(&b, 700);
        raw_send(fd, "lo", 2);
        UNTIL(&b, b.server.frames == i + 1);
    }
    pass_ms(&b, 5000);
    assert_int_equal(b.server.closed, 0);
    close(fd);
    UNTIL(&b, b.server.closed == 1);
    assert_int_equal(b.server.reason.code, ERR_CLOSED);
    stop(&b);
}

static void says_when_a_peer_goes_in_the_middle_of_a_frame(void **state)
{
    (void)state;
    struct bench b = open_bench();
    start(&b, options_of);
    int fd = raw_peer(&b);
    raw_send(fd, "\0\x05hel", 5);
    turn(&b);
    close(fd);
    UNTIL(&b, b.server.closed == 1);
    assert_int_equal(b.server.reason.code, ERR_SHORT);
    assert_string_equal(b.server.text, "the peer has closed in the middle of a frame");
    stop(&b);
}

static void closes_what_has_been_idle_for_too_long(void **state)
{
    (void)state;
    struct bench b = open_bench();
    start(&b, options_of);
    int fd = raw_peer(&b);
    pass_ms(&b, 20000);
    raw_send(fd, "\0\1x", 3);
    UNTIL(&b, b.server.frames == 1);
    pass_ms(&b, 20000);
    assert_int_equal(b.server.closed, 0);
    pass_ms(&b, 10001);
    UNTIL(&b, b.server.closed == 1);
    assert_int_equal(b.server.reason.code, ERR_TIMEOUT);
    close(fd);
    stop(&b);
}

static void stops_reading_who_takes_no_answers(void **state)
{
    (void)state;
    struct bench b = open_bench();
    static uint8_t request[2 + FRAME_MAX];
    request[0] = FRAME_MAX >> 8;
    b.server.echo = true;
    start(&b, options_of);
    int fd = raw_peer(&b);
    /* Asks and never reads. The kernel's buffers fill, then ours; then we stop taking requests. */
    size_t sent = 0, calm = 0;
    while (calm < 50) {
        ssize_t len = send(fd, request + sent % sizeof request,
                           sizeof request - sent % sizeof request, MSG_NOSIGNAL | MSG_DONTWAIT);
        calm = len > 0 ? 0 : calm + 1;
        if (len > 0) sent += (size_t)len;
        turn(&b);
    }
    assert_int_equal(b.server.closed, 0);
    assert_true(b.server.bytes + 100000 < sent); /* requests wait in the kernel, not with us */
    /* Begins to read: everything that was asked is answered, nothing is lost. */
    size_t received = 0;
    static uint8_t sink[65536];
    for (int turns = 0; received < sent - sent % sizeof request && turns < TURNS_MAX; turns++) {
        ssize_t len = recv(fd, sink, sizeof sink, MSG_DONTWAIT);
        if (len > 0) received += (size_t)len;
        turn(&b);
    }
    assert_int_equal(received, sent - sent % sizeof request);
    /* Stops again, for too long. */
    for (calm = 0; calm < 50; turn(&b)) {
        ssize_t len = send(fd, request + sent % sizeof request,
                           sizeof request - sent % sizeof request, MSG_NOSIGNAL | MSG_DONTWAIT);
        calm = len > 0 ? 0 : calm + 1;
        if (len > 0) sent += (size_t)len;
    }
    pass_ms(&b, 2001);
    UNTIL(&b, b.server.closed == 1);
    assert_int_equal(b.server.reason.code, ERR_TIMEOUT);
    assert_string_equal(b.server.text, "the peer does not take its answers");
    close(fd);
    stop(&b);
}

static void closes_when_the_output_overflows(void **state)
{
    (void)state;
    struct bench b = open_bench();
    static uint8_t big[FRAME_MAX];
    start(&b, options_of);
    int fd = raw_peer(&b);
    for (int i = 0; i < 5; i++) stream_send(b.server.stream, BYTES_OF(big)); /* of 16 kB room */
    assert_int_equal(b.server.closed, 0);
    UNTIL(&b, b.server.closed == 1);
    assert_int_equal(b.server.reason.code, ERR_FULL);
    close(fd);
    stop(&b);
}

static void pausing_keeps_frames_for_later(void **state)
{
    (void)state;
    struct bench b = open_bench();
    b.server.pause = true;
    start(&b, options_of);
    int fd = raw_peer(&b);
    raw_send(fd, "\0\1a\0\1b\0\1c", 9);
    UNTIL(&b, b.server.frames == 1);
    pass_ms(&b, 60000); /* it is our pause: the peer is neither late nor idle */
    assert_int_equal(b.server.frames, 1);
    assert_int_equal(b.server.closed, 0);
    stream_pause(b.server.stream, false);
    UNTIL(&b, b.server.frames == 2);
    b.server.pause = false;
    stream_pause(b.server.stream, false);
    UNTIL(&b, b.server.frames == 3);
    assert_string_equal(b.server.first, "c");
    close(fd);
    stop(&b);
}

static void turns_away_whom_it_has_no_room_for(void **state)
{
    (void)state;
    struct bench b = open_bench();
    int fds[9];
    start(&b, options_of);
    for (int i = 0; i < 8; i++) fds[i] = raw_peer(&b);
    assert_true(FAILED(socket_connect_tcp("127.0.0.1", stream_listener_port(b.listener), &fds[8])));
    UNTIL(&b, stream_listener_counts(b.listener).over_limit == 1);
    uint8_t byte;
    assert_int_equal(recv(fds[8], &byte, 1, MSG_DONTWAIT), 0); /* closed, politely */
    assert_int_equal(stream_listener_counts(b.listener).accepted, 8);
    close(fds[0]);
    UNTIL(&b, b.server.closed == 1);
    fds[0] = raw_peer(&b); /* and there is room again */
    for (int i = 0; i < 9; i++) close(fds[i]);
    stop(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(carries_frames_both_ways),
        cmocka_unit_test(works_over_a_unix_socket),
        cmocka_unit_test(takes_over_the_socket_file_of_a_dead_process),
        cmocka_unit_test(says_that_a_port_is_taken),
        cmocka_unit_test(says_that_nobody_is_there),
        cmocka_unit_test(closes_on_a_frame_that_is_too_long),
        cmocka_unit_test(closes_on_a_frame_that_is_never_completed),
        cmocka_unit_test(completing_a_frame_in_time_is_enough),
        cmocka_unit_test(says_when_a_peer_goes_in_the_middle_of_a_frame),
        cmocka_unit_test(closes_what_has_been_idle_for_too_long),
        cmocka_unit_test(stops_reading_who_takes_no_answers),
        cmocka_unit_test(closes_when_the_output_overflows),
        cmocka_unit_test(pausing_keeps_frames_for_later),
        cmocka_unit_test(turns_away_whom_it_has_no_room_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
