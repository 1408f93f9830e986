/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reversals in every order: asked by the terminal, made by the host, lost, late, twice, before the
 * original; wallet answers that take their time; an hsm that goes away. Capability: S88.
 */
#include "tests/unit/acquirer_peers.h"

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

/* After 30 s without an answer: reversed, told, and repeated until it is acknowledged. S88 */
static void silent_network_is_reversed_until_acknowledged(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = rig_sell(&rig, &t, PAYMENT_CARD, 100);
    struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    rig_pass(&rig, 29000);
    assert_int_equal(rig.to_terminal.count, 0);
    rig_pass(&rig, 2000);
    rig_expect(&rig, &t, 0x0210, "98");
    rig_expect_state(&sale, PAYMENT_REVERSING, 2);
    int64_t waited_ms[5], before_ms = rig.now_ms;
    for (int i = 0; i < 5; i++) { /* growing waits */
        while (rig.to_route.count == 0) rig_pass(&rig, 100);
        waited_ms[i] = rig.now_ms - before_ms;
        before_ms = rig.now_ms;
        struct payment undo = rig_asked(&rig, PAYMENT_NETWORK_REVERSAL);
        assert_string_equal(undo.rrn, asked.rrn);
        assert_string_equal(undo.reversal_reason, "98");
        if (i > 1) assert_true(waited_ms[i] > waited_ms[i - 1]);
    }
    rig_restart(&rig); /* the duty survives */
    rig_pass(&rig, 200);
    rig_undo(&rig, "96"); /* no acknowledgement */
    rig_expect_state(&sale, PAYMENT_REVERSING, 2);
    rig_pass(&rig, 2000);
    rig_undo(&rig, "00");
    rig_expect_state(&sale, PAYMENT_REVERSED, 3);
    rig_pass(&rig, 120000);
    assert_true(acquirer_quiet(rig.a));
}

static void late_approval_never_becomes_money(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = rig_sell(&rig, &t, PAYMENT_CARD, 100);
    struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    rig_pass(&rig, 30200);
    rig_expect(&rig, &t, 0x0210, "98");
    rig_network(&rig, PAYMENT_NETWORK_REQUEST, &asked, "00");
    assert_int_equal(rig.to_terminal.count, 0);
    rig_expect_state(&sale, PAYMENT_REVERSING, 2);
    rig_undo(&rig, "00");
    rig_network(&rig, PAYMENT_NETWORK_REQUEST, &asked, "00"); /* and once more */
    rig_expect_state(&sale, PAYMENT_REVERSED, 3);
    rig_again(&rig, &t, &sale); /* a copy of the request hears the same 98 */
    rig_expect(&rig, &t, 0x0210, "98");
    assert_int_equal(acquirer_counts(rig.a).late_answers, 2);
}

/* An approval of another amount than was asked, at once or when the wallet is asked again: it is
 * not what was agreed, so it is taken back, whole, and on record. A refusal is one all the same. */
static void another_amount_is_no_approval(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    for (int asked_again = 0; asked_again < 2; asked_again++) {
        struct payment sale = rig_sell(&rig, &t, PAYMENT_CODE, 100);
        struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
        if (asked_again) {
            rig_network(&rig, PAYMENT_NETWORK_REQUEST, &asked, "09");
            rig_pass(&rig, 3100);
            asked = rig_asked(&rig, PAYMENT_NETWORK_QUERY);
        }
        enum payment_network_kind kind =
            asked_again ? PAYMENT_NETWORK_QUERY : PAYMENT_NETWORK_REQUEST;
        asked.amount_minor = 101;
        rig_network(&rig, kind, &asked, "00");
        rig_expect(&rig, &t, 0x0210, "98");
        rig_expect_state(&sale, PAYMENT_REVERSING, 2);
        assert_int_equal(rig_audited("network_amount"), 1 + asked_again);
        rig_pass(&rig, 200);
        assert_int_equal(rig_undo(&rig, "00").amount_minor, 100);
        rig_expect_state(&sale, PAYMENT_REVERSED, 3);
    }
    struct payment sale = rig_sell(&rig, &t, PAYMENT_CARD, 100);
    struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    asked.amount_minor = 99;
    rig_network(&rig, PAYMENT_NETWORK_REQUEST, &asked, "51");
    rig_expect(&rig, &t, 0x0210, "51");
    rig_expect_state(&sale, PAYMENT_DECLINED, 2);
}

