/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Alipay interface's methods as a merchant meets them (S176): pay, query, cancel,
 * close, refund and codes that are shown, each with its refusals; what a customer does later, a
 * restart, and the day's bill. The gateway itself is in simulators_alipay_gateway_test.
 */
#include "tests/unit/provider_rig.h"

/* ---- orders ---- */

static const struct json_t *pay(const char *out_no, const char *amount, const char *code)
{
    char biz[512];
    snprintf(biz, sizeof biz,
             "{\"out_trade_no\":\"%s\",\"scene\":\"bar_code\",\"auth_code\":\"%s\","
             "\"subject\":\"面条 & 茶+\",\"total_amount\":\"%s\",\"store_id\":\"S1\"}",
             out_no, code, amount);
    return rig_alipay("alipay.trade.pay", biz, "http://127.0.0.1:1/notify");
}

static const struct json_t *named(const char *method, const char *out_no)
{
    char biz[128];
    snprintf(biz, sizeof biz, "{\"out_trade_no\":\"%s\"}", out_no);
    return rig_alipay(method, biz, NULL);
}

static const struct json_t *refund(const char *out_no, const char *amount, const char *request_no)
{
    char biz[256];
    snprintf(biz, sizeof biz,
             "{\"out_trade_no\":\"%s\",\"refund_amount\":\"%s\",\"out_request_no\":\"%s\"}", out_no,
             amount, request_no);
    return rig_alipay("alipay.trade.refund", biz, NULL);
}

static void assert_status(const char *out_no, const char *status)
{
    const struct json_t *said = named("alipay.trade.query", out_no);
    assert_code(said, "10000", "");
    assert_string_equal(rig_text(said, "trade_status"), status);
}

static int64_t spent(const char *phone)
{
    return rig.phones.spent_minor[rig_phone(phone)];
}

static const char *ali(const char *phone)
{
    return rig_code(phone, PAYMENT_CODE_ALIPAY);
}

/* ---- pay ---- */

static void a_customer_pays_at_once(void **state)
{
    (void)state;
    const struct json_t *said = pay("A1", "12.30", ali("good"));
    assert_code(said, "10000", "");
    assert_string_equal(rig_text(said, "out_trade_no"), "A1");
    assert_string_equal(rig_text(said, "total_amount"), "12.30");
    assert_string_equal(rig_text(said, "buyer_pay_amount"), "12.30");
    assert_int_equal(strlen(rig_text(said, "trade_no")), 28);
    assert_string_equal(rig_text(said, "gmt_payment"), "2026-09-21 22:13:20");
    assert_int_equal(spent("good"), 1230);
    assert_status("A1", "TRADE_SUCCESS");
}

/* The same number again is never charged again, and never with other content. */
static void a_number_is_paid_once(void **state)
{
    (void)state;
    assert_code(pay("A1", "12.30", ali("good")), "10000", "");
    assert_code(pay("A1", "12.30", ali("good")), "40004", "ACQ.TRADE_HAS_SUCCESS");
    assert_code(pay("A1", "12.31", ali("good")), "40004", "ACQ.CONTEXT_INCONSISTENT");
    assert_code(named("alipay.trade.cancel", "A1"), "10000", "");
    assert_code(pay("A1", "12.30", ali("good")), "40004", "ACQ.TRADE_HAS_CLOSE");
    assert_int_equal(spent("good"), 0);
}

static void codes_that_do_not_pay(void **state)
{
    (void)state;
    char code[PAYMENT_CODE_MAX + 1];
    snprintf(code, sizeof code, "%s", ali("good"));
    assert_code(pay("A1", "1.00", "281234567890123456"), "40004", "ACQ.PAYMENT_AUTH_CODE_INVALID");
    assert_code(pay("A2", "1.00", rig_code("good", PAYMENT_CODE_WECHAT)), "40004",
                "ACQ.PAYMENT_AUTH_CODE_INVALID");
    assert_code(pay("A3", "1.00", code), "10000", "");
    assert_code(pay("A4", "1.00", code), "40004", "ACQ.PAYMENT_AUTH_CODE_INVALID");
    snprintf(code, sizeof code, "%s", ali("good"));
    rig.now_ms += PHONES_CODE_LIFE_MS + 1;
    assert_code(pay("A5", "1.00", code), "40004", "ACQ.PAYMENT_AUTH_CODE_INVALID");
    assert_code(named("alipay.trade.query", "A5"), "40004", "ACQ.TRADE_NOT_EXIST");
    assert_int_equal(spent("good"), 100);
}

