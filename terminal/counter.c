/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 收款设置: quick amounts and tips, as the administrator sets them. A row that is on or off changes
 * with a touch; any other is typed. Each change is one commit with its audit record.
 */
#include "terminal/counter.h"

#include "terminal/core.h"

enum unit { IN_FEN, IN_PER_CENT, ON_OR_OFF };

/* clang-format off */
static const struct row {
    const char *name; /* in the store, and of the choice */
    enum unit unit;
    int64_t least, delivered, most;
    enum text_id row, hint;
} rows[COUNTER_SETTINGS] = {
    [COUNTER_QUICK_1]  = {"quick_1",  IN_FEN,      0, 0,  999999999, TEXT_COUNTER_QUICK_1, TEXT_COUNTER_QUICK_HINT},
    [COUNTER_QUICK_2]  = {"quick_2",  IN_FEN,      0, 0,  999999999, TEXT_COUNTER_QUICK_2, TEXT_COUNTER_QUICK_HINT},
    [COUNTER_QUICK_3]  = {"quick_3",  IN_FEN,      0, 0,  999999999, TEXT_COUNTER_QUICK_3, TEXT_COUNTER_QUICK_HINT},
    [COUNTER_QUICK_4]  = {"quick_4",  IN_FEN,      0, 0,  999999999, TEXT_COUNTER_QUICK_4, TEXT_COUNTER_QUICK_HINT},
    [COUNTER_TIP]      = {"tip",      ON_OR_OFF,   0, 0,  1,         TEXT_COUNTER_TIP,      TEXT_COUNTER_TIP_HINT},
    [COUNTER_TIP_1]    = {"tip_1",    IN_PER_CENT, 0, 5,  50,        TEXT_COUNTER_TIP_1,    TEXT_COUNTER_TIP_HINT},
    [COUNTER_TIP_2]    = {"tip_2",    IN_PER_CENT, 0, 10, 50,        TEXT_COUNTER_TIP_2,    TEXT_COUNTER_TIP_HINT},
    [COUNTER_TIP_3]    = {"tip_3",    IN_PER_CENT, 0, 15, 50,        TEXT_COUNTER_TIP_3,    TEXT_COUNTER_TIP_HINT},
    [COUNTER_SIGN]     = {"sign",     ON_OR_OFF,   0, 0,  1,         TEXT_COUNTER_SIGN,     TEXT_COUNTER_SIGN_HINT},
    [COUNTER_SIGN_FREE] = {"sign_free", IN_FEN,    0, 100000, 999999999, TEXT_COUNTER_SIGN_FREE, TEXT_COUNTER_SIGN_HINT},
    [COUNTER_POINTS]   = {"points",   ON_OR_OFF,   0, 0,  1,         TEXT_COUNTER_POINTS,   TEXT_COUNTER_POINTS_HINT},
    [COUNTER_TIP_MOST] = {"tip_most", IN_PER_CENT, 1, 30, 50,        TEXT_COUNTER_TIP_MOST, TEXT_COUNTER_TIP_HINT},
};
/* clang-format on */

err counter_load(struct records *records, struct counter_settings *ret_settings)
{
    struct counter_settings settings;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t *value = &settings.value[i];
        *value = rows[i].delivered;
        TRY(records_parameter(records, rows[i].name, value));
        if (*value < rows[i].least || *value > rows[i].most)
            return store_refuse(records->store, ERR(CORRUPT), "a setting is out of range", NULL);
    }
    *ret_settings = settings;
    return OK;
}

static struct amount_text value_text(const struct terminal *t, const struct row *row, int64_t value)
{
    struct amount_text out = {""};
    if (row->unit == IN_FEN && value > 0) return amount_text(value);
    struct writer w = writer_over(out.text, sizeof out.text - 1);
    bool off = row->unit != IN_PER_CENT ? value == 0 : value == 0 && row->least == 0;
    if (row->unit == IN_PER_CENT && !off) write_format(&w, "%lld%%", (long long)value);
    else
        write_bytes(&w,
                    bytes_text(text(off ? TEXT_SETTLE_OFF : TEXT_SETTLE_ON, t->records.language)));
    ENSURE(w.fault == ERR_OK);
    return out;
}

