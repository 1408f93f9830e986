/* SPDX-License-Identifier: Apache-2.0 */
/* Questions of devices for the key of a backup: rows, and what a device hears of them. */
#include "backoffice/backups/restores.h"

#include <stdio.h>

#include "backoffice/desk/desk_internal.h"
#include "backoffice/events/events.h"
#include "lib/base/base64.h"

static const char *const migration[] = {
    "CREATE TABLE restore_case(id INTEGER PRIMARY KEY AUTOINCREMENT, tid TEXT NOT NULL,"
    " mid TEXT NOT NULL, outlet INTEGER NOT NULL, serial TEXT NOT NULL, old_serial TEXT NOT NULL,"
    " digest BLOB NOT NULL, nonce BLOB NOT NULL, mac BLOB NOT NULL, public_key BLOB NOT NULL,"
    " number INTEGER NOT NULL, made_ms INTEGER NOT NULL, payments INTEGER NOT NULL,"
    " state INTEGER NOT NULL CHECK(state BETWEEN 1 AND 5), asked_ms INTEGER NOT NULL,"
    " first TEXT NOT NULL DEFAULT '', first_note TEXT NOT NULL DEFAULT '',"
    " first_ms INTEGER NOT NULL DEFAULT 0, second TEXT NOT NULL DEFAULT '',"
    " second_note TEXT NOT NULL DEFAULT '', second_ms INTEGER NOT NULL DEFAULT 0,"
    " heard INTEGER NOT NULL DEFAULT 0, granted BLOB NOT NULL DEFAULT x'') STRICT;"
    "CREATE UNIQUE INDEX restore_case_open ON restore_case(tid) WHERE state = 1;"
    "CREATE INDEX restore_case_tid ON restore_case(tid, id);"
    /* Whoever writes: granted is what two people have said, and no decision is taken back. */
    "CREATE TRIGGER restore_case_four_eyes BEFORE UPDATE ON restore_case WHEN NEW.state IN (2, 3)"
    " AND (NEW.first = '' OR NEW.second = '' OR NEW.first = NEW.second)"
    " BEGIN SELECT RAISE(ABORT, 'two people say yes'); END;"
    "CREATE TRIGGER restore_case_over BEFORE UPDATE OF state ON restore_case"
    " WHEN OLD.state NOT IN (1, 2) OR (OLD.state = 2 AND NEW.state NOT IN (2, 3, 5))"
    " BEGIN SELECT RAISE(ABORT, 'it was decided'); END;"
    "CREATE TRIGGER restore_case_kept BEFORE DELETE ON restore_case"
    " BEGIN SELECT RAISE(ABORT, 'these are kept'); END;",
};

const struct store_schema restores_schema = {"restores", migration, ARRAY_LEN(migration)};

/* ---- rows ---- */

#define COLUMNS                                                                          \
    "id, tid, mid, serial, old_serial, digest, nonce, mac, public_key, number, made_ms," \
    " payments, state, asked_ms, first, first_note, first_ms, second, second_note,"      \
    " second_ms, heard, granted FROM restore_case"

static err read_row(struct store_statement *s, struct restore *out)
{
    struct restore r = {.id = store_read_int(s)};
    store_read_text_into(s, r.tid, sizeof r.tid);
    store_read_text_into(s, r.mid, sizeof r.mid);
    store_read_text_into(s, r.serial, sizeof r.serial);
    store_read_text_into(s, r.old_serial, sizeof r.old_serial);
    store_read_blob_into(s, r.digest, sizeof r.digest);
    store_read_blob_into(s, r.nonce, sizeof r.nonce);
    store_read_blob_into(s, r.mac, sizeof r.mac);
    store_read_blob_into(s, r.public_key, sizeof r.public_key);
    r.number = store_read_int(s);
    r.made_ms = store_read_int(s);
    r.payments = store_read_int(s);
    r.state = (enum restore_state)store_read_int(s);
    r.asked_ms = store_read_int(s);
    store_read_text_into(s, r.first, sizeof r.first);
    store_read_text_into(s, r.first_note, sizeof r.first_note);
    r.first_ms = store_read_int(s);
    store_read_text_into(s, r.second, sizeof r.second);
    store_read_text_into(s, r.second_note, sizeof r.second_note);
    r.second_ms = store_read_int(s);
    r.heard = store_read_int(s) != 0;
    r.grant_len = store_read_blob_up_to(s, r.grant, sizeof r.grant);
    TRY(store_read_finish(s));
    *out = r;
    return OK;
}

/* The one row of a query that was bound. NOT_FOUND. */
static err read_one(struct store_statement *s, struct restore *out)
{
    bool row = false;
    TRY(store_step(s, &row));
    if (!row) return ERR(NOT_FOUND);
    err read = read_row(s, out);
    store_reset(s);
    return read;
}

