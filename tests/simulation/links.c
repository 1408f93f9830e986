/* SPDX-License-Identifier: Apache-2.0 */
/* What happens to a message on its way: lost, late, twice, cut, or the connection with it. */
#include "tests/simulation/world.h"

static int64_t delay(struct world *w)
{
    if (w->options.calm) return 1;
    /* Mostly quick; sometimes so slow that time-outs fire and later messages overtake it. */
    if (!w->healing && world_chance(w, 40)) return 1 + random_below(&w->chance, w->faults.delay_ms);
    return 1 + random_below(&w->chance, 40);
}

static bool faulty(struct world *w, uint32_t one_in)
{
    return !w->healing && !w->options.calm && world_chance(w, one_in);
}

void link_send(struct world *w, enum event_kind kind, uint32_t index, uint32_t generation,
               struct bytes payload)
{
    if (faulty(w, w->faults.drop)) {
        w->counts.dropped++;
        return;
    }
    if (faulty(w, w->faults.truncate) && payload.len > 1) {
        w->counts.truncated++;
        payload.len = 1 + random_below(&w->chance, (uint32_t)payload.len - 1);
    }
    if (faulty(w, w->faults.repeat)) {
        w->counts.repeated++;
        event_push(w, w->now_ms + delay(w), kind, index, generation, payload);
    }
    event_push(w, w->now_ms + delay(w), kind, index, generation, payload);
}

void link_terminal_connect(struct side_terminal *t)
{
    struct world *w = t->world;
    if (t->connection % 2 == 1) return;
    t->connection++;
    event_push(w, w->now_ms + delay(w), EVENT_CONNECTED, t->index, t->connection,
               (struct bytes){0});
}

/* Both ends hear of it, the acquirer at once and the terminal when it looks. */
void link_terminal_close(struct side_terminal *t)
{
    struct world *w = t->world;
    if (t->connection % 2 == 0) return;
    uint32_t generation = t->connection++;
    bool was_connected = t->connected;
    t->connected = false;
    if (was_connected && w->acquirer != NULL)
        side_acquirer_did(
            w, acquirer_session_closed(w->acquirer, generation * WORLD_TERMINALS_MAX + t->index));
    event_push(w, w->now_ms + 1, EVENT_DISCONNECTED, t->index, t->life, (struct bytes){0});
}
