/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the acquirer keeps in journal.db: the journal itself, and beside it the working keys and
 * batch of each terminal and the next RRN number. All of it is written in the transaction of the
 * group, so a key that a terminal was told and a number that a network has seen are on disk.
 */
#include "acquirer/host.h"
#include "journal/close.h"
#include "journal/dispute.h"
#include "journal/journal.h"
#include "journal/order.h"
#include "journal/plate.h"
#include "journal/reconcile.h"
#include "journal/work.h"
#include "journal/zone_use.h"
#include "lib/store/audit.h"

static const char *const migration[] = {
    "CREATE TABLE terminal_session(tid TEXT PRIMARY KEY, batch INTEGER NOT NULL,"
    " pin BLOB NOT NULL, mac BLOB NOT NULL, data BLOB NOT NULL) STRICT;"
    "CREATE TABLE counter(name TEXT PRIMARY KEY, next INTEGER NOT NULL) STRICT;"
    "INSERT INTO counter(name, next) VALUES('rrn', 1);",

    "CREATE TABLE terminal_parameters(tid TEXT PRIMARY KEY, number INTEGER NOT NULL,"
    " digest BLOB NOT NULL, at_ms INTEGER NOT NULL) STRICT;",

    /* Settlements under way (record_batch.c): what a terminal has said, and its uploaded rows. */
    "ALTER TABLE terminal_session ADD COLUMN closed INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE batch_asked(tid TEXT PRIMARY KEY, batch INTEGER NOT NULL,"
    " debits INTEGER NOT NULL, debit_minor INTEGER NOT NULL,"
    " credits INTEGER NOT NULL, credit_minor INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE batch_upload(tid TEXT NOT NULL, stan INTEGER NOT NULL, type INTEGER NOT NULL,"
    " amount_minor INTEGER NOT NULL, shown TEXT NOT NULL, PRIMARY KEY(tid, stan))"
    " STRICT, WITHOUT ROWID;",

    "ALTER TABLE terminal_session ADD COLUMN ksn BLOB NOT NULL DEFAULT x'';",

    /* Batches that a terminal has left without settling them: it may still do so. */
    "CREATE TABLE batch_left(tid TEXT NOT NULL, batch INTEGER NOT NULL,"
    " debits INTEGER NOT NULL, debit_minor INTEGER NOT NULL,"
    " credits INTEGER NOT NULL, credit_minor INTEGER NOT NULL,"
    " first_stan INTEGER NOT NULL, last_stan INTEGER NOT NULL, PRIMARY KEY(tid, batch))"
    " STRICT, WITHOUT ROWID;",

    /* Which device said so, by its certificate's print: its successor has nothing yet. */
    "ALTER TABLE terminal_parameters ADD COLUMN device TEXT NOT NULL DEFAULT '';",
};

static const struct store_schema schema = {"acquirer", migration, ARRAY_LEN(migration)};

static const char select_sessions[] =
    "SELECT tid, batch, pin, mac, data, closed, ksn FROM terminal_session";
static const char upsert_session[] =
    "INSERT INTO terminal_session(tid, batch, pin, mac, data, closed, ksn)"
    " VALUES(?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT(tid) DO UPDATE SET batch = excluded.batch, pin = excluded.pin,"
    " mac = excluded.mac, data = excluded.data, closed = excluded.closed, ksn = excluded.ksn";
static const char select_parameters[] = "SELECT tid, number, device FROM terminal_parameters";
static const char upsert_parameters[] =
    "INSERT INTO terminal_parameters(tid, number, digest, at_ms, device) VALUES(?, ?, ?, ?, ?)"
    " ON CONFLICT(tid) DO UPDATE SET number = excluded.number, digest = excluded.digest,"
    " at_ms = excluded.at_ms, device = excluded.device";
static const char move_counter[] = "UPDATE counter SET next = ? WHERE name = 'rrn'";
static const char select_counter[] = "SELECT next FROM counter WHERE name = 'rrn'";

/* An RRN has its last eight digits. */
#define RRN_NUMBER_MAX UINT64_C(2821109907455)

static err load_session(struct acquirer *a, struct store_statement *select)
{
    char tid[9];
    uint32_t place;
    store_read_text_into(select, tid, sizeof tid);
    TRY(terminal_place(a, bytes_text(tid), &place));
    struct terminal *t = &a->terminal[place];
    t->batch = (uint32_t)store_read_int(select);
    TRY(key_copy(&t->pin, store_read_blob(select)));
    TRY(key_copy(&t->mac, store_read_blob(select)));
    TRY(key_copy(&t->data, store_read_blob(select)));
    t->closed = store_read_int(select) != 0;
    struct bytes ksn = store_read_blob(select);
    if (ksn.len > sizeof t->last_ksn) return ERR(CORRUPT);
    if (ksn.len > 0) memcpy(t->last_ksn, ksn.at, ksn.len);
    return store_read_finish(select);
}

static err load_parameters(struct acquirer *a, struct store_statement *select)
{
    char tid[9];
    uint32_t place;
    store_read_text_into(select, tid, sizeof tid);
    TRY(terminal_place(a, bytes_text(tid), &place));
    struct terminal *t = &a->terminal[place];
    t->in_force = (uint32_t)store_read_int(select);
    store_read_text_into(select, t->in_force_at, sizeof t->in_force_at);
    return store_read_finish(select);
}

