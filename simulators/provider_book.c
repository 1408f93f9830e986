/* SPDX-License-Identifier: Apache-2.0 */
/* Trades, refunds and notices of the wallets, as rows. */
#include "simulators/provider_book.h"

#include "lib/store/migrate.h"

static const char *const migration[] = {
    "CREATE TABLE trade(provider INTEGER NOT NULL, out_no TEXT NOT NULL, state INTEGER NOT NULL,"
    " shown INTEGER NOT NULL, touched INTEGER NOT NULL, phone INTEGER NOT NULL,"
    " amount_minor INTEGER NOT NULL, refunded_minor INTEGER NOT NULL, created_ms INTEGER NOT NULL,"
    " paid_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL,"
    " expires_ms INTEGER NOT NULL, number TEXT NOT NULL, code TEXT NOT NULL, token TEXT NOT NULL,"
    " subject TEXT NOT NULL, attach TEXT NOT NULL, store TEXT NOT NULL, notify_url TEXT NOT NULL,"
    " PRIMARY KEY(provider, out_no)) STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX trade_number ON trade(provider, number);"
    "CREATE INDEX trade_token ON trade(provider, token) WHERE token <> '';"
    "CREATE INDEX trade_waiting ON trade(due_ms) WHERE state = 1;"
    "CREATE INDEX trade_paid ON trade(provider, paid_ms) WHERE paid_ms > 0;"
    "CREATE TABLE refund(provider INTEGER NOT NULL, out_no TEXT NOT NULL, refund_no TEXT NOT NULL,"
    " state INTEGER NOT NULL, amount_minor INTEGER NOT NULL, created_ms INTEGER NOT NULL,"
    " done_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL, number TEXT NOT NULL,"
    " reason TEXT NOT NULL, notify_url TEXT NOT NULL,"
    " PRIMARY KEY(provider, out_no, refund_no)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX refund_no ON refund(provider, refund_no);"
    "CREATE INDEX refund_under_way ON refund(due_ms) WHERE state = 1;"
    "CREATE INDEX refund_done ON refund(provider, done_ms) WHERE done_ms > 0;"
    "CREATE TABLE notice(id TEXT PRIMARY KEY, provider INTEGER NOT NULL, out_no TEXT NOT NULL,"
    " refund_no TEXT NOT NULL, attempt INTEGER NOT NULL, due_ms INTEGER NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "CREATE INDEX notice_due ON notice(due_ms);",
    "CREATE TABLE payee(provider INTEGER NOT NULL, merchant TEXT NOT NULL, url TEXT NOT NULL,"
    " PRIMARY KEY(provider, merchant)) STRICT, WITHOUT ROWID;"};

static const struct store_schema schema = {"providers", migration, ARRAY_LEN(migration)};

#define TRADE_COLUMNS                                                                           \
    "provider, out_no, state, shown, touched, phone, amount_minor, refunded_minor, created_ms," \
    " paid_ms, ended_ms, due_ms, expires_ms, number, code, token, subject, attach, store,"      \
    " notify_url"

#define REFUND_COLUMNS                                                                       \
    "provider, out_no, refund_no, state, amount_minor, created_ms, done_ms, due_ms, number," \
    " reason, notify_url"

/* ---- trades ---- */

