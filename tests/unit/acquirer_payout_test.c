/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Payouts (S109): when each way is due by the calendar, to which account, how much; what is never
 * paid out; the bank's word; random days against a model; a host killed at every store call.
 *
 * The rig's clock begins on 1 January 2026 at 8:00 in China: a holiday until Saturday the 3rd, and
 * the next working day is Sunday the 4th.
 */
#include "journal/dispute.h"
#include "ledger/figures.h"
#include "ledger/terms.h"
#include "ledger/workday.h"
#include "registry/agreement.h"
#include "registry/payout.h"
#include "tests/unit/acquirer_money_rig.h"

enum { HOUR_MS = 3600000 };

static struct rig rig;
static struct store_anchor *anchor;
static struct store *accounts; /* the back office's handle */

/* A version that has come to be as registry/payout.c says, without the staff that approves it. */
static void add_account(int version, int64_t since_ms)
{
    struct store_statement *insert;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    assert_ok(store_begin(accounts, &tx));
    assert_ok(store_statement(accounts,
                              "INSERT INTO payout_account VALUES(?, ?, 'Wang', 'ICBC', '7781',"
                              " x'00', ?, ?)",
                              &insert));
    store_bind_text(insert, BYTES(RIG_MID));
    store_bind_int(insert, version);
    store_bind_int(insert, since_ms);
    store_bind_int(insert, version);
    assert_ok(store_run(insert));
    assert_ok(store_commit(&tx));
}

static int make_without_account(void **state)
{
    (void)state;
    const struct store_options options = {.mode = STORE_MEMORY};
    rig_make(&rig);
    assert_ok(store_anchor_open("payouts", &anchor));
    assert_ok(store_open("payouts", &options, NULL, &accounts));
    assert_ok(store_migrate(accounts, &payout_schema));
    assert_ok(store_exec(accounts, "DROP TRIGGER payout_version_of_request;"
                                   "PRAGMA foreign_keys = OFF"));
    rig.payout_path = "payouts";
    rig_restart(&rig);
    return 0;
}

/* The merchant of the rig may be paid on the same day by this rule from now on. */
static void agree(uint32_t rule)
{
    const struct registry_actor actor = {BYTES("test"), rig.now_ms};
    rig.now_ms++;
    assert_ok(
        registry_add_agreement(rig.registry, &actor, RIG_MID, FEE_PLAN_STANDARD, rule, rig.now_ms));
}

static int make(void **state)
{
    make_without_account(state);
    agree(802);
    add_account(1, rig.now_ms - 1000);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    rig_end(&rig);
    store_close(accounts);
    store_anchor_close(anchor);
    return 0;
}

static int32_t day(const char *text)
{
    int32_t found = 0;
    assert_ok(workday_parse(bytes_text(text), &found));
    return found;
}

/* Waits until this moment in China. */
static void wait_until(const char *date, int hour)
{
    int64_t at_ms = INT64_C(86400000) * day(date) + (hour - 8) * (int64_t)HOUR_MS;
    assert_true(at_ms >= rig.now_ms);
    rig.now_ms = at_ms;
    rig_pass(&rig, 100);
}

static struct acquirer_request pay(const char *text, enum order_way way)
{
    return (struct acquirer_request){
        .actor = BYTES("wang"), .mid = BYTES(RIG_MID), .day = day(text), .way = (uint8_t)way};
}

static struct money_answer paid(const char *text, enum order_way way)
{
    struct acquirer_request request = pay(text, way);
    money_fold(&rig);
    return money(&rig, ACQUIRER_PAYOUT, &request);
}

static void refused(const char *text, enum order_way way, enum acquirer_status status,
                    const char *detail)
{
    struct money_answer answer = paid(text, way);
    assert_int_equal(answer.status, status);
    assert_non_null(strstr(answer.detail, detail));
}

/* ---- T+1 --------------------------------------------------------------------------------------
 */

