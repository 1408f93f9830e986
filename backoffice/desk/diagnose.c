/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Remote diagnostics (S184): the desk asks, somebody at the terminal says yes or no, and both stand
 * in the ticket's timeline. A terminal that nobody asked is not believed: its answer belongs to the
 * ticket that asked last and has had none.
 */
#include "backoffice/desk/ticket_internal.h"

/* The ticket of this terminal that waits for an answer, and since when; 0: none does. */
static err find_asking(struct desk *desk, const char *tid, int64_t *ret_ticket, int64_t *ret_at_ms)
{
    struct store_statement *query;
    bool row = false;
    *ret_ticket = *ret_at_ms = 0;
    TRY(store_statement(desk->config.store,
                        "SELECT e.ticket, e.at_ms FROM ticket_event e JOIN ticket t ON t.id ="
                        " e.ticket WHERE t.tid = ? AND e.kind = 'diagnostics_asked' AND NOT"
                        " EXISTS(SELECT 1 FROM ticket_event a WHERE a.ticket = e.ticket AND"
                        " a.number > e.number AND a.kind IN ('diagnostics',"
                        " 'diagnostics_refused')) ORDER BY e.at_ms DESC, e.ticket DESC LIMIT 1",
                        &query));
    store_bind_text(query, bytes_text(tid));
    TRY(store_step(query, &row));
    if (!row) return OK;
    *ret_ticket = store_read_int(query);
    *ret_at_ms = store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

/* The ticket's number is what the question is told by. */
static void tell(struct desk *desk, uint32_t session, const struct ticket *ticket)
{
    struct device_message m = {.tell = DEVICE_DIAGNOSE_TOLD, .challenge_len = 8};
    struct writer w = writer_over(m.challenge, 8);
    write_be(&w, (uint64_t)ticket->id, 8);
    desk_tell(desk, session, &m);
}

err ticket_diagnose(struct desk *desk, const struct desk_staff *staff, int64_t id,
                    enum ticket_verdict *ret_verdict)
{
    struct ticket ticket;
    uint32_t session = 0;
    int64_t asking = 0, at_ms = 0;
    {
        CLEANUP(store_rollback) struct store_tx tx = {0};
        TRY(ticket_load(desk, &tx, staff, id, &ticket, ret_verdict));
        if (*ret_verdict != TICKET_OK) return OK;
        session = ticket.account == 0 ? desk_session_of(desk, ticket.tid) : 0;
        TRY(find_asking(desk, ticket.tid, &asking, &at_ms));
        if (session == 0) *ret_verdict = TICKET_AWAY;
        else if (asking != 0 && desk_now_ms(desk) - at_ms < MINUTE_MS) *ret_verdict = TICKET_LIMIT;
        if (*ret_verdict != TICKET_OK) return OK;
        TRY(ticket_add_event(desk, &tx, &ticket, ticket_actor_of(staff).text, "diagnostics_asked",
                             BYTES("")));
        TRY(ticket_store(desk, &ticket));
        TRY(store_commit(&tx));
    }
    desk_changed(desk, DESK_TICKETS);
    tell(desk, session, &ticket);
    return OK;
}

err ticket_diagnosed(struct desk *desk, struct store_tx *tx, const char *tid, const char *who,
                     const char *kind, const char *detail)
{
    struct ticket ticket;
    char actor[24];
    int64_t id = 0, at_ms = 0;
    TRY(find_asking(desk, tid, &id, &at_ms));
    if (id == 0) return OK;
    TRY(ticket_find(desk, id, &ticket));
    snprintf(actor, sizeof actor, "terminal%s%s", who[0] == '\0' ? "" : " ", who);
    TRY(ticket_add_event(desk, tx, &ticket, actor, kind, bytes_text(detail)));
    if (!ticket_is_over(&ticket)) TRY(ticket_store(desk, &ticket));
    desk_changed(desk, DESK_TICKETS);
    return OK;
}
