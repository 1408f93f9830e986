/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The WeChat Pay interface's calls as a merchant meets them (S176): codes of customers, codes that
 * are shown, query, close, reverse and refund, each with its refusals; what a customer does later,
 * a restart, and the day's bill. Who is answered at all is in simulators_wechat_gateway_test.
 */
#include "tests/unit/provider_rig.h"

#include "lib/crypto/rsa.h"

#define ORDERS "/v3/pay/transactions/out-trade-no/"

static const char *const mine = "{\"appid\":\"wx0123456789abcdef\",\"mchid\":\"1900000001\"}";

static const char *wx(const char *phone)
{
    return rig_code(phone, PAYMENT_CODE_WECHAT);
}

static int64_t spent(const char *phone)
{
    return rig.phones.spent_minor[rig_phone(phone)];
}

static unsigned pay(const char *out_no, int64_t fen, const char *code)
{
    char body[512];
    snprintf(body, sizeof body,
             "{\"appid\":\"wx0123456789abcdef\",\"mchid\":\"1900000001\",\"description\":\"面条\","
             "\"out_trade_no\":\"%s\",\"attach\":\"桌 7\",\"amount\":{\"total\":%lld,"
             "\"currency\":\"CNY\"},\"payer\":{\"auth_code\":\"%s\"},"
             "\"notify_url\":\"http://127.0.0.1:1/wx\",\"scene_info\":{\"id\":\"S1\"}}",
             out_no, (long long)fen, code);
    return rig_wechat("POST", "/v3/pay/transactions/codepay", body);
}

static unsigned query(const char *out_no)
{
    char target[128];
    snprintf(target, sizeof target, ORDERS "%s?mchid=1900000001", out_no);
    return rig_wechat("GET", target, "");
}

static unsigned order_call(const char *out_no, const char *what)
{
    char target[128];
    snprintf(target, sizeof target, ORDERS "%s/%s", out_no, what);
    return rig_wechat("POST", target, mine);
}

static unsigned refund(const char *out_no, const char *refund_no, int64_t fen, int64_t total)
{
    char body[384];
    snprintf(
        body, sizeof body,
        "{\"out_trade_no\":\"%s\",\"out_refund_no\":\"%s\",\"reason\":\"退\","
        "\"notify_url\":\"http://127.0.0.1:1/back\",\"amount\":{\"refund\":%lld,\"total\":%lld,"
        "\"currency\":\"CNY\"}}",
        out_no, refund_no, (long long)fen, (long long)total);
    return rig_wechat("POST", "/v3/refund/domestic/refunds", body);
}

static const char *said(const char *name)
{
    return rig_text(rig.document.root, name);
}

static void assert_state(const char *out_no, const char *state)
{
    assert_int_equal(query(out_no), 200);
    assert_string_equal(said("trade_state"), state);
}

static void assert_refused(unsigned got, unsigned status, const char *code)
{
    assert_string_equal(said("code"), code);
    assert_int_equal(got, status);
}

/* ---- code payments ---- */

static void a_customer_pays_at_once(void **state)
{
    (void)state;
    struct json_t *amount, *payer;
    int64_t total;
    assert_int_equal(pay("ORDER-1", 1230, wx("good")), 200);
    assert_string_equal(said("trade_state"), "SUCCESS");
    assert_string_equal(said("trade_type"), "MICROPAY");
    assert_string_equal(said("attach"), "桌 7");
    assert_string_equal(said("success_time"), "2026-09-21T22:13:20+08:00");
    char number[40], target[96];
    snprintf(number, sizeof number, "%s", said("transaction_id"));
    assert_int_equal(strlen(number), 28);
    assert_ok(json_member(rig.document.root, "amount", &amount));
    assert_ok(json_int(amount, "payer_total", 0, 100000, &total));
    assert_int_equal(total, 1230);
    assert_ok(json_member(rig.document.root, "payer", &payer));
    assert_int_equal(strlen(rig_text(payer, "openid")), 28);
    assert_int_equal(spent("good"), 1230);
    snprintf(target, sizeof target, "/v3/pay/transactions/id/%s?mchid=1900000001", number);
    assert_int_equal(rig_wechat("GET", target, ""), 200);
    assert_string_equal(said("out_trade_no"), "ORDER-1");
}

