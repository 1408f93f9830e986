/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Alipay interface's gateway (S176): each parameter and the signature over all of them,
 * notices until they are heard, what can be made to go wrong, and the texts that Alipay itself has
 * signed. The methods are in simulators_alipay_test.
 */
#include "tests/unit/provider_rig.h"

#include "simulators/form.h"
#include "tests/unit/vector_file.h"

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

static void assert_status(const char *out_no, const char *status)
{
    const struct json_t *said = named("alipay.trade.query", out_no);
    assert_code(said, "10000", "");
    assert_string_equal(rig_text(said, "trade_status"), status);
}

static const char *ali(const char *phone)
{
    return rig_code(phone, PAYMENT_CODE_ALIPAY);
}

/* ---- what the gateway lets through ---- */

/* One parameter changed after signing (or before, when it is said so); the refusal. */
static void changed(const char *name, const char *value, bool signed_so, const char *code,
                    const char *sub_code)
{
    char sign[RSA_KEY_SIGNATURE_TEXT_MAX + 1] = "";
    struct rig_param param[] = {
        {"method", "alipay.trade.query"},
        {"app_id", rig.config.alipay.app_id},
        {"charset", "utf-8"},
        {"format", "JSON"},
        {"sign_type", "RSA2"},
        {"timestamp", "2026-11-29 08:15:00"},
        {"version", "1.0"},
        {"biz_content", "{\"out_trade_no\":\"A1\"}"},
        {"sign", sign},
        {"encrypt_type", ""},
    };
    struct bytes object;
    if (!signed_so) rig_alipay_sign(param, ARRAY_LEN(param), sign, sizeof sign);
    for (size_t i = 0; i < ARRAY_LEN(param); i++)
        if (strcmp(param[i].name, name) == 0) param[i].value = value;
    if (signed_so) rig_alipay_sign(param, ARRAY_LEN(param), sign, sizeof sign);
    rig_alipay_post(param, ARRAY_LEN(param));
    bool by_method = strncmp(name, "method", 6) != 0;
    assert_true(
        rig_alipay_object(by_method ? "alipay_trade_query_response" : "error_response", &object));
    json_free(&rig.document);
    assert_ok(json_parse(object, object.len, &rig.document));
    assert_code(rig.document.root, code, sub_code);
}

static void the_gateway_looks_at_each_parameter(void **state)
{
    (void)state;
    changed("method", "", true, "40001", "isv.missing-method");
    changed("method", "alipay.trade.steal", true, "40002", "isv.invalid-method");
    changed("app_id", "", true, "40001", "isv.missing-app-id");
    changed("app_id", "2026000000000002", true, "40002", "isv.invalid-app-id");
    changed("sign_type", "", true, "40001", "isv.missing-signature-type");
    changed("sign_type", "RSA", true, "40002", "isv.invalid-signature-type");
    changed("timestamp", "", true, "40001", "isv.missing-timestamp");
    changed("timestamp", "2026-11-29T08:15:00", true, "40002", "isv.invalid-timestamp");
    changed("version", "", true, "40001", "isv.missing-version");
    changed("charset", "gbk", true, "40002", "isv.invalid-charset");
    changed("format", "XML", true, "40002", "isv.invalid-format");
    changed("encrypt_type", "AES", true, "40002", "isv.invalid-encrypt-type");
    changed("sign", "", false, "40001", "isv.missing-signature");
    changed("sign", "AAAA", false, "40002", "isv.invalid-signature");
    changed("biz_content", "{\"out_trade_no\":\"A2\"}", false, "40002", "isv.invalid-signature");
    changed("biz_content", "[", true, "40004", "ACQ.INVALID_PARAMETER");
    changed("timestamp", "2026-11-29 08:15:01", false, "40002", "isv.invalid-signature");
    static const struct alipay_config none;
    providers_deposit_alipay(rig.providers, &none);
    changed("version", "1.0", true, "40002", "isv.missing-signature-config");
}

static void forms_that_are_none(void **state)
{
    (void)state;
    static const char *const rows[] = {"method=%4", "method=%zz", "a=1&a=2", "=1",
                                       "a=%ff",     "a=1&",       "a=%00"};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct provider_request request = {
            .method = "POST", .path = "/gateway.do", .query = "", .body = bytes_text(rows[i])};
        struct bytes object;
        rig_ask(PROVIDER_ALIPAY, &request);
        assert_true(rig_alipay_object("error_response", &object));
        assert_non_null(strstr((const char *)rig.body, "isv.invalid-parameter"));
    }
    const struct provider_request elsewhere = {.method = "POST", .path = "/", .query = ""};
    rig_ask(PROVIDER_ALIPAY, &elsewhere);
    assert_int_equal(rig.answer.status, 404);
}

/* ---- notices ---- */

