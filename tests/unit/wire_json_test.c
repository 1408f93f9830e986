/* SPDX-License-Identifier: Apache-2.0 */
/* JSON: what is refused when reading, what is escaped when writing, and that one reads the other.
 */
#include "tests/unit/scratch.h"

#include "lib/wire/json.h"

static enum err_code parse(const char *text)
{
    CLEANUP(json_free) struct json_document document = {0};
    return json_parse(bytes_text(text), 1000, &document).code;
}

static void refuses_what_is_not_strict(void **state)
{
    (void)state;
    assert_int_equal(parse("{\"a\":1}"), ERR_OK);
    const char *const refused[] = {
        "",
        "{",
        "{\"a\":1,\"a\":2}", /* which one did the sender mean? */
        "{\"a\":1} x",
        "{\"a\":01}",
        "{\"a\":99999999999999999999}",
        "{'a':1}",
        "{\"a\":1,}",
        "{\"a\":\"\\u0000\"}",
        "{\"a\":\"\xff\"}",
        "{\"a\":\"\xc0\xaf\"}",
        "{\"a\":\"\\ud800\"}",
        "5",
        "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", /* 17 levels */
    };
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) assert_int_equal(parse(refused[i]), ERR_FORMAT);
    assert_int_equal(parse("[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]"), ERR_OK); /* 16 */
    assert_int_equal(parse("{\"a\":\"[[[[[[[[[[[[[[[[[[[[\\\"[[[[[[[[[[[[[[[[[[[\"}"), ERR_OK);
    struct json_document document = {0};
    assert_int_equal(json_parse(BYTES("{\"a\":1}"), 6, &document).code, ERR_LENGTH);
    assert_null(document.root);
}

static void gives_what_was_asked_for_or_an_error(void **state)
{
    (void)state;
    CLEANUP(json_free) struct json_document d = {0};
    assert_false(FAILED(json_parse(BYTES("{\"t\":\"abc\",\"n\":-5,\"b\":true,\"z\":null,\"r\":1.5,"
                                         "\"l\":[1,2],\"o\":{\"x\":\"\xe9\x80\x9a\"}}"),
                                   1000, &d)));
    struct bytes text = {0};
    int64_t number = 77;
    bool flag = false;
    struct json_t *inner = NULL, *list = NULL;
    size_t count = 0;
    char copy[4] = "?";
    assert_int_equal(json_text(d.root, "t", 3, &text).code, ERR_OK);
    assert_true(bytes_equal(text, BYTES("abc")));
    assert_int_equal(json_text(d.root, "t", 2, &text).code, ERR_LENGTH);
    assert_int_equal(json_text(d.root, "n", 9, &text).code, ERR_FORMAT);
    assert_int_equal(json_text(d.root, "absent", 9, &text).code, ERR_MISSING);
    assert_int_equal(json_text_copy(d.root, "t", copy, sizeof copy).code, ERR_OK);
    assert_string_equal(copy, "abc");
    assert_int_equal(json_text_copy(d.root, "t", copy, 3).code, ERR_LENGTH);
    assert_int_equal(json_int(d.root, "n", 0, 9, &number).code, ERR_RANGE);
    assert_int_equal(json_int(d.root, "r", 0, 9, &number).code, ERR_FORMAT);
    assert_int_equal(json_int(d.root, "t", 0, 9, &number).code, ERR_FORMAT);
    assert_int_equal(number, 77); /* outputs are not touched on failure */
    assert_int_equal(json_int(d.root, "n", -5, 9, &number).code, ERR_OK);
    assert_int_equal(number, -5);
    assert_int_equal(json_bool(d.root, "b", &flag).code, ERR_OK);
    assert_true(flag);
    assert_int_equal(json_bool(d.root, "n", &flag).code, ERR_FORMAT);
    assert_int_equal(json_list(d.root, "l", 1, &list, &count).code, ERR_LENGTH);
    assert_int_equal(json_list(d.root, "l", 2, &list, &count).code, ERR_OK);
    assert_int_equal(count, 2);
    assert_int_equal(json_value_int(json_at(list, 1), 0, 9, &number).code, ERR_OK);
    assert_int_equal(number, 2);
    assert_null(json_at(list, 2));
    assert_int_equal(json_value_int(json_at(list, 2), 0, 9, &number).code, ERR_FORMAT);
    assert_int_equal(json_member(d.root, "o", &inner).code, ERR_OK);
    assert_int_equal(json_text(inner, "x", 3, &text).code, ERR_OK);
    assert_int_equal(json_member(d.root, "l", &inner).code, ERR_FORMAT);
    assert_true(json_has(d.root, "n"));
    assert_false(json_has(d.root, "z"));
    assert_false(json_has(d.root, "absent"));
}

