/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Codes of cards in telephones (EMVCo, consumer-presented mode): the standard's own example, what
 * may leave of a code and what may not, and everything that is malformed refused by name. S77.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/base/base64.h"
#include "lib/base/tlv.h"
#include "lib/emv/card_code.h"

#define assert_ok(e) assert_int_equal((e).code, ERR_OK)

/* Two applications without data of their own, and a common template with a number and 64. */
static const char example[] =
    "hQVDUFYwMWETTwegAAAAVVVVUAhQcm9kdWN0MWETTwegAAAAZmZmUAhQcm9kdWN0MmJJWggSNFZ4kBI0WF8gDkNBUkRI"
    "T0xERVIvRU1WXy0IcnVlc2RlZW5kIZ8QBwYBCgMAAACfJghYT9OF+iNLzJ82AgABnzcEbVjvEw==";

static void the_standards_example(void **state)
{
    (void)state;
    CLEANUP(card_code_wipe) struct card_code code;
    struct card_data card;
    uint8_t block[255];
    struct writer w = writer_over(block, sizeof block);
    assert_ok(card_code_parse(bytes_text(example), &code));
    assert_int_equal(code.applications, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(code.application[i].aid.len, 7);
        assert_int_equal(code.application[i].aid.at[4], i == 0 ? 0x55 : 0x66);
        assert_true(bytes_equal(card_code_get(&code, i, 0x50),
                                i == 0 ? BYTES("Product1") : BYTES("Product2")));
        assert_true(bytes_equal(card_code_get(&code, i, 0x5F20), BYTES("CARDHOLDER/EMV")));
        assert_true(bytes_equal(card_code_get(&code, i, 0x9F36), BYTES("\x00\x01")));
        assert_int_equal(card_code_get(&code, i, 0x57).len, 0);
        assert_int_equal(card_code_card(&code, i, &card).code, ERR_MISSING); /* no expiry in it */
    }
    assert_ok(card_code_field55(&code, 1, &w));
    static const uint8_t want[] = {0x9F, 0x26, 8,    0x58, 0x4F, 0xD3, 0x85, 0xFA, 0x23, 0x4B, 0xCC,
                                   0x9F, 0x10, 7,    6,    1,    10,   3,    0,    0,    0,    0x9F,
                                   0x37, 4,    0x6D, 0x58, 0xEF, 0x13, 0x9F, 0x36, 2,    0,    1,
                                   0x84, 7,    0xA0, 0,    0,    0,    0x66, 0x66, 0x66};
    assert_true(bytes_equal(writer_view(&w), BYTES_OF(want)));
}

/* ---- codes made of objects ---- */

#define AID     "\xA0\x00\x00\x03\x33\x01\x01\x01"
#define TRACK_2 "\x62\x00\x00\x00\x00\x00\x00\x10\x01\x7D\x29\x12\x12\x00\x00\x00\x00\x00"

struct object {
    uint32_t tag;
    struct bytes value;
};

static const struct object usual[] = {
    {0x4F, BYTES(AID)},
    {0x57, BYTES(TRACK_2)},
    {0x63, BYTES("\x9F\x26\x08"
                 "12345678\x9F\x27\x01\x80\x9F\x10\x08\x07\x01\x01\x03\xA0\x00\x00\x01\x9F\x36\x02"
                 "\x00\x05\x9F\x37\x04"
                 "abcd\x82\x02\x7C\x00\x5F\x34\x01\x41")},
};

/* One application of these objects, as text. */
static struct bytes text_of(const struct object *objects, size_t count)
{
    static uint8_t text[1024];
    uint8_t inner[700], block[700];
    struct writer a = writer_over(inner, sizeof inner), w = writer_over(block, sizeof block);
    struct writer t = writer_over(text, sizeof text);
    for (size_t i = 0; i < count; i++) tlv_write(&a, objects[i].tag, objects[i].value);
    tlv_write(&w, 0x85, BYTES("CPV01"));
    tlv_write(&w, 0x61, writer_view(&a));
    base64_write(&t, writer_view(&w));
    assert_int_equal(t.fault, ERR_OK);
    return writer_view(&t);
}

/* The usual one with one object in the place of another's, left out when it is empty. */
static struct bytes with(uint32_t tag, struct bytes value)
{
    struct object objects[ARRAY_LEN(usual) + 1];
    size_t count = 0;
    bool there = false;
    for (size_t i = 0; i < ARRAY_LEN(usual); i++) {
        bool same = usual[i].tag == tag;
        there |= same;
        if (same && value.len == 0) continue;
        objects[count++] = (struct object){usual[i].tag, same ? value : usual[i].value};
    }
    if (!there) objects[count++] = (struct object){tag, value};
    return text_of(objects, count);
}

