/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is answered by the WeChat Pay interface's simulator, and how (S176): the Authorization header
 * in each of its parts, certificates and public-key mode, sealed notices until they are heard, and
 * what can be made to go wrong. The calls are in simulators_wechat_test.
 */
#include "tests/unit/provider_rig.h"

#include "tests/unit/vector_file.h"

#define ORDERS "/v3/pay/transactions/out-trade-no/"

static const char *wx(const char *phone)
{
    return rig_code(phone, PAYMENT_CODE_WECHAT);
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

/* ---- who asks ---- */

/* A query whose header differs in one thing; the field that is blamed. */
static void wrongly_signed(const struct rig_authorization *a, const char *body, const char *blamed)
{
    char authorization[1024];
    struct json_t *detail;
    rig_wechat_authorize(a, "", authorization, sizeof authorization);
    rig_wechat_send("GET", ORDERS "ORDER-1?mchid=1900000001", body, authorization, NULL);
    assert_int_equal(rig.answer.status, 401);
    json_free(&rig.document);
    assert_ok(json_parse(writer_view(&rig.answer.body), 4096, &rig.document));
    assert_string_equal(said("code"), "SIGN_ERROR");
    assert_ok(json_member(rig.document.root, "detail", &detail));
    assert_string_equal(rig_text(detail, "field"), blamed);
    assert_true(rig_wechat_signed(rig.answer.header, rig.answer.header_count,
                                  writer_view(&rig.answer.body)));
}

static void only_the_merchant_is_answered(void **state)
{
    (void)state;
    const struct rig_authorization good = {rig.config.wechat.mchid,
                                           rig.config.wechat.merchant_serial,
                                           "A1B2C3D4E5F6G7",
                                           "GET",
                                           ORDERS "ORDER-1?mchid=1900000001",
                                           rig.now_ms / 1000};
    struct rig_authorization a = good;
    a.mchid = "1900000002";
    wrongly_signed(&a, "", "mchid");
    a = good, a.serial = "00";
    wrongly_signed(&a, "", "serial_no");
    a = good, a.at_s += 301;
    wrongly_signed(&a, "", "timestamp");
    a = good, a.at_s -= 301;
    wrongly_signed(&a, "", "timestamp");
    a = good, a.target = ORDERS "ORDER-1";
    wrongly_signed(&a, "", "signature");
    a = good, a.method = "POST";
    wrongly_signed(&a, "", "signature");
    wrongly_signed(&good, "{}", "signature"); /* the body is another */
    char authorization[1024];
    rig_wechat_authorize(&good, "", authorization, sizeof authorization);
    for (unsigned i = 0; i < 2; i++) { /* the nonce is good once, for nothing wrong used it up */
        rig_wechat_send("GET", good.target, "", authorization, NULL);
        assert_int_equal(rig.answer.status, i == 0 ? 404 : 401);
    }
    wrongly_signed(&good, "", "nonce_str");
    rig.now_ms += 299999;
    a = good, a.nonce = "ANOTHER";
    rig_wechat_authorize(&a, "", authorization, sizeof authorization);
    rig_wechat_send("GET", a.target, "", authorization, NULL);
    assert_int_equal(rig.answer.status, 404);
    providers_deposit_wechat(rig.providers, (struct rsa_key){NULL, false}, "5157");
    wrongly_signed(&good, "", "serial_no");
}

static void headers_that_are_none(void **state)
{
    (void)state;
    static const char *const rows[] = {
        NULL,
        "",
        "Bearer x",
        "WECHATPAY2-SHA256-RSA2048",
        "WECHATPAY2-SHA256-RSA2048 ",
        "WECHATPAY2-SHA256-RSA2048 mchid",
        "WECHATPAY2-SHA256-RSA2048 mchid=\"1",
        "WECHATPAY2-SHA256-RSA2048 mchid=\"1\"",
        "WECHATPAY2-SHA256-RSA2048 mchid=\"1\",mchid=\"1\"",
        "WECHATPAY2-SHA256-RSA2048 mchid=\"1\";nonce_str=\"1\"",
        "WECHATPAY2-SHA256-RSA2048 who=\"1\"",
        "WECHATPAY2-SHA256-RSA2048 mchid=\"1\",nonce_str=\"2\",signature=\"3\",timestamp=\"4\","
        "serial_no=\"5\"",
        "WECHATPAY2-SHA256-RSA2048 mchid=\"1\",nonce_str=\"012345678901234567890123456789012\","
        "signature=\"3\",timestamp=\"1790000000\",serial_no=\"5\"",
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        rig_wechat_send("GET", "/v3/certificates", "", rows[i], NULL);
        assert_int_equal(rig.answer.status, 401);
        assert_non_null(strstr((const char *)rig.body, "header is malformed"));
    }
}

/* ---- what is sealed and signed ---- */

static void certificates_and_the_public_key(void **state)
{
    (void)state;
    struct json_t *list, *sealed;
    size_t count;
    assert_int_equal(rig_wechat("GET", "/v3/certificates", ""), 200);
    const char *under = rig_header(rig.answer.header, rig.answer.header_count, "Wechatpay-Serial");
    assert_string_equal(under, rig.config.wechat.serial);
    assert_ok(json_list(rig.document.root, "data", 4, &list, &count));
    assert_int_equal(count, 1);
    assert_string_equal(rig_text(json_at(list, 0), "serial_no"), rig.config.wechat.serial);
    assert_string_equal(rig_text(json_at(list, 0), "effective_time"), "2023-11-15T06:13:20+08:00");
    assert_ok(json_member(json_at(list, 0), "encrypt_certificate", &sealed));
    struct bytes pem = rig_open_sealed(sealed);
    assert_int_equal(pem.len, strlen(rig.config.wechat.certificate));
    assert_memory_equal(pem.at, rig.config.wechat.certificate, pem.len);

    rig_wechat_send("GET", "/v3/certificates", "", NULL, rig.config.wechat.key_id);
    under = rig_header(rig.answer.header, rig.answer.header_count, "Wechatpay-Serial");
    assert_string_equal(under, rig.config.wechat.key_id);
    rig.config.wechat.public_key_mode = true;
    rig_close();
    rig_open();
    rig_wechat_send("GET", "/v3/certificates", "", NULL, NULL);
    under = rig_header(rig.answer.header, rig.answer.header_count, "Wechatpay-Serial");
    assert_string_equal(under, rig.config.wechat.key_id);
}

/* The resource of a notice, opened; its document is the test's to free. */
static void open_notice(const struct rig_notice *n, const char *event, struct json_document *inner)
{
    CLEANUP(json_free) struct json_document outer = {0};
    struct json_t *resource;
    assert_ok(json_parse(bytes_of(n->body, n->body_len), sizeof n->body, &outer));
    assert_string_equal(rig_text(outer.root, "event_type"), event);
    assert_string_equal(rig_text(outer.root, "id"), n->id);
    assert_ok(json_member(outer.root, "resource", &resource));
    struct bytes plain = rig_open_sealed(resource);
    assert_ok(json_parse(plain, plain.len, inner));
}

static bool notice_signed(const struct rig_notice *n)
{
    return rig_wechat_signed(n->header, n->header_count, bytes_of(n->body, n->body_len));
}

static void notices_are_sealed_and_repeated(void **state)
{
    (void)state;
    static const int64_t waits_s[] = {15,   15,   30,    180,   600,   1200,  1800, 1800,
                                      1800, 3600, 10800, 10800, 10800, 21600, 21600};
    CLEANUP(json_free) struct json_document paid = {0}, back = {0};
    assert_int_equal(pay("ORDER-1", 1000, wx("good")), 200);
    rig_tick(0);
    assert_int_equal(rig.notices, 1);
    assert_true(notice_signed(&rig.notice[0]));
    assert_string_equal(rig.notice[0].url, "http://127.0.0.1:1/wx");
    open_notice(&rig.notice[0], "TRANSACTION.SUCCESS", &paid);
    assert_string_equal(rig_text(paid.root, "trade_state"), "SUCCESS");
    assert_string_equal(rig_text(paid.root, "out_trade_no"), "ORDER-1");
    for (size_t i = 0; i < ARRAY_LEN(waits_s); i++) {
        rig_tick(waits_s[i] * 1000 - 1);
        assert_int_equal(rig.notices, i + 1);
        rig_tick(1);
        assert_int_equal(rig.notices, i + 2);
    }
    rig_tick(INT64_C(100) * 3600 * 1000);
    assert_int_equal(rig.notices, 16);
    assert_int_equal(refund("ORDER-1", "R1", 300, 1000), 200);
    rig_tick(0);
    assert_int_equal(rig.notices, 16);
    rig_tick(PROVIDER_REFUND_MS);
    assert_int_equal(rig.notices, 17);
    assert_string_equal(rig.notice[16].url, "http://127.0.0.1:1/back");
    open_notice(&rig.notice[16], "REFUND.SUCCESS", &back);
    assert_string_equal(rig_text(back.root, "refund_status"), "SUCCESS");
    assert_string_equal(rig_text(back.root, "out_refund_no"), "R1");
    assert_ok(providers_heard(rig.providers, rig.notice[16].id, true));
    rig_tick(15000);
    assert_int_equal(rig.notices, 17);
    assert_true(provider_notice_heard(PROVIDER_WECHAT, 204, BYTES("")));
    assert_false(provider_notice_heard(PROVIDER_WECHAT, 500, BYTES("")));
}

/* ---- what goes wrong ---- */

static void what_was_asked_is_done_or_not(void **state)
{
    (void)state;
    CLEANUP(json_free) struct json_document wrong = {0};
    struct json_t *amount;
    int64_t total;
    rig_go_wrong(PROVIDER_WECHAT, false, FAULT_TEMPORARY, 1, 0);
    assert_refused(pay("ORDER-1", 100, wx("good")), 500, "SYSTEM_ERROR");
    rig_go_wrong(PROVIDER_WECHAT, false, FAULT_REFUSED, 1, 0);
    assert_refused(pay("ORDER-1", 100, wx("good")), 403, "NO_AUTH");
    assert_refused(query("ORDER-1"), 404, "ORDER_NOT_EXIST");
    rig_go_wrong(PROVIDER_WECHAT, false, FAULT_UNKNOWN, 1, 0);
    assert_refused(pay("ORDER-1", 100, wx("good")), 500, "SYSTEM_ERROR");
    rig_go_wrong(PROVIDER_WECHAT, true, FAULT_WRONG, 1, 0);
    rig_tick(0);
    assert_true(notice_signed(&rig.notice[0]));
    open_notice(&rig.notice[0], "TRANSACTION.SUCCESS", &wrong);
    assert_ok(json_member(wrong.root, "amount", &amount));
    assert_ok(json_int(amount, "total", 0, 1000, &total));
    assert_int_equal(total, 101);
    rig_go_wrong(PROVIDER_WECHAT, true, FAULT_FORGED, 1, 0);
    rig_tick(15000);
    assert_int_equal(rig.notices, 2);
    assert_false(notice_signed(&rig.notice[1]));
    rig_go_wrong(PROVIDER_WECHAT, false, FAULT_WRONG, 1, 0);
    assert_state("ORDER-1", "SUCCESS");
    assert_ok(json_member(rig.document.root, "amount", &amount));
    assert_ok(json_int(amount, "total", 0, 1000, &total));
    assert_int_equal(total, 101);
    rig_go_wrong(PROVIDER_WECHAT, false, FAULT_FORGED, 1, 0);
    rig_wechat_send("GET", "/v3/certificates", "", "", NULL);
    assert_false(rig_wechat_signed(rig.answer.header, rig.answer.header_count,
                                   writer_view(&rig.answer.body)));
}

/* ---- what another client has signed ---- */

static const char *text_of(const json_t *row, const char *member)
{
    const char *text = json_string_value(json_object_get(row, member));
    assert_non_null(text);
    return text;
}

/* Requests with their headers as they were written elsewhere, at their time: each is let in. */
static void requests_of_another_client(void **state)
{
    (void)state;
    CLEANUP(rsa_key_free) struct rsa_key merchant = {NULL, false};
    json_t *json = vector_file("../shared/vectors/provider_api/wechatpay_v3.json"), *row;
    const json_t *sdk = json_object_get(json_object_get(json, "sdk"), "request_sign");
    json_t *requests = json_object_get(json_object_get(json, "derived"), "requests");
    size_t i;
    assert_ok(rsa_key_read_private(bytes_text(text_of(json, "test_private_key_pem")), &merchant));
    providers_deposit_wechat(rig.providers, merchant, text_of(sdk, "serial"));
    assert_int_equal(json_array_size(requests), 3);
    json_array_foreach(requests, i, row)
    {
        rig.now_ms = strtoll(text_of(row, "timestamp"), NULL, 10) * 1000;
        const char *header = text_of(row, "authorization");
        assert_non_null(strstr(header, text_of(row, "nonce_str")));
        assert_non_null(strstr(header, text_of(row, "signature")));
        rig_wechat_send(text_of(row, "method"), text_of(row, "url_path_and_query"),
                        text_of(row, "body"), header, NULL);
        assert_int_equal(rig.answer.status, 200);
        rig_wechat_send(text_of(row, "method"), text_of(row, "url_path_and_query"), "x", header,
                        NULL);
        assert_int_equal(rig.answer.status, 401);
    }
    vector_file_end(json);
}

int main(void)
{
#define RIG_TEST(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)
    const struct CMUnitTest tests[] = {
        RIG_TEST(only_the_merchant_is_answered),   RIG_TEST(headers_that_are_none),
        RIG_TEST(certificates_and_the_public_key), RIG_TEST(notices_are_sealed_and_repeated),
        RIG_TEST(what_was_asked_is_done_or_not),   RIG_TEST(requests_of_another_client),
    };
    return cmocka_run_group_tests_name("simulators_wechat_gateway", tests, NULL, NULL);
}
