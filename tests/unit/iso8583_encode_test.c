/* SPDX-License-Identifier: Apache-2.0 */
/* Encoding: golden bytes made by hand, what it refuses, sealing, and the defects of other codecs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/iso8583/dialect.h"

static struct iso8583_message m, back;
static struct iso8583_fault fault;
static uint8_t wire[ISO8583_FRAME_MAX], kept[ISO8583_ARENA_MAX];

static struct bytes encoded(const struct iso8583_dialect *d)
{
    struct writer w = writer_over(wire, sizeof wire);
    assert_int_equal(iso8583_encode(d, &m, &w, &fault).code, ERR_OK);
    return writer_view(&w);
}

static void decode_again(const struct iso8583_dialect *d, struct bytes frame)
{
    struct arena arena = arena_over(kept, sizeof kept);
    assert_int_equal(iso8583_decode(d, frame, &arena, &back, &fault).code, ERR_OK);
}

static enum err_code refused(const struct iso8583_dialect *d)
{
    struct writer w = writer_over(wire, sizeof wire);
    write_bytes(&w, BYTES("header"));
    fault = (struct iso8583_fault){0};
    err e = iso8583_encode(d, &m, &w, &fault);
    assert_int_equal(w.len, 6); /* nothing of a refused message stays behind */
    assert_int_equal(fault.code, e.code);
    return e.code;
}

static void golden_bytes_packed(void **state)
{
    (void)state;
    static const uint8_t golden[] = {
        0x02, 0x00, 0x60, 0x00, 0x06, 0x00, 0x20, 0x80, 0x00, 0x00, 0x19, 0x62, 0x22, 0x02,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x70, 0x31, 0x00, 0x00, 0x02, 0x10, 0x00, 0x01,
        0x05, 0x62, 0xD3, 0x00, 'T',  'E',  'R',  'M',  '0',  '0',  '0',  '1',
    };
    iso8583_start(&m, 0x0200);
    iso8583_set(&m, 41, BYTES("TERM0001"));
    iso8583_set(&m, 35, BYTES("62=30"));
    iso8583_set(&m, 23, BYTES("001"));
    iso8583_set(&m, 22, BYTES("021"));
    iso8583_set(&m, 3, BYTES("310000"));
    iso8583_set(&m, 2, BYTES("6222020000000000017"));
    assert_true(bytes_equal(encoded(&iso8583_dialect_cup), BYTES_OF(golden)));
}

static void golden_bytes_ascii(void **state)
{
    (void)state;
    iso8583_start(&m, 0x0800);
    iso8583_set(&m, 7, BYTES("1122101112"));
    iso8583_set(&m, 57, BYTES("\x01\xAB"));
    iso8583_set(&m, 70, BYTES("301"));
    assert_true(bytes_equal(encoded(&iso8583_dialect_ascii87), BYTES("0800"
                                                                     "8200000000000080"
                                                                     "0400000000000000"
                                                                     "1122101112"
                                                                     "00401AB"
                                                                     "301")));
}

/* The writer may hold TPDU and header: the fault still counts from the MTI. */
static void the_fault_counts_from_the_mti(void **state)
{
    (void)state;
    iso8583_start(&m, 0x0200);
    iso8583_set(&m, 3, BYTES("000000"));
    iso8583_set(&m, 4, BYTES("00000000123a"));
    assert_int_equal(refused(&iso8583_dialect_cup), ERR_DIGIT);
    assert_int_equal(fault.field, 4);
    assert_int_equal(fault.offset, 2 + 8 + 3);
}

static void refuses_what_its_class_has_not(void **state)
{
    (void)state;
    iso8583_start(&m, 0x0200);
    iso8583_set(&m, 2, BYTES("62220200000000000D7"));
    assert_int_equal(refused(&iso8583_dialect_cup), ERR_DIGIT);
    assert_int_equal(refused(&iso8583_dialect_ascii87), ERR_DIGIT);
    iso8583_start(&m, 0x0200);
    iso8583_set(&m, 35, BYTES("62D30")); /* the separator is '=' */
    assert_int_equal(refused(&iso8583_dialect_cup), ERR_DIGIT);
    assert_int_equal(refused(&iso8583_dialect_ascii87), ERR_DIGIT);
    iso8583_start(&m, 0x02A0);
    assert_int_equal(refused(&iso8583_dialect_cup), ERR_DIGIT);
    assert_int_equal(fault.field, ISO8583_MTI);
}

static void refuses_a_card_number_in_the_tongbao_dialect(void **state)
{
    (void)state;
    iso8583_start(&m, 0x0200);
    iso8583_set(&m, 2, BYTES("6222020000000000017"));
    assert_int_equal(refused(&iso8583_dialect_tongbao), ERR_FIELD);
    assert_int_equal(fault.field, 2);
}

static void a_full_writer_is_no_half_message(void **state)
{
    (void)state;
    iso8583_start(&m, 0x0200);
    iso8583_set(&m, 2, BYTES("6222020000000000017"));
    iso8583_set(&m, 41, BYTES("TERM0001"));
    size_t whole = encoded(&iso8583_dialect_cup).len;
    for (size_t max = 0; max < whole; max++) {
        struct writer w = writer_over(wire, max);
        assert_int_equal(iso8583_encode(&iso8583_dialect_cup, &m, &w, &fault).code, ERR_FULL);
        assert_int_equal(w.len, 0);
    }
}

