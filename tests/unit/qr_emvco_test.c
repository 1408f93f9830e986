/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merchant-presented codes: the published ones of ../shared/vectors/qr when they are there, one of
 * our own field by field, and each way a code can be wrong. S193
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include "lib/base/base64.h"
#include "lib/base/hex.h"
#include "lib/base/tlv.h"
#include "lib/qr/emvco.h"
#include "tests/unit/vector_file.h"

#define PUBLISHED "../shared/vectors/qr/emvco_qr.json"

static struct emvco_code code;
static struct emvco_fault fault;

static void same_objects(const struct emvco_code *parsed, json_t *decoded)
{
    assert_int_equal(parsed->count, json_array_size(decoded));
    for (size_t i = 0; i < parsed->count; i++) {
        json_t *expected = json_array_get(decoded, i), *inner = json_object_get(expected, "sub");
        const struct emvco_object *o = &parsed->object[i];
        const char *id = json_string_value(json_object_get(expected, "id"));
        assert_int_equal(o->id, (id[0] - '0') * 10 + (id[1] - '0'));
        assert_true(bytes_equal(o->value,
                                bytes_text(json_string_value(json_object_get(expected, "value")))));
        if (inner == NULL || !emvco_is_template(o->id)) continue;
        struct emvco_code below;
        assert_int_equal(emvco_parse_template(o->value, &below, &fault).code, ERR_OK);
        same_objects(&below, inner);
    }
}

static void published_codes(void **state)
{
    (void)state;
    json_t *root = vector_file(PUBLISHED), *entry;
    size_t i, good = 0, bad = 0, altered = 0;
    json_array_foreach(json_object_get(root, "mpm"), i, entry)
    {
        const char *payload = json_string_value(json_object_get(entry, "payload"));
        err e = emvco_parse(bytes_text(payload), &code, &fault);
        if (!json_is_true(json_object_get(entry, "crc_valid"))) {
            const char *word = json_string_value(json_object_get(entry, "expect"));
            assert_int_not_equal(e.code, ERR_OK);
            if (word != NULL) {
                assert_string_equal(word, "reject: CRC");
                assert_int_equal(e.code, ERR_MAC);
                altered++;
            }
            bad++;
            continue;
        }
        if (FAILED(e)) print_error("%s: object %u at %zu\n", payload, fault.id, fault.offset);
        assert_int_equal(e.code, ERR_OK);
        same_objects(&code, json_object_get(entry, "decoded"));
        good++;
    }
    assert_true(good >= 7 && bad >= 2);
    assert_int_equal(altered, 1);
    json_array_foreach(json_object_get(root, "crc"), i, entry)
    {
        char crc[5];
        struct bytes data = bytes_text(json_string_value(json_object_get(entry, "data_ascii")));
        snprintf(crc, sizeof crc, "%04X", emvco_crc(data));
        assert_string_equal(crc, json_string_value(json_object_get(entry, "crc")));
    }
    vector_file_end(root);
}

static void assert_object(struct bytes in, uint32_t tag, struct bytes expected)
{
    struct bytes value;
    assert_int_equal(tlv_find(in, tag, &value).code, ERR_OK);
    if (!bytes_equal(value, expected)) fail_msg("object %X differs", tag);
}

/*
 * The code that a customer's telephone shows to a card terminal (EMVCo, consumer-presented mode,
 * 4.2): the till asks for none, but it is base64 and BER-TLV as they are spoken elsewhere here.
 */
