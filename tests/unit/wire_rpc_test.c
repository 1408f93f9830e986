/* SPDX-License-Identifier: Apache-2.0 */
/* rpc against a peer that answers, dies, is silent, answers late, or answers nonsense. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "lib/wire/rpc.h"
#include "lib/wire/socket.h"

enum behaviour {
    ECHO,
    DIE,
    SILENT,
    HUGE_ANSWER,
    EMPTY_ANSWER,
    CUT_ANSWER,
    ANSWER_AND_DIE,
    NOTICE_FIRST,
    NOTICE_AFTER,
    OTHER_AFTER
};

static const struct bytes notice_frame = {(const uint8_t *)"\0\0\0\4news", 8};

struct peer {
    char path[64];
    int listener;
    pthread_t thread;
    const enum behaviour *script; /* one per connection */
    size_t connections;
};

static void wait_readable(int fd)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    (void)poll(&poll_fd, 1, -1);
}

/* Reads one request, and nothing of the next; false at the end of the connection. */
static bool read_request(int fd, uint8_t *block, size_t *ret_len)
{
    size_t have = 0, len = 0;
    for (;;) {
        wait_readable(fd);
        size_t wanted = have < 4 ? 4 : 4u + block[3];
        if (FAILED(socket_read(fd, block + have, wanted - have, &len))) return false;
        have += len;
        if (have >= 4 && have == 4u + block[3]) break;
    }
    *ret_len = have;
    return true;
}

static void serve(int fd, enum behaviour behaviour)
{
    uint8_t block[256];
    size_t len = 0, done = 0;
    while (read_request(fd, block, &len)) {
        struct bytes answer = bytes_of(block, len);
        if (behaviour == DIE) return;
        if (behaviour == SILENT) continue;
        if (behaviour == HUGE_ANSWER) answer = bytes_of("\0\1\0\0", 4);
        if (behaviour == EMPTY_ANSWER) answer = bytes_of("\0\0\0\0", 4);
        if (behaviour == CUT_ANSWER) answer = bytes_of(block, len - 1);
        if (behaviour == NOTICE_FIRST) (void)FAILED(socket_write(fd, notice_frame, &done));
        (void)FAILED(socket_write(fd, answer, &done));
        if (behaviour == NOTICE_AFTER) (void)FAILED(socket_write(fd, notice_frame, &done));
        if (behaviour == OTHER_AFTER) (void)FAILED(socket_write(fd, BYTES("\0\0\0\4olds"), &done));
        if (behaviour == CUT_ANSWER || behaviour == ANSWER_AND_DIE) return;
    }
}

static void *run_peer(void *context)
{
    struct peer *peer = context;
    for (size_t i = 0; i < peer->connections; i++) {
        int fd = -1;
        do wait_readable(peer->listener);
        while (FAILED(socket_accept(peer->listener, &fd)));
        serve(fd, peer->script[i]);
        close(fd);
    }
    return NULL;
}

static void start(struct peer *peer, const enum behaviour *script, size_t connections)
{
    (void)snprintf(peer->path, sizeof peer->path, "/tmp/wire_rpc_test.%d", (int)getpid());
    peer->script = script;
    peer->connections = connections;
    assert_false(FAILED(socket_listen_unix(peer->path, &peer->listener)));
    assert_int_equal(pthread_create(&peer->thread, NULL, run_peer, peer), 0);
}

static void stop(struct peer *peer)
{
    assert_int_equal(pthread_join(peer->thread, NULL), 0);
    close(peer->listener);
    assert_int_equal(unlink(peer->path), 0);
}

static err call(struct rpc *rpc, const char *request, char out[64])
{
    uint8_t block[64];
    struct bytes answer = {0};
    TRY(rpc_call(rpc, bytes_text(request), block, sizeof block, &answer));
    return bytes_to_text(answer, out, 64);
}

static void answers_come_back(void **state)
{
    (void)state;
    static const enum behaviour script[] = {ECHO};
    struct peer peer;
    struct rpc rpc;
    char out[64] = "";
    start(&peer, script, 1);
    assert_false(FAILED(rpc_connect(&rpc, peer.path, 5000, 128)));
    for (int i = 0; i < 3; i++) {
        assert_false(FAILED(call(&rpc, "status", out)));
        assert_string_equal(out, "status");
    }
    rpc_close(&rpc);
    stop(&peer);
}

struct many {
    size_t count;
    char last[64];
};

