/* SPDX-License-Identifier: Apache-2.0 */
/* The machine's clock, and the calendar arithmetic that libc would do with a global time zone. */
#include "lib/base/clock.h"

#include <time.h>

#include "lib/base/clock_turned.h"

static int64_t read_clock_ns(clockid_t id)
{
    struct timespec now;
    ENSURE(clock_gettime(id, &now) == 0);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t machine_now_ms(void *context)
{
    (void)context;
    return read_clock_ns(CLOCK_REALTIME) / 1000000;
}

static int64_t machine_monotonic_us(void *context)
{
    (void)context;
    return read_clock_ns(CLOCK_MONOTONIC) / 1000;
}

static int64_t system_now_ms(void *context)
{
    return machine_now_ms(context) + clock_turned_by_us() / 1000;
}

static int64_t system_monotonic_us(void *context)
{
    return machine_monotonic_us(context) + clock_turned_by_us();
}

struct clock clock_system(void)
{
    return (struct clock){system_now_ms, system_monotonic_us, NULL};
}

struct clock clock_machine(void)
{
    return (struct clock){machine_now_ms, machine_monotonic_us, NULL};
}

/*
 * Days and civil dates: the year is taken to begin in March, so that the leap day comes last and
 * the lengths of the months before it follow one linear rule. An era is 400 years.
 */
static int64_t days_from_civil(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = y / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

struct civil civil_from_ms(int64_t local_ms)
{
    ENSURE(local_ms >= 0);
    int64_t seconds = local_ms / 1000;
    int64_t days = seconds / 86400 + 719468;
    int64_t era = days / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153;
    int month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
    int64_t second_of_day = seconds % 86400;
    return (struct civil){
        .year = (int)(year_of_era + era * 400 + (month <= 2)),
        .month = month,
        .day = (int)(day_of_year - (153 * march_month + 2) / 5 + 1),
        .hour = (int)(second_of_day / 3600),
        .minute = (int)(second_of_day / 60 % 60),
        .second = (int)(second_of_day % 60),
    };
}

int64_t civil_to_ms(struct civil c)
{
    int64_t days = days_from_civil(c.year, c.month, c.day);
    return ((days * 24 + c.hour) * 60 + c.minute) * 60000 + (int64_t)c.second * 1000;
}
