/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lib/store over SQLite: opening and its named refusals, transactions, typed columns, and each way
 * in which a disk disappoints. How a disk is made to: FULL and IO are a write that is replaced by
 * one that fails (found at the commit, in the WAL) and a page limit (found at a statement);
 * READ_ONLY is a store opened so, and a file without write permission seen by a process that is not
 * root.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <sqlite3.h>

#include "lib/store/migrate.h"
#include "tests/unit/scratch.h"

static const char *const note_migration[] = {
    "CREATE TABLE note(id INTEGER PRIMARY KEY, text TEXT NOT NULL CHECK(length(text) < 100000), "
    "data BLOB) STRICT;",
};
static const struct store_schema note_schema = {"note", note_migration, 1};

static int make_scratch(void **state)
{
    static struct scratch scratch;
    scratch_make(&scratch);
    *state = &scratch;
    return 0;
}

static int remove_scratch(void **state)
{
    scratch_remove(*state);
    return 0;
}

static struct store *opened(const char *path, enum store_mode mode)
{
    struct store_options options = {.mode = mode};
    struct store_fault fault = {""};
    struct store *store = NULL;
    err e = store_open(path, &options, &fault, &store);
    if (FAILED(e)) print_error("%s\n", fault.text);
    assert_ok(e);
    return store;
}

static struct store *note_store(struct scratch *scratch)
{
    struct store *store = opened(scratch_path(scratch, "note.db"), STORE_CREATE);
    assert_ok(store_migrate(store, &note_schema));
    return store;
}

static err put(struct store *store, int64_t id, struct bytes text)
{
    struct store_statement *insert;
    TRY(store_statement(store, "INSERT INTO note(id, text) VALUES(?, ?)", &insert));
    store_bind_int(insert, id);
    store_bind_text(insert, text);
    return store_run(insert);
}

static err put_alone(struct store *store, int64_t id, struct bytes text)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    TRY(put(store, id, text));
    return store_commit(&tx);
}

static int64_t count(struct store *store)
{
    int64_t notes = -1;
    assert_ok(store_query_int(store, "SELECT count(*) FROM note", &notes));
    return notes;
}

/* ---- the ordinary ------------------------------------------------------------------------- */

static void committed_stays_and_rolled_back_does_not(void **state)
{
    struct store *store = note_store(*state);
    assert_ok(put_alone(store, 1, BYTES("one")));
    {
        CLEANUP(store_rollback) struct store_tx tx = {0};
        assert_ok(store_begin(store, &tx));
        assert_ok(put(store, 2, BYTES("two")));
        assert_true(store_in_tx(store));
    }
    assert_false(store_in_tx(store));
    store_close(store);

    store = note_store(*state);
    assert_int_equal(count(store), 1);
    store_close(store);
}

