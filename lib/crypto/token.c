/* SPDX-License-Identifier: Apache-2.0 */
/* A keyed hash, cut to sixteen hex digits. */
#include "lib/crypto/token.h"

#include "lib/crypto/keyed_mac.h"

err token_of_pan(struct crypto *crypto, const struct key *key, struct bytes pan,
                 char ret_token[TOKEN_CHARS])
{
    if (key->usage != KEY_USAGE_TOKEN || key->algorithm != KEY_HMAC_SHA256) return ERR(KEY);
    if (pan.len < TOKEN_PAN_MIN || pan.len > TOKEN_PAN_MAX) return ERR(LENGTH);
    if (!bytes_all_digits(pan)) return ERR(DIGIT);
    uint8_t hash[CRYPTO_SHA256_BYTES];
    TRY(keyed_mac(crypto, CRYPTO_HMAC_SHA256, secret_view(&key->value), pan, hash));
    static const char digit[] = "0123456789abcdef";
    for (size_t i = 0; i < TOKEN_CHARS / 2; i++) {
        ret_token[2 * i] = digit[hash[i] >> 4];
        ret_token[2 * i + 1] = digit[hash[i] & 15];
    }
    return OK;
}
