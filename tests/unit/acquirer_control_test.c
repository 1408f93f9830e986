/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Holds and corrections over the control socket (S68, S69): what each command needs, what it leaves
 * on the accounts, deadlines, and a host that is killed at every store call of it.
 */
#include "acquirer/fold.h"
#include "registry/agreement.h"
#include "registry/limits.h"
#include "tests/unit/acquirer_money_rig.h"

static struct rig rig;

static int make(void **state)
{
    (void)state;
    rig_make(&rig);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    rig_end(&rig);
    return 0;
}

static void held_money_is_not_the_merchants_until_it_is_released(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    money_sale(&rig, &t, 100000);
    struct acquirer_request request = money_hold(&rig, 30000);
    struct money_answer held = money(&rig, ACQUIRER_HOLD, &request);
    assert_int_equal(held.status, ACQUIRER_OK);
    assert_int_equal(held.said.number, 1);
    money_fold(&rig);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_HELD), 30000);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_PAYABLE), 100000 - 500 - 30000);

    request = money_end(1);
    struct money_answer back = money(&rig, ACQUIRER_RELEASE, &request);
    assert_int_equal(back.status, ACQUIRER_OK);
    assert_int_equal(back.said.amount_minor, 30000);
    money_fold(&rig);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_HELD), 0);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_PAYABLE), 100000 - 500);

    back = money(&rig, ACQUIRER_RELEASE, &request); /* the answer was lost: asked again */
    assert_int_equal(back.status, ACQUIRER_OVER);
    assert_int_equal(back.said.number, 2);
    assert_string_equal(back.detail, "release");
}

static void a_hold_can_be_taken_for_good(void **state)
{
    (void)state;
    struct acquirer_request request = money_hold(&rig, 30000);
    assert_int_equal(money(&rig, ACQUIRER_HOLD, &request).status, ACQUIRER_OK);
    request = money_end(1);
    assert_int_equal(money(&rig, ACQUIRER_CONVERT, &request).status, ACQUIRER_OK);
    money_fold(&rig);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_HELD), 0);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_PAYABLE), -30000);
    assert_int_equal(money_on(ACCOUNT_SUSPENSE), -30000); /* ours, until somebody says whose */
}

/* S68: none can be made without reason, evidence, deadline, way of appeal, and a name. */
static void what_is_missing_is_named(void **state)
{
    (void)state;
    static const char long_actor[] = "a name that is longer than forty characters of text";
    const struct acquirer_request good = money_hold(&rig, 100);
    struct acquirer_request bad;
#define LACKS(change, name)                                            \
    {                                                                  \
        bad = good;                                                    \
        change;                                                        \
        struct money_answer answer = money(&rig, ACQUIRER_HOLD, &bad); \
        assert_int_equal(answer.status, ACQUIRER_INCOMPLETE);          \
        assert_non_null(strstr(answer.detail, name));                  \
    }
    LACKS(bad.actor.len = 0, "actor");
    LACKS(bad.mid.len = 14, "mid");
    LACKS(bad.amount_minor = 0, "amount");
    LACKS(bad.amount_minor = MONEY_FIELD_MAX + 1, "amount");
    LACKS(bad.reason.len = 0, "reason");
    LACKS(bad.reason = BYTES("whim"), "reason");
    LACKS(bad.evidence.len = 0, "evidence");
    LACKS(bad.appeal.len = 0, "appeal");
    LACKS(bad.deadline_ms = 0, "deadline");
    LACKS(bad.deadline_ms = rig.now_ms, "deadline");
    LACKS(bad.actor = bytes_text(long_actor), "too long");
    LACKS(bad.evidence = BYTES("two\nlines"), "line");
    bad = good;
    bad.mid = BYTES("898310153110009");
    assert_int_equal(money(&rig, ACQUIRER_HOLD, &bad).status, ACQUIRER_UNKNOWN);
    bad = money_end(1);
    assert_int_equal(money(&rig, ACQUIRER_RELEASE, &bad).status, ACQUIRER_UNKNOWN);
    bad.original = 0;
    assert_int_equal(money(&rig, ACQUIRER_RELEASE, &bad).status, ACQUIRER_INCOMPLETE);
    assert_int_equal(money(&rig, ACQUIRER_COMMANDS, &good).status, ACQUIRER_BAD_REQUEST);
    money_fold(&rig);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_HELD), 0);
}

