/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * stream: connections that carry frames, over TCP, Unix sockets and TLS alike, on a loop.
 *
 * stream_send() only buffers; the buffer leaves at the end of the iteration, after the program's
 * commit (LOOP_FLUSH of loop.h), in one write per stream. No callback is ever run from inside
 * stream_send() or stream_close(). Every stream that began ends in exactly one on_close, after
 * which its pointer is dead; who must answer later keeps stream_id() and asks stream_find().
 *
 * A pool holds all memory of its streams, taken at creation. Limits, and what exceeding one does:
 *   frame.max     a longer frame            closed, LENGTH
 *   frame_ms      a frame, a handshake or a connect not complete in time    closed, TIMEOUT
 *   idle_ms       nothing received          closed, TIMEOUT
 *   out_max       unsent output             closed, FULL; at half of it the stream is not read
 *   out_ms        output not taken          closed, TIMEOUT
 *   streams_max   one connection more       accepted and closed at once, counted
 * Buffers that held frames are wiped: they may have carried card data.
 */

#include "lib/base/bytes.h"
#include "lib/wire/frame.h"
#include "lib/wire/loop.h"
#include "lib/wire/tls.h"

struct stream;
struct stream_pool;
struct stream_listener;

struct stream_pool_options {
    struct loop *loop;
    unsigned streams_max;
    struct frame_format frame;
    size_t in_max;     /* input buffer; 0 means one frame, at least 16 kB */
    size_t out_max;    /* unsent output per stream; 0 means four frames, at least 16 kB */
    unsigned frame_ms; /* 0 means 10,000 */
    unsigned out_ms;   /* 0 means 10,000 */
    unsigned idle_ms;  /* 0 means never */
    bool quick_ack; /* a TCP peer that waits for our acknowledgement within a frame: 40 ms each */
};

/* Errors: NO_MEMORY. */
MUST_USE err stream_pool_create(const struct stream_pool_options *options,
                                struct stream_pool **ret_pool);

/* Nothing that is buffered leaves any more, and nobody's end is told: for a program whose commit
 * has failed. All that is left is stream_pool_destroy(). */
void stream_pool_mute(struct stream_pool *pool);

/* Drops all streams without on_close, closes all listeners. NULL is allowed. */
void stream_pool_destroy(struct stream_pool *pool);

/* What the owner hears. Any of them may be NULL. */
struct stream_events {
    void (*on_open)(struct stream *stream); /* connected and, with TLS, the peer is verified */
    void (*on_frame)(struct stream *stream, struct bytes frame); /* view, ends with the call */
    /* OK: closed by us; CLOSED: by the peer between two frames; SHORT: by the peer within one */
    void (*on_close)(struct stream *stream, err reason);
    void *owner; /* stream_owner() of every stream with these events */
};

/* ---- servers ---- */

struct stream_listener_counts {
    uint64_t accepted, over_limit, handshakes_failed;
};

/*
 * `address` is a numeric address ("127.0.0.1", "::1"); port 0 takes a free one. `tls` may be NULL;
 * `events` is copied. At most `streams_max` of this listener's streams are open at a time (0: as
 * many as the pool has). Errors: BUSY (the port is taken), DENIED, CONFIG (not an address), IO.
 */
MUST_USE err stream_listen_tcp(struct stream_pool *pool, const char *address, uint16_t port,
                               struct tls *tls, unsigned streams_max,
                               const struct stream_events *events,
                               struct stream_listener **ret_listener);

/*
 * A socket file of mode 0600; only processes of this user (or root) are let in. A file left over by
 * a dead process is replaced. Errors: BUSY (somebody listens there), CONFIG (path too long), IO.
 */
MUST_USE err stream_listen_unix(struct stream_pool *pool, const char *path, unsigned streams_max,
                                const struct stream_events *events,
                                struct stream_listener **ret_listener);

uint16_t stream_listener_port(const struct stream_listener *listener);
struct stream_listener_counts stream_listener_counts(const struct stream_listener *listener);

/* Stops accepting and removes a socket file; streams stay. NULL is allowed. */
void stream_listener_close(struct stream_listener *listener);

/* ---- clients ---- */

/*
 * Begins to connect; on_open or on_close tells how it went. Frames may be sent at once, they leave
 * when it is open. Errors here: FULL (pool), CONFIG (not an address). Reasons in on_close: REFUSED,
 * TIMEOUT, IDENTITY (see stream_reason_text).
 */
MUST_USE err stream_connect_tcp(struct stream_pool *pool, const char *address, uint16_t port,
                                struct tls *tls, const struct stream_events *events,
                                struct stream **ret_stream);
/* The same by one way out: socket_connect_tcp_from(); `from` NULL: as the machine's routes say. */
MUST_USE err stream_connect_tcp_from(struct stream_pool *pool, const char *from,
                                     const char *address, uint16_t port, struct tls *tls,
                                     const struct stream_events *events,
                                     struct stream **ret_stream);
MUST_USE err stream_connect_unix(struct stream_pool *pool, const char *path,
                                 const struct stream_events *events, struct stream **ret_stream);

/* ---- all streams ---- */

/* Buffers one frame. When it does not fit, the stream is closed (FULL); the caller hears of that in
 * on_close like of every other end. On a stream that is closing it does nothing. */
void stream_send(struct stream *stream, struct bytes frame);

/* Sends what is buffered, then closes; no more frames are delivered. on_close follows, with
 * `reason`, from the loop. */
void stream_close(struct stream *stream, err reason);

/* Stops reading (the peer feels it) and goes on: for who has too much to do. */
void stream_pause(struct stream *stream, bool pause);

/* A name for one stream that is never used twice in this process, and its stream if it lives. */
uint64_t stream_id(const struct stream *stream);
struct stream *stream_find(struct stream_pool *pool, uint64_t id);

/* The stream's place in its pool, 0 .. streams_max-1: an index for tables beside the pool. The next
 * stream gets the place of one that has ended. */
unsigned stream_slot(const struct stream *stream);

void *stream_owner(const struct stream *stream);
void *stream_data(const struct stream *stream); /* NULL until set */
void stream_set_data(struct stream *stream, void *data);

bool stream_is_open(const struct stream *stream);

/* The common name of the peer's verified certificate; "" without TLS. Lives as the stream. */
const char *stream_peer_name(const struct stream *stream);

/* SHA-256 of the public half of the peer's key; zeros without TLS. */
void stream_peer_print(const struct stream *stream, uint8_t out[TLS_PRINT_BYTES]);

/* When the peer's certificate ends, UTC; 0 without TLS. */
int64_t stream_peer_end_ms(const struct stream *stream);

/* The peer's address ("127.0.0.1:4711", or "unix:<pid>") for logs. */
const char *stream_peer_address(const struct stream *stream);

/* In on_close: the cause in words ("certificate has expired"), never NULL. */
const char *stream_reason_text(const struct stream *stream);

/* Streams of this pool that are in use. */
unsigned stream_count(const struct stream_pool *pool);
