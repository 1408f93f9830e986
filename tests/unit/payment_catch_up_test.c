/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S165, S124: field 62 of what a host tells a restored terminal: bytes that were packed by hand,
 * every byte cut off, every limit, and what may never be in it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/iso8583/dialect.h"
#include "payment/catch_up.h"
#include "payment/message.h"

#define assert_ok(call) assert_int_equal((call).code, ERR_OK)

static struct payment sale(void)
{
    struct payment p = {.key = {"10000017", 12, 345},
                        .type = PAYMENT_SALE,
                        .state = PAYMENT_APPROVED,
                        .means = PAYMENT_CARD,
                        .entry = PAYMENT_ENTRY_SWIPE,
                        .card_class = PAYMENT_CLASS_CREDIT,
                        .pin_entered = true,
                        .amount_minor = 12800,
                        .currency = CURRENCY_CNY,
                        .created_ms = 0x0102030405};
    memcpy(p.mid, "104110070110001", 16);
    memcpy(p.operator_id, "01", 3);
    memcpy(p.pan_masked, "622209******6620", 17);
    memcpy(p.response_code, "00", 3);
    memcpy(p.rrn, "607600000001", 13);
    memcpy(p.auth_code, "A12345", 7);
    return p;
}

/* By hand, from the table in catch_up.h. */
static const uint8_t sale_bytes[] = {
    0x00, 0x75,                                     /* 117 bytes */
    0x00, 0x00, 0x0c, 0x00, 0x01, 0x59,             /* batch 12, STAN 345 */
    0x01, 0x03, 0x01, 0x02, 0x02, 0x01,             /* sale, approved, card, swiped, credit, PIN */
    0x00, 0x00, 0x00, 0x00, 0x32, 0x00, 0x00, 0x9c, /* 128.00, 156 */
    0x00, 0x00, 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, /* created */
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,       /* tip, months */
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00,             /* fee */
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00,             /* original */
    15,   '1',  '0',  '4',  '1',  '1',  '0',  '0',  '7', '0',
    '1',  '1',  '0',  '0',  '0',  '1',  2,    '0',  '1', 0, /* operator, approver */
    16,   '6',  '2',  '2',  '2',  '0',  '9',  '*',  '*', '*',
    '*',  '*',  '*',  '6',  '6',  '2',  '0',  0,    0, /* sequence, issuer */
    2,    '0',  '0',  0,                               /* 39, reason */
    12,   '6',  '0',  '7',  '6',  '0',  '0',  '0',  '0', '0',
    '0',  '0',  '1',  6,    'A',  '1',  '2',  '3',  '4', '5', /* 38 */
    0,    0,    0,    0,    0,    0,    0,                    /* times, original's texts, chip */
};

static void test_by_hand(void **state)
{
    (void)state;
    struct payment p = sale(), read = {0};
    uint8_t block[PAYMENT_CATCH_UP_PAYMENT_MAX];
    struct writer w = writer_over(block, sizeof block);
    payment_catch_up_write_payment(&w, &p);
    assert_int_equal(w.len, sizeof sale_bytes);
    assert_memory_equal(block, sale_bytes, w.len);
    struct reader r = reader_over(BYTES_OF(sale_bytes));
    assert_ok(payment_catch_up_read_payment(&r, &read));
    assert_ok(reader_finish(&r));
    p.digest = payment_digest(&p);
    memset(p.key.tid, 0, sizeof p.key.tid); /* whose it is, the message says */
    assert_memory_equal(&p, &read, sizeof p);
}

/* Cut anywhere, it is none, and what was read into is untouched. */
static void test_every_cut(void **state)
{
    (void)state;
    for (size_t len = 0; len < sizeof sale_bytes; len++) {
        struct payment read = {.amount_minor = 7};
        struct reader r = reader_over(bytes_of(sale_bytes, len));
        assert_true(FAILED(payment_catch_up_read_payment(&r, &read)));
        assert_int_equal(read.amount_minor, 7);
        uint8_t cut[sizeof sale_bytes];
        memcpy(cut, sale_bytes, len);
        if (len < 2) continue;
        cut[0] = 0;
        cut[1] = (uint8_t)(len - 2); /* the same with a length that says so */
        r = reader_over(bytes_of(cut, len));
        assert_true(FAILED(payment_catch_up_read_payment(&r, &read)));
    }
}

static void assert_refused(size_t at, uint8_t value)
{
    uint8_t bytes[sizeof sale_bytes];
    struct payment read;
    memcpy(bytes, sale_bytes, sizeof bytes);
    assert_int_not_equal(bytes[at], value);
    bytes[at] = value;
    struct reader r = reader_over(BYTES_OF(bytes));
    assert_true(FAILED(payment_catch_up_read_payment(&r, &read)));
}

