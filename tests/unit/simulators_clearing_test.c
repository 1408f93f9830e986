/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the simulated networks write into a clearing file of fees: what instalments cost a merchant,
 * and what goes back of all of them with refunds, part by part to the last fen. S111
 */
#include "simulators/clearing.h"

#include "lib/crypto/crypto.h"
#include "tests/unit/scratch.h"

enum { DAY = 20454, ROWS = 8 };

static const struct clearing_head head = {PAYMENT_ROUTE_CARD_NETWORK, DAY, CURRENCY_CNY};

static struct entry entry(const char *rrn, enum payment_type type, int64_t amount_minor)
{
    struct entry e = {.state = ENTRY_CHARGED,
                      .route = PAYMENT_ROUTE_CARD_NETWORK,
                      .class = PAYMENT_CLASS_CREDIT,
                      .type = (uint8_t)type,
                      .response_code = "00",
                      .amount_minor = amount_minor,
                      .day = DAY};
    memcpy(e.rrn, rrn, sizeof e.rrn);
    return e;
}

static void fees_go_back_to_the_last_fen(void **state)
{
    (void)state;
    static const int64_t parts[] = {33333, 33333, 33334};
    static char text[2048];
    struct clearing_row rows[ROWS];
    struct clearing_sums sums;
    struct clearing_fault fault;
    struct book *book = NULL;
    size_t count = 0;
    int64_t before_minor = 0;
    struct entry e = entry("632700000301", PAYMENT_INSTALMENT, 100000);
    e.instalment_minor = 1801;
    assert_ok(book_open(64, NULL, &book));
    assert_ok(book_put(book, &e));
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        char rrn[13];
        snprintf(rrn, sizeof rrn, "63270000031%zu", i % 10);
        struct entry back = entry(rrn, PAYMENT_REFUND, parts[i]);
        memcpy(back.original, e.rrn, sizeof back.original);
        back.before_minor = before_minor;
        before_minor += parts[i];
        assert_ok(book_put(book, &back));
    }
    struct writer w = writer_over(text, sizeof text);
    assert_ok(clearing_write(book, &head, &w));
    assert_ok(
        clearing_parse(writer_view(&w), &head, crypto_sha256, rows, ROWS, &count, &sums, &fault));
    assert_int_equal(count, 4);
    assert_int_equal(rows[0].fee_minor, 450 + 32); /* 32.5 to the even fen */
    assert_int_equal(rows[0].instalment_minor, 1801);
    assert_int_equal(rows[1].fee_minor, 150 + 11);   /* 149.9985 and 10.66656 */
    assert_int_equal(rows[1].instalment_minor, 600); /* 600.33 */
    assert_int_equal(sums.fee_minor, sums.fee_back_minor);
    assert_int_equal(sums.instalment_minor, sums.instalment_back_minor);
    book_close(book);
}

static void a_share_is_half_even(void **state)
{
    (void)state;
    /* A wallet's 0.20 %: 2 fen of 10.00. */
    const struct clearing_part quarter = {1000, 0, 250}, half = {1000, 250, 500},
                               rest = {1000, 750, 250};
    assert_int_equal(clearing_fee_back(PAYMENT_CLASS_WALLET, &quarter), 0); /* 0.5 to 0 */
    assert_int_equal(clearing_fee_back(PAYMENT_CLASS_WALLET, &half), 2);    /* 1.5 to 2 */
    assert_int_equal(clearing_fee_back(PAYMENT_CLASS_WALLET, &rest), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fees_go_back_to_the_last_fen),
        cmocka_unit_test(a_share_is_half_even),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
