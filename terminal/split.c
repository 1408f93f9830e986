/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 拆分付款 (S84): an order stays open until its parts come up to its total. Each part is a payment
 * as any other, in the store with the order's number; what is declined or reversed leaves the order
 * as it was. Who gives it up takes the paid parts back, the newest first, each with a supervisor's
 * yes and to the card, wallet or hand that it came from. Whatever stops this, the store says where
 * it was.
 */
#include "terminal/split.h"

#include "terminal/owed.h"
#include "terminal/words.h"

/* ---- the order in memory ---- */

static err reload(struct terminal *t)
{
    if (t->order.number == 0) return OK; /* it is not in the store yet */
    return orders_open(&t->records, &t->order);
}

static err turn(struct terminal *t, enum order_state state)
{
    return orders_turn(&t->records, &t->order, state, t->operator_id, now_ms(t));
}

err split_look(struct terminal *t)
{
    if (t->order.number == 0) t->order.state = ORDER_NONE; /* it was never begun */
    return reload(t);
}

bool split_due(const struct terminal *t)
{
    return t->order.state == ORDER_OPEN && order_rest(&t->order) <= 0;
}

bool split_say(struct terminal *t)
{
    if (t->order.state == ORDER_NONE) return false;
    SAY(t, SCREEN_WARNING, t->order.state == ORDER_OPEN ? TEXT_MAIN_ORDER : TEXT_MAIN_ORDER_BACK,
        amount_text(t->order.total_minor).text, amount_text(order_rest(&t->order)).text,
        amount_text(t->order.paid_minor).text);
    return true;
}

/* ---- screens ---- */

static void say_part(struct terminal *t, const struct payment *p)
{
    const enum text_id means = p->means == PAYMENT_CASH   ? TEXT_ENTRY_CASH
                               : p->means == PAYMENT_CARD ? TEXT_SPLIT_CARD
                                                          : TEXT_SPLIT_CODE;
    SAY(t, SCREEN_NORMAL, TEXT_SPLIT_PART, text(means, t->records.language),
        padded_text(p->key.stan, 6).text, amount_text(p->amount_minor).text);
}

static err say_parts(struct terminal *t)
{
    struct records_row rows[ORDER_PARTS];
    size_t count = 0;
    if (t->order.number == 0) return OK;
    TRY(orders_parts(&t->records, t->order.number, rows, &count));
    /* The newest are what a person looks for, and as many leave room for the keypad. */
    for (size_t i = count > 3 ? count - 3 : 0; i < count; i++) say_part(t, &rows[i].payment);
    return OK;
}

static err show_order(struct terminal *t)
{
    const struct order *o = &t->order;
    screen_begin(t, "split.order", TEXT_SPLIT_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_NORMAL, TEXT_SPLIT_TOTAL, amount_text(o->total_minor).text);
    TRY(say_parts(t));
    SAY(t, SCREEN_BIG, TEXT_SPLIT_REST, amount_text(order_rest(o)).text);
    if (o->number == 0)
        SAY(t, SCREEN_HINT, TEXT_SPLIT_HINT); /* said once: the parts need the room */
    amount_field(t, TEXT_SPLIT_AMOUNT);
    if (o->number > 0)
        screen_choice(t, "give_up", TEXT_ENTRY_SPLIT_GIVE_UP, SCREEN_DANGER, "void", true);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_show(t);
    return OK;
}

static void show_end(struct terminal *t, int64_t number, enum text_id how)
{
    bool paid = how == TEXT_SPLIT_PAID;
    screen_begin(t, paid ? "split.paid" : "split.given_up", TEXT_SPLIT_TITLE);
    SAY(t, paid ? SCREEN_SUCCESS : SCREEN_WARNING, how, number_text(number).text);
    SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(t->order.total_minor).text);
    if (paid) t->screen.receipt = &t->sheet;
    t->screen.receipt_number = 0; /* of several payments */
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_idle(t, TERMINAL_RESULT_S);
    screen_show(t);
}

/* ---- one part ---- */

