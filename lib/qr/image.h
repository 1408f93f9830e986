/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * QR codes as pictures: read from a camera's (PNG, JPEG, grey), drawn as PNG for a screen.
 *
 * Reading is by libzbar on a picture that cairo has unpacked, drawing by libqrencode; both take
 * memory of their own for the time of one call (16 MB at the most). The size of a picture is looked
 * at before it is unpacked, because a small file can say that it is enormous.
 */

#include "lib/base/bytes.h"
#include "lib/base/writer.h"

enum {
    QR_PNG_MAX = 2 * 1024 * 1024, /* bytes of a picture that is read */
    QR_SIDE_MAX = 4096,           /* pixels */
    QR_PIXELS_MAX = 4000000,      /* a frame of 1920 x 1080 is half of it */
    /* Bytes of a code: version 25 at the lowest correction, which a telephone still reads off a
     * small screen. A payment code has 24, EMVCo stays below 600, an e-receipt is made to fit. */
    QR_TEXT_MAX = 1273,
    QR_DRAWN_MAX = 64 * 1024, /* a drawn code has never been longer */
};

/*
 * Finds the QR code in a PNG picture and puts its text into `out` of `max` bytes. Errors: FORMAT
 * (no PNG, or a damaged one), LENGTH (file, picture or text above its limit), UNSUPPORTED (a colour
 * format that cairo does not unpack to 8 bits), NOT_FOUND (no code in it), CONFLICT (codes with
 * different texts: nobody knows which is meant), NO_MEMORY.
 */
MUST_USE err qr_image_read(struct bytes png, uint8_t *out, size_t max, size_t *ret_len);

/*
 * The same of a picture as a camera gives it. Grey: a width and a height of two bytes each, then a
 * byte for each pixel, from dark to light. Errors: SHORT, TRAILING, LENGTH, NOT_FOUND, CONFLICT,
 * NO_MEMORY.
 */
MUST_USE err qr_grey_read(struct bytes picture, uint8_t *out, size_t max, size_t *ret_len);

/* A JPEG (ITU-T T.81), Huffman coded, of 8 bits. Errors: as qr_image_read(); FORMAT as well for
 * what libjpeg does not decode. */
MUST_USE err qr_jpeg_read(struct bytes jpeg, uint8_t *out, size_t max, size_t *ret_len);

/*
 * Appends a PNG of `text` as QR code, error correction M (L above 400 bytes, so that its
 * modules are larger), `module_pixels` (1 to 16) a module and
 * the four modules of quiet zone that the standard asks for. Errors: LENGTH, FULL, NO_MEMORY.
 */
MUST_USE err qr_image_write(struct bytes text, unsigned module_pixels, struct writer *w);
