/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The goods list at the counter (S92): a touch puts one into the basket, a touch in the basket
 * takes one out, ok makes its sum the amount. The customer sees the lines before he pays, the
 * receipt has them (goods_keep, in the commit of the payment).
 */
#include "terminal/core.h"
#include "terminal/counter.h"
#include "terminal/goods.h"

enum { SAID = 4 /* lines on the customer's screen; the receipt has all */ };

/* The screen of what is sold next: the goods behind local[0], of which local[1] is the last. */
static err show_goods(struct terminal *t, struct procedure *p)
{
    struct screen *s = &t->screen;
    struct good goods[TERMINAL_LIST_ROWS + 1];
    size_t count;
    TRY(goods_page(t->records.store, p->local[0], goods, ARRAY_LEN(goods), &count));
    bool more = count > TERMINAL_LIST_ROWS;
    if (more) count = TERMINAL_LIST_ROWS;
    screen_begin(t, "sale.items", TEXT_ITEMS_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(basket_minor(&t->work.basket)).text);
    for (size_t i = 0; i < count; i++) {
        char key[24];
        struct writer w = writer_over(key, sizeof key - 1);
        write_format(&w, "row_%lld", (long long)goods[i].number);
        key[w.len] = '\0';
        screen_choice(t, key, TEXT_ENTRY_BACK, SCREEN_LIST, NULL, true);
        struct screen_choice *choice = &s->choice[s->choice_count - 1];
        int64_t had = 0;
        for (size_t k = 0; k < t->work.basket.count; k++)
            if (strcmp(t->work.basket.line[k].name, goods_name(&goods[i], s->language)) == 0)
                had += t->work.basket.line[k].quantity;
        text_fill(had > 0 ? TEXT_ITEMS_ROW_HAD : TEXT_ITEMS_ROW, s->language,
                  (const char *const[]){goods_name(&goods[i], s->language),
                                        amount_text(goods[i].price_minor).text,
                                        number_text(had).text, NULL},
                  choice->text, sizeof choice->text);
    }
    p->local[1] = count > 0 ? goods[count - 1].number : 0;
    if (p->local[0] > 0) screen_choice(t, "first", TEXT_ITEMS_FIRST, SCREEN_CHIP, NULL, true);
    if (more) screen_choice(t, "more", TEXT_ITEMS_MORE, SCREEN_CHIP, NULL, true);
    if (t->work.basket.count > 0)
        screen_choice(t, "basket", TEXT_ENTRY_BASKET, SCREEN_CHIP, NULL, true);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    timeout_of(t, TIMEOUT_AMOUNT);
    screen_show(t);
    return OK;
}

static void show_basket(struct terminal *t)
{
    struct screen *s = &t->screen;
    const struct basket *basket = &t->work.basket;
    screen_begin(t, "sale.basket", TEXT_ITEMS_BASKET_TITLE);
    SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(basket_minor(basket)).text);
    SAY(t, SCREEN_HINT, TEXT_ITEMS_BASKET_HINT);
    for (size_t i = 0; i < basket->count; i++) {
        const struct basket_line *line = &basket->line[i];
        char key[24];
        struct writer w = writer_over(key, sizeof key - 1);
        write_format(&w, "row_%zu", i + 1);
        key[w.len] = '\0';
        screen_choice(t, key, TEXT_ENTRY_BACK, SCREEN_LIST, NULL, true);
        struct screen_choice *choice = &s->choice[s->choice_count - 1];
        text_fill(TEXT_ITEMS_LINE, s->language,
                  (const char *const[]){line->name, number_text(line->quantity).text,
                                        amount_text(line->price_minor).text,
                                        amount_text(basket_line_minor(line)).text, NULL},
                  choice->text, sizeof choice->text);
    }
    timeout_of(t, TIMEOUT_AMOUNT);
    screen_show(t);
}

static err basket(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    while (t->work.basket.count > 0) {
        show_basket(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        int64_t row = query_chosen(t);
        if (row > 0 && row <= (int64_t)t->work.basket.count)
            basket_less(&t->work.basket, (size_t)row - 1);
    }
    PROCEDURE_END(t, p);
}

/* One more of the good that was touched. */
static err take(struct terminal *t)
{
    struct good good;
    int64_t number = query_chosen(t);
    if (number == 0) return OK;
    err e = goods_get(t->records.store, number, &good);
    if (e.code == ERR_NOT_FOUND) return OK; /* it was on a screen that is gone */
    TRY(e);
    struct basket more = t->work.basket;
    e = basket_add(&more, goods_name(&good, t->records.language), good.price_minor);
    bool fits = !FAILED(e) && basket_minor(&more) <= GOODS_PRICE_MAX;
    if (fits) t->work.basket = more;
    else if (e.code == ERR_FULL) NOTICE(t, SCREEN_WARNING, TEXT_ITEMS_FULL);
    else NOTICE(t, SCREEN_WARNING, TEXT_CALCULATOR_TOO_MUCH);
    return OK;
}

/* The sum as the amount of this sale; false with a notice when the basket is empty. */
static bool take_sum(struct terminal *t)
{
    struct amount_text amount = amount_text(basket_minor(&t->work.basket));
    if (t->work.basket.count == 0) {
        NOTICE(t, SCREEN_WARNING, TEXT_ITEMS_EMPTY);
        return false;
    }
    memcpy(t->work.amount, amount.text, strlen(amount.text) + 1);
    return true;
}

err items(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->local[0] = 0;
    for (;;) {
        TRY(show_goods(t, p));
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) break;
        TRY(take(t));
        if (choice_is(t, "more")) p->local[0] = p->local[1];
        if (choice_is(t, "first")) p->local[0] = 0;
        if (choice_is(t, "basket")) PROCEDURE_CALL(t, p, basket);
        else if (key_is(t, "ok") && take_sum(t)) PROCEDURE_DONE(t, p);
    }
    t->work.basket.count = 0;
    t->work.amount[0] = '\0';
    PROCEDURE_BACK(t, p);
    PROCEDURE_END(t, p);
}

void items_say(struct terminal *t)
{
    const struct basket *basket = &t->work.basket;
    for (size_t i = 0; i < basket->count && i < SAID; i++) {
        const struct basket_line *line = &basket->line[i];
        SAY(t, SCREEN_NORMAL, TEXT_ITEMS_SAID, line->name, number_text(line->quantity).text,
            amount_text(basket_line_minor(line)).text);
    }
    if (basket->count > SAID)
        SAY(t, SCREEN_NORMAL, TEXT_ITEMS_SAID_MORE,
            number_text((int64_t)(basket->count - SAID)).text);
    if (t->work.payment.tip_minor > 0)
        SAY(t, SCREEN_NORMAL, TEXT_GRATUITY_WITHIN, amount_text(t->work.payment.tip_minor).text);
}
