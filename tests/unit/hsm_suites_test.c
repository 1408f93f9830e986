/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ACCEPT of the suites that our own terminals may have: SM4 with keys of a sign-in, and those with
 * keys for each message. What reaches the network is the card and PIN that the terminal took; a
 * message under another number, key or base key is refused. S60, S61, S62, S63, S120.
 */
#include "tests/unit/hsm_fixture.h"

#include "lib/crypto/dukpt_aes.h"
#include "lib/crypto/dukpt_tdes.h"
#include "lib/wire/hsm_protocol_cards.h"

static const struct card_data card = {
    .pan = "6200000000000005",
    .expiry = "3012",
    .service_code = "220",
    .track2 = "6200000000000005=30122201000000000000",
};

/* The same card by its chip: with its sequence number (tag 5F34). */
static const struct card_data chip_card = {
    .pan = "6200000000000005",
    .expiry = "3012",
    .service_code = "220",
    .track2 = "6200000000000005=30122201000000000000",
    .sequence = "001",
};

static const char aad[] = "10000017|000012|000345|000000012800";
static const char zone_aad[] = "000000000345|000000012800";
static const char message[] = "0200 the bytes of a message up to field 64";

static const struct suite {
    uint8_t number, ksn_len;
    enum mac_algorithm mac;
    enum pin_format pin;
} suites[] = {
    {HSM_SUITE_TONGBAO_SM4, 0, MAC_SM4_CMAC_8, PIN_SM4_LONG},
    {HSM_SUITE_DUKPT_AES, 12, MAC_AES_CMAC_8, PIN_ISO4},
    {HSM_SUITE_DUKPT_TDES, 10, MAC_X9_19, PIN_ISO0},
};

static const uint8_t ksn[12] = {0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x80, 0, 3, 0, 3};

/* A request, as a terminal of the suite makes it, and the keys that its host has for it. */
struct request {
    struct text carrier, mac, pin, data; /* blocks of the host */
    struct text token_key, zone_pin_key, zone_data_key;
    struct working_keys keys;
    uint8_t mac_bytes[MAC_MAX], envelope[ENVELOPE_MAX];
    struct pin_block block;
    struct hsm_accept_serial m;
};

static struct key derive(struct fixture *f, const struct suite *suite, const struct text *base,
                         enum dukpt_purpose purpose)
{
    struct key key = {0}, opened = {0};
    assert_ok(keyblock_unwrap(&f->crypto, &f->master.key, view(base), &opened));
    if (suite->number == HSM_SUITE_DUKPT_TDES)
        assert_ok(dukpt_tdes_derive(&f->crypto, &opened, ksn, purpose, &key));
    else assert_ok(dukpt_aes_derive(&f->crypto, &opened, ksn, purpose, KEY_AES128, &key));
    return key;
}

/* SIGN_IN gives the host what it works with, whatever the suite. */
static void sign_in_by(struct fixture *f, const struct suite *suite, struct request *q)
{
    bool serial = suite->ksn_len > 0;
    q->carrier =
        make_key(f, serial ? HSM_KEY_BASE_DERIVATION : HSM_KEY_TERMINAL_MASTER, suite->number);
    const struct hsm_sign_in m = {suite->number, view(&q->carrier)};
    struct hsm_sign_in_answer answer;
    struct key master = {0};
    hsm_write_sign_in(begin(f, HSM_SIGN_IN), &m);
    assert_status(execute(f), HSM_OK);
    assert_ok(hsm_read_sign_in_answer(&f->answer, &answer));
    q->mac = keep(answer.mac_block);
    q->pin = keep(answer.pin_block);
    q->data = keep(answer.data_block);
    if (serial) {
        assert_int_equal(answer.delivery.len, 0);
        q->keys = (struct working_keys){derive(f, suite, &q->carrier, DUKPT_PIN),
                                        derive(f, suite, &q->carrier, DUKPT_MAC_REQUEST),
                                        derive(f, suite, &q->carrier, DUKPT_DATA_REQUEST), true};
        return;
    }
    assert_ok(keyblock_unwrap(&f->crypto, &f->master.key, view(&q->carrier), &master));
    assert_ok(delivery_unwrap(&f->crypto, &master, answer.delivery, &q->keys));
}

