/* SPDX-License-Identifier: Apache-2.0 */
/* Roll-outs: tables, what a person does with them, and what they do by themselves. */
#include <stdio.h>
#include <stdlib.h>

#include "backoffice/desk/desk_internal.h"
#include "backoffice/events/events.h"
#include "backoffice/updates/updates.h"
#include "lib/base/reader.h"

static const char *const migration[] = {
    /* state: of enum rollout_state, of enum update_state */
    "CREATE TABLE rollout(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL,"
    " model TEXT NOT NULL, image INTEGER NOT NULL, stage INTEGER NOT NULL CHECK(stage IN (1, 10,"
    " 100)), state INTEGER NOT NULL CHECK(state BETWEEN 1 AND 3), hours TEXT NOT NULL,"
    " fail_percent INTEGER NOT NULL, unknown_hours INTEGER NOT NULL, stage_hours INTEGER NOT NULL,"
    " made_ms INTEGER NOT NULL, stage_ms INTEGER NOT NULL, actor TEXT NOT NULL,"
    " forgiven INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE INDEX rollout_of ON rollout(model, state, id);"
    "CREATE TRIGGER rollout_goes_on BEFORE UPDATE ON rollout WHEN NEW.stage < OLD.stage"
    " OR OLD.state = 3 OR NEW.name <> OLD.name OR NEW.image <> OLD.image OR NEW.model <> OLD.model"
    " BEGIN SELECT RAISE(ABORT, 'a roll-out is not changed, and does not go back'); END;"
    "CREATE TRIGGER rollout_stays BEFORE DELETE ON rollout"
    " BEGIN SELECT RAISE(ABORT, 'roll-outs are kept'); END;"
    "CREATE TABLE update_device(tid TEXT PRIMARY KEY, rollout INTEGER NOT NULL,"
    " wanted INTEGER NOT NULL, number INTEGER NOT NULL, state INTEGER NOT NULL"
    " CHECK(state BETWEEN 0 AND 7), image INTEGER NOT NULL, waiting INTEGER NOT NULL,"
    " refused INTEGER NOT NULL, why TEXT NOT NULL, assigned_ms INTEGER NOT NULL,"
    " told_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX update_device_of ON update_device(rollout, state);"
    /* The number of an assignment is what a device tells a replay by. */
    "CREATE TRIGGER update_device_counts BEFORE UPDATE ON update_device"
    " WHEN NEW.number < OLD.number"
    " BEGIN SELECT RAISE(ABORT, 'the number of an assignment only grows'); END;",
    /* Who has stopped it or let it go on last; "desk": it did so by itself. */
    "ALTER TABLE rollout ADD COLUMN turned_by TEXT NOT NULL DEFAULT '';",
    /* The version that it was told to be older than; 0: none. */
    "ALTER TABLE update_device ADD COLUMN outdated INTEGER NOT NULL DEFAULT 0;",
};

const struct store_schema updates_schema = {"updates", migration, ARRAY_LEN(migration)};

const char *rollout_state_word(enum rollout_state state)
{
    static const char *const words[ROLLOUT_STATES] = {[ROLLOUT_RUNNING] = "running",
                                                      [ROLLOUT_STOPPED] = "stopped",
                                                      [ROLLOUT_ABORTED] = "aborted"};
    ENSURE(state >= ROLLOUT_RUNNING && state < ROLLOUT_STATES);
    return words[state];
}

const char *update_state_word(enum update_state state)
{
    static const char *const words[UPDATE_STATES] = {
        "none", "assigned", "told", "downloaded", "started", "confirmed", "rolled_back", "unknown"};
    ENSURE(state < UPDATE_STATES);
    return words[state];
}

