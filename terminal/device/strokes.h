/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * strokes: a signature as the pen went, on a grid of 1000 x 400 (S81).
 *
 * The page sends points: x and y, two bytes each, big-endian; FFFF FFFF lifts the pen. What is kept
 * is packed: for each stroke the number of its points, the first one (two bytes each), then steps;
 * number and steps are zigzag numbers of seven bits a byte. Most steps take two bytes, so a
 * signature takes a few hundred; one that would take more than STROKES_MAX loses points that
 * lie close together, in rounds, until it fits.
 */

#include <stdbool.h>

#include "lib/base/reader.h"
#include "lib/base/writer.h"
#include "payment/receipt.h"

enum {
    STROKES_WIDTH = 1000,
    STROKES_HEIGHT = 400,
    STROKES_MAX = RECEIPT_STROKES_MAX,
    STROKES_POINTS_MAX = 4096, /* of one sending: a minute of a hand that never rests */
    STROKES_LEAST = 60,        /* of the way of the pen: a shorter one is a touch by mistake */
};

/*
 * Packs what the page has sent, appended to `out`. Errors: FORMAT (no points of ours), RANGE (a
 * point beside the grid), SHORT (hardly anything is drawn), LENGTH (too many points, or strokes
 * without end: nothing that fits can be made of it). On error `out` is as it was.
 */
MUST_USE err strokes_pack(struct bytes points, struct writer *out);

/* Where a packed signature is drawn, point by point. */
struct strokes_walk {
    struct reader reader;
    uint64_t left; /* points of this stroke */
    int x, y;
    bool begins; /* this point is the first of a stroke: the pen comes down */
};

struct strokes_walk strokes_walk_over(struct bytes packed);
/* False at the end, and at what is malformed: strokes_check() has said before that it is not. */
bool strokes_next(struct strokes_walk *walk);

/* OK when every point is on the grid and nothing is left over. Errors: FORMAT. */
MUST_USE err strokes_check(struct bytes packed);

/*
 * As dots of a printer: eight a byte, the first one its highest bit. The pen is two dots wide.
 */
enum { STROKES_DOTS = 384, STROKES_ROWS = 154 /* 384 * 400 / 1000, and the rest of a dot */ };
void strokes_draw(struct bytes packed, uint8_t bits[static STROKES_ROWS * STROKES_DOTS / 8]);
