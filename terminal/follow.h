/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the procedures of payments share: the parts of a sale that every kind of payment has, and
 * what void, refund and so on have in common.
 */

#include "payment/follow.h"
#include "terminal/core.h"

/* Parts of a sale that every payment has: its means (DONE: t->work.payment has them), what must be
 * so before it may be sent, the host's answer, the result (DONE: one more of the kind). */
err sale_means(struct terminal *t, struct procedure *p);
/* The card of t->work.card, or of the chip: judged, with its PIN. DONE: t->work.payment has it. */
err sale_by_card(struct terminal *t, struct procedure *p);
/* From the means to a payment that is in the store. SKIPPED: it became an order (split.h). */
err sale_pay(struct terminal *t, struct procedure *p);
err sale_clear(struct terminal *t, struct procedure *p);
err sale_wait(struct terminal *t, struct procedure *p);
err sale_result(struct terminal *t, struct procedure *p);
err void_sale(struct terminal *t, struct procedure *p);  /* void.c */
err void_given(struct terminal *t, struct procedure *p); /* the same of voucher t->chosen */
err refund(struct terminal *t, struct procedure *p);     /* refund.c */
err preauth(struct terminal *t, struct procedure *p);    /* preauth.c */
err balance(struct terminal *t, struct procedure *p);    /* balance.c */
/* The date of t->work.payment.original is typed. */
err refund_date(struct terminal *t, struct procedure *p);
/* Sends what t->work.payment is: means, leave and original are there (follow.c). DONE: it has
 * ended, and another is wanted. BACK: it has ended, or was never sent. */
err follow_send(struct terminal *t, struct procedure *p);

/* Nothing is under way any more; a payment of this type begins. */
void work_begin(struct terminal *t, enum payment_type type);
/* The vault would not: nothing was stored, nothing was sent. */
MUST_USE err sale_refused_by_vault(struct terminal *t, enum vault_status status);

/* ---- follow.c: what void, refund and so on have in common ---- */

/* The payment `number` of the store becomes the original of t->work.payment. */
void follow_original(struct terminal *t, const struct payment *original);
/* The lines that show an original, masked. */
void follow_say(struct terminal *t, const struct payment *original);
/* Only which it is, where an amount is typed below: the field has to be seen on a small screen. */
void follow_say_which(struct terminal *t, const struct payment *original);
/* The line that says what a payment was paid with. */
void follow_say_means(struct terminal *t, const struct payment *payment);
/* Four digits that are a month and a day of it. */
bool follow_is_date(const char *mmdd);
/* A voucher number that is typed into t->typed: its field and keypad on the screen. */
void follow_number_field(struct terminal *t, enum text_id label, unsigned max);
