/* SPDX-License-Identifier: Apache-2.0 */
/* The control socket: frames of people's programs to the core, and its answers back. */
#include <stdio.h>

#include "acquirer/program.h"
#include "lib/wire/acquirer_protocol.h"

/* The line of a connection, made with its first frame. */
static struct line *line_of(struct program *p, struct stream *stream)
{
    struct line *free = NULL;
    for (size_t i = 0; i < PROGRAM_CONTROLLERS; i++) {
        if (p->controller[i].stream == stream) return &p->controller[i];
        if (p->controller[i].stream == NULL) free = &p->controller[i];
    }
    ENSURE(free != NULL); /* the listener takes no more connections */
    *free = (struct line){stream, ++p->controllers};
    return free;
}

static void on_frame(struct stream *stream, struct bytes frame)
{
    struct program *p = stream_owner(stream);
    err taken = acquirer_on_control(p->acquirer, line_of(p, stream)->session, frame);
    if (FAILED(taken)) program_fail(p, "store_failed", taken);
}

static void on_close(struct stream *stream, err reason)
{
    (void)reason;
    struct program *p = stream_owner(stream);
    for (size_t i = 0; i < PROGRAM_CONTROLLERS; i++)
        if (p->controller[i].stream == stream) p->controller[i].stream = NULL;
}

/* By its number, which no other connection gets: an answer never reaches somebody else. */
void orders_to_control(void *context, uint32_t client, struct bytes frame)
{
    struct program *p = context;
    for (size_t i = 0; i < PROGRAM_CONTROLLERS; i++)
        if (p->controller[i].stream != NULL && p->controller[i].session == client)
            stream_send(p->controller[i].stream, frame);
}

err orders_open(struct program *p, struct process_fault *fault)
{
    if (p->settings.control == NULL) return OK;
    const struct stream_pool_options options = {
        .loop = p->loop, .streams_max = PROGRAM_CONTROLLERS, .frame = {4, ACQUIRER_FRAME_MAX}};
    TRY(stream_pool_create(&options, &p->control));
    const struct stream_events events = {.on_frame = on_frame, .on_close = on_close, .owner = p};
    err listens = stream_listen_unix(p->control, p->settings.control, PROGRAM_CONTROLLERS, &events,
                                     &p->control_listener);
    if (FAILED(listens))
        snprintf(fault->text, sizeof fault->text, "--control %.100s: %s", p->settings.control,
                 err_text(listens));
    return listens;
}

void orders_close(struct program *p)
{
    stream_listener_close(p->control_listener);
    stream_pool_destroy(p->control);
}
