/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reversals (冲正), from both sides.
 *
 * A terminal that has no definitive answer sends a 0400 with the key of its payment. Once that is
 * journaled the answer is 00 and the duty is ours: the network is told until it acknowledges,
 * across restarts, with growing waits. A reversal of a payment that we have never seen answers 25
 * and leaves its key behind, so that a late original is refused. Protocol notes 1.12.
 *
 * What gives back by code is another matter: no wallet takes it back once it is made. Until it is
 * decided it stays PENDING, and the 0400 towards the wallet only asks: 25 or 00, it is not made and
 * never will be; 22, it is made and stays.
 */
#include "acquirer/original.h"
#include "acquirer/zone.h"
#include "journal/close.h"

/* ---- the terminal asks ---- */

err reverse_asked(struct acquirer *a, struct task *task, const struct iso8583_message *message,
                  struct bytes raw)
{
    a->counts.reversals_asked++;
    return hsm_terminal_mac_check(a, task, FOR_REVERSAL_CHECK, bytes_of(raw.at, message->mac_input),
                                  message->field[64]);
}

static err answer(struct acquirer *a, struct task *task, const struct payment *recorded,
                  const char *code)
{
    struct payment p = *recorded;
    memcpy(p.response_code, code, sizeof p.response_code);
    return reply_payment(a, task, &p);
}

/* Never seen: remembered as reversed, when its original could still come. */
static err unknown_original(struct acquirer *a, struct task *task, uint64_t key)
{
    struct payment p = task->payment;
    memcpy(p.response_code, "25", 3);
    p.created_ms = host_now_ms(a);
    reply_stamp(&p, p.created_ms);
    bool may_come = p.key.batch == a->terminal[task->terminal].batch;
    if (!may_come) return answer(a, task, &p, "25");
    struct recent *r = recent_add(a, key);
    if (r == NULL) return reply_code(a, task, "96");
    p.state = PAYMENT_REVERSED;
    r->digest = p.digest;
    /* Its number is taken: a terminal that is restored goes on behind it. */
    struct terminal *t = &a->terminal[task->terminal];
    if (p.key.stan > t->last_stan) t->last_stan = p.key.stan;
    TRY(recent_record(a, r, &p, PAYMENT_REVERSE));
    return answer(a, task, &p, "25");
}

/* Its terminal turns back what others have given back or completed meanwhile, or a refund that
 * stays. To undo that would give money away twice, so what stays is for a person: once, however
 * often it is asked, and not beside an item that says that it came after its batch was closed. */
static err kept(struct acquirer *a, const struct payment *p, int64_t kept_minor)
{
    err known = journal_item_known(a->store, JOURNAL_ITEM_KEPT, &p->key);
    if (known.code == ERR_NOT_FOUND)
        known = journal_item_known(a->store, JOURNAL_ITEM_LATE, &p->key);
    if (known.code != ERR_NOT_FOUND) return known;
    struct journal_item item = {.at_ms = host_now_ms(a),
                                .kind = JOURNAL_ITEM_KEPT,
                                .batch = p->key.batch,
                                .stan = p->key.stan,
                                .type = p->type,
                                .host_minor = kept_minor};
    memcpy(item.tid, p->key.tid, sizeof item.tid);
    memcpy(item.mid, p->mid, sizeof item.mid);
    memcpy(item.shown, p->pan_masked, sizeof item.shown);
    memcpy(item.rrn, p->rrn, sizeof item.rrn);
    return record_item(a, &item);
}

/* What was approved may have been followed. If it may not turn back, that is answered. */
static err judge_late(struct acquirer *a, struct task *task, const struct payment *p,
                      bool *ret_answered)
{
    const char *code;
    int64_t kept_minor;
    TRY(original_undoable(a, p, &code, &kept_minor));
    *ret_answered = code != NULL;
    if (code == NULL) return OK;
    if (kept_minor >= 0) TRY(kept(a, p, kept_minor));
    return reply_code(a, task, code);
}

/* Must it be taken back at the network, with no place kept for that? A payment under way has one;
 * what was decided needs another. */