static void orders_and_codes_are_used_once(void **state)
{
    (void)state;
    char code[PAYMENT_CODE_MAX + 1];
    snprintf(code, sizeof code, "%s", wx("good"));
    assert_int_equal(pay("ORDER-1", 100, code), 200);
    assert_refused(pay("ORDER-1", 100, code), 400, "ORDER_PAID");
    assert_refused(pay("ORDER-1", 101, code), 403, "OUT_TRADE_NO_USED");
    assert_refused(pay("ORDER-2", 100, code), 400, "AUTH_CODE_INVALID");
    assert_refused(pay("ORDER-2", 100, "134567890123456789"), 400, "AUTH_CODE_INVALID");
    assert_refused(pay("ORDER-2", 100, rig_code("good", PAYMENT_CODE_ALIPAY)), 400,
                   "AUTH_CODE_INVALID");
    assert_refused(query("ORDER-2"), 404, "ORDER_NOT_EXIST");
    snprintf(code, sizeof code, "%s", wx("good"));
    rig.now_ms += PHONES_CODE_LIFE_MS + 1;
    assert_refused(pay("ORDER-3", 100, code), 400, "AUTH_CODE_INVALID");
    assert_int_equal(spent("good"), 100);
}

static void a_customer_types_a_password(void **state)
{
    (void)state;
    char code[PAYMENT_CODE_MAX + 1];
    snprintf(code, sizeof code, "%s", wx("asks"));
    assert_int_equal(pay("ORDER-1", 500, code), 200);
    assert_string_equal(said("trade_state"), "USERPAYING");
    assert_int_equal(pay("ORDER-1", 500, code), 200); /* the same again changes nothing */
    assert_string_equal(said("trade_state"), "USERPAYING");
    assert_refused(pay("ORDER-1", 500, wx("good")), 403, "OUT_TRADE_NO_USED");
    rig.now_ms += PHONES_ASKS_MS - 1;
    assert_state("ORDER-1", "USERPAYING");
    rig.now_ms += 1;
    assert_state("ORDER-1", "SUCCESS");
    assert_int_equal(spent("asks"), 500);
    assert_int_equal(spent("good"), 0);
}

static void a_customer_never_types(void **state)
{
    (void)state;
    assert_int_equal(pay("ORDER-1", 500, wx("never")), 200);
    rig.now_ms += 14999;
    assert_state("ORDER-1", "USERPAYING");
    assert_refused(order_call("ORDER-1", "reverse"), 500, "SYSTEM_ERROR"); /* too soon */
    rig.now_ms += 1;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(order_call("ORDER-1", "reverse"), 200);
        assert_string_equal(said("out_trade_no"), "ORDER-1");
        assert_state("ORDER-1", "REVOKED");
    }
    assert_refused(pay("ORDER-1", 500, wx("good")), 400, "ORDER_REVERSED");
    assert_int_equal(pay("ORDER-2", 500, wx("never")), 200);
    rig.now_ms += 5 * 60000;
    assert_state("ORDER-2", "CLOSED");
    assert_int_equal(spent("never"), 0);
}

static void money_that_is_not_there(void **state)
{
    (void)state;
    assert_refused(pay("ORDER-1", 101, wx("poor")), 403, "NOT_ENOUGH");
    assert_state("ORDER-1", "PAYERROR");
    assert_refused(pay("ORDER-1", 101, wx("good")), 400, "ORDER_CLOSED");
    assert_int_equal(spent("good") + spent("poor"), 0);
}

static void a_paid_order_is_taken_back_once(void **state)
{
    (void)state;
    assert_int_equal(pay("ORDER-1", 500, wx("good")), 200);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(order_call("ORDER-1", "reverse"), 200);
        assert_int_equal(spent("good"), 0);
    }
    assert_state("ORDER-1", "REVOKED");
    assert_refused(order_call("ORDER-9", "reverse"), 404, "ORDER_NOT_EXIST");
    assert_int_equal(pay("ORDER-2", 500, wx("good")), 200);
    rig.now_ms += INT64_C(7) * 24 * 3600 * 1000 + 1;
    assert_refused(order_call("ORDER-2", "reverse"), 400, "INVALID_REQUEST");
    assert_refused(order_call("ORDER-2", "close"), 400, "INVALID_REQUEST");
    assert_int_equal(spent("good"), 500);
}

