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

/* How many '=' end the text: none, one or two. */
static size_t padding_of(struct bytes text)
{
    size_t padding = 0;
    while (padding < 2 && padding < text.len && text.at[text.len - 1 - padding] == '=') padding++;
    return padding;
}

/* Four characters, of which the last `padding` are '='. */
static err read_group(const uint8_t *at, size_t padding, uint32_t *ret_group)
{
    uint32_t group = 0;
    for (size_t i = 0; i < 4; i++) {
        int value = i >= 4 - padding ? 0 : value_of(at[i]);
        if (value < 0) return ERR(FORMAT);
        group = group << 6 | (uint32_t)value;
    }
    *ret_group = group;
    return OK;
}

err base64_decode(struct bytes text, uint8_t *out, size_t max, size_t *ret_len)
{
    if (text.len % 4 != 0) return ERR(FORMAT);
    size_t padding = padding_of(text);
    size_t len = text.len / 4 * 3 - padding;
    if (len > max) return ERR(LENGTH);

    for (size_t i = 0, at = 0; i < text.len; i += 4) {
        uint32_t group;
        TRY(read_group(text.at + i, i + 4 == text.len ? padding : 0, &group));
        for (int shift = 16; shift >= 0; shift -= 8, at++) {
            uint8_t byte = (uint8_t)(group >> shift);
            if (at < len) out[at] = byte;
            else if (byte != 0) return ERR(FORMAT); /* stray bits behind the last byte */
        }
    }
    *ret_len = len;
    return OK;
}
