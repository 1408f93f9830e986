/* SPDX-License-Identifier: Apache-2.0 */
/* The hsm's commands for DUKPT terminals, partners' keys and a card's issuer. S62, S63, S120,
 * DV-03, DV-04. */
#include "tests/unit/hsm_fixture.h"

#include "lib/crypto/agreement.h"
#include "lib/crypto/card_value.h"
#include "lib/crypto/cipher.h"
#include "lib/crypto/dukpt_aes.h"
#include "lib/crypto/dukpt_tdes.h"
#include "lib/crypto/openssl.h"
#include "lib/crypto/rsa_scheme.h"
#include "lib/wire/hsm_protocol_cards.h"

#define PAN "6222021234567890128" /* tidy: pan */

static void assert_bytes(struct bytes got, struct bytes expected)
{
    assert_int_equal(got.len, expected.len);
    assert_memory_equal(got.at, expected.at, expected.len);
}

static struct key open_block(struct fixture *f, struct bytes block)
{
    struct key key = {0};
    assert_ok(keyblock_unwrap(&f->crypto, &f->master.key, block, &key));
    return key;
}

static struct text wrap_key(struct fixture *f, const struct key *key)
{
    uint8_t block[KEYBLOCK_MAX];
    struct writer w = writer_over(block, sizeof block);
    assert_ok(keyblock_wrap(&f->crypto, &f->master.key, key, &w));
    return keep(writer_view(&w));
}

static struct pin pin_1234(void)
{
    struct pin pin;
    assert_ok(pin_from_digits(BYTES("1234"), &pin));
    return pin;
}

/* Every suite as one side of a PIN: its block for the hsm, and the key that its terminal holds. */
struct side {
    uint8_t suite;
    enum pin_format format;
    struct text block;
    uint8_t ksn[12];
    size_t ksn_len;
    struct key key;
};

static struct hsm_side wire_side(const struct side *side)
{
    return (struct hsm_side){side->suite, view(&side->block), bytes_of(side->ksn, side->ksn_len)};
}

static struct side dukpt_side(struct fixture *f, uint8_t suite)
{
    static const uint8_t tdes[] = {0xff, 0xff, 0x98, 0x76, 0x54, 0x32, 0x10, 0xe0, 0, 5};
    static const uint8_t aes[] = {0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x34, 0x56, 0, 0, 1, 0x0b};
    struct side side = {.suite = suite, .format = PIN_ISO0};
    side.block = make_key(f, HSM_KEY_BASE_DERIVATION, suite);
    struct key base = open_block(f, view(&side.block));
    if (suite == HSM_SUITE_DUKPT_TDES) {
        memcpy(side.ksn, tdes, side.ksn_len = sizeof tdes);
        assert_ok(dukpt_tdes_derive(&f->crypto, &base, side.ksn, DUKPT_PIN, &side.key));
    } else {
        side.format = PIN_ISO4;
        memcpy(side.ksn, aes, side.ksn_len = sizeof aes);
        assert_ok(dukpt_aes_derive(&f->crypto, &base, side.ksn, DUKPT_PIN, KEY_AES128, &side.key));
    }
    return side;
}

static struct side side_of(struct fixture *f, uint8_t suite)
{
    static const enum pin_format format[] = {
        [HSM_SUITE_TONGBAO] = PIN_ISO4,    [HSM_SUITE_CUP] = PIN_ISO0,
        [HSM_SUITE_CUP_SINGLE] = PIN_ISO0, [HSM_SUITE_CUP_DOUBLE] = PIN_ISO0,
        [HSM_SUITE_SM4] = PIN_SM4_SHORT,   [HSM_SUITE_SM4_LONG] = PIN_SM4_LONG};
    if (suite >= HSM_SUITE_DUKPT_TDES) return dukpt_side(f, suite);
    struct terminal t = new_terminal(f, suite);
    return (struct side){suite, format[suite], t.pin_block, {0}, 0, t.keys.pin};
}

