/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An order in parts, practised: its parts are practised payments with its number, each by card,
 * code, cash or points; what is paid of it is their sum, and its slip is marked as theirs are. Who
 * gives it up takes its parts back, the newest first.
 */
#include "payment/kind.h"
#include "terminal/follow.h"
#include "terminal/training_pay.h"

enum { PARTS = 6 }; /* with what takes them back they are fewer than TRAINING_KEPT */

static bool is_part(const struct terminal *t, const struct payment *p)
{
    bool paid = p->type == PAYMENT_SALE || p->type == PAYMENT_REDEEM;
    return p->order == t->training.order && paid && p->state == PAYMENT_APPROVED &&
           !training_trail(t, p).voided;
}

static size_t parts_of(const struct terminal *t, const struct payment *parts[static PARTS])
{
    size_t count = 0;
    for (size_t i = 0; i < t->training.count && count < PARTS; i++)
        if (is_part(t, &t->training.payment[i])) parts[count++] = &t->training.payment[i];
    return count;
}

static int64_t rest_of(const struct terminal *t)
{
    const struct payment *parts[PARTS];
    int64_t rest = t->training.order_minor;
    for (size_t i = parts_of(t, parts); i > 0; i--) rest -= parts[i - 1]->amount_minor;
    return rest;
}

static void say_parts(struct terminal *t)
{
    const struct payment *parts[PARTS];
    size_t count = parts_of(t, parts);
    for (size_t i = 0; i < count; i++) {
        const struct payment *p = parts[i];
        const enum text_id means = p->means == PAYMENT_CASH     ? TEXT_ENTRY_CASH
                                   : p->means == PAYMENT_POINTS ? TEXT_ENTRY_POINTS
                                   : p->means == PAYMENT_CARD   ? TEXT_SPLIT_CARD
                                                                : TEXT_SPLIT_CODE;
        SAY(t, SCREEN_NORMAL, TEXT_SPLIT_PART, text(means, t->records.language),
            padded_text(p->key.stan, 6).text, amount_text(p->amount_minor).text);
    }
}

static void show_order(struct terminal *t)
{
    bool some = rest_of(t) < t->training.order_minor;
    screen_begin(t, "training.order", TEXT_SPLIT_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_NORMAL, TEXT_SPLIT_TOTAL, amount_text(t->training.order_minor).text);
    say_parts(t);
    SAY(t, SCREEN_BIG, TEXT_SPLIT_REST, amount_text(rest_of(t)).text);
    if (!some) SAY(t, SCREEN_HINT, TEXT_SPLIT_HINT); /* said once: the parts need the room */
    amount_field(t, TEXT_SPLIT_AMOUNT);
    if (some) screen_choice(t, "give_up", TEXT_ENTRY_SPLIT_GIVE_UP, SCREEN_DANGER, "void", true);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_show(t);
}

/* What was typed, or all of the rest; 0, and a notice, when it cannot be a part. */
static int64_t part_typed(struct terminal *t)
{
    const struct payment *parts[PARTS];
    int64_t rest = rest_of(t), minor = t->work.amount[0] == '\0' ? rest : amount_typed(t);
    bool last = parts_of(t, parts) + 1 >= PARTS;
    if (minor == 0) NOTICE(t, SCREEN_WARNING, TEXT_SALE_AMOUNT_ZERO);
    else if (minor > rest) NOTICE(t, SCREEN_WARNING, TEXT_SPLIT_OVER, amount_text(rest).text);
    else if (minor < rest && last)
        NOTICE(t, SCREEN_WARNING, TEXT_SPLIT_LAST, amount_text(rest).text);
    else return minor;
    return 0;
}

static void part_begin(struct terminal *t, int64_t amount_minor)
{
    work_begin(t, PAYMENT_SALE);
    t->work.payment.amount_minor = amount_minor;
    t->work.payment.order = t->training.order;
}

static err part(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    part_begin(t, t->chosen);
    PROCEDURE_CALL(t, p, training_present);
    if (t->outcome == OUTCOME_DONE) PROCEDURE_CALL(t, p, training_carry_out);
    part_begin(t, 0); /* the next one */
    PROCEDURE_END(t, p);
}