/* The finish of splitmix64 over FNV-1a: every bit of both counts. */
bool rollout_chooses(int64_t id, const char *serial, int64_t percent)
{
    uint64_t mix = UINT64_C(14695981039346656037) ^ (uint64_t)id;
    for (; *serial != '\0'; serial++) mix = (mix ^ (uint8_t)*serial) * UINT64_C(1099511628211);
    mix = (mix ^ mix >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mix = (mix ^ mix >> 27) * UINT64_C(0x94d049bb133111eb);
    mix ^= mix >> 31;
    return (int64_t)(mix % 100) < percent;
}

/* ---- reading ---- */

#define COLUMNS                                                                        \
    "SELECT id, name, model, image, stage, state, hours, fail_percent, unknown_hours," \
    " stage_hours, made_ms, stage_ms, actor, forgiven, turned_by FROM rollout "

static err read_rollout(struct store_statement *row, struct rollout *r)
{
    *r = (struct rollout){.id = store_read_int(row)};
    store_read_text_into(row, r->name, sizeof r->name);
    store_read_text_into(row, r->model, sizeof r->model);
    r->image = store_read_int(row);
    r->stage = store_read_int(row);
    r->state = (enum rollout_state)store_read_int(row);
    store_read_text_into(row, r->hours, sizeof r->hours);
    r->fail_percent = store_read_int(row);
    r->unknown_hours = store_read_int(row);
    r->stage_hours = store_read_int(row);
    r->made_ms = store_read_int(row);
    r->stage_ms = store_read_int(row);
    store_read_text_into(row, r->actor, sizeof r->actor);
    r->forgiven = store_read_int(row);
    store_read_text_into(row, r->turned_by, sizeof r->turned_by);
    return store_read_finish(row);
}

static err read_counts(struct desk *desk, struct rollout *r)
{
    struct store_statement *rows;
    TRY(store_statement(desk->config.store,
                        "SELECT state, count(*) FROM update_device WHERE rollout = ? GROUP BY"
                        " state",
                        &rows));
    store_bind_int(rows, r->id);
    for (;;) {
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        int64_t state = store_read_int(rows), count = store_read_int(rows);
        err read = store_read_finish(rows);
        if (FAILED(read) || state < 0 || state >= UPDATE_STATES) {
            store_reset(rows);
            return FAILED(read) ? read : ERR(CORRUPT);
        }
        r->count[state] = count;
    }
}

static err read_one(struct desk *desk, struct store_statement *query, struct rollout *ret_rollout)
{
    bool row = false;
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    err read = read_rollout(query, ret_rollout);
    store_reset(query);
    TRY(read);
    return read_counts(desk, ret_rollout);
}

err rollout_find(struct desk *desk, int64_t id, struct rollout *ret_rollout)
{
    struct store_statement *query;
    TRY(store_statement(desk->config.store, COLUMNS "WHERE id = ?", &query));
    store_bind_int(query, id);
    return read_one(desk, query, ret_rollout);
}

err rollout_running(struct desk *desk, const char *model, struct rollout *ret_rollout)
{
    struct store_statement *query;
    TRY(store_statement(desk->config.store,
                        COLUMNS "WHERE model = ? AND state = 1 ORDER BY id DESC LIMIT 1", &query));
    store_bind_text(query, bytes_text(model));
    return read_one(desk, query, ret_rollout);
}

/* The numbers first: counting asks the store in between. */
err rollout_list(struct desk *desk, int64_t before, size_t limit, rollout_each each, void *context)
{
    int64_t ids[ROLLOUT_LISTED_MAX];
    size_t count = 0;
    struct store_statement *rows;
    TRY(store_statement(desk->config.store,
                        "SELECT id FROM rollout WHERE ?1 = 0 OR id < ?1 ORDER BY id DESC LIMIT ?2",
                        &rows));
    store_bind_int(rows, before);
    store_bind_int(rows, (int64_t)(limit < ARRAY_LEN(ids) ? limit : ARRAY_LEN(ids)));
    for (;;) {
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) break;
        ids[count++] = store_read_int(rows);
        TRY(store_read_finish(rows));
    }
    for (size_t i = 0; i < count; i++) {
        struct rollout rollout;
        TRY(rollout_find(desk, ids[i], &rollout));
        TRY(each(context, &rollout));
    }
    return OK;
}

/* ---- writing ---- */

static err note(struct desk *desk, struct store_tx *tx, const char *actor, const char *kind,
                const struct rollout *r)
{
    char object[48], data[200];
    snprintf(object, sizeof object, "updates/rollouts/%lld", (long long)r->id);
    struct writer w = writer_over(data, sizeof data);
    struct json_out j = json_out_over(&w);
    json_object_begin(&j);
    json_member_string(&j, "model", r->model);
    json_member_int(&j, "image", r->image);
    json_member_int(&j, "stage", r->stage);
    json_object_end(&j);
    TRY(event_append(tx,
                     &(struct event){.mid = "",
                                     .kind = kind,
                                     .object = object,
                                     .data = writer_view(&w),
                                     .at_ms = desk_now_ms(desk)},
                     NULL));
    return desk_audit(desk, tx, actor, kind, object, r->name);
}

