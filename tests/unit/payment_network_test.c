/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The leg between acquirer and network: each of the three questions, by card and by code, is read
 * as it was meant; the MAC is always the last field; what is mandatory is missed; an answer says
 * only what it has. S74 S77
 */
#include "tests/unit/payment_rig.h"

#define RRN "633015000001"

static const int64_t sent_ms = INT64_C(1795393805000); /* 2026-11-23 00:30:05 UTC */

static struct payment asked(enum payment_means means)
{
    struct payment p = rig_sale(means);
    memcpy(p.rrn, RRN, sizeof RRN);
    memcpy(p.reversal_reason, "98", 3);
    return p;
}

static const uint8_t zone_block[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

static struct payment_sensitive sensitive_of(enum payment_means means)
{
    if (means == PAYMENT_CODE)
        return (struct payment_sensitive){.payment_code = BYTES("281234567890123456")};
    if (means == PAYMENT_SHOWN)
        return (struct payment_sensitive){.shown_code = BYTES("00020101 what is to be scanned")};
    return (struct payment_sensitive){.pin_block = BYTES_OF(zone_block),
                                      .envelope = BYTES("sealed for the network")};
}

static struct iso8583_message leg(enum payment_network_kind kind, const struct payment *p)
{
    struct payment_sensitive s = sensitive_of(p->means);
    struct arena arena = rig_arena();
    struct iso8583_message m;
    assert_int_equal(payment_network_message(kind, p, &s, sent_ms, &arena, &m).code, ERR_OK);
    return rig_sent(&iso8583_dialect_ascii87, &m);
}

static void every_question_is_read_as_it_was_meant(void **state)
{
    (void)state;
    static const char *const processing[][4] = {
        [PAYMENT_NETWORK_REQUEST] = {NULL, "000000", "450000", "460000"},
        [PAYMENT_NETWORK_QUERY] = {NULL, "320000", "670000", "660000"},
        [PAYMENT_NETWORK_REVERSAL] = {NULL, "000000", "680000", "690000"},
    };
    for (unsigned kind = 0; kind <= PAYMENT_NETWORK_REVERSAL; kind++) {
        for (unsigned means = PAYMENT_CARD; means <= PAYMENT_SHOWN; means++) {
            struct payment sent = asked((enum payment_means)means), got;
            struct payment_sensitive s, want = sensitive_of(sent.means);
            enum payment_network_kind read;
            struct iso8583_message m = leg((enum payment_network_kind)kind, &sent);
            assert_int_equal(m.mti, kind == PAYMENT_NETWORK_REVERSAL ? 0x0400 : 0x0200);
            rig_has(&m, 3, processing[kind][means]);
            rig_has(&m, 7, "1123003005");
            assert_int_equal(payment_from_network(&m, &got, &s, &read).code, ERR_OK);
            assert_int_equal(read, kind);
            assert_string_equal(got.rrn, RRN);
            assert_string_equal(got.key.tid, sent.key.tid);
            assert_int_equal(got.key.stan, sent.key.stan);
            assert_string_equal(got.mid, sent.mid);
            assert_int_equal(got.amount_minor, sent.amount_minor);
            assert_int_equal(got.currency, sent.currency);
            assert_int_equal(got.means, means);
            assert_int_equal(got.entry, sent.entry);
            assert_int_equal(got.pin_entered, sent.pin_entered);
            assert_string_equal(got.reversal_reason, kind == PAYMENT_NETWORK_REVERSAL ? "98" : "");
            /* Card, PIN and code go out once; a question about them goes without. S64 */
            bool first = kind == PAYMENT_NETWORK_REQUEST;
            assert_true(bytes_equal(s.envelope, first ? want.envelope : (struct bytes){0}));
            assert_true(bytes_equal(s.pin_block, first ? want.pin_block : (struct bytes){0}));
            assert_true(bytes_equal(s.payment_code, first ? want.payment_code : (struct bytes){0}));
            assert_true(bytes_equal(s.shown_code, first ? want.shown_code : (struct bytes){0}));
        }
    }
}

/* The MAC covers what stands before it, so nothing may stand behind it. S63 */
/* A wallet that remembers nothing finds a refund by both numbers. */
static void a_reversal_names_the_original_of_its_payment(void **state)
{
    (void)state;
    static const enum payment_type types[] = {PAYMENT_REFUND, PAYMENT_VOID};
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        struct payment sent = asked(PAYMENT_CODE), got;
        struct payment_sensitive s;
        enum payment_network_kind read;
        sent.type = types[i];
        memcpy(sent.original.rrn, "633014000077", 13);
        struct iso8583_message m = leg(PAYMENT_NETWORK_REVERSAL, &sent);
        rig_has(&m, 61, "633014000077");
        assert_int_equal(payment_from_network(&m, &got, &s, &read).code, ERR_OK);
        assert_int_equal(read, PAYMENT_NETWORK_REVERSAL);
        assert_int_equal(got.type, types[i]);
        assert_string_equal(got.original.rrn, "633014000077");
    }
    struct payment sale = asked(PAYMENT_CODE);
    struct iso8583_message m = leg(PAYMENT_NETWORK_REVERSAL, &sale);
    assert_false(iso8583_has(&m, 61));
}

static void the_mac_is_the_last_field(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind <= PAYMENT_NETWORK_REVERSAL; kind++) {
        for (unsigned means = PAYMENT_CARD; means <= PAYMENT_SHOWN; means++) {
            struct payment p = asked((enum payment_means)means);
            struct iso8583_message m = leg((enum payment_network_kind)kind, &p);
            assert_true(m.mac_input > 0);
            bool pin = kind == PAYMENT_NETWORK_REQUEST && means == PAYMENT_CARD;
            assert_int_equal(iso8583_has(&m, 128), pin);
            assert_int_equal(iso8583_has(&m, 64), !pin);
        }
    }
}