static err take_one(void *context, size_t index, struct bytes answer)
{
    struct many *many = context;
    assert_int_equal(index, many->count++);
    return bytes_to_text(answer, many->last, sizeof many->last);
}

static err call_many(struct rpc *rpc, unsigned count, struct many *many)
{
    uint8_t requests[1024], block[64];
    struct writer w = writer_over(requests, sizeof requests);
    for (unsigned i = 0; i < count; i++) {
        char text[16];
        snprintf(text, sizeof text, "question %u", i);
        rpc_write_request(&w, bytes_text(text));
    }
    return rpc_call_many(rpc, writer_view(&w), count, block, sizeof block, take_one, many);
}

static void many_answers_come_in_their_order(void **state)
{
    (void)state;
    static const enum behaviour script[] = {ECHO, CUT_ANSWER, NOTICE_FIRST};
    struct peer peer;
    struct rpc rpc;
    struct many many = {0}, cut = {0}, after = {0};
    start(&peer, script, 3);
    assert_false(FAILED(rpc_connect(&rpc, peer.path, 5000, 128)));
    assert_false(FAILED(call_many(&rpc, 40, &many)));
    assert_int_equal(many.count, 40);
    assert_string_equal(many.last, "question 39");
    rpc_close(&rpc);
    assert_true(FAILED(call_many(&rpc, 5, &cut))); /* and no late answer is taken for another */
    assert_int_equal(cut.count, 0);
    assert_int_equal(rpc.fd, -1);
    rpc.notice = BYTES("news");
    assert_false(FAILED(call_many(&rpc, 3, &after)));
    assert_int_equal(after.count, 3);
    assert_true(rpc.noticed);
    rpc_close(&rpc);
    stop(&peer);
}

static void a_call_after_the_peer_died_connects_again(void **state)
{
    (void)state;
    static const enum behaviour script[] = {DIE, ECHO, CUT_ANSWER, ECHO};
    struct peer peer;
    struct rpc rpc;
    char out[64] = "kept";
    start(&peer, script, 4);
    assert_false(FAILED(rpc_connect(&rpc, peer.path, 5000, 128)));
    assert_int_equal(call(&rpc, "one", out).code, ERR_CLOSED);
    assert_string_equal(out, "kept");
    assert_int_equal(call(&rpc, "two", out).code, ERR_OK);
    assert_string_equal(out, "two");
    rpc_close(&rpc);
    assert_int_equal(call(&rpc, "three", out).code, ERR_CLOSED);
    assert_int_equal(call(&rpc, "four", out).code, ERR_OK);
    assert_string_equal(out, "four");
    rpc_close(&rpc);
    stop(&peer);
}

/* The peer restarts between two calls: nothing has been sent, so the caller never notices. */
static void a_restart_between_calls_is_not_noticed(void **state)
{
    (void)state;
    static const enum behaviour first_life[] = {ANSWER_AND_DIE}, second_life[] = {ECHO};
    struct peer peer;
    struct rpc rpc;
    char out[64] = "";
    start(&peer, first_life, 1);
    assert_false(FAILED(rpc_connect(&rpc, peer.path, 5000, 128)));
    assert_false(FAILED(call(&rpc, "one", out)));
    stop(&peer);
    start(&peer, second_life, 1);
    assert_false(FAILED(call(&rpc, "two", out)));
    assert_string_equal(out, "two");
    rpc_close(&rpc);
    stop(&peer);
}

static void silence_is_a_timeout_and_a_late_answer_is_not_taken(void **state)
{
    (void)state;
    static const enum behaviour script[] = {SILENT, ECHO};
    struct peer peer;
    struct rpc rpc;
    char out[64] = "";
    start(&peer, script, 2);
    assert_false(FAILED(rpc_connect(&rpc, peer.path, 50, 128)));
    assert_int_equal(call(&rpc, "one", out).code, ERR_TIMEOUT);
    assert_int_equal(rpc.fd, -1); /* whatever comes on it now, comes to nobody */
    rpc.timeout_ms = 5000;
    assert_false(FAILED(call(&rpc, "two", out)));
    assert_string_equal(out, "two");
    rpc_close(&rpc);
    stop(&peer);
}

