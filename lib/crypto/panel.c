/* SPDX-License-Identifier: Apache-2.0 */
/* agreement.h, second half: the channel between the drawn keypad and the vault. */

#include "lib/base/reader.h"
#include "lib/crypto/agreement.h"
#include "lib/crypto/openssl.h"

enum { SCALAR_BYTES = 32, COUNTER_BYTES = 8 };

static const char info[] = "tongbao panel v1";

static void group_free(EC_GROUP **group)
{
    EC_GROUP_free(*group);
}
static void point_free(EC_POINT **point)
{
    EC_POINT_free(*point);
}
static void scalar_free(BIGNUM **scalar)
{
    BN_clear_free(*scalar);
}
static void pkey_free(EVP_PKEY **pkey)
{
    EVP_PKEY_free(*pkey);
}
static void pkey_context_free(EVP_PKEY_CTX **context)
{
    EVP_PKEY_CTX_free(*context);
}

/*
 * A scalar drawn from our own random source, so that a simulated vault repeats itself, and the
 * point that belongs to it.
 */
err panel_pair_generate(const struct crypto *crypto, struct panel_pair *ret_pair)
{
    CLEANUP(panel_pair_wipe) struct panel_pair pair = {0};
    CLEANUP(group_free) EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    if (group == NULL) return ERR(CRYPTO);
    CLEANUP(scalar_free) BIGNUM *scalar = BN_secure_new();
    CLEANUP(point_free) EC_POINT *point = EC_POINT_new(group);
    if (scalar == NULL || point == NULL) return ERR(CRYPTO);
    do {
        random_fill(&crypto->random, pair.secret_key, SCALAR_BYTES);
        if (BN_bin2bn(pair.secret_key, SCALAR_BYTES, scalar) == NULL) return ERR(CRYPTO);
        /* Outside 1..n-1 about once in 2^32: draw again. */
    } while (BN_is_zero(scalar) || BN_cmp(scalar, EC_GROUP_get0_order(group)) >= 0);
    BN_set_flags(scalar, BN_FLG_CONSTTIME);
    if (!EC_POINT_mul(group, point, scalar, NULL, NULL, NULL) ||
        EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, pair.public_key,
                           PANEL_PUBLIC_BYTES, NULL) != PANEL_PUBLIC_BYTES)
        return ERR(CRYPTO);
    *ret_pair = pair;
    return OK;
}

void panel_pair_wipe(struct panel_pair *pair)
{
    secret_wipe_bytes(pair, sizeof *pair);
}

/* An OpenSSL key of a public half, and of a private one when it is given. NULL when it is none. */
static EVP_PKEY *import_key(struct bytes public_key, struct bytes secret_key)
{
    CLEANUP(scalar_free) BIGNUM *scalar = NULL;
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    bool good =
        build != NULL &&
        OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) &&
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, public_key.at,
                                         public_key.len);
    if (good && secret_key.len > 0) {
        scalar = BN_secure_new();
        good = scalar != NULL && BN_bin2bn(secret_key.at, SCALAR_BYTES, scalar) != NULL &&
               OSSL_PARAM_BLD_push_BN_pad(build, OSSL_PKEY_PARAM_PRIV_KEY, scalar, SCALAR_BYTES);
    }
    OSSL_PARAM *params = good ? OSSL_PARAM_BLD_to_param(build) : NULL;
    CLEANUP(pkey_context_free) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *pkey = NULL;
    if (params != NULL && context != NULL && EVP_PKEY_fromdata_init(context) > 0)
        if (EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_KEYPAIR, params) <= 0) pkey = NULL;
    OSSL_PARAM_free(params); /* clears its secure half */
    OSSL_PARAM_BLD_free(build);
    return pkey;
}

/*
 * The x coordinate of own secret times peer's point (SEC 1, 3.3.1). The peer's point is on the
 * curve and not at infinity, which is all there is to check: P-256 has cofactor 1, so every such
 * point has the order n (SP 800-56A, 5.6.2.3.4), and multiplying by n to see it, as the full check
 * and derive_set_peer do, would cost as much as the agreement.
 */
static err agree(EVP_PKEY *own, EVP_PKEY *peer, struct secret *ret_shared)
{
    CLEANUP(pkey_context_free) EVP_PKEY_CTX *check = EVP_PKEY_CTX_new_from_pkey(NULL, peer, NULL);
    if (check == NULL || EVP_PKEY_public_check_quick(check) <= 0) return ERR(FORMAT);
    CLEANUP(pkey_context_free) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
    size_t len = SCALAR_BYTES;
    if (context == NULL || EVP_PKEY_derive_init(context) <= 0 ||
        EVP_PKEY_derive_set_peer_ex(context, peer, 0) <= 0 ||
        EVP_PKEY_derive(context, ret_shared->at, &len) <= 0 || len != SCALAR_BYTES)
        return ERR(CRYPTO);
    ret_shared->len = SCALAR_BYTES;
    return OK;
}

