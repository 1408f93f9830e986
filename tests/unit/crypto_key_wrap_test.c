/* SPDX-License-Identifier: Apache-2.0 */
/* AES key wrap: the examples of RFC 3394, 4 and RFC 5649, 6, and what is refused. Wycheproof's
 * cases are in crypto_wycheproof_test. S62, S63. */
#include "lib/crypto/key_wrap.h"

#include "tests/unit/crypto_vectors.h"

static const struct {
    enum key_wrap_form form;
    enum key_algorithm algorithm;
    const char *kek, *value, *wrapped;
} examples[] = {
    {KEY_WRAP_PLAIN, KEY_AES128, "000102030405060708090A0B0C0D0E0F",
     "00112233445566778899AABBCCDDEEFF", "1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5"},
    {KEY_WRAP_PLAIN, KEY_AES256, "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F",
     "00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F",
     "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21"},
    {KEY_WRAP_PADDED, KEY_AES192, "5840DF6E29B02AF1AB493B705BF16EA1AE8338F4DCC176A8",
     "C37B7E6492584340BED12207808941155068F738",
     "138BDEAA9B8FA7FC61F97742E72248EE5AE6AE5360D1AE6A5F54F373FA543B6A"},
    {KEY_WRAP_PADDED, KEY_AES192, "5840DF6E29B02AF1AB493B705BF16EA1AE8338F4DCC176A8",
     "466F7250617369", "AFBEB0F07DFBF5419200F2CCB50BB24F"},
};

static void published_examples(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
        struct key kek = test_key(examples[i].algorithm, KEY_USAGE_ZONE_MASTER, examples[i].kek);
        uint8_t out[64], value[64];
        size_t len = 0;
        struct writer w = writer_over(out, sizeof out);
        assert_ok(key_wrap(examples[i].form, &kek, hex(examples[i].value), &w));
        assert_bytes(writer_view(&w), hex(examples[i].wrapped));
        assert_ok(key_unwrap(examples[i].form, &kek, writer_view(&w), value, sizeof value, &len));
        assert_bytes(bytes_of(value, len), hex(examples[i].value));
        for (size_t bit = 0; bit < 8 * w.len; bit++) {
            out[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_err(
                key_unwrap(examples[i].form, &kek, writer_view(&w), value, sizeof value, &len),
                MAC);
            out[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        enum key_wrap_form other =
            examples[i].form == KEY_WRAP_PLAIN ? KEY_WRAP_PADDED : KEY_WRAP_PLAIN;
        assert_true(FAILED(key_unwrap(other, &kek, writer_view(&w), value, sizeof value, &len)));
    }
}

static void refusals(void **state)
{
    (void)state;
    struct key kek = test_key(KEY_AES128, KEY_USAGE_ZONE_MASTER, examples[0].kek);
    struct bytes wrapped = hex(examples[0].wrapped);
    uint8_t out[64], value[KEY_WRAP_VALUE_MAX + 8] = {0};
    size_t len = 77;
    struct writer w = writer_over(out, sizeof out);
    static const size_t no_length[] = {0, 8, 17, KEY_WRAP_VALUE_MAX + 8};
    for (size_t i = 0; i < ARRAY_LEN(no_length); i++)
        assert_err(key_wrap(KEY_WRAP_PLAIN, &kek, bytes_of(value, no_length[i]), &w), LENGTH);
    assert_err(key_wrap(KEY_WRAP_PADDED, &kek, bytes_of(value, 0), &w), LENGTH);
    assert_err(key_wrap(KEY_WRAP_PADDED, &kek, BYTES_OF(value), &w), LENGTH);
    assert_err(key_wrap(KEY_WRAP_PLAIN, &kek, bytes_of(value, 64), &w), FULL);
    assert_int_equal(w.len, 0);
    for (size_t cut = 0; cut < wrapped.len; cut++)
        assert_true(
            FAILED(key_unwrap(KEY_WRAP_PLAIN, &kek, bytes_of(wrapped.at, cut), value, 64, &len)));
    assert_err(key_unwrap(KEY_WRAP_PLAIN, &kek, wrapped, value, 15, &len), LENGTH);
    assert_int_equal(len, 77);
    assert_int_equal(value[0], 0);
    kek.usage = KEY_USAGE_PIN; /* a PIN key wraps nothing */
    assert_err(key_wrap(KEY_WRAP_PLAIN, &kek, bytes_of(value, 16), &w), KEY);
    assert_err(key_unwrap(KEY_WRAP_PLAIN, &kek, wrapped, value, 64, &len), KEY);
    struct key tdes = test_key(KEY_TDES, KEY_USAGE_ZONE_MASTER, examples[0].kek);
    assert_err(key_wrap(KEY_WRAP_PLAIN, &tdes, bytes_of(value, 16), &w), KEY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_examples),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests_name("crypto_key_wrap", tests, NULL, NULL);
}
