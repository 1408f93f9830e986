/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one TLS request costs the server: 64 connections with client certificates, requests and
 * answers of 300 bytes, one outstanding per connection, closed loop. Clients run in a process of
 * their own, so that getrusage() of the server counts the server alone.
 *
 *   wire_tls_bench [SECONDS] [CONNECTIONS] [plain]
 */
#include "lib/wire/openssl.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/wire/stream.h"
#include "tests/unit/wire_certificates.h"

enum { SIZE = 300, CONNECTIONS_MAX = 4096 };

struct side {
    struct loop *loop;
    struct stream_pool *pool;
    struct tls *tls;
    uint64_t frames;
};

static int64_t cpu_us(void)
{
    struct rusage usage;
    ENSURE(getrusage(RUSAGE_SELF, &usage) == 0);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * INT64_C(1000000) +
           usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static void must(err e)
{
    if (!FAILED(e)) return;
    (void)fprintf(stderr, "%s\n", err_text(e));
    exit(1);
}

static void answer(struct stream *stream, struct bytes frame)
{
    ((struct side *)stream_owner(stream))->frames++;
    stream_send(stream, frame);
}

static void first(struct stream *stream)
{
    static const uint8_t request[SIZE];
    stream_send(stream, BYTES_OF(request));
}

static void open_side(struct side *side, unsigned connections)
{
    struct loop_options options = {.clock = clock_system(), .stop_on_signals = true};
    must(loop_create(&options, &side->loop));
    struct stream_pool_options pool = {
        .loop = side->loop, .streams_max = connections + 1, .frame = {2, 4096}};
    must(stream_pool_create(&pool, &side->pool));
}

static struct tls_options with(const struct identity *ca, const struct identity *own)
{
    return (struct tls_options){.ca.pem = bytes_text(ca->certificate_pem),
                                .certificate.pem = bytes_text(own->certificate_pem),
                                .key.pem = bytes_text(own->key_pem)};
}

static int run_clients(uint16_t port, unsigned connections, const struct tls_options *tls)
{
    struct side side = {0};
    struct tls_fault fault;
    struct stream *stream = NULL;
    struct stream_events events = {first, answer, NULL, &side};
    open_side(&side, connections);
    if (tls != NULL) must(tls_client_create(tls, "acquirer.test", &fault, &side.tls));
    for (unsigned i = 0; i < connections; i++)
        must(stream_connect_tcp(side.pool, "127.0.0.1", port, side.tls, &events, &stream));
    must(loop_run(side.loop));
    return 0;
}

static void measure(struct side *side, int64_t seconds)
{
    struct clock clock = clock_system();
    for (int round = 0; round < 3; round++) {
        int64_t begin = clock_monotonic_us(&clock), cpu = cpu_us();
        uint64_t frames = side->frames;
        while (clock_monotonic_us(&clock) - begin < seconds * 1000000)
            must(loop_once(side->loop, 100));
        int64_t elapsed = clock_monotonic_us(&clock) - begin;
        cpu = cpu_us() - cpu;
        frames = side->frames - frames;
        printf("%" PRIu64 " requests/s, %" PRId64 ".%02" PRId64 " us of server CPU a request\n",
               frames * 1000000 / (uint64_t)elapsed, cpu / (int64_t)(frames + 1),
               cpu * 100 / (int64_t)(frames + 1) % 100);
    }
}

int main(int argc, char **argv)
{
    int64_t seconds = argc > 1 ? strtol(argv[1], NULL, 10) : 3;
    unsigned connections = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 64;
    bool plain = argc > 3;
    struct side side = {0};
    struct tls_fault fault;
    struct stream_listener *listener = NULL;
    struct stream_events events = {NULL, answer, NULL, &side};
    if (connections == 0 || connections > CONNECTIONS_MAX || seconds <= 0) return 2;
    struct identity ca = make_identity(NULL, "Bench CA", NULL, -60, 86400);
    struct identity server = make_identity(&ca, "acquirer", "DNS:acquirer.test", -60, 86400);
    struct identity terminal = make_identity(&ca, "10000017", NULL, -60, 86400);
    struct tls_options server_tls = with(&ca, &server), client_tls = with(&ca, &terminal);

    open_side(&side, connections);
    if (!plain) must(tls_server_create(&server_tls, &fault, &side.tls));
    must(stream_listen_tcp(side.pool, "127.0.0.1", 0, side.tls, 0, &events, &listener));
    uint16_t port = stream_listener_port(listener);
    pid_t child = fork();
    /* The child must not close the server's loop: the epoll set is shared with the parent. */
    if (child == 0) return run_clients(port, connections, plain ? NULL : &client_tls);
    while (side.frames < connections) must(loop_once(side.loop, 100));
    measure(&side, seconds);
    (void)kill(child, SIGTERM);
    (void)waitpid(child, NULL, 0);
    stream_pool_destroy(side.pool);
    tls_destroy(side.tls);
    loop_destroy(side.loop);
    return 0;
}
