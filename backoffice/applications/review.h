/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * review: two people decide (S133, S136). One of the staff calls the applicant, writes down what
 * was said, and says what he would do; an approver who is somebody else agrees or does not. Sending
 * it back to be corrected takes one. Nobody looks at an application that is his own: that he has
 * entered, with his own telephone, or of his own identity, as far as that is known.
 */

#include "backoffice/applications/checks.h"

struct reviewer {
    int64_t account;
    unsigned roles;      /* enum account_role */
    const char *subject; /* "staff li.wei" */
    const char *phone;   /* of the account; "" when there is none */
};

MUST_USE err review_note(const struct applications *applications, struct store_tx *tx,
                         struct application *application, const struct reviewer *reviewer,
                         struct bytes text, enum application_verdict *ret_verdict);

/* The first look. A note since it was sent is needed, and to approve with a check that was wrong,
 * one since that was known. A rejection has a reason. */
MUST_USE err review_propose(const struct applications *applications, struct store_tx *tx,
                            struct application *application, const struct reviewer *reviewer,
                            enum application_opinion opinion, enum application_reason reason,
                            enum application_verdict *ret_verdict);

/* The second look: what the first has proposed is done, or the first look is asked for anew. */
MUST_USE err review_decide(const struct applications *applications, struct store_tx *tx,
                           struct application *application, const struct reviewer *reviewer,
                           bool agrees, struct bytes note, enum application_verdict *ret_verdict);

/* A reason that can be mended. `note` may be empty; the applicant reads it. */
MUST_USE err review_send_back(const struct applications *applications, struct store_tx *tx,
                              struct application *application, const struct reviewer *reviewer,
                              enum application_reason reason, struct bytes note,
                              enum application_verdict *ret_verdict);

MUST_USE err review_recheck(const struct applications *applications, struct store_tx *tx,
                            struct application *application, const struct reviewer *reviewer,
                            enum application_verdict *ret_verdict);

/* The mark of a member of staff's own identity, so that his own application is known. */
MUST_USE err review_set_mark(struct store_tx *tx, int64_t account,
                             const uint8_t mark[TOKEN_HASH_BYTES]);
