/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Both drivers against what others have published: the texts that are signed, the part of an
 * answer that its signature covers, notices; and the tables of answers whole. S77.
 */
#include "tests/unit/hsm_fixture.h"

#include "lib/base/base64.h"
#include "lib/wire/hsm_protocol_wallets.h"
#include "tests/unit/vector_file.h"
#include "wallets/alipay.h"
#include "wallets/alipay_raw.h"
#include "wallets/wechatpay.h"

#define RRN    "633300000001"
#define NOW_MS INT64_C(1790000000000)

static const char *text_at(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));
    if (text == NULL) fail_msg("vector has no \"%s\"", member);
    return text;
}

static json_t *vectors(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "../shared/vectors/provider_api/%s", name);
    return vector_file(path);
}

/* Whether the hsm finds this signature good. */
static bool good(struct fixture *f, const char *pem, const uint8_t *digest, struct bytes signature)
{
    const struct hsm_wallet_check m = {bytes_text(pem), bytes_of(digest, HSM_WALLET_DIGEST_BYTES),
                                       signature};
    hsm_write_wallet_check(begin(f, HSM_WALLET_CHECK), &m);
    enum hsm_status status = execute(f);
    assert_true(status == HSM_OK || status == HSM_BAD_VALUE);
    return status == HSM_OK;
}

/* ---- Alipay ---- */

static struct wallet_account alipay_account(void)
{
    return (struct wallet_account){.there = true,
                                   .name = "wallet A",
                                   .base = "https://openapi.example/gateway.do",
                                   .app_id = "2014072300007148",
                                   .notify = "https://pay.example/n?a=b&c=d",
                                   .subject = "虹桥 \"小馆\"",
                                   .public_count = 1};
}

static struct wallet_ask ask_for(const struct wallet_account *account, enum wallet_call call)
{
    return (struct wallet_ask){.account = account,
                               .call = call,
                               .order = {.number = RRN,
                                         .part = "633300000009",
                                         .terminal = "10000017",
                                         .amount_minor = 1234,
                                         .total_minor = 5678,
                                         .code = BYTES("281234567890123456")},
                               .now_ms = INT64_C(1790000000000),
                               .nonce = "593BEC0C930BF1AFEB40B4A08C8FB242"};
}

/* Sorted by name, sign_type among them, values as they are and not escaped. */
static void what_alipay_is_asked_is_signed_in_order(void **state)
{
    (void)state;
    struct wallet_account account = alipay_account();
    struct wallet_ask ask = ask_for(&account, WALLET_PAY);
    char text[WALLET_TEXT_MAX];
    struct writer w = writer_over(text, sizeof text);
    assert_ok(wallet_alipay.text(&ask, &w));
    text[w.len] = '\0';
    assert_string_equal(
        text, "app_id=2014072300007148&biz_content={\"out_trade_no\":\"633300000001\","
              "\"scene\":\"bar_code\",\"auth_code\":\"281234567890123456\","
              "\"product_code\":\"FACE_TO_FACE_PAYMENT\",\"subject\":\"虹桥 \\\"小馆\\\"\","
              "\"total_amount\":\"12.34\",\"terminal_id\":\"10000017\"}&charset=utf-8&format=JSON"
              "&method=alipay.trade.pay&notify_url=https://pay.example/n?a=b&c=d"
              "&sign_type=RSA2&timestamp=2026-09-21 22:13:20&version=1.0");
    static struct wallet_request request;
    assert_ok(wallet_alipay.request(&ask, BYTES("\xfb\xff"), &request));
    assert_string_equal(request.method, "POST");
    assert_string_equal(request.url,
                        "https://openapi.example/gateway.do?app_id=2014072300007148"
                        "&charset=utf-8&format=JSON&method=alipay.trade.pay"
                        "&notify_url=https%3A%2F%2Fpay.example%2Fn%3Fa%3Db%26c%3Dd"
                        "&sign_type=RSA2&timestamp=2026-09-21%2022%3A13%3A20&version=1.0"
                        "&sign=%2B%2F8%3D");
    assert_true(request.body_len > 12 && memcmp(request.body, "biz_content=%7B%22out", 21) == 0);
}

static void the_signed_part_of_an_answer_is_cut_out_as_it_stands(void **state)
{
    (void)state;
    json_t *file = vectors("alipay.json"), *row;
    size_t i;
    json_t *rows = json_object_get(file, "substring_extraction");
    assert_true(json_array_size(rows) >= 5);
    json_array_foreach(rows, i, row)
    {
        const char *key = json_string_value(json_object_get(row, "response_key"));
        if (key == NULL) key = "alipay_offline_material_image_upload_response";
        struct bytes value;
        assert_ok(alipay_raw_member(bytes_text(text_at(row, "raw")), bytes_text(key), &value));
        assert_true(bytes_equal(value, bytes_text(text_at(row, "expect"))));
    }
    vector_file_end(file);
}