static void a_customer_types_a_password(void **state)
{
    (void)state;
    char code[PAYMENT_CODE_MAX + 1];
    snprintf(code, sizeof code, "%s", ali("asks"));
    assert_code(pay("A1", "5.00", code), "10003", "");
    assert_status("A1", "WAIT_BUYER_PAY");
    assert_code(pay("A1", "5.00", code), "10003", ""); /* the same again changes nothing */
    rig.now_ms += PHONES_ASKS_MS - 1;
    assert_status("A1", "WAIT_BUYER_PAY");
    assert_int_equal(spent("asks"), 0);
    rig.now_ms += 1;
    assert_status("A1", "TRADE_SUCCESS");
    assert_int_equal(spent("asks"), 500);
}

/* One who never types is cancelled; and cannot pay any more. */
static void a_customer_never_types(void **state)
{
    (void)state;
    assert_code(pay("A1", "5.00", ali("never")), "10003", "");
    rig.now_ms += 60000;
    assert_status("A1", "WAIT_BUYER_PAY");
    const struct json_t *said = named("alipay.trade.cancel", "A1");
    assert_code(said, "10000", "");
    assert_string_equal(rig_text(said, "action"), "close");
    assert_string_equal(rig_text(said, "retry_flag"), "N");
    assert_status("A1", "TRADE_CLOSED");
    assert_int_equal(spent("never"), 0);
}

static void money_that_is_not_there(void **state)
{
    (void)state;
    assert_code(pay("A1", "1.01", ali("poor")), "40004", "ACQ.BUYER_BALANCE_NOT_ENOUGH");
    assert_status("A1", "WAIT_BUYER_PAY");
    assert_code(pay("A1", "1.01", ali("good")), "10000", ""); /* another customer's code */
    assert_int_equal(spent("good"), 101);
    assert_code(pay("A2", "100000000.01", ali("good")), "40004", "ACQ.TOTAL_FEE_EXCEED");
}

/* ---- query, cancel, close ---- */

static void what_is_not_there(void **state)
{
    (void)state;
    assert_code(named("alipay.trade.query", "A9"), "40004", "ACQ.TRADE_NOT_EXIST");
    assert_code(rig_alipay("alipay.trade.query", "{}", NULL), "40004", "ACQ.INVALID_PARAMETER");
    assert_code(named("alipay.trade.close", "A9"), "40004", "ACQ.TRADE_NOT_EXIST");
    assert_code(refund("A9", "1.00", "R1"), "40004", "ACQ.TRADE_NOT_EXIST");
    const struct json_t *said = named("alipay.trade.cancel", "A9"); /* nothing to take back */
    assert_code(said, "10000", "");
    assert_string_equal(rig_text(said, "action"), "");
    assert_string_equal(rig_text(said, "retry_flag"), "N");
}

static void a_cancel_gives_back_once(void **state)
{
    (void)state;
    assert_code(pay("A1", "5.00", ali("good")), "10000", "");
    for (int i = 0; i < 2; i++) {
        const struct json_t *said = named("alipay.trade.cancel", "A1");
        assert_code(said, "10000", "");
        assert_string_equal(rig_text(said, "action"), "refund");
        assert_int_equal(spent("good"), 0);
    }
    assert_status("A1", "TRADE_CLOSED");
    assert_code(pay("A2", "5.00", ali("good")), "10000", "");
    rig.now_ms += 25 * 3600 * 1000;
    assert_code(named("alipay.trade.cancel", "A2"), "40004", "ACQ.TRADE_CANCEL_TIME_OUT");
    assert_code(named("alipay.trade.close", "A2"), "40004", "ACQ.REASON_TRADE_STATUS_INVALID");
    assert_int_equal(spent("good"), 500);
}

