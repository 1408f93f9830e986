/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of parameters by level, their versions, and what these do by themselves. */
#include <stdio.h>

#include "backoffice/desk/desk_internal.h"
#include "backoffice/parameters/parameters.h"

static const char *const migration[] = {
    /* level, state, progress: of the enums in parameters.h; document: of device_parameters.h */
    "CREATE TABLE parameters_version(id INTEGER PRIMARY KEY AUTOINCREMENT, level INTEGER NOT NULL,"
    " subject TEXT NOT NULL, version INTEGER NOT NULL, document TEXT NOT NULL,"
    " at_ms INTEGER NOT NULL, stage_ms INTEGER NOT NULL, actor TEXT NOT NULL,"
    " reason TEXT NOT NULL, stage INTEGER NOT NULL CHECK(stage BETWEEN 1 AND 100),"
    " state INTEGER NOT NULL CHECK(state IN (1, 2)), forgiven INTEGER NOT NULL DEFAULT 0,"
    " UNIQUE(level, subject, version)) STRICT;"
    "CREATE INDEX parameters_rolling ON parameters_version(id) WHERE state = 1 AND stage < 100;"
    "CREATE TRIGGER parameters_version_stands BEFORE UPDATE ON parameters_version"
    " WHEN NEW.document <> OLD.document OR NEW.version <> OLD.version OR NEW.level <> OLD.level"
    " OR NEW.subject <> OLD.subject OR NEW.actor <> OLD.actor OR NEW.reason <> OLD.reason"
    " OR NEW.stage < OLD.stage"
    " BEGIN SELECT RAISE(ABORT, 'a version is not changed, and does not go back'); END;"
    "CREATE TRIGGER parameters_version_stays BEFORE DELETE ON parameters_version"
    " BEGIN SELECT RAISE(ABORT, 'versions are kept'); END;"
    "CREATE TABLE parameters_device(tid TEXT PRIMARY KEY, number INTEGER NOT NULL,"
    " cause INTEGER NOT NULL, document TEXT NOT NULL, nonce BLOB NOT NULL, mac BLOB NOT NULL,"
    " progress INTEGER NOT NULL CHECK(progress BETWEEN 1 AND 4), why TEXT NOT NULL,"
    " changed_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX parameters_device_of ON parameters_device(cause, progress);"
    /* The number is what a vault tells a replay by. */
    "CREATE TRIGGER parameters_device_counts BEFORE UPDATE ON parameters_device"
    " WHEN NEW.number < OLD.number OR (NEW.number = OLD.number AND NEW.document <> OLD.document)"
    " BEGIN SELECT RAISE(ABORT, 'the number only grows, and stands for one document'); END;",
    /* Who has stopped it or let it go on last; "desk": it did so by itself. */
    "ALTER TABLE parameters_version ADD COLUMN turned_by TEXT NOT NULL DEFAULT '';",
};

const struct store_schema parameters_schema = {"parameters", migration, ARRAY_LEN(migration)};

/* ---- words ---- */

static const char *const levels[PARAMETERS_LEVELS] = {NULL,     "models",  "merchants", "regions",
                                                      "groups", "outlets", "terminals"};

const char *parameters_level_word(enum parameters_level level)
{
    ENSURE(level >= PARAMETERS_MODEL && level < PARAMETERS_LEVELS);
    return levels[level];
}

enum parameters_level parameters_level_named(const char *word)
{
    for (enum parameters_level at = PARAMETERS_MODEL; at < PARAMETERS_LEVELS; at++)
        if (strcmp(levels[at], word) == 0) return at;
    return 0;
}

const char *parameters_state_word(enum parameters_state state)
{
    static const char *const words[PARAMETERS_STATES] = {NULL, "running", "stopped"};
    ENSURE(state >= PARAMETERS_RUNNING && state < PARAMETERS_STATES);
    return words[state];
}

const char *parameters_progress_word(enum parameters_progress progress)
{
    static const char *const words[PARAMETERS_PROGRESSES] = {"none", "waiting", "taken", "in_force",
                                                             "refused"};
    ENSURE(progress < PARAMETERS_PROGRESSES);
    return words[progress];
}

/* ---- reading ---- */

#define COLUMNS                                                                                   \
    "SELECT id, level, subject, version, document, at_ms, stage_ms, actor, reason, stage, state," \
    " forgiven, turned_by FROM parameters_version "

