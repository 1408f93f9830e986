/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Disputes over the control socket (S108): opened about a payment that stands, with a deadline of
 * working days; evidence, answer, decision; what costs the merchant money is a money order in the
 * same transaction. A deadline that passes without an answer takes the money by itself.
 *
 * A chargeback holds its money from the merchant while it goes on (S68), whether he has it still or
 * was paid out: then he owes it, and his next takings fill it up. Won, it is his again; lost, it is
 * the network's, which takes it off what it owes us.
 *
 * And the payments that a card has approved by itself and its issuer will not pay (DISPUTED): who
 * bears them is decided here, and their hold against suspense ends.
 */
#include "journal/dispute.h"
#include "acquirer/control.h"
#include "journal/trail.h"
#include "ledger/workday.h"
#include "payment/kind.h"

/* Working days for an answer when the network names no deadline: market facts 3, 5 to 10. */
static const int answer_days[DISPUTE_KINDS] = {0, 7, 10};

enum { OVERDUE_AT_ONCE = 16 };

/* How long a network has to decide after the deadline for the answer: the merchant has his money
 * again when nobody has by then. */
#define DECISION_MS (INT64_C(60) * 86400000)

static struct bytes subject_of(char out[static 32], int64_t dispute)
{
    struct writer w = writer_over(out, 31);
    write_format(&w, "dispute %lld", (long long)dispute);
    out[w.len] = '\0';
    return writer_view(&w);
}

/* ---- opening ---- */

/* The end of the day so many working days from now, or of the day that was named. */
static err deadline(const struct acquirer *a, struct control *c, enum dispute_kind kind,
                    int64_t *ret_ms)
{
    int32_t day = c->request->day;
    if (day == 0) {
        day = workday_of(host_now_ms(a));
        for (int i = 0; i < answer_days[kind]; i++) {
            err next = workday_next(day, &day);
            if (next.code == ERR_NOT_FOUND) {
                control_say(c, ACQUIRER_NO_CALENDAR, "name the day of the deadline");
                return OK;
            }
            TRY(next);
        }
    }
    *ret_ms = workday_end_ms(day);
    if (*ret_ms <= host_now_ms(a)) control_say(c, ACQUIRER_INCOMPLETE, "deadline: it is over");
    return OK;
}

/* What it may still ask for: not what was given back or may be, nor what another one asks for. */
static err judge_amount(struct acquirer *a, struct control *c, const struct payment *p,
                        struct journal_dispute *d)
{
    struct payment_trail trail;
    char left[MONEY_TEXT_MAX + 1] = "";
    struct writer w = writer_over(left, sizeof left - 1);
    TRY(journal_trail(a->store, d->rrn, &trail));
    TRY(journal_disputed(a->store, d->rrn, &trail.disputed_minor));
    int64_t left_minor = payment_trail_left(&trail, p) - trail.disputed_minor;
    money_write(&w, left_minor);
    if (trail.full || left_minor <= 0) {
        control_say(c, ACQUIRER_OVER, "nothing is left of payment %s", d->rrn);
        return OK;
    }
    if (d->amount_minor == 0) d->amount_minor = left_minor;
    if (d->amount_minor > left_minor)
        control_say(c, ACQUIRER_INCOMPLETE, "amount: %s of it are left", left);
    return OK;
}

/* The payment took money and stands, and is not asked for more than is left of it. */
static err judge_payment(struct acquirer *a, struct control *c, struct journal_dispute *d)
{
    struct journal_row approval, last;
    err found = journal_approval(a->store, d->rrn, &approval);
    if (!FAILED(found)) found = journal_last_of(a->store, d->rrn, &last);
    if (found.code == ERR_NOT_FOUND) {
        control_say(c, ACQUIRER_UNKNOWN, "payment %s", d->rrn);
        return OK;
    }
    TRY(found);
    const struct payment *p = &last.payment;
    bool takes = payment_type_row(p->type)->direction == PAYMENT_TAKES;
    if (!takes || !payment_state_paid(p->state)) {
        control_say(c, ACQUIRER_UNKNOWN, "payment %s has taken no money", d->rrn);
        return OK;
    }
    d->row = approval.seq;
    d->currency = p->currency;
    memcpy(d->mid, p->mid, sizeof d->mid);
    return judge_amount(a, c, p, d);
}

