/* SPDX-License-Identifier: Apache-2.0 */
/* P-256 keys as PEM, and signatures over digests. Certificates are in certificate.c. */
#include "lib/crypto/identity.h"

#include "lib/crypto/identity_pem.h"
#include "lib/crypto/openssl.h"

void identity_bio_free(BIO **bio)
{
    BIO_free(*bio);
}

void identity_x509_free(X509 **x509)
{
    X509_free(*x509);
}

void identity_request_free(X509_REQ **request)
{
    X509_REQ_free(*request);
}

BIO *identity_pem_in(struct bytes pem)
{
    /* The length is passed on: text that is not NUL-terminated is fine. */
    return BIO_new_mem_buf(pem.at, pem.len > IDENTITY_PEM_MAX ? 0 : (int)pem.len);
}

err identity_pem_out(BIO *bio, struct writer *w)
{
    char *text;
    long len = BIO_get_mem_data(bio, &text);
    if (len <= 0) return ERR(CRYPTO);
    write_bytes(w, bytes_of(text, (size_t)len));
    return (err){w->fault};
}

int identity_no_passphrase(char *to, int size, int writing, void *context)
{
    (void)to, (void)size, (void)writing, (void)context;
    return -1;
}

bool identity_is_p256(EVP_PKEY *pkey)
{
    char group[32];
    return EVP_PKEY_is_a(pkey, "EC") && EVP_PKEY_get_group_name(pkey, group, sizeof group, NULL) &&
           strcmp(group, "prime256v1") == 0;
}

err identity_key_generate(struct identity_key *ret_key)
{
    EVP_PKEY *pkey = EVP_EC_gen("P-256");
    if (pkey == NULL) return ERR(CRYPTO);
    *ret_key = (struct identity_key){pkey};
    return OK;
}

void identity_key_free(struct identity_key *key)
{
    EVP_PKEY_free(key->pkey);
    key->pkey = NULL;
}

err identity_key_write(const struct identity_key *key, struct writer *w)
{
    CLEANUP(identity_bio_free) BIO *bio = BIO_new(BIO_s_secmem());
    if (bio == NULL || !PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, NULL, NULL, 0, NULL, NULL))
        return ERR(CRYPTO);
    return identity_pem_out(bio, w);
}

err identity_key_read(struct bytes pem, struct identity_key *ret_key)
{
    CLEANUP(identity_bio_free) BIO *bio = identity_pem_in(pem);
    EVP_PKEY *pkey =
        bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, identity_no_passphrase, NULL);
    if (pkey == NULL) return ERR(FORMAT);
    if (!identity_is_p256(pkey)) {
        EVP_PKEY_free(pkey);
        return ERR(KEY);
    }
    *ret_key = (struct identity_key){pkey};
    return OK;
}

/* Each form that a public key may come in, tried in turn; the labels of PEM keep them apart. */
static EVP_PKEY *public_of_certificate(BIO *bio)
{
    CLEANUP(identity_x509_free)
    X509 *x509 = PEM_read_bio_X509(bio, NULL, identity_no_passphrase, NULL);
    return x509 == NULL ? NULL : X509_get_pubkey(x509);
}

static EVP_PKEY *public_of_key(BIO *bio)
{
    return PEM_read_bio_PUBKEY(bio, NULL, identity_no_passphrase, NULL);
}

static EVP_PKEY *public_of_private(BIO *bio)
{
    return PEM_read_bio_PrivateKey(bio, NULL, identity_no_passphrase, NULL);
}

EVP_PKEY *identity_public_of(struct bytes pem)
{
    EVP_PKEY *(*const forms[])(BIO *) = {public_of_certificate, public_of_key, public_of_private};
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        CLEANUP(identity_bio_free) BIO *bio = identity_pem_in(pem);
        EVP_PKEY *pkey = bio == NULL ? NULL : forms[i](bio);
        if (pkey != NULL) return pkey;
    }
    return NULL;
}

static void pkey_context_free(EVP_PKEY_CTX **context)
{
    EVP_PKEY_CTX_free(*context);
}

err identity_sign(const struct identity_key *key, const uint8_t digest[IDENTITY_DIGEST_BYTES],
                  uint8_t ret_signature[IDENTITY_SIGNATURE_MAX], size_t *ret_len)
{
    ENSURE(key->pkey != NULL);
    CLEANUP(pkey_context_free)
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
    uint8_t signature[IDENTITY_SIGNATURE_MAX];
    size_t len = sizeof signature;
    if (context == NULL || EVP_PKEY_sign_init(context) <= 0 ||
        EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) <= 0 ||
        EVP_PKEY_sign(context, signature, &len, digest, IDENTITY_DIGEST_BYTES) <= 0)
        return ERR(CRYPTO);
    memcpy(ret_signature, signature, len);
    *ret_len = len;
    return OK;
}

err identity_check(struct bytes pem, const uint8_t digest[IDENTITY_DIGEST_BYTES],
                   struct bytes signature)
{
    EVP_PKEY *pkey = identity_public_of(pem);
    if (pkey == NULL) return ERR(FORMAT);
    bool ours = identity_is_p256(pkey);
    CLEANUP(pkey_context_free)
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    EVP_PKEY_free(pkey);        /* the context holds its own reference */
    if (!ours) return ERR(KEY); /* of another algorithm, OpenSSL would check by that one's rules */
    bool good =
        context != NULL && EVP_PKEY_verify_init(context) > 0 &&
        EVP_PKEY_verify(context, signature.at, signature.len, digest, IDENTITY_DIGEST_BYTES) == 1;
    return good ? OK : ERR(IDENTITY);
}
