/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settlements under way, in journal.db and in the transaction of the group: what a terminal has
 * said its batch adds up to, the rows that it has uploaded, and the row that closes the batch.
 */
#include "acquirer/host.h"
#include "journal/close.h"

static err statement_for(struct acquirer *a, const struct terminal *t, const char *sql,
                         struct store_statement **ret)
{
    TRY(store_statement(a->store, sql, ret));
    store_bind_text(*ret, bytes_text(t->tid));
    return OK;
}

static err forget(struct acquirer *a, const struct terminal *t, const char *sql)
{
    struct store_statement *s;
    TRY(statement_for(a, t, sql, &s));
    return store_run(s);
}

/* ---- what the terminal has said ---- */

err record_asked(struct acquirer *a, const struct terminal *t, struct payment_totals *ret_totals)
{
    struct store_statement *s;
    struct payment_totals said = {0};
    bool there;
    TRY(statement_for(a, t,
                      "SELECT debits, debit_minor, credits, credit_minor FROM batch_asked"
                      " WHERE tid = ? AND batch = ?",
                      &s));
    store_bind_int(s, t->batch);
    TRY(store_step(s, &there));
    if (!there) return ERR(NOT_FOUND);
    for (enum payment_side side = PAYMENT_SIDE_DEBIT; side <= PAYMENT_SIDE_CREDIT; side++) {
        said.side[side].count = store_read_int(s);
        said.side[side].minor = store_read_int(s);
    }
    err read = store_read_finish(s);
    store_reset(s);
    TRY(read);
    *ret_totals = said;
    return OK;
}

err record_ask(struct acquirer *a, const struct terminal *t, const struct payment_totals *totals)
{
    struct payment_totals before;
    err found = record_asked(a, t, &before);
    if (!FAILED(found) && payment_totals_equal(&before, totals)) return OK;
    if (FAILED(found) && found.code != ERR_NOT_FOUND) return found;
    struct store_statement *s;
    TRY(group_tx(a));
    TRY(forget(a, t, "DELETE FROM batch_upload WHERE tid = ?"));
    TRY(statement_for(a, t, "INSERT OR REPLACE INTO batch_asked VALUES(?, ?, ?, ?, ?, ?)", &s));
    store_bind_int(s, t->batch);
    for (enum payment_side side = PAYMENT_SIDE_DEBIT; side <= PAYMENT_SIDE_CREDIT; side++) {
        store_bind_int(s, totals->side[side].count);
        store_bind_int(s, totals->side[side].minor);
    }
    return store_run(s);
}

/* ---- uploaded rows ---- */

err record_upload(struct acquirer *a, const struct terminal *t,
                  const struct payment_upload_row *rows, size_t count)
{
    TRY(group_tx(a));
    for (size_t i = 0; i < count; i++) {
        struct store_statement *s;
        TRY(statement_for(a, t, "INSERT OR REPLACE INTO batch_upload VALUES(?, ?, ?, ?, ?)", &s));
        store_bind_int(s, rows[i].stan);
        store_bind_int(s, rows[i].type);
        store_bind_int(s, rows[i].amount_minor);
        store_bind_text(s, bytes_text(rows[i].shown));
        TRY(store_run(s));
    }
    return OK;
}

err record_uploaded(struct acquirer *a, const struct terminal *t, int64_t *ret_rows)
{
    struct store_statement *s;
    bool there;
    TRY(statement_for(a, t, "SELECT count(*) FROM batch_upload WHERE tid = ?", &s));
    TRY(store_step(s, &there));
    ENSURE(there);
    int64_t rows = store_read_int(s);
    store_reset(s);
    *ret_rows = rows;
    return OK;
}

err record_upload_next(struct acquirer *a, const struct terminal *t, uint32_t above,
                       struct payment_upload_row *out)
{
    struct store_statement *s;
    struct payment_upload_row row = {.type = PAYMENT_TYPE_NONE};
    bool there;
    TRY(statement_for(a, t,
                      "SELECT stan, type, amount_minor, shown FROM batch_upload"
                      " WHERE tid = ? AND stan > ? ORDER BY stan LIMIT 1",
                      &s));
    store_bind_int(s, above);
    TRY(store_step(s, &there));
    if (!there) return ERR(NOT_FOUND);
    row.stan = (uint32_t)store_read_int(s);
    int64_t type = store_read_int(s);
    row.amount_minor = store_read_int(s);
    store_read_text_into(s, row.shown, sizeof row.shown);
    err read = store_read_finish(s);
    store_reset(s);
    TRY(read);
    if (type < 0 || type >= PAYMENT_TYPES) return ERR(CORRUPT);
    row.type = (enum payment_type)type;
    *out = row;
    return OK;
}

/* ---- batches that were left ---- */

err record_left(struct acquirer *a, const struct terminal *t)
{
    struct store_statement *s;
    TRY(group_tx(a));
    TRY(statement_for(a, t, "INSERT OR REPLACE INTO batch_left VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
                      &s));
    store_bind_int(s, t->batch);
    for (enum payment_side side = PAYMENT_SIDE_DEBIT; side <= PAYMENT_SIDE_CREDIT; side++) {
        store_bind_int(s, t->totals.side[side].count);
        store_bind_int(s, t->totals.side[side].minor);
    }
    store_bind_int(s, t->first_stan);
    store_bind_int(s, t->last_stan);
    return store_run(s);
}

err record_left_find(struct acquirer *a, const struct terminal *t, uint32_t batch,
                     struct terminal *ret_left)
{
    struct store_statement *s;
    bool there;
    TRY(statement_for(a, t,
                      "SELECT debits, debit_minor, credits, credit_minor, first_stan, last_stan"
                      " FROM batch_left WHERE tid = ? AND batch = ?",
                      &s));
    store_bind_int(s, batch);
    TRY(store_step(s, &there));
    if (!there) return ERR(NOT_FOUND);
    struct terminal left = *t;
    left.batch = batch;
    left.closed = false;
    left.undecided = 0;
    for (enum payment_side side = PAYMENT_SIDE_DEBIT; side <= PAYMENT_SIDE_CREDIT; side++) {
        left.totals.side[side].count = store_read_int(s);
        left.totals.side[side].minor = store_read_int(s);
    }
    left.first_stan = (uint32_t)store_read_int(s);
    left.last_stan = left.forgotten_stan = (uint32_t)store_read_int(s);
    err read = store_read_finish(s);
    store_reset(s);
    TRY(read);
    *ret_left = left;
    return OK;
}

/* ---- the end ---- */

static err forget_left(struct acquirer *a, const struct terminal *t)
{
    struct store_statement *s;
    TRY(statement_for(a, t, "DELETE FROM batch_left WHERE tid = ? AND batch = ?", &s));
    store_bind_int(s, t->batch);
    return store_run(s);
}

err record_close_batch(struct acquirer *a, struct terminal *t, bool left,
                       const struct journal_close *close)
{
    ENSURE(close->batch == t->batch && !t->closed);
    TRY(group_tx(a));
    TRY(journal_close_append(&a->tx, close));
    TRY(forget(a, t, "DELETE FROM batch_upload WHERE tid = ?"));
    TRY(forget(a, t, "DELETE FROM batch_asked WHERE tid = ?"));
    t->closed = true;
    return left ? forget_left(a, t) : record_terminal(a, t);
}

err record_item(struct acquirer *a, const struct journal_item *item)
{
    TRY(group_tx(a));
    return journal_item_append(&a->tx, item);
}
