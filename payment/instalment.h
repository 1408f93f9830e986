/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * instalment: a sale that its customer pays back to his issuer in months (分期, S85).
 *
 * Which issuer offers how many periods, for what fee, and who bears it, is a table; terminal, host
 * and issuer each look it up for themselves, and the plan is told in the message (protocol facts
 * 1.5), so that a terminal with an older table is refused and nobody is charged something else than
 * was on the screen. The merchant gets the whole amount at once; a fee that the customer bears is
 * between him and his issuer and is no part of the amount. One that the merchant bears is taken
 * from what he is owed (docs/accounts.md).
 *
 * Rows are never edited: a change is a row with a later version and a moment from which it holds,
 * so that the plan of a payment can be explained for ever by what held when it was made.
 */

#include "lib/base/bytes.h"
#include "lib/base/err.h"

/* What is told and stored of it. */
struct payment_plan {
    uint8_t months;    /* 0: in one sum */
    bool by_merchant;  /* who bears the fee */
    int64_t fee_minor; /* the whole of it */
};

struct instalment_issuer {
    const char *bin; /* the first six digits of its cards */
    const char *zh, *en;
};

struct instalment_row {
    uint32_t version; /* its own number */
    int64_t from_ms;  /* the moment from which it holds, in the place of an earlier one */
    uint8_t issuer;   /* of instalment_issuers() */
    uint8_t months;
    uint16_t rate; /* of the amount, in ten-thousandths, for each period */
    bool by_merchant;
    int64_t least_minor, most_minor; /* amounts that it is offered for */
};

const struct instalment_issuer *instalment_issuers(size_t *ret_count);
const struct instalment_row *instalment_rows(size_t *ret_count);

/* Whoever has just chosen one may still have it when another begins to hold. */
enum { INSTALMENT_GRACE_MS = 10 * 60 * 1000 };

/* Does no later one hold in its place, and does it hold already? */
bool instalment_holds(const struct instalment_row *row, int64_t at_ms);

/* What holds then for a card by its first six digits (masked or not) and its periods; NULL: none.
 */
const struct instalment_row *instalment_find(struct bytes pan, uint8_t months, int64_t at_ms);

/* By which row a plan that was agreed then has come about; NULL: by none. */
const struct instalment_row *instalment_explain(const struct payment_plan *plan, struct bytes pan,
                                                int64_t amount_minor, int64_t at_ms);

/* The fee is rounded to the fen, half up, once, on the whole of it. ENSURE: the amount is offered.
 */
struct payment_plan instalment_plan(const struct instalment_row *row, int64_t amount_minor);

/* What the customer pays back: every month the same, and what does not divide with the first. */
struct instalment_months {
    int64_t first_minor, each_minor;
};
struct instalment_months instalment_months(const struct payment_plan *plan, int64_t amount_minor);

/* Why this plan is not that of the table for this card and amount now, as a response code; NULL: it
 * is. */
const char *instalment_refusal(const struct payment_plan *plan, struct bytes pan,
                               int64_t amount_minor, int64_t now_ms);

/* ---- field 62 of the request, on both legs ---- */

struct arena;
struct iso8583_message;

/* Months (2 digits), who bears the fee (C customer, M merchant), the fee (12 digits). */
MUST_USE err instalment_write(const struct payment_plan *plan, struct arena *arena,
                              struct iso8583_message *m);
/* Errors: MISSING, LENGTH, FORMAT, RANGE (no months). */
MUST_USE err instalment_read(const struct iso8583_message *m, struct payment_plan *out);
