/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * sm4_gcm: GCM (NIST SP 800-38D) over SM4, as RFC 8998 has it; OpenSSL 3.0 has SM4 and not this
 * mode of it. The block cipher stays OpenSSL's; counter, GHASH and tag are here. GHASH reads no
 * table and takes no branch by what it multiplies, so its time says nothing of the key.
 *
 * Tags are CIPHER_TAG_BYTES long. A nonce is used once under a key: twelve random bytes, or any
 * other length of at least one byte where a partner says so.
 *
 * These functions do not look at a key's usage: their callers in this folder do.
 */

#include "lib/crypto/cipher.h"

/*
 * Writes plain.len + CIPHER_TAG_BYTES bytes at `out`, which may be plain.at.
 * Errors: KEY (not SM4), LENGTH (no nonce), CRYPTO.
 */
MUST_USE err sm4_gcm_seal(struct crypto *crypto, const struct key *key, struct bytes nonce,
                          struct bytes associated, struct bytes plain, uint8_t *out);

/*
 * Takes what seal wrote and writes sealed.len - CIPHER_TAG_BYTES bytes, only when the tag is right
 * and zeros otherwise. Errors: KEY, LENGTH, SHORT (less than a tag), MAC (altered), CRYPTO.
 */
MUST_USE err sm4_gcm_open(struct crypto *crypto, const struct key *key, struct bytes nonce,
                          struct bytes associated, struct bytes sealed, uint8_t *out);

enum { SM4_BLOCK_BYTES = 16 };

/*
 * Counter mode: encrypts or decrypts `in` to `out` (may be in.at), beginning with this counter,
 * whose last four bytes count on and wrap. For the two modes that are built on it.
 */
MUST_USE err sm4_ctr(struct crypto *crypto, const struct key *key,
                     const uint8_t counter[SM4_BLOCK_BYTES], struct bytes in, uint8_t *out);
