/* SPDX-License-Identifier: Apache-2.0 */
/* The US layout as a table, and lines from presses. */
#include "lib/wire/keyboard.h"

#include <linux/input.h>

_Static_assert(sizeof(struct input_event) == KEYBOARD_EVENT, "an event of the kernel");

/* clang-format off */
static const struct {
    char plain, shifted;
} characters[] = {
    [KEY_1] = {'1', '!'}, [KEY_2] = {'2', '@'}, [KEY_3] = {'3', '#'}, [KEY_4] = {'4', '$'},
    [KEY_5] = {'5', '%'}, [KEY_6] = {'6', '^'}, [KEY_7] = {'7', '&'}, [KEY_8] = {'8', '*'},
    [KEY_9] = {'9', '('}, [KEY_0] = {'0', ')'}, [KEY_MINUS] = {'-', '_'}, [KEY_EQUAL] = {'=', '+'},
    [KEY_Q] = {'q', 'Q'}, [KEY_W] = {'w', 'W'}, [KEY_E] = {'e', 'E'}, [KEY_R] = {'r', 'R'},
    [KEY_T] = {'t', 'T'}, [KEY_Y] = {'y', 'Y'}, [KEY_U] = {'u', 'U'}, [KEY_I] = {'i', 'I'},
    [KEY_O] = {'o', 'O'}, [KEY_P] = {'p', 'P'}, [KEY_A] = {'a', 'A'}, [KEY_S] = {'s', 'S'},
    [KEY_D] = {'d', 'D'}, [KEY_F] = {'f', 'F'}, [KEY_G] = {'g', 'G'}, [KEY_H] = {'h', 'H'},
    [KEY_J] = {'j', 'J'}, [KEY_K] = {'k', 'K'}, [KEY_L] = {'l', 'L'}, [KEY_Z] = {'z', 'Z'},
    [KEY_X] = {'x', 'X'}, [KEY_C] = {'c', 'C'}, [KEY_V] = {'v', 'V'}, [KEY_B] = {'b', 'B'},
    [KEY_N] = {'n', 'N'}, [KEY_M] = {'m', 'M'},
    [KEY_LEFTBRACE] = {'[', '{'}, [KEY_RIGHTBRACE] = {']', '}'}, [KEY_SEMICOLON] = {';', ':'},
    [KEY_APOSTROPHE] = {'\'', '"'}, [KEY_GRAVE] = {'`', '~'}, [KEY_BACKSLASH] = {'\\', '|'},
    [KEY_COMMA] = {',', '<'}, [KEY_DOT] = {'.', '>'}, [KEY_SLASH] = {'/', '?'},
    [KEY_SPACE] = {' ', ' '},
};
/* clang-format on */

void keyboard_wipe(struct keyboard *keyboard)
{
    explicit_bzero(keyboard, sizeof *keyboard);
}

static void forget_line(struct keyboard *k)
{
    explicit_bzero(k->line, sizeof k->line);
    k->len = 0;
    k->spoiled = false;
}

static void press(struct keyboard *k, unsigned code)
{
    char c = '\0';
    if (code < ARRAY_LEN(characters))
        c = k->shift ? characters[code].shifted : characters[code].plain;
    if (c == '\0' || k->len == sizeof k->line) k->spoiled = true;
    else k->line[k->len++] = c;
}

static void end_line(struct keyboard *k, keyboard_line line, void *context)
{
    if (!k->spoiled && k->len > 0) line(context, bytes_of(k->line, k->len));
    forget_line(k);
}

static void take_one(struct keyboard *k, const struct input_event *event, keyboard_line line,
                     void *context)
{
    enum { RELEASED = 0, PRESSED = 1 /* 2 is a key that is held: scanners hold none */ };
    if (event->type != EV_KEY) return;
    if (event->code == KEY_LEFTSHIFT || event->code == KEY_RIGHTSHIFT) {
        k->shift = event->value != RELEASED;
        return;
    }
    if (event->value != PRESSED) return;
    int64_t at_us = (int64_t)event->input_event_sec * 1000000 + event->input_event_usec;
    if (at_us - k->last_us > (int64_t)KEYBOARD_GAP_MS * 1000 || at_us < k->last_us) forget_line(k);
    k->last_us = at_us;
    if (event->code == KEY_ENTER || event->code == KEY_KPENTER) end_line(k, line, context);
    else press(k, event->code);
}

void keyboard_take(struct keyboard *keyboard, struct bytes events, keyboard_line line,
                   void *context)
{
    struct keyboard *k = keyboard;
    for (size_t i = 0; i < events.len; i++) {
        k->part[k->part_len++] = events.at[i];
        if (k->part_len < sizeof k->part) continue;
        struct input_event event;
        memcpy(&event, k->part, sizeof event);
        k->part_len = 0;
        take_one(k, &event, line, context);
        explicit_bzero(&event, sizeof event);
    }
}
