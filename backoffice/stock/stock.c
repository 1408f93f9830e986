/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a terminal as one table, and the tables of the store that hold it. */
#include "backoffice/stock/stock.h"

#include <stdio.h>

/* ---- words ---- */

static const struct {
    const char *word, *text[2];
} verdicts[STOCK_VERDICTS] =
    {
#define X(name, word, zh, en) [STOCK_##name] = {word, {zh, en}},
        STOCK_VERDICT_LIST(X)
#undef X
},
  states[STOCK_STATES] = {
#define X(number, name, word, zh, en) [number] = {word, {zh, en}},
      STOCK_STATE_LIST(X)
#undef X
};

static const struct {
    const char *word, *text[2];
} events[STOCK_HAPPENINGS] = {
#define X(number, name, word, zh, en) [number] = {word, {zh, en}},
    STOCK_EVENT_LIST(X)
#undef X
};

const char *stock_verdict_word(enum stock_verdict verdict)
{
    return verdicts[verdict].word;
}

const char *stock_verdict_text(enum stock_verdict verdict, bool english)
{
    return verdicts[verdict].text[english];
}

const char *stock_state_word(enum stock_state state)
{
    ENSURE(state >= STOCK_IN_STOCK && state < STOCK_STATES);
    return states[state].word;
}

const char *stock_state_text(enum stock_state state, bool english)
{
    ENSURE(state >= STOCK_IN_STOCK && state < STOCK_STATES);
    return states[state].text[english];
}

enum stock_state stock_state_named(struct bytes word)
{
    for (enum stock_state s = STOCK_IN_STOCK; s < STOCK_STATES; s++)
        if (bytes_equal(word, bytes_text(states[s].word))) return s;
    return (enum stock_state)0;
}

const char *stock_event_word(enum stock_happening event)
{
    ENSURE(event >= STOCK_DOES_TAKE_IN && event < STOCK_HAPPENINGS);
    return events[event].word;
}

const char *stock_event_text(enum stock_happening event, bool english)
{
    ENSURE(event >= STOCK_DOES_TAKE_IN && event < STOCK_HAPPENINGS);
    return events[event].text[english];
}

/* ---- the life ---- */

/*
 * A parcel that is lost stays SHIPPED, because it may turn up: it comes back, is scrapped, or is
 * switched on by whom it was for, although the courier never said that it arrived.
 */
/* clang-format off */
static const struct {
    enum stock_state from;
    enum stock_happening event;
    enum stock_state to;
} life[] = {
    {STOCK_IN_STOCK,  STOCK_DOES_ASSIGN,   STOCK_ASSIGNED},
    {STOCK_IN_STOCK,  STOCK_DOES_SCRAP,    STOCK_SCRAPPED},
    {STOCK_ASSIGNED,  STOCK_DOES_UNASSIGN, STOCK_IN_STOCK},
    {STOCK_ASSIGNED,  STOCK_DOES_PACK,     STOCK_PACKED},
    {STOCK_PACKED,    STOCK_DOES_UNPACK,   STOCK_ASSIGNED},
    {STOCK_PACKED,    STOCK_DOES_SHIP,     STOCK_SHIPPED},
    {STOCK_SHIPPED,   STOCK_DOES_DELIVER,  STOCK_DELIVERED},
    {STOCK_SHIPPED,   STOCK_DOES_ACTIVATE, STOCK_ACTIVE},
    {STOCK_SHIPPED,   STOCK_DOES_RETURN,   STOCK_RETURNED},
    {STOCK_SHIPPED,   STOCK_DOES_SCRAP,    STOCK_SCRAPPED},
    {STOCK_SHIPPED,   STOCK_DOES_REPLACE,  STOCK_SCRAPPED}, /* a spare that was lost on its way */
    {STOCK_DELIVERED, STOCK_DOES_ACTIVATE, STOCK_ACTIVE},
    {STOCK_DELIVERED, STOCK_DOES_RETURN,   STOCK_RETURNED},
    {STOCK_DELIVERED, STOCK_DOES_REPLACE,  STOCK_SCRAPPED},
    {STOCK_ACTIVE,    STOCK_DOES_RETURN,   STOCK_RETURNED},
    {STOCK_ACTIVE,    STOCK_DOES_REPLACE,  STOCK_SCRAPPED},
    {STOCK_ACTIVE,    STOCK_DOES_RELEASE,  STOCK_DELIVERED}, /* for its own shop, with another code */
    {STOCK_RETURNED,  STOCK_DOES_RESTOCK,  STOCK_IN_STOCK},
    {STOCK_RETURNED,  STOCK_DOES_SCRAP,    STOCK_SCRAPPED},
};
/* clang-format on */

enum stock_state stock_next(enum stock_state from, enum stock_happening event)
{
    for (size_t i = 0; i < ARRAY_LEN(life); i++)
        if (life[i].from == from && life[i].event == event) return life[i].to;
    return (enum stock_state)0;
}

/* ---- tables ---- */

