/* SPDX-License-Identifier: Apache-2.0 */
/* DUKPT, both forms, host and device. DV-04, S62, S63. Vectors: dukpt_tdes, dukpt_aes. */
#include "lib/crypto/cipher.h"
#include "lib/crypto/dukpt_aes.h"
#include "lib/crypto/dukpt_tdes.h"
#include "lib/crypto/keyed_mac.h"
#include "lib/crypto/mac.h"
#include "lib/crypto/pin.h"
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

static void assert_key(const struct key *key, enum key_usage usage, struct bytes value)
{
    assert_int_equal(key->usage, usage);
    assert_bytes(secret_view(&key->value), value);
}

/* The first four bytes of the retail MAC, and the whole CMAC, that a row gives for a MAC key. */
static void assert_macs(const struct key *key, struct bytes data, struct bytes retail,
                        struct bytes cmac)
{
    uint8_t mac[32];
    assert_ok(mac_generate(&crypto, MAC_X9_19, key, data, mac));
    assert_bytes(bytes_of(mac, retail.len), retail);
    assert_ok(keyed_mac(&crypto, CRYPTO_CMAC_TDES, secret_view(&key->value), data, mac));
    assert_bytes(bytes_of(mac, 8), cmac);
}

/* Everything that the TDES file says of one transaction, of keys from whichever side. */
static void assert_tdes_row(const json_t *json, const json_t *row,
                            const struct dukpt_tdes_transaction *t)
{
    struct pin pin, back;
    struct pin_block block;
    struct bytes pan = bytes_text(text_at(json, "pan"));
    struct bytes data = bytes_text(text_at(json, "mac_and_data_input_ascii"));
    assert_ok(pin_from_digits(bytes_text(text_at(json, "pin")), &pin));
    assert_ok(pin_block_encrypt(&crypto, &t->pin, PIN_ISO0, &pin, pan, &block));
    assert_bytes(bytes_of(block.at, block.len), hex_at(row, "encrypted_pinblock"));
    assert_ok(pin_block_decrypt(&crypto, &t->pin, PIN_ISO0, hex_at(row, "encrypted_pinblock"), pan,
                                &back));
    assert_int_equal(back.len, 4);

    assert_macs(&t->mac_request, data, hex_at(row, "mac_request"), hex_at(row, "cmac_request"));
    assert_macs(&t->mac_response, data, hex_at(row, "mac_response"), hex_at(row, "cmac_response"));

    static const uint8_t iv[8];
    uint8_t padded[24] = {0}, out[24];
    memcpy(padded, data.at, data.len);
    assert_ok(cipher_cbc_encrypt(&crypto, &t->data_request, iv, BYTES_OF(padded), out));
    assert_bytes(BYTES_OF(out), hex_at(row, "encrypted_request_data"));
}

/* The key of one purpose as the file's words have it: "VARIANT x2", each half of the transaction
 * key changed by it, and where there are more words the result encrypted under itself. */
static void assert_variant(const char *words, struct bytes transaction, const struct key *got)
{
    enum { DIGITS = 16, PLAIN = DIGITS + 3 };
    struct key made = {0};
    uint8_t variant[8], out[16];
    size_t len;
    assert_ok(hex_decode(bytes_of(words, DIGITS), variant, sizeof variant, &len));
    assert_memory_equal(words + DIGITS, " x2", 3);
    assert_ok(key_make(KEY_TDES, KEY_USAGE_DATA, transaction, &made));
    for (size_t i = 0; i < 16; i++) made.value.at[i] ^= variant[i % 8];
    memcpy(out, made.value.at, sizeof out);
    if (words[PLAIN] != '\0') {
        assert_int_equal(got->usage, KEY_USAGE_DATA);
        assert_ok(cipher_ecb_encrypt(&crypto, &made, secret_view(&made.value), out));
    }
    assert_bytes(secret_view(&got->value), BYTES_OF(out));
}

