/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * delta: what makes a newer file out of an older one that a device has already, so that a new build
 * of 7 MB travels as some kilobytes. It is worth no trust: who applies it holds the result against
 * the hashes of the whole file, which are signed, and takes the whole file when anything is wrong.
 *
 *   8   "TBDELTA1"
 *   32  SHA-256 of the file before
 *   8   length of the file that comes out, big-endian
 *   32  SHA-256 of the file that comes out
 *   n   one frame of Zstandard (RFC 8878), whose prefix is the file before, and nothing behind it
 *
 * The frame is decoded in one call into a block of exactly the announced length: a frame that holds
 * more is refused there, so that no bomb grows, and the decoder keeps no window of its own. Memory
 * is the file before, the file after and some 200 kB; a frame's window is at most 128 MB
 * (DELTA_WINDOW_LOG_MAX), which is what two files of DELTA_FILE_MAX need.
 *
 * Source     libzstd 1.5: ZSTD_CCtx_refPrefix(), which `zstd --patch-from` uses, too.
 */

#include "lib/base/writer.h"
#include "lib/crypto/crypto.h"

enum {
    DELTA_HEAD_BYTES = 8 + CRYPTO_SHA256_BYTES + 8 + CRYPTO_SHA256_BYTES,
    DELTA_FILE_MAX = 64 * 1024 * 1024, /* as TUF_FILE_BYTES: either of the two */
    DELTA_WINDOW_LOG_MAX = 27,         /* reaches over both */
    DELTA_PATH_ADDS = 1 + 16 + 6       /* what delta_path() puts behind a path */
};

struct delta {
    uint8_t from[CRYPTO_SHA256_BYTES], to[CRYPTO_SHA256_BYTES];
    size_t length; /* of the file that comes out, from 1 to DELTA_FILE_MAX */
    struct bytes frame;
};

/* Takes the head; the frame is a view of `text` and may hold anything. Errors: SHORT, FORMAT,
 * LENGTH (more would come out than a file may have). */
MUST_USE err delta_read(struct bytes text, struct delta *ret_delta);

/*
 * Makes the file into `block`, of `max` bytes. Errors, after which the block may hold anything:
 * those of delta_read(), CONFLICT (made for another file before), LENGTH (it does not fit),
 * CORRUPT (the frame is none, or something else comes out), NO_MEMORY.
 */
MUST_USE err delta_apply(struct bytes text, struct bytes before, void *block, size_t max,
                         size_t *ret_len);

/* Appends a delta. For whoever publishes: takes seconds for a file of 7 MB, and up to 1 GB of
 * memory for the longest. Errors: LENGTH (a file is empty or longer than DELTA_FILE_MAX), FULL,
 * NO_MEMORY. */
MUST_USE err delta_write(struct bytes before, struct bytes after, struct writer *w);

/* The path of the delta that leads from the file with this digest to the one that is now announced
 * as `path`: "TB-1.image.0123456789abcdef.delta". FULL: it does not fit. */
MUST_USE err delta_path(const char *path, const uint8_t from[CRYPTO_SHA256_BYTES], char *out,
                        size_t size);
