/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S75: what an issuer computes, against ../shared/vectors/emv/issuer_crypto.json, whole: every
 * function alone, and as eight profiles of five schemes compose them.
 */
#include "lib/base/writer.h"
#include "lib/crypto/mac_padding.h"
#include "lib/emv/cryptogram_schemes.h"
#include "tests/unit/crypto_vectors.h"

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

/* VISA puts a length byte in front; EMV always fills, MASTERCARD only where it must. */
static void try_encipher(const json_t *args, struct bytes result)
{
    struct cryptogram_key session = key_at(args, "sk_smc");
    uint8_t out[64], back[64];
    size_t len;
    struct bytes plain = hex_at(args, "command_data");
    if (!is_text(args, "encryption_type", "VISA")) {
        bool always = is_text(args, "encryption_type", "EMV");
        if (!always) assert_string_equal(text_at(args, "encryption_type"), "MASTERCARD");
        struct writer w = writer_over(out, sizeof out);
        assert_ok(cryptogram_encipher_bare(&crypto, &session,
                                           always ? CRYPTOGRAM_FILL_ALWAYS : CRYPTOGRAM_FILL_NEEDED,
                                           plain, &w));
        assert_bytes(writer_view(&w), result);
        return;
    }
    assert_ok(cryptogram_encipher(&crypto, &session, plain, out, sizeof out, &len));
    assert_bytes(bytes_of(out, len), result);
    assert_ok(cryptogram_decipher(&crypto, &session, bytes_of(out, len), back, sizeof back, &len));
    assert_bytes(bytes_of(back, len), plain);
}

static void try_session_key_visa(const json_t *args, struct bytes result)
{
    struct cryptogram_key card = key_at(args, "icc_mk"), made;
    struct bytes atc = hex_at(args, "atc");
    assert_ok(cryptogram_session_key_visa(&card, (uint16_t)(atc.at[0] << 8 | atc.at[1]), &made));
    cryptogram_odd_parity(&made);
    assert_key(&made, result);
}

static void try_tree(const json_t *args, struct bytes result)
{
    struct cryptogram_key card = key_at(args, "icc_mk"), made;
    struct bytes atc = hex_at(args, "atc"), iv = hex_at(args, "iv");
    struct cryptogram_tree tree = {
        .branch = (unsigned)json_integer_value(json_object_get(args, "branch_factor")),
        .height = (unsigned)json_integer_value(json_object_get(args, "height"))};
    assert_int_equal(iv.len, sizeof tree.initial);
    memcpy(tree.initial, iv.at, iv.len);
    assert_ok(cryptogram_session_key_tree(&crypto, &card, &tree,
                                          (uint16_t)(atc.at[0] << 8 | atc.at[1]), &made));
    cryptogram_odd_parity(&made);
    assert_key(&made, result);
}

/* A PIN of the arguments; false where it is null or not there. */
static bool pin_at(const json_t *args, const char *name, struct pin *ret_pin)
{
    if (!json_is_string(json_object_get(args, name))) return false;
    struct bytes digits = bytes_text(text_at(args, name));
    if (digits.len % 2 == 0 && digits.len >= 8 && digits.at[0] == '3' && digits.at[2] == '3')
        digits = hex(text_at(args, name));
    assert_ok(pin_from_digits(digits, ret_pin));
    return true;
}

static void try_visa_pin_block(const json_t *args, struct bytes result)
{
    struct cryptogram_key card = key_at(args, "icc_mk_ac");
    struct pin pin, current;
    uint8_t block[8];
    assert_true(pin_at(args, "pin", &pin));
    bool has = pin_at(args, "current_pin", &current);
    assert_ok(cryptogram_visa_pin_block(&card, &pin, has ? &current : NULL, block));
    assert_bytes(BYTES_OF(block), result);
}

static void try_pin_block_2(const json_t *args, struct bytes result)
{
    struct pin pin;
    struct pin_block block;
    assert_true(pin_at(args, "pin", &pin));
    assert_ok(pin_block_encode_clear(&crypto.random, PIN_ISO2, &pin, BYTES(""), &block));
    assert_bytes(bytes_of(block.at, block.len), result);
}

static void try_pad(const json_t *args, struct bytes result, enum mac_padding method)
{
    uint8_t out[64];
    struct writer w = writer_over(out, sizeof out);
    const json_t *block = json_object_get(args, "block_size");
    size_t size = json_is_integer(block) ? (size_t)json_integer_value(block) : 8;
    assert_ok(mac_pad(method, size, hex_at(args, "data"), &w));
    assert_bytes(writer_view(&w), result);
}