static void published_code_of_a_customer(void **state)
{
    (void)state;
    json_t *root = vector_file(PUBLISHED);
    const json_t *row = json_array_get(json_object_get(root, "cpm"), 0);
    const char *hex = json_string_value(json_object_get(row, "hex"));
    struct bytes text = bytes_text(json_string_value(json_object_get(row, "base64"))), common;
    uint8_t block[256], same[256];
    size_t len, same_len;
    assert_int_equal(base64_decode(text, block, sizeof block, &len).code, ERR_OK);
    assert_int_equal(hex_decode(bytes_text(hex), same, sizeof same, &same_len).code, ERR_OK);
    struct bytes in = bytes_of(block, len);
    assert_true(bytes_equal(in, bytes_of(same, same_len)));
    assert_object(in, 0x85, BYTES("CPV01"));
    struct tlv_walk walk = tlv_walk_over(in);
    struct tlv object;
    size_t applications = 0;
    while (tlv_next(&walk, &object)) {
        if (object.tag != 0x61) continue;
        assert_object(object.value, 0x4F,
                      applications == 0 ? BYTES("\xA0\0\0\0UUU") : BYTES("\xA0\0\0\0fff"));
        assert_object(object.value, 0x50,
                      applications == 0 ? BYTES("Product1") : BYTES("Product2"));
        applications++;
    }
    assert_int_equal(tlv_finish(&walk).code, ERR_OK);
    assert_int_equal(applications, 2);
    assert_int_equal(tlv_find(in, 0x62, &common).code, ERR_OK);
    assert_object(common, 0x5A, BYTES("\x12\x34\x56\x78\x90\x12\x34\x58"));
    assert_object(common, 0x5F20, BYTES("CARDHOLDER/EMV"));
    assert_object(common, 0x5F2D, BYTES("ruesdeen"));
    assert_int_equal(tlv_find(common, 0x64, &common).code, ERR_OK);
    assert_object(common, 0x9F10, BYTES("\x06\x01\x0A\x03\0\0\0"));
    assert_object(common, 0x9F26, BYTES("\x58\x4F\xD3\x85\xFA\x23\x4B\xCC"));
    assert_object(common, 0x9F36, BYTES("\0\x01"));
    assert_object(common, 0x9F37, BYTES("\x6D\x58\xEF\x13"));
    vector_file_end(root);
}

static void the_crc_is_the_right_one(void **state)
{
    (void)state;
    assert_int_equal(emvco_crc(BYTES("123456789")), 0x29B1);
}

/* A payload without its CRC, completed. */
static enum err_code parsed(const char *body)
{
    static uint8_t block[EMVCO_PAYLOAD_MAX + 64];
    struct writer w = writer_over(block, sizeof block);
    write_bytes(&w, bytes_text(body));
    write_bytes(&w, BYTES("6304"));
    write_format(&w, "%04X", emvco_crc(writer_view(&w)));
    memset(&fault, 0, sizeof fault);
    return emvco_parse(writer_view(&w), &code, &fault).code;
}

#define HEAD "000201010212"
#define TAIL "520454115303156540510.005802CN5904SHOP6008SHANGHAI"

static void refuses_what_is_no_code(void **state)
{
    (void)state;
    assert_int_equal(parsed(HEAD TAIL), ERR_OK);
    assert_true(bytes_equal(emvco_get(&code, EMVCO_AMOUNT), BYTES("10.00")));
    assert_int_equal(emvco_get(&code, 61).len, 0);

    assert_int_equal(parsed(HEAD "5802CN5904SHOP6008SHANGHAI5303156"), ERR_MISSING);
    assert_int_equal(fault.id, EMVCO_CATEGORY);
    assert_int_equal(parsed("0102125204541153031565802CN5904SHOP6008SHANGHAI"), ERR_FORMAT);
    assert_int_equal(parsed("000202" TAIL), ERR_FORMAT); /* another version */
    assert_int_equal(fault.id, EMVCO_FORMAT);
    assert_int_equal(parsed("000201010213" TAIL), ERR_FORMAT);
    assert_int_equal(parsed(TAIL "000201"), ERR_FORMAT); /* not first */
    assert_int_equal(parsed(HEAD TAIL "5904SHOP"), ERR_EXISTS);
    assert_int_equal(fault.id, EMVCO_NAME);
    assert_int_equal(fault.offset, sizeof(HEAD TAIL) - 1);
    assert_int_equal(parsed(HEAD TAIL "6100"), ERR_FORMAT);
    assert_int_equal(parsed(HEAD TAIL "6105ab\x01zz"), ERR_FORMAT);
    assert_int_equal(parsed(HEAD TAIL "6102\xE5\x8C"), ERR_FORMAT);     /* half a character */
    assert_int_equal(parsed(HEAD TAIL "6101\xED\xA0\x80"), ERR_FORMAT); /* a surrogate */
    assert_int_equal(parsed(HEAD TAIL "6101\xC0\x80"), ERR_FORMAT);     /* a long form */
    assert_int_equal(parsed(HEAD TAIL "61+5abcde"), ERR_DIGIT);
    assert_int_equal(parsed(HEAD TAIL "x105abcde"), ERR_DIGIT);
    assert_int_equal(parsed(HEAD TAIL "6199abc"), ERR_SHORT);
    assert_int_equal(parsed(HEAD "520454115303156540510,005802CN5904SHOP6008SHANGHAI"), ERR_FORMAT);
    assert_int_equal(fault.id, EMVCO_AMOUNT);
    /* An end that looks like a CRC but is part of a longer last object. */
    assert_int_equal(parsed(HEAD TAIL "6312abcd"), ERR_FORMAT);
    assert_int_equal(emvco_parse(BYTES(""), &code, &fault).code, ERR_SHORT);
}

