/* SPDX-License-Identifier: Apache-2.0 */
/* Codes as pictures: what is drawn is read again, and no file makes the reader unpack a monster.
 * S193 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/qr/image.h"
#include "tests/unit/camera_frames.h"

static uint8_t png[QR_DRAWN_MAX], text[QR_TEXT_MAX];

static struct bytes drawn(struct bytes content, unsigned module_pixels)
{
    struct writer w = writer_over(png, sizeof png);
    assert_int_equal(qr_image_write(content, module_pixels, &w).code, ERR_OK);
    return writer_view(&w);
}

static void draws_and_reads(void **state)
{
    (void)state;
    static const char *const contents[] = {
        "280000000000000000",           "6212345678901234567",
        "134567890123456789",           "https://qr.example/00010000?a=b",
        "0002015802CN5904通宝6002北京",
    };
    for (size_t i = 0; i < ARRAY_LEN(contents); i++) {
        for (unsigned module = 3; module <= 8; module += 5) {
            size_t len = 0;
            struct bytes picture = drawn(bytes_text(contents[i]), module);
            assert_int_equal(qr_image_read(picture, text, sizeof text, &len).code, ERR_OK);
            assert_true(bytes_equal(bytes_of(text, len), bytes_text(contents[i])));
        }
    }
}

static uint8_t frame[4 + 640 * 480], jpeg[256 * 1024];

static struct bytes grey_frame(unsigned width, unsigned height, const char *content, unsigned scale)
{
    const uint8_t head[] = {(uint8_t)(width >> 8), (uint8_t)width, (uint8_t)(height >> 8),
                            (uint8_t)height};
    memcpy(frame, head, sizeof head);
    frame_grey(frame + sizeof head, width, height, content, scale);
    return bytes_of(frame, sizeof head + (size_t)width * height);
}

/* S175: what a camera gives. */
static void grey_pictures(void **state)
{
    (void)state;
    size_t len = 0;
    struct bytes picture = grey_frame(640, 480, "280000000000000000", 5);
    assert_int_equal(qr_grey_read(picture, text, sizeof text, &len).code, ERR_OK);
    assert_true(bytes_equal(bytes_of(text, len), BYTES("280000000000000000")));
    len = 77;
    assert_int_equal(qr_grey_read(picture, text, 17, &len).code, ERR_LENGTH);
    picture.len--;
    assert_int_equal(qr_grey_read(picture, text, sizeof text, &len).code, ERR_SHORT);
    picture = grey_frame(320, 240, NULL, 0);
    assert_int_equal(qr_grey_read(picture, text, sizeof text, &len).code, ERR_NOT_FOUND);
    picture.len++;
    assert_int_equal(qr_grey_read(picture, text, sizeof text, &len).code, ERR_TRAILING);
    assert_int_equal(qr_grey_read(BYTES("\x00\x00\x01\x00"), text, sizeof text, &len).code,
                     ERR_NOT_FOUND);
    assert_int_equal(qr_grey_read(BYTES("\x00\x01"), text, sizeof text, &len).code, ERR_SHORT);
    assert_int_equal(qr_grey_read(BYTES("\xff\xff\xff\xff"), text, sizeof text, &len).code,
                     ERR_LENGTH);
    assert_int_equal(len, 77);
}

static void jpeg_pictures(void **state)
{
    (void)state;
    size_t len = 0;
    for (int colour = 0; colour < 2; colour++) {
        struct writer w = writer_over(jpeg, sizeof jpeg);
        frame_jpeg(&w, "280000000000000000", colour);
        assert_int_equal(qr_jpeg_read(writer_view(&w), text, sizeof text, &len).code, ERR_OK);
        assert_true(bytes_equal(bytes_of(text, len), BYTES("280000000000000000")));
        /* Cut anywhere: an error, or a code that is whole all the same, never another one. */
        for (size_t cut = 0; cut < w.len; cut += 7) {
            len = 77;
            err e = qr_jpeg_read(bytes_of(jpeg, cut), text, sizeof text, &len);
            if (FAILED(e)) assert_int_equal(len, 77);
            else assert_true(bytes_equal(bytes_of(text, len), BYTES("280000000000000000")));
        }
    }
    static const struct {
        enum err_code code;
        struct bytes picture;
    } bad[] = {
        {ERR_FORMAT, BYTES("")},
        {ERR_FORMAT, BYTES("\xff\xd8")},
        {ERR_FORMAT, BYTES("\xff\xd8\xff\xda\x00\x02")},
        {ERR_FORMAT, BYTES("\xff\xd8\xff\xe0\x00\x01")},
        {ERR_FORMAT, BYTES("\xff\xd8\xff\xc0\x00\x07\x08\x00\x00\x00\x10")},
        {ERR_UNSUPPORTED, BYTES("\xff\xd8\xff\xc0\x00\x07\x0c\x00\x10\x00\x10")},
        {ERR_LENGTH, BYTES("\xff\xd8\xff\xc0\x00\x07\x08\xff\xff\xff\xff")},
        {ERR_FORMAT, BYTES("\xff\xd8\xff\xc0\x00\x07\x08\x00\x10\x00\x10")},
        {ERR_FORMAT, BYTES("\x89PNG")},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(qr_jpeg_read(bad[i].picture, text, sizeof text, &len).code, bad[i].code);
}

static void a_text_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    size_t len = 77;
    struct bytes picture = drawn(BYTES("280000000000000000"), 4);
    assert_int_equal(qr_image_read(picture, text, 17, &len).code, ERR_LENGTH);
    assert_int_equal(len, 77);
    assert_int_equal(qr_image_read(picture, text, 18, &len).code, ERR_OK);
}

