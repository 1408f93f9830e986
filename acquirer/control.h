/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * control: what people's programs order about money that is no payment (lib/wire/
 * acquirer_protocol.h). Each command is judged, becomes a money order in the transaction of the
 * group with a record of the audit chain beside it, and is answered when both are on disk.
 * Private to this folder.
 */

#include "acquirer/host.h"
#include "journal/order.h"
#include "lib/wire/acquirer_protocol.h"

/* A command under judgement. */
struct control {
    const struct acquirer_request *request;
    struct journal_order order; /* filled from the request; completed by the judge */
    enum acquirer_status status;
    int64_t number, amount_minor, fee_minor;
    char detail[ACQUIRER_DETAIL_MAX + 1];
};

/* Decides `c->status`, with a clause for a person. */
void control_say(struct control *c, enum acquirer_status status, const char *format, ...)
    PRINTF(3, 4);

/* Not the journal: a store that others write, and whose fault stops no payments. */
void control_unreadable(struct control *c, const char *which, err why);

/* Appends the order and its audit record. */
MUST_USE err control_order(struct acquirer *a, struct journal_order *order);

/* payout.c: how much is due, to which account, and whether it may be paid now. */
MUST_USE err payout_judge(struct acquirer *a, struct control *c);

/* Gives back the money of holds that nobody has decided about by their deadline. */
MUST_USE err control_expire(struct acquirer *a, int64_t now_ms);

void control_close(struct acquirer *a);

/* A line of text, or it is said to be missing. */
bool control_line(struct control *c, const char *name, struct bytes from, char *to, size_t size);
/* A record of the chain in journal.db, in the transaction of the group. */
MUST_USE err control_audit(struct acquirer *a, struct bytes actor, const char *event,
                           const char *subject, const char *detail);

/* dispute.c: disputes, and payments that their issuer will not pay. */
bool dispute_knows(uint8_t command);
MUST_USE err dispute_asked(struct acquirer *a, uint8_t command, struct control *c);
/* Takes the money of disputes that nobody has answered in time. */
MUST_USE err dispute_expire(struct acquirer *a);

/* work.c: commands about work items, a network's file and what it pays. `r` is behind the header.
 */
bool work_knows(uint8_t command);
MUST_USE err work_asked(struct acquirer *a, uint8_t command, struct reader *r, struct control *c);

/* network.c: what a network has paid for a day. `r` is behind the header. */
MUST_USE err network_settled(struct acquirer *a, struct reader *r, struct control *c);
