/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cooling: for a while after somebody got in without his password, the account that the money goes
 * to may not be changed (S44). Who steals a telephone and recovers the supervisor gains nothing
 * that cannot be undone before the owner has read the notice.
 *
 *   supervisor or administrator, or with help of the desk    7 days
 *   anybody else                                             72 hours
 *
 * A recovery that is under way counts already: a code that was sent may be in use.
 *
 * Whoever changes a payout account asks cooling_check() inside the transaction of the change.
 */

#include "lib/store/store.h"

enum cooling_reason {
    COOLING_NONE = 0,
    COOLING_RECOVERED = 1, /* an operator of this merchant recovered */
    COOLING_UNDER_WAY = 2, /* somebody is at it now */
};

struct cooling_verdict {
    enum cooling_reason reason; /* NONE: the change is allowed */
    int64_t until_ms;           /* it will be allowed then */
    char tid[9], operator_id[3];
};

/* How long after a recovery, by who recovered and how. `way` is an enum recovery_way of desk.h. */
int64_t cooling_length_ms(const char *operator_id, int way);

/* Begins or lengthens it; it is never made shorter. */
MUST_USE err cooling_begin(struct store_tx *tx, const char *mid, const char *tid,
                           const char *operator_id, int64_t until_ms);

MUST_USE err cooling_check(struct store *store, const char *mid, int64_t now_ms,
                           struct cooling_verdict *ret_verdict);

/* One sentence for the person who is refused. Never NULL. */
const char *cooling_reason_text(enum cooling_reason reason, bool english);

/* A change of the payout account is asked for, or settled: the desk then looks twice. */
MUST_USE err cooling_change_asked(struct store_tx *tx, const char *mid, int64_t at_ms);
MUST_USE err cooling_change_settled(struct store_tx *tx, const char *mid);
MUST_USE err cooling_change_pending(struct store *store, const char *mid, bool *ret_pending);
