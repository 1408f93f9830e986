/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server and its place in the loop. MHD runs without a thread: its epoll descriptor is one of
 * our watches, its timeout one of our timers, and MHD_run() the only thing that moves it.
 *
 * MHD's own connection timeout starts anew with every byte, which a patient peer can use to hold
 * a connection for ever. So each connection has a deadline of ours per step, swept once a second;
 * one that misses it is shut down, and MHD sees its end.
 */
#include "lib/wire/http_internal.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/wire/socket.h"

enum {
    CONNECTIONS = 64,
    RESPONSE_MAX = 256 * 1024,
    MEMORY_PER_CONNECTION = 16 * 1024, /* request line and headers must fit: 431 beyond */
    FIRST_REQUEST_MS = 10000,
    SWEEP_MS = 1000,
    RUNS_PER_TURN = 4,
};

/* ---- in the loop ---- */

static void run(struct http_server *server)
{
    server->dirty = false;
    (void)MHD_run(server->daemon);
}

static void on_ready(void *context, unsigned events)
{
    (void)events;
    run(context);
}

static void on_wake(void *context)
{
    run(context);
}

static bool wants_run(struct http_server *server, MHD_UNSIGNED_LONG_LONG *ret_timeout_ms)
{
    *ret_timeout_ms = UINT32_MAX;
    bool has_timeout = MHD_get_timeout(server->daemon, ret_timeout_ms) == MHD_YES;
    if (!has_timeout) *ret_timeout_ms = UINT32_MAX;
    return server->dirty || *ret_timeout_ms == 0;
}

/* At the end of the iteration: what was published leaves, and MHD says when it wants to be called.
 */
static void on_flush(void *context)
{
    struct http_server *server = context;
    MHD_UNSIGNED_LONG_LONG timeout_ms = 0;
    for (int i = 0; i < RUNS_PER_TURN && wants_run(server, &timeout_ms); i++) {
        run(server);
        loop_again(server->loop); /* handlers may have run: their work wants a commit */
    }
    if (wants_run(server, &timeout_ms)) loop_again(server->loop);
    if (timeout_ms >= UINT32_MAX) return;
    err e = loop_timer_set(server->loop, &server->wake, (int64_t)timeout_ms);
    ENSURE(!FAILED(e)); /* reserved at creation */
}

/* ---- connections ---- */

static void start_sweep(struct http_server *server)
{
    if (loop_timer_armed(&server->sweep)) return;
    err e = loop_timer_set(server->loop, &server->sweep, SWEEP_MS);
    ENSURE(!FAILED(e)); /* reserved at creation */
}

static void on_sweep(void *context)
{
    struct http_server *server = context;
    bool any = false;
    for (unsigned i = 0; i < server->options.connections_max; i++) {
        struct http_peer *peer = &server->peers[i];
        if (!peer->used) continue;
        any = true;
        if (peer->due_us <= loop_now_us(server->loop)) (void)shutdown(peer->fd, SHUT_RDWR);
    }
    http_events_sweep(server);
    http_later_sweep(server);
    if (any) start_sweep(server);
}

void http_deadline(struct http_server *server, struct MHD_Connection *connection, int64_t after_ms)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct http_peer *peer = info != NULL ? info->socket_context : NULL;
    if (peer == NULL) return;
    peer->due_us = after_ms > 0 ? loop_now_us(server->loop) + after_ms * 1000 : INT64_MAX;
}

static void on_connection(void *context, struct MHD_Connection *connection, void **slot,
                          enum MHD_ConnectionNotificationCode code)
{
    struct http_server *server = context;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        struct http_peer *peer = *slot;
        if (peer != NULL) *peer = (struct http_peer){0};
        *slot = NULL;
        return;
    }
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    for (unsigned i = 0; i < server->options.connections_max; i++) {
        struct http_peer *peer = &server->peers[i];
        if (peer->used) continue;
        *peer = (struct http_peer){.used = true, .fd = info->connect_fd};
        peer->due_us = loop_now_us(server->loop) + (int64_t)FIRST_REQUEST_MS * 1000;
        *slot = peer;
        start_sweep(server);
        return;
    }
}

/* ---- creation ---- */

/* Paths stay as they came: the gate refuses escapes, http_query() decodes its own. */
static size_t keep_escapes(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context, (void)connection;
    return strlen(text);
}

static bool routes_valid(const struct http_options *options)
{
    for (size_t i = 0; i < options->route_count; i++) {
        const struct http_route *route = &options->routes[i];
        if (route->handle == NULL || route->method == NULL || route->path == NULL) return false;
        if (!http_path_allowed(bytes_text(route->path))) return false;
    }
    return true;
}

static void set_defaults(struct http_server *server, const struct http_options *options)
{
    struct http_options *o = &server->options;
    *o = *options;
    if (o->address == NULL) o->address = "127.0.0.1";
    if (o->response_max == 0) o->response_max = RESPONSE_MAX;
    if (o->event_max == 0) o->event_max = 64 * 1024;
    if (o->connections_max == 0) o->connections_max = CONNECTIONS;
    if (o->events_clients_max == 0) o->events_clients_max = 16;
    for (size_t i = 0; i < o->route_count; i++)
        if (o->routes[i].body_max > server->body_max) server->body_max = o->routes[i].body_max;
    bool shared = o->large_bodies > 0 && server->body_max > HTTP_OWN_BODY;
    server->own_max = shared ? HTTP_OWN_BODY : server->body_max;
}

