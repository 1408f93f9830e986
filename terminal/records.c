/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The terminal's tables. Every function that changes something is one transaction, and the struct
 * in memory follows only when the commit has returned.
 */
#include "terminal/records.h"

#include "lib/store/audit.h"
#include "lib/store/migrate.h"
#include "payment/kind.h"
#include "terminal/goods.h"
#include "terminal/limits.h"
#include "terminal/orders.h"
#include "terminal/records_row.h"
#include "terminal/settlements.h"
#include "terminal/shifts.h"

enum { STAN_MAX = 999999, STAN_RESERVE = 1000 /* for reversals, sign-out and sign-in */ };

static const char *const migration[] = {
    "CREATE TABLE state(id INTEGER PRIMARY KEY CHECK(id = 1), language INTEGER NOT NULL,"
    " batch INTEGER NOT NULL, stan INTEGER NOT NULL, batch_used INTEGER NOT NULL,"
    " clock_offset_ms INTEGER NOT NULL, signed_in INTEGER NOT NULL, locked_by TEXT NOT NULL,"
    " seen_ms INTEGER NOT NULL) STRICT;"
    "INSERT INTO state VALUES(1, 0, 0, 0, 0, 0, 0, '', 0);"
    "CREATE TABLE payment(number INTEGER PRIMARY KEY,"
    " batch INTEGER NOT NULL, stan INTEGER NOT NULL, tid TEXT NOT NULL, mid TEXT NOT NULL,"
    " type INTEGER NOT NULL, state INTEGER NOT NULL, means INTEGER NOT NULL,"
    " entry INTEGER NOT NULL, card_class INTEGER NOT NULL, pin_entered INTEGER NOT NULL,"
    " amount_minor INTEGER NOT NULL, currency INTEGER NOT NULL, operator_id TEXT NOT NULL,"
    " pan_masked TEXT NOT NULL, card_sequence TEXT NOT NULL, issuer TEXT NOT NULL,"
    " response_code TEXT NOT NULL, reversal_reason TEXT NOT NULL, rrn TEXT NOT NULL,"
    " auth_code TEXT NOT NULL, local_time TEXT NOT NULL, local_date TEXT NOT NULL,"
    " settlement_date TEXT NOT NULL, created_ms INTEGER NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX payment_key ON payment(batch, stan);"
    /* 2 is PENDING and 5 is REVERSING: at most a handful of rows at any time. */
    "CREATE INDEX payment_open ON payment(number) WHERE state IN (2, 5);",
    /* When it signed in (S52), and the tables of notes.c. An event keeps its number for ever, so
     * that one which was acknowledged is never mistaken for another. */
    "ALTER TABLE state ADD COLUMN signed_in_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE state ADD COLUMN shuffled INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE event(number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL,"
    " operator_id TEXT NOT NULL, detail TEXT NOT NULL, at_ms INTEGER NOT NULL) STRICT;"
    "CREATE TABLE shown(what TEXT PRIMARY KEY, at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE recovery(operator_id TEXT PRIMARY KEY, way INTEGER NOT NULL,"
    " challenge BLOB NOT NULL, ticket TEXT NOT NULL, until_ms INTEGER NOT NULL) STRICT,"
    " WITHOUT ROWID;",
    "ALTER TABLE payment ADD COLUMN chip BLOB NOT NULL DEFAULT x'';",
    "ALTER TABLE payment ADD COLUMN approver_id TEXT NOT NULL DEFAULT '';"
    "CREATE TABLE parameter(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;",
    /* commands.c: kind and state of enum device_command and device_progress; told: the state that
     * the back office has acknowledged; opened: a lock that a recovered supervisor has lifted. */
    "CREATE TABLE command(number INTEGER PRIMARY KEY, kind INTEGER NOT NULL, text TEXT NOT NULL,"
    " at_ms INTEGER NOT NULL, state INTEGER NOT NULL CHECK(state IN (1, 2)),"
    " told INTEGER NOT NULL, opened INTEGER NOT NULL) STRICT;",
    "ALTER TABLE payment ADD COLUMN original_batch INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE payment ADD COLUMN original_stan INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE payment ADD COLUMN original_date TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE payment ADD COLUMN original_rrn TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE payment ADD COLUMN original_auth TEXT NOT NULL DEFAULT '';"
    "CREATE INDEX payment_original ON payment(original_batch, original_stan)"
    " WHERE original_stan > 0;",
    /* Card data of what a card has approved by itself, sealed by the vault, until it is told. 9 is
     * OFFLINE. */
    "ALTER TABLE payment ADD COLUMN held BLOB NOT NULL DEFAULT x'';"
    "CREATE INDEX payment_offline ON payment(number) WHERE state = 9;",
    "ALTER TABLE payment ADD COLUMN given_minor INTEGER NOT NULL DEFAULT 0;",
    /* The tip, a part of the amount; the goods (goods.c), and what of them was paid with which
     * payment, as it was named and priced then. */
    "ALTER TABLE payment ADD COLUMN tip_minor INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE good(number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    " price_minor INTEGER NOT NULL CHECK(price_minor > 0)) STRICT;"
    "CREATE TABLE basket(payment INTEGER NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL,"
    " price_minor INTEGER NOT NULL, quantity INTEGER NOT NULL, PRIMARY KEY(payment, position))"
    " STRICT, WITHOUT ROWID;",
    "ALTER TABLE payment ADD COLUMN order_number INTEGER NOT NULL DEFAULT 0;",
    "CREATE TABLE signature(payment INTEGER PRIMARY KEY, strokes BLOB NOT NULL) STRICT;",
    "ALTER TABLE payment ADD COLUMN plan_months INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE payment ADD COLUMN plan_merchant INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE payment ADD COLUMN plan_fee_minor INTEGER NOT NULL DEFAULT 0;",
    /* The slip that takes an earlier one back: enum records_paper. */
    "ALTER TABLE payment ADD COLUMN owed INTEGER NOT NULL DEFAULT 0 CHECK(owed IN (0, 1, 2));"
    "CREATE INDEX payment_owed ON payment(number) WHERE owed > 0;",
    /* What the host will not take, and its card data, in case it does after all. 10 is DISPUTED. */
    "CREATE INDEX payment_disputed ON payment(number) WHERE state = 10;",
    /* What the back office sets (afar.c): the newest document that the vault has taken. */
    "CREATE TABLE afar(one INTEGER PRIMARY KEY CHECK(one = 1), number INTEGER NOT NULL,"
    " document TEXT NOT NULL) STRICT;",
    /* What the shop was called from when on (shop.c); nothing while it never was renamed. */
    "CREATE TABLE shop_name(since_ms INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;",
    /* The price list that is kept at the merchant's console (prices.c), and the signed digest. */
    "CREATE TABLE price_list(one INTEGER PRIMARY KEY CHECK(one = 1), digest BLOB NOT NULL,"
    " size INTEGER NOT NULL) STRICT;"
    "CREATE TABLE price(number INTEGER PRIMARY KEY, code TEXT NOT NULL, barcode TEXT NOT NULL,"
    " category TEXT NOT NULL, name TEXT NOT NULL, name_en TEXT NOT NULL,"
    " price_minor INTEGER NOT NULL CHECK(price_minor > 0)) STRICT;",
    /* What the host has told after a restore (catch_up.h), and how far that is. */
    "ALTER TABLE payment ADD COLUMN restored INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE catch_up(one INTEGER PRIMARY KEY CHECK(one = 1), stage INTEGER NOT NULL,"
    " step INTEGER NOT NULL, floor INTEGER NOT NULL, after INTEGER NOT NULL,"
    " until_ms INTEGER NOT NULL, other_device INTEGER NOT NULL, rrn TEXT NOT NULL,"
    " payments INTEGER NOT NULL, batches INTEGER NOT NULL, aside INTEGER NOT NULL) STRICT;",
};

