/* SPDX-License-Identifier: Apache-2.0 */
/* Repeats, runs, dates, walks: each rule is one function over a string of digits. */
#include "lib/auth/policy_numbers.h"

enum { NUMBER_DIGITS_MAX = 64 /* of a serial number */ };

static unsigned digit_at(struct bytes digits, size_t i)
{
    ENSURE(i < digits.len);
    return (unsigned)(digits.at[i] - '0');
}

/* The step from digit i-1 to digit i on a circle of ten. */
static unsigned step_at(struct bytes digits, size_t i)
{
    return (10 + digit_at(digits, i) - digit_at(digits, i - 1)) % 10;
}

/* A shorter group, repeated, gives all of it; the last repetition may be cut. */
static bool has_period(struct bytes digits)
{
    for (size_t period = 1; period * 2 <= digits.len; period++) {
        size_t i = period;
        while (i < digits.len && digits.at[i] == digits.at[i - period]) i++;
        if (i == digits.len) return true;
    }
    return false;
}

bool number_repeats(struct bytes digits)
{
    unsigned seen = 0, same = 1;
    for (size_t i = 0; i < digits.len; i++) {
        seen |= 1u << digit_at(digits, i);
        same = i > 0 && digits.at[i] == digits.at[i - 1] ? same + 1 : 1;
        if (same >= 4) return true;
    }
    if (__builtin_popcount(seen) < 3) return true;
    return has_period(digits);
}

static bool fixed_step(struct bytes digits)
{
    for (size_t i = 2; i < digits.len; i++)
        if (step_at(digits, i) != step_at(digits, 1)) return false;
    return digits.len > 1;
}

/*
 * Cuts the digits into the longest rows that count by one, and says how long the longest and the
 * shortest of them are.
 */
static void measure_rows(struct bytes digits, size_t *ret_longest, size_t *ret_shortest)
{
    size_t longest = 0, shortest = digits.len, begin = 0;
    for (size_t i = 1; i <= digits.len; i++) {
        bool goes_on = i < digits.len && (step_at(digits, i) == 1 || step_at(digits, i) == 9) &&
                       (i == begin + 1 || step_at(digits, i) == step_at(digits, i - 1));
        if (goes_on) continue;
        size_t len = i - begin;
        if (len > longest) longest = len;
        if (len < shortest) shortest = len;
        begin = i;
    }
    *ret_longest = longest;
    *ret_shortest = shortest;
}

static bool doubled_run(struct bytes digits)
{
    if (digits.len % 2 != 0 || digits.len < 4) return false;
    for (size_t i = 0; i < digits.len; i += 2) {
        if (digits.at[i] != digits.at[i + 1]) return false;
        if (i > 0 && step_at(digits, i) != step_at(digits, 2)) return false;
    }
    return true;
}

bool number_is_run(struct bytes digits)
{
    if (digits.len < 2) return false;
    size_t longest, shortest;
    measure_rows(digits, &longest, &shortest);
    return fixed_step(digits) || longest >= 5 || shortest >= 3 || doubled_run(digits);
}

/* The number that `len` digits from `from` on make. */
static unsigned part(struct bytes digits, size_t from, size_t len)
{
    unsigned value = 0;
    for (size_t i = 0; i < len; i++) value = value * 10 + digit_at(digits, from + i);
    return value;
}

static bool is_year(unsigned year)
{
    return year >= 1900 && year <= 2099;
}

static bool is_day(unsigned year, unsigned month, unsigned day)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12 || day < 1) return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day <= days[month - 1] + (month == 2 && leap ? 1u : 0u);
}

static bool is_date_of_four(struct bytes d)
{
    unsigned a = part(d, 0, 2), b = part(d, 2, 2);
    return is_year(part(d, 0, 4)) || is_day(2000, a, b) || is_day(2000, b, a);
}

/* 2000 stands for every year of two digits that might be meant: it has a 29 February. */
static bool is_date_of_six(struct bytes d)
{
    unsigned a = part(d, 0, 2), b = part(d, 2, 2), c = part(d, 4, 2);
    bool year_and_month = (is_year(part(d, 0, 4)) && c >= 1 && c <= 12) ||
                          (is_year(part(d, 2, 4)) && a >= 1 && a <= 12);
    return year_and_month || is_day(2000 + a % 4, b, c) || is_day(2000 + c % 4, b, a) ||
           is_day(2000 + c % 4, a, b);
}

