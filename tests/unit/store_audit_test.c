/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S71: the audit log refuses to be changed, and when a hand goes around it, the record is named:
 * any byte of any record, a record taken out, two exchanged, the end cut off.
 */
#include "lib/store/audit.h"
#include "tests/unit/scratch.h"

enum { RECORDS = 6 };

static struct store_anchor *anchor;
static struct store *store;

static int make_log(void **state)
{
    (void)state;
    static const struct store_options options = {.mode = STORE_MEMORY};
    if (FAILED(store_anchor_open("audit-test", &anchor))) return -1;
    if (FAILED(store_open("audit-test", &options, NULL, &store))) return -1;
    if (FAILED(store_migrate(store, &audit_schema))) return -1;
    for (int64_t i = 1; i <= RECORDS; i++) {
        struct audit_entry entry = {1000 + i, BYTES("operator 01"), BYTES("sign_in"),
                                    BYTES("10000017"), BYTES("batch 000012")};
        if (FAILED(audit_note(store, &entry))) return -1;
    }
    return 0;
}

static int drop_log(void **state)
{
    (void)state;
    store_close(store);
    store_anchor_close(anchor);
    return 0;
}

/* What somebody with the file and a database tool can do. */
static void tamper(const char *sql)
{
    assert_ok(store_exec(store, "DROP TRIGGER IF EXISTS audit_no_update;"
                                "DROP TRIGGER IF EXISTS audit_no_delete;"));
    assert_ok(store_exec(store, sql));
}

static struct audit_report verify(void)
{
    struct audit_report report;
    assert_ok(audit_verify(store, &report));
    return report;
}

static void found(enum audit_verdict verdict, int64_t seq)
{
    struct audit_report report = verify();
    assert_string_equal(audit_verdict_text(report.verdict), audit_verdict_text(verdict));
    assert_int_equal(report.seq, seq);
}

static void a_whole_chain_is_whole(void **state)
{
    (void)state;
    struct audit_report report = verify();
    assert_int_equal(report.verdict, AUDIT_INTACT);
    assert_int_equal(report.records, RECORDS);
    assert_int_equal(report.seq, RECORDS);
}

static void an_empty_chain_is_whole(void **state)
{
    (void)state;
    tamper("DELETE FROM audit; UPDATE audit_head SET seq = 0, hash = zeroblob(32);");
    found(AUDIT_INTACT, 0);
}

static void the_log_refuses_changes(void **state)
{
    (void)state;
    assert_err(store_exec(store, "UPDATE audit SET actor = 'nobody' WHERE seq = 3"), DENIED);
    assert_err(store_exec(store, "DELETE FROM audit WHERE seq = 3"), DENIED);
    assert_err(store_exec(store, "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 3"),
               DENIED);
    found(AUDIT_INTACT, RECORDS);
}

/* Every byte of every column of every record, each with one bit changed. */
static void any_byte_of_any_record_names_it(void **state)
{
    (void)state;
    static const char *const columns[] = {"at_ms",  "actor",    "event", "subject",
                                          "detail", "previous", "hash"};
    int changed = 0;
    char sql[400];
    for (int64_t seq = 1; seq <= RECORDS; seq++) {
        for (size_t c = 0; c < ARRAY_LEN(columns); c++) {
            bool number = c == 0, blob = c >= 5;
            int64_t len = number ? 8 : blob ? 32 : c == 1 ? 11 : c == 2 ? 7 : c == 3 ? 8 : 12;
            for (int64_t at = 1; at <= len; at++) {
                assert_ok(store_exec(store, "SAVEPOINT before"));
                if (number)
                    snprintf(sql, sizeof sql,
                             "UPDATE audit SET at_ms = at_ms + (1 << %d) WHERE seq = %d",
                             (int)(8 * (at - 1)) % 62, (int)seq);
                else if (blob)
                    snprintf(
                        sql, sizeof sql,
                        "UPDATE audit SET %s = CAST(substr(%s,1,%d) || CASE WHEN substr(%s,%d,1)"
                        " = x'00' THEN x'01' ELSE x'00' END || substr(%s,%d) AS BLOB) WHERE seq = %d",
                        columns[c], columns[c], (int)at - 1, columns[c], (int)at, columns[c],
                        (int)at + 1, (int)seq);
                else
                    snprintf(
                        sql, sizeof sql,
                        "UPDATE audit SET %s = substr(%s,1,%d) || char(unicode(substr(%s,%d,1)) + 1)"
                        " || substr(%s,%d) WHERE seq = %d",
                        columns[c], columns[c], (int)at - 1, columns[c], (int)at, columns[c],
                        (int)at + 1, (int)seq);
                tamper(sql);
                found(AUDIT_ALTERED, seq);
                assert_ok(store_exec(store, "ROLLBACK TO before; RELEASE before"));
                changed++;
            }
        }
    }
    assert_int_equal(changed, RECORDS * (8 + 11 + 7 + 8 + 12 + 32 + 32));
    found(AUDIT_INTACT, RECORDS);
}

static void a_missing_record_is_named(void **state)
{
    (void)state;
    tamper("DELETE FROM audit WHERE seq = 4");
    found(AUDIT_MISSING, 4);
}

static void the_first_record_gone_is_named(void **state)
{
    (void)state;
    tamper("DELETE FROM audit WHERE seq = 1");
    found(AUDIT_MISSING, 1);
}

static void two_exchanged_records_are_named(void **state)
{
    (void)state;
    tamper("UPDATE audit SET seq = -1 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4;"
           "UPDATE audit SET seq = 4 WHERE seq = -1;");
    found(AUDIT_ALTERED, 3);
}

