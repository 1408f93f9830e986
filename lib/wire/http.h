/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * http: what a browser page talks to. HTTP/1.1 by libmicrohttpd, driven by our loop in our thread.
 *
 * Routes are a table; whatever is no route is a file of one directory; nothing else exists. Before
 * a handler runs, the gate (http_gate.h, pure) has checked the path, that the Host is one of ours
 * (DNS rebinding) and, for everything but GET and HEAD, that the Origin is ours (forged requests).
 * Every answer, errors included, carries the security headers. Handlers run to their end in the
 * loop's thread; what comes later reaches the page through events.
 *
 * Events are server-sent (EventSource): each channel keeps its latest JSON, a client that connects
 * gets the latest of every channel at once and then every change. A client that is slow may miss
 * states in between, never the latest. A page hears a channel by its name as event type; the
 * channel "message" is what EventSource.onmessage hears.
 *
 * An answer leaves when its handler returns, not after LOOP_COMMIT: what must be durable before it
 * is answered, the handler commits. A handler that has to wait for somebody sets `later`, keeps the
 * request's ticket, and the answer is given by http_answer().
 */

#include "lib/base/bytes.h"
#include "lib/base/writer.h"
#include "lib/wire/loop.h"

struct http_server;
struct MHD_Connection;

enum {
    HTTP_PATH_MAX = 256,
    HTTP_HEADERS_MAX = 8, /* WeChat Pay signs an answer with five of them */
    HTTP_HEADER_VALUE_MAX = 512,
    HTTP_CHANNELS_MAX = 8,
    HTTP_QUERY_MAX = 16 * 1024, /* as much as a request line and headers may have */
    HTTP_MOUNTS_MAX = 4,
    HTTP_NAME_MAX = 32,
    HTTP_MESSAGE_MAX = 600,            /* a sentence or two in both languages */
    HTTP_READ_PAST = 32 * 1024 * 1024, /* three photos of a telephone at their largest */
    HTTP_OWN_BODY = 64 * 1024,         /* with large_bodies: room that every connection has */
    HTTP_LATER_MS = 30000,             /* who waits longer for a later answer is disconnected */
    HTTP_HOLD_MS = 1000,               /* an answer is held no longer */
};

struct http_request {
    const char *method; /* "GET", "POST" ... */
    const char *path;   /* checked: begins with '/', no "..", no escapes */
    struct bytes rest;  /* what a prefix route's path has after the prefix */
    struct bytes body;  /* view; wiped after the handler, at the latest with the answer */
    uint64_t ticket;    /* names this request for http_answer(); never 0, never used twice */
    struct MHD_Connection *connection;
};

struct http_header {
    char name[HTTP_NAME_MAX];
    char value[HTTP_HEADER_VALUE_MAX];
};

struct http_response {
    unsigned status;          /* 200 unless set */
    const char *content_type; /* "application/json" unless set; a literal */
    struct writer body;       /* over the server's own block of response_max bytes */
    struct http_header headers[HTTP_HEADERS_MAX];
    unsigned header_count;
    bool later;      /* no answer now: http_answer() gives it, within HTTP_LATER_MS */
    int64_t hold_ms; /* the answer leaves so much later, 0..HTTP_HOLD_MS: who is refused and asks
                        again at once is not let take all of our time. At most a quarter of the
                        connections is held; the rest is answered at once */
    bool hang_up;    /* for simulators of bad servers: the connection ends without an answer */
    bool cut;        /* the same: it ends in the middle of the body */
};

struct http_route {
    const char *method;
    const char *path; /* "/api/touch"; or, ending in a slash, all paths that begin so */
    void (*handle)(void *context, const struct http_request *request,
                   struct http_response *response);
    size_t body_max; /* larger: 413 before it is read whole */
};

/* A directory of files under a path of its own, as {"/staff/", "build/web/staff"}. */
struct http_mount {
    const char *prefix; /* ends in a slash */
    const char *directory;
    bool one_page; /* whatever `pages` says, only the prefix itself is its index.html */
    bool optional; /* where there is no such directory, nothing is there */
};

