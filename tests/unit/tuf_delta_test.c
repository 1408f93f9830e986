/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deltas (S119): what a frame of another program's makes; what is torn, changed, made for another
 * file, or would grow beyond what it says is refused, and nothing is written behind the block.
 */
#include "lib/tuf/delta.h"

#include <zstd.h>

#include "tests/unit/scratch.h"

enum { GUARD = 64, ROOM = 8192, BEFORE = 2337, AFTER = 2157 };

/* `zstd --patch-from=before after` (1.5.4) of what fill() makes. */
static const uint8_t frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0x60, 0x6d, 0x07, 0x15, 0x01, 0x00, 0xa8,
                                0x30, 0x63, 0x68, 0x61, 0x6e, 0x67, 0x65, 0x64, 0x20, 0x68, 0x65,
                                0x72, 0x65, 0x61, 0x6e, 0x64, 0x20, 0x6d, 0x6f, 0x72, 0x65, 0x02,
                                0x00, 0x9a, 0xa1, 0x01, 0xfe, 0x89, 0x8b, 0x24, 0x15, 0xbc, 0x02};

static uint8_t before[BEFORE], after[AFTER], made[ROOM], block[ROOM];

/* Squares with spaces behind them; then a part of them replaced, and more at the end. */
static int fill(void **state)
{
    (void)state;
    struct writer w = writer_over(made, sizeof made); /* formatting wants room behind it */
    for (unsigned i = 0; i < 400; i++) write_format(&w, "%u ", i * i);
    assert_int_equal(w.len, BEFORE);
    memcpy(before, made, BEFORE);
    w = writer_over(after, sizeof after);
    write_bytes(&w, bytes_of(before, 700));
    write_bytes(&w, BYTES("changed here"));
    write_bytes(&w, bytes_of(before + 900, BEFORE - 900));
    write_bytes(&w, BYTES("and more"));
    assert_true(w.fault == ERR_OK && w.len == AFTER);
    return 0;
}

/* Any head before any frame. */
static struct bytes put(struct bytes from, uint64_t length, struct bytes to, struct bytes rest)
{
    uint8_t digest[CRYPTO_SHA256_BYTES];
    struct writer w = writer_over(made, sizeof made);
    write_bytes(&w, BYTES("TBDELTA1"));
    crypto_sha256(from, digest);
    write_bytes(&w, BYTES_OF(digest));
    write_be(&w, length, 8);
    crypto_sha256(to, digest);
    write_bytes(&w, BYTES_OF(digest));
    write_bytes(&w, rest);
    assert_int_equal(w.fault, ERR_OK);
    return writer_view(&w);
}

/* What lies behind `max` stays as it was. */
static err apply(struct bytes text, struct bytes base, size_t max, size_t *ret_len)
{
    memset(block, 0xee, sizeof block);
    err e = delta_apply(text, base, block, max, ret_len);
    for (size_t i = max; i < max + GUARD; i++) assert_int_equal(block[i], 0xee);
    return e;
}

static void a_frame_of_another_program(void **state)
{
    (void)state;
    size_t len = 0;
    struct bytes text = put(BYTES_OF(before), AFTER, BYTES_OF(after), BYTES_OF(frame));
    assert_ok(apply(text, BYTES_OF(before), AFTER, &len));
    assert_int_equal(len, AFTER);
    assert_memory_equal(block, after, AFTER);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    uint8_t text[ROOM];
    char path[64];
    struct delta delta;
    size_t len = 0;
    struct writer w = writer_over(text, sizeof text);
    assert_ok(delta_write(BYTES_OF(before), BYTES_OF(after), &w));
    assert_true(w.len < DELTA_HEAD_BYTES + 2 * sizeof frame);
    assert_ok(apply(writer_view(&w), BYTES_OF(before), AFTER, &len));
    assert_memory_equal(block, after, AFTER);
    assert_ok(delta_read(writer_view(&w), &delta));
    assert_int_equal(delta.length, AFTER);
    assert_ok(delta_path("TB-1.image", delta.from, path, sizeof path));
    assert_int_equal(strlen(path), strlen("TB-1.image") + DELTA_PATH_ADDS);
    assert_int_equal(strncmp(path, "TB-1.image.", 11), 0);
    assert_err(delta_path("TB-1.image", delta.from, path, 33), FULL);
    /* And when there is no room for it. */
    struct writer small = writer_over(text, w.len - 1);
    assert_err(delta_write(BYTES_OF(before), BYTES_OF(after), &small), FULL);
    small = writer_over(text, DELTA_HEAD_BYTES - 1);
    assert_err(delta_write(BYTES_OF(before), BYTES_OF(after), &small), FULL);
    assert_err(delta_write((struct bytes){0}, BYTES_OF(after), &w), LENGTH);
    assert_err(delta_write(BYTES_OF(before), (struct bytes){0}, &w), LENGTH);
}

