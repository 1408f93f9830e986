/* SPDX-License-Identifier: Apache-2.0 */
/* Settlements in terminal.db: see settlements.h. */
#include "terminal/settlements.h"

#include "lib/store/audit.h"
#include "lib/store/migrate.h"
#include "terminal/records_row.h"

static const char *const migration[] = {
    "CREATE TABLE settlement(number INTEGER PRIMARY KEY, batch INTEGER NOT NULL,"
    " stage INTEGER NOT NULL, flag INTEGER NOT NULL,"
    " debits INTEGER NOT NULL, debit_minor INTEGER NOT NULL,"
    " credits INTEGER NOT NULL, credit_minor INTEGER NOT NULL,"
    " uploaded_to INTEGER NOT NULL, uploaded INTEGER NOT NULL, operator_id TEXT NOT NULL,"
    " begun_ms INTEGER NOT NULL, closed_ms INTEGER NOT NULL) STRICT;"
    /* Two at one time are a bug, and are refused. */
    "CREATE UNIQUE INDEX settlement_open ON settlement((1)) WHERE stage < 3;"
    "CREATE TRIGGER settlement_closed BEFORE UPDATE ON settlement WHEN old.stage = 3"
    " BEGIN SELECT RAISE(ABORT, 'a closed settlement stays as it is'); END;",
};

const struct store_schema settlements_schema = {"settlements", migration, ARRAY_LEN(migration)};

/* Cash is in the drawer already: the host neither knows of it nor pays it out. */
#define NOT_CASH " AND means <> 4"

_Static_assert(PAYMENT_CASH == 4, "NOT_CASH says so");
_Static_assert(SETTLEMENT_CLOSED == 3, "the index and the trigger say so");

/* ---- payments of a batch ---- */

static err add_group(struct store_statement *s, struct payment_totals *totals)
{
    enum payment_type type = (enum payment_type)store_read_int(s);
    enum payment_state state = (enum payment_state)store_read_int(s);
    int64_t count = store_read_int(s), minor = store_read_int(s);
    if (type <= PAYMENT_TYPE_NONE || type >= PAYMENT_TYPES) return ERR(CORRUPT);
    return payment_counted(type, state) ? payment_totals_add(totals, type, count, minor) : OK;
}

err settlements_totals(struct records *r, uint32_t batch, struct payment_totals *ret_totals)
{
    struct store_statement *s;
    struct payment_totals totals = {0};
    bool row;
    TRY(store_statement(r->store,
                        "SELECT type, state, count(*), sum(amount_minor) FROM payment"
                        " WHERE batch = ?" NOT_CASH " GROUP BY type, state",
                        &s));
    store_bind_int(s, batch);
    TRY(store_step(s, &row));
    while (row) {
        err e = add_group(s, &totals);
        if (FAILED(e)) {
            store_reset(s);
            return e;
        }
        TRY(store_step(s, &row));
    }
    *ret_totals = totals;
    return OK;
}

err settlements_rows(struct records *r, uint32_t batch, int64_t above, struct settlement_row *rows,
                     size_t max, size_t *ret_count)
{
    struct store_statement *s;
    size_t count = 0;
    bool row;
    ENSURE(max > 0);
    TRY(store_statement(r->store,
                        "SELECT number, " RECORDS_COLUMNS
                        " FROM payment WHERE batch = ? AND number > ?" NOT_CASH " ORDER BY number",
                        &s));
    store_bind_int(s, batch);
    store_bind_int(s, above);
    TRY(store_step(s, &row));
    while (row) {
        struct settlement_row *at = &rows[count];
        at->number = store_read_int(s);
        records_row_read(s, &at->payment);
        if (payment_counted(at->payment.type, at->payment.state)) count++;
        if (count == max) {
            store_reset(s);
            break;
        }
        TRY(store_step(s, &row));
    }
    *ret_count = count;
    return OK;
}