/* From every suite to every suite: what comes out opens with the other side's key. */
static void pins_between_all_suites(void **state)
{
    struct fixture *f = *state;
    struct side sides[HSM_SUITE_DUKPT_AES + 1];
    struct pin pin = pin_1234(), back;
    for (uint8_t s = HSM_SUITE_TONGBAO; s <= HSM_SUITE_DUKPT_AES; s++) sides[s] = side_of(f, s);
    for (uint8_t a = HSM_SUITE_TONGBAO; a <= HSM_SUITE_DUKPT_AES; a++) {
        for (uint8_t b = HSM_SUITE_TONGBAO; b <= HSM_SUITE_DUKPT_AES; b++) {
            struct pin_block block;
            struct bytes out;
            assert_ok(pin_block_encrypt(&f->crypto, &sides[a].key, sides[a].format, &pin,
                                        BYTES(PAN), &block));
            struct hsm_translate_pin m = {wire_side(&sides[a]), wire_side(&sides[b]), BYTES(PAN),
                                          bytes_of(block.at, block.len)};
            hsm_write_translate_pin(begin(f, HSM_TRANSLATE_PIN), &m);
            assert_status(execute(f), HSM_OK);
            assert_ok(hsm_read_bytes(&f->answer, &out));
            assert_ok(pin_block_decrypt(&f->crypto, &sides[b].key, sides[b].format, out, BYTES(PAN),
                                        &back));
            assert_memory_equal(&pin, &back, sizeof pin);
            block.at[0] ^= 1;
            hsm_write_translate_pin(begin(f, HSM_TRANSLATE_PIN), &m);
            enum hsm_status status = execute(f);
            if (status != HSM_OK) assert_status(status, HSM_BAD_PIN_BLOCK);
            m.block = BYTES("short");
            hsm_write_translate_pin(begin(f, HSM_TRANSLATE_PIN), &m);
            assert_status(execute(f), HSM_BAD_PIN_BLOCK);
        }
    }
}

/* What is no side of a PIN. */
static void sides_that_are_none(void **state)
{
    struct fixture *f = *state;
    struct terminal t = new_terminal(f, HSM_SUITE_TONGBAO);
    struct side dukpt = dukpt_side(f, HSM_SUITE_DUKPT_AES);
    static const uint8_t block[16], many[12] = {1, 2, 3, 4, 5, 6, 7, 8, 0xff, 0xff, 0xff, 0xff};
    const struct {
        struct hsm_side side;
        enum hsm_status status;
    } rows[] = {
        {{0, view(&t.pin_block), {0}}, HSM_BAD_REQUEST},
        {{HSM_SUITE_TONGBAO_SM4 + 1, view(&t.pin_block), {0}}, HSM_BAD_REQUEST},
        {{HSM_SUITE_TONGBAO, view(&t.pin_block), BYTES("x")}, HSM_BAD_REQUEST},
        {{HSM_SUITE_TONGBAO, view(&t.mac_block), {0}}, HSM_WRONG_USAGE},
        {{HSM_SUITE_CUP, view(&t.pin_block), {0}}, HSM_WRONG_USAGE},
        {{HSM_SUITE_TONGBAO, view(&dukpt.block), {0}}, HSM_WRONG_USAGE},
        {{HSM_SUITE_DUKPT_AES, view(&dukpt.block), BYTES("short")}, HSM_BAD_REQUEST},
        {{HSM_SUITE_DUKPT_AES, view(&dukpt.block), BYTES_OF(many)}, HSM_BAD_REQUEST}, /* 32 ones */
        {{HSM_SUITE_DUKPT_AES, view(&t.pin_block), bytes_of(dukpt.ksn, 12)}, HSM_WRONG_USAGE},
        {{HSM_SUITE_DUKPT_TDES, view(&dukpt.block), bytes_of(dukpt.ksn, 10)}, HSM_WRONG_USAGE},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct hsm_translate_pin from = {rows[i].side, wire_side(&dukpt), BYTES(PAN),
                                               BYTES_OF(block)};
        hsm_write_translate_pin(begin(f, HSM_TRANSLATE_PIN), &from);
        assert_status(execute(f), rows[i].status);
        const struct hsm_translate_pin to = {wire_side(&dukpt), rows[i].side, BYTES(PAN),
                                             BYTES_OF(block)};
        hsm_write_translate_pin(begin(f, HSM_TRANSLATE_PIN), &to);
        assert_status(execute(f), rows[i].status);
    }
}

