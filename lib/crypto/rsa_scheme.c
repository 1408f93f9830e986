/* SPDX-License-Identifier: Apache-2.0 */
/* RSA-OAEP by OpenSSL's EVP, with every parameter said and the key looked at first. */
#include "lib/crypto/rsa_scheme.h"

#include "lib/crypto/openssl.h"

enum { HASH_BYTES = 32, LABEL_MAX = 32 };

static void key_free(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

static void context_free(EVP_PKEY_CTX **context)
{
    EVP_PKEY_CTX_free(*context);
}

static void number_free(BIGNUM **number)
{
    BN_free(*number);
}

static EVP_PKEY *read_public(struct bytes pem)
{
    if (pem.len == 0 || pem.len > RSA_SCHEME_PEM_MAX) return NULL;
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    EVP_PKEY *key = bio == NULL ? NULL : PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
    BIO_free(bio);
    return key;
}

/* NIST SP 800-56B, 6.4.2: what can be seen of a public key from outside. */
static err check_key(EVP_PKEY *key)
{
    CLEANUP(number_free) BIGNUM *exponent = NULL;
    int bits = EVP_PKEY_get_bits(key);
    if (!EVP_PKEY_is_a(key, "RSA") || bits < RSA_SCHEME_BITS_MIN || bits > RSA_SCHEME_BITS_MAX)
        return ERR(KEY);
    if (!EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent)) return ERR(CRYPTO);
    if (!BN_is_word(exponent, 65537)) return ERR(KEY);
    CLEANUP(context_free) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    if (context == NULL) return ERR(CRYPTO);
    return EVP_PKEY_public_check(context) == 1 ? OK : ERR(KEY);
}

/* OpenSSL takes the label over, so it gets a copy of its own. */
static bool set_label(EVP_PKEY_CTX *context, struct bytes label)
{
    if (label.len == 0) return true;
    void *copy = OPENSSL_memdup(label.at, label.len);
    if (copy == NULL) return false;
    if (EVP_PKEY_CTX_set0_rsa_oaep_label(context, copy, (int)label.len) > 0) return true;
    OPENSSL_free(copy);
    return false;
}

/* SHA-256 for the label and in the mask: OpenSSL's own choice would be SHA-1. */
static bool set_scheme(EVP_PKEY_CTX *context, struct bytes label)
{
    return EVP_PKEY_encrypt_init(context) > 0 &&
           EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) > 0 &&
           EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) > 0 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) > 0 && set_label(context, label);
}

err rsa_oaep_encrypt(struct bytes public_pem, struct bytes label, struct bytes plain,
                     struct writer *w)
{
    CLEANUP(key_free) EVP_PKEY *key = read_public(public_pem);
    if (key == NULL) return ERR(FORMAT);
    TRY(check_key(key));
    size_t size = (size_t)EVP_PKEY_get_size(key), len = RSA_SCHEME_BYTES_MAX;
    if (label.len > LABEL_MAX || plain.len == 0 || plain.len > size - 2 * HASH_BYTES - 2)
        return ERR(LENGTH);

    uint8_t out[RSA_SCHEME_BYTES_MAX];
    CLEANUP(context_free) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    if (context == NULL || !set_scheme(context, label) ||
        EVP_PKEY_encrypt(context, out, &len, plain.at, plain.len) <= 0 || len != size)
        return ERR(CRYPTO);
    write_bytes(w, bytes_of(out, len));
    return (err){w->fault};
}