static err read_trade(struct store_statement *s, struct trade *ret)
{
    struct trade t = {0};
    t.provider = (enum provider)store_read_int(s);
    store_read_text_into(s, t.out_no, sizeof t.out_no);
    t.state = (enum trade_state)store_read_int(s);
    t.shown = store_read_int(s) != 0;
    t.touched = store_read_int(s) != 0;
    t.phone = (int)store_read_int(s);
    t.amount_minor = store_read_int(s);
    t.refunded_minor = store_read_int(s);
    t.created_ms = store_read_int(s);
    t.paid_ms = store_read_int(s);
    t.ended_ms = store_read_int(s);
    t.due_ms = store_read_int(s);
    t.expires_ms = store_read_int(s);
    store_read_text_into(s, t.number, sizeof t.number);
    store_read_text_into(s, t.code, sizeof t.code);
    store_read_text_into(s, t.token, sizeof t.token);
    store_read_text_into(s, t.subject, sizeof t.subject);
    store_read_text_into(s, t.attach, sizeof t.attach);
    store_read_text_into(s, t.store, sizeof t.store);
    store_read_text_into(s, t.notify_url, sizeof t.notify_url);
    TRY(store_read_finish(s));
    if (t.phone < -1 || t.phone >= PHONES_MAX) return ERR(CORRUPT);
    *ret = t;
    return OK;
}

/* The one row of a statement that is bound. */
static err one_trade(struct store_statement *s, struct trade *ret)
{
    bool row;
    TRY(store_step(s, &row));
    if (!row) return ERR(NOT_FOUND);
    err read = read_trade(s, ret);
    store_reset(s);
    return read;
}

err trade_find(struct store *store, enum provider provider, struct bytes out_no, struct trade *ret)
{
    struct store_statement *s;
    TRY(store_statement(
        store, "SELECT " TRADE_COLUMNS " FROM trade WHERE provider = ? AND out_no = ?", &s));
    store_bind_int(s, provider);
    store_bind_text(s, out_no);
    return one_trade(s, ret);
}

err trade_find_number(struct store *store, enum provider provider, struct bytes number,
                      struct trade *ret)
{
    struct store_statement *s;
    TRY(store_statement(
        store, "SELECT " TRADE_COLUMNS " FROM trade WHERE provider = ? AND number = ?", &s));
    store_bind_int(s, provider);
    store_bind_text(s, number);
    return one_trade(s, ret);
}

err trade_find_token(struct store *store, enum provider provider, struct bytes token,
                     struct trade *ret)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "SELECT " TRADE_COLUMNS
                        " FROM trade WHERE provider = ? AND token = ? AND token <> ''",
                        &s));
    store_bind_int(s, provider);
    store_bind_text(s, token);
    return one_trade(s, ret);
}

err trade_find_due(struct store *store, int64_t now_ms, struct trade *ret)
{
    struct store_statement *s;
    TRY(store_statement(
        store,
        "SELECT " TRADE_COLUMNS " FROM trade WHERE state = 1"
        " AND ((due_ms > 0 AND due_ms <= ?) OR (expires_ms > 0 AND expires_ms <= ?))"
        " ORDER BY due_ms, provider, out_no LIMIT 1",
        &s));
    store_bind_int(s, now_ms);
    store_bind_int(s, now_ms);
    return one_trade(s, ret);
}

err trade_put(struct store *store, const struct trade *t)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "INSERT OR REPLACE INTO trade(" TRADE_COLUMNS
                        ") VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        &s));
    store_bind_int(s, t->provider);
    store_bind_text(s, bytes_text(t->out_no));
    store_bind_int(s, t->state);
    store_bind_int(s, t->shown);
    store_bind_int(s, t->touched);
    store_bind_int(s, t->phone);
    store_bind_int(s, t->amount_minor);
    store_bind_int(s, t->refunded_minor);
    store_bind_int(s, t->created_ms);
    store_bind_int(s, t->paid_ms);
    store_bind_int(s, t->ended_ms);
    store_bind_int(s, t->due_ms);
    store_bind_int(s, t->expires_ms);
    store_bind_text(s, bytes_text(t->number));
    store_bind_text(s, bytes_text(t->code));
    store_bind_text(s, bytes_text(t->token));
    store_bind_text(s, bytes_text(t->subject));
    store_bind_text(s, bytes_text(t->attach));
    store_bind_text(s, bytes_text(t->store));
    store_bind_text(s, bytes_text(t->notify_url));
    return store_run(s);
}

/* ---- refunds ---- */

