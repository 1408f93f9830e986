/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao inspect keyblock` and `dukpt`: what they print, whole, and that no value of a key stands
 * in it unless it was asked for. The blocks and numbers are those of the standards' own examples.
 * S62, S63, S65
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/commands.h"
#include "lib/base/bytes.h"

static char out[1 << 16], complaint[8192];

static void keep(FILE *stream, int saved, int fd, char *text, size_t size)
{
    fflush(stream);
    dup2(saved, fileno(stream));
    close(saved);
    ssize_t len = pread(fd, text, size - 1, 0);
    text[len > 0 ? len : 0] = '\0';
    close(fd);
}

/* Runs the command with a key on descriptor 9, or none, and these arguments. */
static int inspect(const char *kind, const char *key, bool show, const char *input)
{
    char *argv[8] = {"inspect", (char *)(uintptr_t)kind};
    int argc = 2;
    if (key != NULL) {
        int fd = memfd_create("key", 0);
        assert_int_equal(write(fd, key, strlen(key)), (ssize_t)strlen(key));
        lseek(fd, 0, SEEK_SET);
        dup2(fd, 9);
        close(fd);
        argv[argc++] = "--key-fd";
        argv[argc++] = "9";
    }
    if (show) argv[argc++] = "--show-key";
    argv[argc++] = (char *)(uintptr_t)input;
    fflush(NULL);
    int saved_out = dup(1), saved_err = dup(2);
    int out_fd = memfd_create("out", 0), err_fd = memfd_create("err", 0);
    dup2(out_fd, 1);
    dup2(err_fd, 2);
    int status = inspect_main(argc, argv);
    keep(stdout, saved_out, out_fd, out, sizeof out);
    keep(stderr, saved_err, err_fd, complaint, sizeof complaint);
    if (key != NULL) close(9);
    return status;
}

/* TR-31:2018, A.7.3.2: a base derivation key with its key serial number. */
#define BLOCK_B                                                                          \
    "B0104B0TX12S0100KS1800604B120F9292800000BB68BE8680A400D9191AD4ECE45B6E6C0D21C4738A" \
    "52190E248719E24B433627"
#define HEADER_B                                                                            \
    "{\"version\":\"B\",\"binding\":\"TDES, derived keys, 8-byte CMAC\",\"length\":104,"    \
    "\"usage\":\"B0\",\"usage_meaning\":\"base derivation key (BDK)\",\"algorithm\":\"T\"," \
    "\"algorithm_meaning\":\"TDES\",\"mode\":\"X\",\"mode_meaning\":\"derive other keys\"," \
    "\"key_version\":\"12\",\"key_version_meaning\":\"version of the key\","                \
    "\"exportability\":\"S\",\"exportability_meaning\":\"may leave under any key "          \
    "encryption key\",\"optional\":[{\"id\":\"KS\",\"meaning\":\"key set identifier: "      \
    "initial key serial number of TDES DUKPT\",\"data\":\"00604B120F9292800000\"}],"

static void a_header_in_words(void **state)
{
    (void)state;
    assert_int_equal(inspect("keyblock", NULL, false, BLOCK_B), 0);
    assert_string_equal(out, HEADER_B "\"mac\":\"not checked: no key was given\"}\n");
    assert_string_equal(complaint, "");
}

/* The check value that the standard gives; the value only when it is asked for. */
static void a_block_opened_with_a_test_key(void **state)
{
    (void)state;
    static const char key[] = "1D22BF32387C600AD97F9B97A51311AC\n";
    assert_int_equal(inspect("keyblock", key, false, BLOCK_B), 0);
    assert_string_equal(
        out, HEADER_B "\"mac\":\"right\",\"bits\":128,\"cipher\":\"tdes\",\"kcv\":\"9A42122D\"}\n");
    assert_null(strstr(out, "E8BC63E5"));
    assert_int_equal(inspect("keyblock", key, true, BLOCK_B), 0);
    assert_non_null(strstr(out, "\"value\":\"E8BC63E5479455E26577F715D587FE68\"}"));
    /* ANSI X9.143, 8.1: version D, an AES key. */
    assert_int_equal(
        inspect("keyblock", "88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6",
                false,
                "D0144P0AE00E00002C77FA3F4A553BED6E88AE5C172A4166E3D4ACA8E2AC71C158A476FAC12C13C382"
                "9DE55D3AB54C48F4C4FEF7AC75E90FC47F1B77E7B19A73ED46E64410082557"),
        0);
    assert_non_null(strstr(out, "\"mac\":\"right\",\"bits\":128,\"cipher\":\"aes-128\""));
    assert_non_null(strstr(out, "\"usage_meaning\":\"PIN encryption\""));
}

static void what_is_no_block(void **state)
{
    (void)state;
    static const struct {
        const char *key, *input, *said;
    } rows[] = {
        {NULL, "B0105B0TX12S0000", "this is no TR-31 key block"},
        {NULL, "hello", "5 characters came"},
        {"00112233445566778899AABBCCDDEEFF", BLOCK_B, "another key protects it"},
        {"0011", BLOCK_B, "--key-fd takes"},
        {"not hexadecimal", BLOCK_B, "--key-fd takes"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(inspect("keyblock", rows[i].key, true, rows[i].input), 1);
        assert_string_equal(out, "");
        assert_non_null(strstr(complaint, rows[i].said));
        assert_null(strstr(complaint, "00112233")); /* no key in a complaint */
    }
    assert_int_equal(inspect("keyblock", NULL, false, "E0016B0TV16N0000"), 0);
    assert_non_null(strstr(out, "AES in counter mode"));
}

/* ANSI X9.24-1, A.4: counter 5 goes by 4. */
static void a_serial_number_of_tdes(void **state)
{
    (void)state;
#define TDES_KSN                                                                             \
    "{\"form\":\"DUKPT with TDES (ANSI X9.24-1)\",\"ksn\":\"FFFF9876543210E00005\","         \
    "\"initial_ksn\":\"FFFF9876543210E00000\",\"counter\":\"00000005\",\"ones\":2,"          \
    "\"used\":true,\"next\":\"00000006\",\"path\":[{\"counter\":\"00000004\"},{\"counter\":" \
    "\"00000005\"}]"
    assert_int_equal(inspect("dukpt", NULL, false, "FFFF 9876 5432 10E0 0005"), 0);
    assert_string_equal(out, TDES_KSN "}\n");
    assert_int_equal(
        inspect("dukpt", "0123456789ABCDEFFEDCBA9876543210", true, "FFFF9876543210E00005"), 0);
    assert_non_null(strstr(out, TDES_KSN));
    assert_non_null(strstr(out, "\"value\":\"6AC292FAA1315B4D858AB3A3D7D5933A\"")); /* initial */
    /* Transaction key 5F8DC6D2C845C125 508DDC048093B83F and the PIN variant. */
    assert_non_null(strstr(out, "{\"purpose\":\"pin\",\"cipher\":\"tdes\",\"kcv\":"));
    assert_non_null(strstr(out, "\"value\":\"5F8DC6D2C845C1DA508DDC048093B8C0\""));
    assert_null(strstr(out, "key-encryption")); /* this form has none */
    assert_int_equal(
        inspect("dukpt", "0123456789ABCDEFFEDCBA9876543210", false, "FFFF9876543210E00005"), 0);
    assert_null(strstr(out, "5F8DC6D2"));
    assert_null(strstr(out, "6AC292FA"));
}

/* ANSI X9.24-3, supplement. */
static void a_serial_number_of_aes(void **state)
{
    (void)state;
    assert_int_equal(
        inspect("dukpt", "FEDCBA9876543210F1F1F1F1F1F1F1F1", true, "123456789012345600000007"), 0);
    assert_non_null(strstr(out, "\"base_key_id\":\"12345678\",\"device_id\":\"90123456\","
                                "\"initial_key_id\":\"1234567890123456\",\"counter\":\"00000007\","
                                "\"ones\":3,\"used\":true,\"next\":\"00000008\""));
    assert_non_null(strstr(out, "\"value\":\"1273671EA26AC29AFA4D1084127652A1\""));
    assert_non_null(strstr(out, "\"value\":\"6ECF912F3B18CA11A7A27BB60705FD09\"")); /* PIN */
    /* No device sends seventeen ones, nor goes on after the last. */
    assert_int_equal(inspect("dukpt", NULL, false, "12345678901234560001FFFF"), 0);
    assert_non_null(strstr(out, "\"ones\":17,\"used\":false"));
    assert_int_equal(inspect("dukpt", NULL, false, "1234567890123456FFFF0000"), 0);
    assert_non_null(strstr(out, "\"used\":true,\"next\":null"));
    assert_int_equal(
        inspect("dukpt", "FEDCBA9876543210F1F1F1F1F1F1F1F1", true, "12345678901234560001FFFF"), 1);
    assert_non_null(strstr(complaint, "no device sends this counter"));
    assert_string_equal(out, "");
    assert_int_equal(inspect("dukpt", NULL, false, "1234"), 1);
    assert_non_null(strstr(complaint, "20 hexadecimal characters"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_in_words),      cmocka_unit_test(a_block_opened_with_a_test_key),
        cmocka_unit_test(what_is_no_block),       cmocka_unit_test(a_serial_number_of_tdes),
        cmocka_unit_test(a_serial_number_of_aes),
    };
    return cmocka_run_group_tests_name("inspect_keys", tests, NULL, NULL);
}
