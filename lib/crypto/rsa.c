/* SPDX-License-Identifier: Apache-2.0 */
/* Modular exponentiation and SHA-1 over OpenSSL. No padding of any kind is known here. */
#include "lib/crypto/rsa.h"

#include "lib/crypto/openssl.h"

static bool modulus_valid(struct bytes modulus)
{
    return modulus.len >= RSA_BYTES_MIN && modulus.len <= RSA_BYTES_MAX &&
           (modulus.at[0] & 0x80) != 0 && (modulus.at[modulus.len - 1] & 1) != 0;
}

bool rsa_public_valid(struct bytes modulus, struct bytes exponent)
{
    static const uint8_t three[] = {3}, fermat[] = {1, 0, 1};
    return modulus_valid(modulus) &&
           (bytes_equal(exponent, BYTES_OF(three)) || bytes_equal(exponent, BYTES_OF(fermat)));
}

struct numbers {
    BN_CTX *context;
    BIGNUM *n, *e, *x, *y;
};

static void free_numbers(struct numbers *b)
{
    BN_clear_free(b->n);
    BN_clear_free(b->e);
    BN_clear_free(b->x);
    BN_clear_free(b->y);
    BN_CTX_free(b->context);
}

static err raise(struct bytes modulus, struct bytes exponent, bool secret, struct bytes in,
                 uint8_t *out)
{
    if (in.len != modulus.len) return ERR(LENGTH);
    CLEANUP(free_numbers)
    struct numbers b = {
        .context = BN_CTX_secure_new(),
        .n = BN_bin2bn(modulus.at, (int)modulus.len, NULL),
        .e = BN_bin2bn(exponent.at, (int)exponent.len, NULL),
        .x = BN_bin2bn(in.at, (int)in.len, NULL),
        .y = BN_new(),
    };
    if (b.context == NULL || b.n == NULL || b.e == NULL || b.x == NULL || b.y == NULL)
        return ERR(CRYPTO);
    if (BN_cmp(b.x, b.n) >= 0) return ERR(RANGE);
    if (secret) BN_set_flags(b.e, BN_FLG_CONSTTIME);
    int done = secret ? BN_mod_exp_mont_consttime(b.y, b.x, b.e, b.n, b.context, NULL)
                      : BN_mod_exp_mont(b.y, b.x, b.e, b.n, b.context, NULL);
    if (!done || BN_bn2binpad(b.y, out, (int)modulus.len) < 0) return ERR(CRYPTO);
    return OK;
}

err rsa_public_raw(struct bytes modulus, struct bytes exponent, struct bytes in, uint8_t *out)
{
    if (!rsa_public_valid(modulus, exponent)) return ERR(KEY);
    return raise(modulus, exponent, false, in, out);
}

err rsa_private_raw(struct bytes modulus, struct bytes private_exponent, struct bytes in,
                    uint8_t *out)
{
    if (!modulus_valid(modulus)) return ERR(KEY);
    if (private_exponent.len == 0 || private_exponent.len > modulus.len) return ERR(KEY);
    return raise(modulus, private_exponent, true, in, out);
}

static void free_digest(EVP_MD_CTX **context)
{
    EVP_MD_CTX_free(*context);
}

err rsa_sha1(const struct bytes *part, size_t parts, uint8_t ret_digest[RSA_SHA1_BYTES])
{
    CLEANUP(free_digest) EVP_MD_CTX *context = EVP_MD_CTX_new();
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (context == NULL || !EVP_DigestInit_ex2(context, EVP_sha1(), NULL)) return ERR(CRYPTO);
    for (size_t i = 0; i < parts; i++)
        if (part[i].len > 0 && !EVP_DigestUpdate(context, part[i].at, part[i].len))
            return ERR(CRYPTO);
    if (!EVP_DigestFinal_ex(context, digest, &len) || len != RSA_SHA1_BYTES) return ERR(CRYPTO);
    memcpy(ret_digest, digest, RSA_SHA1_BYTES);
    return OK;
}
