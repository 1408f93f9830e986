/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * contract: how a merchant's contract ends (S142). Somebody asks (the owner, or staff for him),
 * another member of staff agrees, and then it is wound up: while anything stands in the way it
 * stays as it is, and everybody is told what it is. Nothing is paid out, sent or brought back by
 * force; what is lost to the merchant otherwise is not closed.
 *
 *   ASKED     may be taken back, or refused
 *   ENDING    agreed: no further terminal is assigned; what is there works on until it is back
 *   ENDED     nothing stands in the way: the merchant is closed in the registry, for good
 *
 * One at a time for each merchant; those that were refused or taken back stay on record.
 */

#include "backoffice/core.h"

enum contract_state { /* stored */
                      CONTRACT_IN_FORCE = 0,
                      CONTRACT_ASKED = 1,
                      CONTRACT_ENDING = 2,
                      CONTRACT_ENDED = 3,
                      CONTRACT_WITHDRAWN = 4,
                      CONTRACT_REFUSED = 5,
                      CONTRACT_STATES = 6,
};

enum {
    CONTRACT_ACTOR_MAX = 88,
    CONTRACT_REASON_MAX = 120, /* characters */
    CONTRACT_REASON_BYTES = 480,
    /* Files are kept so long beyond the end: 259, and practice (docs/applications.md). */
    CONTRACT_KEPT_DAYS = 3 * 365 + 1,
};

/* What cannot be, with the code of the interface and what to do. */
#define CONTRACT_VERDICT_LIST(X)                                                         \
    X(OK, "ok", "", "")                                                                  \
    X(ASKED_ALREADY, "asked_already", "已提出解约申请，请等待审批。",                    \
      "The end was asked for already: somebody else has to decide.")                     \
    X(NOT_ASKED, "not_asked", "没有待审批的解约申请。", "Nobody has asked for its end.") \
    X(SAME_PERSON, "same_person", "提出解约的人不能审批，请另一位同事审批。",            \
      "Who asked for it does not agree to it: somebody else has to.")                    \
    X(NOT_AGREED, "not_agreed", "解约申请尚未批准。", "Its end was not agreed to.")      \
    X(IN_THE_WAY, "in_the_way", "还有未了结的事项，见清单。",                            \
      "Something still stands in the way: see the list.")                                \
    X(OVER, "over", "合同已终止。", "This contract has ended.")

enum contract_verdict {
#define X(name, word, zh, en) CONTRACT_##name,
    CONTRACT_VERDICT_LIST(X)
#undef X
        CONTRACT_VERDICTS
};

/* What may stand in the way of the end, as bits of a set, with what to do. */
#define CONTRACT_OBSTACLE_LIST(X)                                                \
    X(UNSENT, "unsent", "有终端还有未上送的交易：请联网并签到。",                \
      "A terminal has payments that the host has not: connect it and sign in.")  \
    X(TERMINALS, "terminals", "还有终端未收回：请退回后登记。",                  \
      "Terminals are still out: have them sent back, and take them in.")         \
    X(OWED, "owed", "还有未结清的款项：请先出款或对冲。",                        \
      "Money is still owed, held or on its way: pay it out or settle it first.") \
    X(OWED_UNKNOWN, "owed_unknown", "无法读取账本，请核对款项后再办理。",        \
      "The ledger cannot be read: nobody knows what is owed. Try again when it is there.")

enum contract_obstacle {
#define X(name, word, zh, en) CONTRACT_BIT_##name,
    CONTRACT_OBSTACLE_LIST(X)
#undef X
        CONTRACT_OBSTACLES
};

struct contract {
    int64_t id; /* 0: it is in force, and nothing was ever asked */
    char mid[16];
    enum contract_state state;
    char reason[CONTRACT_REASON_BYTES + 1];
    char asked_by[CONTRACT_ACTOR_MAX + 1], decided_by[CONTRACT_ACTOR_MAX + 1];
    int64_t asked_ms, decided_ms, ended_ms; /* 0: not yet */
};

/* Numbers behind the obstacles. */
struct contract_rest {
    unsigned obstacles; /* a set of 1 << enum contract_obstacle */
    uint32_t unsent, terminals;
    bool owed_known;
    int64_t payable_minor, held_minor, transit_minor; /* of yuan, when it is known */
};

extern const struct store_schema contracts_schema;

const char *contract_state_word(enum contract_state state);
const char *contract_verdict_word(enum contract_verdict verdict);
const char *contract_verdict_text(enum contract_verdict verdict, bool english);
const char *contract_obstacle_word(enum contract_obstacle obstacle);
const char *contract_obstacle_text(enum contract_obstacle obstacle, bool english);

/* The newest of a merchant; IN_FORCE when there is none, or when it came to nothing. */
MUST_USE err contract_find(struct store *store, const char *mid, struct contract *ret);

/* Those under way (ASKED, ENDING), the newest first; `before` 0: from the last. */
typedef err (*contract_each)(void *context, const struct contract *contract);
MUST_USE err contract_list(struct store *store, int64_t before, size_t limit, contract_each each,
                           void *context);

/* Is it agreed that it ends, or has it ended? Then nothing more is begun for this merchant. */
MUST_USE err contract_is_ending(struct store *store, const char *mid, bool *ret_is);

/* ---- steps: in the caller's transaction; with audit record and event ---- */

MUST_USE err contract_ask(struct store_tx *tx, const struct registry_actor *actor, const char *mid,
                          const char *reason, enum contract_verdict *ret_verdict);
MUST_USE err contract_withdraw(struct store_tx *tx, const struct registry_actor *actor,
                               const char *mid, enum contract_verdict *ret_verdict);
MUST_USE err contract_decide(struct store_tx *tx, const struct registry_actor *actor,
                             const char *mid, bool agrees, enum contract_verdict *ret_verdict);
/* The registry's rows are closed already (contract_close_registry). */
MUST_USE err contract_end(struct store_tx *tx, const struct registry_actor *actor, const char *mid,
                          enum contract_verdict *ret_verdict);

/* ---- what stands in the way ---- */

MUST_USE err contract_rest(struct backoffice *backoffice, const char *mid, int64_t now_ms,
                           struct contract_rest *ret_rest);

/* Erases what is personal of one contract whose years are over; nothing when there is none. */
MUST_USE err contract_erase_due(struct backoffice *backoffice, int64_t now_ms);

/* May be done again. Errors: BUSY (another program writes the registry), the store's. */
MUST_USE err contract_close_registry(struct backoffice *backoffice,
                                     const struct registry_actor *actor, const char *mid);
