/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gateway against the simulators of both interfaces, which check every signature of a request,
 * sign every answer by themselves, and can be slow, silent, doubled or wrong. Whatever they do,
 * what the acquirer was told at last is what the customer's telephone has paid. S77.
 */
#include "tests/unit/wallets_outside.h"

#define RRN    "633300000001"
#define REFUND "633300000009"

/* ---- customers ---- */

static void each_customer_ends_as_he_should(void **state)
{
    (void)state;
    static const struct {
        const char *phone;
        bool paid;
    } rows[] = {{"good", true}, {"asks", true}, {"never", false}, {"poor", false}};
    for (size_t w = 0; w < ARRAY_LEN(both); w++)
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
            char rrn[13];
            snprintf(rrn, sizeof rrn, "6333%08zu", 10 * w + i);
            int64_t before = spent(rows[i].phone);
            rig_pay(rrn, 1234, code_of(rows[i].phone, both[w]));
            serve();
            if (conclude(rrn, 1234) != rows[i].paid)
                fail_msg("phone %s, wallet %zu", rows[i].phone, w);
            assert_int_equal(spent(rows[i].phone) - before, rows[i].paid ? 1234 : 0);
        }
}

static void a_code_that_is_old_or_used_pays_nothing(void **state)
{
    (void)state;
    for (size_t w = 0; w < ARRAY_LEN(both); w++) {
        char code[PAYMENT_CODE_MAX + 1];
        snprintf(code, sizeof code, "%s", code_of("good", both[w]));
        int64_t before = spent("good");
        rig_pay("633300000001", 100, code);
        serve();
        rig_hears("633300000001", "00");
        rig_pay("633300000002", 100, code);
        serve();
        rig_hears("633300000002", "14");
        snprintf(code, sizeof code, "%s", code_of("good", both[w]));
        rig.now_ms += PHONES_CODE_LIFE_MS + 1;
        rig_pay("633300000003", 100, code);
        serve();
        rig_hears("633300000003", "14");
        assert_int_equal(spent("good") - before, 100);
        providers_close(outside.providers);
        store_close(outside.store);
        scratch_remove(&outside.scratch);
        gateway_close(rig.g);
        begin_all(state);
    }
}

/* ---- faults ---- */

/* Every fault, at the payment and at the queries after it: told and charged are the same. */
static void whatever_goes_wrong_no_money_is_lost_or_doubled(void **state)
{
    (void)state;
    static const char *const phones[] = {"good", "asks"};
    unsigned number = 100, approved = 0;
    for (size_t w = 0; w < ARRAY_LEN(both); w++)
        for (unsigned fault = FAULT_DOWN; fault < FAULTS; fault++)
            for (int64_t count = 1; count <= 5; count += 2)
                for (size_t p = 0; p < ARRAY_LEN(phones); p++) {
                    char rrn[13];
                    snprintf(rrn, sizeof rrn, "6333%08u", number++);
                    int64_t before = spent(phones[p]);
                    providers_plan(outside.providers, provider_of[w], false,
                                   (struct fault_plan){(enum fault)fault, count, 12000});
                    rig_pay(rrn, 77, code_of(phones[p], both[w]));
                    serve();
                    bool paid = conclude(rrn, 77);
                    providers_plan(outside.providers, provider_of[w], false,
                                   (struct fault_plan){FAULT_NONE, 0, 0});
                    if (spent(phones[p]) - before != (paid ? 77 : 0))
                        fail_msg(
                            "fault %s, %lld times, wallet %zu, phone %s: told %s, charged %lld",
                            fault_names[fault], (long long)count, w, phones[p],
                            paid ? "paid" : "not paid", (long long)(spent(phones[p]) - before));
                    approved += paid;
                }
    assert_true(approved > 20); /* most of them get through */
}

/* Notices end the wait; wrong ones do not. */
static void a_notice_is_heard_and_believed_only_to_ask(void **state)
{
    (void)state;
    for (size_t w = 0; w < ARRAY_LEN(both); w++) {
        char rrn[13];
        snprintf(rrn, sizeof rrn, "6333%08zu", 500 + w);
        int64_t before = spent("asks");
        rig_pay(rrn, 4321, code_of("asks", both[w]));
        serve();
        rig_hears(rrn, "09");
        outside.notices = 0;
        providers_plan(outside.providers, provider_of[w], true,
                       (struct fault_plan){FAULT_DOUBLED, 1, 0});
        rig_wait(PHONES_ASKS_MS);
        assert_ok(providers_tick(outside.providers));
        rig_pump();
        assert_true(w == 1 || outside.notices > 0); /* codepay of WeChat Pay has no notify_url */
        serve();
        if (w == 0) rig_hears(rrn, "00");
        else assert_true(conclude(rrn, 4321));
        assert_int_equal(spent("asks") - before, 4321);
    }
}

/* ---- refunds ---- */