static void a_new_file_is_for_its_owner_only(void **state)
{
    struct store *store = note_store(*state);
    struct stat found;
    assert_ok(put_alone(store, 1, BYTES("one")));
    assert_int_equal(stat(store_path(store), &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    char wal[160];
    snprintf(wal, sizeof wal, "%s-wal", store_path(store));
    assert_int_equal(stat(wal, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    store_close(store);
}

static void columns_keep_their_types(void **state)
{
    struct store *store = note_store(*state);
    struct store_statement *s;
    assert_ok(store_statement(store, "INSERT INTO note(id, text, data) VALUES(?, ?, ?)", &s));
    store_bind_int(s, INT64_MIN);
    store_bind_text(s, BYTES(""));
    store_bind_blob(s, BYTES("\0\1"));
    assert_ok(store_run(s));
    assert_int_equal(store_changes(store), 1);
    store_bind_int(s, INT64_MAX);
    store_bind_text(s, BYTES("通宝"));
    store_bind_null(s);
    assert_ok(store_run(s));

    bool row = false;
    char text[7];
    uint8_t data[2];
    assert_ok(store_statement(store, "SELECT id, text, data FROM note ORDER BY id", &s));
    assert_ok(store_step(s, &row));
    assert_true(row);
    assert_true(store_read_int(s) == INT64_MIN);
    assert_int_equal(store_read_text(s).len, 0);
    assert_false(store_read_null(s));
    store_read_blob_into(s, data, sizeof data);
    assert_int_equal(data[1], 1);
    assert_ok(store_read_finish(s));
    assert_ok(store_step(s, &row));
    assert_true(store_read_int(s) == INT64_MAX);
    store_read_text_into(s, text, sizeof text);
    assert_string_equal(text, "通宝");
    assert_true(store_read_null(s));
    assert_ok(store_step(s, &row));
    assert_false(row);
    store_close(store);
}

/* SQLite is told only what has changed: each kind of value after each, also after a reopening. */
static void what_is_bound_is_what_was_said_last(void **state)
{
    static const char *const said[] = {"0", "1", "NULL", "''", "X''", "'?'", "X'00'", "'?'"};
    struct store *store = note_store(*state);
    char place[] = "'?'";
    for (size_t i = 0; i < 4 * ARRAY_LEN(said) * ARRAY_LEN(said); i++) {
        size_t now = i / 2 % 2 == 0 ? i / 4 % ARRAY_LEN(said) : i / 32 % ARRAY_LEN(said);
        struct store_statement *s;
        bool row = false;
        if (i % 61 == 60) assert_ok(store_reopen(store));
        assert_ok(store_statement(store, "SELECT quote(?)", &s));
        place[1] = (char)('a' + i % 26);
        if (now < 2) store_bind_int(s, (int64_t)now);
        else if (now == 2) store_bind_null(s);
        else if (said[now][0] == 'X') store_bind_blob(s, bytes_of("\0", now == 4 ? 0 : 1));
        else store_bind_text(s, bytes_of(place + 1, now == 3 ? 0 : 1));
        assert_ok(store_step(s, &row));
        assert_true(
            bytes_equal(store_read_text(s), bytes_text(said[now][1] == '?' ? place : said[now])));
        store_reset(s);
    }
    store_close(store);
}

static void a_wrong_type_is_corrupt_and_the_first_fault_stays(void **state)
{
    struct store *store = note_store(*state);
    struct store_statement *s;
    bool row = false;
    char tiny[3];
    assert_ok(put(store, 1, BYTES("one")));
    assert_ok(store_statement(store, "SELECT text, id, data FROM note", &s));
    assert_ok(store_step(s, &row));
    assert_int_equal(store_read_int(s), 0); /* a text */
    assert_int_equal(store_read_int(s), 1);
    assert_err(store_read_finish(s), CORRUPT);
    assert_non_null(strstr(store_error_text(store), "SELECT text"));
    assert_err(store_step(s, &row), CORRUPT);

    assert_ok(store_statement(store, "SELECT text, id, data FROM note", &s));
    assert_ok(store_step(s, &row));
    store_read_text_into(s, tiny, sizeof tiny); /* "one" and its NUL need four */
    assert_string_equal(tiny, "");
    assert_err(store_read_finish(s), CORRUPT);
    store_close(store);
}

static void constraints_have_their_own_errors(void **state)
{
    struct store *store = note_store(*state);
    assert_ok(put(store, 1, BYTES("one")));
    assert_err(put(store, 1, BYTES("one")), EXISTS);
    static uint8_t big[100001];
    memset(big, 'x', sizeof big);
    assert_err(put(store, 2, BYTES_OF(big)), RANGE);
    assert_ok(store_exec(store, "CREATE TRIGGER no BEFORE DELETE ON note"
                                " BEGIN SELECT RAISE(ABORT, 'never'); END"));
    struct store_statement *s;
    assert_ok(store_statement(store, "DELETE FROM note", &s));
    assert_err(store_run(s), DENIED);
    assert_non_null(strstr(store_error_text(store), "never"));
    assert_ok(put(store, 3, BYTES("the store goes on")));
    assert_err(store_statement(store, "SELECT nothing FROM nowhere", &s), CORRUPT);
    store_close(store);
}

static void a_reader_sees_that_something_changed(void **state)
{
    struct store *writer = note_store(*state);
    struct store *reader = opened(store_path(writer), STORE_READ_ONLY);
    int64_t before = 0, after = 0;
    assert_ok(store_migrate(reader, &note_schema));
    assert_ok(store_data_version(reader, &before));
    assert_ok(store_data_version(reader, &after));
    assert_true(before == after);
    assert_ok(put_alone(writer, 1, BYTES("one")));
    assert_ok(store_data_version(reader, &after));
    assert_true(before != after);
    assert_int_equal(count(reader), 1);
    assert_err(put(reader, 2, BYTES("two")), READ_ONLY);
    assert_non_null(strstr(store_error_text(reader), "writable"));
    store_close(reader);
    store_close(writer);
}

/* ---- refusals at the door ---------------------------------------------------------------------
 */

static void refused(const char *path, enum store_mode mode, const char *error, const char *says)
{
    struct store_options options = {.mode = mode};
    struct store_fault fault = {""};
    struct store *store = NULL;
    err e = store_open(path, &options, &fault, &store);
    assert_string_equal(err_name(e), error);
    assert_null(store);
    if (strstr(fault.text, says) == NULL || strstr(fault.text, path) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", fault.text, says);
}

static void write_file(const char *path, const void *content, size_t len)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, len, file), len);
    fclose(file);
}

static void run_foreign(const char *path, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void the_door_says_what_is_wrong(void **state)
{
    struct scratch *scratch = *state;
    refused(scratch_path(scratch, "absent.db"), STORE_OPEN, "NOT_FOUND", "make it first");
    refused(scratch_path(scratch, "absent.db"), STORE_READ_ONLY, "NOT_FOUND", "make it first");
    refused(scratch_path(scratch, "absent/x.db"), STORE_CREATE, "NOT_FOUND", "check the path");

    static const char garbage[5000] = "this is no database at all, and it is long enough to be one";
    write_file(scratch_path(scratch, "garbage.db"), garbage, sizeof garbage);
    refused(scratch->path, STORE_CREATE, "CORRUPT", "not a database");

    write_file(scratch_path(scratch, "empty.db"), "", 0);
    refused(scratch->path, STORE_OPEN, "CORRUPT", "it is empty");

    run_foreign(scratch_path(scratch, "foreign.db"), "CREATE TABLE theirs(x)");
    refused(scratch->path, STORE_CREATE, "CORRUPT", "not a store of this system");

    struct store *store = note_store(scratch);
    refused(store_path(store), STORE_OPEN, "BUSY", "by process");
    store_close(store);
    run_foreign(scratch_path(scratch, "note.db"), "PRAGMA user_version=2");
    refused(scratch->path, STORE_OPEN, "NEWER", "install the newer version");
}

static void a_file_without_write_permission(void **state)
{
    struct store *store = note_store(*state);
    assert_ok(put_alone(store, 1, BYTES("one")));
    char path[128];
    snprintf(path, sizeof path, "%s", store_path(store));
    store_close(store);
    /* Root may write to anything, so a child without that right does the looking. */
    chmod(((struct scratch *)*state)->directory, 0777);
    chmod(path, 0444);
    char lock[160];
    snprintf(lock, sizeof lock, "%s.lock", path);
    chmod(lock, 0666);
    pid_t child = fork();
    if (child == 0) {
        if (getuid() == 0 && setuid(65534) != 0) _exit(9);
        struct store_options options = {.mode = STORE_OPEN};
        struct store *none = NULL;
        struct store_fault fault = {""};
        err e = store_open(path, &options, &fault, &none);
        _exit(e.code == ERR_READ_ONLY && strstr(fault.text, "writable") != NULL ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
}

static void locked_by_somebody_else(void **state)
{
    struct store *store = note_store(*state);
    sqlite3 *other;
    assert_int_equal(sqlite3_open(store_path(store), &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    struct store_tx tx = {0};
    assert_err(store_begin(store, &tx), BUSY);
    assert_null(tx.store);
    assert_non_null(strstr(store_error_text(store), "other program"));
    assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    assert_ok(put_alone(store, 1, BYTES("one")));
    store_close(store);
}

/*
 * A text in a buffer that is written again is a bug of the caller: the statement of the earlier
 * text is not run in its place. The child that does so is stopped.
 */
static void another_text_at_the_same_address_is_a_bug(void **state)
{
    struct store *store = note_store(*state);
    assert_ok(put_alone(store, 1, BYTES("one")));
    pid_t child = fork();
    if (child == 0) {
        if (freopen("/dev/null", "w", stderr) == NULL) _exit(4);
        (void)signal(SIGABRT, SIG_DFL); /* cmocka reports it otherwise */
        struct store_statement *same, *other;
        char sql[64] = "SELECT id FROM note";
        if (FAILED(store_statement(store, sql, &same)) ||
            FAILED(store_statement(store, sql, &other)) || same != other)
            _exit(1);
        memcpy(sql, "DELETE FROM note", sizeof "DELETE FROM note");
        _exit(FAILED(store_statement(store, sql, &other)) ? 2 : 3);
    }
    int status = 0;
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    store_close(store);
}

/* ---- disks that disappoint ------------------------------------------------------------------- */

static void full_at_a_statement_loses_nothing(void **state)
{
    struct store *store = note_store(*state);
    assert_ok(put_alone(store, 1, BYTES("one")));
    char path[128];
    snprintf(path, sizeof path, "%s", store_path(store));
    store_close(store);

    struct store_options options = {.mode = STORE_OPEN, .max_pages = 8};
    assert_ok(store_open(path, &options, NULL, &store));
    static uint8_t big[60000];
    memset(big, 'x', sizeof big);
    assert_err(put_alone(store, 2, BYTES_OF(big)), FULL);
    assert_non_null(strstr(store_error_text(store), "free space"));
    assert_int_equal(count(store), 1);
    assert_ok(put_alone(store, 3, BYTES("a small one still fits")));
    store_close(store);
}

/* The n-th write from now on, and all after it, fail with `cause`. SQLite lets its calls be
 * replaced. */
static struct {
    int left, cause, calls;
} disk = {-1, 0, 0};

static ssize_t failing_pwrite(int fd, const void *from, size_t len, off_t at)
{
    disk.calls++;
    if (disk.left == 0) {
        errno = disk.cause;
        return -1;
    }
    if (disk.left > 0) disk.left--;
    return pwrite(fd, from, len, at);
}

static void fail_writes(int left, int cause)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    disk.left = left;
    disk.cause = cause;
    disk.calls = 0;
    static const char *const names[] = {"pwrite", "pwrite64"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_int_equal(
            vfs->xSetSystemCall(vfs, names[i], (sqlite3_syscall_ptr)(void (*)(void))failing_pwrite),
            SQLITE_OK);
}

static void writes_work_again(void)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    vfs->xSetSystemCall(vfs, "pwrite", NULL);
    vfs->xSetSystemCall(vfs, "pwrite64", NULL);
}

static void full_at_the_commit_poisons_until_reopened(void **state)
{
    struct store *store = note_store(*state);
    assert_ok(put_alone(store, 1, BYTES("one")));
    fail_writes(0, ENOSPC);
    assert_err(put_alone(store, 2, BYTES("two")), FULL);
    writes_work_again();
    assert_err(put_alone(store, 3, BYTES("three")), FULL); /* who knows what is on the disk? */
    assert_non_null(strstr(store_error_text(store), "commit that failed"));

    assert_ok(store_reopen(store));
    assert_int_equal(count(store), 1);
    assert_ok(put_alone(store, 2, BYTES("two")));
    assert_int_equal(count(store), 2);
    store_close(store);
}

/*
 * Three commits while the n-th write fails, for every n until all three succeed: what was said to
 * be committed is there after a reopening, what was not is there whole or not at all.
 */
static void every_write_may_fail(int cause, const char *error, struct scratch *scratch)
{
    int n = 0;
    for (bool all = false; !all && n < 500; n++) {
        struct store *store = note_store(scratch);
        assert_ok(store_exec(store, "DELETE FROM note"));
        fail_writes(n, cause);
        int64_t told = 0;
        for (int64_t i = 0; i < 3; i++) {
            CLEANUP(store_rollback) struct store_tx tx = {0};
            err e = store_begin(store, &tx);
            for (int64_t k = 0; k < 4 && !FAILED(e); k++)
                e = put(store, 4 * i + k, BYTES("four at once"));
            if (!FAILED(e)) e = store_commit(&tx);
            if (FAILED(e)) {
                assert_string_equal(err_name(e), error);
                break;
            }
            told++;
        }
        all = told == 3;
        writes_work_again();
        store_close(store);
        store = note_store(scratch);
        int64_t found = count(store);
        assert_int_equal(found % 4, 0);
        assert_true(found >= 4 * told && found <= 4 * (told + 1));
        assert_ok(store_check(store));
        store_close(store);
    }
    assert_true(n > 3 && n < 500); /* it did fail somewhere, and in the end nowhere */
}

static void a_full_disk_at_every_write(void **state)
{
    every_write_may_fail(ENOSPC, "FULL", *state);
}

static void a_failing_disk_at_every_write(void **state)
{
    every_write_may_fail(EIO, "IO", *state);
}

static void damaged_pages_are_found(void **state)
{
    struct store *store = note_store(*state);
    static uint8_t big[3000];
    memset(big, 'x', sizeof big);
    for (int64_t i = 0; i < 200; i++) assert_ok(put(store, i, BYTES_OF(big)));
    char path[128];
    snprintf(path, sizeof path, "%s", store_path(store));
    assert_ok(store_check(store));
    store_close(store);

    int fd = open(path, O_RDWR);
    static const uint8_t rubbish[64] = {0xFF, 0xFF, 0xFF};
    for (off_t page = 2; page < 100; page += 7)
        assert_int_equal(pwrite(fd, rubbish, sizeof rubbish, page * 4096), sizeof rubbish);
    close(fd);
    store = opened(path, STORE_OPEN);
    int64_t total;
    assert_err(store_query_int(store, "SELECT sum(length(text)) FROM note", &total), CORRUPT);
    assert_non_null(strstr(store_error_text(store), "backup"));
    assert_err(store_check(store), CORRUPT);
    store_close(store);
}

/* ---- schemas -------------------------------------------------------------------------------- */

static void schemas_grow_and_never_change(void **state)
{
    static const char *const longer[] = {NULL, "CREATE TABLE more(x INTEGER) STRICT;"};
    const char *texts[2] = {note_migration[0], longer[1]};
    const struct store_schema grown = {"note", texts, 2};
    static const char *const edited_text[] = {"CREATE TABLE note(id INTEGER PRIMARY KEY) STRICT;"};
    const struct store_schema edited = {"note", edited_text, 1};
    const char *broken_texts[3] = {note_migration[0], longer[1],
                                   "CREATE TABLE third(x INTEGER); NO SUCH;"};
    const struct store_schema broken = {"note", broken_texts, 3};

    struct store *store = note_store(*state);
    struct store *reader = opened(store_path(store), STORE_READ_ONLY);
    assert_ok(store_migrate(store, &note_schema));
    assert_err(store_migrate(store, &edited), CORRUPT);
    assert_err(store_migrate(reader, &grown), READ_ONLY);
    assert_ok(store_migrate(store, &grown));
    assert_err(store_migrate(store, &note_schema), NEWER);
    assert_non_null(strstr(store_error_text(store), "note"));
    assert_err(store_migrate(reader, &note_schema), NEWER);
    assert_ok(store_migrate(reader, &grown));

    int64_t tables = 0;
    assert_err(store_migrate(store, &broken), CORRUPT); /* the third is taken back whole */
    assert_ok(
        store_query_int(store, "SELECT count(*) FROM sqlite_schema WHERE name='third'", &tables));
    assert_int_equal(tables, 0);
    assert_ok(store_migrate(store, &grown));
    const struct store_schema absent = {"absent", texts, 1};
    assert_err(store_migrate(reader, &absent), CORRUPT);
    store_close(reader);
    store_close(store);
}

/* ---- the checkpointer ----------------------------------------------------------------------- */

static int64_t size_of(const char *path, const char *suffix)
{
    char name[160];
    struct stat found;
    snprintf(name, sizeof name, "%s%s", path, suffix);
    return stat(name, &found) == 0 ? (int64_t)found.st_size : -1;
}

static void the_wal_stays_bounded_under_steady_commits(void **state)
{
    struct store *store = note_store(*state);
    struct store_checkpointer *checkpointer = NULL;
    assert_ok(store_checkpointer_start(store, 20, &checkpointer));
    static uint8_t big[4000];
    memset(big, 'x', sizeof big);
    /* 3,000 commits of at least two pages would be 24 MB. The gate closes at 16 times 20 pages; at
     * twice that the writer waits for a thread that is late, however busy the machine is. */
    for (int64_t i = 0; i < 3000; i++) {
        assert_ok(put_alone(store, i, BYTES_OF(big)));
        assert_true(size_of(store_path(store), "-wal") < 3 * 1024 * 1024);
    }
    store_checkpointer_stop(checkpointer);
    assert_true(size_of(store_path(store), "") > 10 * 1024 * 1024);
    assert_int_equal(count(store), 3000);
    assert_ok(store_check(store));
    store_close(store);
}

int main(void)
{
#define ON_DISK(test) cmocka_unit_test_setup_teardown(test, make_scratch, remove_scratch)
    const struct CMUnitTest tests[] = {
        ON_DISK(committed_stays_and_rolled_back_does_not),
        ON_DISK(a_new_file_is_for_its_owner_only),
        ON_DISK(columns_keep_their_types),
        ON_DISK(what_is_bound_is_what_was_said_last),
        ON_DISK(a_wrong_type_is_corrupt_and_the_first_fault_stays),
        ON_DISK(constraints_have_their_own_errors),
        ON_DISK(a_reader_sees_that_something_changed),
        ON_DISK(the_door_says_what_is_wrong),
        ON_DISK(a_file_without_write_permission),
        ON_DISK(locked_by_somebody_else),
        ON_DISK(another_text_at_the_same_address_is_a_bug),
        ON_DISK(full_at_a_statement_loses_nothing),
        ON_DISK(full_at_the_commit_poisons_until_reopened),
        ON_DISK(a_full_disk_at_every_write),
        ON_DISK(a_failing_disk_at_every_write),
        ON_DISK(damaged_pages_are_found),
        ON_DISK(schemas_grow_and_never_change),
        ON_DISK(the_wal_stays_bounded_under_steady_commits),
    };
    return cmocka_run_group_tests_name("lib/store over SQLite", tests, NULL, NULL);
}
