/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal: what goes in comes out, to the last member; nothing is changed afterwards; a hand
 * that goes around the triggers is noticed; and it is quick enough to stand on the hot path (S87,
 * S187).
 */
#include "journal/journal.h"
#include "lib/base/clock.h"
#include "lib/base/random.h"
#include "tests/unit/scratch.h"

static struct store *store;
static struct scratch scratch;

static int make_journal(void **state)
{
    (void)state;
    static const struct store_options options = {.mode = STORE_CREATE};
    scratch_make(&scratch);
    if (FAILED(store_open(scratch_path(&scratch, "journal.db"), &options, NULL, &store))) return -1;
    return FAILED(store_migrate(store, &journal_schema)) ? -1 : 0;
}

static int drop_journal(void **state)
{
    (void)state;
    store_close(store);
    scratch_remove(&scratch);
    return 0;
}

static struct payment sale(uint32_t stan)
{
    return (struct payment){
        .key = {"10000017", 12, stan},
        .type = PAYMENT_SALE,
        .state = PAYMENT_PENDING,
        .means = PAYMENT_CARD,
        .entry = PAYMENT_ENTRY_SWIPE,
        .card_class = PAYMENT_CLASS_CREDIT,
        .route = PAYMENT_ROUTE_CARD_NETWORK,
        .pin_entered = true,
        .mid = "898310153110001",
        .operator_id = "01",
        .amount_minor = 12800,
        .tip_minor = 800,
        .currency = CURRENCY_CNY,
        .pan_masked = "622209******6620",
        .token = "0123456789abcdef",
        .card_sequence = "001",
        .issuer = "工商银行",
        .response_code = "00",
        .reversal_reason = "98",
        .rrn = "000000000042",
        .auth_code = "A1B2C3",
        .approver_id = "00",
        .local_time = "123059",
        .local_date = "1123",
        .settlement_date = "1124",
        .created_ms = 1700000000123,
        .digest = UINT64_MAX - 7,
        .chip = {3, {0x82, 1, 0x7C}},
        .chip_answer = {4, {0x91, 2, 1, 2}},
    };
}

static int64_t append(const struct payment *payment, enum payment_event event)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    int64_t seq = 0;
    assert_ok(store_begin(store, &tx));
    assert_ok(journal_append(&tx, payment, event, 1700000000999, &seq));
    assert_ok(store_commit(&tx));
    return seq;
}

static void what_goes_in_comes_out(void **state)
{
    (void)state;
    struct payment full = sale(345), bare = {.key = {"A", 1, 1},
                                             .type = PAYMENT_SALE,
                                             .state = PAYMENT_CREATED,
                                             .amount_minor = 1,
                                             .currency = 156};
    struct journal_row rows[3];
    size_t count = 0;
    assert_int_equal(append(&full, PAYMENT_APPROVE), 1);
    assert_int_equal(append(&bare, PAYMENT_SUBMIT), 2);
    assert_ok(journal_read(store, 1, rows, 3, &count));
    assert_int_equal(count, 2);
    assert_int_equal(rows[0].seq, 1);
    assert_int_equal(rows[0].at_ms, 1700000000999);
    assert_int_equal(rows[0].event, PAYMENT_APPROVE);
    assert_int_equal(rows[1].event, PAYMENT_SUBMIT);

    /* Both ways through the table of columns, so compare the members by hand once. */
    struct payment *back = &rows[0].payment;
    assert_true(payment_key_equal(&back->key, &full.key));
    assert_int_equal(back->type, full.type);
    assert_int_equal(back->state, full.state);
    assert_int_equal(back->means, full.means);
    assert_int_equal(back->entry, full.entry);
    assert_int_equal(back->card_class, full.card_class);
    assert_int_equal(back->route, full.route);
    assert_true(back->pin_entered);
    assert_int_equal(back->amount_minor, full.amount_minor);
    assert_int_equal(back->tip_minor, 800); /* S82 */
    assert_int_equal(back->currency, full.currency);
    assert_int_equal(back->created_ms, full.created_ms);
    assert_true(back->digest == full.digest);
#define SAME(member) assert_string_equal(back->member, full.member)
    SAME(mid), SAME(operator_id), SAME(pan_masked), SAME(token), SAME(card_sequence), SAME(issuer);
    SAME(response_code), SAME(reversal_reason), SAME(rrn), SAME(auth_code), SAME(approver_id),
        SAME(local_time);
    SAME(local_date), SAME(settlement_date);
    assert_true(bytes_equal(payment_chip_view(&back->chip), payment_chip_view(&full.chip)));
    assert_true(
        bytes_equal(payment_chip_view(&back->chip_answer), payment_chip_view(&full.chip_answer)));
    assert_int_equal(rows[1].payment.chip.len + rows[1].payment.chip_answer.len, 0);
    assert_string_equal(rows[1].payment.pan_masked, "");
    assert_false(rows[1].payment.pin_entered);
}