static const char *const migration[] = {
    "CREATE TABLE stock_model(model TEXT PRIMARY KEY, kind INTEGER NOT NULL, form TEXT NOT NULL,"
    " made_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE stock_terminal(serial TEXT PRIMARY KEY, folded TEXT NOT NULL UNIQUE,"
    " model TEXT NOT NULL REFERENCES stock_model(model), print TEXT NOT NULL UNIQUE,"
    " state INTEGER NOT NULL CHECK(state BETWEEN 1 AND 8), mid TEXT NOT NULL,"
    " application TEXT NOT NULL, tid TEXT NOT NULL, assignment INTEGER NOT NULL,"
    " taken_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX stock_terminal_state ON stock_terminal(state, serial);"
    "CREATE INDEX stock_terminal_mid ON stock_terminal(mid, serial);"
    "CREATE TABLE stock_event(number INTEGER PRIMARY KEY AUTOINCREMENT,"
    " serial TEXT NOT NULL, at_ms INTEGER NOT NULL, event INTEGER NOT NULL, was INTEGER NOT NULL,"
    " became INTEGER NOT NULL, actor TEXT NOT NULL, note TEXT NOT NULL) STRICT;"
    "CREATE INDEX stock_event_serial ON stock_event(serial, number);"

    "CREATE TRIGGER stock_event_kept BEFORE DELETE ON stock_event"
    " BEGIN SELECT RAISE(ABORT, 'a history is only appended to'); END;"
    "CREATE TRIGGER stock_event_stays BEFORE UPDATE ON stock_event"
    " BEGIN SELECT RAISE(ABORT, 'a history is only appended to'); END;"
    "CREATE TRIGGER stock_terminal_kept BEFORE DELETE ON stock_terminal"
    " BEGIN SELECT RAISE(ABORT, 'terminals are kept'); END;"
    "CREATE TRIGGER stock_terminal_stays BEFORE UPDATE ON stock_terminal"
    " WHEN NEW.serial <> OLD.serial OR NEW.folded <> OLD.folded OR NEW.model <> OLD.model"
    " OR NEW.print <> OLD.print OR NEW.taken_ms <> OLD.taken_ms"
    " BEGIN SELECT RAISE(ABORT, 'a device is what it was taken in as'); END;"
    "CREATE TRIGGER stock_state_follows BEFORE UPDATE ON stock_terminal"
    " WHEN NEW.state <> OLD.state AND NOT EXISTS(SELECT 1 FROM stock_event WHERE number ="
    " (SELECT max(number) FROM stock_event WHERE serial = NEW.serial) AND was = OLD.state"
    " AND became = NEW.state)"
    " BEGIN SELECT RAISE(ABORT, 'a state follows from the history'); END;",
};

const struct store_schema stock_schema = {"stock", migration, ARRAY_LEN(migration)};

/* ---- models ---- */

err stock_model_find(struct store *store, struct bytes model, struct stock_model *ret)
{
    struct store_statement *query;
    struct stock_model found = {.kind = 0};
    bool row = false;
    TRY(store_statement(store, "SELECT model, form, kind FROM stock_model WHERE model = ?",
                        &query));
    store_bind_text(query, model);
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    store_read_text_into(query, found.model, sizeof found.model);
    store_read_text_into(query, found.form, sizeof found.form);
    found.kind = (unsigned)store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    if (!FAILED(read)) *ret = found;
    return read;
}

err stock_model_add(struct store_tx *tx, const struct stock_model *model, int64_t now_ms,
                    enum stock_verdict *ret_verdict)
{
    struct store_statement *put;
    struct stock_model there;
    *ret_verdict = STOCK_MODEL_FORM;
    if (!serial_form_valid(bytes_text(model->form))) return OK;
    err found = stock_model_find(tx->store, bytes_text(model->model), &there);
    *ret_verdict = STOCK_MODEL_THERE;
    if (found.code != ERR_NOT_FOUND) return found;
    TRY(store_statement(
        tx->store, "INSERT INTO stock_model(model, kind, form, made_ms) VALUES(?, ?, ?, ?)", &put));
    store_bind_text(put, bytes_text(model->model));
    store_bind_int(put, model->kind);
    store_bind_text(put, bytes_text(model->form));
    store_bind_int(put, now_ms);
    *ret_verdict = STOCK_OK;
    return store_run(put);
}

err stock_models(struct store *store, stock_each_model each, void *context)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(store, "SELECT model, form, kind FROM stock_model ORDER BY model", &query));
    for (;;) {
        struct stock_model model = {.kind = 0};
        TRY(store_step(query, &row));
        if (!row) return OK;
        store_read_text_into(query, model.model, sizeof model.model);
        store_read_text_into(query, model.form, sizeof model.form);
        model.kind = (unsigned)store_read_int(query);
        err done = store_read_finish(query);
        if (!FAILED(done)) done = each(context, &model);
        if (!FAILED(done)) continue;
        store_reset(query);
        return done;
    }
}

/* ---- looking ---- */

#define TERMINAL_COLUMNS                                                                      \
    "t.serial, t.model, m.kind, t.print, t.state, t.mid, t.application, t.tid, t.assignment," \
    " t.taken_ms, t.changed_ms FROM stock_terminal t JOIN stock_model m ON m.model = t.model"

