/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * label: what is stuck on the box of a terminal and on its back: 100 x 150 mm, one page. The code
 * on it is the serial number and nothing else: the desk scans it when it packs, the terminal at its
 * first start (terminal/first_start.h), and neither takes one that only looks like it.
 *
 * Names and addresses are what somebody has typed. Each has a place of a fixed number of lines and
 * ends in dots where it is longer; what would turn the direction of what stands beside it, or is no
 * letter at all, is left out; a letter that no font has is an empty box and spoils nothing else.
 */

#include "lib/wire/paper.h"

/* Errors: NOT_FOUND (no font has our own Chinese words), FULL, NO_MEMORY, IO. */
MUST_USE err label_draw(const struct paper *paper, struct writer *pdf);

/* Text as it may be drawn into a line: without control characters and without the marks that set a
 * direction. `out` holds `size` bytes; what is longer is cut at a character. */
void label_plain(const char *text, char *out, size_t size);
