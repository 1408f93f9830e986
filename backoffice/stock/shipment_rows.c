/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of shipments. */
#include "backoffice/stock/shipment_rows.h"

static const char *const migration[] = {
    "CREATE TABLE stock_shipment(row INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,"
    " serial TEXT NOT NULL, assignment INTEGER NOT NULL UNIQUE, label TEXT NOT NULL,"
    " state INTEGER NOT NULL, rank INTEGER NOT NULL, moved_ms INTEGER NOT NULL,"
    " next_ms INTEGER NOT NULL, tries INTEGER NOT NULL, reminded_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX stock_shipment_due ON stock_shipment(next_ms) WHERE state <= 2;"
    "CREATE INDEX stock_shipment_serial ON stock_shipment(serial, row);"
    "CREATE TABLE stock_shipment_event(shipment INTEGER NOT NULL REFERENCES stock_shipment(row),"
    " number INTEGER NOT NULL, at_ms INTEGER NOT NULL, heard_ms INTEGER NOT NULL,"
    " event INTEGER NOT NULL, PRIMARY KEY(shipment, number)) STRICT, WITHOUT ROWID;"
    "CREATE TRIGGER stock_shipment_onward BEFORE UPDATE ON stock_shipment"
    " WHEN NEW.rank < OLD.rank OR NEW.state < OLD.state OR OLD.state > 2"
    " OR (OLD.label <> '' AND NEW.label <> OLD.label)"
    " BEGIN SELECT RAISE(ABORT, 'a parcel does not go backwards'); END;"
    "CREATE TRIGGER stock_shipment_kept BEFORE DELETE ON stock_shipment"
    " BEGIN SELECT RAISE(ABORT, 'shipments are kept'); END;"
    "CREATE TRIGGER stock_shipment_event_stands BEFORE UPDATE ON stock_shipment_event"
    " BEGIN SELECT RAISE(ABORT, 'an event stands'); END;"
    "CREATE TRIGGER stock_shipment_event_kept BEFORE DELETE ON stock_shipment_event"
    " BEGIN SELECT RAISE(ABORT, 'an event stands'); END;",
};

const struct store_schema shipment_schema = {"stock_shipment", migration, ARRAY_LEN(migration)};

#define COLUMNS                                                                  \
    "row, id, serial, label, assignment, state, rank, moved_ms, next_ms, tries," \
    " reminded_ms FROM stock_shipment"

static err read_row(struct store_statement *row, struct shipment *s)
{
    *s = (struct shipment){.row = store_read_int(row)};
    store_read_text_into(row, s->id, sizeof s->id);
    store_read_text_into(row, s->serial, sizeof s->serial);
    store_read_text_into(row, s->label, sizeof s->label);
    s->assignment = store_read_int(row);
    s->state = (enum shipment_state)store_read_int(row);
    s->rank = (enum courier_event)store_read_int(row);
    s->moved_ms = store_read_int(row);
    s->next_ms = store_read_int(row);
    s->tries = store_read_int(row);
    s->reminded_ms = store_read_int(row);
    return store_read_finish(row);
}

static err read_one(struct store_statement *query, struct shipment *ret)
{
    struct shipment s;
    bool row = false;
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    err read = read_row(query, &s);
    store_reset(query);
    if (!FAILED(read)) *ret = s;
    return read;
}

err shipment_find(struct store *store, const char *serial, struct shipment *ret)
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT " COLUMNS " WHERE serial = ? AND assignment > 0 ORDER BY"
                        " row DESC LIMIT 1",
                        &query));
    store_bind_text(query, bytes_text(serial));
    return read_one(query, ret);
}

err shipment_of_return(struct store *store, int64_t assignment, struct shipment *ret)
{
    struct store_statement *query;
    TRY(store_statement(store, "SELECT " COLUMNS " WHERE assignment = ?", &query));
    store_bind_int(query, -assignment);
    return read_one(query, ret);
}

err shipment_by_id(struct store *store, const char *id, struct shipment *ret)
{
    struct store_statement *query;
    TRY(store_statement(store, "SELECT " COLUMNS " WHERE id = ?", &query));
    store_bind_text(query, bytes_text(id));
    return read_one(query, ret);
}

