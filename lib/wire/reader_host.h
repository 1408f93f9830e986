/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * reader_host: a card reader without hardware, for tests and the demo: a pcscd of our own with the
 * driver of vsmartcard-vpcd, whose two slots are TCP ports of the loopback.
 *
 * pcscd knows one place for its socket (/run/pcscd) and the driver listens on every address. So the
 * calling process moves into a mount and a network namespace of its own, where /run is empty but
 * for a directory of ours, and where nobody else can reach the ports: several can live side by
 * side, and the machine's own pcscd and its readers are neither seen nor touched. Outside, the
 * socket is a file in our directory; PC/SC programs find it by card_reader_options.socket (or
 * PCSCLITE_CSOCK_NAME). An ordinary user gets the namespaces through one of users, where the kernel
 * permits it. pcscd dies with the process that started it.
 *
 * Tried and dropped: the driver's other direction, in which it connects to the cards. It aborts
 * when a slot is empty (vpcd 3.3).
 */

#include <sys/types.h>

#include "lib/wire/process.h"

enum {
    READER_HOST_SLOTS = 2, /* of the driver: they are readers "<name> 00 00" and "<name> 00 01" */
    READER_HOST_PORT = 35963,   /* slot 0; slot 1 is the next */
    READER_HOST_PATH_MAX = 108, /* sun_path */
};

/* What both slots' names begin with. */
#define READER_HOST_NAME "Tongbao"

/*
 * Moves this process into its namespaces and lays out `directory`, which exists and is an absolute
 * path. Call at the start: before threads, sockets and process_harden() (a process that is not
 * dumpable cannot map users). Errors, each with a sentence in `fault`: UNSUPPORTED (pcscd or the
 * driver is not installed), DENIED (the kernel or a container forbids it), LENGTH (path), IO.
 */
MUST_USE err reader_host_enter(const char *directory, struct process_fault *fault);

/* After reader_host_enter(): starts pcscd. It is there about 0.1 s later. Errors: IO. */
MUST_USE err reader_host_start(const char *directory, pid_t *ret_pid);

/* Ends a pcscd that was started so, at once, and waits for it. */
void reader_host_stop(pid_t pid);

/* Where PC/SC programs outside find it. Errors: LENGTH. */
MUST_USE err reader_host_socket(const char *directory, char *out, size_t size);
