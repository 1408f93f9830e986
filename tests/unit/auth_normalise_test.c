/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One form of what was typed (S11, CR-01, CR-05): full-width digits are digits, an accent has one
 * spelling, nothing is cut off, and what is no text is refused by name.
 */
#include "lib/auth/normalise.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* The forms are those of UnicodeData 14 and NormalizationTest 14, looked up by hand. */
static void test_known_forms(void **state)
{
    (void)state;
    static const struct {
        struct bytes typed, normal;
        size_t points;
    } rows[] = {
        {BYTES(""), BYTES(""), 0},
        {BYTES("739516"), BYTES("739516"), 6},
        {BYTES(" Aa 7 "), BYTES(" Aa 7 "), 6}, /* no case and no space is changed */
        {BYTES("\xef\xbc\x91\xef\xbc\x92\xef\xbc\x93"), BYTES("123"), 3}, /* full-width 123 */
        {BYTES("\xef\xbc\xa1\xef\xbd\x81\xef\xbc\x83"), BYTES("Aa#"), 3}, /* full-width A a # */
        {BYTES("\xe3\x80\x80"), BYTES(" "), 1},                           /* ideographic space */
        {BYTES("e\xcc\x81"), BYTES("\xc3\xa9"), 1},                       /* e, acute */
        {BYTES("\xc3\xa9"), BYTES("\xc3\xa9"), 1},                        /* the same in one */
        {BYTES("\xef\xac\x81"), BYTES("fi"), 2},                          /* ligature */
        {BYTES("\xe2\x91\xa0"), BYTES("1"), 1},                           /* circled one */
        {BYTES("\xe2\x84\xab"), BYTES("\xc3\x85"), 1},                    /* angstrom sign */
        {BYTES("q\xcc\x87\xcc\xa3"), BYTES("q\xcc\xa3\xcc\x87"), 3},      /* marks in order */
        {BYTES("\xe5\xbc\xa0\xe4\xbc\x9f"), BYTES("\xe5\xbc\xa0\xe4\xbc\x9f"), 2}, /* 张伟 */
        {BYTES("\xf0\x9f\x98\x80"), BYTES("\xf0\x9f\x98\x80"), 1},                 /* a face */
        {BYTES("\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb"),
         BYTES("\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb"), 3},    /* joined faces */
        {BYTES("\xea\xb0\x80"), BYTES("\xea\xb0\x80"), 1},             /* Hangul */
        {BYTES("\xe1\x84\x80\xe1\x85\xa1"), BYTES("\xea\xb0\x80"), 1}, /* from its parts */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct password_text text;
        assert_int_equal(password_normalise(rows[i].typed, &text), POLICY_OK);
        if (!bytes_equal(password_text_view(&text), rows[i].normal)) fail_msg("row %zu", i);
        assert_int_equal(text.points, rows[i].points);
        struct password_text again;
        assert_int_equal(password_normalise(password_text_view(&text), &again), POLICY_OK);
        assert_true(bytes_equal(password_text_view(&again), rows[i].normal));
    }
}

