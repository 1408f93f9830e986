/* SPDX-License-Identifier: Apache-2.0 */
/* Orders to devices: written down, told, and how far they are. */
#include "backoffice/devices/device_commands.h"

#include "backoffice/desk/desk_internal.h"

const char *command_state_text(enum command_state state)
{
    static const char *const texts[COMMAND_STATES] = {
        [COMMAND_QUEUED] = "queued",
        [COMMAND_DELIVERED] = "delivered",
        [COMMAND_ACKNOWLEDGED] = "acknowledged",
        [COMMAND_VERIFIED] = "verified",
    };
    ENSURE(state >= COMMAND_QUEUED && state < COMMAND_STATES);
    return texts[state];
}

static bool text_is_good(enum device_command kind, struct bytes text)
{
    if (text.len >= DEVICE_TEXT_MAX || !json_utf8_valid(text)) return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < ' ' || text.at[i] == 0x7f) return false;
    bool may = kind == DEVICE_MESSAGE || kind == DEVICE_LOCK;
    return kind == DEVICE_MESSAGE ? text.len > 0 : may || text.len == 0;
}

static err count_open(struct desk *desk, const char *tid, int64_t *ret_count)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(desk->config.store,
                        "SELECT count(*) FROM device_command WHERE tid = ? AND state < 4", &query));
    store_bind_text(query, bytes_text(tid));
    TRY(store_step(query, &row));
    ENSURE(row);
    *ret_count = store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

static err insert(struct desk *desk, const char *tid, enum device_command kind, struct bytes text,
                  const char *actor)
{
    struct store_statement *put;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(store_statement(desk->config.store,
                        "INSERT INTO device_command(tid, kind, text, actor, state, asked_ms)"
                        " VALUES(?, ?, ?, ?, 1, ?)",
                        &put));
    store_bind_text(put, bytes_text(tid));
    store_bind_int(put, kind);
    store_bind_text(put, text);
    store_bind_text(put, bytes_text(actor));
    store_bind_int(put, desk_now_ms(desk));
    TRY(store_run(put));
    TRY(desk_audit(desk, &tx, actor, "device_command", tid, device_command_name(kind)));
    return store_commit(&tx);
}

err command_ask(struct desk *desk, const char *tid, enum device_command kind, struct bytes text,
                const char *actor, enum command_verdict *ret_verdict)
{
    int64_t open = 0;
    ENSURE(kind > DEVICE_NO_COMMAND && kind < DEVICE_COMMANDS);
    TRY(count_open(desk, tid, &open));
    /* The owner's way out is never barred by what he, or somebody in his name, has asked before. */
    *ret_verdict = !text_is_good(kind, text)                            ? COMMAND_BAD_TEXT
                   : kind != DEVICE_UNLOCK && open >= COMMANDS_OPEN_MAX ? COMMAND_TOO_MANY
                                                                        : COMMAND_OK;
    if (*ret_verdict != COMMAND_OK) return OK;
    TRY(insert(desk, tid, kind, text, actor));
    desk_changed(desk, DESK_DEVICES);
    return command_deliver(desk, tid);
}

