/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Advices (脱机交易上送, S89): what cards have approved by themselves, and notices of completions
 * (预授权完成通知, S98), are told to the host in the background, whenever the connection is free
 * and no reversal waits, and again with growing pauses until it is acknowledged. It lives in the
 * store, so neither a log-out nor a restart changes anything. One that cannot be delivered does not
 * hold up the others: the next attempt is the next one's.
 *
 * What a card has approved and the host refuses for good cannot be taken back, for the goods are
 * handed over, and must not keep the shop from settling. It becomes DISPUTED: paid here, in the
 * totals, in reports with a line of its own, and so in the upload of the settlement, where the host
 * has not got it and makes a work item of it. Its card data stays sealed for 30 days, and after
 * each sign-in the host is told once more. A refusal that may pass is the cashier's to set aside.
 */
#include "payment/response_code.h"
#include "terminal/owed.h"

static void later(struct terminal *t)
{
    struct advice *a = &t->advice;
    a->next_us = now_us(t) + host_pause_us(a->failures++);
}

enum { KEPT_DAYS = 30, DAY_MS = 86400000 };

static bool may_send(const struct terminal *t)
{
    bool some = t->records.offline > 0 || (t->advice.again && t->records.disputed_kept > 0);
    return some && t->records.unsent == 0 && t->host.state == SCREEN_ONLINE &&
           t->host.task == HOST_NOTHING && t->facts.working_keys && t->records.signed_in;
}

/* The next one; of a card with its data, made by the vault for the keys of today. */
static enum vault_status build(struct terminal *t, struct bytes held, struct bytes *ret_frame)
{
    const struct payment *p = &t->advice.payment;
    uint8_t block[ISO8583_FRAME_MAX];
    struct writer w = writer_over(block, sizeof block);
    struct arena arena = arena_over(t->arena, sizeof t->arena);
    struct iso8583_message message;
    const struct vault_held in = {
        .payment = {bytes_text(p->key.tid), p->key.batch, p->key.stan, (uint64_t)p->amount_minor},
        .held = held};
    enum vault_status status = host_keys(t, false); /* a duty, as a reversal is */
    if (status == VAULT_OK && held.len > 0) status = secure_held_envelope(t, &in, &w);
    if (status != VAULT_OK) return status;
    const struct payment_sensitive sensitive = {.envelope = writer_view(&w)};
    err e = payment_offline(p)
                ? payment_advice_message(t->config.profile, p, &sensitive, &arena, &message)
                : payment_request_message(t->config.profile, p, &sensitive, &arena, &message);
    return FAILED(e) ? VAULT_BAD_REQUEST : host_encode(t, &message, ret_frame);
}

void advice_again(struct terminal *t)
{
    t->advice.again = true;
    t->advice.again_to = 0;
}

/* What is told now: what the host has not heard of before what it would not take. NOT_FOUND. */
static err choose(struct terminal *t, struct writer *held)
{
    struct advice *a = &t->advice;
    if (t->records.offline > 0)
        return records_undelivered(&t->records, a->number, &a->number, &a->payment, held);
    err e = records_disputed(&t->records, a->again_to, &a->again_to, &a->payment, held);
    if (e.code == ERR_NOT_FOUND) a->again = false;
    TRY(e);
    a->number = a->again_to;
    return OK;
}

err advice_drive(struct terminal *t)
{
    struct advice *a = &t->advice;
    if (!may_send(t) || now_us(t) < a->next_us) return OK;
    uint8_t block[VAULT_HELD_MAX];
    struct writer held = writer_over(block, sizeof block);
    struct bytes frame;
    err chosen = choose(t, &held);
    if (chosen.code == ERR_NOT_FOUND) return OK;
    TRY(chosen);
    a->said[0] = '\0';
    enum vault_status status = build(t, writer_view(&held), &frame);
    if (status != VAULT_OK) {
        log_event(t->config.log, LOG_ERROR, "advice_not_made", LOG_INT("stan", a->payment.key.stan),
                  LOG_TEXT("vault", vault_status_text(status)));
        later(t);
        t->refresh = true;
        if (status != VAULT_NOT_READY) return OK;
        t->facts.working_keys = false;
        return host_keys_useless(t, "no keys");
    }
    t->host.payment = a->payment;
    host_request(t, HOST_ADVICE, 0x0230, a->payment.key.stan, frame);
    a->under_way = true;
    return OK;
}

