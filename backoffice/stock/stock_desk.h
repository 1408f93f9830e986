/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * stock_desk: what the people of the stock see: terminals by state and by what is searched for, and
 * of one terminal each step with why it may not be taken by who asks. The page decides nothing. A
 * step that may be taken here can still be refused: it is looked at again when it is taken.
 */

#include "backoffice/stock/replacement.h"

/* name, word, what of the table of lives it is (0: none of it), who may */
#define STOCK_STEP_LIST(X)                                                \
    X(ASSIGN, "assign", STOCK_DOES_ASSIGN, STOCK_KEEPERS)                 \
    X(UNASSIGN, "unassign", STOCK_DOES_UNASSIGN, STOCK_KEEPERS)           \
    X(PACK, "pack", STOCK_DOES_PACK, STOCK_KEEPERS)                       \
    X(UNPACK, "unpack", STOCK_DOES_UNPACK, STOCK_KEEPERS)                 \
    X(SHIP, "ship", STOCK_DOES_SHIP, STOCK_KEEPERS)                       \
    X(DELIVER, "deliver", STOCK_DOES_DELIVER, STOCK_KEEPERS)              \
    X(CODE, "code", 0, STOCK_KEEPERS)                                     \
    X(RETURN, "return", STOCK_DOES_RETURN, STOCK_KEEPERS)                 \
    X(RESTOCK, "restock", STOCK_DOES_RESTOCK, STOCK_KEEPERS)              \
    X(SCRAP, "scrap", STOCK_DOES_SCRAP, ROLE_ADMIN)                       \
    X(REPLACE, "replace", STOCK_DOES_REPLACE, STOCK_KEEPERS)              \
    X(APPROVE, "approve", STOCK_DOES_REPLACE, ROLE_APPROVER | ROLE_ADMIN) \
    X(REFUSE, "refuse", STOCK_DOES_REPLACE, ROLE_APPROVER | ROLE_ADMIN)   \
    X(RELEASE, "release", STOCK_DOES_RELEASE, ROLE_APPROVER | ROLE_ADMIN) \
    X(PRINT, "print", 0, STOCK_KEEPERS)

#define STOCK_KEEPERS (ROLE_AGENT | ROLE_ADMIN)

enum stock_desk_step {
#define X(name, ...) STOCK_STEP_##name,
    STOCK_STEP_LIST(X)
#undef X
        STOCK_STEPS
};

const char *stock_step_word(enum stock_desk_step step);

/* Who asks: his roles, and his name as replacements keep it. */
struct stock_keeper {
    unsigned roles;
    const char *subject;
};

/* OK, or why not. `open` is the replacement of this terminal that waits; NULL: none does. */
MUST_USE err stock_may(struct store *store, const struct stock_keeper *keeper,
                       const struct stock_terminal *terminal, const struct replacement *open,
                       enum stock_desk_step step, enum stock_verdict *ret_verdict);

/* How many there are in each state, by its number. */
MUST_USE err stock_counts(struct store *store, int64_t ret_counts[STOCK_STATES]);