static void a_refund_is_given_back_once(void **state)
{
    (void)state;
    unsigned number = 700;
    for (size_t w = 0; w < ARRAY_LEN(both); w++)
        for (unsigned fault = FAULT_NONE; fault < FAULTS; fault++) {
            char rrn[13], refund[13];
            snprintf(rrn, sizeof rrn, "6333%08u", number++);
            snprintf(refund, sizeof refund, "6333%08u", number++);
            int64_t before = spent("good");
            rig_pay(rrn, 1000, code_of("good", both[w]));
            serve();
            rig_hears(rrn, "00");
            rig_give_back(PAYMENT_REFUND, refund, rrn, 300);
            /* Three silences take longer than the acquirer waits, and a refusal is one. */
            bool waits = fault == FAULT_SLOW || fault == FAULT_SILENT;
            if (fault != FAULT_NONE && fault != FAULT_REFUSED)
                providers_plan(outside.providers, provider_of[w], false,
                               (struct fault_plan){(enum fault)fault, waits ? 2 : 3, 12000});
            serve();
            for (unsigned i = 0; i < 20 && rig.saids == 0; i++) {
                rig_wait(GATEWAY_AGAIN_MS);
                serve();
                assert_ok(providers_tick(outside.providers));
                rig_pump();
            }
            rig_wait(PROVIDER_REFUND_MS);
            assert_ok(providers_tick(outside.providers));
            rig_pump();
            if (rig.saids == 0) fail_msg("fault %s, wallet %zu", fault_names[fault], w);
            /* A wrong total of the original has the refund refused: nothing goes back then. */
            bool refused = w == 1 && fault == FAULT_WRONG;
            rig_hears(refund, refused ? "30" : "00");
            assert_int_equal(spent("good") - before, refused ? 1000 : 700);
            providers_plan(outside.providers, provider_of[w], false,
                           (struct fault_plan){FAULT_NONE, 0, 0});
        }
}

/* The refund is made, its answer is on its way, and the gateway is killed: the next one, which
 * remembers nothing, finds it at whoever has made it, at once. */
static void a_refund_outlives_its_gateway(void **state)
{
    (void)state;
    for (size_t w = 0; w < ARRAY_LEN(both); w++) {
        char rrn[13], refund[13];
        snprintf(rrn, sizeof rrn, "6333%08zu", 800 + w);
        snprintf(refund, sizeof refund, "6333%08zu", 810 + w);
        int64_t before = spent("good");
        rig_pay(rrn, 1000, code_of("good", both[w]));
        serve();
        rig_hears(rrn, "00");
        rig_give_back(PAYMENT_REFUND, refund, rrn, 300);
        serve_one(); /* the payment was looked at */
        assert_int_equal(rig.asks, 1);
        providers_plan(outside.providers, provider_of[w], false,
                       (struct fault_plan){FAULT_CUT, 1, 0});
        serve();
        assert_int_equal(spent("good") - before, 700);
        gateway_close(rig.g);
        rig_open(true);
        rig.saids = 0;
        struct payment p = rig_payment(PAYMENT_REFUND, refund, 300);
        snprintf(p.original.rrn, sizeof p.original.rrn, "%s", rrn);
        snprintf(p.reversal_reason, sizeof p.reversal_reason, "98");
        rig_send(PAYMENT_NETWORK_REVERSAL, &p, NULL);
        serve();
        rig_hears(refund, "22");
        assert_int_equal(spent("good") - before, 700);
    }
}

static void more_than_there_was_is_not_given_back(void **state)
{
    (void)state;
    rig_wait(GATEWAY_SETTLE_MS);
    for (size_t w = 0; w < ARRAY_LEN(both); w++) {
        char rrn[13], refund[13];
        snprintf(rrn, sizeof rrn, "6333%08zu", 900 + 10 * w);
        rig_pay(rrn, 1000, code_of("good", both[w]));
        serve();
        rig_hears(rrn, "00");
        int64_t before = spent("good");
        snprintf(refund, sizeof refund, "6333%08zu", 901 + 10 * w);
        rig_give_back(PAYMENT_REFUND, refund, rrn, 600);
        serve();
        rig_hears(refund, "00");
        snprintf(refund, sizeof refund, "6333%08zu", 902 + 10 * w);
        rig_give_back(PAYMENT_REFUND, refund, rrn, 600);
        serve();
        assert_int_equal(rig.saids, 1);
        assert_string_not_equal(rig.said[0].answer.response_code, "00");
        rig.saids = 0;
        rig_wait(PROVIDER_REFUND_MS);
        assert_ok(providers_tick(outside.providers));
        rig_pump();
        assert_int_equal(before - spent("good"), 600);
    }
}

/* ---- codes that are shown ---- */

