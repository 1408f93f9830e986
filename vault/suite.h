/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * suite: what a terminal's profile means for its vault: one row each, chosen when the device is
 * provisioned, and nothing else decides. Two ways to come by keys: working keys that the host
 * delivers at a sign-in under the master key; or registers, filled once from an initial key, from
 * which each message gets keys of its own (DUKPT). The rest of the vault uses `struct vault_keys`
 * and does not know which.
 */

#include "lib/crypto/dukpt_aes.h"
#include "lib/crypto/dukpt_tdes.h"
#include "lib/crypto/keyblock.h"
#include "lib/crypto/mac.h"
#include "lib/crypto/pin.h"

enum { VAULT_KSN_MAX = DUKPT_AES_KSN_BYTES };

/* The keys to make messages and to check answers with. A key of length 0 is not there: not come
 * yet, or used up. Secret. */
struct vault_keys {
    struct key pin, mac_make, mac_check, data;
    uint8_t ksn[VAULT_KSN_MAX]; /* whose keys they are; ksn_len of the suite */
};

union vault_registers {
    struct dukpt_aes_device aes;
    struct dukpt_tdes_device tdes;
};

/* How a suite with keys for each message works. */
struct vault_serial {
    enum key_algorithm algorithm; /* of the initial key */
    char letter, optional[3];     /* in its key block: cipher, and which block has the number */
    size_t ksn_len, id_len;       /* of the number; and of it in the key block */
    size_t registers;             /* bytes of vault_registers, as they are sealed */
    uint32_t reserve;             /* the first counter that no new payment gets: the last ones are
                                   * for what must follow those before, above all reversals */
    uint32_t (*counter)(const union vault_registers *registers);
    err (*load)(struct crypto *crypto, const struct key *initial, const uint8_t *ksn,
                union vault_registers *ret_registers);
    /* FULL when the counter has come to its end. On an error the registers are as they were. */
    err (*next)(struct crypto *crypto, union vault_registers *registers,
                struct vault_keys *ret_keys);
};

struct vault_suite {
    const char *name;          /* as registry and payment profiles have it */
    enum key_algorithm master; /* of the terminal master key */
    enum pin_format pin_format;
    enum mac_algorithm mac;
    const struct vault_serial *serial; /* NULL: keys come at a sign-in */
};

/* NULL when there is no such suite. */
const struct vault_suite *vault_suite_named(struct bytes name);

/*
 * Opens the initial key that the hsm has wrapped under this device's master key (TR-31 version D,
 * B1) and fills the registers from it. Errors: KEY (another use or cipher than the suite's), FORMAT
 * (no serial number in it), those of keyblock_open.
 */
MUST_USE err vault_suite_load(struct crypto *crypto, const struct vault_suite *suite,
                              const struct key *master, struct bytes block,
                              union vault_registers *ret_registers);
