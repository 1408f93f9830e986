/* SPDX-License-Identifier: Apache-2.0 */
/* Tickets as they stand in their tables: reading, listing, writing, their timeline. */
#include "backoffice/desk/ticket_internal.h"

static const char *const verdict_name[TICKET_VERDICTS] = {
    [TICKET_OK] = "ok",
    [TICKET_NOT_FOUND] = "not_found",
    [TICKET_OVER] = "over",
    [TICKET_NO_CHALLENGE] = "no_challenge",
    [TICKET_EXPIRED] = "expired",
    [TICKET_NEEDS_ANSWERS] = "needs_answers",
    [TICKET_NEEDS_NOTE] = "needs_note",
    [TICKET_NEEDS_SECOND] = "needs_second",
    [TICKET_SAME_PERSON] = "same_person",
    [TICKET_NO_TRIES] = "no_tries",
    [TICKET_NOT_REGISTERED] = "not_registered",
    [TICKET_BAD_CHALLENGE] = "bad_challenge",
    [TICKET_HSM_AWAY] = "hsm_away",
    [TICKET_SHOWN] = "shown",
    [TICKET_LIMIT] = "limit",
    [TICKET_NOT_APPROVED] = "not_approved",
    [TICKET_AWAY] = "away",
    [TICKET_OWN] = "own",
    [TICKET_NOT_ACTIVE] = "not_active",
    [TICKET_NO_ADDRESS] = "no_address",
    [TICKET_LETTER_BUSY] = "letter_busy",
};

const char *ticket_verdict_name(enum ticket_verdict verdict)
{
    ENSURE(verdict < TICKET_VERDICTS && verdict_name[verdict] != NULL);
    return verdict_name[verdict];
}

/* ---- reading ---- */

/* Everything of a ticket and what follows from its other tables. Bound: nothing. */
#define TICKET_SELECT                                                                       \
    "SELECT id, mid, tid, operator, origin, state, way, challenge, expires_ms, risk,"       \
    " reasons, delivery, opened_ms, changed_ms, (SELECT count(*) FROM ticket_approval a"    \
    " WHERE a.ticket = t.id AND a.challenge = t.challenge), (SELECT count(*) FROM"          \
    " ticket_answer w WHERE w.ticket = t.id AND w.correct = 1), (SELECT count(*) FROM"      \
    " ticket_event e WHERE e.ticket = t.id AND e.kind = 'note'), account, ifnull((SELECT"   \
    " kind FROM account c WHERE c.id = t.account), 0), ifnull((SELECT login FROM account c" \
    " WHERE c.id = t.account), ''), ifnull((SELECT 1 + (phone <> '') + (mail <> '') +"      \
    " (mid <> '') FROM account c WHERE c.id = t.account), 0), ifnull((SELECT CASE e.kind"   \
    " WHEN 'owner_says' THEN 2 ELSE 1 END FROM ticket_event e WHERE e.ticket = t.id AND"    \
    " e.kind IN ('owner_says', 'desk_says') ORDER BY e.number DESC LIMIT 1), 0) FROM ticket t "

unsigned ticket_right_needed(const struct ticket *t)
{
    unsigned wanted = t->risk == TICKET_HIGH ? TICKET_ANSWERS_HIGH : TICKET_ANSWERS_LOW;
    return t->account != 0 && t->askable < wanted ? t->askable : wanted;
}

static err read_challenge(struct store_statement *row, struct ticket *t)
{
    t->challenge.way = (enum recovery_way)store_read_int(row);
    struct bytes challenge = store_read_blob(row);
    if (challenge.len > sizeof t->challenge.at) return ERR(CORRUPT);
    t->challenge.len = (uint8_t)challenge.len;
    if (challenge.len > 0) memcpy(t->challenge.at, challenge.at, challenge.len);
    memcpy(t->challenge.tid, t->tid, sizeof t->tid);
    memcpy(t->challenge.operator_id, t->operator_id, sizeof t->operator_id);
    return OK;
}

