/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Hexadecimal text to bytes. Strict: an even number of hex digits and nothing else. */

#include "lib/base/bytes.h"

/*
 * Decodes `text` into `out` of `max` bytes and says how many were written.
 * Errors: FORMAT (a character that is no hex digit, an odd count), LENGTH (more than `max` bytes).
 */
MUST_USE err hex_decode(struct bytes text, uint8_t *out, size_t max, size_t *ret_len);
