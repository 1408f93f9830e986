/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao inspect keyblock` and `dukpt`: what they print, whole, and that no value of a key stands
 * in it unless it was asked for. The blocks and numbers are those of the standards' own examples,
 * and the first keys of devices are made here, as the hsm makes them. S62, S63, S65
 */
#include <sys/mman.h>

#include "cli/commands.h"
#include "lib/base/random.h"
#include "lib/crypto/dukpt_aes.h"
#include "lib/crypto/dukpt_tdes.h"
#include "lib/crypto/keyblock.h"
#include "tests/unit/scratch.h"

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

/* ---- the first key of a device (B1): docs/keys.md, "A key for each transaction" ---- */

#define CARRIER "000102030405060708090A0B0C0D0E0F"

#define INITIAL_MODE                                                                \
    "\"mode\":\"X\",\"mode_meaning\":\"derive other keys\",\"key_version\":\"00\"," \
    "\"key_version_meaning\":\"versions are not used\",\"exportability\":\"N\","    \
    "\"exportability_meaning\":\"may not leave\","

static const struct initial {
    enum key_algorithm algorithm;
    char letter;
    const char *optional; /* id, length and data of the block that has the serial number */
    const char *said;     /* algorithm to padding, as printed */
} initials[] = {
    {KEY_AES128, 'A', "IK141234567890123456",
     "\"algorithm\":\"A\",\"algorithm_meaning\":\"AES\"," INITIAL_MODE
     "\"optional\":[{\"id\":\"IK\",\"meaning\":\"initial key identifier of AES DUKPT\","
     "\"data\":\"1234567890123456\"},{\"id\":\"PB\",\"meaning\":\"padding\","
     "\"data\":\"00000000\"}],"},
    {KEY_TDES, 'T', "KS18FFFF9876543210E00000",
     "\"algorithm\":\"T\",\"algorithm_meaning\":\"TDES\"," INITIAL_MODE
     "\"optional\":[{\"id\":\"KS\",\"meaning\":\"key set identifier: initial key serial number of "
     "TDES DUKPT\",\"data\":\"FFFF9876543210E00000\"},{\"id\":\"PB\",\"meaning\":\"padding\","
     "\"data\":\"0000\"}],"},
};

/* A block under the key CARRIER, with the initial key of the standard's base key in it. */
static void make_initial(const struct initial *is, char block[KEYBLOCK_MAX + 1],
                         uint8_t kcv[KEY_CHECK_BYTES], char value_hex[33])
{
    static const uint8_t aes_base[] = {0xFE, 0xDC, 0xBA, 0x98, 0x76, 0x54, 0x32, 0x10,
                                       0xF1, 0xF1, 0xF1, 0xF1, 0xF1, 0xF1, 0xF1, 0xF1};
    static const uint8_t tdes_base[] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF,
                                        0xFE, 0xDC, 0xBA, 0x98, 0x76, 0x54, 0x32, 0x10};
    static const uint8_t aes_ksn[12] = {0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x34, 0x56};
    static const uint8_t tdes_ksn[10] = {0xFF, 0xFF, 0x98, 0x76, 0x54, 0x32, 0x10, 0xE0};
    uint8_t carrier_value[16];
    struct random_seeded seed;
    struct crypto crypto;
    struct key base, initial, carrier;
    bool tdes = is->algorithm == KEY_TDES;
    for (uint8_t i = 0; i < sizeof carrier_value; i++) carrier_value[i] = i;
    random_seed(&seed, 31);
    assert_ok(crypto_open(random_from_seed(&seed), &crypto));
    assert_ok(key_make(KEY_AES128, KEY_USAGE_MASTER, BYTES_OF(carrier_value), &carrier));
    assert_ok(key_make(is->algorithm, KEY_USAGE_BASE_DERIVATION,
                       tdes ? BYTES_OF(tdes_base) : BYTES_OF(aes_base), &base));
    assert_ok(tdes ? dukpt_tdes_initial(&crypto, &base, tdes_ksn, &initial)
                   : dukpt_aes_initial(&crypto, &base, aes_ksn, &initial));
    const struct keyblock_header header = {.version = 'D',
                                           .usage = {'B', '1'},
                                           .algorithm = is->letter,
                                           .mode = 'X',
                                           .key_version = {'0', '0'},
                                           .exportability = 'N',
                                           .optional_count = 1,
                                           .optional = bytes_text(is->optional)};
    struct writer w = writer_over(block, KEYBLOCK_MAX), hex = writer_over(value_hex, 32);
    assert_ok(keyblock_make(&crypto, &carrier, &header, secret_view(&initial.value), &w));
    block[w.len] = '\0';
    assert_ok(key_check_value(&crypto, &initial, kcv));
    write_hex_upper(&hex, secret_view(&initial.value));
    value_hex[hex.len] = '\0';
    crypto_close(&crypto);
}

static void the_first_key_of_a_device(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(initials); i++) {
        char block[KEYBLOCK_MAX + 1], value[33], head[1024], whole[1280];
        uint8_t kcv[KEY_CHECK_BYTES];
        make_initial(&initials[i], block, kcv, value);
        snprintf(
            head, sizeof head,
            "{\"version\":\"D\",\"binding\":\"AES, derived keys, 16-byte CMAC\",\"length\":%zu,"
            "\"usage\":\"B1\",\"usage_meaning\":\"initial DUKPT key\",%s",
            strlen(block), initials[i].said);
        snprintf(whole, sizeof whole, "%s\"mac\":\"not checked: no key was given\"}\n", head);
        assert_int_equal(inspect("keyblock", NULL, false, block), 0);
        assert_string_equal(out, whole);
        snprintf(whole, sizeof whole,
                 "%s\"mac\":\"right\",\"bits\":128,\"cipher\":\"%s\","
                 "\"kcv\":\"%02X%02X%02X%02X\"}\n",
                 head, key_algorithm_text(initials[i].algorithm), kcv[0], kcv[1], kcv[2], kcv[3]);
        assert_int_equal(inspect("keyblock", CARRIER, false, block), 0);
        assert_string_equal(out, whole);
        assert_int_equal(inspect("keyblock", CARRIER, true, block), 0);
        assert_non_null(strstr(out, value));
        /* Another device's number in it: what is read from the header is under the MAC. */
        char *number = strstr(block, initials[i].optional) + strlen(initials[i].optional) - 6;
        *number ^= 1;
        assert_int_equal(inspect("keyblock", CARRIER, true, block), 1);
        assert_string_equal(out, "");
        assert_null(strstr(complaint, value));
    }
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
        cmocka_unit_test(a_header_in_words),
        cmocka_unit_test(a_block_opened_with_a_test_key),
        cmocka_unit_test(the_first_key_of_a_device),
        cmocka_unit_test(what_is_no_block),
        cmocka_unit_test(a_serial_number_of_tdes),
        cmocka_unit_test(a_serial_number_of_aes),
    };
    return cmocka_run_group_tests_name("inspect_keys", tests, NULL, NULL);
}