static void every_mandatory_field_is_missed(void **state)
{
    (void)state;
    static const unsigned needed[] = {3, 4, 11, 22, 37, 41, 42, 49};
    for (unsigned kind = 0; kind <= PAYMENT_NETWORK_REVERSAL; kind++) {
        struct payment p = asked(PAYMENT_CARD), out, before;
        struct payment_sensitive s;
        enum payment_network_kind read = PAYMENT_NETWORK_QUERY;
        memset(&out, 0x5a, sizeof out);
        memcpy(&before, &out, sizeof out);
        for (size_t i = 0; i < ARRAY_LEN(needed); i++) {
            struct iso8583_message m = leg((enum payment_network_kind)kind, &p);
            iso8583_unset(&m, needed[i]);
            assert_int_equal(payment_from_network(&m, &out, &s, &read).code, ERR_MISSING);
            assert_memory_equal(&out, &before, sizeof out);
        }
    }
    struct payment p = asked(PAYMENT_CARD), out;
    struct payment_sensitive s;
    enum payment_network_kind read;
    struct iso8583_message m = leg(PAYMENT_NETWORK_REVERSAL, &p);
    iso8583_unset(&m, 39);
    assert_int_equal(payment_from_network(&m, &out, &s, &read).code, ERR_MISSING);
}

static void what_the_network_does_not_do(void **state)
{
    (void)state;
    struct payment p = asked(PAYMENT_CARD), out;
    struct payment_sensitive s;
    enum payment_network_kind read;
    struct iso8583_message m = leg(PAYMENT_NETWORK_REQUEST, &p);
    m.mti = 0x0420;
    assert_int_equal(payment_from_network(&m, &out, &s, &read).code, ERR_UNSUPPORTED);
    m.mti = 0x0400; /* no reversal is asked for with the code of a query */
    iso8583_set(&m, 3, BYTES("320000"));
    assert_int_equal(payment_from_network(&m, &out, &s, &read).code, ERR_UNSUPPORTED);
    m.mti = 0x0200;
    iso8583_set(&m, 3, BYTES("990000"));
    assert_int_equal(payment_from_network(&m, &out, &s, &read).code, ERR_UNSUPPORTED);
    iso8583_set(&m, 3, BYTES("000000"));
    iso8583_set(&m, 4, BYTES("000000000000"));
    assert_int_equal(payment_from_network(&m, &out, &s, &read).code, ERR_RANGE);
}

static void an_answer_is_read_as_it_was_meant(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind <= PAYMENT_NETWORK_REVERSAL; kind++) {
        struct payment p = asked(PAYMENT_CODE);
        memcpy(p.response_code, "09", 3);
        memcpy(p.auth_code, "123456", 7);
        memcpy(p.settlement_date, "1124", 5);
        memcpy(p.issuer, "模拟钱包", sizeof "模拟钱包");
        p.card_class = PAYMENT_CLASS_WALLET;
        struct arena arena = rig_arena();
        struct iso8583_message m;
        assert_int_equal(
            payment_network_response((enum payment_network_kind)kind, &p, &arena, &m).code, ERR_OK);
        m = rig_sent(&iso8583_dialect_ascii87, &m);
        struct payment_network_answer a;
        assert_int_equal(payment_network_answer_parse(&m, &a).code, ERR_OK);
        assert_int_equal(a.mti, kind == PAYMENT_NETWORK_REVERSAL ? 0x0410 : 0x0210);
        assert_string_equal(a.rrn, RRN);
        assert_string_equal(a.response_code, "09");
        assert_string_equal(a.auth_code, "123456");
        assert_string_equal(a.settlement_date, "1124");
        assert_string_equal(a.issuer, "模拟钱包");
        assert_int_equal(a.card_class, PAYMENT_CLASS_WALLET);
    }
}

static void an_answer_without_its_number_or_code_is_none(void **state)
{
    (void)state;
    struct payment p = asked(PAYMENT_CARD);
    memcpy(p.response_code, "00", 3);
    struct payment_network_answer a, before;
    memset(&a, 0x5a, sizeof a);
    memcpy(&before, &a, sizeof a);
    static const unsigned needed[] = {37, 39};
    for (size_t i = 0; i < ARRAY_LEN(needed); i++) {
        struct arena arena = rig_arena();
        struct iso8583_message m;
        assert_int_equal(payment_network_response(PAYMENT_NETWORK_REQUEST, &p, &arena, &m).code,
                         ERR_OK);
        iso8583_unset(&m, needed[i]);
        assert_int_equal(payment_network_answer_parse(&m, &a).code, ERR_MISSING);
        m.mti = 0x0200;
        assert_int_equal(payment_network_answer_parse(&m, &a).code, ERR_UNSUPPORTED);
    }
    assert_memory_equal(&a, &before, sizeof a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_question_is_read_as_it_was_meant),
        cmocka_unit_test(a_reversal_names_the_original_of_its_payment),
        cmocka_unit_test(the_mac_is_the_last_field),
        cmocka_unit_test(every_mandatory_field_is_missed),
        cmocka_unit_test(what_the_network_does_not_do),
        cmocka_unit_test(an_answer_is_read_as_it_was_meant),
        cmocka_unit_test(an_answer_without_its_number_or_code_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
