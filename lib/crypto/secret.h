/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * secret: bytes that must be wiped, compared in constant time and never printed.
 *
 * A `struct secret` is a value: it lives on a stack or inside another struct, and whoever holds
 * one declares it `CLEANUP(secret_wipe)` or wipes it. Keys that live as long as the process belong
 * in secret_memory(), which is locked, kept out of core dumps and fenced by guard pages.
 */

#include "lib/base/bytes.h"

enum { SECRET_MAX = 64 }; /* the longest key in use is an HMAC key of 64 bytes */

struct secret {
    uint8_t at[SECRET_MAX];
    uint8_t len;
};

/* Copies `from`. LENGTH when it is longer than SECRET_MAX. */
MUST_USE err secret_from(struct bytes from, struct secret *ret_secret);

/* View that lives as long as `secret`. */
static inline struct bytes secret_view(const struct secret *secret)
{
    return (struct bytes){secret->at, secret->len};
}

/* Zeroes the whole struct in a way that the compiler may not leave out. For CLEANUP. */
void secret_wipe(struct secret *secret);

/* Zeroes any memory in that way. */
void secret_wipe_bytes(void *at, size_t len);

/* Equal, in a time that depends only on the lengths. */
bool secret_equal(struct bytes a, struct bytes b);

/*
 * `size` bytes of guarded memory, zeroed, or NULL when there is none. Locked against swapping as
 * far as RLIMIT_MEMLOCK allows. For start-up only. Freed, after wiping, by secret_memory_free (NULL
 * is harmless).
 */
void *secret_memory(size_t size);
void secret_memory_free(void *at);
