/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A side that is killed between any two calls of its store (F-12, S187): reopened, it finds what
 * was committed and nothing else. In memory, as the simulator runs it, and on disk.
 */
#include "lib/store/audit.h"
#include "tests/unit/scratch.h"

static const char *const pair_migration[] = {
    "CREATE TABLE pair(id INTEGER PRIMARY KEY, a INTEGER NOT NULL, b INTEGER NOT NULL) STRICT;"
    "INSERT INTO pair VALUES(1, 0, 0);",
    "CREATE TABLE second(x INTEGER NOT NULL) STRICT; INSERT INTO second VALUES(7);",
};
static const struct store_schema pair_schema = {"pair", pair_migration, 2};

/* Kills (or fails) the n-th call from now on. */
struct reaper {
    int left;
    enum err_code with;
    int asked[STORE_CALLS];
};

static err reap(void *context, enum store_call call)
{
    struct reaper *reaper = context;
    reaper->asked[call]++;
    if (reaper->left-- == 0) return (err){reaper->with};
    return OK;
}

/* One step: both halves move together, with an audit record. */
static err step(struct store *store, int64_t to)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct store_statement *s;
    TRY(store_begin(store, &tx));
    TRY(store_statement(store, "UPDATE pair SET a = ? WHERE id = 1", &s));
    store_bind_int(s, to);
    TRY(store_run(s));
    TRY(store_statement(store, "UPDATE pair SET b = ? WHERE id = 1", &s));
    store_bind_int(s, to);
    TRY(store_run(s));
    TRY(audit_append(
        &tx, &(struct audit_entry){to, BYTES("test"), BYTES("step"), BYTES("pair"), BYTES("")}));
    return store_commit(&tx);
}

/* A life: open, bring the schemas up, three steps. *told is the last step that was confirmed. */
static err life(const char *path, enum store_mode mode, struct reaper *reaper, int64_t *told)
{
    struct store_options options = {.mode = mode};
    struct store *store = NULL;
    TRY(store_open(path, &options, NULL, &store));
    store_set_fault(store, reap, reaper);
    err e = store_migrate(store, &pair_schema);
    if (!FAILED(e)) e = store_migrate(store, &audit_schema);
    for (int64_t i = 1; i <= 3 && !FAILED(e); i++) {
        e = step(store, i);
        if (!FAILED(e)) *told = i;
    }
    if (e.code == ERR_CRASHED) {
        struct store_tx tx = {0};
        assert_err(store_begin(store, &tx), CRASHED);
        assert_err(store_reopen(store), CRASHED);
    }
    store_close(store);
    return e;
}

/* Looks at what is left, without faults. */
static void inspect(const char *path, enum store_mode mode, int64_t told)
{
    struct store_options options = {.mode = mode};
    struct store *store = NULL;
    struct audit_report report;
    int64_t a = -1, b = -1, records = -1;
    assert_ok(store_open(path, &options, NULL, &store));
    assert_ok(store_migrate(store, &pair_schema));
    assert_ok(store_migrate(store, &audit_schema));
    assert_ok(store_query_int(store, "SELECT a FROM pair", &a));
    assert_ok(store_query_int(store, "SELECT b FROM pair", &b));
    assert_ok(store_query_int(store, "SELECT count(*) FROM audit", &records));
    assert_ok(audit_verify(store, &report));
    assert_int_equal(report.verdict, AUDIT_INTACT);
    assert_ok(store_check(store));
    store_close(store);
    assert_int_equal(a, b);
    assert_int_equal(a, records);
    /* Confirmed is kept; one more may have been committed without anybody being told. */
    assert_true(a == told || a == told + 1);
}

