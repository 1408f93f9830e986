/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Double entry. A transfer moves one amount from one account to another and is never changed or
 * deleted; a mistake is corrected by another transfer. A payment maps onto it exactly:
 *
 *   request accepted  HOLD      approved  POST      declined, or reversed before  RELEASE
 *   reversed after the approval: a new transfer the other way round
 *
 * Invariant, true between any two calls: over all accounts of one currency, the sum of debits
 * equals the sum of credits, pending and posted each for itself.
 */

#include "ledger/account.h"

/* In the order in which they are checked. A refusal is a verdict about the transfer, not an err. */
enum transfer_verdict {
    TRANSFER_OK,
    TRANSFER_AMOUNT_ZERO,
    TRANSFER_SAME_ACCOUNT,
    TRANSFER_CURRENCY, /* the two accounts are of different currencies */
    TRANSFER_OVERFLOW,
    TRANSFER_OVER_LIMIT,
    TRANSFER_VERDICTS,
};

/* Reserves `amount_minor` (not negative) on both accounts, or changes nothing. */
enum transfer_verdict ledger_hold(struct account *debit, struct account *credit,
                                  int64_t amount_minor);

/* Turns a hold into money, or takes it away. The hold has made room: nothing can refuse. */
void ledger_post(struct account *debit, struct account *credit, int64_t amount_minor);
void ledger_release(struct account *debit, struct account *credit, int64_t amount_minor);

/* What is held on the debit of `from` is held on that of `to`; the other side of the hold stays.
 * The same verdicts as ledger_hold. */
enum transfer_verdict ledger_shift(struct account *to, struct account *from, int64_t amount_minor);

/* A transfer that was never held: fees, corrections. The same verdicts as ledger_hold. */
enum transfer_verdict ledger_move(struct account *debit, struct account *credit,
                                  int64_t amount_minor);

/* "amount is zero". Never NULL. */
const char *transfer_verdict_text(enum transfer_verdict verdict);
