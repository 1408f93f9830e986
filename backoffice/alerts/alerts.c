/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of alerts, and how rules are set. */
#include "backoffice/alerts/alerts.h"

#include <stdio.h>

#include "backoffice/events/events.h"

#define DAY_MS INT64_C(86400000)

/*
 * `chain` is whose people are being told, `step` who of them is next, and `due_ms` when; 0: nobody.
 * One alert for a condition that is not closed.
 */
static const char *const migration[] = {
    "CREATE TABLE alert(id INTEGER PRIMARY KEY AUTOINCREMENT, rule TEXT NOT NULL, mid TEXT NOT NULL,"
    " outlet INTEGER NOT NULL, object TEXT NOT NULL, detail TEXT NOT NULL,"
    " severity INTEGER NOT NULL, shown INTEGER NOT NULL,"
    " state INTEGER NOT NULL CHECK(state BETWEEN 1 AND 3), count INTEGER NOT NULL,"
    " first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,"
    " seen_by TEXT NOT NULL DEFAULT '', seen_ms INTEGER NOT NULL DEFAULT 0,"
    " closed_by TEXT NOT NULL DEFAULT '', closed_ms INTEGER NOT NULL DEFAULT 0,"
    " chain TEXT NOT NULL, step INTEGER NOT NULL DEFAULT 0, due_ms INTEGER NOT NULL,"
    " ways INTEGER NOT NULL, escalate_ms INTEGER NOT NULL, told INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE UNIQUE INDEX alert_same ON alert(rule, mid, object) WHERE state <> 3;"
    "CREATE INDEX alert_mid ON alert(mid, id);"
    "CREATE INDEX alert_due ON alert(due_ms) WHERE due_ms > 0;"
    "CREATE INDEX alert_closed ON alert(closed_ms) WHERE state = 3;"
    "CREATE TABLE alert_setting(mid TEXT NOT NULL, rule TEXT NOT NULL, ways INTEGER NOT NULL,"
    " escalate_min INTEGER NOT NULL, PRIMARY KEY(mid, rule)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE alert_person(mid TEXT NOT NULL, place INTEGER NOT NULL, name TEXT NOT NULL,"
    " phone TEXT NOT NULL, mail TEXT NOT NULL, english INTEGER NOT NULL,"
    " quiet_from INTEGER NOT NULL, quiet_to INTEGER NOT NULL,"
    " PRIMARY KEY(mid, place)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE alert_letter(chain TEXT NOT NULL, step INTEGER NOT NULL, urgent INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX alert_letter_at ON alert_letter(chain, step, urgent, at_ms);"
    "CREATE TABLE alert_position(one INTEGER PRIMARY KEY CHECK(one = 1),"
    " number INTEGER NOT NULL) STRICT;"
    "INSERT INTO alert_position(one, number) VALUES(1, 0);",
    "ALTER TABLE alert_setting ADD COLUMN version INTEGER NOT NULL DEFAULT 1;"
    "CREATE TABLE alert_list(mid TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT, WITHOUT ROWID;",
};

const struct store_schema alert_schema = {"alerts", migration, ARRAY_LEN(migration)};

/* As much of a text as fits, ended before a character that does not. */
static struct bytes cut(const char *text, size_t max)
{
    size_t len = strlen(text);
    if (len <= max) return bytes_of(text, len);
    for (len = max; len > 0 && ((uint8_t)text[len] & 0xC0) == 0x80;) len--;
    return bytes_of(text, len);
}

static err again(struct store_tx *tx, const struct alert_condition *c, bool *ret_there)
{
    struct store_statement *update;
    TRY(store_statement(tx->store,
                        "UPDATE alert SET count = count + 1, last_ms = ?, detail = ?"
                        " WHERE rule = ? AND mid = ? AND object = ? AND state <> 3",
                        &update));
    store_bind_int(update, c->at_ms);
    store_bind_text(update, cut(c->detail, ALERT_DETAIL_MAX));
    store_bind_text(update, bytes_text(c->rule));
    store_bind_text(update, bytes_text(c->mid));
    store_bind_text(update, cut(c->object, ALERT_OBJECT_MAX));
    TRY(store_run(update));
    *ret_there = store_changes(tx->store) > 0;
    return OK;
}