static void test_what_is_no_text(void **state)
{
    (void)state;
    static const struct {
        struct bytes typed;
        enum policy_verdict verdict;
    } rows[] = {
        {BYTES("abc\0def"), POLICY_CONTROL},
        {BYTES("\0"), POLICY_CONTROL},
        {BYTES("abc\n"), POLICY_CONTROL},
        {BYTES("\tabc"), POLICY_CONTROL},
        {BYTES("abc\x7f"), POLICY_CONTROL},
        {BYTES("\xc2\x85"), POLICY_CONTROL}, /* C1 */
        {BYTES("a\xe2\x80\x8b"
               "b"),
         POLICY_CONTROL}, /* zero-width space */
        {BYTES("a\xe2\x80\xae"
               "b"),
         POLICY_CONTROL}, /* right to left from here */
        {BYTES("\xef\xbb\xbf"
               "a"),
         POLICY_CONTROL},                        /* byte order mark */
        {BYTES("\xe2\x80\xa8"), POLICY_CONTROL}, /* line separator */
        {BYTES("\x80"), POLICY_NOT_TEXT},
        {BYTES("\xc3"), POLICY_NOT_TEXT},             /* cut in the middle */
        {BYTES("\xc0\xb1"), POLICY_NOT_TEXT},         /* an overlong 1 */
        {BYTES("\xed\xa0\x80"), POLICY_NOT_TEXT},     /* half a surrogate pair */
        {BYTES("\xf4\x90\x80\x80"), POLICY_NOT_TEXT}, /* above U+10FFFF */
        {BYTES("\xef\xbf\xbf"), POLICY_NOT_TEXT},     /* noncharacter */
        {BYTES("\xcd\xb8"), POLICY_NOT_TEXT},         /* U+0378, not assigned */
        {BYTES("\xff\xfe"
               "1\0"),
         POLICY_NOT_TEXT}, /* UTF-16 */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct password_text untouched = {.len = 3, .points = 3}, text = untouched;
        if (password_normalise(rows[i].typed, &text) != rows[i].verdict) fail_msg("row %zu", i);
        assert_memory_equal(&text, &untouched, sizeof text);
    }
}

/* CR-05: 64, 65 and 128 characters are kept whole; 129, or more than 512 bytes, are refused. */
static void test_lengths(void **state)
{
    (void)state;
    static uint8_t many[1 << 20];
    struct password_text text;
    memset(many, 'a', sizeof many);
    static const size_t kept[] = {1, 64, 65, 127, 128};
    for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
        assert_int_equal(password_normalise(bytes_of(many, kept[i]), &text), POLICY_OK);
        assert_int_equal(text.len, kept[i]);
        assert_int_equal(text.points, kept[i]);
    }
    static const size_t refused[] = {129, 512, 513, sizeof many};
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        assert_int_equal(password_normalise(bytes_of(many, refused[i]), &text), POLICY_TOO_LONG);
    for (size_t i = 0; i < 129; i++) memcpy(many + 4 * i, "\xf0\x9f\x98\x80", 4);
    assert_int_equal(password_normalise(bytes_of(many, 4 * 128), &text), POLICY_OK);
    assert_int_equal(text.points, 128);
    assert_int_equal(password_normalise(bytes_of(many, 4 * 129), &text), POLICY_TOO_LONG);
}

/* A short text may become a long one: U+FDFA is eighteen characters in its normal form. */
static void test_expansion_is_measured(void **state)
{
    (void)state;
    uint8_t many[3 * 170];
    struct password_text text;
    for (size_t i = 0; i < 170; i++) memcpy(many + 3 * i, "\xef\xb7\xba", 3);
    assert_int_equal(password_normalise(bytes_of(many, 3 * 7), &text), POLICY_OK);
    assert_int_equal(text.points, 7 * 18);
    assert_int_equal(password_normalise(bytes_of(many, 3 * 8), &text), POLICY_TOO_LONG);
    assert_int_equal(password_normalise(bytes_of(many, sizeof many), &text), POLICY_TOO_LONG);
}

/* CR-05: what differs at one place only stays different, wherever that place is. */
static void test_nothing_is_cut_off(void **state)
{
    (void)state;
    uint8_t a[128], b[128];
    struct password_text one, two;
    for (size_t i = 0; i < sizeof a; i++) a[i] = (uint8_t)('!' + i % 90);
    for (size_t i = 0; i < sizeof a; i++) {
        memcpy(b, a, sizeof b);
        b[i] ^= 1;
        assert_int_equal(password_normalise(BYTES_OF(a), &one), POLICY_OK);
        assert_int_equal(password_normalise(BYTES_OF(b), &two), POLICY_OK);
        assert_false(bytes_equal(password_text_view(&one), password_text_view(&two)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_forms),
        cmocka_unit_test(test_what_is_no_text),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_expansion_is_measured),
        cmocka_unit_test(test_nothing_is_cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
