/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * state: the master key on disk, in the state directory:
 *
 *   master.sealed   the master key and the transport key, sealed (lib/crypto/sealed.h) under a
 *                   passphrase, or, where a PKCS#11 token holds the master key (hsm/token.h), its
 *                   check value and the transport key, sealed under a key of the token; or
 *   master.key      without a passphrase: 32 random bytes that open it. Whoever has both files has
 *                   every key of the host, so this is for development only.
 */

#include "hsm/hsm.h"
#include "hsm/token.h"
#include "lib/wire/process.h"

struct hsm_state_options {
    const char *directory;
    const char *passphrase_file; /* NULL: master.key, which needs `development` */
    bool development;
    bool initialise;          /* make a master key where there is none */
    const struct key *master; /* with initialise: this one, from a ceremony; NULL: a random one */
    const struct hsm_token_options *token; /* NULL: no token; its PIN is read once from pin_fd */
    bool adopt; /* with token: what is sealed without one is opened, and goes into the token */
};

/*
 * Loads the master key or, when asked to and there is none, makes one; a token makes it inside, or
 * takes that of a ceremony. The two keys that it gives are derived. In development it is made
 * without asking. What an earlier version sealed with a token goes into the token. *ret_made tells
 * which. `fault` says what is wrong and what helps. Errors: NOT_FOUND (no master key), EXISTS
 * (initialise, and there is one), CONFIG, DENIED, MAC (wrong passphrase or token, or altered),
 * CORRUPT, those of file_read, file_write, hsm_token_key and hsm_token_master.
 */
MUST_USE err hsm_state_load(const struct hsm_state_options *options, struct crypto *crypto,
                            struct hsm_master *ret_master, bool *ret_made,
                            struct process_fault *fault);

/* OK when there is no master key yet: before custodians are asked for one. Errors: EXISTS, CONFIG.
 */
MUST_USE err hsm_state_absent(const struct hsm_state_options *options, struct process_fault *fault);