static err read_refund(struct store_statement *s, struct refund *ret)
{
    struct refund r = {0};
    r.provider = (enum provider)store_read_int(s);
    store_read_text_into(s, r.out_no, sizeof r.out_no);
    store_read_text_into(s, r.refund_no, sizeof r.refund_no);
    r.state = (enum refund_state)store_read_int(s);
    r.amount_minor = store_read_int(s);
    r.created_ms = store_read_int(s);
    r.done_ms = store_read_int(s);
    r.due_ms = store_read_int(s);
    store_read_text_into(s, r.number, sizeof r.number);
    store_read_text_into(s, r.reason, sizeof r.reason);
    store_read_text_into(s, r.notify_url, sizeof r.notify_url);
    TRY(store_read_finish(s));
    *ret = r;
    return OK;
}

static err one_refund(struct store_statement *s, struct refund *ret)
{
    bool row;
    TRY(store_step(s, &row));
    if (!row) return ERR(NOT_FOUND);
    err read = read_refund(s, ret);
    store_reset(s);
    return read;
}

err refund_find(struct store *store, enum provider provider, struct bytes refund_no,
                struct refund *ret)
{
    struct store_statement *s;
    TRY(store_statement(
        store, "SELECT " REFUND_COLUMNS " FROM refund WHERE provider = ? AND refund_no = ? LIMIT 1",
        &s));
    store_bind_int(s, provider);
    store_bind_text(s, refund_no);
    return one_refund(s, ret);
}

err refund_find_of(struct store *store, enum provider provider, struct bytes out_no,
                   struct bytes refund_no, struct refund *ret)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "SELECT " REFUND_COLUMNS
                        " FROM refund WHERE provider = ? AND out_no = ? AND refund_no = ?",
                        &s));
    store_bind_int(s, provider);
    store_bind_text(s, out_no);
    store_bind_text(s, refund_no);
    return one_refund(s, ret);
}

err refund_find_due(struct store *store, int64_t now_ms, struct refund *ret)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "SELECT " REFUND_COLUMNS " FROM refund WHERE state = 1 AND due_ms <= ?"
                        " ORDER BY due_ms, provider, refund_no LIMIT 1",
                        &s));
    store_bind_int(s, now_ms);
    return one_refund(s, ret);
}

err refund_before(struct store *store, const struct refund *refund, int64_t *ret_minor)
{
    struct store_statement *s;
    bool there = false;
    TRY(store_statement(store,
                        "SELECT ifnull(sum(amount_minor), 0) FROM refund WHERE provider = ?"
                        " AND out_no = ? AND state = 2 AND refund_no <> ? AND (done_ms < ?"
                        " OR (done_ms = ? AND refund_no < ?))",
                        &s));
    store_bind_int(s, refund->provider);
    store_bind_text(s, bytes_text(refund->out_no));
    store_bind_text(s, bytes_text(refund->refund_no));
    store_bind_int(s, refund->done_ms);
    store_bind_int(s, refund->done_ms);
    store_bind_text(s, bytes_text(refund->refund_no));
    TRY(store_step(s, &there));
    ENSURE(there);
    int64_t minor = store_read_int(s);
    err read = store_read_finish(s);
    store_reset(s);
    TRY(read);
    *ret_minor = minor;
    return OK;
}

err refund_put(struct store *store, const struct refund *r)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "INSERT OR REPLACE INTO refund(" REFUND_COLUMNS
                        ") VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        &s));
    store_bind_int(s, r->provider);
    store_bind_text(s, bytes_text(r->out_no));
    store_bind_text(s, bytes_text(r->refund_no));
    store_bind_int(s, r->state);
    store_bind_int(s, r->amount_minor);
    store_bind_int(s, r->created_ms);
    store_bind_int(s, r->done_ms);
    store_bind_int(s, r->due_ms);
    store_bind_text(s, bytes_text(r->number));
    store_bind_text(s, bytes_text(r->reason));
    store_bind_text(s, bytes_text(r->notify_url));
    return store_run(s);
}