static void drawing_has_limits(void **state)
{
    (void)state;
    static uint8_t big[QR_TEXT_MAX + 1];
    memset(big, 'a', sizeof big);
    struct writer w = writer_over(png, sizeof png);
    assert_int_equal(qr_image_write(BYTES(""), 4, &w).code, ERR_LENGTH);
    assert_int_equal(qr_image_write(BYTES_OF(big), 4, &w).code, ERR_LENGTH);
    struct bytes largest = drawn(bytes_of(big, QR_TEXT_MAX), 16);
    assert_true(largest.len < QR_DRAWN_MAX);
    w = writer_over(png, 50);
    assert_int_equal(qr_image_write(BYTES("280000000000000000"), 4, &w).code, ERR_FULL);
    assert_int_equal(w.len, 0);
}

/* A picture of this size, claimed by its header. */
static enum err_code claimed(uint32_t width, uint32_t height)
{
    static uint8_t changed[QR_DRAWN_MAX];
    struct bytes picture = drawn(BYTES("280000000000000000"), 4);
    size_t len;
    memcpy(changed, picture.at, picture.len);
    struct writer w = writer_over(changed + 16, 8);
    write_be(&w, width, 4);
    write_be(&w, height, 4);
    return qr_image_read(bytes_of(changed, picture.len), text, sizeof text, &len).code;
}

static void a_monster_is_not_unpacked(void **state)
{
    (void)state;
    assert_int_equal(claimed(0xFFFFFFFF, 0xFFFFFFFF), ERR_LENGTH);
    assert_int_equal(claimed(4096, 4096), ERR_LENGTH);
    assert_int_equal(claimed(4097, 1), ERR_LENGTH);
    assert_int_equal(claimed(0, 100), ERR_FORMAT);
    assert_int_equal(claimed(100, 100), ERR_FORMAT); /* the chunk's checksum does not agree */
}

static void what_is_no_png_is_refused(void **state)
{
    (void)state;
    size_t len;
    assert_int_equal(qr_image_read(BYTES(""), text, sizeof text, &len).code, ERR_FORMAT);
    assert_int_equal(
        qr_image_read(BYTES("GIF89a, no PNG, but long enough"), text, sizeof text, &len).code,
        ERR_FORMAT);
    struct bytes picture = drawn(BYTES("280000000000000000"), 4);
    for (size_t cut = 0; cut + 12 < picture.len; cut += 7)
        assert_int_equal(qr_image_read(bytes_of(picture.at, cut), text, sizeof text, &len).code,
                         ERR_FORMAT);
}

/* A PNG of one grey pixel: a picture, and no code in it. Its bytes are from the PNG standard's
 * forms. */
static void no_code_is_not_found(void **state)
{
    (void)state;
    static const uint8_t pixel[] = {
        0x89, 'P',  'N',  'G',  0x0D, 0x0A, 0x1A, 0x0A, 0,    0,    0,    13,   'I',  'H',
        'D',  'R',  0,    0,    0,    1,    0,    0,    0,    1,    8,    0,    0,    0,
        0,    0x3A, 0x7E, 0x9B, 0x55, 0,    0,    0,    10,   'I',  'D',  'A',  'T',  0x78,
        0xDA, 0x63, 0xF8, 0x0F, 0x00, 0x01, 0x01, 0x01, 0x00, 0x1C, 0xB0, 0x8C, 0x99, 0,
        0,    0,    0,    'I',  'E',  'N',  'D',  0xAE, 0x42, 0x60, 0x82,
    };
    size_t len;
    assert_int_equal(qr_image_read(BYTES_OF(pixel), text, sizeof text, &len).code, ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_and_reads),
        cmocka_unit_test(grey_pictures),
        cmocka_unit_test(jpeg_pictures),
        cmocka_unit_test(a_text_that_does_not_fit_is_refused),
        cmocka_unit_test(drawing_has_limits),
        cmocka_unit_test(a_monster_is_not_unpacked),
        cmocka_unit_test(what_is_no_png_is_refused),
        cmocka_unit_test(no_code_is_not_found),
    };
    return cmocka_run_group_tests_name("qr_image", tests, NULL, NULL);
}
