/* SPDX-License-Identifier: Apache-2.0 */
/* TR-31 key blocks, version D. DV-03, S62. Vectors: tr31_key_blocks. */
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

/* A protection key of 16, 24 or 32 bytes. */
static struct key protection_of(struct bytes value)
{
    struct key key = {0};
    enum key_algorithm a = value.len == 16 ? KEY_AES128 : value.len == 24 ? KEY_AES192 : KEY_AES256;
    assert_ok(key_make(a, KEY_USAGE_MASTER, value, &key));
    return key;
}

/* The check value that the file gives: of a TDES key E(0), of an AES key CMAC of one zero block. */
static void assert_check_value(char algorithm, struct bytes value, struct bytes expected)
{
    static const uint8_t zeros[16];
    uint8_t out[32];
    if (algorithm == 'T') {
        struct key key = {0};
        assert_int_equal(value.len, 16);
        assert_ok(key_make(KEY_TDES, KEY_USAGE_BASE_DERIVATION, value, &key));
        assert_ok(key_check_value(&crypto, &key, out));
    } else {
        assert_int_equal(algorithm, 'A');
        assert_int_equal(value.len, 16);
        assert_ok(keyed_mac(&crypto, CRYPTO_CMAC_AES128, value, BYTES_OF(zeros), out));
    }
    assert_bytes(bytes_of(out, expected.len), expected);
}

/* Every block of the file: version D opens to its key, all others are named as another version. */
static void published_blocks(void **state)
{
    (void)state;
    json_t *json = vectors("keymgmt/tr31_key_blocks.json");
    const char *name;
    json_t *row;
    int opened = 0, others = 0;
    json_object_foreach(json_object_get(json, "decrypt"), name, row)
    {
        const char *block = json_string_value(json_object_get(row, "tr31_ascii"));
        if (block == NULL || block[0] != 'D') {
            others++;
            continue;
        }
        struct key protection = protection_of(hex_at(row, "kbpk"));
        static uint8_t value[KEYBLOCK_FOREIGN_KEY_MAX];
        struct keyblock_header header;
        size_t len;
        assert_ok(keyblock_open(&crypto, &protection, bytes_text(block), &header, value,
                                sizeof value, &len));
        assert_bytes(bytes_of(value, len), hex_at(row, "tr31_key_verify"));
        assert_memory_equal(header.usage, block + 5, 2);
        if (json_object_get(row, "tr31_kcv_verify") != NULL)
            assert_check_value(header.algorithm, bytes_of(value, len),
                               hex_at(row, "tr31_kcv_verify"));
        opened++;
    }
    print_message("%d version D blocks opened, %d rows of other versions\n", opened, others);
    assert_int_equal(opened, 3);
    assert_int_equal(others, 6);
    json_decref(json);
}

/* Version D blocks of which only the header is known. */
static void published_headers(void **state)
{
    (void)state;
    json_t *json = vectors("keymgmt/tr31_key_blocks.json");
    const char *name;
    json_t *text;
    int count = 0;
    json_object_foreach(json_object_get(json, "decode_only"), name, text)
    {
        if (strstr(name, "_ascii") == NULL) continue;
        struct keyblock_header header;
        const char *block = json_string_value(text);
        assert_ok(keyblock_read_header(bytes_text(block), &header));
        assert_int_equal(header.version, block[0]);
        assert_memory_equal(header.usage, block + 5, 2);
        assert_int_equal(header.algorithm, block[7]);
        count++;
    }
    assert_int_equal(count, 4);
    json_decref(json);
}

static const struct {
    enum key_usage usage;
    enum key_algorithm algorithm;
    const char *start;
} own_blocks[] = {
    {KEY_USAGE_TERMINAL_MASTER, KEY_TDES, "D0112K0TB00N0000"},
    {KEY_USAGE_TERMINAL_MASTER, KEY_AES128, "D0112K0AB00N0000"},
    {KEY_USAGE_TERMINAL_MASTER, KEY_SM4, "D0112K04B00N0000"},
    {KEY_USAGE_PIN, KEY_TDES, "D0112P0TB00N0000"},
    {KEY_USAGE_PIN, KEY_AES128, "D0112P0AB00N0000"},
    {KEY_USAGE_MAC, KEY_DES, "D0080M3DC00N0000"},
    {KEY_USAGE_MAC, KEY_TDES, "D0112M3TC00N0000"},
    {KEY_USAGE_MAC, KEY_AES128, "D0112M6AC00N0000"},
    {KEY_USAGE_DATA, KEY_AES128, "D0112D0AB00N0000"},
    {KEY_USAGE_ZONE_MASTER, KEY_AES256, "D0160K0AB00N01001010ZONE--------"},
    {KEY_USAGE_ZONE_PIN, KEY_AES128, "D0128P0AB00N01001010ZONE--------"},
    {KEY_USAGE_ZONE_MAC, KEY_AES128, "D0128M6AC00N01001010ZONE--------"},
    {KEY_USAGE_ZONE_DATA, KEY_AES128, "D0128D0AB00N01001010ZONE--------"},
    {KEY_USAGE_TOKEN, KEY_HMAC_SHA256, "D0160M7HC00N0200HM0621PB0A000000"},
    {KEY_USAGE_RECOVERY, KEY_HMAC_SHA256, "D0176M7HC00N03001010RECOVERY----HM0621PB0A000000"},
    {KEY_USAGE_PEPPER, KEY_HMAC_SHA256, "D0176M7HC00N03001010PEPPER------HM0621PB0A000000"},
    {KEY_USAGE_BASE_DERIVATION, KEY_AES128, "D0112B0AX00N0000"},
    {KEY_USAGE_BASE_DERIVATION, KEY_TDES3, "D0112B0TX00N0000"},
};