/* ---- codes that are shown ---- */

static unsigned native(const char *out_no, int64_t fen, const char *more)
{
    char body[512];
    snprintf(body, sizeof body,
             "{\"appid\":\"wx0123456789abcdef\",\"mchid\":\"1900000001\",\"description\":\"茶\","
             "\"out_trade_no\":\"%s\",\"amount\":{\"total\":%lld},"
             "\"notify_url\":\"http://127.0.0.1:1/wx\"%s}",
             out_no, (long long)fen, more);
    return rig_wechat("POST", "/v3/pay/transactions/native", body);
}

static struct scan_result scan(const char *phone, const char *text)
{
    struct scan_result result;
    const struct scan asked = {rig_phone(phone), bytes_text(text), 0};
    assert_ok(providers_scan(rig.providers, &asked, &result));
    return result;
}

static void a_shown_code_is_paid_once(void **state)
{
    (void)state;
    char url[80];
    assert_int_equal(native("ORDER-1", 800, ""), 200);
    snprintf(url, sizeof url, "%s", said("code_url"));
    assert_memory_equal(url, "weixin://wxpay/bizpayurl?pr=", 28);
    assert_int_equal(native("ORDER-1", 800, ""), 200);
    assert_string_equal(said("code_url"), url);
    assert_refused(native("ORDER-1", 801, ""), 403, "OUT_TRADE_NO_USED");
    assert_state("ORDER-1", "NOTPAY");
    assert_string_equal(said("transaction_id"), "");
    assert_int_equal(scan("poor", url).outcome, SCAN_REFUSED);
    assert_state("ORDER-1", "NOTPAY");
    assert_int_equal(scan("asks", url).outcome, SCAN_ASKED);
    assert_state("ORDER-1", "USERPAYING");
    rig.now_ms += PHONES_ASKS_MS;
    assert_state("ORDER-1", "SUCCESS");
    assert_int_equal(scan("good", url).outcome, SCAN_REFUSED);
    assert_refused(order_call("ORDER-1", "close"), 400, "ORDER_PAID");
    assert_refused(order_call("ORDER-1", "reverse"), 400, "INVALID_REQUEST");
    assert_int_equal(spent("asks"), 800);
}

static void a_shown_code_ends(void **state)
{
    (void)state;
    char url[80];
    assert_int_equal(native("ORDER-1", 800, ""), 200);
    snprintf(url, sizeof url, "%s", said("code_url"));
    for (int i = 0; i < 2; i++) assert_int_equal(order_call("ORDER-1", "close"), 204);
    assert_int_equal(rig.answer.body.len, 0);
    assert_state("ORDER-1", "CLOSED");
    assert_int_equal(scan("good", url).outcome, SCAN_REFUSED);
    assert_refused(native("ORDER-1", 800, ""), 400, "ORDER_CLOSED");
    assert_refused(order_call("ORDER-9", "close"), 404, "ORDER_NOT_EXIST");
    assert_int_equal(native("ORDER-2", 800, ",\"time_expire\":\"2026-09-21T22:14:20+08:00\""), 200);
    snprintf(url, sizeof url, "%s", said("code_url"));
    rig.now_ms += 60000;
    assert_int_equal(scan("good", url).outcome, SCAN_REFUSED);
    assert_refused(native("ORDER-3", 800, ",\"time_expire\":\"2026-09-21 22:14:20\""), 400,
                   "PARAM_ERROR");
    assert_int_equal(spent("good"), 0);
}

/* ---- refunds ---- */

