/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of contracts that end, and the steps from one state to the next. */
#include "backoffice/contracts/contract.h"

#include <stdio.h>

#include "backoffice/events/events.h"

static const char *const migration[] = {
    "CREATE TABLE contract_end(id INTEGER PRIMARY KEY AUTOINCREMENT, mid TEXT NOT NULL,"
    " state INTEGER NOT NULL, reason TEXT NOT NULL, asked_by TEXT NOT NULL,"
    " asked_ms INTEGER NOT NULL, decided_by TEXT NOT NULL, decided_ms INTEGER NOT NULL,"
    " ended_ms INTEGER NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX contract_end_open ON contract_end(mid) WHERE state < 4;"
    /* Four eyes, whoever writes. */
    "CREATE TRIGGER contract_end_eyes BEFORE UPDATE ON contract_end WHEN NEW.state IN (2, 3)"
    " AND NEW.decided_by = NEW.asked_by BEGIN SELECT raise(ABORT, 'denied'); END;",

    "ALTER TABLE contract_end ADD COLUMN erased_ms INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX contract_end_kept ON contract_end(ended_ms) WHERE state = 3 AND erased_ms = 0;",
};

const struct store_schema contracts_schema = {"contracts", migration, ARRAY_LEN(migration)};

static const struct {
    const char *word, *zh, *en;
} verdicts[CONTRACT_VERDICTS] =
    {
#define X(name, word, zh, en) {word, zh, en},
        CONTRACT_VERDICT_LIST(X)
#undef X
},
  obstacles[CONTRACT_OBSTACLES] = {
#define X(name, word, zh, en) {word, zh, en},
      CONTRACT_OBSTACLE_LIST(X)
#undef X
};

const char *contract_state_word(enum contract_state state)
{
    static const char *const words[CONTRACT_STATES] = {"in_force", "asked",     "ending",
                                                       "ended",    "withdrawn", "refused"};
    ENSURE(state < CONTRACT_STATES);
    return words[state];
}

const char *contract_verdict_word(enum contract_verdict verdict)
{
    ENSURE(verdict < CONTRACT_VERDICTS);
    return verdicts[verdict].word;
}

const char *contract_verdict_text(enum contract_verdict verdict, bool english)
{
    ENSURE(verdict < CONTRACT_VERDICTS);
    return english ? verdicts[verdict].en : verdicts[verdict].zh;
}

const char *contract_obstacle_word(enum contract_obstacle obstacle)
{
    ENSURE(obstacle < CONTRACT_OBSTACLES);
    return obstacles[obstacle].word;
}

const char *contract_obstacle_text(enum contract_obstacle obstacle, bool english)
{
    ENSURE(obstacle < CONTRACT_OBSTACLES);
    return english ? obstacles[obstacle].en : obstacles[obstacle].zh;
}

/* ---- rows ---- */

#define COLUMNS                                                                         \
    "id, mid, state, reason, asked_by, asked_ms, decided_by, decided_ms, ended_ms FROM" \
    " contract_end"

static err read_row(struct store_statement *row, struct contract *c)
{
    c->id = store_read_int(row);
    store_read_text_into(row, c->mid, sizeof c->mid);
    c->state = (enum contract_state)store_read_int(row);
    store_read_text_into(row, c->reason, sizeof c->reason);
    store_read_text_into(row, c->asked_by, sizeof c->asked_by);
    c->asked_ms = store_read_int(row);
    store_read_text_into(row, c->decided_by, sizeof c->decided_by);
    c->decided_ms = store_read_int(row);
    c->ended_ms = store_read_int(row);
    return store_read_finish(row);
}

err contract_list(struct store *store, int64_t before, size_t limit, contract_each each,
                  void *context)
{
    struct store_statement *rows;
    TRY(store_statement(store,
                        "SELECT " COLUMNS " WHERE state IN (1, 2) AND (?1 = 0 OR id < ?1) ORDER BY"
                        " id DESC LIMIT ?2",
                        &rows));
    store_bind_int(rows, before);
    store_bind_int(rows, (int64_t)limit);
    for (;;) {
        struct contract c = {.state = CONTRACT_IN_FORCE};
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        err done = read_row(rows, &c);
        if (!FAILED(done)) done = each(context, &c);
        if (!FAILED(done)) continue;
        store_reset(rows);
        return done;
    }
}

err contract_find(struct store *store, const char *mid, struct contract *ret)
{
    struct store_statement *query;
    struct contract c = {.state = CONTRACT_IN_FORCE};
    bool row = false;
    snprintf(c.mid, sizeof c.mid, "%s", mid);
    TRY(store_statement(store, "SELECT " COLUMNS " WHERE mid = ? AND state < 4", &query));
    store_bind_text(query, bytes_text(mid));
    TRY(store_step(query, &row));
    if (row) {
        err read = read_row(query, &c);
        store_reset(query);
        TRY(read);
    }
    *ret = c;
    return OK;
}