static err known_case(struct acquirer *a, struct control *c, const char *network_case)
{
    struct store_statement *s;
    bool there = false;
    TRY(store_statement(a->store, "SELECT number FROM dispute WHERE network_case = ?", &s));
    store_bind_text(s, bytes_text(network_case));
    TRY(store_step(s, &there));
    if (there) c->number = store_read_int(s);
    store_reset(s);
    if (there) control_say(c, ACQUIRER_OVER, "this case is dispute %lld", (long long)c->number);
    return OK;
}

/* Its money, from the beginning. */
static err hold_money(struct acquirer *a, struct journal_dispute *d)
{
    struct journal_order hold = {
        .kind = ORDER_HOLD,
        .at_ms = d->at_ms,
        .currency = d->currency,
        .amount_minor = d->amount_minor,
        .deadline_ms = d->deadline_ms + DECISION_MS,
        .reason = "dispute",
        .evidence =
            "签购单、发货或服务凭证；the slip, and what shows that goods or service were given",
        .appeal = "在答辩期限内经收单机构提交凭证；answer with evidence through us before the "
                  "dispute's deadline"};
    if (d->kind != DISPUTE_CHARGEBACK) return OK;
    memcpy(hold.mid, d->mid, sizeof hold.mid);
    memcpy(hold.actor, d->actor, sizeof hold.actor);
    struct writer reference = writer_over(hold.reference, sizeof hold.reference - 1);
    write_format(&reference, "payment %s, case %s", d->rrn, d->network_case);
    ENSURE(reference.fault == ERR_OK);
    TRY(control_order(a, &hold));
    d->hold = hold.number;
    return OK;
}

static err open_dispute(struct acquirer *a, struct control *c)
{
    const struct acquirer_request *r = c->request;
    struct journal_dispute d = {.at_ms = host_now_ms(a), .amount_minor = r->amount_minor};
    char subject[32];
    bool lines = control_line(c, "actor", r->actor, d.actor, sizeof d.actor) &&
                 control_line(c, "reference", r->reference, d.rrn, sizeof d.rrn) &&
                 control_line(c, "case", r->evidence, d.network_case, sizeof d.network_case) &&
                 control_line(c, "reason", r->reason, d.reason, sizeof d.reason);
    if (!lines) return OK;
    d.kind = (enum dispute_kind)r->way;
    if (d.kind < DISPUTE_RETRIEVAL || d.kind >= DISPUTE_KINDS)
        control_say(c, ACQUIRER_INCOMPLETE, "way: 1 retrieval, 2 chargeback");
    else if (dispute_reason_of(d.reason) == NULL)
        control_say(c, ACQUIRER_INCOMPLETE, "reason: not one of the table");
    if (c->status == ACQUIRER_OK) TRY(known_case(a, c, d.network_case));
    if (c->status == ACQUIRER_OK) TRY(judge_payment(a, c, &d));
    if (c->status == ACQUIRER_OK) TRY(deadline(a, c, d.kind, &d.deadline_ms));
    if (c->status != ACQUIRER_OK) return OK;
    TRY(group_tx(a));
    TRY(hold_money(a, &d));
    TRY(journal_dispute_append(&a->tx, &d, &c->number));
    c->amount_minor = d.amount_minor;
    (void)subject_of(subject, c->number);
    return control_audit(a, r->actor, "dispute_opened", subject, d.reason);
}

/* ---- steps ---- */

/* A dispute that is there and goes on; otherwise that is said. */
static err judge_dispute(struct acquirer *a, struct control *c, struct journal_dispute *ret,
                         struct dispute_state *ret_at)
{
    int64_t number = c->request->original;
    err found = journal_dispute_find(a->store, number, ret);
    if (found.code == ERR_NOT_FOUND) {
        control_say(c, ACQUIRER_UNKNOWN, "dispute %lld", (long long)number);
        return OK;
    }
    TRY(found);
    TRY(journal_dispute_state(a->store, number, ret_at));
    if (ret_at->end != 0) control_say(c, ACQUIRER_OVER, "%s", dispute_action_name(ret_at->end));
    return OK;
}

/* Which step a command is; 0: none. */
static enum dispute_action action_of(uint8_t command, uint8_t way)
{
    if (command == ACQUIRER_DISPUTE_EVIDENCE) return DISPUTE_EVIDENCE;
    if (command == ACQUIRER_DISPUTE_ANSWER) return DISPUTE_ANSWERED;
    bool decides = way >= DISPUTE_WON && way <= DISPUTE_ACCEPTED;
    return decides ? (enum dispute_action)way : 0;
}

