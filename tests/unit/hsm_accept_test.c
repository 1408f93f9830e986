/* SPDX-License-Identifier: Apache-2.0 */
/* ACCEPT: MAC, card and PIN of a financial request; and commands that are none. S60, S61, S63. */
#include "tests/unit/hsm_fixture.h"

/* A financial request as the terminal makes it. */
struct request {
    struct terminal terminal;
    struct text token_key, zone_pin_key, zone_data_key;
    uint8_t mac[MAC_MAX], envelope[ENVELOPE_MAX];
    struct pin_block pin;
    struct hsm_accept m;
};

static const struct card_data card = {
    .pan = "6200000000000005",
    .expiry = "3012",
    .service_code = "220",
    .track2 = "6200000000000005=30122201000000000000",
};

static const char aad[] = "10000017|000012|000345|000000012800";
static const char zone_aad[] = "000000000345|000000012800";
static const char message[] = "0200 the bytes of a message up to field 64";

static void host_keys(struct fixture *f, struct request *q)
{
    q->token_key = make_key(f, HSM_KEY_TOKEN, 1);
    q->zone_pin_key = make_key(f, HSM_KEY_ZONE_PIN, 1);
    q->zone_data_key = make_key(f, HSM_KEY_ZONE_DATA, 1);
    q->m = (struct hsm_accept){.suite = q->terminal.suite,
                               .mac_key = view(&q->terminal.mac_block),
                               .mac_data = bytes_text(message),
                               .pin_key = view(&q->terminal.pin_block),
                               .token_key = view(&q->token_key),
                               .zone_pin_key = view(&q->zone_pin_key),
                               .zone_data_key = view(&q->zone_data_key),
                               .zone_aad = bytes_text(zone_aad)};
    bool cup = q->terminal.suite == HSM_SUITE_CUP;
    struct pin pin = {0};
    assert_ok(pin_from_digits(BYTES("123456"), &pin));
    assert_ok(mac_generate(&f->crypto, cup ? MAC_CUP_ECB : MAC_AES_CMAC_8, &q->terminal.keys.mac,
                           q->m.mac_data, q->mac));
    assert_ok(pin_block_encrypt(&f->crypto, &q->terminal.keys.pin, cup ? PIN_ISO0 : PIN_ISO4, &pin,
                                bytes_text(card.pan), &q->pin));
    q->m.mac = bytes_of(q->mac, 8);
    q->m.pin_block = bytes_of(q->pin.at, q->pin.len);
}

static void make_request(struct fixture *f, struct request *q)
{
    *q = (struct request){.terminal = new_terminal(f, HSM_SUITE_TONGBAO)};
    host_keys(f, q);
    struct writer w = writer_over(q->envelope, sizeof q->envelope);
    assert_ok(envelope_seal(&f->crypto, &q->terminal.keys.data, bytes_text(aad), &card, &w));
    q->m.data_key = view(&q->terminal.data_block);
    q->m.envelope = writer_view(&w);
    q->m.aad = bytes_text(aad);
}

static void make_plain_request(struct fixture *f, struct request *q)
{
    *q = (struct request){.terminal = new_terminal(f, HSM_SUITE_CUP)};
    host_keys(f, q);
    q->m.clear_pan = bytes_text(card.pan);
    q->m.clear_expiry = bytes_text(card.expiry);
    q->m.clear_track2 = BYTES("6200000000000005D30122201000000000000");
}

static enum hsm_status accept(struct fixture *f, const struct hsm_accept *m)
{
    hsm_write_accept(begin(f, HSM_ACCEPT), m);
    return execute(f);
}

/* What reaches the network is the card and the PIN that the terminal took. */
static void assert_zone(struct fixture *f, const struct request *q,
                        const struct hsm_accept_answer *a)
{
    struct key data_key = {0}, pin_key = {0};
    struct card_data out = {0};
    struct pin pin = {0};
    assert_ok(keyblock_unwrap(&f->crypto, &f->master.key, view(&q->zone_data_key), &data_key));
    assert_ok(keyblock_unwrap(&f->crypto, &f->master.key, view(&q->zone_pin_key), &pin_key));
    assert_ok(envelope_open(&f->crypto, &data_key, bytes_text(zone_aad), a->zone_envelope, &out));
    assert_memory_equal(&out, &card, sizeof card);
    assert_ok(pin_block_decrypt(&f->crypto, &pin_key, PIN_ISO4, a->zone_pin_block,
                                bytes_text(card.pan), &pin));
    assert_memory_equal(pin.digit, "123456", 6);
}

