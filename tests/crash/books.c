/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the books of acquirer and terminal. */
#include "tests/crash/books.h"

#include <sqlite3.h>

#include "journal/journal.h"
#include "ledger/fold.h"

enum { ROWS_AT_ONCE = 512 };

/* The last row of each payment counts: rows of one payment, sorted by their numbers. */
struct step {
    struct payment_key key;
    int64_t seq, amount_minor;
    enum payment_state state;
};

static int by_payment(const void *a, const void *b)
{
    const struct step *x = a, *y = b;
    int order = strcmp(x->key.tid, y->key.tid);
    if (order == 0) order = (x->key.batch > y->key.batch) - (x->key.batch < y->key.batch);
    if (order == 0) order = (x->key.stan > y->key.stan) - (x->key.stan < y->key.stan);
    if (order == 0) order = (x->seq > y->seq) - (x->seq < y->seq);
    return order;
}

static struct store *open_file(const char *directory, const char *name)
{
    char path[256];
    struct store *store = NULL;
    struct store_fault why = {""};
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 5000};
    snprintf(path, sizeof path, "%s/%s", directory, name);
    if (FAILED(store_open(path, &options, &why, &store))) fail_msg("%s", why.text);
    return store;
}

static struct step *read_steps(const char *acquirer, const char *tid, int64_t *ret_count,
                               int64_t *ret_rows)
{
    static struct journal_row rows[ROWS_AT_ONCE];
    struct store *store = open_file(acquirer, "journal.db");
    int64_t last = 0, count = 0;
    size_t got = 0;
    assert_ok(journal_last(store, &last));
    struct step *steps = calloc((size_t)last + 1, sizeof *steps);
    assert_non_null(steps);
    for (int64_t from = 1; from <= last; from += (int64_t)got) {
        assert_ok(journal_read(store, from, rows, ROWS_AT_ONCE, &got));
        assert_true(got > 0);
        for (size_t i = 0; i < got && rows[i].seq <= last; i++) {
            const struct payment *p = &rows[i].payment;
            if (tid != NULL && strcmp(tid, p->key.tid) != 0) continue;
            steps[count++] = (struct step){p->key, rows[i].seq, p->amount_minor, p->state};
        }
    }
    store_close(store);
    *ret_count = count;
    *ret_rows = last;
    return steps;
}

struct journal_totals books_journal(const char *acquirer, const char *tid)
{
    struct journal_totals t = {0};
    int64_t count = 0;
    struct step *steps = read_steps(acquirer, tid, &count, &t.rows);
    qsort(steps, (size_t)count, sizeof *steps, by_payment);
    for (int64_t i = 0; i < count; i++) {
        const struct step *s = &steps[i];
        if (i + 1 < count && payment_key_equal(&s->key, &steps[i + 1].key)) continue;
        t.payments++;
        if (s->state == PAYMENT_APPROVED) {
            t.approved++;
            t.approved_minor += s->amount_minor;
        } else if (s->state == PAYMENT_DECLINED) {
            t.declined++;
        } else if (s->state == PAYMENT_REVERSED) {
            t.reversed++;
        } else {
            t.undecided++;
        }
    }
    free(steps);
    return t;
}

static err add_receivable(void *context, const struct account *account)
{
    int64_t *sum = context;
    if (account->kind == ACCOUNT_NETWORK_RECEIVABLE)
        *sum += account->debits_posted - account->credits_posted;
    return OK;
}

int64_t books_ledger_minor(const char *acquirer)
{
    char path[256];
    struct ledger *ledger = NULL;
    struct store_fault why = {""};
    struct store *journal = open_file(acquirer, "journal.db");
    int64_t last = 0, sum = 0;
    assert_ok(journal_last(journal, &last));
    store_close(journal);
    snprintf(path, sizeof path, "%s/ledger.db", acquirer);
    if (FAILED(ledger_open(path, STORE_READ_ONLY, &why, &ledger))) fail_msg("%s", why.text);
    assert_ok(ledger_accounts(ledger, add_receivable, &sum));
    bool there = ledger_seq(ledger) == last;
    ledger_close(ledger);
    return there ? sum : -1;
}

static int64_t query(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *s = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return value;
}

/* The numbers of the states are those on disk: 3 approved, 2 pending, 5 reversing. */
struct terminal_totals books_terminal(const char *terminal)
{
    char path[256];
    sqlite3 *db = NULL;
    snprintf(path, sizeof path, "%s/terminal.db", terminal);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_busy_timeout(db, 5000), SQLITE_OK);
    const struct terminal_totals t = {
        query(db, "SELECT count(*) FROM payment WHERE state = 3"),
        query(db, "SELECT coalesce(sum(amount_minor), 0) FROM payment WHERE state = 3"),
        query(db, "SELECT count(*) FROM payment WHERE state IN (1, 2, 5)"),
    };
    sqlite3_close(db);
    return t;
}
