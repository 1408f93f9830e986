/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates of providers that replace them, between the gateway and the simulators of both
 * interfaces: names in requests and answers, one download for a name that is not here, the list
 * that is fetched, and everything about them that can be wrong. S77.
 */
#include "tests/unit/wallets_outside.h"

#include "lib/wire/json.h"
#include "simulators/provider_certificates.h"

#define RRN "633300000001"

static void rotate(enum provider provider, unsigned stages)
{
    enum provider_rotation stage;
    while (stages-- > 0) assert_ok(providers_rotate(outside.providers, provider, &stage));
}

static void plan(enum provider provider, enum fault fault, int64_t count)
{
    providers_plan(outside.providers, provider, false, (struct fault_plan){fault, count, 0});
}

/* The acquirer hears this of a payment of 12.34 by the good customer. */
static void pays(enum payment_code_wallet wallet, const char *rrn, const char *code)
{
    rig_pay(rrn, 1234, code_of("good", wallet));
    serve();
    rig_hears(rrn, code);
}

static void looks(const char *rrn, const char *code)
{
    rig_look(rrn, 1234);
    serve();
    rig_hears(rrn, code);
}

/* ---- Alipay ---- */

static void member(struct json_out *j, const char *name, struct bytes pem)
{
    json_member_text(j, name, pem);
}

/* The account as its file has it: three certificates instead of a key. */
static void certify_account(void)
{
    static char text[WALLET_FILE_MAX];
    static struct wallet_accounts read;
    char app_pem[RSA_CERTIFICATE_PEM_MAX];
    struct alipay_config *c = &outside.config.alipay;
    struct wallet_account *a = &rig.accounts.account[WALLET_ALIPAY];
    struct writer w = writer_over(text, sizeof text), app = writer_over(app_pem, sizeof app_pem);
    struct wallet_certificate about;
    struct process_fault fault;
    assert_ok(rsa_key_generate(2048, &c->root));
    assert_ok(provider_certify_alipay(c, START_MS));
    assert_ok(provider_certify_app(c, &outside.app, START_MS, &app));
    assert_ok(wallet_certificate_read(writer_view(&app), &about));
    memcpy(c->app_sn, about.sn, sizeof about.sn);
    struct json_out j = json_out_over(&w);
    json_object_begin(&j);
    json_member_string(&j, "zone_mac", "D0112");
    json_member_object(&j, "alipay");
    json_member_string(&j, "name", a->name);
    json_member_string(&j, "base", a->base);
    json_member_string(&j, "app_id", a->app_id);
    json_member_string(&j, "subject", a->subject);
    json_member_string(&j, "notify", a->notify);
    json_member_string(&j, "key", "AAAA");
    json_member_object(&j, "certificates");
    member(&j, "app", writer_view(&app));
    member(&j, "alipay", bytes_text(c->certificate));
    member(&j, "root", bytes_text(c->root_pem));
    json_object_end(&j);
    json_object_end(&j);
    json_object_end(&j);
    assert_ok(wallet_accounts_parse(writer_view(&w), START_MS, &read, &fault));
    struct wallet_blob key = a->key;
    *a = read.account[WALLET_ALIPAY];
    a->key = key;

    /* Of another root, or after its end, the same file is refused with the reason. */
    assert_true(FAILED(wallet_accounts_parse(writer_view(&w), START_MS * 2, &read, &fault)));
    assert_non_null(strstr(fault.text, "leads to no root"));
}

static int make_certified(void **state)
{
    make_all(state);
    certify_account();
    return 0;
}

/* Platform certificates are fetched, or the public key is enough. */
static void fetch_platform(bool fetched)
{
    struct wallet_account *wx = &rig.accounts.account[WALLET_WECHATPAY];
    wx->fetched = fetched;
    wx->public_count = fetched ? 0 : 1;
}

static int begin_fetched(void **state)
{
    fetch_platform(true);
    return begin_all(state);
}

static int begin_given(void **state)
{
    fetch_platform(false);
    return begin_all(state);
}

static int unmake_certified(void **state)
{
    rsa_key_free(&outside.config.alipay.root);
    return unmake_all(state);
}