static const struct store_schema schema = {"terminal", migration, ARRAY_LEN(migration)};

_Static_assert(PAYMENT_PENDING == 2 && PAYMENT_REVERSING == 5, "the index payment_open says so");
_Static_assert(PAYMENT_APPROVED == 3 && PAYMENT_OFFLINE == 9, "so do the index and totals below");
_Static_assert(PAYMENT_DISPUTED == 10, "and payment_disputed");

static err load_state(struct records *r)
{
    struct store_statement *s;
    bool row;
    TRY(store_statement(r->store,
                        "SELECT language, batch, stan, batch_used, clock_offset_ms, signed_in,"
                        " locked_by, seen_ms, signed_in_ms, shuffled FROM state WHERE id = 1",
                        &s));
    TRY(store_step(s, &row));
    if (!row) return store_refuse(r->store, ERR(CORRUPT), "the row of state is missing", NULL);
    int64_t language = store_read_int(s);
    r->batch = (uint32_t)store_read_int(s);
    r->stan = (uint32_t)store_read_int(s);
    r->batch_used = (uint32_t)store_read_int(s);
    r->clock_offset_ms = store_read_int(s);
    r->signed_in = store_read_int(s) != 0;
    store_read_text_into(s, r->locked_by, sizeof r->locked_by);
    r->seen_ms = store_read_int(s);
    r->signed_in_ms = store_read_int(s);
    int64_t keypad = store_read_int(s);
    r->language = language == LANGUAGE_EN ? LANGUAGE_EN : LANGUAGE_ZH;
    err e = store_read_finish(s);
    store_reset(s);
    TRY(e);
    if (keypad < 0 || keypad >= KEYPAD_MODES)
        return store_refuse(r->store, ERR(CORRUPT), "no such keypad", NULL);
    r->keypad = (enum keypad_mode)keypad;
    return OK;
}

