/* SPDX-License-Identifier: Apache-2.0 */
/* PIN blocks. S61, S63. Vectors: pin_blocks, derived_sessions. */
#include "lib/crypto/pin.h"

#include "lib/crypto/cipher.h"
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

static struct pin pin_of(const char *digits)
{
    struct pin pin = {0};
    assert_ok(pin_from_digits(bytes_text(digits), &pin));
    return pin;
}

static void assert_pin(const struct pin *pin, const char *digits)
{
    assert_bytes(bytes_of(pin->digit, pin->len), bytes_text(digits));
}

/* S80 */
static void pins_have_four_to_twelve_digits(void **state)
{
    (void)state;
    struct pin pin;
    assert_err(pin_from_digits(BYTES("123"), &pin), LENGTH);
    assert_err(pin_from_digits(BYTES("1234567890123"), &pin), LENGTH);
    assert_err(pin_from_digits(BYTES("12a4"), &pin), DIGIT);
    assert_ok(pin_from_digits(BYTES("123456789012"), &pin));
}

static void check_format0(const json_t *row)
{
    struct bytes pan = bytes_text(text_at(row, "pan")), clear = hex_at(row, "clear");
    struct pin pin;
    if (json_is_true(json_object_get(row, "negative"))) {
        assert_err(pin_block_decode_clear(PIN_ISO0, clear, pan, &pin), FORMAT);
        return;
    }
    struct pin_block block;
    pin = pin_of(text_at(row, "pin"));
    assert_ok(pin_block_encode_clear(&crypto.random, PIN_ISO0, &pin, pan, &block));
    assert_bytes(bytes_of(block.at, block.len), clear);
    assert_ok(pin_block_decode_clear(PIN_ISO0, clear, pan, &pin));
    assert_pin(&pin, text_at(row, "pin"));
}

static void check_format3(const json_t *row)
{
    struct bytes pan = bytes_text(text_at(row, "pan"));
    struct pin pin = pin_of(text_at(row, "pin"));
    struct pin_block block, other;
    assert_ok(pin_block_encode_clear(&crypto.random, PIN_ISO3, &pin, pan, &block));
    assert_ok(pin_block_encode_clear(&crypto.random, PIN_ISO3, &pin, pan, &other));
    assert_memory_equal(block.at, hex_at(row, "clear_prefix").at, 2);
    assert_memory_not_equal(block.at, other.at, 8);
    assert_ok(pin_block_decode_clear(PIN_ISO3, bytes_of(block.at, 8), pan, &pin));
    assert_pin(&pin, text_at(row, "pin"));
}

static void check_format4(const json_t *row)
{
    static const char key_text[] = "AF8CB133A78F8DC2D1359F18527593FB";
    const char *encrypted =
        json_string_value(json_object_get(row, "encrypted_under_AF8CB133A78F8DC2D1359F18527593FB"));
    struct key key = test_key(KEY_AES128, KEY_USAGE_PIN, key_text);
    struct bytes pan = bytes_text(text_at(row, "pan"));
    /* A row without a PIN is about the PAN field: any PIN shows it. */
    const char *digits = json_string_value(json_object_get(row, "pin"));
    struct pin pin = pin_of(digits != NULL ? digits : "9876");
    struct bytes tail =
        encrypted != NULL ? hex_at(row, "pin_field_random_tail") : BYTES("tailtail");
    crypto.random = random_fixed(&tail);
    struct pin_block block;
    assert_ok(pin_block_encrypt(&crypto, &key, PIN_ISO4, &pin, pan, &block));
    if (encrypted != NULL) assert_bytes(bytes_of(block.at, 16), hex(encrypted));

    /* Undo the two steps with the file's PAN field: what is left is the PIN field. */
    uint8_t field[16];
    struct bytes pan_field = hex_at(row, "pan_field");
    assert_ok(cipher_ecb_decrypt(&crypto, &key, BYTES_OF(block.at), field));
    for (int i = 0; i < 16; i++) field[i] ^= pan_field.at[i];
    assert_ok(cipher_ecb_decrypt(&crypto, &key, BYTES_OF(field), field));
    if (digits != NULL) assert_memory_equal(field, hex_at(row, "pin_field_prefix").at, 8);
    assert_memory_equal(field + 8, tail.at, 8);
    struct pin back;
    assert_ok(pin_block_decrypt(&crypto, &key, PIN_ISO4, BYTES_OF(block.at), pan, &back));
    assert_bytes(bytes_of(back.digit, back.len), bytes_of(pin.digit, pin.len));
    crypto.random = random_system();
}

