/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * zone: the keys that the networks share with the acquirer's hsm. The simulators make a transport
 * key pair (`zone.secret`, and `zone.public` for the hsm to seal to); `tongbao admin` writes
 * `zone.keys`: JSON with the hsm's public key and three sealed keys, all in hex.
 */

#include "lib/crypto/agreement.h"
#include "lib/wire/process.h"

struct zone_keys {
    struct transport_pair transport; /* opens what comes later, too (key_change.c) */
    uint8_t hsm_public[TRANSPORT_KEY_BYTES];
    struct key pin, mac, data;
};

void zone_keys_wipe(struct zone_keys *keys);

/* Makes the transport pair when it is not there. Errors: those of file.h. */
MUST_USE err network_zone_initialise(const struct crypto *crypto, const char *state);

/* Errors: NOT_FOUND (not initialised, or no keys yet: `fault` says which), FORMAT, IDENTITY. */
MUST_USE err network_zone_load(const char *state, struct zone_keys *ret_keys,
                               struct process_fault *fault);