static bool hours_are_good(const char *hours)
{
    unsigned a, b, c, d;
    struct reader r = reader_over(bytes_text(hours));
    if (hours[0] == '\0') return true;
    a = read_digits(&r, 2);
    bool marks = bytes_equal(read_bytes(&r, 1), BYTES(":"));
    b = read_digits(&r, 2);
    marks = bytes_equal(read_bytes(&r, 1), BYTES("-")) && marks;
    c = read_digits(&r, 2);
    marks = bytes_equal(read_bytes(&r, 1), BYTES(":")) && marks;
    d = read_digits(&r, 2);
    return !FAILED(reader_finish(&r)) && marks && a < 24 && b < 60 && d < 60 &&
           (c < 24 || (c == 24 && d == 0)) && 60 * a + b != 60 * c + d;
}

/* Version and model of the file, by the list that is published now. */
static bool find_file(struct desk *desk, struct rollout *r)
{
    struct tuf_author_targets *targets = malloc(sizeof *targets);
    bool found = false;
    if (targets == NULL) return false;
    if (!FAILED(updates_published(desk->config.updates, targets))) {
        const struct tuf_author_file *file = tuf_author_targets_find(targets, r->name);
        found = file != NULL && updates_image_of(file, &r->image, r->model);
    }
    free(targets);
    return found;
}

static err has_newer(struct desk *desk, const struct rollout *r, bool *ret_newer)
{
    struct store_statement *query;
    TRY(store_statement(desk->config.store,
                        "SELECT 1 FROM rollout WHERE model = ? AND image >= ? AND state <> 3",
                        &query));
    store_bind_text(query, bytes_text(r->model));
    store_bind_int(query, r->image);
    TRY(store_step(query, ret_newer));
    store_reset(query);
    return OK;
}

static err insert(struct desk *desk, const struct rollout *r)
{
    struct store_statement *put;
    TRY(store_statement(desk->config.store,
                        "INSERT INTO rollout(name, model, image, stage, state, hours, fail_percent,"
                        " unknown_hours, stage_hours, made_ms, stage_ms, actor)"
                        " VALUES(?, ?, ?, 1, 1, ?, ?, ?, ?, ?, ?, ?)",
                        &put));
    store_bind_text(put, bytes_text(r->name));
    store_bind_text(put, bytes_text(r->model));
    store_bind_int(put, r->image);
    store_bind_text(put, bytes_text(r->hours));
    store_bind_int(put, r->fail_percent);
    store_bind_int(put, r->unknown_hours);
    store_bind_int(put, r->stage_hours);
    store_bind_int(put, desk_now_ms(desk));
    store_bind_int(put, desk_now_ms(desk));
    store_bind_text(put, bytes_text(r->actor));
    return store_run(put);
}

err rollout_make(struct desk *desk, struct store_tx *tx, const struct rollout *wish,
                 const char *actor, int64_t *ret_id, enum rollout_verdict *ret_verdict)
{
    struct rollout r = *wish;
    bool newer = false;
    *ret_verdict = !hours_are_good(r.hours) ? ROLLOUT_BAD_HOURS
                   : !find_file(desk, &r)   ? ROLLOUT_NO_FILE
                                            : ROLLOUT_OK;
    if (*ret_verdict == ROLLOUT_OK) TRY(has_newer(desk, &r, &newer));
    if (newer) *ret_verdict = ROLLOUT_OLDER;
    if (*ret_verdict != ROLLOUT_OK) return OK;
    snprintf(r.actor, sizeof r.actor, "%.80s", actor);
    r.stage = 1;
    TRY(insert(desk, &r));
    r.id = *ret_id = store_last_id(desk->config.store);
    return note(desk, tx, actor, "update.begun", &r);
}

static err put_forgiven(struct desk *desk, const struct rollout *r)
{
    struct store_statement *update;
    TRY(store_statement(desk->config.store, "UPDATE rollout SET forgiven = ? WHERE id = ?",
                        &update));
    store_bind_int(update, r->count[UPDATE_ROLLED_BACK] + r->count[UPDATE_UNKNOWN]);
    store_bind_int(update, r->id);
    return store_run(update);
}

static err put_state(struct desk *desk, int64_t id, enum rollout_state state, int64_t stage,
                     const char *actor)
{
    struct store_statement *update;
    TRY(store_statement(desk->config.store,
                        "UPDATE rollout SET state = ?1, stage_ms = CASE WHEN stage = ?2 THEN"
                        " stage_ms ELSE ?3 END, stage = ?2, turned_by = ?5 WHERE id = ?4",
                        &update));
    store_bind_int(update, state);
    store_bind_int(update, stage);
    store_bind_int(update, desk_now_ms(desk));
    store_bind_int(update, id);
    store_bind_text(update, bytes_text(actor));
    return store_run(update);
}