static void a_waiting_trade_is_closed(void **state)
{
    (void)state;
    assert_code(pay("A1", "5.00", ali("asks")), "10003", "");
    assert_code(named("alipay.trade.close", "A1"), "10000", "");
    rig.now_ms += 2 * PHONES_ASKS_MS;
    assert_status("A1", "TRADE_CLOSED");
    assert_int_equal(spent("asks"), 0);
    assert_code(named("alipay.trade.close", "A1"), "40004", "ACQ.TRADE_STATUS_ERROR");
}

/* ---- refunds ---- */

static void refunds_add_up_to_the_trade_and_no_further(void **state)
{
    (void)state;
    assert_code(pay("A1", "10.00", ali("good")), "10000", "");
    const struct json_t *said = refund("A1", "3.00", "R1");
    assert_code(said, "10000", "");
    assert_string_equal(rig_text(said, "fund_change"), "Y");
    assert_string_equal(rig_text(said, "refund_fee"), "3.00");
    said = refund("A1", "3.00", "R1");
    assert_string_equal(rig_text(said, "fund_change"), "N");
    assert_int_equal(spent("good"), 700);
    assert_code(refund("A1", "4.00", "R1"), "40004", "ACQ.DISCORDANT_REPEAT_REQUEST");
    assert_code(refund("A1", "7.01", "R2"), "40004", "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL");
    assert_code(refund("A1", "7.00", ""), "40004", "ACQ.INVALID_PARAMETER");
    assert_status("A1", "TRADE_SUCCESS");
    said = refund("A1", "7.00", "R2");
    assert_string_equal(rig_text(said, "refund_fee"), "10.00");
    assert_string_equal(rig_text(said, "send_back_fee"), "7.00");
    assert_status("A1", "TRADE_CLOSED");
    assert_code(refund("A1", "0.01", "R3"), "40004", "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL");
    assert_int_equal(spent("good"), 0);
}

static void refunds_that_are_refused(void **state)
{
    (void)state;
    assert_code(pay("A1", "10.00", ali("never")), "10003", "");
    assert_code(refund("A1", "10.00", "R1"), "40004", "ACQ.TRADE_STATUS_ERROR");
    assert_code(pay("A2", "10.00", ali("good")), "10000", "");
    assert_code(named("alipay.trade.cancel", "A2"), "10000", "");
    assert_code(refund("A2", "10.00", "R1"), "40004", "ACQ.TRADE_HAS_CLOSE");
    assert_code(pay("A3", "10.00", ali("good")), "10000", "");
    rig.now_ms += INT64_C(366) * 24 * 3600 * 1000;
    assert_status("A3", "TRADE_FINISHED");
    assert_code(refund("A3", "10.00", "R1"), "40004", "ACQ.TRADE_HAS_FINISHED");
}

static void a_refund_is_asked_for(void **state)
{
    (void)state;
    static const char known[] = "{\"out_trade_no\":\"A1\",\"out_request_no\":\"R1\"}";
    static const char other[] = "{\"out_trade_no\":\"A1\",\"out_request_no\":\"R2\"}";
    static const char *const method = "alipay.trade.fastpay.refund.query";
    assert_code(pay("A1", "10.00", ali("good")), "10000", "");
    assert_code(refund("A1", "3.00", "R1"), "10000", "");
    const struct json_t *said = rig_alipay(method, known, NULL);
    assert_string_equal(rig_text(said, "refund_status"), "REFUND_SUCCESS");
    assert_string_equal(rig_text(said, "refund_amount"), "3.00");
    said = rig_alipay(method, other, NULL);
    assert_code(said, "10000", "");
    assert_string_equal(rig_text(said, "refund_status"), "");
    assert_code(rig_alipay(method, "{\"out_trade_no\":\"A1\"}", NULL), "40004",
                "ACQ.INVALID_PARAMETER");
}

/* ---- codes that are shown ---- */

