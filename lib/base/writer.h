/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * writer: bytes appended to a block of fixed size that the caller owns.
 *
 * The mirror of reader: a write that does not fit changes nothing, records the fault, and every
 * later write does the same. The fault is looked at once, in writer_finish().
 */

#include "lib/base/bytes.h"

struct writer {
    uint8_t *at;
    size_t len; /* written so far */
    size_t max;
    enum err_code fault;
};

static inline struct writer writer_over(void *block, size_t max)
{
    return (struct writer){(uint8_t *)block, 0, max, ERR_OK};
}

static inline void writer_fail(struct writer *w, enum err_code fault)
{
    if (w->fault == ERR_OK) w->fault = fault;
}

/* Room for `len` bytes that the caller fills, or NULL with the fault recorded. */
static inline uint8_t *write_space(struct writer *w, size_t len)
{
    if (w->fault != ERR_OK) return NULL;
    if (len > w->max - w->len) {
        writer_fail(w, ERR_FULL);
        return NULL;
    }
    uint8_t *space = w->at + w->len;
    w->len += len;
    return space;
}

static inline void write_bytes(struct writer *w, struct bytes b)
{
    uint8_t *space = write_space(w, b.len);
    if (space != NULL && b.len > 0) memcpy(space, b.at, b.len);
}

static inline void write_be(struct writer *w, uint64_t value, size_t width)
{
    ENSURE(width <= sizeof(uint64_t));
    ENSURE(width == sizeof(uint64_t) || value >> (8 * width) == 0);
    uint8_t *space = write_space(w, width);
    if (space == NULL) return;
    for (size_t i = 0; i < width; i++) space[i] = (uint8_t)(value >> (8 * (width - 1 - i)));
}

/* A byte string behind a big-endian length of `prefix` bytes. */
static inline void write_prefixed(struct writer *w, size_t prefix, struct bytes b)
{
    ENSURE(prefix >= 1 && prefix <= 4);
    if (b.len >> (8 * prefix) != 0) {
        writer_fail(w, ERR_LENGTH);
        return;
    }
    write_be(w, b.len, prefix);
    write_bytes(w, b);
}

/* `value` in decimal digits, with zeros in front up to `width` (1 to 20). What write_format() does
 * with "%0*u", in a fraction of the time: messages consist of such numbers. */
void write_decimal(struct writer *w, uint64_t value, size_t width);

/* Formatted text without a NUL. */
void write_format(struct writer *w, const char *format, ...) PRINTF(2, 3);

/* Lower-case (or upper-case) hexadecimal of `b`. */
void write_hex(struct writer *w, struct bytes b);
void write_hex_upper(struct writer *w, struct bytes b);

static inline struct bytes writer_view(const struct writer *w)
{
    return (struct bytes){w->at, w->len};
}

MUST_USE static inline err writer_finish(const struct writer *w, struct bytes *ret_written)
{
    if (w->fault != ERR_OK) return (err){w->fault};
    *ret_written = writer_view(w);
    return OK;
}
