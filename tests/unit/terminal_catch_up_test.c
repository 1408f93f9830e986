/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A restored terminal hears from its host what came since its backup (S165, S124): payments as they
 * ended, batches as they were closed. Whatever is lost, wrong or cut off on the way, it has all of
 * it once in the end, and pays and settles nothing before.
 */
#include "tests/unit/terminal_fuse.h"
#include "tests/unit/terminal_rig.h"

#define UNTIL_MS (RIG_START_MS - 86400000)

enum { SALES = 2, BATCH = 12, LAST_STAN = 40 };

/* ---- what the host has ---- */

static struct payment told(uint32_t stan, enum payment_type type, enum payment_state state,
                           int64_t minor)
{
    struct payment p = {.key = {"10000017", BATCH, stan},
                        .type = type,
                        .state = state,
                        .means = PAYMENT_CARD,
                        .entry = PAYMENT_ENTRY_SWIPE,
                        .card_class = PAYMENT_CLASS_DEBIT,
                        .amount_minor = minor,
                        .currency = CURRENCY_CNY,
                        .created_ms = RIG_START_MS - 3600000};
    memcpy(p.mid, "104110070110001", 16);
    memcpy(p.operator_id, "01", 3);
    memcpy(p.pan_masked, "622209******6620", 17);
    memcpy(p.issuer, "示例银行", sizeof "示例银行");
    memcpy(p.response_code, state == PAYMENT_APPROVED ? "00" : "51", 3);
    snprintf(p.rrn, sizeof p.rrn, "6115%08u", (unsigned)stan % 1000000);
    memcpy(p.auth_code, "A12345", 7);
    memcpy(p.local_time, "113000", 7);
    memcpy(p.local_date, "0425", 5);
    return p;
}

/* Five payments behind the two of the backup: sold, declined, taken back, without an answer, and a
 * void of the first; and how an earlier batch was closed. */
static void host_has(struct rig *rig)
{
    struct rig_catch_up *c = &rig->catch_up;
    c->payment[0] = told(20, PAYMENT_SALE, PAYMENT_APPROVED, 5000);
    c->payment[1] = told(21, PAYMENT_SALE, PAYMENT_DECLINED, 7700);
    c->payment[2] = told(22, PAYMENT_SALE, PAYMENT_REVERSED, 8800);
    c->payment[3] = told(23, PAYMENT_SALE, PAYMENT_PENDING, 9900);
    c->payment[4] = told(24, PAYMENT_VOID, PAYMENT_APPROVED, 5000);
    c->payment[4].entry = PAYMENT_ENTRY_UNKNOWN;
    c->payment[4].original = (struct payment_original){.batch = BATCH, .stan = 20};
    c->payments = 5;
    c->closing[0] = (struct payment_catch_up_closing){
        .batch = 9, .flag = PAYMENT_SETTLE_EQUAL, .at_ms = RIG_START_MS - 7200000};
    c->closing[0].totals.side[PAYMENT_SIDE_DEBIT] = (struct payment_sum){3, 600};
    c->closings = 1;
    c->last_stan = LAST_STAN;
}

/* ---- a terminal that was just restored ---- */

static void becomes_due(struct rig *rig)
{
    struct records *r = &rig->terminal->records;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    GOOD(store_begin(rig->store, &tx));
    GOOD(catch_up_begin(rig->store, UNTIL_MS, true, r->last_number));
    struct store_statement *s;
    GOOD(store_statement(rig->store, "UPDATE state SET signed_in = 0", &s));
    GOOD(store_run(s));
    GOOD(store_commit(&tx));
}

static struct rig *restored(void)
{
    struct rig *rig = rig_ready();
    for (int i = 0; i < SALES; i++) {
        GOOD(rig_sale(rig));
        GOOD(rig_key(rig, "cancel"));
    }
    becomes_due(rig);
    GOOD(rig_restart(rig));
    AT(rig, "main.menu");
    host_has(rig);
    return rig;
}

static int64_t ask_store(struct rig *rig, const char *sql)
{
    int64_t value = 0;
    GOOD(store_query_int(rig->store, sql, &value));
    return value;
}