static err load_totals(struct records *r)
{
    struct store_statement *s;
    bool row;
    int64_t unsent;
    TRY(store_query_int(r->store, "SELECT max(number) FROM payment", &r->last_number));
    TRY(store_query_int(r->store, "SELECT count(*) FROM payment WHERE state = 5", &unsent));
    r->unsent = (unsigned)unsent;
    TRY(store_statement(r->store,
                        "SELECT count(*), coalesce(sum(" RECORDS_PAID "), 0),"
                        " coalesce(sum(amount_minor * (" RECORDS_PAID ")" RECORDS_SIGN
                        "), 0), coalesce(min(created_ms), 0)"
                        " FROM payment WHERE batch = ?",
                        &s));
    store_bind_int(s, r->batch);
    TRY(store_step(s, &row));
    ENSURE(row);
    r->batch_count = (unsigned)store_read_int(s);
    r->batch_approved = (unsigned)store_read_int(s);
    r->batch_minor = store_read_int(s);
    r->batch_since_ms = store_read_int(s);
    err e = store_read_finish(s);
    store_reset(s);
    return e;
}

err records_open(struct records *r, struct store *store)
{
    struct records opened = {.store = store};
    TRY(store_migrate(store, &schema));
    TRY(store_migrate(store, &settlements_schema));
    TRY(store_migrate(store, &shifts_schema));
    TRY(store_migrate(store, &orders_schema));
    TRY(store_migrate(store, &audit_schema));
    TRY(records_reload(&opened));
    *r = opened;
    return OK;
}

err records_reload(struct records *r)
{
    TRY(load_state(r));
    TRY(load_totals(r));
    TRY(records_load_offline(r));
    return records_load_owed(r);
}

uint32_t records_next_stan(const struct records *r)
{
    return r->stan >= STAN_MAX ? 1 : r->stan + 1;
}

bool records_stans_used_up(const struct records *r)
{
    return r->batch_used > STAN_MAX - STAN_RESERVE;
}

/* ---- payments ---- */

static void bind_text(struct store_statement *s, const char *text)
{
    store_bind_text(s, bytes_text(text));
}

