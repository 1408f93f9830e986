/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * message: what is to be written to which members, and when (S152). Only decided here: rows that
 * wait; the back office renders the text, opens the sealed telephone and sends.
 *
 * A member is written to only while he agrees to messages, looked at when it is planned and again
 * when it is taken for sending; outside the programme's quiet hours; and not more often than the
 * programme's messages a week, all campaigns together. Each message carries a token by which he
 * takes his consent back without logging in.
 */

#include "loyalty/loyalty.h"

enum {
    LOYALTY_MESSAGE_TEXT_MAX = 32, /* the name of a text, not the text */
    LOYALTY_UNSUBSCRIBE_LEN = 24,  /* 120 bits */
};

/* Who. What is 0 does not matter; all that does must hold. */
struct loyalty_segment {
    uint32_t tiers;           /* bit n: tier n */
    int64_t visited_from_ms;  /* has bought at or after this */
    int64_t not_since_ms;     /* has not bought at or after this */
    int64_t birth_month;      /* 1 to 12 */
    int64_t spent_from_minor; /* in the 365 days before, less refunds */
};

struct loyalty_message_plan {
    struct bytes merchant, key; /* of this plan: a repeat plans nothing more */
    struct bytes text;          /* 1 to LOYALTY_MESSAGE_TEXT_MAX */
    struct loyalty_segment segment;
    int64_t at_ms;
};

/*
 * Writes a waiting message for each member of the segment who agrees, has a telephone and has not
 * had his week's number. DONE or REPEATED with how many; NOBODY (nothing is planned, the key stays
 * free); NO_PROGRAMME.
 */
MUST_USE err loyalty_message_plan(struct store *store, const struct random *random,
                                  const struct loyalty_message_plan *plan,
                                  enum loyalty_verdict *ret_verdict, int64_t *ret_count);

struct loyalty_message {
    int64_t id;
    char merchant[LOYALTY_MERCHANT_MAX + 1], member[LOYALTY_ID_LEN + 1];
    char text[LOYALTY_MESSAGE_TEXT_MAX + 1], token[LOYALTY_UNSUBSCRIBE_LEN + 1];
};

/*
 * Takes the next message that is due, and marks it as handed over: persisted before it is sent, so
 * that a crash loses one rather than sending it twice. *ret_found is false when none is due. One
 * whose member has taken his consent back is dropped; one whose hour has become a quiet one waits.
 */
MUST_USE err loyalty_message_take(struct store *store, int64_t at_ms, bool *ret_found,
                                  struct loyalty_message *out);

/* Withdraws the consent to messages. DONE, REPEATED, NO_MEMBER (no such token). */
MUST_USE err loyalty_unsubscribe(struct store *store, struct bytes token, int64_t at_ms,
                                 enum loyalty_verdict *ret_verdict);