static void assert_variants(const json_t *json, const json_t *row,
                            const struct dukpt_tdes_transaction *t)
{
    const json_t *words = json_object_get(json, "key_variants");
    struct bytes transaction = hex_at(row, "txn_key");
    assert_int_equal(json_object_size(words), 5);
    assert_variant(text_at(words, "pin"), transaction, &t->pin);
    assert_variant(text_at(words, "mac_request"), transaction, &t->mac_request);
    assert_variant(text_at(words, "mac_response"), transaction, &t->mac_response);
    assert_variant(text_at(words, "data_request"), transaction, &t->data_request);
    assert_variant(text_at(words, "data_response"), transaction, &t->data_response);
    assert_int_equal(t->pin.usage, KEY_USAGE_PIN);
    assert_int_equal(t->data_response.usage, KEY_USAGE_DATA);
}

static void derive_all(const struct key *base, const uint8_t *ksn, struct dukpt_tdes_transaction *t)
{
    memcpy(t->ksn, ksn, sizeof t->ksn);
    assert_ok(dukpt_tdes_derive(&crypto, base, ksn, DUKPT_PIN, &t->pin));
    assert_ok(dukpt_tdes_derive(&crypto, base, ksn, DUKPT_MAC_REQUEST, &t->mac_request));
    assert_ok(dukpt_tdes_derive(&crypto, base, ksn, DUKPT_MAC_RESPONSE, &t->mac_response));
    assert_ok(dukpt_tdes_derive(&crypto, base, ksn, DUKPT_DATA_REQUEST, &t->data_request));
    assert_ok(dukpt_tdes_derive(&crypto, base, ksn, DUKPT_DATA_RESPONSE, &t->data_response));
}

/* Every row: the host straight from the base key. */
static void tdes_host(void **state)
{
    (void)state;
    json_t *json = vectors("keymgmt/dukpt_tdes.json"), *row;
    struct key base = test_key(KEY_TDES, KEY_USAGE_BASE_DERIVATION, text_at(json, "bdk")), initial;
    assert_ok(dukpt_tdes_initial(&crypto, &base, hex_at(json, "initial_ksn").at, &initial));
    assert_key(&initial, KEY_USAGE_INITIAL, hex_at(json, "initial_key"));
    size_t i;
    json_array_foreach(json_object_get(json, "rows"), i, row)
    {
        struct dukpt_tdes_transaction t;
        derive_all(&base, hex_at(row, "ksn").at, &t);
        assert_variants(json, row, &t);
        assert_tdes_row(json, row, &t);
    }
    assert_int_equal(i, 34);
    vector_file_end(json);
}

/* Sets a device's counter to the last that is used before `counter`. */
static void tdes_step_to(struct dukpt_tdes_device *device, uint32_t counter)
{
    uint32_t before = counter - 1;
    while (__builtin_popcount(before) > 10 || dukpt_next_counter(before, 21, 10) != counter)
        before--;
    device->ksn[7] = (uint8_t)((device->ksn[7] & 0xe0) | before >> 16);
    device->ksn[8] = (uint8_t)(before >> 8);
    device->ksn[9] = (uint8_t)before;
}

/* A device that has just used counter `last`, as if it had used all before: down the tree, each one
 * of the counter a transaction of its own. */
static void tdes_device_at(const struct key *initial, const uint8_t *ksn, uint32_t last,
                           struct dukpt_tdes_device *device)
{
    struct dukpt_tdes_transaction t;
    assert_ok(dukpt_tdes_load(&crypto, initial, ksn, device));
    for (uint32_t bit = 1u << 20, reached = 0; bit != 0; bit >>= 1) {
        if ((last & bit) == 0) continue;
        tdes_step_to(device, reached |= bit);
        assert_ok(dukpt_tdes_next(&crypto, device, &t));
        assert_int_equal(dukpt_tdes_counter(t.ksn), reached);
    }
}

