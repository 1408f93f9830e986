/* SPDX-License-Identifier: Apache-2.0 */
/* What a device signs that has only what its maker gave it, and the check of it. */
#include "lib/auth/openssl.h" /* first */

#include "lib/auth/factory.h"

#include <sodium.h>

#include "lib/base/hex.h"

enum { PUBLIC_KEY_MAX = 128 /* SubjectPublicKeyInfo of P-256: 91 */ };

err factory_write(const struct factory_words *words, struct writer *w)
{
    const struct bytes lines[] = {words->way, words->code, words->step};
    write_bytes(w, BYTES("tongbao activation 1\n"));
    write_bytes(w, words->serial);
    write_bytes(w, BYTES("\n"));
    write_bytes(w, words->model);
    write_bytes(w, BYTES("\n"));
    write_hex(w, bytes_of(words->transport, FACTORY_TRANSPORT));
    write_bytes(w, BYTES("\n"));
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        write_bytes(w, lines[i]);
        write_bytes(w, BYTES("\n"));
    }
    return w->fault == ERR_OK ? OK : ERR(LENGTH);
}

/* Its key, which the caller frees; NULL: no request, not signed by itself, or of another kind. */
static EVP_PKEY *key_of(struct bytes pem)
{
    char group[16] = "";
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    X509_REQ *request = bio == NULL ? NULL : PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
    EVP_PKEY *key = request == NULL ? NULL : X509_REQ_get_pubkey(request);
    bool fits = key != NULL && EVP_PKEY_get_group_name(key, group, sizeof group, NULL) == 1 &&
                strcmp(group, "prime256v1") == 0 && X509_REQ_verify(request, key) == 1;
    X509_REQ_free(request);
    BIO_free(bio);
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

err factory_check(struct bytes request, struct bytes signature, const struct factory_words *words,
                  uint8_t ret_print[FACTORY_PRINT])
{
    uint8_t block[FACTORY_TEXT_MAX], public_key[PUBLIC_KEY_MAX], *end = public_key;
    struct writer w = writer_over(block, sizeof block);
    if (request.len > FACTORY_REQUEST_MAX || signature.len > FACTORY_SIGNATURE_MAX)
        return ERR(LENGTH);
    TRY(factory_write(words, &w));
    EVP_PKEY *key = key_of(request);
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
