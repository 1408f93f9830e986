/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * device_lines: terminals' connections to the desk, over TLS 1.3 with client certificates of the
 * same authority as the acquirer's. The certificate's name is the terminal; the desk decides.
 *
 * Who has no certificate is a stranger: there are few places for those, the newest takes the oldest
 * one's, and a stranger has a few seconds for one frame, which can only be last words
 * (last_words.h) or the question for another certificate (renewal.h).
 */

#include "backoffice/desk/desk.h"
#include "lib/wire/process.h"
#include "lib/wire/stream.h"

struct device_line {
    struct stream *stream; /* NULL: a free place */
    uint32_t session;
};

enum { DEVICE_STRANGERS = 8, DEVICE_STRANGER_MS = 5000 };

struct device_lines {
    struct loop *loop;
    struct loop_timer timer;                   /* of the oldest stranger */
    struct stream *stranger[DEVICE_STRANGERS]; /* the oldest first; NULL: a free place */
    int64_t stranger_until_us[DEVICE_STRANGERS];
    struct desk *desk;
    struct stream_pool *pool;
    struct stream_listener *listener;
    struct tls *tls;
    struct device_line *line;
    struct device_line heard; /* of every stranger that has spoken */
    uint32_t lines, next;
    void (*failed)(void *context, const char *what, err why); /* the store is gone */
    void *context;
};

struct device_lines_options {
    struct loop *loop;
    const char *address;                       /* numeric */
    uint16_t port;                             /* 0: a free one */
    const char *certificate, *key, *authority; /* PEM files */
    uint32_t connections;
};

/* Listens. The desk is set by the caller before the loop runs. `fault` says cause and remedy. */
MUST_USE err device_lines_open(struct device_lines *lines,
                               const struct device_lines_options *options,
                               struct process_fault *fault);
void device_lines_close(struct device_lines *lines); /* a zeroed one is fine */
/* A commit has failed: no device hears of anything more. */
void device_lines_mute(struct device_lines *lines);
uint16_t device_lines_port(const struct device_lines *lines);

/* As in struct desk_ports; the context is the lines. */
void device_lines_send(void *context, uint32_t session, struct bytes frame);
void device_lines_end(void *context, uint32_t session);
