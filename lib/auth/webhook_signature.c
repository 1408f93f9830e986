/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures of Standard Webhooks, versions v1 and v1a. */
#include "lib/auth/webhook_signature.h"

#include <assert.h>
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

/* ---- v1a ---- */

static_assert((int)WEBHOOK_SEED_BYTES == (int)crypto_sign_ed25519_SEEDBYTES, "a seed of Ed25519");

enum { HEAD_MAX = WEBHOOK_ID_MAX + 24 };

/* id "." seconds "." body */
static void write_signed(struct writer *w, const char *id, int64_t at_s, struct bytes body)
{
    ENSURE(strlen(id) <= WEBHOOK_ID_MAX && strchr(id, '.') == NULL && at_s >= 0);
    write_format(w, "%s.%lld.", id, (long long)at_s);
    write_bytes(w, body);
    ENSURE(w->fault == ERR_OK);
}

void webhook_public_text(const uint8_t seed[WEBHOOK_SEED_BYTES],
                         char ret_text[WEBHOOK_PUBLIC_TEXT + 1])
{
    uint8_t public[crypto_sign_ed25519_PUBLICKEYBYTES], secret[crypto_sign_ed25519_SECRETKEYBYTES];
    struct writer w = writer_over(ret_text, WEBHOOK_PUBLIC_TEXT);
    ENSURE(crypto_sign_ed25519_seed_keypair(public, secret, seed) == 0);
    sodium_memzero(secret, sizeof secret);
    write_bytes(&w, BYTES("whpk_"));
    base64_write(&w, BYTES_OF(public));
    ENSURE(w.fault == ERR_OK && w.len == WEBHOOK_PUBLIC_TEXT);
    ret_text[w.len] = '\0';
}

void webhook_sign_public(const uint8_t seed[WEBHOOK_SEED_BYTES], const char *id, int64_t at_s,
                         struct bytes body, struct writer *w)
{
    uint8_t public[crypto_sign_ed25519_PUBLICKEYBYTES], secret[crypto_sign_ed25519_SECRETKEYBYTES];
    uint8_t block[HEAD_MAX + WEBHOOK_SIGNED_MAX], signature[crypto_sign_ed25519_BYTES];
    struct writer signed_text = writer_over(block, sizeof block);
    ENSURE(body.len <= WEBHOOK_SIGNED_MAX);
    write_signed(&signed_text, id, at_s, body);
    ENSURE(crypto_sign_ed25519_seed_keypair(public, secret, seed) == 0);
    ENSURE(crypto_sign_ed25519_detached(signature, NULL, block, signed_text.len, secret) == 0);
    sodium_memzero(secret, sizeof secret);
    if (w->len > 0) write_bytes(w, BYTES(" "));
    write_bytes(w, BYTES("v1a,"));
    base64_write(w, BYTES_OF(signature));
}

static err read_public(const char *text, uint8_t ret_key[crypto_sign_ed25519_PUBLICKEYBYTES])
{
    size_t len = 0;
    if (strlen(text) != WEBHOOK_PUBLIC_TEXT || strncmp(text, "whpk_", 5) != 0) return ERR(FORMAT);
    TRY(base64_decode(bytes_text(text + 5), ret_key, crypto_sign_ed25519_PUBLICKEYBYTES, &len));
    return len == crypto_sign_ed25519_PUBLICKEYBYTES ? OK : ERR(FORMAT);
}

err webhook_verify_public(const char *public_text, const char *id, int64_t at_s,
                          const char *signatures, struct bytes body, int64_t now_s)
{
    uint8_t key[crypto_sign_ed25519_PUBLICKEYBYTES], said[crypto_sign_ed25519_BYTES];
    uint8_t block[HEAD_MAX + WEBHOOK_SIGNED_MAX];
    struct writer w = writer_over(block, sizeof block);
    bool any = false;
    if (at_s < now_s - WEBHOOK_TOLERANCE_S || at_s > now_s + WEBHOOK_TOLERANCE_S)
        return ERR(TIMEOUT);
    if (body.len > WEBHOOK_SIGNED_MAX) return ERR(LENGTH);
    TRY(read_public(public_text, key));
    write_signed(&w, id, at_s, body);
    for (const char *at = signatures; *at != '\0';) {
        size_t len = strcspn(at, " "), got = 0;
        struct bytes one = bytes_of(at, len);
        at += len + (at[len] == ' ');
        if (one.len != WEBHOOK_PUBLIC_SIGNATURE_TEXT || memcmp(one.at, "v1a,", 4) != 0) continue;
        any = true;
        err decoded = base64_decode(bytes_of(one.at + 4, one.len - 4), said, sizeof said, &got);
        if (!FAILED(decoded) && got == sizeof said &&
            crypto_sign_ed25519_verify_detached(said, block, w.len, key) == 0)
            return OK;
    }
    return any ? ERR(MAC) : ERR(FORMAT);
}