/* An issuer's PIN: the right one, any other, and keys that are for something else. */
static void pins_are_verified(void **state)
{
    struct fixture *f = *state;
    struct side side = side_of(f, HSM_SUITE_DUKPT_TDES);
    struct text pvk = make_key(f, HSM_KEY_PVV, HSM_SUITE_CUP);
    struct text ibm = make_key(f, HSM_KEY_IBM3624, HSM_SUITE_CUP);
    struct key pvv_key = open_block(f, view(&pvk)), ibm_key = open_block(f, view(&ibm));
    struct pin pin = pin_1234(), other;
    char pvv[CARD_VALUE_PVV_DIGITS], offset[CARD_VALUE_OFFSET_MAX];
    const struct card_value_ibm3624 how = {BYTES("0123456789012345"), 3, 12, 15};
    assert_ok(pin_from_digits(BYTES("1235"), &other));
    assert_ok(card_value_pvv(&f->crypto, &pvv_key, 1, BYTES(PAN), &pin, pvv));
    assert_ok(card_value_ibm3624_offset(&f->crypto, &ibm_key, &how, BYTES(PAN), &pin, offset));

    for (int right = 0; right < 2; right++) {
        struct pin_block block;
        enum hsm_status expected = right ? HSM_OK : HSM_BAD_VALUE;
        assert_ok(pin_block_encrypt(&f->crypto, &side.key, PIN_ISO0, right ? &pin : &other,
                                    BYTES(PAN), &block));
        struct hsm_verify_pin m = {.from = wire_side(&side),
                                   .method = HSM_PIN_BY_PVV,
                                   .key_index = 1,
                                   .pan = BYTES(PAN),
                                   .block = bytes_of(block.at, block.len),
                                   .verification_key = view(&pvk),
                                   .reference = BYTES_OF(pvv)};
        hsm_write_verify_pin(begin(f, HSM_VERIFY_PIN), &m);
        assert_status(execute(f), expected);
        m.verification_key = view(&ibm);
        hsm_write_verify_pin(begin(f, HSM_VERIFY_PIN), &m);
        assert_status(execute(f), HSM_WRONG_USAGE);
        m.method = HSM_PIN_BY_IBM3624;
        m.first = 3, m.count = 12, m.pad = 15;
        m.table = how.table;
        m.reference = bytes_of(offset, 4);
        hsm_write_verify_pin(begin(f, HSM_VERIFY_PIN), &m);
        assert_status(execute(f), expected);
        m.table = BYTES("0123456789");
        hsm_write_verify_pin(begin(f, HSM_VERIFY_PIN), &m);
        assert_status(execute(f), HSM_BAD_REQUEST);
        m.method = 3;
        hsm_write_verify_pin(begin(f, HSM_VERIFY_PIN), &m);
        assert_status(execute(f), HSM_BAD_REQUEST);
    }
    /* Nothing of a PIN or a card number is in the log of refusals. */
    f->logged[f->logged_len] = '\0';
    assert_null(strstr(f->logged, PAN));
    assert_null(strstr(f->logged, "1234"));
}

static void card_values_are_checked(void **state)
{
    struct fixture *f = *state;
    struct text block = make_key(f, HSM_KEY_CVV, HSM_SUITE_CUP);
    struct text pvk = make_key(f, HSM_KEY_PVV, HSM_SUITE_CUP);
    struct key key = open_block(f, view(&block));
    char cvv[CARD_VALUE_CVV_DIGITS];
    assert_ok(card_value_cvv(&f->crypto, &key, BYTES(PAN), BYTES("2912"), BYTES("201"), cvv));
    struct hsm_cvv_check m = {view(&block), BYTES(PAN), BYTES("2912"), BYTES("201"), BYTES_OF(cvv)};
    hsm_write_cvv_check(begin(f, HSM_CVV_CHECK), &m);
    assert_status(execute(f), HSM_OK);
    m.service = BYTES("000"); /* the printed value is another */
    hsm_write_cvv_check(begin(f, HSM_CVV_CHECK), &m);
    assert_status(execute(f), HSM_BAD_VALUE);
    m.service = BYTES("20");
    hsm_write_cvv_check(begin(f, HSM_CVV_CHECK), &m);
    assert_status(execute(f), HSM_BAD_REQUEST);
    m.key = view(&pvk);
    hsm_write_cvv_check(begin(f, HSM_CVV_CHECK), &m);
    assert_status(execute(f), HSM_WRONG_USAGE);
}

