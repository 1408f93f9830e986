/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * webhook_signature: what shows a receiver that a message is ours (HS-16): the scheme of Standard
 * Webhooks (standardwebhooks.com, specification 1.0), versions "v1" and "v1a".
 *
 *     signed     id "." seconds since 1970 "." body
 *     signature  "v1," base64(HMAC-SHA-256(secret, signed))
 *     header     one or more signatures with a space between: while a secret or a pair is changed,
 *                of both
 *     secret     "whsec_" base64(32 bytes), shown once
 *
 * Version "v1a" is a signature by Ed25519 (RFC 8032) over the same bytes. A receiver needs a public
 * key for it, which is no secret and may be looked up by everybody who has to check: who can check
 * cannot sign.
 *
 *     signature  "v1a," base64(64 bytes)
 *     public     "whpk_" base64(32 bytes)
 */

#include "lib/base/random.h"
#include "lib/base/writer.h"

enum {
    WEBHOOK_SECRET_BYTES = 32,
    WEBHOOK_SECRET_TEXT = 6 + 44,
    WEBHOOK_SIGNATURE_TEXT = 3 + 44,
    WEBHOOK_SEED_BYTES = 32, /* of a pair of Ed25519 */
    WEBHOOK_PUBLIC_TEXT = 5 + 44,
    WEBHOOK_PUBLIC_SIGNATURE_TEXT = 4 + 88,
    WEBHOOK_SIGNED_MAX = 8192, /* bytes of a body that Ed25519 signs: it wants them in one piece */
    WEBHOOK_SIGNATURES_MAX =   /* while both are changed: two of each */
    2 * (WEBHOOK_SIGNATURE_TEXT + 1 + WEBHOOK_PUBLIC_SIGNATURE_TEXT) + 1,
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

/* Of the pair of this seed, for whoever checks. */
void webhook_public_text(const uint8_t seed[WEBHOOK_SEED_BYTES],
                         char ret_text[WEBHOOK_PUBLIC_TEXT + 1]);
/* As webhook_sign(), by Ed25519. ENSUREs that the body has at most WEBHOOK_SIGNED_MAX bytes. */
void webhook_sign_public(const uint8_t seed[WEBHOOK_SEED_BYTES], const char *id, int64_t at_s,
                         struct bytes body, struct writer *w);
/* As webhook_verify(), with the public text. Errors: also LENGTH (the body). */
MUST_USE err webhook_verify_public(const char *public_text, const char *id, int64_t at_s,
                                   const char *signatures, struct bytes body, int64_t now_s);