static bool no_room(const struct acquirer *a, const struct payment *p,
                    const struct payment_step *step)
{
    bool owes = step->next != p->state && step->effect == PAYMENT_EFFECT_SEND_REVERSAL;
    return owes && p->state != PAYMENT_PENDING && !reverse_room(a);
}

/* May this one turn back now? If not, that is answered. */
static err judge(struct acquirer *a, struct task *task, const struct payment *p,
                 const struct payment_step *step, bool *ret_answered)
{
    *ret_answered = no_room(a, p, step);
    if (*ret_answered) return reply_code(a, task, "96");
    if (step->next == p->state || p->state != PAYMENT_APPROVED) return OK;
    return judge_late(a, task, p, ret_answered);
}

/* Whoever waits for its answer waits no more: its terminal wants it back. */
static void give_up_request(struct acquirer *a, struct recent *r)
{
    if (r->task == INDEX_NONE) return;
    task_free(a, &a->task[r->task]);
    r->task = INDEX_NONE;
}

/* Did it give money back by code, or may it have? */
static bool may_be_made(const struct payment *p)
{
    return payment_stays(p) && (p->state == PAYMENT_PENDING || p->state == PAYMENT_APPROVED);
}

/*
 * Its terminal wants back what may have been given back by code. Made, it stays: 12, and a person
 * hears of it. Not decided, the wallet is asked, and the terminal asks again: 22; but not for ever,
 * since it takes no payment meanwhile: then it is let go with 12, and the answer of the wallet
 * decides whether there is a difference to be named.
 */
static err turn_back_stays(struct acquirer *a, struct task *task, struct recent *r,
                           const struct payment *p)
{
    if (r->state == PAYMENT_APPROVED) {
        TRY(kept(a, p, p->amount_minor));
        return reply_code(a, task, "12");
    }
    ENSURE(r->state == PAYMENT_PENDING);
    give_up_request(a, r);
    if (index_find(&a->undo_by_key, r->key) == INDEX_NONE) reverse_owe(a, r->key);
    bool waits = host_now_ms(a) - p->created_ms < ACQUIRER_STAYS_MS;
    return reply_code(a, task, waits ? "22" : "12");
}

/* The recorded payment turns back. Its request, when one is under way, is given up. */
static err turn_back(struct acquirer *a, struct task *task, struct recent *r, struct payment *p)
{
    struct payment_step step;
    if (may_be_made(p)) return turn_back_stays(a, task, r, p);
    err allowed = payment_step(p->state, PAYMENT_REVERSE, &step);
    if (FAILED(allowed)) return reply_code(a, task, "22"); /* captured: too late to reverse */
    bool moved = step.next != p->state;
    bool answered = false;
    TRY(judge(a, task, p, &step, &answered));
    if (answered) return OK;
    give_up_request(a, r);
    if (moved) {
        p->state = step.next;
        memcpy(p->reversal_reason, task->payment.reversal_reason, sizeof p->reversal_reason);
        if (p->local_time[0] == '\0') reply_stamp(p, host_now_ms(a));
        TRY(recent_record(a, r, p, PAYMENT_REVERSE));
        if (step.effect == PAYMENT_EFFECT_SEND_REVERSAL) reverse_owe(a, r->key);
    }
    bool never_seen = strcmp(p->response_code, "25") == 0 && p->rrn[0] == '\0';
    return answer(a, task, p, never_seen ? "25" : "00");
}

static err conflict(struct acquirer *a, struct task *task)
{
    a->counts.conflicts++;
    watch_note(a, WATCH_CONFLICT, bytes_text(task->payment.key.tid),
               "reversal of STAN %06u differs from its original", task->payment.key.stan);
    return reply_code(a, task, "94");
}

