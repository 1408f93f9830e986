/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images: one of 64 kB with a bit flipped is refused, and so is every length but its own; another
 * key, another model, a head of somebody else. S119.
 */
#include "tests/unit/scratch.h"

#include "lib/tuf/image.h"

enum { SOFTWARE = 64 * 1024 };

static struct document_key key, other;
static uint8_t software[SOFTWARE], block[IMAGE_HEAD_BYTES + SOFTWARE + 1];
static size_t len;

static int begin(void **state)
{
    (void)state;
    assert_ok(document_key_generate(DOCUMENT_ED25519, &key));
    assert_ok(document_key_generate(DOCUMENT_ED25519, &other));
    for (size_t i = 0; i < sizeof software; i++) software[i] = (uint8_t)(i * 131 >> 3);
    struct writer w = writer_over(block, sizeof block);
    assert_ok(image_write(7, "T1", BYTES_OF(software), &key, &w));
    len = w.len;
    assert_int_equal(len, IMAGE_HEAD_BYTES + SOFTWARE);
    return 0;
}

static int end(void **state)
{
    (void)state;
    document_key_free(&key);
    document_key_free(&other);
    return 0;
}

static err check(size_t size)
{
    struct image image = {.version = 99};
    err e = image_check(bytes_of(block, size), "T1", &key, &image);
    assert_int_equal(image.version, FAILED(e) ? 99 : 7); /* nothing is given away on failure */
    return e;
}

static void an_image_is_read(void **state)
{
    (void)state;
    struct image image;
    assert_ok(image_check(bytes_of(block, len), "T1", &key, &image));
    assert_int_equal(image.version, 7);
    assert_int_equal(image.software.len, SOFTWARE);
    assert_memory_equal(image.software.at, software, SOFTWARE);
}

/* Every bit of the head and of 2 kB behind it, and of each other byte one, every eighth another.
 * All 524,288 bits of the software: UPDATE_EVERY_BIT=1, a minute or more. */
static void flipped_bits(void **state)
{
    (void)state;
    bool all = getenv("UPDATE_EVERY_BIT") != NULL;
    size_t whole = all ? len : IMAGE_HEAD_BYTES + 1024;
    unsigned flipped = 0;
    for (size_t bit = 0; bit < 8 * len; bit++) {
        size_t byte = bit / 8;
        if (byte >= whole && bit != 64 * (bit / 64) + bit / 64 % 64) continue;
        flipped++;
        block[byte] ^= (uint8_t)(1U << bit % 8);
        assert_true(FAILED(check(len)));
        block[byte] ^= (uint8_t)(1U << bit % 8);
    }
    assert_int_equal(flipped, 8 * whole + (len - whole) / 8);
    print_message("%u flipped bits, all refused\n", flipped);
    assert_ok(check(len));
}

static void every_length(void **state)
{
    (void)state;
    for (size_t i = 0; i < len; i += i < 300 || i > len - 300 ? 1 : 97)
        assert_true(FAILED(check(i)));
    assert_err(check(len + 1), TRAILING);
    assert_ok(check(len));
}

static void somebody_elses(void **state)
{
    (void)state;
    struct image image;
    assert_err(image_check(bytes_of(block, len), "T1", &other, &image), IDENTITY);
    assert_err(image_check(bytes_of(block, len), "T2", &key, &image), CONFLICT);
    assert_err(image_check(bytes_of(block, len), "T", &key, &image), CONFLICT);
    assert_err(image_check(bytes_of(block, len), "", &key, &image), CONFLICT);
    assert_err(image_check(bytes_of(block, len), "T1234567890123456", &key, &image), CONFLICT);
    /* The head of one image and the software of another, both ours. */
    uint8_t second[IMAGE_HEAD_BYTES + 8];
    struct writer w = writer_over(second, sizeof second);
    assert_ok(image_write(8, "T1", BYTES("software"), &key, &w));
    memcpy(second + IMAGE_HEAD_BYTES, "SOFTWARE", 8);
    assert_err(image_check(BYTES_OF(second), "T1", &key, &image), IDENTITY);
}

static void what_cannot_be_made(void **state)
{
    (void)state;
    uint8_t small[IMAGE_HEAD_BYTES];
    struct writer w = writer_over(small, sizeof small);
    assert_err(image_write(0, "T1", BYTES("x"), &key, &w), RANGE);
    assert_err(image_write(1, "", BYTES("x"), &key, &w), LENGTH);
    assert_err(image_write(1, "T1234567890123456", BYTES("x"), &key, &w), LENGTH);
    assert_int_equal(w.len, 0);
    assert_err(image_write(1, "T1", BYTES("x"), &key, &w), FULL);
    /* Nothing is something: an image without software proves only its version. */
    w = writer_over(small, sizeof small);
    struct image image;
    assert_ok(image_write(1, "T123456789012345", BYTES(""), &key, &w));
    assert_ok(image_check(BYTES_OF(small), "T123456789012345", &key, &image));
    assert_int_equal(image.software.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_is_read),    cmocka_unit_test(flipped_bits),
        cmocka_unit_test(every_length),        cmocka_unit_test(somebody_elses),
        cmocka_unit_test(what_cannot_be_made),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