static void cmacs(void **state)
{
    struct fixture *f = *state;
    static const struct {
        enum key_algorithm key;
        enum mac_algorithm mac;
    } rows[] = {{KEY_AES128, MAC_AES_CMAC}, {KEY_SM4, MAC_SM4_CMAC}, {KEY_TDES, MAC_TDES_CMAC}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct key key = {0};
        uint8_t mac[MAC_MAX];
        struct bytes made;
        key_generate(&f->crypto, rows[i].key, KEY_USAGE_MAC, &key);
        struct text block = wrap_key(f, &key);
        struct hsm_cmac m = {view(&block), BYTES("message"), {0}};
        assert_ok(mac_generate(&f->crypto, rows[i].mac, &key, m.data, mac));
        hsm_write_cmac(begin(f, HSM_CMAC), &m);
        assert_status(execute(f), HSM_OK);
        assert_ok(hsm_read_bytes(&f->answer, &made));
        assert_bytes(made, bytes_of(mac, mac_length(rows[i].mac)));
        m.mac = bytes_of(mac, mac_length(rows[i].mac));
        hsm_write_cmac(begin(f, HSM_CMAC), &m);
        assert_status(execute(f), HSM_OK);
        m.data = BYTES("massage");
        hsm_write_cmac(begin(f, HSM_CMAC), &m);
        assert_status(execute(f), HSM_BAD_MAC);
    }
    struct terminal t = new_terminal(f, HSM_SUITE_TONGBAO), cup = new_terminal(f, HSM_SUITE_CUP);
    const struct bytes wrong[] = {view(&t.pin_block), view(&cup.mac_block)}; /* usage, cipher */
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        const struct hsm_cmac m = {wrong[i], BYTES("x"), {0}};
        hsm_write_cmac(begin(f, HSM_CMAC), &m);
        assert_status(execute(f), HSM_WRONG_USAGE);
    }
}

/* A device of each form talks with the hsm: PIN, MAC both ways, card data; keys of one transaction
 * as blocks do the rest of what a terminal's keys do. */
