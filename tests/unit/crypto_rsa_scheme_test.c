/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSA-OAEP, opened step by step as RFC 8017 7.1.2 says with the bare RSA operation, so that what is
 * made is held against the standard and not against the library that made it. S120.
 */
#include "lib/crypto/rsa_scheme.h"

#include "lib/crypto/crypto.h"
#include "lib/crypto/openssl.h"
#include "lib/crypto/rsa.h"
#include "tests/unit/scratch.h"

struct pair {
    EVP_PKEY *key;
    uint8_t pem[4096];
    size_t len;
    uint8_t n[512], d[512];
};

static void write_pem(struct pair *p, bool private)
{
    BIO *bio = BIO_new(BIO_s_mem());
    assert_true(private ? PEM_write_bio_PKCS8PrivateKey(bio, p->key, NULL, NULL, 0, NULL, NULL)
                        : PEM_write_bio_PUBKEY(bio, p->key));
    p->len = (size_t)BIO_read(bio, p->pem, sizeof p->pem);
    BIO_free(bio);
}

static struct pair make_pair(unsigned bits, unsigned exponent)
{
    struct pair p = {.key = NULL};
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    BIGNUM *e = BN_new(), *n = NULL, *d = NULL;
    BN_set_word(e, exponent);
    assert_true(EVP_PKEY_keygen_init(context) > 0);
    assert_true(EVP_PKEY_CTX_set_rsa_keygen_bits(context, (int)bits) > 0);
    assert_true(EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context, e) > 0);
    assert_true(EVP_PKEY_generate(context, &p.key) > 0);
    assert_true(EVP_PKEY_get_bn_param(p.key, OSSL_PKEY_PARAM_RSA_N, &n));
    assert_true(EVP_PKEY_get_bn_param(p.key, OSSL_PKEY_PARAM_RSA_D, &d));
    assert_true(BN_bn2binpad(n, p.n, (int)bits / 8) > 0);
    assert_true(BN_bn2binpad(d, p.d, (int)bits / 8) > 0);
    BN_free(e);
    BN_free(n);
    BN_free(d);
    EVP_PKEY_CTX_free(context);
    write_pem(&p, false);
    return p;
}

/* MGF1 over SHA-256 (RFC 8017, B.2.1), XORed into `out`. */
static void unmask(struct bytes seed, uint8_t *out, size_t len)
{
    for (size_t at = 0; at < len; at++) {
        uint8_t input[512 + 4] = {0}, digest[CRYPTO_SHA256_BYTES];
        memcpy(input, seed.at, seed.len);
        input[seed.len + 3] = (uint8_t)(at / sizeof digest);
        crypto_sha256(bytes_of(input, seed.len + 4), digest);
        out[at] ^= digest[at % sizeof digest];
    }
}

/* The text, or NULL when it is not one under this label. Points into `em`. */
static const uint8_t *open_oaep(const struct pair *p, struct bytes label, struct bytes sealed,
                                uint8_t em[256], size_t *ret_len)
{
    uint8_t label_hash[CRYPTO_SHA256_BYTES];
    enum { HASH = CRYPTO_SHA256_BYTES };
    assert_int_equal(sealed.len, 256);
    assert_ok(rsa_private_raw(bytes_of(p->n, 256), bytes_of(p->d, 256), sealed, em));
    assert_int_equal(em[0], 0);
    unmask(bytes_of(em + 1 + HASH, 256 - HASH - 1), em + 1, HASH);
    unmask(bytes_of(em + 1, HASH), em + 1 + HASH, 256 - HASH - 1);
    crypto_sha256(label, label_hash);
    if (memcmp(em + 1 + HASH, label_hash, HASH) != 0) return NULL;
    size_t at = 1 + 2 * HASH;
    while (at < 256 && em[at] == 0) at++;
    if (at == 256 || em[at] != 1) return NULL;
    *ret_len = 256 - at - 1;
    return em + at + 1;
}

