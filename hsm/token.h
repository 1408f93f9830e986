/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * token: a PKCS#11 token (OASIS PKCS#11 2.40) that holds the master key, instead of a file under a
 * passphrase.
 *
 * It has two AES-256 keys that are sensitive and cannot be read out:
 *
 *   tongbao-hsm-master   the master key: made by the token itself, or put in once from a ceremony's
 *                        components or a file. The two keys of TR-31 version D are derived of it
 *                        inside (CKM_AES_CMAC over keyblock_derivation_data), and its check value
 *                        (CKM_AES_ECB of zeros). They come out; the master key does not.
 *   tongbao-hsm          seals the hsm's transport key on disk (master.sealed): its encryption of
 * two fixed blocks, SP 800-108 in counter mode.
 *
 * The token is needed at the start only. Afterwards the two derived keys are in the hsm's guarded
 * memory: whoever reads that memory can open blocks of version D, for as long as he has them; the
 * master key, from which they, other versions and other hosts' keys could be made again, he has
 * not. A token that is software in this process (SoftHSM 2) has it there while it is visited.
 */

#include "lib/base/bytes.h"
#include "lib/crypto/keyblock.h"
#include "lib/crypto/sealed.h"
#include "lib/wire/process.h"

enum { HSM_TOKEN_PIN_MAX = 64 };

struct hsm_token_options {
    const char *module; /* path of the library of the token's maker */
    const char *label;  /* of the token: exactly one of this label must be there */
    int pin_fd;         /* the PIN is the first line that comes here; closed after it was read */
};

/* The PIN, in memory for as long as the start takes. Declare it CLEANUP(hsm_token_pin_wipe). */
struct hsm_token_pin {
    uint8_t at[HSM_TOKEN_PIN_MAX];
    size_t len;
};

void hsm_token_pin_wipe(struct hsm_token_pin *pin);

/* Errors: SHORT (no line), LENGTH, IO; `fault` says what helps. */
MUST_USE err hsm_token_read_pin(int fd, struct hsm_token_pin *ret_pin, struct process_fault *fault);

/*
 * The 32 bytes, secret. With `make`, the token makes its key when it has none; otherwise that is
 * NOT_FOUND. The module is loaded, and unloaded again, in here.
 * Errors: CONFIG (the module cannot be loaded; two tokens or keys of this label), NOT_FOUND (no
 * such token, no such key), DENIED (PIN wrong or locked), KEY (the token would give its key out),
 * IO (the module refused; `fault` has its number).
 */
MUST_USE err hsm_token_key(const struct hsm_token_options *options, const struct hsm_token_pin *pin,
                           bool make, uint8_t ret_key[SEALED_KEY_BYTES],
                           struct process_fault *fault);

/* What comes out of the token. Secret: declare it CLEANUP(hsm_token_master_wipe). */
struct hsm_token_master {
    struct keyblock_keys keys;
    uint8_t kcv[KEY_CHECK_BYTES];
};

void hsm_token_master_wipe(struct hsm_token_master *master);

enum hsm_token_way {
    HSM_TOKEN_FIND,     /* NOT_FOUND when the token has no master key */
    HSM_TOKEN_GENERATE, /* the token makes one; EXISTS when it has one */
    HSM_TOKEN_PUT       /* `put` goes in; EXISTS when it has another, the same one is taken */
};

/*
 * The derived keys of the token's master key. What was generated or put is looked for again in a
 * second visit, so that it lasts. Errors: those of hsm_token_key, EXISTS, CRYPTO (the token
 * forgets).
 */
MUST_USE err hsm_token_master(const struct hsm_token_options *options,
                              const struct hsm_token_pin *pin, enum hsm_token_way way,
                              const struct key *put, struct hsm_token_master *ret_master,
                              struct process_fault *fault);
