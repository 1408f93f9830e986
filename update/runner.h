/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * runner: starts what stands in a slot, and keeps it up to date while it runs. What runs is what
 * was verified: it goes from the checked bytes into sealed memory and is executed from there, never
 * again from the medium.
 *
 * Between runner and program is one line, a socket that the program is given as --updater-fd N:
 *
 *   runner    "facts IMAGE STATE WAITING REFUSED WHY"  the version that runs; "trying" or
 * "healthy"; a version that waits in the other slot, or 0; the newest that was refused, or 0; why
 *             the last assignment was not taken, in both languages, or nothing
 *   program   "healthy"       its health check: vault, store and host have answered
 *   program   "assign HEX"    an assignment (lib/tuf/assignment.h), from its back office
 *
 * The program ends with RUNNER_AGAIN when nothing is lost by it: then what waits is started. A new
 * image that ends otherwise before it was healthy, or is not healthy in time, has failed one of its
 * tries (slots.h). When the vault did not answer at the start it is asked again until it does; a
 * program that is older than it allows is then ended.
 */

#include "lib/base/log.h"
#include "update/slots.h"

enum {
    RUNNER_AGAIN = 75, /* exit status: start me again (sysexits.h has it as "try later") */
    RUNNER_ASSIGNMENT_MAX = 8 * 1024,
    RUNNER_WHY_MAX = 256,
    RUNNER_ARGUMENTS_MAX = 64
};

struct runner {
    const char *slots_dir, *model, *vault; /* vault: its socket for the version floor; NULL */
    const char *name;                      /* name: what the program calls itself */
    const struct document_key *key;
    const struct log *log;
    char *const *arguments; /* of the program; NULL ends them */
    int ready_fd;           /* gets the program's first ready line; -1 */
    int64_t health_ms;
    void *block; /* of IMAGE_BYTES_MAX */
    err nothing; /* set: why there was nothing to start, as slots_start() says it */
    /* In a process of its own: fetches and installs what is assigned. 0, or a reason into `why`. */
    int (*take)(void *context, struct bytes assignment, char why[RUNNER_WHY_MAX]);
    void *context;
};

/* Until the program ends, or a signal asks us to; then its exit status. */
int runner_run(struct runner *runner);