static void the_next_day_is_the_next_working_day(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    money_sale(&rig, &t, 100000); /* a debit card: 5.00 */
    refused("2026-01-01", ORDER_NEXT_DAY, ACQUIRER_NOT_DUE, "2026-01-04");
    wait_until("2026-01-03", 12);
    refused("2026-01-01", ORDER_NEXT_DAY, ACQUIRER_NOT_DUE, "2026-01-04");
    wait_until("2026-01-04", 9); /* a Sunday that is worked */
    struct money_answer answer = paid("2026-01-01", ORDER_NEXT_DAY);
    assert_int_equal(answer.status, ACQUIRER_OK);
    assert_int_equal(answer.said.amount_minor, 99500);
    assert_int_equal(answer.said.fee_minor, 0);
    money_fold(&rig);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_PAYABLE), 0);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_TRANSIT), 99500);

    answer = paid("2026-01-01", ORDER_NEXT_DAY); /* the answer was lost */
    assert_int_equal(answer.status, ACQUIRER_PAID);
    assert_int_equal(answer.said.number, 1);
    assert_int_equal(answer.said.amount_minor, 99500);
}

/* What comes after 23:00 is of the next business day; a later payout takes earlier days along. */
static void a_business_day_is_paid_up_to_its_end(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    money_sale(&rig, &t, 10000);
    wait_until("2026-01-05", 22);
    t = rig_terminal(&rig, RIG_TID);
    money_sale(&rig, &t, 20000);
    wait_until("2026-01-05", 23);
    t = rig_terminal(&rig, RIG_TID);
    money_sale(&rig, &t, 40000);
    refused("2026-01-05", ORDER_NEXT_DAY, ACQUIRER_NOT_DUE, "2026-01-06"); /* it is still the 5th */
    wait_until("2026-01-06", 0);
    struct money_answer answer = paid("2026-01-05", ORDER_NEXT_DAY);
    assert_int_equal(answer.status, ACQUIRER_OK);
    assert_int_equal(answer.said.amount_minor, 10000 - 50 + 20000 - 100);
    refused("2026-01-04", ORDER_NEXT_DAY, ACQUIRER_LATER, "");
    wait_until("2026-01-07", 0);
    answer = paid("2026-01-06", ORDER_NEXT_DAY);
    assert_int_equal(answer.said.amount_minor, 40000 - 200);
}

/* Its clock is days ahead, which pays early; put right, nothing is paid again, and what comes then
 * is paid whole. Years ahead there is no calendar, and that is said. */
static void a_clock_that_goes_back_pays_once(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    money_sale(&rig, &t, 10000);
    refused("2026-01-04", ORDER_NEXT_DAY, ACQUIRER_NOT_DUE, "2026-01-05");
    rig.jumped_ms = INT64_C(365) * 24 * HOUR_MS;
    refused("2026-12-31", ORDER_NEXT_DAY, ACQUIRER_NOT_DUE, "2027-01-04");
    rig.jumped_ms = INT64_C(5) * 24 * HOUR_MS;
    struct money_answer answer = paid("2026-01-05", ORDER_NEXT_DAY);
    assert_int_equal(answer.status, ACQUIRER_OK);
    assert_int_equal(answer.said.amount_minor, 10000 - 50);
    rig.jumped_ms = 0;
    refused("2026-01-05", ORDER_NEXT_DAY, ACQUIRER_PAID, "");
    t = rig_terminal(&rig, RIG_TID);
    money_sale(&rig, &t, 20000);
    wait_until("2026-01-06", 9);
    refused("2026-01-05", ORDER_NEXT_DAY, ACQUIRER_PAID, "");
    wait_until("2026-01-07", 9);
    answer = paid("2026-01-06", ORDER_NEXT_DAY);
    assert_int_equal(answer.status, ACQUIRER_OK);
    assert_int_equal(answer.said.amount_minor, 20000 - 100);
}

static void a_year_that_was_not_announced_is_said(void **state)
{
    (void)state;
    refused("2026-12-31", ORDER_NEXT_DAY, ACQUIRER_NOT_DUE, "2027-01-04"); /* by what is known */
    refused("2027-12-31", ORDER_NEXT_DAY, ACQUIRER_NO_CALENDAR, "2027-12-31");
}

