/* SPDX-License-Identifier: Apache-2.0 */
/* Repeats, runs, dates, defaults: each rule is one function over a string of digits. */
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
    if (digits.len == 6) return is_date_of_six(digits);
    for (size_t from = 0; from + 8 <= digits.len; from++)
        if (is_date_of_eight(digits, from)) return true;
    return false;
}

/*
 * Every row is somebody's default or a habit; those that the other rules refuse anyway stand here
 * too, so that loosening one of those does not let a default in.
 */
static const char *const published[] = {
    /* defaults of terminals and their hosts */
    "0000",
    "1111",
    "1234",
    "2580",
    "000000",
    "111111",
    "123456",
    "888888",
    "666666",
    "999999",
    "166816",
    "166831",
    "123123",
    "654321",
    "112233",
    "121212",
    "314159",
    "777777",
    "555555",
    "222222",
    "333333",
    "444444",
    "101010",
    "202020",
    "147258",
    "147852",
    "258369",
    "369258",
    "159357",
    "357159",
    "147369",
    "741852",
    "852963",
    "963852",
    "789456",
    "456789",
    "456123",
    "123789",
    "142536",
    "135246",
    "246810",
    "102030",
    "010203",
    "100200",
    "200100",
    "808080",
    "818181",
    "159159",
    "753951",
    "951753",
    "00000000",
    "11111111",
    "12345678",
    "87654321",
    "88888888",
    "66666666",
    "99999999",
    "20060101",
    "14725836",
    "14725800",
    "25802580",
    "36925814",
    "12341234",
    "12344321",
    "11223344",
    "13572468",
    "01020304",
    "10203040",
    "98765432",
    "23456789",
    "123456789",
    "1234567890",
    "0123456789",
    "147258369",
    "159753159",
    "987654321",
    "369258147",
    "741852963",
    "963852741",
    "9876543210",
    /* numbers that are words */
    "520520",
    "521521",
    "520131",
    "131452",
    "201314",
    "147147",
    "584520",
    "5201314",
    "1314520",
    "1314521",
    "5211314",
    "7758521",
    "7758258",
    "3344520",
    "52013144",
    "13145200",
    "52005200",
    "52013140",
    "16816888",
    "168168",
    "188188",
    "518518",
    "518888",
    "168888",
    "886886",
    "987987",
    "1688168",
    "51885188",
    "13141314",
    "52113140",
};

bool number_is_published(struct bytes digits)
{
    for (size_t i = 0; i < ARRAY_LEN(published); i++)
        if (bytes_equal(digits, bytes_text(published[i]))) return true;
    return false;
}

static bool contains(struct bytes whole, struct bytes part_of_it, bool backwards)
{
    for (size_t from = 0; from + part_of_it.len <= whole.len; from++) {
        size_t i = 0;
        while (i < part_of_it.len &&
               whole.at[from + i] == part_of_it.at[backwards ? part_of_it.len - 1 - i : i])
            i++;
        if (i == part_of_it.len) return true;
    }
    return false;
}

bool number_is_part_of(struct bytes digits, struct bytes number)
{
    uint8_t only[NUMBER_DIGITS_MAX];
    struct bytes own = {only, 0};
    for (size_t i = 0; i < number.len && own.len < sizeof only; i++)
        if (number.at[i] >= '0' && number.at[i] <= '9') only[own.len++] = number.at[i];
    if (own.len < 4 || digits.len < 4) return false;
    if (digits.len <= own.len) return contains(own, digits, false) || contains(own, digits, true);
    return contains(digits, own, false) || contains(digits, own, true);
}
