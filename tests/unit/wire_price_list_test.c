/* SPDX-License-Identifier: Apache-2.0 */
/* The document of a price list (S125): one spelling, its limits, and whatever is not so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/wire/price_list.h"

#define assert_ok(expression)        assert_int_equal((expression).code, ERR_OK)
#define assert_err(expression, name) assert_int_equal((expression).code, ERR_##name)

static uint8_t room[PRICE_LIST_MAX];

static err read_all(struct bytes document, size_t *ret_count)
{
    struct price_reader reader;
    struct price_good good;
    bool more = true;
    TRY(price_list_open(document, &reader));
    while (more) TRY(price_list_next(&reader, &good, &more));
    *ret_count = reader.count;
    return OK;
}

static void a_good_is_a_line(void **state)
{
    (void)state;
    struct writer w = writer_over(room, sizeof room);
    const struct price_good egg = {"A01", "6901234567892", "小吃", "卤蛋", "Tea egg", 250};
    const struct price_good tea = {"B-2", "", "", "茶", "", 1};
    struct price_reader reader;
    struct price_good read;
    bool more = false;
    price_list_begin(&w);
    price_list_add(&w, &egg);
    price_list_add(&w, &tea);
    static const char text[] = "tongbao prices 1\n"
                               "A01\t250\t6901234567892\t小吃\t卤蛋\tTea egg\n"
                               "B-2\t1\t\t\t茶\t\n";
    assert_true(bytes_equal(writer_view(&w), bytes_text(text)));
    assert_ok(price_list_open(writer_view(&w), &reader));
    assert_ok(price_list_next(&reader, &read, &more));
    assert_true(more);
    assert_string_equal(read.name, "卤蛋");
    assert_string_equal(read.name_en, "Tea egg");
    assert_string_equal(read.barcode, "6901234567892");
    assert_string_equal(read.category, "小吃");
    assert_int_equal(read.price_minor, 250);
    assert_ok(price_list_next(&reader, &read, &more));
    assert_string_equal(read.code, "B-2");
    assert_ok(price_list_next(&reader, &read, &more));
    assert_false(more);
}

/* Five hundred at their longest fit; one more is none of ours. */
static void five_hundred_fit(void **state)
{
    (void)state;
    struct writer w = writer_over(room, sizeof room);
    struct price_good good = {"",
                              "69012345678928",
                              "一二三四五六七八",
                              "一二三四五六七八九十一二三四五六",
                              "一二三四五六七八九十一二三四五六",
                              PRICE_MINOR_MAX};
    uint8_t digest[PRICE_DIGEST], other[PRICE_DIGEST];
    size_t count = 0;
    price_list_begin(&w);
    for (int i = 0; i < PRICE_GOODS_MAX; i++) {
        snprintf(good.code, sizeof good.code, "CODE-OF-A-%06d", i);
        price_list_add(&w, &good);
    }
    assert_int_equal(w.fault, ERR_OK);
    assert_ok(read_all(writer_view(&w), &count));
    assert_int_equal(count, PRICE_GOODS_MAX);
    assert_ok(price_list_digest(writer_view(&w), digest));
    room[w.len - 2] ^= 1;
    assert_ok(price_list_digest(writer_view(&w), other));
    assert_memory_not_equal(digest, other, sizeof digest);
    room[w.len - 2] ^= 1;
    snprintf(good.code, sizeof good.code, "X");
    good.name[0] = '\0';
    snprintf(good.name, sizeof good.name, "x");
    price_list_add(&w, &good);
    assert_err(read_all(writer_view(&w), &count), FORMAT);
}

static void what_is_no_good_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *code, *barcode, *category, *name, *name_en;
        int64_t price;
        const char *fault;
    } rows[] = {
        {"A", "", "", "x", "", 1, NULL},
        {"", "", "", "x", "", 1, "code"},
        {"A B", "", "", "x", "", 1, "code"},
        {"A\tB", "", "", "x", "", 1, "code"},
        {"A", "12a", "", "x", "", 1, "barcode"},
        {"A", "", "a\tb", "x", "", 1, "category"},
        {"A", "", "", "", "", 1, "name"},
        {"A", "", "", " x", "", 1, "name"},
        {"A", "", "", "x\n", "", 1, "name"},
        {"A", "", "", "\xff", "", 1, "name"},
        {"A", "", "", "x\xc2\x85", "", 1, "name"},
        {"A", "", "", "123456789012345678901234567890123", "", 1, "name"},
        {"A", "", "", "x", "123456789012345678901234567890123", 1, "name_en"},
        {"A", "", "", "x", "", 0, "price"},
        {"A", "", "", "x", "", PRICE_MINOR_MAX + 1, "price"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct price_good g = {.price_minor = rows[i].price};
        snprintf(g.code, sizeof g.code, "%s", rows[i].code);
        snprintf(g.barcode, sizeof g.barcode, "%s", rows[i].barcode);
        snprintf(g.category, sizeof g.category, "%s", rows[i].category);
        snprintf(g.name, sizeof g.name, "%s", rows[i].name);
        snprintf(g.name_en, sizeof g.name_en, "%s", rows[i].name_en);
        const char *fault = price_good_fault(&g);
        assert_string_equal(fault == NULL ? "" : fault, rows[i].fault == NULL ? "" : rows[i].fault);
    }
}

static void what_is_no_list_is_refused(void **state)
{
    (void)state;
#define HEAD "tongbao prices 1\n"
    static const char *const none[] = {
        "",
        "tongbao prices 2\n",
        "tongbao prices 1",
        HEAD "A\t1\t\t\tx\n",
        HEAD "A\t1\t\t\tx\t",
        HEAD "A\t1\t\t\tx\t\ty\n",
        HEAD "A\t01\t\t\tx\t\n",
        HEAD "A\t0\t\t\tx\t\n",
        HEAD "A\t-1\t\t\tx\t\n",
        HEAD "A\t1.5\t\t\tx\t\n",
        HEAD "A\t1000000000\t\t\tx\t\n",
        HEAD "\t1\t\t\tx\t\n",
        HEAD "A\t1\t\t\t\t\n",
        HEAD "A\t1\t\t\tx\t\n\n",
        HEAD "A\t1\t\t\tx\t\nB",
        HEAD "12345678901234567\t1\t\t\tx\t\n",
    };
    size_t count = 99;
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        assert_err(read_all(bytes_text(none[i]), &count), FORMAT);
    assert_err(read_all(BYTES(HEAD "A\t1\t\t\tx\0y\t\n"), &count), FORMAT);
    assert_int_equal(count, 99);
    assert_ok(read_all(BYTES(HEAD), &count));
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_is_a_line),
        cmocka_unit_test(five_hundred_fit),
        cmocka_unit_test(what_is_no_good_is_named),
        cmocka_unit_test(what_is_no_list_is_refused),
    };
    return cmocka_run_group_tests_name("wire_price_list", tests, NULL, NULL);
}