/* The next that is not verified, after `after`; id 0 at the end. */
static err next_open(struct desk *desk, const char *tid, int64_t after, struct device_message *m,
                     enum command_state *ret_state)
{
    struct store_statement *query;
    bool row = false;
    *m = (struct device_message){.tell = DEVICE_COMMAND_TOLD};
    TRY(store_statement(desk->config.store,
                        "SELECT id, kind, text, state FROM device_command WHERE tid = ? AND"
                        " id > ? AND state < 4 ORDER BY id LIMIT 1",
                        &query));
    store_bind_text(query, bytes_text(tid));
    store_bind_int(query, after);
    TRY(store_step(query, &row));
    if (!row) return OK;
    m->number = store_read_int(query);
    m->command = (uint8_t)store_read_int(query);
    store_read_text_into(query, m->text, sizeof m->text);
    *ret_state = (enum command_state)store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

/* To `state`, and the time of it; what is further on already stays. */
static err advance(struct desk *desk, const char *tid, int64_t id, enum command_state state,
                   bool *ret_moved)
{
    static const char *const updates[COMMAND_STATES] = {
        [COMMAND_DELIVERED] = "UPDATE device_command SET state = 2, delivered_ms = ?1 WHERE id ="
                              " ?2 AND tid = ?3 AND state < 2",
        [COMMAND_ACKNOWLEDGED] =
            "UPDATE device_command SET state = 3, acknowledged_ms = ?1,"
            " delivered_ms = ifnull(delivered_ms, ?1) WHERE id = ?2 AND tid = ?3 AND state < 3",
        [COMMAND_VERIFIED] =
            "UPDATE device_command SET state = 4, verified_ms = ?1,"
            " acknowledged_ms = ifnull(acknowledged_ms, ?1),"
            " delivered_ms = ifnull(delivered_ms, ?1) WHERE id = ?2 AND tid = ?3 AND state < 4",
    };
    struct store_statement *update;
    ENSURE(updates[state] != NULL);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(store_statement(desk->config.store, updates[state], &update));
    store_bind_int(update, desk_now_ms(desk));
    store_bind_int(update, id);
    store_bind_text(update, bytes_text(tid));
    TRY(store_run(update));
    *ret_moved = store_changes(desk->config.store) == 1;
    if (!*ret_moved) return OK;
    TRY(desk_audit(desk, &tx, state == COMMAND_DELIVERED ? "desk" : "terminal", "device_command",
                   tid, command_state_text(state)));
    TRY(store_commit(&tx));
    desk_changed(desk, DESK_DEVICES);
    return OK;
}

err command_deliver(struct desk *desk, const char *tid)
{
    uint32_t session = desk_session_of(desk, tid);
    struct device_message m = {0};
    enum command_state state = COMMAND_QUEUED;
    bool moved = false;
    while (session != 0) {
        TRY(next_open(desk, tid, m.number, &m, &state));
        if (m.number == 0) return OK;
        desk_tell(desk, session, &m); /* first: a crash in between says "queued", which is less */
        TRY(advance(desk, tid, m.number, COMMAND_DELIVERED, &moved));
    }
    return OK;
}

err command_progress(struct desk *desk, const char *tid, int64_t id, enum device_progress progress)
{
    bool moved = false;
    enum command_state state =
        progress == DEVICE_VERIFIED ? COMMAND_VERIFIED : COMMAND_ACKNOWLEDGED;
    return advance(desk, tid, id, state, &moved);
}

static err read_order(struct store_statement *row, struct device_order *o)
{
    *o = (struct device_order){.id = store_read_int(row)};
    o->kind = (enum device_command)store_read_int(row);
    store_read_text_into(row, o->text, sizeof o->text);
    store_read_text_into(row, o->actor, sizeof o->actor);
    o->state = (enum command_state)store_read_int(row);
    o->asked_ms = store_read_int(row);
    o->delivered_ms = store_read_int(row);
    o->acknowledged_ms = store_read_int(row);
    o->verified_ms = store_read_int(row);
    return store_read_finish(row);
}

err command_list(struct desk *desk, const char *tid, command_each each, void *context)
{
    struct store_statement *rows;
    TRY(store_statement(desk->config.store,
                        "SELECT id, kind, text, actor, state, asked_ms, ifnull(delivered_ms, 0),"
                        " ifnull(acknowledged_ms, 0), ifnull(verified_ms, 0) FROM device_command"
                        " WHERE tid = ? ORDER BY id DESC LIMIT ?",
                        &rows));
    store_bind_text(rows, bytes_text(tid));
    store_bind_int(rows, COMMANDS_LISTED_MAX);
    for (;;) {
        bool row = false;
        struct device_order order;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        err done = read_order(rows, &order);
        if (!FAILED(done)) done = each(context, &order);
        if (FAILED(done)) {
            store_reset(rows);
            return done;
        }
    }
}