static struct scan_result scan(const char *phone, const char *text)
{
    struct scan_result result;
    const struct scan asked = {rig_phone(phone), bytes_text(text), 0};
    assert_ok(providers_scan(rig.providers, &asked, &result));
    return result;
}

static void precreate(const char *out_no, const char *amount, char url[80])
{
    char biz[256];
    snprintf(biz, sizeof biz,
             "{\"out_trade_no\":\"%s\",\"subject\":\"茶\",\"total_amount\":\"%s\","
             "\"timeout_express\":\"5m\"}",
             out_no, amount);
    const struct json_t *said = rig_alipay("alipay.trade.precreate", biz, NULL);
    assert_code(said, "10000", "");
    snprintf(url, 80, "%s", rig_text(said, "qr_code"));
    assert_memory_equal(url, "https://qr.alipay.com/bax", 25);
}

static void a_shown_code_is_paid_once(void **state)
{
    (void)state;
    char url[80], again[80];
    precreate("A1", "8.00", url);
    precreate("A1", "8.00", again);
    assert_string_equal(url, again);
    assert_code(named("alipay.trade.query", "A1"), "40004", "ACQ.TRADE_NOT_EXIST");
    assert_int_equal(scan("poor", url).outcome, SCAN_REFUSED);
    struct scan_result paid = scan("good", url);
    assert_int_equal(paid.outcome, SCAN_PAID);
    assert_int_equal(paid.amount_minor, 800);
    assert_string_equal(paid.payee, "示例商店");
    assert_status("A1", "TRADE_SUCCESS");
    struct scan_result twice = scan("good", url);
    assert_int_equal(twice.outcome, SCAN_REFUSED);
    assert_non_null(twice.reason.zh);
    assert_int_equal(spent("good"), 800);
}

static void a_shown_code_ends(void **state)
{
    (void)state;
    char url[80];
    precreate("A1", "8.00", url);
    assert_code(named("alipay.trade.cancel", "A1"), "10000", "");
    assert_int_equal(scan("good", url).outcome, SCAN_REFUSED);
    precreate("A2", "8.00", url);
    rig.now_ms += 5 * 60000;
    assert_int_equal(scan("good", url).outcome, SCAN_REFUSED);
    precreate("A3", "8.00", url);
    assert_int_equal(scan("asks", url).outcome, SCAN_ASKED);
    assert_int_equal(scan("good", url).outcome, SCAN_REFUSED); /* somebody is paying it */
    rig_tick(PHONES_ASKS_MS);
    assert_status("A3", "TRADE_SUCCESS");
    assert_int_equal(scan("good", "https://qr.alipay.com/baxNobody").outcome, SCAN_REFUSED);
    struct scan_result result;
    const struct scan foreign = {0, BYTES("https://qr.95516.com/1"), 0};
    assert_err(providers_scan(rig.providers, &foreign, &result), NOT_FOUND);
}

/* ---- what stays ---- */

static void a_restart_forgets_nothing(void **state)
{
    (void)state;
    assert_code(pay("A1", "12.30", ali("good")), "10000", "");
    assert_code(refund("A1", "2.30", "R1"), "10000", "");
    assert_code(pay("A2", "1.00", ali("asks")), "10003", "");
    rig_close();
    rig_open();
    assert_int_equal(spent("good"), 1000);
    assert_code(pay("A1", "12.30", ali("good")), "40004", "ACQ.TRADE_HAS_SUCCESS");
    assert_string_equal(rig_text(refund("A1", "2.30", "R1"), "fund_change"), "N");
    rig_tick(PHONES_ASKS_MS);
    assert_status("A2", "TRADE_SUCCESS");
    assert_int_equal(rig.notices, 2); /* both trades have somebody to tell */
}