/* Who has not been told yet is not told any more. */
static err take_back(struct desk *desk, int64_t id)
{
    struct store_statement *update;
    TRY(store_statement(desk->config.store,
                        "UPDATE update_device SET state = 0, changed_ms = ? WHERE rollout = ? AND"
                        " state = 1",
                        &update));
    store_bind_int(update, desk_now_ms(desk));
    store_bind_int(update, id);
    return store_run(update);
}

err rollout_turn(struct desk *desk, struct store_tx *tx, int64_t id, enum rollout_state state,
                 const char *actor, enum rollout_verdict *ret_verdict)
{
    static const char *const kinds[ROLLOUT_STATES] = {[ROLLOUT_RUNNING] = "update.resumed",
                                                      [ROLLOUT_STOPPED] = "update.stopped",
                                                      [ROLLOUT_ABORTED] = "update.aborted"};
    struct rollout r;
    err e = rollout_find(desk, id, &r);
    if (e.code == ERR_NOT_FOUND) {
        *ret_verdict = ROLLOUT_MISSING;
        return OK;
    }
    TRY(e);
    *ret_verdict = r.state == ROLLOUT_ABORTED || r.state == state ? ROLLOUT_NOT_NOW : ROLLOUT_OK;
    if (*ret_verdict != ROLLOUT_OK) return OK;
    TRY(put_state(desk, id, state, r.stage, actor));
    if (state == ROLLOUT_ABORTED) TRY(take_back(desk, id));
    if (state == ROLLOUT_RUNNING) TRY(put_forgiven(desk, &r));
    return note(desk, tx, actor, kinds[state], &r);
}

/* ---- by itself ---- */

/* Told long ago, and nothing was heard since of how it went. */
static err find_lost(struct desk *desk, const struct rollout *r)
{
    struct store_statement *update;
    int64_t now_ms = desk_now_ms(desk);
    TRY(store_statement(desk->config.store,
                        "UPDATE update_device SET state = 7, changed_ms = ?1 WHERE rollout = ?2"
                        " AND state BETWEEN 2 AND 4 AND told_ms <= ?3",
                        &update));
    store_bind_int(update, now_ms);
    store_bind_int(update, r->id);
    store_bind_int(update, now_ms - r->unknown_hours * HOUR_MS);
    return store_run(update);
}

int64_t rollout_failed(const struct rollout *r, int64_t *ret_told)
{
    int64_t failed = r->count[UPDATE_ROLLED_BACK] + r->count[UPDATE_UNKNOWN];
    *ret_told = failed;
    for (enum update_state at = UPDATE_TOLD; at <= UPDATE_CONFIRMED; at++)
        *ret_told += r->count[at];
    return failed;
}

static bool has_failed(const struct rollout *r)
{
    int64_t told, failed = rollout_failed(r, &told) - r->forgiven;
    return failed > 0 && failed * 100 > r->fail_percent * told;
}

static bool may_widen(const struct desk *desk, const struct rollout *r)
{
    int64_t open = 0;
    for (enum update_state at = UPDATE_ASSIGNED; at < UPDATE_CONFIRMED; at++) open += r->count[at];
    return r->stage < 100 && open == 0 &&
           desk_now_ms(desk) >= r->stage_ms + r->stage_hours * HOUR_MS;
}

static err judge_one(struct desk *desk, int64_t id)
{
    struct rollout r;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(rollout_find(desk, id, &r));
    TRY(find_lost(desk, &r));
    int64_t lost = store_changes(desk->config.store);
    TRY(rollout_find(desk, id, &r));
    if (has_failed(&r)) {
        TRY(put_state(desk, id, ROLLOUT_STOPPED, r.stage, "desk"));
        TRY(note(desk, &tx, "desk", "update.stopped", &r));
    } else if (may_widen(desk, &r)) {
        r.stage = r.stage == 1 ? 10 : 100;
        TRY(put_state(desk, id, ROLLOUT_RUNNING, r.stage, "desk"));
        TRY(note(desk, &tx, "desk", "update.widened", &r));
    } else if (lost == 0) {
        return OK;
    }
    return store_commit(&tx);
}

err rollouts_judge(struct desk *desk)
{
    int64_t ids[ROLLOUT_LISTED_MAX];
    size_t count = 0;
    struct store_statement *rows;
    TRY(store_statement(desk->config.store,
                        "SELECT id FROM rollout WHERE state = 1 ORDER BY id DESC LIMIT ?", &rows));
    store_bind_int(rows, ARRAY_LEN(ids));
    for (;;) {
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) break;
        ids[count++] = store_read_int(rows);
        TRY(store_read_finish(rows));
    }
    for (size_t i = 0; i < count; i++) TRY(judge_one(desk, ids[i]));
    return OK;
}
