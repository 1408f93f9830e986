/* SPDX-License-Identifier: Apache-2.0 */
/* Hexadecimal text to bytes. */
#include "lib/base/hex.h"

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

err hex_decode(struct bytes text, uint8_t *out, size_t max, size_t *ret_len)
{
    if (text.len % 2 != 0) return ERR(FORMAT);
    if (text.len / 2 > max) return ERR(LENGTH);
    for (size_t i = 0; i < text.len; i++)
        if (hex_value(text.at[i]) < 0) return ERR(FORMAT);

    for (size_t i = 0; i < text.len / 2; i++)
        out[i] = (uint8_t)(hex_value(text.at[2 * i]) << 4 | hex_value(text.at[2 * i + 1]));
    *ret_len = text.len / 2;
    return OK;
}
