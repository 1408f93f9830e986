/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From an approval to the terminal. The grant exists between the hsm's answer and the frame: it is
 * asked for when a connection is there, and asked for again on the next one or when the terminal
 * asks how its ticket stands, until its vault has accepted it. So there is nothing to find at the
 * host, and a lost frame, or a terminal that was switched off with the grant, loses nothing.
 */
#include "backoffice/desk/ticket_internal.h"

/* The next decision that this terminal may not know, after ticket `after`; id 0 at the end. */
static err next_decided(struct desk *desk, const char *tid, int64_t after, struct ticket *ticket)
{
    struct store_statement *query;
    bool row = false;
    int64_t id = 0;
    *ticket = (struct ticket){0};
    TRY(store_statement(desk->config.store,
                        "SELECT id FROM ticket WHERE tid = ? AND id > ? AND way IN (3, 5)"
                        " AND expires_ms > ? AND ((state = 4 AND way = 3) OR (state = 2 AND"
                        " delivery IN (1, 2, 3)))"
                        " ORDER BY id LIMIT 1",
                        &query));
    store_bind_text(query, bytes_text(tid));
    store_bind_int(query, after);
    store_bind_int(query, desk_now_ms(desk));
    TRY(store_step(query, &row));
    if (row) id = store_read_int(query);
    err read = row ? store_read_finish(query) : OK;
    store_reset(query);
    if (FAILED(read) || !row) return read;
    return ticket_find(desk, id, ticket);
}

static struct device_message begin(enum device_tell tell, const struct ticket *t)
{
    struct device_message m = {.tell = tell, .challenge_len = t->challenge.len};
    memcpy(m.operator_id, t->operator_id, sizeof m.operator_id);
    memcpy(m.challenge, t->challenge.at, t->challenge.len);
    return m;
}

static void tell_refused(struct desk *desk, uint32_t session, const struct ticket *ticket)
{
    struct device_message m = begin(DEVICE_REFUSED_TOLD, ticket);
    memcpy(m.reason, "desk", sizeof "desk");
    desk_tell(desk, session, &m);
}

static err mark_sent(struct desk *desk, struct ticket *ticket)
{
    if (ticket->delivery >= TICKET_SENT) return OK;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    ticket->delivery = TICKET_SENT;
    TRY(ticket_store(desk, ticket));
    TRY(ticket_add_event(desk, &tx, ticket, "desk", "sent", BYTES("")));
    TRY(store_commit(&tx));
    desk_changed(desk, DESK_TICKETS);
    return OK;
}

static err tell_grant(struct desk *desk, uint32_t session, struct ticket *ticket)
{
    CLEANUP(desk_proof_wipe) struct desk_proof proof = {0};
    err proved = desk->ports.prove(desk->ports.context, &ticket->challenge, &proof);
    if (FAILED(proved)) { /* stays queued: the next connection tries again */
        log_event(desk->config.log, LOG_ERROR, "recovery_hsm", LOG_ERR(proved));
        return OK;
    }
    TRY(mark_sent(desk, ticket));
    struct device_message m =
        begin(ticket->challenge.way == RECOVERY_REISSUE ? DEVICE_REISSUE_TOLD : DEVICE_GRANT_TOLD,
              ticket);
    memcpy(m.grant, proof.grant, sizeof m.grant);
    desk_tell(desk, session, &m);
    explicit_bzero(&m, sizeof m);
    return OK;
}

err ticket_deliver(struct desk *desk, const char *tid)
{
    struct ticket ticket = {0};
    uint32_t session = desk_session_of(desk, tid);
    if (session == 0) return OK;
    for (;;) {
        TRY(next_decided(desk, tid, ticket.id, &ticket));
        if (ticket.id == 0) return OK;
        if (ticket.state == TICKET_REJECTED) tell_refused(desk, session, &ticket);
        else TRY(tell_grant(desk, session, &ticket));
    }
}

err ticket_acknowledge(struct desk *desk, struct store_tx *tx, const char *tid,
                       const char *operator_id)
{
    struct ticket ticket;
    TRY(ticket_current(desk, tid, operator_id, &ticket));
    if (ticket.id == 0 || ticket.delivery != TICKET_SENT) return OK;
    ticket.delivery = TICKET_ACKNOWLEDGED;
    TRY(ticket_store(desk, &ticket));
    desk_changed(desk, DESK_TICKETS);
    return ticket_add_event(desk, tx, &ticket, "terminal", "acknowledged", BYTES(""));
}