static void show_list(struct terminal *t)
{
    struct screen *s = &t->screen;
    screen_begin(t, "parameters.counter", TEXT_COUNTER_TITLE);
    screen_notice(t);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        screen_choice(t, rows[i].name, TEXT_ENTRY_BACK, SCREEN_LIST, "settings", true);
        struct screen_choice *choice = &s->choice[s->choice_count - 1];
        text_fill(rows[i].row, s->language,
                  (const char *const[]){value_text(t, &rows[i], t->counter.value[i]).text, NULL},
                  choice->text, sizeof choice->text);
    }
    screen_show(t);
}

static void show_value(struct terminal *t, const struct row *row)
{
    struct screen *s = &t->screen;
    screen_begin(t, "parameters.counter_value", TEXT_COUNTER_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_HINT, row->hint);
    if (row->unit == IN_FEN) {
        amount_field(t, TEXT_COUNTER_AMOUNT);
    } else {
        s->field.kind = SCREEN_FIELD_DIGITS;
        s->field.max = 2;
        text_fill(TEXT_COUNTER_PER_CENT, s->language, NULL, s->field.label, sizeof s->field.label);
        memcpy(s->field.value, t->typed, sizeof t->typed);
        s->keypad = SCREEN_KEYPAD_DIGITS;
    }
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_show(t);
}

static err save(struct terminal *t, size_t index, int64_t value)
{
    const struct row *row = &rows[index];
    if (afar_holds(t, row->name)) return OK;
    TRY(records_parameter_set(&t->records, row->name, value, t->operator_id,
                              number_text(value).text));
    t->counter.value[index] = value;
    NOTICE(t, SCREEN_SUCCESS, TEXT_PARAMETERS_SAVED);
    return OK;
}

/* What was typed, or -1 with a notice when it is out of its bounds. Nothing typed is 0. */
static int64_t value_of(struct terminal *t, const struct row *row)
{
    struct reader r = reader_over(bytes_text(t->typed));
    int64_t value =
        row->unit == IN_FEN ? amount_typed(t) : (int64_t)read_digits(&r, strlen(t->typed));
    if (value >= row->least && value <= row->most) return value;
    NOTICE(t, SCREEN_WARNING, TEXT_COUNTER_RANGE, number_text(row->least).text,
           number_text(row->most).text);
    return -1;
}

static void take_key(struct terminal *t, const struct row *row)
{
    if (row->unit == IN_FEN) amount_key(t);
    else (void)typed_key(t, 2);
}

static err change(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->local[0] = t->chosen;
    t->work.amount[0] = t->typed[0] = '\0';
    notice_clear(t);
    for (;;) {
        show_value(t, &rows[p->local[0]]);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        take_key(t, &rows[p->local[0]]);
        if (!key_is(t, "ok")) continue;
        p->local[1] = value_of(t, &rows[p->local[0]]);
        if (p->local[1] >= 0) break;
    }
    TRY(save(t, (size_t)p->local[0], p->local[1]));
    PROCEDURE_END(t, p);
}

/* The row that was touched, or -1. */
static int64_t touched(const struct terminal *t)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (choice_is(t, rows[i].name)) return (int64_t)i;
    return -1;
}

err counter_parameters(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    notice_clear(t);
    for (;;) {
        show_list(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        t->chosen = touched(t);
        if (t->chosen < 0) continue;
        if (rows[t->chosen].unit != ON_OR_OFF) PROCEDURE_CALL(t, p, change);
        else TRY(save(t, (size_t)t->chosen, !t->counter.value[t->chosen]));
    }
    PROCEDURE_END(t, p);
}
