/* SPDX-License-Identifier: Apache-2.0 */
/* Shifts in terminal.db: see shifts.h. */
#include "terminal/shifts.h"

#include <stdio.h>

#include "lib/store/audit.h"
#include "lib/store/migrate.h"
#include "payment/batch.h"
#include "terminal/records_row.h"

static const char *const migration[] = {
    "CREATE TABLE shift(number INTEGER PRIMARY KEY, operator_id TEXT NOT NULL,"
    " closer_id TEXT NOT NULL, above INTEGER NOT NULL, upto INTEGER NOT NULL CHECK(upto > above),"
    " from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, count INTEGER NOT NULL,"
    " minor INTEGER NOT NULL, UNIQUE(operator_id, above)) STRICT;"
    "CREATE TRIGGER shift_no_update BEFORE UPDATE ON shift"
    " BEGIN SELECT RAISE(ABORT, 'a closed shift stays as it is'); END;"
    "CREATE TRIGGER shift_no_delete BEFORE DELETE ON shift"
    " BEGIN SELECT RAISE(ABORT, 'a closed shift stays as it is'); END;"
    "CREATE INDEX payment_operator ON payment(operator_id, number);",
    /* Cash: what was in the drawer at the beginning, what came in, what was counted (-1: nothing).
     */
    "ALTER TABLE shift ADD COLUMN float_minor INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE shift ADD COLUMN cash_minor INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE shift ADD COLUMN counted_minor INTEGER NOT NULL DEFAULT -1;"
    "CREATE TABLE cash_float(operator_id TEXT PRIMARY KEY,"
    " minor INTEGER NOT NULL CHECK(minor >= 0)) STRICT, WITHOUT ROWID;",
};

const struct store_schema shifts_schema = {"shifts", migration, ARRAY_LEN(migration)};

#define COLUMNS                                                                  \
    "number, operator_id, closer_id, above, upto, from_ms, to_ms, count, minor," \
    " float_minor, cash_minor, counted_minor"

static void read_shift(struct store_statement *s, struct shift *out)
{
    *out = (struct shift){.number = store_read_int(s)};
    store_read_text_into(s, out->operator_id, sizeof out->operator_id);
    store_read_text_into(s, out->closer_id, sizeof out->closer_id);
    out->above = store_read_int(s);
    out->upto = store_read_int(s);
    out->from_ms = store_read_int(s);
    out->to_ms = store_read_int(s);
    out->count = store_read_int(s);
    out->minor = store_read_int(s);
    out->float_minor = store_read_int(s);
    out->cash_minor = store_read_int(s);
    out->counted_minor = store_read_int(s);
    out->cash = out->counted_minor >= 0;
}

/* ---- what is in a shift ---- */

static void bind_range(struct store_statement *s, const struct shift *shift)
{
    store_bind_text(s, bytes_text(shift->operator_id));
    store_bind_int(s, shift->above);
    store_bind_int(s, shift->upto);
}

#define IN_SHIFT " FROM payment WHERE operator_id = ? AND number > ? AND number <= ?"

static err add_group(struct store_statement *s, struct shift *shift)
{
    enum payment_type type = (enum payment_type)store_read_int(s);
    enum payment_state state = (enum payment_state)store_read_int(s);
    bool cash = store_read_int(s) == PAYMENT_CASH;
    int64_t count = store_read_int(s), minor = store_read_int(s);
    if (type <= PAYMENT_TYPE_NONE || type >= PAYMENT_TYPES) return ERR(CORRUPT);
    /* Told or not: a card's own approval is this shift's, and of no later one. */
    if (!payment_state_paid(state) || payment_side_of(type) == PAYMENT_SIDE_NONE) return OK;
    shift->count += count;
    if (payment_side_of(type) == PAYMENT_SIDE_CREDIT) minor = -minor;
    if (cash) TRY(money_add(shift->cash_minor, minor, &shift->cash_minor));
    shift->cash = shift->cash || cash;
    return money_add(shift->minor, minor, &shift->minor);
}

static err sum(struct records *r, struct shift *shift)
{
    struct store_statement *s;
    bool row;
    TRY(store_statement(
        r->store,
        "SELECT type, state, means, count(*), sum(amount_minor)" IN_SHIFT " GROUP BY 1, 2, 3", &s));
    bind_range(s, shift);
    TRY(store_step(s, &row));
    while (row) {
        err e = add_group(s, shift);
        if (FAILED(e)) {
            store_reset(s);
            return e;
        }
        TRY(store_step(s, &row));
    }
    return OK;
}

