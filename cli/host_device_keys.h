/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What host_keys.c and host_device_keys.c share: keys that the hsm makes for one device. */

#include "cli/host_keys.h"
#include "cli/hsm_client.h"
#include "lib/crypto/rsa_scheme.h"

/* What of a key goes to its vault. The answer it is copied from lives for one call. */
struct host_made_key {
    uint8_t hsm_public[32], sealed[RSA_SCHEME_BYTES_MAX], kcv[4];
    size_t sealed_len;
};

/* Makes or imports one of a terminal's keys: its block for the registry, the rest for the vault. */
MUST_USE err host_make_terminal_key(struct hsm_client *hsm, enum hsm_command command,
                                    const struct hsm_make_key *ask,
                                    char block[REGISTRY_KEY_BLOCK_MAX + 1],
                                    struct host_made_key *made, struct process_fault *fault);

/*
 * Where the suite of `row` has a key for each message: a serial number of its own, into the row,
 * and the key that belongs to it, wrapped under the master key that is in the row. Otherwise
 * nothing. NOT_FOUND: the host has no base key for this suite.
 */
MUST_USE err host_make_initial(const struct host_place *place, struct hsm_client *hsm,
                               struct registry_terminal *row, char ret_block[HSM_KEY_BLOCK_MAX + 1],
                               struct process_fault *fault);
