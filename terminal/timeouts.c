/* SPDX-License-Identifier: Apache-2.0 */
/* The customer's time: the table, the administrator's screens, the outcome. See timeouts.h. */
#include "terminal/timeouts.h"

#include "terminal/core.h"

/* clang-format off */
static const struct {
    struct timeout_row row;
    enum text_id name, outcome;
} table[TIMEOUTS] = {
    /*                          name                 floor deliv. ceiling */
    [TIMEOUT_AMOUNT]       = {{"time_amount",         10,  60,   300}, TEXT_TIME_AMOUNT,       TEXT_TIMED_OUT_AMOUNT},
    [TIMEOUT_PRESENT]      = {{"time_present",        10,  60,   300}, TEXT_TIME_PRESENT,      TEXT_TIMED_OUT_PRESENT},
    [TIMEOUT_CHOICE]       = {{"time_choice",         10,  60,   180}, TEXT_TIME_CHOICE,       TEXT_TIMED_OUT_CHOICE},
    [TIMEOUT_PIN_PAUSE]    = {{"time_pin_pause",      10,  30,    60}, TEXT_TIME_PIN_PAUSE,    TEXT_TIMED_OUT_PIN_PAUSE},
    [TIMEOUT_PIN_WHOLE]    = {{"time_pin",            30, 120,   300}, TEXT_TIME_PIN,          TEXT_TIMED_OUT_PIN},
    [TIMEOUT_GUIDED_PAUSE] = {{"time_guided_pause",   30,  90,   180}, TEXT_TIME_GUIDED_PAUSE, TEXT_TIMED_OUT_PIN_PAUSE},
    [TIMEOUT_GUIDED_WHOLE] = {{"time_guided",        120, 300,   600}, TEXT_TIME_GUIDED,       TEXT_TIMED_OUT_PIN},
};
/* clang-format on */

const struct timeout_row *timeout_row(enum timeout timeout)
{
    ENSURE(timeout < TIMEOUTS);
    return &table[timeout].row;
}

static bool in_bounds(enum timeout timeout, int64_t seconds)
{
    return seconds >= table[timeout].row.floor_s && seconds <= table[timeout].row.ceiling_s;
}

err timeouts_load(struct records *records, struct timeouts *ret_timeouts)
{
    struct timeouts read;
    for (enum timeout i = 0; i < TIMEOUTS; i++) {
        read.seconds[i] = table[i].row.delivered_s;
        TRY(records_parameter(records, table[i].row.name, &read.seconds[i]));
        if (!in_bounds(i, read.seconds[i]))
            return store_refuse(records->store, ERR(CORRUPT), "a time-out is out of its range",
                                NULL);
    }
    *ret_timeouts = read;
    return OK;
}

/* ---- on a screen ---- */

void timeout_of(struct terminal *t, enum timeout step)
{
    ENSURE(step < TIMEOUTS);
    t->patience.step = step;
    t->patience.whole = TIMEOUT_NONE;
    screen_idle(t, (unsigned)t->timeouts.seconds[step]);
}

void timeout_pin_begin(struct terminal *t, bool guided)
{
    enum timeout whole = guided ? TIMEOUT_GUIDED_WHOLE : TIMEOUT_PIN_WHOLE;
    t->patience.whole_until_us = now_us(t) + t->timeouts.seconds[whole] * 1000000;
}

void timeout_of_pin(struct terminal *t, bool guided)
{
    timeout_of(t, guided ? TIMEOUT_GUIDED_PAUSE : TIMEOUT_PIN_PAUSE);
    t->patience.whole = guided ? TIMEOUT_GUIDED_WHOLE : TIMEOUT_PIN_WHOLE;
}

/* ---- the outcome ---- */

err timeout_over(struct terminal *t, bool *ret_outcome)
{
    struct patience *had = &t->patience;
    *ret_outcome = false;
    if (had->step == TIMEOUT_NONE) return OK;
    bool whole = had->whole != TIMEOUT_NONE && now_us(t) >= had->whole_until_us;
    had->over = whole ? had->whole : had->step;
    had->card_inside = chip_open(t) && t->work.chip.entry == PAYMENT_ENTRY_CHIP;
    TRY(audit(t, "timeout", table[had->over].row.name,
              amount_text(t->work.payment.amount_minor).text));
    *ret_outcome = had->over != TIMEOUT_AMOUNT;
    return OK;
}

