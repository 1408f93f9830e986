/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dialect tables, checked whole: every row makes sense by itself, and every field of every
 * dialect survives a round trip at its shortest, longest and odd lengths. S193
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/iso8583/dialect.h"

static const struct iso8583_dialect *const dialects[] = {
    &iso8583_dialect_cup, &iso8583_dialect_tongbao, &iso8583_dialect_ascii87};

static void check_row(const struct iso8583_dialect *d, unsigned field)
{
    const struct iso8583_layout *l = &d->field[field];
    bool packed = l->coding == ISO8583_BCD || l->coding == ISO8583_BCD_RIGHT;

    assert_non_null(l->name);
    assert_true(l->kind <= ISO8583_BINARY && l->coding <= ISO8583_HEX);
    assert_true(l->prefix == 0 || l->prefix == 2 || l->prefix == 3);
    assert_true(l->max > 0);
    /* Only digits and tracks have nibbles; only binary is written as hexadecimal. */
    assert_true(!packed || l->kind == ISO8583_DIGITS || l->kind == ISO8583_TRACK);
    assert_true(l->coding != ISO8583_HEX || l->kind == ISO8583_BINARY);
    /* Octets would not tell an odd count of nibbles from the even one above it. */
    assert_true(l->counts != ISO8583_OCTETS || l->coding == ISO8583_HEX);
    /* A fixed field has no length that could count anything. */
    assert_true(l->prefix > 0 || l->counts == ISO8583_ELEMENTS);
    /* The maximum must be sayable in the digits of the length: a peer's 1234 went out as 123. */
    size_t counted = l->counts == ISO8583_OCTETS ? l->max * 2u : l->max;
    if (l->prefix > 0) assert_true(counted <= (l->prefix == 2 ? 99 : 999));
}

static void every_row_makes_sense(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(dialects); i++) {
        const struct iso8583_dialect *d = dialects[i];
        assert_true(d->mti == ISO8583_BCD || d->mti == ISO8583_PLAIN);
        assert_true(d->bitmap == ISO8583_PLAIN || d->bitmap == ISO8583_HEX);
        assert_true(d->prefix == ISO8583_BCD || d->prefix == ISO8583_PLAIN);
        assert_int_equal(d->field[0].kind, ISO8583_ABSENT);
        assert_int_equal(d->field[1].kind, ISO8583_ABSENT);
        for (unsigned field = 2; field <= ISO8583_FIELD_LAST; field++)
            if (d->field[field].kind != ISO8583_ABSENT) check_row(d, field);
        assert_int_equal(d->field[64].max, ISO8583_MAC_SIZE);
        if (d->field[128].kind != ISO8583_ABSENT)
            assert_int_equal(d->field[128].coding, d->field[64].coding);
        assert_ptr_equal(iso8583_dialect_named(d->name), d);
    }
    assert_null(iso8583_dialect_named("ebcdic"));
}

static void card_fields_are_never_open(void **state)
{
    (void)state;
    static const unsigned card[] = {2, 34, 35, 36, 45};
    for (size_t i = 0; i < ARRAY_LEN(dialects); i++) {
        for (size_t k = 0; k < ARRAY_LEN(card); k++) {
            const struct iso8583_layout *l = &dialects[i]->field[card[k]];
            if (l->kind != ISO8583_ABSENT) assert_int_equal(l->shown, ISO8583_CARD);
        }
        assert_int_equal(dialects[i]->field[52].shown, ISO8583_SECRET);
    }
    assert_int_equal(iso8583_dialect_ascii87.field[125].shown, ISO8583_SECRET);
}

/* The dialect of the product has no place for a card number in clear. */
static void tongbao_has_no_card_fields(void **state)
{
    (void)state;
    static const unsigned card[] = {2, 14, 35, 36};
    for (size_t k = 0; k < ARRAY_LEN(card); k++)
        assert_int_equal(iso8583_dialect_tongbao.field[card[k]].kind, ISO8583_ABSENT);
    assert_int_equal(iso8583_dialect_tongbao.field[52].max, 16);
    assert_int_equal(iso8583_dialect_tongbao.field[57].kind, ISO8583_BINARY);
    assert_int_equal(iso8583_dialect_tongbao.field[57].max, 255);
    assert_int_equal(iso8583_dialect_tongbao.field[59].max, 64);
}

