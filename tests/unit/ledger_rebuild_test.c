/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ledger that is folded again from nothing is the same one; an alteration of any kind is found; a
 * reader sees one state while the writer goes on; and how quick folding is (S69, S192).
 */
#include "tests/unit/ledger_fixture.h"

struct source {
    struct ledger_entry *entries;
    size_t count;
};

static err read_source(void *context, struct ledger_position after, struct ledger_entry *entries,
                       size_t max, size_t *ret_count)
{
    struct source *source = context;
    size_t count = 0;
    for (size_t i = (size_t)after.seq; i < source->count && count < max && count < 700; i++)
        entries[count++] = source->entries[i];
    *ret_count = count;
    return OK;
}

static struct source random_source(uint64_t seed)
{
    static struct lives lives;
    struct random_seeded state;
    random_seed(&state, seed);
    struct random random = random_from_seed(&state);
    memset(&lives, 0, sizeof lives);
    for (int64_t seq = 1; seq <= ENTRIES; seq++)
        lives.entry[seq - 1] = next_entry(&lives, seq, &random);
    return (struct source){lives.entry, ENTRIES};
}

static void a_rebuilt_ledger_is_the_same(void **state)
{
    (void)state;
    struct source source = random_source(99);
    struct ledger_difference difference = {0};
    for (size_t i = 0; i < source.count; i += 100) /* other batches than the rebuild has */
        assert_ok(ledger_fold(ledger, &source.entries[i], 100));
    assert_ok(ledger_rebuild_compare(ledger, read_source, &source, &difference));
    assert_true(difference.same);
    assert_int_equal(difference.seq, ENTRIES);
    assert_ok(ledger_rebuild_compare(ledger, read_source, &source, &difference));
    assert_true(difference.same);

    size_t quiet = 0; /* another journal: a hold where nothing was */
    while (source.entries[quiet].kind != LEDGER_NOTHING) quiet++;
    source.entries[quiet] = entry((int64_t)quiet + 1, LEDGER_HOLD, 99999, 5);
    assert_ok(ledger_rebuild_compare(ledger, read_source, &source, &difference));
    assert_false(difference.same);
    source = random_source(99);
    source.count = ENTRIES - 1;
    assert_err(ledger_rebuild_compare(ledger, read_source, &source, &difference), CORRUPT);
    said("ends before");
}

static void every_alteration_is_found(void **state)
{
    static const struct {
        const char *sql, *says;
    } alterations[] = {
        {"UPDATE account SET credits_posted = credits_posted + 1 WHERE kind = 1", "account 2100-"},
        {"UPDATE account SET debits_posted = debits_posted + 1, credits_posted = credits_posted + 1"
         " WHERE kind = 3",
         "account 4100-156"},
        {"UPDATE booking SET amount_minor = amount_minor + 1 WHERE kind = 1", "transfers"},
        {"UPDATE booking SET rule = rule + 1 WHERE charge = 1", "transfers"},
        {"UPDATE booking SET agreement = 9 WHERE charge = 1", "transfers"},
        {"UPDATE booking SET charge = 2 WHERE charge = 1", "transfers"},
        {"UPDATE booking SET fee_minor = fee_minor + 1 WHERE charge = 1", "transfers"},
        {"UPDATE booking SET income = income + 1 WHERE charge = 2", "transfers"},
        {"UPDATE booking SET share_rule = share_rule + 1 WHERE charge = 1", "transfers"},
        {"UPDATE booking SET cost = cost + 1 WHERE charge = 1", "transfers"},
        {"UPDATE booking SET issuer_minor = issuer_minor + 1 WHERE charge = 1", "transfers"},
        {"UPDATE booking SET issuer = issuer + 1 WHERE charge = 1", "transfers"},
        {"UPDATE booking SET network_minor = network_minor + 1 WHERE charge = 1", "transfers"},
        {"UPDATE booking SET network = network + 1 WHERE charge = 2", "transfers"},
        {"UPDATE booking SET instalment_minor = instalment_minor + 1 WHERE charge = 1",
         "transfers"},
        {"UPDATE booking SET instalment = instalment + 1 WHERE charge = 1", "transfers"},
        {"UPDATE booking SET hold_seq = hold_seq + 1 WHERE kind = 1", "transfers"},
        {"UPDATE booking SET hold_ms = hold_ms + 1 WHERE kind = 2", "transfers"},
        {"UPDATE booking SET key = zeroblob(16) WHERE id = (SELECT min(id) FROM booking)",
         "transfers"},
        {"UPDATE booking SET at_ms = at_ms + 1 WHERE id = (SELECT min(id) FROM booking)",
         "transfers"},
        {"DELETE FROM booking WHERE id = (SELECT min(id) FROM booking)", "transfers"},
        {"INSERT INTO booking(id, at_ms, kind, key, debit, credit, amount_minor, rule, agreement)"
         " SELECT id + 10, at_ms, 11, key, debit, credit, 1, 101, 0 FROM booking ORDER BY id LIMIT 1",
         "transfers"},
        {"UPDATE open_hold SET at_ms = at_ms + 1", "open holds"},
        {"UPDATE open_hold SET shifted = 1", "open holds"},
        {"DELETE FROM open_hold WHERE seq = (SELECT min(seq) FROM open_hold)", "open holds"},
        {"UPDATE open_hold SET amount_minor = amount_minor + 1", "open holds"},
    };
    for (size_t i = 0; i < ARRAY_LEN(alterations); i++) {
        drop_ledger(state);
        make_ledger(state);
        struct source source = random_source(7);
        struct ledger_difference difference = {.same = true};
        assert_ok(ledger_fold(ledger, source.entries, source.count));
        struct store *store = ledger_store(ledger);
        assert_err(store_exec(store, "UPDATE booking SET rule = 1"), DENIED);
        assert_err(store_exec(store, "DELETE FROM booking"), DENIED);
        assert_ok(
            store_exec(store, "DROP TRIGGER booking_no_update; DROP TRIGGER booking_no_delete"));
        assert_ok(store_exec(store, alterations[i].sql));
        assert_ok(ledger_rebuild_compare(ledger, read_source, &source, &difference));
        if (difference.same || strstr(difference.text, alterations[i].says) == NULL)
            fail_msg("%s: \"%s\"", alterations[i].sql, difference.text);
    }
}