/* Everything that was told is here, once. */
static void check_all(struct rig *rig)
{
    const struct records *r = &rig->terminal->records;
    assert_int_equal(rig->terminal->catch_up.payments, 5);
    assert_int_equal(rig->terminal->catch_up.batches, 1);
    assert_int_equal(ask_store(rig, "SELECT count(*) FROM payment"), SALES + 5);
    assert_int_equal(ask_store(rig, "SELECT count(*) FROM payment WHERE restored = 1"), 5);
    assert_int_equal(ask_store(rig, "SELECT sum(stan) FROM payment WHERE restored = 1"),
                     20 + 21 + 22 + 23 + 24);
    assert_int_equal(ask_store(rig, "SELECT count(*) FROM settlement WHERE batch = 9 AND stage = 3"
                                    " AND flag = 1 AND debits = 3 AND debit_minor = 600"),
                     1);
    assert_int_equal(r->batch, BATCH);
    assert_true(r->stan >= LAST_STAN + CATCH_UP_GAP);
    assert_int_equal(r->batch_approved, SALES + 2);
    assert_int_equal(r->batch_minor, SALES * 12800); /* the void takes the sale back */
}

/* ---- all of it ---- */

static void test_everything_comes(void **state)
{
    (void)state;
    struct rig *rig = restored();
    assert_non_null(rig_line(rig, "MAIN_CATCH_UP"));
    GOOD(rig_key(rig, "choice:sign_in"));
    AT(rig, "catch_up.done");
    assert_string_equal(rig_line(rig, "CATCH_UP_DONE"),
                        "已从主机取回 5 笔交易、1 个批次的结算。可以收款了。");
    assert_non_null(rig_line(rig, "CATCH_UP_LOST"));
    assert_null(rig_line(rig, "CATCH_UP_ASIDE"));
    check_all(rig);
    assert_int_equal(rig->catch_up.ended, 1);
    assert_string_equal(rig->catch_up.rrn, "042512000345"); /* of the newest in the backup */
    assert_int_equal(rig->catch_up.last.until_ms, UNTIL_MS);
    assert_int_equal(rig->catch_up.last.payments, 5);
    assert_int_equal(rig->reversals_seen, 1); /* what had no answer is taken back */
    assert_int_equal(rig->terminal->records.unsent, 0);
    GOOD(rig_key(rig, "ok"));
    AT(rig, "sign_in.done");
    GOOD(rig_key(rig, "ok"));
    AT(rig, "main.menu");
    assert_null(rig_line(rig, "MAIN_CATCH_UP"));
    /* It trades on, and what was told is said once. */
    GOOD(rig_sale(rig));
    AT(rig, "sale.approved");
    assert_int_equal(rig->terminal->work.payment.key.batch, BATCH);
    assert_true(rig->terminal->work.payment.key.stan > LAST_STAN + CATCH_UP_GAP);
    GOOD(rig_key(rig, "cancel"));
    GOOD(rig_restart(rig));
    AT(rig, "main.menu");
    rig_free(rig);
}

/* A slip of it says that it is not from this device's own record. */
static void test_its_slips(void **state)
{
    (void)state;
    struct rig *rig = restored();
    GOOD(rig_keys(rig, "choice:sign_in ok ok choice:records choice:reprint_any"));
    AT(rig, "reprint.number");
    GOOD(rig_keys(rig, "digit:2 digit:0 ok"));
    AT(rig, "reprint.done");
    assert_non_null(strstr(rig->printed_all, "据主机记录恢复 FROM HOST RECORD"));
    assert_non_null(strstr(rig->printed_all, "50.00"));
    GOOD(rig_key(rig, "ok"));
    GOOD(rig_key(rig, "choice:reprint_any"));
    GOOD(rig_keys(rig, "digit:2 ok"));
    AT(rig, "reprint.done");
    assert_null(strstr(rig->printed_all, "FROM HOST RECORD"));
    rig_free(rig);
}

/* The first numbers that nobody can know of are left out, at the end of all numbers as well. */
static void test_numbers(void **state)
{
    static const struct {
        uint32_t own, host, next;
    } rows[] = {{10, 40, 1041}, {40, 10, 1041}, {10, 0, 1011}, {999990, 5, 992}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rig *rig = restored();
        struct records *r = &rig->terminal->records;
        struct records moved = *r;
        moved.stan = rows[i].own;
        GOOD(records_save(r, &moved, "", NULL, "", ""));
        GOOD(catch_up_end(r, &rig->terminal->catch_up, rows[i].host, "01"));
        assert_int_equal(records_next_stan(r), rows[i].next);
        rig_free(rig);
    }
}

/* ---- before ---- */

