/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a card has approved by itself, as a message: on both legs and in both profiles what one end
 * builds the other reads; what is no approval of a card is refused. S89
 */
#include "tests/unit/payment_rig.h"

#define RRN "633015000001"

/* 9F26, 9F27 (TC), 9F36, 95 and 8A: the last says that no host was asked. */
static const uint8_t approved[] = {0x9F, 0x26, 8, 1,    2,    3,    4, 5,   6,    7,    8,
                                   0x9F, 0x27, 1, 0x40, 0x9F, 0x36, 2, 0,   0x1C, 0x95, 5,
                                   0,    0,    0, 0x80, 0,    0x8A, 2, 'Y', '1'};
enum { INFORMATION_AT = 14, CODE_AT = 30 };

static struct payment offline(void)
{
    struct payment p = rig_sale(PAYMENT_CARD);
    p.entry = PAYMENT_ENTRY_CHIP;
    p.pin_entered = false;
    memcpy(p.card_sequence, "001", 4);
    memcpy(p.rrn, RRN, sizeof RRN);
    assert_int_equal(payment_chip_take(BYTES_OF(approved), &p.chip).code, ERR_OK);
    return p;
}

static struct payment_sensitive sealed(enum payment_profile profile)
{
    if (payment_profile(profile)->envelope)
        return (struct payment_sensitive){.envelope = BYTES("sealed for the hsm")};
    return (struct payment_sensitive){.pan = BYTES("6200000000000005"), .expiry = BYTES("3012")};
}

static struct iso8583_message advice(enum payment_profile profile, const struct payment *p)
{
    static const uint8_t ksn[PAYMENT_KSN_MAX] = {0x12, 0x34};
    struct payment_sensitive s = sealed(profile);
    struct arena arena = rig_arena();
    struct iso8583_message m;
    assert_int_equal(payment_advice_message(profile, p, &s, &arena, &m).code, ERR_OK);
    rig_add_ksn(profile, &m, ksn);
    return rig_sent(payment_profile(profile)->dialect, &m);
}

static void the_card_has_approved_and_no_host(void **state)
{
    (void)state;
    struct payment p = offline();
    assert_true(payment_offline(&p));
    p.chip.at[CODE_AT] = '3';
    assert_true(payment_offline(&p));
    p.chip.at[CODE_AT] = '2';
    assert_false(payment_offline(&p));
    memcpy(p.chip.at + CODE_AT - 1, "00", 2); /* the host has approved, and then the card */
    assert_false(payment_offline(&p));
    p.chip.len = 0;
    assert_false(payment_offline(&p));
}

static void an_advice_is_read_as_it_was_meant(void **state)
{
    (void)state;
    for (unsigned profile = 0; profile < PAYMENT_PROFILES; profile++) {
        struct payment sent = offline(), got;
        struct payment_sensitive s, want = sealed((enum payment_profile)profile);
        struct iso8583_message m = advice((enum payment_profile)profile, &sent);
        assert_int_equal(m.mti, 0x0220);
        rig_has(&m, 3, "000000");
        rig_has(&m, 22, "052");
        rig_has(&m, 25, "00");
        rig_has(&m, 60, "30000012000600");
        assert_false(iso8583_has(&m, 52));
        assert_int_equal(payment_from_request((enum payment_profile)profile, &m, &got, &s).code,
                         ERR_OK);
        assert_same_payment(&sent, &got);
        assert_true(payment_offline(&got));
        assert_int_equal(got.state, PAYMENT_CREATED);
        assert_int_equal(got.digest, payment_digest(&sent));
        assert_true(bytes_equal(s.envelope, want.envelope));
        assert_true(bytes_equal(s.pan, want.pan));
    }
}

static void refused(struct payment *p, void (*spoil)(struct iso8583_message *m), enum err_code why)
{
    struct payment got, before;
    struct payment_sensitive s;
    struct iso8583_message m = advice(PAYMENT_PROFILE_TONGBAO, p);
    spoil(&m);
    memset(&got, 0x5a, sizeof got);
    before = got;
    assert_int_equal(payment_from_request(PAYMENT_PROFILE_TONGBAO, &m, &got, &s).code, why);
    assert_memory_equal(&got, &before, sizeof got);
}

static uint8_t other[sizeof approved];

