/* SPDX-License-Identifier: Apache-2.0 */
/* Orders to devices: written down, told, and how far they are. */
#include "backoffice/devices/device_commands.h"

#include <stdio.h>

#include "backoffice/desk/desk_internal.h"
#include "backoffice/devices/fleet.h"

const char *command_state_text(enum command_state state)
{
    static const char *const texts[COMMAND_STATES] = {
        [COMMAND_QUEUED] = "queued",
        [COMMAND_DELIVERED] = "delivered",
        [COMMAND_ACKNOWLEDGED] = "acknowledged",
        [COMMAND_VERIFIED] = "verified",
        [COMMAND_REFUSED] = "refused",
    };
    ENSURE(state >= COMMAND_QUEUED && state < COMMAND_STATES);
    return texts[state];
}

static bool is_operator(struct bytes text)
{
    return text.len == 2 && bytes_all_digits(text);
}

bool command_text_is_good(enum device_command kind, struct bytes text)
{
    if (text.len >= DEVICE_TEXT_MAX || !json_utf8_valid(text)) return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < ' ' || text.at[i] == 0x7f) return false;
    switch (kind) {
    case DEVICE_MESSAGE:
        return text.len > 0;
    case DEVICE_LOCK:
    case DEVICE_LOSE:
        return true;
    case DEVICE_PASSWORDS:
        return text.len == 0 || is_operator(text);
    case DEVICE_WIPE:
        return text.len == 0 || bytes_equal(text, bytes_text(DEVICE_WIPE_SETTLES));
    default:
        return text.len == 0;
    }
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

err command_add(struct desk *desk, const char *tid, enum device_command kind, struct bytes text,
                const char *actor, int64_t fleet_order, int64_t *ret_number)
{
    struct store_statement *put;
    ENSURE(store_in_tx(desk->config.store));
    TRY(store_statement(desk->config.store,
                        "INSERT OR IGNORE INTO device_command(tid, kind, text, actor, state,"
                        " asked_ms, fleet_order) VALUES(?, ?, ?, ?, 1, ?, ?)",
                        &put));
    store_bind_text(put, bytes_text(tid));
    store_bind_int(put, kind);
    store_bind_text(put, text);
    store_bind_text(put, bytes_text(actor));
    store_bind_int(put, desk_now_ms(desk));
    store_bind_int(put, fleet_order);
    TRY(store_run(put));
    fleet_touch(desk->fleet, tid);
    if (ret_number != NULL) *ret_number = store_last_id(desk->config.store);
    return OK;
}

static err insert(struct desk *desk, const char *tid, enum device_command kind, struct bytes text,
                  const char *actor)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(command_add(desk, tid, kind, text, actor, 0, NULL));
    TRY(desk_audit(desk, &tx, actor, "device_command", tid, device_command_name(kind)));
    return store_commit(&tx);
}

err command_judge(struct desk *desk, const char *tid, enum device_command kind, struct bytes text,
                  enum command_verdict *ret_verdict)
{
    int64_t open = 0;
    ENSURE(kind > DEVICE_NO_COMMAND && kind < DEVICE_COMMANDS);
    TRY(command_flush(desk));
    TRY(count_open(desk, tid, &open));
    /* The owner's way out is never barred by what he, or somebody in his name, has asked before. */
    *ret_verdict = !command_text_is_good(kind, text)                    ? COMMAND_BAD_TEXT
                   : kind != DEVICE_UNLOCK && open >= COMMANDS_OPEN_MAX ? COMMAND_TOO_MANY
                                                                        : COMMAND_OK;
    return OK;
}

err command_ask(struct desk *desk, const char *tid, enum device_command kind, struct bytes text,
                const char *actor, enum command_verdict *ret_verdict)
{
    TRY(command_judge(desk, tid, kind, text, ret_verdict));
    if (*ret_verdict != COMMAND_OK) return OK;
    TRY(insert(desk, tid, kind, text, actor));
    desk_changed(desk, DESK_DEVICES);
    return command_deliver(desk, tid);
}

/* One that is not verified yet. */
struct open_command {
    struct device_message told; /* number 0: there is none */
    enum command_state state;
    bool proved, more; /* there is another behind it */
};