static err read_version(struct store_statement *row, struct parameters_version *v)
{
    char document[DEVICE_PARAMETERS_MAX + 1];
    *v = (struct parameters_version){.id = store_read_int(row)};
    v->level = (enum parameters_level)store_read_int(row);
    store_read_text_into(row, v->subject, sizeof v->subject);
    v->version = store_read_int(row);
    store_read_text_into(row, document, sizeof document);
    v->at_ms = store_read_int(row);
    v->stage_ms = store_read_int(row);
    store_read_text_into(row, v->actor, sizeof v->actor);
    store_read_text_into(row, v->reason, sizeof v->reason);
    v->stage = store_read_int(row);
    v->state = (enum parameters_state)store_read_int(row);
    v->forgiven = store_read_int(row);
    store_read_text_into(row, v->turned_by, sizeof v->turned_by);
    TRY(store_read_finish(row));
    err read = device_parameters_read(bytes_text(document), &v->set);
    return FAILED(read) ? ERR(CORRUPT) : OK; /* somebody else's hand */
}

static err read_counts(struct desk *desk, struct parameters_version *v)
{
    struct store_statement *rows;
    TRY(store_statement(desk->config.store,
                        "SELECT progress, count(*) FROM parameters_device WHERE cause = ?"
                        " GROUP BY progress",
                        &rows));
    store_bind_int(rows, v->id);
    for (;;) {
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        int64_t progress = store_read_int(rows), count = store_read_int(rows);
        TRY(store_read_finish(rows));
        ENSURE(progress >= 0 && progress < PARAMETERS_PROGRESSES); /* the table holds that */
        v->count[progress] = count;
    }
}

err parameters_find(struct desk *desk, enum parameters_level level, const char *subject,
                    int64_t version, struct parameters_version *ret_version)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(desk->config.store,
                        COLUMNS "WHERE level = ?1 AND subject = ?2 AND (?3 = 0 OR version = ?3)"
                                " ORDER BY version DESC LIMIT 1",
                        &query));
    store_bind_int(query, level);
    store_bind_text(query, bytes_text(subject));
    store_bind_int(query, version);
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    err read = read_version(query, ret_version);
    store_reset(query);
    TRY(read);
    return read_counts(desk, ret_version);
}

err parameters_versions(struct desk *desk, enum parameters_level level, const char *subject,
                        int64_t before, parameters_each each, void *context)
{
    struct parameters_version v = {.version = before == 0 ? INT64_MAX : before};
    for (size_t i = 0; i < PARAMETERS_VERSIONS_LISTED; i++) {
        struct store_statement *query;
        int64_t next = 0;
        bool row = false;
        TRY(store_statement(desk->config.store,
                            "SELECT max(version) FROM parameters_version WHERE level = ? AND"
                            " subject = ? AND version < ?",
                            &query));
        store_bind_int(query, level);
        store_bind_text(query, bytes_text(subject));
        store_bind_int(query, v.version);
        TRY(store_step(query, &row));
        if (row && !store_read_null(query)) next = store_read_int(query);
        store_reset(query);
        if (next == 0) return OK;
        TRY(parameters_find(desk, level, subject, next, &v));
        TRY(each(context, &v));
    }
    return OK;
}

err parameters_newest(struct desk *desk, int64_t before, int64_t *ret_id,
                      struct parameters_version *ret_version)
{
    struct store_statement *query;
    bool row = false;
    *ret_id = 0;
    TRY(store_statement(desk->config.store,
                        COLUMNS "AS v WHERE (?1 = 0 OR id < ?1) AND NOT EXISTS(SELECT 1 FROM"
                                " parameters_version AS n WHERE n.level = v.level AND"
                                " n.subject = v.subject AND n.version > v.version)"
                                " ORDER BY id DESC LIMIT 1",
                        &query));
    store_bind_int(query, before);
    TRY(store_step(query, &row));
    if (!row) return OK;
    err read = read_version(query, ret_version);
    store_reset(query);
    TRY(read);
    *ret_id = ret_version->id;
    return read_counts(desk, ret_version);
}

/* ---- writing ---- */

static err note(struct desk *desk, struct store_tx *tx, const char *actor, const char *event,
                const struct parameters_version *v)
{
    char subject[48], detail[PARAMETERS_REASON_MAX + 32];
    snprintf(subject, sizeof subject, "%s/%s", parameters_level_word(v->level), v->subject);
    snprintf(detail, sizeof detail, "version %lld: %s", (long long)v->version, v->reason);
    return desk_audit(desk, tx, actor, event, subject, detail);
}

static err insert(struct desk *desk, const struct parameters_version *v)
{
    struct store_statement *put;
    uint8_t document[DEVICE_PARAMETERS_MAX];
    struct writer w = writer_over(document, sizeof document);
    device_parameters_write(&w, &v->set);
    ENSURE(w.fault == ERR_OK);
    TRY(store_statement(desk->config.store,
                        "INSERT INTO parameters_version(level, subject, version, document, at_ms,"
                        " stage_ms, actor, reason, stage, state)"
                        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
                        &put));
    store_bind_int(put, v->level);
    store_bind_text(put, bytes_text(v->subject));
    store_bind_int(put, v->version);
    store_bind_text(put, writer_view(&w));
    store_bind_int(put, v->at_ms);
    store_bind_int(put, v->at_ms);
    store_bind_text(put, bytes_text(v->actor));
    store_bind_text(put, bytes_text(v->reason));
    store_bind_int(put, v->stage);
    return store_run(put);
}

