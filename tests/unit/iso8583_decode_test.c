/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoding one golden frame field by field, cut at every length, and with every byte replaced by
 * every value; then each way a length, a digit or a pad can lie. Frames are copied into a
 * block of exactly their size, so that the sanitizer sees a read of even one byte too many. S193
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/iso8583/dialect.h"

/* A sale of 12.34 on a 19-digit card. Built by hand from the standard, not by our encoder. */
static const uint8_t sale[] = {
    0x02, 0x00,                                                       /* MTI               */
    0x70, 0x20, 0x06, 0x00, 0x20, 0x80, 0x00, 0x01,                   /* 2 3 4 11 22 23 35 41 64 */
    0x19, 0x62, 0x17, 0x00, 0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x30, /* 2  PAN            */
    0x00, 0x00, 0x00,                                                 /* 3  processing code */
    0x00, 0x00, 0x00, 0x00, 0x12, 0x34,                               /* 4  amount         */
    0x00, 0x00, 0x42,                                                 /* 11 STAN           */
    0x02, 0x10,                                                       /* 22 021, pad behind */
    0x00, 0x01,                                                       /* 23 001, pad before */
    0x05, 0x62, 0xD3, 0x00,                                           /* 35 62=30          */
    'T',  'E',  'R',  'M',  '0',  '0',  '0',  '1',                    /* 41 TID            */
    0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,                   /* 64 MAC            */
};

enum { AT_PAN = 10, AT_AMOUNT = 24, AT_ENTRY = 33, AT_SEQUENCE = 35, AT_TRACK = 37, AT_MAC = 49 };

static struct iso8583_message m;
static struct iso8583_fault fault;
static uint8_t kept[ISO8583_ARENA_MAX];

static err decode_with(const struct iso8583_dialect *d, const uint8_t *frame, size_t len,
                       size_t memory)
{
    uint8_t *copy = malloc(len > 0 ? len : 1);
    struct arena arena = arena_over(kept, memory);
    if (len > 0) memcpy(copy, frame, len);
    fault = (struct iso8583_fault){0};
    err e = iso8583_decode(d, bytes_of(copy, len), &arena, &m, &fault);
    free(copy);
    return e;
}

static enum err_code decode(const uint8_t *frame, size_t len)
{
    return decode_with(&iso8583_dialect_cup, frame, len, sizeof kept).code;
}

/* The sale with one byte changed. */
static enum err_code decode_changed(size_t at, uint8_t value)
{
    uint8_t frame[sizeof sale];
    memcpy(frame, sale, sizeof sale);
    frame[at] = value;
    return decode(frame, sizeof frame);
}

static void reads_every_field(void **state)
{
    (void)state;
    struct arena arena = arena_over(kept, sizeof kept);
    assert_int_equal(iso8583_decode(&iso8583_dialect_cup, BYTES_OF(sale), &arena, &m, &fault).code,
                     ERR_OK);
    assert_int_equal(m.mti, 0x0200);
    assert_true(bytes_equal(m.field[2], BYTES("6217001234567890123")));
    assert_true(bytes_equal(m.field[3], BYTES("000000")));
    assert_true(bytes_equal(m.field[4], BYTES("000000001234")));
    assert_true(bytes_equal(m.field[11], BYTES("000042")));
    assert_true(bytes_equal(m.field[22], BYTES("021")));
    assert_true(bytes_equal(m.field[23], BYTES("001")));
    assert_true(bytes_equal(m.field[35], BYTES("62=30")));
    assert_true(bytes_equal(m.field[41], BYTES("TERM0001")));
    assert_true(bytes_equal(m.field[64], BYTES("\x11\x22\x33\x44\x55\x66\x77\x88")));
    assert_false(iso8583_has(&m, 39));
    assert_int_equal(iso8583_get(&m, 39).len, 0);
    assert_int_equal(m.mac_input, AT_MAC);
}

static void refuses_every_shorter_frame(void **state)
{
    (void)state;
    for (size_t len = 0; len < sizeof sale; len++) assert_int_equal(decode(sale, len), ERR_SHORT);
}