/* The next after `after`. */
static err next_open(struct desk *desk, const char *tid, int64_t after, struct open_command *o)
{
    struct store_statement *query;
    bool row = false;
    *o = (struct open_command){.told = {.tell = DEVICE_COMMAND_TOLD}};
    TRY(store_statement(desk->config.store,
                        "SELECT id, kind, text, state, nonce, mac FROM device_command WHERE tid = ?"
                        " AND id > ? AND state < 4 ORDER BY id LIMIT 2",
                        &query));
    store_bind_text(query, bytes_text(tid));
    store_bind_int(query, after);
    TRY(store_step(query, &row));
    if (!row) return OK;
    o->told.number = store_read_int(query);
    o->told.command = (uint8_t)store_read_int(query);
    store_read_text_into(query, o->told.text, sizeof o->told.text);
    o->state = (enum command_state)store_read_int(query);
    (void)store_read_blob_up_to(query, o->told.nonce, sizeof o->told.nonce);
    o->proved = store_read_blob_up_to(query, o->told.mac, sizeof o->told.mac) == sizeof o->told.mac;
    err read = store_read_finish(query);
    if (!FAILED(read)) read = store_step(query, &o->more);
    if (o->more || FAILED(read)) store_reset(query);
    return read;
}

/* ---- proofs ---- */

/* Those that the hsm is asked for at a time; what they point at stays where it is. */
struct proofs {
    size_t count;
    struct desk_command ask[DESK_COMMANDS_MAX];
    char tid[DESK_COMMANDS_MAX][DESK_TID_LEN + 1];
    char text[DESK_COMMANDS_MAX][DEVICE_TEXT_MAX];
    uint8_t mac[DESK_COMMANDS_MAX][DEVICE_MAC];
    bool made[DESK_COMMANDS_MAX];
};

static err put_proofs(struct desk *desk, const struct proofs *p)
{
    struct store_statement *s;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    bool own = !store_in_tx(desk->config.store);
    if (own) TRY(store_begin(desk->config.store, &tx));
    for (size_t i = 0; i < p->count; i++) {
        if (!p->made[i]) continue;
        TRY(store_statement(
            desk->config.store,
            "UPDATE device_command SET nonce = ?, mac = ? WHERE id = ? AND mac = x''", &s));
        store_bind_blob(s, BYTES_OF(p->ask[i].nonce));
        store_bind_blob(s, BYTES_OF(p->mac[i]));
        store_bind_int(s, p->ask[i].number);
        TRY(store_run(s));
    }
    return own ? store_commit(&tx) : OK;
}

/* True: there is nobody to ask; otherwise it is this device that it will not prove anything for. */
static bool is_away(err made)
{
    return made.code == ERR_REFUSED || made.code == ERR_TIMEOUT || made.code == ERR_CLOSED ||
           made.code == ERR_IO;
}

/* One after the other, until the hsm is away. */
static err ask_each(struct desk *desk, struct proofs *p)
{
    for (size_t i = 0; i < p->count; i++) {
        err made = desk->ports.command_mac(desk->ports.context, &p->ask[i], p->mac[i]);
        p->made[i] = !FAILED(made);
        if (FAILED(made))
            log_event(desk->config.log, LOG_WARN, "command_not_proved", LOG_TEXT("tid", p->tid[i]),
                      LOG_ERR(made));
        if (is_away(made)) return made;
    }
    return OK;
}

/* The hsm's word for them, once: a device knows a repeat by it. False: the hsm is away. */
static err prove_all(struct desk *desk, struct proofs *p, bool *ret_there)
{
    const struct desk_ports *ports = &desk->ports;
    err made = ERR(UNSUPPORTED);
    *ret_there = true;
    if (p->count == 0) return OK;
    memset(p->made, 0, sizeof p->made);
    if (ports->command_macs != NULL && p->count > 1)
        made = ports->command_macs(ports->context, p->ask, p->count, p->mac);
    if (!FAILED(made)) memset(p->made, true, sizeof p->made);
    else if (!is_away(made)) made = ask_each(desk, p); /* one of them spoils it for all */
    *ret_there = !is_away(made);
    TRY(put_proofs(desk, p));
    p->count = 0;
    return OK;
}

/* False: nobody can prove anything for this device. */
static bool add_proof(struct desk *desk, const char *tid, const struct device_message *m,
                      struct proofs *p)
{
    const struct fleet_device *device = fleet_find(desk->fleet, tid);
    struct desk_command *c = &p->ask[p->count];
    ENSURE(p->count < DESK_COMMANDS_MAX);
    if (device == NULL || desk->ports.command_mac == NULL) return false;
    snprintf(p->tid[p->count], sizeof p->tid[0], "%s", tid);
    memcpy(p->text[p->count], m->text, sizeof p->text[0]);
    *c = (struct desk_command){.tid = p->tid[p->count],
                               .serial = device->serial,
                               .kind = device_command_name(m->command),
                               .text = p->text[p->count],
                               .number = m->number};
    random_fill(&desk->config.random, c->nonce, sizeof c->nonce);
    p->count++;
    return true;
}

/* ---- how far they are ---- */