static err read_terminal(struct store_statement *row, struct stock_terminal *t)
{
    *t = (struct stock_terminal){.kind = 0};
    store_read_text_into(row, t->serial, sizeof t->serial);
    store_read_text_into(row, t->model, sizeof t->model);
    t->kind = (unsigned)store_read_int(row);
    store_read_text_into(row, t->print, sizeof t->print);
    t->state = (enum stock_state)store_read_int(row);
    store_read_text_into(row, t->mid, sizeof t->mid);
    store_read_text_into(row, t->application, sizeof t->application);
    store_read_text_into(row, t->tid, sizeof t->tid);
    t->assignment = store_read_int(row);
    t->taken_ms = store_read_int(row);
    t->changed_ms = store_read_int(row);
    return store_read_finish(row);
}

err stock_find(struct store *store, struct bytes serial, struct stock_terminal *ret)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(store, "SELECT " TERMINAL_COLUMNS " WHERE t.serial = ?", &query));
    store_bind_text(query, serial);
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    err read = read_terminal(query, ret);
    store_reset(query);
    return read;
}

err stock_find_alike(struct store *store, struct bytes serial, char ret[SERIAL_MAX + 1])
{
    struct store_statement *query;
    char folded[SERIAL_MAX + 1];
    bool row = false;
    if (FAILED(serial_fold(serial, folded))) return ERR(NOT_FOUND);
    TRY(store_statement(store, "SELECT serial FROM stock_terminal WHERE folded = ? AND serial <> ?",
                        &query));
    store_bind_text(query, bytes_text(folded));
    store_bind_text(query, serial);
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    store_read_text_into(query, ret, SERIAL_MAX + 1);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

err stock_list(struct store *store, const struct stock_query *q, stock_each each, void *context)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(store,
                        "SELECT " TERMINAL_COLUMNS
                        " WHERE t.serial > ?1 AND (?2 = '' OR t.mid = ?2)"
                        " AND (?3 = 0 OR t.state = ?3) AND (?4 = '' OR instr(t.serial, ?4) > 0"
                        " OR t.application = ?4 OR t.mid = ?4 OR t.tid = ?4)"
                        " ORDER BY t.serial LIMIT ?5",
                        &query));
    store_bind_text(query, bytes_text(q->after));
    store_bind_text(query, bytes_text(q->mid));
    store_bind_int(query, (int64_t)q->state);
    store_bind_text(query, bytes_text(q->search));
    store_bind_int(query, (int64_t)q->limit);
    for (;;) {
        struct stock_terminal terminal;
        TRY(store_step(query, &row));
        if (!row) return OK;
        err done = read_terminal(query, &terminal);
        if (!FAILED(done)) done = each(context, &terminal);
        if (!FAILED(done)) continue;
        store_reset(query);
        return done;
    }
}

err stock_history(struct store *store, const char *serial, stock_each_row each, void *context)
{
    struct store_statement *query;
    bool more = false;
    TRY(store_statement(store,
                        "SELECT number, at_ms, event, was, became, actor, note FROM stock_event"
                        " WHERE serial = ? ORDER BY number",
                        &query));
    store_bind_text(query, bytes_text(serial));
    for (;;) {
        struct stock_row row = {.number = 0};
        TRY(store_step(query, &more));
        if (!more) return OK;
        row.number = store_read_int(query);
        row.at_ms = store_read_int(query);
        row.event = (enum stock_happening)store_read_int(query);
        row.was = (enum stock_state)store_read_int(query);
        row.became = (enum stock_state)store_read_int(query);
        store_read_text_into(query, row.actor, sizeof row.actor);
        store_read_text_into(query, row.note, sizeof row.note);
        err done = store_read_finish(query);
        if (!FAILED(done)) done = each(context, &row);
        if (!FAILED(done)) continue;
        store_reset(query);
        return done;
    }
}

err stock_was_active(struct store *store, const char *serial, bool *ret_was)
{
    struct store_statement *query;
    TRY(store_statement(store, "SELECT 1 FROM stock_event WHERE serial = ? AND became = 6 LIMIT 1",
                        &query));
    store_bind_text(query, bytes_text(serial));
    TRY(store_step(query, ret_was));
    store_reset(query);
    return OK;
}

err stock_lock_of(struct store *store, const char *serial, struct stock_lock *ret)
{
    _Static_assert(STOCK_ACTIVE == 6 && STOCK_DOES_RELEASE == 13, "in the text below");
    struct store_statement *query;
    struct stock_lock lock;
    bool row = false;
    TRY(store_statement(store,
                        "SELECT count(*), ifnull(max(number), 0) > ifnull((SELECT max(number)"
                        " FROM stock_event WHERE serial = ?1 AND event = 13), 0)"
                        " FROM stock_event WHERE serial = ?1 AND became = 6",
                        &query));
    store_bind_text(query, bytes_text(serial));
    TRY(store_step(query, &row));
    ENSURE(row);
    lock.activations = store_read_int(query);
    lock.bound = store_read_int(query) != 0;
    err read = store_read_finish(query);
    store_reset(query);
    if (!FAILED(read)) *ret = lock;
    return read;
}
