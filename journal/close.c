/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of closed batches and of work items: appended to, never changed. */
#include "journal/close.h"

#include <assert.h>

static const char *const migration[] = {
    "CREATE TABLE batch_close(number INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL,"
    " tid TEXT NOT NULL, mid TEXT NOT NULL, batch INTEGER NOT NULL, how INTEGER NOT NULL,"
    " terminal_debits INTEGER NOT NULL, terminal_debit_minor INTEGER NOT NULL,"
    " terminal_credits INTEGER NOT NULL, terminal_credit_minor INTEGER NOT NULL,"
    " host_debits INTEGER NOT NULL, host_debit_minor INTEGER NOT NULL,"
    " host_credits INTEGER NOT NULL, host_credit_minor INTEGER NOT NULL,"
    " seq INTEGER NOT NULL, items INTEGER NOT NULL, UNIQUE(tid, batch)) STRICT;"
    "CREATE TABLE work_item(number INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL,"
    " kind INTEGER NOT NULL, tid TEXT NOT NULL, mid TEXT NOT NULL, batch INTEGER NOT NULL,"
    " stan INTEGER NOT NULL, type INTEGER NOT NULL, terminal_minor INTEGER NOT NULL,"
    " host_minor INTEGER NOT NULL, shown TEXT NOT NULL, rrn TEXT NOT NULL) STRICT;"
    "CREATE TRIGGER batch_close_no_update BEFORE UPDATE ON batch_close"
    " BEGIN SELECT RAISE(ABORT, 'a closed batch stays as it is'); END;"
    "CREATE TRIGGER batch_close_no_delete BEFORE DELETE ON batch_close"
    " BEGIN SELECT RAISE(ABORT, 'a closed batch stays as it is'); END;"
    "CREATE TRIGGER work_item_no_update BEFORE UPDATE ON work_item"
    " BEGIN SELECT RAISE(ABORT, 'work items are append-only'); END;"
    "CREATE TRIGGER work_item_no_delete BEFORE DELETE ON work_item"
    " BEGIN SELECT RAISE(ABORT, 'work items are append-only'); END;",

    "CREATE INDEX work_item_of ON work_item(tid, batch, stan);",

    "ALTER TABLE work_item ADD COLUMN network INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE work_item ADD COLUMN day INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE work_item ADD COLUMN network_minor INTEGER NOT NULL DEFAULT 0;"
    "CREATE UNIQUE INDEX work_item_cleared ON work_item(rrn, day, kind) WHERE day > 0;",

    /* What is of a whole day has no reference, and one for each network. */
    "DROP INDEX work_item_cleared;"
    "CREATE UNIQUE INDEX work_item_cleared ON work_item(rrn, day, kind, network) WHERE day > 0;",
};

const struct store_schema journal_close_schema = {"batches", migration, ARRAY_LEN(migration)};

static const char *const closings[JOURNAL_CLOSINGS] = {"?", "equal", "upload", "left"};
static const char *const items[JOURNAL_ITEMS] = {
    "?",           "terminal_only",  "host_only",
    "other",       "totals",         "left",
    "late",        "kept",           "network_lacks",
    "host_lacks",  "network_amount", "network_state",
    "network_fee", "network_paid",   "advice",
};

const char *journal_closing_name(enum journal_closing how)
{
    return how < JOURNAL_CLOSINGS ? closings[how] : "?";
}

const char *journal_item_name(enum journal_item_kind kind)
{
    return kind < JOURNAL_ITEMS ? items[kind] : "?";
}

/* ---- appending ---- */

static void bind_totals(struct store_statement *s, const struct payment_totals *totals)
{
    for (enum payment_side side = PAYMENT_SIDE_DEBIT; side <= PAYMENT_SIDE_CREDIT; side++) {
        store_bind_int(s, totals->side[side].count);
        store_bind_int(s, totals->side[side].minor);
    }
}

