/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * challenge: what a passkey has to sign. A challenge is 8 bytes of time, 8 of chance and a MAC of
 * 16 over those and what it is for, under a key of this process: so nothing is kept for those who
 * ask and never answer, and no number of them crowds anybody out. Answered ones are remembered
 * until they expire, and each is good once.
 */

#include "backoffice/core.h"
#include "lib/auth/webauthn.h"

enum challenge_purpose { CHALLENGE_LOGIN = 1, CHALLENGE_ADD = 2, CHALLENGE_STEP_UP = 3 };

struct challenge {
    enum challenge_purpose purpose;
    enum realm realm;
    int64_t session; /* 0 when nobody is known yet */
};

void challenge_make(struct backoffice *backoffice, const struct challenge *what, int64_t now_ms,
                    uint8_t ret[WEBAUTHN_CHALLENGE_BYTES]);

/* Ours, for this, in time, and not answered before. Does not count as answered yet. */
bool challenge_good(struct backoffice *backoffice, const struct challenge *what, int64_t now_ms,
                    const uint8_t challenge[WEBAUTHN_CHALLENGE_BYTES]);
/* From now on it is answered. FULL: too many are, and none has expired yet. */
MUST_USE err challenge_spend(struct backoffice *backoffice, int64_t now_ms,
                             const uint8_t challenge[WEBAUTHN_CHALLENGE_BYTES]);

MUST_USE err challenges_open(struct backoffice *backoffice);
void challenges_close(struct backoffice *backoffice);
