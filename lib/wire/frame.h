/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * frame: messages in a byte stream, each behind its big-endian length (2 bytes for ISO 8583, 4 for
 * hsm and vault; the length does not count itself), or each a line. Pure: no I/O, so that sockets,
 * the simulator and the fuzzer drive the same code.
 *
 * The reader lays bytes into one block of the caller's and hands out whole frames as views of it.
 * A length above the maximum is refused as soon as its prefix is there, before anything is stored;
 * so is a length of zero, which no protocol with a length uses here. A line ends with CRLF, may be
 * empty, and has no CR or LF of its own: who takes one alone for an end of line reads other
 * commands than his peer has sent (SMTP smuggling). After a fault the stream has lost its place:
 * every later call says the same.
 */

#include "lib/base/bytes.h"
#include "lib/base/writer.h"

enum { FRAME_LINES = 0 /* as prefix: lines that end with CRLF */ };

struct frame_format {
    size_t prefix; /* 2 or 4 bytes, or FRAME_LINES */
    size_t max;    /* longest payload */
};

struct frame_reader {
    struct frame_format format;
    uint8_t *block;
    size_t size;
    size_t start, end; /* block[start..end) has been received and not yet handed out */
    enum err_code fault;
};

/* What stands around each payload: its length, or CRLF. */
static inline size_t frame_overhead(struct frame_format format)
{
    return format.prefix == FRAME_LINES ? 2 : format.prefix;
}

/* The least block: one frame with its prefix. More lets one read bring several frames. */
static inline size_t frame_block_min(struct frame_format format)
{
    return frame_overhead(format) + format.max;
}

/* `block` of `size` >= frame_block_min(format), owned by the caller, outlives the reader. */
struct frame_reader frame_reader_over(struct frame_format format, void *block, size_t size);

/*
 * Where the next received bytes go; *ret_len is at least 1 when frame_next() has said AGAIN. Moves
 * what is left to the front and wipes what was handed out: views of earlier frames end here.
 */
uint8_t *frame_space(struct frame_reader *r, size_t *ret_len);

/* `len` bytes were put there. */
void frame_filled(struct frame_reader *r, size_t len);

/* The next whole frame. Errors: AGAIN (not all of it is here), LENGTH, FORMAT (length zero; a CR or
 * LF alone). */
MUST_USE err frame_next(struct frame_reader *r, struct bytes *ret_frame);

/* Something has arrived of a frame that is not complete. */
bool frame_partial(const struct frame_reader *r);

/* Forgets and wipes everything received. */
void frame_reset(struct frame_reader *r);

/* Appends prefix and payload, or the line and its end. A payload that is too long, or empty where
 * it has a length, is the writer's fault LENGTH. */
void frame_write(struct writer *w, struct frame_format format, struct bytes payload);
