/* SPDX-License-Identifier: Apache-2.0 */
/* A signature of something that is too long to be held whole. */
#include "lib/auth/p256.h" /* first, for OpenSSL */

#include "lib/auth/backup_signature.h"

#include <sodium.h>

enum { BLOCK = 32 * 1024 };

static const char purpose[] = "tongbao backup v1";

static err update_all(EVP_MD_CTX *context, const struct backup_signed *text)
{
    uint8_t block[BLOCK];
    for (uint64_t at = 0; at < text->len;) {
        uint64_t left = text->len - at;
        size_t wanted = left < BLOCK ? (size_t)left : BLOCK, len = 0;
        TRY(text->read(text->context, at, block, wanted, &len));
        if (len != wanted) return ERR(LENGTH);
        if (EVP_DigestVerifyUpdate(context, block, len) != 1) return ERR(MAC);
        at += len;
    }
    return OK;
}

static err check(EVP_PKEY *key, struct bytes signature, const struct backup_signed *text)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context == NULL) return ERR(NO_MEMORY);
    bool begun = EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
                 EVP_DigestVerifyUpdate(context, purpose, sizeof purpose - 1) == 1;
    err e = begun ? update_all(context, text) : ERR(MAC);
    if (!FAILED(e) && EVP_DigestVerifyFinal(context, signature.at, signature.len) != 1)
        e = ERR(MAC);
    EVP_MD_CTX_free(context);
    return e;
}

err backup_signature_check(struct bytes certificate, struct bytes signature,
                           const struct backup_signed *text, uint8_t ret_print[BACKUP_SIGNER_PRINT])
{
    if (certificate.len > BACKUP_SIGNER_CERTIFICATE_MAX ||
        signature.len > BACKUP_SIGNER_SIGNATURE_MAX)
        return ERR(LENGTH);
    EVP_PKEY *key = p256_of_certificate(certificate);
    if (key == NULL) return ERR(FORMAT);
    err e = check(key, signature, text);
    if (!FAILED(e)) e = p256_print(key, ret_print);
    EVP_PKEY_free(key);
    return e;
}
