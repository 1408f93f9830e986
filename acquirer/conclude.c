/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The second half of a payment: from the network's answer to the terminal's response.
 *
 *   answer -> hsm (checks its MAC, makes that of our response) -> journal row -> commit -> response
 *
 * The two hsm commands go out together. Until the check has come back the payment is untouched: the
 * response is built from a copy, so an answer that turns out forged has changed nothing.
 */
#include "acquirer/advice.h"
#include "acquirer/allowance.h"
#include "acquirer/inquiry.h"
#include "acquirer/shown.h"
#include "acquirer/zone.h"

/* Not yet a decision: the customer types a password, or a query overtook the payment. */
static bool undecided(const struct task *task)
{
    const char *code = task->answer.response_code;
    if (task_is_advice(task)) return false;
    return strcmp(code, "09") == 0 || (task->queried && strcmp(code, "25") == 0);
}

/* Whoever approves another amount has not understood what was asked. */
static bool other_amount(const struct task *task)
{
    const struct payment_network_answer *answer = &task->answer;
    return answer->amount_minor != 0 && answer->amount_minor != task->payment.amount_minor &&
           response_approved(answer->response_code);
}

/* An approval of less than was asked, or of more, is no answer to what we asked: we never offer
 * that. Nor is to an advice what the network says of its own trouble. */
static bool useless(const struct task *task)
{
    if (other_amount(task)) return true;
    if (task_is_advice(task) && advice_undecided(task)) return true;
    return strcmp(task->answer.response_code, "10") == 0;
}

static struct recent *recent_of(struct acquirer *a, const struct task *task)
{
    const struct payment_key *k = &task->payment.key;
    struct recent *r = recent_find(a, recent_key(task->terminal, k->batch, k->stan));
    ENSURE(r != NULL && r->task == task_place(a, task) && r->state == task->payment.state);
    return r;
}

/* Approved, and above a limit for the class of card that the answer names: we take it back. */
static void over_limit(struct payment *p, const char *code)
{
    memcpy(p->response_code, code, sizeof p->response_code);
    memcpy(p->reversal_reason, "06", 3);
    p->auth_code[0] = '\0';
    p->chip_answer.len = 0; /* the card must not hear that it was approved */
}

/* The payment as it is after this answer. */
static err answered(struct acquirer *a, const struct task *task, struct payment *ret_payment,
                    enum payment_event *ret_event)
{
    const struct payment_network_answer *answer = &task->answer;
    struct payment p = task->payment;
    struct payment_step step;
    const char *limit = NULL;
    *ret_event = response_approved(answer->response_code) ? PAYMENT_APPROVE : PAYMENT_DECLINE;
    p.card_class = answer->card_class;
    if (*ret_event == PAYMENT_APPROVE) limit = allowance_refuse_answered(a, recent_of(a, task), &p);
    if (limit != NULL) *ret_event = PAYMENT_REVERSE;
    TRY(payment_step(p.state, *ret_event, &step));
    ENSURE(step.effect == (limit != NULL ? PAYMENT_EFFECT_SEND_REVERSAL : PAYMENT_EFFECT_TELL));
    p.state = step.next;
    memcpy(p.response_code, answer->response_code, sizeof p.response_code);
    memcpy(p.auth_code, answer->auth_code, sizeof p.auth_code);
    memcpy(p.settlement_date, answer->settlement_date, sizeof p.settlement_date);
    memcpy(p.issuer, answer->issuer, sizeof p.issuer);
    p.chip_answer = answer->chip;
    if (limit != NULL) over_limit(&p, limit);
    reply_stamp(&p, task->answered_ms);
    *ret_payment = p;
    return OK;
}

static void wait_on(struct task *task)
{
    task->phase = TASK_WAITING;
    task->answer_good = task->sealing = false;
}

/* Asks for the MAC of the response, when there can be one. */
static err seal_response(struct acquirer *a, struct task *task)
{
    const struct terminal *t = &a->terminal[task->terminal];
    const struct payment_profile_row *row = payment_profile(task->profile);
    struct payment p;
    enum payment_event event;
    task->sealing = false;
    if (!terminal_signed_in(t) || !serial_ready(task) || undecided(task) || useless(task))
        return OK;
    if (inquiry_is(task)) return OK; /* its answer is made when the network's has been checked */
    TRY(answered(a, task, &p, &event));
    advice_as_heard(&p);
    if (FAILED(reply_encode(a, task, &p))) return OK; /* reply_payment() will say so */
    memcpy(task->sealed_code, p.response_code, sizeof task->sealed_code);
    task->sealing = true;
    return hsm_terminal_mac_make(
        a, task, FOR_RESPONSE_MAC,
        iso8583_mac_input(row->dialect, bytes_of(task->out, task->out_len)));
}

