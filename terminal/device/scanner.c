/* SPDX-License-Identifier: Apache-2.0 */
/* Codes out of a stream of characters. */
#include "terminal/device/scanner.h"

static void forget(struct scanner *s)
{
    explicit_bzero(s->code, sizeof s->code);
    s->len = 0;
    s->spoiled = false;
}

void scanner_take(struct scanner *scanner, struct bytes bytes, int64_t now_ms, scanner_code code,
                  void *context)
{
    struct scanner *s = scanner;
    if (now_ms - s->last_ms > SCANNER_GAP_MS) forget(s);
    s->last_ms = now_ms;
    for (size_t i = 0; i < bytes.len; i++) {
        uint8_t c = bytes.at[i];
        if (c == '\r' || c == '\n') {
            if (s->len > 0 && !s->spoiled) code(context, bytes_of(s->code, s->len));
            forget(s);
        } else if (c < 0x20 || c > 0x7e || s->len == sizeof s->code) {
            s->spoiled = true;
        } else {
            s->code[s->len++] = (char)c;
        }
    }
}
