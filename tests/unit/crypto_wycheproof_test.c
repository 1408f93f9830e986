/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CC-11: Wycheproof through our wrappers, every case of every file with the result it must have,
 * and counted. AES-GCM is in crypto_cipher_test, AES-CMAC in crypto_mac_test. What a file tests and
 * the product has no use for is refused by the wrapper that would have to take it, case by case:
 * key wrapping (TR-31 is ours), RSA (terminals and servers have P-256), SM4-GCM and SM4-CCM
 * (OpenSSL 3.0 has neither). S63.
 */
#include "lib/crypto/cipher.h"
#include "lib/crypto/identity.h"
#include "lib/crypto/keyblock.h"
#include "lib/crypto/keyed_mac.h"
#include "tests/unit/crypto_vectors.h"

static struct crypto crypto;

static int open_crypto(void **state)
{
    (void)state;
    return FAILED(crypto_open(random_system(), &crypto));
}

static int close_crypto(void **state)
{
    (void)state;
    crypto_close(&crypto);
    return 0;
}

/* What a case must do, and what it did. */
enum outcome { TAKEN, REFUSED, UNSUPPORTED, OUTCOMES };

typedef enum outcome run_case(const json_t *group, const json_t *row);

struct counts {
    size_t of[OUTCOMES];
};

/* Runs a file. A valid case is taken or not supported; an invalid one is never taken. */
static struct counts run_file(const char *name, run_case *run)
{
    char path[128];
    snprintf(path, sizeof path, "keymgmt/wycheproof/%s.json", name);
    json_t *json = vectors(path), *group, *row;
    size_t g, i, total = 0;
    struct counts counts = {0};
    json_array_foreach(json_object_get(json, "testGroups"), g, group)
    {
        json_array_foreach(json_object_get(group, "tests"), i, row)
        {
            const char *result = text_at(row, "result");
            enum outcome got = run(group, row);
            bool expected = got == UNSUPPORTED || strcmp(result, "acceptable") == 0 ||
                            (got == TAKEN) == (strcmp(result, "valid") == 0);
            if (!expected)
                fail_msg("%s case %d (%s): %s", name,
                         (int)json_integer_value(json_object_get(row, "tcId")),
                         text_at(row, "comment"), got == TAKEN ? "taken" : "refused");
            counts.of[got]++;
            total++;
        }
    }
    /* The shared copies of some files are shorter than their own count says. */
    assert_true(total <= (size_t)json_integer_value(json_object_get(json, "numberOfTests")));
    print_message("%s: %zu taken, %zu refused, %zu not supported\n", name, counts.of[TAKEN],
                  counts.of[REFUSED], counts.of[UNSUPPORTED]);
    json_decref(json);
    return counts;
}

static void assert_counts(struct counts got, size_t taken, size_t refused, size_t unsupported)
{
    assert_int_equal(got.of[TAKEN], taken);
    assert_int_equal(got.of[REFUSED], refused);
    assert_int_equal(got.of[UNSUPPORTED], unsupported);
}

static bool aes_key(const json_t *row, enum key_usage usage, struct key *ret_key)
{
    struct bytes value = hex_at(row, "key");
    static const enum key_algorithm all[] = {KEY_AES128, KEY_AES192, KEY_AES256};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (!FAILED(key_make(all[i], usage, value, ret_key))) return true;
    return false;
}

/*
 * CBC of ours is of whole blocks and knows no padding: the case's own is laid on here. A ciphertext
 * is right when it is what encrypting message and padding gives.
 */
static enum outcome cbc_case(const json_t *group, const json_t *row)
{
    (void)group;
    struct key key;
    uint8_t padded[HEX_MAX], out[HEX_MAX];
    struct bytes message = hex_at(row, "msg"), expected = hex_at(row, "ct");
    struct bytes iv = hex_at(row, "iv");
    assert_true(aes_key(row, KEY_USAGE_DATA, &key));
    size_t pad = 16 - message.len % 16, len = message.len + pad;
    if (message.len > 0) memcpy(padded, message.at, message.len);
    memset(padded + message.len, (int)pad, pad);
    assert_ok(cipher_cbc_encrypt(&crypto, &key, iv.at, bytes_of(padded, len), out));
    if (bytes_equal(bytes_of(out, len), expected)) {
        assert_ok(cipher_cbc_decrypt(&crypto, &key, iv.at, expected, out));
        assert_same(out, padded, len);
        return TAKEN;
    }
    return REFUSED;
}

static void cbc(void **state)
{
    (void)state;
    assert_counts(run_file("aes_cbc_pkcs5_test", cbc_case), 72, 144, 0);
}

/* Keys of 32 bytes only; a shorter tag is the first bytes of the whole one. */
static enum outcome hmac_case(enum crypto_mac which, const json_t *row)
{
    uint8_t mac[32];
    struct bytes key = hex_at(row, "key"), tag = hex_at(row, "tag");
    if (key.len > SECRET_MAX || FAILED(keyed_mac(&crypto, which, key, hex_at(row, "msg"), mac)))
        return UNSUPPORTED;
    return secret_equal(bytes_of(mac, tag.len), tag) ? TAKEN : REFUSED;
}

