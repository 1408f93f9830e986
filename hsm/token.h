/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * token: what seals the master key, when that is a PKCS#11 token (OASIS PKCS#11 2.40) instead of a
 * passphrase.
 *
 * The token holds one AES-256 key, labelled "tongbao-hsm", that it made itself, is sensitive, and
 * cannot be read out. The sealing key is that key's encryption (CKM_AES_ECB, which every token
 * has) of two fixed blocks: SP 800-108 in counter mode with the block cipher as the function. So
 * the sealed file is of no use without this token and its PIN, and the token is needed at the start
 * only: afterwards the master key is in the hsm's guarded memory, as with a passphrase.
 *
 * Tried and left: deriving the two keys of TR-31 version D in the token, so that the master key
 * itself would stay there. The two derived keys open every block that the master key opens, and
 * they would be in the same memory; nothing is won by it.
 */

#include "lib/base/bytes.h"
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
