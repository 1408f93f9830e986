/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * guide: a PIN for who does not see the screen (S179). Words are spoken, the keypad is fixed, and
 * the customer has more time (timeouts.h). docs/accessibility.md says which points are covered.
 *
 *   sale.present    the cashier, or two fingers resting on the glass, or a key turns it on
 *   guide.start     the amount and how it goes; practice, large keys, the other language
 *   guide.practice  digits are asked for and said back; no PIN is open and none is wanted
 *   sale.pin        the PIN
 *
 * What may be heard  sale.pin never says, plays, shows, sends or notes anything that depends on
 *        which digit was entered: one tone for all, and how many there are. On flat glass a digit
 *        is a stroke from wherever the finger has come down, which is the 5, so there is no place
 *        to find by ear; a key that says its name is never a digit. A tone over the 5 was dropped:
 *        whoever hears it and the tone of entry knows when a PIN has a 5.
 *
 * It lasts for one sale. What is said are clips (device/clips.h), decided here; the page plays.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "terminal/screen.h"

struct terminal;
struct procedure;
struct vault_entry_answer;

enum guide_words {
    GUIDE_NOTHING,
    GUIDE_ON,
    GUIDE_START,
    GUIDE_PRACTICE,
    GUIDE_RIGHT,
    GUIDE_WRONG,
    GUIDE_PIN,
    GUIDE_PIN_AGAIN, /* the card says that it was wrong */
    GUIDE_TONE,      /* one more digit */
    GUIDE_CLEARED,
    GUIDE_SHORT,
    GUIDE_FULL,
    GUIDE_HURRY,
    GUIDE_TIME_OVER,
    GUIDE_DECLINED,
    GUIDE_REVERSED,
};

struct guide {
    bool on, large, begun, hurried;
    enum guide_words said;
    enum language language; /* in which that was */
    uint8_t target, heard;  /* digits of the practice: asked for, and entered instead */
};

/* The words go out now, and with every screen until there are others. */
void guide_say(struct terminal *t, enum guide_words words);

/* On the screen that is being built: these words, said once, while the guide is on. */
void guide_tell(struct terminal *t, enum guide_words words);

/* The choice on the card screen. */
void guide_toggle(struct terminal *t);

/* This entry is a guided one. */
bool guide_entry(const struct terminal *t);

/* The corners and the words of a guided sale.pin, on the screen that is being built. */
void guide_entry_screen(struct terminal *t);

/* After screen_show(): when the words come that the time is running out. */
void guide_entry_shown(struct terminal *t);

/* A key of sale.pin that is the guide's; and what the vault has answered to a sealed one. */
void guide_entry_key(struct terminal *t);
void guide_entry_answer(struct terminal *t, unsigned before, const struct vault_entry_answer *said);

/* A cardholder's PIN as t->ask says, guided when it is wanted. As entry_take(). */
err pin_take(struct terminal *t, struct procedure *p);
