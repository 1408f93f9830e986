/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Server-sent events (WHATWG HTML, section 9.2). A client's answer never ends: MHD asks for more,
 * gets what the client has not seen, and else is suspended until something is published.
 *
 * MHD does not watch a suspended connection, so a page that was closed is found by the sweep, which
 * looks for its end of the stream; a heartbeat keeps what lies between from giving up.
 */
#include "lib/wire/http_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
    HEARTBEAT_MS = 15000,
    OVERHEAD = HTTP_NAME_MAX + 64, /* "event: ", "id: ", "data: " and line ends */
    BLOCK = 8192,                  /* bytes MHD asks for at a time */
};

err http_events_open(struct http_server *server)
{
    const struct http_options *o = &server->options;
    if (o->events_path == NULL) return OK;
    if (!http_path_allowed(bytes_text(o->events_path))) return ERR(CONFIG);
    server->stage_max = o->event_max + OVERHEAD;
    server->clients = calloc(o->events_clients_max, sizeof *server->clients);
    server->event_block = calloc(HTTP_CHANNELS_MAX + o->events_clients_max, server->stage_max);
    if (server->clients == NULL || server->event_block == NULL) return ERR(NO_MEMORY);
    for (unsigned i = 0; i < HTTP_CHANNELS_MAX; i++)
        server->channels[i].latest = server->event_block + i * server->stage_max;
    for (unsigned i = 0; i < o->events_clients_max; i++) {
        server->clients[i].server = server;
        server->clients[i].stage =
            server->event_block + (HTTP_CHANNELS_MAX + i) * server->stage_max;
    }
    return OK;
}

static void resume(struct http_client *client)
{
    if (client->connection == NULL || !client->suspended) return;
    client->suspended = false;
    client->server->dirty = true;
    MHD_resume_connection(client->connection);
}

static void stage_event(struct http_client *client, const struct http_channel *channel)
{
    struct writer w = writer_over(client->stage, client->server->stage_max);
    struct bytes staged;
    write_format(&w, "event: %s\nid: %llu\ndata: ", channel->name,
                 (unsigned long long)channel->version);
    write_bytes(&w, bytes_of(channel->latest, channel->len));
    write_bytes(&w, BYTES("\n\n"));
    ENSURE(!FAILED(writer_finish(&w, &staged))); /* OVERHEAD promises this */
    client->stage_len = staged.len;
    client->stage_sent = 0;
}

/* Puts the next thing this client must hear into its stage. */
static bool stage_next(struct http_client *client)
{
    const struct http_server *server = client->server;
    for (unsigned i = 0; i < server->channel_count; i++) {
        const struct http_channel *channel = &server->channels[i];
        if (client->seen[i] == channel->version) continue;
        client->seen[i] = channel->version;
        stage_event(client, channel);
        return true;
    }
    if (loop_now_us(server->loop) < client->beat_us) return false;
    client->beat_us = loop_now_us(server->loop) + (int64_t)HEARTBEAT_MS * 1000;
    memcpy(client->stage, ":\n\n", 3);
    client->stage_len = 3;
    client->stage_sent = 0;
    return true;
}

static ssize_t on_read(void *context, uint64_t position, char *out, size_t max)
{
    struct http_client *client = context;
    (void)position;
    if (client->ended) return MHD_CONTENT_READER_END_OF_STREAM;
    if (client->stage_sent == client->stage_len && !stage_next(client)) {
        client->suspended = true;
        MHD_suspend_connection(client->connection);
        return 0;
    }
    size_t left = client->stage_len - client->stage_sent;
    size_t len = left < max ? left : max;
    memcpy(out, client->stage + client->stage_sent, len);
    client->stage_sent += len;
    return (ssize_t)len;
}

static void on_free(void *context)
{
    struct http_client *client = context;
    explicit_bzero(client->stage, client->stage_len);
    *client = (struct http_client){.server = client->server, .stage = client->stage};
}

static struct http_client *take_client(struct http_server *server)
{
    for (unsigned i = 0; i < server->options.events_clients_max; i++)
        if (server->clients[i].connection == NULL) return &server->clients[i];
    return NULL;
}

enum MHD_Result http_events_answer(struct http_server *server, struct MHD_Connection *connection)
{
    struct http_client *client = take_client(server);
    if (client == NULL) {
        http_events_sweep(server); /* who asks again finds the places of pages that are closed */
        return http_queue_error(connection, server, 503);
    }
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    client->connection = connection;
    client->fd = info->connect_fd;
    client->beat_us = loop_now_us(server->loop); /* at once: the page learns that it is heard */
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, on_read, client, on_free);
    if (response == NULL) {
        on_free(client);
        return MHD_NO;
    }
    http_deadline(server, connection, 0);
    return http_queue(connection, server, 200, "text/event-stream", "no-store", response);
}

/* The other end has closed, or broken off. */
static bool is_gone(int fd)
{
    uint8_t byte;
    ssize_t len = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return len == 0 || (len < 0 && errno != EAGAIN && errno != EINTR);
}

void http_events_sweep(struct http_server *server)
{
    if (server->clients == NULL) return;
    for (unsigned i = 0; i < server->options.events_clients_max; i++) {
        struct http_client *client = &server->clients[i];
        if (client->connection == NULL || !client->suspended) continue;
        if (is_gone(client->fd)) client->ended = true;
        if (client->ended || client->beat_us <= loop_now_us(server->loop)) resume(client);
    }
}

void http_events_close(struct http_server *server)
{
    for (unsigned i = 0; i < server->options.events_clients_max; i++) {
        server->clients[i].ended = true;
        resume(&server->clients[i]);
    }
}

static struct http_channel *find_channel(struct http_server *server, const char *name)
{
    for (unsigned i = 0; i < server->channel_count; i++)
        if (strcmp(server->channels[i].name, name) == 0) return &server->channels[i];
    if (server->channel_count == HTTP_CHANNELS_MAX) return NULL;
    struct http_channel *channel = &server->channels[server->channel_count];
    err e = bytes_to_text(bytes_text(name), channel->name, sizeof channel->name);
    ENSURE(!FAILED(e)); /* channel names are the program's own */
    server->channel_count++;
    return channel;
}

err http_events_publish(struct http_server *server, const char *channel_name, struct bytes json)
{
    ENSURE(server->clients != NULL && json.len > 0);
    /* A line end inside would end the event; JSON as we write it has none. */
    ENSURE(memchr(json.at, '\n', json.len) == NULL && memchr(json.at, '\r', json.len) == NULL);
    if (json.len > server->options.event_max) return ERR(LENGTH);
    struct http_channel *channel = find_channel(server, channel_name);
    if (channel == NULL) return ERR(FULL);
    memcpy(channel->latest, json.at, json.len);
    channel->len = json.len;
    channel->version++;
    for (unsigned i = 0; i < server->options.events_clients_max; i++) resume(&server->clients[i]);
    return OK;
}

unsigned http_events_clients(const struct http_server *server)
{
    unsigned count = 0;
    for (unsigned i = 0; server->clients != NULL && i < server->options.events_clients_max; i++)
        if (server->clients[i].connection != NULL) count++;
    return count;
}
