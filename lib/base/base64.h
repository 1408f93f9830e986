/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Base64 with padding (RFC 4648 section 4), strict: one value has one spelling. */

#include "lib/base/writer.h"

/* Appends the text of `b`. */
void base64_write(struct writer *w, struct bytes b);

/*
 * Decodes `text` into `out` of `max` bytes. Errors: FORMAT (a character that is not of the
 * alphabet, missing or misplaced padding, stray bits behind the last byte), LENGTH.
 */
MUST_USE err base64_decode(struct bytes text, uint8_t *out, size_t max, size_t *ret_len);