/* Held, refunded since, below the minimum, below zero: not paid. */
static void what_is_not_due_stays(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    money_sale(&rig, &t, 100000);
    struct acquirer_request hold = money_hold(&rig, 40000);
    hold.deadline_ms = rig.now_ms + 30 * 24 * (int64_t)HOUR_MS;
    assert_int_equal(money(&rig, ACQUIRER_HOLD, &hold).status, ACQUIRER_OK);
    wait_until("2026-01-04", 10);
    struct acquirer_request debit = {.actor = BYTES("wang"),
                                     .mid = BYTES(RIG_MID),
                                     .reason = BYTES("terminal rent"),
                                     .amount_minor = 59450};
    assert_int_equal(money(&rig, ACQUIRER_DEBIT, &debit).status, ACQUIRER_OK);
    refused("2026-01-01", ORDER_NEXT_DAY, ACQUIRER_NOTHING, "50 fen"); /* 0.50 are left */
    debit.amount_minor = 51;
    assert_int_equal(money(&rig, ACQUIRER_DEBIT, &debit).status, ACQUIRER_OK);
    refused("2026-01-01", ORDER_NEXT_DAY, ACQUIRER_NOTHING, "-1 fen");
    /* What was sold since does not make the day of then any better. */
    t = rig_terminal(&rig, RIG_TID);
    money_sale(&rig, &t, 10000);
    struct money_answer answer = paid("2026-01-01", ORDER_NEXT_DAY);
    assert_int_equal(answer.status, ACQUIRER_OK);
    assert_int_equal(answer.said.amount_minor, 10000 - 50 - 1);
}

/* ---- D+0 --------------------------------------------------------------------------------------
 */

static void the_same_day_costs_by_the_table(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    money_sale(&rig, &t, 100000);
    refused("2026-01-02", ORDER_SAME_DAY, ACQUIRER_NOT_DUE, "day itself");
    struct money_answer answer =
        paid("2026-01-01", ORDER_SAME_DAY);             /* a holiday: any day will do */
    assert_int_equal(answer.said.fee_minor, 199 + 100); /* 0.20 % of 995.00, and 1.00 */
    assert_int_equal(answer.said.amount_minor, 99500 - 299);
    money_fold(&rig);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_PAYABLE), 0);
    assert_int_equal(money_on(ACCOUNT_PAYOUT_INCOME), 299);
    money_sale(&rig, &t, 1100);
    assert_int_equal(paid("2026-01-01", ORDER_SAME_DAY).status, ACQUIRER_PAID);
    wait_until("2026-01-02", 7);
    refused("2026-01-02", ORDER_SAME_DAY, ACQUIRER_NOT_DUE, "08:00 to 22:00");
    wait_until("2026-01-02", 9);
    refused("2026-01-02", ORDER_SAME_DAY, ACQUIRER_NOTHING, "1094 fen"); /* 9.92 would be paid */
}

/* D+0 is a right in the agreement, and ends with the version that has it; the order says which. */
static void the_same_day_is_for_whom_it_was_agreed(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct journal_order order;
    struct store *journal = NULL;
    const struct store_options options = {.mode = STORE_MEMORY};
    static const uint32_t none[] = {0, 801, 899}; /* no rule, none of the same day, none at all */
    money_sale(&rig, &t, 100000);
    for (size_t i = 0; i < ARRAY_LEN(none); i++) {
        agree(none[i]);
        refused("2026-01-01", ORDER_SAME_DAY, ACQUIRER_NO_SAME_DAY, "agreement version");
    }
    assert_non_null(strstr(acquirer_status_text(ACQUIRER_NO_SAME_DAY), "当日到账"));
    agree(802);
    struct money_answer answer = paid("2026-01-01", ORDER_SAME_DAY);
    assert_int_equal(answer.said.fee_minor, 199 + 100); /* 0.20 % of 995.00, and 1.00 */
    assert_ok(store_open("journal", &options, NULL, &journal));
    assert_ok(journal_order_find(journal, answer.said.number, &order));
    store_close(journal);
    assert_string_equal(order.reference, "agreement 6");
}

