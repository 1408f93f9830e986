/* SPDX-License-Identifier: Apache-2.0 */
/* BER-TLV: what is an object and what is not, nesting, padding, writing. S193 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/base/tlv.h"
#include "lib/emv/tag_name.h"

/* Walks a copy of exactly the input's size, so that the sanitizer sees every read too many. */
static enum err_code walked(struct bytes input, unsigned *ret_objects)
{
    uint8_t *copy = malloc(input.len > 0 ? input.len : 1);
    if (input.len > 0) memcpy(copy, input.at, input.len);
    struct tlv_walk walk = tlv_walk_over(bytes_of(copy, input.len));
    struct tlv object;
    unsigned objects = 0;
    while (tlv_next(&walk, &object)) objects++;
    enum err_code code = tlv_finish(&walk).code;
    free(copy);
    if (ret_objects != NULL) *ret_objects = objects;
    return code;
}

static void walks_objects_in_order(void **state)
{
    (void)state;
    struct tlv_walk walk = tlv_walk_over(
        BYTES("\x9F\x26\x02\xAB\xCD\x95\x00\x70\x03\x5A\x01\x42\xDF\x81\x01\x01\x07"));
    struct tlv o;
    assert_true(tlv_next(&walk, &o));
    assert_int_equal(o.tag, 0x9F26);
    assert_int_equal(o.offset, 0);
    assert_false(o.constructed);
    assert_true(bytes_equal(o.value, BYTES("\xAB\xCD")));
    assert_true(tlv_next(&walk, &o));
    assert_int_equal(o.tag, 0x95);
    assert_int_equal(o.value.len, 0);
    assert_true(tlv_next(&walk, &o));
    assert_int_equal(o.tag, 0x70);
    assert_true(o.constructed);
    assert_int_equal(o.offset, 7);
    assert_true(tlv_next(&walk, &o));
    assert_int_equal(o.tag, 0xDF8101);
    assert_false(tlv_next(&walk, &o));
    assert_int_equal(tlv_finish(&walk).code, ERR_OK);
}

struct odd_case {
    struct bytes input;
    enum err_code code;
    unsigned objects;
};

static void lengths_and_tags_are_strict(void **state)
{
    (void)state;
    static const struct odd_case cases[] = {
        {{(const uint8_t *)"", 0}, ERR_OK, 0},
        {{(const uint8_t *)"\x5A", 1}, ERR_SHORT, 0},
        {{(const uint8_t *)"\x5A\x02\x01", 3}, ERR_SHORT, 0},
        {{(const uint8_t *)"\x9F", 1}, ERR_SHORT, 0},
        {{(const uint8_t *)"\x5A\x80\x00\x00", 4}, ERR_FORMAT, 0},     /* indefinite */
        {{(const uint8_t *)"\x5A\x81\x01\x42", 4}, ERR_FORMAT, 0},     /* 01 would do */
        {{(const uint8_t *)"\x5A\x82\x00\x01\x42", 5}, ERR_FORMAT, 0}, /* the same in three */
        {{(const uint8_t *)"\x5A\x83\x00\x00\x01\x42", 6}, ERR_FORMAT, 0},
        {{(const uint8_t *)"\x5A\x84\xFF\xFF\xFF\xFF", 6}, ERR_FORMAT, 0},
        {{(const uint8_t *)"\x5A\x82\xFF\xFF", 4}, ERR_SHORT, 0},
        {{(const uint8_t *)"\x9F\x80\x01\x00", 4}, ERR_FORMAT, 0},     /* zero in front of a tag */
        {{(const uint8_t *)"\x9F\x81\x81\x01\x00", 5}, ERR_FORMAT, 0}, /* four bytes of tag */
        {{(const uint8_t *)"\x00\x00\x5A\x01\x42\x00\x95\x00\x00", 9}, ERR_OK, 2},
        {{(const uint8_t *)"\x5A\x01\x42\xFF\xFF\x00\xFF", 7}, ERR_OK, 1},
        {{(const uint8_t *)"\x5A\x01\x42\xFF\xFF\x00\x01", 7}, ERR_SHORT, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        unsigned objects = 99;
        assert_int_equal(walked(cases[i].input, &objects), cases[i].code);
        assert_int_equal(objects, cases[i].objects);
    }
}

static void finds_on_its_level_and_below(void **state)
{
    (void)state;
    struct bytes fci = BYTES("\x6F\x09\x84\x02\xA0\x01\xA5\x03\x50\x01\x58\x95\x01\x07"), value;
    assert_int_equal(tlv_find(fci, 0x95, &value).code, ERR_OK);
    assert_true(bytes_equal(value, BYTES("\x07")));
    assert_int_equal(tlv_find(fci, 0x50, &value).code, ERR_NOT_FOUND);
    assert_int_equal(tlv_find_deep(fci, 0x50, &value).code, ERR_OK);
    assert_true(bytes_equal(value, BYTES("X")));
    /* A fault behind the object counts: the input is not what it claims to be. */
    assert_int_equal(tlv_find(BYTES("\x5A\x01\x42\x95\x05"), 0x5A, &value).code, ERR_SHORT);
    assert_int_equal(tlv_find_deep(BYTES("\x70\x02\x5A\x05"), 0x95, &value).code, ERR_SHORT);
}

static void what_it_writes_it_reads(void **state)
{
    (void)state;
    static uint8_t value[TLV_VALUE_MAX], block[TLV_VALUE_MAX + 16];
    static const size_t sizes[] = {0, 1, 0x7F, 0x80, 0xFF, 0x100, TLV_VALUE_MAX};
    static const uint32_t tags[] = {0x5A, 0x9F26, 0xDF8101};
    memset(value, 0x5C, sizeof value);
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        for (size_t k = 0; k < ARRAY_LEN(tags); k++) {
            struct writer w = writer_over(block, sizeof block);
            tlv_write(&w, tags[k], bytes_of(value, sizes[i]));
            assert_int_equal(w.fault, ERR_OK);
            struct bytes back;
            assert_int_equal(tlv_find(writer_view(&w), tags[k], &back).code, ERR_OK);
            assert_true(bytes_equal(back, bytes_of(value, sizes[i])));
        }
    }
}

static void nesting_has_a_limit(void **state)
{
    (void)state;
    uint8_t nested[2 * 60];
    for (size_t i = 0; i < 60; i++) {
        nested[2 * i] = 0x70;
        nested[2 * i + 1] = (uint8_t)(sizeof nested - 2 * (i + 1));
    }
    struct bytes value;
    assert_int_equal(tlv_find_deep(BYTES_OF(nested), 0x5A, &value).code, ERR_NOT_FOUND);
}

static void tags_have_names(void **state)
{
    (void)state;
    assert_string_equal(tlv_tag_name(0x9F26), "application cryptogram");
    assert_null(tlv_tag_name(0x9F7F));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walks_objects_in_order),
        cmocka_unit_test(lengths_and_tags_are_strict),
        cmocka_unit_test(finds_on_its_level_and_below),
        cmocka_unit_test(what_it_writes_it_reads),
        cmocka_unit_test(nesting_has_a_limit),
        cmocka_unit_test(tags_have_names),
    };
    return cmocka_run_group_tests_name("emv_tlv", tests, NULL, NULL);
}
