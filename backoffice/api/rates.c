/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table of places in sets of four; a caller's number is a keyed hash, so that nobody can choose
 * whose place to share. What is kept of a caller is the moment at which its account would be full
 * again (the theoretical arrival time of GCRA).
 */
#include "backoffice/api/rates.h"

#include <stdlib.h>
#include <string.h>

enum { WAYS = 4, COST_MS = 1000 / RATES_PER_SECOND, DEPTH_MS = RATES_BURST * COST_MS };

struct place {
    uint64_t caller; /* 0: free */
    int64_t full_ms;
};

struct rates {
    uint64_t key[2];
    struct place place[RATES_CALLERS];
};

err rates_open(const struct random *random, struct rates **ret_rates)
{
    struct rates *r = calloc(1, sizeof *r);
    if (r == NULL) return ERR(NO_MEMORY);
    random_fill(random, r->key, sizeof r->key);
    *ret_rates = r;
    return OK;
}

void rates_close(struct rates *r)
{
    free(r);
}

/* Enough of a hash for a table that only its owner sees: two keyed rounds over eight bytes each. */
static uint64_t number_of(const struct rates *r, const char *caller)
{
    uint64_t h = r->key[0];
    for (const char *at = caller; *at != '\0'; at++) {
        h = (h ^ (uint8_t)*at) * UINT64_C(0x9e3779b97f4a7c15);
        h ^= (h >> 29) ^ r->key[1];
    }
    return h == 0 ? 1 : h;
}

static struct place *place_of(struct rates *r, uint64_t caller)
{
    struct place *set = &r->place[caller % (RATES_CALLERS / WAYS) * WAYS], *least = set;
    for (unsigned i = 0; i < WAYS; i++) {
        if (set[i].caller == caller) return &set[i];
        if (set[i].full_ms < least->full_ms) least = &set[i];
    }
    *least = (struct place){.caller = caller};
    return least;
}

int64_t rates_spend_shared(struct rates *r, const char *account, unsigned share, unsigned cost,
                           int64_t now_ms)
{
    ENSURE(cost > 0 && cost <= RATES_BURST && share > 0 && COST_MS % share == 0);
    struct place *p = place_of(r, number_of(r, account));
    int64_t from = p->full_ms > now_ms ? p->full_ms : now_ms;
    /* Deeper in debt than one can be: the clock was set back, and nobody is shut out for it. */
    if (from > now_ms + DEPTH_MS) from = now_ms;
    int64_t until = from + (int64_t)cost * (COST_MS / (int64_t)share);
    if (until - now_ms > DEPTH_MS) return until - now_ms - DEPTH_MS;
    p->full_ms = until;
    return 0;
}

int64_t rates_spend(struct rates *r, const char *caller, unsigned cost, int64_t now_ms)
{
    return rates_spend_shared(r, caller, 1, cost, now_ms);
}
