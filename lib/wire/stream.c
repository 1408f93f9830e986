/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streams: the life of a connection, its deadlines, and what its owner calls. stream_io.c moves the
 * bytes, stream_listen.c lets peers in.
 *
 *   CONNECTING -> HANDSHAKE -> OPEN -> CLOSING (output still leaves) -> ENDED -> free
 *
 * Each state may be skipped and each may go to ENDED. on_close runs in one place, end_stream(),
 * called only by the flush hook: never below a call of the owner's.
 */
#include "lib/wire/stream_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    IN_MIN = 16384,
    OUT_MIN = 16384,
    OUT_FRAMES = 4,
    FRAME_MS = 10000,
    OUT_MS = 10000,
};

#define NEVER INT64_MAX

/* ---- the list of streams that the next flush looks at ---- */

void stream_touch(struct stream *s)
{
    if (s->listed) return;
    s->listed = true;
    s->next_listed = NULL;
    if (s->pool->last_listed != NULL) s->pool->last_listed->next_listed = s;
    else s->pool->first_listed = s;
    s->pool->last_listed = s;
}

static struct stream *take_listed(struct stream_pool *pool)
{
    struct stream *s = pool->first_listed;
    if (s == NULL) return NULL;
    pool->first_listed = s->next_listed;
    if (pool->first_listed == NULL) pool->last_listed = NULL;
    s->listed = false;
    s->next_listed = NULL;
    return s;
}

/* ---- deadlines ---- */

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* When this stream has waited too long for something; one timer looks after all its reasons. */
static int64_t deadline(const struct stream *s)
{
    const struct stream_pool *pool = s->pool;
    int64_t frame_us = (int64_t)pool->frame_ms * 1000, out_us = (int64_t)pool->out_ms * 1000;
    int64_t idle_us = (int64_t)pool->idle_ms * 1000, due = NEVER;
    if (s->state == STREAM_CONNECTING || s->state == STREAM_HANDSHAKE)
        return s->began_us + frame_us;
    if (s->out_blocked) due = earlier(due, s->out_since_us + out_us);
    /* While it is our side that does not read, the peer is not late. */
    if (s->state == STREAM_CLOSING || s->paused || s->throttled) return due;
    if (s->partial) due = earlier(due, s->partial_since_us + frame_us);
    if (idle_us > 0) due = earlier(due, s->heard_us + idle_us);
    return due;
}

/* The timer is moved only to an earlier time; it finds out by itself that it is too early. That
 * way an ordinary message touches no timer. */
void stream_arm(struct stream *s)
{
    int64_t due = deadline(s), now = loop_now_us(s->pool->loop);
    if (due == NEVER) return;
    if (loop_timer_armed(&s->timer) && s->timer.due_us <= due) return;
    int64_t left_us = due > now ? due - now : 0;
    err e = loop_timer_set(s->pool->loop, &s->timer, (left_us + 999) / 1000);
    ENSURE(!FAILED(e)); /* the pool has reserved a timer for each stream */
}

static void on_timer(void *context)
{
    struct stream *s = context;
    if (s->state == STREAM_ENDED || s->state == STREAM_FREE) return;
    if (deadline(s) > loop_now_us(s->pool->loop)) {
        stream_arm(s);
        return;
    }
    const char *text = "nothing heard for too long";
    if (s->state == STREAM_CONNECTING) text = "the peer does not answer";
    else if (s->state == STREAM_HANDSHAKE) text = "the TLS handshake takes too long";
    else if (s->out_blocked) text = "the peer does not take its answers";
    else if (s->partial) text = "a frame was begun and not completed";
    stream_fail(s, ERR(TIMEOUT), text);
}

/* ---- states ---- */

/* What the loop must watch for in this state. */
void stream_watch(struct stream *s)
{
    unsigned events = 0;
    switch (s->state) {
    case STREAM_CONNECTING:
        events = LOOP_WRITE;
        break;
    case STREAM_HANDSHAKE:
        events = s->tls.wants_write ? LOOP_WRITE : LOOP_READ;
        break;
    case STREAM_OPEN:
        if (!s->paused && !s->throttled) events |= LOOP_READ;
        if (s->out_blocked) events |= LOOP_WRITE;
        break;
    case STREAM_CLOSING:
        if (s->out_blocked) events |= LOOP_WRITE;
        break;
    case STREAM_FREE:
    case STREAM_ENDED:
        return;
    }
    err e = loop_watch_change(s->pool->loop, &s->watch, events);
    if (FAILED(e)) stream_fail(s, e, "the event queue failed");
}

void stream_fail(struct stream *s, err reason, const char *text)
{
    if (s->state == STREAM_ENDED || s->state == STREAM_FREE) return;
    s->reason = reason;
    if (s->tls.text[0] != '\0') text = s->tls.text;
    if (text == NULL) text = err_text(reason);
    (void)snprintf(s->text, sizeof s->text, "%s", text);
    s->failed_in_handshake = s->state == STREAM_HANDSHAKE;
    s->state = STREAM_ENDED;
    loop_unwatch(s->pool->loop, &s->watch);
    loop_timer_cancel(s->pool->loop, &s->timer);
    stream_touch(s);
}

