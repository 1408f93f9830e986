/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * dukpt_aes: DUKPT with AES keys (ANSI X9.24-3:2017).
 *
 * Key serial number, 12 bytes: base key id (4), device id (4), counter (4). The first eight are
 * the initial key's id. A counter has at most sixteen ones: 2.4 thousand million transactions.
 *
 * Base keys are AES of any length; all derivation keys below one have its length. Working keys may
 * be of any algorithm that is no stronger than the base key (6.1): TDES, AES, HMAC.
 */

#include "lib/crypto/dukpt.h"

enum {
    DUKPT_AES_KSN_BYTES = 12,
    DUKPT_AES_ID_BYTES = 8,
    DUKPT_AES_COUNTER_BITS = 32,
    DUKPT_AES_ONES_MAX = 16,
    DUKPT_AES_KEY_MAX = 32
};

uint32_t dukpt_aes_counter(const uint8_t ksn[DUKPT_AES_KSN_BYTES]);

/* Host: the key that is put into the device of this serial number. `base` is AES, usage
 * BASE_DERIVATION. Errors: KEY, CRYPTO. */
MUST_USE err dukpt_aes_initial(struct crypto *crypto, const struct key *base,
                               const uint8_t ksn[DUKPT_AES_KSN_BYTES], struct key *ret_initial);

/*
 * Host: the key of one transaction for one purpose, of this algorithm and of the purpose's usage.
 * Errors: KEY (base key of another kind, or weaker than `algorithm`; SM4 has no number in the
 * standard), RANGE (a counter that no device sends), CRYPTO.
 */
MUST_USE err dukpt_aes_derive(struct crypto *crypto, const struct key *base,
                              const uint8_t ksn[DUKPT_AES_KSN_BYTES], enum dukpt_purpose purpose,
                              enum key_algorithm algorithm, struct key *ret_key);

/*
 * The key under which a new initial key travels to a device (6.6.4), from the present initial key:
 * that of a counter of all ones, which no transaction has. A device works it out when it is loaded,
 * because the initial key is gone afterwards. Usage TERMINAL_MASTER. Errors: KEY, CRYPTO.
 */
MUST_USE err dukpt_aes_update_key(struct crypto *crypto, const struct key *initial,
                                  const uint8_t ksn[DUKPT_AES_KSN_BYTES], struct key *ret_key);

/* The device's side, as in dukpt_tdes.h. Secret; declare it CLEANUP(dukpt_aes_wipe). */
struct dukpt_aes_device {
    uint8_t ksn[DUKPT_AES_KSN_BYTES];
    uint8_t algorithm; /* enum key_algorithm of the base key */
    uint8_t future[DUKPT_AES_COUNTER_BITS][DUKPT_AES_KEY_MAX];
};

void dukpt_aes_wipe(struct dukpt_aes_device *device);

/* Errors: KEY (not AES of usage INITIAL), CRYPTO. */
MUST_USE err dukpt_aes_load(struct crypto *crypto, const struct key *initial,
                            const uint8_t ksn[DUKPT_AES_KSN_BYTES],
                            struct dukpt_aes_device *ret_device);

/* What one transaction has, all of one algorithm. Secret. */
struct dukpt_aes_transaction {
    uint8_t ksn[DUKPT_AES_KSN_BYTES];
    struct key pin, mac_request, mac_response, data_request, data_response;
};

void dukpt_aes_transaction_wipe(struct dukpt_aes_transaction *transaction);

/* Errors: FULL (range used up), KEY (an empty register, or an algorithm stronger than the base
 * key), CRYPTO. On an error the device is as it was. */
MUST_USE err dukpt_aes_next(struct crypto *crypto, struct dukpt_aes_device *device,
                            enum key_algorithm algorithm,
                            struct dukpt_aes_transaction *ret_transaction);
