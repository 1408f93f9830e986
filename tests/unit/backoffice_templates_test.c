/* SPDX-License-Identifier: Apache-2.0 */
/* Every text in every language with exactly its fields (S185), and what no field may carry. */
#include "tests/unit/scratch.h"

#include "backoffice/messages/template_texts.h"
#include "lib/wire/json.h"
#include "lib/wire/mail.h"
#include "lib/wire/sms.h"

static uint8_t subject_block[TEMPLATE_SUBJECT_MAX], text_block[TEMPLATE_TEXT_MAX];
static struct bytes subject, text;

static err render(enum template_number number, enum channel channel, enum language language,
                  const struct template_field *fields, size_t count)
{
    struct writer s = writer_over(subject_block, sizeof subject_block);
    struct writer t = writer_over(text_block, sizeof text_block);
    err e = template_render(number, channel, language, fields, count, &s, &t);
    if (FAILED(e)) assert_true(s.len == 0 && t.len == 0);
    subject = writer_view(&s);
    text = writer_view(&t);
    return e;
}

/* A value of its kind, as long as values ordinarily are. */
static struct bytes sample(const struct template_field_type *type)
{
    switch (type->kind) {
    case FIELD_TEXT:
        return strcmp(type->name, "at") == 0 || strcmp(type->name, "until") == 0
                   ? BYTES("2026-11-24 18:03")
               : strcmp(type->name, "operator") == 0 ? BYTES("01")
               : strcmp(type->name, "terminal") == 0 ? BYTES("10000017")
               : strcmp(type->name, "role") == 0     ? BYTES("administrator")
               : strcmp(type->name, "ending") == 0   ? BYTES("4321")
                                                     : BYTES("R-000123");
    case FIELD_NUMBER:
        return BYTES("30");
    case FIELD_CODE:
        return BYTES("48291377");
    case FIELD_LINK:
        return BYTES("https://pay.example/r#0123456789abcdef0123456789abcdef0123456789abcdef");
    }
    return BYTES("");
}

static size_t samples(const struct template *t, struct template_field fields[TEMPLATE_FIELDS_MAX])
{
    size_t count = 0;
    for (; count < TEMPLATE_FIELDS_MAX && t->field[count].name != NULL; count++)
        fields[count] = (struct template_field){t->field[count].name, sample(&t->field[count])};
    return count;
}

/* All fields that the pattern names are the template's; *ret_seen has a bit for each. */
static void check_pattern(const struct template *t, const char *pattern, unsigned *ret_seen)
{
    for (; (pattern = strchr(pattern, '{')) != NULL; pattern++) {
        size_t len = strcspn(pattern, "}"), i = 0;
        for (; i < TEMPLATE_FIELDS_MAX && t->field[i].name != NULL; i++)
            if (strlen(t->field[i].name) == len - 1 &&
                strncmp(t->field[i].name, pattern + 1, len - 1) == 0)
                break;
        if (i == TEMPLATE_FIELDS_MAX || t->field[i].name == NULL)
            fail_msg("%s: {%.*s} is no field", t->name, (int)len - 1, pattern + 1);
        *ret_seen |= 1u << i;
    }
}

