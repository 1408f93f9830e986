/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * funds_books: a merchant's money as four figures that together are all that we owe him (S66), and
 * the lines that each of them is the sum of.
 *
 *   today      what the payments of this business day have brought, less their fees
 *   available  what stood there before, less what has been paid out, held or corrected since
 *   transit    paid out, and not yet confirmed by the bank
 *   held       held back, each with its reason (S68)
 *
 * today + available is what the ledger owes him (payable), below zero after refunds. Read from
 * ledger.db in one snapshot; what an order or a payment was is looked up in journal.db, which is
 * never behind. Both are another program's, and only read. Lines of a day come in the order of the
 * ledger, which only grows: so a number of lines is where the next page begins.
 */

#include "journal/order.h"

enum funds_figure { FUNDS_TODAY, FUNDS_AVAILABLE, FUNDS_TRANSIT, FUNDS_HELD, FUNDS_FIGURES };

/* Views; two stores that the caller opens and closes. */
struct funds_books {
    struct store *ledger, *journal;
};

/* All in fen. Of a merchant without accounts everything is 0. */
struct funds {
    int64_t row, order; /* up to which row of the journal and order the ledger has come */
    int32_t day;        /* business day of `today` */
    int64_t minor[FUNDS_FIGURES];
    int64_t taken_minor, given_minor, turned_minor; /* of today: their sum with the fees is it */
    int64_t fee_minor, instalment_minor;            /* below zero: taken */
};

/* One line; `minor` above zero in his favour. */
struct funds_line {
    const char *kind; /* of ledger/figures.h, an order's of journal/order.h, or "opening" */
    int64_t at_ms, minor;
    int64_t row;   /* of the journal; 0: none */
    uint32_t rule; /* of a fee, with the version of the agreement that names it; 0: none */
    int64_t agreement;
    struct journal_order order; /* number 0: it is none */
    struct payment_key key;     /* of a payment's line; an empty tid: it is none */
    char card[20];              /* masked */
};

/*
 * CORRUPT: the lines do not add up to what the ledger says; and the errors of lib/store. The day is
 * that of `now_ms`, or a later one when the ledger has begun it.
 */
MUST_USE err funds_read(const struct funds_books *books, const char *mid, int64_t now_ms,
                        struct funds *ret_funds);

/*
 * Calls `each` for up to `limit` lines of a figure after `after`: 0 at first, then what *ret_next
 * said; 0 there: there are no more. *ret_minor is the figure at this moment, of which all lines are
 * the sum.
 */
typedef err (*funds_each_line)(void *context, const struct funds_line *line);
MUST_USE err funds_lines(const struct funds_books *books, const char *mid, int64_t now_ms,
                         enum funds_figure figure, int64_t after, size_t limit,
                         funds_each_line each, void *context, int64_t *ret_minor,
                         int64_t *ret_next);
