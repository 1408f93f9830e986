/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The life of one payment. The terminal and the acquirer walk the same table.
 *
 *   CREATED -> PENDING -> APPROVED -> CAPTURED -> SETTLED
 *                 |           |
 *                 |           +--(reverse)---+
 *                 +--(no answer)--> REVERSING +--> REVERSED
 *                 +--> DECLINED
 *
 * A chip card may approve by itself, without the host; then there is no request, and what the card
 * has said is told afterwards, until it has been heard:
 *
 *   CREATED -> OFFLINE --(advice acknowledged)--> APPROVED
 *                 +--(the issuer refuses it)--> DISPUTED, for a person: -> APPROVED or REVERSED
 *                 +--(at the terminal: the host says that it is of no hold)--> DECLINED
 *
 * The notice of a completion (预授权完成通知) walks the same way: it is told, not asked.
 *
 * At the host a refund or void by code never turns back, because no wallet can take it back:
 * without an answer it stays PENDING, and the wallet is asked until it is APPROVED or DECLINED.
 *
 * Cash is decided at the counter: nobody is asked, and nobody is told.
 *
 *   CREATED -> APPROVED
 *
 * payment_step() is pure. The caller first stores the new state, then performs the effect: a
 * crash between the two repeats an effect and never forgets one. Every effect is therefore
 * safe to repeat.
 */

#include "lib/base/err.h"

#define PAYMENT_STATE_LIST(X) \
    X(NONE)                   \
    X(CREATED)                \
    X(PENDING)                \
    X(APPROVED)               \
    X(DECLINED)               \
    X(REVERSING)              \
    X(REVERSED)               \
    X(CAPTURED)               \
    X(SETTLED)                \
    X(OFFLINE)                \
    X(DISPUTED)

enum payment_state {
#define X(name) PAYMENT_##name, /* NONE is also what an unwritten table entry says: not allowed */
    PAYMENT_STATE_LIST(X)
#undef X
        PAYMENT_STATES,
};

enum payment_event {
    PAYMENT_SUBMIT,
    PAYMENT_APPROVE,
    PAYMENT_DECLINE,
    PAYMENT_TIMEOUT, /* no definitive answer in time, or the link broke, or the answer's MAC is bad
                      */
    PAYMENT_REVERSE, /* the other side asks for it: a 0400 at the host */
    PAYMENT_REVERSAL_ACK,
    PAYMENT_CAPTURE,
    PAYMENT_SETTLE,
    PAYMENT_ADVISE,  /* it is told, not asked: the card has approved, or its hold covers it */
    PAYMENT_COLLECT, /* cash has changed hands */
    PAYMENT_REFUSE,  /* a notice that the host will not take, for good */
    PAYMENT_EVENTS,
};

enum payment_effect {
    PAYMENT_EFFECT_NONE,
    PAYMENT_EFFECT_SEND_REQUEST,
    PAYMENT_EFFECT_SEND_REVERSAL,
    PAYMENT_EFFECT_SEND_ADVICE, /* again and again, until it is acknowledged */
    PAYMENT_EFFECT_TELL, /* cardholder and cashier at the terminal, the terminal at the host */
};

struct payment_step {
    enum payment_state next;
    enum payment_effect effect;
};

/* Errors: STATE, the event is not allowed in this state. */
MUST_USE err payment_step(enum payment_state state, enum payment_event event,
                          struct payment_step *out);

/* True when no further event is needed for the money to be decided. */
bool payment_state_final(enum payment_state state);

/* True when the goods are handed over: approved, by the host or by the card alone. */
bool payment_state_paid(enum payment_state state);

/* "APPROVED". Never NULL. */
const char *payment_state_name(enum payment_state state);
