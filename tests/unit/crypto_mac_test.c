/* SPDX-License-Identifier: Apache-2.0 */
/* MACs. S63. Vectors: mac_cmac_retail, mac_and_keys, derived_sessions. */
#include "lib/crypto/mac.h"

#include "lib/crypto/cipher.h"
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

static void assert_mac(enum mac_algorithm algorithm, const struct key *key, struct bytes data,
                       struct bytes expected)
{
    uint8_t mac[MAC_MAX];
    assert_ok(mac_generate(&crypto, algorithm, key, data, mac));
    assert_bytes(bytes_of(mac, mac_length(algorithm)), expected);
    assert_ok(mac_verify(&crypto, algorithm, key, data, expected));
}

/* NIST SP 800-38B and ISO 9797-1, all through mac_generate. */
static void cmac_vectors(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum key_algorithm algorithm;
    } row_of[] = {{"CMAC-AES128", KEY_AES128},
                  {"CMAC-AES192", KEY_AES192},
                  {"CMAC-AES256", KEY_AES256},
                  {"CMAC-TDES2", KEY_TDES},
                  {"CMAC-TDES3", KEY_TDES3}};
    json_t *json = vectors("keymgmt/mac_cmac_retail.json");
    json_t *group, *row;
    size_t g, i, count = 0;
    json_array_foreach(json_object_get(json, "cmac"), g, group)
    {
        assert_string_equal(text_at(group, "algorithm"), row_of[g].name);
        json_array_foreach(json_object_get(group, "tests"), i, row)
        {
            count++;
            struct bytes data = hex_at(row, "data"), mac = hex_at(row, "mac");
            struct key key = test_key(row_of[g].algorithm, KEY_USAGE_MAC, text_at(group, "key"));
            if (mac.len == 8) {
                assert_mac(MAC_TDES_CMAC, &key, data, mac);
                continue;
            }
            assert_mac(MAC_AES_CMAC, &key, data, mac);
            assert_mac(MAC_AES_CMAC_8, &key, data, bytes_of(mac.at, 8));
        }
    }
    assert_int_equal(count, 21);
    vector_file_end(json);
}

/* The file keeps the first four bytes; the whole eight are compared with a second way to them. */
static void retail_vectors(void **state)
{
    (void)state;
    json_t *json = vectors("keymgmt/mac_cmac_retail.json");
    json_t *group = json_object_get(json, "retail_mac_x919"), *row;
    size_t i;
    struct key key = test_key(KEY_TDES, KEY_USAGE_MAC, text_at(group, "key"));
    assert_int_equal(json_array_size(json_object_get(group, "tests")), 2);
    json_array_foreach(json_object_get(group, "tests"), i, row)
    {
        uint8_t mac[MAC_MAX];
        assert_ok(mac_generate(&crypto, MAC_X9_19, &key, hex_at(row, "data"), mac));
        assert_bytes(bytes_of(mac, 4), hex_at(row, "mac"));
    }
    vector_file_end(json);
}

/* FIPS PUB 113, appendix 2 (X9.9 in single DES); in TDES with equal halves the same; HMAC-SM3 is
 * the first half of what Wycheproof holds the layer below against. */
static void other_macs(void **state)
{
    (void)state;
    struct key des = test_key(KEY_DES, KEY_USAGE_MAC, "0123456789ABCDEF");
    struct key tdes = test_key(KEY_TDES, KEY_USAGE_MAC, "0123456789ABCDEF0123456789ABCDEF");
    struct bytes text = BYTES("7654321 Now is the time for ");
    assert_mac(MAC_X9_9, &des, text, hex("F1D30F6849312CA4"));
    assert_mac(MAC_X9_9, &tdes, text, hex("F1D30F6849312CA4"));
    static const char value[] = "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F";
    struct key sm3 = test_key(KEY_HMAC_SM3, KEY_USAGE_MAC, value);
    struct key sha = test_key(KEY_HMAC_SHA256, KEY_USAGE_MAC, value);
    uint8_t whole[32], mac[MAC_MAX];
    assert_ok(keyed_mac(&crypto, CRYPTO_HMAC_SM3, hex(value), text, whole));
    assert_mac(MAC_HMAC_SM3, &sm3, text, bytes_of(whole, 16));
    assert_err(mac_generate(&crypto, MAC_HMAC_SM3, &sha, text, mac), KEY);
    assert_err(mac_generate(&crypto, MAC_TDES_CMAC, &des, text, mac), KEY);
    assert_err(mac_generate(&crypto, MAC_X9_9, &sm3, text, mac), KEY);
}

