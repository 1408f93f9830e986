/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * chat: online customer service (S42). The owner writes in the console, the desk answers in the
 * ticket, and both stand in the ticket's one timeline beside what was done about it: the same
 * ticket, with the same questions, approvals and delivery as a call. A message is an event of kind
 * owner_says or desk_says; like every event it is never changed.
 *
 * A message is a line of at most CHAT_TEXT_MAX bytes. What looks like a card number is masked
 * before it is stored (S65), also with blanks or hyphens between its digits. What looks like a
 * password or a code is not taken at all, from neither side: digits alone, or digits beside a word
 * for it. The 11 digits of an offline challenge are no secret and pass.
 */

#include "backoffice/desk/tickets.h"

enum {
    CHAT_TEXT_MAX = TICKET_TEXT_MAX, /* bytes: 130 Chinese characters */
    CHAT_IN_MINUTE = 10,             /* messages of one side in one ticket */
    CHAT_IN_TICKET = 300,            /* of both */
    CHAT_NEW_IN_DAY = 5,             /* tickets of one merchant that began as a chat */
    CHAT_LISTED_MAX = 20,
};

enum chat_verdict {
    CHAT_OK = 0,
    CHAT_NOT_FOUND, /* no such terminal or chat, or somebody else's */
    CHAT_OVER,
    CHAT_EMPTY,
    CHAT_LONG,
    CHAT_SECRET, /* looks like a password or a code */
    CHAT_TOO_FAST,
    CHAT_TOO_MANY,
    CHAT_VERDICTS,
};

/* "too_fast": for the page. Never NULL. */
const char *chat_verdict_name(enum chat_verdict verdict);

/* Who writes from a console: the account's merchant, and its only outlet (0: all of them). */
struct chat_owner {
    int64_t id;
    char login[DESK_NAME_MAX + 1], mid[16];
    uint32_t outlet;
};

/* Begins a chat about a terminal and an operator, or joins the ticket that is open for them. */
MUST_USE err chat_open(struct desk *desk, const struct chat_owner *owner, struct bytes tid,
                       struct bytes operator_id, struct bytes text, enum chat_verdict *ret_verdict,
                       int64_t *ret_ticket);
MUST_USE err chat_owner_says(struct desk *desk, const struct chat_owner *owner, int64_t ticket,
                             struct bytes text, enum chat_verdict *ret_verdict);
MUST_USE err chat_desk_says(struct desk *desk, const struct desk_staff *staff, int64_t ticket,
                            struct bytes text, enum chat_verdict *ret_verdict);

/* A ticket that this owner has, or may have, a chat in. NOT_FOUND also when it is not theirs. */
MUST_USE err chat_find(struct desk *desk, const struct chat_owner *owner, int64_t ticket,
                       struct ticket *ret_ticket);
bool chat_may_see(struct desk *desk, const struct chat_owner *owner, const struct ticket *ticket);

/* Whose word an event of the timeline is for an owner's eyes; what is the desk's alone is HIDDEN.
 */
enum chat_side { CHAT_HIDDEN, CHAT_OF_OWNER, CHAT_OF_DESK, CHAT_STEP };
enum chat_side chat_side_of(const struct ticket_event *event);