static void a_card_comes_out(void **state)
{
    (void)state;
    CLEANUP(card_code_wipe) struct card_code code;
    CLEANUP(card_data_wipe) struct card_data card = {0};
    uint8_t block[255];
    struct writer w = writer_over(block, sizeof block);
    assert_ok(card_code_parse(text_of(usual, ARRAY_LEN(usual)), &code));
    assert_ok(card_code_card(&code, 0, &card));
    assert_string_equal(card.pan, "6200000000000010017");
    assert_string_equal(card.expiry, "2912");
    assert_string_equal(card.service_code, "120");
    assert_string_equal(card.sequence, "041");
    assert_string_equal(card.track2, "6200000000000010017=2912120000000000");
    assert_ok(card_code_field55(&code, 0, &w));
    struct bytes found;
    static const uint32_t there[] = {0x9F26, 0x9F27, 0x9F10, 0x9F37, 0x9F36, 0x82, 0x84};
    static const uint32_t never[] = {0x57, 0x5A, 0x5F20, 0x5F34};
    for (size_t i = 0; i < ARRAY_LEN(there); i++)
        assert_ok(tlv_find(writer_view(&w), there[i], &found));
    for (size_t i = 0; i < ARRAY_LEN(never); i++)
        assert_int_equal(tlv_find(writer_view(&w), never[i], &found).code, ERR_NOT_FOUND);
}

/* Number and expiry may stand by themselves; what contradicts itself is no card. */
static void whose_card_it_is(void **state)
{
    (void)state;
    static const struct {
        uint32_t tag;
        struct bytes value;
        enum err_code code;
    } rows[] = {
        {0x5A, BYTES("\x62\x00\x00\x00\x00\x00\x00\x10\x01\x7F"), ERR_OK},
        {0x5A, BYTES("\x62\x00\x00\x00\x00\x00\x00\x05"), ERR_CONFLICT},
        {0x5A, BYTES("\x62\x00\x00\x0A\x00\x00\x00\x05"), ERR_DIGIT},
        {0x5A, BYTES("\x62\x00\x00\x00\x00\x00\x00\x10\x01\x71\x11"), ERR_LENGTH},
        {0x57, BYTES("\x62\x00\x00\x00\x00\x00\x00\x10\x02\x7D\x29\x12\x12\x00"), ERR_FORMAT},
        {0x57, BYTES("\x62\x00\x00\x00\x00\x00\x00\x10\x01\x7D\x29\x13\x12\x00"), ERR_FORMAT},
        {0x57, BYTES("\x62\x00\x00\xB0\x00\x00\x00\x10\x01\x7D\x29\x12\x12\x00"), ERR_FORMAT},
        {0x57, {0}, ERR_MISSING},
        {0x5F34, BYTES("\x4A"), ERR_DIGIT},
        {0x5F34, BYTES("\x41\x00"), ERR_LENGTH},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(card_code_wipe) struct card_code code;
        CLEANUP(card_data_wipe) struct card_data card = {0};
        assert_ok(card_code_parse(with(rows[i].tag, rows[i].value), &code));
        err e = card_code_card(&code, 0, &card);
        if (e.code != rows[i].code) fail_msg("row %zu: %s", i, err_name(e));
        if (FAILED(e)) assert_string_equal(card.pan, "");
    }
    static const struct object apart[] = {
        {0x4F, BYTES(AID)},
        {0x5A, BYTES("\x62\x00\x00\x00\x00\x00\x00\x10\x01\x7F")},
        {0x5F24, BYTES("\x29\x12\x31")},
    };
    CLEANUP(card_code_wipe) struct card_code code;
    struct card_data card;
    assert_ok(card_code_parse(text_of(apart, ARRAY_LEN(apart)), &code));
    assert_ok(card_code_card(&code, 0, &card));
    assert_string_equal(card.expiry, "2912");
    assert_string_equal(card.track2, "");
}

static void what_its_issuer_judges(void **state)
{
    (void)state;
    static const struct {
        struct bytes transparent;
        enum err_code code;
    } rows[] = {
        {{0}, ERR_MISSING},
        {BYTES("\x9F\x26\x07"
               "1234567"),
         ERR_LENGTH},
        {BYTES("\x9F\x26\x08"
               "12345678\x9F\x10\x01\x07\x9F\x36\x02\x00\x05"),
         ERR_MISSING}, /* no 9F37 */
        {BYTES("\x9F\x27\x01\x00\x9F\x26\x08"
               "12345678\x9F\x10\x01\x07\x9F\x36\x02\x00\x05\x9F\x37\x04"
               "abcd"),
         ERR_DENIED}, /* an AAC */
        {BYTES("\x9F\x27\x01\x40\x9F\x26\x08"
               "12345678\x9F\x10\x01\x07\x9F\x36\x02\x00\x05\x9F\x37\x04"
               "abcd"),
         ERR_DENIED}, /* a TC: nobody has asked for one */
        {BYTES("\x9F\x26\x08"
               "12345678\x9F\x10\x01\x07\x9F\x36\x02\x00\x05\x9F\x37\x04"
               "abcd"),
         ERR_OK},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(card_code_wipe) struct card_code code;
        uint8_t block[255];
        struct writer w = writer_over(block, sizeof block);
        assert_ok(card_code_parse(with(0x63, rows[i].transparent), &code));
        err e = card_code_field55(&code, 0, &w);
        if (e.code != rows[i].code) fail_msg("row %zu: %s", i, err_name(e));
    }
}

