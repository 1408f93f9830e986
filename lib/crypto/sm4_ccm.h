/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * sm4_ccm: CCM (NIST SP 800-38C) over SM4, as RFC 8998 has it, for partners who ask for it;
 * envelopes of our own are sm4_gcm. Nonces of 7 to 13 bytes, used once under a key; tags of 4 to 16
 * bytes, even. A text may be as long as the nonce leaves room to count: 65,535 bytes with 13.
 *
 * These functions do not look at a key's usage: their callers in this folder do.
 */

#include "lib/crypto/cipher.h"

enum { SM4_CCM_NONCE_MIN = 7, SM4_CCM_NONCE_MAX = 13, SM4_CCM_TAG_MIN = 4 };

/*
 * Writes plain.len + tag_len bytes at `out`, which must not be plain.at.
 * Errors: KEY (not SM4), LENGTH (of nonce, tag, text or associated data), CRYPTO.
 */
MUST_USE err sm4_ccm_seal(struct crypto *crypto, const struct key *key, struct bytes nonce,
                          size_t tag_len, struct bytes associated, struct bytes plain,
                          uint8_t *out);

/*
 * Takes what seal wrote and writes sealed.len - tag_len bytes at `out`, which must not be
 * sealed.at: zeros when the tag is wrong. Errors: KEY, LENGTH, SHORT (less than a tag), MAC
 * (altered), CRYPTO.
 */
MUST_USE err sm4_ccm_open(struct crypto *crypto, const struct key *key, struct bytes nonce,
                          size_t tag_len, struct bytes associated, struct bytes sealed,
                          uint8_t *out);