static void a_days_bill(void **state)
{
    (void)state;
    char text[2048];
    struct writer w = writer_over(text, sizeof text - 1);
    rig.now_ms = 1790006399999; /* 23:59:59.999 in China */
    assert_code(pay("A0", "9.00", ali("good")), "10000", "");
    rig.now_ms += 1;
    assert_code(pay("A1", "128.00", ali("good")), "10000", "");
    assert_code(pay("A2", "5.00", ali("never")), "10003", "");
    rig.now_ms += 60000;
    assert_code(refund("A1", "28.00", "R1"), "10000", "");
    assert_ok(providers_bill(rig.providers, PROVIDER_ALIPAY, BYTES("2026-09-22"), &w));
    text[w.len] = '\0';
    const char *trade = strstr(text, "2026-09-22 00:00:00,trade,A1,");
    assert_non_null(trade);
    assert_non_null(strstr(trade, ",,,128.00,0.26\r\n"));
    const char *back = strstr(text, "2026-09-22 00:01:00,refund,A1,");
    assert_non_null(back);
    assert_non_null(strstr(back, ",R1,"));
    assert_non_null(strstr(back, ",-28.00,0.00\r\ntotal,2,,,,,100.00,0.26\r\n"));
    assert_null(strstr(text, "A0"));
    assert_null(strstr(text, "A2"));
    static const char *const wrong[] = {"2026-09-2", "2026-13-01", "2026-02-30", "2026/09/22"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_err(providers_bill(rig.providers, PROVIDER_ALIPAY, bytes_text(wrong[i]), &w),
                   FORMAT);
    w = writer_over(text, sizeof text - 1);
    assert_ok(providers_bill(rig.providers, PROVIDER_WECHAT, BYTES("2026-09-22"), &w));
    text[w.len] = '\0';
    assert_null(strstr(text, "A1"));
}

static void the_bill_is_fetched(void **state)
{
    (void)state;
    static const char *const method = "alipay.data.dataservice.bill.downloadurl.query";
    char url[160];
    providers_reached_at(rig.providers, PROVIDER_ALIPAY, "http://127.0.0.1:9");
    assert_code(pay("A1", "100.00", ali("good")), "10000", "");
    snprintf(
        url, sizeof url, "%s",
        rig_text(rig_alipay(method, "{\"bill_type\":\"trade\",\"bill_date\":\"2026-09-21\"}", NULL),
                 "bill_download_url"));
    assert_memory_equal(url, "http://127.0.0.1:9/bill/download?", 33);
    const struct provider_request fetch = {
        .method = "GET", .path = "/bill/download", .query = url + 33};
    rig_ask(PROVIDER_ALIPAY, &fetch);
    assert_int_equal(rig.answer.status, 200);
    assert_non_null(strstr((const char *)rig.body, "\r\ntotal,1,,,,,100.00,0.20\r\n"));
    const struct provider_request other = {
        .method = "GET", .path = "/bill/download", .query = "token=x"};
    rig_ask(PROVIDER_ALIPAY, &other);
    assert_int_equal(rig.answer.status, 404);
    assert_code(rig_alipay(method, "{\"bill_type\":\"trade\",\"bill_date\":\"2026-09-23\"}", NULL),
                "40004", "isp.bill_not_exist");
    int64_t total, count;
    assert_ok(providers_total(rig.providers, PROVIDER_ALIPAY, &total, &count));
    assert_int_equal(total, 10000);
    assert_int_equal(count, 1);
}

int main(void)
{
#define RIG_TEST(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)
    const struct CMUnitTest tests[] = {
        RIG_TEST(a_customer_pays_at_once),   RIG_TEST(a_number_is_paid_once),
        RIG_TEST(codes_that_do_not_pay),     RIG_TEST(a_customer_types_a_password),
        RIG_TEST(a_customer_never_types),    RIG_TEST(money_that_is_not_there),
        RIG_TEST(what_is_not_there),         RIG_TEST(a_cancel_gives_back_once),
        RIG_TEST(a_waiting_trade_is_closed), RIG_TEST(refunds_add_up_to_the_trade_and_no_further),
        RIG_TEST(refunds_that_are_refused),  RIG_TEST(a_refund_is_asked_for),
        RIG_TEST(a_shown_code_is_paid_once), RIG_TEST(a_shown_code_ends),
        RIG_TEST(a_restart_forgets_nothing), RIG_TEST(a_days_bill),
        RIG_TEST(the_bill_is_fetched),
    };
    return cmocka_run_group_tests_name("simulators_alipay", tests, NULL, NULL);
}