/* Each bit of it, and each length: nothing else ever comes out. */
static void what_was_changed_or_torn(void **state)
{
    (void)state;
    uint8_t text[DELTA_HEAD_BYTES + sizeof frame + 1];
    size_t len = 0;
    struct bytes good = put(BYTES_OF(before), AFTER, BYTES_OF(after), BYTES_OF(frame));
    memcpy(text, good.at, good.len);
    for (size_t bit = 0; bit < 8 * good.len; bit++) {
        text[bit / 8] ^= (uint8_t)(1 << bit % 8);
        err e = apply(bytes_of(text, good.len), BYTES_OF(before), AFTER, &len);
        /* A header of Zstandard has a bit that decoders pass over. */
        if (!FAILED(e)) assert_memory_equal(block, after, AFTER);
        if (bit < (size_t)8 * DELTA_HEAD_BYTES) assert_true(FAILED(e));
        text[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    len = 0;
    for (size_t cut = 0; cut < good.len; cut++)
        assert_true(FAILED(apply(bytes_of(text, cut), BYTES_OF(before), AFTER, &len)));
    text[good.len] = 0;
    assert_err(apply(bytes_of(text, good.len + 1), BYTES_OF(before), AFTER, &len), CORRUPT);
    assert_int_equal(len, 0);
}

static void made_for_another_file(void **state)
{
    (void)state;
    size_t len = 0;
    uint8_t other[BEFORE];
    memcpy(other, before, sizeof other);
    other[1] ^= 1;
    struct bytes text = put(BYTES_OF(before), AFTER, BYTES_OF(after), BYTES_OF(frame));
    assert_err(apply(text, BYTES_OF(other), AFTER, &len), CONFLICT);
    assert_err(apply(text, (struct bytes){0}, AFTER, &len), CONFLICT);
    /* A head that lies about it: offsets that lead before the beginning, or to other bytes. */
    text = put(bytes_of(before, 16), AFTER, BYTES_OF(after), BYTES_OF(frame));
    assert_err(apply(text, bytes_of(before, 16), AFTER, &len), CORRUPT);
    text = put((struct bytes){0}, AFTER, BYTES_OF(after), BYTES_OF(frame));
    assert_err(apply(text, (struct bytes){0}, AFTER, &len), CORRUPT);
    text = put(BYTES_OF(other), AFTER, BYTES_OF(after), BYTES_OF(frame));
    assert_err(apply(text, BYTES_OF(other), AFTER, &len), CORRUPT);
}

static void lengths_that_lie(void **state)
{
    (void)state;
    size_t len = 0;
    struct bytes from = BYTES_OF(before), to = BYTES_OF(after);
    struct delta delta;
    const struct {
        uint64_t length;
        size_t max;
        enum err_code code;
    } rows[] = {{0, ROOM - GUARD, ERR_FORMAT},
                {AFTER - 1, ROOM - GUARD, ERR_CORRUPT},
                {AFTER + 1, ROOM - GUARD, ERR_CORRUPT},
                {AFTER, AFTER - 1, ERR_LENGTH},
                {DELTA_FILE_MAX, ROOM - GUARD, ERR_LENGTH},
                {(uint64_t)DELTA_FILE_MAX + 1, ROOM - GUARD, ERR_LENGTH},
                {UINT64_MAX, ROOM - GUARD, ERR_LENGTH}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bytes text = put(from, rows[i].length, to, BYTES_OF(frame));
        assert_int_equal(apply(text, from, rows[i].max, &len).code, rows[i].code);
    }
    assert_err(delta_read(put(from, (uint64_t)DELTA_FILE_MAX + 1, to, BYTES_OF(frame)), &delta),
               LENGTH);
}

/* Some bytes that would become 64 MB: refused by what they say, and, where they lie, by the room
 * that there is. */
static void bombs(void **state)
{
    (void)state;
    enum { BOMB = 64 * 1024 * 1024 };
    static uint8_t bomb[ROOM - DELTA_HEAD_BYTES];
    size_t len = 0;
    uint8_t *zeros = calloc(1, BOMB);
    assert_non_null(zeros);
    size_t size = ZSTD_compress(bomb, sizeof bomb, zeros, BOMB, 19);
    free(zeros);
    assert_false(ZSTD_isError(size));
    assert_true(bomb[4] == 0x80 && bomb[6] == 0 && bomb[9] == 4); /* four bytes of length */
    struct bytes from = BYTES_OF(before), to = BYTES_OF(after);
    assert_err(apply(put(from, AFTER, to, bytes_of(bomb, size)), from, AFTER, &len), CORRUPT);
    static const uint8_t said[] = {AFTER & 0xff, AFTER >> 8, 0, 0};
    memcpy(bomb + 6, said, sizeof said);
    assert_err(apply(put(from, AFTER, to, bytes_of(bomb, size)), from, AFTER, &len), CORRUPT);
    /* Frames one behind the other, and one to be skipped. */
    uint8_t twice[2 * sizeof frame];
    memcpy(twice, frame, sizeof frame);
    memcpy(twice + sizeof frame, frame, sizeof frame);
    assert_err(apply(put(from, AFTER, to, BYTES_OF(twice)), from, AFTER, &len), CORRUPT);
    uint8_t skipped[8 + sizeof frame] = {0x50, 0x2a, 0x4d, 0x18};
    memcpy(skipped + 8, frame, sizeof frame);
    assert_err(apply(put(from, AFTER, to, BYTES_OF(skipped)), from, AFTER, &len), CORRUPT);
    assert_err(apply(put(from, AFTER, to, (struct bytes){0}), from, AFTER, &len), CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_of_another_program), cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(what_was_changed_or_torn),   cmocka_unit_test(made_for_another_file),
        cmocka_unit_test(lengths_that_lie),           cmocka_unit_test(bombs),
    };
    return cmocka_run_group_tests_name("tuf_delta", tests, fill, NULL);
}