err parameters_put(struct desk *desk, struct store_tx *tx, const struct parameters_version *version,
                   const char *actor, int64_t *ret_version)
{
    struct parameters_version before, v = *version;
    ENSURE(tx->store == desk->config.store);
    err found = parameters_find(desk, v.level, v.subject, 0, &before);
    if (FAILED(found) && found.code != ERR_NOT_FOUND) return found;
    v.version = FAILED(found) ? 1 : before.version + 1;
    v.at_ms = desk_now_ms(desk);
    snprintf(v.actor, sizeof v.actor, "%.80s", actor);
    TRY(insert(desk, &v));
    TRY(note(desk, tx, actor, "parameters_set", &v));
    *ret_version = v.version;
    return OK;
}

static err put_state(struct desk *desk, const struct parameters_version *v,
                     enum parameters_state state, int64_t stage, int64_t forgiven,
                     const char *actor)
{
    struct store_statement *update;
    TRY(store_statement(desk->config.store,
                        "UPDATE parameters_version SET state = ?, stage = ?, stage_ms = ?,"
                        " forgiven = ?, turned_by = ? WHERE id = ?",
                        &update));
    store_bind_int(update, state);
    store_bind_int(update, stage);
    store_bind_int(update, desk_now_ms(desk));
    store_bind_int(update, forgiven);
    store_bind_text(update, bytes_text(actor));
    store_bind_int(update, v->id);
    return store_run(update);
}

err parameters_turn(struct desk *desk, struct store_tx *tx, enum parameters_level level,
                    const char *subject, enum parameters_state state, const char *actor,
                    bool *ret_done)
{
    struct parameters_version v;
    err found = parameters_find(desk, level, subject, 0, &v);
    *ret_done = !FAILED(found) && v.state != state && v.stage < 100;
    if (FAILED(found)) return found.code == ERR_NOT_FOUND ? OK : found;
    if (!*ret_done) return OK;
    int64_t forgiven = state == PARAMETERS_RUNNING ? v.count[PARAMETERS_REFUSED] : v.forgiven;
    TRY(put_state(desk, &v, state, v.stage, forgiven, actor));
    return note(desk, tx, actor,
                state == PARAMETERS_RUNNING ? "parameters_resumed" : "parameters_stopped", &v);
}

/* ---- by itself ---- */

static bool has_failed(const struct parameters_version *v)
{
    int64_t refused = v->count[PARAMETERS_REFUSED] - v->forgiven;
    int64_t answered =
        v->count[PARAMETERS_TAKEN] + v->count[PARAMETERS_IN_FORCE] + v->count[PARAMETERS_REFUSED];
    return refused > 0 && refused * 100 > PARAMETERS_FAIL_PERCENT * answered;
}

/* Some have it in force, none is open, and they have had their time. */
static bool may_widen(const struct desk *desk, const struct parameters_version *v)
{
    return v->count[PARAMETERS_IN_FORCE] > 0 && v->count[PARAMETERS_WAITING] == 0 &&
           v->count[PARAMETERS_TAKEN] == 0 &&
           desk_now_ms(desk) - v->stage_ms >= PARAMETERS_STAGE_HOURS * (int64_t)HOUR_MS;
}

static err judge(struct desk *desk, struct parameters_version *v)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(read_counts(desk, v));
    bool failed = has_failed(v), widen = !failed && may_widen(desk, v);
    if (!failed && !widen) return OK;
    TRY(store_begin(desk->config.store, &tx));
    TRY(put_state(desk, v, failed ? PARAMETERS_STOPPED : PARAMETERS_RUNNING, widen ? 100 : v->stage,
                  v->forgiven, "desk"));
    TRY(note(desk, &tx, "desk", failed ? "parameters_stopped" : "parameters_widened", v));
    TRY(store_commit(&tx));
    if (widen) parameters_changed(desk);
    return OK;
}

err parameters_judge(struct desk *desk)
{
    struct parameters_version v = {.id = 0};
    for (;;) {
        struct store_statement *query;
        bool row = false;
        TRY(store_statement(desk->config.store,
                            COLUMNS "WHERE state = 1 AND stage < 100 AND id > ? ORDER BY id"
                                    " LIMIT 1",
                            &query));
        store_bind_int(query, v.id);
        TRY(store_step(query, &row));
        if (!row) return OK;
        err read = read_version(query, &v);
        store_reset(query);
        TRY(read);
        TRY(judge(desk, &v));
    }
}
