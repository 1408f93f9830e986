/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mail as bytes (S185): what is written, what cannot be written, and that a reader which was
 * written apart from it (simulators/mail_reader.c) shows what was meant.
 */
#include "tests/unit/scratch.h"

#include "lib/wire/json.h"
#include "lib/wire/mail.h"
#include "simulators/mail_reader.h"

enum { MESSAGE_MAX = 64 * 1024 };

static uint8_t block[MESSAGE_MAX];
static struct received shown;

static struct mail_message message_of(const char *subject, const char *text)
{
    return (struct mail_message){.id = "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
                                 .from = "no-reply@tongbao.example",
                                 .from_name = "Tongbao",
                                 .to = "owner@shop.example",
                                 .subject = bytes_text(subject),
                                 .text = bytes_text(text),
                                 .date_ms = 1790000000123};
}

static struct bytes written(const struct mail_message *message)
{
    struct writer w = writer_over(block, sizeof block);
    struct bytes text;
    assert_ok(mail_write(&w, message));
    assert_ok(writer_finish(&w, &text));
    return text;
}

static void a_plain_message_is_these_bytes(void **state)
{
    (void)state;
    const struct mail_message message =
        message_of("Reset", "Open this:\nhttps://x/?a=b \n\n.\nEnd");
    static const char expected[] =
        "Date: Mon, 21 Sep 2026 22:13:20 +0800\r\n"
        "From: =?UTF-8?B?VG9uZ2Jhbw==?=\r\n"
        " <no-reply@tongbao.example>\r\n"
        "To: <owner@shop.example>\r\n"
        "Subject: =?UTF-8?B?UmVzZXQ=?=\r\n"
        "Message-ID: <0f1e2d3c4b5a69788796a5b4c3d2e1f0@tongbao.example>\r\n"
        "Auto-Submitted: auto-generated\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n"
        "\r\n"
        "Open this:\r\n"
        "https://x/?a=3Db=20\r\n"
        "\r\n"
        ".\r\n"
        "End\r\n";
    struct bytes text = written(&message);
    assert_int_equal(text.len, sizeof expected - 1);
    assert_memory_equal(text.at, expected, text.len);
}

/* No line of a message is longer than 78 characters, none has a byte above ASCII or a CR or LF of
 * its own. */
static void check_lines(struct bytes text)
{
    size_t column = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        assert_true(c < 0x80 && (c >= 0x20 || strchr("\r\n\t", c) != NULL));
        if (c == '\r') assert_true(i + 1 < text.len && text.at[i + 1] == '\n');
        if (c == '\n') assert_true(i > 0 && text.at[i - 1] == '\r');
        column = c == '\n' ? 0 : column + (c != '\r');
        assert_true(column <= 78);
    }
}

static void chinese_is_shown_as_it_was_written(void **state)
{
    (void)state;
    static const char *const subjects[] = {
        "通宝：您的验证码",
        "这是一个很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长很长的标题，要折成好几行",
        "=?utf-8?q?not_a_word?=", "a \"quoted\" <name> 👩‍🍳", ""};
    static const char *const texts[] = {
        "您好：\n\n验证码 482913，10 分钟内有效。\n— 通宝",
        "a line that is so long that it has to be broken somewhere, since a line may have no more than "
        "seventy-six characters\ttab \n =3D at the end= \n.",
        "👩‍🍳", "𠮷野家\n\n\n汉"};
    for (size_t i = 0; i < ARRAY_LEN(subjects); i++)
        for (size_t k = 0; k < ARRAY_LEN(texts); k++) {
            struct mail_message message = message_of(subjects[i], texts[k]);
            message.from_name = "通宝支付";
            struct bytes text = written(&message);
            check_lines(text);
            memset(&shown, 0, sizeof shown);
            mail_read(text, &shown);
            assert_string_equal(shown.subject, subjects[i]);
            assert_string_equal(shown.text, texts[k]);
            assert_string_equal(shown.sender, "通宝支付 <no-reply@tongbao.example>");
        }
}

static void refused(const struct mail_message *message, const char *name)
{
    struct writer w = writer_over(block, sizeof block);
    assert_string_equal(err_name(mail_write(&w, message)), name);
    assert_int_equal(w.len, 0);
}

