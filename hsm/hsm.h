/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * hsm: the only process of the host that sees a clear key, PIN or card number. This is its core:
 * commands in, answers out, no I/O, no clock. lib/wire/hsm_protocol.h says what the commands are.
 *
 * The others store keys as key blocks under the master key and send a block with each command; the
 * hsm keeps no table of keys that could be lost, only a cache of what it has unwrapped.
 */

#include "hsm/audit.h"
#include "lib/base/log.h"
#include "lib/base/random.h"
#include "lib/base/writer.h"
#include "lib/crypto/agreement.h"
#include "lib/crypto/key.h"
#include "lib/crypto/keyblock.h"

/*
 * The master key, or what a token makes of it, and what goes with it. Declare it
 * CLEANUP(hsm_master_wipe).
 */
struct hsm_master {
    bool in_token;                   /* the master key is in a PKCS#11 token, and `key` is empty */
    struct key key;                  /* AES-256, usage MASTER; empty once `keys` is there */
    struct keyblock_keys keys;       /* the two that it gives: they protect every key block */
    uint8_t kcv[KEY_CHECK_BYTES];    /* its check value */
    struct transport_pair transport; /* authenticates the keys that leave for their other holder */
    bool development;                /* made with --development: has seen known test keys */
};

/* A new one, from `crypto`'s random source. */
void hsm_master_generate(const struct crypto *crypto, bool development,
                         struct hsm_master *ret_master);
void hsm_master_wipe(struct hsm_master *master);

/* Fills `keys` and `kcv` from `key`; where that is empty they are there already. Errors: CRYPTO. */
MUST_USE err hsm_master_derive(struct crypto *crypto, struct hsm_master *master);

struct hsm_config {
    struct random random;
    const struct log *log; /* refusals, one line each; may be NULL; outlives the hsm */
    bool development;      /* allows HSM_IMPORT_KEY */
    struct hsm_audit
        *audit; /* keys that are made, imported or delivered; may be NULL; outlives it */
};

struct hsm;

/*
 * Opens an hsm in guarded memory and tests its ciphers with known answers.
 * Errors: CONFIG (a master key that was made in development without config->development),
 * NO_MEMORY, CRYPTO.
 */
MUST_USE err hsm_open(const struct hsm_config *config, const struct hsm_master *master,
                      struct hsm **ret_hsm);

/* Wipes and frees. NULL is allowed. */
void hsm_close(struct hsm *hsm);

/*
 * Executes one command and appends its answer to `response`, which has room for HSM_FRAME_MAX
 * bytes. Whatever the request is, there is an answer: a refusal is a status in it, logged, and no
 * error here. Errors: FULL (the response has less room).
 */
MUST_USE err hsm_execute(struct hsm *hsm, struct bytes request, struct writer *response);

struct hsm_counts {
    uint64_t commands, refusals;
    uint64_t look_ups, misses; /* of the key cache */
};

struct hsm_counts hsm_counts(const struct hsm *hsm);