static err use_stan(struct records *r, uint32_t stan, int64_t at_ms)
{
    struct store_statement *s;
    TRY(store_statement(r->store,
                        "UPDATE state SET stan = ?, batch_used = batch_used + 1,"
                        " seen_ms = max(seen_ms, ?) WHERE id = 1",
                        &s));
    store_bind_int(s, stan);
    store_bind_int(s, at_ms);
    return store_run(s);
}

/* What it has brought: less than nothing when it went back, nothing while it is only held. */
static int64_t taken(const struct payment *payment)
{
    enum payment_direction direction = payment_type_row(payment->type)->direction;
    if (direction == PAYMENT_TAKES) return payment->amount_minor;
    return direction == PAYMENT_GIVES ? -payment->amount_minor : 0;
}

err records_insert(struct records *r, const struct payment *payment, struct bytes held,
                   const struct basket *basket, int64_t *ret_number)
{
    bool offline = payment->state == PAYMENT_OFFLINE, cash = payment->means == PAYMENT_CASH;
    ENSURE(payment->state == (offline ? PAYMENT_OFFLINE
                              : cash  ? PAYMENT_APPROVED
                                      : PAYMENT_PENDING));
    ENSURE((held.len > 0) == (offline && payment_offline(payment))); /* of a card, not of a hold */
    ENSURE(payment->key.stan == records_next_stan(r) && payment->key.batch == r->batch);
    ENSURE(payment->amount_minor > 0 && payment->amount_minor <= MONEY_FIELD_MAX);
    int64_t number = r->last_number + 1;

    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(r->store, &tx));
    TRY(use_stan(r, payment->key.stan, payment->created_ms));
    TRY(records_row_insert(r, payment, held, number));
    TRY(goods_keep(r->store, number, basket));
    TRY(store_commit(&tx));

    r->stan = payment->key.stan;
    r->batch_used++;
    if (r->batch_count++ == 0) r->batch_since_ms = payment->created_ms;
    r->last_number = number;
    if (payment->created_ms > r->seen_ms) r->seen_ms = payment->created_ms;
    *ret_number = number;
    if (!offline && !cash) return OK;
    r->batch_approved++;
    r->batch_minor += taken(payment);
    return offline ? records_load_offline(r) : OK;
}

/* What is told was counted when it was taken, and stays so unless it is refused. */
static void count(struct records *r, enum payment_state before, const struct payment *payment)
{
    bool told = before == PAYMENT_OFFLINE || before == PAYMENT_DISPUTED;
    bool stands = payment->state == PAYMENT_APPROVED;
    int change = told ? (payment->state == PAYMENT_DECLINED ? -1 : 0) : stands;
    r->batch_approved += (unsigned)change;
    r->batch_minor += change * taken(payment);
}

err records_update(struct records *r, int64_t number, enum payment_state before,
                   const struct payment *payment)
{
    ENSURE(number > 0 && number <= r->last_number);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(r->store, &tx));
    TRY(records_row_update(r, number, payment));
    bool told = before == PAYMENT_OFFLINE;
    if (told && payment->state == PAYMENT_DECLINED) TRY(records_row_owe(r, number, RECORDS_OWED));
    TRY(store_commit(&tx));

    if (payment->key.batch == r->batch) count(r, before, payment);
    if (before != PAYMENT_REVERSING && payment->state == PAYMENT_REVERSING) r->unsent++;
    if (before == PAYMENT_REVERSING && payment->state != PAYMENT_REVERSING) r->unsent--;
    return told || before == PAYMENT_DISPUTED ? records_load_offline(r) : OK;
}

/* The one row of a query for (number, payment). */
static err one(struct store_statement *s, int64_t *ret_number, struct payment *out)
{
    bool row;
    TRY(store_step(s, &row));
    if (!row) return ERR(NOT_FOUND);
    struct payment p;
    int64_t number = store_read_int(s);
    records_row_read(s, &p);
    err e = store_read_finish(s);
    store_reset(s);
    if (FAILED(e)) return e;
    *ret_number = number;
    *out = p;
    return OK;
}

