/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S75: keys of cards and sessions, cryptograms, ARPC and script MACs against the derived card
 * (which was made by an independent program) and against the published issuer vectors.
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
    json_decref(card);
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
    json_decref(card);
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
    json_decref(card);
}

/* ---- the published vectors: ../shared/vectors/emv/issuer_crypto.json ---- */

/* Digits may stand there as text or as the ASCII codes of that text. */
static struct bytes digits_at(const json_t *args, const char *name)
{
    const char *text = text_at(args, name);
    size_t len = strlen(text);
    bool coded = len > 0 && len % 2 == 0 && (len > 19 || len == 4);
    for (size_t i = 0; coded && i < len; i += 2) coded = text[i] == '3';
    return coded ? hex(text) : bytes_text(text);
}

static unsigned sequence_of(const json_t *args)
{
    if (!json_is_string(json_object_get(args, "psn"))) return 0;
    struct bytes psn = digits_at(args, "psn");
    return (unsigned)(psn.at[0] - '0') * 10 + (unsigned)(psn.at[1] - '0');
}

static void try_card_key(const json_t *args, struct bytes result, bool option_b)
{
    struct cryptogram_key issuer = key_at(args, "iss_mk"), made;
    struct bytes pan = digits_at(args, "pan");
    assert_ok(option_b ? cryptogram_card_key_b(&crypto, &issuer, pan, sequence_of(args), &made)
                       : cryptogram_card_key(&crypto, &issuer, pan, sequence_of(args), &made));
    cryptogram_odd_parity(&made);
    assert_key(&made, result);
}

static void try_card_key_a(const json_t *args, struct bytes result)
{
    try_card_key(args, result, false);
}

static void try_card_key_b(const json_t *args, struct bytes result)
{
    try_card_key(args, result, true);
}

static void try_session_key(const json_t *args, struct bytes result)
{
    struct cryptogram_key card = key_at(args, "icc_mk"), made;
    assert_ok(cryptogram_session_key_common(&crypto, &card, hex_at(args, "r").at, &made));
    cryptogram_odd_parity(&made);
    assert_key(&made, result);
}

static bool is_text(const json_t *args, const char *name, const char *expected)
{
    const char *text = json_string_value(json_object_get(args, name));
    return text != NULL && strcmp(text, expected) == 0;
}

static void try_cryptogram(const json_t *args, struct bytes result)
{
    struct cryptogram_key session = key_at(args, "sk_ac");
    uint8_t mac[CRYPTOGRAM_BYTES];
    struct bytes data = hex_at(args, "data");
    if (is_text(args, "padding_type", "VISA"))
        assert_ok(cryptogram_mac_zeros(&crypto, &session, data, mac));
    else assert_ok(cryptogram_mac(&crypto, &session, data, mac));
    assert_bytes(BYTES_OF(mac), result);
}

static void try_arpc(const json_t *args, struct bytes result)
{
    struct cryptogram_key session = key_at(args, "sk_ac");
    uint8_t arpc[CRYPTOGRAM_BYTES];
    assert_ok(cryptogram_arpc(&crypto, &session, hex_at(args, "arqc").at,
                              hex_at(args, "arpc_rc").at, arpc));
    assert_bytes(BYTES_OF(arpc), result);
}

static void try_arpc_csu(const json_t *args, struct bytes result)
{
    struct cryptogram_key session = key_at(args, "sk_ac");
    bool has = json_is_string(json_object_get(args, "prop_auth_data"));
    struct bytes more = has ? hex_at(args, "prop_auth_data") : (struct bytes){0};
    uint8_t arpc[CRYPTOGRAM_ARPC_CSU];
    assert_ok(cryptogram_arpc_csu(&crypto, &session, hex_at(args, "arqc").at,
                                  hex_at(args, "csu").at, more, arpc));
    assert_bytes(BYTES_OF(arpc), result);
}

static void try_command_mac(const json_t *args, struct bytes result)
{
    struct cryptogram_key session = key_at(args, "sk_smi");
    uint8_t mac[CRYPTOGRAM_BYTES];
    assert_ok(cryptogram_mac(&crypto, &session, hex_at(args, "command"), mac));
    assert_bytes(BYTES_OF(mac), result);
}

/* The form with a length byte in front is the one named VISA there. */
static void try_encipher(const json_t *args, struct bytes result)
{
    struct cryptogram_key session = key_at(args, "sk_smc");
    uint8_t out[64], back[64];
    size_t len;
    if (!is_text(args, "encryption_type", "VISA")) return;
    struct bytes plain = hex_at(args, "command_data");
    assert_ok(cryptogram_encipher(&crypto, &session, plain, out, sizeof out, &len));
    assert_bytes(bytes_of(out, len), result);
    assert_ok(cryptogram_decipher(&crypto, &session, bytes_of(out, len), back, sizeof back, &len));
    assert_bytes(bytes_of(back, len), plain);
}

