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

/* number, name, word of a step and the event that it is */
#define REVIEW_STEP_LIST(X)                      \
    X(0, NOTE, "note", LIFE_NOTE)                \
    X(1, RECHECK, "recheck", LIFE_RECHECK)       \
    X(2, AGREE, "approve", LIFE_PROPOSE_APPROVE) \
    X(3, REFUSE, "reject", LIFE_PROPOSE_REJECT)  \
    X(4, RETURN, "return", LIFE_SEND_BACK)       \
    X(5, DECIDE, "decide", LIFE_APPROVE)

enum review_step {
#define X(number, name, word, event) REVIEW_##name = number,
    REVIEW_STEP_LIST(X)
#undef X
        REVIEW_STEPS,
};

const char *review_step_word(enum review_step step);

/* What the step would be refused with now, a reason apart; OK: it may be taken. */
MUST_USE err review_may(const struct applications *applications,
                        const struct application *application, const struct reviewer *reviewer,
                        enum review_step step, enum application_verdict *ret_verdict);

/* The mark of a member of staff's own identity, so that his own application is known. */
MUST_USE err review_set_mark(struct store_tx *tx, int64_t account,
                             const uint8_t mark[TOKEN_HASH_BYTES]);