/* S108: a chargeback of what was paid out already: the merchant owes it, it is recovered from what
 * comes next, and never paid out again before. */
static void a_chargeback_is_recovered_from_the_next_payouts(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    char rrn[13];
    rig_sell(&rig, &t, PAYMENT_CARD, 100000);
    struct payment asked = rig_issuer(&rig, "00");
    rig_took(&rig.to_terminal);
    memcpy(rrn, asked.rrn, sizeof rrn);
    wait_until("2026-01-04", 9);
    assert_int_equal(paid("2026-01-01", ORDER_NEXT_DAY).said.amount_minor, 99500);
    struct acquirer_request r = {.actor = BYTES("wang"),
                                 .reference = bytes_text(rrn),
                                 .evidence = BYTES("CB-1"),
                                 .reason = BYTES("fraud"),
                                 .amount_minor = 60000,
                                 .way = DISPUTE_CHARGEBACK};
    assert_int_equal(money(&rig, ACQUIRER_DISPUTE_OPEN, &r).status, ACQUIRER_OK);
    money_fold(&rig);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_PAYABLE), -60000);
    t = rig_terminal(&rig, RIG_TID);
    money_sale(&rig, &t, 40000); /* less 2.00 */
    wait_until("2026-01-05", 9);
    refused("2026-01-04", ORDER_NEXT_DAY, ACQUIRER_NOTHING, "-20200 fen");
    t = rig_terminal(&rig, RIG_TID);
    money_sale(&rig, &t, 50000); /* less 2.50 */
    r.original = 1;
    r.way = DISPUTE_ACCEPTED;
    assert_int_equal(money(&rig, ACQUIRER_DISPUTE_DECIDE, &r).status, ACQUIRER_OK);
    wait_until("2026-01-06", 9);
    assert_int_equal(paid("2026-01-05", ORDER_NEXT_DAY).said.amount_minor, 49750 - 20200);
    money_fold(&rig);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_PAYABLE), 0);
    assert_int_equal(money_on(ACCOUNT_NETWORK_RECEIVABLE), 190000 - 60000);
}

static void the_terms_are_whole(void **state)
{
    (void)state;
    size_t count = 0;
    const struct terms_rule *rules = terms_rules(&count);
    for (size_t i = 0; i < count; i++) {
        assert_true(rules[i].way >= TERMS_NEXT_DAY && rules[i].way < TERMS_WAYS);
        assert_true(rules[i].from_hour >= 0 && rules[i].to_hour <= 24);
        assert_true(rules[i].minimum_minor > 0);
        assert_null(fee_rule_of(rules[i].version));
        for (size_t k = 0; k < i; k++) assert_true(rules[k].version != rules[i].version);
    }
    int64_t fee_minor = 7;
    const struct terms_rule *d0 = terms_rule_for(TERMS_SAME_DAY, 1);
    assert_ok(terms_fee(d0, 1000000, &fee_minor));
    assert_int_equal(fee_minor, 2100);
    assert_err(terms_fee(d0, 1101, &fee_minor), RANGE); /* 9.99 would be left */
    assert_ok(terms_fee(d0, 1102, &fee_minor));
    assert_int_equal(fee_minor, 102);
    assert_ok(terms_fee(terms_rule_for(TERMS_NEXT_DAY, 1), 100, &fee_minor));
    assert_int_equal(fee_minor, 0);
}

/* ---- to whom ----------------------------------------------------------------------------------
 */

static void nothing_goes_to_an_account_that_nobody_approved(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    money_sale(&rig, &t, 100000);
    wait_until("2026-01-04", 10);
    refused("2026-01-01", ORDER_NEXT_DAY, ACQUIRER_NO_ACCOUNT, "approved");
    add_account(1, rig.now_ms);
    assert_int_equal(paid("2026-01-01", ORDER_NEXT_DAY).status, ACQUIRER_OK); /* the first one */
    struct journal_order order;
    struct store *journal = NULL;
    const struct store_options options = {.mode = STORE_MEMORY};
    assert_ok(store_open("journal", &options, NULL, &journal));
    assert_ok(journal_order_find(journal, 1, &order));
    assert_int_equal(order.account, 1);
    store_close(journal);
}

