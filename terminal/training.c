/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a sale ends here is chosen by the fen of its amount: they are the response code. 12.51 is
 * declined for want of funds, 12.55 for a wrong PIN, 12.98 has no answer and is reversed; fen that
 * are no code, and 00, are approved.
 */
#include "terminal/training.h"

#include "payment/response_code.h"
#include "terminal/follow.h"

enum {
    TRAINING_IDLE_S = 300, /* nobody learns any more: the shop takes money again */
    TRAINING_WAIT_MS = 1500,
    NO_ANSWER = 98,
};

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
};
/* clang-format on */

static err room(struct terminal *t, struct procedure *p);

bool training_on(const struct terminal *t)
{
    for (size_t i = 0; i < t->depth; i++)
        if (t->stack[i].run == room) return true;
    return false;
}

/* ---- a sale ---- */

static void show_present(struct terminal *t)
{
    screen_begin(t, "training.present", TEXT_TRAINING_PRESENT);
    SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(t->work.payment.amount_minor).text);
    items_say(t);
    SAY(t, SCREEN_HINT, TEXT_TRAINING_PRESENT_HINT);
    for (size_t i = 0; i < ARRAY_LEN(presented); i++)
        screen_choice(t, presented[i].key, presented[i].text, SCREEN_LIST, presented[i].icon, true);
    screen_show(t);
}

static bool take_means(struct terminal *t)
{
    struct payment *p = &t->work.payment;
    for (size_t i = 0; i < ARRAY_LEN(presented); i++) {
        if (!choice_is(t, presented[i].key)) continue;
        p->means = presented[i].means;
        p->entry = presented[i].entry;
        p->pin_entered = presented[i].pin;
        memcpy(p->pan_masked, "000000******0000", sizeof "000000******0000");
        return true;
    }
    return false;
}

static err present(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
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
    if (fen == NO_ANSWER) {
        p->state = PAYMENT_REVERSED;
        return;
    }
    memcpy(p->response_code, known ? code.text : "00", 3);
    p->state = response_approved(p->response_code) ? PAYMENT_APPROVED : PAYMENT_DECLINED;
}

/* Both slips, marked; nothing is stored that could print them again. */
static void print(struct terminal *t)
{
    struct receipt_context context = {.merchant_name = t->facts.merchant,
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

/* The amount and how it is paid. */
static err begin(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    for (;;) {
        PROCEDURE_CALL(t, p, sale_amount);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
        PROCEDURE_CALL(t, p, present);
        if (t->outcome == OUTCOME_DONE) PROCEDURE_DONE(t, p);
    }
    PROCEDURE_END(t, p);
}

static err practise(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    do {
        work_begin(t, PAYMENT_SALE);
        PROCEDURE_CALL(t, p, begin);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
        p->local[0] = now_us(t) + TRAINING_WAIT_MS * INT64_C(1000);
        do {
            show_wait(t, p->local[0]);
            PROCEDURE_AWAIT(t, p);
        } while (t->event.kind != EVENT_TIME);
        conclude(t);
        if (t->work.payment.state == PAYMENT_APPROVED) print(t);
        PROCEDURE_CALL(t, p, result);
    } while (t->outcome == OUTCOME_DONE);
    PROCEDURE_END(t, p);
}

/* ---- where it happens ---- */

static void show_menu(struct terminal *t, int64_t until_us)
{
    screen_begin(t, "training.menu", TEXT_TRAINING_TITLE);
    SAY(t, SCREEN_NORMAL, TEXT_TRAINING_ABOUT);
    SAY(t, SCREEN_NORMAL, TEXT_TRAINING_FEN_00);
    SAY(t, SCREEN_NORMAL, TEXT_TRAINING_FEN_51);
    SAY(t, SCREEN_NORMAL, TEXT_TRAINING_FEN_55);
    SAY(t, SCREEN_NORMAL, TEXT_TRAINING_FEN_98);
    SAY(t, SCREEN_HINT, TEXT_TRAINING_FEN);
    screen_choice(t, "leave", TEXT_TRAINING_LEAVE, SCREEN_PLAIN, NULL, true);
    screen_choice(t, "practise", TEXT_TRAINING_SALE, SCREEN_PRIMARY, "card", true);
    screen_idle(t, 0);
    screen_until(t, until_us);
    screen_show(t);
}

/* When nobody learns any more. */
static int64_t given_up_us(const struct terminal *t)
{
    return now_us(t) + TRAINING_IDLE_S * INT64_C(1000000);
}

/* Its own home: what idles comes back here, not to the screen where money is taken. */
static err room(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->home = true;
    p->local[0] = given_up_us(t);
    for (;;) {
        show_menu(t, p->local[0]);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) p->local[0] = given_up_us(t);
        if (choice_is(t, "practise")) PROCEDURE_CALL(t, p, practise);
        else if (choice_is(t, "leave") || key_is(t, "cancel") || t->event.kind == EVENT_TIME) break;
    }
    work_begin(t, PAYMENT_SALE); /* nothing of it is looked at any more */
    TRY(audit(t, "training_left", t->operator_id, ""));
    PROCEDURE_END(t, p);
}

err training(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    t->approval =
        (struct approval){.action = VAULT_APPROVE_TRAINING, .what = TEXT_APPROVE_TRAINING};
    PROCEDURE_CALL(t, p, approve);
    if (t->outcome != OUTCOME_DONE) PROCEDURE_BACK(t, p);
    TRY(audit(t, "training_begun", t->operator_id, t->approval.approver_id));
    PROCEDURE_CALL(t, p, room);
    PROCEDURE_END(t, p);
}