/* A message longer than one piece of the chain gives what block after block gives. */
static void retail_of_long_messages(void **state)
{
    (void)state;
    struct key key = test_key(KEY_TDES, KEY_USAGE_MAC, "0123456789ABCDEFFEDCBA9876543210");
    struct key half = test_key(KEY_DES, KEY_USAGE_MAC, "0123456789ABCDEF");
    uint8_t data[640];
    for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)(i * 37);
    for (size_t len = 8; len <= sizeof data; len += 8) {
        uint8_t chain[8] = {0}, mac[MAC_MAX];
        for (size_t at = 0; at < len; at += 8) {
            for (size_t k = 0; k < 8; k++) chain[k] ^= data[at + k];
            const struct key *with = at + 8 == len ? &key : &half;
            assert_ok(cipher_ecb_encrypt(&crypto, with, BYTES_OF(chain), chain));
        }
        assert_ok(mac_generate(&crypto, MAC_X9_19, &key, bytes_of(data, len), mac));
        assert_memory_equal(mac, chain, 8);
    }
}

/* The intermediate values of the published example: fold, first and second encryption. */
static void assert_steps(const struct key *key, const json_t *row)
{
    struct bytes mab = hex_at(row, "mab"), fold = hex_at(row, "xor"), x = hex_at(row, "x");
    uint8_t folded[8] = {0}, out[8];
    const char *text = text_at(row, "xor");
    for (size_t i = 0; i < mab.len; i++) folded[i % 8] ^= mab.at[i];
    assert_bytes(BYTES_OF(folded), fold);
    assert_ok(cipher_ecb_encrypt(&crypto, key, bytes_of(text, 8), out));
    assert_bytes(BYTES_OF(out), hex_at(row, "e1"));
    for (int i = 0; i < 8; i++) out[i] ^= (uint8_t)text[8 + i];
    assert_bytes(BYTES_OF(out), x);
    assert_ok(cipher_ecb_encrypt(&crypto, key, x, out));
    assert_bytes(BYTES_OF(out), hex_at(row, "e2"));
}

/* The published worked example, with the field as it travels. */
static void published_ecb_mac(void **state)
{
    (void)state;
    json_t *json = vectors("iso8583_cup/mac_and_keys.json");
    json_t *row;
    size_t i;
    assert_int_equal(json_array_size(json_object_get(json, "vectors")), 1);
    json_array_foreach(json_object_get(json, "vectors"), i, row)
    {
        struct key key = test_key(KEY_TDES, KEY_USAGE_MAC, text_at(row, "key"));
        assert_mac(MAC_CUP_ECB, &key, hex_at(row, "mab"), hex_at(row, "field64_hex"));
        assert_mac(MAC_CUP_ECB, &key, hex_at(row, "mab"), bytes_text(text_at(row, "mac_ascii")));
        assert_steps(&key, row);
    }
    vector_file_end(json);
}

