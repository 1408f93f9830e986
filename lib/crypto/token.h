/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * token: what everything outside vault and hsm knows a card by. The same card gives the same token
 * on this host, and nobody without the token key can find the card from it, not even by trying all
 * card numbers of a range.
 *
 * Sixteen hex digits: 64 bits, so among a hundred million cards a collision has odds of 1 in 3,700.
 */

#include "lib/crypto/key.h"

enum { TOKEN_CHARS = 16, TOKEN_PAN_MIN = 12, TOKEN_PAN_MAX = 19 };

/*
 * The first eight bytes of HMAC-SHA-256 over the digits, as lower-case hex without a NUL.
 * Errors: KEY (usage is not TOKEN), LENGTH (not 12 to 19 digits), DIGIT, CRYPTO.
 */
MUST_USE err token_of_pan(struct crypto *crypto, const struct key *key, struct bytes pan,
                          char ret_token[TOKEN_CHARS]);