static void show_over(struct terminal *t)
{
    const struct patience *had = &t->patience;
    ENSURE(had->over < TIMEOUTS);
    screen_begin(t, "sale.timeout", TEXT_TIMED_OUT_TITLE);
    SAY(t, SCREEN_ERROR, table[had->over].outcome,
        number_text(t->timeouts.seconds[had->over]).text);
    SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(t->work.payment.amount_minor).text);
    SAY(t, SCREEN_NORMAL, TEXT_TIMED_OUT_NOTHING);
    if (had->card_inside) SAY(t, SCREEN_WARNING, TEXT_TIMED_OUT_CARD);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_idle(t, TERMINAL_RESULT_S);
    guide_tell(t, GUIDE_TIME_OVER);
    screen_show(t);
}

err timed_out(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    do {
        show_over(t);
        PROCEDURE_AWAIT(t, p);
    } while (!key_is(t, "ok") && !key_is(t, "cancel"));
    t->event = (struct event){0}; /* the screen below is not meant */
    PROCEDURE_END(t, p);
}

/* ---- the administrator ---- */

static void show_list(struct terminal *t)
{
    struct screen *s = &t->screen;
    screen_begin(t, "timeouts.list", TEXT_TIMEOUTS_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_HINT, TEXT_TIMEOUTS_ABOUT);
    for (enum timeout i = 0; i < TIMEOUTS; i++) {
        screen_choice(t, table[i].row.name, TEXT_ENTRY_BACK, SCREEN_LIST, "settings", true);
        struct screen_choice *row = &s->choice[s->choice_count - 1];
        text_fill(table[i].name, s->language,
                  (const char *const[]){number_text(t->timeouts.seconds[i]).text, NULL}, row->text,
                  sizeof row->text);
    }
    screen_show(t);
}

static void show_value(struct terminal *t, enum timeout timeout)
{
    struct screen *s = &t->screen;
    const struct timeout_row *row = &table[timeout].row;
    screen_begin(t, "timeouts.value", TEXT_TIMEOUTS_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_NORMAL, TEXT_TIMEOUTS_NOW, number_text(t->timeouts.seconds[timeout]).text);
    SAY(t, SCREEN_HINT, TEXT_TIMEOUTS_BOUNDS, number_text(row->floor_s).text,
        number_text(row->ceiling_s).text);
    s->field.kind = SCREEN_FIELD_DIGITS;
    s->field.max = 3;
    text_fill(TEXT_TIMEOUTS_FIELD, s->language, NULL, s->field.label, sizeof s->field.label);
    memcpy(s->field.value, t->typed, sizeof t->typed);
    s->keypad = SCREEN_KEYPAD_DIGITS;
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_show(t);
}

/* What was typed when it is in bounds; with a notice otherwise. */
static bool typed_in_bounds(struct terminal *t, enum timeout timeout, int64_t *ret_seconds)
{
    struct reader r = reader_over(bytes_text(t->typed));
    int64_t seconds = (int64_t)read_digits(&r, strlen(t->typed));
    const struct timeout_row *row = &table[timeout].row;
    if (in_bounds(timeout, seconds)) {
        *ret_seconds = seconds;
        return true;
    }
    NOTICE(t, SCREEN_WARNING, TEXT_TIMEOUTS_BOUNDS, number_text(row->floor_s).text,
           number_text(row->ceiling_s).text);
    return false;
}

static err save(struct terminal *t, enum timeout timeout, int64_t seconds)
{
    if (afar_holds(t, table[timeout].row.name)) return OK;
    TRY(records_parameter_set(&t->records, table[timeout].row.name, seconds, t->operator_id,
                              number_text(seconds).text));
    t->timeouts.seconds[timeout] = seconds;
    NOTICE(t, SCREEN_SUCCESS, TEXT_TIMEOUTS_SAVED);
    return OK;
}

static err change(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->local[0] = t->chosen;
    t->typed[0] = '\0';
    notice_clear(t);
    for (;;) {
        show_value(t, (enum timeout)p->local[0]);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        (void)typed_key(t, 3);
        if (key_is(t, "ok") && typed_in_bounds(t, (enum timeout)p->local[0], &p->local[1])) break;
    }
    TRY(save(t, (enum timeout)p->local[0], p->local[1]));
    PROCEDURE_END(t, p);
}

/* Into t->chosen; false when no row was touched. */
static bool chosen(struct terminal *t)
{
    for (enum timeout i = 0; i < TIMEOUTS; i++) {
        if (!choice_is(t, table[i].row.name)) continue;
        t->chosen = i;
        return true;
    }
    return false;
}

err timeouts_set(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    notice_clear(t);
    for (;;) {
        show_list(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (chosen(t)) PROCEDURE_CALL(t, p, change);
    }
    PROCEDURE_END(t, p);
}