static void a_request_is_accepted(void **state)
{
    struct fixture *f = *state;
    struct request q;
    struct hsm_accept_answer a;
    char first_token[16];
    void (*const make[])(struct fixture *, struct request *) = {make_request, make_plain_request};
    for (size_t i = 0; i < ARRAY_LEN(make); i++) {
        make[i](f, &q);
        for (int again = 0; again < 2; again++) {
            assert_status(accept(f, &q.m), HSM_OK);
            assert_ok(hsm_read_accept_answer(&f->answer, &a));
            assert_true(bytes_equal(a.pan_masked, BYTES("620000******0005")));
            assert_true(bytes_equal(a.bin, BYTES("62000000")));
            assert_int_equal(a.token.len, 16);
            if (again == 0) memcpy(first_token, a.token.at, 16);
            assert_memory_equal(a.token.at, first_token, 16);
            assert_zone(f, &q, &a);
        }
    }
    assert_null(strstr(f->logged, card.pan));
}

static void parts_that_are_absent(void **state)
{
    struct fixture *f = *state;
    struct request q;
    struct hsm_accept_answer a;
    make_request(f, &q);
    q.m.pin_key = q.m.pin_block = (struct bytes){0};
    assert_status(accept(f, &q.m), HSM_OK);
    assert_ok(hsm_read_accept_answer(&f->answer, &a));
    assert_int_equal(a.zone_pin_block.len, 0);
    assert_int_equal(a.zone_envelope.len, q.m.envelope.len);

    const struct hsm_accept only_mac = {
        .suite = q.m.suite, .mac_key = q.m.mac_key, .mac_data = q.m.mac_data, .mac = q.m.mac};
    assert_status(accept(f, &only_mac), HSM_OK); /* a scanned code or a reversal */
    assert_ok(hsm_read_accept_answer(&f->answer, &a));
    assert_int_equal(a.pan_masked.len + a.token.len + a.bin.len + a.zone_envelope.len, 0);

    make_plain_request(f, &q);
    q.m.clear_pan = q.m.clear_expiry = (struct bytes){0}; /* a swipe: all of it is in track 2 */
    assert_status(accept(f, &q.m), HSM_OK);
    assert_ok(hsm_read_accept_answer(&f->answer, &a));
    assert_zone(f, &q, &a);
}

static void requests_that_are_refused(void **state)
{
    struct fixture *f = *state;
    struct request good, other, q;
    make_request(f, &good);
    make_request(f, &other);
    struct bytes none = {0};
#define REFUSED(status, ...)                    \
    do {                                        \
        q = good;                               \
        __VA_ARGS__;                            \
        assert_status(accept(f, &q.m), status); \
    } while (0)
    REFUSED(HSM_BAD_MAC, q.m.mac_data = BYTES("0200 another message"));
    REFUSED(HSM_BAD_MAC, q.m.mac_key = view(&other.terminal.mac_block));
    REFUSED(HSM_BAD_ENVELOPE, q.m.aad = BYTES("10000017|000012|000345|000000012801"));
    REFUSED(HSM_BAD_ENVELOPE, q.m.data_key = view(&other.terminal.data_block));
    REFUSED(HSM_BAD_ENVELOPE, q.m.envelope = other.m.envelope);
    REFUSED(HSM_BAD_PIN_BLOCK, q.m.pin_key = view(&other.terminal.pin_block));
    REFUSED(HSM_BAD_PIN_BLOCK, q.m.pin_block.len = 8);
    REFUSED(HSM_WRONG_USAGE, q.m.mac_key = view(&good.terminal.pin_block));
    REFUSED(HSM_WRONG_USAGE, q.m.pin_key = view(&good.terminal.mac_block));
    REFUSED(HSM_WRONG_USAGE, q.m.data_key = view(&good.terminal.mac_block));
    REFUSED(HSM_WRONG_USAGE, q.m.data_key = view(&good.zone_data_key));
    REFUSED(HSM_WRONG_USAGE, q.m.zone_data_key = view(&good.terminal.data_block));
    REFUSED(HSM_WRONG_USAGE, q.m.zone_pin_key = view(&good.terminal.pin_block));
    REFUSED(HSM_WRONG_USAGE, q.m.token_key = view(&good.terminal.mac_block));
    REFUSED(HSM_BAD_KEY_BLOCK, q.m.token_key = BYTES("no block"));
    REFUSED(HSM_BAD_REQUEST, q.m.data_key = none);
    REFUSED(HSM_BAD_REQUEST, q.m.aad = none);
    REFUSED(HSM_BAD_REQUEST, q.m.envelope = none);
    REFUSED(HSM_BAD_REQUEST, q.m.pin_key = none);
    REFUSED(HSM_BAD_REQUEST, q.m.pin_block = none);
    REFUSED(HSM_BAD_REQUEST, q.m.zone_pin_key = none);
    REFUSED(HSM_BAD_REQUEST, q.m.token_key = none);
    REFUSED(HSM_BAD_REQUEST, q.m.zone_aad = none);
    REFUSED(HSM_BAD_REQUEST, q.m.envelope = q.m.data_key = q.m.aad = none); /* a PIN, no card */
    REFUSED(HSM_BAD_REQUEST, q.m.clear_pan = BYTES("6200000000000005"));
    REFUSED(HSM_BAD_REQUEST, q.m.suite = HSM_SUITE_CUP);
    REFUSED(HSM_OK, (void)q);

    make_plain_request(f, &good);
    REFUSED(HSM_BAD_ENVELOPE, q.m.clear_pan = BYTES("6200000000000104")); /* not track 2's */
    REFUSED(HSM_BAD_ENVELOPE, q.m.clear_pan = BYTES("62000000000000050000000"));
    REFUSED(HSM_BAD_ENVELOPE, q.m.clear_expiry = BYTES("99"));
    REFUSED(HSM_BAD_ENVELOPE, q.m.clear_track2 = BYTES("no track"));
    REFUSED(HSM_BAD_REQUEST, q.m.clear_pan = q.m.clear_track2 = none);
    REFUSED(HSM_OK, (void)q);
#undef REFUSED
}