/* ---- what is no code ---- */

static struct bytes text_of_bytes(struct bytes content)
{
    static uint8_t text[1024];
    struct writer t = writer_over(text, sizeof text);
    base64_write(&t, content);
    assert_int_equal(t.fault, ERR_OK);
    return writer_view(&t);
}

static void refused(struct bytes text, enum err_code code)
{
    struct card_code out;
    static const struct card_code none;
    assert_int_equal(card_code_parse(text, &out).code, code);
    assert_memory_equal(&out, &none, sizeof none); /* nothing of a card is left */
}

#define VERSION \
    "\x85\x05"  \
    "CPV01"
#define APPLICATION "\x61\x09\x4F\x07\xA0\x00\x00\x00\x55\x55\x55"

static void what_is_malformed(void **state)
{
    (void)state;
    static const struct {
        struct bytes content;
        enum err_code code;
    } rows[] = {
        {BYTES(""), ERR_MISSING},
        {BYTES(VERSION), ERR_MISSING},
        {BYTES("\x85\x05"
               "CPV02" APPLICATION),
         ERR_NEWER},
        {BYTES("\x85\x04"
               "CPV0" APPLICATION),
         ERR_NEWER},
        {BYTES(APPLICATION VERSION), ERR_FORMAT},
        {BYTES(VERSION VERSION APPLICATION), ERR_EXISTS},
        {BYTES(VERSION "\x61\x03\x50\x01"
                       "a"),
         ERR_MISSING},
        {BYTES(VERSION "\x61\x06\x4F\x04\xA0\x00\x00\x00"), ERR_FORMAT},
        {BYTES(VERSION
               "\x61\x12\x4F\x07\xA0\x00\x00\x00\x55\x55\x55\x4F\x07\xA0\x00\x00\x00\x55\x55\x55"),
         ERR_EXISTS},
        {BYTES(VERSION APPLICATION "\x62\x04\x5F\x34\x01\x01\x62\x04\x5F\x34\x01\x01"), ERR_EXISTS},
        {BYTES(VERSION APPLICATION "\x62\x0A\x64\x08\x9F\x36\x01\x01\x9F\x36\x01\x01"), ERR_EXISTS},
        {BYTES(VERSION APPLICATION APPLICATION APPLICATION APPLICATION APPLICATION APPLICATION
                   APPLICATION APPLICATION APPLICATION),
         ERR_FULL},
        {BYTES(VERSION "\x61\x80\x4F\x07\xA0\x00\x00\x00\x55\x55\x55\x00\x00"), ERR_FORMAT},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct card_code out;
        if (rows[i].code != ERR_OK) refused(text_of_bytes(rows[i].content), rows[i].code);
        else assert_ok(card_code_parse(text_of_bytes(rows[i].content), &out));
    }
    refused(BYTES("hQVDUFYwMWETTwegAAAAVVVV!AhQcm9kdWN0MQ=="), ERR_FORMAT);
    refused(BYTES("hQVDUFYwMWETTwegAAAAVVVVUAhQcm9kdWN0MQ="), ERR_FORMAT);
}

/* Cut anywhere, a code is refused; and so is one that is longer than codes are. */
static void what_is_cut_or_too_long(void **state)
{
    (void)state;
    uint8_t content[CARD_CODE_BYTES_MAX];
    size_t len;
    assert_ok(base64_decode(text_of(usual, ARRAY_LEN(usual)), content, sizeof content, &len));
    for (size_t i = 1; i < len; i++) {
        struct card_code out;
        assert_true(FAILED(card_code_parse(text_of_bytes(bytes_of(content, i)), &out)));
    }
    char longest[CARD_CODE_TEXT_MAX + 4];
    memset(longest, 'A', sizeof longest);
    refused(bytes_of(longest, sizeof longest), ERR_LENGTH);
    refused(bytes_of(longest, CARD_CODE_TEXT_MAX), ERR_MISSING); /* nothing but padding */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_standards_example), cmocka_unit_test(a_card_comes_out),
        cmocka_unit_test(whose_card_it_is),      cmocka_unit_test(what_its_issuer_judges),
        cmocka_unit_test(what_is_malformed),     cmocka_unit_test(what_is_cut_or_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
