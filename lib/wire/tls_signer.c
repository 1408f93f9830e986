/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key that lives in another process. OpenSSL 3.0 offers two ways to do this: a provider of our
 * own (key management, signature and decoding: some 600 lines of tables) or EC_KEY_METHOD, which is
 * deprecated and does it in one function. Both are called at the same place of the handshake. The
 * deprecated one is used until it is gone; nothing outside this file knows.
 */
#include "lib/wire/openssl.h"

#include "lib/wire/tls_signer.h"

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

enum {
    SIGNATURE_MAX = 72, /* DER of two 256-bit integers */
    SIGNER_SLOT = 0,    /* the application's slot of every OpenSSL object */
};

static int sign(int type, const unsigned char *digest, int digest_len, unsigned char *signature,
                unsigned int *signature_len, const BIGNUM *kinv, const BIGNUM *r, EC_KEY *key)
{
    (void)type, (void)kinv, (void)r;
    const struct tls_signer_key *owner = EC_KEY_get_ex_data(key, SIGNER_SLOT);
    uint8_t block[SIGNATURE_MAX], hash[TLS_TRANSCRIPT_MAX];
    struct writer w = writer_over(block, sizeof block);
    struct bytes made = {0};
    size_t len;
    if (owner == NULL || digest_len <= 0) return 0;
    struct bytes wanted = bytes_of(digest, (size_t)digest_len);
    if (!tls_transcript_find(&owner->transcripts, wanted, hash, &len)) return 0;
    if (FAILED(owner->signer.sign(owner->signer.context, bytes_of(hash, len), &w))) return 0;
    if (FAILED(writer_finish(&w, &made)) || made.len > (size_t)ECDSA_size(key)) return 0;
    memcpy(signature, made.at, made.len);
    *signature_len = (unsigned int)made.len;
    return 1;
}

/* OpenSSL's own method with `sign` in its place. */
static EC_KEY_METHOD *signing_method(void)
{
    int (*setup)(EC_KEY *, BN_CTX *, BIGNUM **, BIGNUM **) = NULL;
    ECDSA_SIG *(*sign_raw)(const unsigned char *, int, const BIGNUM *, const BIGNUM *, EC_KEY *);
    EC_KEY_METHOD *method = EC_KEY_METHOD_new(EC_KEY_OpenSSL());
    if (method == NULL) return NULL;
    EC_KEY_METHOD_get_sign(method, NULL, &setup, &sign_raw);
    EC_KEY_METHOD_set_sign(method, sign, setup, sign_raw);
    return method;
}

static EC_KEY *key_over(const EC_KEY *public_half, struct tls_signer_key *owner)
{
    EC_KEY *key = EC_KEY_dup(public_half);
    if (key == NULL) return NULL;
    /* The method must be in place before the key goes into an EVP_PKEY: that is where OpenSSL
     * decides whether its providers may take the key over. */
    if (EC_KEY_set_method(key, owner->method) == 1 &&
        EC_KEY_set_ex_data(key, SIGNER_SLOT, owner) == 1)
        return key;
    EC_KEY_free(key);
    return NULL;
}

err tls_signer_open(EVP_PKEY *public_key, const struct tls_signer *signer,
                    struct tls_signer_key *out)
{
    ENSURE(signer->sign != NULL && out->key == NULL);
    const EC_KEY *public_half = EVP_PKEY_get0_EC_KEY(public_key);
    if (public_half == NULL) return ERR(CONFIG);
    out->signer = *signer;
    out->method = signing_method();
    if (out->method == NULL) return ERR(NO_MEMORY);
    EC_KEY *key = key_over(public_half, out);
    out->key = EVP_PKEY_new();
    if (key != NULL && out->key != NULL && EVP_PKEY_assign_EC_KEY(out->key, key) == 1) return OK;
    EC_KEY_free(key);
    tls_signer_free(out);
    return ERR(NO_MEMORY);
}

static void on_message(int written, int version, int type, const void *message, size_t len,
                       SSL *ssl, void *owner)
{
    (void)version;
    struct tls_signer_key *key = owner;
    if (type != SSL3_RT_HANDSHAKE) return;
    tls_transcript_take(&key->transcripts, ssl, written != 0, bytes_of(message, len));
}

void tls_signer_follow(SSL_CTX *context, struct tls_signer_key *signer_key)
{
    SSL_CTX_set_msg_callback(context, on_message);
    (void)SSL_CTX_set_msg_callback_arg(context, signer_key);
}

void tls_signer_free(struct tls_signer_key *signer_key)
{
    tls_transcripts_free(&signer_key->transcripts);
    EVP_PKEY_free(signer_key->key);
    if (signer_key->method != NULL) EC_KEY_METHOD_free(signer_key->method);
    *signer_key = (struct tls_signer_key){0};
}
