/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Amounts, moments and free texts as the lists of `tongbao admin` show them. */

#include <stdint.h>

struct admin_amount {
    char text[32];
};
struct admin_amount admin_amount(int64_t minor); /* "-12.50" */

struct admin_moment {
    char text[24];
};
struct admin_moment admin_moment(int64_t at_ms); /* "2026-03-09 10:14", in China */

/*
 * Prints a text that people have typed as a field of CSV, in quotes. What a spreadsheet would take
 * for a formula (it begins with = + - @, their full-width forms, a tab or a line break, after any
 * blanks) has an apostrophe in front: `=HYPERLINK(..)` in a reason is read, and does nothing
 * (OWASP, CSV injection).
 */
void admin_csv_text(const char *text);
