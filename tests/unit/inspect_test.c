/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao inspect` as its user meets it: arguments in, JSON and messages out, exit status. Its
 * output is parsed, and no card number may stand in either stream unless it was asked for. S65
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "cli/commands.h"
#include "lib/base/file.h"
#include "lib/base/writer.h"
#include "lib/qr/image.h"

static char out[1 << 20], complaint[8192];

static void keep(FILE *stream, int saved, int fd, char *text, size_t size)
{
    fflush(stream);
    dup2(saved, fileno(stream));
    close(saved);
    ssize_t len = pread(fd, text, size - 1, 0);
    text[len > 0 ? len : 0] = '\0';
    close(fd);
}

/* Runs the command with these arguments (NULL ends them) and keeps what it printed. */
static int inspect(const char *first, ...)
{
    char *argv[16] = {"inspect", (char *)(uintptr_t)first};
    int argc = first == NULL ? 1 : 2;
    va_list more;
    va_start(more, first);
    for (const char *a; first != NULL && (a = va_arg(more, const char *)) != NULL;)
        argv[argc++] = (char *)(uintptr_t)a;
    va_end(more);

    fflush(NULL);
    int saved_out = dup(1), saved_err = dup(2);
    int out_fd = memfd_create("out", 0), err_fd = memfd_create("err", 0);
    dup2(out_fd, 1);
    dup2(err_fd, 2);
    int status = inspect_main(argc, argv);
    keep(stdout, saved_out, out_fd, out, sizeof out);
    keep(stderr, saved_err, err_fd, complaint, sizeof complaint);
    return status;
}

static bool said(const char *text)
{
    if (strstr(out, text) != NULL || strstr(complaint, text) != NULL) return true;
    print_message("missing: %s\nin: %s\nor: %s\n", text, out, complaint);
    return false;
}

static bool nowhere(const char *text)
{
    return strstr(out, text) == NULL && strstr(complaint, text) == NULL;
}

/* What was printed must be one JSON value, and stdout empty when the input was refused. */
static void is_json(void)
{
    json_error_t why;
    json_t *root = json_loads(out, 0, &why);
    if (root == NULL) print_error("%s in %s\n", why.text, out);
    assert_non_null(root);
    json_decref(root);
}

/* A sale of tests/vectors/iso8583/derived_sessions.json. */
#define MESSAGE                                                              \
    "0200702404C020C0981116620000000000000500000000000001234500000230120210" \
    "0012376200000000000005D30122201000000000000030303030303030313839383331" \
    "3030353831323030303131353694474FD20F3EACB02600000000000000001422000001" \
    "0006003843453645464446"
#define FRAMED "007F6000030000603100311001" MESSAGE

static void explains_a_message_however_it_is_wrapped(void **state)
{
    (void)state;
    assert_int_equal(inspect("iso8583", FRAMED, NULL), 0);
    is_json();
    assert_true(said("\"tpdu\":\"6000030000\"") && said("\"header\":\"603100311001\""));
    assert_true(said("\"value\":\"620000******0005\",\"masked\":true"));
    assert_true(nowhere("6200000000000005"));
    assert_true(nowhere("94474FD20F3EACB0"));

    assert_int_equal(inspect("iso8583", "--frame", FRAMED, NULL), 0);
    assert_int_equal(inspect("iso8583", &FRAMED[4], NULL), 0); /* without the length */
    assert_int_equal(inspect("iso8583", "600003000008000000000000000000", NULL), 0);
    is_json(); /* TPDU and no header */
    assert_int_equal(inspect("iso8583", MESSAGE, NULL), 0);
    assert_true(nowhere("\"frame\""));
    assert_int_equal(inspect("iso8583", "02 00\n40 00 00\t0000000000 04 62000 0", NULL), 1);

    assert_int_equal(inspect("iso8583", "--show-pan", MESSAGE, NULL), 0);
    assert_true(said("6200000000000005=30122201000000000000"));
    assert_true(nowhere("94474FD20F3EACB0")); /* a PIN block is not a card number */
}

static void names_field_and_offset(void **state)
{
    (void)state;
    assert_int_equal(inspect("iso8583", "02007000000000000000206200000000000005", NULL), 1);
    assert_string_equal(out, "");
    assert_true(said("field 2 (primary account number) at offset 10") && said("maximum"));
    assert_true(nowhere("6200000000000005"));

    assert_int_equal(inspect("iso8583", "0200300000000000000000000000000000123A", NULL), 1);
    assert_true(said("field 4 (amount) at offset 13") && said("digit"));
    assert_int_equal(inspect("iso8583", MESSAGE "00", NULL), 1);
    assert_true(said("after the last field at offset"));
    assert_int_equal(inspect("iso8583", "--dialect", "tongbao", MESSAGE, NULL), 1);
    assert_true(said("field 2 ") && said("--dialect"));
    assert_int_equal(inspect("iso8583", "0200A0000000000000000000000000000000", NULL), 1);
    assert_true(said("bitmap at offset 2"));
    assert_int_equal(inspect("iso8583", "020", NULL), 1);
    assert_true(said("a digit is missing"));

    char cut[101];
    memcpy(cut, FRAMED, 100);
    cut[100] = '\0';
    assert_int_equal(inspect("iso8583", cut, NULL), 1);
    assert_true(said("length says 127 bytes, 48 follow"));
    assert_int_equal(inspect("iso8583", "--frame", MESSAGE, NULL), 1);
    assert_true(said("frame at offset 0"));
}

static void reads_the_ascii_dialect_as_text_and_as_hex(void **state)
{
    (void)state;
    const char *text = "0800822000000000000004000000000000001122101112000001301";
    assert_int_equal(inspect("iso8583", "--dialect", "ascii", text, NULL), 0);
    assert_true(said("\"field\":70,\"name\":\"network management code\",\"value\":\"301\""));
    char hex[128];
    struct writer w = writer_over(hex, sizeof hex - 1);
    write_hex(&w, bytes_text(text));
    hex[w.len] = '\0';
    assert_int_equal(inspect("iso8583", "--dialect", "ascii", hex, NULL), 0);
    assert_true(said("\"value\":\"301\""));
}

static void explains_tlv(void **state)
{
    (void)state;
    assert_int_equal(
        inspect("tlv", "9F260811223344556677885A08 6200000000000005 70055F3402 0001", NULL), 0);
    is_json();
    assert_true(said("application cryptogram") && said("620000******0005"));
    assert_true(said("\"objects\":[{\"tag\":\"5F34\"") && nowhere("6200000000000005"));
    assert_int_equal(inspect("tlv", "57136200000000000005D30122201000000000000F", NULL), 0);
    assert_true(said("620000******0005**********************") && nowhere("D3012"));
    assert_int_equal(inspect("tlv", "--show-pan", "5A086200000000000005", NULL), 0);
    assert_true(said("6200000000000005"));

    assert_int_equal(inspect("tlv", "9F2602AABB70035F3405", NULL), 1);
    assert_true(said("object at offset 7") && said("too early"));
    assert_string_equal(out, "");
}

static void explains_tracks(void **state)
{
    (void)state;
    assert_int_equal(
        inspect("track", "%B6200000000000005^A/B^3012220?;6200000000000005=3012220?", NULL), 0);
    is_json();
    assert_true(said("\"service_code\":\"220\"") && said("\"chip\":true") && said("\"luhn\":true"));
    assert_true(nowhere("6200000000000005"));
    assert_int_equal(inspect("track", "6200000000000005D30122201000000000000F", NULL), 0);
    assert_true(said("\"expiry\":\"3012\""));
    assert_int_equal(inspect("track", "3B363230303030303030303030303030353D333031323232303F", NULL),
                     0);
    assert_true(said("620000******0005"));
    assert_int_equal(inspect("track", "--track", "3", "996200000000000005=156", NULL), 0);
    assert_true(said("\"track\":3"));
    assert_int_equal(inspect("track", ";6200000000000005=3013220?", NULL), 1);
    assert_true(said("track 2 at offset") && nowhere("6200000000000005"));
    assert_int_equal(
        inspect("track", "%B4111111111111111^A/B^3012101?;6200000000000005=3012220?", NULL), 1);
    assert_true(said("two cards"));
}

static void explains_codes_and_pictures(void **state)
{
    (void)state;
    assert_int_equal(inspect("qr", "280000000000000000", NULL), 0);
    assert_true(said("\"wallet\":\"alipay\"") && said("280000********0000"));
    assert_true(nowhere("280000000000000000"));

    uint8_t png[QR_DRAWN_MAX];
    struct writer w = writer_over(png, sizeof png);
    assert_int_equal(qr_image_write(BYTES("6212345678901234567"), 4, &w).code, ERR_OK);
    char path[] = "/tmp/tongbao-inspect-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, png, w.len) == (ssize_t)w.len);
    close(fd);
    assert_int_equal(inspect("qr", path, NULL), 0);
    assert_true(said("\"wallet\":\"unionpay\"") && nowhere("6212345678901234567"));
    assert_int_equal(truncate(path, 60), 0);
    assert_int_equal(inspect("qr", path, NULL), 1);
    assert_true(said("the picture"));
    unlink(path);

    assert_int_equal(inspect("qr",
                             "00020101021252045411530315654041.005802CN5904SHOP6002SH6304"
                             "0000",
                             NULL),
                     1);
    assert_true(said("object 63 (CRC) at offset") && said("changed"));
    assert_int_equal(inspect("qr", "hQVDUFYwMWECTwA=", NULL), 0);
    assert_true(said("consumer-presented"));
    is_json();
}

/* The PIN block of tests/vectors/iso8583/derived_sessions.json, under its published test key. */
static void opens_pin_blocks_under_test_keys_only(void **state)
{
    (void)state;
    const char *block = "94474FD20F3EACB0", *key = "1C2A3B4C5D6E7F8091A2B3C4D5E6F708";
    const char *pan = "6200000000000005";
    assert_int_equal(inspect("pinblock", "--key", key, "--pan", pan, block, NULL), 0);
    is_json();
    assert_true(said("\"pin_length\":6") && said("\"pin\":\"123456\""));
    assert_true(nowhere(pan));
    /* A real key differs from every listed one, and is not even tried. */
    const char *other = "1C2A3B4C5D6E7F8091A2B3C4D5E6F709";
    assert_int_equal(inspect("pinblock", "--key", other, "--pan", pan, block, NULL), 1);
    assert_true(said("published test keys") && nowhere(other) && nowhere("123456"));
    assert_int_equal(inspect("pinblock", "--key", key, "--pan", "4111111111111111", block, NULL),
                     1);
    assert_true(said("wrong card number"));
    assert_int_equal(inspect("pinblock", "--key", key, block, NULL), 2);
    assert_int_equal(inspect("pinblock", "--key", key, "--pan", pan, "00", NULL), 1);
    assert_int_equal(
        inspect("pinblock", "--format", "iso-4", "--key", key, "--pan", pan, block, NULL), 2);
}

static void wrong_usage_is_2_and_a_missing_file_1(void **state)
{
    (void)state;
    assert_int_equal(inspect(NULL), 2);
    assert_int_equal(inspect("xml", "00", NULL), 2);
    assert_int_equal(inspect("tlv", NULL), 2);
    assert_int_equal(inspect("tlv", "00", "00", NULL), 2);
    assert_int_equal(inspect("tlv", "--no-such-option", "00", NULL), 2);
    assert_int_equal(inspect("iso8583", "--dialect", "ebcdic", "00", NULL), 2);
    assert_true(said("bcd, ascii or tongbao"));
    assert_int_equal(inspect("track", "--track", "4", "00", NULL), 2);
    assert_int_equal(inspect("tlv", "/no/such/file", NULL), 1);
    assert_int_equal(inspect("tlv", "", NULL), 1);
    assert_int_equal(inspect("--help", NULL), 0);
    assert_true(said("Exit status"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(explains_a_message_however_it_is_wrapped),
        cmocka_unit_test(names_field_and_offset),
        cmocka_unit_test(reads_the_ascii_dialect_as_text_and_as_hex),
        cmocka_unit_test(explains_tlv),
        cmocka_unit_test(explains_tracks),
        cmocka_unit_test(explains_codes_and_pictures),
        cmocka_unit_test(opens_pin_blocks_under_test_keys_only),
        cmocka_unit_test(wrong_usage_is_2_and_a_missing_file_1),
    };
    return cmocka_run_group_tests_name("inspect", tests, NULL, NULL);
}
