/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao inspect` through the program itself: golden/NAME.hex must give golden/NAME.json, a fault
 * names its field and offset, and no card number is shown unless asked for. S65
 */
#include <sys/stat.h>

#include "lib/base/file.h"
#include "tests/protocol/programs.h"

static struct children children;
static char directory[64];
static struct said said;

/* The golden files hold one test card number, in the plain profile's message. */
static const char card[] = "6200000000000005";

static const char *golden(const char *name, const char *extension)
{
    static char path[2][256];
    static unsigned next;
    char *out = path[next++ % 2];
    snprintf(out, sizeof path[0], "tests/protocol/golden/%s.%s", name, extension);
    return out;
}

static void read_text(const char *path, char *out, size_t size)
{
    size_t len = 0;
    assert_ok(file_read(path, FILE_PUBLIC, out, size - 1, &len));
    out[len] = '\0';
}

static void explains_a_message_of_each_dialect(void **state)
{
    (void)state;
    static const struct {
        const char *name, *dialect;
    } messages[] = {{"cup_sale", "bcd"},
                    {"tongbao_sale", "tongbao"},
                    {"tongbao_answer", "tongbao"},
                    {"network_request", "ascii"}};
    static char expected[PROGRAMS_TEXT_MAX];
    for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
        read_text(golden(messages[i].name, "json"), expected, sizeof expected);
        programs_run(&children, &said, "tongbao", "inspect", "iso8583", "--dialect",
                     messages[i].dialect, golden(messages[i].name, "hex"), NULL);
        assert_int_equal(said.status, 0);
        assert_string_equal(said.out, expected);
        assert_string_equal(said.complaint, "");
        assert_null(strstr(said.out, card));
    }
}

static void shows_a_card_number_only_when_asked(void **state)
{
    (void)state;
    programs_run(&children, &said, "tongbao", "inspect", "iso8583", "--show-pan",
                 golden("cup_sale", "hex"), NULL);
    assert_int_equal(said.status, 0);
    assert_non_null(strstr(said.out, card));
    programs_run(&children, &said, "tongbao", "inspect", "track", ";6200000000000005=3012120000?",
                 NULL);
    assert_int_equal(said.status, 0);
    assert_null(strstr(said.out, card));
    assert_non_null(strstr(said.out, "620000******0005"));
    programs_run(&children, &said, "tongbao", "inspect", "tlv", "5A086200000000000005", NULL);
    assert_int_equal(said.status, 0);
    assert_null(strstr(said.out, card));
}

/* A fault in the middle of a message: its field, its offset, status 1, and nothing of the value. */
static void a_fault_names_field_and_offset(void **state)
{
    (void)state;
    char hex[1024], path[256];
    read_text(golden("cup_sale", "hex"), hex, sizeof hex);
    char *amount = strstr(hex, "000000012345");
    assert_non_null(amount);
    amount[3] = 'A';
    snprintf(path, sizeof path, "%s/fault.hex", directory);
    assert_ok(file_write(path, FILE_PUBLIC, bytes_text(hex)));
    programs_run(&children, &said, "tongbao", "inspect", "iso8583", path, NULL);
    assert_int_equal(said.status, 1);
    assert_string_equal(said.out, "");
    assert_non_null(strstr(said.complaint, "field 4 (amount)"));
    assert_non_null(strstr(said.complaint, "offset 22 "));
    assert_null(strstr(said.complaint, card));

    read_text(golden("cup_sale", "hex"), hex, sizeof hex);
    hex[strlen(hex) - 5] = '\0'; /* two bytes short */
    assert_ok(file_write(path, FILE_PUBLIC, bytes_text(hex)));
    programs_run(&children, &said, "tongbao", "inspect", "iso8583", path, NULL);
    assert_int_equal(said.status, 1);
    assert_string_equal(said.out, "");
    assert_non_null(strstr(said.complaint, "length says 127 bytes"));
    assert_null(strstr(said.complaint, card));
}

static void another_dialect_is_suggested(void **state)
{
    (void)state;
    programs_run(&children, &said, "tongbao", "inspect", "iso8583", "--dialect", "tongbao",
                 golden("cup_sale", "hex"), NULL);
    assert_int_equal(said.status, 1);
    assert_non_null(strstr(said.complaint, "field 2 "));
    assert_non_null(strstr(said.complaint, "--dialect"));
}

static void a_pin_block_needs_a_test_key(void **state)
{
    (void)state;
    programs_run(&children, &said, "tongbao", "inspect", "pinblock", "--pan", card, "--format",
                 "iso-0", "--key", "00112233445566778899AABBCCDDEEFF", "94474FD20F3EACB0", NULL);
    assert_int_equal(said.status, 1);
    assert_string_equal(said.out, "");
    assert_null(strstr(said.complaint, card));
}

static int start(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/tongbao-inspect-XXXXXX");
    assert_non_null(mkdtemp(directory));
    programs_gather(&children, directory);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    programs_remove(directory);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(explains_a_message_of_each_dialect),
        cmocka_unit_test(shows_a_card_number_only_when_asked),
        cmocka_unit_test(a_fault_names_field_and_offset),
        cmocka_unit_test(another_dialect_is_suggested),
        cmocka_unit_test(a_pin_block_needs_a_test_key),
    };
    return cmocka_run_group_tests_name("protocol: inspect", tests, start, stop);
}
