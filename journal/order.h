/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * order: everything that moves money and is no payment, in order.
 *
 * Money that is held back, released or taken, payouts and what their bank says of them, corrections
 * by hand, and what a network has paid for a day. Numbered 1, 2, 3 ... without a gap, appended in
 * the transactions of the journal and never changed. Each says after which journal row it counts,
 * so that journal and orders together are one sequence: the row, then the orders after it, then the
 * next row. Whatever is folded from them can be folded again.
 *
 * The table itself refuses what must not be, whoever writes: a hold without reason, evidence,
 * deadline and way of appeal (S68); the end of a hold or payout that is not there, has another
 * amount, or is over; a second payout of a merchant for one business day and way; a network's day
 * settled twice, or without the file that says so; an order without the name of who gave it.
 *
 * Amounts are minor units, above zero. A day is a number of days since 1970-01-01 (ledger/workday.h
 * says which day a moment belongs to).
 *
 * Errors: DENIED (a trigger refuses), RANGE (a CHECK refuses), EXISTS (it has its end, or its
 * payout), CORRUPT, and those of lib/store.
 */

#include "lib/base/money.h"
#include "lib/store/migrate.h"
#include "payment/payment.h"

/* Apply it after journal_schema, to the same store. */
extern const struct store_schema journal_order_schema;

/* On disk: added to, never renumbered. */
enum order_kind {
    ORDER_HOLD = 1,                 /* the merchant's money is held back */
    ORDER_RELEASE = 2,              /* and is his again: somebody has decided so */
    ORDER_EXPIRE = 3,               /* likewise, because nobody had decided by the deadline */
    ORDER_CONVERT = 4,              /* or is taken from him */
    ORDER_PAYOUT = 5,               /* is on its way to the merchant's account */
    ORDER_PAYOUT_CONFIRMED = 6,     /* the bank has paid it */
    ORDER_PAYOUT_RETURNED = 7,      /* the bank has sent it back */
    ORDER_CREDIT = 8,               /* a correction in the merchant's favour */
    ORDER_DEBIT = 9,                /* and one against him */
    ORDER_NETWORK_SETTLED = 10,     /* a network has paid for a day, its fees taken off */
    ORDER_NETWORK_INSTALMENTS = 11, /* and has kept issuers' fees for instalments of that day */
    ORDER_CHARGEBACK = 12,       /* what a dispute has held goes back to the network: it is lost */
    ORDER_CHARGEBACK_DEBIT = 13, /* the same, of what was not held, or not any more */
    ORDER_KINDS,
};

/* How fast a merchant is paid. On disk: added to, never renumbered. */
enum order_way { ORDER_NEXT_DAY = 1, ORDER_SAME_DAY = 2, ORDER_WAYS };

enum {
    ORDER_ACTOR_MAX = 40,
    ORDER_REASON_MAX = 24,
    ORDER_TEXT_MAX = 400,
    ORDER_REFERENCE_MAX = 64,
};

/*
 * What a network has settled of a day: each below zero when it goes the other way round (a day of
 * refunds). What was agreed of the fees, and not what the file says: where the two differ, the
 * difference stays with what the network owes.
 */
struct order_settled {
    int64_t gross_minor; /* what the file says was taken, less what was given back */
    int64_t net_minor;   /* what has arrived at our bank */
    int64_t issuer_minor, network_minor; /* shares of the fees, as the ledger has them */
    int64_t instalment_minor;            /* issuers' fees that merchants bear */
};

