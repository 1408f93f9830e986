/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S167: backups in a directory: a file has its name when all of it is there, what was given up is
 * gone, a medium that was pulled out is named; and the store that is copied stands still while
 * payments go on beside it.
 */
#include "terminal/backup_place.h"
#include "tests/unit/scratch.h"

struct place {
    struct scratch scratch;
    struct backup_place place;
    struct backup_ports ports;
    char database[128];
};

static void open_place(struct place *p)
{
    scratch_make(&p->scratch);
    snprintf(p->database, sizeof p->database, "%s", scratch_path(&p->scratch, "terminal.db"));
    p->place = (struct backup_place){.directory = p->scratch.directory, .database = p->database};
    backup_place_ports(&p->place, &p->ports);
}

static err count(void *context, const char *name)
{
    assert_string_equal(name, "a.tbbackup");
    ++*(unsigned *)context;
    return OK;
}

static unsigned files(struct place *p)
{
    unsigned found = 0;
    assert_ok(p->ports.each(p->ports.context, count, &found));
    return found;
}

static void whole_or_not_at_all(void **state)
{
    (void)state;
    static struct place p;
    uint8_t block[16];
    size_t len = 0;
    open_place(&p);
    void *c = p.ports.context;
    assert_ok(p.ports.create(c, "a.tbbackup"));
    assert_ok(p.ports.append(c, BYTES("one ")));
    assert_int_equal(files(&p), 0); /* it has no name yet */
    assert_ok(p.ports.finish(c, false));
    assert_int_equal(files(&p), 0);
    assert_ok(p.ports.finish(c, false)); /* there is none: nothing to give up */
    assert_ok(p.ports.create(c, "a.tbbackup"));
    assert_ok(p.ports.append(c, BYTES("one ")));
    assert_ok(p.ports.append(c, BYTES("two")));
    assert_ok(p.ports.finish(c, true));
    assert_int_equal(files(&p), 1);
    assert_ok(p.ports.read(c, "a.tbbackup", 2, block, 4, &len));
    assert_int_equal(len, 4);
    assert_memory_equal(block, "e tw", 4);
    assert_ok(p.ports.read(c, "a.tbbackup", 4, block, sizeof block, &len));
    assert_int_equal(len, 3);
    assert_ok(p.ports.read(c, "a.tbbackup", 100, block, sizeof block, &len));
    assert_int_equal(len, 0);
    assert_err(p.ports.read(c, "b.tbbackup", 0, block, sizeof block, &len), NOT_FOUND);
    assert_err(p.ports.read(c, "../a.tbbackup", 0, block, sizeof block, &len), CONFIG);
    assert_err(p.ports.create(c, "sub/a.tbbackup"), CONFIG);
    scratch_remove(&p.scratch);
}

static void a_medium_that_is_gone(void **state)
{
    (void)state;
    static struct place p;
    unsigned found = 0;
    open_place(&p);
    p.place.directory = "/nowhere/at/all";
    assert_err(p.ports.create(p.ports.context, "a.tbbackup"), NOT_FOUND);
    assert_err(p.ports.each(p.ports.context, count, &found), NOT_FOUND);
    scratch_remove(&p.scratch);
}

static void the_store_stands_still(void **state)
{
    (void)state;
    static struct place p;
    struct store *own, *copy;
    const struct store_options options = {.mode = STORE_CREATE, .busy_ms = 100};
    int64_t rows = -1;
    open_place(&p);
    assert_ok(store_open(p.database, &options, NULL, &own));
    assert_ok(store_exec(own, "CREATE TABLE t(x INTEGER) STRICT; INSERT INTO t VALUES(1)"));
    assert_ok(p.ports.snapshot(p.ports.context, &copy));
    assert_ok(store_query_int(copy, "SELECT count(*) FROM t", &rows));
    assert_int_equal(rows, 1);
    assert_ok(store_exec(own, "INSERT INTO t VALUES(2)")); /* nobody waits */
    assert_ok(store_query_int(copy, "SELECT count(*) FROM t ", &rows));
    assert_int_equal(rows, 1);
    store_close(copy);
    assert_ok(store_query_int(own, "SELECT count(*) FROM t", &rows));
    assert_int_equal(rows, 2);
    store_close(own);
    scratch_remove(&p.scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_or_not_at_all),
        cmocka_unit_test(a_medium_that_is_gone),
        cmocka_unit_test(the_store_stands_still),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
