/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 商品: the price list, kept by the supervisor or the administrator: add, change, remove, and take
 * a text with a line for each. What was paid before stays as it was.
 */
#include "terminal/core.h"
#include "terminal/counter.h"
#include "terminal/goods.h"

/* clang-format off */
static const enum text_id verdicts[] = {
    [GOODS_TAKEN]     = TEXT_GOODS_SAVED,
    [GOODS_NO_NAME]   = TEXT_GOODS_NO_NAME,
    [GOODS_LONG_NAME] = TEXT_GOODS_LONG_NAME,
    [GOODS_BAD_NAME]  = TEXT_GOODS_BAD_NAME,
    [GOODS_NO_PRICE]  = TEXT_GOODS_NO_PRICE,
    [GOODS_BAD_PRICE] = TEXT_GOODS_BAD_PRICE,
    [GOODS_TWICE]     = TEXT_GOODS_TWICE,
    [GOODS_FULL]      = TEXT_GOODS_FULL,
};
_Static_assert(ARRAY_LEN(verdicts) == GOODS_VERDICTS, "words for each");
/* clang-format on */

static void field_of_text(struct terminal *t, enum screen_field_kind kind, enum text_id label,
                          const char *value, unsigned max)
{
    struct screen *s = &t->screen;
    s->field.kind = kind;
    s->field.max = max;
    text_fill(label, s->language, NULL, s->field.label, sizeof s->field.label);
    err e = bytes_to_text(bytes_text(value), s->field.value, sizeof s->field.value);
    ENSURE(!FAILED(e));
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
}

/* ---- one good ---- */

/* What was typed as a name, into t->good; false with a notice. */
static bool take_name(struct terminal *t)
{
    struct bytes text = bytes_text(t->text);
    if (t->event.kind != EVENT_TEXT) return false;
    if (!FAILED(bytes_to_text(text, t->good.name, sizeof t->good.name)) && text.len > 0)
        return true;
    NOTICE(t, SCREEN_WARNING, text.len == 0 ? TEXT_GOODS_NO_NAME : TEXT_GOODS_LONG_NAME);
    return false;
}

static err enter_name(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    for (;;) {
        screen_begin(t, "goods.name", TEXT_GOODS_TITLE);
        screen_notice(t);
        SAY(t, SCREEN_HINT, TEXT_GOODS_NAME_HINT);
        field_of_text(t, SCREEN_FIELD_TEXT, TEXT_GOODS_NAME, t->good.name, BASKET_NAME - 1);
        screen_show(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (take_name(t)) PROCEDURE_DONE(t, p);
    }
    PROCEDURE_END(t, p);
}

static err enter_price(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    t->work.amount[0] = '\0';
    for (;;) {
        screen_begin(t, "goods.price", TEXT_GOODS_TITLE);
        SAY(t, SCREEN_NORMAL, TEXT_GOODS_NAME_IS, t->good.name);
        screen_notice(t);
        amount_field(t, TEXT_GOODS_PRICE);
        screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
        screen_show(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        amount_key(t);
        if (!key_is(t, "ok")) continue;
        t->good.price_minor = amount_typed(t);
        if (t->good.price_minor > 0) PROCEDURE_DONE(t, p);
        NOTICE(t, SCREEN_WARNING, TEXT_GOODS_BAD_PRICE);
    }
    PROCEDURE_END(t, p);
}

/* t->good into the store, with a notice of what became of it. */
static err save(struct terminal *t)
{
    enum goods_verdict verdict;
    TRY(goods_put(&t->records, &t->good, t->operator_id, &verdict));
    NOTICE(t, verdict == GOODS_TAKEN ? SCREEN_SUCCESS : SCREEN_WARNING, verdicts[verdict],
           t->good.name);
    return OK;
}

static err add(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    t->good = (struct good){0};
    for (;;) {
        PROCEDURE_CALL(t, p, enter_name);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
        PROCEDURE_CALL(t, p, enter_price);
        if (t->outcome == OUTCOME_DONE) break;
    }
    TRY(save(t));
    PROCEDURE_END(t, p);
}

static err remove_one(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    for (;;) {
        screen_begin(t, "goods.remove", TEXT_GOODS_REMOVE_TITLE);
        SAY(t, SCREEN_BIG, TEXT_GOODS_ONE, t->good.name, amount_text(t->good.price_minor).text);
        SAY(t, SCREEN_NORMAL, TEXT_GOODS_REMOVE_HINT);
        screen_choice(t, "yes", TEXT_ENTRY_GOODS_REMOVE, SCREEN_DANGER, NULL, true);
        screen_show(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "yes")) break;
    }
    TRY(goods_remove(&t->records, t->good.number, t->operator_id));
    NOTICE(t, SCREEN_SUCCESS, TEXT_GOODS_REMOVED, t->good.name);
    PROCEDURE_END(t, p);
}

static void show_one(struct terminal *t)
{
    screen_begin(t, "goods.one", TEXT_GOODS_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_BIG, TEXT_GOODS_ONE, t->good.name, amount_text(t->good.price_minor).text);
    screen_choice(t, "price", TEXT_ENTRY_GOODS_PRICE, SCREEN_LIST, NULL, true);
    screen_choice(t, "name", TEXT_ENTRY_GOODS_NAME, SCREEN_LIST, NULL, true);
    screen_choice(t, "remove", TEXT_ENTRY_GOODS_REMOVE, SCREEN_DANGER, NULL, true);
    screen_show(t);
}

/* t->good was chosen. */
static err one(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->local[0] = t->good.number;
    for (;;) {
        /* What was typed and not saved is forgotten. */
        TRY(goods_get(t->records.store, p->local[0], &t->good));
        show_one(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "remove")) {
            PROCEDURE_CALL(t, p, remove_one);
            if (t->outcome == OUTCOME_DONE) PROCEDURE_DONE(t, p);
            continue;
        }
        if (choice_is(t, "price")) PROCEDURE_CALL(t, p, enter_price);
        else if (choice_is(t, "name")) PROCEDURE_CALL(t, p, enter_name);
        else continue;
        if (t->outcome == OUTCOME_DONE) TRY(save(t));
    }
    PROCEDURE_END(t, p);
}