static void test_values_that_are_none(void **state)
{
    (void)state;
    assert_refused(4, 0);    /* batch 0 */
    assert_refused(2, 0x10); /* a batch of seven digits */
    assert_refused(8, 0);    /* no type */
    assert_refused(8, PAYMENT_TYPES);
    assert_refused(8, PAYMENT_BALANCE); /* it moves nothing */
    assert_refused(8, PAYMENT_REDEEM);  /* and no card pays in points */
    assert_refused(9, PAYMENT_CREATED);
    assert_refused(9, PAYMENT_STATES);
    assert_refused(10, PAYMENT_CASH); /* no host has cash */
    assert_refused(12, PAYMENT_CLASSES);
    assert_refused(50, 0); /* texts have no NUL: what stood behind it would be seen by nobody */
    assert_refused(74, 0);
    assert_refused(13, 4);
    assert_refused(14, 0xff); /* more than an amount can say */
}

/* A card number is masked, or the record is none. */
static void test_no_card_number(void **state)
{
    (void)state;
    uint8_t bytes[sizeof sale_bytes];
    struct payment read;
    memcpy(bytes, sale_bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        if (bytes[i] == '*') bytes[i] = '0';
    struct reader r = reader_over(BYTES_OF(bytes));
    assert_int_equal(payment_catch_up_read_payment(&r, &read).code, ERR_FORMAT);
}

/* The longest that there can be fits into one page, and comes back. */
static void test_longest(void **state)
{
    (void)state;
    struct payment p = sale(), read;
    uint8_t block[512 - PAYMENT_CATCH_UP_HEAD];
    p.tip_minor = 1;
    p.plan = (struct payment_plan){.months = 24, .by_merchant = true, .fee_minor = 99};
    memcpy(p.approver_id, "00", 3);
    memcpy(p.pan_masked, "622209*********6620", 20);
    memcpy(p.card_sequence, "001", 4);
    memset(p.issuer, 'x', sizeof p.issuer - 1);
    memcpy(p.reversal_reason, "98", 3);
    memcpy(p.local_time, "235959", 7);
    memcpy(p.local_date, "1231", 5);
    memcpy(p.settlement_date, "1231", 5);
    p.original = (struct payment_original){.batch = 999999, .stan = 999999};
    memcpy(p.original.date, "1231", 5);
    memcpy(p.original.rrn, "607600000002", 13);
    memcpy(p.original.auth_code, "ABCDEF", 7);
    p.chip.len = PAYMENT_CHIP_MAX; /* one object of 252 bytes: 9F10 81 FC */
    memcpy(p.chip.at, "\x9f\x10\x81\xfb", 4);
    memset(p.chip.at + 4, 0xaa, 251);
    struct writer w = writer_over(block, sizeof block);
    payment_catch_up_write_payment(&w, &p);
    assert_int_equal(w.fault, ERR_OK);
    assert_int_equal(w.len, PAYMENT_CATCH_UP_PAYMENT_MAX);
    struct reader r = reader_over(writer_view(&w));
    assert_ok(payment_catch_up_read_payment(&r, &read));
    p.digest = payment_digest(&p);
    memset(p.key.tid, 0, sizeof p.key.tid);
    assert_memory_equal(&p, &read, sizeof p);
}

/* ---- asks, heads, closings ---- */

static void test_ask(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {1, 2, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 1, 0,
                                    0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 3, 0, 0, 0, 4, 0};
    const struct payment_catch_up_ask ask = {
        .at = {CATCH_UP_PAYMENTS, 7, 256}, .until_ms = 9, .payments = 3, .batches = 4};
    struct payment_catch_up_ask read = {0};
    uint8_t block[64];
    struct writer w = writer_over(block, sizeof block);
    payment_catch_up_write_ask(&w, &ask);
    assert_int_equal(w.len, sizeof bytes);
    assert_memory_equal(block, bytes, w.len);
    assert_ok(payment_catch_up_read_ask(BYTES_OF(bytes), &read));
    assert_memory_equal(&read, &ask, sizeof ask);
    for (size_t len = 0; len < sizeof bytes; len++)
        assert_true(FAILED(payment_catch_up_read_ask(bytes_of(bytes, len), &read)));
    uint8_t other[sizeof bytes];
    memcpy(other, bytes, sizeof other);
    other[0] = 2; /* of a later version */
    assert_int_equal(payment_catch_up_read_ask(BYTES_OF(other), &read).code, ERR_UNSUPPORTED);
    memcpy(other, bytes, sizeof other);
    other[1] = CATCH_UP_STEPS;
    assert_true(FAILED(payment_catch_up_read_ask(BYTES_OF(other), &read)));
    other[1] = 2;
    other[2] = 0x80; /* a place below nothing */
    assert_true(FAILED(payment_catch_up_read_ask(BYTES_OF(other), &read)));
    struct payment_catch_up_ask named = ask;
    memcpy(named.rrn, "607600000001", 13);
    w = writer_over(block, sizeof block);
    payment_catch_up_write_ask(&w, &named);
    assert_ok(payment_catch_up_read_ask(writer_view(&w), &read));
    assert_string_equal(read.rrn, "607600000001");
    block[w.len - 1] = 0; /* of eleven, and something */
    assert_int_equal(payment_catch_up_read_ask(writer_view(&w), &read).code, ERR_FORMAT);
}

static void test_head_and_closing(void **state)
{
    (void)state;
    struct payment_catch_up_page page = {.at = {CATCH_UP_CLOSINGS, 7, 0},
                                         .next = {CATCH_UP_END, 7, 3},
                                         .last_stan = 999999,
                                         .count = 1},
                                 read;
    struct payment_catch_up_closing closing = {.batch = 12,
                                               .flag = PAYMENT_SETTLE_DIFFERENT,
                                               .at_ms = 5},
                                    back;
    closing.totals.side[PAYMENT_SIDE_DEBIT] = (struct payment_sum){70000, MONEY_FIELD_MAX};
    closing.totals.side[PAYMENT_SIDE_CREDIT] = (struct payment_sum){1, 2};
    uint8_t block[128];
    struct writer w = writer_over(block, sizeof block);
    payment_catch_up_write_head(&w, &page);
    assert_int_equal(w.len, PAYMENT_CATCH_UP_HEAD);
    payment_catch_up_write_closing(&w, &closing);
    assert_ok(payment_catch_up_read_page(writer_view(&w), &read));
    assert_int_equal(read.last_stan, 999999);
    assert_int_equal(read.next.step, CATCH_UP_END);
    assert_int_equal(read.next.after, 3);
    assert_int_equal(read.count, 1);
    struct reader r = reader_over(read.records);
    assert_ok(payment_catch_up_read_closing(&r, &back));
    assert_ok(reader_finish(&r));
    assert_memory_equal(&back, &closing, sizeof back);
    for (size_t len = 0; len < read.records.len; len++) {
        r = reader_over(bytes_of(read.records.at, len));
        assert_true(FAILED(payment_catch_up_read_closing(&r, &back)));
    }
    for (size_t len = 0; len < PAYMENT_CATCH_UP_HEAD; len++)
        assert_true(FAILED(payment_catch_up_read_page(bytes_of(block, len), &read)));
}

/* ---- messages ---- */

static void test_messages(void **state)
{
    (void)state;
    uint8_t block[PAYMENT_MESSAGE_ARENA], out[256], field[] = {1, 2, 3};
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message m;
    struct iso8583_fault fault;
    struct payment_catch_up in = {.stan = 345, .batch = 12, .field = BYTES_OF(field)}, read;
    memcpy(in.tid, "10000017", 9);
    memcpy(in.mid, "104110070110001", 16);
    assert_ok(payment_catch_up_request(&in, &arena, &m));
    assert_int_equal(m.mti, 0x0300);
    assert_true(iso8583_has(&m, 64)); /* it has a MAC */
    struct writer w = writer_over(out, sizeof out);
    assert_ok(iso8583_encode(&iso8583_dialect_tongbao, &m, &w, &fault));
    assert_ok(payment_catch_up_parse(&m, &read));
    assert_int_equal(read.stan, 345);
    assert_int_equal(read.batch, 12);
    assert_true(bytes_equal(read.field, in.field));
    memcpy(in.response_code, "00", 3);
    memcpy(in.local_time, "123000", 7);
    memcpy(in.local_date, "0425", 5);
    assert_ok(payment_catch_up_response(&in, &arena, &m));
    assert_int_equal(m.mti, 0x0310);
    assert_ok(payment_catch_up_parse(&m, &read));
    assert_string_equal(read.response_code, "00");
    m.mti = 0x0320;
    assert_int_equal(payment_catch_up_parse(&m, &read).code, ERR_UNSUPPORTED);
    m.mti = 0x0310;
    iso8583_set(&m, 60, BYTES("00000012201"));
    assert_int_equal(payment_catch_up_parse(&m, &read).code, ERR_UNSUPPORTED);
}

/* The mark of a sign-in that was restored stands behind the check value, and nowhere else. */
static void test_sign_in_mark(void **state)
{
    (void)state;
    for (int marked = 0; marked < 2; marked++) {
        uint8_t block[PAYMENT_MESSAGE_ARENA];
        struct arena arena = arena_over(block, sizeof block);
        struct iso8583_message m;
        struct payment_sign_in in = {.stan = 1, .batch = 12, .has_kcv = true}, read;
        in.restored = marked == 1;
        memcpy(in.tid, "10000017", 9);
        memcpy(in.mid, "104110070110001", 16);
        memcpy(in.code, "006", 4);
        memcpy(in.master_kcv, "\x01\x02\x03\x04", 4);
        assert_ok(payment_sign_in_request(PAYMENT_PROFILE_TONGBAO, &in, &arena, &m));
        assert_int_equal(iso8583_get(&m, 62).len, 4 + (size_t)marked);
        assert_ok(payment_sign_in_parse(&m, &read));
        assert_true(read.has_kcv);
        assert_memory_equal(read.master_kcv, in.master_kcv, 4);
        assert_int_equal(read.restored, marked == 1);
        iso8583_set(&m, 62, BYTES("12345"));
        assert_ok(payment_sign_in_parse(&m, &read));
        assert_false(read.restored);
        assert_false(read.has_kcv);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_every_cut),
        cmocka_unit_test(test_values_that_are_none),
        cmocka_unit_test(test_no_card_number),
        cmocka_unit_test(test_longest),
        cmocka_unit_test(test_ask),
        cmocka_unit_test(test_head_and_closing),
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_sign_in_mark),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
