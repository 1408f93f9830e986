/* SPDX-License-Identifier: Apache-2.0 */
/* Card data envelopes, tokens and key delivery. S60, S62. Vectors: mac_and_keys, derived_sessions.
 */
#include "lib/crypto/envelope.h"

#include "lib/crypto/cipher.h"
#include "lib/crypto/delivery.h"
#include "lib/crypto/token.h"
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

static const struct card_data swiped = {
    .pan = "6200000000000005",
    .expiry = "3012",
    .service_code = "220",
    .track2 = "6200000000000005=30122201000000000000",
};
static const struct card_data keyed = {.pan = "6200000000000005"};
static const struct card_data longest = {
    .pan = "6226098912345678901",
    .expiry = "3012",
    .service_code = "101",
    .track2 = "6226098912345678901=30121010000000000",
    .sequence = "001",
};

static void card_data_there_and_back(void **state)
{
    (void)state;
    const struct card_data *const cards[] = {&swiped, &keyed, &longest};
    for (size_t i = 0; i < ARRAY_LEN(cards); i++) {
        uint8_t block[CARD_PLAIN_MAX];
        struct writer w = writer_over(block, sizeof block);
        struct card_data back = {0};
        assert_ok(card_data_encode(cards[i], &w));
        assert_ok(card_data_decode(writer_view(&w), &back));
        assert_memory_equal(cards[i], &back, sizeof back);
        for (size_t len = 0; len < w.len; len++)
            assert_true(FAILED(card_data_decode(bytes_of(block, len), &back)));
    }
}

static void bad_card_data_is_refused(void **state)
{
    (void)state;
    static const struct {
        struct card_data card;
        enum err_code code;
    } rows[] = {
        {{.pan = ""}, ERR_LENGTH},
        {{.pan = "12345678901"}, ERR_LENGTH},
        {{.pan = "62000000000000x5"}, ERR_DIGIT},
        {{.pan = "6200000000000005", .expiry = "301"}, ERR_FORMAT},
        {{.pan = "6200000000000005", .expiry = "30 2"}, ERR_FORMAT},
        {{.pan = "6200000000000005", .service_code = "2x0"}, ERR_FORMAT},
        {{.pan = "6200000000000005", .sequence = "1"}, ERR_FORMAT},
        {{.pan = "6200000000000005", .track2 = "6200000000000104=3012"}, ERR_FORMAT},
        {{.pan = "6200000000000005", .track2 = "6200000000000005D3012"}, ERR_DIGIT},
        {{.pan = "6200000000000005", .track2 = "6200000000000005"}, ERR_FORMAT},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint8_t block[CARD_PLAIN_MAX];
        struct writer w = writer_over(block, sizeof block);
        err e = card_data_encode(&rows[i].card, &w);
        assert_string_equal(err_name(e), err_name((err){rows[i].code}));
    }
    struct card_data back;
    assert_err(card_data_decode(BYTES("\0206200000000000005 30 220\0   "), &back), FORMAT);
    assert_err(card_data_decode(BYTES("\020620000000000000\0003012220\0   "), &back), FORMAT);
    assert_err(card_data_decode(BYTES("\0246200000000000005    3012220\0   "), &back), LENGTH);
    assert_err(card_data_decode(BYTES("\0206200000000000005       \0   x"), &back), TRAILING);
}

