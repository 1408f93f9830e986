/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * random: where unpredictable bytes come from. Programs take random_system(), the simulator and the
 * tests a seeded source that repeats itself. A seeded source makes no keys outside a simulation.
 */

#include "lib/base/err.h"

struct random {
    void (*fill)(void *context, void *out, size_t len);
    void *context;
};

static inline void random_fill(const struct random *random, void *out, size_t len)
{
    random->fill(random->context, out, len);
}

/* Uniform in 0 .. below-1, without modulo bias. `below` is at least 1. */
uint32_t random_below(const struct random *random, uint32_t below);

/* getrandom(2). It cannot fail on a running system; if it does, the process stops. */
struct random random_system(void);

/* xoshiro256** over a seed: quick, repeatable, and no secret to anyone. */
struct random_seeded {
    uint64_t state[4];
};

void random_seed(struct random_seeded *source, uint64_t seed);
uint64_t random_seeded_next(struct random_seeded *source);

/* View of a seeded source as `struct random`; lives as long as `source`. */
struct random random_from_seed(struct random_seeded *source);
