/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parameters of terminals as a table and as documents (S118): the table whole, one spelling of a
 * document, and what is none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/wire/device_parameters.h"

static char text[DEVICE_PARAMETERS_MAX + 1];

static const char *written(const struct device_parameters *set)
{
    struct writer w = writer_over((uint8_t *)text, sizeof text - 1);
    device_parameters_write(&w, set);
    assert_int_equal(w.fault, ERR_OK);
    text[w.len] = '\0';
    return text;
}

static void the_table_is_whole(void **state)
{
    (void)state;
    for (enum device_parameter i = 0; i < DEVICE_PARAMETERS; i++) {
        const struct device_parameter_row *row = device_parameter_row(i);
        assert_true(strlen(row->name) <= DEVICE_PARAMETER_NAME_MAX);
        assert_true(row->least <= row->most && row->zh[0] != '\0' && row->en[0] != '\0');
        assert_true(row->does_zh[0] != '\0' && row->does_en[0] != '\0');
        assert_int_equal(row->unit == DEVICE_PARAMETER_UNIT_TEXT,
                         row->type == DEVICE_PARAMETER_TEXT);
        if (row->unit == DEVICE_PARAMETER_UNIT_SWITCH)
            assert_true(row->least == 0 && row->most == 1);
        if (row->type == DEVICE_PARAMETER_NUMBER)
            assert_true(row->delivered >= row->least && row->delivered <= row->most);
        else assert_true(row->least == 0 && row->most <= DEVICE_PARAMETER_TEXT_MAX);
        assert_int_equal(device_parameter_named(bytes_text(row->name)), i); /* no name twice */
        assert_null(strpbrk(row->name, " \n"));
    }
    assert_int_equal(device_parameter_named(BYTES("nothing")), DEVICE_PARAMETERS);
    assert_int_equal(device_parameter_named(BYTES("")), DEVICE_PARAMETERS);
}

static void a_document_has_one_spelling(void **state)
{
    (void)state;
    struct device_parameters set = {0}, read;
    assert_string_equal(written(&set), "tongbao parameters 1\n");
    /* Member by member: the bytes between them are compared as well, and are nobody's. */
    set.value[DEVICE_PARAMETER_settle_at].set = true;
    set.value[DEVICE_PARAMETER_settle_at].number = -1;
    set.value[DEVICE_PARAMETER_banner].set = true;
    static const char banner[] = "今天 18:00 盘点";
    memcpy(set.value[DEVICE_PARAMETER_banner].text, banner, sizeof banner);
    set.value[DEVICE_PARAMETER_receipt_footer].set = true;
    set.value[DEVICE_PARAMETER_tip].set = true;
    set.value[DEVICE_PARAMETER_tip].number = 1;
    static const char document[] = "tongbao parameters 1\n"
                                   "banner 今天 18:00 盘点\n"
                                   "receipt_footer \n"
                                   "tip 1\n"
                                   "settle_at -1\n";
    assert_string_equal(written(&set), document);
    assert_int_equal(device_parameters_read(bytes_text(document), &read).code, ERR_OK);
    assert_memory_equal(&read, &set, sizeof set);
}

