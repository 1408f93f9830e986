/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a payment, as a table of state and event. */
#include "payment/lifecycle.h"

#define GO(state, effect)                        \
    {                                            \
        PAYMENT_##state, PAYMENT_EFFECT_##effect \
    }

/* clang-format off */
static const struct payment_step step[PAYMENT_STATES][PAYMENT_EVENTS] = {
    [PAYMENT_CREATED] = {
        [PAYMENT_SUBMIT]       = GO(PENDING,   SEND_REQUEST),
        [PAYMENT_ADVISE]       = GO(OFFLINE,   SEND_ADVICE),
        [PAYMENT_COLLECT]      = GO(APPROVED,  TELL),
    },
    [PAYMENT_PENDING] = {
        [PAYMENT_APPROVE]      = GO(APPROVED,  TELL),
        [PAYMENT_DECLINE]      = GO(DECLINED,  TELL),
        [PAYMENT_TIMEOUT]      = GO(REVERSING, SEND_REVERSAL),
        [PAYMENT_REVERSE]      = GO(REVERSING, SEND_REVERSAL),
    },
    [PAYMENT_APPROVED] = {
        [PAYMENT_REVERSE]      = GO(REVERSING, SEND_REVERSAL),
        [PAYMENT_CAPTURE]      = GO(CAPTURED,  NONE),
    },
    [PAYMENT_DECLINED] = {
        /* The terminal did not hear the refusal and asks to reverse: there is nothing to take back. */
        [PAYMENT_REVERSE]      = GO(REVERSED,  TELL),
    },
    [PAYMENT_REVERSING] = {
        /* An answer that comes too late must not bring the payment back to life. */
        [PAYMENT_APPROVE]      = GO(REVERSING, NONE),
        [PAYMENT_DECLINE]      = GO(REVERSING, NONE),
        [PAYMENT_REVERSE]      = GO(REVERSING, TELL),
        [PAYMENT_TIMEOUT]      = GO(REVERSING, SEND_REVERSAL),
        [PAYMENT_REVERSAL_ACK] = GO(REVERSED,  TELL),
    },
    [PAYMENT_REVERSED] = {
        [PAYMENT_APPROVE]      = GO(REVERSED,  NONE),
        [PAYMENT_DECLINE]      = GO(REVERSED,  NONE),
        [PAYMENT_REVERSE]      = GO(REVERSED,  TELL),
        [PAYMENT_REVERSAL_ACK] = GO(REVERSED,  NONE),
    },
    [PAYMENT_CAPTURED] = {
        [PAYMENT_SETTLE]       = GO(SETTLED,   NONE),
    },
    [PAYMENT_OFFLINE] = {
        /* The goods are handed over: there is no way back, only the telling of it. */
        [PAYMENT_ADVISE]       = GO(OFFLINE,   SEND_ADVICE),
        [PAYMENT_TIMEOUT]      = GO(OFFLINE,   SEND_ADVICE),
        [PAYMENT_APPROVE]      = GO(APPROVED,  TELL),
        [PAYMENT_DECLINE]      = GO(DISPUTED,  TELL),
        /* A notice over its hold: no money was promised, and nobody has to decide. */
        [PAYMENT_REFUSE]       = GO(DECLINED,  TELL),
    },
    [PAYMENT_DISPUTED] = {
        [PAYMENT_APPROVE]      = GO(APPROVED,  TELL),
        [PAYMENT_REVERSE]      = GO(REVERSED,  TELL),
    },
};
/* clang-format on */

static const char *const names[PAYMENT_STATES] = {
#define X(name) #name,
    PAYMENT_STATE_LIST(X)
#undef X
};

err payment_step(enum payment_state state, enum payment_event event, struct payment_step *out)
{
    ENSURE(state > PAYMENT_NONE && state < PAYMENT_STATES);
    ENSURE(event < PAYMENT_EVENTS);

    if (step[state][event].next == PAYMENT_NONE) return ERR(STATE);
    *out = step[state][event];
    return OK;
}

bool payment_state_final(enum payment_state state)
{
    return state == PAYMENT_APPROVED || state == PAYMENT_DECLINED || state == PAYMENT_REVERSED ||
           state == PAYMENT_CAPTURED || state == PAYMENT_SETTLED;
}

bool payment_state_paid(enum payment_state state)
{
    return state == PAYMENT_APPROVED || state == PAYMENT_OFFLINE || state == PAYMENT_DISPUTED ||
           state == PAYMENT_CAPTURED || state == PAYMENT_SETTLED;
}

const char *payment_state_name(enum payment_state state)
{
    ENSURE(state < PAYMENT_STATES);
    return names[state];
}