/* What was typed, or all of the rest; 0, and a notice, when it cannot be a part. */
static err part_typed(struct terminal *t, int64_t *ret_minor)
{
    struct records_row rows[ORDER_PARTS];
    int64_t rest = order_rest(&t->order), minor = amount_typed(t);
    size_t count = 0;
    if (t->work.amount[0] == '\0') minor = rest;
    if (t->order.number > 0) TRY(orders_parts(&t->records, t->order.number, rows, &count));
    *ret_minor = 0;
    if (minor == 0) NOTICE(t, SCREEN_WARNING, TEXT_SALE_AMOUNT_ZERO);
    else if (minor > rest) NOTICE(t, SCREEN_WARNING, TEXT_SPLIT_OVER, amount_text(rest).text);
    else if (minor < rest && count + 1 >= ORDER_PARTS)
        NOTICE(t, SCREEN_WARNING, TEXT_SPLIT_LAST, amount_text(rest).text);
    else *ret_minor = minor;
    return OK;
}

/* Of t->chosen fen. Whatever comes of it, the order is looked at anew. */
static err part(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    work_begin(t, PAYMENT_SALE);
    t->work.payment.amount_minor = t->chosen;
    t->work.payment.order = t->order.number;
    t->asked = (struct asked){LIMIT_SALE, t->chosen};
    PROCEDURE_CALL(t, p, allow);
    if (t->outcome != OUTCOME_DONE) PROCEDURE_BACK(t, p);
    PROCEDURE_CALL(t, p, sale_pay);
    if (t->outcome != OUTCOME_DONE) PROCEDURE_BACK(t, p);
    if (t->work.payment.state == PAYMENT_PENDING) PROCEDURE_CALL(t, p, sale_wait);
    PROCEDURE_CALL(t, p, sale_result);
    PROCEDURE_END(t, p);
}

/* ---- giving it up ---- */

/* The newest part that stands; *ret_number 0: there is none. */
static err newest(struct terminal *t, struct records_row *ret_row, size_t *ret_left)
{
    struct records_row rows[ORDER_PARTS];
    TRY(orders_parts(&t->records, t->order.number, rows, ret_left));
    if (*ret_left > 0) *ret_row = rows[*ret_left - 1];
    return OK;
}

/* Somebody else may have given it back: who was refused may end the order as it is. */
static void show_back(struct terminal *t, const struct payment *part, size_t left, bool refused)
{
    screen_begin(t, "split.back", TEXT_SPLIT_BACK_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_NORMAL, TEXT_SPLIT_LEFT, number_text((int64_t)left).text);
    follow_say(t, part);
    SAY(t, SCREEN_HINT, TEXT_SPLIT_BACK_HINT);
    screen_choice(t, "back", TEXT_ENTRY_SPLIT_BACK, SCREEN_PRIMARY, "void", true);
    if (refused) screen_choice(t, "leave", TEXT_ENTRY_SPLIT_LEAVE, SCREEN_DANGER, NULL, true);
    screen_show(t);
}

/* A void of this batch, and what the batch has left behind goes back as a refund. */
static err prepare_back(struct terminal *t, const struct records_row *row)
{
    const struct payment *part = &row->payment;
    struct payment_trail trail;
    bool whole = part->key.batch == t->records.batch;
    TRY(records_trail(&t->records, &part->key, &trail));
    int64_t left_minor = payment_trail_left(&trail, part);
    whole = whole && left_minor == part->amount_minor;
    work_begin(t, whole ? payment_void_of(part->type) : payment_refund_of(part->type));
    follow_original(t, part);
    t->work.original_number = row->number;
    t->work.payment.amount_minor = left_minor;
    t->asked = whole ? (struct asked){LIMIT_VOID, 1} : (struct asked){LIMIT_REFUND, left_minor};
    return OK;
}

/* Nothing of it may be undecided, or unknown to the host. */
static err decide(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    if (t->records.unsent > 0) PROCEDURE_CALL(t, p, reverse_first);
    if (t->records.unsent == 0 && t->records.offline > 0) PROCEDURE_CALL(t, p, advice_first);
    bool open = t->records.unsent > 0 || t->records.offline > 0;
    PROCEDURE_LEAVE(t, p, open ? OUTCOME_BACK : OUTCOME_DONE);
    PROCEDURE_END(t, p);
}

/* One part goes back, as a void or refund of its own. */
static err take_back(struct terminal *t, struct procedure *p)
{
    struct records_row row;
    size_t left = 0;

    PROCEDURE_BEGIN(p);
    PROCEDURE_CALL(t, p, decide);
    if (t->outcome != OUTCOME_DONE) PROCEDURE_BACK(t, p);
    TRY(newest(t, &row, &left));
    if (left == 0) PROCEDURE_DONE(t, p);
    TRY(prepare_back(t, &row));
    PROCEDURE_CALL(t, p, allow);
    if (t->outcome == OUTCOME_DONE) PROCEDURE_CALL(t, p, follow_send);
    PROCEDURE_END(t, p);
}

