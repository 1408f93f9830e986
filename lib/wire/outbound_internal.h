/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What outbound.c, mail.c, sms.c and request.c share: one transfer, filled by one of the last
 * three, run by a thread. */

#include <curl/curl.h>
#include <stdatomic.h>

#include "lib/base/clock_turned.h"
#include "lib/wire/request.h"

struct transfer {
    enum { TRANSFER_FREE, TRANSFER_WAITING, TRANSFER_RUNNING, TRANSFER_ENDED } state;
    struct clock_seat *seat; /* while it is under way and the clock is one that is turned */
    CURL *easy;
    struct curl_slist *list; /* headers, or recipients */
    char id[OUTBOUND_ID_MAX + 1];
    outbound_done done;
    void *context;
    const atomic_bool *stop;
    uint8_t *body;
    size_t body_len, body_sent;
    uint8_t *answer, *headers;
    size_t answer_max, answer_len, headers_max, headers_len;
    CURLcode code; /* how it ended */
    /* Pure, in the loop's thread: what curl's code, the reply and the answer mean. */
    void (*judge)(const struct transfer *transfer, int reply, struct outbound_result *result);
    /* Of a request: told in the place of `done`, while the answer is still there. */
    void (*hand_over)(const struct transfer *transfer, const struct outbound_result *result);
    request_done request_done;
};

/*
 * A free transfer with an easy handle that has every option that all of them share. The caller
 * fills it and starts it, or drops it. Errors: FULL (transfers_max are in flight), NO_MEMORY.
 */
MUST_USE err outbound_prepare(struct outbound *outbound, const char *id, unsigned timeout_ms,
                              struct transfer **ret_transfer);
void outbound_start(struct outbound *outbound, struct transfer *transfer, outbound_done done,
                    void *context);
void outbound_drop(struct transfer *transfer);

/* One option of a handle; false is remembered by the caller. curl fails here for lack of memory. */
#define SET(easy, option, value) (curl_easy_setopt((easy), (option), (value)) == CURLE_OK)

/* The err of a transfer that had no reply to go by. */
err outbound_reason(CURLcode code);

/* Plain text may go to "127.0.0.1", "::1", "[::1]" and "localhost" alone. */
bool outbound_is_here(struct bytes host);