/* Formats 1 and 2 are not used on this wire: their rows are counted, so that nobody misses them. */
static void published_blocks(void **state)
{
    (void)state;
    json_t *json = vectors("keymgmt/pin_blocks.json");
    json_t *row;
    size_t i, seen[5] = {0};
    json_array_foreach(json_object_get(json, "vectors"), i, row)
    {
        json_int_t format = json_integer_value(json_object_get(row, "format"));
        assert_in_range(format, 0, 4);
        seen[format]++;
        if (format == 0) check_format0(row);
        if (format == 3) check_format3(row);
        if (format == 4) check_format4(row);
    }
    static const size_t expected[5] = {2, 1, 2, 1, 3};
    assert_memory_equal(seen, expected, sizeof seen);
    vector_file_end(json);
}

static void session_block(void **state)
{
    (void)state;
    json_t *json = vectors("iso8583_cup/derived_sessions.json");
    json_t *session;
    size_t s;
    assert_int_equal(json_array_size(json_object_get(json, "sessions")), 1);
    json_array_foreach(json_object_get(json, "sessions"), s, session)
    {
        struct key key = test_key(KEY_TDES, KEY_USAGE_PIN, text_at(session, "pik"));
        struct bytes pan = bytes_text(text_at(session, "pan"));
        struct pin pin = pin_of(text_at(session, "pin"));
        struct pin_block block;
        assert_ok(pin_block_encode_clear(&crypto.random, PIN_ISO0, &pin, pan, &block));
        assert_bytes(bytes_of(block.at, 8), hex_at(session, "pin_block_clear"));
        assert_ok(pin_block_encrypt(&crypto, &key, PIN_ISO0, &pin, pan, &block));
        assert_bytes(bytes_of(block.at, 8), hex_at(session, "pin_block_encrypted"));
        assert_ok(pin_block_decrypt(&crypto, &key, PIN_ISO0, bytes_of(block.at, 8), pan, &pin));
        assert_pin(&pin, text_at(session, "pin"));
    }
    vector_file_end(json);
}

static const enum key_algorithm algorithm_for[PIN_FORMATS] = {
    [PIN_ISO0] = KEY_TDES,   [PIN_ISO3] = KEY_TDES,     [PIN_ISO4] = KEY_AES128,
    [PIN_NO_PAN] = KEY_TDES, [PIN_SM4_SHORT] = KEY_SM4, [PIN_SM4_LONG] = KEY_SM4,
};

/* Every format, PIN length and PAN length there and back; every pair of formats translated. */
static void round_trips(void **state)
{
    (void)state;
    static const char digits[] = "6226098912345678901";
    for (enum pin_format f = 0; f < PIN_FORMATS; f++) {
        struct key key = {0};
        key_generate(&crypto, algorithm_for[f], KEY_USAGE_PIN, &key);
        for (size_t pin_len = 4; pin_len <= 12; pin_len++) {
            for (size_t pan_len = 1; pan_len <= 19; pan_len++) {
                struct bytes pan = bytes_of(digits + 19 - pan_len, pan_len);
                struct pin pin, back;
                struct pin_block block;
                assert_ok(pin_from_digits(bytes_of("907856341209", pin_len), &pin));
                assert_ok(pin_block_encrypt(&crypto, &key, f, &pin, pan, &block));
                assert_int_equal(block.len, pin_block_length(f));
                assert_ok(
                    pin_block_decrypt(&crypto, &key, f, bytes_of(block.at, block.len), pan, &back));
                assert_memory_equal(&pin, &back, sizeof pin);
            }
        }
    }
}

