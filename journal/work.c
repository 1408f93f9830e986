/* SPDX-License-Identifier: Apache-2.0 */
/* Steps that people take about work items: appended, and refused by the table where they must be.
 */
#include "journal/work.h"

static const char *const migration[] = {
    "CREATE TABLE work_step(number INTEGER PRIMARY KEY, item INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL, action INTEGER NOT NULL CHECK(action BETWEEN 1 AND 3),"
    " actor TEXT NOT NULL CHECK(actor <> ''), text TEXT NOT NULL CHECK(text <> '')) STRICT;"
    "CREATE INDEX work_step_of ON work_step(item);"
    "CREATE TRIGGER work_step_there BEFORE INSERT ON work_step"
    " WHEN NOT EXISTS(SELECT 1 FROM work_item WHERE number = NEW.item)"
    " BEGIN SELECT RAISE(ABORT, 'there is no such work item'); END;"
    "CREATE TRIGGER work_step_open BEFORE INSERT ON work_step"
    " WHEN EXISTS(SELECT 1 FROM work_step WHERE item = NEW.item AND action = 3)"
    " BEGIN SELECT RAISE(ABORT, 'the work item is closed'); END;"
    "CREATE TRIGGER work_step_no_update BEFORE UPDATE ON work_step"
    " BEGIN SELECT RAISE(ABORT, 'steps are append-only'); END;"
    "CREATE TRIGGER work_step_no_delete BEFORE DELETE ON work_step"
    " BEGIN SELECT RAISE(ABORT, 'steps are append-only'); END;",
};

const struct store_schema journal_work_schema = {"work", migration, ARRAY_LEN(migration)};

static const char *const actions[WORK_ACTIONS] = {"?", "assign", "note", "close"};

const char *work_action_name(enum work_action action)
{
    return action < WORK_ACTIONS ? actions[action] : "?";
}

err journal_work_append(struct store_tx *tx, const struct journal_work *work)
{
    struct store_statement *s;
    ENSURE(tx->store != NULL && work->action >= WORK_ASSIGN && work->action < WORK_ACTIONS);
    TRY(store_statement(tx->store, "INSERT INTO work_step VALUES(NULL, ?, ?, ?, ?, ?)", &s));
    store_bind_int(s, work->item);
    store_bind_int(s, work->at_ms);
    store_bind_int(s, work->action);
    store_bind_text(s, bytes_text(work->actor));
    store_bind_text(s, bytes_text(work->text));
    return store_run(s);
}

static err read_step(struct store *store, struct store_statement *s, struct journal_work *out)
{
    struct journal_work w = {.number = store_read_int(s)};
    w.item = store_read_int(s);
    w.at_ms = store_read_int(s);
    int64_t action = store_read_int(s);
    store_read_text_into(s, w.actor, sizeof w.actor);
    store_read_text_into(s, w.text, sizeof w.text);
    TRY(store_read_finish(s));
    if (action < WORK_ASSIGN || action >= WORK_ACTIONS)
        return store_refuse(store, ERR(CORRUPT), "a step of a work item makes no sense", NULL);
    w.action = (enum work_action)action;
    *out = w;
    return OK;
}

err journal_work_read(struct store *store, int64_t item, int64_t from, struct journal_work *rows,
                      size_t max, size_t *ret_count)
{
    struct store_statement *s;
    size_t count = 0;
    TRY(store_statement(store,
                        "SELECT * FROM work_step WHERE item = ? AND number >= ? ORDER BY number"
                        " LIMIT ?",
                        &s));
    store_bind_int(s, item);
    store_bind_int(s, from);
    store_bind_int(s, (int64_t)max);
    for (;;) {
        bool there = false;
        TRY(store_step(s, &there));
        if (!there) break;
        ENSURE(count < max);
        err read = read_step(store, s, &rows[count]);
        if (FAILED(read)) {
            store_reset(s);
            return read;
        }
        count++;
    }
    *ret_count = count;
    return OK;
}

err journal_work_state(struct store *store, int64_t item, struct work_state *out)
{
    struct journal_work step;
    struct work_state state = {.steps = 0};
    size_t count = 1;
    for (int64_t from = 1; count == 1; from = step.number + 1) {
        TRY(journal_work_read(store, item, from, &step, 1, &count));
        if (count == 0) break;
        state.steps++;
        if (step.action == WORK_ASSIGN) memcpy(state.assignee, step.text, sizeof state.assignee);
        if (step.action != WORK_CLOSE) continue;
        state.closed = true;
        memcpy(state.reason, step.text, sizeof state.reason);
    }
    *out = state;
    return OK;
}
