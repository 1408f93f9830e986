/* SPDX-License-Identifier: Apache-2.0 */
/* SM2 through EVP, raw bytes outside and DER inside. */
#include "lib/crypto/sm2.h"

#include "lib/crypto/openssl.h"
#include "lib/crypto/secret.h"

enum { COORDINATE = 32, DER_EXTRA = 32 };

static void pkey_free(EVP_PKEY **pkey)
{
    EVP_PKEY_free(*pkey);
}

static void context_free(EVP_PKEY_CTX **context)
{
    EVP_PKEY_CTX_free(*context);
}

static void digest_free(EVP_MD_CTX **context)
{
    EVP_MD_CTX_free(*context);
}

static void signature_free(ECDSA_SIG **signature)
{
    ECDSA_SIG_free(*signature);
}

void sm2_pair_wipe(struct sm2_pair *pair)
{
    secret_wipe_bytes(pair, sizeof *pair);
}

static void build_free(OSSL_PARAM_BLD **build)
{
    OSSL_PARAM_BLD_free(*build);
}

static void secret_free(BIGNUM **number)
{
    BN_clear_free(*number);
}

/* Group, public half and, unless `d` is NULL, secret half. NULL when there is no memory. */
static OSSL_PARAM *params_from(const uint8_t *public_key, const BIGNUM *d)
{
    CLEANUP(build_free) OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    bool built = build != NULL &&
                 OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "SM2", 0) &&
                 OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, public_key,
                                                  SM2_PUBLIC_BYTES);
    if (built && d != NULL) built = OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, d);
    return built ? OSSL_PARAM_BLD_to_param(build) : NULL;
}

/* `secret_key` NULL: the public half alone. NULL when it is no key of this curve. */
static EVP_PKEY *pkey_from(const uint8_t *public_key, const uint8_t *secret_key)
{
    EVP_PKEY *pkey = NULL;
    CLEANUP(secret_free) BIGNUM *d = secret_key == NULL ? NULL : BN_secure_new();
    if (secret_key != NULL && (d == NULL || BN_bin2bn(secret_key, SM2_SECRET_BYTES, d) == NULL))
        return NULL;
    CLEANUP(context_free)
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "SM2", "provider=default");
    OSSL_PARAM *params = params_from(public_key, d);
    int what = secret_key == NULL ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR;
    if (context == NULL || params == NULL || EVP_PKEY_fromdata_init(context) <= 0 ||
        EVP_PKEY_fromdata(context, &pkey, what, params) <= 0)
        pkey = NULL;
    OSSL_PARAM_free(params); /* clears the secret half */
    return pkey;
}

err sm2_generate(struct sm2_pair *ret_pair)
{
    CLEANUP(pkey_free) EVP_PKEY *pkey = EVP_EC_gen("SM2");
    CLEANUP(sm2_pair_wipe) struct sm2_pair pair = {0};
    BIGNUM *d = NULL;
    size_t len = 0;
    bool done = pkey != NULL &&
                EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY,
                                                pair.public_key, SM2_PUBLIC_BYTES, &len) &&
                len == SM2_PUBLIC_BYTES &&
                EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_PRIV_KEY, &d) &&
                BN_bn2binpad(d, pair.secret_key, SM2_SECRET_BYTES) == SM2_SECRET_BYTES;
    BN_clear_free(d);
    if (!done) return ERR(CRYPTO);
    *ret_pair = pair;
    return OK;
}

/* Signing and verifying begin alike: SM3 with the signer's name in front (Z). */
static err start_digest(EVP_PKEY *pkey, struct bytes id, bool sign, EVP_PKEY_CTX *context,
                        EVP_MD_CTX *digest)
{
    if (context == NULL || digest == NULL || EVP_PKEY_CTX_set1_id(context, id.at, (int)id.len) <= 0)
        return ERR(CRYPTO);
    EVP_MD_CTX_set_pkey_ctx(digest, context);
    int done = sign ? EVP_DigestSignInit(digest, NULL, EVP_sm3(), NULL, pkey)
                    : EVP_DigestVerifyInit(digest, NULL, EVP_sm3(), NULL, pkey);
    return done > 0 ? OK : ERR(CRYPTO);
}

