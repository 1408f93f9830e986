/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * repeats: a writing call that is sent again under its Idempotency-Key has its effect once, and the
 * answer of the first time (HS-18). Kept for a day, in the transaction of the effect: there is no
 * moment at which one is there without the other. What was refused before anything was done is not
 * kept, so that it may be corrected and sent under the same key.
 */

#include "backoffice/api/api.h"

#define REPEAT_MS INT64_C(86400000)

enum repeat {
    REPEAT_NEW,      /* not seen: go on */
    REPEAT_ANSWERED, /* `response` is the answer of then */
    REPEAT_DIFFERS,  /* the same key, and another call: `response` is the refusal */
};

/* 1 to API_KEY_MAX printable characters. */
bool repeat_key_allowed(const char *key);

MUST_USE err repeat_find(struct backoffice *backoffice, const struct api_call *call,
                         struct http_response *response, enum repeat *ret_repeat);
MUST_USE err repeat_keep(struct store_tx *tx, const struct api_call *call,
                         const struct http_response *response);
MUST_USE err repeats_sweep(struct store *store, int64_t now_ms);
