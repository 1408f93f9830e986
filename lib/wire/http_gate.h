/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * http_gate: which requests are looked at at all. Pure functions of text, so that they are tested
 * and fuzzed without a socket.
 */

#include "lib/base/bytes.h"

struct http_gate {
    const char *address;      /* numeric address we listen on */
    uint16_t port;            /* where we listen */
    const char *const *hosts; /* further names of ours, without port; NULL, or NULL-ended */
    const char *origin;       /* how browsers reach us through a proxy: "https://pay.example";
                                 NULL: only directly */
    bool programs;            /* our clients are programs with a key, and no browser is let in */
    bool keys;                /* programs with a key (Authorization) are let in beside browsers */
};

/*
 * '/', then segments of A-Z a-z 0-9 - _ . ~ with single slashes between them. No segment begins
 * with a dot (so no "..", no hidden file), nothing is escaped, at most HTTP_PATH_MAX bytes.
 */
bool http_path_allowed(struct bytes path);

/* "localhost", "127.0.0.1", "[::1]", our address or one of our names, each with our port; or the
 * host and port of `origin`. */
bool http_host_allowed(const struct http_gate *gate, struct bytes host);

/* `origin` itself with its own host; or "http://" and a host that is allowed and the same as
 * `host`.
 */
bool http_origin_allowed(const struct http_gate *gate, struct bytes origin, struct bytes host);

/*
 * The status a request is turned away with, or 0 when it may go on. `host` and `origin` are empty
 * when the header is absent. 400 path, 403 host or origin, 405 method not of GET HEAD POST PUT
 * PATCH DELETE. With `programs` a writing request has no Origin: browsers always send one. With
 * `keys` one that has an Authorization header may come without: no page of another site can make a
 * browser send that.
 */
unsigned http_gate_check(const struct http_gate *gate, struct bytes method, struct bytes path,
                         struct bytes host, struct bytes origin, bool authorized);

/* Content type by the ending of the name; "application/octet-stream" when unknown. */
const char *http_content_type(struct bytes path);

/* Decodes %XX and '+' of a query value into NUL-terminated `out`. Errors: FORMAT, LENGTH. */
MUST_USE err http_unescape(struct bytes text, char *out, size_t size);
