/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * download: GETs whose answers are wanted whole, one after the other, by libcurl; the call waits.
 * For programs that do one thing at a time. Who has a loop takes request.h.
 *
 * HTTPS, TLS 1.2 or newer, certificate and name checked; no redirects, no proxy, nothing of the
 * environment. Plain HTTP goes to this machine alone, and only when an option says so. An answer is
 * cut off at the maximum of its call, and a server that sends less than DOWNLOAD_SPEED_MIN for
 * DOWNLOAD_SLOW_S is given up: neither endless nor slow data holds a caller.
 */

#include "lib/base/bytes.h"

struct download;

enum {
    DOWNLOAD_URL_MAX = 2048,
    DOWNLOAD_SPEED_MIN = 100, /* bytes a second: a tenth of the worst GPRS line */
    DOWNLOAD_SLOW_S = 30
};

struct download_options {
    const char *ca_file; /* PEM; NULL: the system's; outlives the download */
    bool plain_here;     /* http:// to 127.0.0.1, ::1 and localhost */
    unsigned timeout_ms; /* of one GET; more than 0 */
};

/* https, or http to this machine where `plain_here` allows it. */
bool download_url_allowed(const char *url, bool plain_here);

/* Errors: NO_MEMORY. */
MUST_USE err download_create(const struct download_options *options,
                             struct download **ret_download);
void download_destroy(struct download *download); /* NULL is allowed */

/*
 * The body of `url`, at most `max` bytes, into `block`. Errors: NOT_FOUND (the server says 403, 404
 * or 410), LENGTH (it is longer, or so is the URL), CONFIG (a URL that is not allowed), REFUSED,
 * TIMEOUT, IDENTITY, CLOSED, IO (any other status than 200), NO_MEMORY.
 */
MUST_USE err download_get(struct download *download, const char *url, void *block, size_t max,
                          size_t *ret_len);