/* DONE: nothing is paid any more, and the order has ended. BACK: there is still something. */
static err give_up(struct terminal *t, struct procedure *p)
{
    struct records_row row;
    size_t left = 0;

    PROCEDURE_BEGIN(p);
    if (t->order.state == ORDER_OPEN) TRY(turn(t, ORDER_GIVING_UP));
    for (;;) {
        TRY(newest(t, &row, &left));
        if (left == 0) break;
        show_back(t, &row.payment, left, p->local[0] == PAYMENT_DECLINED);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "back")) {
            PROCEDURE_CALL(t, p, take_back);
            p->local[0] = t->work.payment.state;
        } else if (choice_is(t, "leave")) {
            t->asked = (struct asked){LIMIT_VOID, 1};
            PROCEDURE_CALL(t, p, allow);
            if (t->outcome == OUTCOME_DONE) break;
        }
    }
    TRY(newest(t, &row, &left));
    p->local[1] = (int64_t)left;
    TRY(turn(t, ORDER_GIVEN_UP));
    do {
        show_end(t, t->order.number, p->local[1] > 0 ? TEXT_SPLIT_ENDED : TEXT_SPLIT_GIVEN_UP);
        PROCEDURE_AWAIT(t, p);
    } while (!key_is(t, "ok") && !key_is(t, "cancel"));
    PROCEDURE_END(t, p);
}

/* ---- the whole ---- */

/* Its slip is owed with the commit that ends it. */
static err paid(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    TRY(turn(t, ORDER_PAID));
    TRY(owed_order_slip(t, t->order.number, false, &t->sheet));
    TRY(owed_print(t));
    do {
        show_end(t, t->order.number, TEXT_SPLIT_PAID);
        PROCEDURE_AWAIT(t, p);
    } while (!key_is(t, "ok") && !key_is(t, "cancel"));
    PROCEDURE_END(t, p);
}

/* What was typed as a part begins; the order is in the store before its first one. */
static err begin_part(struct terminal *t)
{
    TRY(part_typed(t, &t->chosen));
    if (t->chosen == 0 || t->order.number > 0) return OK;
    return orders_begin(&t->records, &t->order, &t->work.basket);
}

/* Where nothing is paid, nothing keeps it open. */
static err leave(struct terminal *t)
{
    if (t->order.number == 0 || t->order.paid_minor > 0) return OK;
    return turn(t, ORDER_GIVEN_UP);
}

err split_run(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    memcpy(t->work.amount_kept, t->work.amount, sizeof t->work.amount);
    t->work.amount[0] = '\0';
    for (;;) {
        TRY(reload(t));
        if (t->order.state == ORDER_GIVING_UP) {
            PROCEDURE_CALL(t, p, give_up);
            break;
        }
        if (order_rest(&t->order) <= 0) {
            PROCEDURE_CALL(t, p, paid);
            break;
        }
        TRY(show_order(t));
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) break;
        if (choice_is(t, "give_up")) TRY(turn(t, ORDER_GIVING_UP));
        amount_key(t);
        if (!key_is(t, "ok")) continue;
        TRY(begin_part(t));
        if (t->chosen > 0) PROCEDURE_CALL(t, p, part);
    }
    if (t->order.number == 0) {
        t->order.state = ORDER_NONE;
        memcpy(t->work.amount, t->work.amount_kept, sizeof t->work.amount);
        PROCEDURE_BACK(t, p);
    }
    if (t->order.state == ORDER_OPEN) TRY(leave(t));
    TRY(reload(t));
    PROCEDURE_END(t, p);
}

err split_resume(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    work_begin(t, PAYMENT_SALE);
    PROCEDURE_CALL(t, p, split_run);
    PROCEDURE_END(t, p);
}

err split_begin(struct terminal *t, struct procedure *p)
{
    secure_forget(t); /* each part has its own card */
    t->order = (struct order){.state = ORDER_OPEN,
                              .total_minor = t->work.payment.amount_minor,
                              .tip_minor = t->work.payment.tip_minor,
                              .begun_ms = now_ms(t)};
    memcpy(t->order.operator_id, t->operator_id, sizeof t->order.operator_id);
    PROCEDURE_LEAVE(t, p, OUTCOME_SKIPPED);
}
