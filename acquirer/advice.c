/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Advices (0220, S89): a card has approved by itself, the goods are handed over, and the host hears
 * of it now or days later. There is nothing to decide and nothing to take back:
 *
 *   MAC, card data -> journal row OFFLINE -> commit -> network -> APPROVED or DISPUTED -> response
 *
 * The terminal keeps it until it has an answer, so a network that is silent is no reason to keep
 * card data here: the terminal gets no answer either and tells it again, and the network knows the
 * repeat by its number, which is the recorded one. What the issuer will not pay is journaled as
 * DISPUTED, stays held for the merchant against suspense, is alarmed once, and is acknowledged
 * (A4): it is for our people to settle, and the terminal has done its part.
 *
 * The notice of a completion (S98) is told the same way, of a hold instead of a card. Only whether
 * it may follow that hold is ours to say: what is above 115 %, too late or the second one is
 * refused and journaled, and the terminal takes it out of its books.
 */
#include "acquirer/advice.h"
#include "acquirer/original.h"
#include "journal/close.h"
#include "payment/response_code.h"

err advice_number(struct acquirer *a, struct task *task)
{
    struct payment *p = &task->payment;
    struct recent *r = NULL;
    err looked = recent_look(a, recent_key(task->terminal, p->key.batch, p->key.stan), &p->key, &r);
    if (FAILED(looked) && looked.code != ERR_BUSY) return looked;
    if (r == NULL || r->state != PAYMENT_OFFLINE || r->task != INDEX_NONE)
        return route_new_number(a, task);
    struct payment recorded;
    uint64_t number = 0;
    TRY(record_read(a, r->row, &recorded));
    TRY(route_rrn_number(bytes_text(recorded.rrn), &number));
    /* Another repeat is with the hsm: this one will join it, or be told once more. */
    if (index_find(&a->task_by_rrn, number) != INDEX_NONE) return route_new_number(a, task);
    memcpy(p->rrn, recorded.rrn, sizeof p->rrn);
    task->rrn_number = number;
    return OK;
}

/* Whether it is the word of a card or of a hold, as the network has to hear it. */
static enum payment_network_kind kind_of(const struct payment *p)
{
    return payment_offline(p) ? PAYMENT_NETWORK_ADVICE : PAYMENT_NETWORK_REQUEST;
}

static err forward(struct acquirer *a, struct task *task, struct recent *r,
                   const struct hsm_accept_answer *answer)
{
    const struct payment_sensitive zone = {.envelope = answer->zone_envelope};
    r->task = task_place(a, task);
    task->phase = TASK_SEALING;
    task->due_ms = task->started_ms + ACQUIRER_NETWORK_MS;
    return route_encode(a, task, kind_of(&task->payment), &zone, FOR_NETWORK_MAC);
}

static err submit(struct acquirer *a, struct task *task, const struct hsm_accept_answer *answer)
{
    struct payment *p = &task->payment;
    struct payment_step step;
    struct recent *r = recent_add(a, recent_key(task->terminal, p->key.batch, p->key.stan));
    if (r == NULL) return reply_code(a, task, "96");
    TRY(payment_step(p->state, PAYMENT_ADVISE, &step));
    ENSURE(step.effect == PAYMENT_EFFECT_SEND_ADVICE);
    p->state = step.next;
    r->digest = p->digest;
    r->means = recent_means(p);
    TRY(recent_record(a, r, p, PAYMENT_ADVISE));
    a->counts.payments++;
    return forward(a, task, r, answer);
}

/* A key that has been another kind of payment, or another one: nothing is known to be paid twice.
 */
static err refuse(struct acquirer *a, struct task *task, const char *code, const char *why)
{
    const struct payment *p = &task->payment;
    watch_note(a, WATCH_ADVICE, bytes_text(p->key.tid), "advice of STAN %06u, batch %06u: %s (%s)",
               p->key.stan, p->key.batch, why, code);
    return reply_code(a, task, code);
}

/* Refused for good: the card's word stands at the counter, under a number that is another payment's
 * here. For a person, once, whether or not its batch is still to be settled. */
static err differs(struct acquirer *a, struct task *task, const char *why)
{
    const struct payment *p = &task->payment;
    err known = journal_item_known(a->store, JOURNAL_ITEM_ADVICE, &p->key);
    if (FAILED(known) && known.code != ERR_NOT_FOUND) return known;
    if (FAILED(known)) {
        struct journal_item item = {.at_ms = host_now_ms(a),
                                    .kind = JOURNAL_ITEM_ADVICE,
                                    .batch = p->key.batch,
                                    .stan = p->key.stan,
                                    .type = p->type,
                                    .terminal_minor = p->amount_minor};
        memcpy(item.tid, p->key.tid, sizeof item.tid);
        memcpy(item.mid, p->mid, sizeof item.mid);
        memcpy(item.shown, p->pan_masked, sizeof item.shown);
        TRY(record_item(a, &item));
    }
    return refuse(a, task, "12", why);
}

