/* SPDX-License-Identifier: Apache-2.0 */
/* RSASSA-PKCS1-v1_5 by OpenSSL's EVP; a key is looked at whole when it is read, and never again. */
#include "lib/crypto/rsa_signature.h"

#include "lib/base/base64.h"
#include "lib/crypto/identity_pem.h"
#include "lib/crypto/openssl.h"
#include "lib/crypto/secret.h"

static void context_free(EVP_PKEY_CTX **context)
{
    EVP_PKEY_CTX_free(*context);
}

static void digest_free(EVP_MD_CTX **context)
{
    EVP_MD_CTX_free(*context);
}

static void number_free(BIGNUM **number)
{
    BN_free(*number);
}

err rsa_key_generate(unsigned bits, struct rsa_key *ret_key)
{
    if (bits < RSA_KEY_BITS_MIN || bits > RSA_KEY_BITS_MAX || bits % 8 != 0) return ERR(RANGE);
    EVP_PKEY *pkey = EVP_RSA_gen(bits);
    if (pkey == NULL) return ERR(CRYPTO);
    *ret_key = (struct rsa_key){pkey, true};
    return OK;
}

void rsa_key_free(struct rsa_key *key)
{
    EVP_PKEY_free(key->pkey);
    *key = (struct rsa_key){NULL, false};
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* What stands between the white space. */
static struct bytes trimmed(struct bytes text)
{
    while (text.len > 0 && is_space(text.at[0])) text = bytes_of(text.at + 1, text.len - 1);
    while (text.len > 0 && is_space(text.at[text.len - 1])) text.len--;
    return text;
}

static bool is_pem(struct bytes text)
{
    struct bytes mark = BYTES("-----BEGIN ");
    return text.len > mark.len && bytes_equal(bytes_of(text.at, mark.len), mark);
}

static EVP_PKEY *private_of_pem(struct bytes text)
{
    CLEANUP(identity_bio_free) BIO *bio = BIO_new_mem_buf(text.at, (int)text.len);
    return bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, identity_no_passphrase, NULL);
}

static EVP_PKEY *public_of_pem(struct bytes text)
{
    CLEANUP(identity_bio_free) BIO *bio = BIO_new_mem_buf(text.at, (int)text.len);
    EVP_PKEY *pkey =
        bio == NULL ? NULL : PEM_read_bio_PUBKEY(bio, NULL, identity_no_passphrase, NULL);
    if (pkey != NULL || bio == NULL || BIO_reset(bio) != 1) return pkey;
    CLEANUP(identity_x509_free)
    X509 *x509 = PEM_read_bio_X509(bio, NULL, identity_no_passphrase, NULL);
    return x509 == NULL ? NULL : X509_get_pubkey(x509);
}

/* Secret, when the key is. */
struct der {
    uint8_t at[RSA_KEY_TEXT_MAX];
    size_t len;
};

static void der_wipe(struct der *der)
{
    secret_wipe_bytes(der, sizeof *der);
}

/* The bare base64 of a DER, and nothing behind it. */
static EVP_PKEY *key_of_base64(struct bytes text, bool secret)
{
    CLEANUP(der_wipe) struct der der = {.len = 0};
    if (FAILED(base64_decode(text, der.at, sizeof der.at, &der.len))) return NULL;
    const uint8_t *at = der.at;
    EVP_PKEY *pkey = secret ? d2i_AutoPrivateKey(NULL, &at, (long)der.len)
                            : d2i_PUBKEY(NULL, &at, (long)der.len);
    if (pkey == NULL || at == der.at + der.len) return pkey;
    EVP_PKEY_free(pkey);
    return NULL;
}

/* NIST SP 800-56B, 6.4: what can be seen of a key, and that its halves belong together. */
static err check_key(EVP_PKEY *pkey, bool secret)
{
    CLEANUP(number_free) BIGNUM *exponent = NULL;
    int bits = EVP_PKEY_get_bits(pkey);
    if (!EVP_PKEY_is_a(pkey, "RSA") || bits < RSA_KEY_BITS_MIN || bits > RSA_KEY_BITS_MAX)
        return ERR(KEY);
    if (!EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &exponent)) return ERR(CRYPTO);
    if (!BN_is_word(exponent, 65537) && (secret || !BN_is_word(exponent, 3))) return ERR(KEY);
    CLEANUP(context_free) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    if (context == NULL) return ERR(CRYPTO);
    bool whole =
        EVP_PKEY_public_check(context) == 1 && (!secret || EVP_PKEY_pairwise_check(context) == 1);
    return whole ? OK : ERR(KEY);
}

static err read_key(struct bytes text, bool secret, struct rsa_key *ret_key)
{
    text = trimmed(text);
    if (text.len == 0 || text.len > RSA_KEY_TEXT_MAX) return ERR(FORMAT);
    EVP_PKEY *pkey = !is_pem(text) ? key_of_base64(text, secret)
                     : secret      ? private_of_pem(text)
                                   : public_of_pem(text);
    if (pkey == NULL) return ERR(FORMAT);
    err e = check_key(pkey, secret);
    if (FAILED(e)) {
        EVP_PKEY_free(pkey);
        return e;
    }
    *ret_key = (struct rsa_key){pkey, secret};
    return OK;
}

