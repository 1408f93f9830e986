/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * pepper: the keyed step between a console password and its hash, by a key that only the hsm has,
 * so that a stolen table of hashes verifies nothing, not even when the back office's whole disk was
 * stolen with it:
 *
 *   HMAC-SHA-256(key, "tongbao pepper v1" | length of context 1 | context | data)
 *
 * `data` is a digest of the password and `context` says whose it is: the hsm never sees the one,
 * and a hash that is moved to another account verifies nothing.
 */

#include "lib/crypto/key.h"

enum { PEPPER_BYTES = CRYPTO_SHA256_BYTES, PEPPER_CONTEXT_MAX = 64, PEPPER_DATA_MAX = 64 };

/* Errors: KEY (not of usage PEPPER), LENGTH (context or data too long, or no data), CRYPTO. */
MUST_USE err pepper_apply(struct crypto *crypto, const struct key *key, struct bytes context,
                          struct bytes data, uint8_t ret_mac[PEPPER_BYTES]);
