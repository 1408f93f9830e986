/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 退货: how the payment is found, the amount, a supervisor's yes to this amount, the card or wallet
 * that paid, the host's answer (S95). What is known here is shown and judged here; the host knows
 * what other terminals have refunded, and has the last word.
 */
#include "terminal/follow.h"

/* ---- which payment ---- */

static void show_by(struct terminal *t)
{
    screen_begin(t, "refund.by", TEXT_REFUND_BY);
    screen_notice(t);
    screen_choice(t, "voucher", TEXT_REFUND_BY_VOUCHER, SCREEN_LIST, "print", true);
    screen_choice(t, "card", TEXT_REFUND_BY_CARD, SCREEN_LIST, "card", true);
    screen_choice(t, "code", TEXT_REFUND_BY_CODE, SCREEN_LIST, "code", true);
    if (t->counter.value[COUNTER_POINTS])
        screen_choice(t, "points", TEXT_REFUND_BY_POINTS, SCREEN_LIST, "card", true);
    screen_show(t);
}

static void show_number(struct terminal *t, bool voucher)
{
    screen_begin(t, voucher ? "refund.number" : "refund.reference", TEXT_REFUND_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_HINT, voucher ? TEXT_AFTER_VOUCHER_HINT : TEXT_REFUND_RRN_HINT);
    if (voucher) follow_number_field(t, TEXT_AFTER_VOUCHER, 6);
    else follow_number_field(t, TEXT_REFUND_RRN, 12);
    screen_show(t);
}

/* What this terminal knows of it becomes the original; false, and a notice, when it cannot be. */
static err take(struct terminal *t, int64_t number, const struct payment *original, bool *ret_taken)
{
    struct payment_trail trail;
    struct number_text voucher = padded_text(original->key.stan, 6);
    TRY(records_trail(&t->records, &original->key, &trail));
    enum payment_type by = payment_refund_of(original->type);
    if (!payment_follows(original->state) || !payment_state_final(original->state) ||
        by == PAYMENT_TYPE_NONE) {
        NOTICE(t, SCREEN_WARNING, TEXT_AFTER_NOT_FOUND, voucher.text);
        return OK;
    }
    if (payment_trail_left(&trail, original) == 0) {
        NOTICE(t, SCREEN_WARNING, TEXT_AFTER_VOIDED, voucher.text);
        return OK;
    }
    follow_original(t, original);
    t->work.payment.type = by;
    t->work.original_number = number;
    *ret_taken = true;
    return OK;
}

static err by_voucher(struct terminal *t, bool *ret_taken)
{
    struct payment original;
    int64_t number = 0;
    struct reader typed = reader_over(bytes_text(t->typed));
    uint32_t stan = read_digits(&typed, strlen(t->typed));
    err e = records_by_voucher(&t->records, stan, &number, &original);
    if (e.code == ERR_NOT_FOUND) e = records_cash_sale(&t->records, stan, &number, &original);
    if (e.code == ERR_NOT_FOUND) {
        NOTICE(t, SCREEN_WARNING, TEXT_AFTER_NOT_FOUND, padded_text(stan, 6).text);
        return OK;
    }
    TRY(e);
    return take(t, number, &original, ret_taken);
}

/* Who had shown the code is not on a slip. */
static bool same_way(enum payment_means a, enum payment_means b)
{
    return a == b || (payment_by_code(a) && payment_by_code(b));
}

/* One of ours is shown as it was; of another terminal's, reference and date are all there is. */
static err by_reference(struct terminal *t, enum payment_means means, bool *ret_taken)
{
    struct payment *p = &t->work.payment;
    struct payment original;
    int64_t number = 0;
    err e = records_by_reference(&t->records, t->typed, &number, &original);
    if (!FAILED(e) && same_way(original.means, means)) return take(t, number, &original, ret_taken);
    if (FAILED(e) && e.code != ERR_NOT_FOUND) return e;
    p->means = means;
    if (means == PAYMENT_POINTS) p->type = PAYMENT_REDEEM_REFUND;
    memcpy(p->original.rrn, t->typed, sizeof p->original.rrn);
    *ret_taken = true;
    return OK;
}

/* What was typed, when it is enough: 0 is a voucher, else the means of a reference. */
static err typed(struct terminal *t, int64_t means, bool *ret_taken)
{
    if (t->typed[0] == '\0' || (means != 0 && strlen(t->typed) < 12)) return OK;
    if (means == 0) TRY(by_voucher(t, ret_taken));
    else TRY(by_reference(t, (enum payment_means)means, ret_taken));
    if (!*ret_taken) t->typed[0] = '\0';
    return OK;
}