static void what_alipay_has_signed_is_found_good(void **state)
{
    struct fixture *f = *state;
    json_t *file = vectors("alipay.json"), *row;
    size_t i;
    json_array_foreach(json_object_get(file, "response_sign"), i, row)
    {
        struct bytes raw = bytes_text(text_at(row, "raw_response")), value, sign;
        struct wallet_reading reading = {0};
        assert_ok(alipay_raw_member(raw, bytes_text(text_at(row, "response_key")), &value));
        assert_ok(alipay_raw_member(raw, BYTES("sign"), &sign));
        assert_ok(wallet_take_signature(sign, &reading));
        hsm_wallet_digest(value, reading.digest);
        assert_int_equal(good(f, text_at(row, "alipay_public_key"), reading.digest,
                              bytes_of(reading.signature, reading.signature_len)),
                         json_is_true(json_object_get(row, "expect")));
    }
    vector_file_end(file);
}

/* Every value of the published notice, as the form that a server sends. */
static size_t write_form(const json_t *params, char *out, size_t size)
{
    struct writer w = writer_over(out, size);
    const char *name;
    json_t *value;
    void *at = json_object_iter((json_t *)params);
    for (; at != NULL; at = json_object_iter_next((json_t *)params, at)) {
        name = json_object_iter_key(at);
        value = json_object_iter_value(at);
        char *dumped = json_is_string(value) ? NULL : json_dumps(value, JSON_COMPACT);
        if (w.len > 0) write_bytes(&w, BYTES("&"));
        write_format(&w, "%s=", name);
        wallet_escape(&w, bytes_text(dumped == NULL ? json_string_value(value) : dumped));
        free(dumped);
    }
    assert_int_equal(w.fault, ERR_OK);
    return w.len;
}

static void a_published_notice_is_found_good(void **state)
{
    struct fixture *f = *state;
    json_t *file = vectors("alipay.json"), *row;
    size_t i, checked = 0;
    json_array_foreach(json_object_get(file, "notify"), i, row)
    {
        const json_t *params = json_object_get(row, "form_params");
        char form[8192], room[8192], scratch[8192];
        size_t len = write_form(params, form, sizeof form);
        struct writer room_w = writer_over(room, sizeof room);
        struct writer scratch_w = writer_over(scratch, sizeof scratch);
        struct wallet_account account = alipay_account();
        struct wallet_notice notice;
        struct wallet_reading check = {0};
        snprintf(account.app_id, sizeof account.app_id, "%s", text_at(params, "app_id"));
        snprintf(account.public[0].pem, sizeof account.public[0].pem, "%s",
                 text_at(row, "alipay_public_key"));
        assert_ok(alipay_read_notice(&account, NULL, NOW_MS, bytes_of(form, len), &room_w,
                                     &scratch_w, &notice, &check));
        assert_string_equal(notice.number, text_at(params, "out_trade_no"));
        assert_true(notice.amount_minor == 10 || notice.amount_minor == 1);
        assert_int_equal(
            good(f, check.public_pem, check.digest, bytes_of(check.signature, check.signature_len)),
            json_is_true(json_object_get(row, "expect")));
        checked++;
        snprintf(account.app_id, sizeof account.app_id, "2019000000000000");
        room_w.len = scratch_w.len = 0;
        assert_string_equal(err_name(alipay_read_notice(&account, NULL, NOW_MS, bytes_of(form, len),
                                                        &room_w, &scratch_w, &notice, &check)),
                            "IDENTITY");
    }
    assert_true(checked >= 2);
    vector_file_end(file);
}