err records_get(struct records *r, int64_t number, struct payment *out)
{
    struct store_statement *s;
    TRY(store_statement(r->store,
                        "SELECT number, " RECORDS_COLUMNS " FROM payment WHERE number = ?", &s));
    store_bind_int(s, number);
    return one(s, &number, out);
}

err records_by_voucher(struct records *r, uint32_t stan, int64_t *ret_number, struct payment *out)
{
    struct store_statement *s;
    TRY(store_statement(
        r->store, "SELECT number, " RECORDS_COLUMNS " FROM payment WHERE batch = ? AND stan = ?",
        &s));
    store_bind_int(s, r->batch);
    store_bind_int(s, stan);
    return one(s, ret_number, out);
}

err records_cash_sale(struct records *r, uint32_t stan, int64_t *ret_number, struct payment *out)
{
    struct store_statement *s;
    TRY(store_statement(r->store,
                        "SELECT number, " RECORDS_COLUMNS " FROM payment WHERE stan = ?"
                        " AND means = 4 AND type = 1 ORDER BY number DESC LIMIT 1",
                        &s));
    store_bind_int(s, stan);
    return one(s, ret_number, out);
}

err records_by_reference(struct records *r, const char *rrn, int64_t *ret_number,
                         struct payment *out)
{
    struct store_statement *s;
    TRY(store_statement(r->store,
                        "SELECT number, " RECORDS_COLUMNS " FROM payment WHERE rrn = ?"
                        " AND type IN (1, 7, 8, 10, 13) ORDER BY number DESC LIMIT 1",
                        &s));
    bind_text(s, rrn);
    return one(s, ret_number, out);
}

err records_hold(struct records *r, const char *auth_code, const char *date, int64_t *ret_number,
                 struct payment *out)
{
    struct store_statement *s;
    TRY(store_statement(r->store,
                        "SELECT number, " RECORDS_COLUMNS
                        " FROM payment WHERE type = 4 AND state = 3"
                        " AND auth_code = ? AND local_date = ? ORDER BY number DESC LIMIT 1",
                        &s));
    bind_text(s, auth_code);
    bind_text(s, date);
    return one(s, ret_number, out);
}

err records_last_approved(struct records *r, int64_t *ret_number, struct payment *out)
{
    struct store_statement *s;
    TRY(store_statement(r->store,
                        "SELECT number, " RECORDS_COLUMNS " FROM payment WHERE " RECORDS_PAID
                        " ORDER BY number DESC LIMIT 1",
                        &s));
    return one(s, ret_number, out);
}

err records_oldest(struct records *r, enum payment_state state, int64_t *ret_number,
                   struct payment *out)
{
    ENSURE(state == PAYMENT_PENDING || state == PAYMENT_REVERSING);
    struct store_statement *s;
    TRY(store_statement(r->store,
                        "SELECT number, " RECORDS_COLUMNS " FROM payment INDEXED BY payment_open"
                        " WHERE state IN (2, 5) AND state = ? ORDER BY number LIMIT 1",
                        &s));
    store_bind_int(s, state);
    return one(s, ret_number, out);
}

err records_page(struct records *r, int64_t below, struct records_row *rows, size_t max,
                 size_t *ret_count)
{
    struct store_statement *s;
    size_t count = 0;
    bool row;
    TRY(store_statement(r->store,
                        "SELECT number, " RECORDS_COLUMNS
                        " FROM payment WHERE batch = ? AND number < ?"
                        " ORDER BY number DESC LIMIT ?",
                        &s));
    store_bind_int(s, r->batch);
    store_bind_int(s, below);
    store_bind_int(s, (int64_t)max);
    TRY(store_step(s, &row));
    while (row) {
        ENSURE(count < max);
        rows[count].number = store_read_int(s);
        records_row_read(s, &rows[count].payment);
        count++;
        TRY(store_step(s, &row));
    }
    *ret_count = count;
    return OK;
}

