/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures of Standard Webhooks, version v1. */
#include "lib/auth/webhook_signature.h"

#include <sodium.h>

#include "lib/base/base64.h"

void webhook_secret_make(const struct random *random, uint8_t ret_secret[WEBHOOK_SECRET_BYTES])
{
    random_fill(random, ret_secret, WEBHOOK_SECRET_BYTES);
}

void webhook_secret_text(const uint8_t secret[WEBHOOK_SECRET_BYTES],
                         char ret_text[WEBHOOK_SECRET_TEXT + 1])
{
    struct writer w = writer_over(ret_text, WEBHOOK_SECRET_TEXT);
    write_bytes(&w, BYTES("whsec_"));
    base64_write(&w, bytes_of(secret, WEBHOOK_SECRET_BYTES));
    ENSURE(w.fault == ERR_OK && w.len == WEBHOOK_SECRET_TEXT);
    ret_text[w.len] = '\0';
}

/* The secret is a key of any length: crypto_auth_hmacsha256() takes one length only. */
static void mac_of(struct bytes secret, const char *id, int64_t at_s, struct bytes body,
                   uint8_t ret_mac[crypto_auth_hmacsha256_BYTES])
{
    uint8_t head[WEBHOOK_ID_MAX + 24];
    struct writer w = writer_over(head, sizeof head);
    crypto_auth_hmacsha256_state state;
    ENSURE(strlen(id) <= WEBHOOK_ID_MAX && strchr(id, '.') == NULL && at_s >= 0);
    write_format(&w, "%s.%lld.", id, (long long)at_s);
    ENSURE(w.fault == ERR_OK);
    crypto_auth_hmacsha256_init(&state, secret.at, secret.len);
    crypto_auth_hmacsha256_update(&state, head, w.len);
    crypto_auth_hmacsha256_update(&state, body.at, body.len);
    crypto_auth_hmacsha256_final(&state, ret_mac);
    explicit_bzero(&state, sizeof state);
}

void webhook_sign(struct bytes secret, const char *id, int64_t at_s, struct bytes body,
                  struct writer *w)
{
    uint8_t mac[crypto_auth_hmacsha256_BYTES];
    mac_of(secret, id, at_s, body, mac);
    if (w->len > 0) write_bytes(w, BYTES(" "));
    write_bytes(w, BYTES("v1,"));
    base64_write(w, BYTES_OF(mac));
}

err webhook_verify(struct bytes secret, const char *id, int64_t at_s, const char *signatures,
                   struct bytes body, int64_t now_s)
{
    uint8_t mac[crypto_auth_hmacsha256_BYTES], said[crypto_auth_hmacsha256_BYTES];
    bool any = false;
    if (at_s < now_s - WEBHOOK_TOLERANCE_S || at_s > now_s + WEBHOOK_TOLERANCE_S)
        return ERR(TIMEOUT);
    mac_of(secret, id, at_s, body, mac);
    for (const char *at = signatures; *at != '\0';) {
        size_t len = strcspn(at, " "), got = 0;
        struct bytes one = bytes_of(at, len);
        at += len + (at[len] == ' ');
        /* Other versions stand beside it, and are passed over. */
        if (one.len != WEBHOOK_SIGNATURE_TEXT || memcmp(one.at, "v1,", 3) != 0) continue;
        any = true;
        err decoded = base64_decode(bytes_of(one.at + 3, one.len - 3), said, sizeof said, &got);
        if (!FAILED(decoded) && got == sizeof said && sodium_memcmp(said, mac, sizeof mac) == 0)
            return OK;
    }
    return any ? ERR(MAC) : ERR(FORMAT);
}
