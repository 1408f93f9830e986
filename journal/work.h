/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * work: what people do about work items (close.h). An item is given to somebody, notes are written
 * to it, and it is closed with a reason. Steps are appended and never changed; how an item stands
 * is the fold of them. The table itself refuses a step for an item that there is not or that is
 * closed, a close without a reason, and a step of nobody.
 */

#include "lib/store/migrate.h"

/* Apply it after journal_close_schema, to the same store. */
extern const struct store_schema journal_work_schema;

/* On disk: added to, never renumbered. */
enum work_action {
    WORK_ASSIGN = 1, /* text: to whom */
    WORK_NOTE = 2,
    WORK_CLOSE = 3, /* text: the reason */
    WORK_ACTIONS,
};

enum { WORK_ACTOR_MAX = 40, WORK_TEXT_MAX = 400 };

struct journal_work {
    int64_t number;
    int64_t item;
    int64_t at_ms;
    enum work_action action;
    char actor[WORK_ACTOR_MAX + 1];
    char text[WORK_TEXT_MAX + 1];
};

/* How an item stands. */
struct work_state {
    bool closed;
    int64_t steps;
    char assignee[WORK_TEXT_MAX + 1]; /* empty: nobody has it */
    char reason[WORK_TEXT_MAX + 1];   /* of the close */
};

/* "assign". Never NULL. */
const char *work_action_name(enum work_action action);

/* DENIED: there is no such item, or it is closed; RANGE: a text or actor is missing. */
MUST_USE err journal_work_append(struct store_tx *tx, const struct journal_work *work);

/* The steps of an item from number `from` on, at most `max`. */
MUST_USE err journal_work_read(struct store *store, int64_t item, int64_t from,
                               struct journal_work *rows, size_t max, size_t *ret_count);

MUST_USE err journal_work_state(struct store *store, int64_t item, struct work_state *out);
