/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * inquiry: 余额查询 (S101), what a card has left. It goes the way of a payment through hsm and
 * network, and leaves nothing behind: no row of the journal, no memory of its key. One without an
 * answer is refused (98) and not reversed, for there is nothing to take back.
 */

#include "acquirer/host.h"

static inline bool inquiry_is(const struct task *task)
{
    return !payment_moves(task->payment.type);
}

/* The hsm has opened it (`code` NULL), or not. */
MUST_USE err inquiry_accepted(struct acquirer *a, struct task *task, const char *code,
                              const struct hsm_accept_answer *answer);
/* The network's answer is its own. */
MUST_USE err inquiry_answered(struct acquirer *a, struct task *task);
/* There is none, or none of use. */
MUST_USE err inquiry_unanswered(struct acquirer *a, struct task *task);
