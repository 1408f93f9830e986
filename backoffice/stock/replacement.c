/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked, and the one act in which a spare takes a terminal's place. */
#include "backoffice/stock/replacement.h"

#include <stdio.h>

#include "backoffice/desk/desk_internal.h"
#include "backoffice/devices/devices.h"
#include "backoffice/devices/fleet.h"
#include "backoffice/events/events.h"
#include "backoffice/registrar.h"
#include "backoffice/stock/activation.h"
#include "registry/replacement.h"

static const char *const migration[] = {
    /* state: 1 asked 2 done 3 refused; unsent -1: it had told nothing */
    "CREATE TABLE stock_replacement(id INTEGER PRIMARY KEY AUTOINCREMENT, tid TEXT NOT NULL,"
    " mid TEXT NOT NULL, old_serial TEXT NOT NULL, serial TEXT NOT NULL,"
    " state INTEGER NOT NULL CHECK(state BETWEEN 1 AND 3), reason TEXT NOT NULL,"
    " asked_by TEXT NOT NULL, asked_ms INTEGER NOT NULL, decided_by TEXT NOT NULL,"
    " decided_ms INTEGER NOT NULL, unsent INTEGER NOT NULL, told_ms INTEGER NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX stock_replacement_open ON stock_replacement(old_serial) WHERE state = 1;"
    "CREATE UNIQUE INDEX stock_replacement_spare ON stock_replacement(serial) WHERE state <> 3;"
    "CREATE INDEX stock_replacement_tid ON stock_replacement(tid, id);"
    "CREATE INDEX stock_replacement_old ON stock_replacement(old_serial, id);"
    "CREATE TRIGGER stock_replacement_over BEFORE UPDATE ON stock_replacement WHEN OLD.state <> 1"
    " BEGIN SELECT RAISE(ABORT, 'it was decided'); END;"
    "CREATE TRIGGER stock_replacement_kept BEFORE DELETE ON stock_replacement"
    " BEGIN SELECT RAISE(ABORT, 'replacements are kept'); END;",
};

const struct store_schema replacement_schema = {"stock_replacement", migration,
                                                ARRAY_LEN(migration)};

/* ---- rows ---- */

#define COLUMNS                                                                                    \
    "id, tid, mid, old_serial, serial, state, reason, asked_by, asked_ms, decided_by, decided_ms," \
    " unsent, told_ms FROM stock_replacement"

static err read_row(struct store_statement *row, struct replacement *ret)
{
    struct replacement r = {.id = store_read_int(row)};
    store_read_text_into(row, r.tid, sizeof r.tid);
    store_read_text_into(row, r.mid, sizeof r.mid);
    store_read_text_into(row, r.old_serial, sizeof r.old_serial);
    store_read_text_into(row, r.serial, sizeof r.serial);
    r.state = (enum replacement_state)store_read_int(row);
    store_read_text_into(row, r.reason, sizeof r.reason);
    store_read_text_into(row, r.asked_by, sizeof r.asked_by);
    r.asked_ms = store_read_int(row);
    store_read_text_into(row, r.decided_by, sizeof r.decided_by);
    r.decided_ms = store_read_int(row);
    r.unsent = store_read_int(row);
    r.told_ms = store_read_int(row);
    TRY(store_read_finish(row));
    *ret = r;
    return OK;
}

err replacement_find(struct store *store, const char *old_serial, struct replacement *ret)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(store, "SELECT " COLUMNS " WHERE old_serial = ? ORDER BY id DESC LIMIT 1",
                        &query));
    store_bind_text(query, bytes_text(old_serial));
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    err read = read_row(query, ret);
    store_reset(query);
    return read;
}

err replacement_history(struct store *store, const char *tid, replacement_each each, void *context)
{
    struct store_statement *query;
    TRY(store_statement(store, "SELECT " COLUMNS " WHERE tid = ? ORDER BY id", &query));
    store_bind_text(query, bytes_text(tid));
    for (;;) {
        struct replacement r;
        bool row = false;
        TRY(store_step(query, &row));
        if (!row) return OK;
        err done = read_row(query, &r);
        if (!FAILED(done)) done = each(context, &r);
        if (!FAILED(done)) continue;
        store_reset(query);
        return done;
    }
}

/* The open one; id 0: there is none. */
static err find_open(struct store *store, const char *old_serial, struct replacement *ret)
{
    struct replacement r = {.id = 0};
    err found = replacement_find(store, old_serial, &r);
    if (found.code != ERR_NOT_FOUND) TRY(found);
    *ret = !FAILED(found) && r.state == REPLACEMENT_ASKED ? r : (struct replacement){.id = 0};
    return OK;
}