static void try_pad_1(const json_t *args, struct bytes result)
{
    try_pad(args, result, MAC_PADDING_1);
}

static void try_pad_2(const json_t *args, struct bytes result)
{
    try_pad(args, result, MAC_PADDING_2);
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
    {"mac.pad_iso9797_1", 14, try_pad_1},
    {"mac.pad_iso9797_2", 14, try_pad_2},
    {"kd.derive_visa_sm_sk", 2, try_session_key_visa},
    {"kd.derive_emv2000_tree_sk", 6, try_tree},
    {"sm.format_vis_pin_block", 8, try_visa_pin_block},
    {"sm.format_iso9564_2_pin_block", 2, try_pin_block_2},
};

static void issuer_vectors(void **state)
{
    (void)state;
    json_t *json = vectors("emv/issuer_crypto.json");
    const json_t *functions = json_object_get(json, "functions");
    /* Every function of the file is in the table; CVC3, whose result is a decimal, below. */
    assert_int_equal(json_object_size(functions), ARRAY_LEN(issuer_functions) + 1);
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
    vector_file_end(json);
}

/* The dynamic code of magnetic-stripe mode. */
static void issuer_cvc3(void **state)
{
    (void)state;
    json_t *json = vectors("emv/issuer_crypto.json");
    json_t *rows = json_object_get(json_object_get(json, "functions"), "cvv.generate_cvc3"), *row;
    size_t i;
    json_array_foreach(rows, i, row)
    {
        const json_t *args = json_object_get(row, "args");
        struct cryptogram_key key = key_at(args, "icc_cvc3");
        struct bytes atc = hex_at(args, "atc");
        uint16_t cvc3;
        char text[8];
        assert_ok(cryptogram_cvc3(&crypto, &key, hex_at(args, "track_template"),
                                  hex_at(args, "un").at, (uint16_t)(atc.at[0] << 8 | atc.at[1]),
                                  &cvc3));
        snprintf(text, sizeof text, "%05u", cvc3);
        assert_string_equal(text, text_at(row, "result"));
    }
    assert_int_equal(i, 1);
    vector_file_end(json);
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
    assert_ok(cryptogram_session_key_visa(&card, (uint16_t)(r[0] << 8 | r[1]), out));
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

/* Visa's profiles put a length byte in front of what they encipher; the others fill nothing. */
static void profile_encipher(const json_t *row, const struct profile *p, struct bytes plain,
                             struct writer *w)
{
    struct cryptogram_key session;
    uint8_t out[64];
    size_t len;
    profile_session(row, "iss_mk_smc", p->script, &session);
    if (strncmp(p->name, "Visa", 4) != 0) {
        assert_ok(cryptogram_encipher_bare(&crypto, &session, CRYPTOGRAM_FILL_NEEDED, plain, w));
        return;
    }
    assert_ok(cryptogram_encipher(&crypto, &session, plain, out, sizeof out, &len));
    write_bytes(w, bytes_of(out, len));
}

static void profile_data(const json_t *row, const struct profile *p)
{
    uint8_t out[64];
    struct writer w = writer_over(out, sizeof out);
    profile_encipher(row, p, hex_at(json_object_get(row, "args"), "command_data"), &w);
    assert_bytes(writer_view(&w), hex_at(row, "result"));
}

/* Visa's block where the card's key or the old PIN is in it, else format 2. Tells which. */
static bool profile_pin_block(const json_t *row, const struct profile *p, uint8_t block[8])
{
    const json_t *args = json_object_get(row, "args");
    struct pin pin, current;
    struct pin_block two;
    struct cryptogram_key card;
    assert_true(pin_at(args, "pin", &pin));
    bool has = pin_at(args, "current_pin", &current);
    if (has || strcmp(p->name, "VisaCVN10") == 0 || strcmp(p->name, "VisaCVN18") == 0) {
        profile_session(row, "iss_mk_ac", SESSION_NONE, &card);
        assert_ok(cryptogram_visa_pin_block(&card, &pin, has ? &current : NULL, block));
        return has;
    }
    assert_ok(pin_block_encode_clear(&crypto.random, PIN_ISO2, &pin, BYTES(""), &two));
    memcpy(block, two.at, 8);
    return false;
}

/* PIN CHANGE/UNBLOCK (EMV Book 3, 6.5.10) with its MAC: the whole command. */
static void profile_pin_change(const json_t *row, const struct profile *p)
{
    const json_t *args = json_object_get(row, "args");
    struct cryptogram_key session;
    uint8_t block[8], out[64], input[128], secret[64], mac[CRYPTOGRAM_BYTES];
    struct writer s = writer_over(secret, sizeof secret), w = writer_over(out, sizeof out);
    struct writer in = writer_over(input, sizeof input);
    bool from_current = profile_pin_block(row, p, block);
    profile_encipher(row, p, BYTES_OF(block), &s);
    uint8_t header[] = {0x84, 0x24, 0x00, from_current ? 1 : 2, (uint8_t)(s.len + sizeof mac)};
    write_bytes(&in, BYTES_OF(header));
    if (!p->bare_script) write_bytes(&in, hex_at(args, "tag_9f36"));
    if (!p->bare_script) write_bytes(&in, hex_at(args, "tag_9f26"));
    write_bytes(&in, writer_view(&s));
    profile_session(row, "iss_mk_smi", p->script, &session);
    assert_ok(cryptogram_mac(&crypto, &session, writer_view(&in), mac));
    write_bytes(&w, BYTES_OF(header));
    write_bytes(&w, writer_view(&s));
    write_bytes(&w, BYTES_OF(mac));
    assert_bytes(writer_view(&w), hex_at(row, "result"));
}

static void (*profile_method(const char *name))(const json_t *row, const struct profile *p)
{
    if (strcmp(name, "generate_ac") == 0) return profile_ac;
    if (strcmp(name, "generate_arpc") == 0) return profile_arpc;
    if (strcmp(name, "generate_command_mac") == 0) return profile_script;
    if (strcmp(name, "encrypt_command_data") == 0) return profile_data;
    if (strcmp(name, "generate_pin_change_command") == 0) return profile_pin_change;
    fail_msg("no method %s", name);
    return NULL;
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
        method(row, p);
        tried++;
    }
    assert_int_equal(tried, 74);
    vector_file_end(json);
}

