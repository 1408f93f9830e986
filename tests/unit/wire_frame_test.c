/* SPDX-License-Identifier: Apache-2.0 */
/* Frames: cut at every byte, too long, empty, several at once; nothing handed out stays in memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/base/random.h"
#include "lib/wire/frame.h"

static const struct frame_format iso = {.prefix = 2, .max = 64};
static const struct frame_format wide = {.prefix = 4, .max = 100};

static void feed(struct frame_reader *r, struct bytes b)
{
    while (b.len > 0) {
        size_t room = 0;
        uint8_t *at = frame_space(r, &room);
        assert_true(room > 0);
        size_t len = room < b.len ? room : b.len;
        memcpy(at, b.at, len);
        frame_filled(r, len);
        b = bytes_of(b.at + len, b.len - len);
    }
}

static void reads_a_frame_cut_anywhere(void **state)
{
    (void)state;
    const uint8_t stream[] = {0, 3, 'a', 'b', 'c', 0, 2, 'd', 'e'};
    for (size_t cut = 0; cut <= sizeof stream; cut++) {
        uint8_t block[66];
        struct frame_reader r = frame_reader_over(iso, block, sizeof block);
        struct bytes frame = {0};
        size_t seen = 0;
        feed(&r, bytes_of(stream, cut));
        while (!FAILED(frame_next(&r, &frame))) seen++;
        assert_int_equal(seen, cut < 5 ? 0 : cut < 9 ? 1 : 2);
        feed(&r, bytes_of(stream + cut, sizeof stream - cut));
        while (!FAILED(frame_next(&r, &frame))) seen++;
        assert_int_equal(seen, 2);
        assert_true(bytes_equal(frame, BYTES("de")));
        assert_false(frame_partial(&r));
        assert_int_equal(frame_next(&r, &frame).code, ERR_AGAIN);
    }
}

static void refuses_a_length_above_the_maximum_at_once(void **state)
{
    (void)state;
    uint8_t block[128];
    struct bytes frame;
    struct frame_reader r = frame_reader_over(iso, block, sizeof block);
    feed(&r, bytes_of("\x00\x41", 2)); /* 65: only the prefix is there */
    assert_int_equal(frame_next(&r, &frame).code, ERR_LENGTH);
    assert_int_equal(frame_next(&r, &frame).code, ERR_LENGTH); /* its place is lost for good */

    r = frame_reader_over(wide, block, sizeof block);
    feed(&r, bytes_of("\xff\xff\xff\xff", 4));
    assert_int_equal(frame_next(&r, &frame).code, ERR_LENGTH);

    r = frame_reader_over(iso, block, sizeof block);
    feed(&r, bytes_of("\x00\x40", 2)); /* exactly the maximum */
    assert_int_equal(frame_next(&r, &frame).code, ERR_AGAIN);
}

static void refuses_an_empty_frame(void **state)
{
    (void)state;
    uint8_t block[66];
    struct bytes frame;
    struct frame_reader r = frame_reader_over(iso, block, sizeof block);
    feed(&r, bytes_of("\0\0", 2));
    assert_int_equal(frame_next(&r, &frame).code, ERR_FORMAT);
}

