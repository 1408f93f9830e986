/* SPDX-License-Identifier: Apache-2.0 */
/* A ticket from its opening to its end; tickets.h says how it goes. */
#include "backoffice/desk/tickets.h"

#include "backoffice/desk/cooling.h"
#include "backoffice/desk/recovery.h"
#include "backoffice/desk/ticket_internal.h"

/* ---- risk ---- */

static err has_new_contact(struct desk *desk, const char *mid, bool *ret_new)
{
    struct registry_contact contact[CONTACTS_MAX];
    size_t count = 0;
    int64_t since_ms = desk_now_ms(desk) - 30 * DAY_MS;
    *ret_new = false;
    TRY(registry_contacts(desk->config.registry, bytes_text(mid), contact, &count));
    for (size_t i = 0; i < count; i++) *ret_new |= contact[i].since_ms > since_ms;
    return OK;
}

static err payout_moves(struct desk *desk, const char *mid, bool *ret_moves)
{
    struct cooling_verdict cooling;
    TRY(cooling_change_pending(desk->config.store, mid, ret_moves));
    TRY(cooling_check(desk->config.store, mid, desk_now_ms(desk), &cooling));
    *ret_moves |= cooling.reason == COOLING_RECOVERED;
    return OK;
}

static err has_wrong_answer(struct desk *desk, int64_t ticket, bool *ret_wrong)
{
    struct store_statement *query;
    TRY(store_statement(desk->config.store,
                        "SELECT 1 FROM ticket_answer WHERE ticket = ? AND tries > correct",
                        &query));
    store_bind_int(query, ticket);
    err read = store_step(query, ret_wrong);
    store_reset(query);
    return read;
}

err ticket_weigh(struct desk *desk, struct ticket *t)
{
    bool fresh = false, payout = false, wrong = false;
    bool role = strcmp(t->operator_id, "00") == 0 || strcmp(t->operator_id, "99") == 0;
    int64_t recoveries = 0;
    if (t->state != TICKET_OPEN) return OK; /* what was approved was weighed then */
    if (t->mid[0] != '\0') {                /* a member of staff has no merchant */
        TRY(has_new_contact(desk, t->mid, &fresh));
        TRY(payout_moves(desk, t->mid, &payout));
        TRY(recovery_count(desk, t->mid, desk_now_ms(desk) - 30 * DAY_MS, &recoveries));
    }
    TRY(has_wrong_answer(desk, t->id, &wrong));
    unsigned reasons = t->reasons;
    if (role) reasons |= TICKET_ROLE;
    if (fresh) reasons |= TICKET_NEW_CONTACT;
    if (recoveries >= 2) reasons |= TICKET_REPEATED;
    if (payout) reasons |= TICKET_PAYOUT;
    if (wrong) reasons |= TICKET_WRONG_ANSWER;
    if (reasons == t->reasons) return OK;
    t->reasons = reasons;
    t->risk = TICKET_HIGH;
    return ticket_store(desk, t);
}

/* ---- opening ---- */

static err begin(struct desk *desk, struct store_tx *tx, struct ticket *ticket, const char *actor,
                 struct bytes note)
{
    static const char *const kinds[] = {[TICKET_BY_TERMINAL] = "opened_terminal",
                                        [TICKET_BY_CALL] = "opened_call",
                                        [TICKET_BY_CHAT] = "opened_chat"};
    TRY(ticket_insert(desk, ticket));
    TRY(ticket_add_event(desk, tx, ticket, actor, kinds[ticket->origin], note));
    return ticket_weigh(desk, ticket);
}

err ticket_take_challenge(struct desk *desk, struct store_tx *tx, struct ticket *ticket,
                          const struct desk_challenge *challenge, int64_t length_ms,
                          const char *actor)
{
    ticket->challenge = *challenge;
    ticket->expires_ms = desk_now_ms(desk) + length_ms;
    ticket->state = TICKET_OPEN;
    ticket->delivery = TICKET_UNDELIVERED;
    TRY(ticket_store(desk, ticket));
    return ticket_add_event(desk, tx, ticket, actor, "asked",
                            bytes_text(recovery_way_name(challenge->way)));
}