static void alipay_pays_under_certificates(void **state)
{
    (void)state;
    const struct wallet_account *a = &rig.accounts.account[WALLET_ALIPAY];
    pays(PAYMENT_CODE_ALIPAY, RRN, "00");
    rig_pay("633300000002", 1234, code_of("good", PAYMENT_CODE_ALIPAY));
    char name[320];
    snprintf(name, sizeof name, "app_cert_sn=%s", a->app_sn);
    assert_true(rig_request_has(&rig.asked[0], name));
    snprintf(name, sizeof name, "alipay_root_cert_sn=%s", a->root_sn);
    assert_true(rig_request_has(&rig.asked[0], name));
    serve();
    rig_hears("633300000002", "00");
    assert_int_equal(outside.fetches, 0);
}

static void a_name_that_is_not_ours_is_refused(void **state)
{
    (void)state;
    struct wallet_account *a = &rig.accounts.account[WALLET_ALIPAY];
    struct wallet_account whole = *a;
    a->app_sn[0] = a->app_sn[0] == '0' ? '1' : '0';
    pays(PAYMENT_CODE_ALIPAY, RRN, "30");
    *a = whole;
    rig_forget();
    a->root_sn[0] = a->root_sn[0] == '0' ? '1' : '0';
    pays(PAYMENT_CODE_ALIPAY, RRN, "30");
    *a = whole;
    rig_forget();
    pays(PAYMENT_CODE_ALIPAY, RRN, "00");
}

static void a_new_certificate_is_downloaded_once(void **state)
{
    (void)state;
    rotate(PROVIDER_ALIPAY, 1);
    pays(PAYMENT_CODE_ALIPAY, RRN, "00");
    assert_int_equal(outside.fetches, 0);
    rotate(PROVIDER_ALIPAY, 1);
    pays(PAYMENT_CODE_ALIPAY, "633300000002", "09"); /* what it says cannot be checked yet */
    assert_int_equal(outside.fetches, 1);
    looks("633300000002", "00");
    rotate(PROVIDER_ALIPAY, 1);
    pays(PAYMENT_CODE_ALIPAY, "633300000003", "00");
    assert_int_equal(outside.fetches, 1);
    assert_int_equal(rig.g->fetch[WALLET_ALIPAY].held.count, 1);
}

/* One that leads to no root, one whose answer is forged, silence, nonsense: it is not held, and
 * asked for again after a minute. */
static void a_wrong_download_is_not_believed(void **state)
{
    (void)state;
    static const enum fault faults[] = {FAULT_WRONG,   FAULT_FORGED,  FAULT_DOWN, FAULT_GARBAGE,
                                        FAULT_REFUSED, FAULT_DOUBLED, FAULT_CUT};
    int64_t before = spent("good");
    rotate(PROVIDER_ALIPAY, 2);
    rig_pay(RRN, 1234, code_of("good", PAYMENT_CODE_ALIPAY));
    for (unsigned i = 0; i < ARRAY_LEN(faults); i++) {
        if (i > 0) rig_look(RRN, 1234);
        serve_one();
        rig_hears(RRN, "09");
        assert_int_equal(rig.asks, 1); /* the certificate */
        plan(PROVIDER_ALIPAY, faults[i], 1);
        serve();
        assert_int_equal(rig.g->fetch[WALLET_ALIPAY].held.count, 0);
        for (unsigned again = 0; again < 3; again++) looks(RRN, "09");
        assert_int_equal(outside.fetches, i + 1);
        rig_wait(GATEWAY_FETCH_AGAIN_MS);
    }
    looks(RRN, "09");
    looks(RRN, "00");
    assert_int_equal(outside.fetches, ARRAY_LEN(faults) + 1);
    assert_int_equal(spent("good") - before, 1234);
}

static void a_certificate_that_has_ended_signs_nothing(void **state)
{
    (void)state;
    const struct wallet_account *a = &rig.accounts.account[WALLET_ALIPAY];
    const struct wallet_public_key *key = &a->public[0];
    assert_non_null(wallet_public_pem(a, NULL, key->serial, key->not_after_ms));
    assert_null(wallet_public_pem(a, NULL, key->serial, key->not_after_ms + 1));
    assert_null(wallet_public_pem(a, NULL, "0123456789abcdef0123456789abcdef", START_MS));
}

