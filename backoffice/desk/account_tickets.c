/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tickets of console accounts (CR-14, CR-15): somebody has lost password, passkeys, codes and
 * recovery codes. The desk does with it what it does with every ticket; what is its own is here:
 * how one is opened, and what the second approval does. The true owner hears of both at every
 * address there is, before a link can have been used.
 */
#include "backoffice/desk/cooling.h"
#include "backoffice/desk/notices.h"
#include "backoffice/desk/ticket_internal.h"
#include "registry/credential.h"

enum { COOLING_DAYS = 7 }; /* as after any recovery with the desk's help */

/* ---- who is told ---- */

/* A contact that is not taken is the outbox's to audit; the others are told all the same. */
static err tell(struct desk *desk, struct store_tx *tx, struct desk_message *message,
                const struct registry_contact *contact)
{
    message->contact = contact;
    for (int by_mail = 0; by_mail <= 1; by_mail++) {
        message->by_mail = by_mail == 1;
        if ((by_mail ? contact->mail : contact->phone)[0] == '\0') continue;
        err sent = desk->house.send(desk->house.context, tx, message);
        if (sent.code != ERR_BUSY) TRY(sent);
    }
    return OK;
}

static bool same_addresses(const struct registry_contact *a, const struct registry_contact *b)
{
    return strcmp(a->phone, b->phone) == 0 && strcmp(a->mail, b->mail) == 0;
}

/* The account at its own addresses, and every contact of its merchant. */
static err tell_everybody(struct desk *desk, struct store_tx *tx, const struct ticket *ticket,
                          const struct account *account, const char *event)
{
    struct registry_contact own = {.english = account->english}, contact[CONTACTS_MAX];
    struct desk_message message = {.template = DESK_NOTICE,
                                   .mid = account->mid,
                                   .tid = "",
                                   .operator_id = "",
                                   .event = event,
                                   .account = account->login,
                                   .ticket = ticket->number,
                                   .secret = "",
                                   .at_ms = desk_now_ms(desk)};
    size_t count = 0;
    snprintf(own.phone, sizeof own.phone, "%s", account->phone);
    snprintf(own.mail, sizeof own.mail, "%s", account->mail);
    TRY(tell(desk, tx, &message, &own));
    if (account->mid[0] != '\0')
        TRY(registry_contacts(desk->config.registry, bytes_text(account->mid), contact, &count));
    for (size_t i = 0; i < count; i++)
        if (!same_addresses(&contact[i], &own)) TRY(tell(desk, tx, &message, &contact[i]));
    return OK;
}

/* ---- opening ---- */

static enum ticket_verdict may_open(const struct account *a, const struct desk_staff *staff)
{
    if (a->id == staff->id) return TICKET_OWN;
    if (a->status != ACCOUNT_ACTIVE && a->status != ACCOUNT_INVITED) return TICKET_NOT_ACTIVE;
    return a->mail[0] == '\0' ? TICKET_NO_ADDRESS : TICKET_OK;
}

/* What an approval is of: a number that nobody chooses. */
static struct desk_challenge fresh_challenge(struct desk *desk)
{
    struct desk_challenge c = {.way = RECOVERY_MAIL, .len = DESK_CHALLENGE_MAX};
    random_fill(&desk->config.random, c.at, sizeof c.at);
    return c;
}

static err renew(struct desk *desk, struct store_tx *tx, struct ticket *ticket, const char *actor)
{
    const struct desk_challenge challenge = fresh_challenge(desk);
    return ticket_take_challenge(desk, tx, ticket, &challenge, TICKET_ACCOUNT_MS, actor);
}

static err begin(struct desk *desk, struct store_tx *tx, struct ticket *ticket,
                 const struct account *account, const char *actor, struct bytes note)
{
    enum ticket_origin origin = ticket->origin;
    *ticket = (struct ticket){.origin = origin, .account = account->id};
    memcpy(ticket->mid, account->mid, sizeof ticket->mid);
    TRY(ticket_insert(desk, ticket));
    TRY(ticket_add_event(desk, tx, ticket, actor,
                         origin == TICKET_BY_CALL ? "opened_call" : "opened_chat", note));
    TRY(ticket_weigh(desk, ticket));
    TRY(renew(desk, tx, ticket, actor));
    return tell_everybody(desk, tx, ticket, account, "account_ticket");
}

