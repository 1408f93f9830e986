/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * candidates: passwords that people choose, that attackers try, and that nobody should ever type,
 * drawn from a seed: numbers of every shape, words, what belongs to the person, mixtures of them,
 * and bytes that are no text. One in about three is fit to be a password.
 */

#include "lib/auth/policy.h"
#include "lib/base/random.h"

enum { CANDIDATE_MAX = 600 /* bytes; PASSWORD_MAX is 512 */ };

struct candidates {
    struct random_seeded source;
    const struct policy_person *person;
    const struct policy
        *policy; /* lengths are drawn about its own; where keys have digits, mostly numbers */
    uint8_t last[CANDIDATE_MAX]; /* the one before, to be varied */
    size_t last_len;
};

/* The next one, a view into `candidates`; never empty. */
struct bytes candidates_next(struct candidates *candidates);

uint32_t candidates_below(struct candidates *candidates, uint32_t below);
