/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * request: one HTTP request to a server of others, over outbound.h, with its whole answer: status,
 * headers and body, up to the maximum that outbound_options states. For interfaces whose answers
 * are signed, so that every byte and some headers matter. What they mean is the caller's business.
 *
 * An answer that is longer than its maximum is none: reason LENGTH. TLS 1.2 or newer, certificate
 * and name checked, no redirects, no proxy, no connection kept.
 */

#include "lib/wire/outbound.h"

enum {
    REQUEST_URL_MAX = 1024,
    REQUEST_HEADERS_MAX = 8,
    REQUEST_HEADER_LINE_MAX = 1024, /* an Authorization with an RSA signature has some 600 */
};

/* A line break in a name or value is refused (FORMAT). */
struct request_header {
    const char *name, *value;
};

struct request {
    const char *id;     /* as in outbound.h */
    const char *method; /* "GET", "POST" */
    const char *url;    /* https://...; http:// to this machine only, CONFIG elsewhere */
    const struct request_header *headers;
    size_t header_count;
    struct bytes body;   /* at most OUTBOUND_BODY_MAX; copied */
    const char *ca_file; /* PEM; NULL: the system's; outlives the transfer */
    unsigned timeout_ms; /* of the whole; more than 0 */
};

struct request_answer {
    err reason;                 /* OK: there is an answer, whatever its status says */
    int status;                 /* 200, 404 ...; 0 when there was none */
    struct bytes body, headers; /* views, for as long as the call lasts */
};

typedef void (*request_done)(void *context, const char *id, const struct request_answer *answer);

/* Errors, after which `done` is not called: FULL, CONFIG, FORMAT, LENGTH, NO_MEMORY. */
MUST_USE err request_send(struct outbound *outbound, const struct request *request,
                          request_done done, void *context);

/*
 * The value of a header, without the white space around it. Errors: NOT_FOUND, CONFLICT (it is
 * there twice: nobody knows which one was meant), LENGTH.
 */
MUST_USE err request_answer_header(const struct request_answer *answer, const char *name, char *out,
                                   size_t size);

/* https, or http to this machine; letters that a URL has, and nothing that hides a host. */
bool request_url_allowed(const char *url);
