/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * webhook_signature: what shows a receiver that a message is ours (HS-16): the scheme of Standard
 * Webhooks (standardwebhooks.com, specification 1.0), version "v1".
 *
 *     signed     id "." seconds since 1970 "." body
 *     signature  "v1," base64(HMAC-SHA-256(secret, signed))
 *     header     one or more signatures with a space between: while a secret is changed, of both
 *     secret     "whsec_" base64(32 bytes), shown once
 */

#include "lib/base/random.h"
#include "lib/base/writer.h"

enum {
    WEBHOOK_SECRET_BYTES = 32,
    WEBHOOK_SECRET_TEXT = 6 + 44,
    WEBHOOK_SIGNATURE_TEXT = 3 + 44,
    WEBHOOK_ID_MAX = 48,
    WEBHOOK_TOLERANCE_S = 300, /* a receiver refuses what is older, or of the future by more */
};

void webhook_secret_make(const struct random *random, uint8_t ret_secret[WEBHOOK_SECRET_BYTES]);
void webhook_secret_text(const uint8_t secret[WEBHOOK_SECRET_BYTES],
                         char ret_text[WEBHOOK_SECRET_TEXT + 1]);

/* Appends one signature to `w`, behind a space when something stands there already. `id` has no
 * full stop. */
void webhook_sign(struct bytes secret, const char *id, int64_t at_s, struct bytes body,
                  struct writer *w);

/*
 * As a receiver does it: is any signature of the header right, and is it of now? For tests, and as
 * a model. Errors: FORMAT (no header of this scheme), TIMEOUT (outside of the tolerance), MAC.
 */
MUST_USE err webhook_verify(struct bytes secret, const char *id, int64_t at_s,
                            const char *signatures, struct bytes body, int64_t now_s);
