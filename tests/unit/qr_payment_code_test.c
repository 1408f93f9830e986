/* SPDX-License-Identifier: Apache-2.0 */
/* Payment codes: every case of tests/vectors/qr/payment_code_routing.json, and the table whole. S77
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/qr/payment_code.h"
#include "tests/unit/vector_file.h"

static void every_vector_goes_to_its_wallet(void **state)
{
    (void)state;
    json_t *root = vector_file("tests/vectors/qr/payment_code_routing.json"), *entry;
    size_t i;
    assert_true(json_array_size(json_object_get(root, "cases")) >= 10);
    json_array_foreach(json_object_get(root, "cases"), i, entry)
    {
        const char *code = json_string_value(json_object_get(entry, "code"));
        const char *wallet = json_string_value(json_object_get(entry, "provider"));
        assert_string_equal(payment_code_wallet_name(payment_code_wallet(bytes_text(code))),
                            wallet != NULL ? wallet : "unknown");
    }
    vector_file_end(root);
}

/* Every prefix at every length: exactly the published combinations have a wallet. */
static void prefix_and_length_decide(void **state)
{
    (void)state;
    for (unsigned prefix = 0; prefix < 100; prefix++) {
        for (size_t len = 0; len <= 30; len++) {
            char code[32];
            memset(code, '7', sizeof code);
            code[0] = (char)('0' + prefix / 10);
            code[1] = (char)('0' + prefix % 10);
            enum payment_code_wallet expected = PAYMENT_CODE_UNKNOWN;
            if (prefix >= 10 && prefix <= 15 && len == 18) expected = PAYMENT_CODE_WECHAT;
            if (prefix >= 25 && prefix <= 30 && len >= 16 && len <= 24)
                expected = PAYMENT_CODE_ALIPAY;
            if (prefix == 62 && len == 19) expected = PAYMENT_CODE_UNIONPAY;
            assert_int_equal(payment_code_wallet(bytes_of(code, len)), expected);
            code[len > 0 ? len - 1 : 0] = ' ';
            assert_int_equal(payment_code_wallet(bytes_of(code, len)), PAYMENT_CODE_UNKNOWN);
        }
    }
}

/* A card's code is known as one, and belongs to no wallet. */
static void a_cards_code_is_known_as_one(void **state)
{
    (void)state;
    /* 85 05 "CPV01", 61 13 with 4F (an application) and 50 (its label) */
    struct bytes code = BYTES("hQVDUFYwMWETTwegAAAAVVVVUAhQcm9kdWN0MQ==");
    assert_true(payment_code_of_card(code));
    assert_int_equal(payment_code_wallet(code), PAYMENT_CODE_UNKNOWN);
    assert_false(payment_code_of_card(bytes_of(code.at, 11)));
    static const char *const others[] = {
        "", "280000000000000000", "hQVDUFYwMmET", "HQVDUFYwMWET", "hQVDUFYwM===", "000201010211"};
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        assert_false(payment_code_of_card(bytes_text(others[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_vector_goes_to_its_wallet),
        cmocka_unit_test(prefix_and_length_decide),
        cmocka_unit_test(a_cards_code_is_known_as_one),
    };
    return cmocka_run_group_tests_name("qr_payment_code", tests, NULL, NULL);
}
