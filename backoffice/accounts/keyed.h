/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * keyed: a line to the hsm for the keyed step of passwords and codes, asked and waited for. Each
 * thread has its own. The hsm gets whose it is and a digest, never a password.
 */

#include "lib/auth/password.h"
#include "lib/wire/hsm_protocol.h"
#include "lib/wire/rpc.h"
#include "registry/registry.h"

struct program;

struct hsm_keyed {
    struct rpc rpc;
    uint32_t id;
    char block[REGISTRY_KEY_BLOCK_MAX + 1]; /* the pepper, as the registry keeps it */
    uint8_t answer[HSM_FRAME_MAX];
};

/* Connects when it is first asked. */
void hsm_keyed_open(struct hsm_keyed *keyed, const struct program *program);
void hsm_keyed_close(struct hsm_keyed *keyed);

/* Its calls fail with REFUSED, TIMEOUT, CLOSED (the hsm is away) or KEY (it refuses the block). */
struct password_keyed hsm_keyed_port(struct hsm_keyed *keyed);