void stream_opened(struct stream *s)
{
    s->state = STREAM_OPEN;
    s->heard_us = loop_now_us(s->pool->loop);
    loop_timer_cancel(s->pool->loop, &s->timer);
    tls_session_peer_name(&s->tls, s->peer_name);
    stream_watch(s);
    stream_arm(s);
    if (s->out_end > s->out_start) stream_touch(s);
    if (s->events.on_open != NULL) s->events.on_open(s);
}

static void wipe(struct stream *s)
{
    frame_reset(&s->in);
    if (s->out_used > 0) explicit_bzero(s->out, s->out_used);
    s->out_start = s->out_end = s->out_used = 0;
}

static void leave_more_list(struct stream *s)
{
    struct stream **at = &s->pool->first_more;
    while (*at != NULL && *at != s) at = &(*at)->next_more;
    if (*at == s) *at = s->next_more;
    s->more = false;
}

/* The stream's memory goes back to the pool. */
static void release(struct stream *s)
{
    struct stream_pool *pool = s->pool;
    if (s->more) leave_more_list(s);
    tls_session_close(&s->tls);
    if (s->fd >= 0) close(s->fd);
    s->fd = -1;
    wipe(s);
    if (s->listener != NULL) s->listener->streams--;
    s->state = STREAM_FREE;
    s->next_free = pool->free;
    pool->free = s;
    pool->count--;
}

static void end_stream(struct stream *s)
{
    if (s->listener != NULL && s->failed_in_handshake) s->listener->counts.handshakes_failed++;
    loop_again(s->pool->loop); /* what the owner does now may want a commit */
    if (s->events.on_close != NULL) s->events.on_close(s, s->reason);
    ENSURE(s->state == STREAM_ENDED);
    s->listed = false;
    release(s);
}

static void on_flush(void *context)
{
    struct stream_pool *pool = context;
    pool->handshakes = 0;
    for (struct stream *s; (s = take_listed(pool)) != NULL;) {
        if (s->state == STREAM_OPEN || s->state == STREAM_CLOSING) stream_flush(s);
        if (s->state != STREAM_ENDED) continue;
        if (s->listed) continue; /* stream_fail() has put it in again: its turn comes */
        end_stream(s);
    }
}

/* ---- the pool ---- */

static void set_defaults(struct stream_pool *pool, const struct stream_pool_options *options)
{
    size_t frame = frame_block_min(options->frame);
    pool->loop = options->loop;
    pool->format = options->frame;
    pool->max = options->streams_max;
    pool->in_max = options->in_max > 0 ? options->in_max : frame > IN_MIN ? frame : IN_MIN;
    pool->out_max = options->out_max > 0           ? options->out_max
                    : OUT_FRAMES * frame > OUT_MIN ? OUT_FRAMES * frame
                                                   : OUT_MIN;
    ENSURE(pool->in_max >= frame && pool->out_max >= frame);
    pool->frame_ms = options->frame_ms > 0 ? options->frame_ms : FRAME_MS;
    pool->out_ms = options->out_ms > 0 ? options->out_ms : OUT_MS;
    pool->idle_ms = options->idle_ms;
    pool->quick_ack = options->quick_ack;
}

static err take_memory(struct stream_pool *pool)
{
    /* The buffers are touched, and so become resident, only when a stream first uses them. */
    pool->streams = calloc(pool->max, sizeof *pool->streams);
    pool->buffers = calloc(pool->max, pool->in_max + pool->out_max);
    if (pool->streams == NULL || pool->buffers == NULL) return ERR(NO_MEMORY);
    for (unsigned i = pool->max; i-- > 0;) {
        struct stream *s = &pool->streams[i];
        s->pool = pool;
        s->slot = i;
        s->fd = -1;
        s->next_free = pool->free;
        pool->free = s;
    }
    return loop_timers_reserve(pool->loop, pool->max + 1);
}

err stream_pool_create(const struct stream_pool_options *options, struct stream_pool **ret_pool)
{
    ENSURE(options->loop != NULL && options->streams_max > 0);
    struct stream_pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL) return ERR(NO_MEMORY);
    set_defaults(pool, options);
    err e = take_memory(pool);
    if (FAILED(e)) {
        free(pool->streams);
        free(pool->buffers);
        free(pool);
        return e;
    }
    pool->hook = (struct loop_hook){.run = on_flush, .context = pool};
    pool->more = (struct loop_timer){.run = stream_read_more, .context = pool};
    loop_before_wait(pool->loop, LOOP_FLUSH, &pool->hook);
    *ret_pool = pool;
    return OK;
}

