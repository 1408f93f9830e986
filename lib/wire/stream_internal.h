/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What stream.c, stream_io.c and stream_listen.c share. */

#include "lib/wire/socket.h"
#include "lib/wire/stream.h"
#include "lib/wire/tls_session.h"

enum stream_state {
    STREAM_FREE, /* zero: not in use */
    STREAM_CONNECTING,
    STREAM_HANDSHAKE,
    STREAM_OPEN,
    STREAM_CLOSING, /* output still leaves, input is not looked at */
    STREAM_ENDED,   /* on_close is due */
};

struct stream {
    struct stream_pool *pool;
    struct stream_listener *listener; /* NULL for a client's, or when the listener is closed */
    struct stream_events events;
    void *data;
    uint64_t id;
    unsigned slot;
    int fd;
    enum stream_state state;
    struct loop_watch watch;
    struct loop_timer timer;
    struct tls *with_tls; /* what to begin once connected */
    struct tls_session tls;

    struct frame_reader in;
    uint8_t *out; /* out[out_start..out_end) is to be sent; out[0..out_used) is to be wiped */
    size_t out_start, out_end, out_used;

    bool paused;      /* by the owner */
    bool throttled;   /* output is above half: no reading until it has left */
    bool out_blocked; /* the socket takes no more at the moment */
    bool partial;     /* a frame has begun */
    bool listed, more;
    bool failed_in_handshake;
    int64_t began_us, heard_us, partial_since_us, out_since_us;
    struct stream *next_listed, *next_more, *next_free;

    err reason;
    char text[TLS_TEXT_MAX];
    char peer_name[TLS_NAME_MAX];
    char peer_address[SOCKET_ADDRESS_TEXT_MAX];
};

struct stream_listener {
    struct stream_pool *pool;
    struct stream_events events;
    struct tls *tls;
    struct loop_watch watch;
    int fd, reserve_fd; /* the reserve is given up to turn a peer away when descriptors run out */
    uint16_t port;
    unsigned streams, streams_max;
    struct stream_listener_counts counts;
    char path[108]; /* of a Unix socket, else empty */
    struct stream_listener *next;
};

struct stream_pool {
    struct loop *loop;
    struct frame_format format;
    unsigned max, count;
    size_t in_max, out_max;
    unsigned frame_ms, out_ms, idle_ms;
    bool quick_ack;
    unsigned handshakes; /* steps of them in this iteration */
    uint64_t generation;
    struct stream *streams;
    uint8_t *buffers;
    struct stream *free;
    struct stream *first_listed, *last_listed; /* for the flush */
    struct stream *first_more;                 /* have input that no poll will report */
    struct loop_timer more;
    struct loop_hook hook;
    struct stream_listener *listeners;
};

/* stream.c */
MUST_USE err stream_take(struct stream_pool *pool, int fd, const struct stream_events *events,
                         struct stream **ret_stream);
void stream_touch(struct stream *stream);
void stream_arm(struct stream *stream);
void stream_watch(struct stream *stream);
void stream_opened(struct stream *stream);
void stream_fail(struct stream *stream, err reason, const char *text); /* text NULL: the error's */

/* stream_io.c */
void stream_ready(void *context, unsigned events); /* of the loop's watch */
void stream_read_more(void *context);              /* of the pool's timer */
void stream_want_more(struct stream *stream);
void stream_throttle(struct stream *stream);
void stream_flush(struct stream *stream);
void stream_begin(struct stream *stream); /* connected: handshake or open */