/* A day of messages: every MAC that one of them carries. */
static void session_macs(void **state)
{
    (void)state;
    json_t *json = vectors("iso8583_cup/derived_sessions.json");
    json_t *session, *row;
    size_t s, i, count = 0;
    json_array_foreach(json_object_get(json, "sessions"), s, session)
    {
        struct key key = test_key(KEY_DES, KEY_USAGE_MAC, text_at(session, "mak"));
        json_array_foreach(json_object_get(session, "messages"), i, row)
        {
            if (!json_is_string(json_object_get(row, "mab"))) continue;
            const char *mac = text_at(json_object_get(row, "fields"), "64");
            assert_mac(MAC_CUP_ECB, &key, hex_at(row, "mab"), bytes_text(mac));
            count++;
        }
    }
    assert_int_equal(count, 9);
    vector_file_end(json);
}

/* Protocol facts 1.7, SM4 variant, followed by hand with the block cipher alone. */
static void sm4_mac(void **state)
{
    (void)state;
    struct key key = test_key(KEY_SM4, KEY_USAGE_MAC, "0123456789ABCDEFFEDCBA9876543210");
    uint8_t fold[16] = {0}, out[16], text[33], data[40];
    for (size_t i = 0; i < sizeof data; i++) fold[i % 16] ^= data[i] = (uint8_t)(200 + i);
    for (int i = 0; i < 16; i++) snprintf((char *)text + 2 * i, 3, "%02X", fold[i]);
    assert_ok(cipher_ecb_encrypt(&crypto, &key, bytes_of(text, 16), out));
    for (int i = 0; i < 16; i++) out[i] ^= text[16 + i];
    assert_ok(cipher_ecb_encrypt(&crypto, &key, BYTES_OF(out), out));
    char expected[9];
    snprintf(expected, sizeof expected, "%02X%02X%02X%02X", out[0], out[1], out[2], out[3]);
    assert_mac(MAC_SM4_ECB, &key, BYTES_OF(data), bytes_text(expected));
}

/* A published SM4 MAC, fold and both encryptions with it. */
static void published_sm4_mac(void **state)
{
    (void)state;
    json_t *json = vectors("sm/sm2_sm3_sm4.json"), *row;
    json_t *rows = json_object_get(json, "cup_pos_sm4_mac");
    size_t i;
    assert_int_equal(json_array_size(rows), 1);
    json_array_foreach(rows, i, row)
    {
        struct key key = test_key(KEY_SM4, KEY_USAGE_MAC, text_at(row, "key"));
        struct bytes data = bytes_text(text_at(row, "data_ascii")), text, fold;
        uint8_t folded[16] = {0}, out[16];
        for (size_t k = 0; k < data.len; k++) folded[k % 16] ^= data.at[k];
        fold = hex_at(row, "xor_result");
        assert_bytes(BYTES_OF(folded), fold);
        text = bytes_text(text_at(row, "expanded_hex_ascii"));
        assert_ok(cipher_ecb_encrypt(&crypto, &key, bytes_of(text.at, 16), out));
        assert_bytes(BYTES_OF(out), hex_at(row, "sm4_of_first_16"));
        for (size_t k = 0; k < 16; k++) out[k] ^= text.at[16 + k];
        assert_ok(cipher_ecb_encrypt(&crypto, &key, BYTES_OF(out), out));
        assert_bytes(BYTES_OF(out), hex_at(row, "sm4_final"));
        assert_mac(MAC_SM4_ECB, &key, data, bytes_text(text_at(row, "mac_field64_ascii")));
        assert_mac(MAC_SM4_ECB, &key, data, hex_at(row, "mac_field64_hex"));
    }
    vector_file_end(json);
}