/* ---- notices ---- */

err notice_put(struct store *store, const struct notice *n)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "INSERT OR REPLACE INTO notice(id, provider, out_no, refund_no, attempt,"
                        " due_ms) VALUES(?, ?, ?, ?, ?, ?)",
                        &s));
    store_bind_text(s, bytes_text(n->id));
    store_bind_int(s, n->provider);
    store_bind_text(s, bytes_text(n->out_no));
    store_bind_text(s, bytes_text(n->refund_no));
    store_bind_int(s, n->attempt);
    store_bind_int(s, n->due_ms);
    return store_run(s);
}

err notice_drop(struct store *store, struct bytes id)
{
    struct store_statement *s;
    TRY(store_statement(store, "DELETE FROM notice WHERE id = ?", &s));
    store_bind_text(s, id);
    return store_run(s);
}

err notice_find_due(struct store *store, int64_t now_ms, struct notice *ret)
{
    struct store_statement *s;
    struct notice n = {0};
    bool row;
    TRY(store_statement(store,
                        "SELECT provider, id, out_no, refund_no, attempt, due_ms FROM notice"
                        " WHERE due_ms <= ? ORDER BY due_ms, id LIMIT 1",
                        &s));
    store_bind_int(s, now_ms);
    TRY(store_step(s, &row));
    if (!row) return ERR(NOT_FOUND);
    n.provider = (enum provider)store_read_int(s);
    store_read_text_into(s, n.id, sizeof n.id);
    store_read_text_into(s, n.out_no, sizeof n.out_no);
    store_read_text_into(s, n.refund_no, sizeof n.refund_no);
    n.attempt = store_read_int(s);
    n.due_ms = store_read_int(s);
    err read = store_read_finish(s);
    store_reset(s);
    if (!FAILED(read)) *ret = n;
    return read;
}

err notice_open(struct store *store, enum provider provider, struct bytes out_no, bool *ret_open)
{
    struct store_statement *s;
    TRY(store_statement(store, "SELECT 1 FROM notice WHERE provider = ? AND out_no = ? LIMIT 1",
                        &s));
    store_bind_int(s, provider);
    store_bind_text(s, out_no);
    TRY(store_step(s, ret_open));
    store_reset(s);
    return OK;
}

/* ---- merchants with plates ---- */

err provider_payee_put(struct store *store, enum provider provider, struct bytes merchant,
                       struct bytes url)
{
    struct store_statement *s;
    TRY(store_statement(
        store, "INSERT OR REPLACE INTO payee(provider, merchant, url) VALUES(?, ?, ?)", &s));
    store_bind_int(s, provider);
    store_bind_text(s, merchant);
    store_bind_text(s, url);
    return store_run(s);
}

err provider_payee_find(struct store *store, enum provider provider, struct bytes merchant,
                        char out[static TRADE_URL_MAX + 1])
{
    struct store_statement *s;
    bool row;
    TRY(store_statement(store, "SELECT url FROM payee WHERE provider = ? AND merchant = ?", &s));
    store_bind_int(s, provider);
    store_bind_text(s, merchant);
    TRY(store_step(s, &row));
    if (!row) return ERR(NOT_FOUND);
    store_read_text_into(s, out, TRADE_URL_MAX + 1);
    err read = store_read_finish(s);
    store_reset(s);
    return read;
}

/* ---- all of them ---- */

static err count_spent(struct store *store, struct phones *phones)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "SELECT phone, SUM(amount_minor - refunded_minor) FROM trade"
                        " WHERE paid_ms > 0 AND state = 2 GROUP BY phone",
                        &s));
    for (;;) {
        bool row;
        TRY(store_step(s, &row));
        if (!row) return OK;
        int64_t phone = store_read_int(s), spent = store_read_int(s);
        TRY(store_read_finish(s));
        if (phone < 0 || phone >= PHONES_MAX) return ERR(CORRUPT);
        phones->spent_minor[phone] += spent;
    }
}

