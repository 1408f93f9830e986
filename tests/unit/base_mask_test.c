/* SPDX-License-Identifier: Apache-2.0 */
/* Card numbers inside text: found wherever they stand, and nothing else is touched. S65 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/base/mask.h"

static const char *masked(const char *text)
{
    static char out[128];
    memset(out, 0, sizeof out);
    bool any = mask_cards(bytes_text(text), (uint8_t *)out);
    assert_int_equal(any, strchr(out, '*') != NULL);
    return out;
}

static void cards_are_found_wherever_they_stand(void **state)
{
    (void)state;
    assert_string_equal(masked("6200000000000005"), "620000******0005");
    assert_string_equal(masked("a 6200000000000005, b"), "a 620000******0005, b");
    assert_null(strstr(masked("00006200000000000005000012"), "6200000000000005"));
    assert_null(strstr(masked("41111111111111116200000000000005"), "6200000000000005"));
    assert_null(strstr(masked("41111111111111116200000000000005"), "4111111111111111"));
}

static void other_text_is_left_alone(void **state)
{
    (void)state;
    assert_string_equal(masked(""), "");
    assert_string_equal(masked("62000000079191"), "62000000079191"); /* no check digit fits */
    assert_string_equal(masked("000000012345"), "000000012345");
    assert_string_equal(masked("620000 0000000005"), "620000 0000000005");
}

static void the_check_digit(void **state)
{
    (void)state;
    assert_true(mask_luhn(BYTES("79927398713")));
    assert_false(mask_luhn(BYTES("79927398710")));
    assert_false(mask_luhn(BYTES("")));
    assert_false(mask_luhn(BYTES("7992739871x")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cards_are_found_wherever_they_stand),
        cmocka_unit_test(other_text_is_left_alone),
        cmocka_unit_test(the_check_digit),
    };
    return cmocka_run_group_tests_name("base_mask", tests, NULL, NULL);
}
