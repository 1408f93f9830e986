/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A byte stream cut anywhere: the same frames come out however it is cut, none is longer than
 * allowed, and after a fault nothing comes any more. The first byte chooses format and cut.
 */
#include "lib/wire/frame.h"

enum { STREAM_MAX = 4096, FRAME_MAX = 300, SUM_START = 5381 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t add(uint64_t sum, struct bytes b)
{
    for (size_t i = 0; i < b.len; i++) sum = sum * 33 + b.at[i];
    return sum * 33 + b.len;
}

/* What comes out when at most `step` bytes are put in at a time. */
static uint64_t read_all(struct frame_format format, struct bytes input, size_t step)
{
    uint8_t block[4 + FRAME_MAX];
    struct frame_reader r = frame_reader_over(format, block, sizeof block);
    uint64_t sum = SUM_START;
    for (;;) {
        struct bytes frame;
        err e = frame_next(&r, &frame);
        if (!FAILED(e)) {
            ENSURE(frame.len >= (format.prefix != FRAME_LINES) && frame.len <= format.max);
            ENSURE(frame.at >= block && frame.at + frame.len <= block + sizeof block);
            sum = add(sum, frame);
            continue;
        }
        if (e.code != ERR_AGAIN) {
            ENSURE(frame_next(&r, &frame).code == e.code);
            return sum + e.code;
        }
        size_t room = 0;
        uint8_t *at = frame_space(&r, &room);
        ENSURE(room > 0);
        size_t len = input.len < step ? input.len : step;
        if (len > room) len = room;
        if (len == 0) return sum;
        memcpy(at, input.at, len);
        frame_filled(&r, len);
        input = bytes_of(input.at + len, input.len - len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > STREAM_MAX) return 0;
    const size_t prefix = data[0] & 0x80 ? FRAME_LINES : data[0] & 1 ? 4 : 2;
    const struct frame_format format = {prefix, FRAME_MAX};
    struct bytes input = bytes_of(data + 1, size - 1);
    uint64_t whole = read_all(format, input, STREAM_MAX);
    ENSURE(read_all(format, input, 1 + (data[0] >> 1 & 0x3f)) == whole);
    return 0;
}