static void terminal_reverses_an_approved_payment(void **state)
{
    (void)state;
    static struct rig_item first;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = rig_sell(&rig, &t, PAYMENT_CARD, 100);
    struct payment asked = rig_issuer(&rig, "00");
    rig_expect(&rig, &t, 0x0210, "00");
    rig_reverse(&rig, &t, &sale);
    rig_expect_state(&sale, PAYMENT_REVERSING, 3);
    first = rig.to_terminal.item[0];
    rig_expect(&rig, &t, 0x0410, "00"); /* journaled: the duty is ours now */
    rig_pass(&rig, 100);
    assert_string_equal(rig_undo(&rig, "00").rrn, asked.rrn);
    rig_expect_state(&sale, PAYMENT_REVERSED, 4);

    rig_pass(&rig, 60000);
    rig_reverse(&rig, &t, &sale); /* twice: the same bytes (F-05), no further effect */
    assert_int_equal(rig.to_terminal.item[0].len, first.len);
    assert_memory_equal(rig.to_terminal.item[0].at, first.at, first.len);
    rig_expect(&rig, &t, 0x0410, "00");
    rig_expect_state(&sale, PAYMENT_REVERSED, 4);
    assert_true(acquirer_quiet(rig.a));
    rig_again(&rig, &t, &sale); /* a copy of the request is not approved any more */
    rig_expect(&rig, &t, 0x0210, "98");
}

static void terminal_reverses_a_payment_under_way(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = rig_sell(&rig, &t, PAYMENT_CODE, 100);
    struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    rig_reverse(&rig, &t, &sale);
    rig_expect(&rig, &t, 0x0410, "00");
    rig_network(&rig, PAYMENT_NETWORK_REQUEST, &asked, "00"); /* too late */
    assert_int_equal(rig.to_terminal.count, 0);
    rig_pass(&rig, 100);
    rig_undo(&rig, "00");
    rig_expect_state(&sale, PAYMENT_REVERSED, 3);
}

/* Its answer is with the hsm for the check of its MAC when the reversal comes. */
static void reversal_overtakes_the_conclusion(void **state)
{
    (void)state;
    uint8_t out[RIG_FRAME];
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = rig_sell(&rig, &t, PAYMENT_CODE, 100);
    struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    rig.hsm_holds = true;
    rig_reverse(&rig, &t, &sale);
    assert_ok(acquirer_on_route(
        rig.a, asked.route, rig_answer_frame(&rig, PAYMENT_NETWORK_REQUEST, &asked, "00", out)));
    rig_settle(&rig);
    rig.hsm_holds = false;
    rig_settle(&rig);
    rig_expect(&rig, &t, 0x0410, "00");
    assert_int_equal(rig.to_terminal.count, 0);
    rig_expect_state(&sale, PAYMENT_REVERSING, 2);
}

static void terminal_reverses_a_declined_payment(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = rig_sell(&rig, &t, PAYMENT_CARD, 100);
    rig_issuer(&rig, "51");
    rig_expect(&rig, &t, 0x0210, "51");
    rig_reverse(&rig, &t, &sale);
    rig_expect(&rig, &t, 0x0410, "00");
    rig_pass(&rig, 1000);
    assert_int_equal(rig.to_route.count, 0); /* there is nothing to take back */
    rig_expect_state(&sale, PAYMENT_REVERSED, 3);
}

static void reversal_before_its_original(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = rig_payment(&t, PAYMENT_CODE, 100);
    for (int twice = 0; twice < 2; twice++) {
        rig_reverse(&rig, &t, &sale);
        rig_expect(&rig, &t, 0x0410, "25");
    }
    rig_restart(&rig);
    assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
    rig_again(&rig, &t, &sale); /* the late original is refused */
    rig_expect(&rig, &t, 0x0210, "98");
    assert_int_equal(rig.to_route.count, 0);
    rig_expect_state(&sale, PAYMENT_REVERSED, 1);
}

