/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * idle: terminals without payments (S127; section 8 of the market's rules, numbers as data). After
 * `ask_days` without one the merchant is asked whether it is still in use: an event, and by it
 * alert and letters, and an item in the list of the acquirer's people. A payment is an answer, and
 * so is somebody who has verified it; without one for `answer_days` the terminal is suspended.
 * After `stop_days` without a payment it is suspended whatever was said, is to be taken back, and
 * is not opened again. Spare terminals are let be.
 *
 * The last payment is the journal's word, read only; a back office that has no journal to read
 * takes the terminal's. Suspended is a status of the registry: the acquirer refuses its payments
 * within a second. What this rule has suspended it opens again when somebody verifies.
 */

#include "backoffice/core.h"

struct idle_rule {
    int ask_days, answer_days, stop_days;
};
extern const struct idle_rule idle_rule;

enum idle_state { /* on disk */
                  IDLE_IN_USE = 1,
                  IDLE_ASKED = 2,
                  IDLE_STOPPED = 3,
                  IDLE_TAKE_BACK = 4,
                  IDLE_STATES = 5,
};

enum { IDLE_ACTOR_MAX = 88 };

struct idle_terminal {
    char tid[9], mid[16];
    uint32_t outlet;
    enum idle_state state;
    bool spare;
    int64_t since_ms;    /* known here */
    int64_t payment_ms;  /* the last one; 0: none */
    int64_t verified_ms; /* 0: never */
    int64_t due_ms;      /* ASKED: until then somebody must have answered */
    char verified_by[IDLE_ACTOR_MAX + 1];
};

extern const struct store_schema idle_schema;

/* What it should be in now: pure. */
enum idle_state idle_decide(const struct idle_rule *rule, const struct idle_terminal *terminal,
                            int64_t now_ms);
const char *idle_state_word(enum idle_state state);

/* When it is to be taken back if nothing is paid with it until then: pure. 0: a spare one, never.
 */
int64_t idle_take_back_ms(const struct idle_rule *rule, const struct idle_terminal *terminal);

/* NOT_FOUND: the job has not come to it. */
MUST_USE err idle_find(struct store *store, const char *tid, struct idle_terminal *ret);
/* Writes all of it. */
MUST_USE err idle_put(struct store_tx *tx, const struct idle_terminal *terminal);
/* A payment at `at_ms`, if it is later than the one that is known. */
MUST_USE err idle_paid(struct store_tx *tx, const char *tid, int64_t at_ms);

typedef err (*idle_each)(void *context, const struct idle_terminal *terminal);
/* Those that are not in use, or spare, by their numbers; `mid` "" and `outlet` 0: all. */
MUST_USE err idle_list(struct store *store, const char *mid, uint32_t outlet, const char *after,
                       size_t most, idle_each each, void *context);

/* ---- idle_job.c ---- */

/*
 * What has been decided is done: status in the registry, row, event, audit. *ret_done false:
 * another program writes the registry just now; nothing was changed, and the next look does it.
 */
MUST_USE err idle_move(struct backoffice *backoffice, struct idle_terminal *terminal,
                       enum idle_state to, const char *actor, int64_t now_ms, bool *ret_done);

struct upkeep;
MUST_USE err upkeep_open(struct backoffice *backoffice);
void upkeep_close(struct backoffice *backoffice);
/* Reads on in the journal, and looks at a slice of the fleet; all of it once an hour. */
MUST_USE err upkeep_tick(struct backoffice *backoffice, int64_t now_ms);
