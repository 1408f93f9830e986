/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cipher: block ciphers over keys. ECB carries keys under keys and single blocks (PIN blocks, check
 * values) and nothing else; whatever is longer than a key goes through GCM.
 *
 * These functions do not look at a key's usage: their callers in this folder do.
 */

#include "lib/crypto/key.h"

enum { CIPHER_NONCE_BYTES = 12, CIPHER_TAG_BYTES = 16 };

/*
 * Encrypts or decrypts `in`, one or more whole blocks, into in.len bytes at `out` (may be in.at).
 * Errors: LENGTH (no whole number of blocks, or none), KEY (the key is no block cipher's), CRYPTO.
 */
MUST_USE err cipher_ecb_encrypt(struct crypto *crypto, const struct key *key, struct bytes in,
                                uint8_t *out);
MUST_USE err cipher_ecb_decrypt(struct crypto *crypto, const struct key *key, struct bytes in,
                                uint8_t *out);

/*
 * CBC without padding, `iv` of one block. Key blocks and retail MACs are built on it.
 * Errors as above.
 */
MUST_USE err cipher_cbc_encrypt(struct crypto *crypto, const struct key *key, const uint8_t *iv,
                                struct bytes in, uint8_t *out);
MUST_USE err cipher_cbc_decrypt(struct crypto *crypto, const struct key *key, const uint8_t *iv,
                                struct bytes in, uint8_t *out);

/*
 * GCM (NIST SP 800-38D) with a 12-byte nonce and a 16-byte tag; of SM4 it is sm4_gcm.h. A nonce is
 * used once under a key. Seal writes plain.len + CIPHER_TAG_BYTES bytes. Open takes what seal wrote
 * and writes sealed.len - CIPHER_TAG_BYTES bytes, zeros when the tag is wrong. Errors: KEY (not
 * AES-128, AES-256 or SM4), SHORT (open: less than a tag), MAC (open: altered), CRYPTO.
 */
MUST_USE err cipher_gcm_seal(struct crypto *crypto, const struct key *key,
                             const uint8_t nonce[CIPHER_NONCE_BYTES], struct bytes associated,
                             struct bytes plain, uint8_t *out);
MUST_USE err cipher_gcm_open(struct crypto *crypto, const struct key *key,
                             const uint8_t nonce[CIPHER_NONCE_BYTES], struct bytes associated,
                             struct bytes sealed, uint8_t *out);
