/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our own merchant-presented codes: what is written is an EMVCo code that says each thing once, is
 * read back whole, and any byte of it that is changed is found by the CRC or is in what the MAC
 * covers. S78 S79
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/qr/emvco.h"
#include "lib/qr/order_code.h"

static const struct order_code order = {.reference = "633015000001",
                                        .category = "5411",
                                        .name = "TONGBAO TEA",
                                        .city = "BEIJING",
                                        .country = "CN",
                                        .currency = 156,
                                        .amount_minor = 12805,
                                        .expires_s = INT64_C(1795393925),
                                        .mac = {1, 2, 3, 4, 5, 0xAB, 0xCD, 0xEF}};

static const struct order_code plate = {.plate = true,
                                        .reference = "P0000001",
                                        .merchant = "898310153110001",
                                        .category = "5411",
                                        .name = "TONGBAO TEA",
                                        .city = "BEIJING",
                                        .country = "CN",
                                        .currency = 156,
                                        .mac = {8, 7, 6, 5, 4, 3, 2, 1}};

static uint8_t block[ORDER_CODE_MAX];

static struct bytes written(const struct order_code *code)
{
    struct writer w = writer_over(block, sizeof block);
    assert_int_equal(order_code_write(code, &w).code, ERR_OK);
    return writer_view(&w);
}

/* The CRC at its end was computed apart from the product, from the published polynomial. */
static void the_text_is_an_emvco_code(void **state)
{
    (void)state;
    static const char expected[] = "000201"
                                   "010212"
                                   "2669"
                                   "0015org.tongbao.pay"
                                   "0112633015000001"
                                   "02101795393925"
                                   "03160102030405ABCDEF"
                                   "52045411"
                                   "5303156"
                                   "5406128.05"
                                   "5802CN"
                                   "5911TONGBAO TEA"
                                   "6007BEIJING"
                                   "63041CBF";
    struct bytes text = written(&order);
    assert_int_equal(text.len, sizeof expected - 1);
    assert_memory_equal(text.at, expected, sizeof expected - 1);
    struct emvco_code parsed;
    struct emvco_fault fault;
    assert_int_equal(emvco_parse(text, &parsed, &fault).code, ERR_OK);
}

static void same(const struct order_code *a, const struct order_code *b)
{
    assert_int_equal(a->plate, b->plate);
    assert_string_equal(a->reference, b->reference);
    assert_string_equal(a->merchant, b->merchant);
    assert_string_equal(a->category, b->category);
    assert_string_equal(a->name, b->name);
    assert_string_equal(a->city, b->city);
    assert_int_equal(a->currency, b->currency);
    assert_int_equal(a->amount_minor, b->amount_minor);
    assert_int_equal(a->expires_s, b->expires_s);
    assert_memory_equal(a->mac, b->mac, sizeof a->mac);
}

static void order_and_plate_are_read_as_they_were_meant(void **state)
{
    (void)state;
    struct order_code read;
    assert_int_equal(order_code_parse(written(&order), &read).code, ERR_OK);
    same(&read, &order);
    assert_int_equal(order_code_parse(written(&plate), &read).code, ERR_OK);
    same(&read, &plate);
}

static struct bytes covered(const struct order_code *code, struct bytes text, uint8_t *out)
{
    struct writer w = writer_over(out, ORDER_CODE_MAX);
    assert_int_equal(order_code_signed(code, text, &w).code, ERR_OK);
    return writer_view(&w);
}

/* With a CRC that fits again each altered code is another one to the MAC, or no code at all. */
static void nothing_can_be_altered(void **state)
{
    (void)state;
    uint8_t text[ORDER_CODE_MAX], before[ORDER_CODE_MAX], after[ORDER_CODE_MAX];
    struct bytes whole = written(&order);
    size_t len = whole.len;
    memcpy(text, whole.at, len);
    struct bytes first = covered(&order, bytes_of(text, len), before);
    assert_int_equal(first.len, len - 8);
    for (size_t i = 0; i < len - 8; i++) {
        struct order_code read;
        uint8_t was = text[i];
        text[i] = was == '1' ? '2' : '1';
        assert_true(FAILED(order_code_parse(bytes_of(text, len), &read))); /* the CRC */
        char crc[5];
        snprintf(crc, sizeof crc, "%04X", emvco_crc(bytes_of(text, len - 4)));
        uint8_t old[4];
        memcpy(old, text + len - 4, 4);
        memcpy(text + len - 4, crc, 4);
        struct writer w = writer_over(after, sizeof after);
        bool readable = !FAILED(order_code_parse(bytes_of(text, len), &read)) &&
                        !FAILED(order_code_signed(&read, bytes_of(text, len), &w));
        bool other_mac = readable && memcmp(read.mac, order.mac, sizeof read.mac) != 0;
        if (readable && !other_mac) assert_false(bytes_equal(first, writer_view(&w)));
        memcpy(text + len - 4, old, 4);
        text[i] = was;
    }
}