/* Cut anywhere, changed anywhere: an answer, never a crash, and nothing but a status. */
static void malformed_commands_get_an_answer(void **state)
{
    struct fixture *f = *state;
    struct request q;
    make_request(f, &q);
    hsm_write_accept(begin(f, HSM_ACCEPT), &q.m);
    uint8_t whole[HSM_FRAME_MAX];
    size_t whole_len = f->w.len;
    memcpy(whole, f->request, whole_len);
    uint64_t before = hsm_counts(f->hsm).refusals;
    memset(f->logged, 0, sizeof f->logged); /* the tests before have filled it */
    f->logged_len = 0;
    for (size_t len = 0; len < whole_len; len++) {
        struct writer response = writer_over(f->response, sizeof f->response);
        assert_ok(hsm_execute(f->hsm, bytes_of(whole, len), &response));
        assert_int_equal(response.len, 7);
        assert_int_equal(f->response[6], HSM_BAD_REQUEST);
    }
    assert_int_equal(hsm_counts(f->hsm).refusals, before + whole_len);
    for (int i = 0; i < 20000; i++) {
        uint8_t changed[HSM_FRAME_MAX];
        memcpy(changed, whole, whole_len);
        for (int k = 0; k < 3; k++)
            changed[random_below(&f->crypto.random, (uint32_t)whole_len)] ^=
                (uint8_t)(1 + random_below(&f->crypto.random, 255));
        changed[1] = (uint8_t)random_below(&f->crypto.random, 9);
        struct writer response = writer_over(f->response, sizeof f->response);
        assert_ok(hsm_execute(f->hsm, bytes_of(changed, whole_len), &response));
        assert_true(response.len >= 7);
    }
    static uint8_t huge[HSM_FRAME_MAX + 1] = {HSM_PROTOCOL_VERSION, HSM_STATUS};
    struct writer response = writer_over(f->response, sizeof f->response);
    assert_ok(hsm_execute(f->hsm, BYTES_OF(huge), &response));
    assert_int_equal(f->response[6], HSM_BAD_REQUEST);
    assert_non_null(strstr(f->logged, "\"event\":\"refused\",\"command\":\"accept\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_accepted),
        cmocka_unit_test(parts_that_are_absent),
        cmocka_unit_test(requests_that_are_refused),
        cmocka_unit_test(malformed_commands_get_an_answer),
    };
    return cmocka_run_group_tests_name("hsm_accept", tests, open_hsm, close_hsm);
}
