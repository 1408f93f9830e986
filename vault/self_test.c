/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Before a vault touches a key it asks its parts for known answers, and its source of randomness
 * whether it is alive (DV-08). A part that answers wrongly stops the start, and is named.
 */
#include <stdio.h>

#include "lib/crypto/self_test.h"
#include "vault/state.h"

enum {
    HEALTH_BYTES = 512,
    HEALTH_ONES_MIN = 1800, /* of 4096 bits: eight standard deviations (32) from the middle */
    HEALTH_ONES_MAX = 4096 - HEALTH_ONES_MIN,
};

static err failed(struct vault_fault *fault, const char *what)
{
    if (fault != NULL)
        snprintf(
            fault->text, sizeof fault->text,
            "self-test: %s does not give the known answer; the installation is damaged, install "
            "it anew",
            what);
    return ERR(CRYPTO);
}

/* Crude on purpose: it finds a source that is stuck, short or missing, not one that is clever. */
static bool random_is_alive(const struct random *random)
{
    uint8_t drawn[HEALTH_BYTES];
    random_fill(random, drawn, sizeof drawn);
    unsigned ones = 0;
    for (size_t i = 0; i < sizeof drawn; i++) ones += (unsigned)__builtin_popcount(drawn[i]);
    if (ones < HEALTH_ONES_MIN || ones > HEALTH_ONES_MAX) return false;
    /* Sixteen bytes drawn twice are a source that repeats itself. */
    for (size_t i = 16; i < sizeof drawn; i += 16)
        if (memcmp(drawn + i, drawn + i - 16, 16) == 0) return false;
    return true;
}

err vault_self_test(struct crypto *crypto, const struct random *random, struct vault_fault *fault)
{
    /* First of all: random_below() would wait for ever for a source that is stuck. */
    if (!random_is_alive(random)) return failed(fault, "the source of randomness");
    const char *cipher = "cipher";
    if (FAILED(crypto_self_test(crypto, &cipher))) return failed(fault, cipher);
    if (FAILED(password_self_test())) return failed(fault, "Argon2id");
    return OK;
}
