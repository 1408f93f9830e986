/* SPDX-License-Identifier: Apache-2.0 */
/* 重打印: the last approved payment, or any of the batch by its voucher number; marked on the slip.
 */
#include "terminal/core.h"

static void show_done(struct terminal *t, int64_t number)
{
    screen_begin(t, "reprint.done", TEXT_REPRINT_TITLE);
    SAY(t, SCREEN_SUCCESS, TEXT_REPRINT_DONE);
    t->screen.receipt = &t->receipt;
    t->screen.receipt_number = number;
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_idle(t, TERMINAL_RESULT_S);
    screen_show(t);
}

static err print(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->local[0] = t->chosen;
    do {
        show_done(t, p->local[0]);
        PROCEDURE_AWAIT(t, p);
    } while (!key_is(t, "ok") && !key_is(t, "cancel"));
    PROCEDURE_END(t, p);
}

static err last(struct terminal *t)
{
    struct payment payment;
    TRY(records_last_approved(&t->records, &t->chosen, &payment));
    return queue_print(t, t->chosen, &payment, true);
}

err reprint_last(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    TRY(last(t)); /* the menu has made sure that there is one */
    PROCEDURE_CALL(t, p, print);
    PROCEDURE_END(t, p);
}

static void show_number(struct terminal *t)
{
    struct screen *s = &t->screen;
    screen_begin(t, "reprint.number", TEXT_REPRINT_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_HINT, TEXT_REPRINT_HINT);
    s->field.kind = SCREEN_FIELD_DIGITS;
    s->field.max = 6;
    text_fill(TEXT_REPRINT_VOUCHER, s->language, NULL, s->field.label, sizeof s->field.label);
    memcpy(s->field.value, t->typed, sizeof t->typed);
    s->keypad = SCREEN_KEYPAD_DIGITS;
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_show(t);
}

/* Prints the voucher that was typed, or says why not. */
static err by_number(struct terminal *t, bool *ret_printed)
{
    struct payment payment = {0};
    struct reader typed = reader_over(bytes_text(t->typed));
    uint32_t stan = read_digits(&typed, strlen(t->typed));
    err e = records_by_voucher(&t->records, stan, &t->chosen, &payment);
    if (FAILED(e) && e.code != ERR_NOT_FOUND) return e;
    if (FAILED(e) || !payment_state_paid(payment.state)) {
        NOTICE(t, SCREEN_WARNING, TEXT_REPRINT_NOT_FOUND, padded_text(stan, 6).text);
        t->typed[0] = '\0';
        return OK;
    }
    TRY(queue_print(t, t->chosen, &payment, true));
    *ret_printed = true;
    return OK;
}

err reprint_any(struct terminal *t, struct procedure *p)
{
    bool printed = false;

    PROCEDURE_BEGIN(p);
    t->typed[0] = '\0';
    notice_clear(t);
    while (!printed) {
        show_number(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        (void)typed_key(t, 6);
        if (key_is(t, "ok") && t->typed[0] != '\0') TRY(by_number(t, &printed));
    }
    PROCEDURE_CALL(t, p, print);
    PROCEDURE_END(t, p);
}
