/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * book: the double entry of loyalty.db, on the mechanisms of ledger/transfer.h.
 *
 * Accounts are rows, read and written in the transaction that moves them, so that any number of
 * askers meet in the store and nowhere else. Transfers are appended and never changed; folding them
 * again gives the accounts (loyalty_book_check). What an account may not be debited beyond is
 * decided by its kind: points, stored value, budgets and escrows never go below zero, held amounts
 * included. That is why a budget cannot be exceeded.
 */

#include "ledger/transfer.h"
#include "loyalty/loyalty.h"

/* What a transfer did. On disk: never renumbered. */
enum book_step { BOOK_MOVE = 1, BOOK_HOLD, BOOK_POST, BOOK_RELEASE, BOOK_STEPS };

/* One transfer. Views live as long as the call. */
struct book_entry {
    enum account_kind debit, credit;
    const char *debit_owner, *credit_owner;
    uint16_t currency;
    int64_t amount; /* fen, points or uses; above zero */
    int64_t at_ms;
    struct bytes key; /* of the payment, top-up, campaign ... that it belongs to */
};

/*
 * Inside the caller's transaction (ENSURE). MOVE and HOLD can be refused: *ret_verdict is what
 * ledger/transfer.h says, and nothing is written. A POST or RELEASE of what is not held is a bug.
 */
MUST_USE err loyalty_book(struct store *store, enum book_step step, const struct book_entry *entry,
                          enum transfer_verdict *ret_verdict);
/* The same where nothing may refuse: CORRUPT when it does, because other rows said that it can. */
MUST_USE err loyalty_book_sure(struct store *store, enum book_step step,
                               const struct book_entry *entry);

/* An account as it stands; one that was never used is all zero but for kind, owner, currency. */
MUST_USE err loyalty_book_account(struct store *store, enum account_kind kind, const char *owner,
                                  uint16_t currency, struct account *ret_account);

/* What may still be debited: posted credits less debits, held ones too. */
static inline int64_t book_free(const struct account *account)
{
    return account->credits_posted - account->debits_posted - account->debits_pending;
}

/* What stands on it, on its normal side. */
static inline int64_t book_balance(const struct account *account)
{
    int64_t credit = account->credits_posted - account->debits_posted;
    return account_row(account->kind)->side == ACCOUNT_CREDIT ? credit : -credit;
}

struct book_check {
    int64_t accounts, transfers;
    int64_t unbalanced; /* currencies whose debits are not their credits, posted or held: 0 */
    int64_t differing;  /* accounts that are not what their transfers make of them: 0 */
    int64_t overdrawn;  /* limited accounts below zero: 0 */
};

/* Folds all transfers again and compares. Slow; for tests and an operator. */
MUST_USE err loyalty_book_check(struct store *store, struct book_check *ret_check);