static err add_kind(struct store_statement *s, struct receipt_kind *kinds, size_t max,
                    size_t *count)
{
    struct receipt_kind kind = {.type = (enum payment_type)store_read_int(s)};
    kind.means = (enum payment_means)store_read_int(s);
    kind.card_class = (enum payment_card_class)store_read_int(s);
    enum payment_state state = (enum payment_state)store_read_int(s);
    kind.count = store_read_int(s);
    kind.minor = store_read_int(s);
    if (!payment_counted(kind.type, state)) return OK;
    if (*count == max) return ERR(FULL);
    kinds[(*count)++] = kind;
    return OK;
}

/* By class of card as well, or, `classes` 0, without. */
static err read_kinds(struct records *r, uint32_t batch, int classes, struct receipt_kind *kinds,
                      size_t max, size_t *ret_count)
{
    struct store_statement *s;
    size_t count = 0;
    bool row;
    TRY(store_statement(r->store,
                        "SELECT type, means, card_class * ?, state, count(*), sum(amount_minor)"
                        " FROM payment WHERE batch = ?" NOT_CASH " GROUP BY 1, 2, 3, 4",
                        &s));
    store_bind_int(s, classes);
    store_bind_int(s, batch);
    TRY(store_step(s, &row));
    while (row) {
        err e = add_kind(s, kinds, max, &count);
        if (FAILED(e)) {
            store_reset(s);
            return e;
        }
        TRY(store_step(s, &row));
    }
    *ret_count = count;
    return OK;
}

err settlements_kinds(struct records *r, uint32_t batch, struct receipt_kind *kinds, size_t max,
                      size_t *ret_count)
{
    for (int classes = 1; classes >= 0; classes--) {
        err e = read_kinds(r, batch, classes, kinds, max, ret_count);
        if (e.code != ERR_FULL) return e;
    }
    *ret_count = 0; /* the totals are all that there is room for */
    return OK;
}

/* ---- settlements ---- */

static err one(struct records *r, const char *sql, struct settlement *out)
{
    struct store_statement *s;
    struct settlement read = {0};
    bool row;
    TRY(store_statement(r->store, sql, &s));
    TRY(store_step(s, &row));
    if (!row) return ERR(NOT_FOUND);
    read.number = store_read_int(s);
    read.batch = (uint32_t)store_read_int(s);
    int64_t stage = store_read_int(s), flag = store_read_int(s);
    for (enum payment_side side = PAYMENT_SIDE_DEBIT; side <= PAYMENT_SIDE_CREDIT; side++) {
        read.totals.side[side].count = store_read_int(s);
        read.totals.side[side].minor = store_read_int(s);
    }
    read.uploaded_to = store_read_int(s);
    read.uploaded = (uint32_t)store_read_int(s);
    store_read_text_into(s, read.operator_id, sizeof read.operator_id);
    read.begun_ms = store_read_int(s);
    read.closed_ms = store_read_int(s);
    err e = store_read_finish(s);
    store_reset(s);
    TRY(e);
    bool sense = stage > SETTLEMENT_NONE && stage <= SETTLEMENT_CLOSED && flag >= 0 &&
                 flag <= PAYMENT_SETTLE_ERROR;
    if (!sense) return store_refuse(r->store, ERR(CORRUPT), "a settlement makes no sense", NULL);
    read.stage = (enum settlement_stage)stage;
    read.flag = (enum payment_settle_flag)flag;
    *out = read;
    return OK;
}

err settlements_open(struct records *r, struct settlement *out)
{
    err e = one(r, "SELECT * FROM settlement WHERE stage < 3", out);
    if (e.code != ERR_NOT_FOUND) return e;
    *out = (struct settlement){.stage = SETTLEMENT_NONE};
    return OK;
}

err settlements_last(struct records *r, struct settlement *out)
{
    return one(r, "SELECT * FROM settlement WHERE stage = 3 ORDER BY number DESC LIMIT 1", out);
}

