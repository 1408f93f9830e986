/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * stage_updates: the terminal of a stage as it is in the field: started out of a slot by
 * tongbao-update, from a repository that this run has made. One custodian signs for everything
 * here; a host has several, each with his own key (`tongbao updates`).
 */

#include "cli/stage.h"

enum { STAGE_PASSPHRASE = 40 };

struct stage_updates {
    char repository[160], metadata[160], targets[160], slots[160], custodian[160], image_key[160];
    char passphrase[STAGE_PASSPHRASE + 2]; /* with its line feed */
    char custodian_public[65], image_public[65];
    char metadata_url[96], files_url[96];
};

/* As steps of a start; each does nothing when the stage does not update. Keys and the first image,
 * published; then, with the back office up, into a slot. */
MUST_USE err stage_updates_publish(struct stage *stage, struct process_fault *fault);
MUST_USE err stage_updates_install(struct stage *stage, struct process_fault *fault);

/* The terminal, with its own arguments. */
MUST_USE err stage_updates_start(struct stage *stage, const char *const *arguments);

/* The next image, of `program` (which is beside the others), published as version `image`, with a
 * delta that leads to it from image `from`, which was published before; 0: without one. */
MUST_USE err stage_updates_next(struct stage *stage, const char *program, unsigned image,
                                unsigned from, struct process_fault *fault);

/* How many bytes the terminal's updater has fetched for the last image, and how long that is, as
 * it has told its log. NOT_FOUND: it has fetched none. */
MUST_USE err stage_updates_travelled(const struct stage *stage, int64_t *ret_bytes,
                                     int64_t *ret_of);

/* Says anew that what is published is the newest: its timestamp lasts three days. */
MUST_USE err stage_updates_renew(struct stage *stage, struct process_fault *fault);

/* What is known here of secrets is gone. */
void stage_updates_drop(struct stage *stage);