static void a_changed_account_rests(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    money_sale(&rig, &t, 100000);
    wait_until("2026-01-04", 10);
    add_account(2, rig.now_ms);
    refused("2026-01-01", ORDER_NEXT_DAY, ACQUIRER_COOLING, "2026-01-07 10:00");
    wait_until("2026-01-07", 9);
    refused("2026-01-06", ORDER_NEXT_DAY, ACQUIRER_COOLING, "until");
    wait_until("2026-01-07", 11);
    assert_int_equal(paid("2026-01-06", ORDER_NEXT_DAY).status, ACQUIRER_OK);
}

static void without_the_back_office_nothing_is_paid(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    money_sale(&rig, &t, 100000);
    rig.payout_path = NULL;
    rig_restart(&rig);
    refused("2026-01-01", ORDER_SAME_DAY, ACQUIRER_NO_ACCOUNT, "--payout-accounts");
    rig.payout_path = "nowhere";
    rig_restart(&rig);
    assert_int_equal(paid("2026-01-01", ORDER_SAME_DAY).status, ACQUIRER_NO_ACCOUNT);
    struct acquirer_request request = pay("2026-01-01", ORDER_SAME_DAY);
    request.mid = BYTES("898310153110009");
    assert_int_equal(money(&rig, ACQUIRER_PAYOUT, &request).status, ACQUIRER_UNKNOWN);
    const struct registry_actor actor = {BYTES("test"), rig.now_ms};
    assert_ok(
        registry_set_merchant_status(rig.registry, &actor, BYTES(RIG_MID), REGISTRY_SUSPENDED));
    assert_int_equal(paid("2026-01-01", ORDER_SAME_DAY).status, ACQUIRER_INACTIVE);
}

/* A ledger that cannot be read refuses payouts, and stops no payments. */
static void a_broken_ledger_stops_no_payments(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    money_sale(&rig, &t, 100000);
    money_fold(&rig);
    struct store *ledger = NULL;
    const struct store_options options = {.mode = STORE_MEMORY};
    assert_ok(store_open("ledger", &options, NULL, &ledger));
    assert_ok(store_exec(ledger, "ALTER TABLE account_day RENAME TO gone"));
    struct acquirer_request request = pay("2026-01-01", ORDER_SAME_DAY);
    struct money_answer answer = money(&rig, ACQUIRER_PAYOUT, &request);
    assert_int_equal(answer.status, ACQUIRER_UNREADABLE);
    assert_non_null(strstr(answer.detail, "ledger"));
    money_sale(&rig, &t, 5000);
    assert_ok(store_exec(ledger, "ALTER TABLE gone RENAME TO account_day"));
    store_close(ledger);
    assert_int_equal(paid("2026-01-01", ORDER_SAME_DAY).status, ACQUIRER_OK);
}

static void a_day_beyond_all_calendars_is_none(void **state)
{
    (void)state;
    struct acquirer_request request = pay("2026-01-01", ORDER_NEXT_DAY);
    request.day = INT32_MAX;
    assert_int_equal(money(&rig, ACQUIRER_PAYOUT, &request).status, ACQUIRER_INCOMPLETE);
    request.day = WORKDAY_LAST;
    assert_int_equal(money(&rig, ACQUIRER_PAYOUT, &request).status, ACQUIRER_NO_CALENDAR);
}

/* ---- the bank, the fold that is behind ---------------------------------------------------------
 */

