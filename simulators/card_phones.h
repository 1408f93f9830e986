/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * card_phones: telephones with a bank card in them that show it as a code (EMVCo,
 * consumer-presented mode; lib/emv/card_code.h reads it). Account, balance and PIN are those of a
 * row in simulators/cards.h; the sequence number tells such a card from the chips of the account
 * (simulators/cards/personality.h).
 *
 * The cryptogram is the chips' with nothing of the terminal in it: amounts, country, currency,
 * date, type and TVR are zeros. In the place of the terminal's unpredictable number (9F37) stands
 * the second at which the code was made, so that its issuer can tell how old it is.
 */

#include "lib/crypto/crypto.h"
#include "simulators/cards.h"

enum {
    CARD_PHONES_MAX = 8,
    CARD_PHONE_LIFE_S = 60, /* a code is good for so long */
    CARD_PHONE_AHEAD_S = 5, /* clocks of telephones */
    CARD_PHONE_TEXT_MAX = 512,
};

struct card_phone {
    const char *name;    /* what the tray calls it */
    const char *account; /* virtual_card_named() */
    uint8_t sequence;
    struct bytes aid;
    const char *label;
    unsigned age_s; /* of what it shows: an old picture */
    bool cut;       /* it shows half of its code */
    struct text2 title, hint;
};

const struct card_phone *card_phones(size_t *ret_count);
const struct card_phone *card_phone_named(struct bytes name);

/* The issuer's look-up. NULL: there is no such card. */
const struct card_phone *card_phone_of(struct bytes pan, unsigned sequence);

/* What it shows at `now_ms` with this transaction counter, as text. Errors: CRYPTO, FULL. */
MUST_USE err card_phone_code(struct crypto *crypto, const struct card_phone *phone, uint16_t atc,
                             int64_t now_ms, struct writer *text);
