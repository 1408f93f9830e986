/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * backup_source: a bundle (backup_bundle.h) that lies somewhere and is read from places in it: its
 * digest, by which two programs mean the same one, and its parts one after the other.
 */

#include "lib/wire/backup_bundle.h"

enum { BACKUP_DIGEST_BYTES = 32 };

struct backup_source {
    /* Up to `max` bytes from `offset` on; fewer at the end, which is no error. */
    err (*read)(void *context, uint64_t offset, void *block, size_t max, size_t *ret_len);
    void *context;
};

/* SHA-256 of all of it, and how long it is. Errors: those of `read`, NO_MEMORY. */
MUST_USE err backup_source_digest(const struct backup_source *source,
                                  uint8_t ret_digest[BACKUP_DIGEST_BYTES], uint64_t *ret_len);

/* What a bundle consists of, as far as anybody can see without a key. */
struct backup_outline {
    uint8_t head_block[BACKUP_HEAD_MAX];
    struct backup_head head; /* views into head_block */
    uint8_t signature[BACKUP_SIGNATURE_MAX];
    size_t signature_len;
    uint64_t signed_len; /* the bytes before the tail: what was signed */
};

/* Every part in its place, and nothing after the tail. Errors: those of backup_cut() and
 * backup_read_head(), FORMAT (parts that are not in their places), TRAILING, those of `read`. */
MUST_USE err backup_source_outline(const struct backup_source *source, struct backup_outline *out);
