/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Disputes over the control socket (S108): opened once for each case of a network, a deadline of
 * working days, evidence before an answer, a decision after it, money by orders that the ledger
 * folds; a chargeback holds its money meanwhile (S68); a deadline that is missed takes the money
 * with its reason, once, also when the host is killed at every store call of it. And payments that
 * their issuer will not pay (S89): who bears them.
 */
#include "journal/dispute.h"
#include "ledger/workday.h"
#include "tests/unit/acquirer_money_rig.h"

#define DIGEST "21a2300250575ae167beea03d697e307699a1be491bab9415d2527e4f4e2d116"

static struct rig rig;
static struct rig_terminal t;

static int setup(void **state)
{
    (void)state;
    rig_make(&rig);
    t = rig_terminal(&rig, RIG_TID);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_end(&rig);
    return 0;
}

/* The reference of a sale that its issuer has approved. */
static const char *sold(int64_t amount_minor)
{
    static char rrn[13];
    rig_sell(&rig, &t, PAYMENT_CARD, amount_minor);
    struct payment asked = rig_issuer(&rig, "00");
    rig_took(&rig.to_terminal);
    memcpy(rrn, asked.rrn, sizeof rrn);
    return rrn;
}

static struct acquirer_request opening(const char *rrn, const char *network_case, uint8_t way)
{
    return (struct acquirer_request){.actor = BYTES("wang"),
                                     .reference = bytes_text(rrn),
                                     .evidence = bytes_text(network_case),
                                     .reason = BYTES("not_recognised"),
                                     .way = way};
}

static struct acquirer_request about(int64_t dispute, const char *text)
{
    return (struct acquirer_request){
        .actor = BYTES("li"), .original = dispute, .reason = bytes_text(text)};
}

static enum acquirer_status evidence(int64_t dispute)
{
    struct acquirer_request r = about(dispute, "slip.png");
    r.reference = BYTES(DIGEST);
    return money(&rig, ACQUIRER_DISPUTE_EVIDENCE, &r).status;
}

static enum acquirer_status answers(int64_t dispute)
{
    struct acquirer_request r = about(dispute, "the cardholder signed the slip");
    return money(&rig, ACQUIRER_DISPUTE_ANSWER, &r).status;
}

static struct money_answer decides(int64_t dispute, enum dispute_action how)
{
    struct acquirer_request r = about(dispute, "the network has decided");
    r.way = (uint8_t)how;
    return money(&rig, ACQUIRER_DISPUTE_DECIDE, &r);
}

static struct store *journal(void)
{
    struct store *store = NULL;
    const struct store_options options = {.mode = STORE_MEMORY};
    assert_ok(store_open("journal", &options, NULL, &store));
    return store;
}

static const char *state_of(int64_t dispute)
{
    struct dispute_state at;
    struct store *store = journal();
    assert_ok(journal_dispute_state(store, dispute, &at));
    store_close(store);
    return dispute_state_name(&at);
}

static struct journal_dispute found(int64_t dispute)
{
    struct journal_dispute d;
    struct store *store = journal();
    assert_ok(journal_dispute_find(store, dispute, &d));
    store_close(store);
    return d;
}

/* The last money order, which must be of this kind and so much. */
static struct journal_order ordered(enum order_kind kind, int64_t amount_minor)
{
    struct journal_order rows[16];
    struct store *store = journal();
    size_t count = 0;
    assert_ok(journal_order_read(store, 1, INT64_MAX, rows, 16, &count));
    store_close(store);
    assert_true(count > 0);
    assert_int_equal(rows[count - 1].amount_minor, amount_minor);
    assert_int_equal(rows[count - 1].kind, kind);
    return rows[count - 1];
}

