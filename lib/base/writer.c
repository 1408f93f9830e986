/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the writer that are too long to stand in its header: formatted text, hexadecimal. */
#include "lib/base/writer.h"

#include <stdarg.h>
#include <stdio.h>

void write_format(struct writer *w, const char *format, ...)
{
    if (w->fault != ERR_OK) return;
    size_t room = w->max - w->len;
    va_list arguments;
    va_start(arguments, format);
    /* vsnprintf wants a byte for its NUL; a text that fills the block to its last byte is refused.
     */
    int len = vsnprintf((char *)w->at + w->len, room, format, arguments);
    va_end(arguments);
    ENSURE(len >= 0);
    if ((size_t)len >= room) {
        writer_fail(w, ERR_FULL);
        return;
    }
    w->len += (size_t)len;
}

void write_decimal(struct writer *w, uint64_t value, size_t width)
{
    enum { DIGITS_MAX = 20 }; /* of 2^64 - 1 */
    ENSURE(width >= 1 && width <= DIGITS_MAX);
    size_t len = 1;
    for (uint64_t rest = value; rest >= 10; rest /= 10) len++;
    if (len < width) len = width;
    uint8_t *space = write_space(w, len);
    if (space == NULL) return;
    for (size_t i = len; i-- > 0; value /= 10) space[i] = (uint8_t)('0' + value % 10);
}

static void write_hex_with(struct writer *w, struct bytes b, const char *digit)
{
    uint8_t *space = write_space(w, b.len * 2);
    if (space == NULL) return;
    for (size_t i = 0; i < b.len; i++) {
        space[2 * i] = (uint8_t)digit[b.at[i] >> 4];
        space[2 * i + 1] = (uint8_t)digit[b.at[i] & 15];
    }
}

void write_hex(struct writer *w, struct bytes b)
{
    write_hex_with(w, b, "0123456789abcdef");
}

void write_hex_upper(struct writer *w, struct bytes b)
{
    write_hex_with(w, b, "0123456789ABCDEF");
}