static void wrong_keys_are_refused(void **state)
{
    (void)state;
    uint8_t mac[MAC_MAX];
    struct key pin = test_key(KEY_AES128, KEY_USAGE_PIN, "2B7E151628AED2A6ABF7158809CF4F3C");
    assert_err(mac_generate(&crypto, MAC_AES_CMAC, &pin, BYTES("x"), mac), KEY);
    struct key data = test_key(KEY_TDES, KEY_USAGE_DATA, "0123456789ABCDEFFEDCBA9876543210");
    assert_err(mac_generate(&crypto, MAC_CUP_ECB, &data, BYTES("x"), mac), KEY);
    struct key aes = test_key(KEY_AES128, KEY_USAGE_MAC, "2B7E151628AED2A6ABF7158809CF4F3C");
    assert_err(mac_generate(&crypto, MAC_CUP_ECB, &aes, BYTES("x"), mac), KEY);
    assert_err(mac_generate(&crypto, MAC_X9_19, &aes, BYTES("x"), mac), KEY);
    assert_err(mac_generate(&crypto, MAC_SM4_ECB, &aes, BYTES("x"), mac), KEY);
    struct key des = test_key(KEY_DES, KEY_USAGE_MAC, "0123456789ABCDEF");
    assert_err(mac_generate(&crypto, MAC_AES_CMAC, &des, BYTES("x"), mac), KEY);
    assert_err(mac_generate(&crypto, MAC_X9_19, &des, BYTES("x"), mac), KEY);
}

/*
 * S63: one bit changed, in the message or in the MAC, and it does not verify. The ECB MAC is 32
 * bits of hex, so a change of letter case there must be refused too.
 */
static void every_bit_counts(void **state)
{
    (void)state;
    static const struct {
        enum mac_algorithm mac;
        enum key_algorithm key;
        const char *value;
    } rows[] = {
        {MAC_CUP_ECB, KEY_TDES, "55036372B17543ECB173730768B8D6C4"},
        {MAC_CUP_ECB, KEY_DES, "49B5D02C317A86EF"},
        {MAC_X9_19, KEY_TDES, "0123456789ABCDEFFEDCBA9876543210"},
        {MAC_SM4_ECB, KEY_SM4, "0123456789ABCDEFFEDCBA9876543210"},
        {MAC_AES_CMAC, KEY_AES128, "2B7E151628AED2A6ABF7158809CF4F3C"},
        {MAC_AES_CMAC_8, KEY_AES128, "2B7E151628AED2A6ABF7158809CF4F3C"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct key key = test_key(rows[i].key, KEY_USAGE_MAC, rows[i].value);
        uint8_t data[203], mac[MAC_MAX];
        size_t len = mac_length(rows[i].mac);
        for (size_t k = 0; k < sizeof data; k++) data[k] = (uint8_t)(k * 11 + i);
        assert_ok(mac_generate(&crypto, rows[i].mac, &key, BYTES_OF(data), mac));
        for (size_t bit = 0; bit < 8 * sizeof data; bit++) {
            data[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_err(mac_verify(&crypto, rows[i].mac, &key, BYTES_OF(data), bytes_of(mac, len)),
                       MAC);
            data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        for (size_t bit = 0; bit < 8 * len; bit++) {
            mac[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_err(mac_verify(&crypto, rows[i].mac, &key, BYTES_OF(data), bytes_of(mac, len)),
                       MAC);
            mac[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        assert_err(mac_verify(&crypto, rows[i].mac, &key, BYTES_OF(data), bytes_of(mac, len - 1)),
                   MAC);
        assert_err(mac_verify(&crypto, rows[i].mac, &key, BYTES_OF(data), BYTES("")), MAC);
        assert_ok(mac_verify(&crypto, rows[i].mac, &key, BYTES_OF(data), bytes_of(mac, len)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cmac_vectors),           cmocka_unit_test(retail_vectors),
        cmocka_unit_test(published_ecb_mac),      cmocka_unit_test(retail_of_long_messages),
        cmocka_unit_test(session_macs),           cmocka_unit_test(sm4_mac),
        cmocka_unit_test(published_sm4_mac),      cmocka_unit_test(other_macs),
        cmocka_unit_test(wrong_keys_are_refused), cmocka_unit_test(every_bit_counts),
    };
    return cmocka_run_group_tests_name("crypto_mac", tests, open_crypto, close_crypto);
}