err reverse_checked(struct acquirer *a, struct task *task, enum hsm_status status)
{
    ENSURE(task->phase == TASK_REVERSAL_ASKED);
    if (status == HSM_BAD_MAC) return accept_bad_mac(a, task);
    if (status != HSM_OK) return reply_code(a, task, "96");
    const char *code;
    TRY(serial_use(a, task, &code));
    if (code != NULL) return reply_code(a, task, code);
    struct terminal *t = &a->terminal[task->terminal];
    const struct payment_key *k = &task->payment.key;
    t->bad_macs = 0;
    uint64_t key = recent_key(task->terminal, k->batch, k->stan);
    struct recent *r = NULL;
    err looked = recent_look(a, key, k, &r);
    if (looked.code == ERR_BUSY) return reply_code(a, task, "96");
    TRY(looked);
    if (r == NULL) return unknown_original(a, task, key);
    if (r->digest != task->payment.digest) return conflict(a, task);
    struct payment p;
    if (r->task != INDEX_NONE) p = a->task[r->task].payment;
    else TRY(record_read(a, r->row, &p));
    return turn_back(a, task, r, &p);
}

/* ---- we owe the network ---- */

bool reverse_room(const struct acquirer *a)
{
    return a->pending + a->undo_count < a->limits.reversals;
}

void reverse_owe(struct acquirer *a, uint64_t key)
{
    ENSURE(a->undo_count < a->limits.reversals); /* whoever could owe one has asked for room */
    ENSURE(index_find(&a->undo_by_key, key) == INDEX_NONE);
    index_add(&a->undo_by_key, key, a->undo_count);
    a->undo[a->undo_count++] =
        (struct undo){.key = key, .due_ms = host_monotonic_ms(a), .task = INDEX_NONE};
}

static struct undo *undo_of(struct acquirer *a, const struct task *task)
{
    uint32_t place = index_find(&a->undo_by_key, task->undo_key);
    ENSURE(place != INDEX_NONE);
    struct undo *undo = &a->undo[place];
    ENSURE(undo->task == task_place(a, task));
    return undo;
}

static void end_attempt(struct acquirer *a, struct undo *undo, struct task *task)
{
    undo->task = INDEX_NONE;
    ENSURE(a->undo_at_once > 0);
    a->undo_at_once--;
    task_free(a, task);
}

static void paid(struct acquirer *a, struct undo *undo)
{
    uint32_t place = (uint32_t)(undo - a->undo), last = a->undo_count - 1;
    index_remove(&a->undo_by_key, undo->key);
    if (place != last) {
        *undo = a->undo[last];
        index_move(&a->undo_by_key, undo->key, place);
    }
    a->undo_count--;
}

void reverse_undo_again(struct acquirer *a, struct task *task)
{
    struct undo *undo = undo_of(a, task);
    int64_t wait_ms = ACQUIRER_REVERSAL_FIRST_MS;
    for (uint32_t i = 1; i < undo->attempts && wait_ms < ACQUIRER_REVERSAL_MOST_MS; i++)
        wait_ms *= 2;
    if (wait_ms > ACQUIRER_REVERSAL_MOST_MS) wait_ms = ACQUIRER_REVERSAL_MOST_MS;
    undo->due_ms = host_monotonic_ms(a) + wait_ms;
    end_attempt(a, undo, task);
}

static err attempt(struct acquirer *a, struct undo *undo)
{
    struct recent *r = recent_find(a, undo->key);
    ENSURE(r != NULL && r->task == INDEX_NONE);
    struct payment p;
    TRY(record_read(a, r->row, &p));
    ENSURE(p.state == PAYMENT_REVERSING || (p.state == PAYMENT_PENDING && payment_stays(&p)));
    if (p.reversal_reason[0] == '\0') memcpy(p.reversal_reason, "98", 3);
    ENSURE(p.route > PAYMENT_ROUTE_NONE && p.route < PAYMENT_ROUTES);
    if (!a->route[p.route].up) {
        undo->due_ms = host_monotonic_ms(a) + ACQUIRER_REVERSAL_FIRST_MS;
        return OK;
    }
    struct task *task = task_new(a, TASK_UNDO_SEALING, (uint32_t)(undo->key >> 40));
    if (task == NULL) return OK; /* payments first; at the next tick again */
    task->payment = p;
    task->undo_key = undo->key;
    zone_begin(a, task);
    TRY(route_rrn_number(bytes_text(p.rrn), &task->rrn_number));
    task_await_network(a, task);
    undo->task = task_place(a, task);
    undo->attempts++;
    a->undo_at_once++;
    a->counts.reversals_made++;
    const struct payment_sensitive none = {0};
    return route_encode(a, task, PAYMENT_NETWORK_REVERSAL, &none, FOR_UNDO_MAC);
}

