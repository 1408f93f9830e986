/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * worker: the threads that hash, each with its own line to the hsm and room for one job, so that
 * what they take together is fixed: HASH_THREADS times 19 MiB. They run at a lower priority than
 * the loop: a flood of log-ins makes log-ins slow, and nothing else. The only threads that see a
 * password; their copies are wiped when the hash is made.
 */

#include "backoffice/program.h"

struct workers;

/* `done` runs in the loop's thread, once for every job. Errors: NO_MEMORY, IO. */
MUST_USE err workers_start(struct program *program, unsigned threads,
                           void (*done)(void *context, const struct backoffice_hashed *result),
                           struct workers **ret_workers);
void workers_hash(void *context, const struct backoffice_hash *job); /* context: struct workers */
/* Waits for the jobs that run. NULL is allowed. */
void workers_stop(struct workers *workers);
