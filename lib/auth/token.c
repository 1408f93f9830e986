/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens and their hashes, over libsodium. */
#include "lib/auth/token.h"

#include <assert.h>
#include <sodium.h>

static_assert(TOKEN_HASH_BYTES == crypto_hash_sha256_BYTES, "SHA-256");
static_assert(TOKEN_TEXT + 1 ==
                  sodium_base64_ENCODED_LEN(TOKEN_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING),
              "base64url");

void token_digest(const char *label, struct bytes value, uint8_t ret_hash[TOKEN_HASH_BYTES])
{
    ENSURE(strlen(label) > 0 && strlen(label) <= TOKEN_LABEL_MAX);
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t *)label, strlen(label) + 1);
    crypto_hash_sha256_update(&state, value.at, value.len);
    crypto_hash_sha256_final(&state, ret_hash);
    sodium_memzero(&state, sizeof state);
}

void token_digest_text(const char *label, struct bytes value, char *ret_text, size_t count)
{
    static const char alphabet[] =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
    uint8_t hash[TOKEN_HASH_BYTES];
    ENSURE(count <= sizeof hash);
    token_digest(label, value, hash);
    for (size_t i = 0; i < count; i++) ret_text[i] = alphabet[hash[i] & 63];
    ret_text[count] = '\0';
}

void token_make(const struct random *random, const char *label, struct token *ret_token)
{
    uint8_t secret[TOKEN_BYTES];
    random_fill(random, secret, sizeof secret);
    sodium_bin2base64(ret_token->text, sizeof ret_token->text, secret, sizeof secret,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    token_digest(label, BYTES_OF(secret), ret_token->hash);
    sodium_memzero(secret, sizeof secret);
}

void token_wipe(struct token *token)
{
    sodium_memzero(token, sizeof *token);
}

err token_hash(const char *label, struct bytes text, uint8_t ret_hash[TOKEN_HASH_BYTES])
{
    uint8_t secret[TOKEN_BYTES];
    size_t len = 0;
    /* libsodium refuses stray bits in the last character, so no token has two spellings. */
    if (text.len != TOKEN_TEXT ||
        sodium_base642bin(secret, sizeof secret, (const char *)text.at, text.len, NULL, &len, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        len != sizeof secret)
        return ERR(FORMAT);
    token_digest(label, BYTES_OF(secret), ret_hash);
    sodium_memzero(secret, sizeof secret);
    return OK;
}

bool token_same(const uint8_t a[TOKEN_HASH_BYTES], const uint8_t b[TOKEN_HASH_BYTES])
{
    return sodium_memcmp(a, b, TOKEN_HASH_BYTES) == 0;
}