static void make_request_of(struct fixture *f, const struct suite *suite,
                            const struct card_data *taken, struct request *q)
{
    struct pin pin = {0};
    struct writer w = writer_over(q->envelope, sizeof q->envelope);
    sign_in_by(f, suite, q);
    q->token_key = make_key(f, HSM_KEY_TOKEN, 1);
    q->zone_pin_key = make_key(f, HSM_KEY_ZONE_PIN, 1);
    q->zone_data_key = make_key(f, HSM_KEY_ZONE_DATA, 1);
    assert_ok(envelope_seal(&f->crypto, &q->keys.data, bytes_text(aad), taken, &w));
    assert_ok(pin_from_digits(BYTES("123456"), &pin));
    assert_ok(pin_block_encrypt(&f->crypto, &q->keys.pin, suite->pin, &pin, bytes_text(taken->pan),
                                &q->block));
    assert_ok(
        mac_generate(&f->crypto, suite->mac, &q->keys.mac, bytes_text(message), q->mac_bytes));
    q->m.ksn = bytes_of(ksn, suite->ksn_len);
    q->m.accept = (struct hsm_accept){.suite = suite->number,
                                      .mac_key = view(&q->mac),
                                      .mac_data = bytes_text(message),
                                      .mac = bytes_of(q->mac_bytes, 8),
                                      .pin_key = view(&q->pin),
                                      .pin_block = bytes_of(q->block.at, q->block.len),
                                      .data_key = view(&q->data),
                                      .envelope = writer_view(&w),
                                      .aad = bytes_text(aad),
                                      .token_key = view(&q->token_key),
                                      .zone_pin_key = view(&q->zone_pin_key),
                                      .zone_data_key = view(&q->zone_data_key),
                                      .zone_aad = bytes_text(zone_aad)};
}

static void make_request(struct fixture *f, const struct suite *suite, struct request *q)
{
    make_request_of(f, suite, &card, q);
}

static enum hsm_status accept(struct fixture *f, const struct hsm_accept_serial *m)
{
    if (m->ksn.len > 0) hsm_write_accept_serial(begin(f, HSM_ACCEPT_SERIAL), m);
    else hsm_write_accept(begin(f, HSM_ACCEPT), &m->accept);
    return execute(f);
}

/* The network's side finds the card and the PIN that the terminal took. */
static void accepted(struct fixture *f, const struct suite *suite, const struct card_data *taken)
{
    struct request q = {.m = {{0}, {0}}};
    struct hsm_accept_answer a;
    struct key data_key = {0}, pin_key = {0};
    struct card_data out = {0};
    struct pin pin = {0};
    make_request_of(f, suite, taken, &q);
    assert_status(accept(f, &q.m), HSM_OK);
    assert_ok(hsm_read_accept_answer(&f->answer, &a));
    assert_true(bytes_equal(a.pan_masked, BYTES("620000******0005")));
    assert_ok(keyblock_unwrap(&f->crypto, &f->master.key, view(&q.zone_data_key), &data_key));
    assert_ok(keyblock_unwrap(&f->crypto, &f->master.key, view(&q.zone_pin_key), &pin_key));
    assert_ok(envelope_open(&f->crypto, &data_key, bytes_text(zone_aad), a.zone_envelope, &out));
    assert_memory_equal(&out, taken, sizeof out);
    assert_ok(pin_block_decrypt(&f->crypto, &pin_key, PIN_ISO4, a.zone_pin_block,
                                bytes_text(taken->pan), &pin));
    assert_memory_equal(pin.digit, "123456", 6);
}

static void a_request_is_accepted(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(suites); i++) {
        accepted(f, &suites[i], &card);
        accepted(f, &suites[i], &chip_card);
    }
    assert_null(strstr(f->logged, card.pan));
}

