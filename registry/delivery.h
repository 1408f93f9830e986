/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * delivery: a new master key for a terminal in the field, from the moment it is made until its
 * vault has it. The key is in here twice, for two holders: as the block of the terminal's row, for
 * the hsm, and sealed to the device's transport key, for its vault. Neither can be read here.
 *
 * Who makes a delivery replaces the terminal's block in the same transaction: from then on a
 * sign-in makes working keys under the new one, and hands the sealed copy over to a terminal that
 * names another check value than `kcv`. The row stays: a terminal whose vault was put back gets it
 * again.
 */

#include "registry/registry.h"

enum {
    REGISTRY_TRANSPORT_BYTES = 32,
    REGISTRY_KCV_BYTES = 4,
    REGISTRY_SEALED_MAX = 128 /* nonce, authenticator, header, label, a key of 32 bytes */
};

struct registry_delivery {
    char master_block[REGISTRY_KEY_BLOCK_MAX + 1];
    uint8_t kcv[REGISTRY_KCV_BYTES];
    uint8_t sealed[REGISTRY_SEALED_MAX];
    size_t sealed_len;
    int64_t made_ms; /* when read */
};

/* The public half of the device's transport key, as device.public has it; replaces what was. */
MUST_USE err registry_set_transport(struct registry *registry, const struct registry_actor *actor,
                                    struct bytes tid,
                                    const uint8_t public_key[REGISTRY_TRANSPORT_BYTES]);

/* NOT_FOUND: a terminal of another make, or one that was provisioned before this was kept. */
MUST_USE err registry_find_transport(struct registry *registry, struct bytes tid,
                                     uint8_t ret_public[REGISTRY_TRANSPORT_BYTES]);

/* Block, sealed copy and check value, all or nothing. STATE: the terminal is closed. */
MUST_USE err registry_deliver_master(struct registry *registry, const struct registry_actor *actor,
                                     struct bytes tid, const struct registry_delivery *delivery);

/* NOT_FOUND: its master key is still that of its provisioning. */
MUST_USE err registry_find_delivery(struct registry *registry, struct bytes tid,
                                    struct registry_delivery *ret_delivery);

/* In the caller's transaction: another device takes the number. */
MUST_USE err registry_forget_delivery(struct registry *registry, struct bytes tid);
