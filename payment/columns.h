/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Characters and their columns, for receipt.c; receipt_columns() is in receipt.h. */

#include <stddef.h>
#include <stdint.h>

/* The code point at `at`, which is not its NUL, and its bytes. */
size_t columns_point(const char *at, uint32_t *ret_code);

/* 2 for wide characters, else 1. */
size_t columns_of_point(uint32_t code);
