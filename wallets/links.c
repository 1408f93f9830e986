/* SPDX-License-Identifier: Apache-2.0 */
/* The two outgoing connections: the hsm, and the wallet that is handed on to. Each comes back by
 * itself. */
#include <stdio.h>

#include "lib/base/reader.h"
#include "wallets/program.h"

enum {
    LINK_AGAIN_MS = 200, /* first wait before a new attempt, doubled up to the most */
    LINK_AGAIN_MOST_MS = 5000,
};

static void again(struct link *link)
{
    struct program *p = link->program;
    int64_t wait_ms = LINK_AGAIN_MS << (link->failures < 5 ? link->failures : 5);
    if (wait_ms > LINK_AGAIN_MOST_MS) wait_ms = LINK_AGAIN_MOST_MS;
    if (link->failures++ == 0)
        log_event(&p->log, LOG_WARN, "link_waits", LOG_TEXT("to", link->name),
                  LOG_TEXT("meanwhile", "payments that need it are not answered"));
    err set = loop_timer_set(p->loop, &link->retry, wait_ms);
    if (FAILED(set)) program_fail(p, "timer_failed", set);
}

static void on_open(struct stream *stream)
{
    struct link *link = stream_owner(stream);
    link->open = true;
    link->failures = 0;
    log_event(&link->program->log, LOG_INFO, "link_open", LOG_TEXT("to", link->name));
    if (link->told != NULL) link->told(link->program, true);
}

static void on_frame(struct stream *stream, struct bytes frame)
{
    struct link *link = stream_owner(stream);
    link->frame(link->program, frame);
}

static void on_close(struct stream *stream, err reason)
{
    struct link *link = stream_owner(stream);
    bool was_open = link->open;
    if (was_open)
        log_event(&link->program->log, LOG_WARN, "link_closed", LOG_TEXT("to", link->name),
                  LOG_TEXT("cause", stream_reason_text(stream)), LOG_ERR(reason));
    link->stream = NULL;
    link->open = false;
    if (loop_stopping(link->program->loop)) return;
    if (was_open && link->told != NULL) link->told(link->program, false);
    again(link);
}

static void connect_now(void *context)
{
    struct link *link = context;
    const struct stream_events events = {on_open, on_frame, on_close, link};
    err begun = link->path != NULL
                    ? stream_connect_unix(link->pool, link->path, &events, &link->stream)
                    : stream_connect_tcp(link->pool, link->address, link->port, NULL, &events,
                                         &link->stream);
    if (FAILED(begun)) again(link);
}

void link_open(struct link *link)
{
    link->retry = (struct loop_timer){.run = connect_now, .context = link};
    connect_now(link);
}

void link_send(struct link *link, struct bytes frame)
{
    if (link->open) stream_send(link->stream, frame);
}

err link_address(const char *text, struct link *link, const char *option,
                 struct process_fault *fault)
{
    const char *colon = strrchr(text, ':');
    struct reader r = reader_over(bytes_text(colon != NULL ? colon + 1 : ""));
    size_t digits = r.left.len;
    unsigned port = digits >= 1 && digits <= 5 ? read_digits(&r, digits) : 0;
    if (port == 0 || port > UINT16_MAX || FAILED(reader_finish(&r)) ||
        FAILED(bytes_to_text(bytes_of(text, colon != NULL ? (size_t)(colon - text) : 0),
                             link->address, sizeof link->address))) {
        snprintf(fault->text, sizeof fault->text,
                 "--%s %.60s: not HOST:PORT, such as 127.0.0.1:8001", option, text);
        return ERR(CONFIG);
    }
    link->port = (uint16_t)port;
    return OK;
}
