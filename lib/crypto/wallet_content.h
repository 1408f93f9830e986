/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * wallet_content: what Alipay's open platform calls content encryption: AES in CBC with an IV of
 * zeros and PKCS#7 padding. Equal texts give equal ciphertexts, and nothing is authenticated: it
 * hides, and the signature over it is what protects. Nothing else here uses it.
 */

#include "lib/crypto/cipher.h"

enum { WALLET_CONTENT_BLOCK = 16 };

/* Writes at most text.len + WALLET_CONTENT_BLOCK bytes. Errors: KEY (no AES key), CRYPTO. */
MUST_USE err wallet_content_seal(struct crypto *crypto, const struct key *key, struct bytes text,
                                 uint8_t *out, size_t *ret_len);

/* Writes fewer than sealed.len bytes; `out` has room for sealed.len. Errors: as above; FORMAT (no
 * whole blocks, or no padding: another key's, or altered). */
MUST_USE err wallet_content_open(struct crypto *crypto, const struct key *key, struct bytes sealed,
                                 uint8_t *out, size_t *ret_len);
