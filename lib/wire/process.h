/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * process: what every program does before its work: read its options, become a process that leaks
 * nothing, take its state directory for itself, and say when it is ready.
 *
 *   static const struct process_option options[] = {
 *       {"state", "DIR", "where the journal and the ledger are", .text = &settings.state},
 *       {"port", "PORT", "where terminals connect; 0 takes a free one",
 *        .number = &settings.port, .max = 65535},
 *       {"development", NULL, "allow test keys", .flag = &settings.development}};
 *   int status = process_options(&program, argc, argv, NULL);
 *   if (status >= 0) return status;
 */

#include "lib/base/bytes.h"

enum { PROCESS_TEXT_MAX = 256, PROCESS_EXIT_FAILED = 1, PROCESS_EXIT_USAGE = 2 };

/* What went wrong and what to do about it, as a sentence for standard error. */
struct process_fault {
    char text[PROCESS_TEXT_MAX];
};

/* One --name[=ARGUMENT]; exactly one of text, number and flag is set. Defaults are what the
 * variables hold before. */
struct process_option {
    const char *name;
    const char *argument; /* what the help calls it; NULL for a flag */
    const char *help;
    const char **text;
    int64_t *number; /* decimal, in min..max */
    bool *flag;
    int64_t min, max;
    bool required;
};

struct process_program {
    const char *name;    /* "tongbao-hsm" */
    const char *version; /* "0.1.0" */
    const char *summary; /* one sentence */
    const char
        *arguments; /* what follows the options in the usage line; NULL: nothing may follow */
    const struct process_option *options;
    size_t option_count;
};

/*
 * Reads the command line. --help, --version and --turned-clock (lib/base/clock_turned.h) are added.
 * Returns -1 to go on, 0 after --help or
 * --version was printed, PROCESS_EXIT_USAGE after an error was printed with its remedy. When
 * arguments are allowed, *ret_first (may be NULL) is the index of the first in argv.
 */
int process_options(const struct process_program *program, int argc, char **argv, int *ret_first);

/*
 * No core dumps, not traceable by others, umask 077, standard input from /dev/null, SIGPIPE
 * ignored. Call first. Errors: IO.
 */
MUST_USE err process_harden(void);

/* What lists of processes call us: a program that was started out of memory has no file's name. */
void process_call(const char *name);

/*
 * Makes `path` (mode 0700) with the parents that are missing, or checks that it is a directory of
 * ours that nobody else may enter. Errors: DENIED (owner or mode), CONFIG (no directory), IO,
 * READ_ONLY, FULL.
 */
MUST_USE err process_state_directory(const char *path, struct process_fault *fault);

/*
 * One process per state directory: locks `directory`/lock and writes our pid there. The lock ends
 * with the process, however it ends. Errors: BUSY (fault names the other's pid), IO.
 */
MUST_USE err process_lock(const char *directory, int *ret_fd, struct process_fault *fault);

/*
 * Gives back what only the start has needed: of all that is linked, code and tables that the loader
 * has gone through once (half of what a small program has resident), and free memory. What is used
 * again comes back by itself, from the page cache, in less than a millisecond. Call when everything
 * is open, and before work that takes much memory for a moment.
 */
void process_settle(void);

/* Writes "ready " and the text ("port=8583"), ends the line and closes the descriptor; -1 is fine
 * and does nothing. */
void process_ready(int fd, const char *format, ...) PRINTF(2, 3);

/* Prints "program: text" to standard error. */
void process_complain(const struct process_program *program, const char *format, ...) PRINTF(2, 3);