static void refuses_members_that_nobody_knows(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "b", NULL};
    CLEANUP(json_free) struct json_document d = {0};
    assert_false(FAILED(json_parse(BYTES("{\"b\":1}"), 100, &d)));
    assert_int_equal(json_only(d.root, names).code, ERR_OK);
    json_free(&d);
    assert_false(FAILED(json_parse(BYTES("{\"a\":1,\"amuont\":1}"), 100, &d)));
    assert_int_equal(json_only(d.root, names).code, ERR_FIELD);
}

static void writes_what_can_be_read(void **state)
{
    (void)state;
    char block[512];
    struct writer w = writer_over(block, sizeof block);
    struct json_out j = json_out_over(&w);
    json_object_begin(&j);
    json_member_text(&j, "text",
                     BYTES("\"\\\n\t\r\x01\x7f / \xe9\x80\x9a\xe5\xae\x9d \xf0\x9f\x92\xb0"));
    json_member_int(&j, "least", INT64_MIN);
    json_member_int(&j, "most", INT64_MAX);
    json_member_int(&j, "zero", 0);
    json_member_bool(&j, "yes", true);
    json_member_null(&j, "nothing");
    json_member_hex(&j, "hex", bytes_of("\x01\xab", 2));
    json_member_object(&j, "empty");
    json_object_end(&j);
    json_member_array(&j, "list");
    json_element_int(&j, 1);
    json_element_text(&j, BYTES("two"));
    json_object_begin(&j);
    json_member_raw(&j, "raw", BYTES("[]"));
    json_object_end(&j);
    json_array_end(&j);
    json_object_end(&j);
    struct bytes written = {0}, text = {0};
    assert_false(FAILED(writer_finish(&w, &written)));
    assert_true(bytes_equal(
        written,
        BYTES(
            "{\"text\":\"\\\"\\\\\\n\\t\\r\\u0001\\u007f / \xe9\x80\x9a\xe5\xae\x9d \xf0\x9f\x92\xb0\","
            "\"least\":-9223372036854775808,\"most\":9223372036854775807,\"zero\":0,\"yes\":true,"
            "\"nothing\":null,\"hex\":\"01AB\",\"empty\":{},\"list\":[1,\"two\",{\"raw\":[]}]}")));
    CLEANUP(json_free) struct json_document d = {0};
    int64_t number = 0;
    assert_false(FAILED(json_parse(written, 512, &d)));
    assert_false(FAILED(json_int(d.root, "least", INT64_MIN, INT64_MAX, &number)));
    assert_true(number == INT64_MIN);
    assert_false(FAILED(json_text(d.root, "text", 100, &text)));
    assert_true(
        bytes_equal(text, BYTES("\"\\\n\t\r\x01\x7f / \xe9\x80\x9a\xe5\xae\x9d \xf0\x9f\x92\xb0")));
}

