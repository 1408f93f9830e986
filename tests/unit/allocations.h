/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * allocations: how often code of ours takes memory. The linker puts these functions in the place of
 * malloc, calloc and realloc wherever an object of ours calls them (count_allocations in
 * tests/meson.build); what OpenSSL and SQLite take for themselves is not seen. Payments take none:
 * everything has its place from the start (STYLE.md), and a slow allocator or a full one is no
 * matter of a payment.
 */

#include <stddef.h>

static size_t allocations;

/* NOLINTBEGIN: the linker says how they are called */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *at, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *at, size_t size);

void *__wrap_malloc(size_t size)
{
    allocations++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    allocations++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *at, size_t size)
{
    allocations++;
    return __real_realloc(at, size);
}
/* NOLINTEND */