/* Every row in order: a device, from its first transaction and through the roll-over. */
static void tdes_device(void **state)
{
    (void)state;
    json_t *json = vectors("keymgmt/dukpt_tdes.json"), *row;
    struct key initial = test_key(KEY_TDES, KEY_USAGE_INITIAL, text_at(json, "initial_key"));
    struct dukpt_tdes_device device;
    struct dukpt_tdes_transaction t;
    assert_ok(dukpt_tdes_load(&crypto, &initial, hex_at(json, "initial_ksn").at, &device));
    size_t i;
    json_array_foreach(json_object_get(json, "rows"), i, row)
    {
        /* Two runs in the file: the second begins shortly before the middle of the range. */
        if (i == 21) tdes_device_at(&initial, hex_at(json, "initial_ksn").at, 0x0ff600, &device);
        assert_ok(dukpt_tdes_next(&crypto, &device, &t));
        assert_bytes(BYTES_OF(t.ksn), hex_at(row, "ksn"));
        assert_tdes_row(json, row, &t);
    }
    assert_int_equal(i, 34);
    vector_file_end(json);
}

/* Both sides agree over a whole device's life so far, and counters of too many ones are skipped. */
static void tdes_both_sides(void **state)
{
    (void)state;
    struct key base = {0}, initial = {0}, key;
    key_generate(&crypto, KEY_TDES, KEY_USAGE_BASE_DERIVATION, &base);
    uint8_t ksn[DUKPT_TDES_KSN_BYTES] = {0xff, 0xff, 1, 2, 3, 4, 5, 0xe0};
    struct dukpt_tdes_device device;
    struct dukpt_tdes_transaction t;
    assert_ok(dukpt_tdes_initial(&crypto, &base, ksn, &initial));
    assert_ok(dukpt_tdes_load(&crypto, &initial, ksn, &device));
    uint32_t last = 0;
    for (int n = 0; n < 4200; n++) {
        assert_ok(dukpt_tdes_next(&crypto, &device, &t));
        uint32_t counter = dukpt_tdes_counter(t.ksn);
        assert_true(counter > last);
        for (uint32_t skipped = last + 1; skipped < counter; skipped++)
            assert_true(__builtin_popcount(skipped) > 10);
        assert_true(__builtin_popcount(counter) <= 10);
        last = counter;
        assert_ok(dukpt_tdes_derive(&crypto, &base, t.ksn, DUKPT_DATA_RESPONSE, &key));
        assert_key(&t.data_response, KEY_USAGE_DATA, secret_view(&key.value));
    }
    assert_true(last > 4200); /* something was skipped */
    memset(ksn + 8, 0xff, 2);
    assert_err(dukpt_tdes_derive(&crypto, &base, ksn, DUKPT_PIN, &key), RANGE); /* 16 ones */
    ksn[8] = ksn[9] = 0;
    assert_err(dukpt_tdes_derive(&crypto, &base, ksn, DUKPT_PIN, &key), RANGE); /* none */
    ksn[9] = 1;
    assert_err(dukpt_tdes_derive(&crypto, &base, ksn, DUKPT_KEY_ENCRYPTION, &key), UNSUPPORTED);
    assert_err(dukpt_tdes_derive(&crypto, &initial, ksn, DUKPT_PIN, &key), KEY);
    assert_err(dukpt_tdes_load(&crypto, &base, ksn, &device), KEY);
}

/* The last counters, then no more: 2^20 and ten ones at the top. The device stays as it was. */
static void tdes_range_ends(void **state)
{
    (void)state;
    struct key initial = {0};
    key_generate(&crypto, KEY_TDES, KEY_USAGE_INITIAL, &initial);
    static const uint8_t ksn[DUKPT_TDES_KSN_BYTES];
    struct dukpt_tdes_device device, before;
    struct dukpt_tdes_transaction t;
    tdes_device_at(&initial, ksn, 0x1ff400, &device);
    assert_ok(dukpt_tdes_next(&crypto, &device, &t));
    assert_int_equal(dukpt_tdes_counter(t.ksn), 0x1ff800);
    before = device;
    assert_err(dukpt_tdes_next(&crypto, &device, &t), FULL);
    assert_same(&device, &before, sizeof device);
}

/* DV-04: after each of 10,000 transactions no key of an earlier one, no key that one could be
 * worked out from, and not the initial key is anywhere in the device's state. */