/* Trees that are none, counters beyond their leaves, and SM4, which none of these forms has. */
static void scheme_refusals(void **state)
{
    (void)state;
    struct cryptogram_key key = key_of(hex("0123456789ABCDEFFEDCBA9876543210")), made;
    static const struct cryptogram_tree no_tree[] = {{1, 8, {0}}, {16, 8, {0}}, {4, 1, {0}}};
    const struct cryptogram_tree small = {2, 8, {0}};
    for (size_t i = 0; i < ARRAY_LEN(no_tree); i++)
        assert_err(cryptogram_session_key_tree(&crypto, &key, &no_tree[i], 0, &made), RANGE);
    assert_ok(cryptogram_session_key_tree(&crypto, &key, &small, 255, &made));
    assert_err(cryptogram_session_key_tree(&crypto, &key, &small, 256, &made), RANGE);
    uint8_t out[16];
    uint16_t cvc3;
    struct pin pin;
    struct writer w = writer_over(out, sizeof out);
    assert_ok(pin_from_digits(BYTES("1234"), &pin));
    assert_err(cryptogram_encipher_bare(&crypto, &key, CRYPTOGRAM_FILL_ALWAYS, BYTES_OF(out), &w),
               FULL);
    assert_err(cryptogram_encipher_bare(&crypto, &key, CRYPTOGRAM_FILL_ALWAYS, BYTES(""), &w),
               LENGTH);
    key.algorithm = CRYPTOGRAM_SM4;
    assert_err(cryptogram_session_key_tree(&crypto, &key, &small, 1, &made), UNSUPPORTED);
    assert_err(cryptogram_session_key_visa(&key, 1, &made), UNSUPPORTED);
    assert_err(cryptogram_visa_pin_block(&key, &pin, NULL, out), UNSUPPORTED);
    assert_err(cryptogram_cvc3(&crypto, &key, BYTES("x"), out, 1, &cvc3), UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(issuer_vectors),
        cmocka_unit_test(issuer_cvc3),
        cmocka_unit_test(issuer_profiles),
        cmocka_unit_test(scheme_refusals),
    };
    if (FAILED(crypto_open(random_system(), &crypto))) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    crypto_close(&crypto);
    return failed;
}
