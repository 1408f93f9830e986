/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * self_test: known answers of every cipher that a program uses, at its start and once a day. A
 * library that computes something else must not be given keys.
 */

#include "lib/crypto/crypto.h"

/* For tests alone: alters what a part has computed before it is compared. */
struct self_test_hook {
    void (*alter)(void *context, const char *part, uint8_t *answer);
    void *context;
};

/* As crypto_self_test(); `hook` may be NULL. */
MUST_USE err crypto_self_test_hooked(struct crypto *crypto, const struct self_test_hook *hook,
                                     const char **ret_failed);

/* OK, or CRYPTO; *ret_failed (may be NULL) then names the first that failed. Takes about 50 us. */
MUST_USE err crypto_self_test(struct crypto *crypto, const char **ret_failed);
