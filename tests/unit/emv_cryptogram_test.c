/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S75: keys of cards and sessions, cryptograms, ARPC and script MACs against the derived card,
 * which was made by an independent program. Published issuer vectors: emv_issuer_test.
 */
#include "lib/base/writer.h"
#include "lib/crypto/cipher.h"
#include "lib/emv/cryptogram.h"
#include "tests/unit/crypto_vectors.h"
#include "tests/unit/emv_card.h"

static struct crypto crypto;

static struct cryptogram_key key_of(struct bytes value)
{
    struct cryptogram_key key = {.algorithm = CRYPTOGRAM_TDES};
    assert_int_equal(value.len, sizeof key.value);
    memcpy(key.value, value.at, value.len);
    return key;
}

static struct cryptogram_key key_at(const json_t *object, const char *name)
{
    return key_of(hex_at(object, name));
}

static void assert_key(const struct cryptogram_key *got, struct bytes expected)
{
    assert_bytes(BYTES_OF(got->value), expected);
}

static void card_keys_of_the_derived_card(void **state)
{
    (void)state;
    json_t *card = card_vectors();
    const json_t *host = json_object_get(card, "issuer_host");
    struct bytes pan = bytes_text(text_at(card, "pan"));
    static const char *const name[][2] = {{"imk_ac", "udk_ac"}, {"imk_mac", "udk_mac"}};
    for (size_t i = 0; i < 2; i++) {
        struct cryptogram_key issuer = key_at(host, name[i][0]), made;
        assert_ok(cryptogram_card_key(&crypto, &issuer, pan, 1, &made));
        assert_key(&made, hex_at(host, name[i][1]));
        assert_ok(cryptogram_card_key(&crypto, &issuer, pan, 2, &made));
        assert_memory_not_equal(made.value, hex_at(host, name[i][1]).at, 16);
    }
    vector_file_end(card);
}

/* arqc_input of a transcript, cut into its objects. */
static struct cryptogram_input input_of(struct bytes text)
{
    struct cryptogram_input in;
    assert_int_equal(text.len, 37);
    memcpy(in.amount, text.at, 6);
    memcpy(in.amount_other, text.at + 6, 6);
    memcpy(in.terminal_country, text.at + 12, 2);
    memcpy(in.tvr, text.at + 14, 5);
    memcpy(in.currency, text.at + 19, 2);
    memcpy(in.date, text.at + 21, 3);
    in.type = text.at[24];
    memcpy(in.unpredictable, text.at + 25, 4);
    memcpy(in.aip, text.at + 29, 2);
    memcpy(in.atc, text.at + 31, 2);
    in.cvr = bytes_of(text.at + 33, 4);
    return in;
}

static void check_transaction(const json_t *card, const json_t *t)
{
    struct cryptogram_key udk = key_at(json_object_get(card, "issuer_host"), "udk_ac"), session;
    struct bytes text = hex_at(t, "arqc_input");
    struct cryptogram_input in = input_of(text);
    uint8_t cryptogram[CRYPTOGRAM_BYTES], arpc[CRYPTOGRAM_BYTES];
    uint16_t atc = (uint16_t)(in.atc[0] << 8 | in.atc[1]);
    assert_ok(cryptogram_session_key(&crypto, &udk, atc, &session));
    assert_key(&session, hex_at(t, "session_key"));
    assert_ok(cryptogram_generate(&crypto, &session, &in, cryptogram));
    assert_bytes(BYTES_OF(cryptogram), hex_at(t, "arqc"));
    if (json_object_get(t, "issuer_auth_data_tag91") != NULL) {
        struct bytes tag91 = hex_at(t, "issuer_auth_data_tag91");
        assert_ok(cryptogram_arpc(&crypto, &session, cryptogram, tag91.at + 8, arpc));
        assert_bytes(BYTES_OF(arpc), bytes_of(tag91.at, 8));
        assert_bytes(BYTES_OF(arpc), hex_at(t, "arpc"));
    }
    if (json_object_get(t, "arpc_for_00") != NULL) {
        assert_ok(cryptogram_arpc(&crypto, &session, cryptogram, (const uint8_t *)"00", arpc));
        assert_bytes(BYTES_OF(arpc), hex_at(t, "arpc_for_00"));
    }
}