/* Where the open shift begins and ends. */
static err find_range(struct records *r, struct shift *shift)
{
    struct store_statement *s;
    bool row;
    TRY(store_statement(r->store, "SELECT coalesce(max(upto), 0) FROM shift WHERE operator_id = ?",
                        &s));
    store_bind_text(s, bytes_text(shift->operator_id));
    TRY(store_step(s, &row));
    ENSURE(row);
    shift->above = store_read_int(s);
    store_reset(s);
    TRY(store_statement(r->store,
                        "SELECT max(number), min(created_ms) FROM payment"
                        " WHERE operator_id = ? AND number > ?",
                        &s));
    store_bind_text(s, bytes_text(shift->operator_id));
    store_bind_int(s, shift->above);
    TRY(store_step(s, &row));
    ENSURE(row);
    int64_t upto = store_read_int(s);
    shift->from_ms = store_read_int(s);
    store_reset(s);
    shift->upto = upto > shift->above ? upto : shift->above;
    return OK;
}

static err find_float(struct records *r, struct shift *shift)
{
    struct store_statement *s;
    bool row;
    TRY(store_statement(r->store, "SELECT minor FROM cash_float WHERE operator_id = ?", &s));
    store_bind_text(s, bytes_text(shift->operator_id));
    TRY(store_step(s, &row));
    if (!row) return OK;
    shift->float_minor = store_read_int(s);
    shift->cash = true;
    err e = store_read_finish(s);
    store_reset(s);
    return e;
}

err shifts_now(struct records *r, const char *operator_id, int64_t now_ms, struct shift *out)
{
    struct shift shift = {.to_ms = now_ms, .counted_minor = -1};
    ENSURE(strlen(operator_id) < sizeof shift.operator_id);
    memcpy(shift.operator_id, operator_id, strlen(operator_id));
    TRY(find_range(r, &shift));
    TRY(sum(r, &shift));
    TRY(find_float(r, &shift));
    *out = shift;
    return OK;
}

/* A void after the shift is of a later one. */
static err tips(struct records *r, const struct shift *shift, int64_t *ret_minor)
{
    struct store_statement *s;
    bool row;
    TRY(store_statement(r->store,
                        RECORDS_TIPS " AND operator_id = ? AND number > ? AND number <= ?", &s));
    store_bind_int(s, shift->upto);
    bind_range(s, shift);
    TRY(store_step(s, &row));
    ENSURE(row);
    *ret_minor = store_read_int(s);
    err e = store_read_finish(s);
    store_reset(s);
    return e;
}

err shifts_kinds(struct records *r, const struct shift *shift, struct receipt_report *report)
{
    struct store_statement *s;
    bool row;
    TRY(tips(r, shift, &report->tip_minor));
    TRY(store_statement(
        r->store,
        "SELECT type, means, state, count(*), sum(amount_minor)" IN_SHIFT " GROUP BY 1, 2, 3", &s));
    bind_range(s, shift);
    TRY(store_step(s, &row));
    while (row) {
        err e = records_row_kind(s, report);
        if (FAILED(e)) {
            store_reset(s);
            return e;
        }
        TRY(store_step(s, &row));
    }
    return OK;
}

/* ---- the float, and closing ---- */

err shifts_float(struct records *r, const char *operator_id, int64_t minor, const char *actor)
{
    struct store_statement *s;
    char detail[32];
    ENSURE(minor >= 0);
    snprintf(detail, sizeof detail, "%lld fen", (long long)minor);
    struct audit_entry entry = {r->seen_ms, bytes_text(actor), BYTES("cash_float"),
                                bytes_text(operator_id), bytes_text(detail)};
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(r->store, &tx));
    TRY(store_statement(r->store,
                        "INSERT INTO cash_float(operator_id, minor) VALUES(?, ?)"
                        " ON CONFLICT(operator_id) DO UPDATE SET minor = excluded.minor",
                        &s));
    store_bind_text(s, bytes_text(operator_id));
    store_bind_int(s, minor);
    TRY(store_run(s));
    TRY(audit_append(&tx, &entry));
    return store_commit(&tx);
}