static void every_text_is_there_and_uses_its_fields(void **state)
{
    (void)state;
    for (unsigned n = TEMPLATE_RECOVERY_CODE; n < TEMPLATES; n++) {
        const struct template *t = template_of((enum template_number)n);
        struct template_field fields[TEMPLATE_FIELDS_MAX];
        size_t count = samples(t, fields);
        assert_non_null(t->name);
        assert_true(count > 0);
        assert_true((t->sms[LANGUAGE_ZH] == NULL) == (t->sms[LANGUAGE_EN] == NULL));
        for (unsigned l = LANGUAGE_ZH; l < LANGUAGES; l++) {
            unsigned all = (1u << count) - 1, in_mail = 0, in_sms = 0, in_subject = 0;
            check_pattern(t, t->mail[l], &in_mail);
            check_pattern(t, t->subject[l], &in_subject);
            assert_int_equal(in_mail, all);
            assert_ok(
                render((enum template_number)n, CHANNEL_MAIL, (enum language)l, fields, count));
            assert_true(subject.len > 0 && subject.len <= MAIL_SUBJECT_MAX);
            assert_true(json_utf8_valid(text) && memchr(text.at, '{', text.len) == NULL);
            if (t->sms[l] == NULL) continue;
            check_pattern(t, t->sms[l], &in_sms);
            assert_int_equal(in_sms, all);
            assert_ok(
                render((enum template_number)n, CHANNEL_SMS, (enum language)l, fields, count));
            assert_int_equal(subject.len, 0);
            assert_true(text.len <= SMS_TEXT_MAX);
            if (template_segments(text) > 2) fail_msg("%s is long", t->name);
            assert_int_equal(memcmp(text.at, l == LANGUAGE_ZH ? "【通宝" : "[Tongbao", 8), 0);
        }
    }
    assert_null(template_of(TEMPLATES));
    assert_null(template_of((enum template_number)0));
}

/* A secret stands in what was asked for, in no notice, and never in the subject, which telephones
 * show on a locked screen. */
static void secrets_stand_where_they_may(void **state)
{
    (void)state;
    for (unsigned n = TEMPLATE_RECOVERY_CODE; n < TEMPLATES; n++) {
        const struct template *t = template_of((enum template_number)n);
        const struct template_field_type *secret = template_secret(t);
        assert_true((secret == NULL) == t->notice);
        unsigned secrets = 0;
        for (size_t i = 0; i < TEMPLATE_FIELDS_MAX && t->field[i].name != NULL; i++)
            secrets += t->field[i].kind == FIELD_CODE || t->field[i].kind == FIELD_LINK;
        assert_true(secrets <= 1);
        for (unsigned l = LANGUAGE_ZH; l < LANGUAGES; l++) {
            char braced[40];
            snprintf(braced, sizeof braced, "{%s}", secret != NULL ? secret->name : "code");
            assert_null(strstr(t->subject[l], braced));
            if (t->notice) assert_null(strstr(t->mail[l], "{link}"));
        }
    }
}

static void a_message_has_exactly_its_fields(void **state)
{
    (void)state;
    struct template_field fields[TEMPLATE_FIELDS_MAX + 1];
    const struct template *t = template_of(TEMPLATE_RECOVERY_CODE);
    size_t count = samples(t, fields);
    for (size_t missing = 0; missing < count; missing++) {
        struct template_field fewer[TEMPLATE_FIELDS_MAX];
        memcpy(fewer, fields, sizeof fewer);
        fewer[missing] = fewer[count - 1];
        assert_err(render(TEMPLATE_RECOVERY_CODE, CHANNEL_SMS, LANGUAGE_ZH, fewer, count - 1),
                   MISSING);
    }
    fields[count] = (struct template_field){"more", BYTES("x")};
    assert_err(render(TEMPLATE_RECOVERY_CODE, CHANNEL_SMS, LANGUAGE_ZH, fields, count + 1), FIELD);
    fields[count] = fields[0]; /* twice */
    assert_err(render(TEMPLATE_RECOVERY_CODE, CHANNEL_SMS, LANGUAGE_ZH, fields, count + 1), FIELD);
    assert_ok(render(TEMPLATE_RECOVERY_CODE, CHANNEL_SMS, LANGUAGE_ZH, fields, count));
    assert_err(render(TEMPLATES, CHANNEL_SMS, LANGUAGE_ZH, fields, count), UNSUPPORTED);
    count = samples(template_of(TEMPLATE_RECOVERY_LINK), fields);
    assert_err(render(TEMPLATE_RECOVERY_LINK, CHANNEL_SMS, LANGUAGE_ZH, fields, count),
               UNSUPPORTED);
}

