/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* queue: payments, persisted and then sent (queue.c). Nothing else changes the state of one. */

#include "terminal/secure.h"
#include "terminal/terminal.h"
#include "terminal/texts.h"

/* The slip that paper or plug were lost under. */
struct unsure_slip {
    bool is;
    uint32_t stan; /* 0: a report */
};

/*
 * Gives the payment its key, asks the vault for what goes with it, commits it as PENDING and sends.
 * *ret_status tells when the vault refuses; then nothing was stored and nothing sent.
 */
MUST_USE err queue_submit(struct terminal *t, enum vault_status *ret_status);

/* The card has approved by itself: OFFLINE, with its card data sealed, committed. *ret_status as
 * above. */
MUST_USE err queue_offline(struct terminal *t, enum vault_status *ret_status);

/* A completion that is told, not asked: OFFLINE, committed, and its slips. The host hears of it
 * when it can. */
MUST_USE err queue_notice(struct terminal *t);

/* Cash has changed hands: APPROVED, committed, and its slips. */
MUST_USE err queue_cash(struct terminal *t);

/* The answer is there: approved or declined, committed before anybody hears of it. */
MUST_USE err queue_conclude(struct terminal *t);

/* No definitive answer: REVERSING with this reason (98, A0, 06), committed. */
MUST_USE err queue_reverse(struct terminal *t, const char *reason, enum text_id ending);

/* After a restart: what was PENDING has no answer and never will have. */
MUST_USE err queue_recover(struct terminal *t);

/* Sends t->work.payment, which moves nothing; *ret_status as of queue_submit(). */
MUST_USE err queue_inquire(struct terminal *t, enum vault_status *ret_status);
/* Prints t->sheet, a report; one that could not be made has no lines and is not printed. */
void queue_sheet(struct terminal *t, bool reprint);
/* Prints the copies of a payment and, when it is new, announces it. */
MUST_USE err queue_print(struct terminal *t, int64_t number, const struct payment *payment,
                         bool reprint);

/* The merchant's copy of the payment under way, which queue_print() has left for its signature. */
MUST_USE err queue_print_signed(struct terminal *t);

/* Local time of a payment, as its receipt has it. */
int64_t queue_local_ms(const struct payment *payment);

/* The receipt of a payment into t->receipt. */
MUST_USE err queue_receipt(struct terminal *t, int64_t number, const struct payment *payment,
                           enum receipt_copy copy, bool reprint);

/* Is it said aloud when it is paid: did money come that nobody sees? */
bool queue_announced(const struct payment *payment);

/* What is said when `payment` is paid. */
void queue_speech(const struct terminal *t, int64_t number, const struct payment *payment,
                  struct speech *out);