static void what_is_no_command_is_answered(void **state)
{
    (void)state;
    assert_ok(acquirer_on_control(rig.a, 9, BYTES("\x01\x01hm")));
    rig_settle(&rig);
    assert_int_equal(rig.to_control.count, 1);
    struct acquirer_header header;
    enum acquirer_status status;
    struct acquirer_answer said;
    assert_ok(acquirer_read_answer(bytes_of(rig.to_control.item[0].at, rig.to_control.item[0].len),
                                   &header, &status, &said));
    assert_int_equal(status, ACQUIRER_BAD_REQUEST);
}

/* Whoever holds money and forgets it gives it back: nobody has to ask. */
static void a_deadline_without_a_decision_releases(void **state)
{
    (void)state;
    struct acquirer_request request = money_hold(&rig, 700);
    assert_int_equal(money(&rig, ACQUIRER_HOLD, &request).status, ACQUIRER_OK);
    rig_pass(&rig, 86400000 - 20000);
    money_fold(&rig);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_HELD), 700);
    rig_pass(&rig, 40000);
    money_fold(&rig);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_HELD), 0);
    request = money_end(1);
    struct money_answer late = money(&rig, ACQUIRER_CONVERT, &request);
    assert_int_equal(late.status, ACQUIRER_OVER);
    assert_string_equal(late.detail, "expire");
}

static void corrections_go_both_ways(void **state)
{
    (void)state;
    struct acquirer_request request = {.actor = BYTES("wang"),
                                       .mid = BYTES(RIG_MID),
                                       .reason = BYTES("goodwill"),
                                       .amount_minor = 500};
    assert_int_equal(money(&rig, ACQUIRER_CREDIT, &request).status, ACQUIRER_OK);
    request.amount_minor = 120;
    assert_int_equal(money(&rig, ACQUIRER_DEBIT, &request).status, ACQUIRER_OK);
    money_fold(&rig);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_PAYABLE), 380);
    assert_int_equal(money_on(ACCOUNT_ADJUSTMENT), 380);
    request.reason.len = 0;
    assert_int_equal(money(&rig, ACQUIRER_DEBIT, &request).status, ACQUIRER_INCOMPLETE);
}

/* ---- agreements ------------------------------------------------------------------------------ */

/* S69: a fee is by the plan that the merchant had when the payment was accepted, and says by which
 * version of his agreement; what was agreed later changes nothing of before. */
static void fees_are_by_the_agreement_of_their_time(void **state)
{
    (void)state;
    const struct registry_actor actor = {BYTES("test"), rig.now_ms};
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    money_sale(&rig, &t, 100000); /* standard, debit: 5.00 */
    assert_ok(registry_add_agreement(rig.registry, &actor, RIG_MID, FEE_PLAN_SMALL, 0,
                                     rig.now_ms + 60000));
    rig_pass(&rig, 2000);
    money_sale(&rig, &t, 100000);
    rig_pass(&rig, 60000);
    money_sale(&rig, &t, 100000); /* small: 3.80 */
    money_fold(&rig);
    assert_int_equal(money_on(ACCOUNT_FEE_INCOME), 500 + 500 + 380);
    struct store *store = NULL;
    int64_t first = 0, second = 0;
    const struct store_options options = {.mode = STORE_MEMORY};
    assert_ok(store_open("ledger", &options, NULL, &store));
    assert_ok(store_query_int(store,
                              "SELECT count(*) FROM transfer WHERE kind = 3 AND rule = 101"
                              " AND agreement = 1",
                              &first));
    assert_ok(store_query_int(store,
                              "SELECT count(*) FROM transfer WHERE kind = 3 AND rule = 201"
                              " AND agreement = 2",
                              &second));
    assert_int_equal(first, 2);
    assert_int_equal(second, 1);
    store_close(store);
}