err rsa_key_read_private(struct bytes text, struct rsa_key *ret_key)
{
    return read_key(text, true, ret_key);
}

err rsa_key_read_public(struct bytes text, struct rsa_key *ret_key)
{
    return read_key(text, false, ret_key);
}

err rsa_key_write_private(const struct rsa_key *key, struct writer *w)
{
    if (!key->secret) return ERR(KEY);
    CLEANUP(identity_bio_free) BIO *bio = BIO_new(BIO_s_secmem());
    if (bio == NULL || !PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, NULL, NULL, 0, NULL, NULL))
        return ERR(CRYPTO);
    return identity_pem_out(bio, w);
}

err rsa_key_write_public(const struct rsa_key *key, struct writer *w)
{
    ENSURE(key->pkey != NULL);
    CLEANUP(identity_bio_free) BIO *bio = BIO_new(BIO_s_mem());
    if (bio == NULL || !PEM_write_bio_PUBKEY(bio, key->pkey)) return ERR(CRYPTO);
    return identity_pem_out(bio, w);
}

err rsa_key_sign(const struct rsa_key *key, struct bytes text,
                 uint8_t ret_signature[RSA_KEY_SIGNATURE_MAX], size_t *ret_len)
{
    if (!key->secret) return ERR(KEY);
    uint8_t signature[RSA_KEY_SIGNATURE_MAX];
    size_t len = sizeof signature;
    CLEANUP(digest_free) EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *how = NULL; /* belongs to `context` */
    if (context == NULL || EVP_DigestSignInit(context, &how, EVP_sha256(), NULL, key->pkey) != 1 ||
        EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PADDING) <= 0 ||
        EVP_DigestSign(context, signature, &len, text.at, text.len) != 1)
        return ERR(CRYPTO);
    memcpy(ret_signature, signature, len);
    *ret_len = len;
    return OK;
}

/* What digests are signed with is said to OpenSSL here: it is part of the encoding. */
static bool set_digest(EVP_PKEY_CTX *context)
{
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0 &&
           EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) > 0;
}

err rsa_key_sign_digest(const struct rsa_key *key, const uint8_t digest[RSA_KEY_DIGEST_BYTES],
                        uint8_t ret_signature[RSA_KEY_SIGNATURE_MAX], size_t *ret_len)
{
    if (!key->secret) return ERR(KEY);
    uint8_t signature[RSA_KEY_SIGNATURE_MAX];
    size_t len = sizeof signature;
    CLEANUP(context_free)
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
    if (context == NULL || EVP_PKEY_sign_init(context) <= 0 || !set_digest(context) ||
        EVP_PKEY_sign(context, signature, &len, digest, RSA_KEY_DIGEST_BYTES) <= 0)
        return ERR(CRYPTO);
    memcpy(ret_signature, signature, len);
    *ret_len = len;
    return OK;
}

err rsa_key_check_digest(const struct rsa_key *key, const uint8_t digest[RSA_KEY_DIGEST_BYTES],
                         struct bytes signature)
{
    ENSURE(key->pkey != NULL);
    CLEANUP(context_free)
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
    if (context == NULL || EVP_PKEY_verify_init(context) <= 0 || !set_digest(context))
        return ERR(CRYPTO);
    int good = EVP_PKEY_verify(context, signature.at, signature.len, digest, RSA_KEY_DIGEST_BYTES);
    return good == 1 ? OK : ERR(IDENTITY);
}

err rsa_key_sign_base64(const struct rsa_key *key, struct bytes text, struct writer *w)
{
    uint8_t signature[RSA_KEY_SIGNATURE_MAX];
    size_t len = 0;
    TRY(rsa_key_sign(key, text, signature, &len));
    base64_write(w, bytes_of(signature, len));
    return (err){w->fault};
}

err rsa_key_check(const struct rsa_key *key, struct bytes text, struct bytes signature)
{
    ENSURE(key->pkey != NULL);
    CLEANUP(digest_free) EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *how = NULL;
    if (context == NULL ||
        EVP_DigestVerifyInit(context, &how, EVP_sha256(), NULL, key->pkey) != 1 ||
        EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PADDING) <= 0)
        return ERR(CRYPTO);
    int good = EVP_DigestVerify(context, signature.at, signature.len, text.at, text.len);
    return good == 1 ? OK : ERR(IDENTITY);
}

err rsa_key_check_base64(const struct rsa_key *key, struct bytes text, struct bytes signature)
{
    uint8_t raw[RSA_KEY_SIGNATURE_MAX];
    size_t len = 0;
    if (signature.len == 0 || FAILED(base64_decode(signature, raw, sizeof raw, &len)))
        return ERR(FORMAT);
    return rsa_key_check(key, text, bytes_of(raw, len));
}