void stream_pool_destroy(struct stream_pool *pool)
{
    if (pool == NULL) return;
    while (pool->listeners != NULL) stream_listener_close(pool->listeners);
    for (unsigned i = 0; i < pool->max; i++) {
        struct stream *s = &pool->streams[i];
        if (s->state == STREAM_FREE) continue;
        loop_unwatch(pool->loop, &s->watch);
        loop_timer_cancel(pool->loop, &s->timer);
        release(s);
    }
    loop_timer_cancel(pool->loop, &pool->more);
    loop_hook_remove(pool->loop, &pool->hook);
    free(pool->buffers);
    free(pool->streams);
    free(pool);
}

void stream_pool_mute(struct stream_pool *pool)
{
    loop_hook_remove(pool->loop, &pool->hook);
}

unsigned stream_count(const struct stream_pool *pool)
{
    return pool->count;
}

err stream_take(struct stream_pool *pool, int fd, const struct stream_events *events,
                struct stream **ret_stream)
{
    struct stream *s = pool->free;
    if (s == NULL) return ERR(FULL);
    unsigned slot = s->slot;
    uint8_t *buffers = pool->buffers + (size_t)slot * (pool->in_max + pool->out_max);
    pool->free = s->next_free;
    pool->count++;
    *s = (struct stream){.pool = pool, .slot = slot, .fd = fd, .events = *events};
    s->id = ++pool->generation * pool->max + slot;
    s->in = frame_reader_over(pool->format, buffers, pool->in_max);
    s->out = buffers + pool->in_max;
    s->began_us = s->heard_us = loop_now_us(pool->loop);
    s->timer = (struct loop_timer){.run = on_timer, .context = s};
    s->watch = (struct loop_watch){.ready = stream_ready, .context = s};
    s->state = STREAM_CONNECTING;
    *ret_stream = s;
    return OK;
}

/* ---- what the owner calls ---- */

static bool make_room(struct stream *s, size_t need)
{
    if (need <= s->pool->out_max - s->out_end) return true;
    if (s->out_start == 0 || need > s->pool->out_max - (s->out_end - s->out_start)) return false;
    s->out_end -= s->out_start;
    memmove(s->out, s->out + s->out_start, s->out_end);
    s->out_start = 0;
    return true;
}

void stream_send(struct stream *s, struct bytes frame)
{
    ENSURE(frame.len > 0);
    if (s->state == STREAM_CLOSING || s->state == STREAM_ENDED) return;
    ENSURE(s->state != STREAM_FREE);
    size_t need = frame_overhead(s->pool->format) + frame.len;
    if (frame.len > s->pool->format.max) {
        stream_fail(s, ERR(LENGTH), "a frame to be sent is longer than the protocol allows");
        return;
    }
    if (!make_room(s, need)) {
        stream_fail(s, ERR(FULL), "the peer does not take its answers");
        return;
    }
    struct writer w = writer_over(s->out + s->out_end, need);
    struct bytes written;
    frame_write(&w, s->pool->format, frame);
    ENSURE(!FAILED(writer_finish(&w, &written)) && written.len == need);
    s->out_end += need;
    if (s->out_used < s->out_end) s->out_used = s->out_end;
    stream_throttle(s);
    stream_touch(s);
}

void stream_close(struct stream *s, err reason)
{
    if (s->state == STREAM_CLOSING || s->state == STREAM_ENDED) return;
    ENSURE(s->state != STREAM_FREE);
    if (s->state != STREAM_OPEN) {
        stream_fail(s, reason, NULL);
        return;
    }
    s->reason = reason;
    if (s->text[0] == '\0') (void)snprintf(s->text, sizeof s->text, "%s", err_text(reason));
    s->state = STREAM_CLOSING;
    stream_touch(s);
}

void stream_pause(struct stream *s, bool pause)
{
    if (s->paused == pause || s->state == STREAM_ENDED) return;
    s->paused = pause;
    if (s->state == STREAM_OPEN) stream_watch(s);
    if (!pause) stream_want_more(s);
}

uint64_t stream_id(const struct stream *s)
{
    return s->id;
}

struct stream *stream_find(struct stream_pool *pool, uint64_t id)
{
    struct stream *s = &pool->streams[id % pool->max];
    bool lives = s->id == id && s->state != STREAM_FREE && s->state != STREAM_ENDED;
    return lives ? s : NULL;
}

unsigned stream_slot(const struct stream *s)
{
    return s->slot;
}

void *stream_owner(const struct stream *s)
{
    return s->events.owner;
}

void *stream_data(const struct stream *s)
{
    return s->data;
}

void stream_set_data(struct stream *s, void *data)
{
    s->data = data;
}

bool stream_is_open(const struct stream *s)
{
    return s->state == STREAM_OPEN;
}

void stream_peer_print(const struct stream *s, uint8_t out[TLS_PRINT_BYTES])
{
    tls_session_peer_print(&s->tls, out);
}

int64_t stream_peer_end_ms(const struct stream *s)
{
    return tls_session_peer_end_ms(&s->tls);
}

const char *stream_peer_name(const struct stream *s)
{
    return s->peer_name;
}

const char *stream_peer_address(const struct stream *s)
{
    return s->peer_address;
}

const char *stream_reason_text(const struct stream *s)
{
    return s->text;
}