static err take_memory(struct http_server *server)
{
    unsigned count = server->options.connections_max;
    server->response_block = malloc(server->options.response_max);
    server->peers = calloc(count, sizeof *server->peers);
    server->exchanges = calloc(count, sizeof *server->exchanges);
    server->bodies = calloc(count, server->own_max + 1);
    if (server->response_block == NULL || server->peers == NULL || server->exchanges == NULL ||
        server->bodies == NULL)
        return ERR(NO_MEMORY);
    for (unsigned i = 0; i < count; i++)
        server->exchanges[i].own = server->bodies + i * (server->own_max + 1);
    if (server->own_max < server->body_max) {
        server->large = calloc(server->options.large_bodies, server->body_max + 1);
        server->large_used = calloc(server->options.large_bodies, sizeof *server->large_used);
        if (server->large == NULL || server->large_used == NULL) return ERR(NO_MEMORY);
    }
    return loop_timers_reserve(server->loop, 3);
}

static err start_daemon(struct http_server *server)
{
    int fd = -1;
    const struct http_options *o = &server->options;
    TRY(socket_listen_tcp(o->address, o->port, &fd, &server->port));
    server->gate =
        (struct http_gate){o->address, server->port, o->hosts, o->origin, o->programs, o->keys};
    server->daemon =
        MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, http_on_request,
                         server, MHD_OPTION_LISTEN_SOCKET, (MHD_socket)fd,                  /* */
                         MHD_OPTION_CONNECTION_LIMIT, o->connections_max,                   /* */
                         MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_PER_CONNECTION, /* */
                         MHD_OPTION_STRICT_FOR_CLIENT, 1,                                   /* */
                         MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,                  /* */
                         MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,               /* */
                         MHD_OPTION_NOTIFY_COMPLETED, http_on_completed, server, MHD_OPTION_END);
    if (server->daemon == NULL) {
        close(fd);
        return ERR(IO);
    }
    return OK;
}

static err join_loop(struct http_server *server)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (info == NULL || info->epoll_fd < 0) return ERR(UNSUPPORTED);
    server->watch = (struct loop_watch){.ready = on_ready, .context = server, .first = true};
    server->wake = (struct loop_timer){.run = on_wake, .context = server};
    server->sweep = (struct loop_timer){.run = on_sweep, .context = server};
    server->release = (struct loop_timer){.run = http_release, .context = server};
    server->hook = (struct loop_hook){.run = on_flush, .context = server};
    TRY(loop_watch(server->loop, &server->watch, info->epoll_fd, LOOP_READ));
    loop_before_wait(server->loop, LOOP_FLUSH, &server->hook);
    return OK;
}

static err open_server(struct http_server *server)
{
    TRY(take_memory(server));
    TRY(http_files_open(server));
    TRY(http_events_open(server));
    TRY(start_daemon(server));
    return join_loop(server);
}

err http_create(const struct http_options *options, struct http_server **ret_server)
{
    ENSURE(options->loop != NULL);
    ENSURE(options->mount_count <= HTTP_MOUNTS_MAX);
    if (!routes_valid(options)) return ERR(CONFIG);
    struct http_server *server = calloc(1, sizeof *server);
    if (server == NULL) return ERR(NO_MEMORY);
    server->loop = options->loop;
    server->directory_fd = -1;
    for (size_t i = 0; i < HTTP_MOUNTS_MAX; i++) server->mount_fd[i] = -1;
    set_defaults(server, options);
    err e = open_server(server);
    if (FAILED(e)) {
        http_destroy(server);
        return e;
    }
    *ret_server = server;
    return OK;
}

void http_destroy(struct http_server *server)
{
    if (server == NULL) return;
    loop_unwatch(server->loop, &server->watch);
    if (server->hook.run != NULL) loop_hook_remove(server->loop, &server->hook);
    if (server->clients != NULL) http_events_close(server); /* resumes: MHD demands it */
    if (server->exchanges != NULL) http_later_abandon(server);
    if (server->daemon != NULL) MHD_stop_daemon(server->daemon);
    loop_timer_cancel(server->loop, &server->wake);
    loop_timer_cancel(server->loop, &server->sweep);
    loop_timer_cancel(server->loop, &server->release);
    if (server->directory_fd >= 0) close(server->directory_fd);
    for (size_t i = 0; i < server->options.mount_count; i++)
        if (server->mount_fd[i] >= 0) close(server->mount_fd[i]);
    free(server->clients);
    free(server->event_block);
    free(server->bodies);
    free(server->large);
    free(server->large_used);
    free(server->exchanges);
    free(server->peers);
    free(server->response_block);
    free(server);
}

uint16_t http_port(const struct http_server *server)
{
    return server->port;
}
