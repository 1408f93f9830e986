/* SPDX-License-Identifier: Apache-2.0 */
/* Fetches each algorithm of two tables once and keeps a context of it. */
#include "lib/crypto/crypto.h"

#include <assert.h>
#include <sodium.h>

#include "lib/crypto/openssl.h"

/* Only the default provider: another one installed on the machine must not slip in. */
static const char properties[] = "provider=default";

static const char *const cipher_name[CRYPTO_CIPHERS] = {
    [CRYPTO_TDES_ECB] = "DES-EDE3-ECB",  [CRYPTO_TDES_CBC] = "DES-EDE3-CBC",
    [CRYPTO_AES128_ECB] = "AES-128-ECB", [CRYPTO_AES192_ECB] = "AES-192-ECB",
    [CRYPTO_AES256_ECB] = "AES-256-ECB", [CRYPTO_AES128_CBC] = "AES-128-CBC",
    [CRYPTO_AES192_CBC] = "AES-192-CBC", [CRYPTO_AES256_CBC] = "AES-256-CBC",
    [CRYPTO_SM4_ECB] = "SM4-ECB",        [CRYPTO_AES128_GCM] = "AES-128-GCM",
    [CRYPTO_AES256_GCM] = "AES-256-GCM", [CRYPTO_SM4_CBC] = "SM4-CBC",
};

static const struct {
    const char *mac;
    const char *parameter;
    char *algorithm; /* OSSL_PARAM wants it without const and does not change it */
} mac_name[CRYPTO_MACS] = {
    [CRYPTO_CMAC_TDES] = {"CMAC", OSSL_MAC_PARAM_CIPHER, "DES-EDE3-CBC"},
    [CRYPTO_CMAC_AES128] = {"CMAC", OSSL_MAC_PARAM_CIPHER, "AES-128-CBC"},
    [CRYPTO_CMAC_AES192] = {"CMAC", OSSL_MAC_PARAM_CIPHER, "AES-192-CBC"},
    [CRYPTO_CMAC_AES256] = {"CMAC", OSSL_MAC_PARAM_CIPHER, "AES-256-CBC"},
    [CRYPTO_HMAC_SHA256] = {"HMAC", OSSL_MAC_PARAM_DIGEST, "SHA256"},
    [CRYPTO_CMAC_SM4] = {"CMAC", OSSL_MAC_PARAM_CIPHER, "SM4-CBC"},
    [CRYPTO_HMAC_SM3] = {"HMAC", OSSL_MAC_PARAM_DIGEST, "SM3"},
};

static bool open_cipher(struct crypto *crypto, enum crypto_cipher which)
{
    crypto->cipher[which] = EVP_CIPHER_fetch(NULL, cipher_name[which], properties);
    crypto->context[which] = EVP_CIPHER_CTX_new();
    if (crypto->cipher[which] == NULL || crypto->context[which] == NULL) return false;
    /*
     * Bound to its cipher here; each call then only brings a key. Padding is never wanted; GCM has
     * none, and told so would be told again by OpenSSL with each key.
     */
    bool pads = EVP_CIPHER_get_mode(crypto->cipher[which]) != EVP_CIPH_GCM_MODE;
    return EVP_CipherInit_ex2(crypto->context[which], crypto->cipher[which], NULL, NULL, 1, NULL) &&
           (!pads || EVP_CIPHER_CTX_set_padding(crypto->context[which], 0));
}

static bool open_mac(struct crypto *crypto, enum crypto_mac which)
{
    EVP_MAC *mac = EVP_MAC_fetch(NULL, mac_name[which].mac, properties);
    if (mac == NULL) return false;
    crypto->mac[which] = EVP_MAC_CTX_new(mac);
    EVP_MAC_free(mac); /* the context holds its own reference */
    if (crypto->mac[which] == NULL) return false;
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(mac_name[which].parameter, mac_name[which].algorithm, 0),
        OSSL_PARAM_construct_end(),
    };
    return EVP_MAC_CTX_set_params(crypto->mac[which], params);
}

err crypto_open(struct random random, struct crypto *ret_crypto)
{
    struct crypto crypto = {.random = random};
    bool opened = sodium_init() >= 0;
    for (unsigned i = 0; i < CRYPTO_CIPHERS; i++) opened = opened && open_cipher(&crypto, i);
    for (unsigned i = 0; i < CRYPTO_MACS; i++) opened = opened && open_mac(&crypto, i);
    if (!opened) {
        crypto_close(&crypto);
        return ERR(CRYPTO);
    }
    *ret_crypto = crypto;
    return OK;
}

void crypto_close(struct crypto *crypto)
{
    for (unsigned i = 0; i < CRYPTO_CIPHERS; i++) {
        EVP_CIPHER_CTX_free(crypto->context[i]); /* OpenSSL cleanses the key schedule */
        EVP_CIPHER_free(crypto->cipher[i]);
    }
    for (unsigned i = 0; i < CRYPTO_MACS; i++) EVP_MAC_CTX_free(crypto->mac[i]);
    *crypto = (struct crypto){0};
}

void crypto_sha256(struct bytes data, uint8_t ret_digest[CRYPTO_SHA256_BYTES])
{
    static_assert(crypto_hash_sha256_BYTES == CRYPTO_SHA256_BYTES, "digest size");
    crypto_hash_sha256(ret_digest, data.at, data.len);
}

err crypto_sm3(struct bytes data, uint8_t ret_digest[CRYPTO_SM3_BYTES])
{
    uint8_t digest[CRYPTO_SM3_BYTES];
    if (!EVP_Digest(data.at, data.len, digest, NULL, EVP_sm3(), NULL)) return ERR(CRYPTO);
    memcpy(ret_digest, digest, sizeof digest);
    return OK;
}