/* ---- a text of many ---- */

static err take_text(struct terminal *t, bool *ret_taken)
{
    struct goods_import done;
    *ret_taken = false;
    if (t->event.kind != EVENT_TEXT) return OK;
    TRY(goods_import(&t->records, bytes_text(t->text), t->operator_id, &done));
    *ret_taken = done.verdict == GOODS_TAKEN && done.count > 0;
    if (done.verdict != GOODS_TAKEN)
        NOTICE(t, SCREEN_WARNING, TEXT_GOODS_LINE, number_text((int64_t)done.line).text,
               text(verdicts[done.verdict], t->records.language));
    else if (done.count == 0) NOTICE(t, SCREEN_WARNING, TEXT_GOODS_NO_LINES);
    else NOTICE(t, SCREEN_SUCCESS, TEXT_GOODS_IMPORTED, number_text((int64_t)done.count).text);
    return OK;
}

static err import(struct terminal *t, struct procedure *p)
{
    bool taken;

    PROCEDURE_BEGIN(p);
    for (;;) {
        screen_begin(t, "goods.import", TEXT_GOODS_IMPORT_TITLE);
        screen_notice(t);
        SAY(t, SCREEN_HINT, TEXT_GOODS_IMPORT_HINT);
        field_of_text(t, SCREEN_FIELD_LINES, TEXT_GOODS_IMPORT, "", GOODS_TEXT_MAX);
        screen_show(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        TRY(take_text(t, &taken));
        if (taken) PROCEDURE_DONE(t, p);
    }
    PROCEDURE_END(t, p);
}

/* ---- the list ---- */

static err show_list(struct terminal *t, struct procedure *p)
{
    struct screen *s = &t->screen;
    struct good goods[TERMINAL_LIST_ROWS + 1];
    int64_t all;
    size_t count;
    bool afar;
    TRY(goods_afar(t->records.store, &afar));
    TRY(goods_count(t->records.store, &all));
    TRY(goods_page(t->records.store, p->local[0], goods, ARRAY_LEN(goods), &count));
    bool more = count > TERMINAL_LIST_ROWS;
    if (more) count = TERMINAL_LIST_ROWS;
    screen_begin(t, "goods.list", TEXT_GOODS_TITLE);
    screen_notice(t);
    if (all == 0) SAY(t, SCREEN_NORMAL, TEXT_GOODS_NONE);
    else SAY(t, SCREEN_NORMAL, TEXT_GOODS_COUNT, number_text(all).text);
    if (afar) SAY(t, SCREEN_HINT, TEXT_AFAR_GOODS);
    for (size_t i = 0; i < count; i++) {
        char key[24];
        struct writer w = writer_over(key, sizeof key - 1);
        write_format(&w, "row_%lld", (long long)goods[i].number);
        key[w.len] = '\0';
        screen_choice(t, key, TEXT_ENTRY_BACK, SCREEN_LIST, NULL, true);
        struct screen_choice *choice = &s->choice[s->choice_count - 1];
        text_fill(TEXT_ITEMS_ROW, s->language,
                  (const char *const[]){goods_name(&goods[i], s->language),
                                        amount_text(goods[i].price_minor).text, NULL},
                  choice->text, sizeof choice->text);
    }
    p->local[1] = count > 0 ? goods[count - 1].number : 0;
    if (p->local[0] > 0) screen_choice(t, "first", TEXT_ITEMS_FIRST, SCREEN_CHIP, NULL, true);
    if (more) screen_choice(t, "more", TEXT_ITEMS_MORE, SCREEN_CHIP, NULL, true);
    if (!afar) screen_choice(t, "import", TEXT_ENTRY_GOODS_IMPORT, SCREEN_PLAIN, NULL, true);
    if (!afar) screen_choice(t, "add", TEXT_ENTRY_GOODS_ADD, SCREEN_PRIMARY, NULL, true);
    screen_show(t);
    return OK;
}

/* The good that was touched, into t->good. One that is kept at the console is changed there. */
static err chosen(struct terminal *t, bool *ret_chosen)
{
    int64_t number = query_chosen(t);
    bool afar;
    *ret_chosen = false;
    if (number == 0) return OK;
    TRY(goods_afar(t->records.store, &afar));
    if (afar) {
        NOTICE(t, SCREEN_WARNING, TEXT_AFAR_HELD);
        return OK;
    }
    err e = goods_get(t->records.store, number, &t->good);
    *ret_chosen = !FAILED(e);
    return e.code == ERR_NOT_FOUND ? OK : e;
}

err goods_list(struct terminal *t, struct procedure *p)
{
    bool row;

    PROCEDURE_BEGIN(p);
    p->local[0] = 0;
    notice_clear(t);
    for (;;) {
        TRY(show_list(t, p));
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "more")) p->local[0] = p->local[1];
        if (choice_is(t, "first")) p->local[0] = 0;
        TRY(chosen(t, &row));
        if (row) PROCEDURE_CALL(t, p, one);
        else if (choice_is(t, "add")) PROCEDURE_CALL(t, p, add);
        else if (choice_is(t, "import")) PROCEDURE_CALL(t, p, import);
    }
    PROCEDURE_END(t, p);
}
