/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * printer: receipts as the bytes of an ESC/POS printer with 32 columns (58 mm) or 48 (80 mm) and a
 * GB18030 font.
 *
 * The small functions write one command each; printer_receipt() uses them. Text is UTF-8 here and
 * GB18030 on paper; U+00A5 becomes U+FFE5, which every such printer has as two bytes. What GB18030
 * has no character for is printed as '?'.
 */

#include "lib/base/writer.h"
#include "payment/receipt.h"

struct printer; /* holds the open character conversion */

/* Errors: UNSUPPORTED (this system cannot convert to GB18030). */
MUST_USE err printer_open(struct printer **ret_printer);
void printer_close(struct printer *printer); /* NULL is allowed */

enum printer_justify { PRINTER_LEFT, PRINTER_CENTRE, PRINTER_RIGHT };

void printer_reset(struct writer *w);
void printer_justify(struct writer *w, enum printer_justify justify);
void printer_size(struct writer *w, unsigned width, unsigned height); /* 1 .. 8 times */
void printer_bold(struct writer *w, bool on);
void printer_text(struct printer *printer, struct writer *w, struct bytes utf8);
void printer_line(struct printer *printer, struct writer *w, struct bytes utf8);
void printer_qr(struct writer *w, struct bytes data, unsigned module_dots);
void printer_feed(struct writer *w, unsigned lines);
void printer_cut(struct writer *w); /* partial, at the knife */
/* The pulse that opens the drawer at the printer's plug: pin 2, 100 ms on and 500 ms off. */
void printer_drawer(struct writer *w);

/* A signature (strokes.h) as a raster of 384 dots a row, which any such paper has. */
void printer_strokes(struct writer *w, struct bytes packed);

/* One copy: reset, lines, feed, cut. */
void printer_receipt(struct printer *printer, const struct receipt *receipt, struct writer *w);