static void what_is_no_answer_is_not_cut(void **state)
{
    (void)state;
    static const struct {
        const char *raw, *error;
    } rows[] = {
        {"", "FORMAT"},
        {"[]", "FORMAT"},
        {"{", "FORMAT"},
        {"{}", "FORMAT"},
        {"{\"x\":{}", "FORMAT"},
        {"{\"x\":\"", "SHORT"},
        {"{\"x\":\"\\", "SHORT"},
        {"{\"x\":{}} {}", "TRAILING"},
        {"{\"y\":1}", "NOT_FOUND"},
        {"{\"a\":{\"x\":1}}", "NOT_FOUND"},
        {"{\"x\":1,\"x\":2}", "CONFLICT"},
        {"{\"x\":[{]}", "FORMAT"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bytes value = {0};
        err found = alipay_raw_member(bytes_text(rows[i].raw), BYTES("x"), &value);
        if (strcmp(err_name(found), rows[i].error) != 0)
            fail_msg("%s: %s", rows[i].raw, err_name(found));
        assert_null(value.at);
    }
}

/* ---- WeChat Pay ---- */

static struct wallet_account wechat_account(void)
{
    return (struct wallet_account){.there = true,
                                   .name = "wallet W",
                                   .base = "https://api.example",
                                   .app_id = "wx0123456789abcdef",
                                   .mch_id = "1900000001",
                                   .serial = "F5765756002FDD77",
                                   .notify = "https://127.0.0.1/notify",
                                   .subject = "测试商品"};
}

/* The layout of the published requests, in our own words of the same kind. */
static void what_wechat_is_asked_is_signed_line_by_line(void **state)
{
    (void)state;
    struct wallet_account account = wechat_account();
    json_t *file = vectors("wechatpay_v3.json");
    json_t *row = json_array_get(json_object_get(json_object_get(file, "derived"), "requests"),
                                 2); /* GET, by number */
    struct wallet_ask ask = ask_for(&account, WALLET_QUERY);
    ask.order.number = "POS20250101000001";
    ask.now_ms = strtoll(text_at(row, "timestamp"), NULL, 10) * 1000 + 999;
    snprintf(ask.nonce, sizeof ask.nonce, "%s", text_at(row, "nonce_str"));
    char text[WALLET_TEXT_MAX];
    struct writer w = writer_over(text, sizeof text);
    assert_ok(wallet_wechatpay.text(&ask, &w));
    assert_true(bytes_equal(writer_view(&w), bytes_text(text_at(row, "message_to_sign"))));

    uint8_t signature[HSM_WALLET_SIGNATURE_MAX];
    size_t len;
    static struct wallet_request request;
    assert_ok(
        base64_decode(bytes_text(text_at(row, "signature")), signature, sizeof signature, &len));
    assert_ok(wallet_wechatpay.request(&ask, bytes_of(signature, len), &request));
    assert_string_equal(request.method, "GET");
    assert_string_equal(request.header[0].name, "Authorization");
    assert_string_equal(request.header[0].value, text_at(row, "authorization"));
    assert_string_equal(request.url,
                        "https://api.example/v3/pay/transactions/out-trade-no/POS20250101000001"
                        "?mchid=1900000001");
    vector_file_end(file);
}

/* So that the wallet's file of the day tells a void from a refund (S111). */
static void a_void_is_told_as_one(void **state)
{
    (void)state;
    struct wallet_account alipay = alipay_account(), wechat = wechat_account();
    const struct {
        const struct wallet_driver *driver;
        const struct wallet_account *account;
        const char *reason;
    } rows[] = {{&wallet_alipay, &alipay, "\"refund_reason\":\"void\""},
                {&wallet_wechatpay, &wechat, "\"reason\":\"void\""}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (int voids = 0; voids < 2; voids++) {
            struct wallet_ask ask = ask_for(rows[i].account, WALLET_REFUND);
            char text[WALLET_TEXT_MAX];
            struct writer w = writer_over(text, sizeof text - 1);
            ask.order.why = voids ? "void" : NULL;
            assert_ok(rows[i].driver->text(&ask, &w));
            text[w.len] = '\0';
            assert_int_equal(strstr(text, rows[i].reason) != NULL, voids);
        }
}

static void wechat_bodies_are_what_the_interface_wants(void **state)
{
    (void)state;
    struct wallet_account account = wechat_account();
    static const struct {
        enum wallet_call call;
        const char *method, *path, *body;
    } rows[] = {
        {WALLET_PAY, "POST", "/v3/pay/transactions/codepay",
         "{\"appid\":\"wx0123456789abcdef\",\"mchid\":\"1900000001\",\"description\":\"测试商品\","
         "\"out_trade_no\":\"633300000001\",\"amount\":{\"total\":1234,\"currency\":\"CNY\"},"
         "\"payer\":{\"auth_code\":\"281234567890123456\"},\"scene_info\":{\"id\":\"10000017\"}}"},
        {WALLET_SHOW, "POST", "/v3/pay/transactions/native",
         "{\"appid\":\"wx0123456789abcdef\",\"mchid\":\"1900000001\",\"description\":\"测试商品\","
         "\"out_trade_no\":\"633300000001\",\"notify_url\":\"https://127.0.0.1/notify\","
         "\"amount\":{\"total\":1234,\"currency\":\"CNY\"}}"},
        {WALLET_CANCEL, "POST", "/v3/pay/transactions/out-trade-no/633300000001/reverse",
         "{\"appid\":\"wx0123456789abcdef\",\"mchid\":\"1900000001\"}"},
        {WALLET_CLOSE, "POST", "/v3/pay/transactions/out-trade-no/633300000001/close",
         "{\"mchid\":\"1900000001\"}"},
        {WALLET_REFUND, "POST", "/v3/refund/domestic/refunds",
         "{\"out_trade_no\":\"633300000001\",\"out_refund_no\":\"633300000009\",\"amount\":"
         "{\"refund\":1234,\"total\":5678,\"currency\":\"CNY\"}}"},
        {WALLET_REFUND_QUERY, "GET", "/v3/refund/domestic/refunds/633300000009", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        static struct wallet_request request;
        struct wallet_ask ask = ask_for(&account, rows[i].call);
        char text[WALLET_TEXT_MAX], expected[WALLET_TEXT_MAX];
        struct writer w = writer_over(text, sizeof text);
        assert_ok(wallet_wechatpay.text(&ask, &w));
        text[w.len] = '\0';
        snprintf(expected, sizeof expected, "%s\n%s\n1790000000\n%s\n%s\n", rows[i].method,
                 rows[i].path, ask.nonce, rows[i].body);
        assert_string_equal(text, expected);
        assert_ok(wallet_wechatpay.request(&ask, BYTES("x"), &request));
        assert_int_equal(request.body_len, strlen(rows[i].body));
        assert_memory_equal(request.body, rows[i].body, request.body_len);
    }
    struct wallet_ask more = ask_for(&account, WALLET_REFUND);
    more.order.total_minor = 1233; /* more than there was */
    uint8_t block[WALLET_TEXT_MAX];
    struct writer w = writer_over(block, sizeof block);
    assert_string_equal(err_name(wallet_wechatpay.text(&more, &w)), "RANGE");
}

/* A signature of the provider's own kit is over what we take for signed. */
static void what_wechat_has_signed_is_found_good(void **state)
{
    struct fixture *f = *state;
    struct wallet_account account = wechat_account();
    json_t *file = vectors("wechatpay_v3.json");
    const char *pem = text_at(file, "test_private_key_pem");
    const struct hsm_wallet_key key = {HSM_WALLET_SIGNS, BYTES("test"), bytes_text(pem)};
    struct hsm_wallet_key_answer made;
    hsm_write_wallet_key(begin(f, HSM_WALLET_KEY), &key);
    assert_status(execute(f), HSM_OK);
    assert_ok(hsm_read_wallet_key_answer(&f->answer, &made));
    account.public_count = 1;
    snprintf(account.public[0].serial, sizeof account.public[0].serial, "F5765756002FDD77");
    assert_ok(bytes_to_text(made.public_pem, account.public[0].pem, WALLET_PEM_MAX));

    uint8_t blob[HSM_WALLET_BLOB_MAX], digest[HSM_WALLET_DIGEST_BYTES];
    size_t blob_len = made.blob.len;
    memcpy(blob, made.blob.at, blob_len);
    struct bytes signature, body = BYTES("{\"code\":\"USERPAYING\"}");
    hsm_wallet_digest(BYTES("1790000000\nn0nce\n{\"code\":\"USERPAYING\"}\n"), digest);
    const struct hsm_wallet_sign sign = {bytes_of(blob, blob_len), BYTES_OF(digest)};
    hsm_write_wallet_sign(begin(f, HSM_WALLET_SIGN), &sign);
    assert_status(execute(f), HSM_OK);
    assert_ok(hsm_read_bytes(&f->answer, &signature));

    struct wallet_raw raw = {.status = 202,
                             .body = body,
                             .timestamp = "1790000000",
                             .nonce = "n0nce",
                             .serial = "F5765756002FDD77"};
    struct writer base64 = writer_over(raw.signature, sizeof raw.signature - 1);
    base64_write(&base64, signature);
    struct wallet_ask ask = ask_for(&account, WALLET_PAY);
    static uint8_t scratch[WALLET_ANSWER_MAX];
    struct writer w = writer_over(scratch, sizeof scratch);
    struct wallet_reading reading = {0};
    assert_ok(wallet_wechatpay.read(&ask, &raw, &w, &reading));
    assert_int_equal(reading.said.word, WALLET_WAITING);
    assert_true(good(f, reading.public_pem, reading.digest,
                     bytes_of(reading.signature, reading.signature_len)));
    vector_file_end(file);
}

/* ---- the file of accounts ---- */

static void the_file_of_accounts_is_read_strictly(void **state)
{
    (void)state;
    static const char whole[] =
        "{\"zone_mac\":\"D0112\",\"alipay\":{\"name\":\"A\",\"base\":\"https://a.example/g\","
        "\"app_id\":\"2016\",\"key\":\"AAAA\",\"public\":\"MIIB\",\"subject\":\"s\"},"
        "\"wechatpay\":{\"name\":\"W\",\"base\":\"http://127.0.0.1:9\",\"app_id\":\"wx\","
        "\"mch_id\":\"19\",\"serial\":\"F5\",\"key\":\"AAAA\",\"open\":\"AAAA\",\"subject\":\"s\","
        "\"public\":[{\"serial\":\"P1\",\"pem\":\"one\"},{\"serial\":\"P2\",\"pem\":\"two\"}]}}";
    static struct wallet_accounts all;
    struct process_fault fault;
    assert_ok(wallet_accounts_parse(bytes_text(whole), NOW_MS, &all, &fault));
    assert_true(all.account[WALLET_ALIPAY].there && all.account[WALLET_WECHATPAY].there);
    assert_string_equal(wallet_public_pem(&all.account[WALLET_ALIPAY], NULL, "", NOW_MS), "MIIB");
    assert_string_equal(wallet_public_pem(&all.account[WALLET_WECHATPAY], NULL, "P2", NOW_MS),
                        "two");
    assert_null(wallet_public_pem(&all.account[WALLET_WECHATPAY], NULL, "P3", NOW_MS));

    static const struct {
        const char *from, *to;
    } faults[] = {
        {"\"alipay\"", "\"alipai\""},
        {"127.0.0.1:9", "127.0.0.1:9/"},
        {"\"app_id\":\"2016\"", "\"app_id\":\"20 16\""},
        {"\"app_id\":\"2016\",", ""},
        {"https://a.example/g", "http://a.example/gg"},
        {"\"key\":\"AAAA\",\"public\":\"MIIB\"", "\"key\":\"A\",\"public\":\"MIIB\""},
        {"\"public\":[{\"serial\":\"P1\",\"pem\":\"one\"},{\"serial\":\"P2\",\"pem\":\"two\"}]",
         "\"public\":[]"},
        {"\"mch_id\":\"19\"", "\"mch_id\":\"1\\\"9\""},
        {"\"zone_mac\":\"D0112\"", "\"zone_mac\":\"\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        char text[1200];
        const char *at = strstr(whole, faults[i].from);
        assert_non_null(at);
        snprintf(text, sizeof text, "%.*s%s%s", (int)(at - whole), whole, faults[i].to,
                 at + strlen(faults[i].from));
        assert_true(FAILED(wallet_accounts_parse(bytes_text(text), NOW_MS, &all, &fault)));
        assert_non_null(strstr(fault.text, "tongbao-wallets(1)"));
    }
}

/* Both forms, and nothing else. */
static void moments_are_read_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {
        {"2026-11-29 22:59:59", INT64_C(1795964399000)},
        {"2026-11-29T22:59:59+08:00", INT64_C(1795964399000)},
        {"2026-11-29T14:59:59Z", INT64_C(1795964399000)},
        {"2026-11-29T09:29:59-05:30", INT64_C(1795964399000)},
        {"", 0},
        {"2026-11-29", 0},
        {"2026-11-29 22:59", 0},
        {"2026-11-29 22:59:59.5", 0},
        {"2026-11-29T22:59:59+0800", 0},
        {"2026-11-29T22:59:59+08:00x", 0},
        {"2026-13-29 22:59:59", 0},
        {"2026-00-29 22:59:59", 0},
        {"2026-11-29 24:00:00", 0},
        {"2026/11/29 22:59:59", 0},
        {"20261-11-29 22:59:59", 0},
        {"-026-11-29 22:59:59", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (wallet_moment(bytes_text(rows[i].text)) != rows[i].ms)
            fail_msg("%s: %lld", rows[i].text, (long long)wallet_moment(bytes_text(rows[i].text)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_hsm, close_hsm)
        TEST(what_alipay_is_asked_is_signed_in_order),
        TEST(the_signed_part_of_an_answer_is_cut_out_as_it_stands),
        TEST(what_alipay_has_signed_is_found_good),
        TEST(a_published_notice_is_found_good),
        TEST(what_is_no_answer_is_not_cut),
        TEST(what_wechat_is_asked_is_signed_line_by_line),
        TEST(a_void_is_told_as_one),
        TEST(wechat_bodies_are_what_the_interface_wants),
        TEST(what_wechat_has_signed_is_found_good),
        TEST(the_file_of_accounts_is_read_strictly),
        cmocka_unit_test(moments_are_read_strictly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
