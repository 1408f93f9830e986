/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * bytes: a view of memory that somebody else owns, with its length beside it.
 *
 * Strings travel as bytes too; a NUL is never needed and never trusted. BYTES("...") makes a view
 * of a literal without its NUL, bytes_of() one of any fixed array.
 */

#include <string.h>

#include "lib/base/err.h"

struct bytes {
    const uint8_t *at;
    size_t len;
};

#define BYTES(literal)  ((struct bytes){(const uint8_t *)("" literal), sizeof(literal) - 1})
#define BYTES_OF(array) ((struct bytes){(const uint8_t *)(array), sizeof(array)})

static inline struct bytes bytes_of(const void *at, size_t len)
{
    return (struct bytes){(const uint8_t *)at, len};
}

/* View of a NUL-terminated string. */
static inline struct bytes bytes_text(const char *text)
{
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

/* Not for secrets: it stops at the first difference. Secrets use secret_equal() of lib/crypto. */
static inline bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool bytes_all_digits(struct bytes b)
{
    for (size_t i = 0; i < b.len; i++)
        if (b.at[i] < '0' || b.at[i] > '9') return false;
    return b.len > 0;
}

/* Copies `from` into a NUL-terminated array of `size` bytes. LENGTH when it does not fit. */
MUST_USE static inline err bytes_to_text(struct bytes from, char *to, size_t size)
{
    if (from.len >= size) return ERR(LENGTH);
    if (from.len > 0) memcpy(to, from.at, from.len);
    to[from.len] = '\0';
    return OK;
}