static void knows_well_formed_utf8(void **state)
{
    (void)state;
    const struct {
        const char *text;
        bool valid;
    } rows[] = {
        {"", true},
        {"a\x7f", true},
        {"\xc2\x80 \xdf\xbf", true},
        {"\xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf", true},
        {"\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf", true},
        {"\x80", false},
        {"\xc1\xbf", false},         /* overlong */
        {"\xe0\x9f\xbf", false},     /* overlong */
        {"\xf0\x8f\xbf\xbf", false}, /* overlong */
        {"\xed\xa0\x80", false},     /* surrogate */
        {"\xf4\x90\x80\x80", false}, /* above U+10FFFF */
        {"\xf5\x80\x80\x80", false},
        {"\xe9\x80", false}, /* cut */
        {"\xc3(", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(json_utf8_valid(bytes_text(rows[i].text)), rows[i].valid);
}

static void does_not_write_bad_utf8_or_past_its_end(void **state)
{
    (void)state;
    char block[16];
    struct writer w = writer_over(block, sizeof block);
    struct json_out j = json_out_over(&w);
    json_object_begin(&j);
    json_member_text(&j, "a", BYTES("\xff"));
    assert_int_equal(w.fault, ERR_FORMAT);
    w = writer_over(block, sizeof block);
    j = json_out_over(&w);
    json_object_begin(&j);
    json_member_text(&j, "a", BYTES("0123456789"));
    json_object_end(&j);
    assert_int_equal(w.fault, ERR_FULL);
}

/* Canonical JSON, worked out by hand: what signatures of updates cover. S119. */
static void canonical_form(void **state)
{
    (void)state;
    static const struct {
        const char *text, *canonical; /* NULL: there is none */
    } rows[] = {
        {"{}", "{}"},
        {" [ 1 , -2 ,0, -0 ] ", "[1,-2,0,0]"},
        {"{\"b\":1,\"a\":{\"d\":null,\"c\":[true,false]}}",
         "{\"a\":{\"c\":[true,false],\"d\":null},\"b\":1}"},
        {"{\"B\":1,\"a\":2,\"A\":3,\"aa\":4,\"\":5}", "{\"\":5,\"A\":3,\"B\":1,\"a\":2,\"aa\":4}"},
        /* Code points, not UTF-16 units: U+FFFD before U+1F600. */
        {"{\"\\ud83d\\ude00\":1,\"\\ufffd\":2}", "{\"\xef\xbf\xbd\":2,\"\xf0\x9f\x98\x80\":1}"},
        {"[\"a\\\"b\\\\c\\n\\t\\u0001\\/\\u6c49\"]", "[\"a\\\"b\\\\c\n\t\x01/\xe6\xb1\x89\"]"},
        {"[9223372036854775807,-9223372036854775808]",
         "[9223372036854775807,-9223372036854775808]"},
        {"[1.5]", NULL},
        {"{\"a\":[{\"b\":1e2}]}", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(json_free) struct json_document document = {0};
        uint8_t block[256];
        struct writer w = writer_over(block, strlen(rows[i].text)); /* never longer */
        assert_ok(json_parse(bytes_text(rows[i].text), 256, &document));
        if (rows[i].canonical == NULL) {
            assert_err(json_canonical_write(document.root, &w), FORMAT);
            continue;
        }
        assert_ok(json_canonical_write(document.root, &w));
        assert_int_equal(w.len, strlen(rows[i].canonical));
        assert_memory_equal(block, rows[i].canonical, w.len);
        struct writer small = writer_over(block, w.len - 1);
        assert_err(json_canonical_write(document.root, &small), FULL);
    }
}

static void members_in_turn(void **state)
{
    (void)state;
    CLEANUP(json_free) struct json_document document = {0};
    assert_ok(json_parse(BYTES("{\"b\":1,\"a\":[],\"c\":\"x\"}"), 64, &document));
    void *cursor = NULL;
    const char *name = NULL;
    struct json_t *value = NULL;
    char seen[8] = "";
    while (json_next(document.root, &cursor, &name, &value))
        snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%s", name);
    assert_string_equal(seen, "bac");
    cursor = NULL;
    assert_false(json_next(json_at(document.root, 0), &cursor, &name, &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_not_strict),
        cmocka_unit_test(gives_what_was_asked_for_or_an_error),
        cmocka_unit_test(refuses_members_that_nobody_knows),
        cmocka_unit_test(writes_what_can_be_read),
        cmocka_unit_test(knows_well_formed_utf8),
        cmocka_unit_test(does_not_write_bad_utf8_or_past_its_end),
        cmocka_unit_test(canonical_form),
        cmocka_unit_test(members_in_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