static void translations(void **state)
{
    (void)state;
    struct bytes pan = BYTES("6200000000000005");
    struct pin pin = pin_of("123456"), back;
    for (enum pin_format from = 0; from < PIN_FORMATS; from++) {
        for (enum pin_format to = 0; to < PIN_FORMATS; to++) {
            struct key from_key = {0}, to_key = {0};
            struct pin_block block, out;
            key_generate(&crypto, algorithm_for[from], KEY_USAGE_PIN, &from_key);
            key_generate(&crypto, algorithm_for[to], KEY_USAGE_ZONE_PIN, &to_key);
            assert_ok(pin_block_encrypt(&crypto, &from_key, from, &pin, pan, &block));
            assert_ok(pin_block_translate(&crypto, &from_key, from, bytes_of(block.at, block.len),
                                          &to_key, to, pan, &out));
            assert_ok(
                pin_block_decrypt(&crypto, &to_key, to, bytes_of(out.at, out.len), pan, &back));
            assert_pin(&back, "123456");
        }
    }
}

static void wrong_keys_and_cards_are_refused(void **state)
{
    (void)state;
    struct bytes pan = BYTES("6200000000000005"), other = BYTES("6200000000000104");
    struct pin pin = pin_of("123456"), back;
    struct pin_block block;
    struct key mac = test_key(KEY_TDES, KEY_USAGE_MAC, "0123456789ABCDEFFEDCBA9876543210");
    assert_err(pin_block_encrypt(&crypto, &mac, PIN_ISO0, &pin, pan, &block), KEY);
    struct key aes = test_key(KEY_AES128, KEY_USAGE_PIN, "0123456789ABCDEFFEDCBA9876543210");
    assert_err(pin_block_encrypt(&crypto, &aes, PIN_ISO0, &pin, pan, &block), KEY);
    struct key tdes = test_key(KEY_TDES, KEY_USAGE_PIN, "0123456789ABCDEFFEDCBA9876543210");
    assert_err(pin_block_encrypt(&crypto, &tdes, PIN_ISO4, &pin, pan, &block), KEY);
    assert_err(pin_block_encrypt(&crypto, &tdes, PIN_ISO0, &pin, BYTES("62000x"), &block), DIGIT);
    assert_err(pin_block_encrypt(&crypto, &tdes, PIN_ISO0, &pin, BYTES(""), &block), LENGTH);
    assert_err(
        pin_block_encrypt(&crypto, &tdes, PIN_ISO0, &pin, BYTES("12345678901234567890"), &block),
        LENGTH);
    assert_ok(pin_block_encrypt(&crypto, &aes, PIN_ISO4, &pin, pan, &block));
    assert_err(pin_block_decrypt(&crypto, &aes, PIN_ISO4, bytes_of(block.at, 15), pan, &back),
               LENGTH);
    assert_err(pin_block_decrypt(&crypto, &aes, PIN_ISO4, BYTES_OF(block.at), other, &back),
               FORMAT);
    /* A flipped bit makes sixteen random bytes: a PIN field comes out about once in 2^40. */
    for (size_t bit = 0; bit < 128; bit++) {
        block.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_err(pin_block_decrypt(&crypto, &aes, PIN_ISO4, BYTES_OF(block.at), pan, &back),
                   FORMAT);
        block.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pins_have_four_to_twelve_digits),
        cmocka_unit_test(published_blocks),
        cmocka_unit_test(session_block),
        cmocka_unit_test(round_trips),
        cmocka_unit_test(translations),
        cmocka_unit_test(wrong_keys_and_cards_are_refused),
    };
    return cmocka_run_group_tests_name("crypto_pin", tests, open_crypto, close_crypto);
}
