/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of the tickets share. */

#include <stdio.h>

#include "backoffice/desk/desk_internal.h"
#include "backoffice/desk/tickets.h"

/* One line of the timeline and its audit record, in the caller's transaction. */
MUST_USE err ticket_add_event(struct desk *desk, struct store_tx *tx, const struct ticket *ticket,
                              const char *actor, const char *kind, struct bytes detail);

/* "staff 7 王敏": who stands in the timeline. */
struct ticket_actor {
    char text[DESK_ACTOR_MAX];
};
struct ticket_actor ticket_actor_of(const struct desk_staff *staff);

/* Computes the risk anew and writes it when it has risen. */
MUST_USE err ticket_weigh(struct desk *desk, struct ticket *ticket);

/* Writes state, delivery and challenge as they stand in `ticket`. */
MUST_USE err ticket_store(struct desk *desk, struct ticket *ticket);

/* The ticket of this device and operator that is open or approved; id 0 when there is none. */
MUST_USE err ticket_current(struct desk *desk, const char *tid, const char *operator_id,
                            struct ticket *ret_ticket);

/* The newest one of this device and operator, over or not; id 0 when there is none. */
MUST_USE err ticket_latest(struct desk *desk, const char *tid, const char *operator_id,
                           struct ticket *ret_ticket);

/* Begins one in the caller's transaction; fills id and number. */
MUST_USE err ticket_insert(struct desk *desk, struct ticket *ticket);

/* The challenge changes: what was approved was the old one. */
MUST_USE err ticket_take_challenge(struct desk *desk, struct store_tx *tx, struct ticket *ticket,
                                   const struct desk_challenge *challenge, int64_t length_ms,
                                   const char *actor);

/* The ticket of this console account that is open or approved; id 0 when there is none. */
MUST_USE err ticket_current_account(struct desk *desk, int64_t account, struct ticket *ret_ticket);

/* Twice approved: the account begins anew, by a link to its own address. */
MUST_USE err ticket_reset_account(struct desk *desk, struct store_tx *tx, struct ticket *ticket,
                                  const struct desk_staff *staff);

/* It has ended without the person: a link that was sent is void. */
MUST_USE err ticket_revoke_account(struct desk *desk, struct store_tx *tx,
                                   const struct ticket *ticket, const struct desk_staff *staff);

/* Right answers that it needs as its risk is now. */
unsigned ticket_right_needed(const struct ticket *ticket);

/* The open ticket of this device and operator, or a new one: one person, one ticket. In the
 * caller's transaction; `note` stands in its timeline. */
MUST_USE err ticket_join(struct desk *desk, struct store_tx *tx,
                         const struct registry_terminal *terminal, const char *operator_id,
                         enum ticket_origin origin, const char *actor, struct bytes note,
                         struct ticket *ret_ticket);

/* A ticket that may still be worked on, by anybody but whose account it is (`staff` NULL: an
 * owner); begins the transaction. */
MUST_USE err ticket_load(struct desk *desk, struct store_tx *tx, const struct desk_staff *staff,
                         int64_t id, struct ticket *ticket, enum ticket_verdict *verdict);

/* It has ended: nothing about it changes any more. */
static inline bool ticket_is_over(const struct ticket *ticket)
{
    return ticket->state >= TICKET_DONE;
}