err reverse_pump(struct acquirer *a)
{
    int64_t now_ms = host_monotonic_ms(a);
    for (uint32_t i = 0; i < a->undo_count; i++) {
        if (!hsm_ready(a) || a->undo_at_once >= ACQUIRER_REVERSALS_AT_ONCE) return OK;
        struct undo *undo = &a->undo[i];
        if (undo->task == INDEX_NONE && now_ms >= undo->due_ms) TRY(attempt(a, undo));
    }
    return OK;
}

err reverse_undo_sealed(struct acquirer *a, struct task *task, struct bytes mac)
{
    ENSURE(task->phase == TASK_UNDO_SEALING);
    enum payment_route route = task->payment.route;
    if (mac.len == 0 || !a->route[route].up) {
        reverse_undo_again(a, task);
        return OK;
    }
    task->phase = TASK_UNDO_WAITING;
    task->due_ms = host_monotonic_ms(a) + ACQUIRER_REVERSAL_ANSWER_MS;
    TRY(reply_seal(task, &iso8583_dialect_ascii87, mac));
    return group_hold(a, HELD_ROUTE, route, bytes_of(task->out, task->out_len), (struct bytes){0});
}

/* Answers that mean: there is nothing (left) to reverse. Anything else is tried again. */
static bool acknowledges(const char *code)
{
    return response_approved(code) || strcmp(code, "25") == 0 || strcmp(code, "12") == 0;
}

/* Is there nothing to take back, or, of what cannot be taken back, was it made? */
static bool decides(const struct task *task)
{
    const char *code = task->answer.response_code;
    bool stays = task->payment.state == PAYMENT_PENDING;
    return acknowledges(code) || (stays && strcmp(code, "22") == 0);
}

/* The wallet has said how it ended. Its terminal has no approval: made, it is for a person. */
static err settle_stays(struct acquirer *a, struct recent *r, struct payment *p,
                        const struct payment_network_answer *answer)
{
    struct payment_step step;
    bool made = !acknowledges(answer->response_code);
    enum payment_event event = made ? PAYMENT_APPROVE : PAYMENT_DECLINE;
    TRY(payment_step(p->state, event, &step));
    p->state = step.next;
    memcpy(p->response_code, made ? "00" : "98", 3);
    memcpy(p->settlement_date, answer->settlement_date, sizeof p->settlement_date);
    if (made) p->card_class = PAYMENT_CLASS_WALLET;
    reply_stamp(p, host_now_ms(a));
    TRY(recent_record(a, r, p, event));
    if (made) a->counts.approved++;
    else a->counts.declined++;
    return made ? kept(a, p, p->amount_minor) : OK;
}

static err settle_reversal(struct acquirer *a, struct recent *r, struct payment *p)
{
    struct payment_step step;
    TRY(payment_step(p->state, PAYMENT_REVERSAL_ACK, &step));
    p->state = step.next;
    TRY(recent_record(a, r, p, PAYMENT_REVERSAL_ACK));
    a->counts.reversals_acknowledged++;
    return OK;
}

err reverse_undo_checked(struct acquirer *a, struct task *task, enum hsm_status status)
{
    ENSURE(task->phase == TASK_UNDO_CHECKING);
    if (status != HSM_OK)
        watch_note(a, WATCH_NETWORK_MAC, bytes_text(task->payment.rrn),
                   "answer of the network to a reversal: %s", hsm_status_text(status));
    if (status != HSM_OK || !decides(task)) {
        reverse_undo_again(a, task);
        return OK;
    }
    struct undo *undo = undo_of(a, task);
    struct recent *r = recent_find(a, undo->key);
    struct payment *p = &task->payment;
    ENSURE(r != NULL && r->state == p->state);
    bool stays = p->state == PAYMENT_PENDING;
    TRY(stays ? settle_stays(a, r, p, &task->answer) : settle_reversal(a, r, p));
    end_attempt(a, undo, task);
    paid(a, undo);
    return OK;
}