/* S185: a line ends with CRLF and with nothing else, however the stream is cut. */
static void reads_lines_that_end_with_crlf_alone(void **state)
{
    (void)state;
    static const struct frame_format lines = {.prefix = FRAME_LINES, .max = 6};
    const struct {
        struct bytes stream;
        unsigned lines; /* that come out before it stops */
        enum err_code end;
    } rows[] = {
        {BYTES("ab\r\n\r\nabcdef\r\n"), 3, ERR_AGAIN},
        {BYTES("ab\r\nab"), 1, ERR_AGAIN},
        {BYTES("ab\r"), 0, ERR_AGAIN},
        {BYTES("ab\ncd\r\n"), 0, ERR_FORMAT},
        {BYTES("ab\rcd\r\n"), 0, ERR_FORMAT},
        {BYTES("ab\r\r\n"), 0, ERR_FORMAT},
        {BYTES("ab\r\n.\n"), 1, ERR_FORMAT},
        {BYTES("abcdefg\r\n"), 0, ERR_LENGTH},
        {BYTES("abcdefg"), 0, ERR_LENGTH},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (size_t cut = 0; cut <= rows[i].stream.len; cut++) {
            uint8_t block[32];
            struct frame_reader r = frame_reader_over(lines, block, sizeof block);
            struct bytes line = {0};
            unsigned seen = 0;
            feed(&r, bytes_of(rows[i].stream.at, cut));
            while (!FAILED(frame_next(&r, &line))) seen++;
            feed(&r, bytes_of(rows[i].stream.at + cut, rows[i].stream.len - cut));
            while (!FAILED(frame_next(&r, &line))) seen++;
            assert_int_equal(seen, rows[i].lines);
            assert_int_equal(frame_next(&r, &line).code, rows[i].end);
        }
    uint8_t block[16];
    struct writer w = writer_over(block, sizeof block);
    frame_write(&w, lines, BYTES("abcdef"));
    frame_write(&w, lines, BYTES(""));
    assert_true(bytes_equal(writer_view(&w), BYTES("abcdef\r\n\r\n")));
}

/* S63 S65: what carried card data is gone as soon as room for the next frame is asked for. */
static void wipes_what_was_handed_out(void **state)
{
    (void)state;
    uint8_t block[66];
    struct bytes frame;
    size_t room = 0;
    struct frame_reader r = frame_reader_over(iso, block, sizeof block);
    feed(&r, bytes_of("\0\4AAAA\0\6AA", 10)); /* the second is not complete */
    assert_false(FAILED(frame_next(&r, &frame)));
    assert_int_equal(frame_next(&r, &frame).code, ERR_AGAIN);
    (void)frame_space(&r, &room);
    size_t found = 0;
    for (size_t i = 0; i < sizeof block; i++) found += i >= 4 && block[i] == 'A';
    assert_int_equal(found, 0);
    feed(&r, BYTES("AAAA"));
    assert_false(FAILED(frame_next(&r, &frame)));
    assert_true(bytes_equal(frame, BYTES("AAAAAA")));
    frame_reset(&r);
    for (size_t i = 0; i < 8; i++) assert_int_equal(block[i], 0);
}

static void writes_what_it_reads(void **state)
{
    (void)state;
    struct random_seeded source;
    random_seed(&source, 7);
    for (int round = 0; round < 200; round++) {
        uint8_t payload[100], stream[104], block[208];
        size_t len = 1 + random_seeded_next(&source) % 100;
        for (size_t i = 0; i < len; i++) payload[i] = (uint8_t)random_seeded_next(&source);
        struct writer w = writer_over(stream, sizeof stream);
        frame_write(&w, wide, bytes_of(payload, len));
        struct bytes written, frame;
        assert_false(FAILED(writer_finish(&w, &written)));
        struct frame_reader r = frame_reader_over(wide, block, sizeof block);
        feed(&r, written);
        assert_false(FAILED(frame_next(&r, &frame)));
        assert_true(bytes_equal(frame, bytes_of(payload, len)));
    }
}

static void writes_nothing_that_it_would_refuse(void **state)
{
    (void)state;
    uint8_t stream[256], payload[65] = {0};
    struct writer w = writer_over(stream, sizeof stream);
    frame_write(&w, iso, bytes_of(payload, 65));
    assert_int_equal(w.fault, ERR_LENGTH);
    w = writer_over(stream, sizeof stream);
    frame_write(&w, iso, bytes_of(payload, 0));
    assert_int_equal(w.fault, ERR_LENGTH);
    assert_int_equal(w.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_frame_cut_anywhere),
        cmocka_unit_test(refuses_a_length_above_the_maximum_at_once),
        cmocka_unit_test(refuses_an_empty_frame),
        cmocka_unit_test(reads_lines_that_end_with_crlf_alone),
        cmocka_unit_test(wipes_what_was_handed_out),
        cmocka_unit_test(writes_what_it_reads),
        cmocka_unit_test(writes_nothing_that_it_would_refuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
