/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of a stream: from the socket (through TLS) to frames, and from the buffer to the
 * socket. */
#include "lib/wire/stream_internal.h"

#include <sys/socket.h>

/* Reads per turn: a peer that floods us gets a share, not the thread. So do all who shake hands:
 * each step is a third of a millisecond, and after an outage thousands come at once. */
enum { READS_PER_TURN = 4, HANDSHAKES_PER_TURN = 32 };

static err read_some(struct stream *s, size_t *ret_len)
{
    size_t room = 0;
    uint8_t *at = frame_space(&s->in, &room);
    ENSURE(room > 0); /* frames are taken out before more is read */
    TRY(s->tls.ssl != NULL ? tls_session_read(&s->tls, at, room, ret_len)
                           : socket_read(s->fd, at, room, ret_len));
    if (s->pool->quick_ack) socket_quick_ack(s->fd);
    frame_filled(&s->in, *ret_len);
    return OK;
}

static bool may_deliver(const struct stream *s)
{
    return s->state == STREAM_OPEN && !s->paused && !s->throttled;
}

/* Hands out what is complete. False when the stream is no longer to be read this turn. */
static bool deliver(struct stream *s)
{
    struct bytes frame;
    bool delivered = false;
    while (may_deliver(s)) {
        err e = frame_next(&s->in, &frame);
        if (e.code == ERR_AGAIN) break;
        if (FAILED(e)) {
            stream_fail(s, e,
                        e.code == ERR_LENGTH ? "a frame is longer than the protocol allows"
                                             : "a frame has no content, or a line a wrong end");
            return false;
        }
        delivered = true;
        if (s->events.on_frame != NULL) s->events.on_frame(s, frame);
    }
    if (!may_deliver(s)) {
        s->partial = false;
        return false;
    }
    bool partial = frame_partial(&s->in);
    if (partial && (!s->partial || delivered)) s->partial_since_us = loop_now_us(s->pool->loop);
    bool begun = partial && !s->partial;
    s->partial = partial;
    if (begun) stream_arm(s);
    return true;
}

static void read_failed(struct stream *s, err e)
{
    if (e.code == ERR_AGAIN) return;
    if (e.code == ERR_CLOSED && s->partial) {
        stream_fail(s, ERR(SHORT), "the peer has closed in the middle of a frame");
        return;
    }
    if (e.code == ERR_CLOSED && s->tls.text[0] == '\0') {
        stream_close(s, e); /* answers already buffered are still worth a try */
        return;
    }
    stream_fail(s, e, NULL);
}

static void read_turn(struct stream *s)
{
    for (int i = 0; deliver(s); i++) {
        size_t len = 0;
        if (i == READS_PER_TURN) {
            stream_want_more(s);
            break;
        }
        err e = read_some(s, &len);
        if (FAILED(e)) {
            read_failed(s, e);
            break;
        }
        s->heard_us = loop_now_us(s->pool->loop);
        /* A read that did not fill its room has emptied the socket; asking again would only cost a
         * system call. TLS may hold more that the socket no longer shows. */
        bool emptied = s->in.end < s->in.size && !tls_session_pending(&s->tls);
        if (emptied) {
            (void)deliver(s);
            break;
        }
    }
    size_t room = 0;
    if (s->state == STREAM_OPEN) (void)frame_space(&s->in, &room); /* wipes what was handed out */
}

void stream_want_more(struct stream *s)
{
    if (s->more || s->state != STREAM_OPEN) return;
    s->heard_us = loop_now_us(s->pool->loop);
    stream_arm(s);
    s->more = true;
    s->next_more = s->pool->first_more;
    s->pool->first_more = s;
    err e = loop_timer_set(s->pool->loop, &s->pool->more, 0);
    ENSURE(!FAILED(e)); /* reserved by the pool */
}

/* Streams whose input is in our buffers: the poll cannot know, so it is not waited for. */
void stream_read_more(void *context)
{
    struct stream_pool *pool = context;
    struct stream *s = pool->first_more;
    pool->first_more = NULL;
    while (s != NULL) {
        struct stream *next = s->next_more;
        s->more = false;
        s->next_more = NULL;
        if (s->state == STREAM_OPEN) read_turn(s);
        s = next;
    }
}

/* ---- opening ---- */