err restore_find(struct store *store, int64_t id, struct restore *out)
{
    struct store_statement *s;
    TRY(store_statement(store, "SELECT " COLUMNS " WHERE id = ?", &s));
    store_bind_int(s, id);
    return read_one(s, out);
}

err restores_list(struct store *store, restores_each each, void *context)
{
    struct store_statement *s;
    _Static_assert(RESTORES_SHOWN == 50, "as in the statement");
    TRY(store_statement(store, "SELECT " COLUMNS " ORDER BY state <> 1, id DESC LIMIT 50", &s));
    for (bool row = true;;) {
        struct restore restore;
        TRY(store_step(s, &row));
        if (!row) return OK;
        err done = read_row(s, &restore);
        if (!FAILED(done)) done = each(context, &restore);
        if (!FAILED(done)) continue;
        store_reset(s);
        return done;
    }
}

/* The newest with this nonce. NOT_FOUND. */
static err find_asked(struct store *store, const char *tid, const uint8_t nonce[DEVICE_NONCE],
                      struct restore *out)
{
    struct store_statement *s;
    TRY(store_statement(
        store, "SELECT " COLUMNS " WHERE tid = ? AND nonce = ? ORDER BY id DESC LIMIT 1", &s));
    store_bind_text(s, bytes_text(tid));
    store_bind_blob(s, bytes_of(nonce, DEVICE_NONCE));
    return read_one(s, out);
}

static err tell(struct store_tx *tx, const struct registry_terminal *terminal, const char *kind,
                int64_t now_ms)
{
    char object[24];
    snprintf(object, sizeof object, "devices/%s", terminal->tid);
    return event_append(tx,
                        &(struct event){.mid = terminal->mid,
                                        .outlet = terminal->outlet,
                                        .kind = kind,
                                        .object = object,
                                        .at_ms = now_ms},
                        NULL);
}

/* ---- asking ---- */

static err insert(struct store *store, const struct restore *r, uint32_t outlet)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "INSERT INTO restore_case(tid, mid, outlet, serial, old_serial, digest,"
                        " nonce, mac, public_key, number, made_ms, payments, state, asked_ms)"
                        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)",
                        &s));
    store_bind_text(s, bytes_text(r->tid));
    store_bind_text(s, bytes_text(r->mid));
    store_bind_int(s, outlet);
    store_bind_text(s, bytes_text(r->serial));
    store_bind_text(s, bytes_text(r->old_serial));
    store_bind_blob(s, BYTES_OF(r->digest));
    store_bind_blob(s, BYTES_OF(r->nonce));
    store_bind_blob(s, BYTES_OF(r->mac));
    store_bind_blob(s, BYTES_OF(r->public_key));
    store_bind_int(s, r->number);
    store_bind_int(s, r->made_ms);
    store_bind_int(s, r->payments);
    store_bind_int(s, r->asked_ms);
    return store_run(s);
}

/* What was asked before and not decided, and a grant that nobody has used, is over. */
static err end_before(struct store *store, const char *tid)
{
    struct store_statement *s;
    TRY(store_statement(
        store, "UPDATE restore_case SET state = 5, granted = x'' WHERE tid = ? AND state IN (1, 2)",
        &s));
    store_bind_text(s, bytes_text(tid));
    return store_run(s);
}

static err asks_too_often(struct desk *desk, const char *tid, bool *ret_too_often)
{
    struct store_statement *s;
    bool row = false;
    TRY(store_statement(desk->config.store,
                        "SELECT count(*) FROM restore_case WHERE tid = ? AND asked_ms > ?", &s));
    store_bind_text(s, bytes_text(tid));
    store_bind_int(s, desk_now_ms(desk) - DAY_MS);
    TRY(store_step(s, &row));
    if (!row) return ERR(CORRUPT);
    *ret_too_often = store_read_int(s) >= RESTORES_A_DAY;
    err read = store_read_finish(s);
    store_reset(s);
    return read;
}

static err refuse(struct device_message *answer, const char *why)
{
    answer->status = DEVICE_REFUSED;
    answer->has = DEVICE_HAS_REASON;
    return bytes_to_text(bytes_text(why), answer->reason, sizeof answer->reason);
}

