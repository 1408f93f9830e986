/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * helper: a program that does one piece of work for another and ends: bytes in, bytes out. For work
 * whose libraries are large or whose input is hostile: what they take of memory is gone with the
 * process, and so is what they break. The caller waits, as with rpc.
 *
 * A helper has its input as standard input and answers on standard output; it inherits standard
 * error and no other descriptor. It dies with its caller.
 */

#include "lib/base/writer.h"

/* The path of a program that is in the directory of the running one. Errors: CONFIG, IO. */
MUST_USE err helper_find(const char *name, char *out, size_t size);

/*
 * Runs `path` with one option and appends what it answers to `answer`, which is as it was when
 * this fails. `timeout_ms` covers all of it; a helper that takes longer is killed. Errors:
 * REFUSED (no such program), CLOSED (it ended with a status other than 0), TIMEOUT, FULL, IO.
 */
MUST_USE err helper_run(const char *path, const char *option, struct bytes input, int timeout_ms,
                        struct writer *answer);