static void refunds_add_up_to_the_order_and_no_further(void **state)
{
    (void)state;
    assert_int_equal(pay("ORDER-1", 1000, wx("good")), 200);
    assert_int_equal(refund("ORDER-1", "R1", 300, 1000), 200);
    assert_string_equal(said("status"), "PROCESSING");
    char number[40];
    snprintf(number, sizeof number, "%s", said("refund_id"));
    assert_int_equal(refund("ORDER-1", "R1", 300, 1000), 200);
    assert_string_equal(said("refund_id"), number);
    assert_int_equal(spent("good"), 700);
    rig.now_ms += PROVIDER_REFUND_MS;
    assert_int_equal(rig_wechat("GET", "/v3/refund/domestic/refunds/R1", ""), 200);
    assert_string_equal(said("status"), "SUCCESS");
    assert_state("ORDER-1", "REFUND");
    assert_refused(refund("ORDER-1", "R1", 301, 1000), 400, "PARAM_ERROR");
    assert_refused(refund("ORDER-1", "R2", 701, 1000), 400, "INVALID_REQUEST");
    assert_refused(refund("ORDER-1", "R2", 700, 999), 400, "INVALID_REQUEST");
    assert_int_equal(refund("ORDER-1", "R2", 700, 1000), 200);
    assert_refused(refund("ORDER-1", "R3", 1, 1000), 400, "INVALID_REQUEST");
    assert_int_equal(spent("good"), 0);
    assert_refused(order_call("ORDER-1", "reverse"), 400, "INVALID_REQUEST");
}

static void refunds_that_are_refused(void **state)
{
    (void)state;
    assert_refused(refund("ORDER-9", "R1", 1, 1), 404, "RESOURCE_NOT_EXISTS");
    assert_refused(rig_wechat("GET", "/v3/refund/domestic/refunds/R1", ""), 404,
                   "RESOURCE_NOT_EXISTS");
    assert_int_equal(pay("ORDER-1", 1000, wx("never")), 200);
    assert_refused(refund("ORDER-1", "R1", 1000, 1000), 400, "INVALID_REQUEST");
    assert_int_equal(pay("ORDER-2", 1000, wx("good")), 200);
    assert_refused(refund("ORDER-2", "R,1", 1000, 1000), 400, "PARAM_ERROR");
    assert_refused(refund("ORDER-2", "R1", 0, 1000), 400, "PARAM_ERROR");
    rig.now_ms += INT64_C(366) * 24 * 3600 * 1000;
    assert_refused(refund("ORDER-2", "R1", 1000, 1000), 400, "INVALID_REQUEST");
}

static void bodies_that_are_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *target, *body, *code;
    } rows[] = {
        {"/v3/pay/transactions/codepay", "[", "PARAM_ERROR"},
        {"/v3/pay/transactions/codepay", "", "PARAM_ERROR"},
        {"/v3/pay/transactions/codepay", "{\"mchid\":\"1\"}", "PARAM_ERROR"},
        {"/v3/pay/transactions/codepay", "{\"mchid\":\"1900000001\"}", "PARAM_ERROR"},
        {"/v3/pay/transactions/codepay",
         "{\"mchid\":\"1900000001\",\"appid\":\"wx\",\"out_trade_no\":\"ORDER-1\","
         "\"description\":\"x\",\"amount\":{\"total\":1}}",
         "APPID_MCHID_NOT_MATCH"},
        {"/v3/pay/transactions/codepay",
         "{\"mchid\":\"1900000001\",\"appid\":\"wx0123456789abcdef\",\"out_trade_no\":\"O 1\","
         "\"description\":\"x\",\"amount\":{\"total\":1}}",
         "PARAM_ERROR"},
        {"/v3/pay/transactions/codepay",
         "{\"mchid\":\"1900000001\",\"appid\":\"wx0123456789abcdef\",\"out_trade_no\":\"ORDER-1\","
         "\"description\":\"x\",\"amount\":{\"total\":1,\"currency\":\"USD\"}}",
         "PARAM_ERROR"},
        {"/v3/pay/transactions/codepay",
         "{\"mchid\":\"1900000001\",\"appid\":\"wx0123456789abcdef\",\"out_trade_no\":\"ORDER-1\","
         "\"description\":\"x\",\"amount\":{\"total\":0}}",
         "PARAM_ERROR"},
        {"/v3/refund/domestic/refunds", "{}", "PARAM_ERROR"},
        {"/v3/pay/transactions/jsapi", "{}", "NOT_FOUND"},
        {ORDERS "ORDER-1/x/close", "{}", "NOT_FOUND"},
        {ORDERS "/close", "{}", "NOT_FOUND"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        (void)rig_wechat("POST", rows[i].target, rows[i].body);
        assert_string_equal(said("code"), rows[i].code);
    }
    assert_refused(rig_wechat("GET", ORDERS "ORDER-1?mchid=2", ""), 400, "PARAM_ERROR");
    assert_refused(rig_wechat("GET", ORDERS "ORDER-1", ""), 400, "PARAM_ERROR");
}

