/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * card_value: what a card's issuer works out from a card number under a TDES key: the card
 * verification value on the stripe, the PIN verification value, IBM 3624 PINs and offsets. Only
 * an hsm that plays the issuer has such keys. All compare in constant time.
 *
 * `pan` is the card number with its check digit, ASCII digits.
 */

#include "lib/crypto/key.h"
#include "lib/crypto/pin.h"

enum {
    CARD_VALUE_CVV_DIGITS = 3,
    CARD_VALUE_PVV_DIGITS = 4,
    CARD_VALUE_TABLE_DIGITS = 16,
    CARD_VALUE_OFFSET_MAX = PIN_DIGITS_MAX
};

/*
 * CVV: TDES key of usage CARD_VERIFICATION, `expiry` four digits (YYMM on the stripe), `service`
 * three: those of the stripe; 000 for the printed value, 999 for that of a chip's track 2.
 * Errors: KEY, LENGTH (number over 19 digits, or another length of the others), DIGIT, CRYPTO.
 */
MUST_USE err card_value_cvv(struct crypto *crypto, const struct key *key, struct bytes pan,
                            struct bytes expiry, struct bytes service,
                            char ret_cvv[CARD_VALUE_CVV_DIGITS]);

/* OK, or MAC when it is another. */
MUST_USE err card_value_check_cvv(struct crypto *crypto, const struct key *key, struct bytes pan,
                                  struct bytes expiry, struct bytes service, struct bytes cvv);

/*
 * PVV (Visa): TDES key of usage PVV, `key_index` 0 to 9, of the PIN's first four digits.
 * Errors: KEY, LENGTH (a number under 12 or over 19 digits), DIGIT, RANGE (key_index), CRYPTO.
 */
MUST_USE err card_value_pvv(struct crypto *crypto, const struct key *key, uint8_t key_index,
                            struct bytes pan, const struct pin *pin,
                            char ret_pvv[CARD_VALUE_PVV_DIGITS]);

/* How an issuer uses IBM 3624. Views of the caller's memory. */
struct card_value_ibm3624 {
    struct bytes table;  /* decimalisation table: 16 digits, one for each hex digit */
    uint8_t from, count; /* which digits of the card number are encrypted */
    uint8_t pad;         /* the hex digit, 0 to 15, that fills them up to sixteen */
};

/*
 * The natural PIN with an offset added digit by digit: DES or TDES key of usage IBM3624. `offset`
 * has as many digits as the PIN shall have, zeros for the natural one.
 * Errors: KEY, LENGTH, DIGIT, RANGE (digits that the number has not, pad), CRYPTO.
 */
MUST_USE err card_value_ibm3624_pin(struct crypto *crypto, const struct key *key,
                                    const struct card_value_ibm3624 *how, struct bytes pan,
                                    struct bytes offset, struct pin *ret_pin);

/* The offset that makes `pin` of the natural PIN: pin->len digits. Errors as above. */
MUST_USE err card_value_ibm3624_offset(struct crypto *crypto, const struct key *key,
                                       const struct card_value_ibm3624 *how, struct bytes pan,
                                       const struct pin *pin,
                                       char ret_offset[CARD_VALUE_OFFSET_MAX]);