static void answered_and_won(void **state)
{
    (void)state;
    struct acquirer_request r = opening(sold(12800), "CB-1", DISPUTE_CHARGEBACK);
    struct money_answer opened = money(&rig, ACQUIRER_DISPUTE_OPEN, &r);
    assert_int_equal(opened.status, ACQUIRER_OK);
    assert_int_equal(opened.said.number, 1);
    assert_int_equal(opened.said.amount_minor, 12800);
    assert_string_equal(state_of(1), "open");
    struct journal_order hold = ordered(ORDER_HOLD, 12800);
    assert_int_equal(found(1).hold, hold.number);
    assert_string_equal(hold.reason, "dispute");
    assert_true(strlen(hold.evidence) > 0 && strlen(hold.appeal) > 0);
    assert_non_null(strstr(hold.reference, "case CB-1"));
    assert_int_equal(hold.deadline_ms, found(1).deadline_ms + INT64_C(60) * 86400000);
    money_fold(&rig);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_HELD), 12800);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_PAYABLE), -64);
    assert_int_equal(money(&rig, ACQUIRER_DISPUTE_OPEN, &r).status, ACQUIRER_OVER); /* once */
    (void)ordered(ORDER_HOLD, 12800);
    assert_int_equal(answers(1), ACQUIRER_INCOMPLETE);                     /* without evidence */
    assert_int_equal(decides(1, DISPUTE_WON).status, ACQUIRER_INCOMPLETE); /* not answered */
    assert_int_equal(evidence(1), ACQUIRER_OK);
    assert_int_equal(evidence(1), ACQUIRER_OK);
    assert_int_equal(answers(1), ACQUIRER_OK);
    assert_string_equal(state_of(1), "answered");
    assert_int_equal(evidence(1), ACQUIRER_OVER);
    assert_int_equal(decides(1, DISPUTE_ACCEPTED).status, ACQUIRER_OVER);
    rig_pass(&rig, 86400000 / 8);
    rig.now_ms += INT64_C(86400000) * 60;
    rig_pass(&rig, 11000); /* the deadline is long over: it was answered */
    assert_string_equal(state_of(1), "answered");
    rig_restart(&rig);
    assert_int_equal(decides(1, DISPUTE_WON).status, ACQUIRER_OK);
    assert_string_equal(state_of(1), "won");
    assert_int_equal(decides(1, DISPUTE_LOST).status, ACQUIRER_OVER);
    assert_string_equal(ordered(ORDER_RELEASE, 12800).reason, "dispute won");
    money_fold(&rig);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_PAYABLE), 12800 - 64);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_HELD), 0);
    assert_int_equal(money_on(ACCOUNT_NETWORK_RECEIVABLE), 12800);
}

static void lost_and_accepted_cost_the_merchant(void **state)
{
    (void)state;
    struct acquirer_request r = opening(sold(10000), "CB-2", DISPUTE_CHARGEBACK);
    r.amount_minor = 4000; /* a part of it */
    assert_int_equal(money(&rig, ACQUIRER_DISPUTE_OPEN, &r).status, ACQUIRER_OK);
    assert_int_equal(evidence(1), ACQUIRER_OK);
    assert_int_equal(answers(1), ACQUIRER_OK);
    struct money_answer lost = decides(1, DISPUTE_LOST);
    assert_int_equal(lost.status, ACQUIRER_OK);
    struct journal_order order = ordered(ORDER_CHARGEBACK, 4000);
    assert_int_equal(lost.said.number, order.number);
    assert_string_equal(order.reason, "dispute lost");
    assert_non_null(strstr(order.reference, "dispute 1"));
    assert_string_equal(order.actor, "li");
    money_fold(&rig);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_PAYABLE), 10000 - 50 - 4000);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_HELD), 0);
    assert_int_equal(money_on(ACCOUNT_NETWORK_RECEIVABLE), 10000 - 4000); /* it takes it off */
    assert_int_equal(money_on(ACCOUNT_ADJUSTMENT), 0);

    r = opening(sold(700), "CB-3", DISPUTE_RETRIEVAL);
    assert_int_equal(money(&rig, ACQUIRER_DISPUTE_OPEN, &r).status, ACQUIRER_OK);
    assert_int_equal(decides(2, DISPUTE_ACCEPTED).status, ACQUIRER_OK);
    order = ordered(ORDER_CHARGEBACK_DEBIT, 700); /* a retrieval holds nothing */
    assert_string_equal(order.reason, "dispute accepted");
    assert_int_equal(order.network, PAYMENT_ROUTE_CARD_NETWORK);
    assert_int_equal(found(2).hold, 0);
    assert_string_equal(state_of(2), "accepted");
    assert_int_equal(evidence(2), ACQUIRER_OVER);
}