/* 94: the host has had it before (protocol facts 1.13). */
static bool heard(const struct host *h)
{
    const char *code = h->payment.response_code;
    return h->outcome == HOST_ANSWERED && (response_approved(code) || strcmp(code, "94") == 0);
}

/* The host will never take it. What is wrong with the message, the line or the day is told again.
 */
static bool refused(const struct advice *a, const struct host *h)
{
    static const char *const again[] = {"03", "30", "40", "58", "68", "77", "79",
                                        "90", "91", "92", "96", "97", "A1", "A7"};
    const struct response_code *code = response_code(h->payment.response_code);
    bool card = payment_offline(&a->payment);
    if (h->outcome != HOST_ANSWERED) return false;
    for (size_t i = 0; i < ARRAY_LEN(again); i++)
        if (strcmp(code->code, again[i]) == 0) return false;
    if (card && (strcmp(code->code, "13") == 0 || strcmp(code->code, "14") == 0)) return true;
    return code->class == RESPONSE_DECLINE || code->class == RESPONSE_ACT;
}

/* Committed: then everybody may know. */
static err become(struct terminal *t, enum payment_event event, struct payment *told)
{
    struct advice *a = &t->advice;
    struct payment_step step;
    err e = payment_step(a->payment.state, event, &step);
    ENSURE(!FAILED(e));
    told->state = step.next;
    TRY(records_update(&t->records, a->number, a->payment.state, told));
    a->failures = 0;
    a->next_us = 0;
    a->said[0] = '\0';
    if (t->work.number == a->number) t->work.payment = *told;
    if (payment_key_equal(&t->last.key, &told->key)) t->last.state = told->state;
    return OK;
}

/* It stays in the books as the card has approved it, with the reason that the host gives. */
static err set_aside(struct terminal *t, const char *code)
{
    struct payment aside = t->advice.payment;
    memcpy(aside.response_code, code, sizeof aside.response_code);
    TRY(become(t, PAYMENT_DECLINE, &aside));
    log_event(t->config.log, LOG_ERROR, "advice_set_aside", LOG_INT("stan", aside.key.stan),
              LOG_TEXT("code", code));
    t->refresh = true;
    return audit(t, "advice_set_aside", padded_text(aside.key.stan, 6).text, code);
}

/* Once more in vain. After a month the card's data has been kept for long enough. */
static err still_refused(struct terminal *t)
{
    const struct advice *a = &t->advice;
    if (now_ms(t) - a->payment.created_ms < (int64_t)KEPT_DAYS * DAY_MS) return OK;
    TRY(records_update(&t->records, a->number, PAYMENT_DISPUTED, &a->payment));
    return audit(t, "advice_given_up", padded_text(a->payment.key.stan, 6).text,
                 a->payment.response_code);
}

/* It stands, or it is out of the books. */
static err told(struct terminal *t, enum payment_event event)
{
    struct payment told = t->host.payment;
    if (strcmp(told.response_code, "94") == 0) memcpy(told.response_code, "00", 3);
    TRY(become(t, event, &told));
    log_event(t->config.log, LOG_INFO, "advised", LOG_INT("stan", told.key.stan),
              LOG_TEXT("code", told.response_code), LOG_TEXT("rrn", told.rrn));
    TRY(owed_print(t));
    TRY(terminal_event(t, (struct event){.kind = EVENT_NONE}, false));
    return advice_drive(t);
}