static void the_newest_few_are_held(void **state)
{
    (void)state;
    struct wallet_held held = {.count = 0};
    struct wallet_public_key key = {.pem = "x"};
    for (unsigned i = 0; i < WALLET_PUBLIC_KEYS_MAX + 2; i++) {
        snprintf(key.serial, sizeof key.serial, "%u", i);
        wallet_held_add(&held, &key);
        wallet_held_add(&held, &key);
    }
    assert_int_equal(held.count, WALLET_PUBLIC_KEYS_MAX);
    assert_string_equal(held.key[0].serial, "2");
    assert_string_equal(held.key[WALLET_PUBLIC_KEYS_MAX - 1].serial, "5");
}

/* ---- WeChat Pay ---- */

/* Whatever is due at the start. */
static void start(void)
{
    gateway_tick(rig.g);
    rig_pump();
    serve();
}

static void the_platform_is_asked_at_the_start(void **state)
{
    (void)state;
    assert_true(gateway_next_ms(rig.g) <= gateway_now_ms(rig.g));
    start();
    assert_int_equal(outside.fetches, 1);
    assert_true(gateway_next_ms(rig.g) - gateway_now_ms(rig.g) == GATEWAY_FETCH_EVERY_MS);
    pays(PAYMENT_CODE_WECHAT, RRN, "00");

    /* Announced, and fetched after half a day: when it signs it is there. */
    rotate(PROVIDER_WECHAT, 1);
    rig_wait(GATEWAY_FETCH_EVERY_MS - 1);
    assert_int_equal(rig.asks, 0);
    rig_wait(1);
    serve();
    assert_int_equal(outside.fetches, 2);
    assert_int_equal(rig.g->fetch[WALLET_WECHATPAY].held.count, 2);
    pays(PAYMENT_CODE_WECHAT, "633300000002", "00");
    rotate(PROVIDER_WECHAT, 1);
    pays(PAYMENT_CODE_WECHAT, "633300000003", "00");
    rotate(PROVIDER_WECHAT, 1);
    pays(PAYMENT_CODE_WECHAT, "633300000004", "00");
    assert_int_equal(outside.fetches, 2);

    /* What is not told any more is let go of. */
    rig_wait(GATEWAY_FETCH_EVERY_MS);
    serve();
    assert_int_equal(rig.g->fetch[WALLET_WECHATPAY].held.count, 1);
}

static void a_new_platform_certificate_is_fetched_once(void **state)
{
    (void)state;
    start();
    rig_wait(GATEWAY_FETCH_AGAIN_MS);
    rotate(PROVIDER_WECHAT, 2);
    pays(PAYMENT_CODE_WECHAT, RRN, "09");
    assert_int_equal(outside.fetches, 2);
    looks(RRN, "00");
    pays(PAYMENT_CODE_WECHAT, "633300000002", "00");
    assert_int_equal(outside.fetches, 2);

    /* A gateway that was killed remembers none, and asks. */
    gateway_close(rig.g);
    rig_open(true);
    start();
    assert_int_equal(outside.fetches, 3);
    looks("633300000002", "00");
}

