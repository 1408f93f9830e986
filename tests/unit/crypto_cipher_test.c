/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets, keys, ECB and GCM. S63. Vectors: sm, wycheproof/aes_gcm, mac_and_keys (check values),
 * RFC 8998 (SM4-GCM, SM4-CCM). */
#include "lib/crypto/cipher.h"

#include "lib/crypto/sm4_ccm.h"
#include "lib/crypto/sm4_gcm.h"

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
    crypto_close(&crypto); /* twice is harmless */
    return 0;
}

static void secrets_are_wiped_and_compared(void **state)
{
    (void)state;
    struct secret secret = {0};
    uint8_t long_one[SECRET_MAX + 1] = {1};
    assert_err(secret_from(BYTES_OF(long_one), &secret), LENGTH);
    assert_ok(secret_from(BYTES("abc"), &secret));
    assert_true(secret_equal(secret_view(&secret), BYTES("abc")));
    assert_false(secret_equal(secret_view(&secret), BYTES("abd")));
    assert_false(secret_equal(secret_view(&secret), BYTES("abcd")));
    secret_wipe(&secret);
    static const struct secret empty;
    assert_memory_equal(&secret, &empty, sizeof secret);
    uint8_t *guarded = secret_memory(64);
    assert_non_null(guarded);
    assert_int_equal(guarded[0] | guarded[63], 0);
    secret_memory_free(guarded);
    secret_memory_free(NULL);
}

static void keys_have_their_length(void **state)
{
    (void)state;
    struct key key;
    assert_err(key_make(KEY_TDES, KEY_USAGE_PIN, BYTES("123456789012345"), &key), LENGTH);
    assert_err(key_make(KEY_DES, KEY_USAGE_PIN, BYTES("123456789"), &key), LENGTH);
    assert_ok(key_make(KEY_SM4, KEY_USAGE_PIN, BYTES("1234567890123456"), &key));
    assert_string_equal(key_algorithm_text(KEY_AES128), "aes-128");
    assert_string_equal(key_usage_text(KEY_USAGE_ZONE_PIN), "zone-pin");
}

static void generated_keys_differ_and_have_parity(void **state)
{
    (void)state;
    struct key last = {0};
    for (int i = 0; i < 200; i++) {
        struct key key = {0};
        key_generate(&crypto, KEY_TDES, KEY_USAGE_PIN, &key);
        assert_int_equal(key.value.len, 16);
        for (int k = 0; k < 16; k++) assert_int_equal(__builtin_popcount(key.value.at[k]) % 2, 1);
        assert_memory_not_equal(key.value.at, key.value.at + 8, 8);
        assert_memory_not_equal(key.value.at, last.value.at, 16);
        last = key;
    }
}

/* Protocol facts 1.6: the constants of an independent host simulator. */
static void check_values(void **state)
{
    (void)state;
    static const struct {
        enum key_algorithm algorithm;
        const char *value, *kcv;
    } rows[] = {
        {KEY_TDES, "11111111111111112222222222222222", "D2B91CC5"},
        {KEY_DES, "1111111111111111", "82E13665"},
        {KEY_AES128, "2B7E151628AED2A6ABF7158809CF4F3C", "7DF76B0C"}, /* E(0) of SP 800-38B D.1 */
        {KEY_AES256, "603DEB1015CA71BE2B73AEF0857D77811F352C073B6108D72D9810A30914DFF4",
         "E568F681"}, /* SP 800-38B D.3 */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct key key = test_key(rows[i].algorithm, KEY_USAGE_DATA, rows[i].value);
        uint8_t kcv[KEY_CHECK_BYTES];
        assert_ok(key_check_value(&crypto, &key, kcv));
        assert_bytes(BYTES_OF(kcv), hex(rows[i].kcv));
        assert_ok(key_check(&crypto, &key, BYTES_OF(kcv)));
        kcv[3] ^= 1;
        assert_err(key_check(&crypto, &key, BYTES_OF(kcv)), KCV);
        assert_err(key_check(&crypto, &key, bytes_of(kcv, 3)), KCV);
    }
}