static err insert(struct records *r, const struct shift *shift, const char *closer)
{
    struct store_statement *s;
    TRY(store_statement(
        r->store, "INSERT INTO shift(" COLUMNS ") VALUES(NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        &s));
    store_bind_text(s, bytes_text(shift->operator_id));
    store_bind_text(s, bytes_text(closer));
    store_bind_int(s, shift->above);
    store_bind_int(s, shift->upto);
    store_bind_int(s, shift->from_ms);
    store_bind_int(s, shift->to_ms);
    store_bind_int(s, shift->count);
    store_bind_int(s, shift->minor);
    store_bind_int(s, shift->float_minor);
    store_bind_int(s, shift->cash_minor);
    store_bind_int(s, shift->counted_minor);
    return store_run(s);
}

err shifts_close(struct records *r, struct shift *shift, const char *closer)
{
    struct store_statement *s;
    char detail[64];
    CLEANUP(store_rollback) struct store_tx tx = {0};
    ENSURE(shift->number == 0 && shift->upto > shift->above && r->unsent == 0);
    TRY(store_begin(r->store, &tx));
    TRY(insert(r, shift, closer));
    int64_t number = store_last_id(r->store);
    snprintf(detail, sizeof detail, "Z%06lld: %lld payments, %lld fen", (long long)number,
             (long long)shift->count, (long long)shift->minor);
    TRY(store_statement(r->store, "DELETE FROM cash_float WHERE operator_id = ?", &s));
    store_bind_text(s, bytes_text(shift->operator_id));
    TRY(store_run(s));
    struct audit_entry entry = {shift->to_ms, bytes_text(closer), BYTES("shift_closed"),
                                bytes_text(shift->operator_id), bytes_text(detail)};
    TRY(audit_append(&tx, &entry));
    TRY(store_commit(&tx));
    shift->number = number;
    memcpy(shift->closer_id, closer, strlen(closer) + 1);
    return OK;
}

/* ---- looking ---- */

err shifts_get(struct records *r, int64_t number, struct shift *out)
{
    struct store_statement *s;
    bool row;
    TRY(store_statement(r->store, "SELECT " COLUMNS " FROM shift WHERE number = ?", &s));
    store_bind_int(s, number);
    TRY(store_step(s, &row));
    if (!row) return ERR(NOT_FOUND);
    struct shift shift;
    read_shift(s, &shift);
    err e = store_read_finish(s);
    store_reset(s);
    TRY(e);
    *out = shift;
    return OK;
}

err shifts_page(struct records *r, const char *operator_id, int64_t below, struct shift *rows,
                size_t max, size_t *ret_count)
{
    struct store_statement *s;
    size_t count = 0;
    bool row;
    TRY(store_statement(r->store,
                        "SELECT " COLUMNS " FROM shift WHERE number < ?1"
                        " AND (?2 = '' OR operator_id = ?2) ORDER BY number DESC LIMIT ?3",
                        &s));
    store_bind_int(s, below);
    store_bind_text(s, bytes_text(operator_id == NULL ? "" : operator_id));
    store_bind_int(s, (int64_t)max);
    TRY(store_step(s, &row));
    while (row) {
        ENSURE(count < max);
        read_shift(s, &rows[count++]);
        TRY(store_step(s, &row));
    }
    *ret_count = count;
    return OK;
}

err shifts_operators(struct records *r, int above, char (*ids)[3], size_t max, size_t *ret_count)
{
    struct store_statement *s;
    size_t count = 0;
    bool row;
    TRY(store_statement(
        r->store,
        "SELECT operator_id FROM payment AS p WHERE CAST(operator_id AS INTEGER) > ?"
        " GROUP BY operator_id HAVING max(number) > (SELECT coalesce(max(upto), 0)"
        " FROM shift WHERE shift.operator_id = p.operator_id)"
        " ORDER BY operator_id LIMIT ?",
        &s));
    store_bind_int(s, above);
    store_bind_int(s, (int64_t)max);
    TRY(store_step(s, &row));
    while (row) {
        ENSURE(count < max);
        store_read_text_into(s, ids[count++], sizeof ids[0]);
        TRY(store_step(s, &row));
    }
    *ret_count = count;
    return OK;
}
