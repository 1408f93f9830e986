/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cryptogram: what an issuer and its cards compute with the keys they share: card keys, session
 * keys, application cryptograms (ARQC, TC, AAC), the issuer's answer (ARPC) and the MAC and the
 * encipherment of issuer scripts. Virtual cards, the simulators' issuer and tests use it; a
 * terminal never does.
 *
 * Sources: EMV Book 2, 8 and annex A1 (derivation, cryptograms, ARPC methods 1 and 2), 9 (scripts);
 * protocol facts 2.3 for UnionPay's session key and the order of the data. TDES as the facts give
 * it, checked against the derived card; SM4 in the form of PBOC 3.0 part 17, for which no
 * independent example was at hand.
 *
 * The keys are not `struct key`: their holders are simulators, and no usage of vault and hsm may
 * stand for them. Wipe them with cryptogram_key_wipe.
 */

#include "lib/crypto/crypto.h"

enum {
    CRYPTOGRAM_KEY_BYTES = 16,
    CRYPTOGRAM_BYTES = 8,    /* AC, ARPC of method 1 */
    CRYPTOGRAM_ARPC_CSU = 4, /* ARPC of method 2 */
    CRYPTOGRAM_SCRIPT_MAC = 4,
    CRYPTOGRAM_DATA_MAX = 512, /* longer than any command or CDOL */
};

enum cryptogram_algorithm {
    CRYPTOGRAM_TDES, /* 01 in the issuer application data */
    CRYPTOGRAM_SM4,  /* 04 */
};

struct cryptogram_key {
    enum cryptogram_algorithm algorithm;
    uint8_t value[CRYPTOGRAM_KEY_BYTES];
};

void cryptogram_key_wipe(struct cryptogram_key *key);

/* Sets the DES parity bits of the key odd. Derivation leaves them as they come out. */
void cryptogram_odd_parity(struct cryptogram_key *key);

/* Whole blocks under the key, ECB, into in.len bytes at `out` (may be in.at). Errors: LENGTH,
 * CRYPTO. */
MUST_USE err cryptogram_encrypt(struct crypto *crypto, const struct cryptogram_key *key,
                                struct bytes in, uint8_t *out);

/*
 * The card's key from the issuer's (A1.4.1, option A). `pan` is 8 to 19 digits, `sequence` the card
 * sequence number 0 to 99 (0 when the card has none).
 * Errors: FORMAT (no card number), RANGE (sequence), CRYPTO.
 */
MUST_USE err cryptogram_card_key(struct crypto *crypto, const struct cryptogram_key *issuer,
                                 struct bytes pan, unsigned sequence,
                                 struct cryptogram_key *ret_key);

/* The same by option B (A1.4.2): as option A up to 16 digits, by way of SHA-1 above. TDES only:
 * UNSUPPORTED otherwise. */
MUST_USE err cryptogram_card_key_b(struct crypto *crypto, const struct cryptogram_key *issuer,
                                   struct bytes pan, unsigned sequence,
                                   struct cryptogram_key *ret_key);

/* UnionPay's session key: card key and transaction counter. Cryptogram and script MAC alike. */
MUST_USE err cryptogram_session_key(struct crypto *crypto, const struct cryptogram_key *card,
                                    uint16_t atc, struct cryptogram_key *ret_key);

/* The common session key of EMV (A1.3.1); the diversifier is ATC and zeros, or a cryptogram. */
MUST_USE err cryptogram_session_key_common(struct crypto *crypto, const struct cryptogram_key *card,
                                           const uint8_t diversifier[CRYPTOGRAM_BYTES],
                                           struct cryptogram_key *ret_key);

/* MAC of eight bytes: ISO/IEC 9797-1 algorithm 3 for TDES, CBC-MAC for SM4; padding 80 00.. (method
 * 2), or none but zeros (method 1). Errors: LENGTH (above CRYPTOGRAM_DATA_MAX), CRYPTO. */
MUST_USE err cryptogram_mac(struct crypto *crypto, const struct cryptogram_key *session,
                            struct bytes data, uint8_t ret_mac[CRYPTOGRAM_BYTES]);
MUST_USE err cryptogram_mac_zeros(struct crypto *crypto, const struct cryptogram_key *session,
                                  struct bytes data, uint8_t ret_mac[CRYPTOGRAM_BYTES]);

/* What goes into UnionPay's cryptogram, in its order, each exactly as long as in the message. */
struct cryptogram_input {
    uint8_t amount[6], amount_other[6]; /* 9F02, 9F03 */
    uint8_t terminal_country[2];        /* 9F1A */
    uint8_t tvr[5];                     /* 95 */
    uint8_t currency[2];                /* 5F2A */
    uint8_t date[3];                    /* 9A */
    uint8_t type;                       /* 9C */
    uint8_t unpredictable[4];           /* 9F37 */
    uint8_t aip[2];                     /* 82 */
    uint8_t atc[2];                     /* 9F36 */
    struct bytes cvr;                   /* out of 9F10, with its length byte: 03 xx xx xx */
};

/* The application cryptogram (9F26): card and issuer compute the same. Errors: LENGTH, CRYPTO. */
MUST_USE err cryptogram_generate(struct crypto *crypto, const struct cryptogram_key *session,
                                 const struct cryptogram_input *input,
                                 uint8_t ret_cryptogram[CRYPTOGRAM_BYTES]);

/* ARPC, method 1: the cryptogram and the response code of two characters (tag 91 = ARPC | ARC). */
MUST_USE err cryptogram_arpc(struct crypto *crypto, const struct cryptogram_key *session,
                             const uint8_t arqc[CRYPTOGRAM_BYTES], const uint8_t arc[2],
                             uint8_t ret_arpc[CRYPTOGRAM_BYTES]);

/* ARPC, method 2: card status update and up to eight bytes of the issuer's own. TDES and SM4. */
MUST_USE err cryptogram_arpc_csu(struct crypto *crypto, const struct cryptogram_key *session,
                                 const uint8_t arqc[CRYPTOGRAM_BYTES], const uint8_t csu[4],
                                 struct bytes proprietary, uint8_t ret_arpc[CRYPTOGRAM_ARPC_CSU]);

/*
 * The MAC at the end of a script command: over the header of five bytes (CLA INS P1 P2 and the Lc
 * that counts the MAC), the counter and the cryptogram of the first GENERATE AC, and the data. The
 * session key is that of the card's MAC key.
 */
MUST_USE err cryptogram_script_mac(struct crypto *crypto, const struct cryptogram_key *session,
                                   const uint8_t header[5], uint16_t atc,
                                   const uint8_t arqc[CRYPTOGRAM_BYTES], struct bytes data,
                                   uint8_t ret_mac[CRYPTOGRAM_SCRIPT_MAC]);

/*
 * Data of a script command (a new PIN block) under the session key of the card's encipherment key:
 * a length byte, the data, padding 80 00.. when that is no whole number of blocks; ECB. And back.
 * Errors: FULL (`max` is too small), LENGTH, FORMAT (what comes out has no such form), CRYPTO.
 */
MUST_USE err cryptogram_encipher(struct crypto *crypto, const struct cryptogram_key *session,
                                 struct bytes plain, uint8_t *out, size_t max, size_t *ret_len);
MUST_USE err cryptogram_decipher(struct crypto *crypto, const struct cryptogram_key *session,
                                 struct bytes secret, uint8_t *out, size_t max, size_t *ret_len);
