/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * keyboard: what a scanner or a reader of magnetic stripes types when it plays a keyboard.
 *
 * Most of them do: what was read comes as key presses of a US layout, faster than any hand, and
 * ends with Enter. Bytes of an input device of Linux (struct input_event) go in, whole lines come
 * out. A key later than KEYBOARD_GAP_MS after the one before begins anew: half a code whose end
 * was lost is not joined to the next one. A line that is too long, or has a key without a
 * character, is dropped whole. Pure; what was typed is wiped as soon as it was told.
 */

#include "lib/base/bytes.h"

enum {
    KEYBOARD_LINE_MAX = 512, /* a code of a card in a telephone; two tracks are 119 characters */
    KEYBOARD_GAP_MS = 500,
    KEYBOARD_EVENT = 24, /* bytes of an event on a system of 64 bits */
};

struct keyboard {
    bool shift, spoiled;
    int64_t last_us;
    size_t part_len, len;
    uint8_t part[KEYBOARD_EVENT];
    char line[KEYBOARD_LINE_MAX];
};

/* `line` is a view that ends with the call: the characters before Enter, at least one. */
typedef void (*keyboard_line)(void *context, struct bytes line);

/* Events as they were read, of any length: one may come in two pieces. */
void keyboard_take(struct keyboard *keyboard, struct bytes events, keyboard_line line,
                   void *context);

/* Forgets what was typed and not ended: its device is gone. */
void keyboard_wipe(struct keyboard *keyboard);
