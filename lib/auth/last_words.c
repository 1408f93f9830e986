/* SPDX-License-Identifier: Apache-2.0 */
/* One sentence, and the check of its signature with the key of a certificate. */
#include "lib/auth/openssl.h" /* first */

#include "lib/auth/last_words.h"

#include <sodium.h>

enum { PUBLIC_KEY_MAX = 128 /* SubjectPublicKeyInfo of P-256: 91 */ };

err last_words_write(struct bytes tid, struct bytes serial, struct writer *w)
{
    write_bytes(w, BYTES("tongbao last words 1\n"));
    write_bytes(w, tid);
    write_bytes(w, BYTES("\n"));
    write_bytes(w, serial);
    write_bytes(w, BYTES("\n"));
    return w->fault == ERR_OK ? OK : ERR(LENGTH);
}

/* Its key, which the caller frees; NULL: no certificate, or of another kind of key. */
static EVP_PKEY *key_of(struct bytes pem)
{
    char group[16] = "";
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    X509 *certificate = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, NULL, NULL);
    EVP_PKEY *key = certificate == NULL ? NULL : X509_get_pubkey(certificate);
    X509_free(certificate);
    BIO_free(bio);
    bool fits = key != NULL && EVP_PKEY_get_group_name(key, group, sizeof group, NULL) == 1 &&
                strcmp(group, "prime256v1") == 0;
    if (fits) return key;
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

err last_words_check(struct bytes certificate, struct bytes signature, struct bytes tid,
                     struct bytes serial, uint8_t ret_print[LAST_WORDS_PRINT])
{
    uint8_t block[LAST_WORDS_TEXT_MAX], public_key[PUBLIC_KEY_MAX], *end = public_key;
    struct writer w = writer_over(block, sizeof block);
    if (certificate.len > LAST_WORDS_CERTIFICATE_MAX || signature.len > LAST_WORDS_SIGNATURE_MAX)
        return ERR(LENGTH);
    TRY(last_words_write(tid, serial, &w));
    EVP_PKEY *key = key_of(certificate);
    if (key == NULL) return ERR(FORMAT);
    int len = i2d_PUBKEY(key, NULL);
    bool fits = len > 0 && len <= PUBLIC_KEY_MAX && i2d_PUBKEY(key, &end) == len;
    bool right = fits && is_signed(key, writer_view(&w), signature);
    EVP_PKEY_free(key);
    if (!fits) return ERR(FORMAT);
    if (!right) return ERR(MAC);
    crypto_hash_sha256(ret_print, public_key, (unsigned long long)len);
    return OK;
}