err alert_raise(struct store_tx *tx, const struct alert_condition *c)
{
    const struct alert_rule *rule = alert_rule_named(bytes_text(c->rule));
    struct alert_setting setting;
    struct store_statement *insert;
    bool there = false;
    ENSURE(rule != NULL);
    TRY(again(tx, c, &there));
    if (there) return OK;
    bool shop = rule->who == ALERT_OF_MERCHANT && c->mid[0] != '\0';
    const char *chain = shop ? c->mid : "";
    TRY(alert_setting_of(tx->store, chain, rule, &setting));
    TRY(store_statement(tx->store,
                        "INSERT INTO alert(rule, mid, outlet, object, detail, severity, shown,"
                        " state, count, first_ms, last_ms, chain, due_ms, ways, escalate_ms)"
                        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, 1, ?8, ?8, ?9, ?10, ?11, ?12)",
                        &insert));
    store_bind_text(insert, bytes_text(c->rule));
    store_bind_text(insert, bytes_text(c->mid));
    store_bind_int(insert, c->outlet);
    store_bind_text(insert, cut(c->object, ALERT_OBJECT_MAX));
    store_bind_text(insert, cut(c->detail, ALERT_DETAIL_MAX));
    store_bind_int(insert, (int64_t)rule->severity);
    store_bind_int(insert, shop);
    store_bind_int(insert, c->at_ms);
    store_bind_text(insert, bytes_text(chain));
    store_bind_int(insert, setting.ways == 0 ? 0 : c->at_ms);
    store_bind_int(insert, setting.ways);
    store_bind_int(insert, (int64_t)setting.escalate_min * 60000);
    return store_run(insert);
}

err alert_end(struct store_tx *tx, const char *rule, const char *mid, const char *object,
              int64_t at_ms)
{
    struct store_statement *update;
    TRY(store_statement(tx->store,
                        "UPDATE alert SET state = 3, closed_by = 'system', closed_ms = ?,"
                        " due_ms = 0 WHERE rule = ? AND mid = ? AND object = ? AND state <> 3",
                        &update));
    store_bind_int(update, at_ms);
    store_bind_text(update, bytes_text(rule));
    store_bind_text(update, bytes_text(mid));
    store_bind_text(update, cut(object, ALERT_OBJECT_MAX));
    return store_run(update);
}

/* ---- reading ---- */

#define COLUMNS                                                                                 \
    "SELECT id, rule, mid, outlet, object, detail, state, count, first_ms, last_ms, seen_by,"   \
    " seen_ms, closed_by, closed_ms, told FROM alert WHERE (?1 = '' OR (mid = ?1 AND shown = 1" \
    " AND (?2 = 0 OR outlet = ?2)))"

static void bind_reader(struct store_statement *s, const struct alert_reader *reader)
{
    store_bind_text(s, bytes_text(reader->mid));
    store_bind_int(s, reader->outlet);
}

static err read_alert(struct store_statement *row, struct alert *a)
{
    *a = (struct alert){.id = store_read_int(row)};
    a->rule = alert_rule_named(store_read_text(row));
    if (a->rule == NULL) return ERR(CORRUPT);
    store_read_text_into(row, a->mid, sizeof a->mid);
    a->outlet = (uint32_t)store_read_int(row);
    store_read_text_into(row, a->object, sizeof a->object);
    store_read_text_into(row, a->detail, sizeof a->detail);
    a->state = (enum alert_state)store_read_int(row);
    a->count = store_read_int(row);
    a->first_ms = store_read_int(row);
    a->last_ms = store_read_int(row);
    store_read_text_into(row, a->seen_by, sizeof a->seen_by);
    a->seen_ms = store_read_int(row);
    store_read_text_into(row, a->closed_by, sizeof a->closed_by);
    a->closed_ms = store_read_int(row);
    a->told = store_read_int(row);
    return store_read_finish(row);
}

err alerts_list(struct store *store, const struct alert_reader *reader, bool closed, int64_t before,
                size_t most, alert_each each, void *context)
{
    struct store_statement *rows;
    TRY(store_statement(store,
                        COLUMNS " AND (state = 3) = ?3 AND (?4 = 0 OR id < ?4)"
                                " ORDER BY id DESC LIMIT ?5",
                        &rows));
    bind_reader(rows, reader);
    store_bind_int(rows, closed);
    store_bind_int(rows, before);
    store_bind_int(rows, (int64_t)most);
    for (;;) {
        bool row = false;
        struct alert alert;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        err done = read_alert(rows, &alert);
        if (!FAILED(done)) done = each(context, &alert);
        if (FAILED(done)) {
            store_reset(rows);
            return done;
        }
    }
}

err alert_find(struct store *store, const struct alert_reader *reader, int64_t id,
               struct alert *ret_alert)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(store, COLUMNS " AND id = ?3", &query));
    bind_reader(query, reader);
    store_bind_int(query, id);
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    err read = read_alert(query, ret_alert);
    store_reset(query);
    return read;
}

