/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers that come later. The connection is suspended, so that MHD neither reads nor waits for it;
 * the answer is made when it is known, kept at the exchange, and queued when MHD asks again.
 */
#include <arpa/inet.h>
#include <sys/socket.h>

#include "lib/wire/http_internal.h"

enum {
    HELD_SHARE = 4,  /* one connection of so many may be held at a time */
    RELEASE_MS = 50, /* how often it is looked whose time has come */
};

static void suspend(struct http_server *server, struct http_exchange *exchange, int64_t for_ms)
{
    exchange->suspended = true;
    exchange->later_due_us = loop_now_us(server->loop) + for_ms * 1000;
    http_deadline(server, exchange->connection, 0);
    MHD_suspend_connection(exchange->connection);
}

enum MHD_Result http_wait(struct http_server *server, struct http_exchange *exchange)
{
    suspend(server, exchange, HTTP_LATER_MS);
    return MHD_YES;
}

static void resume(struct http_server *server, struct http_exchange *exchange)
{
    if (exchange->held) server->held--;
    exchange->suspended = exchange->held = false;
    http_deadline(server, exchange->connection, HTTP_LATER_MS);
    MHD_resume_connection(exchange->connection);
    server->dirty = true;
    loop_again(server->loop);
}

/* False: it did not fit, or there is no memory. */
static bool prepare(struct http_exchange *exchange, const struct http_response *response)
{
    exchange->prepared = http_make_response(response);
    exchange->status = response->status;
    exchange->content_type = response->body.len > 0 ? response->content_type : NULL;
    return exchange->prepared != NULL;
}

bool http_answer(struct http_server *server, uint64_t ticket, const struct http_response *response)
{
    ENSURE(ticket != 0);
    for (unsigned i = 0; i < server->options.connections_max; i++) {
        struct http_exchange *exchange = &server->exchanges[i];
        if (!exchange->used || !exchange->suspended || exchange->ticket != ticket) continue;
        if (exchange->held) return false; /* it has its answer */
        if (!prepare(exchange, response)) exchange->refused = 500;
        resume(server, exchange);
        return true;
    }
    return false;
}

/* ---- answers that are held ---- */

static void look_again(struct http_server *server)
{
    if (server->held == 0 || loop_timer_armed(&server->release)) return;
    err e = loop_timer_set(server->loop, &server->release, RELEASE_MS);
    ENSURE(!FAILED(e)); /* reserved at creation */
}

bool http_hold(struct http_server *server, struct http_exchange *exchange,
               const struct http_response *response)
{
    ENSURE(response->hold_ms > 0 && response->hold_ms <= HTTP_HOLD_MS);
    if (server->held >= server->options.connections_max / HELD_SHARE) return false;
    if (!prepare(exchange, response)) return false;
    exchange->held = true;
    server->held++;
    suspend(server, exchange, response->hold_ms);
    look_again(server);
    return true;
}

void http_release(void *context)
{
    struct http_server *server = context;
    int64_t now_us = loop_now_us(server->loop);
    for (unsigned i = 0; i < server->options.connections_max; i++) {
        struct http_exchange *exchange = &server->exchanges[i];
        if (exchange->used && exchange->held && exchange->later_due_us <= now_us)
            resume(server, exchange);
    }
    look_again(server);
}

enum MHD_Result http_queue_prepared(struct http_server *server, struct http_exchange *exchange)
{
    struct MHD_Response *response = exchange->prepared;
    exchange->prepared = NULL; /* http_queue drops it, whatever happens */
    return http_queue(exchange->connection, server, exchange->status, exchange->content_type,
                      "no-store", response);
}

static void end_waits(struct http_server *server, int64_t due_us)
{
    for (unsigned i = 0; i < server->options.connections_max; i++) {
        struct http_exchange *exchange = &server->exchanges[i];
        if (!exchange->used || !exchange->suspended || exchange->later_due_us > due_us) continue;
        exchange->refused = 503;
        resume(server, exchange);
    }
}

void http_later_sweep(struct http_server *server)
{
    end_waits(server, loop_now_us(server->loop));
}

void http_later_abandon(struct http_server *server)
{
    end_waits(server, INT64_MAX);
}

void http_request_address(const struct http_request *request, char out[HTTP_ADDRESS_MAX])
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info == NULL ? NULL : info->client_addr;
    const void *at = NULL;
    out[0] = '\0';
    if (address == NULL) return;
    if (address->sa_family == AF_INET)
        at = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
    if (address->sa_family == AF_INET6)
        at = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    if (at == NULL || inet_ntop(address->sa_family, at, out, HTTP_ADDRESS_MAX) == NULL)
        out[0] = '\0';
}
