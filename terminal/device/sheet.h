/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * sheet: the lines of a receipt as bytes, for the program that draws it: how many columns the
 * paper has in one byte; of each line its style and its length, a byte each, and its text. A
 * signature comes last: FF, the line that it stands in front of, its length (two bytes), strokes.
 */

#include "lib/base/writer.h"
#include "payment/receipt.h"

enum { SHEET_MAX = 1 + RECEIPT_LINES * (2 + RECEIPT_LINE_BYTES) + 4 + RECEIPT_STROKES_MAX };

void sheet_write(const struct receipt *receipt, struct writer *w);

/* Errors: SHORT, LENGTH (a line, or too many of them), RANGE (no such style or paper),
 * FORMAT (no strokes). */
MUST_USE err sheet_read(struct bytes sheet, struct receipt *out);