static void refuses_what_follows_the_last_field(void **state)
{
    (void)state;
    uint8_t frame[sizeof sale + 1] = {0};
    memcpy(frame, sale, sizeof sale);
    assert_int_equal(decode(frame, sizeof frame), ERR_TRAILING);
    assert_int_equal(fault.field, ISO8583_AFTER_LAST);
    assert_int_equal(fault.offset, sizeof sale);
}

static void leaves_the_output_alone_on_failure(void **state)
{
    (void)state;
    memset(&m, 0xA5, sizeof m);
    assert_int_equal(decode(sale, sizeof sale - 1), ERR_SHORT);
    for (size_t i = 0; i < sizeof m; i++) assert_int_equal(((uint8_t *)&m)[i], 0xA5);
    assert_int_equal(fault.field, 64);
    assert_int_equal(fault.offset, AT_MAC);
    assert_int_equal(fault.code, ERR_SHORT);
}

static void refuses_when_memory_runs_out(void **state)
{
    (void)state;
    err e = decode_with(&iso8583_dialect_cup, sale, sizeof sale, 2 * sizeof sale - 1);
    assert_int_equal(e.code, ERR_NO_MEMORY);
    e = decode_with(&iso8583_dialect_cup, sale, sizeof sale, 2 * sizeof sale);
    assert_int_equal(e.code, ERR_OK);
}

static void refuses_a_frame_above_the_limit(void **state)
{
    (void)state;
    static const uint8_t big[ISO8583_FRAME_MAX + 1];
    assert_int_equal(decode(big, sizeof big), ERR_LENGTH);
}

/* Never clamped: a length cut down to fit would shift every field behind it. */
static void an_overlong_length_is_a_fault(void **state)
{
    (void)state;
    assert_int_equal(decode_changed(AT_PAN, 0x20), ERR_LENGTH);
    assert_int_equal(fault.field, 2);
    assert_int_equal(fault.offset, AT_PAN);
    assert_int_equal(decode_changed(AT_TRACK, 0x38), ERR_LENGTH);
    assert_int_equal(fault.field, 35);
}

/* A length is digits: no sign, no hexadecimal, whatever strtoul would make of it. */
static void a_length_that_is_no_number_is_a_fault(void **state)
{
    (void)state;
    assert_int_equal(decode_changed(AT_PAN, 0x1A), ERR_DIGIT);
    assert_int_equal(fault.field, 2);

    static const char plus[] = "02004000000000000000+9621700123";
    err e =
        decode_with(&iso8583_dialect_ascii87, (const uint8_t *)plus, sizeof plus - 1, sizeof kept);
    assert_int_equal(e.code, ERR_DIGIT);
    assert_int_equal(fault.field, 2);
    assert_int_equal(fault.offset, 20);
}

static void refuses_what_is_not_a_digit(void **state)
{
    (void)state;
    assert_int_equal(decode_changed(AT_AMOUNT, 0xA0), ERR_DIGIT);
    assert_int_equal(fault.field, 4);
    assert_int_equal(decode_changed(AT_AMOUNT, 0x0A), ERR_DIGIT);
    assert_int_equal(decode_changed(0, 0x0A), ERR_DIGIT);
    assert_int_equal(fault.field, ISO8583_MTI);
    assert_int_equal(decode_changed(1, 0xF0), ERR_DIGIT);
}

/* A pad that is not zero would be a second spelling of the same card. */
static void refuses_a_pad_that_is_not_zero(void **state)
{
    (void)state;
    assert_int_equal(decode_changed(AT_PAN + 10, 0x31), ERR_FORMAT);
    assert_int_equal(fault.field, 2);
    assert_int_equal(decode_changed(AT_ENTRY + 1, 0x11), ERR_FORMAT);
    assert_int_equal(fault.field, 22);
    assert_int_equal(decode_changed(AT_SEQUENCE, 0x10), ERR_FORMAT);
    assert_int_equal(fault.field, 23);
    assert_int_equal(decode_changed(AT_TRACK + 3, 0x0D), ERR_FORMAT);
    assert_int_equal(fault.field, 35);
}

static void refuses_a_field_the_dialect_has_not(void **state)
{
    (void)state;
    assert_int_equal(decode_changed(5, 0x02), ERR_FIELD);
    assert_int_equal(fault.field, 31);
    err e = decode_with(&iso8583_dialect_tongbao, sale, sizeof sale, sizeof kept);
    assert_int_equal(e.code, ERR_FIELD);
    assert_int_equal(fault.field, 2);
    assert_int_equal(fault.offset, AT_PAN);
}

