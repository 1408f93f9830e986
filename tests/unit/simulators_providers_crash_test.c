/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A wallet over HTTP that is killed at every store call in turn (S176): what was answered is on
 * disk, what was not is done whole or not at all, no repeat is charged or given back twice, and no
 * notice is forgotten.
 */
#include "tests/unit/provider_rig.h"

static int64_t calls_left; /* until the power is cut */
static bool cut;

static err fuse(void *context, enum store_call call)
{
    (void)context, (void)call;
    if (calls_left-- > 0) return OK;
    cut = true;
    return ERR(CRASHED);
}

/* Runs `act` with the power cut at store call number `n`, and starts again; whether it was cut. */
static bool with_cut(int64_t n, err (*act)(const char *out_no), const char *out_no, bool *ret_done)
{
    calls_left = n;
    cut = false;
    store_set_fault(rig.store, fuse, NULL);
    err done = act(out_no);
    store_set_fault(rig.store, NULL, NULL);
    assert_int_equal(FAILED(done), cut);
    *ret_done = !FAILED(done);
    rig_close();
    rig_open();
    return cut;
}

/* A call whose answer is not looked at: it may not come. */
static err call(const char *method, const char *biz)
{
    static char query[4096], body[4096];
    char sign[RSA_KEY_SIGNATURE_TEXT_MAX + 1] = "";
    struct rig_param param[] = {
        {"biz_content", biz},
        {"method", method},
        {"app_id", rig.config.alipay.app_id},
        {"charset", "utf-8"},
        {"sign_type", "RSA2"},
        {"timestamp", "2026-11-29 08:15:00"},
        {"version", "1.0"},
        {"notify_url", "http://127.0.0.1:1/notify"},
        {"sign", sign},
    };
    rig_alipay_sign(param, ARRAY_LEN(param), sign, sizeof sign);
    rig_form(param + 1, ARRAY_LEN(param) - 1, query, sizeof query);
    size_t len = rig_form(param, 1, body, sizeof body);
    const struct provider_request request = {
        .method = "POST", .path = "/gateway.do", .query = query, .body = bytes_of(body, len)};
    rig.answer.body = writer_over(rig.body, sizeof rig.body - 1);
    return providers_answer(rig.providers, PROVIDER_ALIPAY, &request, &rig.answer);
}

static err pay(const char *out_no)
{
    char biz[256];
    snprintf(biz, sizeof biz,
             "{\"out_trade_no\":\"%s\",\"scene\":\"bar_code\",\"auth_code\":\"%s\","
             "\"subject\":\"x\",\"total_amount\":\"1.00\"}",
             out_no, rig_code("good", PAYMENT_CODE_ALIPAY));
    return call("alipay.trade.pay", biz);
}

static err refund(const char *out_no)
{
    char biz[160];
    snprintf(biz, sizeof biz,
             "{\"out_trade_no\":\"%s\",\"refund_amount\":\"0.40\",\"out_request_no\":\"R\"}",
             out_no);
    return call("alipay.trade.refund", biz);
}

static err cancel(const char *out_no)
{
    char biz[80];
    snprintf(biz, sizeof biz, "{\"out_trade_no\":\"%s\"}", out_no);
    return call("alipay.trade.cancel", biz);
}

/* What the wallet was paid and not given back, and that the phone has spent just that. */
static int64_t total(void)
{
    int64_t minor, count;
    assert_ok(providers_total(rig.providers, PROVIDER_ALIPAY, &minor, &count));
    assert_int_equal(minor, rig.phones.spent_minor[rig_phone("good")]);
    return minor;
}

/*
 * `act` with a cut at each of its store calls, each on a trade of its own that `prepare` (or NULL)
 * has made; then `act` again, which must end as if nothing had happened.
 */
static void cut_everywhere(const char *name, err (*prepare)(const char *out_no),
                           err (*act)(const char *out_no), int64_t effect)
{
    int64_t n = 0;
    for (bool was_cut = true; was_cut; n++) {
        char out_no[24];
        bool answered;
        snprintf(out_no, sizeof out_no, "%s%d", name, (int)n);
        if (prepare != NULL) assert_ok(prepare(out_no));
        int64_t before = total();
        was_cut = with_cut(n, act, out_no, &answered);
        int64_t after = total();
        assert_true(after == before || after == before + effect);
        if (answered) assert_int_equal(after, before + effect);
        assert_ok(act(out_no));
        assert_int_equal(total(), before + effect);
        assert_true(n < 200);
    }
    assert_true(n > 3); /* there was something to cut */
}

static void payments(void **state)
{
    (void)state;
    cut_everywhere("P", NULL, pay, 100);
}

static void refunds(void **state)
{
    (void)state;
    cut_everywhere("R", pay, refund, -40);
}

static void cancellations(void **state)
{
    (void)state;
    cut_everywhere("C", pay, cancel, -100);
}

static err tick(const char *out_no)
{
    (void)out_no;
    return providers_tick(rig.providers);
}

/* A notice that was counted as sent may be lost with the power; its next attempt is not. */
static void notices(void **state)
{
    (void)state;
    bool was_cut = true, done;
    for (int64_t n = 0; was_cut; n++) {
        char out_no[24];
        int64_t next_ms;
        snprintf(out_no, sizeof out_no, "N%d", (int)n);
        assert_ok(pay(out_no));
        rig.notices = 0;
        was_cut = with_cut(n, tick, out_no, &done);
        if (done) assert_int_equal(rig.notices, 1);
        assert_ok(providers_next(rig.providers, &next_ms));
        assert_true(next_ms <= rig.now_ms + 240000);
        rig_tick(240000);
        assert_true(rig.notices > 0);
        for (size_t i = 0; i < rig.notices; i++)
            assert_ok(providers_heard(rig.providers, rig.notice[i].id, true));
        assert_true(n < 200);
    }
}

int main(void)
{
#define RIG_TEST(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)
    const struct CMUnitTest tests[] = {RIG_TEST(payments), RIG_TEST(refunds),
                                       RIG_TEST(cancellations), RIG_TEST(notices)};
    return cmocka_run_group_tests_name("simulators_providers_crash", tests, NULL, NULL);
}
