/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * approval: a phone that was paired with a terminal says yes to something there (S173). The phone
 * makes a P-256 key that never leaves it; the vault keeps the public half.
 *
 *   check      first 8 bytes of SHA-256(token | public key), big-endian, modulo 10^6, as six
 * digits: shown on both screens before the pair counts, so that nobody slips in another key
 *   signature  ECDSA over SHA-256("tongbao approval v1" | challenge), r and s of 32 bytes each, as
 *              WebCrypto gives them
 */

#include "lib/crypto/crypto.h"

enum {
    APPROVAL_KEY_BYTES = 65, /* 04, X, Y */
    APPROVAL_SIGNATURE_BYTES = 64,
    APPROVAL_CHECK_DIGITS = 6
};

/* A point of the curve, uncompressed, and not the one at infinity. */
bool approval_key_valid(struct bytes public_key);

void approval_check(struct bytes token, struct bytes public_key,
                    char ret_digits[APPROVAL_CHECK_DIGITS + 1]);

/* OK, or IDENTITY: not signed by this key, or no signature. Errors: FORMAT (no key), CRYPTO. */
MUST_USE err approval_verify(struct bytes public_key, struct bytes challenge,
                             struct bytes signature);