/* Values whose every character differs from its neighbours, so that a shift shows. */
static void fill(const struct iso8583_layout *l, uint8_t *value, size_t len, unsigned salt)
{
    for (size_t i = 0; i < len; i++) {
        unsigned v = (unsigned)i * 7 + salt * 3 + 1;
        if (l->kind == ISO8583_DIGITS) value[i] = (uint8_t)('0' + v % 10);
        else if (l->kind == ISO8583_TRACK) value[i] = (uint8_t)('0' + v % 16);
        else value[i] = (uint8_t)(v * 37);
    }
}

static void round_trip(const struct iso8583_dialect *d, unsigned field, size_t len, unsigned salt)
{
    uint8_t value[999], wire[ISO8583_FRAME_MAX], block[ISO8583_ARENA_MAX], again[ISO8583_FRAME_MAX];
    struct iso8583_message m, back;
    struct iso8583_fault fault;
    struct arena arena = arena_over(block, sizeof block);
    struct writer w = writer_over(wire, sizeof wire);

    fill(&d->field[field], value, len, salt);
    iso8583_start(&m, 0x0200);
    /* A neighbour on either side: a field that is read at the wrong length shifts the last one. */
    iso8583_set(&m, 3, BYTES("123456"));
    iso8583_set(&m, field, bytes_of(value, len));
    if (field != 64) iso8583_set(&m, 64, BYTES("\x11\x22\x33\x44\x55\x66\x77\x88"));
    if (field == 3 && len != 6) return;

    assert_int_equal(iso8583_encode(d, &m, &w, &fault).code, ERR_OK);
    assert_int_equal(iso8583_decode(d, writer_view(&w), &arena, &back, &fault).code, ERR_OK);
    assert_int_equal(back.mti, 0x0200);
    for (unsigned id = 2; id <= ISO8583_FIELD_LAST; id++) {
        assert_int_equal(iso8583_has(&m, id), iso8583_has(&back, id));
        assert_true(bytes_equal(iso8583_get(&m, id), iso8583_get(&back, id)));
    }
    struct writer second = writer_over(again, sizeof again);
    assert_int_equal(iso8583_encode(d, &back, &second, &fault).code, ERR_OK);
    assert_true(bytes_equal(writer_view(&w), writer_view(&second)));
}

static void every_field_survives_a_round_trip(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(dialects); i++) {
        for (unsigned field = 2; field <= ISO8583_FIELD_LAST; field++) {
            const struct iso8583_layout *l = &dialects[i]->field[field];
            if (l->kind == ISO8583_ABSENT) continue;
            for (unsigned salt = 0; salt < 5; salt++)
                for (size_t len = l->prefix == 0 ? l->max : 0; len <= l->max; len++)
                    if (len < 45 || len + 2 > l->max || len % 97 == 0)
                        round_trip(dialects[i], field, len, salt);
        }
    }
}

/* One element more or (in a fixed field) less is refused by encode, with the field named. */
static void wrong_lengths_are_refused(void **state)
{
    (void)state;
    uint8_t value[1100], wire[ISO8583_FRAME_MAX];
    memset(value, '1', sizeof value);
    for (size_t i = 0; i < ARRAY_LEN(dialects); i++) {
        for (unsigned field = 2; field <= ISO8583_FIELD_LAST; field++) {
            const struct iso8583_layout *l = &dialects[i]->field[field];
            struct iso8583_message m;
            struct iso8583_fault fault = {0};
            struct writer w = writer_over(wire, sizeof wire);

            iso8583_start(&m, 0x0200);
            iso8583_set(&m, field, bytes_of(value, l->max + 1u));
            enum err_code expected = l->kind == ISO8583_ABSENT ? ERR_FIELD : ERR_LENGTH;
            assert_int_equal(iso8583_encode(dialects[i], &m, &w, &fault).code, expected);
            assert_int_equal(fault.field, field);
            assert_int_equal(fault.code, expected);
            assert_int_equal(w.len, 0);

            if (l->kind == ISO8583_ABSENT || l->prefix != 0) continue;
            w = writer_over(wire, sizeof wire);
            iso8583_set(&m, field, bytes_of(value, l->max - 1u));
            assert_int_equal(iso8583_encode(dialects[i], &m, &w, &fault).code, ERR_FORMAT);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_makes_sense),
        cmocka_unit_test(card_fields_are_never_open),
        cmocka_unit_test(tongbao_has_no_card_fields),
        cmocka_unit_test(every_field_survives_a_round_trip),
        cmocka_unit_test(wrong_lengths_are_refused),
    };
    return cmocka_run_group_tests_name("iso8583_dialect", tests, NULL, NULL);
}