static void what_differs_is_refused(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < ARRAY_LEN(suites); i++) {
        struct request q = {.m = {{0}, {0}}};
        make_request(f, &suites[i], &q);
        q.mac_bytes[7] ^= 1;
        assert_status(accept(f, &q.m), HSM_BAD_MAC);
        q.mac_bytes[7] ^= 1;
        struct hsm_accept_serial other = q.m;
        other.accept.aad = BYTES("10000017|000012|000345|000000012801");
        assert_status(accept(f, &other), HSM_BAD_ENVELOPE);
        if (suites[i].ksn_len == 0) {
            other = q.m; /* a serial number where there should be none */
            other.ksn = bytes_of(ksn, 12);
            assert_status(accept(f, &other), HSM_BAD_REQUEST);
            continue;
        }
        uint8_t wrong[12];
        memcpy(wrong, ksn, sizeof wrong);
        other = q.m;
        other.ksn = bytes_of(wrong, suites[i].ksn_len);
        for (size_t at = 0; at < suites[i].ksn_len; at++) { /* another device, another counter */
            wrong[at] ^= 0x04;
            assert_status(accept(f, &other), HSM_BAD_MAC);
            wrong[at] ^= 0x04;
        }
        other.ksn = bytes_of(ksn, suites[i].ksn_len - 1u);
        assert_status(accept(f, &other), HSM_BAD_REQUEST);
        hsm_write_accept(begin(f, HSM_ACCEPT), &q.m.accept); /* no number at all */
        assert_status(execute(f), HSM_BAD_REQUEST);
        struct text token = make_key(f, HSM_KEY_TOKEN, 1);
        other = q.m;
        other.accept.mac_key = view(&token);
        assert_status(accept(f, &other), HSM_WRONG_USAGE);
        struct text stranger = make_key(f, HSM_KEY_BASE_DERIVATION, suites[i].number);
        other.accept.mac_key = view(&stranger);
        assert_status(accept(f, &other), HSM_BAD_MAC);
    }
}

/* The device's first key, for it alone: a block under its master key that names its number. */
static void an_initial_key_is_a_block_for_its_device(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 1; i < ARRAY_LEN(suites); i++) {
        struct text base = make_key(f, HSM_KEY_BASE_DERIVATION, suites[i].number);
        struct text carrier = make_key(f, HSM_KEY_TERMINAL_MASTER, HSM_SUITE_TONGBAO);
        struct text other = make_key(f, HSM_KEY_TERMINAL_MASTER, HSM_SUITE_CUP);
        struct hsm_initial_block m = {
            {suites[i].number, view(&base), bytes_of(ksn, suites[i].ksn_len)}, view(&carrier)};
        struct hsm_block_answer answer;
        struct keyblock_header header;
        struct key master = {0}, opened = {0}, expected = {0};
        uint8_t value[64], kcv[KEY_CHECK_BYTES];
        size_t len;
        bool tdes = suites[i].number == HSM_SUITE_DUKPT_TDES;
        hsm_write_initial_block(begin(f, HSM_INITIAL_BLOCK), &m);
        assert_status(execute(f), HSM_OK);
        assert_ok(hsm_read_block_answer(&f->answer, &answer));
        struct text block = keep(answer.block);
        memcpy(kcv, answer.kcv.at, sizeof kcv);
        assert_ok(keyblock_unwrap(&f->crypto, &f->master.key, view(&carrier), &master));
        assert_ok(keyblock_unwrap(&f->crypto, &f->master.key, view(&base), &opened));
        assert_ok(
            keyblock_open(&f->crypto, &master, view(&block), &header, value, sizeof value, &len));
        assert_memory_equal(header.usage, "B1", 2);
        assert_int_equal(header.mode, 'X');
        assert_ok(tdes ? dukpt_tdes_initial(&f->crypto, &opened, ksn, &expected)
                       : dukpt_aes_initial(&f->crypto, &opened, ksn, &expected));
        assert_int_equal(len, expected.value.len);
        assert_memory_equal(value, expected.value.at, len);
        assert_ok(key_check(&f->crypto, &expected, BYTES_OF(kcv)));
        m.master = view(&base);
        hsm_write_initial_block(begin(f, HSM_INITIAL_BLOCK), &m);
        assert_status(execute(f), HSM_WRONG_USAGE);
        m.master = view(&other); /* a weaker key does not carry it */
        hsm_write_initial_block(begin(f, HSM_INITIAL_BLOCK), &m);
        assert_status(execute(f), HSM_WRONG_USAGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_request_is_accepted, open_hsm, close_hsm),
        cmocka_unit_test_setup_teardown(what_differs_is_refused, open_hsm, close_hsm),
        cmocka_unit_test_setup_teardown(an_initial_key_is_a_block_for_its_device, open_hsm,
                                        close_hsm),
    };
    return cmocka_run_group_tests_name("hsm_suites", tests, NULL, NULL);
}
