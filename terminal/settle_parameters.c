/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 结算参数: what the administrator sets about settlement (S105): the time of day at which it begins
 * by itself, whether it does when the batch is full, and whether the host is told of a sign-out
 * (签退) afterwards. Each is one commit with its audit record.
 */
#include "terminal/core.h"

enum { OFF = -1 };

static struct number_text time_of(int minute)
{
    struct number_text out = {""};
    struct writer w = writer_over(out.text, sizeof out.text - 1);
    write_format(&w, "%02d:%02d", minute / 60, minute % 60);
    return out;
}

static void add_row(struct terminal *t, const char *key, enum text_id id, const char *value)
{
    struct screen *s = &t->screen;
    screen_choice(t, key, TEXT_ENTRY_BACK, SCREEN_LIST, "settings", true);
    struct screen_choice *row = &s->choice[s->choice_count - 1];
    text_fill(id, s->language, (const char *const[]){value, NULL}, row->text, sizeof row->text);
}

static const char *yes_or_no(const struct terminal *t, bool yes)
{
    return text(yes ? TEXT_SETTLE_ON : TEXT_SETTLE_OFF, t->records.language);
}

static void show_list(struct terminal *t)
{
    int at = t->settle.at_minute;
    struct number_text time = time_of(at == OFF ? 0 : at);
    screen_begin(t, "parameters.settle", TEXT_PARAMETERS_TITLE);
    screen_notice(t);
    add_row(t, "settle_at", TEXT_SETTLE_AT, at == OFF ? yes_or_no(t, false) : time.text);
    add_row(t, "settle_when_full", TEXT_SETTLE_WHEN_FULL, yes_or_no(t, t->settle.when_full));
    add_row(t, "settle_sign_out", TEXT_SETTLE_SIGN_OUT, yes_or_no(t, t->settle.sign_out));
    screen_show(t);
}

static void show_time(struct terminal *t)
{
    struct screen *s = &t->screen;
    screen_begin(t, "parameters.settle_at", TEXT_PARAMETERS_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_HINT, TEXT_SETTLE_AT_HINT);
    s->field.kind = SCREEN_FIELD_DIGITS;
    s->field.max = 4;
    text_fill(TEXT_SETTLE_AT_FIELD, s->language, NULL, s->field.label, sizeof s->field.label);
    memcpy(s->field.value, t->typed, sizeof t->typed);
    s->keypad = SCREEN_KEYPAD_DIGITS;
    screen_choice(t, "never", TEXT_ENTRY_SETTLE_NEVER, SCREEN_PLAIN, NULL, true);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_show(t);
}

static err set(struct terminal *t, const char *name, int64_t value)
{
    if (afar_holds(t, name)) return OK;
    TRY(records_parameter_set(&t->records, name, value, t->operator_id, number_text(value).text));
    NOTICE(t, SCREEN_SUCCESS, TEXT_PARAMETERS_SAVED);
    return settle_load(t);
}

/* Minutes of the day of the four digits that were typed, or OFF with a notice. */
static int typed_minute(struct terminal *t)
{
    struct reader r = reader_over(bytes_text(t->typed));
    bool whole = strlen(t->typed) == 4;
    int hour = whole ? (int)read_digits(&r, 2) : 99, minute = whole ? (int)read_digits(&r, 2) : 99;
    if (hour < 24 && minute < 60) return hour * 60 + minute;
    NOTICE(t, SCREEN_WARNING, TEXT_SETTLE_AT_HINT);
    return OFF;
}

static err change_time(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    t->typed[0] = '\0';
    notice_clear(t);
    for (;;) {
        show_time(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        (void)typed_key(t, 4);
        p->local[0] = OFF;
        if (choice_is(t, "never")) break;
        if (!key_is(t, "ok")) continue;
        p->local[0] = typed_minute(t);
        if (p->local[0] != OFF) break;
    }
    TRY(set(t, "settle_at", p->local[0]));
    PROCEDURE_END(t, p);
}

err settle_parameters(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    notice_clear(t);
    for (;;) {
        show_list(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "settle_when_full")) TRY(set(t, "settle_when_full", !t->settle.when_full));
        else if (choice_is(t, "settle_sign_out"))
            TRY(set(t, "settle_sign_out", !t->settle.sign_out));
        else if (choice_is(t, "settle_at")) PROCEDURE_CALL(t, p, change_time);
    }
    PROCEDURE_END(t, p);
}
