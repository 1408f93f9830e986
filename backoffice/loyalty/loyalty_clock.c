/* SPDX-License-Identifier: Apache-2.0 */
/*
 * By the clock: points that have run out go, a slice a tick until none is left, and are looked for
 * again each minute; once a day tiers whose year has passed fall, one merchant a tick. Both may be
 * repeated: after a restart the day is walked again, and nothing falls twice.
 */
#include <stdlib.h>

#include "backoffice/core.h"
#include "backoffice/parts.h"
#include "loyalty/points.h"

enum { LOTS = 200 /* in one go: a few ms */, MINUTE_MS = 60000, DAY_MS = 86400000 };

struct loyalty_clock {
    int64_t minute;                          /* in which no lot was left that has run out */
    int64_t day;                             /* of which all merchants were walked */
    char merchant[LOYALTY_MERCHANT_MAX + 1]; /* the last one of this walk; "": none yet */
};

static err open_clock(struct backoffice *b)
{
    b->loyalty_clock = calloc(1, sizeof *b->loyalty_clock);
    return b->loyalty_clock == NULL ? ERR(NO_MEMORY) : OK;
}

static void close_clock(struct backoffice *b)
{
    free(b->loyalty_clock);
    b->loyalty_clock = NULL;
}

static err expire(struct backoffice *b, int64_t now_ms)
{
    int64_t lots = 0;
    if (b->loyalty_clock->minute == now_ms / MINUTE_MS) return OK;
    TRY(loyalty_points_expire(b->loyalty, now_ms, LOTS, &lots));
    if (lots < LOTS) b->loyalty_clock->minute = now_ms / MINUTE_MS;
    if (lots > 0) log_event(b->config.log, LOG_INFO, "points_ran_out", LOG_INT("lots", lots));
    return OK;
}

static err fall(struct backoffice *b, int64_t now_ms)
{
    struct loyalty_clock *clock = b->loyalty_clock;
    const int64_t day = (now_ms + CLOCK_CHINA_OFFSET_MS) / DAY_MS;
    int64_t fallen = 0;
    bool found = false;
    if (clock->day == day) return OK;
    TRY(loyalty_programme_next(b->loyalty, clock->merchant, &found));
    if (!found) {
        clock->day = day;
        clock->merchant[0] = '\0';
        return OK;
    }
    TRY(loyalty_tiers_fall(b->loyalty, bytes_text(clock->merchant), now_ms, &fallen));
    if (fallen > 0)
        log_event(b->config.log, LOG_INFO, "tiers_fell", LOG_TEXT("mid", clock->merchant),
                  LOG_INT("members", fallen));
    return OK;
}

static err tick(struct backoffice *b, int64_t now_ms)
{
    if (b->loyalty == NULL) return OK;
    TRY(expire(b, now_ms));
    return fall(b, now_ms);
}

const struct backoffice_part loyalty_clock_part = {
    .name = "loyalty_clock", .open = open_clock, .close = close_clock, .tick = tick};
