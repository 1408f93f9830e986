/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * recovery_code: what a person keeps on paper for the day the second factor is lost. 65 random bits
 * as 13 characters of Crockford's base32 (no I, L, O, U), shown in groups: "7K2QP-MX04D-9TW". That
 * is above the 64 bits that NIST SP 800-63B-4 3.1.2 asks for and below the 112 for which a plain
 * hash would do, so a record is a keyed hash: HMAC-SHA-256 under a key that is not beside it.
 */

#include "lib/base/random.h"
#include "lib/base/writer.h"

enum {
    RECOVERY_CODE_CHARS = 13,
    RECOVERY_CODE_BITS = 5 * RECOVERY_CODE_CHARS,
    RECOVERY_CODE_TEXT = RECOVERY_CODE_CHARS + 2, /* with two dashes */
    RECOVERY_CODE_KEY_BYTES = 32,
    RECOVERY_CODE_HASH_BYTES = 32,
};

/* With dashes and a NUL. */
void recovery_code_make(const struct random *random, char ret_text[RECOVERY_CODE_TEXT + 1]);

/*
 * The record of what somebody typed: small letters, spaces and dashes are forgiven, and so are O
 * for 0 and I, L for 1, which Crockford's alphabet lacks for that reason. FORMAT when it is no
 * code.
 */
MUST_USE err recovery_code_hash(const uint8_t key[RECOVERY_CODE_KEY_BYTES], struct bytes text,
                                uint8_t ret_hash[RECOVERY_CODE_HASH_BYTES]);