static bool same_challenge(const struct ticket *t, const struct desk_challenge *c)
{
    return t->challenge.way == c->way &&
           bytes_equal(bytes_of(t->challenge.at, t->challenge.len), bytes_of(c->at, c->len));
}

err ticket_request(struct desk *desk, const struct registry_terminal *terminal,
                   const struct desk_challenge *challenge, int64_t *ret_ticket)
{
    struct ticket ticket;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(ticket_latest(desk, challenge->tid, challenge->operator_id, &ticket));
    if (ticket.id != 0 && same_challenge(&ticket, challenge)) { /* how does it stand? */
        *ret_ticket = ticket.id;
        return OK;
    }
    if (ticket.id == 0 || ticket_is_over(&ticket)) {
        ticket = (struct ticket){.origin = TICKET_BY_TERMINAL};
        memcpy(ticket.mid, terminal->mid, sizeof ticket.mid);
        memcpy(ticket.tid, challenge->tid, sizeof ticket.tid);
        memcpy(ticket.operator_id, challenge->operator_id, sizeof ticket.operator_id);
        TRY(begin(desk, &tx, &ticket, "terminal", BYTES("")));
    }
    TRY(ticket_take_challenge(desk, &tx, &ticket, challenge, RECOVERY_SERVICE_MS, "terminal"));
    TRY(store_commit(&tx));
    *ret_ticket = ticket.id;
    desk_changed(desk, DESK_TICKETS);
    return OK;
}

err ticket_join(struct desk *desk, struct store_tx *tx, const struct registry_terminal *terminal,
                const char *operator_id, enum ticket_origin origin, const char *actor,
                struct bytes note, struct ticket *ret_ticket)
{
    TRY(ticket_current(desk, terminal->tid, operator_id, ret_ticket));
    if (ret_ticket->id != 0) /* the terminal has asked already, and now he calls */
        return ticket_add_event(desk, tx, ret_ticket, actor,
                                origin == TICKET_BY_CALL ? "called" : "chat", note);
    *ret_ticket = (struct ticket){.origin = origin};
    memcpy(ret_ticket->mid, terminal->mid, sizeof ret_ticket->mid);
    memcpy(ret_ticket->tid, terminal->tid, sizeof ret_ticket->tid);
    TRY(bytes_to_text(bytes_text(operator_id), ret_ticket->operator_id,
                      sizeof ret_ticket->operator_id));
    return begin(desk, tx, ret_ticket, actor, note);
}

err ticket_open(struct desk *desk, const struct desk_staff *staff, struct bytes tid,
                struct bytes operator_id, enum ticket_origin origin, struct bytes note,
                enum ticket_verdict *ret_verdict, int64_t *ret_ticket)
{
    struct registry_terminal terminal;
    struct ticket ticket;
    char id[DESK_OPERATOR_LEN + 1];
    ENSURE(origin == TICKET_BY_CALL || origin == TICKET_BY_CHAT);
    *ret_verdict = TICKET_NOT_FOUND;
    err found = registry_find_terminal(desk->config.registry, tid, &terminal);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    if (operator_id.len != DESK_OPERATOR_LEN || !bytes_all_digits(operator_id)) return OK;
    TRY(bytes_to_text(operator_id, id, sizeof id));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    *ret_verdict = TICKET_OK;
    TRY(ticket_join(desk, &tx, &terminal, id, origin, ticket_actor_of(staff).text, note, &ticket));
    TRY(store_commit(&tx));
    *ret_ticket = ticket.id;
    desk_changed(desk, DESK_TICKETS);
    return OK;
}

/* ---- what the desk adds ---- */

err ticket_load(struct desk *desk, struct store_tx *tx, const struct desk_staff *staff, int64_t id,
                struct ticket *ticket, enum ticket_verdict *verdict)
{
    TRY(store_begin(desk->config.store, tx));
    err found = ticket_find(desk, id, ticket);
    *verdict = found.code == ERR_NOT_FOUND ? TICKET_NOT_FOUND : TICKET_OK;
    if (*verdict != TICKET_OK) return OK;
    TRY(found);
    if (ticket_is_over(ticket)) *verdict = TICKET_OVER;
    else if (staff != NULL && ticket->account == staff->id) *verdict = TICKET_OWN;
    return OK;
}