static void every_changed_character_is_noticed(void **state)
{
    (void)state;
    uint8_t block[256];
    struct writer w = writer_over(block, sizeof block);
    write_bytes(&w, BYTES(HEAD TAIL "6304"));
    write_format(&w, "%04X", emvco_crc(writer_view(&w)));
    struct bytes good = writer_view(&w);
    assert_int_equal(emvco_parse(good, &code, &fault).code, ERR_OK);
    for (size_t i = 0; i < good.len; i++) {
        for (unsigned value = 0; value < 256; value++) {
            uint8_t kept = block[i];
            if (value == kept) continue;
            block[i] = (uint8_t)value;
            assert_int_not_equal(emvco_parse(good, &code, &fault).code, ERR_OK);
            block[i] = kept;
        }
    }
    for (size_t len = 0; len < good.len; len++)
        assert_int_not_equal(emvco_parse(bytes_of(block, len), &code, &fault).code, ERR_OK);
}

/* Lengths count characters: two hanzi are six bytes and "02". */
static void builds_what_it_parses(void **state)
{
    (void)state;
    const struct emvco_object objects[] = {
        {EMVCO_METHOD, BYTES("12")},     {26, BYTES("0005tests")},
        {EMVCO_CATEGORY, BYTES("5411")}, {EMVCO_CURRENCY, BYTES("156")},
        {EMVCO_AMOUNT, BYTES("128.00")}, {EMVCO_COUNTRY, BYTES("CN")},
        {EMVCO_NAME, BYTES("通宝小店")}, {EMVCO_CITY, BYTES("北京")},
    };
    uint8_t block[EMVCO_PAYLOAD_MAX];
    struct writer w = writer_over(block, sizeof block);
    assert_int_equal(emvco_build(objects, ARRAY_LEN(objects), &w).code, ERR_OK);
    assert_int_equal(emvco_parse(writer_view(&w), &code, &fault).code, ERR_OK);
    assert_int_equal(code.count, ARRAY_LEN(objects) + 2);
    for (size_t i = 0; i < ARRAY_LEN(objects); i++)
        assert_true(bytes_equal(emvco_get(&code, objects[i].id), objects[i].value));
    block[w.len] = '\0';
    assert_non_null(strstr((const char *)block, "6002北京"));
}

static void does_not_build_what_is_wrong(void **state)
{
    (void)state;
    uint8_t block[EMVCO_PAYLOAD_MAX];
    struct emvco_object objects[] = {
        {EMVCO_CATEGORY, BYTES("5411")}, {EMVCO_CURRENCY, BYTES("156")},
        {EMVCO_COUNTRY, BYTES("CN")},    {EMVCO_NAME, BYTES("SHOP")},
        {EMVCO_CITY, BYTES("BEIJING")},
    };
    struct writer w = writer_over(block, sizeof block);
    assert_int_equal(emvco_build(objects, 4, &w).code, ERR_MISSING);
    assert_int_equal(w.len, 0);
    objects[4].value = BYTES("A city of 16 chr");
    assert_int_equal(emvco_build(objects, 5, &w).code, ERR_LENGTH);
    objects[4].value = BYTES("");
    assert_int_equal(emvco_build(objects, 5, &w).code, ERR_FORMAT);
    objects[4] = objects[0];
    assert_int_equal(emvco_build(objects, 5, &w).code, ERR_EXISTS);
    objects[4] = (struct emvco_object){EMVCO_CITY, BYTES("BEIJING")};
    w = writer_over(block, 20);
    assert_int_equal(emvco_build(objects, 5, &w).code, ERR_FULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_codes),
        cmocka_unit_test(published_code_of_a_customer),
        cmocka_unit_test(the_crc_is_the_right_one),
        cmocka_unit_test(refuses_what_is_no_code),
        cmocka_unit_test(every_changed_character_is_noticed),
        cmocka_unit_test(builds_what_it_parses),
        cmocka_unit_test(does_not_build_what_is_wrong),
    };
    return cmocka_run_group_tests_name("qr_emvco", tests, NULL, NULL);
}