/* Every row of `sql` to `load`. */
static err load_rows(struct acquirer *a, const char *sql,
                     err (*load)(struct acquirer *a, struct store_statement *select))
{
    struct store_statement *select;
    TRY(store_statement(a->store, sql, &select));
    for (;;) {
        bool row = false;
        TRY(store_step(select, &row));
        if (!row) return OK;
        err loaded = load(a, select);
        if (!FAILED(loaded)) continue;
        store_reset(select);
        return loaded;
    }
}

static err open_store(struct acquirer *a, struct acquirer_fault *fault)
{
    const struct store_options options = {.mode = a->config.mode, .busy_ms = 2000};
    struct store_fault cause = {{0}};
    err opened = store_open(a->config.journal_path, &options, &cause, &a->store);
    return FAILED(opened) ? host_refuse(fault, opened, "journal", cause.text) : OK;
}

static err load(struct acquirer *a)
{
    TRY(store_migrate(a->store, &journal_schema));
    TRY(store_migrate(a->store, &journal_close_schema));
    TRY(store_migrate(a->store, &journal_order_schema));
    TRY(store_migrate(a->store, &journal_dispute_schema));
    TRY(store_migrate(a->store, &journal_work_schema));
    TRY(store_migrate(a->store, &journal_reconcile_schema));
    TRY(store_migrate(a->store, &journal_plate_schema));
    TRY(store_migrate(a->store, &journal_zone_use_schema));
    TRY(store_migrate(a->store, &audit_schema)); /* of the orders: control.c */
    TRY(store_migrate(a->store, &schema));
    TRY(load_rows(a, select_sessions, load_session));
    TRY(load_rows(a, select_parameters, load_parameters));
    int64_t next = 0;
    TRY(store_query_int(a->store, select_counter, &next));
    if (next < 1 || (uint64_t)next > RRN_NUMBER_MAX) return ERR(CORRUPT);
    a->rrn_next = a->rrn_end = (uint64_t)next;
    return OK;
}

err record_open(struct acquirer *a, struct acquirer_fault *fault)
{
    TRY(open_store(a, fault));
    if (a->config.store_fault != NULL)
        store_set_fault(a->store, a->config.store_fault, a->config.store_fault_context);
    err loaded = load(a);
    if (!FAILED(loaded) && a->config.checkpoint_pages > 0)
        loaded = store_checkpointer_start(a->store, a->config.checkpoint_pages, &a->checkpointer);
    return FAILED(loaded) ? host_refuse(fault, loaded, "journal", store_error_text(a->store)) : OK;
}

void record_close(struct acquirer *a)
{
    store_checkpointer_stop(a->checkpointer);
    store_close(a->store);
    a->checkpointer = NULL;
    a->store = NULL;
}

err record_append(struct acquirer *a, const struct payment *payment, enum payment_event event,
                  int64_t *ret_row)
{
    TRY(group_tx(a));
    return journal_append(&a->tx, payment, event, host_now_ms(a), ret_row);
}

err record_read(struct acquirer *a, int64_t row, struct payment *out)
{
    struct journal_row read;
    size_t count = 0;
    TRY(journal_read(a->store, row, &read, 1, &count));
    if (count != 1) return ERR(CORRUPT);
    *out = read.payment;
    return OK;
}

err record_terminal(struct acquirer *a, const struct terminal *t)
{
    TRY(group_tx(a));
    struct store_statement *upsert;
    TRY(store_statement(a->store, upsert_session, &upsert));
    store_bind_text(upsert, bytes_text(t->tid));
    store_bind_int(upsert, t->batch);
    store_bind_blob(upsert, key_view(&t->pin));
    store_bind_blob(upsert, key_view(&t->mac));
    store_bind_blob(upsert, key_view(&t->data));
    store_bind_int(upsert, t->closed);
    store_bind_blob(upsert, BYTES_OF(t->last_ksn));
    return store_run(upsert);
}

err record_parameters(struct acquirer *a, const struct terminal *t, struct bytes digest)
{
    TRY(group_tx(a));
    struct store_statement *upsert;
    TRY(store_statement(a->store, upsert_parameters, &upsert));
    store_bind_text(upsert, bytes_text(t->tid));
    store_bind_int(upsert, t->in_force);
    store_bind_blob(upsert, digest);
    store_bind_int(upsert, host_now_ms(a));
    store_bind_text(upsert, bytes_text(t->in_force_at));
    return store_run(upsert);
}

err record_rrn(struct acquirer *a, uint64_t *ret_number)
{
    if (a->rrn_next == a->rrn_end) {
        uint64_t end = a->rrn_next + ACQUIRER_RRN_BLOCK;
        ENSURE(end <= RRN_NUMBER_MAX); /* 2.8 million million payments */
        TRY(group_tx(a));
        struct store_statement *move;
        TRY(store_statement(a->store, move_counter, &move));
        store_bind_int(move, (int64_t)end);
        TRY(store_run(move));
        a->rrn_end = end;
    }
    *ret_number = a->rrn_next++;
    return OK;
}
