/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * paper: what is asked of tongbao-paper, the program that draws what goes into a parcel: a label
 * for box and device, or the shop's manual. One process for each sheet (helper.h): a JSON object
 * on its standard input, one byte with the code of an err on its standard output, and, when that
 * is OK, a PDF.
 *
 *   {"serial":"TB1-2030-000017","model":"TB-1","terminal":"10000018","name_zh":"...",
 *    "name_en":"...","address":"...","phone":"138****5678","courier":"TB0000000001",
 *    "link":"https://.../apply/status"}
 *
 * What is not known is "" and is not drawn. Texts are people's: they are drawn as they are, and
 * mean nothing to who draws. No password is ever in it.
 */

#include "lib/base/writer.h"

enum {
    PAPER_SERIAL_MAX = 32,
    PAPER_MODEL_MAX = 16,
    PAPER_TERMINAL_MAX = 8,
    PAPER_NAME_MAX = 160,    /* bytes of UTF-8, as the registry's */
    PAPER_ADDRESS_MAX = 120, /* likewise */
    PAPER_PHONE_MAX = 160,   /* masked */
    PAPER_COURIER_MAX = 24,
    PAPER_LINK_MAX = 120,
    PAPER_REQUEST_MAX = 4096,
    PAPER_PDF_MAX = 240 * 1024, /* a manual in two languages is 105 kB, a label 30 kB */
    PAPER_WAIT_MS = 10000,      /* a manual is half a second; fonts may be cold */
};

enum paper_kind { PAPER_LABEL, PAPER_MANUAL };

/* NUL-terminated; "": not known. */
struct paper {
    char serial[PAPER_SERIAL_MAX + 1], model[PAPER_MODEL_MAX + 1];
    char terminal[PAPER_TERMINAL_MAX + 1];
    char name_zh[PAPER_NAME_MAX + 1], name_en[PAPER_NAME_MAX + 1];
    char address[PAPER_ADDRESS_MAX + 1], phone[PAPER_PHONE_MAX + 1];
    char courier[PAPER_COURIER_MAX + 1]; /* its number of the parcel */
    char link[PAPER_LINK_MAX + 1];       /* where the code on a manual leads */
};

/* The option that a kind is asked with: "--label". */
const char *paper_option(enum paper_kind kind);

void paper_write(struct writer *w, const struct paper *paper);
/* Errors: those of the parser, FORMAT (another member, no serial number), LENGTH. */
MUST_USE err paper_read(struct bytes text, struct paper *ret_paper);

/* Runs `program` and appends the PDF to `pdf`, which is as it was on failure. Waits: for a thread
 * of its own. Errors: those of helper_run() and those of drawing: NOT_FOUND, no font has the
 * characters. */
MUST_USE err paper_draw(const char *program, enum paper_kind kind, struct bytes request,
                        struct writer *pdf);
