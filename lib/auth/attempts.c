/* SPDX-License-Identifier: Apache-2.0 */
/* The budget of tries: see the header for why the order of its use matters. */
#include "lib/auth/attempts.h"

uint8_t attempts_left(const struct attempts_limits *limits, const struct attempts *stored)
{
    return stored->used >= limits->tries ? 0 : (uint8_t)(limits->tries - stored->used);
}

uint32_t attempts_wait_ms(const struct attempts_limits *limits, uint8_t used)
{
    if (used == 0 || used < limits->quick) return 0;
    unsigned doublings = (unsigned)(used - limits->quick);
    if (doublings > 20) doublings = 20; /* twelve days; nothing configured comes near */
    uint64_t wait = (uint64_t)limits->first_wait_ms << doublings;
    return wait > UINT32_MAX ? UINT32_MAX : (uint32_t)wait;
}

enum attempts_verdict attempts_begin(const struct attempts_limits *limits,
                                     const struct attempts *stored, int64_t now_ms,
                                     struct attempts *ret_next, uint32_t *ret_wait_ms)
{
    ENSURE(limits->tries > 0 && limits->quick <= limits->tries);
    ENSURE(now_ms >= 0);
    struct attempts next = *stored;
    uint32_t wait_ms = 0;
    enum attempts_verdict verdict = ATTEMPTS_GO;
    if (attempts_left(limits, stored) == 0) {
        verdict = ATTEMPTS_LOCKED;
    } else {
        uint32_t whole_ms = attempts_wait_ms(limits, stored->used);
        if (now_ms < next.last_ms) next.last_ms = now_ms; /* the clock was set back */
        int64_t gone_ms = now_ms - next.last_ms;
        if (gone_ms < whole_ms) {
            verdict = ATTEMPTS_WAIT;
            wait_ms = (uint32_t)(whole_ms - gone_ms);
        }
    }
    if (verdict == ATTEMPTS_GO) {
        next.used++;
        next.last_ms = now_ms;
    }
    *ret_next = next;
    *ret_wait_ms = wait_ms;
    return verdict;
}
