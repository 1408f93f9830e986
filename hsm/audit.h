/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * audit: what happened to keys, in audit.log of the state directory: who started the hsm, keys
 * made, delivered, imported, every step of a ceremony, key blocks that were refused. Never a key,
 * a component or a PIN: check values only. The hsm links no store (ARCHITECTURE.md, the table): the
 * log is a chain of lines (lib/base/chain.h). A key of which the log cannot be written does not
 * leave.
 *
 *     NUMBER MILLISECONDS EVENT TEXT HASH
 */

#include "lib/base/chain.h"
#include "lib/base/clock.h"

struct hsm_audit {
    struct chain chain;
    struct clock clock;
};

/*
 * Opens or begins the log at `path` and checks all of it. Errors: those of chain_open; `ret_entry`
 * is then the first entry that is wrong.
 */
MUST_USE err hsm_audit_open(const char *path, struct clock clock, struct hsm_audit *ret_audit,
                            uint64_t *ret_entry);

/* Errors: those of chain_append. `audit` may be NULL: there is no log (a test, the simulation). */
MUST_USE err hsm_audit_write(struct hsm_audit *audit, const char *event, const char *format, ...)
    PRINTF(3, 4);
