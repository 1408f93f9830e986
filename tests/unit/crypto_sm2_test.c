/* SPDX-License-Identifier: Apache-2.0 */
/* SM2, and SM4 in the modes that OpenSSL 3.0 has. S63. Vectors: sm2_sm3_sm4, whole. */
#include "lib/crypto/sm2.h"

#include "lib/crypto/cipher.h"
#include "lib/crypto/mac.h"
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

static struct sm2_pair pair_of(const json_t *row)
{
    struct sm2_pair pair = {.public_key = {4}};
    struct bytes public = hex_at(row, "pub");
    memcpy(pair.public_key + 1, public.at, 64);
    memcpy(pair.secret_key, hex_at(row, "d").at, 32);
    return pair;
}

static json_t *row_of(json_t *json, size_t i)
{
    return json_array_get(json_object_get(json, "sm2"), i);
}

/* GB/T 32918.5: the published signature verifies, ours does, and no changed bit of either. */
static void signatures(void **state)
{
    (void)state;
    json_t *json = vectors("sm/sm2_sm3_sm4.json"), *row = row_of(json, 1);
    struct sm2_pair pair = pair_of(row);
    struct bytes id = bytes_text(text_at(row, "id")), data = bytes_text(text_at(row, "msg"));
    uint8_t signature[2][SM2_SIGNATURE_BYTES];
    memcpy(signature[0], hex_at(row, "r").at, 32);
    memcpy(signature[0] + 32, hex_at(row, "s").at, 32);
    assert_ok(sm2_sign(&pair, id, data, signature[1]));
    for (int s = 0; s < 2; s++) {
        assert_ok(sm2_verify(pair.public_key, id, data, signature[s]));
        assert_err(sm2_verify(pair.public_key, BYTES("1234567812345679"), data, signature[s]), MAC);
        assert_err(sm2_verify(pair.public_key, id, BYTES("message digesT"), signature[s]), MAC);
        for (size_t bit = 0; bit < 8 * SM2_SIGNATURE_BYTES; bit += 7) {
            signature[s][bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_true(FAILED(sm2_verify(pair.public_key, id, data, signature[s])));
            signature[s][bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
    assert_err(sm2_sign(&pair, BYTES(""), data, signature[0]), LENGTH);
    pair.public_key[64] ^= 1;
    assert_err(sm2_verify(pair.public_key, id, data, signature[1]),
               KEY); /* no point of the curve */
    vector_file_end(json);
}

/* The example curve of GB/T 32918.2 and .4: its keys are no points of ours. */
static void another_curve_is_refused(void **state)
{
    (void)state;
    json_t *json = vectors("sm/sm2_sm3_sm4.json"), *row = row_of(json, 0);
    struct sm2_pair pair = pair_of(row);
    uint8_t signature[SM2_SIGNATURE_BYTES];
    memcpy(signature, hex_at(row, "r").at, 32);
    memcpy(signature + 32, hex_at(row, "s").at, 32);
    assert_err(sm2_verify(pair.public_key, bytes_text(text_at(row, "id")),
                          bytes_text(text_at(row, "msg")), signature),
               KEY);
    uint8_t out[256];
    struct writer w = writer_over(out, sizeof out);
    assert_err(sm2_encrypt(pair.public_key, BYTES("x"), &w), KEY);
    vector_file_end(json);
}

/* GB/T 32918.5: the published ciphertext opens, ours does; altered ones do not. */
static void encryption(void **state)
{
    (void)state;
    json_t *json = vectors("sm/sm2_sm3_sm4.json"), *row = row_of(json, 2);
    struct sm2_pair pair = pair_of(row_of(json, 1)); /* the same key */
    assert_string_equal(text_at(row, "d"), text_at(row_of(json, 1), "d"));
    uint8_t sealed[2048], plain[SM2_PLAIN_MAX];
    struct writer w = writer_over(sealed, sizeof sealed), p = writer_over(plain, sizeof plain);
    write_bytes(&w, hex_at(row, "C1"));
    write_bytes(&w, hex_at(row, "C3"));
    write_bytes(&w, hex_at(row, "C2"));
    assert_ok(sm2_decrypt(&pair, writer_view(&w), &p));
    assert_bytes(writer_view(&p), bytes_text(text_at(row, "msg")));
    for (size_t bit = 0; bit < 8 * w.len; bit += 5) {
        p = writer_over(plain, sizeof plain);
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_err(sm2_decrypt(&pair, writer_view(&w), &p), MAC);
        assert_int_equal(p.len, 0);
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_err(sm2_decrypt(&pair, bytes_of(sealed, SM2_OVERHEAD), &p), SHORT);
    vector_file_end(json);
}

/* Every length, with keys of our own: coordinates with leading zeros come by themselves. */
static void there_and_back(void **state)
{
    (void)state;
    struct sm2_pair pair;
    uint8_t text[SM2_PLAIN_MAX], sealed[SM2_OVERHEAD + SM2_PLAIN_MAX], plain[SM2_PLAIN_MAX];
    for (size_t i = 0; i < sizeof text; i++) text[i] = (uint8_t)i;
    assert_ok(sm2_generate(&pair));
    for (size_t len = 1; len <= sizeof text; len += len < 300 ? 1 : 181) {
        struct writer w = writer_over(sealed, sizeof sealed), p = writer_over(plain, sizeof plain);
        assert_ok(sm2_encrypt(pair.public_key, bytes_of(text, len), &w));
        assert_int_equal(w.len, len + SM2_OVERHEAD);
        assert_ok(sm2_decrypt(&pair, writer_view(&w), &p));
        assert_bytes(writer_view(&p), bytes_of(text, len));
    }
    struct writer w = writer_over(sealed, sizeof sealed);
    assert_err(sm2_encrypt(pair.public_key, BYTES(""), &w), LENGTH);
    w = writer_over(sealed, SM2_OVERHEAD);
    assert_err(sm2_encrypt(pair.public_key, BYTES("x"), &w), FULL);
}

/* SM4 in CBC, as a MAC: the published block split. CMAC and HMAC: their own second way. */
static void sm4_macs(void **state)
{
    (void)state;
    json_t *json = vectors("sm/sm2_sm3_sm4.json");
    json_t *row = json_array_get(json_object_get(json, "sm4_cbc_mac"), 0);
    struct key key = test_key(KEY_SM4, KEY_USAGE_MAC, text_at(row, "key"));
    struct bytes data = bytes_text(text_at(row, "data_ascii"));
    uint8_t mac[MAC_MAX], padded[64] = {0}, out[64];
    assert_ok(mac_generate(&crypto, MAC_SM4_CBC, &key, data, mac));
    assert_bytes(bytes_of(mac, 16), hex_at(row, "mac"));

    /* SP 800-38B by hand over SM4-CBC: subkey K2 for a message that is no whole block. */
    static const uint8_t zeros[16];
    uint8_t k[16];
    assert_ok(cipher_ecb_encrypt(&crypto, &key, BYTES_OF(zeros), k));
    for (int twice = 0; twice < 2; twice++) {
        uint8_t top = k[0] >> 7;
        for (int i = 0; i < 15; i++) k[i] = (uint8_t)(k[i] << 1 | k[i + 1] >> 7);
        k[15] = (uint8_t)(k[15] << 1 ^ (top ? 0x87 : 0));
    }
    memcpy(padded, data.at, data.len);
    padded[data.len] = 0x80;
    size_t len = (data.len / 16 + 1) * 16;
    for (int i = 0; i < 16; i++) padded[len - 16 + (size_t)i] ^= k[i];
    assert_ok(cipher_cbc_encrypt(&crypto, &key, zeros, bytes_of(padded, len), out));
    assert_ok(mac_generate(&crypto, MAC_SM4_CMAC, &key, data, mac));
    assert_bytes(bytes_of(mac, 16), bytes_of(out + len - 16, 16));
    assert_ok(cipher_cbc_decrypt(&crypto, &key, zeros, bytes_of(out, len), out));
    assert_same(out, padded, len);

    struct key pin = test_key(KEY_SM4, KEY_USAGE_PIN, text_at(row, "key"));
    assert_err(mac_generate(&crypto, MAC_SM4_CMAC, &pin, data, mac), KEY);
    struct key aes = test_key(KEY_AES128, KEY_USAGE_MAC, text_at(row, "key"));
    assert_err(mac_generate(&crypto, MAC_SM4_CBC, &aes, data, mac), KEY);
    vector_file_end(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures), cmocka_unit_test(another_curve_is_refused),
        cmocka_unit_test(encryption), cmocka_unit_test(there_and_back),
        cmocka_unit_test(sm4_macs),
    };
    return cmocka_run_group_tests_name("crypto_sm2", tests, open_crypto, close_crypto);
}
