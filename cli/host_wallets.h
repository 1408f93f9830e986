/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the gateway to the wallets' interfaces needs of the host: keys as blobs that the hsm alone
 * opens, and the MAC key of its link to the acquirer. wallets/account.h says where they stand.
 */

#include "cli/host_keys.h"
#include "cli/hsm_client.h"
#include "lib/wire/hsm_protocol_wallets.h"

struct host_wallet_key {
    char blob[(HSM_WALLET_BLOB_MAX + 2) / 3 * 4 + 1]; /* base64 */
    char public_pem[HSM_WALLET_PUBLIC_MAX + 1];       /* of a key that signs */
};

/* A new key that signs, when `clear` is empty; otherwise that key. Errors: those of the hsm. */
MUST_USE err host_wallet_key(const char *hsm, enum hsm_wallet_use use, struct bytes clear,
                             struct host_wallet_key *ret, struct process_fault *fault);

/* The key block of the wallet zone's MAC key. Errors: those of the registry. */
MUST_USE err host_wallet_link(const char *admin, char out[HSM_KEY_BLOCK_MAX + 1],
                              struct process_fault *fault);

/*
 * For the demo: keys of a merchant with both providers of `tongbao-simulators`, their public halves
 * deposited in its directory (place->networks), and the file of accounts at `path`. The simulators
 * are running. Errors: those of files, hsm and registry.
 */
MUST_USE err host_wallets_simulated(const struct host_place *place, const char *path,
                                    struct process_fault *fault);
