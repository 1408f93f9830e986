/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 8017 by OpenSSL's EVP, with every parameter said and the key looked at first. */
#include "lib/crypto/rsa_scheme.h"

#include "lib/crypto/identity_pem.h"
#include "lib/crypto/openssl.h"
#include "lib/crypto/secret.h"

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

static EVP_PKEY *read_private(struct bytes pem)
{
    if (pem.len == 0 || pem.len > RSA_SCHEME_PRIVATE_PEM_MAX) return NULL;
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    EVP_PKEY *key =
        bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, identity_no_passphrase, NULL);
    BIO_free(bio);
    return key;
}

static EVP_PKEY *read_public(struct bytes pem)
{
    if (pem.len == 0 || pem.len > RSA_SCHEME_PEM_MAX) return NULL;
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    EVP_PKEY *key =
        bio == NULL ? NULL : PEM_read_bio_PUBKEY(bio, NULL, identity_no_passphrase, NULL);
    BIO_free(bio);
    return key;
}

/* NIST SP 800-56B, 6.4.2: what can be seen of a public key from outside. */
static err check_key(EVP_PKEY *key, bool may_be_three)
{
    CLEANUP(number_free) BIGNUM *exponent = NULL;
    int bits = EVP_PKEY_get_bits(key);
    if (!EVP_PKEY_is_a(key, "RSA") || bits < RSA_SCHEME_BITS_MIN || bits > RSA_SCHEME_BITS_MAX)
        return ERR(KEY);
    if (!EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent)) return ERR(CRYPTO);
    if (!BN_is_word(exponent, 65537) && !(may_be_three && BN_is_word(exponent, 3))) return ERR(KEY);
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

/* One hash for the label and in the mask: OpenSSL's own choice would be SHA-1. */
static bool set_oaep(EVP_PKEY_CTX *context, const EVP_MD *hash, struct bytes label)
{
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) > 0 &&
           EVP_PKEY_CTX_set_rsa_oaep_md(context, hash) > 0 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(context, hash) > 0 && set_label(context, label);
}

err rsa_oaep_encrypt(struct bytes public_pem, struct bytes label, struct bytes plain,
                     struct writer *w)
{
    CLEANUP(key_free) EVP_PKEY *key = read_public(public_pem);
    if (key == NULL) return ERR(FORMAT);
    TRY(check_key(key, false));
    size_t size = (size_t)EVP_PKEY_get_size(key), len = RSA_SCHEME_BYTES_MAX;
    if (label.len > LABEL_MAX || plain.len == 0 || plain.len > size - 2 * HASH_BYTES - 2)
        return ERR(LENGTH);

    uint8_t out[RSA_SCHEME_BYTES_MAX];
    CLEANUP(context_free) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    if (context == NULL || EVP_PKEY_encrypt_init(context) <= 0 ||
        !set_oaep(context, EVP_sha256(), label) ||
        EVP_PKEY_encrypt(context, out, &len, plain.at, plain.len) <= 0 || len != size)
        return ERR(CRYPTO);
    write_bytes(w, bytes_of(out, len));
    return (err){w->fault};
}

/* What came out, before it is known to fit. Secret. */
struct clear {
    uint8_t at[RSA_SCHEME_BYTES_MAX];
    size_t len;
};

static void clear_wipe(struct clear *clear)
{
    secret_wipe_bytes(clear, sizeof *clear);
}

/* Decrypts by whatever `context` was set to, and hands out what fits. */
static err decrypt(EVP_PKEY_CTX *context, struct bytes secret, uint8_t *ret_plain, size_t max,
                   size_t *ret_len)
{
    CLEANUP(clear_wipe) struct clear clear = {.len = sizeof clear.at};
    if (EVP_PKEY_decrypt(context, clear.at, &clear.len, secret.at, secret.len) <= 0)
        return ERR(MAC);
    if (clear.len > max) return ERR(LENGTH);
    if (clear.len > 0) memcpy(ret_plain, clear.at, clear.len);
    *ret_len = clear.len;
    return OK;
}

/* A context that decrypts with this key; `secret` is as long as its modulus. */
static err start_decrypt(struct bytes private_pem, struct bytes secret, EVP_PKEY_CTX **ret_context)
{
    CLEANUP(key_free) EVP_PKEY *key = read_private(private_pem);
    if (key == NULL) return ERR(FORMAT);
    TRY(check_key(key, false));
    if (secret.len != (size_t)EVP_PKEY_get_size(key)) return ERR(LENGTH);
    *ret_context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL); /* holds its own reference */
    return *ret_context != NULL && EVP_PKEY_decrypt_init(*ret_context) > 0 ? OK : ERR(CRYPTO);
}

err rsa_oaep_decrypt(struct bytes private_pem, enum rsa_hash hash, struct bytes label,
                     struct bytes secret, uint8_t *ret_plain, size_t max, size_t *ret_len)
{
    if (label.len > LABEL_MAX) return ERR(LENGTH);
    CLEANUP(context_free) EVP_PKEY_CTX *context = NULL;
    TRY(start_decrypt(private_pem, secret, &context));
    if (!set_oaep(context, hash == RSA_SHA1 ? EVP_sha1() : EVP_sha256(), label)) return ERR(CRYPTO);
    return decrypt(context, secret, ret_plain, max, ret_len);
}

err rsa_pkcs1_decrypt(struct bytes private_pem, struct bytes secret, uint8_t *ret_plain, size_t max,
                      size_t *ret_len)
{
    CLEANUP(context_free) EVP_PKEY_CTX *context = NULL;
    TRY(start_decrypt(private_pem, secret, &context));
    unsigned never = 0;
    const OSSL_PARAM explicit[] = {OSSL_PARAM_construct_uint("implicit-rejection", &never),
                                   OSSL_PARAM_construct_end()}; /* 3.0 does not know it */
    if (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) <= 0 ||
        EVP_PKEY_CTX_set_params(context, explicit) <= 0)
        return ERR(CRYPTO);
    return decrypt(context, secret, ret_plain, max, ret_len);
}

static bool set_signature(EVP_PKEY_CTX *context, enum rsa_signature scheme)
{
    bool pss = scheme == RSA_SIGNATURE_PSS;
    int padding = pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING;
    if (EVP_PKEY_verify_init(context) <= 0 || EVP_PKEY_CTX_set_rsa_padding(context, padding) <= 0 ||
        EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) <= 0)
        return false;
    return !pss || (EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) > 0 &&
                    EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) > 0);
}

err rsa_signature_check(struct bytes public_pem, enum rsa_signature scheme,
                        const uint8_t digest[RSA_SCHEME_DIGEST_BYTES], struct bytes signature)
{
    CLEANUP(key_free) EVP_PKEY *key = read_public(public_pem);
    if (key == NULL) return ERR(FORMAT);
    TRY(check_key(key, true));
    CLEANUP(context_free) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    if (context == NULL || !set_signature(context, scheme)) return ERR(CRYPTO);
    int good = EVP_PKEY_verify(context, signature.at, signature.len, digest, HASH_BYTES);
    return good == 1 ? OK : ERR(IDENTITY);
}
