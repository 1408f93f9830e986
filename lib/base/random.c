/* SPDX-License-Identifier: Apache-2.0 */
/* The two sources of randomness: the kernel's, and a seeded one for simulation. */
#include "lib/base/random.h"

#include <string.h>
#include <sys/random.h>

static void system_fill(void *context, void *out, size_t len)
{
    (void)context;
    uint8_t *at = out;
    while (len > 0) {
        ssize_t got = getrandom(at, len, 0);
        ENSURE(got >
               0); /* blocking mode only returns early for large requests, never with nothing */
        at += got;
        len -= (size_t)got;
    }
}

struct random random_system(void)
{
    return (struct random){system_fill, NULL};
}

uint32_t random_below(const struct random *random, uint32_t below)
{
    ENSURE(below > 0);
    /* The last, incomplete run of the 32-bit range would favour small results: draw again there. */
    uint32_t limit = UINT32_MAX - UINT32_MAX % below;
    uint32_t drawn;
    do random_fill(random, &drawn, sizeof drawn);
    while (drawn >= limit);
    return drawn % below;
}

static uint64_t splitmix(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void random_seed(struct random_seeded *source, uint64_t seed)
{
    for (int i = 0; i < 4; i++) source->state[i] = splitmix(&seed);
}

static uint64_t rotate_left(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

uint64_t random_seeded_next(struct random_seeded *source)
{
    uint64_t *s = source->state;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

static void seeded_fill(void *context, void *out, size_t len)
{
    uint8_t *at = out;
    while (len > 0) {
        uint64_t word = random_seeded_next(context);
        size_t part = len < sizeof word ? len : sizeof word;
        memcpy(at, &word, part);
        at += part;
        len -= part;
    }
}

struct random random_from_seed(struct random_seeded *source)
{
    return (struct random){seeded_fill, source};
}