static void reversal_of_another_amount_is_refused(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = rig_sell(&rig, &t, PAYMENT_CODE, 100);
    rig_issuer(&rig, "00");
    rig_expect(&rig, &t, 0x0210, "00");
    struct payment more = sale;
    more.amount_minor = 200; /* I5 */
    rig_reverse(&rig, &t, &more);
    rig_expect(&rig, &t, 0x0410, "94");
    rig_expect_state(&sale, PAYMENT_APPROVED, 2);
}

static void reversal_of_an_earlier_batch_is_a_duty(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = rig_sell(&rig, &t, PAYMENT_CODE, 100);
    rig_issuer(&rig, "00");
    rig.to_terminal.count = 0;
    t.batch = 0; /* the terminal has lost its place: it gets another batch */
    t.stan = 0;
    rig_sign_in(&rig, &t);
    assert_int_equal(t.batch, sale.key.batch + 1);
    rig_reverse(&rig, &t, &sale);
    rig_expect(&rig, &t, 0x0410, "00");
    rig_expect_state(&sale, PAYMENT_REVERSING, 3);
}

/* ---- the wallet's customer types a password ---- */

static void wallet_is_queried_until_it_knows(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = rig_sell(&rig, &t, PAYMENT_CODE, 100);
    rig_issuer(&rig, "09");
    for (int i = 0; i < 4; i++) {
        assert_int_equal(rig.to_terminal.count, 0);
        rig_pass(&rig, 3000);
        struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_QUERY);
        rig_network(&rig, PAYMENT_NETWORK_QUERY, &asked, i < 3 ? "09" : "00");
    }
    rig_expect(&rig, &t, 0x0210, "00");
    rig_expect_state(&sale, PAYMENT_APPROVED, 2);
}

static void wallet_that_never_knows_is_reversed(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = rig_sell(&rig, &t, PAYMENT_CODE, 100);
    rig_issuer(&rig, "09");
    int queries = 0;
    while (rig.to_terminal.count == 0 && rig.now_ms < INT64_C(1767225700000)) {
        rig_pass(&rig, 100);
        if (rig.to_route.count == 0 || rig.to_terminal.count > 0) continue;
        struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_QUERY);
        rig_network(&rig, PAYMENT_NETWORK_QUERY, &asked, "09");
        queries++;
    }
    assert_in_range(queries, 13, 15); /* every 3 s for 45 s */
    rig_expect(&rig, &t, 0x0210, "98");
    rig_expect_state(&sale, PAYMENT_REVERSING, 2);
    rig_pass(&rig, 100);
    rig_undo(&rig, "00");
    rig_expect_state(&sale, PAYMENT_REVERSED, 3);
}

/* ---- links that break ---- */

static void broken_route_turns_payments_back_at_once(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = rig_sell(&rig, &t, PAYMENT_CARD, 100);
    rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    assert_ok(acquirer_on_route_state(rig.a, PAYMENT_ROUTE_CARD_NETWORK, false));
    rig_settle(&rig);
    rig_expect(&rig, &t, 0x0210, "98");
    rig_pass(&rig, 5000);
    assert_int_equal(rig.to_route.count, 0);
    assert_ok(acquirer_on_route_state(rig.a, PAYMENT_ROUTE_CARD_NETWORK, true));
    rig_pass(&rig, 2000);
    rig_undo(&rig, "00");
    rig_expect_state(&sale, PAYMENT_REVERSED, 3);
}