/* What a chargeback holds is decided with it: neither given back nor taken beside it. */
static void its_hold_is_nobody_elses(void **state)
{
    (void)state;
    struct acquirer_request r = opening(sold(3000), "CB-20", DISPUTE_CHARGEBACK);
    struct acquirer_request end = money_end(1);
    assert_int_equal(money(&rig, ACQUIRER_DISPUTE_OPEN, &r).status, ACQUIRER_OK);
    for (uint8_t command = ACQUIRER_RELEASE; command <= ACQUIRER_CONVERT; command++) {
        struct money_answer answer = money(&rig, command, &end);
        assert_int_equal(answer.status, ACQUIRER_DISPUTED);
        assert_string_equal(answer.detail, "dispute 1");
    }
    assert_int_equal(decides(1, DISPUTE_ACCEPTED).status, ACQUIRER_OK);
    assert_int_equal(money(&rig, ACQUIRER_RELEASE, &end).status, ACQUIRER_OVER);
    (void)ordered(ORDER_CHARGEBACK, 3000);
}

/* The network takes its time: the merchant has his money again, and owes it when it is lost after
 * all; what was paid out is owed, and taken from what comes next. */
static void what_is_not_there_is_owed(void **state)
{
    (void)state;
    struct acquirer_request r = opening(sold(3000), "CB-21", DISPUTE_CHARGEBACK);
    assert_int_equal(money(&rig, ACQUIRER_DISPUTE_OPEN, &r).status, ACQUIRER_OK);
    assert_int_equal(evidence(1), ACQUIRER_OK);
    assert_int_equal(answers(1), ACQUIRER_OK);
    rig.now_ms = found(1).deadline_ms + INT64_C(60) * 86400000;
    rig_pass(&rig, 11000);
    (void)ordered(ORDER_EXPIRE, 3000);
    struct acquirer_request out = {.actor = BYTES("wang"),
                                   .mid = BYTES(RIG_MID),
                                   .reason = BYTES("paid out"),
                                   .amount_minor = 2985};
    assert_int_equal(money(&rig, ACQUIRER_DEBIT, &out).status, ACQUIRER_OK);
    assert_int_equal(decides(1, DISPUTE_LOST).status, ACQUIRER_OK);
    struct journal_order order = ordered(ORDER_CHARGEBACK_DEBIT, 3000);
    assert_int_equal(order.original, found(1).row);
    money_fold(&rig);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_HELD), 0);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_PAYABLE), -3000);
    assert_int_equal(money_on(ACCOUNT_NETWORK_RECEIVABLE), 0);
}

/* Seven and ten working days, over a holiday and its make-up day; or the day that is named. */
static void deadlines_are_working_days(void **state)
{
    (void)state;
    char day[WORKDAY_TEXT_MAX];
    struct acquirer_request r = opening(sold(100), "R-1", DISPUTE_RETRIEVAL);
    assert_int_equal(money(&rig, ACQUIRER_DISPUTE_OPEN, &r).status, ACQUIRER_OK);
    /* From Thursday 1 January 2026, a holiday up to the 3rd; Sunday the 4th is worked. */
    workday_text(workday_of(found(1).deadline_ms - 1), day);
    assert_string_equal(day, "2026-01-12");
    r = opening(sold(100), "C-1", DISPUTE_CHARGEBACK);
    assert_int_equal(money(&rig, ACQUIRER_DISPUTE_OPEN, &r).status, ACQUIRER_OK);
    workday_text(workday_of(found(2).deadline_ms - 1), day);
    assert_string_equal(day, "2026-01-15");
    r = opening(sold(100), "C-2", DISPUTE_CHARGEBACK);
    assert_ok(workday_parse(BYTES("2026-02-03"), &r.day));
    assert_int_equal(money(&rig, ACQUIRER_DISPUTE_OPEN, &r).status, ACQUIRER_OK);
    assert_int_equal(found(3).deadline_ms, workday_end_ms(r.day));
    r = opening(sold(100), "C-3", DISPUTE_CHARGEBACK);
    assert_ok(workday_parse(BYTES("2025-12-31"), &r.day));
    assert_int_equal(money(&rig, ACQUIRER_DISPUTE_OPEN, &r).status, ACQUIRER_INCOMPLETE);
}