/* Promised to another terminal already? */
static err is_promised(struct store *store, const char *serial, bool *ret_is)
{
    struct store_statement *query;
    TRY(store_statement(store, "SELECT 1 FROM stock_replacement WHERE serial = ? AND state <> 3",
                        &query));
    store_bind_text(query, bytes_text(serial));
    TRY(store_step(query, ret_is));
    store_reset(query);
    return OK;
}

err replacement_before(struct store *store, const char *serial, char ret_old[SERIAL_MAX + 1])
{
    struct store_statement *query;
    bool row = false;
    ret_old[0] = '\0';
    TRY(store_statement(
        store, "SELECT old_serial FROM stock_replacement WHERE serial = ? AND state = 2", &query));
    store_bind_text(query, bytes_text(serial));
    TRY(store_step(query, &row));
    if (!row) return OK;
    store_read_text_into(query, ret_old, SERIAL_MAX + 1);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

err replacement_serves(struct store *store, const struct stock_terminal *terminal, bool *ret_serves)
{
    *ret_serves = false;
    if (terminal->state == STOCK_ACTIVE || terminal->tid[0] == '\0') return OK;
    return is_promised(store, terminal->serial, ret_serves);
}

static err note_audit(struct store_tx *tx, const struct registry_actor *actor, const char *what,
                      const char *old_serial, const char *serial)
{
    return audit_append(tx, &(struct audit_entry){actor->at_ms, actor->name, bytes_text(what),
                                                  bytes_text(old_serial), bytes_text(serial)});
}

/* ---- asking ---- */

err replacement_ask(struct store_tx *tx, const struct registry_actor *actor,
                    const struct stock_terminal *old, const struct stock_terminal *spare,
                    const char *reason, enum stock_verdict *ret_verdict)
{
    struct replacement open;
    struct store_statement *put;
    bool promised = false, was_active = false;
    *ret_verdict = STOCK_STATE;
    if (stock_next(old->state, STOCK_DOES_REPLACE) == 0) return OK;
    TRY(find_open(tx->store, old->serial, &open));
    *ret_verdict = STOCK_ASKED;
    if (open.id != 0) return OK;
    TRY(is_promised(tx->store, spare->serial, &promised));
    TRY(stock_was_active(tx->store, spare->serial, &was_active));
    *ret_verdict = STOCK_SPARE;
    if (spare->state != STOCK_IN_STOCK || promised || was_active) return OK;
    TRY(store_statement(tx->store,
                        "INSERT INTO stock_replacement(tid, mid, old_serial, serial, state, reason,"
                        " asked_by, asked_ms, decided_by, decided_ms, unsent, told_ms)"
                        " VALUES(?, ?, ?, ?, 1, ?, ?, ?, '', 0, -1, 0)",
                        &put));
    store_bind_text(put, bytes_text(old->tid));
    store_bind_text(put, bytes_text(old->mid));
    store_bind_text(put, bytes_text(old->serial));
    store_bind_text(put, bytes_text(spare->serial));
    store_bind_text(put, bytes_text(reason));
    store_bind_text(put, actor->name);
    store_bind_int(put, actor->at_ms);
    TRY(store_run(put));
    *ret_verdict = STOCK_OK;
    return note_audit(tx, actor, "replacement_asked", old->serial, spare->serial);
}

/* ---- deciding ---- */

static err decide(struct store_tx *tx, const struct registry_actor *actor,
                  const struct replacement *r)
{
    struct store_statement *update;
    TRY(store_statement(tx->store,
                        "UPDATE stock_replacement SET state = ?, decided_by = ?, decided_ms = ?,"
                        " unsent = ?, told_ms = ? WHERE id = ?",
                        &update));
    store_bind_int(update, (int64_t)r->state);
    store_bind_text(update, actor->name);
    store_bind_int(update, actor->at_ms);
    store_bind_int(update, r->unsent);
    store_bind_int(update, r->told_ms);
    store_bind_int(update, r->id);
    return store_run(update);
}

/* What the old device has told last of what it has not sent. */
static void read_last_word(struct backoffice *b, struct replacement *r)
{
    const struct fleet_device *device = b->desk == NULL ? NULL : fleet_find(b->desk->fleet, r->tid);
    if (device == NULL || device->state.told_ms == 0) return;
    if (strcmp(device->serial, r->old_serial) != 0) return; /* its successor's word */
    r->unsent = device->state.unsent;
    r->told_ms = device->state.told_ms;
}

static err tell(struct store_tx *tx, const struct registry_actor *actor,
                const struct replacement *r)
{
    char object[EVENT_OBJECT_MAX + 1], data[256];
    struct writer w = writer_over(data, sizeof data);
    struct json_out j = json_out_over(&w);
    snprintf(object, sizeof object, "devices/%s", r->tid);
    json_object_begin(&j);
    json_member_string(&j, "was", r->old_serial);
    json_member_string(&j, "now", r->serial);
    if (r->unsent >= 0) json_member_int(&j, "unsent", r->unsent);
    json_object_end(&j);
    return event_append(tx,
                        &(struct event){.mid = r->mid,
                                        .kind = "device.replaced",
                                        .object = object,
                                        .data = writer_view(&w),
                                        .at_ms = actor->at_ms},
                        NULL);
}

/* From here on the old device is refused. What the registry does not take is a verdict. */
static err write_registry(struct backoffice *b, const struct registry_actor *actor,
                          const struct replacement *r, const struct stock_terminal *spare,
                          enum stock_verdict *ret_verdict)
{
    CLEANUP(registrar_close) struct registry *registry = NULL;
    TRY(registrar_open(b, &registry));
    err done =
        registry_replace_terminal(registry, actor, bytes_text(r->tid), bytes_text(r->old_serial),
                                  bytes_text(spare->serial), bytes_text(spare->model));
    bool cannot = done.code == ERR_NOT_FOUND || done.code == ERR_CONFLICT ||
                  done.code == ERR_STATE || done.code == ERR_UNSUPPORTED ||
                  done.code == ERR_EXISTS || done.code == ERR_FORMAT;
    if (cannot) *ret_verdict = STOCK_PLACE;
    return cannot ? OK : done;
}

/* Its life ends, and the spare gets its number and what it was bound to. */
static err change_places(struct backoffice *b, struct store_tx *tx,
                         const struct registry_actor *actor, const struct replacement *r,
                         struct stock_terminal *old, struct stock_terminal *spare,
                         enum stock_verdict *ret_verdict)
{
    TRY(stock_assign(tx, actor, old->mid, old->application, spare, ret_verdict));
    if (*ret_verdict != STOCK_OK) return OK;
    TRY(stock_number(tx, spare, r->tid));
    TRY(stock_step(tx, actor, STOCK_DOES_REPLACE, r->serial, old, ret_verdict));
    if (*ret_verdict != STOCK_OK) return OK;
    err moved = elements_move(b, tx, old->serial, spare->serial, "replaced", actor->at_ms);
    if (moved.code == ERR_NOT_FOUND) *ret_verdict = STOCK_ELEMENT;
    else TRY(moved);
    if (*ret_verdict != STOCK_OK) return OK;
    TRY(activation_kill(tx, old->serial));
    return b->desk == NULL ? OK : devices_replaced(b->desk, tx, r->tid);
}

err replacement_approve(struct backoffice *b, struct store_tx *tx,
                        const struct registry_actor *actor, struct stock_terminal *old,
                        enum stock_verdict *ret_verdict)
{
    struct replacement r;
    struct stock_terminal now = *old, spare;
    TRY(find_open(tx->store, old->serial, &r));
    *ret_verdict = STOCK_NOT_ASKED;
    if (r.id == 0) return OK;
    *ret_verdict = STOCK_SAME_PERSON;
    if (bytes_equal(actor->name, bytes_text(r.asked_by))) return OK;
    TRY(stock_find(tx->store, bytes_text(r.serial), &spare));
    read_last_word(b, &r);
    r.state = REPLACEMENT_DONE;
    *ret_verdict = STOCK_OK;
    TRY(change_places(b, tx, actor, &r, &now, &spare, ret_verdict));
    if (*ret_verdict != STOCK_OK) return OK;
    TRY(decide(tx, actor, &r));
    TRY(tell(tx, actor, &r));
    TRY(note_audit(tx, actor, "replacement_approved", r.old_serial, r.serial));
    TRY(write_registry(b, actor, &r, &spare, ret_verdict));
    if (*ret_verdict == STOCK_OK) *old = now;
    return OK;
}

/* Has an approval written the registry, and was cut before it was written here? */
static err has_begun(struct backoffice *b, const struct replacement *r, bool *ret_has)
{
    struct registry_terminal terminal;
    *ret_has = false;
    if (b->registry == NULL) return OK;
    err found = registry_find_terminal(b->registry, bytes_text(r->tid), &terminal);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    *ret_has = strcmp(terminal.serial, r->serial) == 0;
    return OK;
}

err replacement_refuse(struct backoffice *b, struct store_tx *tx,
                       const struct registry_actor *actor, const struct stock_terminal *old,
                       enum stock_verdict *ret_verdict)
{
    struct replacement r;
    bool begun = false;
    TRY(find_open(tx->store, old->serial, &r));
    *ret_verdict = STOCK_NOT_ASKED;
    if (r.id == 0) return OK;
    TRY(has_begun(b, &r, &begun));
    *ret_verdict = STOCK_BEGUN;
    if (begun) return OK;
    r.state = REPLACEMENT_REFUSED;
    TRY(decide(tx, actor, &r));
    *ret_verdict = STOCK_OK;
    return note_audit(tx, actor, "replacement_refused", r.old_serial, r.serial);
}