/* Under another's name, forged, refused, or sealed under a key that is not ours. */
static void a_wrong_list_is_not_believed(void **state)
{
    (void)state;
    static const enum fault faults[] = {FAULT_WRONG,   FAULT_FORGED,  FAULT_REFUSED,
                                        FAULT_GARBAGE, FAULT_DOUBLED, FAULT_CUT};
    struct wallet_account *wx = &rig.accounts.account[WALLET_WECHATPAY];
    const struct fetch *f = &rig.g->fetch[WALLET_WECHATPAY];
    for (unsigned i = 0; i < ARRAY_LEN(faults); i++) {
        plan(PROVIDER_WECHAT, faults[i], 1);
        if (i == 0) start();
        else serve();
        assert_int_equal(outside.fetches, i + 1);
        assert_int_equal(f->held.count, 0);
        rig_wait(GATEWAY_FETCH_AGAIN_MS - 20000); /* silence has taken ten seconds of it */
        assert_int_equal(rig.asks, 0);
        rig_wait(20000);
        assert_int_equal(rig.asks, 1);
    }
    struct wallet_blob open = wx->open;
    serve();
    assert_int_equal(f->held.count, 1);
    rig_key(HSM_WALLET_OPENS, BYTES("0123456789abcdef0123456789ABCDEX"), wx->open.at, &wx->open.len,
            NULL);
    rotate(PROVIDER_WECHAT, 2);
    rig_wait(GATEWAY_FETCH_EVERY_MS);
    serve();
    pays(PAYMENT_CODE_WECHAT, RRN, "09");
    assert_int_equal(f->held.count, 1);
    wx->open = open;
    rig_wait(GATEWAY_FETCH_AGAIN_MS);
    looks(RRN, "09");
    looks(RRN, "00");
}

/* A notice that nobody can check is refused, and has the list fetched. */
static void a_notice_under_a_new_certificate_is_told_again(void **state)
{
    (void)state;
    start();
    rig_wait(GATEWAY_FETCH_AGAIN_MS);
    rotate(PROVIDER_WECHAT, 2);
    struct wallet_raw raw = {.body = BYTES("{}"), .nonce = "n", .signature = "AAAA"};
    snprintf(raw.timestamp, sizeof raw.timestamp, "%lld", (long long)(rig.now_ms / 1000));
    snprintf(raw.serial, sizeof raw.serial, "%s", "7777");
    for (unsigned i = 0; i < 5; i++) {
        gateway_on_notice(rig.g, WALLET_WECHATPAY, &raw, 77);
        rig_pump();
        serve();
    }
    assert_int_equal(rig.noticed, 5);
    assert_int_equal(rig.noticed_good, 0);
    assert_int_equal(outside.fetches, 2); /* once, whatever name it has */
    pays(PAYMENT_CODE_WECHAT, RRN, "00");
}

static void without_an_hsm_nothing_is_fetched(void **state)
{
    (void)state;
    gateway_on_hsm_state(rig.g, false);
    assert_true(gateway_next_ms(rig.g) == INT64_MAX);
    start();
    assert_int_equal(outside.fetches, 0);
    gateway_on_hsm_state(rig.g, true);
    rig.hsm_deaf = true;
    start();
    gateway_on_hsm_state(rig.g, false); /* in the middle of one */
    rig.hsm_deaf = false;
    rig.commands = 0;
    gateway_on_hsm_state(rig.g, true);
    rig_wait(GATEWAY_FETCH_AGAIN_MS);
    serve();
    assert_int_equal(outside.fetches, 1);
    pays(PAYMENT_CODE_WECHAT, RRN, "00");
}

/* The newer mode: a key with a name, which no certificate replaces. */
static void a_public_key_needs_no_certificate(void **state)
{
    (void)state;
    rotate(PROVIDER_WECHAT, 3);
    start();
    pays(PAYMENT_CODE_WECHAT, RRN, "00");
    assert_int_equal(outside.fetches, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define GIVEN(name)   cmocka_unit_test_setup_teardown(name, begin_given, end_all)
#define FETCHED(name) cmocka_unit_test_setup_teardown(name, begin_fetched, end_all)
        GIVEN(alipay_pays_under_certificates),
        GIVEN(a_name_that_is_not_ours_is_refused),
        GIVEN(a_new_certificate_is_downloaded_once),
        GIVEN(a_wrong_download_is_not_believed),
        GIVEN(a_certificate_that_has_ended_signs_nothing),
        GIVEN(the_newest_few_are_held),
        FETCHED(the_platform_is_asked_at_the_start),
        FETCHED(a_new_platform_certificate_is_fetched_once),
        FETCHED(a_wrong_list_is_not_believed),
        FETCHED(a_notice_under_a_new_certificate_is_told_again),
        FETCHED(without_an_hsm_nothing_is_fetched),
        GIVEN(a_public_key_needs_no_certificate),
    };
    return cmocka_run_group_tests(tests, make_certified, unmake_certified);
}
