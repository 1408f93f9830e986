/* SPDX-License-Identifier: Apache-2.0 */
/* Card numbers inside text. Every window is looked at in the text as it came, so masks may overlap.
 */
#include "lib/base/mask.h"

bool mask_luhn(struct bytes digits)
{
    if (!bytes_all_digits(digits)) return false;
    unsigned sum = 0;
    for (size_t i = 0; i < digits.len; i++) {
        unsigned d = digits.at[digits.len - 1 - i] - '0';
        if (i % 2 == 1) d = d * 2 > 9 ? d * 2 - 9 : d * 2;
        sum += d;
    }
    return sum % 10 == 0;
}

bool mask_cards(struct bytes text, uint8_t *out)
{
    bool masked = false;
    ENSURE(text.len == 0 || out != NULL);
    if (text.len > 0) memcpy(out, text.at, text.len);
    for (size_t i = 0; i + MASK_CARD_MIN <= text.len; i++) {
        if (text.at[i] < '2' || text.at[i] > '9') continue;
        for (size_t len = MASK_CARD_MIN; len <= MASK_CARD_MAX && i + len <= text.len; len++) {
            if (!mask_luhn(bytes_of(text.at + i, len))) continue;
            memset(out + i + MASK_HEAD, '*', len - MASK_HEAD - MASK_TAIL);
            masked = true;
        }
    }
    return masked;
}
