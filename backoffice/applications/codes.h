/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * codes: six digits by SMS: to verify the telephone, to sign, to go on at another device (S128,
 * S135). A code is kept as the hsm's keyed hash, is good for ten minutes and five tries, and works
 * once. The hsm is asked outside of transactions: make, or hash, first, then send, or take.
 * How often a telephone can be sent one is the outbox's to limit (TOO_OFTEN).
 */

#include "backoffice/applications/application.h"

/* Stored. */
enum code_purpose { CODE_PHONE = 1, CODE_SIGN = 2, CODE_RETURN = 3, CODE_PURPOSES = 4 };

struct application_code {
    enum code_purpose purpose;
    char digits[7]; /* wiped by the caller when it was sent */
    uint8_t hash[TOKEN_HASH_BYTES];
};

MUST_USE err application_code_make(const struct applications *applications, int64_t id,
                                   enum code_purpose purpose, struct application_code *ret_code);
/* LACKS: no telephone is filled in. TOO_OFTEN: the outbox takes no more now. */
MUST_USE err application_code_send(const struct applications *applications, struct store_tx *tx,
                                   const struct application *application,
                                   const struct application_code *code,
                                   enum application_verdict *ret_verdict);

MUST_USE err application_code_hash(const struct applications *applications, int64_t id,
                                   enum code_purpose purpose, struct bytes said,
                                   uint8_t ret_hash[TOKEN_HASH_BYTES]);
/* CODE: wrong, a try is spent. CODE_ENDED: too old, used, or too many tries. Commit in any case. */
MUST_USE err application_code_take(const struct applications *applications, struct store_tx *tx,
                                   int64_t id, enum code_purpose purpose,
                                   const uint8_t said[TOKEN_HASH_BYTES],
                                   enum application_verdict *ret_verdict);
