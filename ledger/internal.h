/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of the ledger share. */

#include <assert.h>

#include "ledger/fold.h"
#include "ledger/position.h"

/*
 * What a transfer is, also the last digit of its number in the table (seq * TRANSFER_STEP + kind):
 * the transfers of one journal row are a range, and none needs a second index. On disk: never
 * renumbered.
 */
enum transfer_kind {
    TRANSFER_HOLD,
    TRANSFER_POST,
    TRANSFER_RELEASE,
    TRANSFER_FEE,
    TRANSFER_REVERSE,
    TRANSFER_FEE_BACK,
    TRANSFER_SHIFT, /* what is held passes from the debit of `credit` to that of `debit` */
    TRANSFER_KINDS,
    TRANSFER_STEP = 8,
};

/* An account in memory, and whether the table has to be told. */
struct book {
    struct account account;
    bool stored, dirty;
};

struct ledger {
    struct store *store;
    bool stale; /* memory is ahead of the store after a failure: read it again before the next fold
                 */
    int64_t seq;
    struct book *book; /* LEDGER_ACCOUNTS_MAX places, the account with id n at n - 1 */
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

/* Reads everything from the store again. */
MUST_USE err ledger_load(struct ledger *ledger);

/*
 * back.c: the fee that goes back with a posted entry which gives money back, and what has gone back
 * of its original so far (table `returned`). CONFLICT: the original was never posted.
 */
MUST_USE err ledger_give_fee(struct ledger *ledger, const struct ledger_entry *entry,
                             int64_t *ret_fee_minor, uint32_t *ret_rule);
/* The entry is undone: what went back with it counts no more. */
MUST_USE err ledger_take_fee_again(struct ledger *ledger, const struct ledger_entry *entry,
                                   int64_t fee_minor);

/* Says which journal row cannot be folded, and why. */
MUST_USE err ledger_conflict(struct ledger *ledger, const struct ledger_entry *entry,
                             const char *why);

/* Writes what the batch has changed: accounts, open holds, the number reached. */
MUST_USE err ledger_flush(struct ledger *ledger, int64_t seq);