static void refuses_a_second_bitmap_without_fields(void **state)
{
    (void)state;
    static const uint8_t frame[2 + 16] = {0x08, 0x00, 0x80};
    assert_int_equal(decode(frame, sizeof frame), ERR_FORMAT);
    assert_int_equal(fault.field, ISO8583_BITMAP);
    assert_int_equal(fault.offset, 2);
}

/* Presence is the bitmap, not a length other than zero. */
static void an_empty_field_is_present(void **state)
{
    (void)state;
    static const uint8_t frame[] = {0x08, 0x00, 0, 0, 0, 0, 0, 0x10, 0, 0, 0x00};
    assert_int_equal(decode(frame, sizeof frame), ERR_OK);
    assert_true(iso8583_has(&m, 44));
    assert_int_equal(m.field[44].len, 0);
}

/* Hexadecimal of a bitmap is 0-9 and A-F; a peer wrote ':' for ten and read it back the same. */
static void a_bitmap_in_text_is_hexadecimal(void **state)
{
    (void)state;
    static const char good[] = "08000020000000000000000042", colon[] = "08000:20000000000000000042",
                      lower[] = "0800002000000000000a000042";
    err e = decode_with(&iso8583_dialect_ascii87, (const uint8_t *)good, 26, sizeof kept);
    assert_int_equal(e.code, ERR_OK);
    assert_int_equal(m.present[0], UINT64_C(0x0020000000000000));
    e = decode_with(&iso8583_dialect_ascii87, (const uint8_t *)colon, 26, sizeof kept);
    assert_int_equal(e.code, ERR_FORMAT);
    assert_int_equal(fault.field, ISO8583_BITMAP);
    e = decode_with(&iso8583_dialect_ascii87, (const uint8_t *)lower, 26, sizeof kept);
    assert_int_equal(e.code, ERR_FORMAT);
}

/* A MAC that is not the last field leaves bytes unprotected: it must not count as one. */
static void a_mac_in_the_middle_is_no_mac(void **state)
{
    (void)state;
    static const char frame[] = "0800"
                                "8000000000000001"
                                "0400000000000000"
                                "1122334455667788"
                                "301";
    err e = decode_with(&iso8583_dialect_ascii87, (const uint8_t *)frame, sizeof frame - 1,
                        sizeof kept);
    assert_int_equal(e.code, ERR_OK);
    assert_true(iso8583_has(&m, 64));
    assert_true(iso8583_has(&m, 70));
    assert_int_equal(m.mac_input, 0);
}

/* No change of one byte may do more than be refused or be read as another message. */
static void survives_every_byte_changed(void **state)
{
    (void)state;
    size_t accepted = 0, refused = 0;
    for (size_t at = 0; at < sizeof sale; at++) {
        for (unsigned value = 0; value < 256; value++) {
            if (decode_changed(at, (uint8_t)value) == ERR_OK) accepted++;
            else refused++;
        }
    }
    assert_true(refused > accepted && accepted > sizeof sale);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_field),
        cmocka_unit_test(refuses_every_shorter_frame),
        cmocka_unit_test(refuses_what_follows_the_last_field),
        cmocka_unit_test(leaves_the_output_alone_on_failure),
        cmocka_unit_test(refuses_when_memory_runs_out),
        cmocka_unit_test(refuses_a_frame_above_the_limit),
        cmocka_unit_test(an_overlong_length_is_a_fault),
        cmocka_unit_test(a_length_that_is_no_number_is_a_fault),
        cmocka_unit_test(refuses_what_is_not_a_digit),
        cmocka_unit_test(refuses_a_pad_that_is_not_zero),
        cmocka_unit_test(refuses_a_field_the_dialect_has_not),
        cmocka_unit_test(refuses_a_second_bitmap_without_fields),
        cmocka_unit_test(an_empty_field_is_present),
        cmocka_unit_test(a_bitmap_in_text_is_hexadecimal),
        cmocka_unit_test(a_mac_in_the_middle_is_no_mac),
        cmocka_unit_test(survives_every_byte_changed),
    };
    return cmocka_run_group_tests_name("iso8583_decode", tests, NULL, NULL);
}
