/* SPDX-License-Identifier: Apache-2.0 */
/* The calculator of a sale's amount: its result is seen with every key, ok takes it (S92). */
#include "terminal/calculate.h"
#include "terminal/core.h"
#include "terminal/counter.h"

static const struct {
    const char *choice, *shown;
    char sign;
} signs[] = {{"times", "×", '*'}, {"plus", "+", '+'}, {"minus", "−", '-'}};

static enum text_id words_of(enum calculate_verdict verdict)
{
    switch (verdict) {
    case CALCULATE_TOO_MUCH:
        return TEXT_CALCULATOR_TOO_MUCH;
    case CALCULATE_TOO_LITTLE:
        return TEXT_CALCULATOR_TOO_LITTLE;
    case CALCULATE_FACTORS_MANY:
        return TEXT_CALCULATOR_FACTORS;
    case CALCULATE_GOOD:
    case CALCULATE_OPEN:
    case CALCULATE_MALFORMED:
        break;
    }
    return TEXT_CALCULATOR_OPEN;
}

/* As people write it: × takes two bytes. */
static void write_sum(const char *sum, char *out, size_t size)
{
    struct writer w = writer_over(out, size - 1);
    for (; *sum != '\0'; sum++) write_bytes(&w, *sum == '*' ? BYTES("×") : bytes_of(sum, 1));
    ENSURE(w.fault == ERR_OK);
    out[w.len] = '\0';
}

static void show(struct terminal *t)
{
    struct screen *s = &t->screen;
    int64_t minor;
    enum calculate_verdict verdict = calculate(t->work.sum, &minor);
    _Static_assert(sizeof t->work.sum == CALCULATE_MAX + 1 &&
                       2 * CALCULATE_MAX < sizeof s->field.value,
                   "an expression fits its field");
    screen_begin(t, "sale.calculator", TEXT_CALCULATOR_TITLE);
    screen_notice(t);
    if (verdict == CALCULATE_GOOD)
        SAY(t, SCREEN_AMOUNT, TEXT_CALCULATOR_RESULT, amount_text(minor).text);
    else if (verdict == CALCULATE_OPEN) SAY(t, SCREEN_HINT, TEXT_CALCULATOR_HINT);
    else SAY(t, SCREEN_WARNING, words_of(verdict));
    for (size_t i = 0; i < ARRAY_LEN(signs); i++)
        screen_choice_named(t, signs[i].choice, signs[i].shown, SCREEN_CHIP);
    s->field.kind = SCREEN_FIELD_DIGITS;
    s->field.max = CALCULATE_MAX;
    text_fill(TEXT_CALCULATOR_FIELD, s->language, NULL, s->field.label, sizeof s->field.label);
    write_sum(t->work.sum, s->field.value, sizeof s->field.value);
    s->keypad = SCREEN_KEYPAD_AMOUNT;
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    timeout_of(t, TIMEOUT_AMOUNT);
    screen_show(t);
}

static void take_key(struct terminal *t)
{
    char *sum = t->work.sum;
    size_t len = strlen(sum);
    for (size_t i = 0; i < ARRAY_LEN(signs); i++)
        if (choice_is(t, signs[i].choice)) calculate_key(sum, signs[i].sign);
    if (key_is(t, "clear")) sum[0] = '\0';
    if (key_is(t, "backspace") && len > 0) sum[len - 1] = '\0';
    if (key_is(t, "point")) calculate_key(sum, '.');
    if (t->event.kind != EVENT_KEY || strncmp(t->event.key, "digit:", 6) != 0) return;
    for (const char *digit = t->event.key + 6; *digit != '\0'; digit++) calculate_key(sum, *digit);
}

/* The result as the amount of this sale; false with a notice when there is none. */
static bool take_result(struct terminal *t)
{
    int64_t minor;
    enum calculate_verdict verdict = calculate(t->work.sum, &minor);
    if (verdict != CALCULATE_GOOD) {
        NOTICE(t, SCREEN_WARNING, words_of(verdict));
        return false;
    }
    struct amount_text amount = amount_text(minor);
    memcpy(t->work.amount, amount.text, strlen(amount.text) + 1);
    t->work.basket.count = 0;
    return true;
}

err calculator(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    for (;;) {
        show(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        take_key(t);
        if (key_is(t, "ok") && take_result(t)) PROCEDURE_DONE(t, p);
    }
    PROCEDURE_END(t, p);
}