static void the_ledger_reads_only_its_columns(void **state)
{
    (void)state;
    struct payment full = sale(345);
    struct journal_row rows[2];
    size_t count = 0;
    assert_int_equal(append(&full, PAYMENT_APPROVE), 1);
    memset(rows, 0x55, sizeof rows);
    assert_ok(journal_read_money(store, 1, rows, 2, &count));
    assert_int_equal(count, 1);
    const struct payment *back = &rows[0].payment;
    assert_int_equal(rows[0].seq, 1);
    assert_int_equal(rows[0].at_ms, 1700000000999);
    assert_int_equal(rows[0].event, PAYMENT_APPROVE);
    assert_true(payment_key_equal(&back->key, &full.key));
    assert_int_equal(back->type, full.type);
    assert_int_equal(back->state, full.state);
    assert_int_equal(back->card_class, full.card_class);
    assert_int_equal(back->route, full.route);
    assert_string_equal(back->mid, full.mid);
    assert_int_equal(back->amount_minor, full.amount_minor);
    assert_int_equal(back->currency, full.currency);
    assert_string_equal(back->pan_masked, "");
    assert_string_equal(back->token, "");
}

static void numbers_follow_one_another(void **state)
{
    (void)state;
    struct payment payment = sale(1);
    struct journal_row rows[4];
    size_t count = 9;
    int64_t last = -1, seq = 0;
    assert_ok(journal_last(store, &last));
    assert_int_equal(last, 0);
    assert_ok(journal_read(store, 1, rows, 4, &count));
    assert_int_equal(count, 0);
    assert_int_equal(append(&payment, PAYMENT_SUBMIT), 1);
    {
        CLEANUP(store_rollback) struct store_tx tx = {0};
        assert_ok(store_begin(store, &tx));
        assert_ok(journal_append(&tx, &payment, PAYMENT_APPROVE, 1, &seq));
        assert_int_equal(seq, 2);
    } /* rolled back: the number is given again */
    for (int64_t i = 2; i <= 10; i++) assert_int_equal(append(&payment, PAYMENT_APPROVE), i);
    assert_ok(journal_last(store, &last));
    assert_int_equal(last, 10);
    assert_ok(journal_read(store, 8, rows, 4, &count));
    assert_int_equal(count, 3);
    assert_int_equal(rows[0].seq, 8);
    assert_ok(journal_read(store, 2, rows, 4, &count));
    assert_int_equal(count, 4);
    assert_int_equal(rows[3].seq, 5);
    assert_ok(journal_read(store, 11, rows, 4, &count));
    assert_int_equal(count, 0);
}

static void the_journal_refuses_changes(void **state)
{
    (void)state;
    struct payment payment = sale(1);
    append(&payment, PAYMENT_SUBMIT);
    assert_err(store_exec(store, "UPDATE journal SET amount_minor = 1"), DENIED);
    assert_err(store_exec(store, "DELETE FROM journal"), DENIED);
    assert_err(store_exec(store, "REPLACE INTO journal SELECT * FROM journal"), DENIED);
    assert_non_null(strstr(store_error_text(store), "append-only"));
}

