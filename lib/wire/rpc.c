/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A blocking call: poll(2) with what is left of the time, on a socket that itself never blocks; and
 * what the peer says between calls.
 */
#include "lib/wire/rpc.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/reader.h"
#include "lib/base/writer.h"
#include "lib/wire/socket.h"

enum { PREFIX = 4 };

static int64_t now_ms(void)
{
    struct clock clock = clock_machine();
    return clock_monotonic_us(&clock) / 1000;
}

void rpc_close(struct rpc *rpc)
{
    if (rpc->loop != NULL) loop_unwatch(rpc->loop, &rpc->watch);
    if (rpc->fd >= 0) close(rpc->fd);
    rpc->fd = -1;
}

/*
 * Between calls nothing may come but notices, each in one piece as it was written. What else does
 * is the end of the peer, or an answer nobody awaits: that connection is good for nothing more.
 */
static void take_notices(struct rpc *rpc)
{
    uint8_t block[PREFIX + RPC_NOTICE_MAX], frame[PREFIX + RPC_NOTICE_MAX];
    struct writer w = writer_over(frame, sizeof frame);
    write_be(&w, rpc->notice.len, PREFIX);
    write_bytes(&w, rpc->notice);
    for (;;) {
        size_t len = 0;
        err e = socket_read(rpc->fd, block, w.len, &len);
        if (e.code == ERR_AGAIN) return;
        if (FAILED(e) || rpc->notice.len == 0 ||
            !bytes_equal(bytes_of(block, len), writer_view(&w)))
            break;
        rpc->noticed = true;
    }
    rpc_close(rpc);
}

static void on_ready(void *context, unsigned events)
{
    struct rpc *rpc = context;
    (void)events;
    if (rpc->fd >= 0) take_notices(rpc);
}

static err watch(struct rpc *rpc)
{
    if (rpc->loop == NULL || rpc->fd < 0) return OK;
    rpc->watch = (struct loop_watch){.ready = on_ready, .context = rpc};
    return loop_watch(rpc->loop, &rpc->watch, rpc->fd, LOOP_READ);
}

err rpc_listen(struct rpc *rpc, struct loop *loop, struct bytes notice)
{
    ENSURE(rpc->loop == NULL && notice.len > 0 && notice.len <= RPC_NOTICE_MAX);
    rpc->loop = loop;
    rpc->notice = notice;
    return watch(rpc);
}

/* Waits until the socket is ready for `events`. Errors: TIMEOUT, IO. */
static err wait_for(const struct rpc *rpc, short events, int64_t until_ms)
{
    for (;;) {
        int64_t left = until_ms - now_ms();
        if (left <= 0) return ERR(TIMEOUT);
        struct pollfd poll_fd = {.fd = rpc->fd, .events = events};
        int ready = poll(&poll_fd, 1, (int)left);
        if (ready > 0) return OK;
        if (ready < 0 && errno != EINTR) return ERR(IO);
    }
}

static err open_connection(struct rpc *rpc, int64_t until_ms)
{
    err e = socket_connect_unix(rpc->path, &rpc->fd);
    if (e.code == ERR_AGAIN) {
        TRY(wait_for(rpc, POLLOUT, until_ms));
        TRY(socket_connected(rpc->fd));
        return watch(rpc);
    }
    if (FAILED(e)) rpc->fd = -1;
    return FAILED(e) ? e : watch(rpc);
}

err rpc_connect(struct rpc *rpc, const char *path, int timeout_ms, size_t max)
{
    ENSURE(timeout_ms > 0 && max > 0 && max <= UINT32_MAX);
    *rpc = (struct rpc){.fd = -1, .timeout_ms = timeout_ms, .max = max};
    if (FAILED(bytes_to_text(bytes_text(path), rpc->path, sizeof rpc->path))) return ERR(CONFIG);
    err e = open_connection(rpc, now_ms() + timeout_ms);
    if (FAILED(e)) rpc_close(rpc);
    return e;
}