/* A second call: what has expired meanwhile begins anew, and asks for both approvals again. */
static err call_again(struct desk *desk, struct store_tx *tx, struct ticket *ticket,
                      enum ticket_origin origin, const char *actor, struct bytes note)
{
    TRY(ticket_add_event(desk, tx, ticket, actor, origin == TICKET_BY_CALL ? "called" : "chat",
                         note));
    if (ticket->expires_ms > desk_now_ms(desk)) return OK;
    return renew(desk, tx, ticket, actor);
}

err ticket_open_account(struct desk *desk, const struct desk_staff *staff, enum account_kind kind,
                        struct bytes name, enum ticket_origin origin, struct bytes note,
                        enum ticket_verdict *ret_verdict, int64_t *ret_ticket)
{
    struct account account;
    struct ticket ticket;
    const struct ticket_actor actor = ticket_actor_of(staff);
    ENSURE(origin == TICKET_BY_CALL || origin == TICKET_BY_CHAT);
    *ret_verdict = TICKET_NOT_FOUND;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    err found = account_find_login(desk->config.store, kind, name, &account);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    *ret_verdict = may_open(&account, staff);
    if (*ret_verdict != TICKET_OK) return OK;
    TRY(ticket_current_account(desk, account.id, &ticket));
    if (ticket.id != 0) {
        TRY(call_again(desk, &tx, &ticket, origin, actor.text, note));
    } else {
        ticket.origin = origin;
        TRY(begin(desk, &tx, &ticket, &account, actor.text, note));
    }
    TRY(store_commit(&tx));
    *ret_ticket = ticket.id;
    desk_changed(desk, DESK_TICKETS);
    return OK;
}

/* ---- its end ---- */

/* The desk's own line, and for an owner the time in which no money can be led elsewhere. */
static err stand_still(struct desk *desk, struct store_tx *tx, const struct ticket *ticket,
                       const struct account *account)
{
    char detail[NOTICE_DETAIL_MAX + 1];
    snprintf(detail, sizeof detail, "%s %s", account->login, ticket->number);
    TRY(notice_desk(desk, "account_reset", "", detail, false));
    if (account->mid[0] == '\0') return OK;
    TRY(cooling_begin(tx, account->mid, "", "", desk_now_ms(desk) + COOLING_DAYS * DAY_MS));
    return ticket_add_event(desk, tx, ticket, "desk", "cooling", BYTES(""));
}

err ticket_reset_account(struct desk *desk, struct store_tx *tx, struct ticket *ticket,
                         const struct desk_staff *staff)
{
    struct account account;
    const struct ticket_actor actor = ticket_actor_of(staff);
    const struct registry_actor who = {bytes_text(actor.text), desk_now_ms(desk)};
    ENSURE(desk->house.reset_account != NULL && ticket->account != 0);
    TRY(account_find(desk->config.store, ticket->account, &account));
    ticket->state = TICKET_APPROVED;
    ticket->delivery = TICKET_SENT;
    ticket->expires_ms = desk_now_ms(desk) + TICKET_ACCOUNT_LINK_MS;
    TRY(ticket_store(desk, ticket));
    TRY(desk->house.reset_account(desk->house.context, tx, &who, &account, TICKET_ACCOUNT_LINK_MS));
    TRY(ticket_add_event(desk, tx, ticket, "desk", "link_sent", BYTES("")));
    TRY(stand_still(desk, tx, ticket, &account));
    return tell_everybody(desk, tx, ticket, &account, "account_reset");
}

err ticket_revoke_account(struct desk *desk, struct store_tx *tx, const struct ticket *ticket,
                          const struct desk_staff *staff)
{
    const struct ticket_actor actor = ticket_actor_of(staff);
    const struct registry_actor who = {bytes_text(actor.text), desk_now_ms(desk)};
    if (ticket->state != TICKET_APPROVED) return OK;
    return links_revoke(tx, &who, ticket->account);
}

err ticket_account_in(struct desk *desk, struct store_tx *tx, int64_t account)
{
    struct ticket ticket;
    TRY(ticket_current_account(desk, account, &ticket));
    if (ticket.id == 0 || ticket.state != TICKET_APPROVED) return OK;
    ticket.state = TICKET_DONE;
    ticket.delivery = TICKET_VERIFIED;
    TRY(ticket_store(desk, &ticket));
    TRY(ticket_add_event(desk, tx, &ticket, "account", "account_in", BYTES("")));
    desk_changed(desk, DESK_TICKETS);
    return OK;
}