err conclude_answer(struct acquirer *a, struct task *task, const struct iso8583_message *message,
                    struct bytes raw)
{
    ENSURE(task->phase == TASK_WAITING || task->phase == TASK_UNDO_WAITING);
    const struct key_block *key = &zone_of(a, task)->mac;
    unsigned mac_field = iso8583_has(message, 128) ? 128 : 64;
    bool undo = task->phase == TASK_UNDO_WAITING;
    if (!a->hsm_up) {
        if (!undo) return conclude_time_out(a, task);
        reverse_undo_again(a, task);
        return OK;
    }
    task->answered_ms = host_now_ms(a);
    task->answer_good = false;
    task->phase = undo ? TASK_UNDO_CHECKING : TASK_CHECKING;
    TRY(hsm_mac_check(a, task, undo ? FOR_UNDO_CHECK : FOR_ANSWER_CHECK, HSM_SUITE_TONGBAO, key,
                      bytes_of(raw.at, message->mac_input), message->field[mac_field]));
    return undo ? OK : seal_response(a, task);
}

/* Journals what the network said; the task then only has to tell the terminal. */
static err decide(struct acquirer *a, struct task *task)
{
    struct payment p;
    enum payment_event event;
    TRY(answered(a, task, &p, &event));
    struct recent *r = recent_of(a, task);
    r->task = INDEX_NONE;
    task->payment = p;
    if (p.state == PAYMENT_DISPUTED) advice_disputed(a, &p);
    if (event == PAYMENT_APPROVE) a->counts.approved++;
    else a->counts.declined++;
    /* The issuer: the cryptogram is not this card's, or its counter has been seen before. */
    if (strcmp(p.response_code, "59") == 0)
        watch_note(a, WATCH_SUSPECT, bytes_text(p.key.tid), "STAN %06u, card %s", p.key.stan,
                   p.pan_masked);
    TRY(recent_record(a, r, &p, event));
    if (event == PAYMENT_REVERSE) reverse_owe(a, r->key);
    return OK;
}

static err tell(struct acquirer *a, struct task *task)
{
    struct payment p = task->payment;
    advice_as_heard(&p);
    return reply_payment(a, task, &p);
}

err conclude_checked(struct acquirer *a, struct task *task, enum hsm_status status)
{
    ENSURE(task->phase == TASK_CHECKING);
    if (status != HSM_OK) {
        watch_note(a, WATCH_NETWORK_MAC, bytes_text(task->payment.rrn), "answer of the network: %s",
                   hsm_status_text(status));
        if (!task->sealing) wait_on(task);
        return OK;
    }
    task->answer_good = true;
    if (task->sealing) return OK;
    if (inquiry_is(task)) return inquiry_answered(a, task);
    if (other_amount(task))
        watch_note(a, WATCH_NETWORK_AMOUNT, bytes_text(task->payment.rrn),
                   "asked for %lld, answered for %lld", (long long)task->payment.amount_minor,
                   (long long)task->answer.amount_minor);
    if (useless(task)) return conclude_time_out(a, task);
    if (undecided(task)) {
        bool first = !task->queried;
        wait_on(task);
        task->queried = true;
        task->query_ms = host_monotonic_ms(a) + ACQUIRER_WALLET_QUERY_MS;
        return shown_heard(a, task, first);
    }
    TRY(decide(a, task));
    return tell(a, task);
}

err conclude_sealed(struct acquirer *a, struct task *task, enum hsm_status status, struct bytes mac)
{
    ENSURE(task->phase == TASK_CHECKING && task->sealing);
    (void)status;
    if (!task->answer_good) {
        wait_on(task);
        return OK;
    }
    TRY(decide(a, task));
    /* Another payment has used up a limit since the response was built. */
    struct payment told = task->payment;
    advice_as_heard(&told);
    if (strcmp(told.response_code, task->sealed_code) != 0) return tell(a, task);
    if (FAILED(reply_seal(task, payment_profile(task->profile)->dialect, mac)))
        return tell(a, task);
    TRY(reply_send(a, task));
    task_free(a, task);
    return OK;
}

/* A refund by code stays PENDING until its wallet says how it ended. Nobody can say that it was not
 * made, so the terminal has no answer either: it will reverse, and hear the end of it then. */
static err ask_on(struct acquirer *a, struct task *task, struct recent *r)
{
    r->task = INDEX_NONE;
    a->counts.time_outs++;
    task_leave_network(a, task);
    reverse_owe(a, r->key);
    return reply_code(a, task, "96");
}

err conclude_time_out(struct acquirer *a, struct task *task)
{
    struct payment *p = &task->payment;
    struct payment_step step;
    if (inquiry_is(task)) return inquiry_unanswered(a, task);
    if (p->state == PAYMENT_OFFLINE) return advice_unheard(a, task);
    uint64_t key = recent_key(task->terminal, p->key.batch, p->key.stan);
    struct recent *r = recent_find(a, key);
    ENSURE(r != NULL && r->task == task_place(a, task) && r->state == PAYMENT_PENDING);
    if (payment_stays(p)) return ask_on(a, task, r);
    TRY(payment_step(p->state, PAYMENT_TIMEOUT, &step));
    ENSURE(step.effect == PAYMENT_EFFECT_SEND_REVERSAL);
    p->state = step.next;
    memcpy(p->reversal_reason, "98", 3);
    memcpy(p->response_code, "98", 3);
    reply_stamp(p, host_now_ms(a));
    r->task = INDEX_NONE;
    TRY(recent_record(a, r, p, PAYMENT_TIMEOUT));
    a->counts.time_outs++;
    task_leave_network(a, task);
    reverse_owe(a, key);
    return reply_payment(a, task, p);
}
