/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Deltas of a repository: what leads from an image that devices have to the one that is announced
 * (lib/tuf/delta.h). */

#include "cli/updates_repository.h"

/*
 * Makes a delta to the file `name` of `targets`, and puts it into `targets`. `from`: a file with
 * the image before; NULL takes what is published as `name` now. Errors, with `fault`: NOT_FOUND (no
 * such file), CONFLICT (the two are no images of one model, or not an older and a newer one), FULL
 * (it would not be shorter than the image, or there are too many files), and of files.
 */
MUST_USE err updates_delta_add(struct updates_repository *r, const char *name, const char *from,
                               struct tuf_author_targets *targets, struct process_fault *fault);

/* Takes back the deltas of `name` that lead elsewhere than to `to`; NULL: all of them. */
void updates_delta_drop(struct tuf_author_targets *targets, const char *name,
                        const uint8_t to[TUF_SHA256_BYTES]);
