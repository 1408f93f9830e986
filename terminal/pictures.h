/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * pictures: what the terminal has drawn and read by tongbao-pictures, a program of its own beside
 * it, a process for each picture. Fonts and the libraries that draw took more memory than the rest
 * of the terminal and were never given back; and a picture that is made to break a decoder breaks
 * it there, where no payment is.
 */

#include "lib/base/writer.h"
#include "payment/receipt.h"

enum { PICTURES_PATH_MAX = 512 };

struct pictures {
    char program[PICTURES_PATH_MAX];
};

/* Where the program is; whether it is there is seen when it is needed. Errors: CONFIG, IO. */
MUST_USE err pictures_open(struct pictures *pictures, const char *directory);

/*
 * A receipt as a PNG, appended to `png`. Errors: REFUSED (there is no such program), CLOSED (it has
 * failed), TIMEOUT, FULL, IO, and what picture_receipt() says.
 */
MUST_USE err pictures_receipt(const struct pictures *pictures, const struct receipt *receipt,
                              struct writer *png);

/* A text as a QR code in a PNG, appended to `png`. Errors: the same, and what qr_image_write()
 * says.
 */
MUST_USE err pictures_code(const struct pictures *pictures, struct bytes text, struct writer *png);

/* The text of the QR code in a PNG. Errors: the same, and what qr_image_read() says. */
MUST_USE err pictures_scan(const struct pictures *pictures, struct bytes png, uint8_t *out,
                           size_t max, size_t *ret_len);

/* What comes from a camera beside us, as lib/qr/image.h reads it. */
enum pictures_kind { PICTURES_PNG, PICTURES_JPEG, PICTURES_GREY };
MUST_USE err pictures_read(const struct pictures *pictures, enum pictures_kind kind,
                           struct bytes picture, uint8_t *out, size_t max, size_t *ret_len);

/* True when it is not the picture's fault: there is no program, or it does not do its work. */
bool pictures_failed(err e);