static err send_all(const struct rpc *rpc, struct bytes b, int64_t until_ms)
{
    while (b.len > 0) {
        size_t len = 0;
        err e = socket_write(rpc->fd, b, &len);
        if (e.code == ERR_AGAIN) {
            TRY(wait_for(rpc, POLLOUT, until_ms));
            continue;
        }
        TRY(e);
        b = bytes_of(b.at + len, b.len - len);
    }
    return OK;
}

static err receive_all(const struct rpc *rpc, uint8_t *at, size_t len, int64_t until_ms)
{
    while (len > 0) {
        size_t got = 0;
        err e = socket_read(rpc->fd, at, len, &got);
        if (e.code == ERR_AGAIN) {
            TRY(wait_for(rpc, POLLIN, until_ms));
            continue;
        }
        TRY(e);
        at += got;
        len -= got;
    }
    return OK;
}

static err receive_frame(const struct rpc *rpc, void *out, size_t size, int64_t until_ms,
                         struct bytes *ret_frame)
{
    uint8_t prefix[PREFIX];
    TRY(receive_all(rpc, prefix, sizeof prefix, until_ms));
    struct reader r = reader_over(BYTES_OF(prefix));
    uint64_t len = read_be(&r, PREFIX);
    if (len == 0 || len > rpc->max || len > size) return ERR(LENGTH);
    TRY(receive_all(rpc, out, (size_t)len, until_ms));
    *ret_frame = bytes_of(out, (size_t)len);
    return OK;
}

/* The next frame that is no notice. */
static err receive_answer(struct rpc *rpc, void *out, size_t size, int64_t until_ms,
                          struct bytes *ret_answer)
{
    for (;;) {
        struct bytes frame;
        TRY(receive_frame(rpc, out, size, until_ms, &frame));
        if (rpc->notice.len == 0 || !bytes_equal(frame, rpc->notice)) {
            *ret_answer = frame;
            return OK;
        }
        rpc->noticed = true;
    }
}

static err exchange(struct rpc *rpc, struct bytes request, void *out, size_t size, int64_t until_ms,
                    struct bytes *ret_answer)
{
    uint8_t prefix[PREFIX];
    struct writer w = writer_over(prefix, sizeof prefix);
    write_be(&w, request.len, PREFIX);
    TRY(send_all(rpc, writer_view(&w), until_ms));
    TRY(send_all(rpc, request, until_ms));
    return receive_answer(rpc, out, size, until_ms, ret_answer);
}

void rpc_write_request(struct writer *w, struct bytes request)
{
    write_be(w, request.len, PREFIX);
    write_bytes(w, request);
}

static err exchange_many(struct rpc *rpc, struct bytes requests, size_t count, void *out,
                         size_t size, int64_t until_ms, rpc_each each, void *context)
{
    TRY(send_all(rpc, requests, until_ms));
    for (size_t i = 0; i < count; i++) {
        struct bytes answer;
        TRY(receive_answer(rpc, out, size, until_ms, &answer));
        TRY(each(context, i, answer));
    }
    return OK;
}

err rpc_call_many(struct rpc *rpc, struct bytes requests, size_t count, void *out, size_t size,
                  rpc_each each, void *context)
{
    ENSURE(rpc->timeout_ms > 0 && count > 0 && requests.len > count * PREFIX);
    int64_t until_ms = now_ms() + rpc->timeout_ms;
    if (rpc->fd >= 0) take_notices(rpc);
    err e = rpc->fd >= 0 ? OK : open_connection(rpc, until_ms);
    if (!FAILED(e)) e = exchange_many(rpc, requests, count, out, size, until_ms, each, context);
    if (FAILED(e)) rpc_close(rpc); /* answers may still be on their way */
    return e;
}

err rpc_call(struct rpc *rpc, struct bytes request, void *out, size_t size,
             struct bytes *ret_answer)
{
    ENSURE(rpc->timeout_ms > 0 && request.len > 0);
    if (request.len > rpc->max) return ERR(LENGTH);
    int64_t until_ms = now_ms() + rpc->timeout_ms;
    if (rpc->fd >= 0) take_notices(rpc);
    err e = rpc->fd >= 0 ? OK : open_connection(rpc, until_ms);
    if (!FAILED(e)) e = exchange(rpc, request, out, size, until_ms, ret_answer);
    if (FAILED(e)) rpc_close(rpc);
    return e;
}
