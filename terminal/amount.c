/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An amount as it is typed, into t->work.amount: "128", "128.", "128.5", "128.50". As it is spoken:
 * 1 2 8 is 128 yuan, `point` begins the fen.
 */
#include "terminal/core.h"

void amount_field(struct terminal *t, enum text_id label)
{
    struct screen *s = &t->screen;
    s->field.kind = SCREEN_FIELD_AMOUNT;
    s->field.max = TERMINAL_AMOUNT_DIGITS + 1;
    text_fill(label, s->language, NULL, s->field.label, sizeof s->field.label);
    memcpy(s->field.value, t->work.amount, sizeof t->work.amount);
    s->keypad = SCREEN_KEYPAD_AMOUNT;
}

/* At most seven digits before the point and two behind it, no leading zero. */
static void type_digit(char *amount, char digit)
{
    char *point = strchr(amount, '.');
    size_t len = strlen(amount);
    if (point == NULL && len == TERMINAL_AMOUNT_DIGITS - 2) return;
    if (point != NULL && strlen(point) > 2) return;
    if (len == 1 && amount[0] == '0') len = 0;
    amount[len++] = digit;
    amount[len] = '\0';
}

void amount_key(struct terminal *t)
{
    char *amount = t->work.amount;
    size_t len = strlen(amount);
    if (key_is(t, "clear")) amount[0] = '\0';
    if (key_is(t, "backspace") && len > 0) amount[len - 1] = '\0';
    if (key_is(t, "point") && strchr(amount, '.') == NULL) {
        if (len == 0) type_digit(amount, '0');
        len = strlen(amount);
        memcpy(amount + len, ".", 2);
    }
    if (t->event.kind != EVENT_KEY || strncmp(t->event.key, "digit:", 6) != 0) return;
    for (const char *digit = t->event.key + 6; *digit != '\0'; digit++) type_digit(amount, *digit);
}

int64_t amount_typed(const struct terminal *t)
{
    int64_t minor;
    struct bytes typed = bytes_text(t->work.amount);
    if (typed.len > 0 && typed.at[typed.len - 1] == '.') typed.len--;
    return FAILED(money_parse(typed, &minor)) ? 0 : minor;
}
