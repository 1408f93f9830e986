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
    struct network_facts now = w->network == NULL ? w->facts : network_file_read(w->network);
    look_at_place(w);
    if (!network_file_same(&now, &w->facts)) {
        w->facts = now;
        log_event(w->log, LOG_INFO, "network", LOG_INT("kind", now.kind),
                  LOG_INT("security", now.security), LOG_INT("captive", now.captive));
        w->done(w->context, terminal_on_network(w->terminal, &now));
    }
    w->done(w->context, loop_timer_set(w->loop, &w->timer, LOOK_MS));
}

void network_watch_start(struct network_watch *watch)
{
    struct network_watch *w = watch;
    if (w->network == NULL && w->place == NULL) return;
    w->timer = (struct loop_timer){.run = look, .context = w};
    if (w->network != NULL) {
        w->facts = network_file_read(w->network);
        w->done(w->context, terminal_on_network(w->terminal, &w->facts));
    }
    look_at_place(w);
    w->done(w->context, loop_timer_set(w->loop, &w->timer, LOOK_MS));
}
