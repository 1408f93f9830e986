/* SPDX-License-Identifier: Apache-2.0 */
/* Streams to sessions of the desk and back. A session's number is never used again. */
#include "backoffice/devices/device_lines.h"

#include <stdio.h>
#include <stdlib.h>

#include "backoffice/devices/devices.h"
#include "backoffice/devices/last_words.h"

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

/* ---- strangers ---- */

static void forget_stranger(struct device_lines *lines, const struct stream *stream)
{
    size_t to = 0;
    for (size_t from = 0; from < DEVICE_STRANGERS; from++) {
        if (lines->stranger[from] == NULL || lines->stranger[from] == stream) continue;
        lines->stranger[to] = lines->stranger[from];
        lines->stranger_until_us[to++] = lines->stranger_until_us[from];
    }
    for (; to < DEVICE_STRANGERS; to++) lines->stranger[to] = NULL;
}

static void send_away(struct device_lines *lines, struct stream *stream, err why)
{
    forget_stranger(lines, stream);
    stream_close(stream, why);
}

static void strangers_due(void *context)
{
    struct device_lines *lines = context;
    int64_t now = loop_now_us(lines->loop);
    while (lines->stranger[0] != NULL && lines->stranger_until_us[0] <= now)
        send_away(lines, lines->stranger[0], ERR(TIMEOUT));
    if (lines->stranger[0] == NULL) return;
    failed(lines, loop_timer_set(lines->loop, &lines->timer,
                                 (lines->stranger_until_us[0] - now + 999) / 1000));
}

static void stranger_came(struct device_lines *lines, struct stream *stream)
{
    size_t place = 0;
    if (lines->stranger[DEVICE_STRANGERS - 1] != NULL)
        send_away(lines, lines->stranger[0], ERR(BUSY));
    while (lines->stranger[place] != NULL) place++;
    lines->stranger[place] = stream;
    lines->stranger_until_us[place] = loop_now_us(lines->loop) + (int64_t)DEVICE_STRANGER_MS * 1000;
    if (!loop_timer_armed(&lines->timer))
        failed(lines, loop_timer_set(lines->loop, &lines->timer, DEVICE_STRANGER_MS));
}

static void stranger_says(struct device_lines *lines, struct stream *stream, struct bytes frame)
{
    uint8_t block[DESK_FRAME_MAX]; /* there may be a certificate in it */
    struct writer w = writer_over(block, sizeof block);
    failed(lines, last_words_from_stranger(lines->desk, bytes_text(stream_peer_address(stream)),
                                           frame, &w));
    if (w.len > 0 && w.fault == ERR_OK) stream_send(stream, writer_view(&w));
    explicit_bzero(block, sizeof block);    /* it may have been an activation's */
    stream_set_data(stream, &lines->heard); /* what he is has been said: see on_close() */
    send_away(lines, stream, OK);
}

/* ---- terminals ---- */

static void on_open(struct stream *stream)
{
    struct device_lines *lines = stream_owner(stream);
    if (stream_peer_name(stream)[0] == '\0') {
        stranger_came(lines, stream);
        return;
    }
    struct device_line *line = free_line(lines);
    if (line == NULL) {
        stream_close(stream, ERR(FULL));
        return;
    }
    line->stream = stream;
    stream_set_data(stream, line);
    uint8_t print[TLS_PRINT_BYTES];
    stream_peer_print(stream, print);
    failed(lines,
           devices_opened_by(lines->desk, line->session, bytes_text(stream_peer_name(stream)),
                             stream_peer_end_ms(stream), print));
    devices_from(lines->desk, line->session, bytes_text(stream_peer_address(stream)));
}

static void on_frame(struct stream *stream, struct bytes frame)
{
    struct device_lines *lines = stream_owner(stream);
    const struct device_line *line = stream_data(stream);
    if (line == NULL) stranger_says(lines, stream, frame);
    else failed(lines, devices_on_frame(lines->desk, line->session, frame));
}

static void on_close(struct stream *stream, err reason)
{
    struct device_lines *lines = stream_owner(stream);
    struct device_line *line = stream_data(stream);
    (void)reason;
    if (line == &lines->heard) return;
    if (line == NULL) {
        forget_stranger(lines, stream);
        failed(lines, devices_peer_refused(lines->desk, bytes_text(stream_peer_address(stream)),
                                           stream_reason_text(stream)));
    } else {
        line->stream = NULL;
        failed(lines, devices_closed(lines->desk, line->session));
    }
}

static err listen(struct device_lines *lines, const struct device_lines_options *o,
                  struct process_fault *fault)
{
    const struct stream_events events = {on_open, on_frame, on_close, lines};
    err listens = stream_listen_tcp(lines->pool, o->address, o->port, lines->tls,
                                    o->connections + DEVICE_STRANGERS, &events, &lines->listener);
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
                                    .key = TLS_PEM_FILE(o->key),
                                    .strangers = true};
    ENSURE(o->connections >= 1 && o->connections <= DESK_DEVICES_MAX);
    err made = tls_server_create(&tls, &cause, &lines->tls);
    if (FAILED(made)) {
        snprintf(fault->text, sizeof fault->text, "%.200s", cause.text);
        return made;
    }
    lines->loop = o->loop;
    lines->timer = (struct loop_timer){.run = strangers_due, .context = lines};
    lines->lines = o->connections;
    lines->line = calloc(o->connections, sizeof *lines->line);
    if (lines->line == NULL) return ERR(NO_MEMORY);
    const struct stream_pool_options options = {
        .loop = o->loop,
        .streams_max = o->connections + DEVICE_STRANGERS,
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
    if (loop_timer_armed(&lines->timer)) loop_timer_cancel(lines->loop, &lines->timer);
    stream_listener_close(lines->listener);
    stream_pool_destroy(lines->pool);
    tls_destroy(lines->tls);
    free(lines->line);
    *lines = (struct device_lines){0};
}

void device_lines_mute(struct device_lines *lines)
{
    if (lines->pool != NULL) stream_pool_mute(lines->pool);
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