static void opens_as_the_standard_says(void **state)
{
    (void)state;
    struct pair p = make_pair(2048, 65537);
    uint8_t plain[190], sealed[2][256], em[256];
    memset(plain, 0xa7, sizeof plain);
    const size_t lengths[] = {1, 16, 32, sizeof plain}; /* the longest: 256 - 2 * 32 - 2 */
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        struct bytes text = bytes_of(plain, lengths[i]), pem = bytes_of(p.pem, p.len);
        size_t len = 0;
        for (int k = 0; k < 2; k++) {
            struct writer w = writer_over(sealed[k], sizeof sealed[k]);
            assert_ok(rsa_oaep_encrypt(pem, BYTES("10000077"), text, &w));
            assert_int_equal(w.len, 256);
            const uint8_t *found = open_oaep(&p, BYTES("10000077"), writer_view(&w), em, &len);
            assert_non_null(found);
            assert_int_equal(len, text.len);
            assert_memory_equal(found, plain, len);
            assert_null(open_oaep(&p, BYTES("10000078"), writer_view(&w), em, &len));
        }
        assert_memory_not_equal(sealed[0], sealed[1], 256); /* a seed of its own each time */
    }
    struct writer w = writer_over(sealed[0], sizeof sealed[0]);
    assert_ok(rsa_oaep_encrypt(bytes_of(p.pem, p.len), (struct bytes){0}, BYTES("x"), &w));
    size_t len = 0;
    assert_non_null(open_oaep(&p, (struct bytes){0}, writer_view(&w), em, &len));
    EVP_PKEY_free(p.key);
}

static err encrypt(const struct pair *p, struct bytes label, struct bytes plain)
{
    uint8_t out[RSA_SCHEME_BYTES_MAX];
    struct writer w = writer_over(out, sizeof out);
    err e = rsa_oaep_encrypt(bytes_of(p->pem, p->len), label, plain, &w);
    if (FAILED(e)) assert_int_equal(w.len, 0);
    return e;
}

static void refuses_other_keys(void **state)
{
    (void)state;
    struct pair p = make_pair(2048, 65537), small = make_pair(1024, 65537);
    struct pair three = make_pair(2048, 3), ec = {.key = EVP_EC_gen("P-256")};
    uint8_t long_text[191] = {1};
    write_pem(&ec, false);
    assert_err(encrypt(&small, BYTES("t"), BYTES("x")), KEY);
    assert_err(encrypt(&three, BYTES("t"), BYTES("x")), KEY);
    assert_err(encrypt(&ec, BYTES("t"), BYTES("x")), KEY);
    assert_err(encrypt(&p, BYTES("t"), BYTES_OF(long_text)), LENGTH);
    assert_err(encrypt(&p, BYTES("t"), (struct bytes){0}), LENGTH);
    assert_err(encrypt(&p, bytes_of(long_text, 33), BYTES("x")), LENGTH);
    uint8_t out[255];
    struct writer w = writer_over(out, sizeof out);
    assert_err(rsa_oaep_encrypt(bytes_of(p.pem, p.len), BYTES("t"), BYTES("x"), &w), FULL);
    write_pem(&p, true); /* whoever hands over his private key is not thanked for it */
    assert_err(encrypt(&p, BYTES("t"), BYTES("x")), FORMAT);
    p.len = 0;
    assert_err(encrypt(&p, BYTES("t"), BYTES("x")), FORMAT);
    EVP_PKEY *keys[] = {p.key, small.key, three.key, ec.key};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) EVP_PKEY_free(keys[i]);
}

/* What is sealed for a holder, the holder opens; under another label, hash or key he does not. */
/* A block that is none of PKCS #1: it begins with 00 01. One that OAEP has made will not do here:
 * its second byte is masked, and is the 02 of PKCS #1 once in 256 times. */
static struct bytes no_pkcs1_block(EVP_PKEY *key, uint8_t out[256])
{
    uint8_t block[256] = {0, 1};
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    size_t len = 256;
    assert_true(EVP_PKEY_encrypt_init(context) > 0);
    assert_true(EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) > 0);
    assert_true(EVP_PKEY_encrypt(context, out, &len, block, sizeof block) > 0);
    EVP_PKEY_CTX_free(context);
    return bytes_of(out, len);
}

