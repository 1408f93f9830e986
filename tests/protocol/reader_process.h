/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * reader_process: a process with a pcscd of its own (lib/wire/reader_host.h) and two cards that the
 * test puts in and takes out. The cards do by the second byte of a command what the test wants:
 * 01 answers the rest of the command and 9000; 02 never answers; 03 answers with one byte.
 */

#include "tests/unit/scratch.h"

#include <sys/types.h>

#include "lib/wire/reader_host.h"

enum { READER_ECHO = 1, READER_SILENT = 2, READER_BROKEN = 3 };

struct reader_process {
    char directory[64];
    char socket[READER_HOST_PATH_MAX];
    pid_t pid;
    int orders;
    char why_not[PROCESS_TEXT_MAX]; /* why there is none: the machine does not permit it */
};

/* Starts it; `uid` 0 keeps the user. The directory must exist, and is given to that user. */
void reader_process_start(struct reader_process *p, const char *directory, uid_t uid);

/* 'i' puts the slot's card in, 'r' takes it out, 'u' ends pcscd, 'p' starts it again. */
void reader_process_order(const struct reader_process *p, char what, unsigned slot);

/* Kills it with SIGKILL: nothing can be tidied up. */
void reader_process_kill(struct reader_process *p);

/* The process id of its pcscd; 0 when it says none. */
pid_t reader_process_pcscd(const struct reader_process *p);
