/* SPDX-License-Identifier: Apache-2.0 */
/* What people see of a message, and what they must not. Cards are public test numbers. S65 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/iso8583/dialect.h"

static struct iso8583_message m;
static char text[ISO8583_DESCRIBE_MAX + 1];

static const char *described(const struct iso8583_dialect *d, bool show_pan)
{
    struct writer w = writer_over(text, sizeof text - 1);
    iso8583_describe(d, &m, show_pan, &w);
    assert_int_equal(w.fault, ERR_OK);
    text[w.len] = '\0';
    return text;
}

static void prints_json(void **state)
{
    (void)state;
    iso8583_start(&m, 0x0210);
    iso8583_set(&m, 4, BYTES("000000012345"));
    iso8583_set(&m, 39, BYTES("00"));
    iso8583_set(&m, 64, BYTES("\x01\x02\x03\x04\x05\x06\x07\xFF"));
    m.mac_input = 24;
    assert_string_equal(
        described(&iso8583_dialect_cup, false),
        "{\"mti\":\"0210\",\"dialect\":\"bcd\",\"fields\":["
        "{\"field\":4,\"name\":\"amount\",\"value\":\"000000012345\"},"
        "{\"field\":39,\"name\":\"response code\",\"value\":\"00\"},"
        "{\"field\":64,\"name\":\"message authentication code\",\"value\":\"01020304050607FF\"}"
        "],\"mac_input\":24}");
}

static void masks_the_card_number(void **state)
{
    (void)state;
    iso8583_start(&m, 0x0200);
    iso8583_set(&m, 2, BYTES("6200000000000005"));
    iso8583_set(&m, 35, BYTES("6200000000000005=30122201000000000000"));
    iso8583_set(&m, 52, BYTES("\x94\x47\x4F\xD2\x0F\x3E\xAC\xB0"));
    iso8583_set(&m, 55, BYTES("\x5A\x08\x62\x00\x00\x00\x00\x00\x00\x05"));
    iso8583_set(&m, 63, BYTES("CUP 6200000000000005 seen"));

    const char *masked = described(&iso8583_dialect_cup, false);
    assert_non_null(strstr(masked, "\"620000******0005\",\"masked\":true"));
    assert_non_null(strstr(masked, "\"620000******0005=********************\""));
    assert_non_null(strstr(masked, "CUP 620000******0005 seen"));
    assert_null(strstr(masked, "6200000000000005"));
    assert_non_null(strstr(masked, "\"94**************\""));

    const char *shown = described(&iso8583_dialect_cup, true);
    assert_non_null(strstr(shown, "\"6200000000000005\""));
    assert_non_null(strstr(shown, "\"6200000000000005=30122201000000000000\""));
    assert_non_null(strstr(shown, "5A086200000000000005"));
    assert_null(strstr(shown, "94474FD20F3EACB0")); /* a PIN block never */
}

static void masks_track_1_and_odd_cards(void **state)
{
    (void)state;
    iso8583_start(&m, 0x0200);
    iso8583_set(&m, 2, BYTES("6222020000000000017"));
    iso8583_set(&m, 45, BYTES("B4111111111111111^CARD/HOLDER^3012101"));
    const char *masked = described(&iso8583_dialect_ascii87, false);
    assert_non_null(strstr(masked, "\"622202*********0017\""));
    assert_non_null(strstr(masked, "\"B411111******1111^***********^*******\""));
    iso8583_set(&m, 2, BYTES("620000000005"));
    assert_non_null(strstr(described(&iso8583_dialect_ascii87, false), "\"********0005\""));
}

/* The text of a response is GB18030: every byte must survive as ASCII of valid JSON. */
static void escapes_other_bytes(void **state)
{
    (void)state;
    iso8583_start(&m, 0x0210);
    iso8583_set(&m, 56, BYTES("\xB3\xC9\"\\\n\x7F"));
    assert_non_null(
        strstr(described(&iso8583_dialect_cup, false), "\"\\u00b3\\u00c9\\\"\\\\\\u000a\\u007f\""));
}

/* A batch list has card numbers right-justified among other digits. */
static void masks_cards_between_other_digits(void **state)
{
    (void)state;
    iso8583_start(&m, 0x0320);
    iso8583_set(&m, 48, BYTES("0100000002000062000000000000050000000123450000"));
    const char *masked = described(&iso8583_dialect_cup, false);
    assert_null(strstr(masked, "6200000000000005"));
    assert_non_null(strstr(masked, "\"masked\":true"));
}

static void always_fits(void **state)
{
    (void)state;
    static uint8_t zeros[999];
    iso8583_start(&m, 0x0200);
    for (unsigned field = 105; field < 107; field++) iso8583_set(&m, field, BYTES_OF(zeros));
    for (unsigned field = 2; field < 64; field++) iso8583_set(&m, field, BYTES(""));
    (void)described(&iso8583_dialect_ascii87, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_json),
        cmocka_unit_test(masks_the_card_number),
        cmocka_unit_test(masks_track_1_and_odd_cards),
        cmocka_unit_test(escapes_other_bytes),
        cmocka_unit_test(masks_cards_between_other_digits),
        cmocka_unit_test(always_fits),
    };
    return cmocka_run_group_tests_name("iso8583_describe", tests, NULL, NULL);
}
