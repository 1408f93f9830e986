/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * turns: how much the network of a stranger has asked for lately (HS-14, CR-22). When more want a
 * hash than there are threads, whose network has asked least goes first, so that a flood waits
 * behind whoever does not take part in it.
 *
 * Each request, also one that is refused, is a debt of ten minutes to its network (an IPv4 /24, an
 * IPv6 /48), paid off by time alone and never more than six hours (GCRA). A flood that fills two
 * threads for long needs thirty thousand requests in ten minutes: from fewer networks than that,
 * all of it is in debt, and a newcomer is not. Kept in memory, bounded: of networks that share a
 * place the one with the least debt is forgotten first.
 */

#include "lib/base/err.h"
#include "lib/base/random.h"

enum {
    TURNS_ASK_MS = 10 * 60 * 1000,
    TURNS_DEBT_MS = 6 * 3600 * 1000,
    TURNS_NETWORKS = 65536, /* 1 MB: twice as many as a flood has that fills the threads */
};

struct turns;

/* Errors: NO_MEMORY. */
MUST_USE err turns_open(const struct random *random, struct turns **ret_turns);
void turns_close(struct turns *turns); /* NULL is allowed */

/* The network of this address (as text); a number that is never 0. */
uint64_t turns_network(const struct turns *turns, const char *address);

/* It has asked once more. */
void turns_ask(struct turns *turns, uint64_t network, int64_t now_ms);

/* Its debt in ms, 0 to TURNS_DEBT_MS; 0 for one that is forgotten. */
int64_t turns_debt(const struct turns *turns, uint64_t network, int64_t now_ms);
