/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Totals of a batch and the messages of its settlement, digit by digit as sections 1.10 and 1.11 of
 * the protocol facts lay them out, and what is malformed. Capability: S104.
 */
#include "tests/unit/scratch.h"

#include "payment/settlement.h"

static uint8_t block[2 * PAYMENT_MESSAGE_ARENA];

static struct payment_settlement example(void)
{
    struct payment_settlement s = {
        .tid = "10000017", .mid = "898310153110001", .stan = 345, .batch = 12, .operator_id = "01"};
    s.totals.side[PAYMENT_SIDE_DEBIT] = (struct payment_sum){3, 38400};
    s.totals.side[PAYMENT_SIDE_CREDIT] = (struct payment_sum){1, 12800};
    return s;
}

static void assert_field(const struct iso8583_message *m, unsigned field, const char *wanted)
{
    char text[400] = "";
    assert_ok(bytes_to_text(iso8583_get(m, field), text, sizeof text));
    assert_string_equal(text, wanted);
}

/* Every kind of payment is on one side or on none, and moves that side alone. */
static void totals_follow_the_table(void **state)
{
    (void)state;
    for (enum payment_type type = PAYMENT_TYPE_NONE + 1; type < PAYMENT_TYPES; type++) {
        struct payment_totals totals = {0}, none = {0};
        enum payment_side side = payment_side_of(type);
        assert_ok(payment_totals_add(&totals, type, 2, 300));
        for (enum payment_side s = 0; s < PAYMENT_SIDES; s++)
            assert_int_equal(totals.side[s].minor, s == side && s != 0 ? 300 : 0);
        assert_int_equal(payment_counted(type, PAYMENT_APPROVED), side != PAYMENT_SIDE_NONE);
        assert_int_equal(payment_counted(type, PAYMENT_DISPUTED), side != PAYMENT_SIDE_NONE);
        assert_false(payment_counted(type, PAYMENT_REVERSED));
        assert_false(payment_counted(type, PAYMENT_PENDING));
        assert_ok(payment_totals_add(&totals, type, -2, -300));
        assert_true(payment_totals_equal(&totals, &none));
    }
    struct payment_totals full = {0};
    assert_int_equal(payment_totals_add(&full, PAYMENT_SALE, -1, -1).code, ERR_RANGE);
    assert_int_equal(payment_totals_add(&full, PAYMENT_SALE, 1, MONEY_FIELD_MAX + 1).code,
                     ERR_RANGE);
    assert_true(payment_totals_empty(&full));
}

static void totals_on_the_wire(void **state)
{
    (void)state;
    struct iso8583_message m;
    struct payment_settlement s = example(), back;
    struct arena arena = arena_over(block, sizeof block);
    assert_ok(payment_settle_request(PAYMENT_PROFILE_CUP, &s, &arena, &m));
    assert_int_equal(m.mti, 0x0500);
    assert_field(&m, 48,
                 "0000000384000030000000128000010" /* domestic: 31 digits */
                 "0000000000000000000000000000000");
    assert_field(&m, 60, "00000012201");
    assert_field(&m, 63, "01 ");
    assert_false(iso8583_has(&m, 64));
    assert_ok(payment_settlement_parse(PAYMENT_PROFILE_CUP, &m, &back));
    assert_true(payment_totals_equal(&s.totals, &back.totals));
    assert_string_equal(back.operator_id, "01");

    s.totals.side[PAYMENT_SIDE_DEBIT].count = 1000; /* more than three digits say */
    assert_int_equal(payment_settle_request(PAYMENT_PROFILE_CUP, &s, &arena, &m).code, ERR_RANGE);
    arena_reset(&arena);
    assert_ok(payment_settle_request(PAYMENT_PROFILE_TONGBAO, &s, &arena, &m));
    assert_field(&m, 48,
                 "0000000384000010000000000128000000010"
                 "0000000000000000000000000000000000000");
}

/* Encoded and decoded by the dialect as well: the fields are in it. */
static void answers_on_the_wire(void **state)
{
    (void)state;
    uint8_t encoded[512], decoded[ISO8583_ARENA_MAX];
    const struct iso8583_dialect *dialect = payment_profile(PAYMENT_PROFILE_TONGBAO)->dialect;
    for (int mti = 0x0510; mti >= 0x0330; mti -= 0x01e0) {
        struct iso8583_message m, read;
        struct iso8583_fault fault;
        struct payment_settlement s = example(), back;
        struct arena arena = arena_over(block, sizeof block);
        struct arena in = arena_over(decoded, sizeof decoded);
        struct writer w = writer_over(encoded, sizeof encoded);
        memcpy(s.response_code, "00", 3);
        memcpy(s.local_time, "123015", 7);
        memcpy(s.local_date, "0425", 5);
        s.flag = PAYMENT_SETTLE_DIFFERENT;
        assert_ok(
            payment_settlement_response(PAYMENT_PROFILE_TONGBAO, (uint16_t)mti, &s, &arena, &m));
        assert_ok(iso8583_encode(dialect, &m, &w, &fault));
        assert_ok(iso8583_decode(dialect, writer_view(&w), &in, &read, &fault));
        assert_ok(payment_settlement_parse(PAYMENT_PROFILE_TONGBAO, &read, &back));
        assert_string_equal(back.response_code, "00");
        assert_int_equal(back.batch, 12);
        assert_int_equal(back.flag, mti == 0x0510 ? PAYMENT_SETTLE_DIFFERENT : 0);
        if (mti == 0x0330) break;
    }
}

