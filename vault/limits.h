/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The vault's limits, each with its reason. */

enum {
    VAULT_DEVICE_KEY_BYTES = 32, /* AES-256 */
    VAULT_TRACK_TEXT_MAX = 82,   /* track 1 with sentinels and LRC (ISO/IEC 7811-2) and some air */
    VAULT_FAULT_TEXT_MAX = 400,  /* a sentence that may quote one of the store's (320) */
    VAULT_PIN_ENTRIES_AN_HOUR = 120, /* one in 30 s on average: no machine tries all PINs here */
    VAULT_PASSWORD_ENTRY_MIN = 4,    /* what can be typed; what may be chosen is the policy's */
    VAULT_PASSWORD_ENTRY_MAX = 16,
    VAULT_TRIES_MAX = 10,        /* NIST SP 800-63B-4 3.2.10, whatever a policy says */
    VAULT_CHANGE_WITHIN_S = 300, /* from the right current password to the new one */
    VAULT_INITIALS = 3,          /* 00, 01 and 99 */
    VAULT_SERIAL_MAX = 32,       /* fits a certificate's common name */
    VAULT_MODEL_MAX = 16,
    VAULT_TID_LEN = 8,        /* field 41 */
    VAULT_MID_LEN = 15,       /* field 42 */
    VAULT_MERCHANT_MAX = 120, /* 40 Chinese characters in UTF-8 */
};