static void ecb_refuses_what_is_no_block(void **state)
{
    (void)state;
    struct key key = test_key(KEY_AES128, KEY_USAGE_DATA, "2B7E151628AED2A6ABF7158809CF4F3C");
    uint8_t out[64];
    assert_err(cipher_ecb_encrypt(&crypto, &key, BYTES(""), out), LENGTH);
    assert_err(cipher_ecb_encrypt(&crypto, &key, BYTES("123456789012345"), out), LENGTH);
    assert_err(cipher_ecb_decrypt(&crypto, &key, BYTES("12345678901234567"), out), LENGTH);
    struct key hmac = {.algorithm = KEY_HMAC_SHA256, .value.len = 32};
    assert_err(cipher_ecb_encrypt(&crypto, &hmac, BYTES("1234567890123456"), out), KEY);
    struct key tdes = {.algorithm = KEY_TDES, .value.len = 16};
    assert_err(cipher_gcm_seal(&crypto, &tdes, out, BYTES(""), BYTES("x"), out), KEY);
}

/* The million rounds of GB/T 32907 take about a second: they are in the vectors, so they run. */
static void sm_vectors(void **state)
{
    (void)state;
    json_t *json = vectors("sm/sm2_sm3_sm4.json");
    json_t *row;
    size_t i;
    assert_int_equal(json_array_size(json_object_get(json, "sm3")), 3);
    json_array_foreach(json_object_get(json, "sm3"), i, row)
    {
        uint8_t digest[CRYPTO_SM3_BYTES];
        struct bytes msg = json_object_get(row, "msg") != NULL
                               ? hex_at(row, "msg")
                               : bytes_text(text_at(row, "msg_ascii"));
        assert_ok(crypto_sm3(msg, digest));
        assert_bytes(BYTES_OF(digest), hex_at(row, "digest"));
    }
    assert_int_equal(json_array_size(json_object_get(json, "sm4")), 2);
    json_array_foreach(json_object_get(json, "sm4"), i, row)
    {
        struct key key = test_key(KEY_SM4, KEY_USAGE_DATA, text_at(row, "key"));
        long rounds = strcmp(text_at(row, "mode"), "ECB") == 0 ? 1 : 1000000;
        uint8_t text[16];
        memcpy(text, hex_at(row, "pt").at, 16);
        for (long k = 0; k < rounds; k++)
            assert_ok(cipher_ecb_encrypt(&crypto, &key, BYTES_OF(text), text));
        assert_bytes(BYTES_OF(text), hex_at(row, "ct"));
        assert_ok(cipher_ecb_decrypt(&crypto, &key, BYTES_OF(text), text));
        if (rounds == 1) assert_bytes(BYTES_OF(text), hex_at(row, "pt"));
    }
    vector_file_end(json);
}

static void gcm_refuses_a_short_text(void **state)
{
    (void)state;
    struct key key = test_key(KEY_AES128, KEY_USAGE_DATA, "2B7E151628AED2A6ABF7158809CF4F3C");
    uint8_t nonce[12] = {0}, out[16];
    assert_err(cipher_gcm_open(&crypto, &key, nonce, BYTES(""), BYTES("123456789012345"), out),
               SHORT);
}

/* RFC 8998, A.1 and A.2: the same key, nonce, associated data and text under both modes. */
static const char rfc8998_text[] =
    "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDD"
    "EEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA";
static const char rfc8998_gcm[] = "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
                                  "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
                                  "83DE3541E4C2B58177E065A9BF7B62EC";
static const char rfc8998_ccm[] = "48AF93501FA62ADBCD414CCE6034D895DDA1BF8F132F042098661572E7483094"
                                  "FD12E518CE062C98ACEE28D95DF4416BED31A2F04476C18BB40C84A74B97DC5B"
                                  "16842D4FA186F56AB33256971FA110F4";

static void sm4_seals_as_rfc_8998_says(void **state)
{
    (void)state;
    enum { TEXT = 64, WHOLE = TEXT + CIPHER_TAG_BYTES };
    struct key key = test_key(KEY_SM4, KEY_USAGE_DATA, "0123456789ABCDEFFEDCBA9876543210");
    struct bytes nonce = hex("00001234567800000000ABCD"), text = hex(rfc8998_text);
    struct bytes associated = hex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2");
    uint8_t sealed[WHOLE], opened[WHOLE];
    assert_ok(sm4_gcm_seal(&crypto, &key, nonce, associated, text, sealed));
    assert_bytes(BYTES_OF(sealed), hex(rfc8998_gcm));
    assert_ok(cipher_gcm_open(&crypto, &key, nonce.at, associated, BYTES_OF(sealed), opened));
    assert_bytes(bytes_of(opened, TEXT), text);
    assert_ok(sm4_ccm_seal(&crypto, &key, nonce, CIPHER_TAG_BYTES, associated, text, sealed));
    assert_bytes(BYTES_OF(sealed), hex(rfc8998_ccm));
    assert_ok(
        sm4_ccm_open(&crypto, &key, nonce, CIPHER_TAG_BYTES, associated, BYTES_OF(sealed), opened));
    assert_bytes(bytes_of(opened, TEXT), text);
}

