/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * normalise: what was typed, in the one form that is checked and hashed: Unicode NFKC (NIST SP
 * 800-63B-4 3.1.1.2), so that full-width digits of a Chinese input method are the same password as
 * plain ones, and an accent typed in two ways is one character. Nothing else is changed: no case,
 * no space at either end, and nothing is ever cut off (CR-05).
 *
 * Set, change and log-in must all pass through here before anything is hashed.
 */

#include "lib/auth/verdicts.h"
#include "lib/base/bytes.h"

enum {
    PASSWORD_TEXT_BYTES = 512,  /* both before and after; PASSWORD_MAX of password.h */
    PASSWORD_TEXT_POINTS = 128, /* code points after it */
};

/* Owns its bytes, which are a secret: CLEANUP(password_text_wipe). */
struct password_text {
    uint8_t at[PASSWORD_TEXT_BYTES];
    size_t len;
    size_t points;
};

void password_text_wipe(struct password_text *text);

static inline struct bytes password_text_view(const struct password_text *text)
{
    return (struct bytes){text->at, text->len};
}

/*
 * OK, or NOT_TEXT (not UTF-8, or a noncharacter), CONTROL (NUL, line ends, tabs and other
 * characters without a picture), TOO_LONG (above 512 bytes or 128 code points). On a refusal
 * *ret_text is untouched. Empty is OK and empty.
 */
enum policy_verdict password_normalise(struct bytes typed, struct password_text *ret_text);