static void values_have_the_form_of_their_kind(void **state)
{
    (void)state;
    static char megabyte[1 << 20];
    memset(megabyte, '1', sizeof megabyte);
    const struct {
        enum template_number number;
        const char *name;
        struct bytes value;
        const char *error;
    } rows[] = {
        {TEMPLATE_RECOVERY_CODE, "terminal", BYTES(""), "FORMAT"},
        {TEMPLATE_RECOVERY_CODE, "terminal", BYTES("a\nb"), "FORMAT"},
        {TEMPLATE_RECOVERY_CODE, "terminal", BYTES("a\0b"), "FORMAT"},
        {TEMPLATE_RECOVERY_CODE, "terminal", BYTES("\xff"), "FORMAT"},
        {TEMPLATE_RECOVERY_CODE, "terminal", BYTES("\xc2\x85"), "FORMAT"},
        {TEMPLATE_RECOVERY_CODE, "terminal", BYTES("see https://evil.test"), "FORMAT"},
        {TEMPLATE_RECOVERY_CODE, "terminal", BYTES("www.evil.test"), "FORMAT"},
        {TEMPLATE_RECOVERY_CODE, "terminal", BYTES_OF(megabyte), "LENGTH"},
        {TEMPLATE_RECOVERY_CODE, "terminal", BYTES("{code}"), "OK"},
        {TEMPLATE_RECOVERY_CODE, "minutes", BYTES("5a"), "FORMAT"},
        {TEMPLATE_RECOVERY_CODE, "minutes", BYTES("1234567"), "LENGTH"},
        {TEMPLATE_RECOVERY_CODE, "code", BYTES("12345"), "FORMAT"},
        {TEMPLATE_RECOVERY_CODE, "code", BYTES("123456789012"), "LENGTH"},
        {TEMPLATE_RECOVERY_CODE, "code", BYTES("１２３４５６"), "LENGTH"},
        {TEMPLATE_RECOVERY_CODE, "code", BYTES("12345６"), "FORMAT"},
        {TEMPLATE_RECOVERY_LINK, "link", BYTES("http://pay.example/"), "FORMAT"},
        {TEMPLATE_RECOVERY_LINK, "link", BYTES("http://localhost.evil.test/"), "FORMAT"},
        {TEMPLATE_RECOVERY_LINK, "link", BYTES("javascript:alert(1)"), "FORMAT"},
        {TEMPLATE_RECOVERY_LINK, "link", BYTES("https://a/ b"), "FORMAT"},
        {TEMPLATE_RECOVERY_LINK, "link", BYTES("https://a/>b"), "FORMAT"},
        {TEMPLATE_RECOVERY_LINK, "link", BYTES("https://"), "FORMAT"},
        {TEMPLATE_RECOVERY_LINK, "link", BYTES("http://localhost:8080/#a"), "OK"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct template_field fields[TEMPLATE_FIELDS_MAX];
        size_t count = samples(template_of(rows[i].number), fields);
        for (size_t k = 0; k < count; k++)
            if (strcmp(fields[k].name, rows[i].name) == 0) fields[k].value = rows[i].value;
        err e = render(rows[i].number, CHANNEL_MAIL, LANGUAGE_EN, fields, count);
        if (strcmp(err_name(e), rows[i].error) != 0) fail_msg("row %zu: %s", i, err_name(e));
    }
    /* A value that looks like a field stays what it is. */
    struct template_field fields[TEMPLATE_FIELDS_MAX];
    size_t count = samples(template_of(TEMPLATE_RECOVERY_CODE), fields);
    fields[0].value = BYTES("{code}");
    assert_ok(render(TEMPLATE_RECOVERY_CODE, CHANNEL_SMS, LANGUAGE_ZH, fields, count));
    assert_non_null(memmem(text.at, text.len, "终端 {code} 操作员", strlen("终端 {code} 操作员")));
}

static void moments_are_written_as_here(void **state)
{
    (void)state;
    char out[TEMPLATE_MOMENT_LEN + 1];
    template_moment(1790000000123, out);
    assert_string_equal(out, "2026-09-21 22:13");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_text_is_there_and_uses_its_fields),
        cmocka_unit_test(secrets_stand_where_they_may),
        cmocka_unit_test(a_message_has_exactly_its_fields),
        cmocka_unit_test(values_have_the_form_of_their_kind),
        cmocka_unit_test(moments_are_written_as_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
