/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * image: what stands in a slot: a head, a signature, and the software. It proves itself, without
 * the metadata that it came with: what starts the software has a key and nothing else.
 *
 *   8   "TBIMAGE1"
 *   8   version, big-endian, from 1; a higher one is newer
 *   16  model, padded with zero bytes
 *   8   length of the software
 *   32  SHA-256 of the software
 *   64  Ed25519 over the 72 bytes before
 *   n   the software, and nothing behind it
 */

#include "lib/base/writer.h"
#include "lib/crypto/document_key.h"

enum {
    IMAGE_MODEL_BYTES = 16,
    IMAGE_SIGNED_BYTES = 72,
    IMAGE_HEAD_BYTES = IMAGE_SIGNED_BYTES + 64,
    IMAGE_BYTES_MAX = 64 * 1024 * 1024 /* as TUF_FILE_BYTES */
};

struct image {
    uint64_t version;
    struct bytes software;
};

/*
 * All of `content` is an image of `model`, signed by `key` (Ed25519). Errors: SHORT, TRAILING,
 * FORMAT (no head of ours), IDENTITY (not signed by the key, or the software is another), CONFLICT
 * (signed, and for another model). A view of `content`.
 */
MUST_USE err image_check(struct bytes content, const char *model, const struct document_key *key,
                         struct image *ret_image);

/* Version and model as the head says them, which nobody has checked: for whoever publishes. False:
 * it is no image. */
bool image_peek(struct bytes content, uint64_t *ret_version, char ret_model[IMAGE_MODEL_BYTES + 1]);

/* Appends an image. Errors: RANGE (version 0), LENGTH (the model), FULL, KEY (no private half). */
MUST_USE err image_write(uint64_t version, const char *model, struct bytes software,
                         const struct document_key *key, struct writer *w);