struct http_options {
    struct loop *loop;
    const char *address; /* NULL: 127.0.0.1 */
    uint16_t port;       /* 0: a free one */
    const struct http_route *routes;
    size_t route_count;
    void *context;                   /* of the handlers */
    const char *directory;           /* of the static files; NULL for none */
    const struct http_mount *mounts; /* further ones, at most HTTP_MOUNTS_MAX */
    size_t mount_count;
    bool pages; /* a path without a dot that is no file is the index.html of its directory */
    const char *origin; /* "https://pay.example" when a proxy stands in front; see http_gate.h */
    const char *events_path;     /* "/api/events"; NULL for none */
    const char *const *hosts;    /* further host names that are ours, without port; NULL ends */
    size_t response_max;         /* of a handler's answer; 0 means 256 kB */
    size_t event_max;            /* of one event; 0 means 64 kB */
    unsigned connections_max;    /* 0 means 64 */
    unsigned large_bodies;       /* so many requests at a time may bring a body above HTTP_OWN_BODY,
                                    further ones get 503; 0: each connection has room for its own */
    unsigned events_clients_max; /* 0 means 16; further ones get 503 */
    bool programs;               /* clients are programs with a key of their own: writing requests
                                    have no Origin, and one that has is a browser's: 403 */
    bool keys;                   /* programs with a key (Authorization) come beside browsers, and
                                    have no Origin either */
    bool inline_styles;          /* style-src 'unsafe-inline': only where a library needs it */
    /*
     * Draws a refusal for people, where the server would answer JSON: 404, 405, 413 and 503 of a
     * request that came through the gate; its body is empty. What leaves `response->body` empty is
     * answered with JSON. A body that is too large, but no larger than HTTP_READ_PAST, is read past
     * first: a browser that is still sending hears no answer.
     */
    void (*refuse)(void *context, unsigned status, const struct http_request *request,
                   struct http_response *response); /* NULL: always JSON */
    bool trusted_types; /* scripts may make HTML only through Vue's own policy */
};

/* Errors: BUSY (port taken), CONFIG (address, directory, route table), NO_MEMORY, IO. */
MUST_USE err http_create(const struct http_options *options, struct http_server **ret_server);
void http_destroy(struct http_server *server); /* NULL is allowed; before its loop */

uint16_t http_port(const struct http_server *server);

/* Keeps `json` (one JSON value) as the latest of `channel` and pushes it to all clients.
 * Errors: LENGTH (event_max), FULL (HTTP_CHANNELS_MAX). */
MUST_USE err http_events_publish(struct http_server *server, const char *channel,
                                 struct bytes json);
unsigned http_events_clients(const struct http_server *server);

/*
 * The answer to a request whose handler said `later`. What `response` refers to need not live on.
 * False when nobody waits any more: the peer has gone, or had waited too long.
 */
bool http_answer(struct http_server *server, uint64_t ticket, const struct http_response *response);

/* ---- for handlers ---- */

/* A parameter of the query, unescaped. Errors: NOT_FOUND, LENGTH, FORMAT (escape, UTF-8, control).
 */
MUST_USE err http_query(const struct http_request *request, const char *name, char *out,
                        size_t size);
/* The query as it came, with its escapes and in its order; "" when there is none. For interfaces
 * that sign it. Parts without a name are not there. Errors: LENGTH. */
MUST_USE err http_raw_query(const struct http_request *request, char *out, size_t size);
/* A header or a cookie as it came, or NULL. Lives as long as the request. */
const char *http_request_header(const struct http_request *request, const char *name);
const char *http_request_cookie(const struct http_request *request, const char *name);

enum { HTTP_ADDRESS_MAX = 48 };
/* The numeric address of the peer, without its port; "" when it is none. */
void http_request_address(const struct http_request *request, char out[HTTP_ADDRESS_MAX]);

/* One more header of the answer; a name or value with a line break is a bug. */
void http_response_header(struct http_response *response, const char *name, const char *value);

/* Makes it an error: {"error":"code","message":"..."} with this status. Drops what was written.
 * People read the message: it begins with a capital, whatever `message` begins with, and is cut
 * behind HTTP_MESSAGE_MAX bytes. */
void http_response_error(struct http_response *response, unsigned status, const char *code,
                         const char *message);