static void refuses_answers_of_a_wrong_length(void **state)
{
    (void)state;
    static const enum behaviour script[] = {HUGE_ANSWER, EMPTY_ANSWER};
    struct peer peer;
    struct rpc rpc;
    char out[64], big[200] = {0};
    start(&peer, script, 2);
    assert_false(FAILED(rpc_connect(&rpc, peer.path, 5000, 128)));
    assert_int_equal(call(&rpc, "one", out).code, ERR_LENGTH);
    assert_int_equal(call(&rpc, "two", out).code, ERR_LENGTH);
    struct bytes answer;
    assert_int_equal(rpc_call(&rpc, bytes_of(big, 129), out, 64, &answer).code, ERR_LENGTH);
    rpc_close(&rpc);
    stop(&peer);
}

static void says_that_nobody_is_there(void **state)
{
    (void)state;
    struct rpc rpc;
    char out[64], long_path[200];
    assert_int_equal(rpc_connect(&rpc, "/tmp/wire_rpc_test.nobody", 100, 128).code, ERR_REFUSED);
    assert_int_equal(call(&rpc, "one", out).code, ERR_REFUSED);
    memset(long_path, 'x', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = '\0';
    assert_int_equal(rpc_connect(&rpc, long_path, 100, 128).code, ERR_CONFIG);
}

/* A loop of its own, listening for "news" over `rpc`. */
static struct loop *listening(struct rpc *rpc, const struct peer *peer)
{
    struct loop *loop = NULL;
    assert_false(FAILED(loop_create(&(struct loop_options){.clock = clock_system()}, &loop)));
    assert_false(FAILED(rpc_connect(rpc, peer->path, 5000, 128)));
    assert_false(FAILED(rpc_listen(rpc, loop, BYTES("news"))));
    return loop;
}

static void a_notice_is_no_answer(void **state)
{
    (void)state;
    static const enum behaviour script[] = {NOTICE_FIRST};
    struct peer peer;
    struct rpc rpc;
    char out[64] = "";
    start(&peer, script, 1);
    struct loop *loop = listening(&rpc, &peer);
    for (int i = 0; i < 2; i++) {
        rpc.noticed = false;
        assert_false(FAILED(call(&rpc, "one", out)));
        assert_string_equal(out, "one");
        assert_true(rpc.noticed);
    }
    rpc_close(&rpc);
    loop_destroy(loop);
    stop(&peer);
}

/* The loop sees it without a call, and the connection lives on. */
static void a_notice_between_calls_is_heard(void **state)
{
    (void)state;
    static const enum behaviour script[] = {NOTICE_AFTER};
    struct peer peer;
    struct rpc rpc;
    char out[64] = "";
    start(&peer, script, 1);
    struct loop *loop = listening(&rpc, &peer);
    for (int i = 0; i < 2; i++) {
        assert_false(FAILED(call(&rpc, "one", out)));
        while (!rpc.noticed) assert_false(FAILED(loop_once(loop, 5000)));
        assert_true(rpc.fd >= 0);
        rpc.noticed = false;
    }
    rpc_close(&rpc);
    loop_destroy(loop);
    stop(&peer);
}

/* Anything else between calls is nobody's answer: that connection is given up, the next is good. */
static void what_is_no_notice_ends_the_connection(void **state)
{
    (void)state;
    static const enum behaviour script[] = {OTHER_AFTER, NOTICE_AFTER};
    struct peer peer;
    struct rpc rpc;
    char out[64] = "";
    start(&peer, script, 2);
    struct loop *loop = listening(&rpc, &peer);
    assert_false(FAILED(call(&rpc, "one", out)));
    while (rpc.fd >= 0) assert_false(FAILED(loop_once(loop, 5000)));
    assert_false(rpc.noticed);
    assert_false(FAILED(call(&rpc, "two", out)));
    assert_string_equal(out, "two");
    while (!rpc.noticed) assert_false(FAILED(loop_once(loop, 5000)));
    rpc_close(&rpc);
    loop_destroy(loop);
    stop(&peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_come_back),
        cmocka_unit_test(many_answers_come_in_their_order),
        cmocka_unit_test(a_call_after_the_peer_died_connects_again),
        cmocka_unit_test(a_restart_between_calls_is_not_noticed),
        cmocka_unit_test(silence_is_a_timeout_and_a_late_answer_is_not_taken),
        cmocka_unit_test(refuses_answers_of_a_wrong_length),
        cmocka_unit_test(says_that_nobody_is_there),
        cmocka_unit_test(a_notice_is_no_answer),
        cmocka_unit_test(a_notice_between_calls_is_heard),
        cmocka_unit_test(what_is_no_notice_ends_the_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