static void test_nothing_before(void **state)
{
    (void)state;
    struct rig *rig = restored();
    rig->silent_sign_in = true;
    GOOD(rig_key(rig, "choice:sale"));
    AT(rig, "need.caught_up");
    GOOD(rig_key(rig, "cancel"));
    GOOD(rig_key(rig, "choice:void"));
    AT(rig, "need.caught_up");
    GOOD(rig_key(rig, "cancel"));
    GOOD(rig_keys(rig, "choice:manage choice:settle"));
    AT(rig, "need.caught_up");
    GOOD(rig_keys(rig, "cancel cancel"));
    AT(rig, "main.menu");
    /* It is not even taken by a card alone, or in cash. */
    rig->terminal->facts.offline_days = 3;
    rig->terminal->records.signed_in = true;
    assert_int_equal(offline_refusal(rig->terminal, 1), OFFLINE_SIGN_IN);
    assert_false(signed_in(rig->terminal));
    assert_false(settle_due(rig->terminal));
    rig_free(rig);
}

/* ---- what was open ---- */

/* A settlement that the old device had begun, and finished after its backup. */
static void test_settlement_half_way(void **state)
{
    (void)state;
    struct rig *rig = restored();
    struct settlement s = {.batch = BATCH, .operator_id = "01", .begun_ms = 5};
    s.totals.side[PAYMENT_SIDE_DEBIT] = (struct payment_sum){2, 25600};
    GOOD(settlements_begin(&rig->terminal->records, &s));
    GOOD(rig_restart(rig));
    rig->host_batch = BATCH + 1; /* a restored one stays in the batch that is open */
    rig->catch_up.closing[0].batch = BATCH;
    rig->catch_up.closing[0].totals.side[PAYMENT_SIDE_DEBIT] = (struct payment_sum){3, 30600};
    GOOD(rig_key(rig, "choice:sign_in"));
    AT(rig, "catch_up.done");
    assert_int_equal(ask_store(rig, "SELECT count(*) FROM settlement WHERE batch = 12 AND stage = 3"
                                    " AND debits = 3 AND debit_minor = 30600"),
                     1);
    assert_false(settle_open(rig->terminal));
    assert_int_equal(rig->terminal->settle.forsaken, 0);
    GOOD(rig_keys(rig, "ok ok"));
    AT(rig, "main.menu");
    GOOD(rig_sale(rig));
    AT(rig, "sale.approved");
    rig_free(rig);
}

/* Approved by cards and told by nobody, in the backup already: `number` is made so. */
static void make_untold(struct rig *rig, int64_t number, const char *held)
{
    struct store_statement *s;
    GOOD(store_statement(rig->store,
                         "UPDATE payment SET state = 9, held = ?, entry = 5, pin_entered = 0,"
                         " chip = x'8A0259319F270140' WHERE number = ?",
                         &s));
    store_bind_blob(s, bytes_text(held));
    store_bind_int(s, number);
    GOOD(store_run(s));
}

/* The first of two the host has heard of after the backup; of the other nobody can tell it. */
static void test_untold(void **state)
{
    (void)state;
    struct rig *rig = restored();
    rig->offline.deaf = true;
    make_untold(rig, 1, "sealed");
    make_untold(rig, 2, "sealed");
    GOOD(rig_restart(rig));
    uint32_t stan = (uint32_t)ask_store(rig, "SELECT stan FROM payment WHERE number = 1");
    rig->catch_up.payment[0] = told(stan, PAYMENT_SALE, PAYMENT_DISPUTED, 12800);
    rig->catch_up.payments = 1;
    GOOD(rig_key(rig, "choice:sign_in"));
    AT(rig, "catch_up.done");
    assert_non_null(rig_line(rig, "CATCH_UP_ASIDE"));
    assert_int_equal(rig->terminal->catch_up.payments, 0);
    assert_int_equal(ask_store(rig, "SELECT state FROM payment WHERE number = 1"),
                     PAYMENT_APPROVED);
    assert_int_equal(ask_store(rig, "SELECT state FROM payment WHERE number = 2"),
                     PAYMENT_DISPUTED);
    assert_int_equal(ask_store(rig, "SELECT sum(length(held)) FROM payment"), 0);
    assert_int_equal(rig->terminal->records.offline, 0); /* nothing stands in a settlement's way */
    assert_int_equal(rig->terminal->records.batch_approved, 2);
    rig_free(rig);
}

/* ---- whatever the host says ---- */

