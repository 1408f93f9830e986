/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* keyed_mac: CMAC and HMAC over raw key bytes, for the other files of this folder only. */

#include "lib/crypto/crypto.h"

/*
 * One whole MAC into ret_mac: 8 (TDES), 16 (AES) or 32 (HMAC) bytes; the caller has room for 32.
 * TDES takes 16 or 24 bytes of key, the other ciphers their own, HMAC (RFC 2104, 3) what the two
 * limits say; a `struct key` for HMAC has 32. Errors: KEY, CRYPTO.
 */
enum {
    KEYED_MAC_HMAC_KEY_MIN = 16, /* 128 bits: nothing weaker is a key here */
    KEYED_MAC_HMAC_KEY_MAX = 128
};

MUST_USE err keyed_mac(struct crypto *crypto, enum crypto_mac which, struct bytes key,
                       struct bytes data, uint8_t *ret_mac);
