/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * state: the master key on disk, in the state directory:
 *
 *   master.sealed   the master key and the transport key, sealed (lib/crypto/sealed.h)
 *   master.key      without a passphrase: 32 random bytes that open it. Whoever has both files has
 *                   every key of the host, so this is for development only.
 */

#include "hsm/hsm.h"
#include "lib/wire/process.h"

struct hsm_state_options {
    const char *directory;
    const char *passphrase_file; /* NULL: master.key, which needs `development` */
    bool development;
    bool initialise;          /* make a master key where there is none */
    const struct key *master; /* with initialise: this one, from a ceremony; NULL: a random one */
};

/*
 * Loads the master key or, when asked to and there is none, makes one. In development it is made
 * without asking. *ret_made tells which. `fault` says what is wrong and what helps.
 * Errors: NOT_FOUND (no master key), EXISTS (initialise, and there is one), CONFIG, DENIED, MAC
 * (wrong passphrase or altered), CORRUPT, those of file_read and file_write.
 */
MUST_USE err hsm_state_load(const struct hsm_state_options *options, struct crypto *crypto,
                            struct hsm_master *ret_master, bool *ret_made,
                            struct process_fault *fault);

/* OK when there is no master key yet: before custodians are asked for one. Errors: EXISTS, CONFIG.
 */
MUST_USE err hsm_state_absent(const struct hsm_state_options *options, struct process_fault *fault);
