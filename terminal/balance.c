/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 余额查询 (S101): a card, its PIN, and what its issuer says that is left. Nothing is charged, so
 * nothing is stored, reversed or printed, and what was said goes with the screen.
 */
#include "payment/response_code.h"
#include "terminal/follow.h"

enum { SHOWN_S = 20 /* long enough to read a number, too short to forget it on the counter */ };

static void show_wait(struct terminal *t)
{
    screen_begin(t, "balance.wait", TEXT_BALANCE_TITLE);
    SAY(t, SCREEN_NORMAL, TEXT_BALANCE_CARD, t->work.payment.pan_masked);
    screen_wait(t, TEXT_BALANCE_WAIT, t->host.deadline_us);
    screen_show(t);
}

/* DONE: t->work.answer and host_outcome have what was said. BACK: it was given up. */
static err wait(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    do {
        show_wait(t);
        PROCEDURE_AWAIT(t, p);
        bool pulled = t->event.kind == EVENT_CHIP;
        if (!key_is(t, "cancel") && !pulled) continue;
        host_forget(t);
        NOTICE(t, SCREEN_WARNING, pulled ? TEXT_CHIP_PULLED : TEXT_BALANCE_CANCELLED);
        PROCEDURE_BACK(t, p);
    } while (t->event.kind != EVENT_ANSWER);
    t->work.answer = t->host.payment;
    t->work.host_outcome = t->host.outcome;
    if (chip_open(t)) PROCEDURE_CALL(t, p, chip_finish);
    PROCEDURE_END(t, p);
}

static void say_balance(struct terminal *t)
{
    const struct host *h = &t->host;
    int64_t minor = h->balance_minor;
    if (!h->has_balance) SAY(t, SCREEN_WARNING, TEXT_BALANCE_NONE);
    else if (minor < 0) SAY(t, SCREEN_AMOUNT, TEXT_BALANCE_OVERDRAWN, amount_text(-minor).text);
    else SAY(t, SCREEN_AMOUNT, TEXT_BALANCE_AVAILABLE, amount_text(minor).text);
    SAY(t, SCREEN_HINT, TEXT_BALANCE_PRIVATE);
}

static void say_refusal(struct terminal *t, const char *answered)
{
    const struct response_code *code = response_code(answered);
    bool zh = t->records.language == LANGUAGE_ZH;
    SAY(t, SCREEN_ERROR, TEXT_BALANCE_REFUSED, zh ? code->reason_zh : code->reason_en, answered);
    SAY(t, SCREEN_NORMAL, TEXT_SALE_ADVICE, zh ? code->advice_zh : code->advice_en);
}

static void show_result(struct terminal *t)
{
    const char *code = t->work.answer.response_code;
    screen_begin(t, "balance.result", TEXT_BALANCE_TITLE);
    SAY(t, SCREEN_NORMAL, TEXT_BALANCE_CARD, t->work.payment.pan_masked);
    if (t->work.host_outcome != HOST_ANSWERED) SAY(t, SCREEN_WARNING, TEXT_BALANCE_NO_ANSWER);
    else if (response_approved(code)) say_balance(t);
    else say_refusal(t, code);
    if (signed_in(t)) screen_choice(t, "next", TEXT_BALANCE_AGAIN, SCREEN_PRIMARY, NULL, true);
    else screen_choice(t, "sign_in", TEXT_ENTRY_SIGN_IN, SCREEN_PRIMARY, "signin", true);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_idle(t, SHOWN_S);
    screen_show(t);
}

static void forget(struct terminal *t)
{
    host_forget_balance(&t->host);
    secure_forget(t);
}

/* DONE: another card. */
static err result(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    for (;;) {
        show_result(t);
        PROCEDURE_AWAIT(t, p);
        if (choice_is(t, "sign_in")) PROCEDURE_CALL(t, p, sign_in);
        if (!key_is(t, "ok") && !key_is(t, "cancel") && !choice_is(t, "next")) continue;
        forget(t);
        PROCEDURE_LEAVE(t, p, choice_is(t, "next") ? OUTCOME_DONE : OUTCOME_BACK);
    }
    PROCEDURE_END(t, p);
}

/* From the card to a question that is on its way. */
static err ask(struct terminal *t, struct procedure *p)
{
    enum vault_status status;

    PROCEDURE_BEGIN(p);
    for (;;) {
        PROCEDURE_CALL(t, p, sale_means);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
        PROCEDURE_CALL(t, p, sale_clear);
        if (t->outcome == OUTCOME_BACK) continue;
        TRY(queue_inquire(t, &status));
        if (status == VAULT_OK) PROCEDURE_DONE(t, p);
        TRY(sale_refused_by_vault(t, status));
    }
    PROCEDURE_END(t, p);
}

err balance(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    work_begin(t, PAYMENT_BALANCE);
    for (;;) {
        PROCEDURE_CALL(t, p, ask);
        if (t->outcome == OUTCOME_BACK) {
            forget(t);
            PROCEDURE_BACK(t, p);
        }
        PROCEDURE_CALL(t, p, wait);
        if (t->outcome == OUTCOME_BACK) continue; /* the notice says why, where a card is wanted */
        PROCEDURE_CALL(t, p, result);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
        work_begin(t, PAYMENT_BALANCE);
    }
    PROCEDURE_END(t, p);
}