err contract_is_ending(struct store *store, const char *mid, bool *ret_is)
{
    struct contract c;
    TRY(contract_find(store, mid, &c));
    *ret_is = c.state == CONTRACT_ENDING || c.state == CONTRACT_ENDED;
    return OK;
}

static err write_row(struct store_tx *tx, const struct contract *c)
{
    struct store_statement *put;
    TRY(store_statement(tx->store,
                        "UPDATE contract_end SET state = ?, decided_by = ?, decided_ms = ?,"
                        " ended_ms = ? WHERE id = ?",
                        &put));
    store_bind_int(put, (int64_t)c->state);
    store_bind_text(put, bytes_text(c->decided_by));
    store_bind_int(put, c->decided_ms);
    store_bind_int(put, c->ended_ms);
    store_bind_int(put, c->id);
    return store_run(put);
}

/* Whoever may hear of it, hears it; and it stays. */
static err tell(struct store_tx *tx, const struct registry_actor *actor, const struct contract *c,
                const char *kind)
{
    char object[40];
    snprintf(object, sizeof object, "contracts/%s", c->mid);
    TRY(event_append(
        tx, &(struct event){.mid = c->mid, .kind = kind, .object = object, .at_ms = actor->at_ms},
        NULL));
    return audit_append(tx, &(struct audit_entry){actor->at_ms, actor->name, bytes_text(kind),
                                                  bytes_text(c->mid), bytes_text(c->reason)});
}

static void set_actor(char out[CONTRACT_ACTOR_MAX + 1], const struct registry_actor *actor)
{
    ENSURE(!FAILED(bytes_to_text(actor->name, out, CONTRACT_ACTOR_MAX + 1)));
}

/* ---- steps ---- */

err contract_ask(struct store_tx *tx, const struct registry_actor *actor, const char *mid,
                 const char *reason, enum contract_verdict *ret)
{
    struct contract c;
    struct store_statement *insert;
    TRY(contract_find(tx->store, mid, &c));
    *ret = c.state == CONTRACT_IN_FORCE ? CONTRACT_OK
           : c.state == CONTRACT_ENDED  ? CONTRACT_OVER
                                        : CONTRACT_ASKED_ALREADY;
    if (*ret != CONTRACT_OK) return OK;
    snprintf(c.reason, sizeof c.reason, "%s", reason);
    set_actor(c.asked_by, actor);
    TRY(store_statement(tx->store,
                        "INSERT INTO contract_end(mid, state, reason, asked_by, asked_ms,"
                        " decided_by, decided_ms, ended_ms) VALUES(?, ?, ?, ?, ?, '', 0, 0)",
                        &insert));
    store_bind_text(insert, bytes_text(mid));
    store_bind_int(insert, CONTRACT_ASKED);
    store_bind_text(insert, bytes_text(c.reason));
    store_bind_text(insert, bytes_text(c.asked_by));
    store_bind_int(insert, actor->at_ms);
    TRY(store_run(insert));
    return tell(tx, actor, &c, "contract.asked");
}

err contract_withdraw(struct store_tx *tx, const struct registry_actor *actor, const char *mid,
                      enum contract_verdict *ret)
{
    struct contract c;
    TRY(contract_find(tx->store, mid, &c));
    *ret = c.state == CONTRACT_ASKED ? CONTRACT_OK : CONTRACT_NOT_ASKED;
    if (*ret != CONTRACT_OK) return OK;
    c.state = CONTRACT_WITHDRAWN;
    c.decided_ms = actor->at_ms;
    set_actor(c.decided_by, actor);
    TRY(write_row(tx, &c));
    return tell(tx, actor, &c, "contract.kept");
}

err contract_decide(struct store_tx *tx, const struct registry_actor *actor, const char *mid,
                    bool agrees, enum contract_verdict *ret)
{
    struct contract c;
    TRY(contract_find(tx->store, mid, &c));
    bool same = bytes_equal(actor->name, bytes_text(c.asked_by));
    *ret = c.state != CONTRACT_ASKED ? CONTRACT_NOT_ASKED
           : same                    ? CONTRACT_SAME_PERSON
                                     : CONTRACT_OK;
    if (*ret != CONTRACT_OK) return OK;
    c.state = agrees ? CONTRACT_ENDING : CONTRACT_REFUSED;
    c.decided_ms = actor->at_ms;
    set_actor(c.decided_by, actor);
    TRY(write_row(tx, &c));
    return tell(tx, actor, &c, agrees ? "contract.ending" : "contract.kept");
}

err contract_end(struct store_tx *tx, const struct registry_actor *actor, const char *mid,
                 enum contract_verdict *ret)
{
    struct contract c;
    TRY(contract_find(tx->store, mid, &c));
    *ret = c.state == CONTRACT_ENDED    ? CONTRACT_OVER
           : c.state != CONTRACT_ENDING ? CONTRACT_NOT_AGREED
                                        : CONTRACT_OK;
    if (*ret != CONTRACT_OK) return OK;
    c.state = CONTRACT_ENDED;
    c.ended_ms = actor->at_ms;
    TRY(write_row(tx, &c));
    return tell(tx, actor, &c, "contract.ended");
}
