/* SPDX-License-Identifier: Apache-2.0 */
/* lib/base: cursors, arena, money, calendar, hexadecimal, redaction in the log (S65), fields of
 * CSV (S113). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "lib/base/arena.h"
#include "lib/base/base64.h"
#include "lib/base/clock.h"
#include "lib/base/csv.h"
#include "lib/base/hex.h"
#include "lib/base/log.h"
#include "lib/base/money.h"
#include "lib/base/random.h"
#include "lib/base/reader.h"
#include "lib/base/writer.h"

static void reader_stops_at_the_first_fault(void **state)
{
    (void)state;
    struct reader r = reader_over(BYTES("\x12\x3f\x01"));
    assert_int_equal(read_bcd(&r, 1), 12);
    assert_int_equal(read_bcd(&r, 1), 0);
    assert_int_equal(read_be(&r, 1), 0);
    assert_int_equal(reader_finish(&r).code, ERR_DIGIT);
}

static void reader_refuses_what_is_left_over(void **state)
{
    (void)state;
    struct reader r = reader_over(BYTES("ab"));
    (void)read_bytes(&r, 1);
    assert_int_equal(reader_finish(&r).code, ERR_TRAILING);
    (void)read_bytes(&r, 2);
    assert_int_equal(reader_finish(&r).code, ERR_SHORT);
}

static void reader_takes_no_signs_for_digits(void **state)
{
    (void)state;
    struct reader r = reader_over(BYTES("+9"));
    (void)read_digits(&r, 2);
    assert_int_equal(reader_finish(&r).code, ERR_DIGIT);
}

static void reader_bounds_a_prefixed_string(void **state)
{
    (void)state;
    struct reader r = reader_over(BYTES("\x00\x05hello"));
    assert_int_equal(read_prefixed(&r, 2, 5).len, 5);
    assert_int_equal(reader_finish(&r).code, ERR_OK);
    r = reader_over(BYTES("\x00\x05hello"));
    (void)read_prefixed(&r, 2, 4);
    assert_int_equal(reader_finish(&r).code, ERR_LENGTH);
}

static void decimals_have_their_width(void **state)
{
    (void)state;
    static const struct {
        uint64_t value;
        size_t width;
        const char *text;
    } table[] = {{0, 1, "0"},
                 {0, 6, "000000"},
                 {345, 6, "000345"},
                 {999999, 6, "999999"},
                 {1000000, 6, "1000000"}, /* never cut */
                 {12800, 12, "000000012800"},
                 {UINT64_MAX, 1, "18446744073709551615"}};
    uint8_t block[20];
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct writer w = writer_over(block, sizeof block);
        write_decimal(&w, table[i].value, table[i].width);
        assert_true(bytes_equal(writer_view(&w), bytes_text(table[i].text)));
    }
    struct writer w = writer_over(block, 5);
    write_decimal(&w, 1, 6);
    assert_int_equal(w.fault, ERR_FULL);
    assert_int_equal(w.len, 0);
}

static void writer_cannot_be_overfilled(void **state)
{
    (void)state;
    uint8_t block[5] = {0, 0, 0, 0, 0x5a};
    struct writer w = writer_over(block, 4);
    write_be(&w, 0x0102, 2);
    write_bytes(&w, BYTES("abc"));
    write_be(&w, 1, 1);
    struct bytes written = {0};
    assert_int_equal(writer_finish(&w, &written).code, ERR_FULL);
    assert_null(written.at);
    assert_int_equal(w.len, 2);
    assert_int_equal(block[4], 0x5a);
    w = writer_over(block, 4);
    write_format(&w, "%s", "abcd");
    assert_int_equal(w.fault, ERR_FULL);
}

static void arena_wraps_nothing_and_wipes(void **state)
{
    (void)state;
    uint8_t block[64];
    struct arena arena = arena_over(block, sizeof block);
    assert_null(arena_alloc(&arena, SIZE_MAX / 2, 16, 1));
    uint64_t *numbers = arena_array(&arena, uint64_t, 2);
    assert_non_null(numbers);
    assert_int_equal((uintptr_t)numbers % alignof(uint64_t), 0);
    numbers[0] = UINT64_MAX;
    arena_reset(&arena);
    assert_int_equal(numbers[0], 0);
    assert_true(arena.peak >= 16);
}