static void damage_is_noticed(void **state)
{
    (void)state;
    static const char *const damages[] = {
        "DELETE FROM journal WHERE seq = 2",
        "UPDATE journal SET state = 99 WHERE seq = 2",
        "UPDATE journal SET event = 99 WHERE seq = 2",
        "UPDATE journal SET type = 0 WHERE seq = 2",
        "UPDATE journal SET amount_minor = 0 WHERE seq = 2",
        "UPDATE journal SET amount_minor = 1000000000000 WHERE seq = 2",
        "UPDATE journal SET stan = 4294967297 WHERE seq = 2",
        "UPDATE journal SET mid = mid || '0' WHERE seq = 2",
        "UPDATE journal SET pan_masked = '0000000000000000' WHERE seq = 2",
    };
    struct payment payment = sale(1);
    struct journal_row rows[4];
    size_t count = 77;
    for (int i = 0; i < 3; i++) append(&payment, PAYMENT_SUBMIT);
    assert_ok(store_exec(store, "DROP TRIGGER journal_no_update; DROP TRIGGER journal_no_delete"));
    for (size_t i = 0; i < ARRAY_LEN(damages); i++) {
        assert_ok(store_exec(store, "SAVEPOINT before"));
        assert_ok(store_exec(store, damages[i]));
        err e = journal_read(store, 1, rows, 4, &count);
        if (e.code != ERR_CORRUPT) fail_msg("%s went unnoticed", damages[i]);
        assert_ok(store_exec(store, "ROLLBACK TO before; RELEASE before"));
    }
    assert_int_equal(count, 77);
    assert_ok(journal_read(store, 1, rows, 4, &count));
    assert_int_equal(count, 3);
}

/* The target is 5 us of CPU a row at 100 rows a commit; ten times that fails. */
static void appends_are_quick(void **state)
{
    (void)state;
    enum { ROWS = 40000, GROUP = 100 };
    struct store_checkpointer *checkpointer = NULL;
    assert_ok(store_checkpointer_start(store, 2000, &checkpointer));
    struct payment payment = sale(1);
    struct clock clock = clock_system();
    int64_t start = clock_monotonic_us(&clock), cpu = scratch_cpu_us(), seq = 0;
    for (int i = 0; i < ROWS / GROUP; i++) {
        CLEANUP(store_rollback) struct store_tx tx = {0};
        assert_ok(store_begin(store, &tx));
        for (int k = 0; k < GROUP; k++)
            assert_ok(journal_append(&tx, &payment, PAYMENT_SUBMIT, 1700000000000 + i, &seq));
        assert_ok(store_commit(&tx));
    }
    int64_t took = clock_monotonic_us(&clock) - start;
    cpu = scratch_cpu_us() - cpu;
    print_message("append: %d rows in groups of %d: %lld rows/s, %lld ns CPU a row\n", ROWS, GROUP,
                  (long long)ROWS * 1000000 / took, (long long)cpu * 1000 / ROWS);
    assert_true(cpu < ROWS * 50);
    store_checkpointer_stop(checkpointer);

    static struct journal_row rows[1000];
    size_t count = 1;
    start = clock_monotonic_us(&clock);
    int64_t next = 1;
    for (; count > 0; next += (int64_t)count)
        assert_ok(journal_read(store, next, rows, ARRAY_LEN(rows), &count));
    print_message("read: %lld ns a row\n",
                  (long long)(clock_monotonic_us(&clock) - start) * 1000 / ROWS);
    assert_int_equal(next, ROWS + 1);
}

int main(void)
{
#define WITH_JOURNAL(test) cmocka_unit_test_setup_teardown(test, make_journal, drop_journal)
    const struct CMUnitTest tests[] = {
        WITH_JOURNAL(what_goes_in_comes_out),
        WITH_JOURNAL(numbers_follow_one_another),
        WITH_JOURNAL(the_ledger_reads_only_its_columns),
        WITH_JOURNAL(the_journal_refuses_changes),
        WITH_JOURNAL(damage_is_noticed),
        WITH_JOURNAL(appends_are_quick),
    };
    return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
