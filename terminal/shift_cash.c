/* SPDX-License-Identifier: Apache-2.0 */
/* The float of a shift and the count at its end: see shift_cash.h. */
#include "terminal/shift_cash.h"

static void show_sum(struct terminal *t, const char *id, enum text_id field, enum text_id hint)
{
    screen_begin(t, id, TEXT_SHIFT_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_HINT, hint);
    amount_field(t, field);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_show(t);
}

/* A sum was typed and OK pressed; nothing is said when it is nothing. */
static bool sum_there(struct terminal *t)
{
    amount_key(t);
    if (!key_is(t, "ok")) return false;
    if (t->work.amount[0] != '\0') return true;
    NOTICE(t, SCREEN_WARNING, TEXT_SHIFT_COUNT_EMPTY);
    return false;
}

static err save_float(struct terminal *t, uint8_t number)
{
    char operator_id[3];
    int64_t minor = amount_typed(t);
    operator_text(number, operator_id);
    TRY(shifts_float(&t->records, operator_id, minor, t->operator_id));
    NOTICE(t, SCREEN_SUCCESS, TEXT_SHIFT_FLOAT_SAVED, amount_text(minor).text);
    return OK;
}

err shift_float(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->local[0] = t->number;
    t->work.amount[0] = '\0';
    notice_clear(t);
    do {
        show_sum(t, "shift.float", TEXT_SHIFT_FLOAT, TEXT_SHIFT_FLOAT_HINT);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
    } while (!sum_there(t));
    TRY(save_float(t, (uint8_t)p->local[0]));
    PROCEDURE_END(t, p);
}

err shift_count(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    t->work.amount[0] = '\0';
    notice_clear(t);
    do {
        show_sum(t, "shift.count", TEXT_SHIFT_COUNT, TEXT_SHIFT_COUNT_HINT);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
    } while (!sum_there(t));
    t->chosen = amount_typed(t);
    PROCEDURE_END(t, p);
}

void shift_say_count(struct terminal *t, const struct shift *shift)
{
    int64_t expected = shift_expected(shift), counted = shift->counted_minor;
    SAY(t, SCREEN_NORMAL, TEXT_SHIFT_EXPECTED, amount_text(expected).text);
    SAY(t, SCREEN_NORMAL, TEXT_SHIFT_COUNTED, amount_text(counted).text);
    if (counted == expected) SAY(t, SCREEN_SUCCESS, TEXT_SHIFT_EVEN);
    else if (counted > expected)
        SAY(t, SCREEN_WARNING, TEXT_SHIFT_OVER, amount_text(counted - expected).text);
    else SAY(t, SCREEN_WARNING, TEXT_SHIFT_UNDER, amount_text(expected - counted).text);
}
