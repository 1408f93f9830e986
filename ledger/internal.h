/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of the ledger share. */

#include <assert.h>

#include "ledger/fold.h"
#include "ledger/position.h"

/* What a transfer is. On disk: never renumbered. */
enum transfer_kind {
    TRANSFER_HOLD,
    TRANSFER_POST,
    TRANSFER_RELEASE,
    TRANSFER_FEE,
    TRANSFER_REVERSE,
    TRANSFER_FEE_BACK,
    TRANSFER_SHIFT, /* what is held passes from the debit of `credit` to that of `debit` */
    TRANSFER_ISSUER,
    TRANSFER_ISSUER_BACK,
    TRANSFER_NETWORK,
    TRANSFER_NETWORK_BACK,
    TRANSFER_ORDER, /* the first move of a money order; the next ones follow */
    TRANSFER_ORDERS_END = TRANSFER_ORDER + LEDGER_MOVES_MAX,
    TRANSFER_INSTALMENT = TRANSFER_ORDERS_END, /* the issuer's fee that the merchant bears */
    TRANSFER_INSTALMENT_BACK,
    TRANSFER_KINDS,
};

/*
 * The number of a transfer in the table is where it stands in the sequence of journal and orders:
 * row (33 bits), how many orders after the row (24), kind (4). So the transfers of one journal row
 * are a range, none needs a second index, and a walk by number is a walk in the order of folding.
 */
enum { TRANSFER_KIND_BITS = 4, TRANSFER_SUB_BITS = 24 };

static_assert((int)TRANSFER_INSTALMENT == 14, "on disk: moves of orders may not become more");
static_assert((int)TRANSFER_KINDS <= 1 << TRANSFER_KIND_BITS, "a kind is part of the number");

static inline int64_t transfer_id(int64_t seq, int64_t sub, enum transfer_kind kind)
{
    ENSURE(seq >= 0 && seq < INT64_C(1) << 34 && sub >= 0 && sub < 1 << TRANSFER_SUB_BITS);
    return (seq << TRANSFER_SUB_BITS | sub) << TRANSFER_KIND_BITS | (int64_t)kind;
}

/* A move of a money order: of no payment, and its key is the order's number. */
static inline bool transfer_is_order(enum transfer_kind kind)
{
    return kind >= TRANSFER_ORDER && kind < TRANSFER_ORDERS_END;
}

/*
 * The transfers that go together are one row of the table: the one that decides a payment, the hold
 * that it decides, and what was charged with it. Fees differ from it by the kind in their number, a
 * hold has that of its own journal row, and the view `transfer` shows them one by one. Holds that
 * nothing has decided stand in the table of open holds.
 */
enum charge_way { CHARGE_NONE, CHARGE_TAKEN, CHARGE_BACK }; /* on disk */

static_assert((int)TRANSFER_FEE == 1 + 2 * CHARGE_TAKEN &&
                  (int)TRANSFER_FEE_BACK == 1 + 2 * CHARGE_BACK,
              "in the view");
static_assert((int)TRANSFER_ISSUER == 6 + CHARGE_TAKEN &&
                  (int)TRANSFER_ISSUER_BACK == 6 + CHARGE_BACK,
              "in the view");
static_assert((int)TRANSFER_NETWORK == 8 + CHARGE_TAKEN &&
                  (int)TRANSFER_NETWORK_BACK == 8 + CHARGE_BACK,
              "in the view");
static_assert((int)TRANSFER_INSTALMENT == 13 + CHARGE_TAKEN &&
                  (int)TRANSFER_INSTALMENT_BACK == 13 + CHARGE_BACK,
              "in the view");

/* What stands beside a transfer in its row: the hold that it decides, and the fee with the accounts
 * that it was booked on. Numbers, 0 for what there is not. The merchant's account is the credit of
 * the row when a fee was taken, and its debit when it goes back. */
struct beside {
    enum charge_way way;
    struct position_fee fee;
    int64_t income, cost, issuer, network, instalment;
    int64_t hold_seq, hold_ms;
};

/* What stands in a row of a fee: columns, and the reading of them. Without a charge all is 0. */
#define LEDGER_FEE_COLUMNS                                                                \
    "fee_minor, issuer_minor, network_minor, instalment_minor, iif(charge = 0, 0, rule)," \
    " share_rule, iif(charge = 0, 0, agreement)"
void ledger_read_fee(struct store_statement *row, struct position_fee *out);

/* An account in memory, and whether the table has to be told. */
struct book {
    struct account account;
    bool stored, dirty;
    /* Posted on one business day and not yet in the table of days. */
    int32_t day;
    int64_t day_debits, day_credits;
};