static void cryptograms_of_the_derived_card(void **state)
{
    (void)state;
    json_t *card = card_vectors();
    const char *name;
    json_t *t;
    assert_int_equal(json_object_size(json_object_get(card, "transactions")), 10);
    json_object_foreach(json_object_get(card, "transactions"), name, t)
    {
        check_transaction(card, t);
    }
    vector_file_end(card);
}

/* The script of the derived card: 84 1E with four bytes of MAC under the session key of 0023. */
static void script_mac_of_the_derived_card(void **state)
{
    (void)state;
    json_t *card = card_vectors();
    const json_t *t = json_object_get(json_object_get(card, "transactions"),
                                      "contact_online_approved_script_block");
    struct cryptogram_key udk = key_at(json_object_get(card, "issuer_host"), "udk_mac"), session;
    struct bytes command = hex_at(t, "script_command");
    uint8_t mac[CRYPTOGRAM_SCRIPT_MAC];
    assert_ok(cryptogram_session_key(&crypto, &udk, 0x0023, &session));
    assert_key(&session, hex_at(t, "script_mac_session_key"));
    assert_ok(cryptogram_script_mac(&crypto, &session, command.at, 0x0023, hex_at(t, "arqc").at,
                                    (struct bytes){0}, mac));
    assert_bytes(BYTES_OF(mac), bytes_of(command.at + 5, 4));
    vector_file_end(card);
}

/* SM4 has no outside example here: what holds is that card and issuer agree, that every input
 * counts, and that the MAC is CBC over the block cipher that crypto_cipher_test holds to GB/T. */
static void sm4_session(void **state)
{
    (void)state;
    struct cryptogram_key issuer = key_of(hex("0123456789ABCDEFFEDCBA9876543210")), card, one, two;
    uint8_t mac[CRYPTOGRAM_BYTES], block[16];
    issuer.algorithm = CRYPTOGRAM_SM4;
    struct bytes pan = BYTES("6200000000000005");
    assert_ok(cryptogram_card_key(&crypto, &issuer, pan, 1, &card));
    assert_ok(cryptogram_session_key(&crypto, &card, 1, &one));
    assert_ok(cryptogram_session_key(&crypto, &card, 2, &two));
    assert_int_equal(one.algorithm, CRYPTOGRAM_SM4);
    assert_memory_not_equal(one.value, two.value, 16);
    assert_ok(cryptogram_mac(&crypto, &issuer, BYTES("\x01"), mac));
    struct key sm4 = test_key(KEY_SM4, KEY_USAGE_MAC, "0123456789ABCDEFFEDCBA9876543210");
    struct bytes padded = hex("01800000000000000000000000000000");
    assert_ok(cipher_ecb_encrypt(&crypto, &sm4, padded, block));
    assert_memory_equal(mac, block, 8);
    assert_err(cryptogram_session_key_common(&crypto, &card, block, &one), UNSUPPORTED);
}

static void refusals(void **state)
{
    (void)state;
    struct cryptogram_key key = key_of(hex("0123456789ABCDEFFEDCBA9876543210")), made = {0};
    uint8_t out[32], long_data[CRYPTOGRAM_DATA_MAX + 1] = {0};
    size_t len = 77;
    assert_err(cryptogram_card_key(&crypto, &key, BYTES("62000000000X0005"), 1, &made), FORMAT);
    assert_err(cryptogram_card_key(&crypto, &key, BYTES("6200000000000005"), 100, &made), RANGE);
    assert_err(cryptogram_mac(&crypto, &key, BYTES_OF(long_data), out), LENGTH);
    assert_err(cryptogram_encipher(&crypto, &key, BYTES("12345678"), out, 15, &len), FULL);
    assert_err(cryptogram_decipher(&crypto, &key, BYTES_OF(out), out, 32, &len), FORMAT);
    assert_err(cryptogram_decipher(&crypto, &key, bytes_of(out, 7), out, 32, &len), LENGTH);
    assert_int_equal(len, 77);
    cryptogram_key_wipe(&key);
    for (size_t i = 0; i < sizeof key.value; i++) assert_int_equal(key.value[i], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(card_keys_of_the_derived_card),
        cmocka_unit_test(cryptograms_of_the_derived_card),
        cmocka_unit_test(script_mac_of_the_derived_card),
        cmocka_unit_test(sm4_session),
        cmocka_unit_test(refusals),
    };
    if (FAILED(crypto_open(random_system(), &crypto))) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    crypto_close(&crypto);
    return failed;
}
