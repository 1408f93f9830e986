/* SPDX-License-Identifier: Apache-2.0 */
/* The clock of the review, over the calendar of working days. */
#include "backoffice/applications/due.h"

#include "ledger/workday.h"
#include "lib/base/clock.h"

#define MINUTE_MS INT64_C(60000)
#define DAY_MS    INT64_C(86400000)

static bool works(int64_t day)
{
    bool is = false;
    if (day <= WORKDAY_LAST && !FAILED(workday_is((int32_t)day, &is))) return is;
    int64_t weekday = (day + 4) % 7; /* 1970-01-01 was a Thursday; 0 is Sunday */
    return weekday != 0 && weekday != 6;
}

int64_t application_due_ms(int64_t sent_ms)
{
    int64_t local_ms = sent_ms + CLOCK_CHINA_OFFSET_MS, day = local_ms / DAY_MS;
    int64_t minute = local_ms % DAY_MS / MINUTE_MS;
    ENSURE(sent_ms > 0);
    bool today = works(day) && minute < DUE_CLOSES_MINUTE;
    if (today && minute >= DUE_OPENS_MINUTE) return sent_ms + DUE_MINUTES * MINUTE_MS;
    while (!today) today = works(++day);
    return day * DAY_MS + (DUE_OPENS_MINUTE + DUE_MINUTES) * MINUTE_MS - CLOCK_CHINA_OFFSET_MS;
}