static void killed_at_every_call(const char *path, enum store_mode mode, enum err_code with,
                                 void (*fresh)(void *context), void *context)
{
    int after_commit = 0, n = 0;
    for (bool finished = false; !finished && n < 200; n++) {
        fresh(context);
        struct reaper reaper = {.left = n, .with = with};
        int64_t told = 0;
        err e = life(path, mode, &reaper, &told);
        finished = !FAILED(e);
        if (!finished) assert_int_equal(e.code, with);
        if (!finished && reaper.asked[STORE_CALL_COMMITTED] > told) after_commit++;
        inspect(path, mode, told);
    }
    assert_true(n > 20 && n < 200); /* calls in that life */
    assert_true(after_commit > 0);  /* the case where the caller does not know what is there */
}

static struct store_anchor *anchor;

static void fresh_memory(void *context)
{
    (void)context;
    store_anchor_close(anchor);
    anchor = NULL;
    assert_ok(store_anchor_open("crash-test", &anchor));
}

static void in_memory_killed_at_every_call(void **state)
{
    (void)state;
    killed_at_every_call("crash-test", STORE_MEMORY, ERR_CRASHED, fresh_memory, NULL);
    store_anchor_close(anchor);
    anchor = NULL;
}

static void in_memory_failing_at_every_call(void **state)
{
    (void)state;
    killed_at_every_call("crash-test", STORE_MEMORY, ERR_FULL, fresh_memory, NULL);
    store_anchor_close(anchor);
    anchor = NULL;
}

static void fresh_file(void *context)
{
    struct scratch *scratch = context;
    static const char *const names[] = {"c.db", "c.db-wal", "c.db-shm", "c.db.lock"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) unlink(scratch_path(scratch, names[i]));
    scratch_path(scratch, "c.db");
}

static void on_disk_killed_at_every_call(void **state)
{
    (void)state;
    struct scratch scratch;
    scratch_make(&scratch);
    scratch_path(&scratch, "c.db");
    killed_at_every_call(scratch.path, STORE_CREATE, ERR_CRASHED, fresh_file, &scratch);
    scratch_remove(&scratch);
}

static void a_failed_commit_poisons_and_reopening_heals(void **state)
{
    (void)state;
    fresh_memory(NULL);
    struct store_options options = {.mode = STORE_MEMORY};
    struct store *store = NULL;
    assert_ok(store_open("crash-test", &options, NULL, &store));
    assert_ok(store_migrate(store, &pair_schema));
    assert_ok(store_migrate(store, &audit_schema));
    struct reaper calls = {.left = -1};
    store_set_fault(store, reap, &calls);
    assert_ok(step(store, 1));
    int in_one_step = calls.asked[STORE_CALL_BEGIN] + calls.asked[STORE_CALL_STEP] +
                      calls.asked[STORE_CALL_COMMIT] + calls.asked[STORE_CALL_COMMITTED];
    for (int n = 0; n < in_one_step; n++) {
        struct reaper reaper = {.left = n, .with = ERR_IO};
        store_set_fault(store, reap, &reaper);
        assert_err(step(store, n + 2), IO);
        bool at_commit = reaper.asked[STORE_CALL_COMMIT] > 0;
        store_set_fault(store, NULL, NULL);
        int64_t a;
        err after = store_query_int(store, "SELECT a FROM pair", &a);
        assert_string_equal(err_name(after), at_commit ? "IO" : "OK");
        assert_ok(store_reopen(store));
        assert_ok(step(store, 100));
    }
    store_close(store);
    store_anchor_close(anchor);
    anchor = NULL;
}

static bool image_has(struct bytes image, const char *text)
{
    return memmem(image.at, image.len, text, strlen(text)) != NULL;
}

/* S64: the simulator looks at every byte; what was deleted must be gone from them, too. */
static void the_image_shows_every_byte_and_deleted_ones_are_gone(void **state)
{
    (void)state;
    fresh_memory(NULL);
    struct store_options options = {.mode = STORE_MEMORY};
    struct store *store = NULL;
    struct bytes image = {0};
    assert_ok(store_open("crash-test", &options, NULL, &store));
    assert_ok(
        store_exec(store, "CREATE TABLE t(x TEXT) STRICT; INSERT INTO t VALUES('needle-in-it')"));
    assert_ok(store_anchor_image(anchor, &image));
    assert_true(image_has(image, "needle-in-it"));
    store_image_free(image);
    assert_ok(store_exec(store, "DELETE FROM t"));
    assert_ok(store_anchor_image(anchor, &image));
    assert_false(image_has(image, "needle-in-it"));
    store_image_free(image);
    store_close(store);
    store_anchor_close(anchor);
    anchor = NULL;
}

