/* SPDX-License-Identifier: Apache-2.0 */
/* Two sockets and poll(2). What is late here is late in the figures: nothing is done but passed on.
 */
#include "cli/bench_road.h"

#include <poll.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/wire/socket.h"

enum { LOOK_MS = 100, CONNECT_MS = 2000, PIECE_MAX = 16 << 10 };

static bool wait_for(int fd, short events, int wait_ms)
{
    struct pollfd p = {.fd = fd, .events = events};
    return poll(&p, 1, wait_ms) > 0;
}

static err connect_on(const struct relay *r, int *ret_fd)
{
    err done = socket_connect_tcp("127.0.0.1", r->to_port, ret_fd);
    if (done.code != ERR_AGAIN) return done;
    return wait_for(*ret_fd, POLLOUT, CONNECT_MS) ? socket_connected(*ret_fd) : ERR(TIMEOUT);
}

static err write_all(int fd, struct bytes b)
{
    while (b.len > 0) {
        size_t len = 0;
        err done = socket_write(fd, b, &len);
        if (done.code == ERR_AGAIN && wait_for(fd, POLLOUT, CONNECT_MS)) continue;
        TRY(done);
        b = bytes_of(b.at + len, b.len - len);
    }
    return OK;
}

/* One piece from one side to the other. */
static err pass(struct relay *r, int from, int to, bool terminal)
{
    struct clock clock = clock_system();
    uint8_t piece[PIECE_MAX];
    size_t len = 0;
    err done = socket_read(from, piece, sizeof piece, &len);
    if (done.code == ERR_AGAIN) return OK;
    TRY(done);
    if (terminal) {
        unsigned at = atomic_load(&r->pieces);
        atomic_store(&r->piece_us[at % RELAY_TIMES], clock_monotonic_us(&clock));
        atomic_store(&r->pieces, at + 1);
    }
    return write_all(to, bytes_of(piece, len));
}

/* Until one side has ended, or we are to. */
static void pass_on(struct relay *r, int terminal, int host)
{
    struct pollfd p[2] = {{.fd = terminal, .events = POLLIN}, {.fd = host, .events = POLLIN}};
    err done = OK;
    while (!FAILED(done) && !atomic_load(&r->stop)) {
        if (poll(p, 2, LOOK_MS) <= 0) continue;
        if (p[0].revents != 0) done = pass(r, terminal, host, true);
        if (!FAILED(done) && p[1].revents != 0) done = pass(r, host, terminal, false);
    }
}

static void *run(void *context)
{
    struct relay *r = context;
    while (!atomic_load(&r->stop)) {
        int terminal = -1, host = -1;
        if (!wait_for(r->listener, POLLIN, LOOK_MS)) continue;
        if (FAILED(socket_accept(r->listener, &terminal))) continue;
        if (!FAILED(connect_on(r, &host))) pass_on(r, terminal, host);
        close(terminal);
        if (host >= 0) close(host);
    }
    return NULL;
}

err relay_start(struct relay *r, uint16_t to_port)
{
    r->to_port = to_port;
    TRY(socket_listen_tcp("127.0.0.1", 0, &r->listener, &r->port));
    if (pthread_create(&r->thread, NULL, run, r) == 0) return OK;
    close(r->listener);
    r->listener = -1;
    return ERR(IO);
}

void relay_stop(struct relay *r)
{
    if (r->port == 0 || r->listener < 0) return;
    atomic_store(&r->stop, true);
    (void)pthread_join(r->thread, NULL);
    close(r->listener);
    r->listener = -1;
}

bool relay_first_after(const struct relay *r, unsigned pieces, int64_t *ret_us)
{
    if (atomic_load(&r->pieces) <= pieces) return false;
    *ret_us = atomic_load(&r->piece_us[pieces % RELAY_TIMES]);
    return true;
}
