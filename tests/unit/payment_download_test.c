/* SPDX-License-Identifier: Apache-2.0 */
/* S118: field 62 of a download of parameters, byte for byte; one value has one spelling. */
#include "payment/download.h"
#include "tests/unit/scratch.h"

static uint8_t block[PAYMENT_FIELD_62_MAX];

static void what_is_asked(void **state)
{
    (void)state;
    const struct payment_download_ask ask = {
        .number = 4294967295u, .offset = 511, .digest = {0xAB, [31] = 0xCD}};
    struct payment_download_ask got;
    struct writer w = writer_over(block, sizeof block);
    payment_download_write_ask(&w, "372", &ask);
    assert_int_equal(w.len, 10);
    assert_memory_equal(block, "4294967295", 10);
    assert_ok(payment_download_read_ask("372", writer_view(&w), &got));
    assert_int_equal(got.number, 4294967295u);

    w = writer_over(block, sizeof block);
    payment_download_write_ask(&w, "370", &ask);
    assert_int_equal(w.len, 16);
    assert_memory_equal(block, "4294967295000511", 16);
    assert_ok(payment_download_read_ask("370", writer_view(&w), &got));
    assert_int_equal(got.offset, 511);

    w = writer_over(block, sizeof block);
    payment_download_write_ask(&w, "371", &ask);
    assert_int_equal(w.len, 42);
    assert_ok(payment_download_read_ask("371", writer_view(&w), &got));
    assert_memory_equal(got.digest, ask.digest, sizeof got.digest);
}

static void what_is_no_question(void **state)
{
    (void)state;
    static const struct {
        const char *code, *field, *error;
    } row[] = {
        {"372", "", "SHORT"},           {"372", "100", "SHORT"}, /* as other networks ask */
        {"372", "000000000", "SHORT"},  {"372", "00000000017", "TRAILING"},
        {"372", "000000001x", "DIGIT"}, {"372", "4294967296", "RANGE"},
        {"370", "0000000001", "SHORT"}, {"370", "0000000001-00001", "DIGIT"},
        {"371", "0000000001", "SHORT"}, {"301", "0000000001", "UNSUPPORTED"},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct payment_download_ask got = {.number = 99};
        err e = payment_download_read_ask(row[i].code, bytes_text(row[i].field), &got);
        assert_string_equal(err_name(e), row[i].error);
        assert_int_equal(got.number, 99);
    }
}

static void what_is_answered(void **state)
{
    (void)state;
    struct payment_download_answer got;
    struct writer w = writer_over(block, sizeof block);
    payment_download_write_status(&w, &(struct payment_download_answer){true, 7, 3145, false, {0}});
    assert_int_equal(w.len, 17);
    assert_memory_equal(block, "10000000007003145", 17);
    assert_ok(payment_download_read_answer("372", writer_view(&w), &got));
    assert_true(got.there && got.number == 7 && got.len == 3145);
    assert_ok(payment_download_read_answer("372", BYTES("0"), &got));
    assert_false(got.there);
    assert_ok(payment_download_read_answer("370", BYTES("0"), &got));
    assert_false(got.there);
    assert_ok(payment_download_read_answer("370", BYTES("2abc"), &got));
    assert_true(got.there && !got.last && got.part.len == 3);
    assert_ok(payment_download_read_answer("370", BYTES("3\0"), &got));
    assert_true(got.last && got.part.len == 1);

    assert_err(payment_download_read_answer("370", BYTES(""), &got), SHORT);
    assert_err(payment_download_read_answer("370", BYTES("2"), &got), SHORT);
    assert_err(payment_download_read_answer("370", BYTES("1abc"), &got), FORMAT);
    assert_err(payment_download_read_answer("372", BYTES("2abc"), &got), FORMAT);
    assert_err(payment_download_read_answer("372", BYTES("1000000000700314"), &got), SHORT);
    assert_err(payment_download_read_answer("371", BYTES("0"), &got), UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_asked),
        cmocka_unit_test(what_is_no_question),
        cmocka_unit_test(what_is_answered),
    };
    return cmocka_run_group_tests_name("payment_download", tests, NULL, NULL);
}