err sm2_sign(const struct sm2_pair *pair, struct bytes id, struct bytes data,
             uint8_t ret_signature[SM2_SIGNATURE_BYTES])
{
    if (id.len == 0 || id.len > SM2_ID_MAX) return ERR(LENGTH);
    CLEANUP(pkey_free) EVP_PKEY *pkey = pkey_from(pair->public_key, pair->secret_key);
    if (pkey == NULL) return ERR(KEY);
    CLEANUP(context_free)
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, "provider=default");
    CLEANUP(digest_free) EVP_MD_CTX *digest = EVP_MD_CTX_new();
    uint8_t der[SM2_SIGNATURE_BYTES + DER_EXTRA];
    size_t len = sizeof der;
    TRY(start_digest(pkey, id, true, context, digest));
    if (EVP_DigestSign(digest, der, &len, data.at, data.len) <= 0) return ERR(CRYPTO);
    const uint8_t *at = der;
    CLEANUP(signature_free) ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &at, (long)len);
    if (signature == NULL ||
        BN_bn2binpad(ECDSA_SIG_get0_r(signature), ret_signature, COORDINATE) < 0 ||
        BN_bn2binpad(ECDSA_SIG_get0_s(signature), ret_signature + COORDINATE, COORDINATE) < 0)
        return ERR(CRYPTO);
    return OK;
}

err sm2_verify(const uint8_t public_key[SM2_PUBLIC_BYTES], struct bytes id, struct bytes data,
               const uint8_t signature[SM2_SIGNATURE_BYTES])
{
    if (id.len == 0 || id.len > SM2_ID_MAX) return ERR(LENGTH);
    CLEANUP(pkey_free) EVP_PKEY *pkey = pkey_from(public_key, NULL);
    if (pkey == NULL) return ERR(KEY);
    CLEANUP(context_free)
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, "provider=default");
    CLEANUP(digest_free) EVP_MD_CTX *digest = EVP_MD_CTX_new();
    CLEANUP(signature_free) ECDSA_SIG *parts = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(signature, COORDINATE, NULL);
    BIGNUM *s = BN_bin2bn(signature + COORDINATE, COORDINATE, NULL);
    if (parts == NULL || r == NULL || s == NULL || !ECDSA_SIG_set0(parts, r, s)) {
        BN_free(r);
        BN_free(s);
        return ERR(CRYPTO);
    }
    uint8_t der[SM2_SIGNATURE_BYTES + DER_EXTRA], *end = der;
    int len = i2d_ECDSA_SIG(parts, &end);
    ENSURE(len > 0 && (size_t)len <= sizeof der);
    TRY(start_digest(pkey, id, false, context, digest));
    return EVP_DigestVerify(digest, der, (size_t)len, data.at, data.len) == 1 ? OK : ERR(MAC);
}

/* A DER tag and length; lengths here are below 65,536. */
static void write_der(struct writer *w, uint8_t tag, size_t len)
{
    write_be(w, tag, 1);
    if (len >= 256) write_be(w, 0x820000 | len, 3);
    else if (len >= 128) write_be(w, 0x8100 | len, 2);
    else write_be(w, len, 1);
}

/* A non-negative DER integer of 32 bytes: shortest form. */
static void write_der_integer(struct writer *w, const uint8_t value[COORDINATE])
{
    size_t skip = 0;
    while (skip + 1 < COORDINATE && value[skip] == 0) skip++;
    bool zero = value[skip] >= 0x80;
    write_der(w, 0x02, COORDINATE - skip + zero);
    if (zero) write_be(w, 0, 1);
    write_bytes(w, bytes_of(value + skip, COORDINATE - skip));
}

/* C1 C3 C2 as the SEQUENCE of GM/T 0009, 7.2. */
static void write_der_sealed(struct writer *w, struct bytes sealed)
{
    uint8_t inside[SM2_OVERHEAD + SM2_PLAIN_MAX + DER_EXTRA];
    struct writer in = writer_over(inside, sizeof inside);
    size_t text = sealed.len - SM2_OVERHEAD;
    write_der_integer(&in, sealed.at + 1);
    write_der_integer(&in, sealed.at + 1 + COORDINATE);
    write_der(&in, 0x04, CRYPTO_SM3_BYTES);
    write_bytes(&in, bytes_of(sealed.at + SM2_PUBLIC_BYTES, CRYPTO_SM3_BYTES));
    write_der(&in, 0x04, text);
    write_bytes(&in, bytes_of(sealed.at + SM2_OVERHEAD, text));
    ENSURE(in.fault == ERR_OK);
    write_der(w, 0x30, in.len);
    write_bytes(w, writer_view(&in));
}