/* ---- giving up ---- */

static void show_back(struct terminal *t, const struct payment *newest, size_t left)
{
    screen_begin(t, "training.back", TEXT_SPLIT_BACK_TITLE);
    SAY(t, SCREEN_NORMAL, TEXT_SPLIT_LEFT, number_text((int64_t)left).text);
    follow_say(t, newest);
    screen_choice(t, "back", TEXT_ENTRY_SPLIT_BACK, SCREEN_PRIMARY, "void", true);
    screen_show(t);
}

static void back_begin(struct terminal *t, const struct payment *newest)
{
    work_begin(t, payment_void_of(newest->type));
    follow_original(t, newest);
    struct payment *p = &t->work.payment;
    p->entry = newest->entry;
    p->amount_minor = newest->amount_minor;
    memcpy(p->pan_masked, newest->pan_masked, sizeof p->pan_masked);
}

/* DONE: nothing is paid any more. BACK: there is still something. */
static err give_up(struct terminal *t, struct procedure *p)
{
    const struct payment *parts[PARTS];
    size_t left = 0;

    PROCEDURE_BEGIN(p);
    while ((left = parts_of(t, parts)) > 0) {
        show_back(t, parts[left - 1], left);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        left = parts_of(t, parts);
        if (!choice_is(t, "back") || left == 0) continue;
        back_begin(t, parts[left - 1]);
        PROCEDURE_CALL(t, p, training_carry_out);
    }
    PROCEDURE_END(t, p);
}

/* ---- the whole ---- */

static void print(struct terminal *t)
{
    const struct payment *parts[PARTS];
    size_t count = parts_of(t, parts);
    const struct receipt_order slip = {.merchant_name = shop_name(t),
                                       .mid = t->facts.mid,
                                       .tid = t->facts.tid,
                                       .operator_id = t->operator_id,
                                       .number = t->training.order,
                                       .total_minor = t->training.order_minor,
                                       .local_ms = now_local_ms(t),
                                       .columns = t->config.paper_columns,
                                       .training = true};
    if (FAILED(receipt_order(&slip, parts, count, &t->sheet))) t->sheet.count = 0;
    queue_sheet(t, false);
}

static void show_end(struct terminal *t)
{
    bool paid = rest_of(t) == 0;
    screen_begin(t, "training.order_end", TEXT_SPLIT_TITLE);
    SAY(t, paid ? SCREEN_SUCCESS : SCREEN_WARNING, paid ? TEXT_SPLIT_PAID : TEXT_SPLIT_GIVEN_UP,
        number_text(t->training.order).text);
    SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(t->training.order_minor).text);
    if (paid) t->screen.receipt = &t->sheet;
    t->screen.receipt_number = 0;
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_show(t);
}

static err end(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    if (rest_of(t) == 0) print(t);
    do {
        show_end(t);
        PROCEDURE_AWAIT(t, p);
    } while (!key_is(t, "ok") && !key_is(t, "cancel"));
    PROCEDURE_END(t, p);
}

/* DONE: paid or given up. BACK: nothing was paid, and nothing is. */
static err pay_parts(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    while (rest_of(t) > 0) {
        show_order(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel") && rest_of(t) == t->training.order_minor) PROCEDURE_BACK(t, p);
        if (choice_is(t, "give_up") || key_is(t, "cancel")) {
            PROCEDURE_CALL(t, p, give_up);
            if (t->outcome == OUTCOME_DONE) PROCEDURE_DONE(t, p);
            continue;
        }
        amount_key(t);
        if (!key_is(t, "ok")) continue;
        t->chosen = part_typed(t);
        if (t->chosen > 0) PROCEDURE_CALL(t, p, part);
    }
    PROCEDURE_END(t, p);
}

err training_order(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    work_begin(t, PAYMENT_SALE);
    PROCEDURE_CALL(t, p, sale_amount);
    if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
    t->training.order++;
    t->training.order_minor = t->work.payment.amount_minor;
    part_begin(t, 0);
    PROCEDURE_CALL(t, p, pay_parts);
    if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
    PROCEDURE_CALL(t, p, end);
    PROCEDURE_END(t, p);
}