static bool is_date_of_eight(struct bytes d, size_t from)
{
    unsigned first = part(d, from, 4), last = part(d, from + 4, 4);
    if (is_year(first) &&
        (is_day(first, last / 100, last % 100) || is_day(first, last % 100, last / 100)))
        return true;
    return is_year(last) &&
           (is_day(last, first % 100, first / 100) || is_day(last, first / 100, first % 100));
}

bool number_is_date(struct bytes digits)
{
    if (digits.len == 4) return is_date_of_four(digits);
    if (digits.len == 6) return is_date_of_six(digits);
    for (size_t from = 0; from + 8 <= digits.len; from++)
        if (is_date_of_eight(digits, from)) return true;
    return false;
}

/* Rows, columns and diagonals of a keypad, each way; 0 stands below 8. */
static bool is_line(struct bytes d)
{
    static const char lines[][4] = {"123", "456", "789", "147", "258", "369", "159", "357", "580"};
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        const char *line = lines[i];
        bool forwards = d.at[0] == line[0] && d.at[1] == line[1] && d.at[2] == line[2];
        bool backwards = d.at[0] == line[2] && d.at[1] == line[1] && d.at[2] == line[0];
        if (forwards || backwards) return true;
    }
    return false;
}

/* Side by side or above each other on a keypad. */
static bool are_neighbours(uint8_t a, uint8_t b)
{
    static const int8_t row[] = {3, 0, 0, 0, 1, 1, 1, 2, 2, 2};
    static const int8_t column[] = {1, 0, 1, 2, 0, 1, 2, 0, 1, 2};
    int down = row[a - '0'] - row[b - '0'], across = column[a - '0'] - column[b - '0'];
    return down * down + across * across == 1;
}

bool number_is_walk(struct bytes digits)
{
    if (digits.len < 4) return false;
    size_t i = 1;
    while (i < digits.len && are_neighbours(digits.at[i - 1], digits.at[i])) i++;
    if (i == digits.len) return true;
    if (digits.len % 3 != 0) return false;
    for (i = 0; i < digits.len; i += 3)
        if (!is_line(bytes_of(digits.at + i, 3))) return false;
    return true;
}

bool number_is_phone(struct bytes digits)
{
    return digits.len == 11 && digits.at[0] == '1' && digits.at[1] >= '3';
}

/* `value` in `width` digits, or in as few as it has for width 0. */
static void append(char *text, size_t *len, int value, int width)
{
    char digits[8];
    size_t n = 0;
    do {
        digits[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (n < sizeof digits && (value > 0 || n < (size_t)width));
    while (n > 0) text[(*len)++] = digits[--n];
}

bool number_is_of_day(struct bytes digits, struct civil day)
{
    static const uint8_t orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                        {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    if (day.year == 0) return false;
    for (unsigned form = 0; form < 4 * ARRAY_LEN(orders); form++) {
        const uint8_t *order = orders[form / 4];
        int value[3] = {form % 2 == 0 ? day.year : day.year % 100, day.month, day.day};
        int width[3] = {2, form % 4 < 2 ? 2 : 0, form % 4 < 2 ? 2 : 0};
        char text[32];
        size_t len = 0;
        for (size_t k = 0; k < 3; k++) append(text, &len, value[order[k]], width[order[k]]);
        if (bytes_equal(digits, bytes_of(text, len))) return true;
    }
    return false;
}

/* The longest run of digits that both have, `b` read backwards where it is said. */
static size_t longest_shared(struct bytes a, struct bytes b, bool backwards)
{
    size_t longest = 0;
    for (size_t i = 0; i < a.len; i++)
        for (size_t j = 0; j < b.len; j++) {
            size_t n = 0;
            while (i + n < a.len && j + n < b.len &&
                   a.at[i + n] == b.at[backwards ? b.len - 1 - j - n : j + n])
                n++;
            if (n > longest) longest = n;
        }
    return longest;
}

size_t number_shared(struct bytes digits, struct bytes number)
{
    uint8_t only[NUMBER_DIGITS_MAX];
    struct bytes own = {only, 0};
    for (size_t i = 0; i < number.len && own.len < sizeof only; i++)
        if (number.at[i] >= '0' && number.at[i] <= '9') only[own.len++] = number.at[i];
    size_t forwards = longest_shared(digits, own, false);
    size_t backwards = longest_shared(digits, own, true);
    return forwards > backwards ? forwards : backwards;
}

bool number_is_part_of(struct bytes digits, struct bytes number)
{
    size_t shared = number_shared(digits, number);
    return shared >= 6 || (shared >= 4 && 2 * shared >= digits.len);
}