/* To `state`, and the time of it; what is further on already stays. In a transaction. */
static err advance(struct desk *desk, struct store_tx *tx, const struct desk_progress *p)
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
        [COMMAND_REFUSED] = "UPDATE device_command SET state = 5, verified_ms = ?1, reason = ?4,"
                            " delivered_ms = ifnull(delivered_ms, ?1) WHERE id = ?2 AND tid = ?3"
                            " AND state < 4",
    };
    struct store_statement *update;
    ENSURE(updates[p->state] != NULL);
    TRY(store_statement(desk->config.store, updates[p->state], &update));
    store_bind_int(update, p->at_ms);
    store_bind_int(update, p->id);
    store_bind_text(update, bytes_text(p->tid));
    if (p->state == COMMAND_REFUSED) store_bind_text(update, bytes_text(p->reason));
    TRY(store_run(update));
    if (store_changes(desk->config.store) != 1) return OK;
    fleet_touch(desk->fleet, p->tid);
    desk_changed(desk, DESK_DEVICES);
    return desk_audit(desk, tx, p->state == COMMAND_DELIVERED ? "desk" : "terminal",
                      "device_command", p->tid, command_state_text(p->state));
}

err command_flush(struct desk *desk)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    if (desk->progress_count == 0) return OK;
    TRY(store_begin(desk->config.store, &tx));
    for (size_t i = 0; i < desk->progress_count; i++) TRY(advance(desk, &tx, &desk->progress[i]));
    TRY(store_commit(&tx));
    desk->progress_count = 0;
    return OK;
}

/* Written at once, or with all others at the end of the iteration, before answers leave. */
static err move(struct desk *desk, const char *tid, int64_t id, enum command_state state,
                const char *reason)
{
    struct desk_progress p = {.id = id, .state = (uint8_t)state, .at_ms = desk_now_ms(desk)};
    TRY(bytes_to_text(bytes_text(tid), p.tid, sizeof p.tid));
    TRY(bytes_to_text(bytes_text(reason), p.reason, sizeof p.reason));
    desk->progress[desk->progress_count++] = p;
    bool full = desk->progress_count == ARRAY_LEN(desk->progress);
    return full || !desk->config.grouped ? command_flush(desk) : OK;
}

/* Tells those behind `after` that are proved. *ret_unproved is the number of the first that is not,
 * or 0: those behind it wait, too, because numbers only grow. */
static err tell_proved(struct desk *desk, const char *tid, uint32_t session, int64_t after,
                       int64_t *ret_unproved)
{
    struct open_command o = {.told = {.number = after}, .more = true};
    *ret_unproved = 0;
    while (o.more) {
        TRY(next_open(desk, tid, o.told.number, &o));
        if (o.told.number == 0) return OK;
        if (!o.proved) {
            *ret_unproved = o.told.number;
            return OK;
        }
        /* Before it is written: a crash in between says "queued", which is less. */
        desk_tell(desk, session, &o.told);
        if (o.state < COMMAND_DELIVERED) TRY(move(desk, tid, o.told.number, COMMAND_DELIVERED, ""));
    }
    return OK;
}

/* Every open one of a device that has no proof yet; *ret_there as of prove_all(). */
static err prove_open(struct desk *desk, const char *tid, struct proofs *p, bool *ret_there)
{
    struct open_command o = {.more = true};
    *ret_there = true;
    while (o.more) {
        TRY(next_open(desk, tid, o.told.number, &o));
        if (o.told.number == 0) return OK;
        if (o.proved) continue;
        if (p->count == DESK_COMMANDS_MAX) TRY(prove_all(desk, p, ret_there));
        if (!*ret_there || !add_proof(desk, tid, &o.told, p)) return OK;
    }
    return OK;
}

static err prove_and_tell(struct desk *desk, const char *tid, uint32_t session, int64_t unproved)
{
    struct proofs proofs = {.count = 0};
    bool there = true;
    TRY(prove_open(desk, tid, &proofs, &there));
    if (there) TRY(prove_all(desk, &proofs, &there));
    return tell_proved(desk, tid, session, unproved - 1, &unproved);
}

err command_deliver(struct desk *desk, const char *tid)
{
    int64_t unproved = 0;
    uint32_t session = desk_session_of(desk, tid);
    if (session == 0) return OK;
    TRY(tell_proved(desk, tid, session, 0, &unproved));
    return unproved == 0 ? OK : prove_and_tell(desk, tid, session, unproved);
}

