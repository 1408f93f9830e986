/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a payment ends here is chosen by the fen of its amount: they are the response code. 12.51 is
 * declined for want of funds, 12.55 for a wrong PIN, 12.98 has no answer and is reversed; fen that
 * are no code, and 00, are approved. Cash is always taken.
 */
#include "terminal/training_pay.h"

#include "payment/response_code.h"
#include "terminal/instalment.h"

enum { TRAINING_WAIT_MS = 1500, NO_ANSWER = 98 };

/* Cards and codes of nobody. */
/* clang-format off */
static const struct {
    const char *key;
    enum text_id text;
    const char *icon;
    enum payment_means means;
    enum payment_entry entry;
    bool pin;
} presented[] = {
    {"tap",   TEXT_TRAINING_TAP,   "card", PAYMENT_CARD, PAYMENT_ENTRY_CONTACTLESS, false},
    {"chip",  TEXT_TRAINING_CHIP,  "card", PAYMENT_CARD, PAYMENT_ENTRY_CHIP,        true},
    {"swipe", TEXT_TRAINING_SWIPE, "card", PAYMENT_CARD, PAYMENT_ENTRY_SWIPE,       false},
    {"code",  TEXT_TRAINING_CODE,  "code", PAYMENT_CODE, PAYMENT_ENTRY_CODE,        false},
    {"cash",  TEXT_ENTRY_CASH,     "cash", PAYMENT_CASH, PAYMENT_ENTRY_UNKNOWN,     false},
    {"points", TEXT_ENTRY_POINTS,  "member", PAYMENT_POINTS, PAYMENT_ENTRY_CODE,    false},
};
/* clang-format on */

static void keep(struct terminal *t)
{
    struct training_book *b = &t->training;
    if (b->count == TRAINING_KEPT)
        memmove(b->payment, b->payment + 1, --b->count * sizeof b->payment[0]);
    b->payment[b->count++] = t->work.payment;
}

/* What is no sale is of a card, and so are instalments; points are taken for goods. */
static bool offered(const struct terminal *t, size_t at)
{
    const struct payment *p = &t->work.payment;
    if (presented[at].means == PAYMENT_POINTS) return p->type == PAYMENT_SALE && p->tip_minor == 0;
    return p->type == PAYMENT_SALE || presented[at].means == PAYMENT_CARD;
}

static void show_present(struct terminal *t)
{
    screen_begin(t, "training.present", TEXT_TRAINING_PRESENT);
    SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(t->work.payment.amount_minor).text);
    items_say(t);
    SAY(t, SCREEN_HINT, TEXT_TRAINING_PRESENT_HINT);
    for (size_t i = 0; i < ARRAY_LEN(presented); i++)
        if (offered(t, i))
            screen_choice(t, presented[i].key, presented[i].text, SCREEN_LIST, presented[i].icon,
                          true);
    screen_show(t);
}

static bool take_means(struct terminal *t)
{
    struct payment *p = &t->work.payment;
    for (size_t i = 0; i < ARRAY_LEN(presented); i++) {
        if (!choice_is(t, presented[i].key) || !offered(t, i)) continue;
        p->means = presented[i].means;
        if (p->means == PAYMENT_POINTS) p->type = PAYMENT_REDEEM;
        p->entry = presented[i].entry;
        p->pin_entered = presented[i].pin;
        memcpy(p->pan_masked, "000000******0000", sizeof "000000******0000");
        return true;
    }
    return false;
}

err training_present(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    if (t->work.payment.type == PAYMENT_REDEEM) t->work.payment.type = PAYMENT_SALE;
    for (;;) {
        show_present(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (take_means(t)) PROCEDURE_DONE(t, p);
    }
    PROCEDURE_END(t, p);
}

static void show_wait(struct terminal *t, int64_t until_us)
{
    screen_begin(t, "training.wait", TEXT_SALE_WAIT_TITLE);
    SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(t->work.payment.amount_minor).text);
    screen_wait(t, TEXT_TRAINING_WAIT, until_us);
    screen_until(t, until_us);
    screen_keys(t, 0);
    screen_show(t);
}