/* The trial balance alone sees what no longer balances, without a journal at hand. */
static void the_trial_balance_sees_what_is_out_of_balance(void **state)
{
    (void)state;
    struct source source = random_source(3);
    struct ledger_trial found;
    assert_ok(ledger_fold(ledger, source.entries, source.count));
    trial();
    assert_ok(store_exec(ledger_store(ledger),
                         "UPDATE account SET credits_posted = credits_posted + 1"
                         " WHERE kind = 1"));
    assert_ok(ledger_trial_balance(ledger, &found));
    assert_false(found.balanced);
    assert_false(found.transfers_agree);
    assert_ok(store_exec(ledger_store(ledger),
                         "UPDATE account SET debits_posted = debits_posted + 1"
                         " WHERE kind = 2"));
    assert_ok(ledger_trial_balance(ledger, &found));
    assert_false(found.transfers_agree);
}

/* What is charged with a payment stands in its row; the trial balance adds it up from the view that
 * shows each transfer, and sees each part that is not what the accounts were moved by. */
static void the_trial_balance_sees_what_was_charged(void **state)
{
    static const char *const alterations[] = {
        "fee_minor = fee_minor + 1",
        "income = income + 1",
        "cost = cost + 1",
        "issuer_minor = issuer_minor + 1",
        "issuer = issuer + 1",
        "network_minor = network_minor + 1",
        "network = network + 1",
        "instalment_minor = instalment_minor + 1",
        "instalment = instalment + 1",
    };
    for (size_t i = 0; i < 2 * ARRAY_LEN(alterations); i++) {
        drop_ledger(state);
        make_ledger(state);
        char sql[160];
        struct source source = random_source(11);
        struct ledger_trial found;
        assert_ok(ledger_fold(ledger, source.entries, source.count));
        trial();
        struct store *store = ledger_store(ledger);
        snprintf(sql, sizeof sql,
                 "UPDATE booking SET %s WHERE charge = %zu AND fee_minor > 0 AND issuer_minor > 0"
                 " AND instalment_minor > 0",
                 alterations[i / 2], 1 + i % 2);
        assert_ok(store_exec(store, "DROP TRIGGER booking_no_update"));
        assert_ok(store_exec(store, sql));
        assert_ok(ledger_trial_balance(ledger, &found));
        if (found.transfers_agree) fail_msg("not seen: %s", sql);
    }
}