static void tdes_past_is_gone(void **state)
{
    (void)state;
    struct key initial = {0};
    key_generate(&crypto, KEY_TDES, KEY_USAGE_INITIAL, &initial);
    static const uint8_t ksn[DUKPT_TDES_KSN_BYTES];
    static uint8_t spent[10001][16]; /* what each transaction's register held */
    struct dukpt_tdes_device device;
    struct dukpt_tdes_transaction t;
    assert_ok(dukpt_tdes_load(&crypto, &initial, ksn, &device));
    memcpy(spent[0], initial.value.at, 16);
    size_t count = 1;
    for (; count <= 10000; count++) {
        uint32_t next = dukpt_next_counter(dukpt_tdes_counter(device.ksn), 21, 10);
        memcpy(spent[count], device.future[__builtin_ctz(next)], 16);
        assert_ok(dukpt_tdes_next(&crypto, &device, &t));
        assert_null(memmem(&device, sizeof device, spent[count], 16));
        assert_null(memmem(&device, sizeof device, t.pin.value.at, 16));
    }
    for (size_t i = 0; i < count; i++)
        for (size_t half = 0; half < 2; half++)
            assert_null(memmem(&device, sizeof device, spent[i] + 8 * half, 8));
    /* The transaction's keys go when their scope does. */
    dukpt_tdes_transaction_wipe(&t);
    static const struct dukpt_tdes_transaction nothing;
    assert_same(&t, &nothing, sizeof t);
}

static struct dukpt_aes_device aes_device;

static void aes_vectors_on(const json_t *family, const json_t *row, const struct key *base)
{
    struct key key;
    const uint8_t *ksn = hex_at(row, "ksn").at;
    /* The transaction's derivation key is what a device holds in its register. */
    if (json_object_get(row, "pin_key_aes128") == NULL) return;
    assert_ok(dukpt_aes_derive(&crypto, base, ksn, DUKPT_MAC_REQUEST, KEY_AES128, &key));
    assert_key(&key, KEY_USAGE_MAC, hex_at(row, "cmac_aes128_key"));
    assert_ok(dukpt_aes_derive(&crypto, base, ksn, DUKPT_DATA_REQUEST, KEY_AES128, &key));
    assert_key(&key, KEY_USAGE_DATA, hex_at(row, "data_aes128_key"));
    assert_ok(dukpt_aes_derive(&crypto, base, ksn, DUKPT_PIN, KEY_AES128, &key));
    assert_key(&key, KEY_USAGE_PIN, hex_at(row, "pin_key_aes128"));

    struct bytes field = hex_at(family, "pinfield");
    const struct bytes tail = bytes_of(field.at + 8, 8);
    struct crypto fixed = crypto;
    fixed.random = random_fixed(&tail);
    struct pin pin;
    struct pin_block block;
    assert_ok(pin_from_digits(bytes_text(text_at(family, "pin")), &pin));
    assert_ok(pin_block_encrypt(&fixed, &key, PIN_ISO4, &pin, bytes_text(text_at(family, "pan")),
                                &block));
    assert_bytes(bytes_of(block.at, block.len),
                 hex_at(row, "encrypted_pinblock_fmt4_with_aes128_pin_key"));
}

/* Sets the counter before `counter`, given that the register for it holds the right key. */
static void aes_step_to(uint32_t counter)
{
    uint32_t before = counter - 1;
    while (dukpt_next_counter(before, 32, 16) != counter || __builtin_popcount(before) > 16)
        before--;
    for (size_t i = 0; i < 4; i++) aes_device.ksn[8 + i] = (uint8_t)(before >> (24 - 8 * i));
}