/* HKDF-SHA-256 (RFC 5869) without salt. */
static err expand(const struct secret *shared, uint8_t *ret_key, size_t len)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *context = kdf == NULL ? NULL : EVP_KDF_CTX_new(kdf);
    EVP_KDF_free(kdf);
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, "SHA256", 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)shared->at, shared->len),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)info, sizeof info - 1),
        OSSL_PARAM_construct_end(),
    };
    bool good = context != NULL && EVP_KDF_derive(context, ret_key, len, params) > 0;
    EVP_KDF_CTX_free(context);
    return good ? OK : ERR(CRYPTO);
}

err panel_channel_open(const struct panel_pair *own, struct bytes peer_public, enum panel_side side,
                       struct panel_channel *ret_channel)
{
    ENSURE(side == PANEL_SIDE_PANEL || side == PANEL_SIDE_VAULT);
    if (peer_public.len != PANEL_PUBLIC_BYTES) return ERR(LENGTH);
    if (peer_public.at[0] != 4) return ERR(FORMAT);
    CLEANUP(pkey_free)
    EVP_PKEY *mine = import_key(BYTES_OF(own->public_key), BYTES_OF(own->secret_key));
    CLEANUP(pkey_free) EVP_PKEY *peer = import_key(peer_public, BYTES(""));
    if (mine == NULL) return ERR(CRYPTO);
    if (peer == NULL) return ERR(FORMAT);

    CLEANUP(secret_wipe) struct secret shared = {0};
    CLEANUP(secret_wipe) struct secret key = {.len = 32};
    TRY(agree(mine, peer, &shared));
    TRY(expand(&shared, key.at, key.len));
    panel_channel_wipe(ret_channel);
    ret_channel->side = side;
    return key_make(KEY_AES256, KEY_USAGE_DATA, secret_view(&key), &ret_channel->key);
}

void panel_channel_wipe(struct panel_channel *channel)
{
    secret_wipe_bytes(channel, sizeof *channel);
}

/* Direction of what `sender` sends, and its counter. */
static void make_nonce(enum panel_side sender, uint64_t counter, uint8_t nonce[CIPHER_NONCE_BYTES])
{
    struct writer w = writer_over(nonce, CIPHER_NONCE_BYTES);
    write_be(&w, sender, 4);
    write_be(&w, counter, COUNTER_BYTES);
}

err panel_seal(struct crypto *crypto, struct panel_channel *channel, struct bytes plain,
               struct writer *w)
{
    ENSURE(channel->key.value.len == 32); /* opened */
    ENSURE(channel->sent < UINT64_MAX);
    if (plain.len > PANEL_PLAIN_MAX) return ERR(LENGTH);
    struct writer trial = *w;
    uint64_t counter = channel->sent + 1;
    write_be(&trial, counter, COUNTER_BYTES);
    uint8_t *out = write_space(&trial, plain.len + CIPHER_TAG_BYTES);
    if (out == NULL) return ERR(FULL);
    uint8_t nonce[CIPHER_NONCE_BYTES];
    make_nonce(channel->side, counter, nonce);
    channel->sent = counter; /* before the cipher runs: a nonce is never tried twice */
    TRY(cipher_gcm_seal(crypto, &channel->key, nonce, BYTES(""), plain, out));
    *w = trial;
    return OK;
}

err panel_open(struct crypto *crypto, struct panel_channel *channel, struct bytes sealed,
               struct writer *w)
{
    ENSURE(channel->key.value.len == 32);
    if (sealed.len < PANEL_OVERHEAD) return ERR(SHORT);
    if (sealed.len > PANEL_PLAIN_MAX + PANEL_OVERHEAD) return ERR(LENGTH);
    struct reader r = reader_over(sealed);
    uint64_t counter = read_be(&r, COUNTER_BYTES);
    if (counter <= channel->taken) return ERR(CONFLICT);
    struct writer trial = *w;
    uint8_t *out = write_space(&trial, sealed.len - PANEL_OVERHEAD);
    if (out == NULL) return ERR(FULL);
    enum panel_side peer = channel->side == PANEL_SIDE_VAULT ? PANEL_SIDE_PANEL : PANEL_SIDE_VAULT;
    uint8_t nonce[CIPHER_NONCE_BYTES];
    make_nonce(peer, counter, nonce);
    TRY(cipher_gcm_open(crypto, &channel->key, nonce, BYTES(""), read_rest(&r), out));
    channel->taken = counter;
    *w = trial;
    return OK;
}
