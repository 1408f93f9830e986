/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * file: small files that are read and written whole: keys, certificates, provisioning. Not for
 * records (lib/store) and not for anything that grows.
 *
 * Writing is atomic and durable: a file of another name is written, synced, renamed over the
 * old one, and the directory synced. Who looks at any moment finds all of the old or all of the
 * new.
 */

#include "lib/base/bytes.h"

enum { FILE_PATH_MAX = 512 };

enum file_access {
    FILE_PRIVATE = 0600, /* secrets: nobody else may read it */
    FILE_PUBLIC = 0644
};

/*
 * Reads all of `path` into `block` of `max` bytes. FILE_PRIVATE refuses a file that is not ours or
 * that others may read. Errors: NOT_FOUND, DENIED, LENGTH (more than `max`), CONFIG (not a plain
 * file, or a link), IO.
 */
MUST_USE err file_read(const char *path, enum file_access access, void *block, size_t max,
                       size_t *ret_len);

/* Reads standard input to its end. Errors: LENGTH, IO. */
MUST_USE err file_read_input(void *block, size_t max, size_t *ret_len);

/*
 * Writes all of `content`. Errors: DENIED, FULL, READ_ONLY, NOT_FOUND (no such directory), CONFIG
 * (the path is too long), IO.
 */
MUST_USE err file_write(const char *path, enum file_access access, struct bytes content);

/*
 * Writes `content` over the bytes that a file of ours begins with, in place, and syncs: so that
 * what was there is gone, as far as the medium goes along (a flash or a file system that copies on
 * writing may keep it). Errors: NOT_FOUND, DENIED, CONFIG (not a plain file, or a link), READ_ONLY,
 * IO.
 */
MUST_USE err file_overwrite(const char *path, struct bytes content);

/* Removes a file. Errors: NOT_FOUND, DENIED, READ_ONLY, IO. */
MUST_USE err file_remove(const char *path);

/* "directory/name" with a NUL into `out` of `size` bytes. Errors: CONFIG (it does not fit). */
MUST_USE err file_path(const char *directory, const char *name, char *out, size_t size);
