/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Field 55: what a chip card says to its issuer, and the issuer's answer, as BER-TLV (ISO 8583
 * field 55 as the UnionPay-style profile uses it, protocol facts 1.8; EMV Book 3, annex A).
 *
 * It is stored with the payment: a cryptogram is evidence and no secret. What may not be stored
 * (PAN, track 2 equivalent data, the cardholder's name, PIN) has no place in it, and a field that
 * holds such an object is refused: the card's number travels in the envelope alone.
 */

#include "lib/base/writer.h"

enum { PAYMENT_CHIP_MAX = 255 }; /* bytes, of every dialect's field 55 */

struct payment_chip {
    uint8_t len; /* 0: the payment has none */
    uint8_t at[PAYMENT_CHIP_MAX];
};

struct bytes payment_chip_view(const struct payment_chip *chip);

/*
 * Takes a field 55. Errors: LENGTH (empty, or above PAYMENT_CHIP_MAX), SHORT and FORMAT (not
 * BER-TLV), EXISTS (an object twice, unless it is an issuer script), DENIED (card data or a PIN in
 * it).
 */
MUST_USE err payment_chip_take(struct bytes field, struct payment_chip *out);

/* The value of one object; empty when it is not there. A view into `chip`. */
struct bytes payment_chip_get(const struct payment_chip *chip, uint32_t tag);

/*
 * The objects that a reversal carries, in this order and as far as they are there: 95, 9F1E, 9F10,
 * 9F36, DF31 (protocol facts 1.8). Writes nothing for a payment without a chip.
 */
void payment_chip_reversal(const struct payment_chip *chip, struct writer *w);