static enum outcome hmac_sha256_case(const json_t *group, const json_t *row)
{
    (void)group;
    return hmac_case(CRYPTO_HMAC_SHA256, row);
}

static enum outcome hmac_sm3_case(const json_t *group, const json_t *row)
{
    (void)group;
    return hmac_case(CRYPTO_HMAC_SM3, row);
}

static void hmac(void **state)
{
    (void)state;
    assert_counts(run_file("hmac_sha256_test", hmac_sha256_case), 54, 108, 12);
    assert_counts(run_file("hmac_sm3_test", hmac_sm3_case), 54, 108, 12);
}

static enum outcome ecdsa_case(const json_t *group, const json_t *row)
{
    uint8_t digest[CRYPTO_SHA256_BYTES];
    crypto_sha256(hex_at(row, "msg"), digest);
    err e = identity_check(bytes_text(text_at(group, "publicKeyPem")), digest, hex_at(row, "sig"));
    return FAILED(e) ? REFUSED : TAKEN;
}

static void ecdsa(void **state)
{
    (void)state;
    assert_counts(run_file("ecdsa_secp256r1_sha256_test", ecdsa_case), 174, 310, 0);
}

/* An RSA key is no identity: not one of its signatures is looked at. */
static enum outcome rsa_signature_case(const json_t *group, const json_t *row)
{
    uint8_t digest[CRYPTO_SHA256_BYTES];
    crypto_sha256(hex_at(row, "msg"), digest);
    err e = identity_check(bytes_text(text_at(group, "publicKeyPem")), digest, hex_at(row, "sig"));
    assert_true(FAILED(e));
    return UNSUPPORTED;
}

/* Nor is an RSA private key read, so that nothing is ever decrypted with one. */
static enum outcome rsa_decrypt_case(const json_t *group, const json_t *row)
{
    (void)row;
    struct identity_key key = {0};
    assert_err(identity_key_read(bytes_text(text_at(group, "privateKeyPem")), &key), KEY);
    return UNSUPPORTED;
}

static void rsa(void **state)
{
    (void)state;
    assert_counts(run_file("rsa_signature_2048_sha256_test", rsa_signature_case), 0, 0, 259);
    assert_counts(run_file("rsa_pkcs1_2048_test", rsa_decrypt_case), 0, 0, 67);
    assert_counts(run_file("rsa_oaep_2048_sha1_mgf1sha1_test", rsa_decrypt_case), 0, 0, 36);
}

/* A key in an AES key wrap is not taken for a key block, whatever the key it is opened with. */
static enum outcome wrap_case(const json_t *group, const json_t *row)
{
    (void)group;
    struct key protection, key = {0};
    struct keyblock_header header;
    uint8_t value[KEYBLOCK_FOREIGN_KEY_MAX];
    size_t len;
    assert_true(aes_key(row, KEY_USAGE_MASTER, &protection));
    struct bytes wrapped = hex_at(row, "ct");
    assert_true(
        FAILED(keyblock_open(&crypto, &protection, wrapped, &header, value, sizeof value, &len)));
    assert_true(FAILED(keyblock_unwrap(&crypto, &protection, wrapped, &key)));
    return UNSUPPORTED;
}

static void key_wrap(void **state)
{
    (void)state;
    assert_counts(run_file("aes_wrap_test", wrap_case), 0, 0, 165);
    assert_counts(run_file("aes_kwp_test", wrap_case), 0, 0, 254);
}

/* GCM refuses an SM4 key before it looks at anything else; CCM has no function at all. */
static enum outcome sm4_case(const json_t *group, const json_t *row)
{
    (void)group;
    struct key key;
    uint8_t nonce[CIPHER_NONCE_BYTES] = {0}, out[HEX_MAX];
    struct bytes iv = hex_at(row, "iv"), text = hex_at(row, "msg");
    assert_ok(key_make(KEY_SM4, KEY_USAGE_DATA, hex_at(row, "key"), &key));
    memcpy(nonce, iv.at, iv.len < sizeof nonce ? iv.len : sizeof nonce);
    assert_err(cipher_gcm_seal(&crypto, &key, nonce, hex_at(row, "aad"), text, out), KEY);
    uint8_t sealed[HEX_MAX] = {0};
    assert_err(cipher_gcm_open(&crypto, &key, nonce, hex_at(row, "aad"), bytes_of(sealed, 32), out),
               KEY);
    return UNSUPPORTED;
}

static void sm4(void **state)
{
    (void)state;
    assert_counts(run_file("sm4_gcm_test", sm4_case), 0, 0, 104);
    assert_counts(run_file("sm4_ccm_test", sm4_case), 0, 0, 184);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cbc), cmocka_unit_test(hmac),     cmocka_unit_test(ecdsa),
        cmocka_unit_test(rsa), cmocka_unit_test(key_wrap), cmocka_unit_test(sm4),
    };
    return cmocka_run_group_tests_name("crypto_wycheproof", tests, open_crypto, close_crypto);
}