static void a_dukpt_terminal(void **state)
{
    struct fixture *f = *state;
    struct text token = make_key(f, HSM_KEY_TOKEN, 1), zone = make_key(f, HSM_KEY_ZONE_DATA, 1);
    for (uint8_t suite = HSM_SUITE_DUKPT_TDES; suite <= HSM_SUITE_DUKPT_AES; suite++) {
        struct side side = dukpt_side(f, suite);
        struct key base = open_block(f, view(&side.block));
        struct key keys[DUKPT_PURPOSES];
        enum mac_algorithm algorithm = suite == HSM_SUITE_DUKPT_TDES ? MAC_X9_19 : MAC_AES_CMAC_8;
        for (unsigned p = 0; p < DUKPT_KEY_ENCRYPTION; p++) {
            enum dukpt_purpose purpose = (enum dukpt_purpose)p;
            assert_ok(
                suite == HSM_SUITE_DUKPT_TDES
                    ? dukpt_tdes_derive(&f->crypto, &base, side.ksn, purpose, &keys[p])
                    : dukpt_aes_derive(&f->crypto, &base, side.ksn, purpose, KEY_AES128, &keys[p]));
            const struct hsm_dukpt_derive m = {wire_side(&side), (uint8_t)p};
            struct hsm_block_answer answer;
            hsm_write_dukpt_derive(begin(f, HSM_DUKPT_DERIVE), &m);
            assert_status(execute(f), HSM_OK);
            assert_ok(hsm_read_block_answer(&f->answer, &answer));
            struct key derived = open_block(f, answer.block);
            assert_memory_equal(&derived, &keys[p], sizeof derived);
            assert_ok(key_check(&f->crypto, &derived, answer.kcv));
        }
        uint8_t mac[MAC_MAX];
        struct bytes made;
        assert_ok(
            mac_generate(&f->crypto, algorithm, &keys[DUKPT_MAC_REQUEST], BYTES("0200"), mac));
        for (size_t len = 0; len <= 8; len++) { /* none: one of an answer is made */
            const struct hsm_dukpt_mac m = {wire_side(&side), BYTES("0200"), bytes_of(mac, len)};
            hsm_write_dukpt_mac(begin(f, HSM_DUKPT_MAC), &m);
            assert_status(execute(f), len > 0 && len < 4 ? HSM_BAD_REQUEST : HSM_OK);
            if (len > 0) continue;
            uint8_t expected[MAC_MAX];
            assert_ok(mac_generate(&f->crypto, algorithm, &keys[DUKPT_MAC_RESPONSE], BYTES("0200"),
                                   expected));
            assert_ok(hsm_read_bytes(&f->answer, &made));
            assert_bytes(made, bytes_of(expected, 8));
        }
        mac[3] ^= 1;
        const struct hsm_dukpt_mac altered = {wire_side(&side), BYTES("0200"), bytes_of(mac, 4)};
        hsm_write_dukpt_mac(begin(f, HSM_DUKPT_MAC), &altered);
        assert_status(execute(f), HSM_BAD_MAC);

        static const uint8_t iv[16];
        uint8_t track[48] = PAN "D29122010000", under[48];
        assert_ok(
            cipher_cbc_encrypt(&f->crypto, &keys[DUKPT_DATA_REQUEST], iv, BYTES_OF(track), under));
        struct hsm_dukpt_card m = {wire_side(&side), BYTES_OF(under), view(&token), view(&zone),
                                   BYTES("aad")};
        struct hsm_accept_answer answer;
        struct card_data card = {0};
        hsm_write_dukpt_card(begin(f, HSM_DUKPT_CARD), &m);
        assert_status(execute(f), HSM_OK);
        assert_ok(hsm_read_accept_answer(&f->answer, &answer));
        assert_bytes(answer.pan_masked, BYTES("622202*********0128"));
        struct key zone_key = open_block(f, view(&zone));
        assert_ok(envelope_open(&f->crypto, &zone_key, BYTES("aad"), answer.zone_envelope, &card));
        assert_string_equal(card.pan, PAN);
        assert_string_equal(card.expiry, "2912");
        assert_string_equal(card.service_code, "201");
        under[20] ^= 1;
        hsm_write_dukpt_card(begin(f, HSM_DUKPT_CARD), &m);
        assert_status(execute(f), HSM_BAD_ENVELOPE);
        m.data = bytes_of(under, 15);
        hsm_write_dukpt_card(begin(f, HSM_DUKPT_CARD), &m);
        assert_status(execute(f), HSM_BAD_REQUEST);
    }
}

/* DV-03: a master key for a terminal of another make, which has an RSA key pair. */
static void a_master_key_for_an_rsa_key(void **state)
{
    struct fixture *f = *state;
    EVP_PKEY *key = EVP_RSA_gen(2048);
    uint8_t pem[RSA_SCHEME_PEM_MAX], value[256]; /* OpenSSL wants room for the modulus */
    size_t len = sizeof value;
    BIO *bio = BIO_new(BIO_s_mem());
    assert_true(PEM_write_bio_PUBKEY(bio, key));
    struct bytes recipient = bytes_of(pem, (size_t)BIO_read(bio, pem, sizeof pem));
    BIO_free(bio);
    struct hsm_make_key m = {
        HSM_KEY_TERMINAL_MASTER, HSM_SUITE_CUP, BYTES("10000077"), recipient, {0}};
    struct hsm_key_answer answer;
    hsm_write_make_key(begin(f, HSM_MAKE_KEY), &m);
    assert_status(execute(f), HSM_OK); /* not in development only */
    assert_ok(hsm_read_key_answer(&f->answer, &answer));
    struct key kept = open_block(f, answer.block);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    assert_true(EVP_PKEY_decrypt_init(context) > 0);
    assert_true(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) > 0);
    assert_true(EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) > 0);
    assert_true(EVP_PKEY_CTX_set0_rsa_oaep_label(context, OPENSSL_memdup("10000077", 8), 8) > 0);
    assert_true(EVP_PKEY_decrypt(context, value, &len, answer.sealed.at, answer.sealed.len) > 0);
    assert_int_equal(len, 16);
    assert_memory_equal(value, kept.value.at, len);
    assert_ok(key_check(&f->crypto, &kept, answer.kcv));
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(key);

    const uint8_t others[] = {HSM_KEY_ZONE_PIN, HSM_KEY_RECOVERY, HSM_KEY_TOKEN};
    for (size_t i = 0; i < ARRAY_LEN(others); i++) { /* those have holders of our own making */
        m.usage = others[i];
        hsm_write_make_key(begin(f, HSM_MAKE_KEY), &m);
        assert_status(execute(f), HSM_NOT_ALLOWED);
    }
    m.usage = HSM_KEY_TERMINAL_MASTER;
    m.recipient = BYTES("-----BEGIN PUBLIC KEY-----\nnone\n-----END PUBLIC KEY-----\n");
    hsm_write_make_key(begin(f, HSM_MAKE_KEY), &m);
    assert_status(execute(f), HSM_BAD_REQUEST);
}