static void handshake(struct stream *s)
{
    err e = tls_session_handshake(&s->tls);
    if (e.code == ERR_AGAIN) {
        stream_watch(s);
        return;
    }
    if (FAILED(e)) {
        stream_fail(s, e, e.code == ERR_CLOSED ? "the peer has closed during the handshake" : NULL);
        return;
    }
    stream_opened(s);
    /* The record after the peer's last handshake message may have been read along with it. */
    if (tls_session_pending(&s->tls)) stream_want_more(s);
}

void stream_begin(struct stream *s)
{
    socket_peer_text(s->fd, s->peer_address);
    if (s->with_tls == NULL) {
        stream_opened(s);
        return;
    }
    err e = tls_session_open(&s->tls, s->with_tls, s->fd);
    if (FAILED(e)) {
        stream_fail(s, e, NULL);
        return;
    }
    s->state = STREAM_HANDSHAKE;
    stream_arm(s);
    handshake(s);
}

static void connected(struct stream *s)
{
    err e = socket_connected(s->fd);
    if (e.code == ERR_AGAIN) return;
    if (FAILED(e)) {
        stream_fail(s, e, NULL);
        return;
    }
    stream_begin(s);
}

void stream_ready(void *context, unsigned events)
{
    struct stream *s = context;
    switch (s->state) {
    case STREAM_CONNECTING:
        connected(s);
        return;
    case STREAM_HANDSHAKE:
        /* Who is passed over is reported again, and those behind him first. */
        if (s->pool->handshakes++ < HANDSHAKES_PER_TURN) handshake(s);
        return;
    case STREAM_OPEN:
        if (events & LOOP_WRITE) stream_touch(s);
        if (may_deliver(s)) read_turn(s);
        /* Gone while we were not reading: there is nobody to answer. */
        else if (events & LOOP_HANGUP) stream_fail(s, ERR(CLOSED), NULL);
        return;
    case STREAM_CLOSING:
        if (events & LOOP_HANGUP) stream_fail(s, s->reason, NULL);
        else stream_touch(s);
        return;
    case STREAM_FREE:
    case STREAM_ENDED:
        return;
    }
}

/* ---- output ---- */

static size_t unsent(const struct stream *s)
{
    return s->out_end - s->out_start;
}

/* Above half of the buffer the peer is not read: who takes no answers may ask no more. */
void stream_throttle(struct stream *s)
{
    bool full = unsent(s) > s->pool->out_max / 2;
    if (full == s->throttled || s->state != STREAM_OPEN) return;
    s->throttled = full;
    if (!full) stream_want_more(s);
    stream_watch(s);
}

static err write_some(struct stream *s, size_t *ret_len)
{
    struct bytes left = bytes_of(s->out + s->out_start, unsent(s));
    return s->tls.ssl != NULL ? tls_session_write(&s->tls, left, ret_len)
                              : socket_write(s->fd, left, ret_len);
}

static void all_sent(struct stream *s)
{
    if (s->out_used > 0) explicit_bzero(s->out, s->out_used);
    s->out_start = s->out_end = s->out_used = 0;
    s->out_blocked = false;
    if (s->state != STREAM_CLOSING) return;
    tls_session_close(&s->tls);
    (void)shutdown(s->fd, SHUT_WR);
    char text[TLS_TEXT_MAX];
    memcpy(text, s->text, sizeof text);
    stream_fail(s, s->reason, text);
}

void stream_flush(struct stream *s)
{
    bool was_blocked = s->out_blocked;
    while (unsent(s) > 0) {
        size_t len = 0;
        err e = write_some(s, &len);
        if (e.code == ERR_AGAIN) break;
        if (FAILED(e)) {
            stream_fail(s, s->state == STREAM_CLOSING ? s->reason : e, NULL);
            return;
        }
        s->out_start += len;
        s->out_since_us = loop_now_us(s->pool->loop);
    }
    if (unsent(s) == 0) {
        all_sent(s);
    } else if (!s->out_blocked) {
        s->out_blocked = true;
        s->out_since_us = loop_now_us(s->pool->loop);
        stream_arm(s);
    }
    if (s->state != STREAM_OPEN && s->state != STREAM_CLOSING) return;
    stream_throttle(s);
    if (was_blocked != s->out_blocked || s->state == STREAM_CLOSING) stream_watch(s);
}
