/* SPDX-License-Identifier: Apache-2.0 */
/* A timer, two files, and what has changed in them. */
#include "terminal/network_watch.h"

enum { LOOK_MS = 1000 };

static void look_at_place(struct network_watch *w)
{
    struct network_place now = place_file_read(w->place);
    if (place_file_same(&w->position, &now)) return;
    w->position = now;
    w->done(w->context, terminal_on_place(w->terminal, &now));
}

static void look(void *context)
{
    struct network_watch *w = context;
    look_at_place(w);
    for (size_t i = 0; i < w->paths; i++) {
        struct network_facts now = network_file_read(w->network[i].file);
        if (network_file_same(&now, &w->facts[i])) continue;
        w->facts[i] = now;
        log_event(w->log, LOG_INFO, "network", LOG_INT("path", (int64_t)i),
                  LOG_INT("kind", now.kind), LOG_INT("security", now.security),
                  LOG_INT("captive", now.captive), LOG_INT("down", now.down));
        w->done(w->context, terminal_on_network(w->terminal, i, &now));
    }
    w->done(w->context, loop_timer_set(w->loop, &w->timer, LOOK_MS));
}

void network_watch_start(struct network_watch *watch)
{
    struct network_watch *w = watch;
    if (w->paths == 0 && w->place == NULL) return;
    w->timer = (struct loop_timer){.run = look, .context = w};
    for (size_t i = 0; i < w->paths; i++) {
        w->facts[i] = network_file_read(w->network[i].file);
        w->done(w->context, terminal_on_network(w->terminal, i, &w->facts[i]));
    }
    look_at_place(w);
    w->done(w->context, loop_timer_set(w->loop, &w->timer, LOOK_MS));
}