static void rows_on_the_wire(void **state)
{
    (void)state;
    struct iso8583_message m;
    struct payment_settlement s = example(), back;
    struct arena arena = arena_over(block, sizeof block);
    s.rows = 2;
    s.row[0] = (struct payment_upload_row){PAYMENT_SALE, 345, "", 12800};
    s.row[1] = (struct payment_upload_row){PAYMENT_SALE, 346, "", 100};
    payment_shown_digits("622209******6620", s.row[0].shown);
    assert_ok(payment_upload_request(PAYMENT_PROFILE_TONGBAO, &s, &arena, &m));
    assert_int_equal(m.mti, 0x0320);
    assert_field(&m, 48,
                 "02"
                 "01"
                 "000345"
                 "0000000000"
                 "6222096620"
                 "000000012800"
                 "01"
                 "000346"
                 "00000000000000000000"
                 "000000000100");
    assert_ok(payment_settlement_parse(PAYMENT_PROFILE_TONGBAO, &m, &back));
    assert_int_equal(back.rows, 2);
    assert_string_equal(back.row[0].shown, "6222096620");
    assert_string_equal(back.row[1].shown, "");
    assert_int_equal(back.row[1].amount_minor, 100);
    assert_int_equal(back.row[1].type, PAYMENT_SALE);

    s.end = true;
    s.rows = 17;
    assert_ok(payment_upload_request(PAYMENT_PROFILE_TONGBAO, &s, &arena, &m));
    assert_field(&m, 48, "0017");
    assert_field(&m, 60, "00000012202");
    assert_ok(payment_settlement_parse(PAYMENT_PROFILE_TONGBAO, &m, &back));
    assert_true(back.end && back.rows == 17);
}

/* The plain profile uploads card numbers: what is kept of one is what may be shown. S65 */
static void a_card_number_is_not_kept(void **state)
{
    (void)state;
    struct iso8583_message m;
    struct payment_settlement s = example(), back;
    struct arena arena = arena_over(block, sizeof block);
    s.rows = 1;
    s.row[0] = (struct payment_upload_row){PAYMENT_SALE, 345, "", 12800};
    assert_ok(payment_upload_request(PAYMENT_PROFILE_CUP, &s, &arena, &m));
    iso8583_set(&m, 48,
                BYTES("01"
                      "00"
                      "000345"
                      "0000"
                      "6222021234567890"
                      "000000012800"));
    assert_ok(payment_settlement_parse(PAYMENT_PROFILE_CUP, &m, &back));
    assert_string_equal(back.row[0].shown, "6222027890");
    assert_int_equal(back.row[0].type, PAYMENT_TYPE_NONE);
    assert_null(memmem(&back, sizeof back, "1234", 4));
}

#define NOBODY "00000000000000000000"

static void malformed_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *field;
        enum err_code code;
    } cases[] = {
        {"", ERR_SHORT},
        {"00", ERR_FORMAT},
        {"09", ERR_FORMAT},
        {"01", ERR_SHORT},
        {"01"
         "01"
         "000345" NOBODY "00000001280",
         ERR_SHORT},
        {"01"
         "01"
         "000345" NOBODY "0000000128000",
         ERR_TRAILING},
        {"01"
         "01"
         "000000" NOBODY "000000012800",
         ERR_RANGE}, /* no STAN */
        {"01"
         "01"
         "000345" NOBODY "000000000000",
         ERR_RANGE}, /* no amount */
        {"01"
         "00"
         "000345" NOBODY "000000012800",
         ERR_FORMAT}, /* no kind */
        {"01"
         "99"
         "000345" NOBODY "000000012800",
         ERR_FORMAT},
    };
    struct iso8583_message m;
    struct payment_settlement s = example(), back = {.rows = 77};
    struct arena arena = arena_over(block, sizeof block);
    s.rows = 1;
    s.row[0] = (struct payment_upload_row){PAYMENT_SALE, 345, "", 12800};
    assert_ok(payment_upload_request(PAYMENT_PROFILE_TONGBAO, &s, &arena, &m));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        iso8583_set(&m, 48, bytes_text(cases[i].field));
        err e = payment_settlement_parse(PAYMENT_PROFILE_TONGBAO, &m, &back);
        if (e.code != cases[i].code) print_message("case %zu: %s\n", i, err_name(e));
        assert_int_equal(e.code, cases[i].code);
        assert_int_equal(back.rows, 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(totals_follow_the_table),   cmocka_unit_test(totals_on_the_wire),
        cmocka_unit_test(answers_on_the_wire),       cmocka_unit_test(rows_on_the_wire),
        cmocka_unit_test(a_card_number_is_not_kept), cmocka_unit_test(malformed_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
