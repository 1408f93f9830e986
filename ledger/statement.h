/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * statement: the money of one merchant on one business day, line by line (S110): every payment with
 * its fee and the rule of the fee and what instalments cost him, refunds and voids, what was turned
 * back, holds, payouts and corrections; what was owed before and after. Opening and all lines
 * together are the closing.
 *
 * Read from a store that holds a ledger, of one moment. A line names the journal row or the order
 * that it comes from: whoever shows it looks up what it was.
 */

#include "ledger/figures.h"

/* A transfer and the fees that go with it, as one line. */
struct statement_line {
    struct ledger_line line;
    int64_t fee_minor; /* below zero: taken */
    uint32_t rule;
    int64_t agreement;
    int64_t instalment_minor; /* the issuer's fee for instalments; below zero: taken */
};

struct statement {
    char mid[16];
    int32_t day;
    bool over; /* the day is: nothing comes any more, but by a clock set back */
    int64_t opening_minor, closing_minor;
    int64_t sum_minor[LEDGER_LINES]; /* by kind */
    size_t count[LEDGER_LINES];
    struct statement_line *line;
    size_t lines, room;
};

/* Errors: those of lib/store, NO_MEMORY; CORRUPT when the lines are not the difference. */
MUST_USE err statement_read(struct store *ledger, const char *mid, uint16_t currency, int32_t day,
                            int64_t now_ms, struct statement *ret_statement);
void statement_free(struct statement *statement); /* for CLEANUP; a zeroed one is fine */