/* May this step follow? The table would refuse it, too, and could not say why. */
static void judge_step(struct control *c, enum dispute_action action,
                       const struct dispute_state *at)
{
    bool decision = action == DISPUTE_WON || action == DISPUTE_LOST;
    if (action == 0) control_say(c, ACQUIRER_INCOMPLETE, "way: 3 won, 4 lost, 5 accepted");
    else if (decision && !at->answered)
        control_say(c, ACQUIRER_INCOMPLETE, "it was not answered yet");
    else if (!decision && at->answered) control_say(c, ACQUIRER_OVER, "it is answered");
    else if (action == DISPUTE_ANSWERED && at->evidence == 0)
        control_say(c, ACQUIRER_INCOMPLETE, "evidence: an answer needs some");
}

/* Whether what it has held is held still: its deadline may have been quicker than the network. */
static err holds_still(struct acquirer *a, const struct journal_dispute *d, bool *ret_holds)
{
    struct journal_order end;
    *ret_holds = false;
    if (d->hold == 0) return OK;
    err ended = journal_order_end(a->store, d->hold, &end);
    if (FAILED(ended) && ended.code != ERR_NOT_FOUND) return ended;
    *ret_holds = FAILED(ended);
    return OK;
}

static void order_of(const struct journal_dispute *d, const struct dispute_step *step,
                     struct journal_order *out)
{
    struct journal_order order = {
        .at_ms = step->at_ms, .currency = d->currency, .amount_minor = d->amount_minor};
    memcpy(order.mid, d->mid, sizeof order.mid);
    struct writer reason = writer_over(order.reason, sizeof order.reason - 1);
    struct writer reference = writer_over(order.reference, sizeof order.reference - 1);
    struct writer actor = writer_over(order.actor, sizeof order.actor - 1);
    write_format(&reason, "dispute %s", dispute_action_name(step->action));
    write_format(&reference, "dispute %lld, payment %s", (long long)d->number, d->rrn);
    write_format(&actor, "%s", step->actor);
    ENSURE(reason.fault == ERR_OK && reference.fault == ERR_OK && actor.fault == ERR_OK);
    *out = order;
}

/* What is lost goes from the merchant to the network of the payment: what is held, or else what he
 * is owed, which may then be below zero. */
static err take_money(struct acquirer *a, const struct journal_dispute *d, bool held,
                      struct dispute_step *step)
{
    struct journal_order order;
    struct payment payment;
    order_of(d, step, &order);
    TRY(record_read(a, d->row, &payment));
    ENSURE(payment.route != PAYMENT_ROUTE_NONE); /* a network has approved it */
    order.network = payment.route;
    order.kind = held ? ORDER_CHARGEBACK : ORDER_CHARGEBACK_DEBIT;
    order.original = held ? d->hold : d->row;
    TRY(control_order(a, &order));
    step->order = order.number;
    return OK;
}

static err give_money(struct acquirer *a, const struct journal_dispute *d,
                      const struct dispute_step *step)
{
    struct journal_order order;
    order_of(d, step, &order);
    order.kind = ORDER_RELEASE;
    order.original = d->hold;
    return control_order(a, &order);
}

/* The end of a dispute, or another step; what costs money takes it from the merchant first, and
 * what he has won is his again when the dispute is over. */
static err append(struct acquirer *a, const struct journal_dispute *d, struct dispute_step *step)
{
    char subject[32];
    bool held = false;
    TRY(group_tx(a));
    if (step->action >= DISPUTE_WON) TRY(holds_still(a, d, &held));
    if (step->action > DISPUTE_WON) TRY(take_money(a, d, held, step));
    TRY(journal_dispute_step(&a->tx, step));
    if (step->action == DISPUTE_WON && held) TRY(give_money(a, d, step));
    (void)subject_of(subject, d->number);
    return control_audit(a, bytes_text(step->actor), dispute_action_name(step->action), subject,
                         step->text);
}

