/* SPDX-License-Identifier: Apache-2.0 */
/* Dates and times as the host sends them: MMDD and hhmmss, digits that came over a wire. */
#include "terminal/core.h"

static bool in_range(const struct civil *at)
{
    return at->month >= 1 && at->month <= 12 && at->day >= 1 && at->day <= 31 && at->hour <= 23 &&
           at->minute <= 59 && at->second <= 59;
}

bool host_clock_read(const char *mmdd, const char *hhmmss, struct civil *at)
{
    struct reader date = reader_over(bytes_text(mmdd)), time = reader_over(bytes_text(hhmmss));
    struct civil read = {.year = at->year};
    read.month = (int)read_digits(&date, 2);
    read.day = (int)read_digits(&date, 2);
    read.hour = (int)read_digits(&time, 2);
    read.minute = (int)read_digits(&time, 2);
    read.second = (int)read_digits(&time, 2);
    if (FAILED(reader_finish(&date)) || FAILED(reader_finish(&time)) || !in_range(&read))
        return false;
    *at = read;
    return true;
}
