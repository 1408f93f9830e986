/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many devices, one after the other (D1, S30, S33, CR-10): no two first passwords are equal, their
 * digits are uniform, none works twice, and no default that a maker has ever published opens any
 * operator of any of them.
 *
 *   devices_test DEVICES
 */
#include <inttypes.h>
#include <time.h>

#include "lib/base/file.h"
#include "tests/unit/vault_people_rig.h"

enum {
    DEVICES_MAX = 100000,
    DEFAULTS_MAX = 512,
    TRIES_EACH = 5,      /* of each operator: his ten and the device's thirty are enough for that */
    CHI_SQUARE_MAX = 34, /* nine degrees of freedom, one in ten thousand */
};

static size_t devices_wanted;

static struct {
    char (*made)[ONE_TIME_DIGITS + 1];
    size_t count;
} passwords;

/* ---- defaults that makers have published ---- */

static struct {
    char text[DEFAULTS_MAX][VAULT_PASSWORD_ENTRY_MAX + 1];
    unsigned tried[DEFAULTS_MAX];
    size_t count, next;
} defaults;

/* Every line; those that are not digits are tried where the keyboard has letters. */
static void read_defaults(void)
{
    static char block[64 * 1024];
    size_t len = 0;
    assert_ok(file_read("lib/auth/words/defaults.txt", FILE_PUBLIC, block, sizeof block - 1, &len));
    for (char *at = block; at < block + len;) {
        size_t n = strcspn(at, "\n");
        struct bytes line = bytes_of(at, n);
        if (n >= VAULT_PASSWORD_ENTRY_MIN && line.at[0] != '#') {
            assert_true(defaults.count < DEFAULTS_MAX);
            assert_ok(
                bytes_to_text(line, defaults.text[defaults.count++], sizeof defaults.text[0]));
        }
        at += n + 1;
    }
    assert_true(defaults.count >= 60);
}

/* The next few of them at one operator: wrong, always. */
static void try_defaults(struct rig *rig, uint8_t id, bool letters)
{
    for (int i = 0; i < TRIES_EACH; i++) {
        size_t which = defaults.next++ % defaults.count;
        rig->now_ms += 100000;
        if (!letters && !bytes_all_digits(bytes_text(defaults.text[which]))) continue;
        uint8_t verdict = rig_login(rig, id, defaults.text[which]).verdict;
        if (verdict != VAULT_LOGIN_WRONG)
            fail_msg("%s at operator %02u: %u", defaults.text[which], id, verdict);
        defaults.tried[which]++;
    }
}

/* ---- one device ---- */

static void keep_passwords(struct rig *rig)
{
    for (size_t i = 0; i < VAULT_INITIALS; i++) {
        const char *made = rig->initials[i].password;
        assert_int_equal(strlen(made), ONE_TIME_DIGITS);
        for (size_t k = 0; k < defaults.count; k++) assert_string_not_equal(made, defaults.text[k]);
        memcpy(passwords.made[passwords.count++], made, ONE_TIME_DIGITS + 1);
    }
}

/* Works, once, for nothing but its own change. */
static void use_password(struct rig *rig, uint8_t id, const char *own)
{
    rig->now_ms += 100000;
    rig_own(rig, id, rig_initial(rig, id), own);
    assert_int_equal(rig_login(rig, id, rig_initial(rig, id)).verdict, VAULT_LOGIN_WRONG);
}

static void one_device(uint64_t seed, bool letters)
{
    struct rig *rig = rig_new(seed);
    rig_provision(rig, KEY_AES128);
    rig_panel(rig);
    keep_passwords(rig);
    if (letters) rig_policy(rig, "TB-2", 2);
    try_defaults(rig, 0, letters);
    try_defaults(rig, 1, false); /* cashiers of TB-2 have digits, too */
    try_defaults(rig, 99, letters);
    use_password(rig, 0, letters ? "kT7#mQ2!xW9%" : OWN_SUPERVISOR);
    use_password(rig, 1, OWN_CASHIER);
    use_password(rig, 99, letters ? "bZ4&hR6*pL8?xW9%kT7#" : OWN_ADMINISTRATOR);
    rig_free(rig);
}

/* ---- all of them ---- */

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void check_unequal(void)
{
    qsort(passwords.made, passwords.count, sizeof passwords.made[0], by_text);
    for (size_t i = 1; i < passwords.count; i++)
        if (strcmp(passwords.made[i - 1], passwords.made[i]) == 0)
            fail_msg("twice among %zu: a first password", passwords.count);
}

/* Each place for itself. */
static void check_uniform(void)
{
    for (size_t place = 0; place < ONE_TIME_DIGITS; place++) {
        int64_t count[10] = {0}, sum = 0, expected = (int64_t)passwords.count / 10;
        for (size_t i = 0; i < passwords.count; i++) count[passwords.made[i][place] - '0']++;
        for (int digit = 0; digit < 10; digit++)
            sum += (count[digit] - expected) * (count[digit] - expected);
        print_message("place %zu: chi-square %" PRId64 ".%" PRId64 "\n", place, sum / expected,
                      sum * 10 / expected % 10);
        assert_true(sum < CHI_SQUARE_MAX * expected);
    }
}

static void test_many_devices(void **state)
{
    (void)state;
    const char *text = getenv("TONGBAO_SEED");
    uint64_t seed = text != NULL ? strtoull(text, NULL, 10) : (uint64_t)time(NULL) * 1000000;
    print_message("seed %" PRIu64 "\n", seed);
    assert_in_range(devices_wanted, 1, DEVICES_MAX);
    passwords.made = calloc(devices_wanted * VAULT_INITIALS, sizeof passwords.made[0]);
    assert_non_null(passwords.made);
    read_defaults();
    for (size_t i = 0; i < devices_wanted; i++) one_device(seed + i, i % 2 == 0);
    check_uniform();
    check_unequal();
    unsigned least = UINT32_MAX;
    for (size_t i = 0; i < defaults.count; i++)
        if (defaults.tried[i] < least) least = defaults.tried[i];
    print_message("%zu devices, %zu first passwords; %zu published defaults, each tried %u times at"
                  " least, none accepted\n",
                  devices_wanted, passwords.count, defaults.count, least);
    assert_true(least > 0);
    free(passwords.made);
}

int main(int argc, char **argv)
{
    devices_wanted = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_many_devices)};
    return cmocka_run_group_tests_name("torture_devices", tests, NULL, NULL);
}