static void an_envelope_opens_only_where_it_belongs(enum key_algorithm cipher)
{
    struct key key = {0}, other = {0};
    bool tagged = cipher != KEY_TDES; /* otherwise the MAC of its message covers it */
    key_generate(&crypto, cipher, KEY_USAGE_DATA, &key);
    key_generate(&crypto, cipher, KEY_USAGE_DATA, &other);
    struct bytes aad = BYTES("10000017|000012|000345|000000012800");
    uint8_t block[ENVELOPE_MAX], again[ENVELOPE_MAX];
    struct writer w = writer_over(block, sizeof block), w2 = writer_over(again, sizeof again);
    struct card_data back = {0};
    assert_ok(envelope_seal(&crypto, &key, aad, &longest, &w));
    assert_ok(envelope_seal(&crypto, &key, aad, &longest, &w2));
    assert_false(bytes_equal(writer_view(&w), writer_view(&w2)));
    assert_ok(envelope_open(&crypto, &key, aad, writer_view(&w), &back));
    assert_memory_equal(&longest, &back, sizeof back);

    struct bytes moved = BYTES("10000017|000012|000346|000000012800");
    assert_err(envelope_open(&crypto, &key, moved, writer_view(&w), &back), MAC);
    assert_err(envelope_open(&crypto, &other, aad, writer_view(&w), &back), MAC);
    other.usage = KEY_USAGE_MAC;
    assert_err(envelope_open(&crypto, &other, aad, writer_view(&w), &back), KEY);
    assert_err(envelope_seal(&crypto, &other, aad, &longest, &w2), KEY);
    for (size_t bit = 0; bit < 8 * w.len; bit++) {
        block[bit / 8] ^= (uint8_t)(1 << bit % 8);
        err opened = envelope_open(&crypto, &key, aad, writer_view(&w), &back);
        if (tagged) assert_true(FAILED(opened));
        block[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t len = 0; len < w.len; len++)
        assert_true(FAILED(envelope_open(&crypto, &key, aad, bytes_of(block, len), &back)));
    struct writer small = writer_over(again, 40);
    assert_err(envelope_seal(&crypto, &key, aad, &longest, &small), FULL);
    block[0] = 4;
    assert_err(envelope_open(&crypto, &key, aad, writer_view(&w), &back), NEWER);
}

static void envelopes_open_only_where_they_belong(void **state)
{
    (void)state;
    static const enum key_algorithm ciphers[] = {KEY_AES128, KEY_SM4, KEY_TDES};
    for (size_t i = 0; i < ARRAY_LEN(ciphers); i++)
        an_envelope_opens_only_where_it_belongs(ciphers[i]);
    struct key des = {.algorithm = KEY_DES, .usage = KEY_USAGE_DATA, .value.len = 8};
    uint8_t block[ENVELOPE_MAX];
    struct writer w = writer_over(block, sizeof block);
    assert_err(envelope_seal(&crypto, &des, BYTES(""), &swiped, &w), KEY);
}

/* The expected token was computed by another HMAC implementation. */
static void tokens(void **state)
{
    (void)state;
    struct key key = test_key(KEY_HMAC_SHA256, KEY_USAGE_TOKEN,
                              "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F");
    char token[TOKEN_CHARS], other[TOKEN_CHARS];
    assert_ok(token_of_pan(&crypto, &key, BYTES("6200000000000005"), token));
    assert_memory_equal(token, "a0ac86093a7065aa", TOKEN_CHARS);
    assert_ok(token_of_pan(&crypto, &key, BYTES("6200000000000104"), other));
    assert_memory_not_equal(token, other, TOKEN_CHARS);
    assert_err(token_of_pan(&crypto, &key, BYTES("62000000005"), token), LENGTH);
    assert_err(token_of_pan(&crypto, &key, BYTES("62000000x0000005"), token), DIGIT);
    key.usage = KEY_USAGE_MAC;
    assert_err(token_of_pan(&crypto, &key, BYTES("6200000000000005"), token), KEY);
}

/* The sign-in of the derived session: unwrap gives its keys, wrap gives its bytes. */
static void session_delivery(void **state)
{
    (void)state;
    json_t *json = vectors("iso8583_cup/derived_sessions.json");
    json_t *session;
    size_t s;
    json_array_foreach(json_object_get(json, "sessions"), s, session)
    {
        struct key tmk = test_key(KEY_TDES, KEY_USAGE_TERMINAL_MASTER, text_at(session, "tmk"));
        struct working_keys keys = {0};
        struct bytes f62 = hex_at(session, "f62");
        assert_ok(delivery_unwrap(&crypto, &tmk, f62, &keys));
        assert_bytes(secret_view(&keys.pin.value), hex_at(session, "pik"));
        assert_bytes(secret_view(&keys.mac.value), hex_at(session, "mak"));
        assert_bytes(secret_view(&keys.data.value), hex_at(session, "tdk"));
        assert_true(keys.has_data);
        assert_ok(key_check(&crypto, &keys.pin, hex_at(session, "pik_kcv")));
        assert_ok(key_check(&crypto, &keys.mac, hex_at(session, "mak_kcv")));
        assert_ok(key_check(&crypto, &keys.data, hex_at(session, "tdk_kcv")));
        uint8_t block[DELIVERY_MAX];
        struct writer w = writer_over(block, sizeof block);
        assert_ok(delivery_wrap(&crypto, &tmk, &keys, &w));
        assert_bytes(writer_view(&w), f62);
    }
    vector_file_end(json);
}

/* Protocol facts 1.9: eight bytes of the packed track, ending before its last, under the data key.
 */
static void session_track(void **state)
{
    (void)state;
    json_t *json = vectors("iso8583_cup/derived_sessions.json");
    json_t *session;
    size_t s;
    json_array_foreach(json_object_get(json, "sessions"), s, session)
    {
        struct key key = test_key(KEY_TDES, KEY_USAGE_DATA, text_at(session, "tdk"));
        const char *track = text_at(session, "track2");
        const char *encrypted = text_at(session, "track2_encrypted_with_tdk_3des");
        char packed[39], expected[39];
        assert_int_equal(strlen(track), 37);
        snprintf(packed, sizeof packed, "%s0", track);
        snprintf(expected, sizeof expected, "%s0", encrypted);
        uint8_t bytes[19];
        memcpy(bytes, hex(packed).at, sizeof bytes);
        assert_bytes(bytes_of(bytes + 10, 8), hex_at(session, "track2_tdb_clear"));
        assert_ok(cipher_ecb_encrypt(&crypto, &key, bytes_of(bytes + 10, 8), bytes + 10));
        assert_bytes(BYTES_OF(bytes), hex(expected));
    }
    vector_file_end(json);
}

/* A layout in the file's words: parts of so many bytes, "MAK8", each key followed by the check
 * value of the row's plain key of its length, and zeros. */
static void assert_layout(const json_t *row, const char *type, const char *member)
{
    const char *words = text_at(json_object_get(row, "layout"), type);
    uint8_t block[DELIVERY_WITH_DATA];
    struct bytes field = hex_at(row, member);
    assert_true(field.len <= sizeof block);
    memcpy(block, field.at, field.len);
    field.at = block;
    const char *check = NULL;
    size_t at = 0;
    while (*words != '\0') {
        char *end;
        struct bytes part = bytes_of(words, strcspn(words, "0123456789"));
        size_t len = strtoul(words + part.len, &end, 10);
        assert_in_range(len, 1, field.len - at);
        struct bytes here = bytes_of(field.at + at, len);
        at += len;
        words = end + strspn(end, " ");
        if (bytes_equal(part, BYTES("KCV"))) {
            assert_non_null(check);
            assert_bytes(here, hex_at(row, check));
        } else if (bytes_equal(part, BYTES("zero"))) {
            assert_bytes(here, hex("0000000000000000"));
        } else {
            assert_true(bytes_equal(part, BYTES("PIK")) || bytes_equal(part, BYTES("MAK")) ||
                        bytes_equal(part, BYTES("TDK")));
            check = len == 16 ? "pik_kcv" : "mak_kcv";
        }
    }
    assert_int_equal(at, field.len);
}

/* The published layouts, whose master key is not known: their lengths and check values hold. */
static void published_delivery(void **state)
{
    (void)state;
    json_t *json = vectors("iso8583_cup/mac_and_keys.json");
    json_t *row = json_array_get(json_object_get(json, "signin"), 0);
    struct key pin = test_key(KEY_TDES, KEY_USAGE_PIN, text_at(row, "pik_plain"));
    struct key mac = test_key(KEY_DES, KEY_USAGE_MAC, text_at(row, "mak_plain"));
    struct bytes f001 = hex_at(row, "f62_001"), f003 = hex_at(row, "f62_003");
    struct bytes f004 = hex_at(row, "f62_004");
    assert_int_equal(f001.len, DELIVERY_SINGLE);
    assert_int_equal(f003.len, DELIVERY_DOUBLE);
    assert_int_equal(f004.len, DELIVERY_WITH_DATA);
    assert_ok(key_check(&crypto, &mac, bytes_of(f001.at + 8, 4)));
    assert_ok(key_check(&crypto, &pin, bytes_of(f003.at + 16, 4)));
    assert_ok(key_check(&crypto, &mac, bytes_of(f003.at + 36, 4)));
    assert_ok(key_check(&crypto, &pin, bytes_of(f004.at + 56, 4)));
    /* One half of the PIN key is the MAC key, so its ciphertext stands in each layout again. */
    struct bytes once = bytes_of(f003.at, 8);
    assert_bytes(bytes_of(f001.at, 8), once);
    assert_bytes(bytes_of(f001.at + 8, 4), hex_at(row, "mak_kcv"));
    assert_bytes(bytes_of(f001.at + 12, 8), once);
    assert_bytes(bytes_of(f001.at + 20, 4), hex_at(row, "mak_kcv"));
    assert_bytes(bytes_of(f003.at + 20, 8), once);
    assert_bytes(bytes_of(f003.at + 28, 8), hex("0000000000000000"));
    assert_bytes(bytes_of(f004.at, 40), f003);
    assert_bytes(bytes_of(f004.at + 40, 20), bytes_of(f003.at, 20));
    assert_bytes(hex_at(row, "pik_kcv"), bytes_of(f003.at + 16, 4));
    assert_bytes(hex_at(row, "mak_kcv"), bytes_of(f003.at + 36, 4));
    assert_int_equal(json_object_size(json_object_get(row, "layout")), 3);
    assert_layout(row, "001", "f62_001");
    assert_layout(row, "003", "f62_003");
    assert_layout(row, "004", "f62_004");
    vector_file_end(json);
}

static const struct {
    enum key_algorithm master, pin, mac;
    bool with_data;
    size_t len;
} layouts[] = {
    {KEY_TDES, KEY_DES, KEY_DES, false, DELIVERY_SINGLE},
    {KEY_TDES, KEY_TDES, KEY_DES, false, DELIVERY_DOUBLE},
    {KEY_TDES, KEY_TDES, KEY_TDES, false, DELIVERY_DOUBLE},
    {KEY_TDES, KEY_TDES, KEY_DES, true, DELIVERY_WITH_DATA},
    {KEY_AES128, KEY_AES128, KEY_AES128, false, DELIVERY_DOUBLE},
    {KEY_AES128, KEY_AES128, KEY_AES128, true, DELIVERY_WITH_DATA},
    {KEY_SM4, KEY_SM4, KEY_SM4, true, DELIVERY_WITH_DATA},
};

static void deliveries_there_and_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(layouts); i++) {
        struct key master = {0}, other = {0};
        struct working_keys keys = {0}, back = {0};
        key_generate(&crypto, layouts[i].master, KEY_USAGE_TERMINAL_MASTER, &master);
        key_generate(&crypto, layouts[i].master, KEY_USAGE_TERMINAL_MASTER, &other);
        assert_ok(delivery_generate(&crypto, &master, layouts[i].pin, layouts[i].mac,
                                    layouts[i].with_data, &keys));
        uint8_t block[DELIVERY_MAX];
        struct writer w = writer_over(block, sizeof block);
        assert_ok(delivery_wrap(&crypto, &master, &keys, &w));
        assert_int_equal(w.len, layouts[i].len);
        assert_ok(delivery_unwrap(&crypto, &master, writer_view(&w), &back));
        assert_memory_equal(&keys, &back, sizeof keys);
        /* S62: another terminal's master key opens nothing. */
        assert_err(delivery_unwrap(&crypto, &other, writer_view(&w), &back), KCV);
        for (size_t bit = 0; bit < 8 * w.len; bit++) {
            if (layouts[i].len != DELIVERY_SINGLE && bit / 8 >= 28 && bit / 8 < 36 &&
                layouts[i].mac == KEY_DES)
                continue; /* the zeros behind a short MAC key: changed, it is a long one */
            block[bit / 8] ^= (uint8_t)(1 << bit % 8);
            err e = delivery_unwrap(&crypto, &master, writer_view(&w), &back);
            /* DES ignores parity bits: one flipped in a value decrypts to quite another key. */
            assert_err(e, KCV);
            block[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}

static void deliveries_that_do_not_fit(void **state)
{
    (void)state;
    struct key tdes = {0}, aes = {0}, pin = {0};
    struct working_keys keys = {0};
    uint8_t block[64] = {0};
    key_generate(&crypto, KEY_TDES, KEY_USAGE_TERMINAL_MASTER, &tdes);
    key_generate(&crypto, KEY_AES128, KEY_USAGE_TERMINAL_MASTER, &aes);
    key_generate(&crypto, KEY_TDES, KEY_USAGE_PIN, &pin);
    assert_err(delivery_generate(&crypto, &tdes, KEY_AES128, KEY_AES128, true, &keys), KEY);
    assert_err(delivery_generate(&crypto, &aes, KEY_TDES, KEY_TDES, false, &keys), KEY);
    assert_err(delivery_generate(&crypto, &tdes, KEY_DES, KEY_DES, true, &keys), KEY);
    assert_err(delivery_generate(&crypto, &pin, KEY_TDES, KEY_TDES, false, &keys), KEY);
    assert_err(delivery_unwrap(&crypto, &pin, bytes_of(block, 40), &keys), KEY);
    assert_err(delivery_unwrap(&crypto, &aes, bytes_of(block, 24), &keys), KEY);
    for (size_t len = 0; len <= sizeof block; len++)
        if (len != 24 && len != 40 && len != 60)
            assert_err(delivery_unwrap(&crypto, &tdes, bytes_of(block, len), &keys), LENGTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(card_data_there_and_back),
        cmocka_unit_test(bad_card_data_is_refused),
        cmocka_unit_test(envelopes_open_only_where_they_belong),
        cmocka_unit_test(tokens),
        cmocka_unit_test(session_delivery),
        cmocka_unit_test(session_track),
        cmocka_unit_test(published_delivery),
        cmocka_unit_test(deliveries_there_and_back),
        cmocka_unit_test(deliveries_that_do_not_fit),
    };
    return cmocka_run_group_tests_name("crypto_envelope", tests, open_crypto, close_crypto);
}
