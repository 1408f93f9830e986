/* SPDX-License-Identifier: Apache-2.0 */
/* One connection a slot, and a timer: to try again, or for the answer of a card that is slow. */
#include "simulators/cards/plug.h"

#include <stdlib.h>

/* A reader looks every 0.4 s: two cards in less would be one to it, which has changed its mind. */
enum { RETRY_MS = 50, EMPTY_MS = 1000 };

enum control { POWER_OFF = 0, POWER_ON = 1, RESET = 2, GET_ATR = 4 };

struct slot {
    struct plug *plug;
    unsigned number;
    struct plug_card card;
    bool occupied;
    int64_t empty_us; /* since when; 0: has never had a card */
    struct stream *stream;
    struct loop_timer retry, answer_timer;
    uint8_t answer[PLUG_ANSWER_MAX];
    size_t answer_len;
};

struct plug {
    struct loop *loop;
    uint16_t first_port;
    struct stream_pool *pool;
    struct slot slot[PLUG_SLOTS];
};

static void send_answer(void *context)
{
    struct slot *s = context;
    if (s->stream != NULL) stream_send(s->stream, bytes_of(s->answer, s->answer_len));
    explicit_bzero(s->answer, sizeof s->answer);
    s->answer_len = 0;
}

static void on_command(struct slot *s, struct bytes command)
{
    struct writer w = writer_over(s->answer, sizeof s->answer);
    int delay_ms = s->card.command(s->card.context, command, &w);
    ENSURE(w.fault == ERR_OK && w.len >= 2);
    s->answer_len = w.len;
    if (delay_ms == 0) {
        send_answer(s);
        return;
    }
    err set = loop_timer_set(s->plug->loop, &s->answer_timer, delay_ms);
    ENSURE(!FAILED(set));
}

static void on_frame(struct stream *stream, struct bytes frame)
{
    struct slot *s = stream_data(stream);
    if (s == NULL) return; /* has been taken out */
    if (frame.len != 1) {
        on_command(s, frame);
        return;
    }
    switch ((enum control)frame.at[0]) {
    case GET_ATR:
        stream_send(stream, s->card.atr);
        return;
    case POWER_OFF:
        s->card.power(s->card.context, false);
        return;
    case POWER_ON:
    case RESET:
        s->card.power(s->card.context, true);
        return;
    }
}

/* The reader is not there, or has gone: the card stays in it, as in a reader that is unplugged. */
static void on_close(struct stream *stream, err reason)
{
    (void)reason;
    struct slot *s = stream_data(stream);
    if (s == NULL) return;
    s->stream = NULL;
    loop_timer_cancel(s->plug->loop, &s->answer_timer);
    err set = loop_timer_set(s->plug->loop, &s->retry, RETRY_MS);
    ENSURE(!FAILED(set));
}

static void connect_slot(void *context)
{
    struct slot *s = context;
    struct plug *p = s->plug;
    const struct stream_events events = {NULL, on_frame, on_close, p};
    uint16_t port = (uint16_t)(p->first_port + s->number);
    err done = stream_connect_tcp(p->pool, "127.0.0.1", port, NULL, &events, &s->stream);
    if (FAILED(done)) {
        s->stream = NULL;
        done = loop_timer_set(p->loop, &s->retry, RETRY_MS);
        ENSURE(!FAILED(done));
        return;
    }
    stream_set_data(s->stream, s);
}

err plug_open(struct loop *loop, uint16_t first_port, struct plug **ret_plug)
{
    struct plug *p = calloc(1, sizeof *p);
    if (p == NULL) return ERR(NO_MEMORY);
    p->loop = loop;
    p->first_port = first_port;
    for (unsigned i = 0; i < PLUG_SLOTS; i++) {
        struct slot *s = &p->slot[i];
        s->plug = p;
        s->number = i;
        s->retry = (struct loop_timer){.run = connect_slot, .context = s};
        s->answer_timer = (struct loop_timer){.run = send_answer, .context = s};
    }
    /* Twice: a card that was taken out is still being closed when the next is put in. */
    const struct stream_pool_options options = {.loop = loop,
                                                .streams_max = 2 * PLUG_SLOTS,
                                                .frame = {2, PLUG_COMMAND_MAX},
                                                .quick_ack = true};
    err made = stream_pool_create(&options, &p->pool);
    if (FAILED(made)) free(p);
    else *ret_plug = p;
    return made;
}

void plug_close(struct plug *p)
{
    if (p == NULL) return;
    for (unsigned i = 0; i < PLUG_SLOTS; i++) {
        loop_timer_cancel(p->loop, &p->slot[i].retry);
        loop_timer_cancel(p->loop, &p->slot[i].answer_timer);
    }
    stream_pool_destroy(p->pool);
    explicit_bzero(p, sizeof *p);
    free(p);
}

void plug_insert(struct plug *plug, unsigned slot, const struct plug_card *card)
{
    ENSURE(slot < PLUG_SLOTS && card->power != NULL && card->command != NULL);
    ENSURE(card->atr.len > 1);
    plug_remove(plug, slot);
    struct slot *s = &plug->slot[slot];
    s->card = *card;
    s->occupied = true;
    int64_t wait_us = s->empty_us + EMPTY_MS * 1000 - loop_now_us(plug->loop);
    if (s->empty_us == 0 || wait_us <= 0) {
        connect_slot(s);
        return;
    }
    err set = loop_timer_set(plug->loop, &s->retry, wait_us / 1000 + 1);
    ENSURE(!FAILED(set));
}

void plug_remove(struct plug *plug, unsigned slot)
{
    ENSURE(slot < PLUG_SLOTS);
    struct slot *s = &plug->slot[slot];
    loop_timer_cancel(plug->loop, &s->retry);
    loop_timer_cancel(plug->loop, &s->answer_timer);
    if (s->stream != NULL) {
        stream_set_data(s->stream, NULL);
        stream_close(s->stream, OK);
        s->stream = NULL;
    }
    if (!s->occupied) return;
    s->card.power(s->card.context, false);
    s->occupied = false;
    s->empty_us = loop_now_us(plug->loop);
}

bool plug_occupied(const struct plug *plug, unsigned slot)
{
    ENSURE(slot < PLUG_SLOTS);
    return plug->slot[slot].occupied;
}
