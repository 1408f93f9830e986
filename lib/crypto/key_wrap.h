/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * key_wrap: AES key wrap, RFC 3394 (NIST SP 800-38F KW), and with padding, RFC 5649 (KWP): the
 * form in which a PKCS#11 token or another maker's hsm takes a key. It says nothing of what the key
 * is for, so nothing of ours is kept in it: our own keys are key blocks (lib/crypto/keyblock.h).
 *
 * `kek` is AES of any length, of usage MASTER, TERMINAL_MASTER or ZONE_MASTER. Of the values, KW
 * takes 16 bytes and more in steps of eight (SP 800-38F, 5.3.1), KWP one byte and more; both end at
 * KEY_WRAP_VALUE_MAX. Not for the hot path: the cipher is fetched for each call.
 */

#include "lib/base/writer.h"
#include "lib/crypto/key.h"

enum key_wrap_form { KEY_WRAP_PLAIN, KEY_WRAP_PADDED };

enum {
    KEY_WRAP_VALUE_MAX = 2048, /* an RSA private key */
    KEY_WRAP_OVERHEAD_MAX = 8 + 7
};

/* Appends the wrapped value. Errors: KEY, LENGTH, FULL, CRYPTO. */
MUST_USE err key_wrap(enum key_wrap_form form, const struct key *kek, struct bytes value,
                      struct writer *w);

/*
 * The value into `max` bytes at `ret_value`; it is secret, and the caller wipes it. Nothing is
 * written on failure. Errors: KEY, LENGTH (no length of this form, or above `max`), MAC (altered,
 * another key, or padding that is none), CRYPTO.
 */
MUST_USE err key_unwrap(enum key_wrap_form form, const struct key *kek, struct bytes wrapped,
                        uint8_t *ret_value, size_t max, size_t *ret_len);