static void aes_host_and_device(void **state)
{
    (void)state;
    json_t *json = vectors("keymgmt/dukpt_aes.json"), *row;
    json_t *family = json_object_get(json_object_get(json, "families"), "aes128");
    struct key base = test_key(KEY_AES128, KEY_USAGE_BASE_DERIVATION, text_at(family, "bdk"));
    struct key initial, update;
    struct dukpt_aes_transaction t;
    uint8_t ksn[DUKPT_AES_KSN_BYTES] = {0};
    memcpy(ksn, hex_at(family, "initial_key_id").at, 8);
    assert_ok(dukpt_aes_initial(&crypto, &base, ksn, &initial));
    assert_key(&initial, KEY_USAGE_INITIAL, hex_at(family, "initial_key"));
    assert_ok(dukpt_aes_update_key(&crypto, &initial, ksn, &update));
    assert_key(&update, KEY_USAGE_TERMINAL_MASTER,
               hex_at(json_object_get(family, "update_initial_key"), "update_key_aes128_verify"));
    size_t i;
    json_array_foreach(json_object_get(family, "rows"), i, row)
    {
        aes_vectors_on(family, row, &base);
        assert_ok(dukpt_aes_load(&crypto, &initial, ksn, &aes_device));
        uint32_t target = dukpt_aes_counter(hex_at(row, "ksn").at);
        /* Down the tree: each one of the counter is a transaction of its own, the last this one. */
        for (uint32_t bit = 1u << 31, reached = 0; bit != 0; bit >>= 1) {
            if ((target & bit) == 0) continue;
            reached |= bit;
            aes_step_to(reached);
            if (reached == target)
                assert_same(aes_device.future[__builtin_ctz(reached)], hex_at(row, "txn_key").at,
                            16);
            assert_ok(dukpt_aes_next(&crypto, &aes_device, KEY_AES128, &t));
        }
        assert_bytes(BYTES_OF(t.ksn), hex_at(row, "ksn"));
        if (json_object_get(row, "pin_key_aes128") == NULL) continue;
        assert_key(&t.pin, KEY_USAGE_PIN, hex_at(row, "pin_key_aes128"));
        assert_key(&t.mac_request, KEY_USAGE_MAC, hex_at(row, "cmac_aes128_key"));
        assert_key(&t.data_request, KEY_USAGE_DATA, hex_at(row, "data_aes128_key"));
    }
    assert_int_equal(i, 15);
    vector_file_end(json);
}

/*
 * An AES-256 base key: ANSI X9.24-3:2017, supplement of test vectors, pages 7 to 12. Of a
 * transaction, the derivation key that a device holds for it before it is used.
 */
static void aes256_published(void **state)
{
    (void)state;
    static const struct {
        uint32_t counter;
        const char *key;
    } rows[] = {
        {0x00000001, "54AC2B32B145EA4A554CB8BC44B17467063A799856B1CCC2A138D36E8DBF78B3"},
        {0x00000003, "8EEEF7C464AE415BB1D73FAED21993CD669F7999092A579EC6DD3CC680C65171"},
        {0x00000008, "20A796D5077D51B8E7613893A4F095B134E02917DC84BD391F3661D0873FF308"},
        {0x0001FFFE, "A289508CBF1228452CD86AB77B15CB35577AC828C18BB66681E5A16D6C9CCED3"},
        {0x00020001, "44110A1102748D4A3AC326F53D8CAC650212590CA7126D54546DDE0F20E89CEE"},
        {0xFFFE8000, "630535C9C53E1EC6524016930B56F6728909C45403536B419AEBCB25B7351C07"},
        {0xFFFF0000, "6D6DB7AAAE8B3EA90E57A39E4BBA71E173B21B446B30A78D64BFC6A8806C55EE"},
    };
    static const uint8_t ksn[DUKPT_AES_KSN_BYTES] = {0x12, 0x34, 0x56, 0x78,
                                                     0x90, 0x12, 0x34, 0x56};
    struct key initial, base = test_key(KEY_AES256, KEY_USAGE_BASE_DERIVATION,
                                        "FEDCBA9876543210F1F1F1F1F1F1F1F1FEDCBA9876543210F1F1F1F1F"
                                        "1F1F1F1");
    assert_ok(dukpt_aes_initial(&crypto, &base, ksn, &initial));
    assert_key(&initial, KEY_USAGE_INITIAL,
               hex("CE9CE0C101D1138F97FB6CAD4DF045A7083D4EAE2D35A31789D01CCF0949550F"));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct dukpt_aes_transaction t;
        assert_ok(dukpt_aes_load(&crypto, &initial, ksn, &aes_device));
        for (uint32_t bit = 1u << 31, reached = 0; bit != 0; bit >>= 1) {
            if ((rows[i].counter & bit) == 0) continue;
            aes_step_to(reached |= bit);
            if (reached == rows[i].counter)
                assert_same(aes_device.future[__builtin_ctz(reached)], hex(rows[i].key).at, 32);
            assert_ok(dukpt_aes_next(&crypto, &aes_device, KEY_AES256, &t));
        }
        assert_int_equal(dukpt_aes_counter(t.ksn), rows[i].counter);
        struct key host;
        assert_ok(dukpt_aes_derive(&crypto, &base, t.ksn, DUKPT_PIN, KEY_AES256, &host));
        assert_key(&t.pin, KEY_USAGE_PIN, secret_view(&host.value));
    }
}

