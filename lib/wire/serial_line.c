/* SPDX-License-Identifier: Apache-2.0 */
/* Lines out of a stream of characters. */
#include "lib/wire/serial_line.h"

static void forget(struct serial_line *s)
{
    explicit_bzero(s->line, sizeof s->line);
    s->len = 0;
    s->spoiled = false;
}

void serial_line_take(struct serial_line *serial, struct bytes bytes, int64_t now_ms,
                      serial_line_taken taken, void *context)
{
    struct serial_line *s = serial;
    if (now_ms - s->last_ms > SERIAL_LINE_GAP_MS) forget(s);
    s->last_ms = now_ms;
    for (size_t i = 0; i < bytes.len; i++) {
        uint8_t c = bytes.at[i];
        if (c == '\r' || c == '\n') {
            if (s->len > 0 && !s->spoiled) taken(context, bytes_of(s->line, s->len));
            forget(s);
        } else if (c < 0x20 || c > 0x7e || s->len == sizeof s->line) {
            s->spoiled = true;
        } else {
            s->line[s->len++] = (char)c;
        }
    }
}