static void the_bank_pays_or_sends_back(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    money_sale(&rig, &t, 100000);
    assert_int_equal(paid("2026-01-01", ORDER_SAME_DAY).status, ACQUIRER_OK);
    struct acquirer_request end = money_end(1);
    assert_int_equal(money(&rig, ACQUIRER_PAYOUT_RETURN, &end).status, ACQUIRER_OK);
    assert_int_equal(money(&rig, ACQUIRER_PAYOUT_CONFIRM, &end).status, ACQUIRER_OVER);
    money_fold(&rig);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_PAYABLE), 99500); /* the fee, too */
    assert_int_equal(money_on(ACCOUNT_PAYOUT_INCOME), 0);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_TRANSIT), 0);
    wait_until("2026-01-04", 10);
    struct money_answer again = paid("2026-01-03", ORDER_NEXT_DAY);
    assert_int_equal(again.said.amount_minor, 99500);
    end = money_end(again.said.number);
    assert_int_equal(money(&rig, ACQUIRER_PAYOUT_CONFIRM, &end).status, ACQUIRER_OK);
    money_fold(&rig);
    assert_int_equal(money_on(ACCOUNT_BANK), -99500);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_TRANSIT), 0);
}

/* A ledger that does not know of an earlier payout, or of a refund, pays nothing twice. */
static void what_is_not_folded_is_not_forgotten(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    money_sale(&rig, &t, 100000);
    struct acquirer_request request = pay("2026-01-01", ORDER_SAME_DAY);
    struct money_answer answer = money(&rig, ACQUIRER_PAYOUT, &request); /* nothing is folded */
    assert_int_equal(answer.status, ACQUIRER_NOTHING);
    money_fold(&rig);
    struct acquirer_request hold = money_hold(&rig, 90000);
    assert_int_equal(money(&rig, ACQUIRER_HOLD, &hold).status, ACQUIRER_OK);
    answer = money(&rig, ACQUIRER_PAYOUT, &request);
    assert_int_equal(answer.status, ACQUIRER_BEHIND);
    money_fold(&rig);
    /* The newest sale is reversed, and only the journal knows. */
    struct payment last = rig_sell(&rig, &t, PAYMENT_CARD, 5000);
    rig_issuer(&rig, "00");
    rig_took(&rig.to_terminal);
    money_fold(&rig);
    rig_reverse(&rig, &t, &last);
    rig_pass(&rig, 200);
    rig_undo(&rig, "00");
    answer = money(&rig, ACQUIRER_PAYOUT, &request);
    assert_int_equal(answer.status, ACQUIRER_OK);
    /* 99.50 - 90.00 + 49.75 - 50.00: what the reversal takes is set aside, whole */
    assert_int_equal(answer.said.amount_minor + answer.said.fee_minor, 9500 + 4975 - 5000);
    money_fold(&rig);
    assert_true(money_on(ACCOUNT_MERCHANT_PAYABLE) >= 0);
}

/* ---- random days ------------------------------------------------------------------------------
 */

/* One thing that may happen; `ret_paid` is what a payout takes off. */
static struct money_answer happens(const struct random *random, struct rig_terminal *t,
                                   int64_t orders, int64_t *ret_paid)
{
    struct acquirer_request request = money_hold(&rig, 1 + random_below(random, 20000));
    struct acquirer_request end = money_end(1 + random_below(random, (uint32_t)orders + 1));
    struct money_answer answer = {.status = ACQUIRER_STATUSES};
    bool heads = random_below(random, 2) == 0;
    char today[WORKDAY_TEXT_MAX];
    workday_text(workday_of(rig.now_ms), today);
    switch (random_below(random, 7)) {
    case 0:
    case 1:
        money_sale(&rig, t, 1 + random_below(random, 50000));
        return answer;
    case 2:
        return money(&rig, ACQUIRER_HOLD, &request);
    case 3:
        return money(&rig, ACQUIRER_RELEASE, &end);
    case 4:
        return money(&rig, heads ? ACQUIRER_DEBIT : ACQUIRER_CREDIT, &request);
    case 5:
        rig.now_ms += 6 * (int64_t)HOUR_MS;
        answer = paid(today, heads ? ORDER_NEXT_DAY : ORDER_SAME_DAY);
        if (answer.status == ACQUIRER_OK)
            *ret_paid = answer.said.amount_minor + answer.said.fee_minor;
        return answer;
    default:
        return money(&rig, heads ? ACQUIRER_PAYOUT_CONFIRM : ACQUIRER_PAYOUT_RETURN, &end);
    }
}