err advice_ended(struct terminal *t)
{
    struct advice *a = &t->advice;
    a->under_way = false;
    if (heard(&t->host)) return told(t, PAYMENT_APPROVE);
    bool for_good = refused(a, &t->host), card = payment_offline(&a->payment);
    if (for_good && !card) return told(t, PAYMENT_REFUSE);
    if (t->host.outcome == HOST_ANSWERED) {
        log_event(t->config.log, LOG_WARN, "advice_refused", LOG_INT("stan", a->payment.key.stan),
                  LOG_TEXT("code", t->host.payment.response_code));
        memcpy(a->said, t->host.payment.response_code, sizeof a->said);
    }
    if (a->payment.state == PAYMENT_DISPUTED) TRY(for_good ? still_refused(t) : OK);
    else if (for_good) TRY(set_aside(t, t->host.payment.response_code));
    else later(t);
    TRY(terminal_event(t, (struct event){.kind = EVENT_NONE}, false));
    return advice_drive(t);
}

int64_t advice_next_us(const struct terminal *t)
{
    return may_send(t) ? t->advice.next_us : INT64_MAX;
}

/* ---- before something else ---- */

static void show_waiting(struct terminal *t)
{
    screen_begin(t, "advice.wait", TEXT_ADVICE_TITLE);
    SAY(t, SCREEN_NORMAL, TEXT_MAIN_OFFLINE, number_text(t->records.offline).text,
        amount_text(t->records.offline_minor).text);
    screen_wait(t, TEXT_ADVICE_WAIT, t->advice.under_way ? t->host.deadline_us : 0);
    screen_show(t);
}

/* The host has heard what a card has approved, and would not have it. */
static bool may_set_aside(const struct terminal *t)
{
    const struct advice *a = &t->advice;
    return a->said[0] != '\0' && !a->under_way && a->payment.state == PAYMENT_OFFLINE &&
           payment_offline(&a->payment);
}

static void show_failed(struct terminal *t)
{
    screen_begin(t, "advice.failed", TEXT_ADVICE_TITLE);
    SAY(t, SCREEN_ERROR, TEXT_ADVICE_FAILED, number_text(t->records.offline).text);
    if (may_set_aside(t)) {
        const struct response_code *why = response_code(t->advice.said);
        SAY(t, SCREEN_WARNING, TEXT_ADVICE_SAID, padded_text(t->advice.payment.key.stan, 6).text,
            t->advice.said, t->records.language == LANGUAGE_ZH ? why->reason_zh : why->reason_en);
    }
    SAY(t, SCREEN_NORMAL, t->records.signed_in ? TEXT_ADVICE_ADVICE : TEXT_NEED_SIGN_IN);
    host_again_choice(t);
    if (may_set_aside(t)) screen_choice(t, "aside", TEXT_ENTRY_SET_ASIDE, SCREEN_PLAIN, NULL, true);
    screen_show(t);
}

err advice_first(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->local[0] = t->advice.failures;
    t->advice.next_us = 0; /* somebody is waiting: try at once */
    while (t->records.offline > 0) {
        if (t->host.state != SCREEN_ONLINE) {
            PROCEDURE_CALL(t, p, host_ready);
            if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
            p->local[0] = t->advice.failures; /* a broken line is no refusal */
            t->advice.next_us = 0;
        }
        TRY(advice_drive(t));
        if (t->advice.failures <= p->local[0] && t->records.signed_in) {
            show_waiting(t);
            PROCEDURE_AWAIT(t, p);
            if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
            continue;
        }
        show_failed(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "sign_in")) PROCEDURE_CALL(t, p, sign_in);
        else if (choice_is(t, "aside") && may_set_aside(t)) TRY(set_aside(t, t->advice.said));
        else if (!choice_is(t, "retry")) continue;
        p->local[0] = t->advice.failures;
        t->advice.next_us = 0;
    }
    PROCEDURE_END(t, p);
}