static void the_longest_fits(void **state)
{
    (void)state;
    struct device_parameters set = {0}, read;
    for (enum device_parameter i = 0; i < DEVICE_PARAMETERS; i++) {
        const struct device_parameter_row *row = device_parameter_row(i);
        set.value[i].set = true;
        if (row->type == DEVICE_PARAMETER_TEXT) memset(set.value[i].text, 'x', (size_t)row->most);
        else set.value[i].number = row->most;
    }
    set.goods.set = true;
    memset(set.goods.digest, 0xa7, sizeof set.goods.digest);
    set.goods.size = PRICE_LIST_MAX;
    const char *document = written(&set);
    assert_int_equal(device_parameters_read(bytes_text(document), &read).code, ERR_OK);
    assert_memory_equal(&read, &set, sizeof set);
    /* Whatever becomes of a byte: another document that is one, or none; never a fault. */
    char changed[DEVICE_PARAMETERS_MAX + 1], again[DEVICE_PARAMETERS_MAX + 1];
    size_t len = strlen(document);
    memcpy(changed, document, len + 1);
    for (size_t i = 0; i < len; i++)
        for (int bit = 0; bit < 8; bit++) {
            changed[i] = (char)(document[i] ^ 1 << bit);
            err e = device_parameters_read(bytes_of(changed, len), &read);
            if (!FAILED(e)) {
                snprintf(again, sizeof again, "%s", document);
                assert_memory_equal(written(&read), changed, len);
                snprintf(text, sizeof text, "%s", again);
                document = text;
            }
            changed[i] = document[i];
        }
    for (size_t cut = 0; cut < len; cut++)
        if (cut < 21 || changed[cut - 1] != '\n')
            assert_int_equal(device_parameters_read(bytes_of(changed, cut), &read).code,
                             ERR_FORMAT);
}

static void what_is_none_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "tongbao parameters 2\n",
        "tongbao parameters 1",
        "tongbao parameters 1\ntip 1",    /* a line without its end */
        "tongbao parameters 1\ntip\n",    /* without a value */
        "tongbao parameters 1\ntip 2\n",  /* out of its range */
        "tongbao parameters 1\ntip 01\n", /* another spelling */
        "tongbao parameters 1\ntip +1\n",
        "tongbao parameters 1\ntip 1 \n",
        "tongbao parameters 1\ntip -0\n",
        "tongbao parameters 1\nsettle_at -01\n",
        "tongbao parameters 1\ntip 1\ntip 1\n",       /* twice */
        "tongbao parameters 1\nsettle_at 5\ntip 1\n", /* out of order */
        "tongbao parameters 1\nsomething 1\n",        /* of a later version */
        "tongbao parameters 1\nbanner a\tb\n",
        "tongbao parameters 1\nbanner  a\n",
        "tongbao parameters 1\nbanner a \n",
        "tongbao parameters 1\nbanner \xff\n",
        "tongbao parameters 1\n\n",
#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
        "tongbao parameters 1\ngoods " DIGEST "\n",
        "tongbao parameters 1\ngoods " DIGEST " 0\n",
        "tongbao parameters 1\ngoods " DIGEST " 90113\n", /* too large */
        "tongbao parameters 1\ngoods " DIGEST " 07\n",
        "tongbao parameters 1\ngoods " DIGEST "0 7\n",
        "tongbao parameters 1\ngoods 0g23456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef 7\n",
        "tongbao parameters 1\ngoods " DIGEST " 7\ntip 1\n", /* something behind it */
        "tongbao parameters 1\ngoods " DIGEST " 7\ngoods " DIGEST " 7\n",
        "tongbao parameters 1\ntip 99999999999999999999\n",
    };
    struct device_parameters read, untouched;
    memset(&read, 7, sizeof read);
    untouched = read;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        err e = device_parameters_read(bytes_text(bad[i]), &read);
        if (e.code != ERR_FORMAT) fail_msg("%s", bad[i]);
        assert_memory_equal(&read, &untouched, sizeof read);
    }
    assert_int_equal(
        device_parameters_read(BYTES("tongbao parameters 1\nbanner a\0b\n"), &read).code,
        ERR_FORMAT);
    char longest[DEVICE_PARAMETERS_MAX + 2];
    memset(longest, 'x', sizeof longest);
    assert_int_equal(device_parameters_read(bytes_of(longest, sizeof longest), &read).code,
                     ERR_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_whole),
        cmocka_unit_test(a_document_has_one_spelling),
        cmocka_unit_test(the_longest_fits),
        cmocka_unit_test(what_is_none_is_refused),
    };
    return cmocka_run_group_tests_name("wire_device_parameters", tests, NULL, NULL);
}