/* Each transfer has a number of its own, and stands beside those of its entry. */
static void each_transfer_is_seen(void **state)
{
    (void)state;
    struct source source = random_source(11);
    int64_t twice = -1, fees = 0, stray = -1;
    assert_ok(ledger_fold(ledger, source.entries, source.count));
    struct store *store = ledger_store(ledger);
    assert_ok(store_query_int(store, "SELECT count(*) - count(DISTINCT id) FROM transfer", &twice));
    assert_int_equal(twice, 0);
    assert_ok(store_query_int(store, "SELECT count(DISTINCT kind) FROM transfer", &fees));
    assert_int_equal(fees, 12); /* all but what disputes and money orders make */
    assert_ok(store_query_int(store,
                              "SELECT count(*) FROM transfer t LEFT JOIN booking b"
                              " ON b.key = t.key AND (b.id = t.id - t.kind + b.kind"
                              " OR t.kind = 0 AND b.hold_seq << 28 = t.id)"
                              " LEFT JOIN open_hold h ON t.kind = 0 AND h.seq << 28 = t.id"
                              " WHERE b.id IS NULL AND h.seq IS NULL OR t.kind <> (t.id & 15)",
                              &stray));
    assert_int_equal(stray, 0);
}

/* ---- on disk ----------------------------------------------------------------------------------
 */

static void a_reader_looks_while_the_writer_folds(void **state)
{
    (void)state;
    struct scratch scratch;
    struct ledger *writer = NULL, *reader = NULL;
    struct ledger_trial found;
    struct source source = random_source(5);
    scratch_make(&scratch);
    const char *path = scratch_path(&scratch, "ledger.db");
    assert_err(ledger_open(path, STORE_READ_ONLY, NULL, &reader), NOT_FOUND);
    assert_ok(ledger_open(path, STORE_CREATE, NULL, &writer));
    assert_ok(ledger_fold(writer, source.entries, 1000));
    assert_ok(ledger_open(path, STORE_READ_ONLY, NULL, &reader));
    assert_ok(ledger_fold(writer, source.entries, 2000));
    assert_ok(ledger_trial_balance(reader, &found));
    assert_int_equal(found.seq, 2000);
    assert_true(found.balanced && found.transfers_agree);
    struct ledger_difference difference = {0};
    assert_ok(ledger_rebuild_compare(reader, read_source, &source, &difference));
    assert_true(difference.same);
    ledger_close(reader);
    ledger_close(writer);
    scratch_remove(&scratch);
}

/* The target is 6 us of CPU a payment in batches of 1,000 rows; ten times that fails. Also: a
 * payment that has left the memory is found by reading backwards. */
static void folding_is_quick_and_the_old_are_found(void **state)
{
    (void)state;
    enum { MANY = LEDGER_RECENT + 20000, ROWS = 1000 };
    static struct ledger_entry batch[ROWS];
    struct scratch scratch;
    struct ledger *disk = NULL;
    scratch_make(&scratch);
    assert_ok(ledger_open(scratch_path(&scratch, "ledger.db"), STORE_CREATE, NULL, &disk));
    int64_t start = scratch_cpu_us(), seq = 0;
    for (uint32_t stan = 1; stan <= MANY;) {
        size_t count = 0;
        for (; count < ROWS && stan <= MANY; stan++) {
            batch[count++] = entry(++seq, LEDGER_HOLD, stan, 12800);
            batch[count++] = entry(++seq, LEDGER_POST, stan, 12800);
        }
        assert_ok(ledger_fold(disk, batch, count));
    }
    int64_t cpu = scratch_cpu_us() - start;
    print_message("fold: %lld ns CPU a payment\n", (long long)cpu * 1000 / MANY);
    assert_true(cpu < (int64_t)MANY * 60);

    struct ledger_trial before, after;
    assert_ok(ledger_trial_balance(disk, &before));
    for (int again = 0; again < 2; again++) {
        struct ledger_entry old = entry(++seq, LEDGER_UNDO, 1, 12800);
        assert_ok(ledger_fold(disk, &old, 1));
    }
    assert_ok(ledger_trial_balance(disk, &after));
    assert_true(after.balanced && after.transfers_agree);
    assert_int_equal(after.transfers, before.transfers + 4);
    ledger_close(disk);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_LEDGER(a_rebuilt_ledger_is_the_same),
        WITH_LEDGER(every_alteration_is_found),
        WITH_LEDGER(the_trial_balance_sees_what_is_out_of_balance),
        WITH_LEDGER(the_trial_balance_sees_what_was_charged),
        WITH_LEDGER(each_transfer_is_seen),
        cmocka_unit_test(a_reader_looks_while_the_writer_folds),
        cmocka_unit_test(folding_is_quick_and_the_old_are_found),
    };
    return cmocka_run_group_tests_name("the fold, rebuilt", tests, NULL, NULL);
}