static void what_is_not_ours_is_said_to_be(void **state)
{
    (void)state;
    static const char *const foreign[] = {
        "https://qr.example.com/abc", "weixin://wxpay/bizpayurl?pr=abc", "281234567890123456", "",
        "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802"
        "CN5914BEST TRANSPORT6007BEIJING64200002ZH0104最佳运输0202北京540523.725303156550201623"
        "3030412340603***0708A60086670902ME91320016A0112233449988770708123456786304A13A"};
    for (size_t i = 0; i < ARRAY_LEN(foreign); i++) {
        struct order_code read = order, before = order;
        assert_int_equal(order_code_parse(bytes_text(foreign[i]), &read).code, ERR_UNSUPPORTED);
        assert_memory_equal(&read, &before, sizeof read);
    }
}

static void an_order_has_what_a_plate_has_not(void **state)
{
    (void)state;
    struct writer w = writer_over(block, sizeof block);
    struct order_code bad = order;
    bad.amount_minor = 0;
    assert_int_equal(order_code_write(&bad, &w).code, ERR_RANGE);
    bad = order, bad.expires_s = 0;
    assert_int_equal(order_code_write(&bad, &w).code, ERR_RANGE);
    bad = plate, bad.amount_minor = 1;
    assert_int_equal(order_code_write(&bad, &w).code, ERR_RANGE);
    bad = plate, bad.merchant[0] = '\0';
    assert_int_equal(order_code_write(&bad, &w).code, ERR_FORMAT);
    bad = order, memcpy(bad.merchant, plate.merchant, sizeof bad.merchant);
    assert_int_equal(order_code_write(&bad, &w).code, ERR_FORMAT);
    bad = plate, bad.reference[0] = '\0';
    assert_int_equal(order_code_write(&bad, &w).code, ERR_FORMAT);
    bad = order, memcpy(bad.country, "cn", 3);
    assert_int_equal(order_code_write(&bad, &w).code, ERR_FORMAT);
    bad = order, bad.country[0] = '\0';
    assert_int_equal(order_code_write(&bad, &w).code, ERR_FORMAT);
    bad = order, memcpy(bad.postal, "\xe8\x8c\xb6", 4);
    assert_int_equal(order_code_write(&bad, &w).code, ERR_FORMAT);
    bad = order, memcpy(bad.name, "\xe8\x8c\xb6", 4);
    assert_int_equal(order_code_write(&bad, &w).code, ERR_FORMAT);
    assert_int_equal(w.len, 0);
}

/* Where the merchant is: object 61 stands where EMVCo has it, and the country is the merchant's. */
static void the_place_is_read_as_it_was_written(void **state)
{
    (void)state;
    struct order_code read, there = order;
    memcpy(there.postal, "999078", 7);
    memcpy(there.city, "MACAU", 6);
    memcpy(there.country, "MO", 3);
    struct bytes text = written(&there);
    assert_non_null(memmem(text.at, text.len, "5802MO5911TONGBAO TEA6005MACAU61069990786304", 44));
    assert_int_equal(order_code_parse(text, &read).code, ERR_OK);
    assert_string_equal(read.city, "MACAU");
    assert_string_equal(read.postal, "999078");
    assert_string_equal(read.country, "MO");
}

/* The longest that there can be has room, and so has it on a terminal's screen. */
static void the_longest_fits(void **state)
{
    (void)state;
    struct order_code longest = order;
    memcpy(longest.reference, "1234567890123456", 17);
    memcpy(longest.name, "A NAME OF TWENTY-FIVE CH.", 26);
    memcpy(longest.city, "FIFTEEN LETTERS", 16);
    memcpy(longest.postal, "1234567890", 11);
    longest.amount_minor = INT64_C(999999999999);
    struct bytes text = written(&longest);
    assert_true(text.len <= ORDER_CODE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_is_an_emvco_code),
        cmocka_unit_test(order_and_plate_are_read_as_they_were_meant),
        cmocka_unit_test(nothing_can_be_altered),
        cmocka_unit_test(the_place_is_read_as_it_was_written),
        cmocka_unit_test(what_is_not_ours_is_said_to_be),
        cmocka_unit_test(an_order_has_what_a_plate_has_not),
        cmocka_unit_test(the_longest_fits),
    };
    return cmocka_run_group_tests_name("qr_order_code", tests, NULL, NULL);
}
