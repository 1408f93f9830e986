/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * figures: what the ledger says of one merchant, read from a store that holds a ledger; and the
 * money of one day, transfer by transfer (S66, S110). For readers that have no struct ledger: they
 * open ledger.db read-only, and take a snapshot (store_begin) around what has to be of one moment.
 */

#include "ledger/account.h"
#include "ledger/fold.h"

/* On what was posted; `coming` and `going` are still undecided. */
struct ledger_figures {
    int64_t payable_minor; /* owed to him: may be below zero after refunds */
    int64_t coming_minor, going_minor;
    int64_t held_minor;    /* held back, with a reason */
    int64_t transit_minor; /* paid out, and not yet confirmed */
};

/* Of a merchant without accounts everything is 0. */
MUST_USE err ledger_figures(struct store *store, const char *mid, uint16_t currency,
                            struct ledger_figures *ret_figures);

/* What stood on an account at the end of a business day, on its normal side. 0 when it is not
 * there. */
MUST_USE err ledger_balance_on(struct store *store, enum account_kind kind, const char *owner,
                               uint16_t currency, int32_t day, int64_t *ret_minor);

/* What issuers and network get of one payment, by the number of its journal row of approval; of one
 * that gave money back, what went back with it. */
struct ledger_shares {
    int64_t issuer_minor, network_minor, instalment_minor; /* not below zero */
};
/* NOT_FOUND: nothing was posted by this row. */
MUST_USE err ledger_shares_of(struct store *store, int64_t seq, struct ledger_shares *ret_shares);

MUST_USE err ledger_position_of(struct store *store, struct ledger_position *ret_position);

/* Calls `each` for every merchant who has an account of this currency, in the order of the ids; an
 * error it returns ends the walk. */
typedef err (*ledger_each_merchant)(void *context, const char *mid);
MUST_USE err ledger_merchants(struct store *store, uint16_t currency, ledger_each_merchant each,
                              void *context);

/* The first and the last business day of which there is anything; without any the last is before
 * the first. */
MUST_USE err ledger_days(struct store *store, int32_t *ret_first, int32_t *ret_last);

/* Which of a merchant's accounts a line is of. */
enum ledger_line_kind {
    LEDGER_LINE_TAKEN,      /* a payment, in his favour */
    LEDGER_LINE_GIVEN,      /* a void or refund */
    LEDGER_LINE_TURNED,     /* a payment or refund that was undone after it was posted */
    LEDGER_LINE_FEE,        /* the fee of one */
    LEDGER_LINE_FEE_BACK,   /* and its return */
    LEDGER_LINE_INSTALMENT, /* the issuer's fee for instalments that he bears */
    LEDGER_LINE_INSTALMENT_BACK,
    LEDGER_LINE_ORDER, /* a money order */
    LEDGER_LINES,
};

/* One transfer that changed what is owed to a merchant. */
struct ledger_line {
    char mid[ACCOUNT_OWNER_MAX + 1];
    enum ledger_line_kind kind;
    int64_t at_ms;
    int64_t seq;   /* of the journal row; of an order: the row after which it counts */
    int64_t order; /* number of a money order, or 0 */
    int64_t minor; /* above zero in his favour, below zero against him */
    uint32_t rule; /* of a fee; 0: none */
    int64_t agreement;
};

/* "taken", "fee_back". "?" for what there is not. */
const char *ledger_line_name(enum ledger_line_kind kind);

/* Calls `each` for everything that was posted on the merchant's payable on a business day (`mid`
 * NULL: on everybody's), in the order of the ledger. What they add up to is the difference of two
 * ledger_balance_on(). */
typedef err (*ledger_each_line)(void *context, const struct ledger_line *line);
MUST_USE err ledger_day_lines(struct store *store, const char *mid, uint16_t currency, int32_t day,
                              ledger_each_line each, void *context);
