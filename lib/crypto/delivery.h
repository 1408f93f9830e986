/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * delivery: a terminal's working keys under its master key, as field 62 of the sign-in answer
 * carries them (protocol facts 1.6). The hsm wraps, the vault unwraps.
 *
 *   24 bytes   PIN key 8, KCV 4, MAC key 8, KCV 4                            (60.3 = 001)
 *   40 bytes   PIN key 16, KCV 4, MAC key 8 and eight zero bytes or 16, KCV 4  (60.3 = 003)
 *   60 bytes   the 40, then data key 16, KCV 4                               (60.3 = 004)
 *
 * Each value is ECB-encrypted under the master key. A delivered key is never stronger than the key
 * that carries it, so all four are of one cipher: DES/TDES, AES-128 or SM4.
 */

#include "lib/base/writer.h"
#include "lib/crypto/key.h"

enum { DELIVERY_SINGLE = 24, DELIVERY_DOUBLE = 40, DELIVERY_WITH_DATA = 60, DELIVERY_MAX = 60 };

/* Declare it CLEANUP(working_keys_wipe). */
struct working_keys {
    struct key pin, mac, data;
    bool has_data;
};

void working_keys_wipe(struct working_keys *keys);

/*
 * Random working keys. The layout is told by `with_data` (60 bytes) and `pin` and `mac`, DES both
 * for 24 bytes. Errors: KEY (the ciphers do not go together).
 */
MUST_USE err delivery_generate(struct crypto *crypto, const struct key *terminal_master,
                               enum key_algorithm pin, enum key_algorithm mac, bool with_data,
                               struct working_keys *ret_keys);

/* Appends 24, 40 or 60 bytes. Errors: KEY, FULL, CRYPTO. */
MUST_USE err delivery_wrap(struct crypto *crypto, const struct key *terminal_master,
                           const struct working_keys *keys, struct writer *w);

/*
 * Nothing is taken unless every check value fits.
 * Errors: LENGTH (not 24, 40 or 60 bytes), KEY, KCV, CRYPTO.
 */
MUST_USE err delivery_unwrap(struct crypto *crypto, const struct key *terminal_master,
                             struct bytes delivered, struct working_keys *ret_keys);