/* What the fen say, into the payment. */
static void conclude(struct terminal *t)
{
    struct payment *p = &t->work.payment;
    int fen = (int)(p->amount_minor % 100);
    struct number_text code = padded_text(fen, 2);
    const struct response_code *row = response_code(code.text);
    bool known = strcmp(row->code, code.text) == 0;
    memcpy(p->key.tid, t->facts.tid, sizeof p->key.tid);
    memcpy(p->mid, t->facts.mid, sizeof p->mid);
    memcpy(p->operator_id, t->operator_id, sizeof p->operator_id);
    p->currency = CURRENCY_CNY;
    p->created_ms = now_ms(t);
    if (p->means == PAYMENT_CASH) fen = 0; /* nobody is asked */
    if (fen == NO_ANSWER) {
        p->state = PAYMENT_REVERSED;
        return;
    }
    code = padded_text(fen, 2);
    p->key.stan = ++t->training.stan; /* all of it is of this training */
    memcpy(p->auth_code, padded_text(p->key.stan, 6).text, sizeof p->auth_code);
    memcpy(p->rrn, padded_text(p->key.stan, 12).text, sizeof p->rrn);
    if (p->means == PAYMENT_CASH) p->given_minor = p->amount_minor;
    memcpy(p->response_code, known ? code.text : "00", 3);
    p->state = response_approved(p->response_code) ? PAYMENT_APPROVED : PAYMENT_DECLINED;
}

/* Both slips, marked; nothing is stored that could print them again. */
static void print(struct terminal *t)
{
    struct receipt_context context = {.merchant_name = shop_name(t),
                                      .training = true,
                                      .local_ms = now_local_ms(t),
                                      .columns = t->config.paper_columns,
                                      .basket = &t->work.basket,
                                      .signature_free = signature_free(t, &t->work.payment)};
    static const enum receipt_copy copies[] = {RECEIPT_CARDHOLDER_COPY, RECEIPT_MERCHANT_COPY};
    for (size_t i = 0; i < ARRAY_LEN(copies); i++) {
        context.copy = copies[i];
        if (FAILED(receipt_make(&t->work.payment, &context, &t->receipt))) t->receipt.count = 0;
        struct terminal_receipt out = {0, false, copies[i], &t->receipt};
        if (t->ports.receipt != NULL) t->ports.receipt(t->ports.context, &out);
    }
}

static void show_result(struct terminal *t)
{
    const struct payment *p = &t->work.payment;
    const struct response_code *code = response_code(p->response_code);
    bool zh = t->records.language == LANGUAGE_ZH, paid = p->state == PAYMENT_APPROVED;
    screen_begin(t, "training.result", paid ? TEXT_TRAINING_PAID : TEXT_TRAINING_NOT_PAID);
    SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(p->amount_minor).text);
    if (p->state == PAYMENT_REVERSED) {
        SAY(t, SCREEN_ERROR, TEXT_SALE_NO_ANSWER);
        SAY(t, SCREEN_NORMAL, TEXT_SALE_REVERSED);
        SAY(t, SCREEN_HINT, TEXT_SALE_REVERSED_HINT);
    } else if (!paid) {
        SAY(t, SCREEN_ERROR, TEXT_SALE_DECLINED, zh ? code->reason_zh : code->reason_en,
            code->code);
        SAY(t, SCREEN_NORMAL, TEXT_SALE_ADVICE, zh ? code->advice_zh : code->advice_en);
    } else {
        SAY(t, SCREEN_SUCCESS, TEXT_TRAINING_APPROVED);
        t->screen.receipt = &t->receipt;
        t->screen.receipt_number = 0;
    }
    screen_choice(t, "next", TEXT_TRAINING_AGAIN, SCREEN_PRIMARY, NULL, true);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_show(t);
}

static err result(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    for (;;) {
        show_result(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "ok") || key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "next")) PROCEDURE_DONE(t, p);
    }
    PROCEDURE_END(t, p);
}

/* The answer that its fen are, the slips, and a place in the book. */
static void end(struct terminal *t)
{
    conclude(t);
    if (t->work.payment.state != PAYMENT_APPROVED) return;
    print(t);
    keep(t);
}

err training_carry_out(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->local[0] = now_us(t) + TRAINING_WAIT_MS * INT64_C(1000);
    do {
        show_wait(t, p->local[0]);
        PROCEDURE_AWAIT(t, p);
    } while (t->event.kind != EVENT_TIME);
    end(t);
    PROCEDURE_CALL(t, p, result);
    PROCEDURE_LEAVE(t, p, t->outcome);
    PROCEDURE_END(t, p);
}
