/* SPDX-License-Identifier: Apache-2.0 */
/* How streams begin: a peer that is let in, or one that we go to. */
#include "lib/wire/stream_internal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* Accepted per turn; a flood of connections leaves room for those that are at work. */
enum { ACCEPTS_PER_TURN = 32 };

static int open_reserve(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* No descriptor is left, and the peer would wait in the queue for ever: lend it the reserve. */
static bool turn_away(struct stream_listener *listener)
{
    int fd = -1;
    if (listener->reserve_fd < 0) return false;
    close(listener->reserve_fd);
    bool accepted = !FAILED(socket_accept(listener->fd, &fd));
    if (accepted) close(fd);
    listener->reserve_fd = open_reserve();
    if (accepted) listener->counts.over_limit++;
    return accepted;
}

static void admit(struct stream_listener *listener, int fd)
{
    struct stream_pool *pool = listener->pool;
    struct stream *s = NULL;
    bool stranger = listener->path[0] != '\0' && FAILED(socket_same_user(fd));
    bool full = listener->streams >= listener->streams_max;
    if (stranger || full || FAILED(stream_take(pool, fd, &listener->events, &s))) {
        if (stranger) listener->counts.handshakes_failed++;
        else listener->counts.over_limit++;
        close(fd);
        return;
    }
    s->listener = listener;
    s->with_tls = listener->tls;
    listener->streams++;
    listener->counts.accepted++;
    err e = loop_watch(pool->loop, &s->watch, fd, LOOP_READ);
    if (FAILED(e)) stream_fail(s, e, "the event queue failed");
    else stream_begin(s);
}

static void on_acceptable(void *context, unsigned events)
{
    struct stream_listener *listener = context;
    (void)events;
    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        int fd = -1;
        err e = socket_accept(listener->fd, &fd);
        if (e.code == ERR_FULL && turn_away(listener)) continue;
        if (FAILED(e)) return;
        admit(listener, fd);
    }
}

static err open_listener(struct stream_pool *pool, int fd, struct tls *tls, unsigned streams_max,
                         const struct stream_events *events, struct stream_listener **ret_listener)
{
    struct stream_listener *listener = calloc(1, sizeof *listener);
    if (listener == NULL) return ERR(NO_MEMORY);
    listener->pool = pool;
    listener->events = *events;
    listener->tls = tls;
    listener->fd = fd;
    listener->streams_max = streams_max > 0 ? streams_max : pool->max;
    listener->watch = (struct loop_watch){.ready = on_acceptable, .context = listener};
    err e = loop_watch(pool->loop, &listener->watch, fd, LOOP_READ);
    if (FAILED(e)) {
        free(listener);
        return e;
    }
    listener->reserve_fd = open_reserve();
    listener->next = pool->listeners;
    pool->listeners = listener;
    *ret_listener = listener;
    return OK;
}

err stream_listen_tcp(struct stream_pool *pool, const char *address, uint16_t port, struct tls *tls,
                      unsigned streams_max, const struct stream_events *events,
                      struct stream_listener **ret_listener)
{
    int fd = -1;
    uint16_t bound = 0;
    struct stream_listener *listener = NULL;
    TRY(socket_listen_tcp(address, port, &fd, &bound));
    err e = open_listener(pool, fd, tls, streams_max, events, &listener);
    if (FAILED(e)) {
        close(fd);
        return e;
    }
    listener->port = bound;
    *ret_listener = listener;
    return OK;
}

err stream_listen_unix(struct stream_pool *pool, const char *path, unsigned streams_max,
                       const struct stream_events *events, struct stream_listener **ret_listener)
{
    int fd = -1;
    struct stream_listener *listener = NULL;
    TRY(socket_listen_unix(path, &fd));
    err e = open_listener(pool, fd, NULL, streams_max, events, &listener);
    if (!FAILED(e)) e = bytes_to_text(bytes_text(path), listener->path, sizeof listener->path);
    if (FAILED(e)) {
        close(fd);
        return e;
    }
    *ret_listener = listener;
    return OK;
}

uint16_t stream_listener_port(const struct stream_listener *listener)
{
    return listener->port;
}

struct stream_listener_counts stream_listener_counts(const struct stream_listener *listener)
{
    return listener->counts;
}

void stream_listener_close(struct stream_listener *listener)
{
    if (listener == NULL) return;
    struct stream_pool *pool = listener->pool;
    struct stream_listener **at = &pool->listeners;
    while (*at != listener) at = &(*at)->next;
    *at = listener->next;
    for (unsigned i = 0; i < pool->max; i++)
        if (pool->streams[i].listener == listener) pool->streams[i].listener = NULL;
    loop_unwatch(pool->loop, &listener->watch);
    close(listener->fd);
    if (listener->reserve_fd >= 0) close(listener->reserve_fd);
    if (listener->path[0] != '\0') (void)unlink(listener->path);
    free(listener);
}

/* ---- clients ---- */

static err take_client(struct stream_pool *pool, err begun, int fd, struct tls *tls,
                       const struct stream_events *events, struct stream **ret_stream)
{
    struct stream *s = NULL;
    bool has_fd = !FAILED(begun) || begun.code == ERR_AGAIN;
    if (begun.code == ERR_CONFIG) return begun;
    err e = stream_take(pool, has_fd ? fd : -1, events, &s);
    if (!FAILED(e) && has_fd) {
        s->with_tls = tls;
        e = loop_watch(pool->loop, &s->watch, fd, LOOP_WRITE);
        if (FAILED(e)) stream_fail(s, e, "the event queue failed");
        else stream_arm(s);
    } else if (!FAILED(e)) {
        stream_fail(s, begun, NULL); /* refused at once; the owner hears of it from the loop */
    } else {
        if (has_fd) close(fd);
        return e;
    }
    *ret_stream = s;
    return OK;
}

err stream_connect_tcp_from(struct stream_pool *pool, const char *from, const char *address,
                            uint16_t port, struct tls *tls, const struct stream_events *events,
                            struct stream **ret_stream)
{
    int fd = -1;
    err begun = socket_connect_tcp_from(from, address, port, &fd);
    return take_client(pool, begun, fd, tls, events, ret_stream);
}

err stream_connect_tcp(struct stream_pool *pool, const char *address, uint16_t port,
                       struct tls *tls, const struct stream_events *events,
                       struct stream **ret_stream)
{
    return stream_connect_tcp_from(pool, NULL, address, port, tls, events, ret_stream);
}

err stream_connect_unix(struct stream_pool *pool, const char *path,
                        const struct stream_events *events, struct stream **ret_stream)
{
    int fd = -1;
    err begun = socket_connect_unix(path, &fd);
    return take_client(pool, begun, fd, NULL, events, ret_stream);
}
