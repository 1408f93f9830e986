/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 参数: what the administrator sets at the terminal (S48): how much of each limit a cashier does
 * alone (S58). Never more than a supervisor may approve; nothing means a supervisor each time. A
 * change is one commit with its audit record, and is in force from there on.
 */
#include "terminal/core.h"
#include "terminal/manual.h"

/* clang-format off */
static const struct {
    const char *name; /* in the store, and of the choice */
    enum text_id row, field, hint;
} words[LIMITS] = {
    [LIMIT_SALE]     = {"limit_sale",     TEXT_PARAMETERS_SALE,     TEXT_PARAMETERS_FIELD_SALE,     TEXT_PARAMETERS_HINT},
    [LIMIT_REFUND]   = {"limit_refund",   TEXT_PARAMETERS_REFUND,   TEXT_PARAMETERS_FIELD_REFUND,   TEXT_PARAMETERS_HINT},
    [LIMIT_DISCOUNT] = {"limit_discount", TEXT_PARAMETERS_DISCOUNT, TEXT_PARAMETERS_FIELD_DISCOUNT, TEXT_PARAMETERS_HINT_DISCOUNT},
};
/* clang-format on */

static int64_t most(enum limit limit)
{
    const struct role_limits delivered = limits_delivered();
    return limit_of(&delivered, VAULT_ROLE_SUPERVISOR, false, limit);
}

/* ---- the store ---- */

err parameters_load(struct records *records, struct role_limits *ret_limits)
{
    struct role_limits limits = limits_delivered();
    for (enum limit limit = 0; limit < LIMITS; limit++) {
        int64_t *value = &limits.cashier[limit];
        if (!limit_row(limit)->adjustable) continue;
        TRY(records_parameter(records, words[limit].name, value));
        if (*value < 0 || *value > most(limit))
            return store_refuse(records->store, ERR(CORRUPT), "a limit is out of its range", NULL);
    }
    *ret_limits = limits;
    return OK;
}

static err save(struct terminal *t, enum limit limit, int64_t value)
{
    if (afar_holds(t, words[limit].name)) return OK;
    TRY(records_parameter_set(&t->records, words[limit].name, value, t->operator_id,
                              limit_text(limit, value).text));
    t->limits.cashier[limit] = value;
    NOTICE(t, SCREEN_SUCCESS, TEXT_PARAMETERS_SAVED);
    return OK;
}

/* ---- the screens ---- */

static void show_list(struct terminal *t)
{
    struct screen *s = &t->screen;
    screen_begin(t, "parameters.list", TEXT_PARAMETERS_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_HINT, TEXT_PARAMETERS_ABOUT);
    for (enum limit limit = 0; limit < LIMITS; limit++) {
        if (!limit_row(limit)->adjustable) continue;
        screen_choice(t, words[limit].name, TEXT_ENTRY_BACK, SCREEN_LIST, "settings", true);
        struct screen_choice *row = &s->choice[s->choice_count - 1];
        text_fill(words[limit].row, s->language,
                  (const char *const[]){limit_text(limit, t->limits.cashier[limit]).text, NULL},
                  row->text, sizeof row->text);
    }
    screen_choice(t, "settle", TEXT_ENTRY_SETTLE_PARAMETERS, SCREEN_LIST, "settings", true);
    screen_choice(t, "counter", TEXT_ENTRY_COUNTER, SCREEN_LIST, "settings", true);
    screen_choice(t, "manual", TEXT_ENTRY_BACK, SCREEN_LIST, "settings", true);
    struct screen_choice *manual = &s->choice[s->choice_count - 1];
    text_fill(TEXT_MANUAL_ROW, s->language,
              (const char *const[]){amount_text(t->manual_most).text, NULL}, manual->text,
              sizeof manual->text);
    screen_choice(t, "timeouts", TEXT_TIMEOUTS_ROW, SCREEN_LIST, "settings", true);
    screen_show(t);
}

static void show_value(struct terminal *t, enum limit limit)
{
    struct screen *s = &t->screen;
    screen_begin(t, "parameters.value", TEXT_PARAMETERS_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_NORMAL, TEXT_PARAMETERS_NOW, limit_text(limit, t->limits.cashier[limit]).text);
    SAY(t, SCREEN_HINT, words[limit].hint, limit_text(limit, most(limit)).text);
    if (limit_row(limit)->unit == LIMIT_IN_FEN) {
        amount_field(t, words[limit].field);
    } else {
        s->field.kind = SCREEN_FIELD_DIGITS;
        s->field.max = 2;
        text_fill(words[limit].field, s->language, NULL, s->field.label, sizeof s->field.label);
        memcpy(s->field.value, t->typed, sizeof t->typed);
        s->keypad = SCREEN_KEYPAD_DIGITS;
    }
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_show(t);
}

static void take_key(struct terminal *t, enum limit limit)
{
    if (limit_row(limit)->unit == LIMIT_IN_FEN) amount_key(t);
    else (void)typed_key(t, 2);
}

/* What was typed, or -1 with a notice when it is nothing or too much. */
static int64_t value_of(struct terminal *t, enum limit limit)
{
    bool fen = limit_row(limit)->unit == LIMIT_IN_FEN;
    int64_t value = amount_typed(t);
    if (!fen) {
        struct reader r = reader_over(bytes_text(t->typed));
        value = (int64_t)read_digits(&r, strlen(t->typed));
    }
    const char *typed = fen ? t->work.amount : t->typed;
    if (typed[0] != '\0' && value <= most(limit)) return value;
    NOTICE(t, SCREEN_WARNING, words[limit].hint, limit_text(limit, most(limit)).text);
    return -1;
}

static err change(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->local[0] = t->asked.limit;
    t->work.amount[0] = t->typed[0] = '\0';
    notice_clear(t);
    for (;;) {
        show_value(t, (enum limit)p->local[0]);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        take_key(t, (enum limit)p->local[0]);
        if (!key_is(t, "ok")) continue;
        p->local[1] = value_of(t, (enum limit)p->local[0]);
        if (p->local[1] >= 0) break;
    }
    TRY(save(t, (enum limit)p->local[0], p->local[1]));
    PROCEDURE_END(t, p);
}

/* Into t->asked; false when no row was touched. */
static bool chosen(struct terminal *t)
{
    for (enum limit limit = 0; limit < LIMITS; limit++) {
        if (!limit_row(limit)->adjustable || !choice_is(t, words[limit].name)) continue;
        t->asked = (struct asked){.limit = limit};
        return true;
    }
    return false;
}

err parameters(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    notice_clear(t);
    for (;;) {
        show_list(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (chosen(t)) PROCEDURE_CALL(t, p, change);
        else if (choice_is(t, "settle")) PROCEDURE_CALL(t, p, settle_parameters);
        else if (choice_is(t, "counter")) PROCEDURE_CALL(t, p, counter_parameters);
        else if (choice_is(t, "manual")) PROCEDURE_CALL(t, p, manual_parameters);
        else if (choice_is(t, "timeouts")) PROCEDURE_CALL(t, p, timeouts_set);
    }
    PROCEDURE_END(t, p);
}
