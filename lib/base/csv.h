/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * csv: texts as fields of comma-separated values (RFC 4180) that people open in a spreadsheet.
 *
 * What a spreadsheet would take for a formula (it begins with = + - @, their full-width forms, a
 * tab or a line break, after any blanks) has an apostrophe in front: `=HYPERLINK(..)` in the name
 * of a shop is read, and does nothing (OWASP, CSV injection).
 */

#include "lib/base/writer.h"

/* Before the first byte of a file: without it spreadsheets do not take Chinese for UTF-8. */
#define CSV_MARK "\xEF\xBB\xBF"

/* Appends a text that people have typed as a field, in quotes. */
void csv_text(struct writer *w, const char *text);