/* The hsm dies after it has been asked n times for one payment, and comes back. */
static void hsm_lost_at(int served)
{
    uint8_t out[RIG_FRAME];
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = rig_payment(&t, PAYMENT_CODE, 100);
    rig.hsm_holds = true;
    assert_ok(acquirer_on_terminal(rig.a, t.session, rig_sale_frame(&rig, &t, &sale, "", out)));
    rig_settle(&rig);
    for (int i = 0; i < served && rig.to_hsm.count > 0; i++) {
        static struct rig_item item;
        item = rig.to_hsm.item[0];
        rig_took(&rig.to_hsm);
        assert_ok(rig_serve(&rig, &item));
        rig_settle(&rig);
        if (rig.to_route.count == 0) continue;
        struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
        struct bytes answer = rig_answer_frame(&rig, PAYMENT_NETWORK_REQUEST, &asked, "00", out);
        assert_ok(acquirer_on_route(rig.a, asked.route, answer));
        rig_settle(&rig);
    }
    rig.to_hsm.count = 0;
    assert_ok(acquirer_on_hsm_lost(rig.a));
    rig_settle(&rig);
    size_t rows;
    enum payment_state now = rig_state(&sale.key, &rows);
    if (served == 0) {
        assert_int_equal(now, PAYMENT_NONE); /* not journaled: "we have a fault", without a MAC */
        rig_expect(&rig, &t, 0x0210, "96");
    } else if (served < 4) {
        assert_int_equal(now, PAYMENT_REVERSING);
        rig_expect(&rig, &t, 0x0210, "98");
    } else {
        assert_int_equal(now, PAYMENT_APPROVED);
        rig_expect(&rig, &t, 0x0210, "00");
    }
    rig.hsm_holds = false;
    assert_ok(acquirer_on_hsm_up(rig.a));
    rig_pass(&rig, 2000);
    if (served >= 1 && served < 4) {
        rig_undo(&rig, "00");
        rig_expect_state(&sale, PAYMENT_REVERSED, 3);
    }
    assert_true(acquirer_quiet(rig.a));
}

static void hsm_lost_at_each_point(void **state)
{
    for (int served = 0; served <= 4; served++) {
        if (served > 0) setup(state);
        hsm_lost_at(served);
        if (served < 4) teardown(state);
    }
}

/* "We have a fault" is not recorded, so it must not be believed: it goes out without a MAC, and a
 * late copy of the request is a payment like any other. */
static void a_fault_of_ours_has_no_mac(void **state)
{
    (void)state;
    uint8_t out[RIG_FRAME], answer[64];
    struct iso8583_message m;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = rig_payment(&t, PAYMENT_CODE, 100);
    rig.hsm_holds = true;
    assert_ok(acquirer_on_terminal(rig.a, t.session, rig_sale_frame(&rig, &t, &sale, "", out)));
    rig_settle(&rig);
    struct hsm_header header;
    struct reader r = reader_over(bytes_of(rig.to_hsm.item[0].at, rig.to_hsm.item[0].len));
    assert_ok(hsm_read_header(&r, &header));
    struct writer w = writer_over(answer, sizeof answer);
    hsm_write_answer(&w, header, HSM_FAILED);
    rig_took(&rig.to_hsm);
    assert_ok(acquirer_on_hsm(rig.a, writer_view(&w)));
    rig.hsm_holds = false;
    rig_settle(&rig);
    rig_answer_to(&rig, &t, &m);
    assert_false(iso8583_has(&m, 64));
    rig_expect(&rig, &t, 0x0210, "96");
    rig_again(&rig, &t, &sale);
    rig_issuer(&rig, "00");
    rig_expect(&rig, &t, 0x0210, "00");
}

static void silent_hsm_counts_as_lost(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    rig.hsm_holds = true;
    struct payment p = rig_payment(&t, PAYMENT_CODE, 100);
    uint8_t out[RIG_FRAME];
    assert_ok(acquirer_on_terminal(rig.a, t.session, rig_sale_frame(&rig, &t, &p, "", out)));
    rig_pass(&rig, 5200);
    rig_expect(&rig, &t, 0x0210, "96");
    assert_false(acquirer_counts(rig.a).hsm_up);
    assert_int_equal(rig_audited("hsm_lost"), 1);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(silent_network_is_reversed_until_acknowledged),
        CASE(late_approval_never_becomes_money),
        CASE(another_amount_is_no_approval),
        CASE(terminal_reverses_an_approved_payment),
        CASE(terminal_reverses_a_payment_under_way),
        CASE(reversal_overtakes_the_conclusion),
        CASE(terminal_reverses_a_declined_payment),
        CASE(reversal_before_its_original),
        CASE(reversal_of_another_amount_is_refused),
        CASE(reversal_of_an_earlier_batch_is_a_duty),
        CASE(wallet_is_queried_until_it_knows),
        CASE(wallet_that_never_knows_is_reversed),
        CASE(broken_route_turns_payments_back_at_once),
        CASE(hsm_lost_at_each_point),
        CASE(a_fault_of_ours_has_no_mac),
        CASE(silent_hsm_counts_as_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