static void try_mac_alg3(const json_t *args, struct bytes result)
{
    char both[33];
    snprintf(both, sizeof both, "%s%s", text_at(args, "key1"), text_at(args, "key2"));
    struct cryptogram_key key = key_of(hex(both));
    uint8_t mac[CRYPTOGRAM_BYTES];
    assert_ok(cryptogram_mac_zeros(&crypto, &key, hex_at(args, "data"), mac));
    assert_bytes(BYTES_OF(mac), result);
}

static const struct {
    const char *function;
    size_t rows;
    void (*try)(const json_t *args, struct bytes result);
} issuer_functions[] = {
    {"kd.derive_icc_mk_a", 12, try_card_key_a},
    {"kd.derive_icc_mk_b", 11, try_card_key_b},
    {"kd.derive_common_sk", 12, try_session_key},
    {"ac.generate_ac", 9, try_cryptogram},
    {"ac.generate_arpc_1", 6, try_arpc},
    {"ac.generate_arpc_2", 4, try_arpc_csu},
    {"sm.generate_command_mac", 14, try_command_mac},
    {"sm.encrypt_command_data", 9, try_encipher},
    {"mac.mac_iso9797_3", 1, try_mac_alg3},
};

/*
 * Not asked of this code: session keys of Visa's older scripts, PIN blocks of the schemes' PIN
 * change, the tree of EMV 2000, magnetic-stripe CVC3, bare padding: no card here uses them.
 */
static void issuer_vectors(void **state)
{
    (void)state;
    json_t *json = vectors("emv/issuer_crypto.json");
    const json_t *functions = json_object_get(json, "functions");
    for (size_t f = 0; f < ARRAY_LEN(issuer_functions); f++) {
        const json_t *rows = json_object_get(functions, issuer_functions[f].function);
        json_t *row;
        size_t i;
        assert_int_equal(json_array_size(rows), issuer_functions[f].rows);
        json_array_foreach(rows, i, row)
        {
            issuer_functions[f].try(json_object_get(row, "args"), hex_at(row, "result"));
        }
    }
    json_decref(json);
}

/* ---- the same vectors, composed as five schemes' profiles compose them ---- */

enum session { SESSION_NONE, SESSION_ATC, SESSION_ATC_UN, SESSION_ARQC, SESSION_XOR };

static const struct profile {
    const char *name;
    enum session ac, arpc, script;
    bool zeros, csu, bare_script; /* padding; ARPC method 2; no ATC and ARQC in the script's MAC */
    const char *tail[3];          /* what follows the usual objects */
} profiles[] = {
    {"VisaCVN10", SESSION_NONE, SESSION_NONE, SESSION_XOR, true, false, false, {"cvr"}},
    {"VisaCVN18", SESSION_ATC, SESSION_ATC, SESSION_XOR, false, true, false, {"tag_9f10"}},
    {"VisaCVN22", SESSION_ATC, SESSION_ATC, SESSION_ARQC, false, true, false, {"tag_9f10"}},
    {"InteracCVN133",
     SESSION_ATC_UN,
     SESSION_ATC_UN,
     SESSION_ARQC,
     false,
     false,
     true,
     {"tag_9f10"}},
    {"MasterCardCVN16", SESSION_ATC_UN, SESSION_NONE, SESSION_ARQC, false, false, false, {"cvr"}},
    {"MasterCardCVN17",
     SESSION_ATC_UN,
     SESSION_NONE,
     SESSION_ARQC,
     false,
     false,
     false,
     {"cvr", "counters"}},
    {"MasterCardCVN20", SESSION_ATC, SESSION_ATC, SESSION_ARQC, false, false, false, {"cvr"}},
    {"MasterCardCVN21",
     SESSION_ATC,
     SESSION_ATC,
     SESSION_ARQC,
     false,
     false,
     false,
     {"cvr", "counters"}},
};

static void profile_session(const json_t *row, const char *master, enum session kind,
                            struct cryptogram_key *out)
{
    const json_t *keys = json_object_get(row, "issuer_keys"), *args = json_object_get(row, "args");
    struct cryptogram_key issuer = key_at(keys, master), card;
    uint8_t r[8] = {0};
    assert_ok(
        cryptogram_card_key(&crypto, &issuer, digits_at(keys, "pan"), sequence_of(keys), &card));
    cryptogram_odd_parity(&card);
    *out = card;
    if (kind == SESSION_NONE) return;
    if (kind == SESSION_ARQC) memcpy(r, hex_at(args, "tag_9f26").at, 8);
    else memcpy(r, hex_at(args, "tag_9f36").at, 2);
    if (kind == SESSION_ATC_UN) memcpy(r + 4, hex_at(args, "tag_9f37").at, 4);
    if (kind != SESSION_XOR) {
        assert_ok(cryptogram_session_key_common(&crypto, &card, r, out));
        return;
    }
    for (size_t i = 0; i < 2; i++) {
        out->value[6 + i] ^= r[i];
        out->value[14 + i] ^= (uint8_t)~r[i];
    }
}

