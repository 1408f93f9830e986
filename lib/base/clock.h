/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clock: where every part of Tongbao gets its time from, so that the simulator can give another.
 *
 * Times are int64 milliseconds since 1970-01-01 UTC (`_ms`). Durations come from
 * clock_monotonic_us, which never goes back; records carry clock_now_ms, which may. Local time (the
 * date and hour on a receipt and in fields 12 and 13) is UTC plus a fixed offset, for China
 * CLOCK_CHINA_OFFSET_MS: there is no daylight saving time to know about.
 */

#include "lib/base/err.h"

struct clock {
    int64_t (*now_ms)(void *context);
    int64_t (*monotonic_us)(void *context);
    void *context;
};

enum { CLOCK_CHINA_OFFSET_MS = 8 * 3600 * 1000 };

static inline int64_t clock_now_ms(const struct clock *clock)
{
    return clock->now_ms(clock->context);
}

static inline int64_t clock_monotonic_us(const struct clock *clock)
{
    return clock->monotonic_us(clock->context);
}

/* The clock of this process: that of the machine, CLOCK_REALTIME and CLOCK_MONOTONIC, unless it was
 * told of one that is turned (lib/base/clock_turned.h). */
struct clock clock_system(void);

/* That of the machine in any case: for whoever waits for another process on it and no longer. */
struct clock clock_machine(void);

/* A civil date and time of day, in the zone that the caller had in mind. */
struct civil {
    int year, month, day;     /* 2026, 1..12, 1..31 */
    int hour, minute, second; /* 0..23, 0..59, 0..59 */
};

/* Both are exact for the years 1970 to 9999. */
struct civil civil_from_ms(int64_t local_ms);
int64_t civil_to_ms(struct civil civil);