/* What has no deadline any more is not looked at again. */
static void what_is_over_is_not_read(void **state)
{
    (void)state;
    struct acquirer_request r = opening(sold(100), "CB-30", DISPUTE_CHARGEBACK);
    assert_int_equal(money(&rig, ACQUIRER_DISPUTE_OPEN, &r).status, ACQUIRER_OK);
    r = opening(sold(200), "CB-31", DISPUTE_CHARGEBACK);
    assert_int_equal(money(&rig, ACQUIRER_DISPUTE_OPEN, &r).status, ACQUIRER_OK);
    assert_int_equal(evidence(1), ACQUIRER_OK);
    assert_int_equal(answers(1), ACQUIRER_OK);
    static const char *const due[] = {"SELECT group_concat(dispute) = '2' FROM dispute_due",
                                      "SELECT count(*) = 2 FROM hold_due"};
    static const char *const over[] = {"SELECT count(*) = 0 FROM dispute_due",
                                       "SELECT group_concat(hold) = '1' FROM hold_due"};
    struct store *store = journal();
    int64_t right = 0;
    for (size_t i = 0; i < ARRAY_LEN(due); i++, right = 0) {
        assert_ok(store_query_int(store, due[i], &right));
        assert_int_equal(right, 1);
    }
    assert_int_equal(decides(2, DISPUTE_ACCEPTED).status, ACQUIRER_OK);
    for (size_t i = 0; i < ARRAY_LEN(over); i++, right = 0) {
        assert_ok(store_query_int(store, over[i], &right));
        assert_int_equal(right, 1);
    }
    store_close(store);
}

/* S108: nobody answers: the money is taken with its reason, once. */
static void a_missed_deadline_debits(void **state)
{
    (void)state;
    struct acquirer_request r = opening(sold(5000), "CB-4", DISPUTE_CHARGEBACK);
    assert_int_equal(money(&rig, ACQUIRER_DISPUTE_OPEN, &r).status, ACQUIRER_OK);
    assert_int_equal(evidence(1), ACQUIRER_OK); /* that is no answer yet */
    rig.now_ms = found(1).deadline_ms - 12000;
    rig_pass(&rig, 11000);
    assert_string_equal(state_of(1), "open");
    rig_pass(&rig, 12000);
    assert_string_equal(state_of(1), "missed");
    assert_string_equal(ordered(ORDER_CHARGEBACK, 5000).reason, "dispute missed");
    rig_pass(&rig, 60000);
    rig_restart(&rig);
    rig_pass(&rig, 60000);
    assert_int_equal(ordered(ORDER_CHARGEBACK, 5000).number, 2);
    assert_int_equal(answers(1), ACQUIRER_OVER);
    money_fold(&rig);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_PAYABLE), 5000 - 25 - 5000);
}

static void killed_at_every_call_of_a_deadline(void **state)
{
    (void)state;
    struct acquirer_request r = opening(sold(900), "CB-5", DISPUTE_CHARGEBACK);
    assert_int_equal(money(&rig, ACQUIRER_DISPUTE_OPEN, &r).status, ACQUIRER_OK);
    rig.now_ms = found(1).deadline_ms;
    int kills = 0;
    for (int at = 0;; at++) {
        rig.left = at;
        err e = rig_pass_err(&rig, 11000);
        rig.left = -1;
        if (!FAILED(e)) break;
        kills++;
        rig_restart(&rig);
        struct journal_order rows[8];
        struct store *store = journal();
        size_t count = 0;
        assert_ok(journal_order_read(store, 1, INT64_MAX, rows, 8, &count));
        store_close(store);
        assert_true(count >= 1 && count <= 2); /* the hold is there from the beginning */
        assert_int_equal(count == 2, strcmp(state_of(1), "missed") == 0);
    }
    assert_true(kills > 1);
    assert_int_equal(ordered(ORDER_CHARGEBACK, 900).number, 2);
}

static void what_may_not_be_is_named(void **state)
{
    (void)state;
    const struct acquirer_request good = opening(sold(100), "CB-6", DISPUTE_CHARGEBACK);
    struct acquirer_request bad;
#define REFUSED(change, wanted, name)                                          \
    {                                                                          \
        bad = good;                                                            \
        change;                                                                \
        struct money_answer answer = money(&rig, ACQUIRER_DISPUTE_OPEN, &bad); \
        assert_int_equal(answer.status, wanted);                               \
        assert_non_null(strstr(answer.detail, name));                          \
    }
    REFUSED(bad.actor.len = 0, ACQUIRER_INCOMPLETE, "actor");
    REFUSED(bad.evidence.len = 0, ACQUIRER_INCOMPLETE, "case");
    REFUSED(bad.reason = BYTES("whim"), ACQUIRER_INCOMPLETE, "reason");
    REFUSED(bad.way = 0, ACQUIRER_INCOMPLETE, "way");
    REFUSED(bad.way = DISPUTE_KINDS, ACQUIRER_INCOMPLETE, "way");
    REFUSED(bad.amount_minor = 101, ACQUIRER_INCOMPLETE, "amount");
    REFUSED(bad.reference = BYTES("000000000000"), ACQUIRER_UNKNOWN, "payment");
    assert_int_equal(evidence(1), ACQUIRER_UNKNOWN);
    assert_int_equal(money(&rig, ACQUIRER_DISPUTE_OPEN, &good).status, ACQUIRER_OK);
    bad = about(1, "slip.png");
    bad.reference = BYTES("21a2");
    assert_int_equal(money(&rig, ACQUIRER_DISPUTE_EVIDENCE, &bad).status, ACQUIRER_INCOMPLETE);
    assert_int_equal(decides(1, DISPUTE_MISSED).status, ACQUIRER_INCOMPLETE); /* time alone */
}

