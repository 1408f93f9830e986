/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * envelope: card data on its way from a vault to the hsm (field 57 of Tongbao's own dialect).
 *
 *   version 01 AES-128-GCM, 02 SM4-GCM       version 03 TDES, for a key of one transaction
 *   1   version                              1   version
 *   12  nonce, random                        8   initialisation vector, random
 *   n   ciphertext of the card data below    n   CBC ciphertext of: the first 8 bytes of SHA-256
 *   16  tag                                      of the associated data, the card data, 80, zeros
 *
 * The key's cipher is the version. The associated data is the caller's, and binds the envelope to
 * its message (terminal, batch, trace), so that an envelope cannot be moved to another payment.
 * Version 03 has no tag of its own: who opens it has checked the MAC of the message that carries
 * it, under another key of the same transaction (hsm/accept.c does so first). Plaintext, one
 * spelling:
 *
 *   1 + n   number of digits of the card number (12..19), the digits in ASCII
 *   4       expiry YYMM in ASCII, or four spaces when the card showed none
 *   3       service code in ASCII, or three spaces
 *   1 + n   length of track 2 (0..37), its characters 0-9 and '='
 *   3       card sequence number in ASCII, or three spaces
 */

#include "lib/base/writer.h"
#include "lib/crypto/cipher.h"

enum {
    CARD_PAN_MIN = 12,
    CARD_PAN_MAX = 19,
    CARD_TRACK2_MAX = 37,
    CARD_PLAIN_MAX = 1 + CARD_PAN_MAX + 4 + 3 + 1 + CARD_TRACK2_MAX + 3,
    ENVELOPE_VERSION = 1, /* of AES-128; the other ciphers have the numbers above */
    ENVELOPE_MAX = 1 + CIPHER_NONCE_BYTES + CARD_PLAIN_MAX + CIPHER_TAG_BYTES
};

/* Clear card data: secret. Texts are NUL-terminated; an empty one means absent. Declare it
 * CLEANUP(card_data_wipe). */
struct card_data {
    char pan[CARD_PAN_MAX + 1];
    char expiry[4 + 1]; /* YYMM */
    char service_code[3 + 1];
    char track2[CARD_TRACK2_MAX + 1]; /* without sentinels, '=' as separator */
    char sequence[3 + 1];             /* of the chip, tag 5F34 */
};

void card_data_wipe(struct card_data *card);

/* Errors: LENGTH, DIGIT, FORMAT (a text is not what its comment says). */
MUST_USE err card_data_encode(const struct card_data *card, struct writer *w);
/* Errors: also SHORT, TRAILING. */
MUST_USE err card_data_decode(struct bytes plain, struct card_data *ret_card);

/*
 * Appends a sealed envelope to `w`, at most ENVELOPE_MAX bytes.
 * Errors: KEY (usage is not DATA or ZONE_DATA, or a cipher without version), those of
 * card_data_encode, FULL.
 */
MUST_USE err envelope_seal(struct crypto *crypto, const struct key *key, struct bytes associated,
                           const struct card_data *card, struct writer *w);

/*
 * Errors: KEY, SHORT, LENGTH, NEWER (another version), MAC (altered, or sealed for another message
 * or key), those of card_data_decode.
 */
MUST_USE err envelope_open(struct crypto *crypto, const struct key *key, struct bytes associated,
                           struct bytes envelope, struct card_data *ret_card);
