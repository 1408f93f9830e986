/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's clock jumps, years ahead and days back, while payments are under way and between them:
 * answers are awaited as long as ever, no reference is used twice, a repeat finds its payment, what
 * a wrong day refused is allowed on the right one, and the books balance. S87 S88 S96
 */
#include "ledger/fold.h"
#include "payment/kind.h"
#include "tests/unit/acquirer_peers.h"

#define DAY_MS  INT64_C(86400000)
#define YEAR_MS (365 * DAY_MS)

static struct rig rig;

static int setup(void **state)
{
    (void)state;
    rig_make(&rig);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_end(&rig);
    return 0;
}

static void books_balance(void)
{
    struct ledger *ledger = NULL;
    struct ledger_trial trial;
    size_t rows = 1;
    while (rows > 0) assert_ok(acquirer_fold(rig.a, 1024, &rows));
    assert_ok(ledger_open("ledger", STORE_MEMORY, NULL, &ledger));
    assert_ok(ledger_trial_balance(ledger, &trial));
    assert_true(trial.balanced && trial.transfers_agree);
    ledger_close(ledger);
}

/* Each clock: the start's, ahead, right again, back, right again. */
static const int64_t clocks[] = {0, 3 * YEAR_MS, 0, -5 * DAY_MS, -3 * YEAR_MS, 0};

static void under_way(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale[ARRAY_LEN(clocks)] = {0};
    char rrn[ARRAY_LEN(clocks)][13];
    for (size_t i = 0; i < ARRAY_LEN(clocks); i++) {
        sale[i] = rig_sell(&rig, &t, PAYMENT_CARD, 1000 + (int64_t)i);
        struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
        memcpy(rrn[i], asked.rrn, sizeof rrn[i]);
        for (size_t before = 0; before < i; before++) assert_string_not_equal(rrn[i], rrn[before]);
        rig.jumped_ms = clocks[i];
        rig_pass(&rig, 29000);
        assert_int_equal(rig.to_terminal.count, 0);
        rig_network(&rig, PAYMENT_NETWORK_REQUEST, &asked, "00");
        rig_expect(&rig, &t, 0x0210, "00");
    }
    for (int restarted = 0; restarted < 2; restarted++) {
        for (size_t i = 0; i < ARRAY_LEN(clocks); i++) {
            rig_again(&rig, &t, &sale[i]);
            rig_expect(&rig, &t, 0x0210, "00");
            rig_expect_state(&sale[i], PAYMENT_APPROVED, 2);
        }
        assert_int_equal(rig.to_route.count, 0);
        rig_restart(&rig);
        assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
    }
    books_balance();
}

/* Nobody answers: reversed after thirty seconds by the clock that does not jump. */
static void unanswered(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    for (size_t i = 0; i < ARRAY_LEN(clocks); i++) {
        struct payment sale = rig_sell(&rig, &t, PAYMENT_CARD, 1000);
        (void)rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
        rig.jumped_ms = clocks[i];
        rig_pass(&rig, 29000);
        assert_int_equal(rig.to_terminal.count, 0);
        rig_pass(&rig, 2000);
        rig_expect(&rig, &t, 0x0210, "98");
        rig_undo(&rig, "00");
        rig_expect_state(&sale, PAYMENT_REVERSED, 3);
    }
    books_balance();
    assert_true(acquirer_quiet(rig.a));
}

/* Ahead of its time a hold is over, by name; on the right day it is what it was. */
static void a_hold_is_over_and_is_not(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct iso8583_message m;
    struct payment hold = rig_payment(&t, PAYMENT_CARD, 10000);
    hold.type = PAYMENT_PREAUTH;
    rig_again(&rig, &t, &hold);
    rig_issuer(&rig, "00");
    rig_answer_to(&rig, &t, &m);
    assert_ok(payment_apply_response(&m, 0x0110, &hold));
    rig_took(&rig.to_terminal);
    for (int right = 0; right < 2; right++) {
        struct payment p = rig_payment(&t, PAYMENT_CARD, 10000);
        p.type = PAYMENT_COMPLETION;
        p.original = (struct payment_original){.batch = hold.key.batch, .stan = hold.key.stan};
        memcpy(p.original.rrn, hold.rrn, sizeof hold.rrn);
        memcpy(p.original.auth_code, hold.auth_code, sizeof hold.auth_code);
        memcpy(p.original.date, hold.local_date, sizeof hold.local_date);
        rig.jumped_ms = right ? 0 : YEAR_MS;
        rig_again(&rig, &t, &p);
        if (right) rig_issuer(&rig, "00");
        rig_expect(&rig, &t, 0x0210, right ? "00" : "B5");
    }
    books_balance();
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(under_way),
        CASE(unanswered),
        CASE(a_hold_is_over_and_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