static err refund_number(struct terminal *t, struct procedure *p)
{
    bool taken = false;

    PROCEDURE_BEGIN(p);
    p->local[0] = choice_is(t, "voucher")  ? 0
                  : choice_is(t, "card")   ? PAYMENT_CARD
                  : choice_is(t, "points") ? PAYMENT_POINTS
                                           : PAYMENT_CODE;
    t->typed[0] = '\0';
    notice_clear(t);
    while (!taken) {
        show_number(t, p->local[0] == 0);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        (void)typed_key(t, p->local[0] == 0 ? 6 : 12);
        if (key_is(t, "ok")) TRY(typed(t, p->local[0], &taken));
    }
    PROCEDURE_END(t, p);
}

err refund_date(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    t->typed[0] = '\0';
    for (;;) {
        screen_begin(t, "refund.date", TEXT_REFUND_TITLE);
        screen_notice(t);
        SAY(t, SCREEN_HINT, TEXT_REFUND_DATE_HINT);
        follow_number_field(t, TEXT_REFUND_DATE, 4);
        screen_show(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        (void)typed_key(t, 4);
        if (!key_is(t, "ok")) continue;
        if (follow_is_date(t->typed)) break;
        NOTICE(t, SCREEN_WARNING, TEXT_REFUND_BAD_DATE, t->typed);
        t->typed[0] = '\0';
    }
    memcpy(t->work.payment.original.date, t->typed, sizeof t->work.payment.original.date);
    PROCEDURE_END(t, p);
}

/* The payment that is meant: t->work.payment.original. */
static err refund_which(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    for (;;) {
        show_by(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (t->event.kind != EVENT_KEY || strncmp(t->event.key, "choice:", 7) != 0) continue;
        work_begin(t, PAYMENT_REFUND);
        PROCEDURE_CALL(t, p, refund_number);
        if (t->outcome == OUTCOME_BACK) continue;
        if (t->work.payment.original.date[0] == '\0') PROCEDURE_CALL(t, p, refund_date);
        if (t->outcome != OUTCOME_BACK) PROCEDURE_DONE(t, p);
    }
    PROCEDURE_END(t, p);
}

/* ---- how much ---- */

/* What is left of one of ours; of another's, -1. */
static err left(struct terminal *t, struct payment *ret_original, int64_t *ret_left)
{
    struct payment_trail trail;
    *ret_left = -1;
    if (t->work.original_number == 0) return OK;
    TRY(records_get(&t->records, t->work.original_number, ret_original));
    TRY(records_trail(&t->records, &ret_original->key, &trail));
    *ret_left = payment_trail_left(&trail, ret_original);
    return OK;
}

static err show_amount(struct terminal *t)
{
    struct payment original;
    int64_t left_minor = 0;
    TRY(left(t, &original, &left_minor));
    screen_begin(t, "refund.amount", TEXT_REFUND_TITLE);
    screen_notice(t);
    if (left_minor >= 0) {
        follow_say_which(t, &original);
        SAY(t, SCREEN_NORMAL, TEXT_AFTER_LEFT, amount_text(left_minor).text);
    }
    SAY(t, SCREEN_HINT, TEXT_REFUND_AMOUNT_HINT);
    amount_field(t, TEXT_REFUND_AMOUNT);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_show(t);
    return OK;
}

/* Something, and not more than is left here. */
static err amount_there(struct terminal *t, bool *ret_there)
{
    struct payment original;
    int64_t amount_minor = amount_typed(t), left_minor = 0;
    TRY(left(t, &original, &left_minor));
    t->work.payment.amount_minor = amount_minor;
    t->asked = (struct asked){LIMIT_REFUND, amount_minor};
    *ret_there = amount_minor > 0 && (left_minor < 0 || amount_minor <= left_minor);
    if (amount_minor == 0) NOTICE(t, SCREEN_WARNING, TEXT_SALE_AMOUNT_ZERO);
    else if (!*ret_there) NOTICE(t, SCREEN_WARNING, TEXT_REFUND_OVER, amount_text(left_minor).text);
    return OK;
}

static err refund_amount(struct terminal *t, struct procedure *p)
{
    bool there = false;

    PROCEDURE_BEGIN(p);
    for (;;) {
        TRY(show_amount(t));
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        amount_key(t);
        if (!key_is(t, "ok")) continue;
        TRY(amount_there(t, &there));
        if (!there) continue;
        PROCEDURE_CALL(t, p, allow);
        if (t->outcome == OUTCOME_DONE) PROCEDURE_DONE(t, p);
    }
    PROCEDURE_END(t, p);
}

err refund(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    do {
        work_begin(t, PAYMENT_REFUND);
        PROCEDURE_CALL(t, p, refund_which);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
        PROCEDURE_CALL(t, p, refund_amount);
        if (t->outcome != OUTCOME_DONE) continue;
        PROCEDURE_CALL(t, p, follow_send);
    } while (t->outcome != OUTCOME_BACK || t->work.number == 0);
    PROCEDURE_END(t, p);
}
