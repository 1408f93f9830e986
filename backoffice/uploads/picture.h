/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * picture: what a file is by its content: a JPEG, a PNG or a PDF, and how large its picture is
 * (S132). By its name or by what its sender calls it nothing is ever decided. Only the frame is
 * read (segments, chunks, the ends): nothing is decoded here, and nothing here draws it.
 *
 * Sources: ITU-T T.81 annex B (JPEG), W3C PNG 5 and 11, ISO 32000-1 7.5 (PDF).
 */

#include "lib/base/bytes.h"

enum picture_type { PICTURE_JPEG = 1, PICTURE_PNG = 2, PICTURE_PDF = 3, PICTURE_TYPES = 4 };

enum { PICTURE_SIDE_MAX = 20000 };

struct picture {
    enum picture_type type;
    uint32_t width, height; /* pixels; 0 of a PDF */
};

/* Errors: FORMAT (none of the three, damaged, or a PDF that can act), SHORT (it ends too early),
 * RANGE (a side is 0 or above PICTURE_SIDE_MAX). */
MUST_USE err picture_look(struct bytes file, struct picture *ret_picture);

/* "image/jpeg" */
const char *picture_type_text(enum picture_type type);