/* Whatever is sold, held, released, corrected, paid and sent back in any order: no payout is above
 * what was there, and the books balance after each. */
static void no_payout_is_above_what_is_there(void **state)
{
    int payouts = 0;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        drop(state);
        make(state);
        struct random_seeded source;
        random_seed(&source, seed);
        struct random random = random_from_seed(&source);
        struct rig_terminal t = rig_terminal(&rig, RIG_TID);
        int64_t orders = 0;
        for (int i = 0; i < 60; i++) {
            money_fold(&rig);
            int64_t there = money_on(ACCOUNT_MERCHANT_PAYABLE), taken = 0;
            if (happens(&random, &t, orders, &taken).status == ACQUIRER_OK) orders++;
            assert_true(taken == 0 || taken <= there);
            payouts += taken > 0;
        }
        money_fold(&rig);
        (void)money_on(ACCOUNT_BANK); /* asserts that the books balance */
    }
    assert_true(payouts > 10);
}

/* F-12: killed at every store call of a payout and of its confirmation; asked again after the
 * restart, the merchant is paid once. */
static void killed_at_every_store_call(void **state)
{
    int at = 0;
    for (bool through = false; !through; at++) {
        drop(state);
        make(state);
        struct rig_terminal t = rig_terminal(&rig, RIG_TID);
        money_sale(&rig, &t, 100000);
        money_fold(&rig);
        struct acquirer_request payout = pay("2026-01-01", ORDER_SAME_DAY), end = money_end(1);
        struct money_answer answer;
        rig.left = at;
        err e = money_ask(&rig, ACQUIRER_PAYOUT, &payout, &answer);
        if (!FAILED(e)) e = money_ask(&rig, ACQUIRER_PAYOUT_CONFIRM, &end, &answer);
        through = !FAILED(e);
        rig_restart(&rig);
        money_fold(&rig);
        answer = money(&rig, ACQUIRER_PAYOUT, &payout);
        assert_true(answer.status == ACQUIRER_OK || answer.status == ACQUIRER_PAID);
        assert_int_equal(answer.said.number, 1);
        answer = money(&rig, ACQUIRER_PAYOUT_CONFIRM, &end);
        assert_true(answer.status == ACQUIRER_OK || answer.status == ACQUIRER_OVER);
        money_fold(&rig);
        assert_int_equal(money_on(ACCOUNT_BANK), -(99500 - 299));
        assert_int_equal(money_on(ACCOUNT_MERCHANT_PAYABLE), 0);
        assert_int_equal(money_on(ACCOUNT_MERCHANT_TRANSIT), 0);
    }
    assert_true(at > 15);
}

#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RIG(the_next_day_is_the_next_working_day),
        WITH_RIG(a_business_day_is_paid_up_to_its_end),
        WITH_RIG(a_clock_that_goes_back_pays_once),
        WITH_RIG(a_year_that_was_not_announced_is_said),
        WITH_RIG(what_is_not_due_stays),
        WITH_RIG(the_same_day_costs_by_the_table),
        WITH_RIG(the_same_day_is_for_whom_it_was_agreed),
        WITH_RIG(a_chargeback_is_recovered_from_the_next_payouts),
        cmocka_unit_test(the_terms_are_whole),
        cmocka_unit_test_setup_teardown(nothing_goes_to_an_account_that_nobody_approved,
                                        make_without_account, drop),
        WITH_RIG(a_changed_account_rests),
        WITH_RIG(without_the_back_office_nothing_is_paid),
        WITH_RIG(a_broken_ledger_stops_no_payments),
        WITH_RIG(a_day_beyond_all_calendars_is_none),
        WITH_RIG(the_bank_pays_or_sends_back),
        WITH_RIG(what_is_not_folded_is_not_forgotten),
        WITH_RIG(no_payout_is_above_what_is_there),
        WITH_RIG(killed_at_every_store_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
