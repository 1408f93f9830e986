/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cryptogram_schemes: what issuers of other schemes compute beside lib/emv/cryptogram.h: the
 * session key tree of EMV 2000, Visa's script session key and PIN change block, the dynamic code
 * of magnetic-stripe mode, script encipherment without a length byte. For issuers and tests: no
 * card of ours and no terminal uses them. TDES only: UNSUPPORTED otherwise.
 *
 * Sources: EMV 2000 Book 2, annex A1.3 (the tree; withdrawn by EMV 4.1); EMV Book 2, 9.3
 * (encipherment); Visa Integrated Circuit Card Specification, appendices on secure messaging and
 * on PIN change; Mastercard's contactless magnetic-stripe profile (CVC3). The last two are not
 * public: held against the published issuer vectors only.
 */

#include "lib/base/writer.h"
#include "lib/crypto/pin.h"
#include "lib/emv/cryptogram.h"

/* A tree of keys: `branch` children each, `height` levels below the card's key. */
struct cryptogram_tree {
    unsigned branch, height;
    uint8_t initial[CRYPTOGRAM_KEY_BYTES]; /* zeros unless the issuer says otherwise */
};

/* The session key of a counter. Errors: RANGE (the tree has no leaf for it, or is none), CRYPTO. */
MUST_USE err cryptogram_session_key_tree(struct crypto *crypto, const struct cryptogram_key *card,
                                         const struct cryptogram_tree *tree, uint16_t atc,
                                         struct cryptogram_key *ret_key);

/* Visa's session key for scripts: the counter, and its complement, into the ends of the halves. */
MUST_USE err cryptogram_session_key_visa(const struct cryptogram_key *card, uint16_t atc,
                                         struct cryptogram_key *ret_key);

/*
 * Visa's PIN change block, in clear and secret: the new PIN over the card's cryptogram key, and,
 * where the issuer wants it, over the PIN that is replaced (`current`, or NULL).
 */
MUST_USE err cryptogram_visa_pin_block(const struct cryptogram_key *card, const struct pin *pin,
                                       const struct pin *current, uint8_t ret_block[8]);

/*
 * The dynamic code of a card in magnetic-stripe mode (CVC3, 0 to 65535): over the static part of
 * the track in the order of the card, the terminal's number and the counter. What stands in the
 * track is as many of its last digits as the card has room for. Errors: LENGTH, CRYPTO.
 */
MUST_USE err cryptogram_cvc3(struct crypto *crypto, const struct cryptogram_key *key,
                             struct bytes track_template, const uint8_t unpredictable[4],
                             uint16_t atc, uint16_t *ret_cvc3);

enum cryptogram_fill {
    CRYPTOGRAM_FILL_NEEDED, /* 80 00.. only where the data is no whole blocks */
    CRYPTOGRAM_FILL_ALWAYS, /* EMV Book 2, 9.3 */
};

/* Script data enciphered without a length byte, CBC from zeros. Errors: FULL, LENGTH, CRYPTO. */
MUST_USE err cryptogram_encipher_bare(struct crypto *crypto, const struct cryptogram_key *session,
                                      enum cryptogram_fill fill, struct bytes plain,
                                      struct writer *w);