err shipment_due(struct store *store, int64_t now_ms, bool quiet,
                 struct shipment ret[SHIPMENT_BATCH], size_t *ret_count)
{
    struct store_statement *query;
    size_t count = 0;
    TRY(store_statement(store,
                        quiet ? "SELECT " COLUMNS " WHERE state <= 2 AND"
                                " max(moved_ms, reminded_ms) <= ? ORDER BY row LIMIT ?"
                              : "SELECT " COLUMNS " WHERE state <= 2 AND next_ms <= ?"
                                " ORDER BY next_ms, row LIMIT ?",
                        &query));
    store_bind_int(query, quiet ? now_ms - SHIPMENT_QUIET_MS : now_ms);
    store_bind_int(query, SHIPMENT_BATCH);
    for (;;) {
        bool row = false;
        TRY(store_step(query, &row));
        if (!row) break;
        err read = read_row(query, &ret[count++]);
        if (!FAILED(read)) continue;
        store_reset(query);
        return read;
    }
    *ret_count = count;
    return OK;
}

err shipment_put(struct store_tx *tx, const struct shipment *s)
{
    struct store_statement *update;
    TRY(store_statement(tx->store,
                        "UPDATE stock_shipment SET label = ?, state = ?, rank = ?, moved_ms = ?,"
                        " next_ms = ?, tries = ?, reminded_ms = ? WHERE row = ?",
                        &update));
    store_bind_text(update, bytes_text(s->label));
    store_bind_int(update, (int64_t)s->state);
    store_bind_int(update, (int64_t)s->rank);
    store_bind_int(update, s->moved_ms);
    store_bind_int(update, s->next_ms);
    store_bind_int(update, s->tries);
    store_bind_int(update, s->reminded_ms);
    store_bind_int(update, s->row);
    return store_run(update);
}

err shipment_insert(struct store_tx *tx, const struct shipment *s)
{
    struct store_statement *insert;
    TRY(store_statement(tx->store,
                        "INSERT INTO stock_shipment(id, serial, assignment, label, state, rank,"
                        " moved_ms, next_ms, tries, reminded_ms) VALUES(?, ?, ?, '', 1, 0, ?, ?,"
                        " 0, 0)",
                        &insert));
    store_bind_text(insert, bytes_text(s->id));
    store_bind_text(insert, bytes_text(s->serial));
    store_bind_int(insert, s->assignment);
    store_bind_int(insert, s->moved_ms);
    store_bind_int(insert, s->next_ms);
    return store_run(insert);
}

err shipment_note(struct store_tx *tx, const struct shipment *s, const struct courier_happening *h,
                  int64_t now_ms, bool *ret_fresh)
{
    struct store_statement *insert;
    TRY(store_statement(tx->store,
                        "INSERT OR IGNORE INTO stock_shipment_event(shipment, number, at_ms,"
                        " heard_ms, event) VALUES(?, ?, ?, ?, ?)",
                        &insert));
    store_bind_int(insert, s->row);
    store_bind_int(insert, h->number);
    store_bind_int(insert, h->at_s * 1000);
    store_bind_int(insert, now_ms);
    store_bind_int(insert, (int64_t)h->event);
    TRY(store_run(insert));
    *ret_fresh = store_changes(tx->store) != 0;
    return OK;
}

err shipment_heard(struct store *store, const struct shipment *s, enum courier_event event,
                   bool *ret_heard)
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT 1 FROM stock_shipment_event WHERE shipment = ? AND event = ?"
                        " LIMIT 1",
                        &query));
    store_bind_int(query, s->row);
    store_bind_int(query, (int64_t)event);
    TRY(store_step(query, ret_heard));
    store_reset(query);
    return OK;
}

err shipment_events(struct store *store, const struct shipment *s, shipment_each each,
                    void *context)
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT number, at_ms, event FROM stock_shipment_event WHERE shipment = ?"
                        " ORDER BY number",
                        &query));
    store_bind_int(query, s->row);
    for (;;) {
        struct courier_happening h;
        bool row = false;
        TRY(store_step(query, &row));
        if (!row) return OK;
        h.number = store_read_int(query);
        h.at_s = store_read_int(query) / 1000;
        h.event = (enum courier_event)store_read_int(query);
        err done = store_read_finish(query);
        if (!FAILED(done)) done = each(context, &h);
        if (!FAILED(done)) continue;
        store_reset(query);
        return done;
    }
}
