/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * follow: may this payment follow that one (S94, S95, S98, S99)?
 *
 * A void, refund, completion and so on is a payment of its own, with an original. What has become
 * of an original is nowhere written down: it is a fold of the payments that name it, its trail. The
 * acquirer decides by the same rules by which a terminal tells its cashier beforehand. Pure.
 */

#include "payment/kind.h"

/* What has followed an original, approved or not yet decided: an undecided one may have happened.
 */
struct payment_trail {
    int64_t given_minor;  /* refunds */
    int64_t raised_minor; /* additions to a hold */
    /* Of the host alone: what its network or issuer asks back in disputes that are not won. */
    int64_t disputed_minor;
    bool voided;    /* or a hold cancelled */
    bool captured;  /* a hold completed */
    bool under_way; /* one of them is not decided */
    bool full; /* there are more than anybody looks at: what is above is not all, nothing follows */
};

/* Does a payment in this state count for its original? */
bool payment_follows(enum payment_state state);

/* Adds one payment with its last state. */
void payment_trail_add(struct payment_trail *trail, enum payment_type type,
                       enum payment_state state, int64_t amount_minor);

/* What is left to refund of an original. */
int64_t payment_trail_left(const struct payment_trail *trail, const struct payment *original);

/* The whole of a hold with what was added to it; of any other original its amount. */
int64_t payment_trail_whole(const struct payment_trail *trail, const struct payment *original);

/*
 * The response code with which `payment` is refused, or NULL when it may follow. `original` is the
 * payment found, in its last state; `batch` the terminal's open one; `now_ms` by the clock that
 * gave original->created_ms. Of the card only tokens are compared, when both are known.
 */
const char *payment_follow_refusal(const struct payment *payment, const struct payment *original,
                                   const struct payment_trail *trail, uint32_t batch,
                                   int64_t now_ms);