/*
 * AES-192, for which the supplement has no values: the steps of X9.24-3 6.3.3 by hand, with the
 * block cipher alone. Initial key, derivation key of counter 1, and its PIN key.
 */
static void aes192_by_hand(void **state)
{
    (void)state;
    static const uint8_t ksn[DUKPT_AES_KSN_BYTES] = {0x12, 0x34, 0x56, 0x78, 0x90, 0x12,
                                                     0x34, 0x56, 0,    0,    0,    1};
    static const struct {
        uint16_t usage;
        size_t tail; /* where in the serial number the last eight bytes of the data begin */
    } steps[] = {{0x8001, 0}, {0x8000, 4}, {0x1000, 4}};
    struct key base = {0}, pin;
    key_generate(&crypto, KEY_AES192, KEY_USAGE_BASE_DERIVATION, &base);
    struct key node = base;
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        uint8_t made[32];
        for (uint8_t n = 1; n <= 2; n++) {
            uint8_t data[16] = {1, n, (uint8_t)(steps[i].usage >> 8), 0, 0, 3, 0, 192};
            data[3] = (uint8_t)steps[i].usage;
            memcpy(data + 8, ksn + steps[i].tail, 8);
            assert_ok(cipher_ecb_encrypt(&crypto, &node, BYTES_OF(data), made + 16 * (n - 1)));
        }
        memcpy(node.value.at, made, 24);
    }
    assert_ok(dukpt_aes_derive(&crypto, &base, ksn, DUKPT_PIN, KEY_AES192, &pin));
    assert_key(&pin, KEY_USAGE_PIN, secret_view(&node.value));
}

/* All sizes of base key and of working key, both sides; what is stronger than the base is refused.
 */
static void aes_both_sides(void **state)
{
    (void)state;
    static const enum key_algorithm bases[] = {KEY_AES128, KEY_AES192, KEY_AES256};
    static const enum key_algorithm works[] = {KEY_TDES,   KEY_TDES3,  KEY_AES128,
                                               KEY_AES192, KEY_AES256, KEY_HMAC_SHA256};
    static const unsigned allowed[] = {3, 4, 6};
    static const uint8_t ksn[DUKPT_AES_KSN_BYTES] = {9, 8, 7, 6, 5, 4, 3, 2};
    for (size_t b = 0; b < ARRAY_LEN(bases); b++) {
        struct key base = {0}, initial, key;
        key_generate(&crypto, bases[b], KEY_USAGE_BASE_DERIVATION, &base);
        assert_ok(dukpt_aes_initial(&crypto, &base, ksn, &initial));
        assert_ok(dukpt_aes_load(&crypto, &initial, ksn, &aes_device));
        for (unsigned w = 0; w < ARRAY_LEN(works); w++) {
            struct dukpt_aes_transaction t;
            if (w >= allowed[b]) {
                struct dukpt_aes_device before = aes_device;
                assert_err(dukpt_aes_next(&crypto, &aes_device, works[w], &t), KEY);
                assert_same(&aes_device, &before, sizeof before);
                continue;
            }
            for (int n = 0; n < 100; n++) {
                assert_ok(dukpt_aes_next(&crypto, &aes_device, works[w], &t));
                assert_ok(
                    dukpt_aes_derive(&crypto, &base, t.ksn, DUKPT_MAC_RESPONSE, works[w], &key));
                assert_key(&t.mac_response, KEY_USAGE_MAC, secret_view(&key.value));
            }
        }
    }
    struct key sm4 = {0}, key;
    key_generate(&crypto, KEY_SM4, KEY_USAGE_BASE_DERIVATION, &sm4);
    assert_err(dukpt_aes_initial(&crypto, &sm4, ksn, &key), KEY);
}