static err read_ticket(struct store_statement *row, struct ticket *ret_ticket)
{
    struct ticket t = {.id = store_read_int(row)};
    store_read_text_into(row, t.mid, sizeof t.mid);
    store_read_text_into(row, t.tid, sizeof t.tid);
    store_read_text_into(row, t.operator_id, sizeof t.operator_id);
    t.origin = (enum ticket_origin)store_read_int(row);
    t.state = (enum ticket_state)store_read_int(row);
    TRY(read_challenge(row, &t));
    t.expires_ms = store_read_int(row);
    t.risk = (enum ticket_risk)store_read_int(row);
    t.reasons = (unsigned)store_read_int(row);
    t.delivery = (enum ticket_delivery)store_read_int(row);
    t.opened_ms = store_read_int(row);
    t.changed_ms = store_read_int(row);
    t.approvals = (unsigned)store_read_int(row);
    t.right = (unsigned)store_read_int(row);
    t.evidence = store_read_int(row) > 0;
    t.account = store_read_int(row);
    t.account_kind = (enum account_kind)store_read_int(row);
    store_read_text_into(row, t.login, sizeof t.login);
    t.askable = (unsigned)store_read_int(row);
    t.chat = (enum ticket_chat)store_read_int(row);
    TRY(store_read_finish(row));
    t.needed = (unsigned)t.risk;
    t.right_needed = ticket_right_needed(&t);
    snprintf(t.number, sizeof t.number, "R-%06lld", (long long)t.id);
    *ret_ticket = t;
    return OK;
}

/* The first row of a bound query, or id 0. */
static err read_first(struct store_statement *query, struct ticket *ret_ticket)
{
    bool row = false;
    *ret_ticket = (struct ticket){0};
    TRY(store_step(query, &row));
    if (!row) return OK;
    err read = read_ticket(query, ret_ticket);
    store_reset(query);
    return read;
}

err ticket_find(struct desk *desk, int64_t ticket, struct ticket *ret_ticket)
{
    struct store_statement *query;
    struct ticket found;
    TRY(store_statement(desk->config.store, TICKET_SELECT "WHERE id = ?", &query));
    store_bind_int(query, ticket);
    TRY(read_first(query, &found));
    if (found.id == 0) return ERR(NOT_FOUND);
    *ret_ticket = found;
    return OK;
}

err ticket_current(struct desk *desk, const char *tid, const char *operator_id,
                   struct ticket *ret_ticket)
{
    struct store_statement *query;
    TRY(store_statement(desk->config.store,
                        TICKET_SELECT "WHERE tid = ? AND operator = ? AND state IN (1, 2)"
                                      " ORDER BY id DESC LIMIT 1",
                        &query));
    store_bind_text(query, bytes_text(tid));
    store_bind_text(query, bytes_text(operator_id));
    return read_first(query, ret_ticket);
}

err ticket_current_account(struct desk *desk, int64_t account, struct ticket *ret_ticket)
{
    struct store_statement *query;
    TRY(store_statement(desk->config.store,
                        TICKET_SELECT "WHERE account = ? AND state IN (1, 2)"
                                      " ORDER BY id DESC LIMIT 1",
                        &query));
    store_bind_int(query, account);
    return read_first(query, ret_ticket);
}

err ticket_latest(struct desk *desk, const char *tid, const char *operator_id,
                  struct ticket *ret_ticket)
{
    struct store_statement *query;
    TRY(store_statement(desk->config.store,
                        TICKET_SELECT "WHERE tid = ? AND operator = ? ORDER BY id DESC LIMIT 1",
                        &query));
    store_bind_text(query, bytes_text(tid));
    store_bind_text(query, bytes_text(operator_id));
    return read_first(query, ret_ticket);
}

/* Every row of a bound query. */
static err walk(struct store_statement *rows, ticket_each each, void *context)
{
    for (;;) {
        bool row = false;
        struct ticket ticket;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        err done = read_ticket(rows, &ticket);
        if (!FAILED(done)) done = each(context, &ticket);
        if (FAILED(done)) {
            store_reset(rows);
            return done;
        }
    }
}

err ticket_list(struct desk *desk, bool open_only, ticket_each each, void *context)
{
    struct store_statement *rows;
    TRY(store_statement(desk->config.store,
                        TICKET_SELECT "WHERE state <= ? ORDER BY state, changed_ms DESC LIMIT ?",
                        &rows));
    store_bind_int(rows, open_only ? TICKET_APPROVED : TICKET_CLOSED);
    store_bind_int(rows, TICKETS_LISTED_MAX);
    return walk(rows, each, context);
}

err ticket_chats(struct desk *desk, const char *mid, int64_t most, ticket_each each, void *context)
{
    struct store_statement *rows;
    TRY(store_statement(desk->config.store,
                        TICKET_SELECT "WHERE mid = ? AND EXISTS(SELECT 1 FROM ticket_event e WHERE"
                                      " e.ticket = t.id AND e.kind = 'owner_says')"
                                      " ORDER BY id DESC LIMIT ?",
                        &rows));
    store_bind_text(rows, bytes_text(mid));
    store_bind_int(rows, most);
    return walk(rows, each, context);
}