err ticket_note(struct desk *desk, const struct desk_staff *staff, int64_t id, struct bytes text,
                enum ticket_verdict *ret_verdict)
{
    struct ticket ticket;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(ticket_load(desk, &tx, staff, id, &ticket, ret_verdict));
    if (*ret_verdict != TICKET_OK) return OK;
    TRY(ticket_add_event(desk, &tx, &ticket, ticket_actor_of(staff).text, "note", text));
    TRY(ticket_store(desk, &ticket));
    TRY(store_commit(&tx));
    desk_changed(desk, DESK_TICKETS);
    return OK;
}

/* Eleven digits, the last of them the check digit of Luhn's formula (ISO/IEC 7812-1 annex B). */
static bool read_digits_of(struct bytes text, struct desk_challenge *c)
{
    unsigned sum = 0;
    c->len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == ' ' || text.at[i] == '-') continue;
        if (text.at[i] < '0' || text.at[i] > '9' || c->len == TICKET_UNLOCK_DIGITS) return false;
        c->at[c->len++] = text.at[i];
    }
    if (c->len != TICKET_UNLOCK_DIGITS) return false;
    for (size_t i = 0; i < c->len; i++) {
        unsigned digit = (unsigned)(c->at[c->len - 1 - i] - '0') * (i % 2 == 1 ? 2 : 1);
        sum += digit > 9 ? digit - 9 : digit;
    }
    return sum % 10 == 0;
}

err ticket_challenge(struct desk *desk, const struct desk_staff *staff, int64_t id,
                     struct bytes digits, enum ticket_verdict *ret_verdict)
{
    struct ticket ticket;
    struct desk_challenge challenge = {.way = RECOVERY_OFFLINE};
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(ticket_load(desk, &tx, staff, id, &ticket, ret_verdict));
    if (*ret_verdict == TICKET_OK && (ticket.account != 0 || !read_digits_of(digits, &challenge)))
        *ret_verdict = TICKET_BAD_CHALLENGE;
    if (*ret_verdict != TICKET_OK) return OK;
    memcpy(challenge.tid, ticket.tid, sizeof challenge.tid);
    memcpy(challenge.operator_id, ticket.operator_id, sizeof challenge.operator_id);
    if (same_challenge(&ticket, &challenge)) return OK;
    TRY(ticket_take_challenge(desk, &tx, &ticket, &challenge, RECOVERY_OFFLINE_MS,
                              ticket_actor_of(staff).text));
    TRY(store_commit(&tx));
    desk_changed(desk, DESK_TICKETS);
    return OK;
}

/* ---- approving ---- */

static err has_approved(struct desk *desk, const struct ticket *t, int64_t staff, bool *ret_has)
{
    struct store_statement *query;
    TRY(store_statement(desk->config.store,
                        "SELECT 1 FROM ticket_approval WHERE ticket = ? AND challenge = ? AND"
                        " staff = ?",
                        &query));
    store_bind_int(query, t->id);
    store_bind_blob(query, bytes_of(t->challenge.at, t->challenge.len));
    store_bind_int(query, staff);
    err read = store_step(query, ret_has);
    store_reset(query);
    return read;
}

static err insert_approval(struct desk *desk, const struct ticket *t,
                           const struct desk_staff *staff)
{
    struct store_statement *insert;
    TRY(store_statement(desk->config.store,
                        "INSERT INTO ticket_approval(ticket, challenge, staff, name, at_ms)"
                        " VALUES(?, ?, ?, ?, ?)",
                        &insert));
    store_bind_int(insert, t->id);
    store_bind_blob(insert, bytes_of(t->challenge.at, t->challenge.len));
    store_bind_int(insert, staff->id);
    store_bind_text(insert, bytes_text(staff->name));
    store_bind_int(insert, desk_now_ms(desk));
    return store_run(insert);
}

/* What an approval asks for, in the order in which the desk does it. */
static enum ticket_verdict may_approve(const struct ticket *t, bool approved, int64_t now_ms)
{
    if (t->state == TICKET_APPROVED) return TICKET_OVER;
    if (t->challenge.len == 0) return TICKET_NO_CHALLENGE;
    if (t->expires_ms <= now_ms) return TICKET_EXPIRED;
    if (approved) return TICKET_SAME_PERSON;
    if (t->right < ticket_right_needed(t)) return TICKET_NEEDS_ANSWERS;
    return t->risk == TICKET_HIGH && !t->evidence ? TICKET_NEEDS_NOTE : TICKET_OK;
}