static struct bytes wrap(const struct key *protection, const struct key *key, uint8_t *out)
{
    struct writer w = writer_over(out, KEYBLOCK_MAX);
    assert_ok(keyblock_wrap(&crypto, protection, key, &w));
    return writer_view(&w);
}

static void own_keys_there_and_back(void **state)
{
    (void)state;
    struct key protection = {0};
    key_generate(&crypto, KEY_AES256, KEY_USAGE_MASTER, &protection);
    for (size_t i = 0; i < ARRAY_LEN(own_blocks); i++) {
        struct key key = {0}, back = {0};
        uint8_t out[KEYBLOCK_MAX], again[KEYBLOCK_MAX];
        key_generate(&crypto, own_blocks[i].algorithm, own_blocks[i].usage, &key);
        struct bytes block = wrap(&protection, &key, out);
        assert_memory_equal(block.at, own_blocks[i].start, strlen(own_blocks[i].start));
        assert_ok(keyblock_unwrap(&crypto, &protection, block, &back));
        assert_memory_equal(&key, &back, sizeof key);
        /* The padding is random, so equal keys do not show. */
        struct bytes second = wrap(&protection, &key, again);
        assert_false(bytes_equal(block, second));
    }
}

/* DV-03: every character of a block, and every bit of it, changed. */
static void one_changed_bit_is_refused(void **state)
{
    (void)state;
    struct key protection = {0}, key = {0}, back = {0};
    key_generate(&crypto, KEY_AES256, KEY_USAGE_MASTER, &protection);
    for (size_t row = 0; row < ARRAY_LEN(own_blocks); row++) {
        uint8_t out[KEYBLOCK_MAX];
        key_generate(&crypto, own_blocks[row].algorithm, own_blocks[row].usage, &key);
        struct bytes block = wrap(&protection, &key, out);
        for (size_t bit = 0; bit < 8 * block.len; bit++) {
            out[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_true(FAILED(keyblock_unwrap(&crypto, &protection, block, &back)));
            out[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        for (size_t len = 0; len < block.len; len++)
            assert_true(FAILED(keyblock_unwrap(&crypto, &protection, bytes_of(out, len), &back)));
        assert_ok(keyblock_unwrap(&crypto, &protection, block, &back));
    }
}

/* A header that says another use does not open, although it reads well. */
static void usage_cannot_be_rewritten(void **state)
{
    (void)state;
    struct key protection = {0}, key = {0}, back = {0};
    uint8_t out[KEYBLOCK_MAX];
    key_generate(&crypto, KEY_AES256, KEY_USAGE_MASTER, &protection);
    key_generate(&crypto, KEY_AES128, KEY_USAGE_PIN, &key);
    struct bytes block = wrap(&protection, &key, out);
    memcpy(out + 5, "D0", 2);
    assert_err(keyblock_unwrap(&crypto, &protection, block, &back), MAC);
    memcpy(out + 5, "P0", 2);
    assert_ok(keyblock_unwrap(&crypto, &protection, block, &back));
    key_generate(&crypto, KEY_AES256, KEY_USAGE_MASTER, &protection);
    assert_err(keyblock_unwrap(&crypto, &protection, block, &back), MAC);
}

static void what_is_no_block_is_refused(void **state)
{
    (void)state;
    struct key protection = {0}, key = {0};
    key_generate(&crypto, KEY_AES256, KEY_USAGE_MASTER, &protection);
    static const struct {
        const char *block;
        enum err_code code;
    } rows[] = {
        {"", ERR_SHORT},
        {"D0016P0AB00N0000", ERR_SHORT},
        {"D0017P0AB00N0000", ERR_FORMAT},
        {"B0080P0TE00E000094B420079CC80BA3461F86FE26EFC4A3B8E4FA4C5F5341176EED7B727B8A248E",
         ERR_UNSUPPORTED},
        {"D00x6P0AB00N0000", ERR_FORMAT},
        {"D0024P0AB00N01001000100z", ERR_FORMAT}, /* an optional block of length nothing */
        {"D0024P0AB00N01001003ABCD", ERR_FORMAT}, /* of a length below its own header */
        {"D0024P0AB00N010010FFABCD", ERR_SHORT},  /* of a length beyond the block */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        err e = keyblock_unwrap(&crypto, &protection, bytes_text(rows[i].block), &key);
        assert_string_equal(err_name(e), err_name((err){rows[i].code}));
    }
    struct key token = {0};
    uint8_t out[KEYBLOCK_MAX];
    struct writer w = writer_over(out, sizeof out);
    assert_err(keyblock_wrap(&crypto, &protection, &protection, &w), KEY); /* never the master */
    key_generate(&crypto, KEY_AES128, KEY_USAGE_TOKEN, &token);
    assert_err(keyblock_wrap(&crypto, &protection, &token, &w), KEY);
    key_generate(&crypto, KEY_AES128, KEY_USAGE_PIN, &token);
    assert_err(keyblock_wrap(&crypto, &token, &token, &w), KEY);
    w = writer_over(out, 100);
    assert_err(keyblock_wrap(&crypto, &protection, &token, &w), FULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_blocks),          cmocka_unit_test(published_headers),
        cmocka_unit_test(own_keys_there_and_back),   cmocka_unit_test(one_changed_bit_is_refused),
        cmocka_unit_test(usage_cannot_be_rewritten), cmocka_unit_test(what_is_no_block_is_refused),
    };
    return cmocka_run_group_tests_name("crypto_keyblock", tests, open_crypto, close_crypto);
}
