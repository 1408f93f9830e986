/* SPDX-License-Identifier: Apache-2.0 */
/* Forms with files, as browsers send them and as they do not (S132). */
#include "lib/wire/multipart.h"
#include "tests/unit/scratch.h"

#define TYPE "multipart/form-data; boundary=----WebKitFormBoundaryAB12"
#define B    "------WebKitFormBoundaryAB12"
#define PART(name, content) \
    B "\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" content "\r\n"
#define FILE_PART(name, file, content)                                                   \
    B "\r\nContent-Disposition: form-data; name=\"" name "\"; filename=\"" file "\"\r\n" \
      "Content-Type: image/jpeg\r\n\r\n" content "\r\n"
#define END B "--\r\n"

static err read_all(const char *type, struct bytes body, char *names, size_t size)
{
    struct multipart form;
    struct multipart_part part;
    size_t used = 0;
    names[0] = '\0';
    TRY(multipart_open(bytes_text(type), body, &form));
    while (multipart_next(&form, &part))
        used +=
            (size_t)snprintf(names + used, size - used, "%.*s%s=%zu ", (int)part.name.len,
                             (const char *)part.name.at, part.file ? "*" : "", part.content.len);
    return multipart_finish(&form);
}

static void browsers_are_understood(void **state)
{
    (void)state;
    char names[200];
    assert_ok(read_all(TYPE,
                       BYTES(PART("shop", "tea") PART("empty", "")
                                 FILE_PART("photo", "门.jpg", "\xFF\xD8\r\n--x\0y") END),
                       names, sizeof names));
    assert_string_equal(names, "shop=3 empty=0 photo*=9 ");
    /* Firefox puts its boundary in hyphens, and a path or a quotation mark in a name is nothing. */
    assert_ok(read_all("multipart/form-data; boundary=\"----WebKitFormBoundaryAB12\"",
                       BYTES(FILE_PART("photo", "../../etc/passwd%22", "") B "--"), names,
                       sizeof names));
    assert_string_equal(names, "photo*=0 ");
    assert_ok(read_all(TYPE, BYTES(END), names, sizeof names));
}

static void everything_else_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *type, *body;
    } rows[] = {
        {"application/x-www-form-urlencoded", "a=b"},
        {"multipart/form-data", PART("a", "b") END},
        {"multipart/form-data; boundary=", PART("a", "b") END},
        {"multipart/form-data; boundary=a b", PART("a", "b") END},
        {TYPE, ""},
        {TYPE, "\r\n" PART("a", "b") END},
        {TYPE, "preamble\r\n" PART("a", "b") END},
        {TYPE, PART("a", "b")},
        {TYPE, PART("a", "b") B},
        {TYPE, PART("a", "b") B "-"},
        {TYPE, PART("a", "b") END "more"},
        {TYPE, PART("", "b") END},
        {TYPE, PART("A", "b") END},
        {TYPE, PART("a/b", "b") END},
        {TYPE, B "\r\n\r\nb\r\n" END},
        {TYPE, B "\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n" END},
        {TYPE, B "\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nb\r\n" END},
        {TYPE, B "\r\nContent-Disposition: form-data; name=\"a\"; size=\"1\"\r\n\r\nb\r\n" END},
        {TYPE, B "\r\nContent-Transfer-Encoding: base64\r\n\r\nb\r\n" END},
        {TYPE, B "\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Disposition: "
                 "form-data; name=\"b\"\r\n\r\nb\r\n" END},
        {TYPE, B "\nContent-Disposition: form-data; name=\"a\"\n\nb\n" END},
    };
    char names[200];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        err e = read_all(rows[i].type, bytes_text(rows[i].body), names, sizeof names);
        if (!FAILED(e)) fail_msg("row %zu passed: %s", i, names);
    }
    char *many = calloc(1, 64 * 200);
    for (int i = 0; i <= MULTIPART_PARTS_MAX; i++) strncat(many, PART("a", ""), 200);
    strncat(many, END, 200);
    char *said = calloc(1, 1000);
    assert_err(read_all(TYPE, bytes_text(many), said, 1000), LENGTH);
    free(said);
    free(many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(browsers_are_understood),
        cmocka_unit_test(everything_else_is_refused),
    };
    return cmocka_run_group_tests_name("wire_multipart", tests, NULL, NULL);
}
