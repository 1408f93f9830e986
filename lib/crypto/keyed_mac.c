/* SPDX-License-Identifier: Apache-2.0 */
/* The contexts of crypto.c, keyed and run once. */
#include "lib/crypto/keyed_mac.h"

#include "lib/crypto/openssl.h"
#include "lib/crypto/secret.h"

static const uint8_t key_bytes[CRYPTO_MACS] = {
    [CRYPTO_CMAC_TDES] = 24,   [CRYPTO_CMAC_AES128] = 16, [CRYPTO_CMAC_AES192] = 24,
    [CRYPTO_CMAC_AES256] = 32, [CRYPTO_CMAC_SM4] = 16,
};

static bool is_hmac(enum crypto_mac which)
{
    return which == CRYPTO_HMAC_SHA256 || which == CRYPTO_HMAC_SM3;
}

static err run(struct crypto *crypto, enum crypto_mac which, struct bytes key, struct bytes data,
               uint8_t *ret_mac)
{
    EVP_MAC_CTX *context = crypto->mac[which];
    uint8_t out[CRYPTO_SHA256_BYTES];
    size_t len = 0;
    if (!EVP_MAC_init(context, key.at, key.len, NULL) ||
        !EVP_MAC_update(context, data.at, data.len) ||
        !EVP_MAC_final(context, out, &len, sizeof out))
        return ERR(CRYPTO);
    memcpy(ret_mac, out, len);
    return OK;
}

err keyed_mac(struct crypto *crypto, enum crypto_mac which, struct bytes key, struct bytes data,
              uint8_t *ret_mac)
{
    ENSURE(which < CRYPTO_MACS);
    if (is_hmac(which)) {
        if (key.len < KEYED_MAC_HMAC_KEY_MIN || key.len > KEYED_MAC_HMAC_KEY_MAX) return ERR(KEY);
        return run(crypto, which, key, data, ret_mac);
    }
    CLEANUP(secret_wipe) struct secret value = {0};
    TRY(secret_from(key, &value));
    if (which == CRYPTO_CMAC_TDES && key.len == 16) {
        memcpy(value.at + 16, key.at, 8); /* K1|K2|K1 */
        value.len = 24;
    }
    if (value.len != key_bytes[which]) return ERR(KEY);
    return run(crypto, which, secret_view(&value), data, ret_mac);
}
