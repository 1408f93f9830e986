/* SPDX-License-Identifier: Apache-2.0 */
/* Streams to sessions of the desk and back. A session's number is never used again. */
#include "backoffice/device_lines.h"

#include <stdio.h>
#include <stdlib.h>

#include "backoffice/devices.h"

enum {
    LINE_IDLE_MS = 30 * 60 * 1000, /* a terminal that is silent so long connects again */
    LINE_FRAME_MS = 10000,
    LINE_BUFFER = 16 << 10,
};

static struct device_line *line_of(struct device_lines *lines, uint32_t session)
{
    struct device_line *line = &lines->line[session % lines->lines];
    return line->stream != NULL && line->session == session ? line : NULL;
}

/* Places are given in turn, so a place comes again as late as possible; the number never does. */
static struct device_line *free_line(struct device_lines *lines)
{
    for (uint32_t tries = 0; tries < lines->lines; tries++) {
        uint32_t session = ++lines->next;
        struct device_line *line = &lines->line[session % lines->lines];
        if (line->stream != NULL || session == 0) continue; /* 0 is no session */
        line->session = session;
        return line;
    }
    return NULL;
}

static void failed(struct device_lines *lines, err why)
{
    if (FAILED(why)) lines->failed(lines->context, "device_channel_failed", why);
}

static void on_open(struct stream *stream)
{
    struct device_lines *lines = stream_owner(stream);
    struct device_line *line = free_line(lines);
    if (line == NULL) {
        stream_close(stream, ERR(FULL));
        return;
    }
    line->stream = stream;
    stream_set_data(stream, line);
    failed(lines, devices_opened(lines->desk, line->session, bytes_text(stream_peer_name(stream)),
                                 stream_peer_end_ms(stream)));
    devices_from(lines->desk, line->session, bytes_text(stream_peer_address(stream)));
}

static void on_frame(struct stream *stream, struct bytes frame)
{
    struct device_lines *lines = stream_owner(stream);
    const struct device_line *line = stream_data(stream);
    if (line != NULL) failed(lines, devices_on_frame(lines->desk, line->session, frame));
}

static void on_close(struct stream *stream, err reason)
{
    struct device_lines *lines = stream_owner(stream);
    struct device_line *line = stream_data(stream);
    (void)reason;
    if (line == NULL) {
        failed(lines, devices_peer_refused(lines->desk, bytes_text(stream_peer_address(stream)),
                                           stream_reason_text(stream)));
        return;
    }
    line->stream = NULL;
    failed(lines, devices_closed(lines->desk, line->session));
}

static err listen(struct device_lines *lines, const struct device_lines_options *o,
                  struct process_fault *fault)
{
    const struct stream_events events = {on_open, on_frame, on_close, lines};
    err listens = stream_listen_tcp(lines->pool, o->address, o->port, lines->tls, o->connections,
                                    &events, &lines->listener);
    if (FAILED(listens))
        snprintf(fault->text, sizeof fault->text, "device port %u on %.60s: %s; choose another one",
                 o->port, o->address, listens.code == ERR_BUSY ? "it is taken" : err_text(listens));
    return listens;
}

err device_lines_open(struct device_lines *lines, const struct device_lines_options *o,
                      struct process_fault *fault)
{
    struct tls_fault cause = {{0}};
    const struct tls_options tls = {.ca = TLS_PEM_FILE(o->authority),
                                    .certificate = TLS_PEM_FILE(o->certificate),
                                    .key = TLS_PEM_FILE(o->key)};
    ENSURE(o->connections >= 1 && o->connections <= DESK_DEVICES_MAX);
    err made = tls_server_create(&tls, &cause, &lines->tls);
    if (FAILED(made)) {
        snprintf(fault->text, sizeof fault->text, "%.200s", cause.text);
        return made;
    }
    lines->lines = o->connections;
    lines->line = calloc(o->connections, sizeof *lines->line);
    if (lines->line == NULL) return ERR(NO_MEMORY);
    const struct stream_pool_options options = {
        .loop = o->loop,
        .streams_max = o->connections,
        .frame = {4, DESK_FRAME_MAX},
        .in_max = LINE_BUFFER,
        .out_max = LINE_BUFFER,
        .frame_ms = LINE_FRAME_MS,
        .idle_ms = LINE_IDLE_MS,
    };
    TRY(stream_pool_create(&options, &lines->pool));
    return listen(lines, o, fault);
}

void device_lines_close(struct device_lines *lines)
{
    stream_listener_close(lines->listener);
    stream_pool_destroy(lines->pool);
    tls_destroy(lines->tls);
    free(lines->line);
    *lines = (struct device_lines){0};
}

uint16_t device_lines_port(const struct device_lines *lines)
{
    return stream_listener_port(lines->listener);
}

void device_lines_send(void *context, uint32_t session, struct bytes frame)
{
    struct device_lines *lines = context;
    struct device_line *line = line_of(lines, session);
    if (line != NULL) stream_send(line->stream, frame);
}

void device_lines_end(void *context, uint32_t session)
{
    struct device_lines *lines = context;
    struct device_line *line = line_of(lines, session);
    if (line != NULL) stream_close(line->stream, OK);
}