err command_deliver_all(struct desk *desk, char (*tid)[9], size_t count)
{
    struct proofs proofs = {.count = 0};
    CLEANUP(store_rollback) struct store_tx tx = {0};
    bool there = true;
    TRY(store_begin(desk->config.store, &tx));
    for (size_t i = 0; i < count && there; i++)
        if (desk_session_of(desk, tid[i]) != 0) TRY(prove_open(desk, tid[i], &proofs, &there));
    if (there) TRY(prove_all(desk, &proofs, &there));
    TRY(store_commit(&tx));
    for (size_t i = 0; i < count; i++) {
        int64_t unproved = 0;
        uint32_t session = desk_session_of(desk, tid[i]);
        if (session != 0) TRY(tell_proved(desk, tid[i], session, 0, &unproved));
    }
    return OK;
}

err command_progress(struct desk *desk, const char *tid, int64_t id, enum device_progress progress,
                     const char *reason)
{
    static const enum command_state states[DEVICE_PROGRESSES] = {
        [DEVICE_ACKNOWLEDGED] = COMMAND_ACKNOWLEDGED,
        [DEVICE_VERIFIED] = COMMAND_VERIFIED,
        [DEVICE_DENIED] = COMMAND_REFUSED,
    };
    ENSURE(progress > DEVICE_NO_PROGRESS && progress < DEVICE_PROGRESSES);
    return move(desk, tid, id, states[progress], reason);
}

err command_wiped(struct desk *desk, struct store_tx *tx, const char *tid)
{
    struct store_statement *s;
    ENSURE(tx->store == desk->config.store);
    TRY(store_statement(desk->config.store,
                        "UPDATE device_command SET state = 4, verified_ms = ?1, acknowledged_ms ="
                        " ifnull(acknowledged_ms, ?1), delivered_ms = ifnull(delivered_ms, ?1)"
                        " WHERE tid = ?2 AND kind = ?3 AND state < 4",
                        &s));
    store_bind_int(s, desk_now_ms(desk));
    store_bind_text(s, bytes_text(tid));
    store_bind_int(s, DEVICE_WIPE);
    TRY(store_run(s));
    fleet_touch(desk->fleet, tid);
    desk_changed(desk, DESK_DEVICES);
    return OK;
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
    store_read_text_into(row, o->reason, sizeof o->reason);
    return store_read_finish(row);
}

#define ORDER                                                                 \
    "SELECT id, kind, text, actor, state, asked_ms, ifnull(delivered_ms, 0)," \
    " ifnull(acknowledged_ms, 0), ifnull(verified_ms, 0), reason FROM device_command WHERE"

err command_is_missed(struct desk *desk, const char *tid, int64_t since_ms, bool *ret_missed)
{
    struct store_statement *query;
    bool row = false;
    *ret_missed = false;
    TRY(store_statement(desk->config.store,
                        "SELECT kind <> ?1 FROM device_command WHERE tid = ?2 AND asked_ms >= ?3"
                        " AND kind IN (?1, ?4, ?5) ORDER BY id DESC LIMIT 1",
                        &query));
    store_bind_int(query, DEVICE_UNLOCK);
    store_bind_text(query, bytes_text(tid));
    store_bind_int(query, since_ms);
    store_bind_int(query, DEVICE_LOSE);
    store_bind_int(query, DEVICE_WIPE);
    TRY(store_step(query, &row));
    if (!row) return OK;
    *ret_missed = store_read_int(query) != 0;
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

err command_find(struct desk *desk, const char *tid, int64_t id, struct device_order *ret_order)
{
    struct store_statement *query;
    struct device_order order;
    bool row = false;
    TRY(command_flush(desk));
    TRY(store_statement(desk->config.store, ORDER " tid = ? AND id = ?", &query));
    store_bind_text(query, bytes_text(tid));
    store_bind_int(query, id);
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    err read = read_order(query, &order);
    store_reset(query);
    if (!FAILED(read)) *ret_order = order;
    return read;
}

err command_newest(struct desk *desk, const char *tid, enum device_command kind, int64_t since_ms,
                   struct device_order *ret_order)
{
    struct store_statement *query;
    struct device_order order;
    bool row = false;
    if (!store_in_tx(desk->config.store)) TRY(command_flush(desk));
    TRY(store_statement(desk->config.store,
                        ORDER " tid = ? AND kind = ? AND asked_ms >= ? ORDER BY id DESC LIMIT 1",
                        &query));
    store_bind_text(query, bytes_text(tid));
    store_bind_int(query, kind);
    store_bind_int(query, since_ms);
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    err read = read_order(query, &order);
    store_reset(query);
    if (!FAILED(read)) *ret_order = order;
    return read;
}

err command_list(struct desk *desk, const char *tid, command_each each, void *context)
{
    struct store_statement *rows;
    TRY(command_flush(desk));
    TRY(store_statement(desk->config.store, ORDER " tid = ? ORDER BY id DESC LIMIT ?", &rows));
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