static void asked_for_the_host(struct iso8583_message *m)
{
    memcpy(other, approved, sizeof other);
    other[INFORMATION_AT] = 0x80;
    iso8583_set(m, 55, BYTES_OF(other));
}

static void was_declined(struct iso8583_message *m)
{
    memcpy(other, approved, sizeof other);
    memcpy(other + CODE_AT - 1, "Z1", 2);
    iso8583_set(m, 55, BYTES_OF(other));
}

static void has_a_pin(struct iso8583_message *m)
{
    static const uint8_t block[16] = {1};
    iso8583_set(m, 22, BYTES("051"));
    iso8583_set(m, 52, BYTES_OF(block));
}

static void has_no_chip(struct iso8583_message *m)
{
    iso8583_unset(m, 55);
}

static void was_swiped(struct iso8583_message *m)
{
    iso8583_set(m, 22, BYTES("022"));
    iso8583_unset(m, 55);
}

static void has_no_card(struct iso8583_message *m)
{
    iso8583_unset(m, 57);
}

static void what_no_card_has_approved_is_no_advice(void **state)
{
    (void)state;
    struct payment p = offline();
    refused(&p, asked_for_the_host, ERR_FORMAT);
    refused(&p, was_declined, ERR_FORMAT);
    refused(&p, has_a_pin, ERR_FORMAT);
    refused(&p, has_no_chip, ERR_MISSING);
    refused(&p, was_swiped, ERR_FORMAT);
    refused(&p, has_no_card, ERR_MISSING);
}

static void it_is_acknowledged(void **state)
{
    (void)state;
    for (unsigned profile = 0; profile < PAYMENT_PROFILES; profile++) {
        struct payment p = offline(), answered = p;
        struct arena arena = rig_arena();
        struct iso8583_message m;
        memcpy(answered.response_code, "00", 3);
        memcpy(answered.auth_code, "A1B2C3", 7);
        assert_int_equal(
            payment_response_message((enum payment_profile)profile, &answered, 0x0230, &arena, &m)
                .code,
            ERR_OK);
        m = rig_sent(payment_profile((enum payment_profile)profile)->dialect, &m);
        assert_int_equal(payment_apply_response(&m, 0x0210, &p).code, ERR_CONFLICT);
        assert_int_equal(payment_apply_response(&m, 0x0230, &p).code, ERR_OK);
        assert_string_equal(p.response_code, "00");
        assert_string_equal(p.auth_code, "A1B2C3");
        assert_true(payment_offline(&p)); /* what the card has said stays what it was */
    }
}

static void the_network_is_told_the_same(void **state)
{
    (void)state;
    struct payment sent = offline(), got;
    struct payment_sensitive s, sensitive = sealed(PAYMENT_PROFILE_TONGBAO);
    struct arena arena = rig_arena();
    struct iso8583_message m;
    enum payment_network_kind kind;
    assert_int_equal(payment_network_message(PAYMENT_NETWORK_ADVICE, &sent, &sensitive,
                                             INT64_C(1795393805000), &arena, &m)
                         .code,
                     ERR_OK);
    m = rig_sent(&iso8583_dialect_ascii87, &m);
    assert_int_equal(m.mti, 0x0220);
    assert_int_equal(payment_from_network(&m, &got, &s, &kind).code, ERR_OK);
    assert_int_equal(kind, PAYMENT_NETWORK_ADVICE);
    assert_true(payment_offline(&got));
    assert_string_equal(got.card_sequence, "001");
    assert_true(bytes_equal(s.envelope, sensitive.envelope));

    struct payment_network_answer a;
    memcpy(got.response_code, "59", 3);
    arena = rig_arena();
    assert_int_equal(payment_network_response(kind, &got, &arena, &m).code, ERR_OK);
    m = rig_sent(&iso8583_dialect_ascii87, &m);
    assert_int_equal(payment_network_answer_parse(&m, &a).code, ERR_OK);
    assert_int_equal(a.mti, 0x0230);
    assert_string_equal(a.response_code, "59");
    m.mti = 0x0220;
    assert_int_equal(payment_network_answer_parse(&m, &a).code, ERR_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_card_has_approved_and_no_host),
        cmocka_unit_test(an_advice_is_read_as_it_was_meant),
        cmocka_unit_test(what_no_card_has_approved_is_no_advice),
        cmocka_unit_test(it_is_acknowledged),
        cmocka_unit_test(the_network_is_told_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