/* The notice of a completion: may it follow its hold? While something else of that hold is under
 * way nobody can say; then nothing is journaled, and it is told again. */
static err judge(struct acquirer *a, struct task *task, const struct hsm_accept_answer *answer)
{
    const struct payment_key *k = &task->payment.key;
    const char *code = NULL;
    if (!payment_linked(task->payment.type)) return submit(a, task, answer);
    err judged = original_judge(a, task, &code);
    if (judged.code == ERR_BUSY) return reply_code(a, task, "96");
    TRY(judged);
    if (code == NULL) return submit(a, task, answer);
    if (strcmp(code, "BA") == 0) return reply_code(a, task, code);
    watch_note(a, WATCH_ADVICE, bytes_text(k->tid), "notice of STAN %06u, batch %06u refused (%s)",
               k->stan, k->batch, code);
    return accept_decline(a, task, recent_key(task->terminal, k->batch, k->stan), code);
}

/* Not told to the network yet, as far as we know. */
static err again(struct acquirer *a, struct task *task, struct recent *r,
                 const struct hsm_accept_answer *answer)
{
    struct payment recorded;
    const struct payment_original said = task->payment.original;
    if (r->task != INDEX_NONE) {
        accept_join(a, task, &a->task[r->task]);
        return OK;
    }
    TRY(record_read(a, r->row, &recorded));
    if (strcmp(recorded.rrn, task->payment.rrn) != 0) return reply_code(a, task, "96");
    task->payment = recorded; /* the journal has the reference of its original, and not the rest */
    memcpy(task->payment.original.auth_code, said.auth_code, sizeof said.auth_code);
    memcpy(task->payment.original.date, said.date, sizeof said.date);
    return forward(a, task, r, answer);
}

err advice_accepted(struct acquirer *a, struct task *task, struct recent *r, const char *code,
                    const struct hsm_accept_answer *answer)
{
    struct payment recorded;
    if (code != NULL) return refuse(a, task, code, "its card data does not open");
    if (r == NULL) return judge(a, task, answer);
    if (accept_conflicts(a, task, r)) return differs(a, task, "its number has another content");
    switch ((enum payment_state)r->state) {
    case PAYMENT_OFFLINE:
        a->counts.repeats++;
        return again(a, task, r, answer);
    case PAYMENT_APPROVED:
    case PAYMENT_CAPTURED:
    case PAYMENT_SETTLED:
    case PAYMENT_DISPUTED:
        TRY(record_read(a, r->row, &recorded));
        if (!payment_told(&recorded)) return differs(a, task, "it was paid at the host");
        a->counts.repeats++;
        advice_as_heard(&recorded);
        return reply_payment(a, task, &recorded);
    case PAYMENT_DECLINED:
        TRY(record_read(a, r->row, &recorded));
        if (!payment_told(&recorded)) return differs(a, task, "it was asked of the host");
        a->counts.repeats++;
        return reply_payment(a, task, &recorded);
    default:
        return differs(a, task, "it was asked of the host");
    }
}

err advice_unheard(struct acquirer *a, struct task *task)
{
    const struct payment_key *k = &task->payment.key;
    struct recent *r = recent_find(a, recent_key(task->terminal, k->batch, k->stan));
    ENSURE(r != NULL && r->task == task_place(a, task) && r->state == PAYMENT_OFFLINE);
    r->task = INDEX_NONE;
    a->counts.time_outs++;
    task_leave_network(a, task);
    return reply_code(a, task, "96");
}

bool advice_undecided(const struct task *task)
{
    /* The network's own trouble, and not a word about the card. */
    static const char *const codes[] = {"09", "68", "90", "91", "92", "96", "98"};
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (strcmp(task->answer.response_code, codes[i]) == 0) return true;
    return false;
}

void advice_as_heard(struct payment *payment)
{
    if (payment->state == PAYMENT_DISPUTED) memcpy(payment->response_code, "A4", 3);
}

void advice_disputed(struct acquirer *a, const struct payment *payment)
{
    const struct response_code *why = response_code(payment->response_code);
    watch_note(a, WATCH_DISPUTED, bytes_text(payment->key.tid),
               "STAN %06u of batch %06u, %lld fen: its issuer will not pay (%s, %s)",
               payment->key.stan, payment->key.batch, (long long)payment->amount_minor,
               payment->response_code, why->reason_en);
}