/* DV-03: the initial key reaches one device and nobody else, and the base key nobody. */
static void an_initial_key_is_delivered(void **state)
{
    struct fixture *f = *state;
    struct transport_pair device, other;
    transport_generate(&f->crypto, &device);
    transport_generate(&f->crypto, &other);
    for (uint8_t suite = HSM_SUITE_DUKPT_TDES; suite <= HSM_SUITE_DUKPT_AES; suite++) {
        struct side side = dukpt_side(f, suite);
        struct key base = open_block(f, view(&side.block)), expected, opened;
        assert_ok(suite == HSM_SUITE_DUKPT_TDES
                      ? dukpt_tdes_initial(&f->crypto, &base, side.ksn, &expected)
                      : dukpt_aes_initial(&f->crypto, &base, side.ksn, &expected));
        struct hsm_initial_key m = {wire_side(&side), BYTES("10000017"),
                                    BYTES_OF(device.public_key)};
        struct hsm_key_answer answer;
        hsm_write_initial_key(begin(f, HSM_INITIAL_KEY), &m);
        assert_status(execute(f), HSM_OK);
        assert_ok(hsm_read_key_answer(&f->answer, &answer));
        struct key kept = open_block(f, answer.block);
        assert_memory_equal(&kept, &expected, sizeof kept);
        assert_ok(transport_open_key(&device, answer.hsm_public.at, answer.sealed,
                                     KEY_USAGE_INITIAL, BYTES("10000017"), &opened));
        assert_memory_equal(&opened, &expected, sizeof opened);
        assert_true(FAILED(transport_open_key(&device, answer.hsm_public.at, answer.sealed,
                                              KEY_USAGE_INITIAL, BYTES("10000018"), &opened)));
        assert_true(FAILED(transport_open_key(&other, answer.hsm_public.at, answer.sealed,
                                              KEY_USAGE_INITIAL, BYTES("10000017"), &opened)));
        m.recipient = BYTES("too short");
        hsm_write_initial_key(begin(f, HSM_INITIAL_KEY), &m);
        assert_status(execute(f), HSM_BAD_REQUEST);
        const struct hsm_make_key never = {
            HSM_KEY_BASE_DERIVATION, suite, BYTES("10000017"), BYTES_OF(device.public_key), {0}};
        hsm_write_make_key(begin(f, HSM_MAKE_KEY), &never);
        assert_status(execute(f), HSM_NOT_ALLOWED);
    }
    /* Base keys are for DUKPT, master keys for the others. */
    const struct hsm_make_key base = {HSM_KEY_BASE_DERIVATION, HSM_SUITE_CUP, {0}, {0}, {0}};
    hsm_write_make_key(begin(f, HSM_MAKE_KEY), &base);
    assert_status(execute(f), HSM_BAD_REQUEST);
    const struct hsm_make_key master = {
        HSM_KEY_TERMINAL_MASTER, HSM_SUITE_DUKPT_AES, {0}, {0}, {0}};
    hsm_write_make_key(begin(f, HSM_MAKE_KEY), &master);
    assert_status(execute(f), HSM_BAD_REQUEST);
}