static void profile_ac(const json_t *row, const struct profile *p)
{
    static const char *const usual[] = {"tag_9f02", "tag_9f03", "tag_9f1a", "tag_95", "tag_5f2a",
                                        "tag_9a",   "tag_9c",   "tag_9f37", "tag_82", "tag_9f36"};
    const json_t *args = json_object_get(row, "args");
    struct cryptogram_key session;
    uint8_t block[128], mac[CRYPTOGRAM_BYTES];
    struct writer w = writer_over(block, sizeof block);
    for (size_t i = 0; i < ARRAY_LEN(usual); i++) write_bytes(&w, hex_at(args, usual[i]));
    for (size_t i = 0; i < 3 && p->tail[i] != NULL; i++) write_bytes(&w, hex_at(args, p->tail[i]));
    profile_session(row, "iss_mk_ac", p->ac, &session);
    if (p->zeros) assert_ok(cryptogram_mac_zeros(&crypto, &session, writer_view(&w), mac));
    else assert_ok(cryptogram_mac(&crypto, &session, writer_view(&w), mac));
    assert_bytes(BYTES_OF(mac), hex_at(row, "result"));
}

static void profile_arpc(const json_t *row, const struct profile *p)
{
    const json_t *args = json_object_get(row, "args");
    struct cryptogram_key session;
    uint8_t arpc[CRYPTOGRAM_BYTES];
    profile_session(row, "iss_mk_ac", p->arpc, &session);
    struct bytes arqc = hex_at(args, "tag_9f26");
    if (p->csu)
        assert_ok(cryptogram_arpc_csu(&crypto, &session, arqc.at, hex_at(args, "csu").at,
                                      (struct bytes){0}, arpc));
    else assert_ok(cryptogram_arpc(&crypto, &session, arqc.at, hex_at(args, "arpc_rc").at, arpc));
    struct bytes result = hex_at(row, "result");
    assert_bytes(bytes_of(arpc, p->csu ? 4 : 8), result);
}

static void profile_script(const json_t *row, const struct profile *p)
{
    const json_t *args = json_object_get(row, "args");
    struct cryptogram_key session;
    uint8_t block[128], mac[CRYPTOGRAM_BYTES];
    struct writer w = writer_over(block, sizeof block);
    write_bytes(&w, hex_at(args, "command_header"));
    if (!p->bare_script) write_bytes(&w, hex_at(args, "tag_9f36"));
    if (!p->bare_script) write_bytes(&w, hex_at(args, "tag_9f26"));
    write_bytes(&w, hex_at(args, "command_data"));
    profile_session(row, "iss_mk_smi", p->script, &session);
    assert_ok(cryptogram_mac(&crypto, &session, writer_view(&w), mac));
    assert_bytes(BYTES_OF(mac), hex_at(row, "result"));
}

static void (*profile_method(const char *name))(const json_t *row, const struct profile *p)
{
    if (strcmp(name, "generate_ac") == 0) return profile_ac;
    if (strcmp(name, "generate_arpc") == 0) return profile_arpc;
    if (strcmp(name, "generate_command_mac") == 0) return profile_script;
    return NULL; /* PIN changes and encipherment in the schemes' own forms */
}

static void issuer_profiles(void **state)
{
    (void)state;
    json_t *json = vectors("emv/issuer_crypto.json");
    json_t *row;
    size_t i, tried = 0;
    json_array_foreach(json_object_get(json, "profiles"), i, row)
    {
        const struct profile *p = profiles;
        while (strcmp(p->name, text_at(row, "profile")) != 0)
            if (++p == profiles + ARRAY_LEN(profiles)) fail_msg("%s", text_at(row, "profile"));
        void (*method)(const json_t *, const struct profile *) =
            profile_method(text_at(row, "method"));
        if (method == NULL) continue;
        method(row, p);
        tried++;
    }
    assert_int_equal(tried, 35);
    json_decref(json);
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
        cmocka_unit_test(issuer_vectors),
        cmocka_unit_test(issuer_profiles),
        cmocka_unit_test(sm4_session),
        cmocka_unit_test(refusals),
    };
    if (FAILED(crypto_open(random_system(), &crypto))) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    crypto_close(&crypto);
    return failed;
}
