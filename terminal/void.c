/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 撤销: the voucher number, the original as it was, a supervisor's yes, the card that paid, the
 * host's answer (S94). A whole sale of this batch and of this terminal; whatever else it may be,
 * the cashier is told why not before anybody is asked.
 */
#include "terminal/follow.h"

static void show_number(struct terminal *t)
{
    screen_begin(t, "void.number", TEXT_VOID_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_HINT, TEXT_AFTER_VOUCHER_HINT);
    follow_number_field(t, TEXT_AFTER_VOUCHER, 6);
    screen_show(t);
}

/* Why this payment is not voided; 0 when it may be. */
static enum text_id refusal(const struct payment *original, const struct payment_trail *trail)
{
    if (payment_void_of(original->type) == PAYMENT_TYPE_NONE) return TEXT_VOID_NOT;
    if (trail->under_way) return TEXT_AFTER_BUSY;
    if (trail->voided) return TEXT_AFTER_VOIDED;
    return trail->given_minor > 0 ? TEXT_AFTER_REFUNDED : 0;
}

/* Takes the voucher that was typed for the original, or says why not. */
static err find(struct terminal *t, bool *ret_found)
{
    struct payment original = {0};
    struct payment_trail trail = {0};
    struct reader typed = reader_over(bytes_text(t->typed));
    uint32_t stan = read_digits(&typed, strlen(t->typed));
    struct number_text voucher = padded_text(stan, 6);
    err e = records_by_voucher(&t->records, stan, &t->work.original_number, &original);
    if (FAILED(e) && e.code != ERR_NOT_FOUND) return e;
    bool there = !FAILED(e) && original.state == PAYMENT_APPROVED;
    if (there) TRY(records_trail(&t->records, &original.key, &trail));
    enum text_id why = there ? refusal(&original, &trail) : TEXT_AFTER_NOT_FOUND;
    if (why != 0) {
        NOTICE(t, SCREEN_WARNING, why, voucher.text);
        t->typed[0] = '\0';
        return OK;
    }
    follow_original(t, &original);
    t->work.payment.type = payment_void_of(original.type);
    t->work.payment.amount_minor = original.amount_minor;
    *ret_found = true;
    return OK;
}

static err void_number(struct terminal *t, struct procedure *p)
{
    bool found = false;

    PROCEDURE_BEGIN(p);
    t->typed[0] = '\0';
    while (!found) {
        show_number(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        (void)typed_key(t, 6);
        if (key_is(t, "ok") && t->typed[0] != '\0') TRY(find(t, &found));
    }
    PROCEDURE_END(t, p);
}

static err show_confirm(struct terminal *t)
{
    struct payment original;
    TRY(records_get(&t->records, t->work.original_number, &original));
    screen_begin(t, "void.confirm", TEXT_VOID_CONFIRM_TITLE);
    screen_notice(t);
    follow_say(t, &original);
    SAY(t, SCREEN_HINT, TEXT_AFTER_CONFIRM_HINT);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_show(t);
    return OK;
}

/* The original is looked at, and a supervisor says yes. */
static err void_confirm(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    for (;;) {
        TRY(show_confirm(t));
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (!key_is(t, "ok")) continue;
        t->asked = (struct asked){LIMIT_VOID, 1};
        PROCEDURE_CALL(t, p, allow);
        if (t->outcome == OUTCOME_DONE) PROCEDURE_DONE(t, p);
    }
    PROCEDURE_END(t, p);
}

err void_given(struct terminal *t, struct procedure *p)
{
    bool found = false;

    PROCEDURE_BEGIN(p);
    p->local[0] = t->chosen;
    work_begin(t, PAYMENT_VOID);
    memcpy(t->typed, padded_text(p->local[0], 6).text, 7);
    TRY(find(t, &found));
    if (!found) PROCEDURE_BACK(t, p);
    PROCEDURE_CALL(t, p, void_confirm);
    if (t->outcome != OUTCOME_DONE) PROCEDURE_BACK(t, p);
    PROCEDURE_CALL(t, p, follow_send);
    PROCEDURE_END(t, p);
}

err void_sale(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    do {
        work_begin(t, PAYMENT_VOID);
        PROCEDURE_CALL(t, p, void_number);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
        PROCEDURE_CALL(t, p, void_confirm);
        if (t->outcome != OUTCOME_DONE) continue;
        PROCEDURE_CALL(t, p, follow_send);
    } while (t->outcome != OUTCOME_BACK || t->work.number == 0);
    PROCEDURE_END(t, p);
}
