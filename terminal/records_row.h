/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A row of payments as a payment, for the files that select from that table: SELECT what they want,
 * then RECORDS_COLUMNS, and read in that order. */

#include "lib/store/store.h"
#include "payment/receipt.h"

#define RECORDS_COLUMNS                                                                          \
    "batch, stan, tid, mid, type, state, means, entry, card_class, pin_entered, amount_minor,"   \
    " currency, operator_id, pan_masked, card_sequence, issuer, response_code, reversal_reason," \
    " rrn, auth_code, local_time, local_date, settlement_date, created_ms, chip, approver_id,"   \
    " original_batch, original_stan, original_date, original_rrn, original_auth"

void records_row_read(struct store_statement *s, struct payment *out);

/* Approved by the host, or by the card alone: of enum payment_state. */
#define RECORDS_PAID "state IN (3, 9)"

/* A row of type, means, state, count and sum goes where it belongs in `report`. FULL. */
MUST_USE err records_row_kind(struct store_statement *s, struct receipt_report *report);