err ticket_timeline(struct desk *desk, int64_t ticket, ticket_each_event each, void *context)
{
    struct store_statement *rows;
    TRY(store_statement(desk->config.store,
                        "SELECT number, at_ms, actor, kind, detail FROM ticket_event"
                        " WHERE ticket = ? ORDER BY number",
                        &rows));
    store_bind_int(rows, ticket);
    for (;;) {
        bool row = false;
        struct ticket_event event;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        event.number = store_read_int(rows);
        event.at_ms = store_read_int(rows);
        store_read_text_into(rows, event.actor, sizeof event.actor);
        store_read_text_into(rows, event.kind, sizeof event.kind);
        store_read_text_into(rows, event.detail, sizeof event.detail);
        err done = store_read_finish(rows);
        if (!FAILED(done)) done = each(context, &event);
        if (FAILED(done)) {
            store_reset(rows);
            return done;
        }
    }
}

/* ---- writing ---- */

struct ticket_actor ticket_actor_of(const struct desk_staff *staff)
{
    struct ticket_actor actor;
    ENSURE(staff->id > 0);
    snprintf(actor.text, sizeof actor.text, "%lld %s", (long long)staff->id, staff->name);
    return actor;
}

err ticket_insert(struct desk *desk, struct ticket *t)
{
    struct store_statement *insert;
    int64_t now_ms = desk_now_ms(desk);
    TRY(store_statement(desk->config.store,
                        "INSERT INTO ticket(mid, tid, operator, origin, state, way, challenge,"
                        " challenge_ms, expires_ms, risk, reasons, delivery, opened_ms,"
                        " changed_ms, account) VALUES(?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, 0, ?, ?,"
                        " ?)",
                        &insert));
    store_bind_text(insert, bytes_text(t->mid));
    store_bind_text(insert, bytes_text(t->tid));
    store_bind_text(insert, bytes_text(t->operator_id));
    store_bind_int(insert, t->origin);
    store_bind_int(insert, t->challenge.way);
    store_bind_blob(insert, bytes_of(t->challenge.at, t->challenge.len));
    store_bind_int(insert, now_ms);
    t->state = TICKET_OPEN;
    t->risk = t->account != 0 ? TICKET_HIGH : TICKET_LOW;
    t->reasons = t->account != 0 ? TICKET_ACCOUNT : 0;
    store_bind_int(insert, t->expires_ms);
    store_bind_int(insert, t->risk);
    store_bind_int(insert, t->reasons);
    store_bind_int(insert, now_ms);
    store_bind_int(insert, now_ms);
    store_bind_int(insert, t->account);
    TRY(store_run(insert));
    t->id = store_last_id(desk->config.store);
    snprintf(t->number, sizeof t->number, "R-%06lld", (long long)t->id);
    return OK;
}

err ticket_store(struct desk *desk, struct ticket *t)
{
    struct store_statement *update;
    t->changed_ms = desk_now_ms(desk);
    TRY(store_statement(desk->config.store,
                        "UPDATE ticket SET state = ?, way = ?, challenge = ?, expires_ms = ?,"
                        " risk = ?, reasons = ?, delivery = ?, changed_ms = ? WHERE id = ?",
                        &update));
    store_bind_int(update, t->state);
    store_bind_int(update, t->challenge.way);
    store_bind_blob(update, bytes_of(t->challenge.at, t->challenge.len));
    store_bind_int(update, t->expires_ms);
    store_bind_int(update, t->risk);
    store_bind_int(update, t->reasons);
    store_bind_int(update, t->delivery);
    store_bind_int(update, t->changed_ms);
    store_bind_int(update, t->id);
    return store_run(update);
}

err ticket_add_event(struct desk *desk, struct store_tx *tx, const struct ticket *ticket,
                     const char *actor, const char *kind, struct bytes detail)
{
    struct store_statement *insert;
    char event[TICKET_KIND_MAX + 8];
    ENSURE(strlen(kind) < TICKET_KIND_MAX && detail.len <= TICKET_TEXT_MAX);
    TRY(store_statement(desk->config.store,
                        "INSERT INTO ticket_event(ticket, number, at_ms, actor, kind, detail)"
                        " SELECT ?1, count(*) + 1, ?2, ?3, ?4, ?5 FROM ticket_event"
                        " WHERE ticket = ?1",
                        &insert));
    store_bind_int(insert, ticket->id);
    store_bind_int(insert, desk_now_ms(desk));
    store_bind_text(insert, bytes_text(actor));
    store_bind_text(insert, bytes_text(kind));
    store_bind_text(insert, detail);
    TRY(store_run(insert));
    snprintf(event, sizeof event, "ticket_%s", kind);
    return audit_append(tx, &(struct audit_entry){desk_now_ms(desk), bytes_text(actor),
                                                  bytes_text(event), bytes_text(ticket->number),
                                                  detail});
}