struct ledger {
    struct store *store;
    bool stale; /* memory is ahead of the store after a failure: read it again before the next fold
                 */
    struct ledger_position at;
    int64_t sub; /* how many orders after row at.seq */
    struct {
        int32_t day;
        int64_t first, last; /* numbers of transfers of that day; last 0: none */
    } range;                 /* not yet in the table */
    struct book *book;       /* LEDGER_ACCOUNTS_MAX places, the account with id n at n - 1 */
    uint32_t book_count;
    uint32_t *book_slot; /* hash: place + 1, or 0 */
    uint32_t *dirty;     /* places of the books to write */
    uint32_t dirty_count;
    struct positions positions;        /* empty in a read-only ledger */
    uint32_t opened[LEDGER_BATCH_MAX]; /* places of the positions held in this batch */
    size_t opened_count;
};

/* The place of an account, made when it is new. NO_MEMORY (LEDGER_ACCOUNTS_MAX). */
MUST_USE err ledger_book(struct ledger *ledger, enum account_kind kind, const char *owner,
                         uint16_t currency, uint32_t *ret_place);

/* The account in a place, marked as changed. */
struct account *ledger_touch(struct ledger *ledger, uint32_t place);

/* Posted on both, on the business day of the entry. */
MUST_USE err ledger_day(struct ledger *ledger, int64_t at_ms, uint32_t debit, uint32_t credit,
                        int64_t amount_minor);
/* Writes what a book has of its day. */
MUST_USE err ledger_day_write(struct ledger *ledger, struct book *book);
/* A transfer of this number is of that moment; and what is known of ranges, written. */
MUST_USE err ledger_day_note(struct ledger *ledger, int64_t at_ms, int64_t id);
MUST_USE err ledger_day_range(struct ledger *ledger);

/* Reads everything from the store again. */
MUST_USE err ledger_load(struct ledger *ledger);

/*
 * back.c: the fee, with its shares, that goes back with a posted entry which gives money back, and
 * what has gone back of its original so far (table `returned`). CONFLICT: the original was never
 * posted.
 */
MUST_USE err ledger_give_fee(struct ledger *ledger, const struct ledger_entry *entry,
                             struct position_fee *ret_fee);
/* The entry is undone: what went back with it counts no more. */
MUST_USE err ledger_take_fee_again(struct ledger *ledger, const struct ledger_entry *entry,
                                   const struct position_fee *fee);

/* ---- charge.c: transfers, and the fee that goes with them ---- */

static inline bool ledger_gives(const struct ledger_entry *entry)
{
    return entry->reason != FEE_TAKEN;
}

/* The account of this kind that belongs to the entry's merchant, its network, or nobody. */
MUST_USE err ledger_book_of(struct ledger *ledger, const struct ledger_entry *entry,
                            enum account_kind kind, uint32_t *ret_place);
/* Writes one transfer down; `rule` is that of a money order, or 0. */
MUST_USE err ledger_write(struct ledger *ledger, const struct ledger_entry *entry,
                          enum transfer_kind kind, uint32_t debit, uint32_t credit,
                          int64_t amount_minor, uint32_t rule);
/* Writes one transfer down, and what stands beside it. */
MUST_USE err ledger_write_beside(struct ledger *ledger, const struct ledger_entry *entry,
                                 enum transfer_kind kind, uint32_t debit, uint32_t credit,
                                 int64_t amount_minor, const struct beside *beside);
/* Writes down the hold of a position that is shifted. */
MUST_USE err ledger_write_hold(struct ledger *ledger, const struct position *position);
/* Moves posted money, which has to be written down. */
MUST_USE err ledger_move_posted(struct ledger *ledger, const struct ledger_entry *entry,
                                uint32_t debit, uint32_t credit, int64_t amount_minor);
/* A posted payment takes its fee, or gives that of its original back; and when it is undone, the
 * other way round. The money is moved, `beside` has to be written down. */
MUST_USE err ledger_charge(struct ledger *ledger, const struct ledger_entry *entry,
                           struct position *position, struct beside *beside);
MUST_USE err ledger_uncharge(struct ledger *ledger, const struct ledger_entry *entry,
                             const struct position *position, struct beside *beside);

/* Says which journal row cannot be folded, and why. */
MUST_USE err ledger_conflict(struct ledger *ledger, const struct ledger_entry *entry,
                             const char *why);

/* Writes what the batch has changed: accounts, days, open holds, how far it has come. */
MUST_USE err ledger_flush(struct ledger *ledger);
