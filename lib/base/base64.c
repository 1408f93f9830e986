/* SPDX-License-Identifier: Apache-2.0 */
/* Base64: three bytes are four characters. */
#include "lib/base/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_write(struct writer *w, struct bytes b)
{
    uint8_t *space = write_space(w, (b.len + 2) / 3 * 4);
    if (space == NULL) return;
    for (size_t i = 0; i < b.len; i += 3) {
        size_t left = b.len - i;
        uint32_t group = (uint32_t)b.at[i] << 16;
        if (left > 1) group |= (uint32_t)b.at[i + 1] << 8;
        if (left > 2) group |= b.at[i + 2];
        *space++ = (uint8_t)alphabet[group >> 18];
        *space++ = (uint8_t)alphabet[group >> 12 & 63];
        *space++ = left > 1 ? (uint8_t)alphabet[group >> 6 & 63] : '=';
        *space++ = left > 2 ? (uint8_t)alphabet[group & 63] : '=';
    }
}

static int value_of(uint8_t c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    return c == '/' ? 63 : -1;
}

err base64_decode(struct bytes text, uint8_t *out, size_t max, size_t *ret_len)
{
    if (text.len % 4 != 0) return ERR(FORMAT);
    size_t padding = 0;
    while (padding < 2 && padding < text.len && text.at[text.len - 1 - padding] == '=') padding++;
    size_t len = text.len / 4 * 3 - padding;
    if (len > max) return ERR(LENGTH);

    for (size_t i = 0, at = 0; i < text.len; i += 4) {
        uint32_t group = 0;
        for (size_t k = 0; k < 4; k++) {
            bool pad = i + k >= text.len - padding;
            int value = pad ? 0 : value_of(text.at[i + k]);
            if (value < 0) return ERR(FORMAT);
            group = group << 6 | (uint32_t)value;
        }
        for (int shift = 16; shift >= 0; shift -= 8) {
            uint8_t byte = (uint8_t)(group >> shift);
            if (at < len) out[at++] = byte;
            else if (byte != 0) return ERR(FORMAT);
        }
    }
    *ret_len = len;
    return OK;
}
