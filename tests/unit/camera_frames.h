/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a camera sees when a code is held before it: a QR code in the middle of a light picture, as
 * grey bytes and as a JPEG. The JPEG is written here, from ITU-T T.81: a block of 8 x 8 pixels for
 * each module, so that every block is its mean and nothing else.
 */

#include <qrencode.h>
#include <stdint.h>
#include <string.h>

#include "lib/base/writer.h"

enum { FRAME_LIGHT = 0xe0, FRAME_DARK = 0x20 };

/* `text` NULL: nothing is held before it. A module is `scale` pixels. */
static inline void frame_grey(uint8_t *grey, unsigned width, unsigned height, const char *text,
                              unsigned scale)
{
    memset(grey, FRAME_LIGHT, (size_t)width * height);
    if (text == NULL) return;
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
    ENSURE(code != NULL);
    unsigned side = (unsigned)code->width;
    ENSURE((side + 8) * scale <= width && (side + 8) * scale <= height);
    unsigned left = (width - side * scale) / 2, top = (height - side * scale) / 2;
    for (unsigned y = 0; y < side * scale; y++)
        for (unsigned x = 0; x < side * scale; x++)
            if (code->data[y / scale * side + x / scale] & 1)
                grey[(top + y) * width + left + x] = FRAME_DARK;
    QRcode_free(code);
}

struct frame_bits {
    struct writer *w;
    unsigned held, count;
};

static inline void frame_put(struct frame_bits *b, unsigned bits, unsigned count)
{
    for (; count > 0; count--) {
        b->held = b->held << 1 | (bits >> (count - 1) & 1);
        if (++b->count < 8) continue;
        write_be(b->w, b->held, 1);
        if (b->held == 0xff) write_be(b->w, 0, 1);
        b->held = b->count = 0;
    }
}

/* `colour`: with Cb and Cr, which never change. */
static inline void frame_jpeg(struct writer *w, const char *text, bool colour)
{
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
    ENSURE(code != NULL);
    unsigned side = (unsigned)code->width, blocks = side + 8;
    write_bytes(w, BYTES("\xff\xd8\xff\xdb\x00\x43\x00"));
    for (int i = 0; i < 64; i++) write_be(w, 64, 1); /* every step is 64 */
    write_bytes(w, BYTES("\xff\xc0"));
    write_be(w, colour ? 17 : 11, 2);
    write_be(w, 8, 1);
    write_be(w, (uint64_t)blocks * 8, 2);
    write_be(w, (uint64_t)blocks * 8, 2);
    write_be(w, colour ? 3 : 1, 1);
    for (unsigned c = 1; c <= (colour ? 3u : 1u); c++) {
        write_be(w, c, 1);
        write_bytes(w, BYTES("\x11\x00"));
    }
    /* Differences of the mean: none (0), or of six bits (10); of the rest: nothing follows (0). */
    write_bytes(w, BYTES("\xff\xc4\x00\x15\x00\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
                         "\x00\x00\x00\x00\x06"));
    write_bytes(w, BYTES("\xff\xc4\x00\x14\x10\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
                         "\x00\x00\x00\x00"));
    write_bytes(w, BYTES("\xff\xda"));
    write_be(w, colour ? 12 : 8, 2);
    write_be(w, colour ? 3 : 1, 1);
    for (unsigned c = 1; c <= (colour ? 3u : 1u); c++) {
        write_be(w, c, 1);
        write_be(w, 0, 1);
    }
    write_bytes(w, BYTES("\x00\x3f\x00"));
    struct frame_bits bits = {.w = w};
    bool dark = false;
    for (unsigned i = 0; i < blocks * blocks; i++) {
        unsigned y = i / blocks - 4, x = i % blocks - 4;
        bool now = y < side && x < side && (code->data[y * side + x] & 1);
        if (now == dark) frame_put(&bits, 0, 1); /* it begins at the mean, which is light enough */
        else frame_put(&bits, now ? 0x9f : 0xa0, 8); /* 10 011111: -32; 10 100000: +32 */
        frame_put(&bits, 0, 1);
        if (colour) frame_put(&bits, 0, 4);
        dark = now;
    }
    frame_put(&bits, 0x7f, 7);
    write_bytes(w, BYTES("\xff\xd9"));
    QRcode_free(code);
}
