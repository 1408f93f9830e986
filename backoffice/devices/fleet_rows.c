/* SPDX-License-Identifier: Apache-2.0 */
/* What devices have told, on disk: a row each, written in groups. */
#include "backoffice/devices/fleet_internal.h"

static const char *const migration[] = {
    /* link, paper, hold: of lib/wire/device_protocol.h */
    "CREATE TABLE device_state(tid TEXT PRIMARY KEY, heard_ms INTEGER NOT NULL,"
    " told_ms INTEGER NOT NULL, last_payment_ms INTEGER NOT NULL, unsent INTEGER NOT NULL,"
    " parameters INTEGER NOT NULL, battery INTEGER NOT NULL, paper INTEGER NOT NULL,"
    " hold INTEGER NOT NULL, link INTEGER NOT NULL, signed_in INTEGER NOT NULL,"
    " operator TEXT NOT NULL, version TEXT NOT NULL) STRICT, WITHOUT ROWID;",
};

const struct store_schema fleet_schema = {"fleet", migration, ARRAY_LEN(migration)};

static err read_row(struct store_statement *row, struct fleet *fleet)
{
    char tid[9];
    struct fleet_state s = {0};
    store_read_text_into(row, tid, sizeof tid);
    int64_t heard_ms = store_read_int(row);
    s.told_ms = store_read_int(row);
    s.last_payment_ms = store_read_int(row);
    s.unsent = (uint32_t)store_read_int(row);
    s.parameters = (uint32_t)store_read_int(row);
    s.battery = (uint8_t)store_read_int(row);
    s.paper = (uint8_t)store_read_int(row);
    s.hold = (uint8_t)store_read_int(row);
    s.link = (uint8_t)store_read_int(row);
    s.signed_in = store_read_int(row) != 0;
    store_read_text_into(row, s.operator_id, sizeof s.operator_id);
    store_read_text_into(row, s.version, sizeof s.version);
    TRY(store_read_finish(row));
    if (s.paper >= DEVICE_PAPERS || s.hold >= DEVICE_HOLDS || s.link >= DEVICE_LINKS)
        return ERR(CORRUPT); /* somebody else's hand */
    struct fleet_device *device = fleet_at(fleet, tid);
    if (device == NULL) return OK; /* the registry has none any more */
    device->heard_ms = heard_ms;
    device->state = s;
    return OK;
}

err fleet_rows_load(struct fleet *fleet)
{
    struct store_statement *rows;
    TRY(store_statement(fleet->store,
                        "SELECT tid, heard_ms, told_ms, last_payment_ms, unsent, parameters,"
                        " battery, paper, hold, link, signed_in, operator, version FROM"
                        " device_state",
                        &rows));
    for (;;) {
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        err e = read_row(rows, fleet);
        if (!FAILED(e)) continue;
        store_reset(rows);
        return e;
    }
}

static err write_row(struct fleet *fleet, const struct fleet_device *d)
{
    struct store_statement *put;
    TRY(store_statement(fleet->store,
                        "INSERT OR REPLACE INTO device_state(tid, heard_ms, told_ms,"
                        " last_payment_ms, unsent, parameters, battery, paper, hold, link,"
                        " signed_in, operator, version) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
                        " ?)",
                        &put));
    store_bind_text(put, bytes_text(d->tid));
    store_bind_int(put, d->heard_ms);
    store_bind_int(put, d->state.told_ms);
    store_bind_int(put, d->state.last_payment_ms);
    store_bind_int(put, d->state.unsent);
    store_bind_int(put, d->state.parameters);
    store_bind_int(put, d->state.battery);
    store_bind_int(put, d->state.paper);
    store_bind_int(put, d->state.hold);
    store_bind_int(put, d->state.link);
    store_bind_int(put, d->state.signed_in);
    store_bind_text(put, bytes_text(d->state.operator_id));
    store_bind_text(put, bytes_text(d->state.version));
    return store_run(put);
}

err fleet_rows_write(struct fleet *fleet)
{
    size_t from = fleet->next_dirty, looked = 0, written = 0;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    if (fleet->dirty == 0) return OK;
    TRY(store_begin(fleet->store, &tx));
    for (; looked < fleet->count && written < fleet->dirty && written < FLEET_GROUP; looked++) {
        const struct fleet_device *d = &fleet->device[(from + looked) % fleet->count];
        if (!d->dirty) continue;
        TRY(write_row(fleet, d));
        written++;
    }
    TRY(store_commit(&tx));
    for (size_t i = 0; i < looked; i++) fleet->device[(from + i) % fleet->count].dirty = false;
    fleet->dirty -= written;
    fleet->next_dirty = (from + looked) % fleet->count;
    return OK;
}
