/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * sm2: signatures and public-key encryption on the curve sm2p256v1 (GB/T 32918.2, .4 and .5), with
 * SM3. The curve of the standard's own examples is not here.
 *
 * Everything is raw bytes of fixed length, as GB/T 32918 lays it out: a public key is 04, X, Y; a
 * signature R, S; a ciphertext C1 (04, X, Y), C3 (SM3), C2 (as long as the plaintext). The DER that
 * OpenSSL speaks stays inside. OpenSSL draws its own randomness: not for a seeded simulation.
 */

#include "lib/base/writer.h"
#include "lib/crypto/crypto.h"

enum {
    SM2_SECRET_BYTES = 32,
    SM2_PUBLIC_BYTES = 65,
    SM2_SIGNATURE_BYTES = 64,
    SM2_OVERHEAD = SM2_PUBLIC_BYTES + CRYPTO_SM3_BYTES,
    SM2_PLAIN_MAX = 1024,
    SM2_ID_MAX = 64
};

/* Secret; declare it CLEANUP(sm2_pair_wipe). */
struct sm2_pair {
    uint8_t public_key[SM2_PUBLIC_BYTES];
    uint8_t secret_key[SM2_SECRET_BYTES];
};

void sm2_pair_wipe(struct sm2_pair *pair);
MUST_USE err sm2_generate(struct sm2_pair *ret_pair);

/*
 * `id` is the signer's distinguishing name; "1234567812345678" where the parties agreed on none
 * (GM/T 0009). Errors: KEY (no point, or not its secret), LENGTH (id), CRYPTO.
 */
MUST_USE err sm2_sign(const struct sm2_pair *pair, struct bytes id, struct bytes data,
                      uint8_t ret_signature[SM2_SIGNATURE_BYTES]);

/* OK, or MAC. Errors: KEY, LENGTH (id), CRYPTO. */
MUST_USE err sm2_verify(const uint8_t public_key[SM2_PUBLIC_BYTES], struct bytes id,
                        struct bytes data, const uint8_t signature[SM2_SIGNATURE_BYTES]);

/* Appends plain.len + SM2_OVERHEAD bytes. Errors: KEY, LENGTH (nothing, or too much), FULL, CRYPTO.
 */
MUST_USE err sm2_encrypt(const uint8_t public_key[SM2_PUBLIC_BYTES], struct bytes plain,
                         struct writer *w);

/* Appends the plaintext, which is secret. Errors: SHORT, LENGTH, KEY, MAC (altered), FULL. */
MUST_USE err sm2_decrypt(const struct sm2_pair *pair, struct bytes sealed, struct writer *w);
