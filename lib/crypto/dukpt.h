/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * dukpt: a key for each transaction (ANSI X9.24). What both forms share; dukpt_tdes.h is X9.24-1,
 * dukpt_aes.h is X9.24-3.
 *
 * The host has one base derivation key for many devices and comes from it straight to the key of
 * any transaction (only the hsm does that). A device is given its initial key once, works out the
 * keys of transactions to come, and wipes each key and what it was worked out from as it is used:
 * who opens a device learns nothing of what it has sent (DV-04). A counter whose binary form has
 * too many ones is skipped on both sides, which bounds the work of the host.
 *
 * "Request" goes from device to host.
 */

#include "lib/crypto/key.h"

/* name, text, usage of the key that comes out */
#define DUKPT_PURPOSE_LIST(X)               \
    X(PIN, "pin", PIN)                      \
    X(MAC_REQUEST, "mac-request", MAC)      \
    X(MAC_RESPONSE, "mac-response", MAC)    \
    X(DATA_REQUEST, "data-request", DATA)   \
    X(DATA_RESPONSE, "data-response", DATA) \
    X(KEY_ENCRYPTION, "key-encryption", TERMINAL_MASTER)

enum dukpt_purpose {
#define X(name, text, usage) DUKPT_##name,
    DUKPT_PURPOSE_LIST(X)
#undef X
        DUKPT_PURPOSES
};

/* "mac-request". Never NULL. */
const char *dukpt_purpose_text(enum dukpt_purpose purpose);
enum key_usage dukpt_purpose_usage(enum dukpt_purpose purpose);

/*
 * The next counter that may be used after `counter`, of `bits` bits with at most `ones_max` ones;
 * 0 at the end of the range.
 */
uint32_t dukpt_next_counter(uint32_t counter, unsigned bits, unsigned ones_max);

/* May a device ever send this counter? */
bool dukpt_counter_used(uint32_t counter, unsigned bits, unsigned ones_max);
