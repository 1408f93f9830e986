/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * sms: one text to one telephone, through a gateway over HTTP and outbound.h.
 *
 *   POST <url>                                        Content-Type: application/json
 *   Authorization: Bearer <bearer>
 *   Tongbao-Timestamp: <seconds since 1970>
 *   Tongbao-Signature: v1,<base64 of HMAC-SHA-256(signing key, timestamp "." body)>
 *   {"id":"<id>","to":"+8613800138000","text":"..."}
 *
 *   200 {"id":"<the same>","status":"accepted"|"duplicate"|"refused"|"later","cost":<fen>}
 *
 * The gateway keeps ids for a day: a second request with an id that it has is answered "duplicate"
 * with the cost of the first, and sends nothing. So whatever happens to an answer, trying
 * again with the same id never sends twice. The signature lets a gateway tell our requests from
 * recorded ones (it refuses a timestamp five minutes away); the key that signs never travels.
 *
 * Gateways of real providers differ in names and signatures, not in this shape; a driver for one
 * is another sms_send().
 */

#include "lib/base/random.h"
#include "lib/base/writer.h"
#include "lib/wire/outbound.h"

enum {
    SMS_NUMBER_MAX = 16, /* '+' and fifteen digits (E.164) */
    SMS_TEXT_MAX = 1600, /* bytes of UTF-8: some ten segments */
    SMS_BEARER_LEN = 43, /* 256 bits in base64 without its padding */
    SMS_SIGNING_LEN = 32,
    SMS_SIGNATURE_MAX = 3 + 44, /* "v1," and base64 of 32 bytes */
    SMS_TOLERANCE_S = 300,      /* how far a timestamp may be from the gateway's clock */
    SMS_COST_MAX_FEN = 10000,   /* an answer above it is no answer: 100 yuan for one text */
    SMS_BODY_MAX = 16 * 1024,   /* of a request: every byte of a text could be escaped in six */
    SMS_URL_MAX = 200,
};

/* What both ends have: {"bearer":"...","signing":"<64 hex digits>"} in a file of this user only. */
struct sms_key {
    char bearer[SMS_BEARER_LEN + 1];
    uint8_t signing[SMS_SIGNING_LEN];
};

/* Errors: FORMAT, LENGTH, and those of file_read. */
MUST_USE err sms_key_read(const char *path, struct sms_key *ret_key);
MUST_USE err sms_key_make(const struct random *random, const char *path, struct sms_key *ret_key);
void sms_key_wipe(struct sms_key *key); /* for CLEANUP */

struct sms_provider {
    const char *url;     /* https://...; http:// to this machine only, CONFIG elsewhere */
    const char *ca_file; /* PEM; NULL: the system's */
    const struct sms_key *key;
    struct clock clock;
    unsigned timeout_ms; /* 0 means 10,000 */
};

struct sms_message {
    const char *id; /* as in outbound.h */
    const char *to;
    struct bytes text;
};

/* '+', then 8 to 15 digits of which the first is not 0. */
bool sms_number_valid(struct bytes number);

/* ---- pure ---- */

/* The body of a request. Errors: FORMAT (number, control character, UTF-8), LENGTH, FULL. */
MUST_USE err sms_write(struct writer *w, const struct sms_message *message);

/* "v1,..." with a NUL. */
MUST_USE err sms_sign(const struct sms_key *key, int64_t timestamp_s, struct bytes body,
                      char out[SMS_SIGNATURE_MAX + 1]);

/*
 * What an HTTP status and the body behind it mean for the message `id`. Whatever is not understood
 * is LATER with reason FORMAT: the id makes another try harmless.
 */
void sms_judge(int status, struct bytes answer, const char *id, struct outbound_result *ret_result);

/* ---- over the network ---- */

/* Begins to send. Errors, after which `done` is not called: those of sms_write, FULL, CONFIG,
 * NO_MEMORY, CRYPTO. */
MUST_USE err sms_send(struct outbound *outbound, const struct sms_provider *provider,
                      const struct sms_message *message, outbound_done done, void *context);