/* A partner's block of each version becomes a key of the zone; what is not for us stays out. */
static void partners_blocks(void **state)
{
    struct fixture *f = *state;
    struct key zone[2] = {{0}};
    key_generate(&f->crypto, KEY_TDES, KEY_USAGE_ZONE_MASTER, &zone[0]);
    key_generate(&f->crypto, KEY_AES128, KEY_USAGE_ZONE_MASTER, &zone[1]);
    struct text zones[2] = {wrap_key(f, &zone[0]), wrap_key(f, &zone[1])};
    static const struct {
        const char *usage;
        char algorithm;
        size_t len;
        enum key_usage becomes;
    } rows[] = {{"P0", 'T', 16, KEY_USAGE_ZONE_PIN},  {"M6", 'A', 16, KEY_USAGE_ZONE_MAC},
                {"D0", 'A', 32, KEY_USAGE_ZONE_DATA}, {"B0", 'T', 16, KEY_USAGE_BASE_DERIVATION},
                {"V2", 'T', 16, KEY_USAGE_PVV},       {"K0", 'T', 16, KEY_USAGES},
                {"P0", 'T', 15, KEY_USAGES},          {"P0", 'R', 16, KEY_USAGES}};
    static const uint8_t value[32] = {7, 6, 5};
    for (char version = 'A'; version <= 'E'; version++) {
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
            uint8_t block[512];
            struct writer w = writer_over(block, sizeof block);
            int with = version >= 'D';
            struct keyblock_header header = {.version = version,
                                             .algorithm = rows[i].algorithm,
                                             .mode = 'B',
                                             .key_version = {'0', '0'},
                                             .exportability = 'N',
                                             .optional = BYTES("")};
            memcpy(header.usage, rows[i].usage, 2);
            assert_ok(
                keyblock_make(&f->crypto, &zone[with], &header, bytes_of(value, rows[i].len), &w));
            struct hsm_block_import m = {view(&zones[with]), writer_view(&w)};
            struct hsm_block_answer answer;
            hsm_write_block_import(begin(f, HSM_BLOCK_IMPORT), &m);
            enum hsm_status status = execute(f);
            if (rows[i].becomes == KEY_USAGES) {
                assert_status(status, HSM_WRONG_USAGE);
                continue;
            }
            assert_status(status, HSM_OK);
            assert_ok(hsm_read_block_answer(&f->answer, &answer));
            struct key key = open_block(f, answer.block);
            assert_int_equal(key.usage, rows[i].becomes);
            assert_bytes(secret_view(&key.value), bytes_of(value, rows[i].len));
            block[w.len - 1] ^= 1;
            hsm_write_block_import(begin(f, HSM_BLOCK_IMPORT), &m);
            assert_status(execute(f), HSM_BAD_KEY_BLOCK);
        }
    }
    struct text pin = make_key(f, HSM_KEY_ZONE_PIN, 1);
    const struct hsm_block_import m = {view(&pin), BYTES("D0112P0AB00N0000")};
    hsm_write_block_import(begin(f, HSM_BLOCK_IMPORT), &m);
    assert_status(execute(f), HSM_WRONG_USAGE);
}

/* Whatever is cut off or added, a command is refused and nothing else happens. */
static void bent_commands(void **state)
{
    struct fixture *f = *state;
    for (uint8_t command = HSM_TRANSLATE_PIN; command <= HSM_BLOCK_IMPORT; command++) {
        for (size_t len = 0; len < 64; len++) {
            struct writer *w = begin(f, command);
            for (size_t i = 0; i < len; i++) write_be(w, 0, 1);
            assert_true(execute(f) != HSM_OK);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pins_between_all_suites, open_hsm, close_hsm),
        cmocka_unit_test_setup_teardown(sides_that_are_none, open_hsm, close_hsm),
        cmocka_unit_test_setup_teardown(pins_are_verified, open_hsm, close_hsm),
        cmocka_unit_test_setup_teardown(card_values_are_checked, open_hsm, close_hsm),
        cmocka_unit_test_setup_teardown(cmacs, open_hsm, close_hsm),
        cmocka_unit_test_setup_teardown(a_dukpt_terminal, open_hsm, close_hsm),
        cmocka_unit_test_setup_teardown(a_master_key_for_an_rsa_key, open_hsm, close_hsm),
        cmocka_unit_test_setup_teardown(an_initial_key_is_delivered, open_hsm, close_hsm),
        cmocka_unit_test_setup_teardown(partners_blocks, open_hsm, close_hsm),
        cmocka_unit_test_setup_teardown(bent_commands, open_hsm, close_hsm),
    };
    return cmocka_run_group_tests_name("hsm_cards", tests, NULL, NULL);
}