/* The notice's parameters, whose signature must be right unless it was forged. */
static struct form *read_notice(const struct rig_notice *n, bool forged)
{
    static struct form form;
    static uint8_t block[FORM_BYTES_MAX];
    static const char *const without[] = {"sign", "sign_type", NULL};
    struct writer w = writer_over(block, sizeof block);
    memset(&form, 0, sizeof form);
    assert_ok(form_add(&form, bytes_of(n->body, n->body_len)));
    form_signed_text(&form, without, &w);
    err checked =
        rsa_key_check_base64(&rig.config.alipay.own, writer_view(&w), form_get(&form, "sign"));
    assert_string_equal(err_name(checked), forged ? "IDENTITY" : "OK");
    return &form;
}

static void assert_param(const struct form *form, const char *name, const char *value)
{
    struct bytes found = form_get(form, name);
    assert_int_equal(found.len, strlen(value));
    assert_memory_equal(found.at, value, found.len);
}

static void a_notice_is_sent_until_it_is_heard(void **state)
{
    (void)state;
    static const int64_t waits_s[] = {240, 600, 600, 3600, 7200, 21600, 54000};
    assert_code(pay("A1", "12.30", ali("good")), "10000", "");
    rig_tick(0);
    assert_int_equal(rig.notices, 1);
    const struct form *form = read_notice(&rig.notice[0], false);
    assert_string_equal(rig.notice[0].url, "http://127.0.0.1:1/notify");
    assert_param(form, "trade_status", "TRADE_SUCCESS");
    assert_param(form, "total_amount", "12.30");
    assert_param(form, "out_trade_no", "A1");
    assert_param(form, "app_id", rig.config.alipay.app_id);
    assert_param(form, "subject", "面条 & 茶+");
    for (size_t i = 0; i < ARRAY_LEN(waits_s); i++) {
        int64_t next_ms;
        assert_ok(providers_next(rig.providers, &next_ms));
        assert_int_equal(next_ms, rig.now_ms + waits_s[i] * 1000);
        rig_tick(waits_s[i] * 1000 - 1);
        assert_int_equal(rig.notices, i + 1);
        rig_tick(1);
        assert_int_equal(rig.notices, i + 2);
        assert_string_equal(rig.notice[i + 1].id, rig.notice[0].id);
    }
    int64_t never;
    assert_ok(providers_next(rig.providers, &never));
    assert_int_equal(never, INT64_MAX);
    assert_true(provider_notice_heard(PROVIDER_ALIPAY, 200, BYTES("success")));
    assert_false(provider_notice_heard(PROVIDER_ALIPAY, 200, BYTES("success\n")));
    assert_false(provider_notice_heard(PROVIDER_ALIPAY, 500, BYTES("success")));
    assert_code(pay("A2", "1.00", ali("good")), "10000", "");
    rig_tick(0);
    assert_ok(providers_heard(rig.providers, rig.notice[8].id, true));
    rig_tick(INT64_C(100) * 3600 * 1000);
    assert_int_equal(rig.notices, 9);
}

static void notices_go_wrong(void **state)
{
    (void)state;
    static const enum fault faults[] = {FAULT_DOUBLED, FAULT_FORGED, FAULT_WRONG, FAULT_GARBAGE};
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        char out_no[8];
        snprintf(out_no, sizeof out_no, "A%zu", i);
        assert_code(pay(out_no, "1.00", ali("good")), "10000", "");
        rig_go_wrong(PROVIDER_ALIPAY, true, faults[i], 1, 0);
        rig_tick(0);
        assert_int_equal(rig.notices, i + 1);
    }
    assert_true(rig.notice[0].twice);
    (void)read_notice(&rig.notice[1], true);
    assert_param(read_notice(&rig.notice[2], false), "total_amount", "1.01");
    static struct form garbage;
    assert_true(FAILED(form_add(&garbage, bytes_of(rig.notice[3].body, rig.notice[3].body_len))));
    assert_code(pay("A8", "1.00", ali("good")), "10000", "");
    rig_go_wrong(PROVIDER_ALIPAY, true, FAULT_DOWN, 1, 0);
    rig_tick(0);
    assert_int_equal(rig.notices, 4); /* that attempt is lost */
    assert_code(pay("A9", "1.00", ali("good")), "10000", "");
    rig_go_wrong(PROVIDER_ALIPAY, true, FAULT_SLOW, 1, 30000);
    rig_tick(0);
    rig_tick(29999);
    assert_int_equal(rig.notices, 4);
    rig_tick(1);
    assert_int_equal(rig.notices, 5);
}

/* ---- answers go wrong ---- */

