/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reversals (冲正, S88): sent in the background whenever the connection is free, before anything
 * else is paid, and again with growing pauses until the host acknowledges them. They live in the
 * store, so a restart goes on with them.
 */
#include "terminal/core.h"

static void later(struct terminal *t)
{
    struct reverse *r = &t->reverse;
    r->next_us = now_us(t) + host_pause_us(r->failures++);
}

static bool may_send(const struct terminal *t)
{
    return t->records.unsent > 0 && !t->reverse.under_way && host_free(t) && t->facts.working_keys;
}

err reverse_drive(struct terminal *t)
{
    struct reverse *r = &t->reverse;
    if (!may_send(t) || now_us(t) < r->next_us) return OK;
    struct arena arena = arena_over(t->arena, sizeof t->arena);
    struct iso8583_message message;
    struct bytes frame;
    TRY(records_oldest(&t->records, PAYMENT_REVERSING, &r->number, &r->payment));
    err e = payment_reversal_message(t->config.profile, &r->payment, &arena, &message);
    enum vault_status status = FAILED(e) ? VAULT_BAD_REQUEST : host_encode(t, &message, &frame);
    if (status != VAULT_OK) {
        log_event(t->config.log, LOG_ERROR, "reversal_not_made",
                  LOG_TEXT("vault", vault_status_text(status)));
        later(t);
        t->refresh = true;
        if (status != VAULT_NOT_READY) return OK;
        t->facts.working_keys = false;
        return host_keys_useless(t, "no keys");
    }
    r->under_way = true;
    t->host.payment = r->payment;
    host_request(t, HOST_REVERSAL, 0x0410, r->payment.key.stan, frame);
    return OK;
}

/* 00 reversed, 25 never heard of it, 12 cannot be any more: either way we are done with it. */
static bool acknowledged(const struct host *h)
{
    const char *code = h->payment.response_code;
    return h->outcome == HOST_ANSWERED &&
           (strcmp(code, "00") == 0 || strcmp(code, "25") == 0 || strcmp(code, "12") == 0);
}

err reverse_ended(struct terminal *t)
{
    struct reverse *r = &t->reverse;
    struct payment_step step;
    r->under_way = false;
    if (!acknowledged(&t->host)) {
        later(t);
        return terminal_event(t, (struct event){.kind = EVENT_NONE}, false);
    }
    err e = payment_step(r->payment.state, PAYMENT_REVERSAL_ACK, &step);
    ENSURE(!FAILED(e) && r->payment.state == PAYMENT_REVERSING);
    struct payment reversed = r->payment;
    reversed.state = step.next;
    if (strcmp(t->host.payment.response_code, "12") == 0)
        memcpy(reversed.response_code, "12", 3); /* payment_kept(): the screens say so */
    TRY(records_update(&t->records, r->number, r->payment.state, &reversed));
    log_event(t->config.log, LOG_INFO, "reversed", LOG_INT("stan", reversed.key.stan));
    r->failures = 0;
    r->next_us = 0;
    if (t->work.number == r->number) t->work.payment = reversed;
    if (payment_key_equal(&t->last.key, &reversed.key)) t->last = reversed;
    TRY(terminal_event(t, (struct event){.kind = EVENT_NONE}, false));
    return reverse_drive(t);
}

int64_t reverse_next_us(const struct terminal *t)
{
    return may_send(t) ? t->reverse.next_us : INT64_MAX;
}

static void show_waiting(struct terminal *t)
{
    screen_begin(t, "reverse.wait", TEXT_REVERSE_TITLE);
    screen_wait(t, TEXT_REVERSE_WAIT, t->reverse.under_way ? t->host.deadline_us : 0);
    screen_show(t);
}

static void show_failed(struct terminal *t)
{
    screen_begin(t, "reverse.failed", TEXT_REVERSE_TITLE);
    SAY(t, SCREEN_ERROR, TEXT_REVERSE_FAILED, amount_text(t->reverse.payment.amount_minor).text);
    SAY(t, SCREEN_NORMAL, t->records.signed_in ? TEXT_REVERSE_ADVICE : TEXT_NEED_SIGN_IN);
    host_again_choice(t);
    screen_show(t);
}

err reverse_first(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->local[0] = t->reverse.failures;
    t->reverse.next_us = 0; /* somebody is waiting: try at once */
    while (t->records.unsent > 0) {
        if (t->host.state != SCREEN_ONLINE) {
            PROCEDURE_CALL(t, p, host_ready);
            if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
            p->local[0] = t->reverse.failures; /* a broken line is no refusal */
            t->reverse.next_us = 0;
        }
        TRY(reverse_drive(t));
        if (t->reverse.failures <= p->local[0]) {
            show_waiting(t);
            PROCEDURE_AWAIT(t, p);
            if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
            continue;
        }
        show_failed(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "sign_in")) PROCEDURE_CALL(t, p, sign_in);
        else if (!choice_is(t, "retry")) continue;
        p->local[0] = t->reverse.failures;
        t->reverse.next_us = 0;
    }
    PROCEDURE_END(t, p);
}
