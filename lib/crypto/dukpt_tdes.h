/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * dukpt_tdes: DUKPT with double-length TDES keys (ANSI X9.24-1:2009, annex A). For terminals that
 * have it; new ones get dukpt_aes.h.
 *
 * Key serial number, 10 bytes: who the device is (59 bits), then a counter of 21 bits. A counter
 * has at most ten ones, so a device makes about a million transactions and then stops.
 */

#include "lib/crypto/dukpt.h"

enum { DUKPT_TDES_KSN_BYTES = 10, DUKPT_TDES_COUNTER_BITS = 21, DUKPT_TDES_ONES_MAX = 10 };

uint32_t dukpt_tdes_counter(const uint8_t ksn[DUKPT_TDES_KSN_BYTES]);

/* Host: the key that is put into the device of this serial number. `base` is TDES, usage
 * BASE_DERIVATION. Errors: KEY, CRYPTO. */
MUST_USE err dukpt_tdes_initial(struct crypto *crypto, const struct key *base,
                                const uint8_t ksn[DUKPT_TDES_KSN_BYTES], struct key *ret_initial);

/*
 * Host: the key of one transaction for one purpose, a TDES key of the purpose's usage.
 * Errors: KEY, RANGE (a counter that no device sends), UNSUPPORTED (KEY_ENCRYPTION), CRYPTO.
 */
MUST_USE err dukpt_tdes_derive(struct crypto *crypto, const struct key *base,
                               const uint8_t ksn[DUKPT_TDES_KSN_BYTES], enum dukpt_purpose purpose,
                               struct key *ret_key);

/*
 * The device's side. Register i holds the key of the next counter whose lowest one is bit i; a
 * register is zeros from the moment its key was used until another is worked out for it. It is
 * one flat block, so that its keeper can seal it to disk as it stands: persist the state after
 * dukpt_tdes_next, then send. Secret; declare it CLEANUP(dukpt_tdes_wipe).
 */
struct dukpt_tdes_device {
    uint8_t ksn[DUKPT_TDES_KSN_BYTES]; /* of the last transaction; counter 0 before the first */
    uint8_t future[DUKPT_TDES_COUNTER_BITS][16];
};

void dukpt_tdes_wipe(struct dukpt_tdes_device *device);

/* Fills the registers from the initial key; the caller wipes that. `ksn` has counter 0 or any: it
 * is set to 0. Errors: KEY (not TDES of usage INITIAL), CRYPTO. */
MUST_USE err dukpt_tdes_load(struct crypto *crypto, const struct key *initial,
                             const uint8_t ksn[DUKPT_TDES_KSN_BYTES],
                             struct dukpt_tdes_device *ret_device);

/* What one transaction has. Secret. */
struct dukpt_tdes_transaction {
    uint8_t ksn[DUKPT_TDES_KSN_BYTES];
    struct key pin, mac_request, mac_response, data_request, data_response;
};

void dukpt_tdes_transaction_wipe(struct dukpt_tdes_transaction *transaction);

/*
 * Moves to the next counter: gives its keys, fills the registers that follow from it and wipes its
 * own. Errors: FULL (the range is used up: the device needs a new initial key), KEY (a register
 * that should hold a key is empty: the state was not made by dukpt_tdes_load), CRYPTO. On an error
 * the device is as it was.
 */
MUST_USE err dukpt_tdes_next(struct crypto *crypto, struct dukpt_tdes_device *device,
                             struct dukpt_tdes_transaction *ret_transaction);