err journal_close_append(struct store_tx *tx, const struct journal_close *close)
{
    ENSURE(tx->store != NULL && close->tid[0] != '\0' && close->batch > 0);
    ENSURE(close->how >= JOURNAL_CLOSED_EQUAL && close->how < JOURNAL_CLOSINGS);
    struct store_statement *insert;
    TRY(store_statement(tx->store,
                        "INSERT INTO batch_close VALUES(NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
                        " ?, ?, ?)",
                        &insert));
    store_bind_int(insert, close->at_ms);
    store_bind_text(insert, bytes_text(close->tid));
    store_bind_text(insert, bytes_text(close->mid));
    store_bind_int(insert, close->batch);
    store_bind_int(insert, close->how);
    bind_totals(insert, &close->terminal);
    bind_totals(insert, &close->host);
    store_bind_int(insert, close->seq);
    store_bind_int(insert, close->items);
    return store_run(insert);
}

err journal_item_append(struct store_tx *tx, const struct journal_item *item)
{
    bool cleared =
        item->kind >= JOURNAL_ITEM_NETWORK_LACKS && item->kind <= JOURNAL_ITEM_NETWORK_PAID;
    ENSURE(item->kind >= JOURNAL_ITEM_TERMINAL_ONLY && item->kind < JOURNAL_ITEMS);
    ENSURE(tx->store != NULL && (cleared || (item->tid[0] != '\0' && item->batch > 0)));
    bool whole_day = item->kind == JOURNAL_ITEM_NETWORK_PAID;
    ENSURE(cleared == (item->day > 0));
    ENSURE(!cleared || strlen(item->rrn) == (whole_day ? 0 : 12));
    struct store_statement *insert;
    TRY(store_statement(
        tx->store, "INSERT INTO work_item VALUES(NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        &insert));
    store_bind_int(insert, item->at_ms);
    store_bind_int(insert, item->kind);
    store_bind_text(insert, bytes_text(item->tid));
    store_bind_text(insert, bytes_text(item->mid));
    store_bind_int(insert, item->batch);
    store_bind_int(insert, item->stan);
    store_bind_int(insert, item->type);
    store_bind_int(insert, item->terminal_minor);
    store_bind_int(insert, item->host_minor);
    store_bind_text(insert, bytes_text(item->shown));
    store_bind_text(insert, bytes_text(item->rrn));
    store_bind_int(insert, item->network);
    store_bind_int(insert, item->day);
    store_bind_int(insert, item->network_minor);
    return store_run(insert);
}

/* ---- reading ---- */

static void read_totals(struct store_statement *s, struct payment_totals *totals)
{
    for (enum payment_side side = PAYMENT_SIDE_DEBIT; side <= PAYMENT_SIDE_CREDIT; side++) {
        totals->side[side].count = store_read_int(s);
        totals->side[side].minor = store_read_int(s);
    }
}

static err read_close(struct store *store, struct store_statement *s, void *row)
{
    struct journal_close *c = row;
    *c = (struct journal_close){.number = store_read_int(s)};
    c->at_ms = store_read_int(s);
    store_read_text_into(s, c->tid, sizeof c->tid);
    store_read_text_into(s, c->mid, sizeof c->mid);
    c->batch = (uint32_t)store_read_int(s);
    int64_t how = store_read_int(s);
    read_totals(s, &c->terminal);
    read_totals(s, &c->host);
    c->seq = store_read_int(s);
    c->items = store_read_int(s);
    TRY(store_read_finish(s));
    if (how < JOURNAL_CLOSED_EQUAL || how >= JOURNAL_CLOSINGS)
        return store_refuse(store, ERR(CORRUPT), "a closed batch makes no sense", NULL);
    c->how = (enum journal_closing)how;
    return OK;
}

static err read_item(struct store *store, struct store_statement *s, void *row)
{
    struct journal_item *i = row;
    *i = (struct journal_item){.number = store_read_int(s)};
    i->at_ms = store_read_int(s);
    int64_t kind = store_read_int(s);
    store_read_text_into(s, i->tid, sizeof i->tid);
    store_read_text_into(s, i->mid, sizeof i->mid);
    i->batch = (uint32_t)store_read_int(s);
    i->stan = (uint32_t)store_read_int(s);
    int64_t type = store_read_int(s);
    i->terminal_minor = store_read_int(s);
    i->host_minor = store_read_int(s);
    store_read_text_into(s, i->shown, sizeof i->shown);
    store_read_text_into(s, i->rrn, sizeof i->rrn);
    int64_t network = store_read_int(s);
    i->day = (int32_t)store_read_int(s);
    i->network_minor = store_read_int(s);
    TRY(store_read_finish(s));
    bool sense = kind >= JOURNAL_ITEM_TERMINAL_ONLY && kind < JOURNAL_ITEMS && type >= 0 &&
                 type < PAYMENT_TYPES && network >= 0 && network < PAYMENT_ROUTES;
    if (!sense) return store_refuse(store, ERR(CORRUPT), "a work item makes no sense", NULL);
    i->kind = (enum journal_item_kind)kind;
    i->type = (enum payment_type)type;
    i->network = (enum payment_route)network;
    return OK;
}

/* The rows of `s`, which is bound, into `rows` of `size` bytes each. */
static err read_rows(struct store *store, struct store_statement *s,
                     err (*read)(struct store *, struct store_statement *, void *), void *rows,
                     size_t size, size_t max, size_t *ret_count)
{
    size_t count = 0;
    for (;;) {
        bool there = false;
        TRY(store_step(s, &there));
        if (!there) break;
        ENSURE(count < max);
        err failure = read(store, s, (uint8_t *)rows + count * size);
        if (FAILED(failure)) {
            store_reset(s);
            return failure;
        }
        count++;
    }
    *ret_count = count;
    return OK;
}

err journal_item_known(struct store *store, enum journal_item_kind kind,
                       const struct payment_key *key)
{
    struct store_statement *s;
    bool there = false;
    TRY(store_statement(store,
                        "SELECT 1 FROM work_item WHERE tid = ? AND batch = ? AND stan = ?"
                        " AND kind = ?",
                        &s));
    store_bind_text(s, bytes_text(key->tid));
    store_bind_int(s, key->batch);
    store_bind_int(s, key->stan);
    store_bind_int(s, kind);
    TRY(store_step(s, &there));
    store_reset(s);
    return there ? OK : ERR(NOT_FOUND);
}

err journal_item_cleared(struct store *store, const struct journal_item *item)
{
    struct store_statement *s;
    bool there = false;
    TRY(store_statement(store,
                        "SELECT 1 FROM work_item WHERE rrn = ? AND day = ? AND kind = ?"
                        " AND day > 0",
                        &s));
    store_bind_text(s, bytes_text(item->rrn));
    store_bind_int(s, item->day);
    store_bind_int(s, item->kind);
    TRY(store_step(s, &there));
    store_reset(s);
    return there ? OK : ERR(NOT_FOUND);
}

err journal_close_find(struct store *store, const char *tid, uint32_t batch,
                       struct journal_close *out)
{
    struct store_statement *s;
    struct journal_close found;
    size_t count = 0;
    TRY(store_statement(store, "SELECT * FROM batch_close WHERE tid = ? AND batch = ?", &s));
    store_bind_text(s, bytes_text(tid));
    store_bind_int(s, batch);
    TRY(read_rows(store, s, read_close, &found, sizeof found, 1, &count));
    if (count == 0) return ERR(NOT_FOUND);
    *out = found;
    return OK;
}

err journal_close_of(struct store *store, const char *tid, int64_t floor, int64_t after,
                     struct journal_close *rows, size_t max, size_t *ret_count)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "SELECT * FROM batch_close WHERE tid = ? AND seq >= ? AND number > ?"
                        " ORDER BY number LIMIT ?",
                        &s));
    store_bind_text(s, bytes_text(tid));
    store_bind_int(s, floor);
    store_bind_int(s, after);
    store_bind_int(s, (int64_t)max);
    return read_rows(store, s, read_close, rows, sizeof *rows, max, ret_count);
}

err journal_close_read(struct store *store, int64_t from, struct journal_close *rows, size_t max,
                       size_t *ret_count)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "SELECT * FROM batch_close WHERE number >= ? ORDER BY number LIMIT ?", &s));
    store_bind_int(s, from);
    store_bind_int(s, (int64_t)max);
    return read_rows(store, s, read_close, rows, sizeof *rows, max, ret_count);
}

err journal_item_read(struct store *store, int64_t from, struct journal_item *rows, size_t max,
                      size_t *ret_count)
{
    struct store_statement *s;
    TRY(store_statement(store, "SELECT * FROM work_item WHERE number >= ? ORDER BY number LIMIT ?",
                        &s));
    store_bind_int(s, from);
    store_bind_int(s, (int64_t)max);
    return read_rows(store, s, read_item, rows, sizeof *rows, max, ret_count);
}