err settlements_forsaken(struct records *r, uint32_t *ret_batch)
{
    int64_t batch = 0;
    /* From batch to batch by the index of keys, not through all payments. */
    TRY(store_query_int(r->store,
                        "WITH RECURSIVE one(batch) AS (SELECT min(batch) FROM payment UNION ALL"
                        " SELECT (SELECT min(batch) FROM payment WHERE batch > one.batch)"
                        " FROM one WHERE one.batch IS NOT NULL)"
                        " SELECT coalesce(max(batch), 0) FROM one"
                        " WHERE batch <> (SELECT batch FROM state)"
                        " AND batch NOT IN (SELECT batch FROM settlement)"
                        " AND EXISTS(SELECT 1 FROM payment AS its"
                        " WHERE its.batch = one.batch AND its.means <> 4)", /* cash */
                        &batch));
    *ret_batch = (uint32_t)batch;
    return OK;
}

static struct audit_entry entry_of(const struct records *r, const char *actor, const char *event,
                                   const char *subject)
{
    return (struct audit_entry){r->seen_ms, bytes_text(actor), bytes_text(event),
                                bytes_text(subject), BYTES("")};
}

err settlements_begin(struct records *r, struct settlement *s)
{
    struct store_statement *insert;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    ENSURE(s->stage == SETTLEMENT_NONE && s->batch > 0 && r->unsent == 0);
    TRY(store_begin(r->store, &tx));
    TRY(store_statement(r->store,
                        "INSERT INTO settlement VALUES(NULL, ?, 1, 0, ?, ?, ?, ?, 0, 0, ?, ?, 0)",
                        &insert));
    store_bind_int(insert, s->batch);
    for (enum payment_side side = PAYMENT_SIDE_DEBIT; side <= PAYMENT_SIDE_CREDIT; side++) {
        store_bind_int(insert, s->totals.side[side].count);
        store_bind_int(insert, s->totals.side[side].minor);
    }
    store_bind_text(insert, bytes_text(s->operator_id));
    store_bind_int(insert, s->begun_ms);
    TRY(store_run(insert));
    int64_t number = store_last_id(r->store);
    TRY(store_commit(&tx));
    s->number = number;
    s->stage = SETTLEMENT_ASKED;
    return OK;
}

static err update(struct records *r, const struct settlement *s)
{
    struct store_statement *update;
    TRY(store_statement(r->store,
                        "UPDATE settlement SET stage = ?, flag = ?, uploaded_to = ?, uploaded = ?,"
                        " closed_ms = ? WHERE number = ?",
                        &update));
    store_bind_int(update, s->stage);
    store_bind_int(update, s->flag);
    store_bind_int(update, s->uploaded_to);
    store_bind_int(update, s->uploaded);
    store_bind_int(update, s->closed_ms);
    store_bind_int(update, s->number);
    TRY(store_run(update));
    ENSURE(store_changes(r->store) == 1);
    return OK;
}

err settlements_save(struct records *r, const struct settlement *next)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    ENSURE(next->number > 0 && next->stage < SETTLEMENT_CLOSED);
    TRY(store_begin(r->store, &tx));
    TRY(update(r, next));
    return store_commit(&tx);
}

err settlements_close(struct records *r, const struct settlement *next, const char *actor)
{
    static const char *const events[] = {"", "settled", "settled_different", "settled_unknown"};
    struct store_statement *sign_out;
    char subject[8];
    struct writer w = writer_over(subject, sizeof subject - 1);
    write_decimal(&w, next->batch, 6);
    subject[w.len] = '\0';
    struct audit_entry entry = entry_of(r, actor, events[next->flag], subject);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    ENSURE(next->stage == SETTLEMENT_CLOSED && next->flag != PAYMENT_SETTLE_ASKED);
    TRY(store_begin(r->store, &tx));
    TRY(update(r, next));
    TRY(store_statement(
        r->store, "UPDATE state SET signed_in = signed_in AND batch <> ? WHERE id = 1", &sign_out));
    store_bind_int(sign_out, next->batch);
    TRY(store_run(sign_out));
    TRY(audit_append(&tx, &entry));
    TRY(store_commit(&tx));
    if (r->batch == next->batch) r->signed_in = false;
    return OK;
}
