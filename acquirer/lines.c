/* SPDX-License-Identifier: Apache-2.0 */
/* Who connects to us: terminals over TLS, and whoever asks for the status on a Unix socket. */
#include <stdio.h>
#include <stdlib.h>

#include "acquirer/program.h"
#include "lib/iso8583/message.h"

enum {
    LINE_BUFFER = 16 << 10,
    LINE_IDLE_MS = 15 * 60 * 1000, /* terminals send an echo every few minutes */
    STATUS_STREAMS = 4,
    STATUS_FRAME_MAX = 4096,
};

/* ---- terminals ---- */

static struct line *line_of(struct program *p, uint32_t session)
{
    struct line *line = &p->line[session % p->lines];
    return line->stream != NULL && line->session == session ? line : NULL;
}

/* Places are given in turn, so a place comes again as late as possible; the number never does. */
static struct line *free_line(struct program *p)
{
    for (uint32_t tries = 0; tries < p->lines; tries++) {
        struct line *line = &p->line[p->line_next % p->lines];
        uint32_t session = p->line_next++;
        if (line->stream != NULL) continue;
        line->session = session;
        return line;
    }
    return NULL;
}

static void on_open(struct stream *stream)
{
    struct program *p = stream_owner(stream);
    struct line *line = free_line(p);
    if (line == NULL) {
        stream_close(stream, ERR(FULL));
        return;
    }
    line->stream = stream;
    stream_set_data(stream, line);
    uint8_t print[TLS_PRINT_BYTES];
    stream_peer_print(stream, print);
    err opened = acquirer_session_opened_by(p->acquirer, line->session,
                                            bytes_text(stream_peer_name(stream)), print);
    if (FAILED(opened)) program_fail(p, "store_failed", opened);
}

static void on_frame(struct stream *stream, struct bytes frame)
{
    struct program *p = stream_owner(stream);
    const struct line *line = stream_data(stream);
    if (line == NULL) return;
    err taken = acquirer_on_terminal(p->acquirer, line->session, frame);
    if (FAILED(taken)) program_fail(p, "store_failed", taken);
}

static void on_close(struct stream *stream, err reason)
{
    struct program *p = stream_owner(stream);
    struct line *line = stream_data(stream);
    if (line == NULL) {
        acquirer_peer_refused(p->acquirer, bytes_text(stream_peer_address(stream)),
                              stream_reason_text(stream));
        return;
    }
    if (FAILED(reason) && reason.code != ERR_CLOSED)
        acquirer_session_fault(p->acquirer, line->session, stream_reason_text(stream));
    line->stream = NULL;
    err closed = acquirer_session_closed(p->acquirer, line->session);
    if (FAILED(closed)) program_fail(p, "store_failed", closed);
}

void lines_to_terminal(void *context, uint32_t session, struct bytes frame)
{
    struct program *p = context;
    struct line *line = line_of(p, session);
    if (line != NULL) stream_send(line->stream, frame);
}

void lines_close_terminal(void *context, uint32_t session)
{
    struct program *p = context;
    struct line *line = line_of(p, session);
    if (line != NULL) stream_close(line->stream, OK);
}

err lines_listen(struct program *p, struct process_fault *fault)
{
    if (p->listening) return OK;
    const struct settings *s = &p->settings;
    const struct stream_events events = {on_open, on_frame, on_close, p};
    err listens = stream_listen_tcp(p->terminals, s->address, (uint16_t)s->port, p->tls,
                                    (unsigned)s->connections, &events, &p->listener);
    if (FAILED(listens)) {
        snprintf(fault->text, sizeof fault->text, "port %lld on %.60s: %s; %s", (long long)s->port,
                 s->address, listens.code == ERR_BUSY ? "it is taken" : err_text(listens),
                 listens.code == ERR_BUSY ? "choose another one, or 0 for a free one"
                                          : "see --address and --port");
        return listens;
    }
    p->listening = true;
    process_ready((int)s->ready_fd, "port=%u", stream_listener_port(p->listener));
    log_event(&p->log, LOG_INFO, "listens", LOG_INT("port", stream_listener_port(p->listener)));
    return OK;
}

/* ---- status ---- */

static void status_frame(struct stream *stream, struct bytes frame)
{
    (void)frame;
    struct program *p = stream_owner(stream);
    static const char fold[] = ",\"fold_seq\":%lld,\"fold_stands\":%s}";
    char text[STATUS_FRAME_MAX];
    struct writer w = writer_over(text, sizeof text);
    acquirer_status(p->acquirer, &w);
    ENSURE(w.fault == ERR_OK && w.len > 1);
    w.len--; /* goes on after the core's last number */
    write_format(&w, fold, (long long)atomic_load(&p->folder.seq),
                 atomic_load(&p->folder.failed) ? "true" : "false");
    ENSURE(w.fault == ERR_OK);
    stream_send(stream, writer_view(&w));
}

static err status_open(struct program *p, struct process_fault *fault)
{
    if (p->settings.status == NULL) return OK;
    const struct stream_pool_options options = {
        .loop = p->loop, .streams_max = STATUS_STREAMS, .frame = {4, STATUS_FRAME_MAX}};
    TRY(stream_pool_create(&options, &p->status));
    const struct stream_events events = {.on_frame = status_frame, .owner = p};
    err listens = stream_listen_unix(p->status, p->settings.status, STATUS_STREAMS, &events,
                                     &p->status_listener);
    if (FAILED(listens))
        snprintf(fault->text, sizeof fault->text, "--status %.100s: %s", p->settings.status,
                 err_text(listens));
    return listens;
}

err lines_open(struct program *p, struct process_fault *fault)
{
    const struct settings *s = &p->settings;
    struct tls_fault cause = {{0}};
    const struct tls_options tls = {.ca = TLS_PEM_FILE(s->tls_ca),
                                    .certificate = TLS_PEM_FILE(s->tls_cert),
                                    .key = TLS_PEM_FILE(s->tls_key)};
    err created = tls_server_create(&tls, &cause, &p->tls);
    if (FAILED(created)) {
        snprintf(fault->text, sizeof fault->text, "%.200s", cause.text);
        return created;
    }
    p->lines = (uint32_t)s->connections;
    p->line = calloc(p->lines, sizeof *p->line);
    if (p->line == NULL) return ERR(NO_MEMORY);
    const struct stream_pool_options options = {
        .loop = p->loop,
        .streams_max = (unsigned)s->connections,
        .frame = {2, ISO8583_FRAME_MAX},
        .in_max = LINE_BUFFER,
        .out_max = LINE_BUFFER,
        .frame_ms = (unsigned)s->frame_ms,
        .idle_ms = LINE_IDLE_MS,
    };
    TRY(stream_pool_create(&options, &p->terminals));
    return status_open(p, fault);
}

void lines_close(struct program *p)
{
    stream_listener_close(p->listener);
    stream_listener_close(p->status_listener);
    stream_pool_destroy(p->terminals);
    stream_pool_destroy(p->status);
    tls_destroy(p->tls);
    free(p->line);
}
