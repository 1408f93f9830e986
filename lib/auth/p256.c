/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of certificates and requests that strangers send, and what they have signed. */
#include "lib/auth/openssl.h" /* first */

#include "lib/auth/p256.h"

#include <sodium.h>

enum { PUBLIC_KEY_MAX = 128 /* SubjectPublicKeyInfo of P-256: 91 */ };

/* Without it OpenSSL asks at the terminal of the program, and waits. */
static int no_passphrase(char *to, int size, int writing, void *context)
{
    (void)to, (void)size, (void)writing, (void)context;
    return -1;
}

static EVP_PKEY *when_p256(EVP_PKEY *key)
{
    char group[16] = "";
    if (key != NULL && EVP_PKEY_get_group_name(key, group, sizeof group, NULL) == 1 &&
        strcmp(group, "prime256v1") == 0)
        return key;
    EVP_PKEY_free(key);
    return NULL;
}

EVP_PKEY *p256_of_certificate(struct bytes pem)
{
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    X509 *certificate = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, no_passphrase, NULL);
    EVP_PKEY *key = certificate == NULL ? NULL : X509_get_pubkey(certificate);
    X509_free(certificate);
    BIO_free(bio);
    return when_p256(key);
}

EVP_PKEY *p256_of_request(struct bytes pem)
{
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    X509_REQ *request = bio == NULL ? NULL : PEM_read_bio_X509_REQ(bio, NULL, no_passphrase, NULL);
    EVP_PKEY *key = request == NULL ? NULL : when_p256(X509_REQ_get_pubkey(request));
    bool own = key != NULL && X509_REQ_verify(request, key) == 1;
    X509_REQ_free(request);
    BIO_free(bio);
    if (own) return key;
    EVP_PKEY_free(key);
    return NULL;
}

static bool is_signed(EVP_PKEY *key, struct bytes text, struct bytes signature)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool right = context != NULL &&
                 EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
                 EVP_DigestVerify(context, signature.at, signature.len, text.at, text.len) == 1;
    EVP_MD_CTX_free(context);
    return right;
}

err p256_print(EVP_PKEY *key, uint8_t ret_print[P256_PRINT])
{
    uint8_t public_key[PUBLIC_KEY_MAX], *end = public_key;
    int len = i2d_PUBKEY(key, NULL);
    if (len <= 0 || len > PUBLIC_KEY_MAX || i2d_PUBKEY(key, &end) != len) return ERR(FORMAT);
    crypto_hash_sha256(ret_print, public_key, (unsigned long long)len);
    return OK;
}

err p256_check(EVP_PKEY *key, struct bytes text, struct bytes signature,
               uint8_t ret_print[P256_PRINT])
{
    uint8_t print[P256_PRINT];
    if (key == NULL) return ERR(FORMAT);
    err printed = p256_print(key, print);
    bool right = !FAILED(printed) && is_signed(key, text, signature);
    EVP_PKEY_free(key);
    TRY(printed);
    if (!right) return ERR(MAC);
    memcpy(ret_print, print, sizeof print);
    return OK;
}
