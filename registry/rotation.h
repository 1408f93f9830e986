/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * rotation: a zone's keys are replaced by others (S120). One person proposes it, another approves,
 * and the hsm makes the new set in between; the acquirer finds it here, tells the network, and uses
 * it when the network has shown that it has it. What has become of that stands in the acquirer's
 * own store. When the old set is over there, a third step takes it away here.
 *
 *   proposed -> approved (the new blocks lie beside the old ones) -> finished (the old are gone)
 *
 * A proposal that is not approved may be withdrawn; a set that was made may not: the network may
 * have it. Blocks are TR-31 under the hsm's master key; the store overwrites what it deletes.
 */

#include "registry/registry.h"

enum {
    REGISTRY_ROTATION_BYTES = 512, /* what the network is told: payment/key_change.h */
    REGISTRY_ZONE_DAYS = 365       /* a set that is older is to be replaced */
};

struct registry_rotation {
    enum registry_zone zone;
    int64_t number; /* of the set that is to come */
    char proposed_by[REGISTRY_ACTOR_MAX + 1], approved_by[REGISTRY_ACTOR_MAX + 1]; /* "": not yet */
    int64_t proposed_ms, approved_ms, overlap_ms;
    char pin_block[REGISTRY_KEY_BLOCK_MAX + 1]; /* these four once it is approved */
    char mac_block[REGISTRY_KEY_BLOCK_MAX + 1];
    char data_block[REGISTRY_KEY_BLOCK_MAX + 1];
    uint8_t told[REGISTRY_ROTATION_BYTES];
    size_t told_len;
};

/* Of the set that is in use: its number, from 1, and since when; 0: from before that was kept. */
MUST_USE err registry_zone_age(struct registry *registry, enum registry_zone zone,
                               int64_t *ret_number, int64_t *ret_since_ms);

/* NOT_FOUND: none is under way. */
MUST_USE err registry_find_rotation(struct registry *registry, enum registry_zone zone,
                                    struct registry_rotation *ret_rotation);

/* Errors: NOT_FOUND (the zone has no keys), EXISTS (one is under way). */
MUST_USE err registry_propose_rotation(struct registry *registry,
                                       const struct registry_actor *actor, enum registry_zone zone,
                                       int64_t overlap_ms);
/* STATE: it is approved. */
MUST_USE err registry_withdraw_rotation(struct registry *registry,
                                        const struct registry_actor *actor,
                                        enum registry_zone zone);
/* With the blocks and what the network is told, of the number that was found. Errors: NOT_FOUND,
 * DENIED (by who has proposed it), STATE (it is approved), FORMAT (a block), CONFLICT (the number).
 */
MUST_USE err registry_approve_rotation(struct registry *registry,
                                       const struct registry_actor *actor,
                                       const struct registry_rotation *rotation);
/* The new set is the zone's, the one before is gone. STATE: it is not approved. The caller has seen
 * that the acquirer uses the old one no more. */
MUST_USE err registry_finish_rotation(struct registry *registry, const struct registry_actor *actor,
                                      enum registry_zone zone);