static void money_reads_and_writes_fen(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum err_code code;
        int64_t minor;
    } table[] = {
        {"128", ERR_OK, 12800},
        {"0.01", ERR_OK, 1},
        {"1.5", ERR_OK, 150},
        {"", ERR_FORMAT, 0},
        {".5", ERR_FORMAT, 0},
        {"1.", ERR_FORMAT, 0},
        {"1.234", ERR_FORMAT, 0},
        {"-1", ERR_FORMAT, 0},
        {"1e3", ERR_FORMAT, 0},
        {" 1", ERR_FORMAT, 0},
        {"9999999999.99", ERR_OK, 999999999999},
        {"10000000000.00", ERR_RANGE, 0},
        {"99999999999999999999", ERR_RANGE, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        int64_t minor = -7;
        assert_int_equal(money_parse(bytes_text(table[i].text), &minor).code, table[i].code);
        assert_int_equal(minor, table[i].code == ERR_OK ? table[i].minor : -7);
    }
    char block[32];
    struct writer w = writer_over(block, sizeof block);
    money_write(&w, 12805);
    write_bytes(&w, BYTES(" "));
    money_write(&w, -1);
    assert_memory_equal(block, "128.05 -0.01", w.len);
}

static void money_rates_round_half_to_even(void **state)
{
    (void)state;
    assert_int_equal(money_rate_half_even(100000, 6000), 600);
    assert_int_equal(money_rate_half_even(50, 10000), 0);  /* 0.5 */
    assert_int_equal(money_rate_half_even(150, 10000), 2); /* 1.5 */
    assert_int_equal(money_rate_half_even(250, 10000), 2); /* 2.5 */
    assert_int_equal(money_rate_half_even(251, 10000), 3);
    int64_t sum = 5;
    assert_int_equal(money_add(INT64_MAX, 1, &sum).code, ERR_RANGE);
    assert_int_equal(sum, 5);
}

static void calendar_goes_there_and_back(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        struct civil civil;
    } table[] = {
        {0, {1970, 1, 1, 0, 0, 0}},
        {951782400000, {2000, 2, 29, 0, 0, 0}},
        {1900000000000, {2030, 3, 17, 17, 46, 40}},
        {4102444799000, {2099, 12, 31, 23, 59, 59}},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct civil c = civil_from_ms(table[i].ms);
        assert_memory_equal(&c, &table[i].civil, sizeof c);
        assert_int_equal(civil_to_ms(c), table[i].ms);
    }
    for (int64_t day = 0; day < 60000; day++) {
        struct civil c = civil_from_ms(day * 86400000);
        assert_int_equal(civil_to_ms(c), day * 86400000);
    }
}

static void hex_is_strict(void **state)
{
    (void)state;
    uint8_t out[4];
    size_t len = 9;
    assert_int_equal(hex_decode(BYTES("00fFa5"), out, sizeof out, &len).code, ERR_OK);
    assert_int_equal(len, 3);
    assert_memory_equal(out, "\x00\xff\xa5", 3);
    assert_int_equal(hex_decode(BYTES("0"), out, sizeof out, &len).code, ERR_FORMAT);
    assert_int_equal(hex_decode(BYTES("0g"), out, sizeof out, &len).code, ERR_FORMAT);
    assert_int_equal(hex_decode(BYTES("0011223344"), out, sizeof out, &len).code, ERR_LENGTH);
}

/* RFC 4648 section 10, and the spellings that it has not. */
static void base64_has_one_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *plain, *text;
    } table[] = {{"", ""},
                 {"f", "Zg=="},
                 {"fo", "Zm8="},
                 {"foo", "Zm9v"},
                 {"foob", "Zm9vYg=="},
                 {"fooba", "Zm9vYmE="},
                 {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        uint8_t block[16], plain[16];
        struct writer w = writer_over(block, sizeof block);
        size_t len = 99;
        base64_write(&w, bytes_text(table[i].plain));
        assert_true(bytes_equal(writer_view(&w), bytes_text(table[i].text)));
        assert_int_equal(base64_decode(writer_view(&w), plain, sizeof plain, &len).code, ERR_OK);
        assert_true(bytes_equal(bytes_of(plain, len), bytes_text(table[i].plain)));
    }
    static const char *const wrong[] = {
        "Zg", "Zg=", "Zh==", "Z===", "Zm9=", "Zm 9", "=Zm9", "Zg==Zg=="};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        uint8_t plain[16];
        size_t len = 99;
        assert_int_equal(base64_decode(bytes_text(wrong[i]), plain, sizeof plain, &len).code,
                         ERR_FORMAT);
        assert_int_equal(len, 99);
    }
}