/* What the terminal shows, of the first answer to such a payment. */
static const char *shown_text(const char *rrn, int64_t amount_minor)
{
    static char text[PAYMENT_SHOWN_MAX + 1];
    rig_pay(rrn, amount_minor, "our own code");
    serve();
    memcpy(text, rig.said[0].answer.shown_code, sizeof text);
    rig_hears(rrn, "09");
    assert_true(strlen(text) > 10);
    return text;
}

static void a_shown_code_is_scanned_and_paid(void **state)
{
    (void)state;
    rig.means = PAYMENT_SHOWN;
    for (unsigned w = 0; w < WALLET_PROVIDERS; w++) {
        char rrn[13], refund[13];
        rig.accounts.shown = w;
        snprintf(rrn, sizeof rrn, "6333%08u", 1000 + 10 * w);
        snprintf(refund, sizeof refund, "6333%08u", 1001 + 10 * w);
        const char *text = shown_text(rrn, 888);
        rig_look(rrn, 888);
        serve();
        assert_int_equal(rig.saids, 1); /* nobody has scanned it: not decided */
        assert_true(strcmp(rig.said[0].answer.response_code, "09") == 0 ||
                    strcmp(rig.said[0].answer.response_code, "25") == 0);
        rig.saids = 0;
        int64_t before = spent("good");
        struct scan_result result;
        const struct scan scan = {.phone = phone_of("good"), .text = bytes_text(text)};
        assert_ok(providers_scan(outside.providers, &scan, &result));
        assert_int_equal(result.outcome, SCAN_PAID);
        assert_int_equal(result.amount_minor, 888);
        assert_true(conclude(rrn, 888));
        assert_int_equal(spent("good") - before, 888);
        rig.saids = 0;
        rig_give_back(PAYMENT_REFUND, refund, rrn, 888);
        serve();
        rig_hears(refund, "00");
        rig_wait(PROVIDER_REFUND_MS);
        assert_ok(providers_tick(outside.providers));
        rig_pump();
        assert_int_equal(spent("good") - before, 0);
    }
}

/* Given up before or after somebody has paid: either way nobody has paid in the end. */
static void a_shown_code_is_taken_back(void **state)
{
    (void)state;
    rig.means = PAYMENT_SHOWN;
    for (unsigned w = 0; w < WALLET_PROVIDERS; w++)
        for (unsigned scanned = 0; scanned < 2; scanned++) {
            char rrn[13];
            rig.accounts.shown = w;
            snprintf(rrn, sizeof rrn, "6333%08u", 1100 + 10 * w + scanned);
            const char *text = shown_text(rrn, 888);
            int64_t before = spent("good");
            struct scan_result result;
            const struct scan scan = {.phone = phone_of("good"), .text = bytes_text(text)};
            if (scanned) assert_ok(providers_scan(outside.providers, &scan, &result));
            serve();
            rig.saids = 0; /* a notice may have said that it is paid: the acquirer had given up */
            rig_take_back(PAYMENT_SALE, rrn, 888);
            serve();
            assert_true(rig.saids > 0);
            rig.said[0] = rig.said[rig.saids - 1];
            rig.saids = 1;
            assert_int_equal(rig.said[0].answer.mti, 0x0410);
            rig_hears(rrn, "00");
            rig_wait(PROVIDER_REFUND_MS);
            assert_ok(providers_tick(outside.providers));
            rig_pump();
            assert_int_equal(spent("good") - before, 0);
            assert_ok(providers_scan(outside.providers, &scan, &result));
            assert_int_equal(result.outcome, SCAN_REFUSED); /* too late */
            serve(); /* what a late notice has had looked up */
            for (unsigned i = 0; i < rig.saids; i++)
                assert_string_not_equal(rig.said[i].answer.response_code, "00");
            rig.saids = 0;
        }
}

/* Nobody's account: it is for the wallet behind us, and so is all that follows. */
static void a_shown_code_without_an_account_is_handed_on(void **state)
{
    (void)state;
    rig.means = PAYMENT_SHOWN;
    rig_pay(RRN, 100, "our own code");
    rig_look(RRN, 100);
    rig_take_back(PAYMENT_SALE, RRN, 100);
    rig_give_back(PAYMENT_REFUND, REFUND, RRN, 100);
    assert_int_equal(rig.asks, 0);
    assert_int_equal(rig.handed_on, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_all, end_all)
        TEST(each_customer_ends_as_he_should),
        TEST(a_code_that_is_old_or_used_pays_nothing),
        TEST(whatever_goes_wrong_no_money_is_lost_or_doubled),
        TEST(a_notice_is_heard_and_believed_only_to_ask),
        TEST(a_refund_is_given_back_once),
        TEST(a_refund_outlives_its_gateway),
        TEST(more_than_there_was_is_not_given_back),
        TEST(a_shown_code_is_scanned_and_paid),
        TEST(a_shown_code_is_taken_back),
        TEST(a_shown_code_without_an_account_is_handed_on),
    };
    return cmocka_run_group_tests(tests, make_all, unmake_all);
}
