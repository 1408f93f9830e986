/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * recovery: how somebody who has forgotten his password gets a new one without anybody else ever
 * knowing one. A vault makes a challenge for an operator and a way; only who holds the recovery key
 * of that device, which is the hsm, makes the proof of it:
 *
 *   mac   = HMAC-SHA-256(key, "tongbao recovery v1" | way 1 | operator 1 | tid 8 | challenge)
 *   grant = the first 16 bytes            pushed to the terminal
 *   code  = the first 8 bytes, big-endian, modulo 10^n, as n digits     typed by the person
 *
 * So a code is worth nothing on another device, for another operator, by another way or for another
 * challenge, and nothing secret is stored at the host. How often a code may be tried, how long and
 * how many times a challenge counts is the vault's business (vault/recovery.c). Modulo: 10^n
 * divides 2^64 into parts whose chances differ by less than one in 10^7 for the longest code.
 *
 * The last two ways are no way for a person who stands at the terminal. A lost sheet is printed
 * anew (S36): the desk makes up the challenge, the grant of REISSUE lets the vault take it, and the
 * code of SHEET, which vault and hsm each compute for themselves, is the new first password. So it
 * travels nowhere, and who carries the grant cannot compute it.
 *
 * The same key, under another label, authenticates the counter by which a host finds out that an
 * old copy of a vault was put back:
 *
 *   first 16 bytes of HMAC-SHA-256(key, "tongbao epoch v1" | direction 1 | tid 8 | epoch 8)
 *
 * And under a third, what the host commands of the device (DV-11):
 *
 *   first 16 bytes of HMAC-SHA-256(key, "tongbao command v1" | tid 8 | number 8 | nonce 16 |
 *                                  length 1, serial | length 1, kind | text)
 *
 * So a command is this device's, of this kind and number, with this text; only the hsm can have
 * made it.
 *
 * And under a fourth, what a vault asks for when a backup of another device is to be opened for it
 * (S124): made by the vault, checked by the hsm, so nobody between them puts a public key of his
 * own in the vault's place.
 *
 *   first 16 bytes of HMAC-SHA-256(key, "tongbao restore v1" | tid 8 | nonce 16 | public key 32 |
 *                                  label)
 */

#include "lib/crypto/key.h"

enum {
    RECOVERY_TID_BYTES = 8,
    RECOVERY_PROOF_BYTES = 16,
    RECOVERY_CHALLENGE_MAX = 16,
    RECOVERY_OFFLINE_DIGITS = 11, /* a challenge that is read out: ten digits and a Luhn digit */
    RECOVERY_CODE_MAX = 12,
    RECOVERY_NONCE_BYTES = 16,
    RECOVERY_SERIAL_MAX = 32,
    RECOVERY_KIND_MAX = 24,
    RECOVERY_TEXT_MAX = 255,
    RECOVERY_PUBLIC_BYTES = 32,
    RECOVERY_LABEL_MAX = 64,
};

/* The first four are numbers of enum vault_way: they travel. name, digits of the code (0: only the
 * grant) */
#define RECOVERY_WAY_LIST(X) \
    X(SMS, 1, 6)             \
    X(MAIL, 2, 8)            \
    X(SERVICE, 3, 0)         \
    X(OFFLINE, 4, 10)        \
    X(REISSUE, 5, 0)         \
    X(SHEET, 6, 12)

enum recovery_way {
#define X(name, number, digits) RECOVERY_##name = number,
    RECOVERY_WAY_LIST(X)
#undef X
};

struct recovery_subject {
    uint8_t way; /* enum recovery_way */
    uint8_t operator_id;
    struct bytes tid;       /* RECOVERY_TID_BYTES */
    struct bytes challenge; /* 1 to RECOVERY_CHALLENGE_MAX bytes */
};

/* The proof of a challenge. Secret. Declare it CLEANUP(recovery_proof_wipe). */
struct recovery_proof {
    uint8_t grant[RECOVERY_PROOF_BYTES];
    char code[RECOVERY_CODE_MAX + 1]; /* empty for a way without one */
};

void recovery_proof_wipe(struct recovery_proof *proof);

/* Digits of a way's code; 0 for SERVICE and for a number that is no way. */
uint8_t recovery_code_digits(uint8_t way);

/*
 * Errors: KEY (not of usage RECOVERY), RANGE (no way, no operator 0 to 99), LENGTH (tid or
 * challenge), CRYPTO.
 */
MUST_USE err recovery_prove(struct crypto *crypto, const struct key *key,
                            const struct recovery_subject *subject,
                            struct recovery_proof *ret_proof);

enum recovery_direction { RECOVERY_FROM_VAULT = 1, RECOVERY_FROM_HOST = 2 };

/* Errors: KEY, RANGE (no direction), LENGTH (tid), CRYPTO. */
MUST_USE err recovery_epoch_mac(struct crypto *crypto, const struct key *key,
                                enum recovery_direction direction, struct bytes tid, uint64_t epoch,
                                uint8_t ret_mac[RECOVERY_PROOF_BYTES]);

/* What is commanded; the kind is a word of the device channel. */
struct recovery_command {
    struct bytes tid, serial, kind, text;
    struct bytes nonce; /* RECOVERY_NONCE_BYTES */
    uint64_t number;    /* not 0 */
};

/* Errors: KEY, RANGE (number), LENGTH (tid, nonce, empty or too long serial, kind, text), CRYPTO.
 */
MUST_USE err recovery_command_mac(struct crypto *crypto, const struct key *key,
                                  const struct recovery_command *command,
                                  uint8_t ret_mac[RECOVERY_PROOF_BYTES]);

/* Which bundle is to be opened (its label, as of backup_seal.h), for whom. */
struct recovery_restore {
    struct bytes tid, label;
    struct bytes nonce, public_key; /* RECOVERY_NONCE_BYTES, RECOVERY_PUBLIC_BYTES */
};

/* Errors: KEY, LENGTH (of any of them), CRYPTO. */
MUST_USE err recovery_restore_mac(struct crypto *crypto, const struct key *key,
                                  const struct recovery_restore *restore,
                                  uint8_t ret_mac[RECOVERY_PROOF_BYTES]);

/*
 * A challenge to be read out over the telephone: ten random digits and their Luhn check digit, so
 * that a digit misheard or two exchanged are found before anybody is asked for a code.
 */
void recovery_spoken_challenge(const struct random *random,
                               char ret_digits[RECOVERY_OFFLINE_DIGITS + 1]);

/* Eleven ASCII digits whose last is the Luhn digit of the others. */
bool recovery_spoken_valid(struct bytes digits);
