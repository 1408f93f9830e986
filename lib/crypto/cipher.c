/* SPDX-License-Identifier: Apache-2.0 */
/* ECB, CBC and GCM over the contexts of crypto.c. */
#include "lib/crypto/cipher.h"

#include <limits.h>

#include "lib/crypto/openssl.h"
#include "lib/crypto/sm4_gcm.h"

enum mode { MODE_ECB, MODE_CBC, MODE_GCM, MODES };

#define NONE CRYPTO_CIPHERS

/* Which context serves a key in a mode. */
static const enum crypto_cipher cipher_of[KEY_ALGORITHMS][MODES] = {
    [KEY_DES] = {CRYPTO_TDES_ECB, CRYPTO_TDES_CBC, NONE},
    [KEY_TDES] = {CRYPTO_TDES_ECB, CRYPTO_TDES_CBC, NONE},
    [KEY_TDES3] = {CRYPTO_TDES_ECB, CRYPTO_TDES_CBC, NONE},
    [KEY_AES128] = {CRYPTO_AES128_ECB, CRYPTO_AES128_CBC, CRYPTO_AES128_GCM},
    [KEY_AES192] = {CRYPTO_AES192_ECB, CRYPTO_AES192_CBC, NONE},
    [KEY_AES256] = {CRYPTO_AES256_ECB, CRYPTO_AES256_CBC, CRYPTO_AES256_GCM},
    [KEY_SM4] = {CRYPTO_SM4_ECB, CRYPTO_SM4_CBC, NONE},
    [KEY_HMAC_SHA256] = {NONE, NONE, NONE},
    [KEY_HMAC_SM3] = {NONE, NONE, NONE},
};

/*
 * Puts key and direction into the context. Single DES runs as K|K|K and double as K1|K2|K1, because
 * the default provider has no single DES.
 */
static err start(struct crypto *crypto, const struct key *key, enum mode mode, const uint8_t *iv,
                 bool encrypt, EVP_CIPHER_CTX **ret_context)
{
    ENSURE(key->algorithm < KEY_ALGORITHMS);
    ENSURE(key->value.len == key_size(key->algorithm));
    enum crypto_cipher which = cipher_of[key->algorithm][mode];
    if (which == NONE) return ERR(KEY);

    const uint8_t *value = key->value.at;
    CLEANUP(secret_wipe) struct secret expanded = {0};
    if (key->algorithm == KEY_DES || key->algorithm == KEY_TDES) {
        size_t second = key->algorithm == KEY_TDES ? 8 : 0;
        memcpy(expanded.at, value, 8);
        memcpy(expanded.at + 8, value + second, 8);
        memcpy(expanded.at + 16, value, 8);
        value = expanded.at;
    }
    EVP_CIPHER_CTX *context = crypto->context[which];
    if (!EVP_CipherInit_ex2(context, NULL, value, iv, encrypt, NULL)) return ERR(CRYPTO);
    *ret_context = context;
    return OK;
}

static err run_blocks(struct crypto *crypto, const struct key *key, enum mode mode,
                      const uint8_t *iv, bool encrypt, struct bytes in, uint8_t *out)
{
    size_t block = key_block_size(key->algorithm);
    if (block == 0) return ERR(KEY);
    if (in.len == 0 || in.len % block != 0 || in.len > INT_MAX) return ERR(LENGTH);
    EVP_CIPHER_CTX *context;
    TRY(start(crypto, key, mode, iv, encrypt, &context));
    int written = 0;
    if (!EVP_CipherUpdate(context, out, &written, in.at, (int)in.len)) return ERR(CRYPTO);
    ENSURE((size_t)written == in.len); /* whole blocks and no padding: nothing stays behind */
    return OK;
}

err cipher_ecb_encrypt(struct crypto *crypto, const struct key *key, struct bytes in, uint8_t *out)
{
    return run_blocks(crypto, key, MODE_ECB, NULL, true, in, out);
}

err cipher_ecb_decrypt(struct crypto *crypto, const struct key *key, struct bytes in, uint8_t *out)
{
    return run_blocks(crypto, key, MODE_ECB, NULL, false, in, out);
}

err cipher_cbc_encrypt(struct crypto *crypto, const struct key *key, const uint8_t *iv,
                       struct bytes in, uint8_t *out)
{
    return run_blocks(crypto, key, MODE_CBC, iv, true, in, out);
}

err cipher_cbc_decrypt(struct crypto *crypto, const struct key *key, const uint8_t *iv,
                       struct bytes in, uint8_t *out)
{
    return run_blocks(crypto, key, MODE_CBC, iv, false, in, out);
}

/* Associated data, then text. A length of zero is skipped: OpenSSL takes NULL for "finish". */
static bool gcm_run(EVP_CIPHER_CTX *context, struct bytes associated, struct bytes text,
                    uint8_t *out)
{
    int written = 0;
    if (associated.len > 0 &&
        !EVP_CipherUpdate(context, NULL, &written, associated.at, (int)associated.len))
        return false;
    if (text.len > 0 && !EVP_CipherUpdate(context, out, &written, text.at, (int)text.len))
        return false;
    return true;
}

err cipher_gcm_seal(struct crypto *crypto, const struct key *key,
                    const uint8_t nonce[CIPHER_NONCE_BYTES], struct bytes associated,
                    struct bytes plain, uint8_t *out)
{
    ENSURE(plain.len <= INT_MAX && associated.len <= INT_MAX);
    if (key->algorithm == KEY_SM4)
        return sm4_gcm_seal(crypto, key, bytes_of(nonce, CIPHER_NONCE_BYTES), associated, plain,
                            out);
    EVP_CIPHER_CTX *context;
    TRY(start(crypto, key, MODE_GCM, nonce, true, &context));
    int written = 0;
    uint8_t nothing[CIPHER_TAG_BYTES]; /* GCM writes no byte when it finishes */
    if (!gcm_run(context, associated, plain, out) ||
        !EVP_CipherFinal_ex(context, nothing, &written) ||
        !EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, CIPHER_TAG_BYTES, out + plain.len))
        return ERR(CRYPTO);
    return OK;
}

err cipher_gcm_open(struct crypto *crypto, const struct key *key,
                    const uint8_t nonce[CIPHER_NONCE_BYTES], struct bytes associated,
                    struct bytes sealed, uint8_t *out)
{
    if (sealed.len < CIPHER_TAG_BYTES) return ERR(SHORT);
    ENSURE(sealed.len <= INT_MAX && associated.len <= INT_MAX);
    if (key->algorithm == KEY_SM4)
        return sm4_gcm_open(crypto, key, bytes_of(nonce, CIPHER_NONCE_BYTES), associated, sealed,
                            out);
    struct bytes text = {sealed.at, sealed.len - CIPHER_TAG_BYTES};
    uint8_t tag[CIPHER_TAG_BYTES];
    memcpy(tag, sealed.at + text.len, sizeof tag);

    EVP_CIPHER_CTX *context;
    TRY(start(crypto, key, MODE_GCM, nonce, false, &context));
    int written = 0;
    uint8_t nothing[CIPHER_TAG_BYTES];
    if (!EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, CIPHER_TAG_BYTES, tag) ||
        !gcm_run(context, associated, text, out) ||
        !EVP_CipherFinal_ex(context, nothing, &written)) {
        secret_wipe_bytes(out, text.len); /* unauthenticated text must not be seen by anyone */
        return ERR(MAC);
    }
    return OK;
}
