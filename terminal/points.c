/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 积分: where the administrator has switched it on. The member's number is typed or scanned, goes
 * to the host where a customer's code goes, and is kept masked, as one of these.
 */
#include "terminal/points.h"

#include "terminal/follow.h"

enum {
    MEMBER_LEAST = 13,
    MEMBER_TYPED = 15,
    MEMBER_MOST = 19
}; /* digits, as field 59 takes them */

bool points_offered(const struct terminal *t)
{
    const struct payment *p = &t->work.payment;
    return t->counter.value[COUNTER_POINTS] && p->type == PAYMENT_SALE && p->tip_minor == 0;
}

void points_undo(struct terminal *t)
{
    if (t->work.payment.type == PAYMENT_REDEEM) t->work.payment.type = PAYMENT_SALE;
}

static void show(struct terminal *t)
{
    screen_begin(t, "points.member", TEXT_POINTS_TITLE);
    SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(t->work.payment.amount_minor).text);
    screen_notice(t);
    SAY(t, SCREEN_HINT, TEXT_POINTS_HINT);
    t->screen.scan = true;
    follow_number_field(t, TEXT_POINTS_NUMBER, MEMBER_TYPED);
    screen_show(t);
}

static bool take(struct terminal *t, struct bytes number)
{
    struct payment *p = &t->work.payment;
    bool fits = number.len >= MEMBER_LEAST && number.len <= MEMBER_MOST;
    if (!fits || !bytes_all_digits(number) || FAILED(payment_mask(number, p->pan_masked))) {
        NOTICE(t, SCREEN_WARNING, TEXT_POINTS_NOT);
        return false;
    }
    memmove(t->work.code, number.at, number.len);
    t->work.code_len = number.len;
    p->type = PAYMENT_REDEEM;
    p->means = PAYMENT_POINTS;
    p->entry = PAYMENT_ENTRY_CODE;
    return true;
}

err points_take(struct terminal *t, struct procedure *p)
{
    bool taken = false;

    PROCEDURE_BEGIN(p);
    secure_forget(t); /* a card that lies near must not be read meanwhile */
    t->typed[0] = '\0';
    notice_clear(t);
    while (!taken) {
        show(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        (void)typed_key(t, MEMBER_TYPED);
        if (key_is(t, "ok")) taken = take(t, bytes_text(t->typed));
        else if (t->event.kind == EVENT_CODE)
            taken = take(t, bytes_of(t->work.code, t->work.code_len));
    }
    explicit_bzero(t->typed, sizeof t->typed);
    PROCEDURE_END(t, p);
}