/* The last approval that is needed: from here on the hsm may be asked. */
static err open_the_way(struct desk *desk, struct store_tx *tx, struct ticket *ticket,
                        const struct desk_staff *staff)
{
    if (ticket->account != 0) return ticket_reset_account(desk, tx, ticket, staff);
    ticket->state = TICKET_APPROVED;
    bool offline = ticket->challenge.way == RECOVERY_OFFLINE;
    ticket->delivery = offline ? TICKET_UNDELIVERED : TICKET_QUEUED;
    TRY(ticket_store(desk, ticket));
    if (ticket->challenge.way == RECOVERY_REISSUE) TRY(ticket_reissue_begins(desk, tx, ticket));
    else TRY(recovery_issue(desk, ticket->mid, &ticket->challenge, ticket->expires_ms));
    return ticket_add_event(desk, tx, ticket, "desk",
                            ticket->delivery == TICKET_QUEUED ? "queued" : "may_read_out",
                            BYTES(""));
}

err ticket_approve(struct desk *desk, const struct desk_staff *staff, int64_t id,
                   enum ticket_verdict *ret_verdict)
{
    struct ticket ticket;
    bool approved = false;
    {
        CLEANUP(store_rollback) struct store_tx tx = {0};
        TRY(ticket_load(desk, &tx, staff, id, &ticket, ret_verdict));
        if (*ret_verdict != TICKET_OK) return OK;
        TRY(ticket_weigh(desk, &ticket));
        TRY(has_approved(desk, &ticket, staff->id, &approved));
        *ret_verdict = may_approve(&ticket, approved, desk_now_ms(desk));
        if (*ret_verdict != TICKET_OK) return store_commit(&tx); /* the risk may have risen */
        TRY(insert_approval(desk, &ticket, staff));
        TRY(ticket_add_event(desk, &tx, &ticket, ticket_actor_of(staff).text, "approved",
                             BYTES("")));
        bool enough = ticket.approvals + 1 >= (unsigned)ticket.risk;
        err opened = enough ? open_the_way(desk, &tx, &ticket, staff) : OK;
        if (opened.code == ERR_BUSY) { /* the link was not taken: all of it is undone */
            *ret_verdict = TICKET_LETTER_BUSY;
            return OK;
        }
        TRY(opened);
        TRY(store_commit(&tx));
        *ret_verdict = enough ? TICKET_OK : TICKET_NEEDS_SECOND;
    }
    desk_changed(desk, DESK_TICKETS);
    return *ret_verdict == TICKET_OK ? ticket_deliver(desk, ticket.tid) : OK;
}

/* ---- reading out ---- */

static err too_many_read_out(struct desk *desk, const char *actor, bool *ret_too_many)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(desk->config.store,
                        "SELECT count(*) FROM ticket_event WHERE kind = 'read_out' AND actor = ?"
                        " AND at_ms > ?",
                        &query));
    store_bind_text(query, bytes_text(actor));
    store_bind_int(query, desk_now_ms(desk) - DAY_MS);
    TRY(store_step(query, &row));
    ENSURE(row);
    *ret_too_many = store_read_int(query) >= TICKET_STAFF_UNLOCKS;
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

static enum ticket_verdict may_read_out(const struct ticket *t, bool too_many, int64_t now_ms)
{
    if (t->state != TICKET_APPROVED || t->challenge.way != RECOVERY_OFFLINE)
        return TICKET_NOT_APPROVED;
    if (t->delivery != TICKET_UNDELIVERED) return TICKET_SHOWN;
    if (t->expires_ms <= now_ms) return TICKET_EXPIRED;
    return too_many ? TICKET_LIMIT : TICKET_OK;
}

/* Shown once, even when the answer is lost on its way: committed before it is given. */
static err write_read_out(struct desk *desk, const struct desk_staff *staff, int64_t id,
                          enum ticket_verdict *verdict)
{
    struct ticket ticket;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(ticket_load(desk, &tx, staff, id, &ticket, verdict));
    if (*verdict == TICKET_OK) *verdict = may_read_out(&ticket, false, desk_now_ms(desk));
    if (*verdict != TICKET_OK) return OK;
    ticket.delivery = TICKET_READ_OUT;
    TRY(ticket_store(desk, &ticket));
    TRY(ticket_add_event(desk, &tx, &ticket, ticket_actor_of(staff).text, "read_out", BYTES("")));
    return store_commit(&tx);
}

