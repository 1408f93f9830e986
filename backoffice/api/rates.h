/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * rates: how much a caller may ask (HS-14). Each caller has an account of its own that fills by
 * time and is spent by calls (GCRA), so that one that asks without end slows itself and nobody
 * else. Strangers, who have no key or session that is right, share one by address. All people and
 * programs of one merchant share a wider one beside their own, so that many keys are not many
 * times as much.
 *
 * Kept in memory, bounded: of callers that share a place the one that has asked least lately gives
 * way. A restart forgets everything, which is to the callers' good.
 */

#include "lib/base/err.h"
#include "lib/base/random.h"

enum {
    RATES_PER_SECOND = 20, /* of cost 1, for as long as one likes */
    RATES_BURST = 200,     /* of cost 1 at once, after a rest */
    RATES_CALLERS = 4096,
    RATES_MERCHANT = 5, /* callers at their limit that one merchant may have at a time */
};

struct rates;

/* Errors: NO_MEMORY. */
MUST_USE err rates_open(const struct random *random, struct rates **ret_rates);
void rates_close(struct rates *rates); /* NULL is allowed */

/* One call of this cost. 0, or in how many ms it may be made: nothing was spent then. */
int64_t rates_spend(struct rates *rates, const char *caller, unsigned cost, int64_t now_ms);
/* The same of an account that is `share` times as wide. */
int64_t rates_spend_shared(struct rates *rates, const char *account, unsigned share, unsigned cost,
                           int64_t now_ms);
