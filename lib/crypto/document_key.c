/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures over documents by OpenSSL's EVP; the scheme decides, never what the key looks like. */
#include "lib/crypto/document_key.h"

#include "lib/base/hex.h"
#include "lib/crypto/identity_pem.h"
#include "lib/crypto/openssl.h"

enum { ED25519_BYTES = 32 };

static void digest_free(EVP_MD_CTX **context)
{
    EVP_MD_CTX_free(*context);
}

void document_key_free(struct document_key *key)
{
    EVP_PKEY_free(key->pkey);
    key->pkey = NULL;
}

static bool fits(EVP_PKEY *pkey, enum document_scheme scheme)
{
    int bits = EVP_PKEY_get_bits(pkey);
    switch (scheme) {
    case DOCUMENT_ED25519:
        return EVP_PKEY_is_a(pkey, "ED25519");
    case DOCUMENT_ECDSA_P256:
        return identity_is_p256(pkey);
    case DOCUMENT_RSA_PSS:
        return EVP_PKEY_is_a(pkey, "RSA") && bits >= DOCUMENT_RSA_BITS_MIN &&
               bits <= DOCUMENT_RSA_BITS_MAX;
    case DOCUMENT_SCHEMES:
        break;
    }
    return false;
}

static EVP_PKEY *of_pem(struct bytes text)
{
    CLEANUP(identity_bio_free) BIO *bio = BIO_new_mem_buf(text.at, (int)text.len);
    return bio == NULL ? NULL : PEM_read_bio_PUBKEY(bio, NULL, identity_no_passphrase, NULL);
}

static EVP_PKEY *of_hex(struct bytes text)
{
    uint8_t raw[ED25519_BYTES];
    size_t len = 0;
    if (FAILED(hex_decode(text, raw, sizeof raw, &len)) || len != sizeof raw) return NULL;
    return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, raw, sizeof raw);
}

err document_key_read_public(enum document_scheme scheme, struct bytes text,
                             struct document_key *ret_key)
{
    if (text.len == 0 || text.len > DOCUMENT_KEY_TEXT_MAX) return ERR(FORMAT);
    EVP_PKEY *pkey = scheme == DOCUMENT_ED25519 ? of_hex(text) : of_pem(text);
    if (pkey == NULL) return ERR(FORMAT);
    if (!fits(pkey, scheme)) {
        EVP_PKEY_free(pkey);
        return ERR(KEY);
    }
    *ret_key = (struct document_key){pkey, scheme};
    return OK;
}

/* Ed25519 hashes by itself; PSS says its padding, and its salt where it is made. */
static const EVP_MD *digest_of(const struct document_key *key)
{
    return key->scheme == DOCUMENT_ED25519 ? NULL : EVP_sha256();
}

static bool set_padding(const struct document_key *key, EVP_PKEY_CTX *how, int salt)
{
    if (key->scheme != DOCUMENT_RSA_PSS) return true;
    return EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) > 0 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(how, EVP_sha256()) > 0 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(how, salt) > 0;
}

err document_key_check(const struct document_key *key, struct bytes text, struct bytes signature)
{
    ENSURE(key->pkey != NULL);
    CLEANUP(digest_free) EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *how = NULL; /* belongs to `context` */
    if (context == NULL ||
        EVP_DigestVerifyInit(context, &how, digest_of(key), NULL, key->pkey) != 1 ||
        !set_padding(key, how, RSA_PSS_SALTLEN_AUTO))
        return ERR(CRYPTO);
    int good = EVP_DigestVerify(context, signature.at, signature.len, text.at, text.len);
    return good == 1 ? OK : ERR(IDENTITY);
}

err document_key_fingerprint(const struct document_key *key,
                             uint8_t ret_digest[CRYPTO_SHA256_BYTES])
{
    uint8_t *der = NULL;
    int len = i2d_PUBKEY(key->pkey, &der);
    if (len <= 0) return ERR(CRYPTO);
    crypto_sha256(bytes_of(der, (size_t)len), ret_digest);
    OPENSSL_free(der);
    return OK;
}

err document_key_generate(enum document_scheme scheme, struct document_key *ret_key)
{
    EVP_PKEY *pkey = scheme == DOCUMENT_ED25519      ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")
                     : scheme == DOCUMENT_ECDSA_P256 ? EVP_EC_gen("P-256")
                                                     : EVP_RSA_gen(DOCUMENT_RSA_BITS_GENERATED);
    if (pkey == NULL) return ERR(CRYPTO);
    *ret_key = (struct document_key){pkey, scheme};
    return OK;
}

err document_key_write_public(const struct document_key *key, struct writer *w)
{
    if (key->scheme == DOCUMENT_ED25519) {
        uint8_t raw[ED25519_BYTES];
        size_t len = sizeof raw;
        if (EVP_PKEY_get_raw_public_key(key->pkey, raw, &len) != 1) return ERR(CRYPTO);
        write_hex(w, bytes_of(raw, len));
        return (err){w->fault};
    }
    CLEANUP(identity_bio_free) BIO *bio = BIO_new(BIO_s_mem());
    if (bio == NULL || !PEM_write_bio_PUBKEY(bio, key->pkey)) return ERR(CRYPTO);
    return identity_pem_out(bio, w);
}

err document_key_seed(const struct document_key *key, uint8_t ret_seed[DOCUMENT_SEED_BYTES])
{
    size_t len = DOCUMENT_SEED_BYTES;
    if (key->scheme != DOCUMENT_ED25519) return ERR(KEY);
    return EVP_PKEY_get_raw_private_key(key->pkey, ret_seed, &len) == 1 ? OK : ERR(KEY);
}

err document_key_read_seed(struct bytes seed, struct document_key *ret_key)
{
    if (seed.len != DOCUMENT_SEED_BYTES) return ERR(KEY);
    EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed.at, seed.len);
    if (pkey == NULL) return ERR(CRYPTO);
    *ret_key = (struct document_key){pkey, DOCUMENT_ED25519};
    return OK;
}

err document_key_sign(const struct document_key *key, struct bytes text,
                      uint8_t ret_signature[DOCUMENT_SIGNATURE_MAX], size_t *ret_len)
{
    uint8_t signature[DOCUMENT_SIGNATURE_MAX];
    size_t len = sizeof signature;
    CLEANUP(digest_free) EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *how = NULL;
    if (context == NULL ||
        EVP_DigestSignInit(context, &how, digest_of(key), NULL, key->pkey) != 1 ||
        !set_padding(key, how, RSA_PSS_SALTLEN_DIGEST))
        return ERR(CRYPTO);
    if (EVP_DigestSign(context, signature, &len, text.at, text.len) != 1) return ERR(KEY);
    memcpy(ret_signature, signature, len);
    *ret_len = len;
    return OK;
}

err document_digest(struct bytes text, uint8_t ret_digest[CRYPTO_SHA256_BYTES])
{
    return EVP_Digest(text.at, text.len, ret_digest, NULL, EVP_sha256(), NULL) == 1 ? OK
                                                                                    : ERR(CRYPTO);
}