err ticket_read_out(struct desk *desk, const struct desk_staff *staff, int64_t id,
                    enum ticket_verdict *ret_verdict, char ret_code[DESK_CODE_MAX + 1],
                    int64_t *ret_seconds)
{
    struct ticket ticket;
    bool too_many = false;
    CLEANUP(desk_proof_wipe) struct desk_proof proof = {0};
    struct ticket_actor actor = ticket_actor_of(staff);
    *ret_verdict = TICKET_NOT_FOUND;
    err found = ticket_find(desk, id, &ticket);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    TRY(too_many_read_out(desk, actor.text, &too_many));
    *ret_verdict = may_read_out(&ticket, too_many, desk_now_ms(desk));
    if (*ret_verdict != TICKET_OK) return OK;
    if (FAILED(desk->ports.prove(desk->ports.context, &ticket.challenge, &proof))) {
        *ret_verdict = TICKET_HSM_AWAY;
        return OK;
    }
    TRY(write_read_out(desk, staff, id, ret_verdict));
    if (*ret_verdict != TICKET_OK) return OK;
    memcpy(ret_code, proof.code, DESK_CODE_MAX + 1);
    *ret_seconds = (ticket.expires_ms - desk_now_ms(desk)) / 1000;
    desk_changed(desk, DESK_TICKETS);
    return OK;
}

/* ---- its end ---- */

err ticket_end(struct desk *desk, const struct desk_staff *staff, int64_t id,
               enum ticket_state state, struct bytes reason, enum ticket_verdict *ret_verdict)
{
    struct ticket ticket;
    ENSURE(state == TICKET_REJECTED || state == TICKET_CLOSED);
    {
        CLEANUP(store_rollback) struct store_tx tx = {0};
        TRY(ticket_load(desk, &tx, staff, id, &ticket, ret_verdict));
        if (*ret_verdict != TICKET_OK) return OK;
        enum recovery_way way;
        if (ticket.account != 0) TRY(ticket_revoke_account(desk, &tx, &ticket, staff));
        else TRY(recovery_settle(desk, ticket.tid, ticket.operator_id, false, &way));
        ticket.state = state;
        TRY(ticket_store(desk, &ticket));
        TRY(ticket_add_event(desk, &tx, &ticket, ticket_actor_of(staff).text,
                             state == TICKET_REJECTED ? "rejected" : "closed", reason));
        TRY(store_commit(&tx));
    }
    desk_changed(desk, DESK_TICKETS);
    return ticket_deliver(desk, ticket.tid);
}

/* An open one ends; an approved one that was given up waits for another request. */
static void settle_unfinished(struct ticket *ticket, bool recovered)
{
    bool begun = ticket->approvals > 0 || ticket->right > 0 || ticket->origin != TICKET_BY_TERMINAL;
    ticket->state = recovered || !begun ? TICKET_CLOSED : TICKET_OPEN;
    ticket->delivery = TICKET_UNDELIVERED;
    ticket->challenge.len = 0;
}

err ticket_settle(struct desk *desk, struct store_tx *tx, const char *tid, const char *operator_id,
                  bool recovered)
{
    struct ticket ticket;
    TRY(ticket_current(desk, tid, operator_id, &ticket));
    if (ticket.id == 0) return OK;
    /* A sheet is no matter of who stands at the terminal and gives up another way. */
    if (!recovered && ticket.challenge.way == RECOVERY_REISSUE) return OK;
    if (recovered && ticket.state == TICKET_APPROVED) {
        ticket.state = TICKET_DONE;
        ticket.delivery = TICKET_VERIFIED;
    } else {
        settle_unfinished(&ticket, recovered);
    }
    TRY(ticket_store(desk, &ticket));
    TRY(ticket_add_event(desk, tx, &ticket, "terminal",
                         ticket.state == TICKET_DONE ? "verified"
                         : recovered                 ? "in_by_another_way"
                                                     : "given_up",
                         BYTES("")));
    desk_changed(desk, DESK_TICKETS);
    return OK;
}
