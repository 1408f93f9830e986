/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * rsa: the bare operation, m^e mod n, as chip cards use it (EMV Book 2, annex B2.1), and SHA-1,
 * the hash of their certificates (annex B3.1). The format of what was signed is the caller's
 * business: lib/emv/certificate for cards.
 *
 * Numbers are big-endian; input and output have exactly the length of the modulus. OpenSSL's big
 * numbers live in its heap for the time of one call and are wiped when they are secret.
 */

#include "lib/base/bytes.h"

enum {
    RSA_BYTES_MIN = 64,  /* smaller ones are no key at all */
    RSA_BYTES_MAX = 256, /* cards have at most 248 (EMV Book 2, annex D) */
    RSA_SHA1_BYTES = 20,
};

/* A modulus of an allowed size, odd, with its highest bit set, and the exponent 3 or 65537. */
bool rsa_public_valid(struct bytes modulus, struct bytes exponent);

/*
 * in^exponent mod modulus into modulus.len bytes at `out` (may be in.at).
 * Errors: KEY (not rsa_public_valid), LENGTH (in is not as long as the modulus), RANGE (in is not
 * below it), CRYPTO.
 */
MUST_USE err rsa_public_raw(struct bytes modulus, struct bytes exponent, struct bytes in,
                            uint8_t *out);

/*
 * The private operation, in constant time, for the keys of virtual cards and test authorities; a
 * terminal has none. Errors as above; KEY also for a private exponent that is empty or longer than
 * the modulus.
 */
MUST_USE err rsa_private_raw(struct bytes modulus, struct bytes private_exponent, struct bytes in,
                             uint8_t *out);

/* SHA-1 (FIPS 180-4) over the parts one after the other. */
MUST_USE err rsa_sha1(const struct bytes *part, size_t parts, uint8_t ret_digest[RSA_SHA1_BYTES]);