/* ---- one sequence, folded again -------------------------------------------------------------- */

static void rebuilt_is_the_same(void)
{
    struct store *journal = NULL;
    struct ledger *ledger = NULL;
    struct ledger_difference difference = {.same = false};
    const struct store_options options = {.mode = STORE_MEMORY};
    assert_ok(store_open("journal", &options, NULL, &journal));
    assert_ok(ledger_open("ledger", STORE_MEMORY, NULL, &ledger));
    struct fold_reader *reader = fold_reader_new(journal);
    assert_ok(ledger_rebuild_compare(ledger, fold_read, reader, &difference));
    if (!difference.same) fail_msg("%s", difference.text);
    fold_reader_free(reader);
    ledger_close(ledger);
    store_close(journal);
}

/* S135: the table has a dearer rule from tomorrow on; who has not signed it pays by the one that he
 * signed, the host says so, and from his signature on he pays the new one. */
static void a_later_rule_waits_for_its_signature(void **state)
{
    (void)state;
    size_t count = 0;
    const struct registry_actor actor = {BYTES("test"), rig.now_ms};
    const struct fee_rule *rules = fee_rules(&count);
    static struct fee_rule table[32];
    assert_true(count < ARRAY_LEN(table));
    memcpy(table, rules, count * sizeof table[0]);
    table[count] =
        (struct fee_rule){901, FEE_PLAN_STANDARD, FEE_DEBIT, rig.now_ms + 60000, 9000, 0};
    fee_rules_use(table, count + 1);
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    assert_false(rig_logged(&rig, "fee_unsigned"));
    rig_pass(&rig, 120000);
    money_sale(&rig, &t, 100000);
    money_fold(&rig);
    assert_int_equal(money_on(ACCOUNT_FEE_INCOME), 500);
    /* Anything that the registry hears has the host look, and say it. */
    assert_ok(registry_set_risk(rig.registry, &actor, BYTES(RIG_MID), BYTES("new")));
    rig_pass(&rig, 2000);
    money_sale(&rig, &t, 100000);
    assert_true(rig_logged(&rig, "fee_unsigned"));
    assert_ok(
        registry_add_agreement(rig.registry, &actor, RIG_MID, FEE_PLAN_STANDARD, 0, rig.now_ms));
    rig_pass(&rig, 2000);
    money_sale(&rig, &t, 100000);
    money_fold(&rig);
    assert_int_equal(money_on(ACCOUNT_FEE_INCOME), 500 + 500 + 900);
    rebuilt_is_the_same();
    fee_rules_use(NULL, 0);
}

/* Orders before, between and after payments, folded in steps of any size. */
static void orders_and_payments_are_one_sequence(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct acquirer_request request = money_hold(&rig, 10);
    for (int i = 0; i < 150; i++) /* more than a reader takes at a time, after one row */
        assert_int_equal(money(&rig, ACQUIRER_HOLD, &request).status, ACQUIRER_OK);
    size_t step = 0;
    assert_ok(acquirer_fold(rig.a, 3, &step));
    for (int i = 0; i < 4; i++) {
        money_sale(&rig, &t, 1000 + i);
        request = money_end(1 + i);
        assert_int_equal(money(&rig, ACQUIRER_RELEASE, &request).status, ACQUIRER_OK);
        assert_ok(acquirer_fold(rig.a, 1 + (size_t)i, &step));
    }
    money_fold(&rig);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_HELD), 146 * 10);
    rebuilt_is_the_same();
    rig_restart(&rig);
    request = money_end(77);
    assert_int_equal(money(&rig, ACQUIRER_RELEASE, &request).status, ACQUIRER_OK);
    money_fold(&rig);
    rebuilt_is_the_same();
}

