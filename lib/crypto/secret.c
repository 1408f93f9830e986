/* SPDX-License-Identifier: Apache-2.0 */
/* Wiping, comparing and guarding, all by libsodium. */
#include "lib/crypto/secret.h"

#include <sodium.h>

err secret_from(struct bytes from, struct secret *ret_secret)
{
    if (from.len > SECRET_MAX) return ERR(LENGTH);
    secret_wipe(ret_secret);
    if (from.len > 0) memcpy(ret_secret->at, from.at, from.len);
    ret_secret->len = (uint8_t)from.len;
    return OK;
}

void secret_wipe(struct secret *secret)
{
    sodium_memzero(secret, sizeof *secret);
}

void secret_wipe_bytes(void *at, size_t len)
{
    sodium_memzero(at, len);
}

bool secret_equal(struct bytes a, struct bytes b)
{
    /* Lengths are public: they follow from the algorithm. */
    return a.len == b.len && (a.len == 0 || sodium_memcmp(a.at, b.at, a.len) == 0);
}

void *secret_memory(size_t size)
{
    if (sodium_init() < 0) return NULL;
    void *at = sodium_malloc(size);
    if (at != NULL) sodium_memzero(at, size); /* sodium_malloc fills with a pattern */
    return at;
}

void secret_memory_free(void *at)
{
    sodium_free(at);
}
