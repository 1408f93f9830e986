/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * file: small whole files: keys, certificates, provisioning, pictures. What grows is a store.
 */

#include "lib/base/bytes.h"

/*
 * Reads all of a regular file into `block` of `max` bytes. A symbolic link is not followed.
 * Errors: NOT_FOUND, DENIED, LENGTH (longer than `max`), FORMAT (no regular file), IO.
 */
MUST_USE err file_read(const char *path, void *block, size_t max, struct bytes *ret_content);

/* The same, following links: for files that a person names on a command line. "-" is standard
 * input. */
MUST_USE err file_read_named(const char *path, void *block, size_t max, struct bytes *ret_content);

/*
 * Writes a file that is there whole or not at all: to a name beside it, synced, renamed, and the
 * directory synced. `mode` as in open(2): 0600 for secrets.
 * Errors: NOT_FOUND (no such directory), DENIED, READ_ONLY, FULL, IO.
 */
MUST_USE err file_write(const char *path, struct bytes content, unsigned mode);

/* True when something of this name is there. */
bool file_exists(const char *path);