/* The tables refuse by themselves, whoever writes. */
static void the_tables_refuse(void **state)
{
    (void)state;
    struct acquirer_request r = opening(sold(100), "CB-7", DISPUTE_CHARGEBACK);
    assert_int_equal(money(&rig, ACQUIRER_DISPUTE_OPEN, &r).status, ACQUIRER_OK);
    static const char *const statements[] = {
        "INSERT INTO dispute_step VALUES(NULL, 1, 1, 3, 'x', 'x', '', 0)", /* won, not answered */
        "INSERT INTO dispute_step VALUES(NULL, 1, 1, 2, 'x', 'x', '', 0)", /* no evidence */
        "INSERT INTO dispute_step VALUES(NULL, 1, 1, 6, 'x', 'x', '', 0)", /* costs, no order */
        "INSERT INTO dispute_step VALUES(NULL, 1, 1, 6, 'x', 'x', '', 7)", /* no such order */
        "INSERT INTO dispute_step VALUES(NULL, 1, 1, 1, 'x', 'x', 'short', 0)",
        "INSERT INTO dispute_step VALUES(NULL, 2, 1, 5, 'x', 'x', '', 1)",
        "UPDATE dispute SET amount_minor = 1",
        "DELETE FROM dispute",
        /* a chargeback that holds nothing, or what another holds, or a retrieval that holds */
        "INSERT INTO dispute SELECT NULL, at_ms, 2, rrn, row, mid, currency, amount_minor,"
        " deadline_ms, reason, 'CB-8', actor, 0 FROM dispute",
        "INSERT INTO dispute SELECT NULL, at_ms, 2, rrn, row, mid, currency, amount_minor,"
        " deadline_ms, reason, 'CB-8', actor, 1 FROM dispute",
        "INSERT INTO dispute SELECT NULL, at_ms, 1, rrn, row, mid, currency, amount_minor,"
        " deadline_ms, reason, 'CB-8', actor, 1 FROM dispute",
        /* the hold of a dispute that goes on, released */
        "INSERT INTO money_order SELECT 2, after_row, at_ms, 2, mid, currency, amount_minor, 0, 0,"
        " 1, 0, 0, 0, 0, actor, '', '', '', '', 0, 0, 0, 0, 0, 0 FROM money_order",
    };
    struct store *store = journal();
    for (size_t i = 0; i < ARRAY_LEN(statements); i++)
        assert_true(FAILED(store_exec(store, statements[i])));
    store_close(store);
}

/* ---- what its issuer will not pay ---- */

/* 9F26, 9F27 (TC), 9F36 and 8A. */
static const uint8_t said[] = {0x9F, 0x26, 8,    1,    2,    3, 4, 5, 6,    7, 8,   0x9F,
                               0x27, 1,    0x40, 0x9F, 0x36, 2, 0, 9, 0x8A, 2, 'Y', '3'};

/* A payment that the card has approved and its issuer has refused; its reference. */
static const char *refused(int64_t amount_minor, struct payment *ret)
{
    static char rrn[13];
    uint8_t block[PAYMENT_MESSAGE_ARENA], envelope[ENVELOPE_MAX], out[RIG_FRAME];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message message;
    struct payment p = rig_payment(&t, PAYMENT_CARD, amount_minor);
    struct writer w = writer_over(envelope, sizeof envelope);
    p.entry = PAYMENT_ENTRY_CHIP;
    assert_ok(payment_chip_take(BYTES_OF(said), &p.chip));
    rig_envelope(&rig, &t, &p, RIG_PAN, &w);
    const struct payment_sensitive sensitive = {.envelope = writer_view(&w)};
    assert_ok(payment_advice_message(t.profile, &p, &sensitive, &arena, &message));
    rig_send(&rig, &t, rig_frame(&rig, &t, &message, true, out));
    struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_ADVICE);
    rig_network(&rig, PAYMENT_NETWORK_ADVICE, &asked, "59");
    rig_answer_to(&rig, &t, &message);
    assert_ok(payment_apply_response(&message, 0x0230, &p));
    assert_string_equal(p.response_code, "A4");
    rig_took(&rig.to_terminal);
    memcpy(rrn, asked.rrn, sizeof rrn);
    *ret = p;
    return rrn;
}

