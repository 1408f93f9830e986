/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * hand: the customer's hand: it holds the virtual chip cards, puts one into the slot, holds one to
 * the field, and takes it away. Questions and answers are JSON:
 *
 *   {"ask":"chips"}                  the cards, to be drawn; "reader" says whether there is a
 * reader to put them into, "why" why not, "inserted" and "tapped" which is where
 *   {"ask":"insert","card":NAME}     into the slot; it stays there
 *   {"ask":"tap","card":NAME}        to the field, for HAND_TAP_MS
 *   {"ask":"remove"}                 away from both
 *   {"ask":"answers"}                "answered_us": when cards answered last, at most HAND_TIMES of
 *                                    them, by the monotonic clock of this machine; for `bench`
 *
 * An error is {"error":"..."}. A card is issued when it is first taken, and remembers (its
 * transaction counter, tries, what scripts did to it) for as long as this lives.
 */

#include "lib/base/clock.h"
#include "lib/wire/loop.h"
#include "simulators/cards/card.h"
#include "simulators/cards/plug.h"

enum {
    HAND_TAP_MS = 5000, /* a reader looks every 0.4 s, and a tap takes a second at most */
    HAND_TIMES = 64,    /* a payment has thirty commands */
    HAND_QUESTION_MAX = 512,
    HAND_ANSWER_MAX = 32 << 10,
};

struct hand;

struct hand_options {
    struct loop *loop;
    struct clock clock;
    struct random random;
    struct crypto *crypto;
    struct plug *plug;            /* NULL: there is no reader */
    const struct text2 *why_none; /* then: why */
};

/* What options point to outlives it. Errors: NO_MEMORY. */
MUST_USE err hand_open(const struct hand_options *options, struct hand **ret_hand);
void hand_close(struct hand *hand); /* NULL is allowed; before its loop */

/* The answer is a view that lives until the next call. Errors: FULL. */
MUST_USE err hand_answer(struct hand *hand, struct bytes question, struct bytes *ret_answer);
