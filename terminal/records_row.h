/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A row of payments as a payment, for the files that select from that table: SELECT what they want,
 * then RECORDS_COLUMNS, and read in that order. */

#include "lib/store/store.h"
#include "terminal/records.h"

#define RECORDS_COLUMNS                                                                          \
    "batch, stan, tid, mid, type, state, means, entry, card_class, pin_entered, amount_minor,"   \
    " currency, operator_id, pan_masked, card_sequence, issuer, response_code, reversal_reason," \
    " rrn, auth_code, local_time, local_date, settlement_date, created_ms, chip, approver_id,"   \
    " original_batch, original_stan, original_date, original_rrn, original_auth,"                \
    " given_minor, tip_minor, order_number, plan_months, plan_merchant, plan_fee_minor"

void records_row_read(struct store_statement *s, struct payment *out);

/* Inside a transaction of the caller's. */
MUST_USE err records_row_insert(struct records *r, const struct payment *p, struct bytes held,
                                int64_t number);
/* What may change behind it: the state, and what the answer says. Its sealed card data goes with
 * the first answer; of what the host refuses (OFFLINE to DISPUTED) it is kept, with the second. */
MUST_USE err records_row_update(struct records *r, int64_t number, const struct payment *p);
/* What is owed on paper of it, or of an order (number below nothing); also inside one. */
MUST_USE err records_row_owe(struct records *r, int64_t number, enum records_paper paper);

/* Approved by the host, or by the card alone, whether the host has heard of it, has not, or will
 * not take it: of enum payment_state. */
#define RECORDS_PAID "state IN (3, 9, 10)"

/* The tips of what was taken and stands: the sum of tip_minor of "payment" where voids, by the last
 * of the numbers looked at (a ?), have not taken it back. */
#define RECORDS_TIPS                                                                        \
    "SELECT coalesce(sum(tip_minor), 0) FROM payment WHERE tip_minor > 0 AND " RECORDS_PAID \
    " AND NOT EXISTS(SELECT 1 FROM payment AS back INDEXED BY payment_original"             \
    " WHERE back.original_batch = payment.batch AND back.original_stan = payment.stan"      \
    " AND back.original_stan > 0 AND back.type = 2 AND back.state = 3 AND back.number <= ?)"

/* A row of type, means, state, count and sum goes where it belongs in `report`. FULL. */
MUST_USE err records_row_kind(struct store_statement *s, struct receipt_report *report);