static void a_gap_closed_by_renumbering_is_named(void **state)
{
    (void)state;
    tamper("DELETE FROM audit WHERE seq = 4; UPDATE audit SET seq = seq - 1 WHERE seq > 4;");
    found(AUDIT_ALTERED, 4);
}

static void a_cut_end_is_named(void **state)
{
    (void)state;
    tamper("DELETE FROM audit WHERE seq > 4");
    found(AUDIT_HEAD, 5);
}

static void a_changed_head_is_named(void **state)
{
    (void)state;
    tamper("UPDATE audit_head SET hash = zeroblob(32)");
    found(AUDIT_HEAD, RECORDS);
    tamper("DELETE FROM audit_head");
    found(AUDIT_HEAD, RECORDS);
    assert_err(
        audit_note(store, &(struct audit_entry){1, BYTES("a"), BYTES("b"), BYTES("c"), BYTES("d")}),
        CORRUPT);
}

/* Somebody puts in a record with a right hash of its own that was never linked to the chain. */
static void a_record_from_another_chain_is_named(void **state)
{
    (void)state;
    struct store_anchor *other_anchor = NULL;
    struct store *other = NULL;
    static const struct store_options options = {.mode = STORE_MEMORY};
    assert_ok(store_anchor_open("audit-other", &other_anchor));
    assert_ok(store_open("audit-other", &options, NULL, &other));
    assert_ok(store_migrate(other, &audit_schema));
    for (int64_t i = 1; i <= 3; i++)
        assert_ok(audit_note(
            other, &(struct audit_entry){i, BYTES("mallory"), BYTES("x"), BYTES("y"), BYTES("z")}));

    struct store_statement *from, *to;
    bool row = false;
    assert_ok(store_exec(store, "DROP TRIGGER audit_no_delete; DELETE FROM audit WHERE seq = 3"));
    assert_ok(store_statement(other, "SELECT previous, hash FROM audit WHERE seq = 3", &from));
    assert_ok(store_step(from, &row));
    assert_ok(store_statement(
        store, "INSERT INTO audit VALUES(3, 3, 'mallory', 'x', 'y', 'z', ?, ?)", &to));
    store_bind_blob(to, store_read_blob(from));
    store_bind_blob(to, store_read_blob(from));
    assert_ok(store_run(to));
    found(AUDIT_UNLINKED, 3);
    store_close(other);
    store_anchor_close(other_anchor);
}

struct reading {
    int64_t next;
    char detail[AUDIT_TEXT_MAX + 1];
};

static err read_one(void *context, const struct audit_record *record)
{
    struct reading *reading = context;
    assert_int_equal(record->seq, reading->next);
    reading->next++;
    return bytes_to_text(record->entry.detail, reading->detail, sizeof reading->detail);
}

static void card_numbers_and_long_texts_are_cut_down(void **state)
{
    (void)state;
    static uint8_t longest[1000];
    memset(longest, 'x', sizeof longest);
    memcpy(longest + AUDIT_TEXT_MAX - 8, "1234567890123456",
           16); /* the cut falls inside the number */
    struct reading reading = {.next = RECORDS + 1};
    struct audit_entry entry = {1, BYTES("card 0000000000000000000"), BYTES("e"), BYTES("s"),
                                BYTES("seen 1111110000001111 twice")};
    assert_ok(audit_note(store, &entry));
    assert_ok(audit_read(store, RECORDS + 1, read_one, &reading));
    assert_string_equal(reading.detail, "seen 111111******1111 twice");
    entry.detail = BYTES_OF(longest);
    assert_ok(audit_note(store, &entry));
    assert_ok(audit_read(store, RECORDS + 2, read_one, &reading));
    assert_int_equal(strlen(reading.detail), AUDIT_TEXT_MAX - 8);
    entry.detail = BYTES("a\0b");
    assert_ok(audit_note(store, &entry));
    found(AUDIT_INTACT, RECORDS + 3);
}

static err stop_at_once(void *context, const struct audit_record *record)
{
    (void)context, (void)record;
    return ERR(DENIED);
}

static void a_reader_may_stop(void **state)
{
    (void)state;
    assert_err(audit_read(store, 1, stop_at_once, NULL), DENIED);
    struct reading reading = {.next = 1};
    assert_ok(audit_read(store, 1, read_one, &reading));
    assert_int_equal(reading.next, RECORDS + 1);
}

int main(void)
{
#define WITH_LOG(test) cmocka_unit_test_setup_teardown(test, make_log, drop_log)
    const struct CMUnitTest tests[] = {
        WITH_LOG(a_whole_chain_is_whole),
        WITH_LOG(an_empty_chain_is_whole),
        WITH_LOG(the_log_refuses_changes),
        WITH_LOG(any_byte_of_any_record_names_it),
        WITH_LOG(a_missing_record_is_named),
        WITH_LOG(the_first_record_gone_is_named),
        WITH_LOG(two_exchanged_records_are_named),
        WITH_LOG(a_gap_closed_by_renumbering_is_named),
        WITH_LOG(a_cut_end_is_named),
        WITH_LOG(a_changed_head_is_named),
        WITH_LOG(a_record_from_another_chain_is_named),
        WITH_LOG(card_numbers_and_long_texts_are_cut_down),
        WITH_LOG(a_reader_may_stop),
    };
    return cmocka_run_group_tests_name("audit log", tests, NULL, NULL);
}
