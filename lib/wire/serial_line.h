/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * serial_line: what a scanner or a stripe reader on a serial line sends, as lines: characters, then
 * CR, LF or both. A line whose end was lost is not joined to the next one: after SERIAL_LINE_GAP_MS
 * of silence it begins anew. One that is too long or has other characters than printable ASCII is
 * dropped whole. (One that plays a keyboard is keyboard.h.) Pure; a line is wiped when it was told.
 */

#include "lib/base/bytes.h"

enum { SERIAL_LINE_MAX = 512, SERIAL_LINE_GAP_MS = 500 };

struct serial_line {
    bool spoiled;
    int64_t last_ms;
    size_t len;
    char line[SERIAL_LINE_MAX];
};

typedef void (*serial_line_taken)(void *context, struct bytes line);

void serial_line_take(struct serial_line *serial, struct bytes bytes, int64_t now_ms,
                      serial_line_taken taken, void *context);
