/* SPDX-License-Identifier: Apache-2.0 */
/* Frames in one block: received bytes are appended, whole frames are handed out as views. */
#include "lib/wire/frame.h"

static void check(const struct frame_reader *r)
{
    ENSURE(r->start <= r->end && r->end <= r->size);
}

static size_t longest(struct frame_format format)
{
    return format.prefix == 2 ? 0xffff : 0x7ffffff0;
}

static void check_format(struct frame_format format)
{
    ENSURE(format.prefix == 2 || format.prefix == 4 || format.prefix == FRAME_LINES);
    ENSURE(format.max >= 1 && format.max <= longest(format));
}

struct frame_reader frame_reader_over(struct frame_format format, void *block, size_t size)
{
    check_format(format);
    ENSURE(block != NULL && size >= frame_block_min(format));
    return (struct frame_reader){.format = format, .block = block, .size = size};
}

uint8_t *frame_space(struct frame_reader *r, size_t *ret_len)
{
    check(r);
    size_t left = r->end - r->start;
    if (r->start > 0) {
        memmove(r->block, r->block + r->start, left);
        /* What was handed out lay before start; what was moved has left a copy up to end. */
        explicit_bzero(r->block + left, r->end - left);
        r->start = 0;
        r->end = left;
    }
    *ret_len = r->size - r->end;
    return r->block + r->end;
}

void frame_filled(struct frame_reader *r, size_t len)
{
    check(r);
    ENSURE(len <= r->size - r->end);
    r->end += len;
}

/* Up to the first CR or LF, wherever the stream was cut. */
static err next_line(struct frame_reader *r, struct bytes *ret_line)
{
    const uint8_t *at = r->block + r->start;
    size_t left = r->end - r->start, len = 0;
    while (len < left && at[len] != '\r' && at[len] != '\n') len++;
    if (len > r->format.max) r->fault = ERR_LENGTH;
    else if (len < left && at[len] == '\n') r->fault = ERR_FORMAT;
    else if (left - len >= 2 && at[len + 1] != '\n') r->fault = ERR_FORMAT;
    if (r->fault != ERR_OK) return (err){r->fault};
    if (left - len < 2) return ERR(AGAIN);
    *ret_line = bytes_of(at, len);
    r->start += len + 2;
    return OK;
}

err frame_next(struct frame_reader *r, struct bytes *ret_frame)
{
    check(r);
    if (r->fault != ERR_OK) return (err){r->fault};
    if (r->format.prefix == FRAME_LINES) return next_line(r, ret_frame);
    size_t left = r->end - r->start;
    if (left < r->format.prefix) return ERR(AGAIN);
    size_t len = 0;
    for (size_t i = 0; i < r->format.prefix; i++) len = len << 8 | r->block[r->start + i];
    if (len == 0) r->fault = ERR_FORMAT;
    if (len > r->format.max) r->fault = ERR_LENGTH;
    if (r->fault != ERR_OK) return (err){r->fault};
    if (left - r->format.prefix < len) return ERR(AGAIN);
    *ret_frame = bytes_of(r->block + r->start + r->format.prefix, len);
    r->start += r->format.prefix + len;
    return OK;
}

bool frame_partial(const struct frame_reader *r)
{
    return r->end > r->start;
}

void frame_reset(struct frame_reader *r)
{
    check(r);
    if (r->end > 0) explicit_bzero(r->block, r->end);
    r->start = r->end = 0;
    r->fault = ERR_OK;
}

void frame_write(struct writer *w, struct frame_format format, struct bytes payload)
{
    check_format(format);
    bool lines = format.prefix == FRAME_LINES;
    if ((payload.len == 0 && !lines) || payload.len > format.max) {
        writer_fail(w, ERR_LENGTH);
        return;
    }
    if (lines) {
        write_bytes(w, payload);
        write_bytes(w, BYTES("\r\n"));
        return;
    }
    write_prefixed(w, format.prefix, payload);
}
