/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * children: the programs that `tongbao demo` and `tongbao bench` start, watch and stop. A child is
 * started with its arguments as a list (no shell), tells by --ready-fd when it is ready, writes its
 * log to a file, and dies with its parent.
 */

#include <sys/types.h>

#include "lib/base/bytes.h"

enum { CHILDREN_MAX = 16, CHILD_READY_MAX = 256, CHILD_ARGUMENTS_MAX = 64, CHILD_INPUT_MAX = 4096 };

struct child {
    const char *name; /* "tongbao-hsm" */
    pid_t pid;
    char log[256];
    char ready[CHILD_READY_MAX]; /* what it said on its ready descriptor, NUL-terminated */
};

struct children {
    char programs[256];  /* the directory with the programs */
    char directory[256]; /* where logs go */
    char turned[256];    /* "--turned-clock=FILE" for all of them; "": the machine's time */
    struct child child[CHILDREN_MAX];
    size_t count;
};

/* The directory of the running program itself. Errors: IO. */
MUST_USE err children_find_programs(struct children *children);

/*
 * Starts a program and, when `wait_ready`, waits until it is ready. `arguments` ends with NULL and
 * leaves out the program's name and --ready-fd. Errors: NOT_FOUND (no such program), CLOSED (it
 * ended: its log says why), TIMEOUT (a minute), FULL, IO.
 */
MUST_USE err children_start(struct children *children, const char *program,
                            const char *const *arguments, bool wait_ready, struct child **ret);

/*
 * Runs a program to its end; what it writes to the descriptor that its argument "@" stands for is
 * laid into `out` (NULL when it has no such argument). Errors: as above, FORMAT (it failed).
 */
MUST_USE err children_run(struct children *children, const char *program,
                          const char *const *arguments, char *out, size_t size);

/*
 * Runs a program to its end; its argument "@" stands for a descriptor on which it reads `input`, of
 * at most CHILD_INPUT_MAX bytes. Errors: as above, and LENGTH.
 */
MUST_USE err children_feed(struct children *children, const char *program,
                           const char *const *arguments, struct bytes input);

/* The number after `key=` in what a child said when it was ready. 0 when it did not say it. */
long child_ready_number(const struct child *child, const char *key);

/*
 * Holds back the signals that ask us to stop, and those of children that end, until
 * children_watch() asks for them: nothing is left running half-started.
 */
void children_hold_signals(void);

/* Waits until a child has ended or a signal asks us to stop. NULL: the signal. */
struct child *children_watch(struct children *children);

/* Waits for the end of one child and reaps it: its exit status, or 128 and its signal. */
int child_await(struct child *child);

/* Asks one child to end (SIGTERM), and kills it when it has not after 3 s. Reaps it. */
void child_end(struct child *child);

/* Kills one child with SIGKILL and reaps it. */
void child_kill(struct child *child);

/* SIGTERM to all, the last first; SIGKILL for who is still there after 3 s. */
void children_stop(struct children *children);

/* The last lines of a child's log, to standard error. */
void child_print_log(const struct child *child);

/* User and system time that a living child has used, in microseconds, and its resident memory. */
MUST_USE err child_usage(const struct child *child, int64_t *ret_cpu_us,
                         int64_t *ret_resident_bytes);

/* The same time to the microsecond, of the threads that it has now: child_usage() counts ticks of
 * the kernel, 10 ms each. Errors: NOT_FOUND. */
MUST_USE err child_cpu_us(const struct child *child, int64_t *ret_cpu_us);
