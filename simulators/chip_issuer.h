/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * chip_issuer: what an issuer does with field 55: it computes the card's cryptogram anew, refuses a
 * transaction counter that it has seen, and answers with its own cryptogram (91) and, for cards
 * that are to get one, a script (71 before the second GENERATE AC, 72 after it). Pure.
 *
 * EMV Book 2, 8 and 9; the order of the data as the card has it (protocol facts 2.3). The script's
 * identifier is 1 in all of them: an issuer of one script needs no more.
 */

#include "lib/crypto/crypto.h"
#include "payment/chip.h"
#include "simulators/cards/personality.h"

/* A card's claim that it was there and agreed. */
struct chip_claim {
    struct bytes pan; /* digits */
    unsigned sequence;
    int64_t amount_minor;
    const struct payment_chip *chip;
};

/*
 * Judges it. NULL: the card is the issuer's own and has said this now; *ret_atc is its counter. Or
 * a response code: 14 no such card, 30 an object is missing or has a wrong length, 13 another
 * amount than the message has, 05 the card itself has refused, 59 the cryptogram is not this card's
 * or its counter is not above `last_atc`, 96 our own cryptography failed.
 */
const char *chip_judge(struct crypto *crypto, const struct chip_claim *claim, uint16_t last_atc,
                       uint16_t *ret_atc);

/*
 * Judges the cryptogram of a card that was shown as a code (card_phones.h): as chip_judge(), but
 * there is no amount in it, and 14 when its counter is not above `last_atc` or the code is older
 * than it may be, or from the future: a new one is a touch away.
 */
const char *chip_judge_code(struct crypto *crypto, const struct chip_claim *claim,
                            uint16_t last_atc, int64_t now_ms, uint16_t *ret_atc);

/*
 * Judges what the card has approved by itself: as above, but its counter may be any that is not
 * taken yet (the caller's to say), and what it has said must be an approval (TC; otherwise 05).
 */
const char *chip_judge_advice(struct crypto *crypto, const struct chip_claim *claim,
                              uint16_t *ret_atc);

/*
 * Field 55 of the answer. A script only with an approval. A claim that chip_judge() would call 14,
 * 30 or 59 gets an empty one: nobody there could check it. Errors: CRYPTO, LENGTH.
 */
MUST_USE err chip_reply(struct crypto *crypto, const struct chip_claim *claim,
                        const char response_code[3], struct payment_chip *out);
