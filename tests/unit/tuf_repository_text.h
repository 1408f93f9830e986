/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* tuf_repository_text: how tuf_repository writes and signs what it publishes. */

#include "tests/unit/tuf_repository.h"

enum { REPOSITORY_TEXT = 256 * 1024 };

/* The whole of a role's metadata into `out` of REPOSITORY_TEXT bytes. */
size_t repository_write(struct repository *r, const struct repository_role *role, char *out);

/* SHA-256 or SHA-512 as hexadecimal digits. */
void repository_hash(const char *text, size_t len, bool sha512, char out[129]);
