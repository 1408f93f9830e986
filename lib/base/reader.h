/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * reader: the only code that moves a pointer over input.
 *
 * A read past the end returns zero and records the fault; every later read does the same. A
 * parser is therefore written as the layout it reads, one line per element, and looks at
 * the fault once, in reader_finish(). The first fault wins: it is the one to report.
 */

#include "lib/base/bytes.h"

struct reader {
    struct bytes left;
    const uint8_t *start;
    enum err_code fault;
};

static inline struct reader reader_over(struct bytes input)
{
    return (struct reader){input, input.at, ERR_OK};
}

static inline void reader_fail(struct reader *r, enum err_code fault)
{
    if (r->fault == ERR_OK) r->fault = fault;
    r->left.len = 0;
}

/* Bytes consumed so far: where a fault is. */
static inline size_t reader_offset(const struct reader *r)
{
    return (size_t)(r->left.at - r->start);
}

static inline struct bytes read_bytes(struct reader *r, size_t len)
{
    if (len > r->left.len) {
        reader_fail(r, ERR_SHORT);
        return (struct bytes){0};
    }
    struct bytes taken = {r->left.at, len};
    r->left.at += len;
    r->left.len -= len;
    return taken;
}

/* Everything that is left. */
static inline struct bytes read_rest(struct reader *r)
{
    return read_bytes(r, r->left.len);
}

/* Big-endian unsigned of `width` bytes, at most 8. */
static inline uint64_t read_be(struct reader *r, size_t width)
{
    ENSURE(width <= sizeof(uint64_t));
    struct bytes b = read_bytes(r, width);
    uint64_t value = 0;
    for (size_t i = 0; i < b.len; i++) value = value << 8 | b.at[i];
    return value;
}

/* Packed decimal of `width` bytes, at most 4. Anything but 0-9 in a nibble is a fault. */
static inline unsigned read_bcd(struct reader *r, size_t width)
{
    ENSURE(width <= 4);
    struct bytes b = read_bytes(r, width);
    unsigned value = 0;
    for (size_t i = 0; i < b.len; i++) {
        unsigned high = b.at[i] >> 4, low = b.at[i] & 15;
        if (high > 9 || low > 9) {
            reader_fail(r, ERR_DIGIT);
            return 0;
        }
        value = value * 100 + high * 10 + low;
    }
    return value;
}

/* `count` ASCII digits, at most 9, as a number. A sign, a space or a letter is a fault. */
static inline unsigned read_digits(struct reader *r, size_t count)
{
    ENSURE(count <= 9);
    struct bytes b = read_bytes(r, count);
    unsigned value = 0;
    for (size_t i = 0; i < b.len; i++) {
        if (b.at[i] < '0' || b.at[i] > '9') {
            reader_fail(r, ERR_DIGIT);
            return 0;
        }
        value = value * 10 + (unsigned)(b.at[i] - '0');
    }
    return value;
}

/* A byte string behind a big-endian length of `prefix` bytes, at most `max` long. */
static inline struct bytes read_prefixed(struct reader *r, size_t prefix, size_t max)
{
    uint64_t len = read_be(r, prefix);
    if (len > max) {
        reader_fail(r, ERR_LENGTH);
        return (struct bytes){0};
    }
    return read_bytes(r, (size_t)len);
}

/* OK when nothing failed and nothing is left over. */
MUST_USE static inline err reader_finish(const struct reader *r)
{
    if (r->fault != ERR_OK) return (err){r->fault};
    return r->left.len == 0 ? OK : ERR(TRAILING);
}