err alert_step(struct store_tx *tx, const struct alert *alert, enum alert_state to,
               const char *actor, int64_t at_ms)
{
    struct store_statement *update;
    char subject[ALERT_OBJECT_MAX + ALERT_RULE_MAX + 2];
    bool close = to == ALERT_CLOSED;
    ENSURE(to == ALERT_ACKNOWLEDGED || close);
    if (alert->state == ALERT_CLOSED || alert->state == to) return ERR(STATE);
    if (close)
        TRY(store_statement(tx->store,
                            "UPDATE alert SET state = 3, due_ms = 0, closed_by = ?, closed_ms = ?"
                            " WHERE id = ? AND state <> 3",
                            &update));
    else
        TRY(store_statement(tx->store,
                            "UPDATE alert SET state = 2, due_ms = 0, seen_by = ?, seen_ms = ?"
                            " WHERE id = ? AND state = 1",
                            &update));
    store_bind_text(update, cut(actor, ALERT_ACTOR_MAX));
    store_bind_int(update, at_ms);
    store_bind_int(update, alert->id);
    TRY(store_run(update));
    snprintf(subject, sizeof subject, "%s %s", alert->rule->name, alert->object);
    return audit_append(
        tx, &(struct audit_entry){at_ms, bytes_text(actor),
                                  close ? BYTES("alert_closed") : BYTES("alert_acknowledged"),
                                  bytes_text(subject), bytes_text(alert->detail)});
}

/* ---- how rules are set ---- */

err alert_setting_of(struct store *store, const char *mid, const struct alert_rule *rule,
                     struct alert_setting *ret_setting)
{
    struct store_statement *query;
    struct alert_setting setting = {rule->ways, rule->escalate_min, 0};
    bool row = false;
    err read = OK;
    TRY(store_statement(
        store, "SELECT ways, escalate_min, version FROM alert_setting WHERE mid = ? AND rule = ?",
        &query));
    store_bind_text(query, bytes_text(mid));
    store_bind_text(query, bytes_text(rule->name));
    TRY(store_step(query, &row));
    if (row) {
        setting.ways = (unsigned)store_read_int(query);
        setting.escalate_min = (int)store_read_int(query);
        setting.version = store_read_int(query);
        read = store_read_finish(query);
        store_reset(query);
    }
    if (!FAILED(read)) *ret_setting = setting;
    return read;
}

err alert_setting_set(struct store_tx *tx, const char *mid, const struct alert_rule *rule,
                      const struct alert_setting *setting)
{
    struct store_statement *put;
    struct alert_setting now;
    TRY(alert_setting_of(tx->store, mid, rule, &now));
    if (now.version != setting->version) return ERR(STATE);
    TRY(store_statement(tx->store,
                        "INSERT OR REPLACE INTO alert_setting(mid, rule, ways, escalate_min,"
                        " version) VALUES(?, ?, ?, ?, ?)",
                        &put));
    store_bind_text(put, bytes_text(mid));
    store_bind_text(put, bytes_text(rule->name));
    store_bind_int(put, setting->ways);
    store_bind_int(put, setting->escalate_min);
    store_bind_int(put, now.version + 1);
    return store_run(put);
}

/* ---- events ---- */

struct taking {
    struct store_tx *tx;
    int64_t number;
};

static err take_event(void *context, const struct event_record *record)
{
    struct taking *taking = context;
    char detail[ALERT_DETAIL_MAX + 1] = "";
    const struct event *e = &record->event;
    taking->number = record->number;
    if (alert_rule_named(bytes_text(e->kind)) == NULL) return OK;
    if (e->data.len <= ALERT_DETAIL_MAX) TRY(bytes_to_text(e->data, detail, sizeof detail));
    const struct alert_condition condition = {e->kind,   e->mid, e->outlet,
                                              e->object, detail, e->at_ms};
    return alert_raise(taking->tx, &condition);
}

err alerts_take_events(struct store *store, bool *ret_more)
{
    const struct event_reader all = {NULL, 0};
    struct taking taking = {NULL, 0};
    struct store_statement *update;
    int64_t before = 0, last = 0;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    *ret_more = false;
    TRY(store_query_int(store, "SELECT number FROM alert_position", &before));
    TRY(events_last(store, &last));
    if (last <= before) return OK;
    TRY(store_begin(store, &tx));
    taking = (struct taking){&tx, before};
    TRY(events_after(store, &all, before, ALERT_EVENTS_AT_ONCE, take_event, &taking));
    TRY(store_statement(store, "UPDATE alert_position SET number = ?", &update));
    store_bind_int(update, taking.number);
    TRY(store_run(update));
    TRY(store_commit(&tx));
    *ret_more = taking.number < last && taking.number > before;
    return OK;
}

err alerts_sweep(struct store *store, int64_t now_ms)
{
    struct store_statement *drop;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    TRY(store_statement(store,
                        "DELETE FROM alert WHERE id IN (SELECT id FROM alert WHERE state = 3"
                        " AND closed_ms < ? LIMIT 1000)",
                        &drop));
    store_bind_int(drop, now_ms - ALERT_KEPT_DAYS * DAY_MS);
    TRY(store_run(drop));
    TRY(store_statement(store, "DELETE FROM alert_letter WHERE at_ms < ?", &drop));
    store_bind_int(drop, now_ms - DAY_MS);
    TRY(store_run(drop));
    return store_commit(&tx);
}
