/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Groups of transactions: one sync for many, and nothing is durable before it. Cut at any call, a
 * group is there whole or not at all, and never without what came before it.
 */
#include "lib/store/audit.h"
#include "tests/unit/scratch.h"

static const char *const note_migration[] = {
    "CREATE TABLE note(id INTEGER PRIMARY KEY, text TEXT NOT NULL CHECK(text <> '')) STRICT;"};
static const struct store_schema note_schema = {"note", note_migration, 1};

struct bench {
    struct scratch scratch;
    char path[256];
    struct store *store, *reader;
};

static void setup(struct bench *bench)
{
    const struct store_options write = {.mode = STORE_CREATE}, read = {.mode = STORE_READ_ONLY};
    scratch_make(&bench->scratch);
    snprintf(bench->path, sizeof bench->path, "%s", scratch_path(&bench->scratch, "group.db"));
    assert_ok(store_open(bench->path, &write, NULL, &bench->store));
    assert_ok(store_migrate(bench->store, &note_schema));
    assert_ok(store_migrate(bench->store, &audit_schema));
    assert_ok(store_open(bench->path, &read, NULL, &bench->reader));
}

static void teardown(struct bench *bench)
{
    store_close(bench->reader);
    store_close(bench->store);
    scratch_remove(&bench->scratch);
}

static err put(struct store *store, int64_t id, const char *text)
{
    struct store_statement *s;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    TRY(store_statement(store, "INSERT INTO note VALUES(?, ?)", &s));
    store_bind_int(s, id);
    store_bind_text(s, BYTES("before"));
    TRY(store_run(s));
    TRY(store_statement(store, "UPDATE note SET text = ? WHERE id = ?", &s));
    store_bind_text(s, bytes_text(text));
    store_bind_int(s, id);
    TRY(store_run(s));
    TRY(audit_append(
        &tx, &(struct audit_entry){id, BYTES("test"), BYTES("put"), BYTES("note"), BYTES("")}));
    return store_commit(&tx);
}

static int64_t notes(struct store *store)
{
    int64_t count = -1;
    assert_ok(store_query_int(store, "SELECT count(*) FROM note", &count));
    return count;
}

static err tally(void *context, enum store_call call)
{
    int *asked = context;
    asked[call]++;
    return OK;
}

static void many_cost_one_sync(void **state)
{
    (void)state;
    int asked[STORE_CALLS] = {0};
    struct bench bench;
    setup(&bench);
    store_set_fault(bench.store, tally, asked);
    store_group_enter(bench.store);
    for (int64_t id = 1; id <= 10; id++) assert_ok(put(bench.store, id, "kept"));
    store_group_leave(bench.store);
    assert_int_equal(asked[STORE_CALL_COMMIT], 0);
    assert_int_equal(notes(bench.store), 10);
    assert_int_equal(notes(bench.reader), 0); /* nobody else has seen any of it */
    assert_ok(store_group_commit(bench.store));
    assert_int_equal(asked[STORE_CALL_COMMIT], 1);
    assert_int_equal(notes(bench.reader), 10);
    assert_ok(store_group_commit(bench.store)); /* nothing waits */
    assert_int_equal(asked[STORE_CALL_COMMIT], 1);
    teardown(&bench);
}

static void a_part_is_undone_alone(void **state)
{
    (void)state;
    struct bench bench;
    struct audit_report report;
    setup(&bench);
    store_group_enter(bench.store);
    assert_ok(put(bench.store, 1, "kept"));
    assert_err(put(bench.store, 2, ""), RANGE);
    assert_err(put(bench.store, 1, "again"), EXISTS);
    assert_ok(put(bench.store, 3, "kept"));
    store_group_leave(bench.store);
    assert_ok(store_group_commit(bench.store));
    assert_int_equal(notes(bench.reader), 2);
    assert_ok(audit_verify(bench.store, &report));
    assert_int_equal(report.verdict, AUDIT_INTACT);
    assert_int_equal(report.records, 2);
    teardown(&bench);
}

/* What is promised at once is never durable before what came earlier, and so neither without it. */
static void another_transaction_commits_the_group_first(void **state)
{
    (void)state;
    struct bench bench;
    setup(&bench);
    store_group_enter(bench.store);
    assert_ok(put(bench.store, 1, "kept"));
    store_group_leave(bench.store);
    assert_ok(put(bench.store, 2, "alone"));
    assert_int_equal(notes(bench.reader), 2);
    store_group_enter(bench.store); /* goes on after it */
    assert_ok(put(bench.store, 3, "kept"));
    store_group_leave(bench.store);
    assert_int_equal(notes(bench.reader), 2);
    store_group_drop(bench.store);
    assert_int_equal(notes(bench.store), 2);
    teardown(&bench);
}

struct reaper {
    int left;
    enum err_code with;
};

static err reap(void *context, enum store_call call)
{
    struct reaper *reaper = context;
    (void)call;
    return reaper->left-- == 0 ? (err){reaper->with} : OK;
}

/* Three groups of two; *told is how many notes somebody was told of. */
static err life(struct store *store, int64_t *told)
{
    for (int64_t group = 0; group < 3; group++) {
        store_group_enter(store);
        err e = put(store, 2 * group + 1, "one");
        if (!FAILED(e)) e = put(store, 2 * group + 2, "two");
        store_group_leave(store);
        TRY(e);
        TRY(store_group_commit(store));
        *told += 2;
    }
    return OK;
}

static void cut_anywhere_it_is_whole_or_not_there(void **state)
{
    (void)state;
    static const enum err_code ways[] = {ERR_CRASHED, ERR_FULL};
    int struck = 0;
    for (size_t way = 0; way < ARRAY_LEN(ways); way++)
        for (int calls = 0, more = 1; more; calls++) {
            struct bench bench;
            struct reaper reaper = {calls, ways[way]};
            struct store_tx tx = {0};
            int64_t told = 0;
            setup(&bench);
            store_set_fault(bench.store, reap, &reaper);
            more = FAILED(life(bench.store, &told));
            struck += more;
            if (more) store_group_drop(bench.store);
            if (more && ways[way] == ERR_CRASHED)
                assert_err(store_begin(bench.store, &tx), CRASHED);
            store_close(bench.store);
            assert_ok(store_open(bench.path, &(struct store_options){.mode = STORE_OPEN}, NULL,
                                 &bench.store));
            int64_t there = notes(bench.store);
            assert_true(there >= told); /* what was told is there */
            assert_int_equal(there % 2, 0);
            teardown(&bench);
        }
    assert_true(struck > 20);
}

static void a_lost_group_poisons(void **state)
{
    (void)state;
    struct bench bench;
    struct reaper reaper = {0, ERR_IO};
    setup(&bench);
    store_group_enter(bench.store);
    assert_ok(put(bench.store, 1, "kept"));
    store_group_leave(bench.store);
    store_set_fault(bench.store, reap, &reaper);
    assert_err(store_group_commit(bench.store), IO);
    assert_err(store_group_commit(bench.store), IO); /* and stays lost */
    assert_err(put(bench.store, 2, "never"), IO);
    store_set_fault(bench.store, NULL, NULL);
    assert_ok(store_reopen(bench.store));
    assert_int_equal(notes(bench.store), 0);
    teardown(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_cost_one_sync),
        cmocka_unit_test(a_part_is_undone_alone),
        cmocka_unit_test(another_transaction_commits_the_group_first),
        cmocka_unit_test(cut_anywhere_it_is_whole_or_not_there),
        cmocka_unit_test(a_lost_group_poisons),
    };
    return cmocka_run_group_tests_name("store_group", tests, NULL, NULL);
}
