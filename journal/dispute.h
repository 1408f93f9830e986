/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * dispute: a network or a cardholder asks about a payment (调单), and what became of it (S108).
 *
 * A retrieval asks for the slip, a chargeback for the money; both want an answer by a deadline. A
 * dispute and its steps are appended and never changed; how it stands is the fold of its steps:
 *
 *   open -> evidence (as often as one likes) -> answered -> won | lost
 *   open -> accepted: the merchant gives in      open -> missed: nobody answered in time
 *
 * A chargeback holds its money from the merchant from the beginning, by a money order with reason,
 * evidence wanted, deadline and way of appeal like every other hold.
 *
 * The tables themselves refuse, whoever writes: a case of a network twice, a chargeback that holds
 * nothing, the release of what it holds before its end, an answer without evidence, a decision
 * before the answer, anything after the end, and an end that costs the merchant money without the
 * number of the money order that took it.
 *
 * Evidence is a file that is kept elsewhere under its digest.
 */

#include "lib/base/money.h"
#include "lib/store/migrate.h"

/* Apply it after journal_order_schema, to the same store. */
extern const struct store_schema journal_dispute_schema;

/* On disk: added to, never renumbered. */
enum dispute_kind { DISPUTE_RETRIEVAL = 1, DISPUTE_CHARGEBACK = 2, DISPUTE_KINDS };

/* On disk: added to, never renumbered. */
enum dispute_action {
    DISPUTE_EVIDENCE = 1, /* text: the file's name; digest */
    DISPUTE_ANSWERED = 2, /* text: the answer */
    DISPUTE_WON = 3,      /* the merchant keeps the money */
    DISPUTE_LOST = 4,     /* and so on: the money is taken, by the order */
    DISPUTE_ACCEPTED = 5,
    DISPUTE_MISSED = 6,
    DISPUTE_ACTIONS,
};

enum {
    DISPUTE_REASON_MAX = 24,
    DISPUTE_CASE_MAX = 32,
    DISPUTE_ACTOR_MAX = 40,
    DISPUTE_TEXT_MAX = 400,
    DISPUTE_DIGEST = 64, /* hexadecimal digits */
};

/* Why, in both languages. */
struct dispute_reason {
    const char *code, *zh, *en;
};
const struct dispute_reason *dispute_reasons(size_t *ret_count);
/* The row of a code, or NULL. */
const struct dispute_reason *dispute_reason_of(const char *code);

struct journal_dispute {
    int64_t number, at_ms;
    enum dispute_kind kind;
    char rrn[13];
    int64_t row; /* of the journal, where the payment was approved */
    char mid[16];
    uint16_t currency;
    int64_t amount_minor;
    int64_t deadline_ms;
    char reason[DISPUTE_REASON_MAX + 1];     /* a code of dispute_reasons() */
    char network_case[DISPUTE_CASE_MAX + 1]; /* the number that the network gave it */
    char actor[DISPUTE_ACTOR_MAX + 1];       /* who has opened it */
    int64_t
        hold; /* the money order that holds a chargeback's money; 0: one of before that, or none */
};

struct dispute_step {
    int64_t number, dispute, at_ms;
    enum dispute_action action;
    char actor[DISPUTE_ACTOR_MAX + 1];
    char text[DISPUTE_TEXT_MAX + 1];
    char digest[DISPUTE_DIGEST + 1]; /* of evidence */
    int64_t order;                   /* the money order of an end that costs money */
};

/* How a dispute stands. */
struct dispute_state {
    int64_t evidence; /* files */
    bool answered;
    enum dispute_action end; /* 0: it has none */
    int64_t order;
};

/* "retrieval"; "answered"; the word of how it stands: "open", "answered", "won". Never NULL. */
const char *dispute_kind_name(enum dispute_kind kind);
const char *dispute_action_name(enum dispute_action action);
const char *dispute_state_name(const struct dispute_state *state);

/* Says its number. EXISTS: the network's case is here already; RANGE. */
MUST_USE err journal_dispute_append(struct store_tx *tx, const struct journal_dispute *dispute,
                                    int64_t *ret_number);
/* DENIED: it must not follow what was before; RANGE: something is missing. */
MUST_USE err journal_dispute_step(struct store_tx *tx, const struct dispute_step *step);

/* NOT_FOUND. */
MUST_USE err journal_dispute_find(struct store *store, int64_t number, struct journal_dispute *out);
MUST_USE err journal_dispute_state(struct store *store, int64_t number, struct dispute_state *out);

/* The dispute that goes on and holds money by this order; NOT_FOUND. */
MUST_USE err journal_dispute_of_hold(struct store *store, int64_t hold, int64_t *ret_number);

/* What the disputes about this payment ask back, those that the merchant has won apart. */
MUST_USE err journal_disputed(struct store *store, const char *rrn, int64_t *ret_minor);

/* Disputes and steps of one from a number on, at most `max`. */
MUST_USE err journal_dispute_read(struct store *store, int64_t from, struct journal_dispute *rows,
                                  size_t max, size_t *ret_count);
MUST_USE err journal_dispute_steps(struct store *store, int64_t dispute, int64_t from,
                                   struct dispute_step *rows, size_t max, size_t *ret_count);

/* Those that nobody has answered by their deadline, oldest first: of what is over nothing is
 * read. */
MUST_USE err journal_dispute_overdue(struct store *store, int64_t at_ms,
                                     struct journal_dispute *rows, size_t max, size_t *ret_count);
