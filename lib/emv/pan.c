/* SPDX-License-Identifier: Apache-2.0 */
/* Card numbers: shape, check digit, masking, expiry. */
#include "lib/emv/pan.h"

#include "lib/base/mask.h"

enum { HIDDEN_MIN = 3 };

bool pan_well_formed(struct bytes pan)
{
    return pan.len >= PAN_MIN && pan.len <= PAN_MAX && bytes_all_digits(pan);
}

bool pan_luhn(struct bytes digits)
{
    return mask_luhn(digits);
}

/* clang-format off */
static const struct {
    uint16_t first, last; /* of the first four digits */
    uint8_t least, most;  /* digits of the whole number */
} lengths[] = {
    {2221, 2720, 16, 16},
    {3400, 3499, 15, 15},
    {3528, 3589, 16, 19},
    {3600, 3699, 14, 19},
    {3700, 3799, 15, 15},
    {3800, 3999, 14, 19},
    {4000, 4999, 13, 19},
    {5100, 5599, 16, 16},
    {6200, 6299, 16, 19},
    {8100, 8199, 16, 19},
};
/* clang-format on */

bool pan_length_fits(struct bytes pan)
{
    if (!pan_well_formed(pan)) return false;
    unsigned begins = 0;
    for (size_t i = 0; i < 4; i++) begins = begins * 10 + (unsigned)(pan.at[i] - '0');
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++)
        if (begins >= lengths[i].first && begins <= lengths[i].last)
            return pan.len >= lengths[i].least && pan.len <= lengths[i].most;
    return true;
}

err pan_mask(struct bytes pan, char out[PAN_TEXT])
{
    ENSURE(out != NULL);
    if (!pan_well_formed(pan)) return ERR(FORMAT);
    size_t head = pan.len >= MASK_HEAD + MASK_TAIL + HIDDEN_MIN ? MASK_HEAD : 0;
    for (size_t i = 0; i < pan.len; i++)
        out[i] = i < head || i >= pan.len - MASK_TAIL ? (char)pan.at[i] : '*';
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