err provider_book_open(struct store *store, struct phones *phones)
{
    TRY(store_migrate(store, &schema));
    return phones != NULL ? count_spent(store, phones) : OK;
}

err provider_book_next(struct store *store, int64_t *ret_ms)
{
    struct store_statement *s;
    bool row;
    TRY(store_statement(store,
                        "SELECT MIN(at) FROM (SELECT MIN(due_ms) AS at FROM notice"
                        " UNION ALL SELECT MIN(due_ms) FROM refund WHERE state = 1"
                        " UNION ALL SELECT MIN(due_ms) FROM trade WHERE state = 1 AND due_ms > 0"
                        " UNION ALL SELECT MIN(expires_ms) FROM trade"
                        " WHERE state = 1 AND expires_ms > 0)",
                        &s));
    TRY(store_step(s, &row));
    ENSURE(row);
    *ret_ms = store_read_null(s) ? INT64_MAX : store_read_int(s);
    err read = store_read_finish(s);
    store_reset(s);
    return read;
}

err provider_book_total(struct store *store, enum provider provider, int64_t *ret_minor,
                        int64_t *ret_count)
{
    struct store_statement *s;
    bool row;
    TRY(store_statement(store,
                        "SELECT COALESCE(SUM(amount_minor - refunded_minor), 0), COUNT(*)"
                        " FROM trade WHERE provider = ? AND state = 2",
                        &s));
    store_bind_int(s, provider);
    TRY(store_step(s, &row));
    ENSURE(row);
    *ret_minor = store_read_int(s);
    *ret_count = store_read_int(s);
    err read = store_read_finish(s);
    store_reset(s);
    return read;
}

static err day_trades(struct store *store, enum provider provider, int64_t from_ms, int64_t to_ms,
                      const struct provider_day *day)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "SELECT " TRADE_COLUMNS " FROM trade WHERE provider = ? AND paid_ms >= ?"
                        " AND paid_ms < ? AND paid_ms > 0 ORDER BY paid_ms, out_no",
                        &s));
    store_bind_int(s, provider);
    store_bind_int(s, from_ms);
    store_bind_int(s, to_ms);
    for (;;) {
        bool row;
        struct trade trade;
        TRY(store_step(s, &row));
        if (!row) return OK;
        err e = read_trade(s, &trade);
        if (!FAILED(e)) e = day->each_trade(day->context, &trade);
        if (!FAILED(e)) continue;
        store_reset(s);
        return e;
    }
}

static err day_refunds(struct store *store, enum provider provider, int64_t from_ms, int64_t to_ms,
                       const struct provider_day *day)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "SELECT " REFUND_COLUMNS " FROM refund WHERE provider = ? AND done_ms >= ?"
                        " AND done_ms < ? AND done_ms > 0 ORDER BY done_ms, refund_no",
                        &s));
    store_bind_int(s, provider);
    store_bind_int(s, from_ms);
    store_bind_int(s, to_ms);
    for (;;) {
        bool row;
        struct refund refund;
        struct trade trade;
        TRY(store_step(s, &row));
        if (!row) return OK;
        err e = read_refund(s, &refund);
        if (!FAILED(e)) e = trade_find(store, provider, bytes_text(refund.out_no), &trade);
        if (!FAILED(e)) e = day->each_refund(day->context, &trade, &refund);
        if (!FAILED(e)) continue;
        store_reset(s);
        return e;
    }
}

err provider_book_day(struct store *store, enum provider provider, int64_t from_ms, int64_t to_ms,
                      const struct provider_day *day)
{
    TRY(day_trades(store, provider, from_ms, to_ms, day));
    return day_refunds(store, provider, from_ms, to_ms, day);
}