static int64_t fixed_now(void *context)
{
    (void)context;
    return 1000;
}

struct captured {
    char text[4096];
    size_t len;
};

static void capture(void *context, struct bytes line)
{
    struct captured *c = context;
    memcpy(c->text + c->len, line.at, line.len);
    c->len += line.len;
    c->text[c->len] = '\0';
}

/* S65: a card number that slips into a logged text is masked by the log itself. */
static void log_masks_what_looks_like_a_card_number(void **state)
{
    (void)state;
    struct captured captured = {.len = 0};
    struct log log = {capture, &captured, {fixed_now, fixed_now, NULL}, "test", LOG_INFO};
    log_event(&log, LOG_WARN, "odd",
              LOG_TEXT("text", "pan 6222021234567890123, id 12345678\n\"q\""), LOG_INT("n", -3),
              LOG_ERR(ERR(MAC)));
    assert_string_equal(captured.text,
                        "{\"at\":1000,\"program\":\"test\",\"level\":\"warn\",\"event\":\"odd\","
                        "\"text\":\"pan 622202*********0123, id 12345678\\u000a\\\"q\\\"\","
                        "\"n\":-3,\"error\":\"MAC\"}\n");
    captured.len = 0;
    log_event(&log, LOG_DEBUG, "quiet", LOG_INT("n", 1));
    assert_int_equal(captured.len, 0);
}

static void log_cuts_a_line_that_is_too_long(void **state)
{
    (void)state;
    struct captured captured = {.len = 0};
    struct log log = {capture, &captured, {fixed_now, fixed_now, NULL}, "test", LOG_INFO};
    char text[LOG_LINE_MAX + 1];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    log_event(&log, LOG_INFO, "long", LOG_INT("n", 1), LOG_TEXT("a", text), LOG_TEXT("b", text));
    assert_true(captured.len <= LOG_LINE_MAX);
    assert_non_null(strstr(captured.text, "\"n\":1"));
    assert_non_null(strstr(captured.text, "\"cut\":true}\n"));
}

static void a_field_of_csv_is_no_formula(void **state)
{
    (void)state;
    static const struct {
        const char *text, *field;
    } fields[] = {
        {"", "\"\""},
        {"tea, 12 leaves", "\"tea, 12 leaves\""},
        {"the \"best\"", "\"the \"\"best\"\"\""},
        {"\"", "\"\"\"\""},
        {"=1+1", "\"'=1+1\""},
        {"  =1+1", "\"'  =1+1\""},
        {"-1", "\"'-1\""},
        {"@sum", "\"'@sum\""},
        {"\t=1", "\"'\t=1\""},
        {"＝1", "\"'＝1\""},
        {"1=1", "\"1=1\""},
        {"开源茶馆", "\"开源茶馆\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        char block[64] = "";
        struct writer w = writer_over(block, sizeof block - 1);
        csv_text(&w, fields[i].text);
        assert_string_equal(block, fields[i].field);
    }
}

static void seeded_randomness_repeats(void **state)
{
    (void)state;
    struct random_seeded a, b;
    random_seed(&a, 7);
    random_seed(&b, 7);
    struct random ra = random_from_seed(&a), rb = random_from_seed(&b);
    unsigned seen[6] = {0};
    for (int i = 0; i < 6000; i++) {
        uint32_t x = random_below(&ra, 6);
        assert_int_equal(x, random_below(&rb, 6));
        seen[x]++;
    }
    for (int i = 0; i < 6; i++) assert_in_range(seen[i], 850, 1150);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimals_have_their_width),
        cmocka_unit_test(reader_stops_at_the_first_fault),
        cmocka_unit_test(reader_refuses_what_is_left_over),
        cmocka_unit_test(reader_takes_no_signs_for_digits),
        cmocka_unit_test(reader_bounds_a_prefixed_string),
        cmocka_unit_test(writer_cannot_be_overfilled),
        cmocka_unit_test(arena_wraps_nothing_and_wipes),
        cmocka_unit_test(money_reads_and_writes_fen),
        cmocka_unit_test(money_rates_round_half_to_even),
        cmocka_unit_test(calendar_goes_there_and_back),
        cmocka_unit_test(hex_is_strict),
        cmocka_unit_test(base64_has_one_spelling),
        cmocka_unit_test(log_masks_what_looks_like_a_card_number),
        cmocka_unit_test(log_cuts_a_line_that_is_too_long),
        cmocka_unit_test(a_field_of_csv_is_no_formula),
        cmocka_unit_test(seeded_randomness_repeats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
