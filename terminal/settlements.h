/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * settlements: the settlements of this terminal, as they are in its store. One is under way at
 * most; its stage is committed before the message that follows from it is sent, so a restart goes
 * on with it, and the row that says CLOSED is written once.
 */

#include "payment/settlement.h"
#include "terminal/records.h"

enum settlement_stage {
    SETTLEMENT_NONE,
    SETTLEMENT_ASKED,     /* the host is to say whether totals are equal: 0500 */
    SETTLEMENT_UPLOADING, /* they are not: 0320, from `uploaded_to` on */
    SETTLEMENT_CLOSED,
};

struct settlement {
    int64_t number; /* 1, 2, 3 ... */
    uint32_t batch;
    enum settlement_stage stage;
    enum payment_settle_flag flag; /* once it is known */
    struct payment_totals totals;  /* what this terminal has */
    int64_t uploaded_to;           /* the last payment that the host has acknowledged */
    uint32_t uploaded;             /* how many that were */
    char operator_id[3];           /* who has begun it; empty: it began by itself */
    int64_t begun_ms, closed_ms;
};

/* Apply it with store_migrate() behind that of the records. */
extern const struct store_schema settlements_schema;

/* What a batch adds up to, by its rows. RANGE: more than an amount can say. */
MUST_USE err settlements_totals(struct records *r, uint32_t batch,
                                struct payment_totals *ret_totals);

/* The one under way; its stage is NONE when there is none. */
MUST_USE err settlements_open(struct records *r, struct settlement *out);

/* Commits it as ASKED; its number and stage are filled in only then. */
MUST_USE err settlements_begin(struct records *r, struct settlement *s);

/* Commits stage, flag and progress of `next`, which is not CLOSED. */
MUST_USE err settlements_save(struct records *r, const struct settlement *next);

/* Commits `next` as CLOSED, and with it that its batch is over: the terminal is not signed in. */
MUST_USE err settlements_close(struct records *r, const struct settlement *next, const char *actor);

/* The newest batch with payments that is not the open one and was not settled; 0: there is none. */
MUST_USE err settlements_forsaken(struct records *r, uint32_t *ret_batch);

/* The last one that was closed; NOT_FOUND. */
MUST_USE err settlements_last(struct records *r, struct settlement *out);

/*
 * Payments of the batch that count, above number `above`, at most `max`, oldest first; their
 * numbers and what is uploaded of each. For the batch upload and for the detail list.
 */
struct settlement_row {
    int64_t number;
    struct payment payment;
};
MUST_USE err settlements_rows(struct records *r, uint32_t batch, int64_t above,
                              struct settlement_row *rows, size_t max, size_t *ret_count);

/* Counts and sums of the batch by kind, means and class of card; where that is more than there is
 * room for, without the class, or none. */
MUST_USE err settlements_kinds(struct records *r, uint32_t batch, struct receipt_kind *kinds,
                               size_t max, size_t *ret_count);
