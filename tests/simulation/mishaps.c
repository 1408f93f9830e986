/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What befalls a counter between two errands: the line is cut for minutes, the paper is out, and
 * sometimes the clock jumps, for everybody: over a night, a week in which nothing was told, or the
 * thirty days that a hold lives.
 */
#include "tests/simulation/world.h"

enum { HOUR_MS = 3600 * 1000, JUMPS_MAX_DAYS = 60 };

static bool befalls(struct world *w, uint32_t one_in)
{
    return !w->healing && !w->options.calm && world_chance(w, one_in);
}

static void cut_line(struct side_terminal *t)
{
    struct world *w = t->world;
    w->counts.cut++;
    t->cut_until_ms = w->now_ms + 30000 + random_below(&w->chance, 300000);
    link_terminal_close(t);
}

static void run_out_of_paper(struct side_terminal *t)
{
    struct world *w = t->world;
    w->counts.paper++;
    side_terminal_paper(t, true);
    event_push(w, w->now_ms + 1000 + random_below(&w->chance, 120000), EVENT_PAPER, t->index, 0,
               (struct bytes){0});
}

static void jump(struct world *w)
{
    static const uint32_t hours[] = {1, 12, 36, 8 * 24, 31 * 24};
    int64_t most = hours[random_below(&w->chance, (uint32_t)ARRAY_LEN(hours))];
    int64_t by_ms = most * HOUR_MS - random_below(&w->chance, HOUR_MS);
    if (w->jumped_ms + by_ms > (int64_t)JUMPS_MAX_DAYS * 24 * HOUR_MS) return;
    w->counts.jumped++;
    w->jumped_ms += by_ms;
    w->now_ms += by_ms;
    for (unsigned i = 0; i < w->options.terminals; i++) w->terminal[i].cashier.since_ms += by_ms;
}

/* By seconds to a day, either way; half of the time it is set right again. */
static void set_clock(struct side_terminal *t)
{
    static const uint32_t most_ms[] = {5000, 300000, 2 * HOUR_MS, 24 * HOUR_MS};
    struct world *w = t->world;
    uint32_t which = random_below(&w->chance, 5);
    struct part_clock *part = which == 0   ? &w->acquirer_clock
                              : which == 1 ? &w->network_clock
                                           : &t->clock;
    uint32_t most = most_ms[random_below(&w->chance, (uint32_t)ARRAY_LEN(most_ms))];
    int64_t by_ms = random_below(&w->chance, most);
    bool right = part->wrong_ms != 0 && random_below(&w->chance, 2) == 0;
    part->wrong_ms = right ? 0 : random_below(&w->chance, 2) == 0 ? by_ms : -by_ms;
    w->counts.clocks_set++;
}

void mishaps_befall(struct side_terminal *t)
{
    struct world *w = t->world;
    if (befalls(w, w->faults.jump)) jump(w);
    if (befalls(w, w->faults.wrong)) set_clock(t);
    if (befalls(w, w->faults.cut)) cut_line(t);
    if (t->terminal != NULL && befalls(w, w->faults.paper)) run_out_of_paper(t);
    replaced_befall(t);
}