static err take_step(struct acquirer *a, uint8_t command, struct control *c)
{
    const struct acquirer_request *r = c->request;
    struct journal_dispute d;
    struct dispute_state at;
    struct dispute_step step = {.dispute = r->original, .at_ms = host_now_ms(a)};
    step.action = action_of(command, r->way);
    bool lines = control_line(c, "actor", r->actor, step.actor, sizeof step.actor) &&
                 control_line(c, "reason", r->reason, step.text, sizeof step.text);
    if (lines && step.action == DISPUTE_EVIDENCE) {
        lines = control_line(c, "digest", r->reference, step.digest, sizeof step.digest);
        if (lines && strlen(step.digest) != DISPUTE_DIGEST)
            control_say(c, ACQUIRER_INCOMPLETE, "digest: must be 64 hexadecimal digits");
    }
    if (c->status != ACQUIRER_OK) return OK;
    TRY(judge_dispute(a, c, &d, &at));
    if (c->status == ACQUIRER_OK) judge_step(c, step.action, &at);
    if (c->status != ACQUIRER_OK) return OK;
    TRY(append(a, &d, &step));
    c->number = step.order > 0 ? step.order : step.dispute;
    c->amount_minor = step.order > 0 ? d.amount_minor : 0;
    return OK;
}

err dispute_expire(struct acquirer *a)
{
    struct journal_dispute due[OVERDUE_AT_ONCE];
    size_t count = 0;
    TRY(journal_dispute_overdue(a->store, host_now_ms(a), due, OVERDUE_AT_ONCE, &count));
    for (size_t i = 0; i < count; i++) {
        struct dispute_step step = {.dispute = due[i].number,
                                    .at_ms = host_now_ms(a),
                                    .action = DISPUTE_MISSED,
                                    .actor = "acquirer",
                                    .text = "nobody answered by the deadline"};
        TRY(append(a, &due[i], &step));
    }
    return OK;
}

/* ---- payments that their issuer will not pay ---- */

static err disputed_of(struct acquirer *a, struct control *c, struct journal_row *ret)
{
    char rrn[13];
    if (!control_line(c, "reference", c->request->reference, rrn, sizeof rrn)) return OK;
    err found = journal_last_of(a->store, rrn, ret);
    if (FAILED(found) && found.code != ERR_NOT_FOUND) return found;
    if (FAILED(found)) control_say(c, ACQUIRER_UNKNOWN, "payment %s", rrn);
    else if (ret->payment.state != PAYMENT_DISPUTED)
        control_say(c, ACQUIRER_OVER, "payment %s is %s", rrn,
                    payment_state_name(ret->payment.state));
    return OK;
}

/* 1: the merchant is paid, and the loss is ours. 2: the merchant bears it. */
static err decide_disputed(struct acquirer *a, struct control *c)
{
    const struct acquirer_request *r = c->request;
    struct journal_row row;
    struct payment_step step;
    char actor[DISPUTE_ACTOR_MAX + 1], text[DISPUTE_TEXT_MAX + 1];
    bool lines = control_line(c, "actor", r->actor, actor, sizeof actor) &&
                 control_line(c, "reason", r->reason, text, sizeof text);
    if (lines && r->way != 1 && r->way != 2)
        control_say(c, ACQUIRER_INCOMPLETE, "way: 1 the merchant is paid, 2 bears it");
    if (c->status == ACQUIRER_OK) TRY(disputed_of(a, c, &row));
    if (c->status != ACQUIRER_OK) return OK;
    uint32_t place;
    struct payment p = row.payment;
    TRY(terminal_place(a, bytes_text(p.key.tid), &place));
    struct recent *recent = recent_find(a, recent_key(place, p.key.batch, p.key.stan));
    ENSURE(recent != NULL && recent->state == PAYMENT_DISPUTED); /* never given up undecided */
    enum payment_event event = r->way == 1 ? PAYMENT_APPROVE : PAYMENT_REVERSE;
    TRY(payment_step(p.state, event, &step));
    p.state = step.next;
    TRY(recent_record(a, recent, &p, event));
    c->amount_minor = p.amount_minor;
    return control_audit(a, r->actor, r->way == 1 ? "disputed_paid" : "disputed_borne", p.rrn,
                         text);
}

bool dispute_knows(uint8_t command)
{
    return command >= ACQUIRER_DISPUTE_OPEN && command <= ACQUIRER_DISPUTED_DECIDE;
}

err dispute_asked(struct acquirer *a, uint8_t command, struct control *c)
{
    if (command == ACQUIRER_DISPUTE_OPEN) return open_dispute(a, c);
    if (command == ACQUIRER_DISPUTED_DECIDE) return decide_disputed(a, c);
    return take_step(a, command, c);
}
