/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wallet route's clearing file where wallets are met over HTTP (S111): their trades and refunds
 * of a business day, by the references under which the host asked for them.
 */
#include "tests/unit/provider_rig.h"

#include "lib/base/file.h"
#include "lib/wire/process.h"
#include "simulators/clearing.h"

enum { ROWS_MAX = 16 };

static struct clearing_row row[ROWS_MAX];
static size_t rows;
static struct clearing_sums sums;

static void alipay(const char *method, const char *biz)
{
    assert_code(rig_alipay(method, biz, NULL), "10000", "");
}

static void pay(const char *out_no, const char *amount)
{
    char biz[256];
    snprintf(biz, sizeof biz,
             "{\"out_trade_no\":\"%s\",\"scene\":\"bar_code\",\"auth_code\":\"%s\","
             "\"subject\":\"x\",\"total_amount\":\"%s\"}",
             out_no, rig_code("good", PAYMENT_CODE_ALIPAY), amount);
    alipay("alipay.trade.pay", biz);
}

static void refund(const char *out_no, const char *request_no, const char *amount,
                   const char *reason)
{
    char biz[256];
    snprintf(biz, sizeof biz,
             "{\"out_trade_no\":\"%s\",\"out_request_no\":\"%s\",\"refund_amount\":\"%s\","
             "\"refund_reason\":\"%s\"}",
             out_no, request_no, amount, reason);
    alipay("alipay.trade.refund", biz);
}

static void wechat_pay(const char *out_no, int64_t fen)
{
    char body[384];
    snprintf(
        body, sizeof body,
        "{\"appid\":\"wx0123456789abcdef\",\"mchid\":\"1900000001\",\"description\":\"x\","
        "\"out_trade_no\":\"%s\",\"amount\":{\"total\":%lld},\"payer\":{\"auth_code\":\"%s\"}}",
        out_no, (long long)fen, rig_code("good", PAYMENT_CODE_WECHAT));
    assert_int_equal(rig_wechat("POST", "/v3/pay/transactions/codepay", body), 200);
}

/* An empty book of the networks beside the wallets' one. */
static void make_networks(void)
{
    const struct store_options options = {.mode = STORE_CREATE};
    struct store *store = NULL;
    struct book *book = NULL;
    assert_ok(store_open(scratch_path(&rig.scratch, "networks.db"), &options, NULL, &store));
    assert_ok(book_open(64, store, &book));
    book_close(book);
    store_close(store);
}

/* The file of the business day of this moment, read back. */
static void read_day(int64_t at_ms, const char *network)
{
    static uint8_t block[8192];
    char file[160], day[11];
    struct process_fault fault = {""};
    struct clearing_fault why;
    struct clearing_head head = {PAYMENT_ROUTE_WALLET, clearing_day(at_ms), CURRENCY_CNY};
    size_t len;
    if (strcmp(network, "wallet") != 0) head.network = PAYMENT_ROUTE_CARD_NETWORK;
    clearing_day_text(head.day, day);
    snprintf(file, sizeof file, "%s", scratch_path(&rig.scratch, "clearing.txt"));
    assert_ok(clearing_of_state(rig.scratch.directory, day, network, file, &fault));
    assert_ok(file_read(file, FILE_PUBLIC, block, sizeof block, &len));
    assert_ok(clearing_parse(bytes_of(block, len), &head, crypto_sha256, row, ROWS_MAX, &rows,
                             &sums, &why));
}

static void assert_row(size_t i, const char *rrn, enum payment_type type, int64_t amount_minor,
                       bool stands)
{
    assert_true(i < rows);
    assert_string_equal(row[i].rrn, rrn);
    assert_int_equal(row[i].type, type);
    assert_int_equal(row[i].amount_minor, amount_minor);
    assert_int_equal(row[i].stands, stands);
    assert_int_equal(row[i].class, PAYMENT_CLASS_WALLET);
}

static void both_wallets_are_one_network(void **state)
{
    (void)state;
    make_networks();
    pay("600000000001", "10.00");
    pay("600000000003", "20.00");
    pay("600000000005", "30.00");
    pay("600000000007", "40.00");
    pay("OTHERS-1", "1.00"); /* not the host's */
    wechat_pay("600000000002", 500);
    refund("600000000001", "600000000004", "4.00", "退货");
    refund("600000000003", "600000000008", "20.00", "void");
    refund("600000000005", "600000000005", "30.00", ""); /* taken back */
    alipay("alipay.trade.cancel", "{\"out_trade_no\":\"600000000007\"}");
    read_day(rig.now_ms, "wallet");
    assert_int_equal(rows, 7);
    assert_row(0, "600000000001", PAYMENT_SALE, 1000, true);
    assert_row(1, "600000000002", PAYMENT_SALE, 500, true);
    assert_row(2, "600000000003", PAYMENT_SALE, 2000, true);
    assert_row(3, "600000000004", PAYMENT_REFUND, 400, true);
    assert_int_equal(row[0].fee_minor, 2);
    assert_int_equal(row[3].fee_minor, 1); /* its share of them: 0.8 */
    assert_int_equal(row[6].fee_minor, 4); /* all of it */
    assert_row(4, "600000000005", PAYMENT_SALE, 3000, false);
    assert_row(5, "600000000007", PAYMENT_SALE, 4000, false);
    assert_row(6, "600000000008", PAYMENT_VOID, 2000, true);
    assert_int_equal(sums.taken_minor, 3500);
    assert_int_equal(sums.given_minor, 2400);
    read_day(rig.now_ms, "card_network");
    assert_int_equal(rows, 0);
}

/* 23:00 in Beijing: a refund after it is of the next day. */
static void a_business_day_ends_at_eleven(void **state)
{
    (void)state;
    make_networks();
    rig.now_ms = 1790002799999; /* 22:59:59.999 */
    assert_int_equal(clearing_day(rig.now_ms) + 1, clearing_day(rig.now_ms + 1));
    pay("600000000001", "10.00");
    rig.now_ms++;
    pay("600000000002", "10.00");
    refund("600000000001", "600000000003", "10.00", "");
    read_day(rig.now_ms - 1, "wallet");
    assert_int_equal(rows, 1);
    assert_row(0, "600000000001", PAYMENT_SALE, 1000, true);
    read_day(rig.now_ms, "wallet");
    assert_int_equal(rows, 2);
    assert_row(0, "600000000002", PAYMENT_SALE, 1000, true);
    assert_row(1, "600000000003", PAYMENT_REFUND, 1000, true);
}

static void without_such_wallets_nothing_is_added(void **state)
{
    (void)state;
    make_networks();
    rig_close();
    assert_int_equal(unlink(scratch_path(&rig.scratch, "providers.db")), 0);
    read_day(rig.now_ms, "wallet");
    assert_int_equal(rows, 0);
    rig_open();
}

int main(void)
{
#define RIG_TEST(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)
    const struct CMUnitTest tests[] = {RIG_TEST(both_wallets_are_one_network),
                                       RIG_TEST(a_business_day_ends_at_eleven),
                                       RIG_TEST(without_such_wallets_nothing_is_added)};
    return cmocka_run_group_tests_name("simulators_provider_clearing", tests, NULL, NULL);
}
