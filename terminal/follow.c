/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What void, refund and the companions of a pre-authorisation have in common: the original on the
 * screen, the card that paid, and the way to the host, which is that of a sale.
 */
#include "terminal/cash.h"

void follow_number_field(struct terminal *t, enum text_id label, unsigned max)
{
    struct screen *s = &t->screen;
    s->field.kind = SCREEN_FIELD_DIGITS;
    s->field.max = (uint8_t)max;
    text_fill(label, s->language, NULL, s->field.label, sizeof s->field.label);
    memcpy(s->field.value, t->typed, sizeof t->typed);
    s->keypad = SCREEN_KEYPAD_DIGITS;
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
}

bool follow_is_date(const char *mmdd)
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (strlen(mmdd) != 4) return false;
    int month = (mmdd[0] - '0') * 10 + mmdd[1] - '0', day = (mmdd[2] - '0') * 10 + mmdd[3] - '0';
    return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
}

void follow_original(struct terminal *t, const struct payment *original)
{
    struct payment *p = &t->work.payment;
    p->means = original->means;
    p->order = original->order;
    p->original =
        (struct payment_original){.batch = original->key.batch, .stan = original->key.stan};
    memcpy(p->original.rrn, original->rrn, sizeof p->original.rrn);
    memcpy(p->original.auth_code, original->auth_code, sizeof p->original.auth_code);
    memcpy(p->original.date, original->local_date, sizeof p->original.date);
    memcpy(t->work.original_masked, original->pan_masked, sizeof t->work.original_masked);
}

void follow_say_means(struct terminal *t, const struct payment *payment)
{
    if (payment->means == PAYMENT_CASH) SAY(t, SCREEN_NORMAL, TEXT_CASH_MEANS);
    else if (payment->means == PAYMENT_SHOWN) SAY(t, SCREEN_NORMAL, TEXT_SHOWN_MEANS);
    else if (payment->means == PAYMENT_POINTS)
        SAY(t, SCREEN_NORMAL, TEXT_POINTS_MEANS, payment->pan_masked);
    else
        SAY(t, SCREEN_NORMAL, payment->means == PAYMENT_CODE ? TEXT_SALE_CODE : TEXT_SALE_CARD,
            payment->pan_masked);
}

void follow_say_which(struct terminal *t, const struct payment *original)
{
    follow_say_means(t, original);
    SAY(t, SCREEN_NORMAL, TEXT_QUERY_VOUCHER, padded_text(original->key.stan, 6).text);
}

void follow_say(struct terminal *t, const struct payment *original)
{
    const struct payment_type_row *row = payment_type_row(original->type);
    SAY(t, SCREEN_NORMAL, TEXT_AFTER_ORIGINAL,
        t->records.language == LANGUAGE_ZH ? row->zh : row->en);
    SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(original->amount_minor).text);
    follow_say_which(t, original);
    SAY(t, SCREEN_NORMAL, TEXT_QUERY_TIME,
        time_text(original->created_ms + CLOCK_CHINA_OFFSET_MS).text);
    if (original->rrn[0] != '\0') SAY(t, SCREEN_NORMAL, TEXT_QUERY_RRN, original->rrn);
}

/* What was paid by code goes back by itself; nothing is presented. */
static bool by_code(struct terminal *t)
{
    struct payment *p = &t->work.payment;
    if (!payment_cardless(p->means)) return false;
    p->entry = PAYMENT_ENTRY_CODE;
    memcpy(p->pan_masked, t->work.original_masked, sizeof p->pan_masked);
    return true;
}

/* From the card to a payment that is in the store and on its way. */
static err follow_begin(struct terminal *t, struct procedure *p)
{
    enum vault_status status;

    PROCEDURE_BEGIN(p);
    if (t->work.payment.means == PAYMENT_CASH) {
        PROCEDURE_CALL(t, p, cash_give);
        PROCEDURE_LEAVE(t, p, t->outcome);
    }
    for (;;) {
        if (!by_code(t)) {
            PROCEDURE_CALL(t, p, sale_means);
            if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
        }
        PROCEDURE_CALL(t, p, sale_clear);
        if (t->outcome == OUTCOME_BACK && payment_cardless(t->work.payment.means))
            PROCEDURE_BACK(t, p);
        if (t->outcome == OUTCOME_BACK) continue;
        TRY(queue_submit(t, &status));
        if (status == VAULT_OK) PROCEDURE_DONE(t, p);
        TRY(sale_refused_by_vault(t, status));
        if (payment_cardless(t->work.payment.means)) PROCEDURE_BACK(t, p);
    }
    PROCEDURE_END(t, p);
}

err follow_send(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    PROCEDURE_CALL(t, p, follow_begin);
    if (t->outcome == OUTCOME_BACK) {
        secure_forget(t);
        PROCEDURE_LEAVE(t, p, OUTCOME_REFUSED);
    }
    if (t->work.payment.state == PAYMENT_PENDING) PROCEDURE_CALL(t, p, sale_wait);
    PROCEDURE_CALL(t, p, sale_result);
    PROCEDURE_LEAVE(t, p, t->outcome);
    PROCEDURE_END(t, p);
}
