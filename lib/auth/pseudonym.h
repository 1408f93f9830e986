/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * pseudonym: a number in the place of a text that must not be kept, the same for the same text and
 * key: SipHash-2-4. Who has the numbers and not the key can neither turn them back nor try texts.
 */

#include "lib/base/bytes.h"
#include "lib/base/random.h"

enum { PSEUDONYM_KEY_BYTES = 16 };

uint64_t pseudonym_of(const uint8_t key[static PSEUDONYM_KEY_BYTES], struct bytes text);

/*
 * Reads the key of a file that nobody else may read; with `random` one that is not there is made.
 * Errors: NOT_FOUND (`random` is NULL), FORMAT (not a key), and those of lib/base/file.h.
 */
MUST_USE err pseudonym_key_load(const char *path, const struct random *random,
                                uint8_t ret_key[static PSEUDONYM_KEY_BYTES]);
