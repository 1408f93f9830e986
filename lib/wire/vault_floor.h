/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The version floor of a terminal's software: what its vault says about it, on a socket of its own,
 * to the program that starts that software out of slots (update/slots.h), and to nobody else.
 *
 *   FLOOR   version(8)   floor(8)   the floor is first raised to `version` where it is lower; 0
 * asks
 *
 * It only goes upwards. 0: no version was ever found healthy here. A vault that belongs to nobody
 * yet says 0 and does not raise it (NOT_READY); one that was tampered with says what it knows.
 */

#include "lib/base/reader.h"
#include "lib/base/writer.h"

enum { VAULT_FLOOR_FRAME_MAX = 64 };

/* The body of question and answer are the same. */
void vault_floor_write(struct writer *w, uint64_t version);
MUST_USE err vault_floor_read(struct reader *r, uint64_t *ret_version);

/*
 * Connects to the socket at `path`, asks and hangs up; waits two seconds at most. Errors: REFUSED
 * (the vault is not there, does not answer in time, or does not do it), CONFIG (path too long).
 */
MUST_USE err vault_floor_ask(const char *path, uint64_t version, uint64_t *ret_floor);
