/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The calendar of working days, a row for each year as the General Office of the State Council has
 * announced it (部分节假日安排的通知, in the autumn before). Next year's is added when it is out.
 */
#include "ledger/workday.h"

#include <stdio.h>

#include "lib/base/clock.h"
#include "lib/base/reader.h"

#define DAY_MS INT64_C(86400000)

/* clang-format off */
static const struct workday_year years[] = {
    {2018, {{101, 101}, {215, 221}, {405, 407}, {429, 501}, {616, 618}, {922, 924}, {1001, 1007}},
           {211, 224, 408, 428, 929, 930}},
    {2024, {{101, 101}, {210, 217}, {404, 406}, {501, 505}, {608, 610}, {915, 917}, {1001, 1007}},
           {204, 218, 407, 428, 511, 914, 929, 1012}},
    {2025, {{101, 101}, {128, 204}, {404, 406}, {501, 505}, {531, 602}, {1001, 1008}},
           {126, 208, 427, 928, 1011}},
    {2026, {{101, 103}, {215, 223}, {404, 406}, {501, 505}, {619, 621}, {925, 927}, {1001, 1007}},
           {104, 214, 228, 509, 920, 1010}},
};
/* clang-format on */

const struct workday_year *workday_years(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(years);
    return years;
}

/* A business day ends so long before the calendar's, in China's time: both shifts at once. */
static int64_t shift_ms(void)
{
    return CLOCK_CHINA_OFFSET_MS + INT64_C(3600000) * (24 - WORKDAY_CUT_OFF_HOUR);
}

int32_t workday_of(int64_t at_ms)
{
    ENSURE(at_ms >= 0 && at_ms < DAY_MS * INT32_MAX - DAY_MS);
    return (int32_t)((at_ms + shift_ms()) / DAY_MS);
}

int64_t workday_end_ms(int32_t day)
{
    ENSURE(day >= 0);
    return (day + INT64_C(1)) * DAY_MS - shift_ms();
}

static err year_of(int year, const struct workday_year **ret)
{
    for (size_t i = 0; i < ARRAY_LEN(years); i++) {
        if (years[i].year != year) continue;
        *ret = &years[i];
        return OK;
    }
    return ERR(NOT_FOUND);
}

err workday_is(int32_t day, bool *ret_is)
{
    ENSURE(day >= 0 && day <= WORKDAY_LAST + 1); /* workday_next() asks once more */
    const struct workday_year *year = NULL;
    struct civil date = civil_from_ms(day * DAY_MS);
    TRY(year_of(date.year, &year));
    unsigned here = (unsigned)(date.month * 100 + date.day);
    /* 1970-01-01 was a Thursday: Monday is 0, Saturday 5. */
    bool works = (day + 3) % 7 < 5;
    for (size_t i = 0; i < WORKDAY_HOLIDAYS_MAX && year->holiday[i].first != 0; i++)
        if (here >= year->holiday[i].first && here <= year->holiday[i].last) works = false;
    for (size_t i = 0; i < WORKDAY_MAKE_UPS_MAX && year->make_up[i] != 0; i++)
        if (here == year->make_up[i]) works = true;
    *ret_is = works;
    return OK;
}

err workday_next(int32_t day, int32_t *ret_day)
{
    bool works = false;
    do TRY(workday_is(++day, &works));
    while (!works);
    *ret_day = day;
    return OK;
}

/* Monday to Friday, but 1 January: what holds in every year. */
static bool is_plain_weekday(int32_t day)
{
    struct civil date = civil_from_ms(day * DAY_MS);
    return (day + 3) % 7 < 5 && !(date.month == 1 && date.day == 1);
}

err workday_next_expected(int32_t day, int32_t *ret_day, bool *ret_announced)
{
    const int last = years[ARRAY_LEN(years) - 1].year;
    bool works = false, announced = true;
    do {
        err known = workday_is(++day, &works);
        if (known.code == ERR_NOT_FOUND && civil_from_ms(day * DAY_MS).year == last + 1) {
            works = is_plain_weekday(day);
            announced = false;
            known = OK;
        }
        TRY(known);
    } while (!works);
    *ret_day = day;
    *ret_announced = announced;
    return OK;
}

int workday_missing(int32_t day)
{
    struct civil date = civil_from_ms(day * DAY_MS);
    const struct workday_year *year;
    if (FAILED(year_of(date.year, &year))) return date.year;
    bool due = date.month >= WORKDAY_ANNOUNCED_MONTH;
    return due && FAILED(year_of(date.year + 1, &year)) ? date.year + 1 : 0;
}

void workday_text(int32_t day, char out[static WORKDAY_TEXT_MAX])
{
    ENSURE(day >= 0);
    struct civil date = civil_from_ms(day * DAY_MS);
    int len = snprintf(out, WORKDAY_TEXT_MAX, "%04d-%02d-%02d", date.year, date.month, date.day);
    ENSURE(len > 0 && len < WORKDAY_TEXT_MAX);
}

err workday_parse(struct bytes text, int32_t *ret_day)
{
    struct reader r = reader_over(text);
    struct civil date = {.year = (int)read_digits(&r, 4)};
    struct bytes first = read_bytes(&r, 1);
    date.month = (int)read_digits(&r, 2);
    struct bytes second = read_bytes(&r, 1);
    date.day = (int)read_digits(&r, 2);
    if (FAILED(reader_finish(&r)) || first.at[0] != '-' || second.at[0] != '-' ||
        date.year < 1970 || date.month < 1 || date.month > 12 || date.day < 1 || date.day > 31)
        return ERR(FORMAT);
    int64_t ms = civil_to_ms(date);
    struct civil back = civil_from_ms(ms);
    if (back.month != date.month || back.day != date.day) return ERR(FORMAT); /* 31 April */
    *ret_day = (int32_t)(ms / DAY_MS);
    return OK;
}
