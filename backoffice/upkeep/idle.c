/* SPDX-License-Identifier: Apache-2.0 */
/* The rule about idle terminals, and its rows. */
#include "backoffice/upkeep/idle.h"

#define DAY_MS INT64_C(86400000)

const struct idle_rule idle_rule = {.ask_days = 90, .answer_days = 30, .stop_days = 365};

static const char *const migration[] = {
    "CREATE TABLE idle(tid TEXT PRIMARY KEY, mid TEXT NOT NULL, outlet INTEGER NOT NULL,"
    " state INTEGER NOT NULL CHECK(state BETWEEN 1 AND 4), spare INTEGER NOT NULL,"
    " since_ms INTEGER NOT NULL, payment_ms INTEGER NOT NULL, verified_ms INTEGER NOT NULL,"
    " due_ms INTEGER NOT NULL, verified_by TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX idle_open ON idle(state, tid) WHERE state > 1;"
    "CREATE TABLE idle_position(one INTEGER PRIMARY KEY CHECK(one = 1), seq INTEGER NOT NULL)"
    " STRICT;"
    "INSERT INTO idle_position(one, seq) VALUES(1, 1);",
};

const struct store_schema idle_schema = {"idle", migration, ARRAY_LEN(migration)};

const char *idle_state_word(enum idle_state state)
{
    static const char *const words[IDLE_STATES] = {NULL, "in_use", "asked", "stopped", "take_back"};
    ENSURE(state >= IDLE_IN_USE && state < IDLE_STATES);
    return words[state];
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

int64_t idle_take_back_ms(const struct idle_rule *rule, const struct idle_terminal *t)
{
    return t->spare ? 0 : later(t->since_ms, t->payment_ms) + rule->stop_days * DAY_MS;
}

enum idle_state idle_decide(const struct idle_rule *rule, const struct idle_terminal *t,
                            int64_t now_ms)
{
    int64_t seen_ms = later(later(t->since_ms, t->payment_ms), t->verified_ms);
    if (t->spare) return t->state == IDLE_TAKE_BACK ? IDLE_TAKE_BACK : IDLE_IN_USE;
    if (t->state == IDLE_TAKE_BACK || now_ms >= idle_take_back_ms(rule, t)) return IDLE_TAKE_BACK;
    if (now_ms - seen_ms < rule->ask_days * DAY_MS) return IDLE_IN_USE;
    if (t->state == IDLE_IN_USE) return IDLE_ASKED;
    return t->state == IDLE_ASKED && now_ms >= t->due_ms ? IDLE_STOPPED : t->state;
}

/* ---- rows ---- */

#define COLUMNS                                                                         \
    "SELECT tid, mid, outlet, state, spare, since_ms, payment_ms, verified_ms, due_ms," \
    " verified_by FROM idle"

static err read_row(struct store_statement *row, struct idle_terminal *t)
{
    *t = (struct idle_terminal){.tid = ""};
    store_read_text_into(row, t->tid, sizeof t->tid);
    store_read_text_into(row, t->mid, sizeof t->mid);
    t->outlet = (uint32_t)store_read_int(row);
    t->state = (enum idle_state)store_read_int(row);
    t->spare = store_read_int(row) != 0;
    t->since_ms = store_read_int(row);
    t->payment_ms = store_read_int(row);
    t->verified_ms = store_read_int(row);
    t->due_ms = store_read_int(row);
    store_read_text_into(row, t->verified_by, sizeof t->verified_by);
    return store_read_finish(row);
}

err idle_find(struct store *store, const char *tid, struct idle_terminal *ret)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(store, COLUMNS " WHERE tid = ?", &query));
    store_bind_text(query, bytes_text(tid));
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    err read = read_row(query, ret);
    store_reset(query);
    return read;
}

err idle_put(struct store_tx *tx, const struct idle_terminal *t)
{
    struct store_statement *put;
    TRY(store_statement(tx->store,
                        "INSERT OR REPLACE INTO idle(tid, mid, outlet, state, spare, since_ms,"
                        " payment_ms, verified_ms, due_ms, verified_by)"
                        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        &put));
    store_bind_text(put, bytes_text(t->tid));
    store_bind_text(put, bytes_text(t->mid));
    store_bind_int(put, t->outlet);
    store_bind_int(put, (int64_t)t->state);
    store_bind_int(put, t->spare);
    store_bind_int(put, t->since_ms);
    store_bind_int(put, t->payment_ms);
    store_bind_int(put, t->verified_ms);
    store_bind_int(put, t->due_ms);
    store_bind_text(put, bytes_text(t->verified_by));
    return store_run(put);
}

err idle_paid(struct store_tx *tx, const char *tid, int64_t at_ms)
{
    struct store_statement *update;
    TRY(store_statement(tx->store, "UPDATE idle SET payment_ms = max(payment_ms, ?) WHERE tid = ?",
                        &update));
    store_bind_int(update, at_ms);
    store_bind_text(update, bytes_text(tid));
    return store_run(update);
}

err idle_list(struct store *store, const char *mid, uint32_t outlet, const char *after, size_t most,
              idle_each each, void *context)
{
    struct store_statement *rows;
    TRY(store_statement(store,
                        COLUMNS " WHERE (state > 1 OR spare = 1) AND tid > ?1 AND (?2 = '' OR"
                                " (mid = ?2 AND (?3 = 0 OR outlet = ?3))) ORDER BY tid LIMIT ?4",
                        &rows));
    store_bind_text(rows, bytes_text(after));
    store_bind_text(rows, bytes_text(mid));
    store_bind_int(rows, outlet);
    store_bind_int(rows, (int64_t)most);
    for (;;) {
        bool row = false;
        struct idle_terminal terminal;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        err done = read_row(rows, &terminal);
        if (!FAILED(done)) done = each(context, &terminal);
        if (FAILED(done)) {
            store_reset(rows);
            return done;
        }
    }
}
