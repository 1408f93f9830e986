/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A part of core.h: the state of settlement and search, and the procedures of settle.c, shift.c and
 * search.c. */

#include "terminal/procedure.h"
#include "terminal/settlements.h"

struct terminal;

/* The settlement under way, or the last one (settle.c). */
struct settle {
    struct settlement now;
    int64_t sent_to; /* what the 0320 under way uploads: up to this payment ... */
    uint32_t sent_rows;
    bool sent_end; /* ... or that there are no more */
    unsigned restarts;
    int at_minute;  /* of the day, when it begins by itself; -1: never */
    bool when_full; /* it begins by itself then */
    bool sign_out;  /* afterwards the host is told of a sign-out */
    int64_t not_before_us;
    uint32_t forsaken; /* a batch with payments that the host has left for another one; 0: none */
};

/* What is looked for in the history (search.c). */
struct search {
    int by;
    int64_t value, last;
};

err settle_batch(struct terminal *t, struct procedure *p); /* settle.c */
err settle_reprint(struct terminal *t, struct procedure *p);
err settle_by_itself(struct terminal *t, struct procedure *p);
err settle_parameters(struct terminal *t, struct procedure *p); /* settle_parameters.c */
err sign_out_after(struct terminal *t, struct procedure *p);    /* sign_out.c */
err shift(struct terminal *t, struct procedure *p);             /* shift.c */
err search(struct terminal *t, struct procedure *p);            /* search.c */

/* A payment as a row of a list on the screen, and the number of the row that was chosen, or 0
 * (query.c). */
void query_row(struct terminal *t, const struct records_row *row);
int64_t query_chosen(const struct terminal *t);

/* ---- settlement (settle.c) ---- */

/* What was going on and what is set, from the store: at the start, and when it was set anew. */
MUST_USE err settle_load(struct terminal *t);
/* Is one under way? Is this batch over? Is it time to begin, or to go on, without being asked? */
bool settle_open(const struct terminal *t);
bool settle_over(const struct terminal *t);
bool settle_due(const struct terminal *t);
/* What the main screen has to say about it. */
void settle_say(struct terminal *t);
