/* SPDX-License-Identifier: Apache-2.0 */
/* Draw, ask the policy, draw again: rejection keeps what is accepted uniform. */
#include "lib/auth/one_time.h"

#include <sodium.h>

enum { DRAWS_MAX = 1000 };

err one_time_make(const struct random *random, const struct policy *policy,
                  const struct policy_person *person, const struct blocklist *blocklist,
                  char ret_password[ONE_TIME_DIGITS + 1])
{
    /* Only its length differs: a keypad's fixed four digits would be too few to print. */
    struct policy printed = *policy;
    printed.profile = POLICY_NUMERIC_FIXED;
    printed.min = printed.max = printed.digits_only_min = ONE_TIME_DIGITS;
    printed.classes = 0;
    char first = policy->digit_keys == 10 ? '0' : '1', digits[ONE_TIME_DIGITS + 1] = {0};
    for (int draw = 0; draw < DRAWS_MAX; draw++) {
        for (size_t i = 0; i < ONE_TIME_DIGITS; i++)
            digits[i] = (char)(first + (char)random_below(random, policy->digit_keys));
        struct bytes drawn = bytes_of(digits, ONE_TIME_DIGITS);
        if (policy_check(&printed, person, blocklist, drawn).broken != 0) continue;
        memcpy(ret_password, digits, sizeof digits);
        sodium_memzero(digits, sizeof digits);
        return OK;
    }
    sodium_memzero(digits, sizeof digits);
    return ERR(CRYPTO);
}
