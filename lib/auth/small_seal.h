/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * small_seal: a short secret at rest in a database, under a key that is not in it. XChaCha20-
 * Poly1305 with a random nonce; the label, which names table, column and row, is authenticated, so
 * a sealed value that is moved to another row does not open.
 *
 *     nonce (24) | ciphertext | tag (16)
 */

#include "lib/base/random.h"
#include "lib/base/writer.h"

enum { SMALL_SEAL_KEY_BYTES = 32, SMALL_SEAL_OVERHEAD = 24 + 16, SMALL_SEAL_PLAIN_MAX = 256 };

/* Appends plain.len + SMALL_SEAL_OVERHEAD bytes. */
void small_seal(const struct random *random, const uint8_t key[SMALL_SEAL_KEY_BYTES],
                struct bytes label, struct bytes plain, struct writer *w);

/* Exactly `size` bytes into `out`. MAC: another key, another label, altered, or another length. */
MUST_USE err small_open(const uint8_t key[SMALL_SEAL_KEY_BYTES], struct bytes label,
                        struct bytes sealed, void *out, size_t size);