err records_each(struct records *r,
                 err (*each)(void *context, int64_t number, const struct payment *payment),
                 void *context)
{
    struct store_statement *s;
    bool row;
    TRY(store_statement(r->store, "SELECT number, " RECORDS_COLUMNS " FROM payment ORDER BY number",
                        &s));
    TRY(store_step(s, &row));
    while (row) {
        struct payment p;
        int64_t number = store_read_int(s);
        records_row_read(s, &p);
        err e = each(context, number, &p);
        if (FAILED(e)) {
            store_reset(s);
            return e;
        }
        TRY(store_step(s, &row));
    }
    return OK;
}

/* ---- state and audit ---- */

static struct audit_entry entry_of(const struct records *r, const char *actor, const char *event,
                                   const char *subject, const char *detail)
{
    return (struct audit_entry){r->seen_ms, bytes_text(actor), bytes_text(event),
                                bytes_text(subject), bytes_text(detail)};
}

err records_save(struct records *r, const struct records *next, const char *actor,
                 const char *event, const char *subject, const char *detail)
{
    ENSURE(next->store == r->store && next->stan <= STAN_MAX);
    struct store_statement *s;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(r->store, &tx));
    TRY(store_statement(r->store,
                        "UPDATE state SET language = ?, batch = ?, stan = ?, batch_used = ?,"
                        " clock_offset_ms = ?, signed_in = ?, locked_by = ?, seen_ms = ?,"
                        " signed_in_ms = ?, shuffled = ? WHERE id = 1",
                        &s));
    store_bind_int(s, next->language);
    store_bind_int(s, next->batch);
    store_bind_int(s, next->stan);
    store_bind_int(s, next->batch_used);
    store_bind_int(s, next->clock_offset_ms);
    store_bind_int(s, next->signed_in);
    bind_text(s, next->locked_by);
    store_bind_int(s, next->seen_ms);
    store_bind_int(s, next->signed_in_ms);
    store_bind_int(s, next->keypad);
    TRY(store_run(s));
    if (event != NULL) {
        struct audit_entry entry = entry_of(next, actor, event, subject, detail);
        TRY(audit_append(&tx, &entry));
    }
    TRY(store_commit(&tx));
    bool new_batch = next->batch != r->batch;
    *r = *next;
    return new_batch ? load_totals(r) : OK;
}

err records_audit(struct records *r, const char *actor, const char *event, const char *subject,
                  const char *detail)
{
    struct audit_entry entry = entry_of(r, actor, event, subject, detail);
    return audit_note(r->store, &entry);
}

/* ---- parameters ---- */

static bool set_from_afar(const struct records *r, const char *name, int64_t *value)
{
    enum device_parameter which = device_parameter_named(bytes_text(name));
    if (r->afar == NULL || which >= DEVICE_PARAMETERS || !r->afar->value[which].set) return false;
    *value = r->afar->value[which].number;
    return true;
}

err records_parameter(struct records *r, const char *name, int64_t *value)
{
    struct store_statement *s;
    bool row;
    if (set_from_afar(r, name, value)) return OK;
    TRY(store_statement(r->store, "SELECT value FROM parameter WHERE name = ?", &s));
    bind_text(s, name);
    TRY(store_step(s, &row));
    if (!row) return OK;
    int64_t read = store_read_int(s);
    err e = store_read_finish(s);
    store_reset(s);
    TRY(e);
    *value = read;
    return OK;
}

err records_parameter_set(struct records *r, const char *name, int64_t value, const char *actor,
                          const char *detail)
{
    struct store_statement *s;
    struct audit_entry entry = entry_of(r, actor, "parameter_set", name, detail);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(r->store, &tx));
    TRY(store_statement(r->store,
                        "INSERT INTO parameter(name, value) VALUES(?, ?)"
                        " ON CONFLICT(name) DO UPDATE SET value = excluded.value",
                        &s));
    bind_text(s, name);
    store_bind_int(s, value);
    TRY(store_run(s));
    TRY(audit_append(&tx, &entry));
    return store_commit(&tx);
}
