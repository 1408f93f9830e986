/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alipay's content encryption between the gateway and the simulator: what is asked is hidden and
 * then signed, what is answered is checked and then shown, and whatever is wrong with it says
 * nothing. S77.
 */
#include "tests/unit/wallets_outside.h"

#define RRN "633300000001"

static const char content_key[] = "sixteen bytes ok";

static int make_hidden(void **state)
{
    make_all(state);
    struct alipay_config *c = &outside.config.alipay;
    struct wallet_account *a = &rig.accounts.account[WALLET_ALIPAY];
    memcpy(c->content_key, content_key, 16);
    c->content_key_len = 16;
    rig_key(HSM_WALLET_HIDES, bytes_text(content_key), a->content.at, &a->content.len, NULL);
    return 0;
}

static void what_is_asked_and_answered_is_hidden(void **state)
{
    (void)state;
    int64_t before = spent("good");
    rig_pay(RRN, 1234, code_of("good", PAYMENT_CODE_ALIPAY));
    assert_int_equal(rig.asks, 1);
    const struct asked *a = &rig.asked[0];
    assert_non_null(strstr(a->request.url, "encrypt_type=AES"));
    assert_true(rig_request_has(a, "biz_content="));
    assert_false(rig_request_has(a, "auth_code"));
    assert_false(rig_request_has(a, RRN));
    serve();
    assert_null(memmem(outside.body, 2000, RRN, 12));
    rig_hears(RRN, "00");
    assert_int_equal(spent("good") - before, 1234);

    rig_give_back(PAYMENT_REFUND, "633300000009", RRN, 234);
    serve();
    rig_hears("633300000009", "00");
    assert_int_equal(spent("good") - before, 1000);
}

/* Each customer, each fault, asked about until it is decided: the same as in the clear. */
static void whatever_goes_wrong_no_money_is_lost(void **state)
{
    (void)state;
    static const char *const phones[] = {"good", "asks", "never", "poor"};
    for (unsigned fault = FAULT_NONE; fault < FAULTS; fault++)
        for (size_t i = 0; i < ARRAY_LEN(phones); i++) {
            char rrn[13];
            snprintf(rrn, sizeof rrn, "63340000%02u%02zu", fault, i);
            int64_t before = spent(phones[i]);
            providers_plan(outside.providers, PROVIDER_ALIPAY, false,
                           (struct fault_plan){(enum fault)fault, 2, 1000});
            rig_pay(rrn, 1234, code_of(phones[i], PAYMENT_CODE_ALIPAY));
            serve();
            bool paid = conclude(rrn, 1234);
            if (spent(phones[i]) - before != (paid ? 1234 : 0))
                fail_msg("%s, %s", fault_names[fault], phones[i]);
            rig.now_ms += 61000;
        }
}

static void an_answer_under_another_key_says_nothing(void **state)
{
    (void)state;
    providers_plan(outside.providers, PROVIDER_ALIPAY, false,
                   (struct fault_plan){FAULT_SEALED, 1, 0});
    uint64_t unreadable = gateway_counts(rig.g).unreadable;
    rig_pay(RRN, 1234, code_of("good", PAYMENT_CODE_ALIPAY));
    serve();
    rig_hears(RRN, "09");
    assert_int_equal(gateway_counts(rig.g).unreadable - unreadable, 1);
    rig_look(RRN, 1234);
    serve();
    rig_hears(RRN, "00");
}

/* The provider has another key than we: it says so in the clear, and signs it. */
static void a_key_that_is_not_theirs_is_refused(void **state)
{
    (void)state;
    struct wallet_account *a = &rig.accounts.account[WALLET_ALIPAY];
    struct wallet_blob content = a->content;
    rig_key(HSM_WALLET_HIDES, BYTES("Sixteen bytes ok"), a->content.at, &a->content.len, NULL);
    int64_t before = spent("good");
    rig_pay(RRN, 1234, code_of("good", PAYMENT_CODE_ALIPAY));
    serve();
    rig_hears(RRN, "30");
    assert_int_equal(spent("good"), before);
    /* A blob of another use hides nothing: nothing leaves. */
    a->content = rig.accounts.account[WALLET_WECHATPAY].open;
    rig_pay("633300000002", 1234, code_of("good", PAYMENT_CODE_ALIPAY));
    assert_int_equal(rig.asks, 0);
    rig_hears("633300000002", "91");
    a->content = content;
}

/* Who has no key for it is answered in the clear, and a hidden answer says nothing to him. */
static void without_a_key_nothing_is_hidden(void **state)
{
    (void)state;
    struct wallet_account *a = &rig.accounts.account[WALLET_ALIPAY];
    struct wallet_blob content = a->content;
    a->content.len = 0;
    rig_pay(RRN, 1234, code_of("good", PAYMENT_CODE_ALIPAY));
    assert_null(strstr(rig.asked[0].request.url, "encrypt_type"));
    struct asked asked = rig.asked[0];
    rig.asks = 0;
    uint64_t unreadable = gateway_counts(rig.g).unreadable;
    rig_alipay_says(&asked, "alipay.trade.pay", "\"5b01fd5fa78416550b4ca21828953fbf\"");
    rig_hears(RRN, "09");
    assert_int_equal(gateway_counts(rig.g).unreadable - unreadable, 1);
    a->content = content;
}

static void without_an_hsm_nothing_is_shown(void **state)
{
    (void)state;
    rig_pay(RRN, 1234, code_of("good", PAYMENT_CODE_ALIPAY));
    rig.hsm_deaf = true;
    serve();
    gateway_on_hsm_state(rig.g, false);
    rig.hsm_deaf = false;
    rig.commands = 0;
    rig_hears_nothing();
    gateway_on_hsm_state(rig.g, true);
    rig_look(RRN, 1234);
    serve();
    rig_hears(RRN, "00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_all, end_all)
        TEST(what_is_asked_and_answered_is_hidden),     TEST(whatever_goes_wrong_no_money_is_lost),
        TEST(an_answer_under_another_key_says_nothing), TEST(a_key_that_is_not_theirs_is_refused),
        TEST(without_a_key_nothing_is_hidden),          TEST(without_an_hsm_nothing_is_shown),
    };
    return cmocka_run_group_tests(tests, make_hidden, unmake_all);
}
