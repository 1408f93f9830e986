/* SPDX-License-Identifier: Apache-2.0 */
/* TR-31 key blocks, versions A to E. DV-03, S62. Vectors: tr31_key_blocks, psec. */
#include "lib/crypto/keyblock.h"

#include "lib/crypto/keyblock_binding.h"
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

/* A protection key for a version, of 16, 24 or 32 bytes. */
static struct key protection_of(char version, struct bytes value)
{
    struct key key = {0};
    enum key_algorithm aes = value.len == 16   ? KEY_AES128
                             : value.len == 24 ? KEY_AES192
                                               : KEY_AES256;
    enum key_algorithm tdes = value.len == 16 ? KEY_TDES : KEY_TDES3;
    bool is_aes = version == 'D' || version == 'E' || value.len == 32;
    assert_ok(key_make(is_aes ? aes : tdes, KEY_USAGE_MASTER, value, &key));
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

static uint8_t value[KEYBLOCK_FOREIGN_KEY_MAX];

static err open_with(const struct key *protection, struct bytes block,
                     struct keyblock_header *ret_header, struct bytes *ret_value)
{
    size_t len = 0;
    err e = keyblock_open(&crypto, protection, block, ret_header, value, sizeof value, &len);
    *ret_value = bytes_of(value, len);
    return e;
}

/* The padding that a published block hides behind its key: with it a block can be made again. */
static struct bytes hidden_padding(const struct key *protection, const char *block, size_t head,
                                   size_t key_len)
{
    static uint8_t clear[KEYBLOCK_FOREIGN_MAX];
    const struct keyblock_binding *binding = keyblock_binding_of(block[0]);
    size_t chars = strlen(block) - 2u * binding->mac_len, len, mac_len;
    uint8_t mac[16];
    struct key encryption;
    assert_ok(hex_decode(bytes_of(block + head, chars - head), clear, sizeof clear, &len));
    assert_ok(hex_decode(bytes_text(block + chars), mac, sizeof mac, &mac_len));
    const uint8_t *iv = binding->variant ? (const uint8_t *)block : mac;
    assert_ok(keyblock_derive(&crypto, binding, protection, KEYBLOCK_ENCRYPTION, &encryption));
    assert_ok(
        keyblock_crypt(&crypto, binding, &encryption, iv, false, bytes_of(clear, len), clear));
    return bytes_of(clear + 2 + key_len, len - 2 - key_len);
}

/* With the file's padding for chance, and its length, the block is the file's to the character. */
static void check_made_again(const struct key *protection, const char *block,
                             const struct keyblock_header *header, struct bytes key)
{
    static uint8_t made[KEYBLOCK_FOREIGN_MAX];
    static const uint8_t none;
    size_t head = KEYBLOCK_HEADER_BYTES + header->optional.len;
    struct bytes padding = hidden_padding(protection, block, head, key.len);
    size_t unit = keyblock_binding_of(block[0])->unit, masked = key.len;
    while ((2 + masked + unit - 1) / unit * unit < 2 + key.len + padding.len) masked++;
    struct bytes fixed = padding.len > 0 ? padding : bytes_of(&none, 1);
    struct writer w = writer_over(made, sizeof made);
    crypto.random = random_fixed(&fixed);
    assert_ok(keyblock_make_masked(&crypto, protection, header, key, masked, &w));
    crypto.random = random_system();
    assert_bytes(writer_view(&w), bytes_text(block));
}

static bool optional_is(const struct keyblock_header *header, const char *id,
                        struct bytes *ret_data)
{
    struct reader r = reader_over(header->optional);
    for (unsigned i = 0; i < header->optional_count; i++) {
        struct keyblock_optional found = keyblock_read_optional(&r);
        if (memcmp(found.id, id, 2) != 0) continue;
        *ret_data = found.data;
        return true;
    }
    return false;
}

/* What the file says of an optional block: a serial number, a time, a check value behind the number
 * of its method (00: E of zeros; 01: CMAC). */
static void check_optional(const json_t *row, const char *prefix,
                           const struct keyblock_header *header)
{
    static const struct {
        const char *member, *id;
        size_t skip;
    } rows[] = {{"ksn_verify", "KS", 0},
                {"ts_verify", "TS", 0},
                {"kcv_verify", "KC", 2},
                {"kcv_kbpk_verify", "KP", 2}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char member[64];
        struct bytes data;
        snprintf(member, sizeof member, "%s%s", prefix, rows[i].member);
        const char *expected = json_string_value(json_object_get(row, member));
        if (expected == NULL) continue;
        if (!optional_is(header, rows[i].id, &data)) {
            assert_string_equal(rows[i].id, "KC"); /* the check value is of the key inside */
            continue;
        }
        assert_bytes(bytes_of(data.at + rows[i].skip, data.len - rows[i].skip),
                     bytes_text(expected));
    }
}

/* One block of the file opens to its key; made again with its padding it is the same, and made
 * again with other padding it opens to it again, and of that one each changed bit is noticed. */
static void check_block(const json_t *row, const char *block)
{
    struct key protection = protection_of(block[0], hex_at(row, "kbpk"));
    struct keyblock_header header, again;
    struct bytes opened;
    static uint8_t clear[KEYBLOCK_FOREIGN_KEY_MAX], made[KEYBLOCK_FOREIGN_MAX];
    assert_ok(open_with(&protection, bytes_text(block), &header, &opened));
    assert_bytes(opened, hex_at(row, "tr31_key_verify"));
    assert_memory_equal(header.usage, block + 5, 2);
    if (json_object_get(row, "tr31_kcv_verify") != NULL)
        assert_check_value(header.algorithm, opened, hex_at(row, "tr31_kcv_verify"));
    if (json_object_get(row, "kcv_kbpk_verify") != NULL)
        assert_check_value('A', hex_at(row, "kbpk"), hex_at(row, "kcv_kbpk_verify"));
    check_optional(row, "tr31_", &header);
    check_optional(row, "", &header);

    memcpy(clear, opened.at, opened.len);
    struct bytes key = bytes_of(clear, opened.len);
    check_made_again(&protection, block, &header, key);
    struct writer w = writer_over(made, sizeof made);
    assert_ok(keyblock_make(&crypto, &protection, &header, key, &w));
    assert_true(w.len <= strlen(block)); /* some hide their key's length behind more padding */
    size_t head = KEYBLOCK_HEADER_BYTES + header.optional.len;
    assert_memory_equal(made + 5, block + 5, head - 5);
    if (block[0] != 'E') /* which has no padding */
        assert_memory_not_equal(made + head, block + head, w.len - head);
    assert_ok(open_with(&protection, writer_view(&w), &again, &opened));
    assert_bytes(opened, key);
    size_t step = w.len > 500 ? 97 : 1; /* the RSA key is long enough for samples */
    for (size_t bit = 0; bit < 8 * w.len; bit += step) {
        made[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_true(FAILED(open_with(&protection, writer_view(&w), &again, &opened)));
        made[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

/* Every block of the file by what it is: A to E open; the one of a faulty standard is refused. */
static void published_blocks(void **state)
{
    (void)state;
    static const char *const members[] = {"tr31_ascii", "tr31_format_a", "tr31_format_b",
                                          "tr31_format_c"};
    json_t *json = vectors("keymgmt/tr31_key_blocks.json");
    const char *name;
    json_t *row;
    int opened[5] = {0}, invalid = 0;
    json_object_foreach(json_object_get(json, "decrypt"), name, row)
    {
        for (size_t i = 0; i < ARRAY_LEN(members); i++) {
            const char *block = json_string_value(json_object_get(row, members[i]));
            if (block == NULL) continue;
            struct key protection = protection_of(block[0], hex_at(row, "kbpk"));
            struct keyblock_header header;
            struct bytes none;
            if (json_object_get(row, "expect") != NULL) {
                /* Its header gives a length that it has not; with the right one the MAC is wrong.
                 */
                char mended[128];
                snprintf(mended, sizeof mended, "%c%04zu%s", block[0], strlen(block), block + 5);
                assert_err(open_with(&protection, bytes_text(block), &header, &none), FORMAT);
                assert_err(open_with(&protection, bytes_text(mended), &header, &none), MAC);
                /* The key that it does not hold, and that key's check value, go together. */
                assert_check_value(block[7], hex_at(row, "tr31_key_verify"),
                                   hex_at(row, "tr31_kcv_verify"));
                invalid++;
            } else {
                check_block(row, block);
                opened[block[0] - 'A']++;
            }
        }
    }
    assert_int_equal(opened[0], 1);
    assert_int_equal(opened[1], 3);
    assert_int_equal(opened[2], 2);
    assert_int_equal(opened[3], 3);
    assert_int_equal(opened[4], 1);
    assert_int_equal(invalid, 1);
    vector_file_end(json);
}

/* The keys that each version works out of a protection key. */
static void published_derivations(void **state)
{
    (void)state;
    json_t *root = vectors("keymgmt/tr31_key_blocks.json");
    json_t *json = json_object_get(root, "kbek_kbak_derivation");
    int checked = 0;
    for (int i = 1; i <= 8; i++) {
        char member[64];
        snprintf(member, sizeof member, "test%d_kbpk", i);
        struct bytes kbpk = hex_at(json, member);
        for (int variant = 0; variant < 2; variant++) {
            for (int purpose = 0; purpose < 2; purpose++) {
                snprintf(member, sizeof member, "test%d_kb%ck_%s_verify", i, "ea"[purpose],
                         variant ? "variant" : "derive");
                const json_t *expected = json_object_get(json, member);
                if (expected == NULL) continue;
                char version = variant ? 'C' : kbpk.len == 32 ? 'D' : 'B';
                if (i == 7) version = 'E'; /* ISO 20038: AES-CTR */
                struct key protection = protection_of(version, kbpk), key;
                assert_ok(keyblock_derive(&crypto, keyblock_binding_of(version), &protection,
                                          (enum keyblock_purpose)purpose, &key));
                assert_bytes(secret_view(&key.value), hex_at(json, member));
                checked++;
            }
        }
    }
    assert_int_equal(checked, 18);
    vector_file_end(root);
}

/* A block that another implementation made, hiding its key's length: opened, and made again. */
static void another_makers_block(void **state)
{
    (void)state;
    json_t *json = vectors("keymgmt/psec_pin_cvv_pvv_pinblock.json");
    json_t *functions = json_object_get(json, "functions");
    json_t *row = json_array_get(json_object_get(functions, "tr31.unwrap"), 0);
    json_t *wrapped = json_array_get(json_object_get(functions, "tr31.wrap"), 0);
    json_t *args = json_object_get(row, "args"), *made = json_object_get(wrapped, "args");
    struct key protection = protection_of('B', hex_at(args, "kbpk"));
    struct keyblock_header header, given;
    struct bytes opened;
    const char *block = text_at(args, "key_block");
    assert_int_equal(json_array_size(json_object_get(functions, "tr31.unwrap")), 1);
    assert_int_equal(json_array_size(json_object_get(functions, "tr31.wrap")), 1);
    assert_ok(open_with(&protection, bytes_text(block), &header, &opened));
    assert_bytes(opened, hex(json_string_value(json_array_get(json_object_get(row, "result"), 1))));

    static uint8_t clear[64];
    assert_bytes(opened, hex_at(made, "key"));
    memcpy(clear, opened.at, opened.len);
    protection = protection_of('B', hex_at(made, "kbpk"));
    assert_string_equal(text_at(wrapped, "result"), block);
    check_made_again(&protection, block, &header, bytes_of(clear, opened.len));
    char own_length[32]; /* the header is given with its block's length */
    snprintf(own_length, sizeof own_length, "%s", text_at(made, "header"));
    assert_memory_equal(own_length, block, KEYBLOCK_HEADER_BYTES);
    assert_err(keyblock_read_header(bytes_text(own_length), &given), FORMAT);
    vector_file_end(json);
}

/* The length may be hidden in all versions that pad; shorter than the key is no length. */
static void hidden_length(void **state)
{
    (void)state;
    struct key protection = protection_of('D', hex("88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C0"
                                                   "1058FA79F44657DE6"));
    struct keyblock_header header = {'D', {'P', '0'}, 'T', 'E', {'0', '0'}, 'N', 0, {0}}, back;
    static const uint8_t key[16] = {1, 2, 3};
    struct bytes opened;
    uint8_t out[256];
    size_t len[2];
    for (size_t i = 0; i < 2; i++) {
        struct writer w = writer_over(out, sizeof out);
        assert_ok(keyblock_make_masked(&crypto, &protection, &header, BYTES_OF(key),
                                       i == 0 ? 16 : 32, &w));
        assert_ok(open_with(&protection, writer_view(&w), &back, &opened));
        assert_bytes(opened, BYTES_OF(key));
        len[i] = w.len;
    }
    assert_int_equal(len[1] - len[0], 32);
    struct writer w = writer_over(out, sizeof out);
    assert_err(keyblock_make_masked(&crypto, &protection, &header, BYTES_OF(key), 15, &w), LENGTH);
}

/* Each version made with optional blocks that need padding, and with protection keys it has not. */
static void made_blocks(void **state)
{
    (void)state;
    static const struct {
        char version;
        enum key_algorithm protection;
        bool fits;
    } rows[] = {{'A', KEY_TDES, true},    {'B', KEY_TDES3, true},  {'C', KEY_TDES3, true},
                {'D', KEY_AES192, true},  {'E', KEY_AES192, true}, {'A', KEY_DES, false},
                {'B', KEY_AES128, false}, {'D', KEY_TDES, false},  {'C', KEY_SM4, false},
                {'D', KEY_SM4, false}};
    static const uint8_t key[21] = {1, 2, 3};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint8_t out[512];
        struct writer w = writer_over(out, sizeof out);
        struct key protection = {0};
        key_generate(&crypto, rows[i].protection, KEY_USAGE_ZONE_MASTER, &protection);
        struct keyblock_header header = {
            rows[i].version, {'P', '0'}, 'T', 'E',
            {'1', '2'},      'S',        1,   BYTES("KS1800604B120F9292800000")};
        struct keyblock_header back;
        struct bytes opened;
        err made = keyblock_make(&crypto, &protection, &header, BYTES_OF(key), &w);
        if (!rows[i].fits) {
            assert_err(made, KEY);
            assert_int_equal(w.len, 0);
            continue;
        }
        assert_ok(made);
        assert_ok(open_with(&protection, writer_view(&w), &back, &opened));
        assert_bytes(opened, BYTES_OF(key));
        bool padded = rows[i].version == 'D'; /* 16 + 24 are whole blocks of eight only */
        assert_int_equal(back.optional_count, padded ? 2 : 1);
        assert_int_equal(back.optional.len, padded ? 32 : 24);
        protection.value.at[0] ^= 2;
        assert_err(open_with(&protection, writer_view(&w), &back, &opened), MAC);
        protection.usage = KEY_USAGE_PIN;
        assert_err(open_with(&protection, writer_view(&w), &back, &opened), KEY);
    }
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
        char prefix[16];
        snprintf(prefix, sizeof prefix, "%.6s", name); /* test1_ */
        check_optional(json_object_get(json, "decode_only"), prefix, &header);
        count++;
    }
    assert_int_equal(count, 4);
    vector_file_end(json);
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
    {KEY_USAGE_INITIAL, KEY_AES128, "D0112B1AX00N0000"},
    {KEY_USAGE_CARD_VERIFICATION, KEY_TDES, "D0112C0TC00N0000"},
    {KEY_USAGE_PVV, KEY_TDES, "D0112V2TC00N0000"},
    {KEY_USAGE_IBM3624, KEY_TDES, "D0112V1TC00N0000"},
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
        cmocka_unit_test(published_blocks),
        cmocka_unit_test(published_headers),
        cmocka_unit_test(published_derivations),
        cmocka_unit_test(another_makers_block),
        cmocka_unit_test(hidden_length),
        cmocka_unit_test(made_blocks),
        cmocka_unit_test(own_keys_there_and_back),
        cmocka_unit_test(one_changed_bit_is_refused),
        cmocka_unit_test(usage_cannot_be_rewritten),
        cmocka_unit_test(what_is_no_block_is_refused),
    };
    return cmocka_run_group_tests_name("crypto_keyblock", tests, open_crypto, close_crypto);
}