/* ---- audit ------------------------------------------------------------------------------------
 */

static void audit_is_intact(int64_t records)
{
    struct store *journal = NULL;
    struct audit_report report;
    const struct store_options options = {.mode = STORE_MEMORY};
    assert_ok(store_open("journal", &options, NULL, &journal));
    assert_ok(audit_verify(journal, &report));
    assert_int_equal(report.verdict, AUDIT_INTACT);
    assert_int_equal(report.records, records);
    store_close(journal);
}

static void every_order_has_its_record(void **state)
{
    (void)state;
    struct acquirer_request request = money_hold(&rig, 700);
    assert_int_equal(money(&rig, ACQUIRER_HOLD, &request).status, ACQUIRER_OK);
    request.evidence.len = 0;
    assert_int_equal(money(&rig, ACQUIRER_HOLD, &request).status, ACQUIRER_INCOMPLETE);
    request = money_end(1);
    assert_int_equal(money(&rig, ACQUIRER_RELEASE, &request).status, ACQUIRER_OK);
    audit_is_intact(2);
}

/* ---- crashes ----------------------------------------------------------------------------------
 */

static int64_t orders_on_disk(void)
{
    struct store *journal = NULL;
    int64_t count = 0;
    const struct store_options options = {.mode = STORE_MEMORY};
    assert_ok(store_open("journal", &options, NULL, &journal));
    assert_ok(store_query_int(journal, "SELECT count(*) FROM money_order", &count));
    store_close(journal);
    return count;
}

/* F-12: a hold, its release and a correction; whatever was answered is on disk, the rest is there
 * whole with its record or not at all, and asking for the release again does it once. */
static void killed_at_every_store_call(void **state)
{
    (void)state;
    int at = 0;
    for (bool through = false; !through; at++) {
        drop(NULL);
        make(NULL);
        struct money_answer answer = {0};
        struct acquirer_request hold = money_hold(&rig, 700), end = money_end(1);
        int told = 0;
        rig.left = at;
        err e = money_ask(&rig, ACQUIRER_HOLD, &hold, &answer);
        if (!FAILED(e)) told++, e = money_ask(&rig, ACQUIRER_RELEASE, &end, &answer);
        if (!FAILED(e)) told++;
        through = !FAILED(e);
        rig_restart(&rig);
        int64_t there = orders_on_disk();
        assert_in_range(there, told, told + 1);
        audit_is_intact(there);
        if (there == 0) assert_int_equal(money(&rig, ACQUIRER_HOLD, &hold).status, ACQUIRER_OK);
        answer = money(&rig, ACQUIRER_RELEASE, &end);
        assert_int_equal(answer.status, there == 2 ? ACQUIRER_OVER : ACQUIRER_OK);
        money_fold(&rig);
        assert_int_equal(money_on(ACCOUNT_MERCHANT_HELD), 0);
        assert_int_equal(money_on(ACCOUNT_MERCHANT_PAYABLE), 0);
        assert_int_equal(orders_on_disk(), 2);
        rebuilt_is_the_same();
    }
    assert_true(at > 10);
}

#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RIG(held_money_is_not_the_merchants_until_it_is_released),
        WITH_RIG(a_hold_can_be_taken_for_good),
        WITH_RIG(what_is_missing_is_named),
        WITH_RIG(what_is_no_command_is_answered),
        WITH_RIG(a_deadline_without_a_decision_releases),
        WITH_RIG(corrections_go_both_ways),
        WITH_RIG(fees_are_by_the_agreement_of_their_time),
        WITH_RIG(a_later_rule_waits_for_its_signature),
        WITH_RIG(orders_and_payments_are_one_sequence),
        WITH_RIG(every_order_has_its_record),
        WITH_RIG(killed_at_every_store_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
