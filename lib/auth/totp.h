/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * totp: one-time codes of an authenticator app. RFC 6238 with what every app does: HMAC-SHA-1, 30
 * seconds, six digits. A code is taken once: the step that was used is remembered, and no step up
 * to it is taken again. One step of clock difference either way is allowed.
 */

#include "lib/base/random.h"
#include "lib/base/writer.h"

enum {
    TOTP_SECRET_BYTES = 20, /* RFC 4226 section 4 recommends 160 bits */
    TOTP_DIGITS = 6,
    TOTP_STEP_MS = 30000,
    TOTP_DRIFT_STEPS = 1,
    TOTP_BASE32_CHARS = 32,
};

/* The code of one step, below 10^`digits` (6 to 8). Errors: CRYPTO. */
MUST_USE err totp_code(struct bytes secret, uint64_t step, unsigned digits, uint32_t *ret_code);

/*
 * Is `code` right at this time? `last_step` is the step of the last code that was taken (0: none);
 * when the code is right *ret_step is to be stored, durably, before anything is granted.
 * Errors: CRYPTO.
 */
MUST_USE err totp_check(struct bytes secret, struct bytes code, int64_t now_ms, int64_t last_step,
                        bool *ret_right, int64_t *ret_step);

/* The secret as people type it: 32 characters of base32. */
void totp_write_base32(struct writer *w, const uint8_t secret[TOTP_SECRET_BYTES]);

/* What the QR shows: "otpauth://totp/issuer:account?secret=...". Names are percent-encoded. */
void totp_write_uri(struct writer *w, const uint8_t secret[TOTP_SECRET_BYTES], struct bytes issuer,
                    struct bytes account);
