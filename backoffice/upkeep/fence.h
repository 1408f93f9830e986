/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * fence: where a terminal is registered to stand, and whether it does (S122, DV-14; no moving
 * without registration). A place is of an outlet, or of one terminal of it: a position, a radius,
 * and what happens outside: WARN tells, REFUSE suspends the terminal in the registry until somebody
 * of the acquirer releases it. Each new stay that a terminal tells of (devices/device_places.h) is
 * held against it within a second or so; what is known less exactly than it is far away is no move.
 *
 * And against the stay before: so far in so short a time that nothing travels so fast means two
 * devices under one name.
 */

#include "backoffice/core.h"

struct fence_rule {
    int64_t travel_m;   /* nearer than this is no travel: positions of networks jump */
    int64_t travel_m_s; /* faster than an aeroplane */
};
extern const struct fence_rule fence_rule;

enum fence_policy { FENCE_WARN = 1, FENCE_REFUSE = 2, FENCE_POLICIES = 3 }; /* on disk */

enum { FENCE_RADIUS_MIN = 20, FENCE_RADIUS_MAX = 100000 };

struct fence {
    char mid[16], tid[9]; /* tid "": all of the outlet that have none of their own */
    uint32_t outlet;
    int64_t latitude_e6, longitude_e6, radius_m;
    enum fence_policy policy;
};

struct fence_position {
    int64_t latitude_e6, longitude_e6, accuracy_m, at_ms;
};

extern const struct store_schema fence_schema;

/* Metres between two positions, to half a per cent; pure. */
int64_t fence_distance_m(int64_t latitude_e6, int64_t longitude_e6, int64_t other_latitude_e6,
                         int64_t other_longitude_e6);
/* How far outside for certain; 0: inside, or not known exactly enough. */
int64_t fence_outside_m(const struct fence *fence, const struct fence_position *position);
/* Nothing gets from one to the other in that time. */
bool fence_impossible(const struct fence_rule *rule, const struct fence_position *from,
                      const struct fence_position *to);

MUST_USE err fence_put(struct store_tx *tx, const struct fence *fence);
/* That of the terminal, or of its outlet. NOT_FOUND: none was registered. */
MUST_USE err fence_find(struct store *store, const char *mid, uint32_t outlet, const char *tid,
                        struct fence *ret);

/* A terminal that is away from its place. */
struct fence_moved {
    char tid[9], mid[16];
    uint32_t outlet;
    int64_t since_ms, metres, latitude_e6, longitude_e6;
    bool refuse, refused; /* it is to be suspended; it is */
};
typedef err (*fence_each)(void *context, const struct fence_moved *moved);
MUST_USE err fence_moved_list(struct store *store, const char *mid, uint32_t outlet,
                              const char *after, size_t most, fence_each each, void *context);
MUST_USE err fence_moved_find(struct store *store, const char *tid, struct fence_moved *ret);
MUST_USE err fence_moved_put(struct store_tx *tx, const struct fence_moved *moved);
MUST_USE err fence_moved_drop(struct store_tx *tx, const char *tid);

/* Looks at the stays that are new, and suspends who is to be. */
MUST_USE err fence_tick(struct backoffice *backoffice, int64_t now_ms);
