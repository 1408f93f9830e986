/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The vault's limits, each with its reason. */

enum {
    VAULT_DEVICE_KEY_BYTES = 32, /* AES-256 */
    VAULT_TRACK_TEXT_MAX = 82,   /* track 1 with sentinels and LRC (ISO/IEC 7811-2) and some air */
    VAULT_FAULT_TEXT_MAX = 400,  /* a sentence that may quote one of the store's (320) */
    VAULT_PIN_ENTRIES_AN_HOUR = 120, /* one in 30 s on average: no machine tries all PINs here */
    VAULT_PASSWORD_ENTRY_MIN = 4,    /* what can be typed; what may be chosen is the policy's */
    VAULT_PASSWORD_ENTRY_MAX = 16,   /* of digits at least: a one-time password has eight */
    VAULT_PASTE_MAX = 4096, /* bytes of text in one message of the page; a password has 512 */
    VAULT_TRIES_MAX = 10,   /* NIST SP 800-63B-4 3.2.10, whatever a policy says */
    /* Of all operators together: more than a shop's slips of a day, few enough to try one password
     * on. With the ten of 00 and of 99, fifty guesses at a device in all. */
    VAULT_TRIES_DEVICE = 30,
    VAULT_ID_SUPERVISOR = 0,
    VAULT_ID_ADMINISTRATOR = 99,
    VAULT_PEOPLE_MAX = 99,  /* two digits; S47 wants twenty */
    VAULT_COUNTER_MAX = 77, /* device.counter */
    VAULT_CHALLENGE_TRIES = 5,
    VAULT_CHALLENGES_AN_HOUR = 5, /* of one operator */
    /* So many wrong codes since the last right one, and only the desk's grant is left: one in ten
     * thousand for the shortest code, however long somebody goes on. */
    VAULT_CODES_WRONG_MAX = 50,
    VAULT_APPROVAL_WITHIN_S = 120,          /* for the phone in somebody's pocket */
    VAULT_RECOVERY_APPROVED_WITHIN_S = 300, /* S46: the supervisor is still there */
    VAULT_PAIRING_WITHIN_S = 600,
    VAULT_CHANGE_WITHIN_S = 300, /* from the right current password to the new one */
    VAULT_INITIALS = 3,          /* 00, 01 and 99 */
    VAULT_SERIAL_MAX = 32,       /* fits a certificate's common name */
    VAULT_MODEL_MAX = 16,
    VAULT_TID_LEN = 8,         /* field 41 */
    VAULT_MID_LEN = 15,        /* field 42 */
    VAULT_MERCHANT_MAX = 120,  /* 40 Chinese characters in UTF-8 */
    VAULT_PAN_DIGITS_MIN = 13, /* of a number that is typed: the shortest that cards have */
    VAULT_CHIP_READS = 3,      /* failed, before a stripe is taken (protocol facts 2.3) */
};