static void an_image_fills_another_database(void **state)
{
    (void)state;
    fresh_memory(NULL);
    struct store_options options = {.mode = STORE_MEMORY};
    struct store *store = NULL;
    struct store_anchor *copy = NULL;
    struct bytes image = {0};
    int64_t sum = 0;
    assert_ok(store_open("crash-test", &options, NULL, &store));
    assert_ok(store_exec(store, "CREATE TABLE t(x INTEGER) STRICT; INSERT INTO t VALUES(41),(1)"));
    assert_ok(store_anchor_image(anchor, &image));
    store_close(store);

    assert_ok(store_anchor_open("crash-test-copy", &copy));
    assert_ok(store_anchor_fill(copy, image));
    assert_ok(store_open("crash-test-copy", &options, NULL, &store));
    assert_ok(store_query_int(store, "SELECT sum(x) FROM t", &sum));
    assert_int_equal(sum, 42);
    assert_ok(store_exec(store, "DELETE FROM t")); /* a database of its own, and not read-only */
    store_close(store);
    store_anchor_close(copy);
    assert_ok(store_open("crash-test", &options, NULL, &store));
    assert_ok(store_query_int(store, "SELECT sum(x) FROM t", &sum));
    assert_int_equal(sum, 42);
    store_close(store);
    store_image_free(image);
    store_anchor_close(anchor);
    anchor = NULL;
}

static void memory_names_stay_names(void **state)
{
    (void)state;
    struct store_anchor *none = NULL;
    assert_err(store_anchor_open("a?mode=x", &none), FORMAT);
    assert_err(store_anchor_open("a/b", &none), FORMAT);
    assert_null(none);
}

/* The simulator needs 60,000 small commits a second; here only that it is not slower by an order.
 */
static void memory_commits_are_quick(void **state)
{
    (void)state;
    fresh_memory(NULL);
    struct store_options options = {.mode = STORE_MEMORY};
    struct store *store = NULL;
    assert_ok(store_open("crash-test", &options, NULL, &store));
    assert_ok(store_exec(store, "CREATE TABLE t(id INTEGER PRIMARY KEY, x TEXT NOT NULL) STRICT"));
    enum { COMMITS = 20000 };
    int64_t start = scratch_cpu_us();
    for (int64_t i = 0; i < COMMITS; i++) {
        CLEANUP(store_rollback) struct store_tx tx = {0};
        struct store_statement *s;
        assert_ok(store_begin(store, &tx));
        assert_ok(store_statement(store, "INSERT INTO t(id, x) VALUES(?, ?)", &s));
        store_bind_int(s, i);
        store_bind_text(
            s, BYTES("two hundred bytes would be more, but this is what a small row looks like"));
        assert_ok(store_run(s));
        assert_ok(store_commit(&tx));
    }
    int64_t took = scratch_cpu_us() - start;
    print_message("%d memory commits: %lld/s\n", COMMITS, (long long)COMMITS * 1000000 / took);
    assert_true(took < COMMITS * 200);
    store_close(store);
    store_anchor_close(anchor);
    anchor = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_memory_killed_at_every_call),
        cmocka_unit_test(in_memory_failing_at_every_call),
        cmocka_unit_test(on_disk_killed_at_every_call),
        cmocka_unit_test(a_failed_commit_poisons_and_reopening_heals),
        cmocka_unit_test(the_image_shows_every_byte_and_deleted_ones_are_gone),
        cmocka_unit_test(an_image_fills_another_database),
        cmocka_unit_test(memory_names_stay_names),
        cmocka_unit_test(memory_commits_are_quick),
    };
    return cmocka_run_group_tests_name("lib/store, killed", tests, NULL, NULL);
}
