/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The amount of a sale (S92): typed, a quick one by a touch, from the calculator, or from the goods
 * list; then the tip (S82), and leave for what is to be paid in all.
 *
 * From the main screen to an approved sale are four touches beside the digits, three for a tap.
 */
#include "terminal/counter.h"

#include "terminal/core.h"
#include "terminal/goods.h"

static void quick_choices(struct terminal *t)
{
    for (size_t i = 0; i < COUNTER_QUICKS; i++) {
        int64_t minor = t->counter.value[COUNTER_QUICK_1 + i];
        char key[] = "quick_1";
        if (minor == 0) continue;
        key[sizeof key - 2] = (char)('1' + i);
        screen_choice_named(t, key, amount_text(minor).text, SCREEN_CHIP);
    }
}

static err show_amount(struct terminal *t)
{
    int64_t goods;
    TRY(goods_count(t->records.store, &goods));
    screen_begin(t, "sale.amount", TEXT_SALE_TITLE);
    screen_notice(t);
    if (t->work.basket.count > 0)
        SAY(t, SCREEN_HINT, TEXT_ITEMS_IN_BASKET, number_text((int64_t)t->work.basket.count).text);
    else SAY(t, SCREEN_HINT, TEXT_SALE_AMOUNT_HINT);
    quick_choices(t);
    screen_choice(t, "calculator", TEXT_ENTRY_CALCULATOR, SCREEN_CHIP, NULL, true);
    if (goods > 0) screen_choice(t, "items", TEXT_ENTRY_ITEMS, SCREEN_CHIP, NULL, true);
    amount_field(t, TEXT_SALE_AMOUNT);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    timeout_of(t, TIMEOUT_AMOUNT);
    screen_show(t);
    return OK;
}

/* A quick amount is an amount and its ok. */
static bool quick_taken(struct terminal *t)
{
    for (size_t i = 0; i < COUNTER_QUICKS; i++) {
        int64_t minor = t->counter.value[COUNTER_QUICK_1 + i];
        char key[] = "quick_1";
        key[sizeof key - 2] = (char)('1' + i);
        if (minor == 0 || !choice_is(t, key)) continue;
        struct amount_text amount = amount_text(minor);
        _Static_assert(sizeof "9999999.99" <= sizeof t->work.amount, "the largest quick amount");
        memcpy(t->work.amount, amount.text, strlen(amount.text) + 1);
        t->work.basket.count = 0;
        return true;
    }
    return false;
}

/* One key of the amount. True when it is complete. */
static bool entered(struct terminal *t)
{
    char before[sizeof t->work.amount];
    if (quick_taken(t)) return true;
    memcpy(before, t->work.amount, sizeof before);
    amount_key(t);
    if (strcmp(before, t->work.amount) != 0) t->work.basket.count = 0; /* it is another amount */
    return key_is(t, "ok");
}

/* Something; how much of it this operator may take is said by allow() (S58). */
static bool amount_there(struct terminal *t)
{
    int64_t amount_minor = amount_typed(t);
    t->work.payment.amount_minor = amount_minor;
    t->work.payment.tip_minor = 0;
    if (amount_minor > 0) return true;
    NOTICE(t, SCREEN_WARNING, TEXT_SALE_AMOUNT_ZERO);
    return false;
}

/* The first sale of a device is one yuan. */
static void begin_amount(struct terminal *t)
{
    if (t->test_sale) memcpy(t->work.amount, amount_text(FIRST_SALE_MINOR).text, sizeof "1.00");
}

err sale_amount(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    begin_amount(t);
    for (;;) {
        TRY(show_amount(t));
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "calculator")) PROCEDURE_CALL(t, p, calculator);
        else if (choice_is(t, "items")) PROCEDURE_CALL(t, p, items);
        else if (!entered(t)) continue;
        else t->outcome = OUTCOME_DONE;
        if (t->outcome != OUTCOME_DONE || !amount_there(t)) continue;
        if (t->counter.value[COUNTER_TIP]) PROCEDURE_CALL(t, p, gratuity);
        if (t->outcome != OUTCOME_DONE) continue;
        t->asked = (struct asked){LIMIT_SALE, t->work.payment.amount_minor};
        PROCEDURE_CALL(t, p, allow);
        if (t->outcome == OUTCOME_DONE) PROCEDURE_DONE(t, p);
    }
    PROCEDURE_END(t, p);
}
