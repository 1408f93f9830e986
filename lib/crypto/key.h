/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * key: a secret with what it is for.
 *
 * Every function that uses a key looks at its usage first and refuses (KEY) one that was made for
 * something else: a PIN key never makes a MAC, a MAC key never opens card data. The algorithm says
 * how long the value is; there is no other length.
 */

#include "lib/crypto/crypto.h"
#include "lib/crypto/secret.h"

/* Append only: the numbers travel. name, bytes of the value, bytes of a cipher block (0: not a
 * block cipher) */
#define KEY_ALGORITHM_LIST(X)             \
    X(DES, "des", 8, 8)                   \
    X(TDES, "tdes", 16, 8)                \
    X(TDES3, "tdes3", 24, 8)              \
    X(AES128, "aes-128", 16, 16)          \
    X(AES192, "aes-192", 24, 16)          \
    X(AES256, "aes-256", 32, 16)          \
    X(SM4, "sm4", 16, 16)                 \
    X(HMAC_SHA256, "hmac-sha-256", 32, 0) \
    X(HMAC_SM3, "hmac-sm3", 32, 0)

enum key_algorithm {
#define X(name, text, size, block) KEY_##name,
    KEY_ALGORITHM_LIST(X)
#undef X
        KEY_ALGORITHMS
};

/*
 * What a key may do. The terminal's keys are shared by one vault and the hsm; the zone keys by the
 * hsm and one card network. The order is part of what is stored and sent: append only. name, text
 */
#define KEY_USAGE_LIST(X)                                                                  \
    X(MASTER, "master")                   /* protects key blocks; the hsm's own */         \
    X(TERMINAL_MASTER, "terminal-master") /* encrypts one terminal's working keys */       \
    X(PIN, "pin")                         /* PIN blocks of one terminal */                 \
    X(MAC, "mac")                         /* messages of one terminal */                   \
    X(DATA, "data")                       /* card data envelopes of one terminal */        \
    X(ZONE_MASTER, "zone-master")         /* encrypts a network's working keys */          \
    X(ZONE_PIN, "zone-pin")                                                                \
    X(ZONE_MAC, "zone-mac")                                                                \
    X(ZONE_DATA, "zone-data")                                                              \
    X(TOKEN, "token")                         /* card number to token, host-wide */        \
    X(BASE_DERIVATION, "base-derivation")     /* DUKPT */                                  \
    X(RECOVERY, "recovery")                   /* one terminal's forgotten passwords */     \
    X(PEPPER, "pepper")                       /* console passwords; the host's alone */    \
    X(INITIAL, "initial")                     /* DUKPT: one device's, from the base key */ \
    X(CARD_VERIFICATION, "card-verification") /* CVV of cards */                           \
    X(PVV, "pvv")                             /* a card issuer's PINs, Visa's way */       \
    X(IBM3624, "ibm-3624")                    /* a card issuer's PINs, IBM's way */

enum key_usage {
#define X(name, text) KEY_USAGE_##name,
    KEY_USAGE_LIST(X)
#undef X
        KEY_USAGES
};

struct key {
    enum key_algorithm algorithm;
    enum key_usage usage;
    struct secret value; /* exactly key_size(algorithm) bytes */
};

enum { KEY_CHECK_BYTES = 4 };

size_t key_size(enum key_algorithm algorithm);
size_t key_block_size(enum key_algorithm algorithm);

/* "aes-128", "terminal-master": for listings, logs and the command line. Never NULL. */
const char *key_algorithm_text(enum key_algorithm algorithm);
const char *key_usage_text(enum key_usage usage);

/*
 * A key of this value. DES parity bits are taken as they come: networks disagree about them.
 * Errors: LENGTH when the value has another size than the algorithm.
 */
MUST_USE err key_make(enum key_algorithm algorithm, enum key_usage usage, struct bytes value,
                      struct key *ret_key);

/* A random key; DES values get odd parity, and the halves of a TDES key differ. */
void key_generate(const struct crypto *crypto, enum key_algorithm algorithm, enum key_usage usage,
                  struct key *ret_key);

void key_wipe(struct key *key);

/*
 * A numbered variant (1 to 31; 0 is the key itself) of a DES key, as older security modules keep
 * keys of several uses under one: eight times the number added to the first byte of each part. Same
 * usage. Errors: KEY (no DES key), RANGE.
 */
MUST_USE err key_variant(const struct key *key, unsigned number, struct key *ret_key);

/*
 * Key check value: the first four bytes of one block of zeros encrypted under the key, for TDES,
 * SM4 and AES alike (protocol facts 1.6; ANSI X9.24-1 has the CMAC form for AES, which nobody on
 * this wire uses). An HMAC key has the first four bytes of its HMAC over no data.
 */
MUST_USE err key_check_value(struct crypto *crypto, const struct key *key,
                             uint8_t ret_kcv[KEY_CHECK_BYTES]);

/* OK, or KCV when the key has another check value. */
MUST_USE err key_check(struct crypto *crypto, const struct key *key, struct bytes kcv);
