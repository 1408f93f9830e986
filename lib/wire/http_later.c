/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers that come later. The connection is suspended, so that MHD neither reads nor waits for it;
 * the answer is made when it is known, kept at the exchange, and queued when MHD asks again.
 */
#include <arpa/inet.h>
#include <sys/socket.h>

#include "lib/wire/http_internal.h"

enum MHD_Result http_wait(struct http_server *server, struct http_exchange *exchange)
{
    exchange->suspended = true;
    exchange->later_due_us = loop_now_us(server->loop) + (int64_t)HTTP_LATER_MS * 1000;
    http_deadline(server, exchange->connection, 0);
    MHD_suspend_connection(exchange->connection);
    return MHD_YES;
}

static void resume(struct http_server *server, struct http_exchange *exchange)
{
    exchange->suspended = false;
    http_deadline(server, exchange->connection, HTTP_LATER_MS);
    MHD_resume_connection(exchange->connection);
    server->dirty = true;
    loop_again(server->loop);
}

bool http_answer(struct http_server *server, uint64_t ticket, const struct http_response *response)
{
    ENSURE(ticket != 0);
    for (unsigned i = 0; i < server->options.connections_max; i++) {
        struct http_exchange *exchange = &server->exchanges[i];
        if (!exchange->used || !exchange->suspended || exchange->ticket != ticket) continue;
        exchange->prepared = http_make_response(response);
        exchange->status = response->status;
        exchange->content_type = response->body.len > 0 ? response->content_type : NULL;
        if (exchange->prepared == NULL) exchange->refused = 500;
        resume(server, exchange);
        return true;
    }
    return false;
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
