/* SPDX-License-Identifier: Apache-2.0 */
/* How wide a text is on a printer: one column a character, two for Chinese. */
#include "payment/columns.h"

#include "payment/receipt.h"

/* One code point; malformed UTF-8 counts as one byte, one column: it is printed, never trusted. */
size_t columns_point(const char *at, uint32_t *ret_code)
{
    const uint8_t *b = (const uint8_t *)at;
    size_t len = b[0] < 0x80 ? 1 : b[0] >= 0xf0 ? 4 : b[0] >= 0xe0 ? 3 : b[0] >= 0xc0 ? 2 : 1;
    uint32_t code = len == 1 ? b[0] : b[0] & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((b[i] & 0xc0) != 0x80) {
            *ret_code = b[0];
            return 1;
        }
        code = code << 6 | (b[i] & 0x3f);
    }
    *ret_code = code;
    return len;
}

/* Wide: CJK and its punctuation, Hangul, full-width forms. */
static const struct {
    uint32_t first, last;
} wide[] = {
    {0x1100, 0x115f}, {0x2e80, 0xa4cf}, {0xac00, 0xd7a3}, {0xf900, 0xfaff},
    {0xfe30, 0xfe4f}, {0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x20000, 0x3fffd},
};

size_t columns_of_point(uint32_t code)
{
    if (code < wide[0].first) return 1;
    for (size_t i = 0; i < ARRAY_LEN(wide); i++)
        if (code >= wide[i].first && code <= wide[i].last) return 2;
    return 1;
}

size_t receipt_columns(const char *text)
{
    size_t columns = 0;
    uint32_t code;
    for (size_t i = 0; text[i] != '\0';) {
        if ((uint8_t)text[i] < 0x80) { /* most of it: one byte, one column */
            i++;
            columns++;
            continue;
        }
        i += columns_point(text + i, &code);
        columns += columns_of_point(code);
    }
    return columns;
}
