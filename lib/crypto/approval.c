/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL wants ECDSA signatures in DER and keys as objects; both are made here for one call. */
#include "lib/crypto/openssl.h" /* first */

#include "lib/base/writer.h"
#include "lib/crypto/approval.h"

enum { HALF = APPROVAL_SIGNATURE_BYTES / 2, HASHED_MAX = 256, DER_MAX = 80 };

static void pkey_free(EVP_PKEY **pkey)
{
    EVP_PKEY_free(*pkey);
}
static void context_free(EVP_PKEY_CTX **context)
{
    EVP_PKEY_CTX_free(*context);
}
static void signature_free(ECDSA_SIG **signature)
{
    ECDSA_SIG_free(*signature);
}

/* NULL when it is no point of the curve. */
static EVP_PKEY *import_point(struct bytes point)
{
    if (point.len != APPROVAL_KEY_BYTES || point.at[0] != 4) return NULL;
    char group[] = "prime256v1";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)point.at, point.len),
        OSSL_PARAM_construct_end()};
    CLEANUP(context_free) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *pkey = NULL;
    if (context == NULL || EVP_PKEY_fromdata_init(context) <= 0 ||
        EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_PUBLIC_KEY, (OSSL_PARAM *)params) <= 0)
        return NULL;
    CLEANUP(context_free) EVP_PKEY_CTX *check = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    if (check != NULL && EVP_PKEY_public_check(check) > 0) return pkey;
    EVP_PKEY_free(pkey);
    return NULL;
}

bool approval_key_valid(struct bytes public_key)
{
    CLEANUP(pkey_free) EVP_PKEY *pkey = import_point(public_key);
    return pkey != NULL;
}

/* SHA-256 of two parts, the first of which has one length. */
static void hash_of(struct bytes first, struct bytes second,
                    uint8_t ret_digest[CRYPTO_SHA256_BYTES])
{
    uint8_t block[HASHED_MAX];
    struct writer w = writer_over(block, sizeof block);
    write_bytes(&w, first);
    write_bytes(&w, second);
    ENSURE(w.fault == ERR_OK);
    crypto_sha256(writer_view(&w), ret_digest);
}

void approval_check(struct bytes token, struct bytes public_key,
                    char ret_digits[APPROVAL_CHECK_DIGITS + 1])
{
    uint8_t digest[CRYPTO_SHA256_BYTES];
    uint64_t number = 0;
    hash_of(token, public_key, digest);
    for (size_t i = 0; i < sizeof number; i++) number = number << 8 | digest[i];
    for (size_t i = APPROVAL_CHECK_DIGITS; i > 0; i--) {
        ret_digits[i - 1] = (char)('0' + number % 10);
        number /= 10;
    }
    ret_digits[APPROVAL_CHECK_DIGITS] = '\0';
}

/* r and s as DER. 0 when they are no numbers of a signature. */
static int to_der(struct bytes raw, uint8_t der[DER_MAX])
{
    CLEANUP(signature_free) ECDSA_SIG *signature = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw.at, HALF, NULL), *s = BN_bin2bn(raw.at + HALF, HALF, NULL);
    if (signature == NULL || r == NULL || s == NULL || !ECDSA_SIG_set0(signature, r, s)) {
        BN_free(r);
        BN_free(s);
        return 0;
    }
    uint8_t *end = der;
    int len = i2d_ECDSA_SIG(signature, NULL);
    return len > 0 && len <= DER_MAX ? i2d_ECDSA_SIG(signature, &end) : 0;
}

err approval_verify(struct bytes public_key, struct bytes challenge, struct bytes signature)
{
    CLEANUP(pkey_free) EVP_PKEY *pkey = import_point(public_key);
    if (pkey == NULL) return ERR(FORMAT);
    if (signature.len != APPROVAL_SIGNATURE_BYTES) return ERR(IDENTITY);
    uint8_t digest[CRYPTO_SHA256_BYTES], der[DER_MAX];
    hash_of(BYTES("tongbao approval v1"), challenge, digest);
    int len = to_der(signature, der);
    if (len <= 0) return ERR(IDENTITY);
    CLEANUP(context_free) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    if (context == NULL || EVP_PKEY_verify_init(context) <= 0) return ERR(CRYPTO);
    return EVP_PKEY_verify(context, der, (size_t)len, digest, sizeof digest) == 1 ? OK
                                                                                  : ERR(IDENTITY);
}
