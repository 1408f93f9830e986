/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Field 62 of a code that the terminal shows, on both legs: what the host tells the terminal is
 * read as it was meant and ends nothing; what a wallet wants to be shown instead is taken; and
 * nothing that a screen could not show is. S78
 */
#include "payment/shown.h"
#include "tests/unit/payment_rig.h"

static struct iso8583_message told(const struct payment *p, unsigned seconds, const char *text)
{
    struct arena arena = rig_arena();
    struct iso8583_message m;
    struct payment copy = *p;
    memcpy(copy.response_code, "09", 3);
    assert_int_equal(
        payment_response_message(PAYMENT_PROFILE_TONGBAO, &copy, 0x0210, &arena, &m).code, ERR_OK);
    assert_int_equal(payment_shown_tell(&m, seconds, bytes_text(text), &arena).code, ERR_OK);
    return rig_sent(&iso8583_dialect_tongbao, &m);
}

static void the_terminal_is_told_text_and_time(void **state)
{
    (void)state;
    char text[PAYMENT_SHOWN_MAX + 1] = "", longest[PAYMENT_SHOWN_MAX + 1];
    unsigned seconds = 0;
    struct payment p = rig_sale(PAYMENT_SHOWN);
    struct iso8583_message m = told(&p, 118, "weixin://wxpay/bizpayurl?pr=abc");
    assert_true(payment_shown_is(&m, &p));
    rig_has(&m, 62, "0118weixin://wxpay/bizpayurl?pr=abc");
    assert_int_equal(payment_shown_parse(&m, &seconds, text).code, ERR_OK);
    assert_int_equal(seconds, 118);
    assert_string_equal(text, "weixin://wxpay/bizpayurl?pr=abc");

    memset(longest, 'x', PAYMENT_SHOWN_MAX);
    longest[PAYMENT_SHOWN_MAX] = '\0';
    m = told(&p, 999999, longest); /* cut to an hour */
    assert_int_equal(payment_shown_parse(&m, &seconds, text).code, ERR_OK);
    assert_int_equal(seconds, PAYMENT_SHOWN_SECONDS_MAX);
    assert_string_equal(text, longest);
}

/* 09 is said of a sale by shown code alone: elsewhere it is an answer as any other. */
static void only_a_sale_by_shown_code_is_told(void **state)
{
    (void)state;
    struct payment p = rig_sale(PAYMENT_SHOWN);
    struct iso8583_message m = told(&p, 1, "x");
    struct payment other = p;
    other.means = PAYMENT_CODE;
    assert_false(payment_shown_is(&m, &other));
    other = p, other.type = PAYMENT_REFUND;
    assert_false(payment_shown_is(&m, &other));
    iso8583_set(&m, 39, BYTES("00"));
    assert_false(payment_shown_is(&m, &p));
}

static void what_cannot_be_shown_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *field;
        enum err_code expected;
    } bad[] = {
        {"0118", ERR_LENGTH},    {"118weixin", ERR_FORMAT},  {"01 8text", ERR_FORMAT},
        {"3601text", ERR_RANGE}, {"0118te\nxt", ERR_FORMAT}, {"0118\xe8\x8c\xb6", ERR_FORMAT},
    };
    struct payment p = rig_sale(PAYMENT_SHOWN);
    char text[PAYMENT_SHOWN_MAX + 1] = "as it was";
    unsigned seconds = 7;
    struct iso8583_message m = told(&p, 1, "x");
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        iso8583_set(&m, 62, bytes_text(bad[i].field));
        assert_int_equal(payment_shown_parse(&m, &seconds, text).code, bad[i].expected);
    }
    uint8_t longer[4 + PAYMENT_SHOWN_MAX + 1];
    memset(longer, '0', sizeof longer);
    iso8583_set(&m, 62, BYTES_OF(longer));
    assert_int_equal(payment_shown_parse(&m, &seconds, text).code, ERR_LENGTH);
    iso8583_unset(&m, 62);
    assert_int_equal(payment_shown_parse(&m, &seconds, text).code, ERR_MISSING);
    assert_int_equal(seconds, 7);
    assert_string_equal(text, "as it was");
}

/* A wallet may have codes of its own; what is no text is no answer. */
static void a_wallet_may_want_another_text(void **state)
{
    (void)state;
    struct payment p = rig_sale(PAYMENT_SHOWN);
    struct payment_network_answer answer;
    struct iso8583_message m;
    struct arena arena = rig_arena();
    memcpy(p.rrn, "633015000001", 13);
    memcpy(p.response_code, "09", 3);
    assert_int_equal(payment_network_response(PAYMENT_NETWORK_REQUEST, &p, &arena, &m).code, 0);
    assert_int_equal(payment_network_answer_parse(&m, &answer).code, ERR_OK);
    assert_string_equal(answer.shown_code, "");
    payment_shown_set(&m, BYTES("https://qr.example.com/abc"));
    m = rig_sent(&iso8583_dialect_ascii87, &m);
    assert_int_equal(payment_network_answer_parse(&m, &answer).code, ERR_OK);
    assert_string_equal(answer.shown_code, "https://qr.example.com/abc");
    iso8583_set(&m, 62, BYTES("\x1b[2J"));
    assert_int_equal(payment_network_answer_parse(&m, &answer).code, ERR_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_terminal_is_told_text_and_time),
        cmocka_unit_test(only_a_sale_by_shown_code_is_told),
        cmocka_unit_test(what_cannot_be_shown_is_refused),
        cmocka_unit_test(a_wallet_may_want_another_text),
    };
    return cmocka_run_group_tests_name("payment_shown", tests, NULL, NULL);
}