/* Whatever a person has typed: no second header, no second recipient, no end of the headers. */
static void nothing_typed_becomes_a_header(void **state)
{
    (void)state;
    static const char *const inserts[] = {"\r\nBcc: x@y.example",
                                          "\nBcc: x@y.example",
                                          "\rBcc: x@y.example",
                                          "\r\n\r\nbody",
                                          "\x0b",
                                          "\x7f",
                                          "\xc2\x85" /* NEL */,
                                          "\xff"};
    for (size_t i = 0; i < ARRAY_LEN(inserts); i++) {
        char typed[200];
        snprintf(typed, sizeof typed, "a%sb", inserts[i]);
        struct mail_message message = message_of(typed, "text");
        refused(&message, "FORMAT");
        message = message_of("subject", "text");
        message.from_name = typed;
        refused(&message, "FORMAT");
        snprintf(typed, sizeof typed, "a@b.example%s", inserts[i]);
        message = message_of("subject", "text");
        message.to = typed;
        refused(&message, "FORMAT");
        message = message_of("subject", "text");
        message.from = typed;
        refused(&message, "FORMAT");
    }
    static const char with_nul[] = "a\0b";
    struct mail_message message = message_of("", "text");
    message.subject = bytes_of(with_nul, 3);
    refused(&message, "FORMAT");
    message = message_of("subject", "");
    message.text = bytes_of(with_nul, 3);
    refused(&message, "FORMAT");
    message = message_of("subject", "a\rb");
    refused(&message, "FORMAT");
}

static void addresses_are_of_a_narrow_form(void **state)
{
    (void)state;
    static const char *const good[] = {"a@b", "owner@shop.example", "first.last+tag@x-y.example",
                                       "o'neil@mail.example", "138@189.cn"};
    static const char *const bad[] = {"",
                                      "a",
                                      "@b",
                                      "a@",
                                      "a@@b",
                                      "a@b@c",
                                      ".a@b",
                                      "a.@b",
                                      "a..b@c",
                                      "a@b..c",
                                      "a@-b.c",
                                      "a@b-.c",
                                      "a@b.c-",
                                      "a b@c",
                                      "\"a\"@b",
                                      "a@[127.0.0.1]",
                                      "a,b@c",
                                      "<a@b>",
                                      "a@b>",
                                      "店@b.example",
                                      "a@商店.example",
                                      "a@b_c"};
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_true(mail_address_valid(bytes_text(good[i])));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        if (mail_address_valid(bytes_text(bad[i]))) fail_msg("'%s' is no address", bad[i]);
    }
    char longest[300];
    memset(longest, 'a', sizeof longest);
    longest[64] = '@';
    assert_false(mail_address_valid(bytes_of(longest, 64 + 1 + 64))); /* one label of 64 */
    assert_true(mail_address_valid(bytes_of(longest, 64 + 1 + 63)));
    longest[64] = 'a';
    longest[65] = '@';
    assert_false(mail_address_valid(bytes_of(longest, 65 + 1 + 10)));
}

/* S185: a megabyte has a named refusal. */
static void a_megabyte_is_refused(void **state)
{
    (void)state;
    static char text[1 << 20];
    memset(text, 'a', sizeof text);
    struct mail_message message = message_of("subject", "");
    message.text = BYTES_OF(text);
    refused(&message, "LENGTH");
    message = message_of("", "text");
    message.subject = BYTES_OF(text);
    refused(&message, "LENGTH");
    message = message_of("subject", "");
    message.text = bytes_of(text, MAIL_TEXT_MAX);
    check_lines(written(&message));
    for (size_t i = 0; i < sizeof text / 2; i++) memcpy(text + 2 * i, "\xc3\xa9", 2);
    message.text = bytes_of(text, MAIL_TEXT_MAX);
    check_lines(written(&message)); /* in base64 too it has room */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_message_is_these_bytes),
        cmocka_unit_test(chinese_is_shown_as_it_was_written),
        cmocka_unit_test(nothing_typed_becomes_a_header),
        cmocka_unit_test(addresses_are_of_a_narrow_form),
        cmocka_unit_test(a_megabyte_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
