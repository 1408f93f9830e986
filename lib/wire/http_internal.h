/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What http.c, http_exchange.c, http_files.c and http_events.c share. */

#include <microhttpd.h>

#include "lib/wire/http.h"
#include "lib/wire/http_gate.h"

/* A connection, from accept to close: only its deadline, for those that never finish a request. */
struct http_peer {
    bool used;
    int fd;
    int64_t due_us;
};

/* A request, from its first header to the end of its answer. */
struct http_exchange {
    bool used;
    const struct http_route *route; /* NULL: a file, events, or nothing */
    size_t body_max, body_len;
    uint8_t *body;    /* `own`, or one of the server's large ones */
    uint8_t *own;     /* of every connection */
    unsigned large;   /* which of the large ones, from 1; 0: none */
    unsigned refused; /* status to answer with once the body has been read past */
    bool read_past;   /* a body that is too large, but may be heard to its end */

    struct MHD_Connection *connection;
    uint64_t ticket;
    int64_t later_due_us;
    bool suspended;                /* the handler said `later` and nothing has come yet ... */
    bool held;                     /* ... or it has, and leaves when later_due_us has come */
    unsigned status;               /* of the later answer */
    const char *content_type;      /* likewise */
    struct MHD_Response *prepared; /* likewise; ours until it is queued */
};

struct http_channel {
    char name[HTTP_NAME_MAX];
    uint8_t *latest;
    size_t len;
    uint64_t version; /* 0: nothing published */
};

/* One EventSource. What is being sent is staged, so that a newer event cannot tear it. */
struct http_client {
    struct http_server *server;
    struct MHD_Connection *connection; /* NULL: not in use */
    int fd;
    bool suspended, ended;
    int64_t beat_us;
    uint64_t seen[HTTP_CHANNELS_MAX];
    uint8_t *stage;
    size_t stage_len, stage_sent;
};

struct http_server {
    struct http_options options;
    struct http_gate gate;
    struct loop *loop;
    struct MHD_Daemon *daemon;
    struct loop_watch watch;
    struct loop_timer wake, sweep, release;
    unsigned held; /* exchanges whose answer is held */
    struct loop_hook hook;
    uint16_t port;
    int directory_fd;
    int mount_fd[HTTP_MOUNTS_MAX];
    uint64_t tickets; /* given out so far */
    bool dirty;       /* something was resumed: MHD must run */

    uint8_t *response_block;
    struct http_peer *peers;
    struct http_exchange *exchanges;
    uint8_t *bodies;
    size_t body_max, own_max; /* own_max: of the bodies that every connection has */
    uint8_t *large; /* options.large_bodies of them; NULL: no body is larger than own_max */
    bool *large_used;

    struct http_channel channels[HTTP_CHANNELS_MAX];
    unsigned channel_count;
    struct http_client *clients;
    uint8_t *event_block; /* all channels' latest and all clients' stages */
    size_t stage_max;
};

/* http_exchange.c: MHD's callbacks for one request */
enum MHD_Result http_on_request(void *context, struct MHD_Connection *connection, const char *url,
                                const char *method, const char *version, const char *data,
                                size_t *data_len, void **slot);
/* NULL when the answer did not fit, or there is no memory. */
struct MHD_Response *http_make_response(const struct http_response *answer);

void http_on_completed(void *context, struct MHD_Connection *connection, void **slot,
                       enum MHD_RequestTerminationCode code);
/* Adds the headers that every answer has, queues and drops our reference. */
enum MHD_Result http_queue(struct MHD_Connection *connection, const struct http_server *server,
                           unsigned status, const char *content_type, const char *cache,
                           struct MHD_Response *response);
enum MHD_Result http_queue_error(struct MHD_Connection *connection,
                                 const struct http_server *server, unsigned status);
/* Moves the connection's deadline; 0: it has none. */
void http_deadline(struct http_server *server, struct MHD_Connection *connection, int64_t after_ms);

/* http_later.c: requests that wait for their answer */
enum MHD_Result http_wait(struct http_server *server, struct http_exchange *exchange);
/* False: too many are held, or it cannot be made; it is answered now. */
bool http_hold(struct http_server *server, struct http_exchange *exchange,
               const struct http_response *response);
void http_release(void *context); /* whose time has come; the timer's */
enum MHD_Result http_queue_prepared(struct http_server *server, struct http_exchange *exchange);
void http_later_sweep(struct http_server *server);   /* ends those that have waited too long */
void http_later_abandon(struct http_server *server); /* all of them: before the daemon stops */

/* http_files.c */
MUST_USE err http_files_open(struct http_server *server);
enum MHD_Result http_files_answer(struct http_server *server, struct MHD_Connection *connection,
                                  const char *path);

/* http_events.c */
MUST_USE err http_events_open(struct http_server *server);
void http_events_close(struct http_server *server);
enum MHD_Result http_events_answer(struct http_server *server, struct MHD_Connection *connection);
void http_events_sweep(struct http_server *server); /* finds clients that are gone; heartbeats */