static void seals_what_it_wrote(void **state)
{
    (void)state;
    static const struct iso8583_dialect *const dialects[] = {&iso8583_dialect_tongbao,
                                                             &iso8583_dialect_ascii87};
    static const uint8_t mac[8] = {0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8};
    for (size_t i = 0; i < ARRAY_LEN(dialects); i++) {
        iso8583_start(&m, 0x0200);
        iso8583_set(&m, 11, BYTES("000001"));
        iso8583_set(&m, 64, BYTES("\0\0\0\0\0\0\0\0"));
        struct bytes frame = encoded(dialects[i]);
        size_t input = iso8583_mac_input(dialects[i], frame).len;
        iso8583_seal(dialects[i], wire, frame.len, mac);
        decode_again(dialects[i], frame);
        assert_int_equal(back.mac_input, input);
        assert_true(bytes_equal(back.field[64], BYTES_OF(mac)));
    }
}

static void set_and_unset(void **state)
{
    (void)state;
    iso8583_start(&m, 0x0210);
    iso8583_set(&m, 39, BYTES("00"));
    iso8583_set(&m, 128, BYTES("12345678"));
    assert_true(iso8583_has(&m, 39) && iso8583_has(&m, 128));
    iso8583_unset(&m, 128);
    assert_false(iso8583_has(&m, 128));
    /* Without a field above 64 there is no second bitmap. */
    assert_int_equal(encoded(&iso8583_dialect_cup).len, 2 + 8 + 2);
}

/* 1: another codec kept the card number as a 64-bit number; 19 digits came back as others. */
static void a_card_number_of_nineteen_digits_is_kept(void **state)
{
    (void)state;
    static const char *const pans[] = {"6222020000000000017", "6217001234567890123",
                                       "1844674407370955162", "0000000000000000001", "0"};
    for (size_t i = 0; i < ARRAY_LEN(pans); i++) {
        iso8583_start(&m, 0x0200);
        iso8583_set(&m, 2, bytes_text(pans[i]));
        decode_again(&iso8583_dialect_cup, encoded(&iso8583_dialect_cup));
        assert_true(bytes_equal(back.field[2], bytes_text(pans[i])));
        decode_again(&iso8583_dialect_ascii87, encoded(&iso8583_dialect_ascii87));
        assert_true(bytes_equal(back.field[2], bytes_text(pans[i])));
    }
}

/* 2: another's 52 and 64 were packed as 16 characters and read back as 8, shifting all behind. */
static void binary_in_ascii_keeps_its_size(void **state)
{
    (void)state;
    iso8583_start(&m, 0x0200);
    iso8583_set(&m, 52, BYTES("\x11\x22\x33\x44\x55\x66\x77\x88"));
    iso8583_set(&m, 53, BYTES("2600000000000000"));
    iso8583_set(&m, 55, BYTES("\x95\x05\x00\x00\x00\x00\x00"));
    iso8583_set(&m, 64, BYTES("\x99\xAA\xBB\xCC\xDD\xEE\xFF\x00"));
    decode_again(&iso8583_dialect_ascii87, encoded(&iso8583_dialect_ascii87));
    assert_true(bytes_equal(back.field[52], m.field[52]));
    assert_true(bytes_equal(back.field[53], m.field[53]));
    assert_true(bytes_equal(back.field[55], m.field[55]));
    assert_true(bytes_equal(back.field[64], m.field[64]));
}

/* 3: another returned wrong input as a value that could be sent. Here it is an err, and no bytes.
 */
static void a_wrong_shape_is_an_error(void **state)
{
    (void)state;
    iso8583_start(&m, 0x0200);
    iso8583_set(&m, 64, BYTES("\x11\x22\x33\x44\x55\x66\x77"));
    assert_int_equal(refused(&iso8583_dialect_ascii87), ERR_FORMAT);
    iso8583_set(&m, 64, BYTES("1122334455667788"));
    assert_int_equal(refused(&iso8583_dialect_ascii87), ERR_LENGTH);
}

/* 4: another wrote the separator of track 2 as nibble 4 and spoilt its neighbour. */
static void the_separator_of_a_track_is_nibble_d(void **state)
{
    (void)state;
    static const uint8_t golden[] = {0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x20, 0x00,
                                     0x00, 0x00, 0x09, 0x00, 0x17, 0xD3, 0x01, 0x20};
    iso8583_start(&m, 0x0200);
    iso8583_set(&m, 35, BYTES("0017=3012"));
    assert_true(bytes_equal(encoded(&iso8583_dialect_cup), BYTES_OF(golden)));
    decode_again(&iso8583_dialect_cup, BYTES_OF(golden));
    assert_true(bytes_equal(back.field[35], BYTES("0017=3012")));
}

/* A track that was enciphered in place has every nibble there is. */
static void an_enciphered_track_passes(void **state)
{
    (void)state;
    iso8583_start(&m, 0x0200);
    iso8583_set(&m, 35, BYTES("0123456789:;<=>?0"));
    decode_again(&iso8583_dialect_cup, encoded(&iso8583_dialect_cup));
    assert_true(bytes_equal(back.field[35], m.field[35]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_bytes_packed),
        cmocka_unit_test(golden_bytes_ascii),
        cmocka_unit_test(the_fault_counts_from_the_mti),
        cmocka_unit_test(refuses_what_its_class_has_not),
        cmocka_unit_test(refuses_a_card_number_in_the_tongbao_dialect),
        cmocka_unit_test(a_full_writer_is_no_half_message),
        cmocka_unit_test(seals_what_it_wrote),
        cmocka_unit_test(set_and_unset),
        cmocka_unit_test(a_card_number_of_nineteen_digits_is_kept),
        cmocka_unit_test(binary_in_ascii_keeps_its_size),
        cmocka_unit_test(a_wrong_shape_is_an_error),
        cmocka_unit_test(the_separator_of_a_track_is_nibble_d),
        cmocka_unit_test(an_enciphered_track_passes),
    };
    return cmocka_run_group_tests_name("iso8583_encode", tests, NULL, NULL);
}
