/* SPDX-License-Identifier: Apache-2.0 */
/* Draw, ask the policy, draw again: rejection keeps what is accepted uniform. */
#include "lib/auth/one_time.h"

#include <sodium.h>

enum { DRAWS_MAX = 1000 };

err one_time_make(const struct random *random, struct policy policy,
                  const struct policy_context *context, char ret_password[ONE_TIME_DIGITS + 1])
{
    ENSURE(policy.min <= ONE_TIME_DIGITS && policy.max >= ONE_TIME_DIGITS);
    char digits[ONE_TIME_DIGITS + 1] = {0};
    for (int draw = 0; draw < DRAWS_MAX; draw++) {
        for (size_t i = 0; i < ONE_TIME_DIGITS; i++)
            digits[i] = (char)('0' + random_below(random, 10));
        if (policy_check(policy, context, bytes_of(digits, ONE_TIME_DIGITS)) != POLICY_OK) continue;
        memcpy(ret_password, digits, sizeof digits);
        sodium_memzero(digits, sizeof digits);
        return OK;
    }
    sodium_memzero(digits, sizeof digits);
    return ERR(CRYPTO);
}
