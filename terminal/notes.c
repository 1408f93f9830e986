/* SPDX-License-Identifier: Apache-2.0 */
/* Three small tables; every function is one statement or one transaction. */
#include "terminal/notes.h"

/* ---- events ---- */

static err event_insert(struct store *store, const struct notes_event *event)
{
    struct store_statement *s;
    TRY(store_statement(
        store, "INSERT INTO event(kind, operator_id, detail, at_ms) VALUES(?, ?, ?, ?)", &s));
    store_bind_text(s, bytes_text(event->kind));
    store_bind_text(s, bytes_text(event->operator_id));
    store_bind_text(s, bytes_text(event->detail));
    store_bind_int(s, event->at_ms);
    return store_run(s);
}

err notes_event_add(struct store *store, const struct notes_event *event)
{
    struct store_statement *s;
    ENSURE(event->kind[0] != '\0');
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    TRY(event_insert(store, event));
    TRY(store_statement(
        store, "DELETE FROM event WHERE number <= (SELECT max(number) FROM event) - ?", &s));
    store_bind_int(s, NOTES_EVENTS_MAX);
    TRY(store_run(s));
    return store_commit(&tx);
}

/* Of any kind when `kind` is "". */
static err event_first(struct store *store, const char *kind, struct notes_event *out)
{
    struct store_statement *s;
    struct notes_event event = {0};
    bool row;
    TRY(store_statement(store,
                        "SELECT number, kind, operator_id, detail, at_ms FROM event"
                        " WHERE ?1 IN ('', kind) ORDER BY number LIMIT 1",
                        &s));
    store_bind_text(s, bytes_text(kind));
    TRY(store_step(s, &row));
    if (!row) return ERR(NOT_FOUND);
    event.number = store_read_int(s);
    store_read_text_into(s, event.kind, sizeof event.kind);
    store_read_text_into(s, event.operator_id, sizeof event.operator_id);
    store_read_text_into(s, event.detail, sizeof event.detail);
    event.at_ms = store_read_int(s);
    err e = store_read_finish(s);
    store_reset(s);
    if (FAILED(e)) return e;
    *out = event;
    return OK;
}

err notes_event_oldest(struct store *store, struct notes_event *out)
{
    return event_first(store, "", out);
}

err notes_event_of(struct store *store, const char *kind, struct notes_event *out)
{
    ENSURE(kind[0] != '\0');
    return event_first(store, kind, out);
}

/* A statement that is a transaction of its own. */
static err run_alone(struct store *store, struct store_statement *s)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    TRY(store_run(s));
    return store_commit(&tx);
}

err notes_event_done(struct store *store, int64_t number)
{
    struct store_statement *s;
    TRY(store_statement(store, "DELETE FROM event WHERE number = ?", &s));
    store_bind_int(s, number);
    return run_alone(store, s);
}

/* ---- tips ---- */

err notes_shown(struct store *store, const char *what, int64_t *ret_ms)
{
    struct store_statement *s;
    bool row;
    int64_t at_ms = 0;
    TRY(store_statement(store, "SELECT at_ms FROM shown WHERE what = ?", &s));
    store_bind_text(s, bytes_text(what));
    TRY(store_step(s, &row));
    if (row) at_ms = store_read_int(s);
    err e = row ? store_read_finish(s) : OK;
    store_reset(s);
    if (FAILED(e)) return e;
    *ret_ms = at_ms;
    return OK;
}

err notes_show(struct store *store, const char *what, int64_t at_ms)
{
    struct store_statement *s;
    TRY(store_statement(store, "INSERT OR REPLACE INTO shown(what, at_ms) VALUES(?, ?)", &s));
    store_bind_text(s, bytes_text(what));
    store_bind_int(s, at_ms);
    return run_alone(store, s);
}

/* ---- recoveries ---- */

err notes_recovery_save(struct store *store, const struct notes_recovery *recovery)
{
    struct store_statement *s;
    ENSURE(strlen(recovery->operator_id) == 2 && recovery->challenge_len <= NOTES_CHALLENGE_MAX);
    TRY(store_statement(store,
                        "INSERT OR REPLACE INTO recovery(operator_id, way, challenge, ticket,"
                        " until_ms) VALUES(?, ?, ?, ?, ?)",
                        &s));
    store_bind_text(s, bytes_text(recovery->operator_id));
    store_bind_int(s, recovery->way);
    store_bind_blob(s, bytes_of(recovery->challenge, recovery->challenge_len));
    store_bind_text(s, bytes_text(recovery->ticket));
    store_bind_int(s, recovery->until_ms);
    return run_alone(store, s);
}

/* The row that `s` finds. */
static err read_recovery(struct store_statement *s, struct notes_recovery *out)
{
    struct notes_recovery recovery = {0};
    bool row;
    TRY(store_step(s, &row));
    if (!row) return ERR(NOT_FOUND);
    store_read_text_into(s, recovery.operator_id, sizeof recovery.operator_id);
    recovery.way = (uint8_t)store_read_int(s);
    struct bytes challenge = store_read_blob(s);
    recovery.challenge_len = challenge.len > NOTES_CHALLENGE_MAX ? 0 : challenge.len;
    if (recovery.challenge_len > 0) memcpy(recovery.challenge, challenge.at, challenge.len);
    store_read_text_into(s, recovery.ticket, sizeof recovery.ticket);
    recovery.until_ms = store_read_int(s);
    err e = store_read_finish(s);
    store_reset(s);
    if (FAILED(e)) return e;
    *out = recovery;
    return OK;
}

#define RECOVERY "SELECT operator_id, way, challenge, ticket, until_ms FROM recovery"

err notes_recovery_of(struct store *store, const char *operator_id, int64_t now_ms,
                      struct notes_recovery *out)
{
    struct store_statement *s;
    TRY(store_statement(store, RECOVERY " WHERE operator_id = ? AND until_ms > ?", &s));
    store_bind_text(s, bytes_text(operator_id));
    store_bind_int(s, now_ms);
    return read_recovery(s, out);
}

err notes_recovery_waiting(struct store *store, uint8_t way, int64_t now_ms,
                           struct notes_recovery *out)
{
    struct store_statement *s;
    TRY(store_statement(
        store, RECOVERY " WHERE way = ? AND until_ms > ? ORDER BY operator_id LIMIT 1", &s));
    store_bind_int(s, way);
    store_bind_int(s, now_ms);
    return read_recovery(s, out);
}

err notes_recovery_end(struct store *store, const char *operator_id)
{
    struct store_statement *s;
    TRY(store_statement(store, "DELETE FROM recovery WHERE operator_id = ?", &s));
    store_bind_text(s, bytes_text(operator_id));
    return run_alone(store, s);
}