/* Counters with more than sixteen ones are skipped; at the end of the range there is no more. */
static void aes_counters(void **state)
{
    (void)state;
    assert_int_equal(dukpt_next_counter(0x0000fffe, 32, 16), 0x0000ffff);
    assert_int_equal(dukpt_next_counter(0x0000ffff, 32, 16), 0x00010000);
    assert_int_equal(dukpt_next_counter(0x0001fffe, 32, 16), 0x00020000);
    assert_int_equal(dukpt_next_counter(0xfffe8000, 32, 16), 0xffff0000);
    assert_int_equal(dukpt_next_counter(0xffff0000, 32, 16), 0);
    static const uint8_t id[DUKPT_AES_KSN_BYTES] = {1};
    struct key initial = {0};
    struct dukpt_aes_transaction t;
    key_generate(&crypto, KEY_AES128, KEY_USAGE_INITIAL, &initial);
    assert_ok(dukpt_aes_load(&crypto, &initial, id, &aes_device));
    for (uint32_t bit = 1u << 31, reached = 0; bit >= 1u << 16; bit >>= 1) {
        aes_step_to(reached |= bit);
        assert_ok(dukpt_aes_next(&crypto, &aes_device, KEY_AES128, &t));
    }
    assert_int_equal(dukpt_aes_counter(t.ksn), 0xffff0000);
    struct dukpt_aes_device before = aes_device;
    assert_err(dukpt_aes_next(&crypto, &aes_device, KEY_AES128, &t), FULL);
    assert_same(&aes_device, &before, sizeof before);
    /* A state whose register is empty is no state. */
    memset(&aes_device.future, 0, sizeof aes_device.future);
    memset(aes_device.ksn + 8, 0, 4);
    assert_err(dukpt_aes_next(&crypto, &aes_device, KEY_AES128, &t), KEY);
}

/* DV-04, as for TDES: 10,000 transactions, and nothing of any of them is left. */
static void aes_past_is_gone(void **state)
{
    (void)state;
    static const uint8_t ksn[DUKPT_AES_KSN_BYTES] = {1, 2, 3};
    static uint8_t spent[10001][32];
    struct key initial = {0};
    struct dukpt_aes_transaction t;
    key_generate(&crypto, KEY_AES256, KEY_USAGE_INITIAL, &initial);
    assert_ok(dukpt_aes_load(&crypto, &initial, ksn, &aes_device));
    memcpy(spent[0], initial.value.at, 32);
    size_t count = 1;
    for (; count <= 10000; count++) {
        uint32_t next = dukpt_next_counter(dukpt_aes_counter(aes_device.ksn), 32, 16);
        memcpy(spent[count], aes_device.future[__builtin_ctz(next)], 32);
        assert_ok(dukpt_aes_next(&crypto, &aes_device, KEY_AES128, &t));
        assert_null(memmem(&aes_device, sizeof aes_device, t.pin.value.at, 16));
    }
    for (size_t i = 0; i < count; i++)
        for (size_t half = 0; half < 2; half++)
            assert_null(memmem(&aes_device, sizeof aes_device, spent[i] + 16 * half, 16));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tdes_host),         cmocka_unit_test(tdes_device),
        cmocka_unit_test(tdes_both_sides),   cmocka_unit_test(tdes_range_ends),
        cmocka_unit_test(tdes_past_is_gone), cmocka_unit_test(aes_host_and_device),
        cmocka_unit_test(aes_both_sides),    cmocka_unit_test(aes_counters),
        cmocka_unit_test(aes256_published),  cmocka_unit_test(aes192_by_hand),
        cmocka_unit_test(aes_past_is_gone),
    };
    return cmocka_run_group_tests_name("crypto_dukpt", tests, open_crypto, close_crypto);
}
