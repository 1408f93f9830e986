/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a delta: what comes out is what its head says, and nothing is written behind the
 * block. The first two bytes say how much of the rest is the file before; the rest is taken as a
 * whole delta, and as the frame of one whose head is right. S119.
 */
#include "lib/tuf/delta.h"

enum { INPUT_MAX = 4096, OUT_MAX = 8192, GUARD = 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t block[OUT_MAX + GUARD], text[DELTA_HEAD_BYTES + INPUT_MAX], out[OUT_MAX];

static void check(struct bytes delta, struct bytes before)
{
    struct delta head;
    uint8_t digest[CRYPTO_SHA256_BYTES];
    size_t len = 0;
    memset(block + OUT_MAX, 0xee, GUARD);
    err e = delta_apply(delta, before, block, OUT_MAX, &len);
    for (size_t i = OUT_MAX; i < sizeof block; i++) ENSURE(block[i] == 0xee);
    if (FAILED(e)) {
        ENSURE(len == 0);
        return;
    }
    ENSURE(!FAILED(delta_read(delta, &head)) && head.length == len);
    crypto_sha256(bytes_of(block, len), digest);
    ENSURE(bytes_equal(BYTES_OF(digest), BYTES_OF(head.to)));
}

/* The frame behind a right head; `length` is what comes out, and so is it hashed. */
static void check_frame(struct bytes frame, struct bytes before, uint64_t length,
                        struct bytes after)
{
    uint8_t digest[CRYPTO_SHA256_BYTES];
    struct writer w = writer_over(text, sizeof text);
    write_bytes(&w, BYTES("TBDELTA1"));
    crypto_sha256(before, digest);
    write_bytes(&w, BYTES_OF(digest));
    write_be(&w, length, 8);
    crypto_sha256(after, digest);
    write_bytes(&w, BYTES_OF(digest));
    write_bytes(&w, frame);
    ENSURE(w.fault == ERR_OK);
    check(writer_view(&w), before);
}

/* What we write we read. */
static void check_round(struct bytes before, struct bytes after)
{
    size_t len = 0;
    struct writer w = writer_over(out, sizeof out);
    if (before.len == 0 || after.len == 0) return;
    ENSURE(!FAILED(delta_write(before, after, &w)));
    ENSURE(!FAILED(delta_apply(writer_view(&w), before, block, OUT_MAX, &len)));
    ENSURE(bytes_equal(bytes_of(block, len), after));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 4 || size > INPUT_MAX) return 0;
    size_t cut = (size_t)(data[0] << 8 | data[1]) % (size - 3); /* at most all that is left */
    uint64_t length = (uint64_t)(data[2] << 8 | data[3]);
    struct bytes before = bytes_of(data + 4, cut), rest = bytes_of(data + 4 + cut, size - 4 - cut);
    check(rest, before);
    check_frame(rest, before, length, before);
    if (size % 8 == 0) check_round(before, rest); /* slow beside the others */
    return 0;
}