static void what_was_asked_is_done_or_not(void **state)
{
    (void)state;
    struct bytes object;
    rig_go_wrong(PROVIDER_ALIPAY, false, FAULT_TEMPORARY, 1, 0);
    assert_code(pay("A1", "1.00", ali("good")), "20000", "isp.unknow-error");
    rig_go_wrong(PROVIDER_ALIPAY, false, FAULT_TEMPORARY, 1, 0);
    const struct json_t *said = named("alipay.trade.cancel", "A1");
    assert_code(said, "40004", "ACQ.SYSTEM_ERROR");
    assert_string_equal(rig_text(said, "retry_flag"), "Y");
    rig_go_wrong(PROVIDER_ALIPAY, false, FAULT_REFUSED, 1, 0);
    assert_code(pay("A1", "1.00", ali("good")), "40006", "isv.insufficient-isv-permissions");
    assert_code(named("alipay.trade.query", "A1"), "40004", "ACQ.TRADE_NOT_EXIST");
    rig_go_wrong(PROVIDER_ALIPAY, false, FAULT_UNKNOWN, 1, 0);
    assert_code(pay("A1", "1.00", ali("good")), "20000", "isp.unknow-error");
    assert_status("A1", "TRADE_SUCCESS");
    rig_go_wrong(PROVIDER_ALIPAY, false, FAULT_WRONG, 1, 0);
    assert_string_equal(rig_text(named("alipay.trade.query", "A1"), "total_amount"), "1.01");
    rig_go_wrong(PROVIDER_ALIPAY, false, FAULT_SLOW, 1, 1234);
    assert_status("A1", "TRADE_SUCCESS");
    assert_int_equal(rig.answer.delay_ms, 1234);
    rig_go_wrong(PROVIDER_ALIPAY, false, FAULT_SILENT, 1, 0);
    assert_status("A1", "TRADE_SUCCESS");
    assert_true(rig.answer.silent);
    rig_go_wrong(PROVIDER_ALIPAY, false, FAULT_CUT, 1, 0);
    assert_status("A1", "TRADE_SUCCESS");
    assert_true(rig.answer.cut);
    const struct rig_param none[] = {{"method", "x"}};
    rig_go_wrong(PROVIDER_ALIPAY, false, FAULT_FORGED, 1, 0);
    rig_alipay_post(none, 1);
    assert_false(rig_alipay_object("error_response", &object));
    rig_go_wrong(PROVIDER_ALIPAY, false, FAULT_BROKEN, 1, 0);
    rig_alipay_post(none, 1);
    assert_int_equal(rig.answer.status, 500);
    rig_go_wrong(PROVIDER_ALIPAY, false, FAULT_GARBAGE, 1, 0);
    rig_alipay_post(none, 1);
    assert_false(json_utf8_valid(writer_view(&rig.answer.body)));
    rig_alipay_post(none, 1);
    size_t once = rig.answer.body.len;
    rig_go_wrong(PROVIDER_ALIPAY, false, FAULT_DOUBLED, 1, 0);
    rig_alipay_post(none, 1);
    assert_int_equal(rig.answer.body.len, 2 * once);
    rig_go_wrong(PROVIDER_ALIPAY, false, FAULT_DOWN, 1, 0);
    rig_alipay_post(none, 1);
    assert_true(rig.answer.hang_up);
}

/* ---- what the makers of the interface have signed ---- */

static void signed_texts_of_notices(void **state)
{
    (void)state;
    static const char *const without[] = {"sign", "sign_type", NULL};
    static const char *const only_sign[] = {"sign", NULL};
    static struct form form;
    json_t *json = vector_file("../shared/vectors/provider_api/alipay.json"), *row, *value;
    json_t *rows = json_object_get(json, "notify");
    const char *name;
    size_t i;
    json_array_foreach(rows, i, row)
    {
        CLEANUP(rsa_key_free) struct rsa_key key = {NULL, false};
        uint8_t block[4096];
        const char *key_text = json_string_value(json_object_get(row, "alipay_public_key"));
        assert_ok(rsa_key_read_public(bytes_text(key_text), &key));
        memset(&form, 0, sizeof form);
        json_object_foreach(json_object_get(row, "form_params"), name, value)
        {
            char *text = json_is_string(value) ? strdup(json_string_value(value))
                                               : json_dumps(value, JSON_COMPACT);
            assert_ok(form_set(&form, name, bytes_text(text)));
            free(text);
        }
        const struct {
            const char *member;
            const char *const *without;
        } forms[] = {{"verify_without_sign_type", without},
                     {"verify_keeping_sign_type", only_sign}};
        bool any = false;
        for (size_t k = 0; k < ARRAY_LEN(forms); k++) {
            struct writer w = writer_over(block, sizeof block);
            form_signed_text(&form, forms[k].without, &w);
            err e = rsa_key_check_base64(&key, writer_view(&w), form_get(&form, "sign"));
            json_t *expected = json_object_get(row, forms[k].member);
            assert_true(json_is_boolean(expected));
            assert_string_equal(err_name(e), json_is_true(expected) ? "OK" : "IDENTITY");
            any = any || !FAILED(e);
        }
        json_t *expect = json_object_get(row, "expect");
        assert_true(json_is_boolean(expect) && json_is_true(expect) == any);
    }
    vector_file_end(json);
}

int main(void)
{
#define RIG_TEST(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)
    const struct CMUnitTest tests[] = {
        RIG_TEST(the_gateway_looks_at_each_parameter), RIG_TEST(forms_that_are_none),
        RIG_TEST(a_notice_is_sent_until_it_is_heard),  RIG_TEST(notices_go_wrong),
        RIG_TEST(what_was_asked_is_done_or_not),       cmocka_unit_test(signed_texts_of_notices),
    };
    return cmocka_run_group_tests_name("simulators_alipay_gateway", tests, NULL, NULL);
}
