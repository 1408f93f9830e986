/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A printed sheet that is lost (S36). The desk makes up an order, two members of staff approve it,
 * the hsm proves it, and the terminal carries it to its vault, which takes it once. What is drawn
 * from it as the new first password is known to vault and hsm alone; the desk writes down that a
 * sheet may be printed (registry/sheet.h), and for which order.
 */
#include "backoffice/desk/cooling.h"
#include "backoffice/desk/recovery.h"
#include "backoffice/desk/ticket_internal.h"
#include "registry/sheet.h"

/* The number counts up with the clock: a vault takes no order that is older than its last one. */
static struct desk_challenge draw_order(struct desk *desk, const struct ticket *ticket)
{
    struct desk_challenge c = {.way = RECOVERY_REISSUE, .len = 16};
    struct writer w = writer_over(c.at, 8);
    write_be(&w, (uint64_t)desk_now_ms(desk), 8);
    random_fill(&desk->config.random, c.at + 8, 8);
    memcpy(c.tid, ticket->tid, sizeof c.tid);
    memcpy(c.operator_id, ticket->operator_id, sizeof c.operator_id);
    return c;
}

err ticket_reissue(struct desk *desk, const struct desk_staff *staff, int64_t id,
                   enum ticket_verdict *ret_verdict)
{
    struct ticket ticket;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(ticket_load(desk, &tx, staff, id, &ticket, ret_verdict));
    if (*ret_verdict == TICKET_OK && ticket.account != 0) *ret_verdict = TICKET_NOT_FOUND;
    if (*ret_verdict != TICKET_OK) return OK;
    const struct desk_challenge order = draw_order(desk, &ticket);
    ticket.reasons |= TICKET_SHEET;
    ticket.risk = TICKET_HIGH;
    TRY(ticket_take_challenge(desk, &tx, &ticket, &order, RECOVERY_SERVICE_MS,
                              ticket_actor_of(staff).text));
    TRY(store_commit(&tx));
    desk_changed(desk, DESK_TICKETS);
    return OK;
}

/* From the second approval on the payout account stands still, as after any help of the desk. */
err ticket_reissue_begins(struct desk *desk, struct store_tx *tx, const struct ticket *ticket)
{
    return cooling_begin(tx, ticket->mid, ticket->tid, ticket->operator_id,
                         desk_now_ms(desk) +
                             cooling_length_ms(ticket->operator_id, RECOVERY_REISSUE));
}

static err add_sheet(struct desk *desk, struct store_tx *tx, const struct ticket *ticket)
{
    struct sheet sheet = {.ticket = ticket->id, .at_ms = desk_now_ms(desk)};
    static_assert(sizeof sheet.challenge == sizeof ticket->challenge.at, "copied whole");
    memcpy(sheet.tid, ticket->tid, sizeof sheet.tid);
    memcpy(sheet.operator_id, ticket->operator_id, sizeof sheet.operator_id);
    memcpy(sheet.challenge, ticket->challenge.at, sizeof sheet.challenge);
    return sheet_add(tx, &sheet);
}

err ticket_reissued(struct desk *desk, struct store_tx *tx, const char *tid,
                    const char *operator_id, bool taken)
{
    struct ticket ticket;
    TRY(ticket_current(desk, tid, operator_id, &ticket));
    bool waits = ticket.id != 0 && ticket.state == TICKET_APPROVED &&
                 ticket.challenge.way == RECOVERY_REISSUE;
    if (!waits) return OK; /* told again */
    ticket.state = taken ? TICKET_DONE : TICKET_CLOSED;
    if (taken) ticket.delivery = TICKET_VERIFIED;
    TRY(ticket_store(desk, &ticket));
    if (taken) TRY(add_sheet(desk, tx, &ticket));
    TRY(ticket_add_event(desk, tx, &ticket, "terminal", taken ? "reissued" : "reissue_refused",
                         BYTES("")));
    desk_changed(desk, DESK_TICKETS);
    return OK;
}