static void who_bears_what_an_issuer_refuses(void **state)
{
    (void)state;
    struct payment p;
    struct acquirer_request r = {.actor = BYTES("wang"), .reason = BYTES("our terminal was late")};
    r.reference = bytes_text(refused(1100, &p));
    r.way = 3;
    assert_int_equal(money(&rig, ACQUIRER_DISPUTED_DECIDE, &r).status, ACQUIRER_INCOMPLETE);
    r.way = 1; /* the merchant is paid, and the loss is ours */
    assert_int_equal(money(&rig, ACQUIRER_DISPUTED_DECIDE, &r).status, ACQUIRER_OK);
    rig_expect_state(&p, PAYMENT_APPROVED, 3);
    assert_int_equal(money(&rig, ACQUIRER_DISPUTED_DECIDE, &r).status, ACQUIRER_OVER);
    money_fold(&rig);
    int64_t suspense = money_on(ACCOUNT_SUSPENSE), payable = money_on(ACCOUNT_MERCHANT_PAYABLE);
    /* 1900 to 2100 and the merchant's fee to 4100; who has paid nothing has no share of it. */
    assert_int_equal(suspense, 1100);
    assert_int_equal(payable, 1100 - 6); /* rule 101, 0.50 % half-even */
    assert_int_equal(money_on(ACCOUNT_FEE_INCOME), 6);
    assert_int_equal(money_on(ACCOUNT_NETWORK_COST), 0);
    assert_int_equal(money_on(ACCOUNT_ISSUER_FEE), 0);
    assert_int_equal(money_on(ACCOUNT_NETWORK_FEE), 0);
    assert_int_equal(money_on(ACCOUNT_NETWORK_RECEIVABLE), 0);
    /* No card was charged, so none gets it back. */
    struct payment back = rig_payment(&t, PAYMENT_CARD, 1100);
    back.type = PAYMENT_REFUND;
    back.original = (struct payment_original){.batch = p.key.batch, .stan = p.key.stan};
    memcpy(back.original.rrn, p.rrn, sizeof back.original.rrn);
    memcpy(back.original.date, p.local_date, sizeof back.original.date);
    rig_again(&rig, &t, &back);
    rig_expect(&rig, &t, 0x0230, "25");

    r.reference = bytes_text(refused(700, &p));
    r.way = 2; /* the merchant bears it */
    assert_int_equal(money(&rig, ACQUIRER_DISPUTED_DECIDE, &r).status, ACQUIRER_OK);
    rig_expect_state(&p, PAYMENT_REVERSED, 3);
    assert_int_equal(rig.to_route.count, 0); /* there is nothing to reverse at a network */
    rig_restart(&rig);
    assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
    money_fold(&rig);
    assert_int_equal(money_on(ACCOUNT_SUSPENSE), suspense);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_PAYABLE), payable);
    r.reference = bytes_text(sold(100));
    assert_int_equal(money(&rig, ACQUIRER_DISPUTED_DECIDE, &r).status, ACQUIRER_OVER);
    r.reference = BYTES("000000000000");
    assert_int_equal(money(&rig, ACQUIRER_DISPUTED_DECIDE, &r).status, ACQUIRER_UNKNOWN);
}

int main(void)
{
#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_RIG(answered_and_won),
        WITH_RIG(lost_and_accepted_cost_the_merchant),
        WITH_RIG(its_hold_is_nobody_elses),
        WITH_RIG(what_is_not_there_is_owed),
        WITH_RIG(deadlines_are_working_days),
        WITH_RIG(what_is_over_is_not_read),
        WITH_RIG(a_missed_deadline_debits),
        WITH_RIG(killed_at_every_call_of_a_deadline),
        WITH_RIG(what_may_not_be_is_named),
        WITH_RIG(the_tables_refuse),
        WITH_RIG(who_bears_what_an_issuer_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
