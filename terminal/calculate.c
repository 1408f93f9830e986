/* SPDX-License-Identifier: Apache-2.0 */
/* Read from left to right, a product at a time; nothing is ever larger than int64 holds. */
#include "terminal/calculate.h"

#include <string.h>

#include "lib/base/money.h"

/* Six decimals: those of three factors with two each. */
enum { WHOLE_DIGITS = 7, MOST_MINOR = 999999999 };
static const int64_t unit = 1000000, most = INT64_C(9999999990000); /* 9,999,999.99 */

static bool is_sign(char c)
{
    return c == '+' || c == '-' || c == '*';
}

/* The number at *at, in hundredths. */
static bool number(const char **at, int64_t *ret_hundredths)
{
    size_t len = strspn(*at, "0123456789.");
    struct bytes text = bytes_of(*at, len);
    if (len > 0 && (*at)[len - 1] == '.') text.len--; /* "3." on the way to "3.5" */
    if (FAILED(money_parse(text, ret_hundredths))) return false;
    *at += len;
    return true;
}

/* a * b / 100 where that is exact; a is in millionths. False when it is too much. */
static bool times(int64_t millionths, int64_t hundredths, int64_t *ret_product)
{
    int64_t product;
    if (__builtin_mul_overflow(millionths, hundredths, &product)) return false;
    *ret_product = product / 100;
    return *ret_product <= most;
}

/* One product, in millionths. */
static enum calculate_verdict product(const char **at, int64_t *ret_millionths)
{
    int64_t hundredths, value = 0;
    for (int factors = 1;; factors++) {
        if (factors > CALCULATE_FACTORS) return CALCULATE_FACTORS_MANY;
        if (**at == '\0') return CALCULATE_OPEN;
        if (!number(at, &hundredths)) return CALCULATE_MALFORMED;
        if (factors == 1) value = hundredths * (unit / 100);
        else if (!times(value, hundredths, &value)) return CALCULATE_TOO_MUCH;
        if (value > most) return CALCULATE_TOO_MUCH;
        if (**at != '*') break;
        (*at)++;
    }
    *ret_millionths = value;
    return CALCULATE_GOOD;
}

enum calculate_verdict calculate(const char *expression, int64_t *ret_minor)
{
    enum { FEN = 10000 }; /* millionths of a yuan */
    int64_t sum = 0, value;
    const char *at = expression;
    char sign = '+';
    for (;;) {
        enum calculate_verdict verdict = product(&at, &value);
        if (verdict != CALCULATE_GOOD) return verdict;
        sum += sign == '-' ? -value : value;
        if (sum > most || sum < -most) return CALCULATE_TOO_MUCH;
        if (*at == '\0') break;
        sign = *at++;
        if (sign != '+' && sign != '-') return CALCULATE_MALFORMED;
    }
    int64_t minor = (sum + FEN / 2) / FEN;
    if (sum <= 0 || minor == 0) return CALCULATE_TOO_LITTLE;
    if (minor > MOST_MINOR) return CALCULATE_TOO_MUCH;
    *ret_minor = minor;
    return CALCULATE_GOOD;
}

/* Where the number that is being typed begins. */
static size_t last_number(const char *expression, size_t len)
{
    while (len > 0 && !is_sign(expression[len - 1])) len--;
    return len;
}

static bool fits(const char *expression, size_t len, char key)
{
    const char *typed = expression + last_number(expression, len);
    size_t digits = (size_t)(expression + len - typed);
    const char *point = memchr(typed, '.', digits);
    if (is_sign(key)) return digits > 0 && typed[digits - 1] != '.';
    if (key == '.') return digits > 0 && point == NULL;
    if (point != NULL) return digits - (size_t)(point - typed) <= 2;
    return digits < WHOLE_DIGITS;
}

/* What the key takes the place of, or wants before it: a sign that of a sign, a digit that of a
 * leading zero, a point a zero. */
static size_t make_room(char *expression, size_t len, char key)
{
    size_t from = last_number(expression, len);
    if (is_sign(key)) return len > 0 && from == len ? len - 1 : len;
    if (key != '.') return len == from + 1 && expression[from] == '0' ? len - 1 : len;
    if (from == len && len < CALCULATE_MAX - 1) expression[len++] = '0';
    return len;
}

void calculate_key(char expression[static CALCULATE_MAX + 1], char key)
{
    size_t len = make_room(expression, strlen(expression), key);
    if (len < CALCULATE_MAX && fits(expression, len, key)) expression[len++] = key;
    expression[len] = '\0';
}
