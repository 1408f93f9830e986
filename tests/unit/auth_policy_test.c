/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which passwords are refused and by which rule (S11, S22, S23), and how initial passwords are
 * drawn (S30). The tables are checked whole.
 */
#include "lib/auth/one_time.h"
#include "lib/auth/policy.h"
#include "lib/auth/policy_numbers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const struct policy_person nobody = {.names = 0};

/* The demo's model: six to twelve digits, the administrator eight to twelve. */
static struct policy policy_for(enum policy_role role)
{
    return policy_of_model(BYTES("TB-1"), role);
}

static struct policy_result check(enum policy_role role, const struct policy_person *person,
                                  const char *candidate)
{
    struct policy policy = policy_for(role);
    return policy_check(&policy, person, blocklist_builtin(), bytes_text(candidate));
}

/* S11 S22: policy x candidate -> the rule that is broken. */
static void test_each_rule_is_named(void **state)
{
    (void)state;
    static const struct {
        enum policy_role role;
        const char *candidate;
        enum policy_verdict verdict;
    } rows[] = {
        {POLICY_CASHIER, "", POLICY_TOO_SHORT},
        {POLICY_CASHIER, "73951", POLICY_TOO_SHORT},
        {POLICY_CASHIER, "739516", POLICY_OK},
        {POLICY_CASHIER, "739516402853", POLICY_OK},
        {POLICY_CASHIER, "7395164028531", POLICY_TOO_LONG},
        {POLICY_SUPERVISOR, "73951", POLICY_TOO_SHORT},
        {POLICY_SUPERVISOR, "739516", POLICY_OK},
        {POLICY_ADMINISTRATOR, "7395164", POLICY_TOO_SHORT},
        {POLICY_ADMINISTRATOR, "73951640", POLICY_OK},
        {POLICY_CASHIER, "73951a", POLICY_NOT_DIGITS},
        {POLICY_CASHIER, "a", POLICY_NOT_DIGITS},
        {POLICY_CASHIER, "-73951", POLICY_NOT_DIGITS},
        {POLICY_CASHIER, "777777", POLICY_REPEATS},
        {POLICY_CASHIER, "747474", POLICY_REPEATS},
        {POLICY_CASHIER, "774744", POLICY_REPEATS},
        {POLICY_CASHIER, "739739", POLICY_REPEATS},
        {POLICY_CASHIER, "7397397", POLICY_REPEATS},
        {POLICY_CASHIER, "733339", POLICY_REPEATS},
        {POLICY_CASHIER, "123456", POLICY_RUN},
        {POLICY_CASHIER, "654321", POLICY_RUN},
        {POLICY_CASHIER, "890123", POLICY_RUN},
        {POLICY_CASHIER, "109876", POLICY_RUN},
        {POLICY_CASHIER, "123459", POLICY_RUN},
        {POLICY_CASHIER, "712345", POLICY_RUN},
        {POLICY_CASHIER, "876540", POLICY_RUN},
        {POLICY_CASHIER, "135791", POLICY_RUN},
        {POLICY_CASHIER, "258147", POLICY_RUN},
        {POLICY_CASHIER, "123789", POLICY_RUN},
        {POLICY_CASHIER, "456321", POLICY_RUN},
        {POLICY_CASHIER, "112233", POLICY_RUN},
        {POLICY_CASHIER, "998877", POLICY_RUN},
        {POLICY_CASHIER, "123450987", POLICY_RUN},
        {POLICY_CASHIER, "900131", POLICY_DATE}, /* YYMMDD */
        {POLICY_CASHIER, "310190", POLICY_DATE}, /* DDMMYY */
        {POLICY_CASHIER, "013190", POLICY_DATE}, /* MMDDYY */
        {POLICY_CASHIER, "240229", POLICY_DATE},
        {POLICY_CASHIER, "300231", POLICY_OK},     /* there was none, in no order */
        {POLICY_CASHIER, "198611", POLICY_DATE},   /* YYYYMM */
        {POLICY_CASHIER, "111986", POLICY_DATE},   /* MMYYYY */
        {POLICY_CASHIER, "19860527", POLICY_DATE}, /* YYYYMMDD */
        {POLICY_CASHIER, "27051986", POLICY_DATE}, /* DDMMYYYY */
        {POLICY_CASHIER, "05271986", POLICY_DATE}, /* MMDDYYYY */
        {POLICY_CASHIER, "19862705", POLICY_DATE}, /* YYYYDDMM */
        {POLICY_CASHIER, "20060101", POLICY_DATE},
        {POLICY_CASHIER, "7198605279", POLICY_DATE},
        {POLICY_CASHIER, "719861341", POLICY_OK},
        {POLICY_CASHIER, "166816", POLICY_PUBLISHED},
        {POLICY_CASHIER, "147258", POLICY_WALK},
        {POLICY_CASHIER, "125896", POLICY_WALK},
        {POLICY_CASHIER, "159357", POLICY_WALK},
        {POLICY_CASHIER, "5201314", POLICY_COMMON},
        {POLICY_CASHIER, "1314520", POLICY_COMMON},
        {POLICY_CASHIER, "52013145", POLICY_OK},
        {POLICY_CASHIER, "13800731265", POLICY_OWN_NUMBER}, /* somebody's telephone */
        {POLICY_SUPERVISOR, "123456", POLICY_RUN},
        {POLICY_ADMINISTRATOR, "12345678", POLICY_RUN},
        {POLICY_ADMINISTRATOR, "00000000", POLICY_REPEATS},
        {POLICY_ADMINISTRATOR, "88888888", POLICY_REPEATS},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        enum policy_verdict got = check(rows[i].role, &nobody, rows[i].candidate).first;
        if (got != rows[i].verdict)
            fail_msg("%s: %s, not %s", rows[i].candidate, policy_verdict_word(got),
                     policy_verdict_word(rows[i].verdict));
    }
}