/* One element of OpenSSL's own output: tag, then its content. */
static struct bytes read_der(const uint8_t **at, const uint8_t *end, int tag)
{
    long len = 0;
    int got = 0, class = 0;
    int kind = ASN1_get_object(at, &len, &got, &class, end - *at);
    ENSURE((kind & 0x80) == 0 && got == tag && len >= 0 && len <= end - *at);
    struct bytes content = bytes_of(*at, (size_t)len);
    if (tag != V_ASN1_SEQUENCE) *at += len;
    return content;
}

static void write_coordinate(struct writer *w, struct bytes integer)
{
    static const uint8_t zeros[COORDINATE];
    while (integer.len > COORDINATE) integer = bytes_of(integer.at + 1, integer.len - 1);
    write_bytes(w, bytes_of(zeros, COORDINATE - integer.len));
    write_bytes(w, integer);
}

err sm2_encrypt(const uint8_t public_key[SM2_PUBLIC_BYTES], struct bytes plain, struct writer *w)
{
    if (plain.len == 0 || plain.len > SM2_PLAIN_MAX) return ERR(LENGTH);
    CLEANUP(pkey_free) EVP_PKEY *pkey = pkey_from(public_key, NULL);
    if (pkey == NULL) return ERR(KEY);
    CLEANUP(context_free)
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, "provider=default");
    uint8_t der[SM2_OVERHEAD + SM2_PLAIN_MAX + DER_EXTRA];
    size_t len = sizeof der;
    if (context == NULL || EVP_PKEY_encrypt_init(context) <= 0 ||
        EVP_PKEY_encrypt(context, der, &len, plain.at, plain.len) <= 0)
        return ERR(CRYPTO);
    const uint8_t *at = der, *end = der + len;
    (void)read_der(&at, end, V_ASN1_SEQUENCE);
    struct bytes x = read_der(&at, end, V_ASN1_INTEGER), y = read_der(&at, end, V_ASN1_INTEGER);
    struct bytes hash = read_der(&at, end, V_ASN1_OCTET_STRING);
    struct bytes text = read_der(&at, end, V_ASN1_OCTET_STRING);
    write_be(w, 4, 1);
    write_coordinate(w, x);
    write_coordinate(w, y);
    write_bytes(w, hash);
    write_bytes(w, text);
    return (err){w->fault};
}

err sm2_decrypt(const struct sm2_pair *pair, struct bytes sealed, struct writer *w)
{
    if (sealed.len <= SM2_OVERHEAD) return ERR(SHORT);
    if (sealed.len > SM2_OVERHEAD + SM2_PLAIN_MAX) return ERR(LENGTH);
    if (sealed.at[0] != 4) return ERR(MAC); /* one spelling of a point */
    CLEANUP(pkey_free) EVP_PKEY *pkey = pkey_from(pair->public_key, pair->secret_key);
    if (pkey == NULL) return ERR(KEY);
    CLEANUP(context_free)
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, "provider=default");
    uint8_t der[SM2_OVERHEAD + SM2_PLAIN_MAX + DER_EXTRA], plain[SM2_PLAIN_MAX];
    struct writer d = writer_over(der, sizeof der);
    write_der_sealed(&d, sealed);
    size_t len = sizeof plain;
    ENSURE(d.fault == ERR_OK);
    if (context == NULL || EVP_PKEY_decrypt_init(context) <= 0) return ERR(CRYPTO);
    bool opened =
        EVP_PKEY_decrypt(context, plain, &len, der, d.len) > 0 && len == sealed.len - SM2_OVERHEAD;
    if (opened) write_bytes(w, bytes_of(plain, len));
    secret_wipe_bytes(plain, sizeof plain);
    if (!opened) return ERR(MAC);
    return (err){w->fault};
}
