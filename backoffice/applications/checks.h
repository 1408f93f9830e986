/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * checks: what others are asked about what was sent (S132, S133): does this name belong to this
 * identity and telephone (three elements), and to this account (four)? An account of a business is
 * asked for with the business's name and its licence, never with the number of the person who
 * represents it. Through a port: a driver
 * asks whoever answers for it. Without a driver every check is UNKNOWN, and the person who reviews
 * has to look by himself: nothing is ever called right that nobody has said to be.
 *
 * Persist, then act: that a check is asked is committed before the driver hears of it. What has no
 * answer in time is asked again, three times in all, and is then UNKNOWN. A late or doubled answer
 * is passed over. When all have ended the application goes to REVIEW.
 */

#include "backoffice/applications/application.h"

enum check_kind { CHECK_IDENTITY = 1, CHECK_ACCOUNT = 2, CHECK_KINDS = 3 }; /* stored */

enum check_state { /* stored */
                   CHECK_WAITS = 1,
                   CHECK_ASKED = 2,
                   CHECK_RIGHT = 3,
                   CHECK_WRONG = 4,
                   CHECK_UNKNOWN = 5, /* nobody could say */
                   CHECK_STATES = 6,
};

enum { CHECK_TRIES = 3, CHECK_ANSWER_MS = 30000, CHECK_NUMBER_MAX = 24 };

/* Views that end with the call; secrets among them. */
struct check_question {
    const char *number; /* names this try: "17-1-2", and comes back with the answer */
    enum check_kind kind;
    const char *name, *identity, *phone, *account; /* account: of CHECK_ACCOUNT */
    const char *licence; /* not NULL: the holder is a business, and this is its document */
};

struct check_row {
    enum check_kind kind;
    enum check_state state;
    int64_t tries, at_ms; /* at_ms: of its last change */
};

extern const struct store_schema checks_schema;

const char *check_kind_word(enum check_kind kind);
const char *check_state_word(enum check_state state);
const char *check_kind_text(enum check_kind kind, bool english);
const char *check_state_text(enum check_state state, bool english);

MUST_USE err checks_of(struct store *store, int64_t application,
                       struct check_row ret_rows[CHECK_KINDS], size_t *ret_count);

/* In the transaction that made it SENT, or of a recheck: it goes to CHECKING, and without a driver
 * through it. */
MUST_USE err checks_begin(const struct applications *applications, struct store_tx *tx,
                          struct application *application);

/* `outcome`: RIGHT, WRONG or UNKNOWN. */
MUST_USE err checks_on_answer(const struct applications *applications, const char *number,
                              enum check_state outcome);

/* Asks what waits, and gives up what has waited too long. Outside of any transaction. */
MUST_USE err checks_run(const struct applications *applications);