/* S22: what makers have printed is refused for every role, whichever rule it is that says so. */
static void test_published_defaults_are_refused(void **state)
{
    (void)state;
    static const char *const defaults[] = {
        "0000",   "1234",   "000000", "111111",   "123456",   "12345678", "00000000", "888888",
        "666666", "166816", "166831", "20060101", "88888888", "11111111", "123123",   "654321",
        "147258", "159357", "112233", "520520",   "87654321", "987654321"};
    for (size_t i = 0; i < ARRAY_LEN(defaults); i++)
        for (enum policy_role role = POLICY_CASHIER; role <= POLICY_ADMINISTRATOR; role++)
            assert_int_not_equal(check(role, &nobody, defaults[i]).broken, 0);
}

/* S23: the numbers on the terminal's back and on every receipt are no passwords. */
static void test_own_numbers_are_refused(void **state)
{
    (void)state;
    const struct policy_person own = {
        .number = {BYTES("10000017"), BYTES("898290058120001"), BYTES("TB1-4820-7731-05")},
        .numbers = 3,
    };
    static const struct {
        const char *candidate;
        enum policy_verdict verdict;
    } rows[] = {
        {"829005", POLICY_OWN_NUMBER},
        {"002185", POLICY_OWN_NUMBER},
        {"48207731", POLICY_OWN_NUMBER},
        {"820773", POLICY_OWN_NUMBER},
        {"377028", POLICY_OWN_NUMBER},
        {"9100000173", POLICY_REPEATS},
        {"9482077310569", POLICY_TOO_LONG},
        {"829006", POLICY_OWN_NUMBER},
        {"739516", POLICY_OK},
        {"73957731", POLICY_OWN_NUMBER},
        {"7395164731", POLICY_OK},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(check(POLICY_CASHIER, &own, rows[i].candidate).first, rows[i].verdict);
    assert_true(number_is_part_of(BYTES("7482731059"), BYTES("SN 273105")));
    assert_true(number_is_part_of(BYTES("7501372859"), BYTES("SN 273105")));
    assert_false(number_is_part_of(BYTES("123"), BYTES("9123")));
    assert_false(number_is_part_of(BYTES("739516"), BYTES("no digits")));
    assert_false(number_is_part_of(BYTES("739512340"), BYTES("1234")));
    assert_true(number_is_part_of(BYTES("73951234"), BYTES("1234")));
}

/* S22: today in any order, with and without zeros, is what terminals have had as a default. */
static void test_today_is_refused(void **state)
{
    (void)state;
    const struct policy_person person = {.today = {.year = 2031, .month = 4, .day = 9}};
    static const char *const days[] = {"20310409", "04092031", "09042031", "310409",
                                       "040931",   "203149",   "492031",   "942031"};
    for (size_t i = 0; i < ARRAY_LEN(days); i++)
        assert_int_equal(check(POLICY_CASHIER, &person, days[i]).broken & 1u << POLICY_DATE,
                         1u << POLICY_DATE);
    assert_true(number_is_of_day(BYTES("3149"), person.today));
    assert_false(number_is_of_day(BYTES("3149"), nobody.today));
    assert_false(number_is_of_day(BYTES("31490"), person.today));
}

/* The rules leave enough to choose from: a guesser who knows them has gained little. */
static void test_most_numbers_remain(void **state)
{
    (void)state;
    unsigned accepted = 0;
    for (unsigned n = 0; n < 1000000; n += 7) {
        char text[8];
        snprintf(text, sizeof text, "%06u", n);
        accepted += check(POLICY_CASHIER, &nobody, text).broken == 0;
    }
    assert_in_range(accepted, 800000 / 7, 950000 / 7);
    printf("of 1,000 numbers of six digits %u are left\n", accepted * 7 / 1000);
}

/* S30: 1,000 initial passwords: no two equal, digits uniform by a crude chi-square, none refused.
 */
static void test_initial_passwords_are_uniform(void **state)
{
    (void)state;
    enum { DEVICES = 1000 };
    static char made[DEVICES][ONE_TIME_DIGITS + 1];
    struct random_seeded source;
    random_seed(&source, 20);
    struct random random = random_from_seed(&source);
    struct policy policy = policy_for(POLICY_ADMINISTRATOR);
    unsigned count[10] = {0};
    for (size_t i = 0; i < DEVICES; i++) {
        assert_int_equal(
            one_time_make(&random, &policy, &nobody, blocklist_builtin(), made[i]).code, ERR_OK);
        assert_int_equal(check(POLICY_ADMINISTRATOR, &nobody, made[i]).broken, 0);
        for (size_t j = 0; j < ONE_TIME_DIGITS; j++) count[made[i][j] - '0']++;
        for (size_t j = 0; j < i; j++) assert_string_not_equal(made[i], made[j]);
    }
    /* 9 degrees of freedom: above 27.88 once in a thousand. Scaled by the expected count. */
    const long expected = DEVICES * ONE_TIME_DIGITS / 10;
    long sum = 0;
    for (int d = 0; d < 10; d++) sum += ((long)count[d] - expected) * ((long)count[d] - expected);
    assert_true(sum < 2788 * expected / 100);
}

/* A source that is stuck is told, not waited for. */
static void zeros(void *context, void *out, size_t len)
{
    (void)context;
    memset(out, 0, len);
}

static void test_stuck_source_is_an_error(void **state)
{
    (void)state;
    struct random stuck = {zeros, NULL};
    char made[ONE_TIME_DIGITS + 1] = "unmoved";
    struct policy policy = policy_for(POLICY_CASHIER);
    assert_int_equal(one_time_make(&stuck, &policy, &nobody, blocklist_builtin(), made).code,
                     ERR_CRYPTO);
    assert_string_equal(made, "unmoved");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_rule_is_named),
        cmocka_unit_test(test_published_defaults_are_refused),
        cmocka_unit_test(test_own_numbers_are_refused),
        cmocka_unit_test(test_today_is_refused),
        cmocka_unit_test(test_most_numbers_remain),
        cmocka_unit_test(test_initial_passwords_are_uniform),
        cmocka_unit_test(test_stuck_source_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
