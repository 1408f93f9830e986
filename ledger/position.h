/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * position: what the ledger remembers of a payment by its key, in memory.
 *
 * Open holds stay until they are decided; of the decided ones the oldest gives way to a new one
 * when LEDGER_RECENT is reached. Private to ledger/. Open addressing without tombstones, two thirds
 * full at most; positions lie in a pool and are linked in the order in which they were decided.
 */

#include "ledger/fold.h"

enum position_state { POSITION_FREE, POSITION_HELD, POSITION_POSTED, POSITION_UNDONE };

/* What was taken with a payment, or went back with it, and by which rules; 0 where there is none.
 */
struct position_fee {
    int64_t fee_minor, issuer_minor, network_minor;
    int64_t instalment_minor; /* by no rule: the plan stands in the journal row */
    uint32_t rule, share_rule;
    int64_t agreement;
};

struct position {
    uint8_t key[LEDGER_KEY_LEN];
    int64_t hold_seq; /* of the entry that held it, or that shifted the hold */
    int64_t hold_ms;  /* of the same */
    int64_t amount_minor;
    struct position_fee fee; /* when it was posted */
    uint32_t debit, credit;  /* places of the accounts */
    uint32_t next;           /* the one decided after it, or the next free one */
    enum position_state state;
    bool stored;  /* stands in the table of open holds */
    bool shifted; /* the hold has a booking of its own */
};

struct positions {
    struct position *pool;
    uint32_t *slot; /* place in the pool + 1, or 0 */
    uint32_t used;  /* of the pool, ever */
    uint32_t free;  /* the first free place, or POSITION_NONE */
    uint32_t held, decided;
    uint32_t oldest, newest; /* of the decided ones, or POSITION_NONE */
};

enum { POSITION_NONE = UINT32_MAX >> 1, POSITION_POOL = LEDGER_OPEN_MAX + LEDGER_RECENT };

/* Takes the memory; NO_MEMORY. */
MUST_USE err positions_make(struct positions *positions);
void positions_free(struct positions *positions);
void positions_clear(struct positions *positions);

/* The position of a key, or NULL. */
struct position *positions_find(struct positions *positions, const uint8_t key[LEDGER_KEY_LEN]);

/* A new one, HELD, for a key that has none; NO_MEMORY when LEDGER_OPEN_MAX holds are open. */
MUST_USE err positions_add(struct positions *positions, const uint8_t key[LEDGER_KEY_LEN],
                           struct position **ret_position);

/* Moves a held one to POSTED or UNDONE, or a posted one to UNDONE. */
void positions_decide(struct positions *positions, struct position *position,
                      enum position_state state);
