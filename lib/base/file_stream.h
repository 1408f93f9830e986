/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * file_stream: a file that is written from its beginning to its end, too long to be held whole: a
 * backup on a medium that somebody may pull out. It has its name when all of it is on the medium;
 * until then it lies beside it under "NAME.part", and whoever is killed leaves that.
 *
 * Errors: NOT_FOUND (no such directory: the medium is not there), DENIED, READ_ONLY, FULL, CONFIG
 * (the path is too long), IO.
 */

#include "lib/base/file.h"

/* Zeroed is none; for CLEANUP(file_stream_abandon). */
struct file_stream {
    bool open;
    int fd;
    char path[FILE_PATH_MAX];
};

MUST_USE err file_stream_begin(struct file_stream *stream, const char *path);
MUST_USE err file_stream_append(struct file_stream *stream, struct bytes b);
/* Syncs, and gives it its name. A failure has abandoned it. */
MUST_USE err file_stream_finish(struct file_stream *stream);
/* What was written is removed. Harmless when there is none. */
void file_stream_abandon(struct file_stream *stream);

/* Up to `max` bytes from `offset` on; fewer at the end, which is no error. */
MUST_USE err file_read_at(const char *path, uint64_t offset, void *block, size_t max,
                          size_t *ret_len);

/* The names in a directory that end with `suffix`, in no order; `each` may stop it by an err. */
MUST_USE err file_each(const char *directory, const char *suffix,
                       err (*each)(void *context, const char *name), void *context);