static err ask(struct desk *desk, const struct registry_terminal *terminal,
               const struct device_message *q, const struct backup_kept *kept)
{
    struct restore r = {.number = kept->number,
                        .made_ms = kept->made_ms,
                        .payments = kept->payments,
                        .asked_ms = desk_now_ms(desk)};
    CLEANUP(store_rollback) struct store_tx tx = {0};
    memcpy(r.tid, terminal->tid, sizeof r.tid);
    memcpy(r.mid, terminal->mid, sizeof r.mid);
    TRY(bytes_to_text(bytes_text(terminal->serial), r.serial, sizeof r.serial));
    memcpy(r.old_serial, kept->serial, sizeof r.old_serial);
    memcpy(r.digest, q->digest, sizeof r.digest);
    memcpy(r.nonce, q->nonce, sizeof r.nonce);
    memcpy(r.mac, q->mac, sizeof r.mac);
    memcpy(r.public_key, q->transport, sizeof r.public_key);
    TRY(store_begin(desk->config.store, &tx));
    TRY(end_before(desk->config.store, r.tid));
    TRY(insert(desk->config.store, &r, terminal->outlet));
    TRY(desk_audit(desk, &tx, "terminal", "restore_asked", r.tid, r.old_serial));
    TRY(tell(&tx, terminal, "restore.asked", r.asked_ms));
    TRY(store_commit(&tx));
    desk_changed(desk, DESK_TICKETS);
    return OK;
}

/* Once: who asks again after it knows has asked anew. */
static err tell_refused(struct desk *desk, const struct restore *r, struct device_message *answer)
{
    struct store_statement *s;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(store_statement(desk->config.store, "UPDATE restore_case SET heard = 1 WHERE id = ?", &s));
    store_bind_int(s, r->id);
    TRY(store_run(s));
    TRY(store_commit(&tx));
    return refuse(answer, "desk");
}

/* The same question. Its public key and proof belong to the nonce: another is another device's. */
static bool same_question(const struct restore *r, const struct device_message *q)
{
    return memcmp(r->digest, q->digest, sizeof r->digest) == 0 &&
           memcmp(r->public_key, q->transport, sizeof r->public_key) == 0 &&
           memcmp(r->mac, q->mac, sizeof r->mac) == 0;
}

/* How a question that was asked before stands. *ret_answered false: it is to be asked anew. */
static err answer_before(struct desk *desk, const struct restore *r, struct device_message *answer,
                         uint8_t room[BACKUPS_ROOM], bool *ret_answered)
{
    struct writer w = writer_over(room, BACKUPS_ROOM);
    *ret_answered = true;
    if (r->state == RESTORE_WAITS) return OK;
    if (r->state == RESTORE_REFUSED && !r->heard) return tell_refused(desk, r, answer);
    *ret_answered = r->state == RESTORE_GRANTED;
    if (!*ret_answered) return OK;
    base64_write(&w, bytes_of(r->grant, r->grant_len));
    ENSURE(w.fault == ERR_OK);
    answer->policy = writer_view(&w);
    answer->has = DEVICE_HAS_BYTES;
    return OK;
}

err restores_asked(struct desk *desk, const struct registry_terminal *terminal,
                   const struct device_message *q, struct device_message *answer,
                   uint8_t room[BACKUPS_ROOM])
{
    struct restore r = {.state = RESTORE_OVER};
    struct backup_kept kept;
    bool too_often = false, answered = false;
    err found = find_asked(desk->config.store, terminal->tid, q->nonce, &r);
    if (found.code != ERR_NOT_FOUND) TRY(found);
    if (!FAILED(found) && same_question(&r, q))
        TRY(answer_before(desk, &r, answer, room, &answered));
    if (answered) return OK;
    if (terminal->status != REGISTRY_ACTIVE) return refuse(answer, "stopped");
    found = backups_find(desk->config.store, terminal->tid, q->digest, &kept);
    if (found.code == ERR_NOT_FOUND) return refuse(answer, "not_found");
    TRY(found);
    TRY(asks_too_often(desk, terminal->tid, &too_often));
    return too_often ? refuse(answer, "limit") : ask(desk, terminal, q, &kept);
}

err restores_done(struct desk *desk, struct store_tx *tx, const struct registry_terminal *terminal)
{
    struct store_statement *s;
    TRY(store_statement(
        tx->store,
        "UPDATE restore_case SET state = 3, granted = x'' WHERE tid = ? AND serial = ? AND state ="
        " 2",
        &s));
    store_bind_text(s, bytes_text(terminal->tid));
    store_bind_text(s, bytes_text(terminal->serial));
    TRY(store_run(s));
    if (store_changes(tx->store) == 0) return OK; /* by the owner's digits */
    TRY(desk_audit(desk, tx, "terminal", "restore_done", terminal->tid, terminal->serial));
    desk_changed(desk, DESK_TICKETS);
    return tell(tx, terminal, "restore.done", desk_now_ms(desk));
}

err restores_sweep(struct desk *desk)
{
    struct store_statement *s;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(store_statement(desk->config.store,
                        "UPDATE restore_case SET state = 5, granted = x'' WHERE state IN (1, 2)"
                        " AND max(asked_ms, second_ms) < ?",
                        &s));
    store_bind_int(s, desk_now_ms(desk) - RESTORE_DAYS * DAY_MS);
    TRY(store_run(s));
    return store_commit(&tx);
}
