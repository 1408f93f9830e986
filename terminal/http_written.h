/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the page sends whole, as JSON: texts, and where a pen went. Strict: a member that nobody
 * knows is refused. */

#include "lib/base/bytes.h"
#include "terminal/device/strokes.h"
#include "terminal/goods.h"

enum {
    HTTP_POINTS_MAX = 4 * STROKES_POINTS_MAX + 64, /* one too many is said, not refused */
    HTTP_WRITTEN_MAX = 6 * GOODS_TEXT_MAX + 64,    /* every byte of a text may come as \u00XX */
};

/* {"serial":12,"text":"..."}. Errors: FORMAT and others of json.h, LENGTH. */
MUST_USE err http_written_text(struct bytes body, uint32_t *ret_serial,
                               char text[static GOODS_TEXT_MAX + 1]);

/* {"serial":12,"points":"<base64>"}, into HTTP_POINTS_MAX bytes at `points`. Errors: the same. */
MUST_USE err http_written_strokes(struct bytes body, uint32_t *ret_serial, uint8_t *points,
                                  size_t *ret_len);