/* ---- the bill ---- */

static void the_bill_is_fetched(void **state)
{
    (void)state;
    char target[160];
    uint8_t sha1[RSA_SHA1_BYTES];
    char hex[2 * RSA_SHA1_BYTES + 1];
    providers_reached_at(rig.providers, PROVIDER_WECHAT, "http://127.0.0.1:9");
    assert_int_equal(pay("ORDER-1", 10000, wx("good")), 200);
    assert_int_equal(rig_wechat("GET", "/v3/bill/tradebill?bill_date=2026-09-21", ""), 200);
    assert_string_equal(said("hash_type"), "SHA1");
    snprintf(hex, sizeof hex, "%s", said("hash_value"));
    const char *url = said("download_url");
    assert_memory_equal(url, "http://127.0.0.1:9/v3/billdownload/file?token=", 46);
    snprintf(target, sizeof target, "%s", url + 18);
    rig.nonce++;
    char authorization[1024];
    const struct rig_authorization a = {
        rig.config.wechat.mchid, rig.config.wechat.merchant_serial, "BILL", "GET", target,
        rig.now_ms / 1000};
    rig_wechat_authorize(&a, "", authorization, sizeof authorization);
    rig_wechat_send("GET", target, "", authorization, NULL);
    assert_int_equal(rig.answer.status, 200);
    assert_int_equal(rig.answer.header_count, 1); /* its number: a file is not signed */
    assert_non_null(strstr((const char *)rig.body, ",trade,ORDER-1,"));
    assert_non_null(
        strstr((const char *)rig.body, ",,,100.00,0.20\r\ntotal,1,,,,,100.00,0.20\r\n"));
    struct bytes text = writer_view(&rig.answer.body);
    assert_ok(rsa_sha1(&text, 1, sha1));
    for (size_t i = 0; i < sizeof sha1; i++) {
        char pair[3];
        snprintf(pair, sizeof pair, "%02X", sha1[i]);
        assert_memory_equal(hex + 2 * i, pair, 2);
    }
    assert_refused(rig_wechat("GET", "/v3/bill/tradebill?bill_date=2026-09-23", ""), 400,
                   "NO_STATEMENT_EXIST");
    assert_refused(rig_wechat("GET", "/v3/bill/tradebill?bill_date=yesterday", ""), 400,
                   "PARAM_ERROR");
    rig.now_ms += PROVIDER_TICKET_MS + 1;
    assert_refused(rig_wechat("GET", target, ""), 400, "NO_STATEMENT_EXIST");
}

static void a_restart_forgets_nothing(void **state)
{
    (void)state;
    assert_int_equal(pay("ORDER-1", 1000, wx("good")), 200);
    assert_int_equal(refund("ORDER-1", "R1", 300, 1000), 200);
    rig_close();
    rig_open();
    assert_int_equal(spent("good"), 700);
    assert_refused(pay("ORDER-1", 1000, wx("good")), 400, "ORDER_PAID");
    rig_tick(PROVIDER_REFUND_MS);
    assert_int_equal(rig_wechat("GET", "/v3/refund/domestic/refunds/R1", ""), 200);
    assert_string_equal(said("status"), "SUCCESS");
    assert_int_equal(rig.notices, 2);
}

int main(void)
{
#define RIG_TEST(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)
    const struct CMUnitTest tests[] = {
        RIG_TEST(a_customer_pays_at_once),
        RIG_TEST(orders_and_codes_are_used_once),
        RIG_TEST(a_customer_types_a_password),
        RIG_TEST(a_customer_never_types),
        RIG_TEST(money_that_is_not_there),
        RIG_TEST(a_paid_order_is_taken_back_once),
        RIG_TEST(a_shown_code_is_paid_once),
        RIG_TEST(a_shown_code_ends),
        RIG_TEST(refunds_add_up_to_the_order_and_no_further),
        RIG_TEST(refunds_that_are_refused),
        RIG_TEST(bodies_that_are_wrong),
        RIG_TEST(the_bill_is_fetched),
        RIG_TEST(a_restart_forgets_nothing),
    };
    return cmocka_run_group_tests_name("simulators_wechat", tests, NULL, NULL);
}