/* Every bit of text and tag counts, and so do nonce and associated data. */
static void sm4_refuses_what_was_altered(void **state)
{
    (void)state;
    enum { TEXT = 19, WHOLE = TEXT + CIPHER_TAG_BYTES };
    struct key key = test_key(KEY_SM4, KEY_USAGE_DATA, "0123456789ABCDEFFEDCBA9876543210");
    struct key aes = test_key(KEY_AES128, KEY_USAGE_DATA, "0123456789ABCDEFFEDCBA9876543210");
    struct bytes nonce = BYTES("123456789012"), text = BYTES("6228480402564890018");
    uint8_t sealed[WHOLE], opened[WHOLE];
    assert_ok(sm4_gcm_seal(&crypto, &key, nonce, BYTES("aad"), text, sealed));
    for (size_t bit = 0; bit < 8 * WHOLE; bit++) {
        sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
        memset(opened, 0x55, sizeof opened);
        assert_err(sm4_gcm_open(&crypto, &key, nonce, BYTES("aad"), BYTES_OF(sealed), opened), MAC);
        for (size_t i = 0; i < TEXT; i++) assert_int_equal(opened[i], 0);
        sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    struct bytes whole = BYTES_OF(sealed), other = BYTES("123456789013");
    assert_err(sm4_gcm_open(&crypto, &key, other, BYTES("aad"), whole, opened), MAC);
    assert_err(sm4_gcm_open(&crypto, &key, nonce, BYTES("aae"), whole, opened), MAC);
    assert_err(sm4_gcm_open(&crypto, &key, BYTES(""), BYTES("aad"), whole, opened), LENGTH);
    assert_err(sm4_gcm_open(&crypto, &key, nonce, BYTES(""), BYTES("123456789012345"), opened),
               SHORT);
    assert_err(sm4_gcm_seal(&crypto, &aes, nonce, BYTES(""), text, opened), KEY);
    assert_err(sm4_ccm_seal(&crypto, &aes, nonce, 16, BYTES(""), text, opened), KEY);
}

/* CCM counts a text's bytes in what its nonce leaves of a block. */
static void ccm_holds_its_lengths(void **state)
{
    (void)state;
    static uint8_t text[65536], sealed[65536 + 16];
    struct key key = test_key(KEY_SM4, KEY_USAGE_DATA, "0123456789ABCDEFFEDCBA9876543210");
    struct bytes nonce = BYTES("1234567890123");
    assert_err(sm4_ccm_seal(&crypto, &key, nonce, 16, BYTES(""), BYTES_OF(text), sealed), LENGTH);
    assert_ok(sm4_ccm_seal(&crypto, &key, nonce, 8, BYTES_OF(text), bytes_of(text, 65535), sealed));
    assert_ok(sm4_ccm_open(&crypto, &key, nonce, 8, BYTES_OF(text), bytes_of(sealed, 65543), text));
    assert_err(sm4_ccm_open(&crypto, &key, nonce, 8, BYTES(""), BYTES("1234567"), text), SHORT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_are_wiped_and_compared),
        cmocka_unit_test(keys_have_their_length),
        cmocka_unit_test(generated_keys_differ_and_have_parity),
        cmocka_unit_test(check_values),
        cmocka_unit_test(ecb_refuses_what_is_no_block),
        cmocka_unit_test(sm_vectors),
        cmocka_unit_test(gcm_refuses_a_short_text),
        cmocka_unit_test(sm4_seals_as_rfc_8998_says),
        cmocka_unit_test(sm4_refuses_what_was_altered),
        cmocka_unit_test(ccm_holds_its_lengths),
    };
    return cmocka_run_group_tests_name("crypto_cipher", tests, open_crypto, close_crypto);
}
