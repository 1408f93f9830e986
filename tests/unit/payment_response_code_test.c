/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of response codes, checked whole against the published list in tests/vectors: every
 * code is there with the class the list gives it, says what happened and what to do now in both
 * languages, and whatever is not in the list is not approved. S91
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "payment/response_code.h"
#include "tests/unit/vector_file.h"

#define PUBLISHED "tests/vectors/iso8583/response_codes.json"

/* Ours: "09" on the leg to a wallet, when the customer is typing a password; B1 to BA at our
 * terminals, why a payment may not follow another. */
static bool ours(const char *code)
{
    return strcmp(code, "09") == 0 || code[0] == 'B';
}

static json_t *published(void)
{
    return vector_file(PUBLISHED);
}

static void every_published_code_has_its_class(void **state)
{
    (void)state;
    json_t *root = published(), *row;
    size_t i, seen = 0;
    json_array_foreach(json_object_get(root, "codes"), i, row)
    {
        const char *code = json_string_value(json_object_get(row, "code"));
        const char *class = json_string_value(json_object_get(row, "class"));
        assert_non_null(code);
        const struct response_code *ours = response_code(code);
        if (strcmp(ours->code, code) != 0) print_error("%s is not in the table\n", code);
        assert_string_equal(ours->code, code);
        if (ours->class != (enum response_class) class[0]) print_error("%s: class\n", code);
        assert_int_equal(ours->class, class[0]);
        seen++;
    }
    assert_int_equal(seen, 51);
    vector_file_end(root);
}

static bool in_list(json_t *codes, const char *code)
{
    size_t i;
    json_t *row;
    json_array_foreach(codes, i, row) if (strcmp(json_string_value(json_object_get(row, "code")),
                                                 code) == 0) return true;
    return false;
}

/* Nothing is in the table that nobody sends, and nothing twice. */
static void the_table_holds_no_others(void **state)
{
    (void)state;
    json_t *root = published();
    size_t count;
    const struct response_code *table = response_code_table(&count);
    for (size_t i = 0; i < count; i++) {
        bool known = in_list(json_object_get(root, "codes"), table[i].code);
        assert_true(known || ours(table[i].code));
        assert_true(
            in_list(json_object_get(root, "codes"), response_code_standard(table[i].code)) ||
            strcmp(table[i].code, "09") == 0);
        assert_ptr_equal(response_code(table[i].code), &table[i]);
    }
    vector_file_end(root);
}

static bool has_chinese(const char *text)
{
    for (; *text != '\0'; text++)
        if ((uint8_t)*text >= 0xe3 && (uint8_t)*text <= 0xe9) return true;
    return false;
}

static bool is_ascii(const char *text)
{
    for (; *text != '\0'; text++)
        if ((uint8_t)*text < 0x20 || (uint8_t)*text > 0x7e) return false;
    return true;
}

static void says_something(const struct response_code *row)
{
    assert_true(has_chinese(row->reason_zh));
    assert_true(has_chinese(row->advice_zh));
    assert_true(strlen(row->reason_en) > 3 && is_ascii(row->reason_en));
    assert_true(strlen(row->advice_en) > 3 && is_ascii(row->advice_en));
}

static void every_code_says_what_and_what_now(void **state)
{
    (void)state;
    size_t count;
    const struct response_code *table = response_code_table(&count);
    for (size_t i = 0; i < count; i++) says_something(&table[i]);
    says_something(response_code("??"));
}

/* Only these mean that the money came. */
static void only_these_approve(void **state)
{
    (void)state;
    const char *const approving[] = {"00", "10", "11", "A2", "A4", "A5", "A6"};
    size_t count, found = 0;
    const struct response_code *table = response_code_table(&count);
    for (size_t i = 0; i < ARRAY_LEN(approving); i++) assert_true(response_approved(approving[i]));
    for (size_t i = 0; i < count; i++) found += response_approved(table[i].code);
    assert_int_equal(found, ARRAY_LEN(approving));
}

/* Every two characters that can stand in field 39, and what cannot. */
static void an_unknown_code_is_not_approved(void **state)
{
    (void)state;
    size_t count, known = 0;
    (void)response_code_table(&count);
    for (unsigned a = 0x20; a < 0x7f; a++) {
        for (unsigned b = 0x20; b < 0x7f; b++) {
            const char code[3] = {(char)a, (char)b, '\0'};
            const struct response_code *row = response_code(code);
            if (strcmp(row->code, code) == 0 && strcmp(code, "--") != 0) {
                known++;
                continue;
            }
            assert_string_equal(row->code, "--");
            assert_int_equal(row->class, RESPONSE_DECLINE);
            assert_false(response_approved(code));
        }
    }
    assert_int_equal(known, count);
    assert_false(response_approved(""));
    assert_false(response_approved("0"));
    assert_false(response_approved("000"));
    assert_false(response_approved("--"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_published_code_has_its_class),
        cmocka_unit_test(the_table_holds_no_others),
        cmocka_unit_test(every_code_says_what_and_what_now),
        cmocka_unit_test(only_these_approve),
        cmocka_unit_test(an_unknown_code_is_not_approved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
