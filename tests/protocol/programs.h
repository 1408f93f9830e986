/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * programs: the real programs, started as a person would start them. They are found in
 * $TONGBAO_PROGRAMS, which is a build directory of meson or build/bin.
 */

#include "tests/unit/scratch.h"

#include "cli/children.h"

enum { PROGRAMS_TEXT_MAX = 16384, PROGRAMS_WAIT_MS = 20000 };

/* Makes `directory`/programs with a link to each program, for children.h. Fails the test. */
void programs_gather(struct children *children, const char *directory);

/* What a program that ran to its end has said. */
struct said {
    int status; /* exit status; 128 + signal; -1 when it had to be killed after PROGRAMS_WAIT_MS */
    char out[PROGRAMS_TEXT_MAX], complaint[PROGRAMS_TEXT_MAX];
};

/* Arguments end with NULL. The program's name comes first, as "tongbao-hsm". */
void programs_run(const struct children *children, struct said *said, const char *program, ...);

/* The same without the right of root to write where the mode of a file forbids it. */
void programs_run_bound(const struct children *children, struct said *said, const char *program,
                        ...);

/* Removes a directory with everything in it. */
void programs_remove(const char *directory);

/* Waits a little: 20 ms. For loops that wait for another process and have a limit. */
void programs_pause(void);