/* Texts are NUL-terminated; what a kind has no use for is empty or zero. */
struct journal_order {
    int64_t number;
    int64_t after_row; /* the last journal row before it; 0: none yet */
    int64_t at_ms;
    enum order_kind kind;
    char mid[16]; /* of a network's: its name, as clearing_network_name() has it */
    uint16_t currency;
    int64_t amount_minor; /* of a network's: all that its file counts, taken and given back */
    int64_t fee_minor;    /* of a payout, on top of what is paid */
    uint32_t rule;        /* by which that fee was taken; 0: there is none */
    int64_t original;     /* what this one ends: number of the hold or payout; or a payment's row */
    int32_t day; /* payout: the business day up to which it pays; counts as the day number */
    enum order_way way;
    int64_t account;                   /* payout: version of the account it goes to */
    int64_t deadline_ms;               /* hold: until when somebody must have decided */
    char actor[ORDER_ACTOR_MAX + 1];   /* who has given it */
    char reason[ORDER_REASON_MAX + 1]; /* hold: a code of order_reasons(); others: free */
    char evidence[ORDER_TEXT_MAX + 1]; /* hold: what would settle it */
    char appeal[ORDER_TEXT_MAX + 1];   /* hold: how to object */
    /* The bank's, or of the payment it is about; of a network's: the digest of its file. */
    char reference[ORDER_REFERENCE_MAX + 1];
    enum payment_route network; /* of a network's (`day` is the file's), and of a chargeback */
    struct order_settled settled;
};

/* Why money may be held, in both languages. */
struct order_reason {
    const char *code, *zh, *en;
};
const struct order_reason *order_reasons(size_t *ret_count);
/* The row of a code, or NULL. */
const struct order_reason *order_reason_of(const char *code);

/* "hold", "payout_returned"; "t1", "d0". "?" for what there is not. */
const char *order_kind_name(enum order_kind kind);
const char *order_way_name(enum order_way way);

/* Appends it after the last journal row of this transaction; says its number and fills in
 * `after_row`. */
MUST_USE err journal_order_append(struct store_tx *tx, struct journal_order *order);

/* NOT_FOUND. */
MUST_USE err journal_order_find(struct store *store, int64_t number, struct journal_order *out);

/* What ended this hold or payout. NOT_FOUND: nothing has. */
MUST_USE err journal_order_end(struct store *store, int64_t number, struct journal_order *out);

/* The payout of a merchant for a business day; NOT_FOUND. And the newest day that one was for, of
 * any way; 0 when there was none. */
MUST_USE err journal_order_payout(struct store *store, const char *mid, uint16_t currency,
                                  int32_t day, enum order_way way, struct journal_order *out);
MUST_USE err journal_order_last_day(struct store *store, const char *mid, uint16_t currency,
                                    int32_t *ret_day);

/* How a network's day was settled: the order of this kind; NOT_FOUND. */
MUST_USE err journal_order_settled(struct store *store, enum order_kind kind,
                                   enum payment_route network, int32_t day,
                                   struct journal_order *out);

/* Orders from number `from` on which count after a row up to `up_to_row`, at most `max`. */
MUST_USE err journal_order_read(struct store *store, int64_t from, int64_t up_to_row,
                                struct journal_order *rows, size_t max, size_t *ret_count);

/* Orders of one kind from number `from` on, of one merchant or (`mid` NULL) of all; `open`: only
 * those that have no end yet. At most `max`. */
MUST_USE err journal_order_list(struct store *store, enum order_kind kind, const char *mid,
                                bool open, int64_t from, struct journal_order *rows, size_t max,
                                size_t *ret_count);

/* Holds or payouts of one merchant from number `from` on that had no end yet when order `up_to` was
 * the last one: so that who reads a ledger that has come so far sees what it has. At most `max`. */
MUST_USE err journal_order_open_at(struct store *store, enum order_kind kind, const char *mid,
                                   int64_t from, int64_t up_to, struct journal_order *rows,
                                   size_t max, size_t *ret_count);

/* Holds without an end whose deadline is not after `at_ms`, oldest first, at most `max`. */
MUST_USE err journal_order_overdue(struct store *store, int64_t at_ms, struct journal_order *rows,
                                   size_t max, size_t *ret_count);

/* The newest order of one merchant, 0 when there is none. */
MUST_USE err journal_order_last_of(struct store *store, const char *mid, int64_t *ret_number);