static void decryption(void **state)
{
    (void)state;
    struct pair p = make_pair(2048, 65537);
    uint8_t out[256], plain[256], other[256];
    size_t len = 77;
    struct writer w = writer_over(out, sizeof out);
    assert_ok(rsa_oaep_encrypt(bytes_of(p.pem, p.len), BYTES("t"), BYTES("sixteen bytes..."), &w));
    struct bytes sealed = writer_view(&w);
    write_pem(&p, true);
    struct bytes pem = bytes_of(p.pem, p.len);
    assert_err(rsa_oaep_decrypt(pem, RSA_SHA256, BYTES("u"), sealed, plain, 256, &len), MAC);
    assert_err(rsa_oaep_decrypt(pem, RSA_SHA1, BYTES("t"), sealed, plain, 256, &len), MAC);
    assert_err(rsa_oaep_decrypt(pem, RSA_SHA256, BYTES("t"), sealed, plain, 15, &len), LENGTH);
    assert_err(rsa_oaep_decrypt(pem, RSA_SHA256, BYTES("t"), bytes_of(out, 255), plain, 256, &len),
               LENGTH);
    assert_err(rsa_pkcs1_decrypt(pem, no_pkcs1_block(p.key, other), plain, 256, &len), MAC);
    assert_int_equal(len, 77);
    assert_ok(rsa_oaep_decrypt(pem, RSA_SHA256, BYTES("t"), sealed, plain, 256, &len));
    assert_int_equal(len, 16);
    assert_memory_equal(plain, "sixteen bytes...", 16);
    assert_err(rsa_pkcs1_decrypt(BYTES("no key"), sealed, plain, 256, &len), FORMAT);
    EVP_PKEY_free(p.key);
}

static size_t sign(EVP_PKEY *key, int padding, int salt, const uint8_t digest[32], uint8_t out[256])
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    size_t len = 256;
    assert_true(EVP_PKEY_sign_init(context) > 0);
    assert_true(EVP_PKEY_CTX_set_rsa_padding(context, padding) > 0);
    assert_true(EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) > 0);
    if (padding == RSA_PKCS1_PSS_PADDING)
        assert_true(EVP_PKEY_CTX_set_rsa_pss_saltlen(context, salt) > 0);
    assert_true(EVP_PKEY_sign(context, out, &len, digest, 32) > 0);
    EVP_PKEY_CTX_free(context);
    return len;
}

/* Each scheme takes its own signatures and no other's; PSS with a salt of 32 bytes only. */
static void signatures(void **state)
{
    (void)state;
    struct pair p = make_pair(2048, 65537), small = make_pair(1024, 65537);
    struct bytes pem = bytes_of(p.pem, p.len);
    uint8_t digest[32], out[256];
    crypto_sha256(BYTES("a parameter file"), digest);
    for (enum rsa_signature scheme = 0; scheme <= RSA_SIGNATURE_PSS; scheme++) {
        bool pss = scheme == RSA_SIGNATURE_PSS;
        int padding = pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING;
        struct bytes signature = bytes_of(out, sign(p.key, padding, 32, digest, out));
        assert_ok(rsa_signature_check(pem, scheme, digest, signature));
        assert_err(rsa_signature_check(pem, pss ? 0 : 1, digest, signature), IDENTITY);
        for (size_t bit = 0; bit < 8 * sizeof digest; bit += 7) {
            digest[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_err(rsa_signature_check(pem, scheme, digest, signature), IDENTITY);
            digest[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        out[100] ^= 1;
        assert_err(rsa_signature_check(pem, scheme, digest, signature), IDENTITY);
        assert_err(rsa_signature_check(pem, scheme, digest, bytes_of(out, 255)), IDENTITY);
        assert_err(rsa_signature_check(bytes_of(small.pem, small.len), scheme, digest, signature),
                   KEY);
    }
    size_t len = sign(p.key, RSA_PKCS1_PSS_PADDING, 20, digest, out);
    assert_err(rsa_signature_check(pem, RSA_SIGNATURE_PSS, digest, bytes_of(out, len)), IDENTITY);
    EVP_PKEY_free(p.key);
    EVP_PKEY_free(small.key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_as_the_standard_says),
        cmocka_unit_test(refuses_other_keys),
        cmocka_unit_test(decryption),
        cmocka_unit_test(signatures),
    };
    return cmocka_run_group_tests_name("crypto_rsa_scheme", tests, NULL, NULL);
}
