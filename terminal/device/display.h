/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * display: what the customer sees on a pole display of two lines of twenty columns, as bytes.
 *
 * The commands are those that such displays have in common: FF clears, ESC Q A and ESC Q B with a
 * CR behind them write the upper and the lower line. Chinese characters are GB18030 and take two
 * columns. What is shown follows from the screen that the cashier sees (display_of): what he is
 * asked is nobody else's, what is to be paid and how it ended is.
 */

#include "lib/base/writer.h"
#include "terminal/device/printer.h"
#include "terminal/screen.h"

enum { DISPLAY_COLUMNS = 20, DISPLAY_TEXT = 64, DISPLAY_BYTES_MAX = 160 };

struct display_lines {
    char upper[DISPLAY_TEXT], lower[DISPLAY_TEXT]; /* UTF-8, at most DISPLAY_COLUMNS columns */
};

/* The customer's lines of a screen, while a payment of this type (or NONE) is under way; empty ones
 * when the screen has nothing for him. */
void display_of(const struct screen *screen, enum payment_type type, struct display_lines *out);

/* The bytes that show them. `printer` converts the characters. */
void display_write(struct printer *printer, const struct display_lines *lines, struct writer *w);