/* Until it is over, from wherever it stands. */
static void go_on(struct rig *rig)
{
    for (int i = 0; i < 12 && catch_up_due(rig->terminal); i++) {
        if (strcmp(rig_id(rig), "catch_up.failed") == 0) GOOD(rig_key(rig, "choice:retry"));
        else if (strcmp(rig_id(rig), "sign_in.failed") == 0) GOOD(rig_key(rig, "choice:retry"));
        else if (strcmp(rig_id(rig), "main.menu") == 0) GOOD(rig_key(rig, "choice:sign_in"));
        else if (strcmp(rig_id(rig), "host.unreachable") == 0) GOOD(rig_key(rig, "choice:retry"));
        GOOD(rig_advance(rig, 20000));
    }
    AT(rig, "catch_up.done");
}

static bool harmless(enum rig_catch_up_fault fault)
{
    return fault == RIG_PAGE_DOUBLED || fault == RIG_PAGE_LATER;
}

static void test_every_wrong_answer(void **state)
{
    (void)state;
    int refused = 0;
    for (unsigned at = 1; at <= 6; at++)
        for (enum rig_catch_up_fault fault = RIG_PAGE_GOOD + 1; fault < RIG_PAGE_FAULTS; fault++) {
            struct rig *rig = restored();
            int64_t before = ask_store(rig, "SELECT count(*) FROM payment");
            rig->catch_up.fault = fault;
            rig->catch_up.fault_at = at;
            GOOD(rig_key(rig, "choice:sign_in"));
            GOOD(rig_advance(rig, 1000));
            int64_t now = ask_store(rig, "SELECT count(*) FROM payment");
            bool due = catch_up_due(rig->terminal);
            /* Nothing of a page that is not believed is here; some faults are none at some places.
             */
            if (due && !harmless(fault)) {
                refused++;
                assert_true(now <= before + 2 * (at > 2 ? at - 2 : 0));
                assert_false(signed_in(rig->terminal));
            }
            go_on(rig);
            check_all(rig);
            assert_true(rig->catch_up.ended >= 1);
            rig_free(rig);
        }
    print_message("%d answers refused\n", refused);
    assert_true(refused > 50);
}

/* ---- wherever the power is cut ---- */

static void test_every_cut(void **state)
{
    (void)state;
    int cuts = 0;
    for (int at = 0;; at++) {
        struct rig *rig = restored();
        struct fuse fuse = {.left = at, .how = ERR(CRASHED)};
        rig_set_fault(rig, burn, &fuse);
        err e = rig_key(rig, "choice:sign_in");
        if (!FAILED(e)) e = rig_advance(rig, 5000);
        if (!FAILED(e)) e = rig_key(rig, "ok");
        assert_int_equal(FAILED(e), fuse.blown);
        rig_set_fault(rig, NULL, NULL);
        if (fuse.blown) GOOD(rig_restart(rig));
        if (catch_up_due(rig->terminal)) go_on(rig);
        check_all(rig);
        /* It is said once more when nobody may have read it. */
        if (catch_up_news(rig->terminal)) GOOD(rig_key(rig, "ok"));
        assert_int_equal(rig->terminal->catch_up.stage, CATCH_UP_KNOWN);
        rig_free(rig);
        if (!fuse.blown) break;
        cuts++;
    }
    print_message("%d cuts\n", cuts);
    assert_true(cuts > 40);
}

/* A store that fails without dying stops everything, and goes on after a new start. */
static void test_every_failure(void **state)
{
    (void)state;
    int failures = 0;
    for (int at = 0;; at++) {
        struct rig *rig = restored();
        struct fuse fuse = {.left = at, .how = ERR(FULL)};
        rig_set_fault(rig, burn, &fuse);
        GOOD(rig_key(rig, "choice:sign_in"));
        GOOD(rig_advance(rig, 5000));
        rig_set_fault(rig, NULL, NULL);
        if (fuse.blown) GOOD(rig_restart(rig));
        if (catch_up_due(rig->terminal)) go_on(rig);
        check_all(rig);
        rig_free(rig);
        if (!fuse.blown) break;
        failures++;
    }
    assert_true(failures > 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything_comes),
        cmocka_unit_test(test_its_slips),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_nothing_before),
        cmocka_unit_test(test_settlement_half_way),
        cmocka_unit_test(test_untold),
        cmocka_unit_test(test_every_wrong_answer),
        cmocka_unit_test(test_every_cut),
        cmocka_unit_test(test_every_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
