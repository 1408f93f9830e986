/* SPDX-License-Identifier: Apache-2.0 */
/* Card numbers: shape, check digit, masking, expiry. */
#include "lib/emv/pan.h"

enum { HEAD = 6, TAIL = 4, HIDDEN_MIN = 3 };

bool pan_well_formed(struct bytes pan)
{
    return pan.len >= PAN_MIN && pan.len <= PAN_MAX && bytes_all_digits(pan);
}

bool pan_luhn(struct bytes digits)
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

err pan_mask(struct bytes pan, char out[PAN_TEXT])
{
    ENSURE(out != NULL);
    if (!pan_well_formed(pan)) return ERR(FORMAT);
    size_t head = pan.len >= HEAD + TAIL + HIDDEN_MIN ? HEAD : 0;
    for (size_t i = 0; i < pan.len; i++)
        out[i] = i < head || i >= pan.len - TAIL ? (char)pan.at[i] : '*';
    out[pan.len] = '\0';
    return OK;
}

bool pan_expired(struct bytes yymm, int year, int month)
{
    ENSURE(yymm.len == 4 && bytes_all_digits(yymm));
    ENSURE(month >= 1 && month <= 12);
    int yy = (yymm.at[0] - '0') * 10 + (yymm.at[1] - '0');
    int mm = (yymm.at[2] - '0') * 10 + (yymm.at[3] - '0');
    int expires = (yy >= 50 ? 1900 : 2000) + yy;
    return year > expires || (year == expires && month > mm);
}
