/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Six months, hour by hour (S24, CR-06): by default reminders and never more; under djbp-l3 an end,
 * after the log-ins that are left; the least age between changes (S25).
 */
#include "lib/auth/policy_document.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define HOUR_MS INT64_C(3600000)
#define DAY_MS  (24 * HOUR_MS)

static const int64_t set_ms = INT64_C(1767225600000);

static struct policy policy_with(enum policy_rules rules)
{
    struct policy policy;
    struct policy_choice choice = {
        .profile = POLICY_PASSPHRASE, .rules = rules, .role = POLICY_STAFF, .second_factor = true};
    assert_true(policy_make(choice, &policy));
    return policy;
}

/* S24: T-30, T-7, T, T+7, at their hour and no earlier, on a clock of five years. */
static void test_reminders_are_exact(void **state)
{
    (void)state;
    static const struct {
        int day;
        uint8_t reminder;
        enum policy_age age;
    } changes[] = {{0, 0, POLICY_AGE_FINE},
                   {150, 1, POLICY_AGE_REMIND},
                   {173, 2, POLICY_AGE_REMIND},
                   {180, 3, POLICY_AGE_DUE},
                   {187, 4, POLICY_AGE_DUE}};
    struct policy policy = policy_with(POLICY_RULES_DEFAULT);
    size_t at = 0;
    for (int64_t hour = 0; hour < 5 * 365 * 24; hour++) {
        if (at + 1 < ARRAY_LEN(changes) && hour == changes[at + 1].day * 24) at++;
        struct policy_review review = policy_review(&policy, set_ms, set_ms + hour * HOUR_MS, 0);
        assert_int_equal(review.age, changes[at].age);
        assert_int_equal(review.reminder, changes[at].reminder);
        assert_true(review.age < POLICY_AGE_GRACE); /* D3: age alone stops nobody */
    }
    struct policy_review due = policy_review(&policy, set_ms, set_ms + 180 * DAY_MS, 0);
    assert_int_equal(due.days_left, 0);
    assert_int_equal(policy_review(&policy, set_ms, set_ms + 180 * DAY_MS + 1, 0).days_left, -1);
    assert_int_equal(policy_review(&policy, set_ms, set_ms + 179 * DAY_MS, 0).days_left, 1);
    /* A clock that was set back is the moment of the change, not an age below nothing. */
    assert_int_equal(policy_review(&policy, set_ms, set_ms - 999 * DAY_MS, 0).days_left, 180);
}

/* S24 in every rule set: only djbp-l3 ends one. */
static void test_only_djbp_ends_one(void **state)
{
    (void)state;
    for (enum policy_rules rules = 0; rules < POLICY_RULE_SETS; rules++) {
        struct policy policy = policy_with(rules);
        enum policy_age age = policy_review(&policy, set_ms, set_ms + 3650 * DAY_MS, 99).age;
        assert_int_equal(age,
                         rules == POLICY_RULES_DJBP_L3 ? POLICY_AGE_MUST_CHANGE : POLICY_AGE_DUE);
    }
    struct policy policy = policy_with(POLICY_RULES_DJBP_L3);
    int64_t end_ms = set_ms + 180 * DAY_MS;
    assert_int_equal(policy_review(&policy, set_ms, end_ms - 1, 3).age, POLICY_AGE_REMIND);
    for (uint8_t used = 0; used < policy.grace; used++) {
        struct policy_review review = policy_review(&policy, set_ms, end_ms, used);
        assert_int_equal(review.age, POLICY_AGE_GRACE);
        assert_int_equal(review.grace_left, policy.grace - used);
    }
    assert_int_equal(policy_review(&policy, set_ms, end_ms, policy.grace).age,
                     POLICY_AGE_MUST_CHANGE);
}

/* S25: not before its time, and no clock that is wrong locks anybody in. */
static void test_least_age(void **state)
{
    (void)state;
    struct policy policy = policy_with(POLICY_RULES_DJBP_L3), none = policy_with(POLICY_RULES_PCI);
    assert_int_equal(policy.min_age_s, 86400);
    assert_false(policy_old_enough(&policy, set_ms, set_ms));
    assert_false(policy_old_enough(&policy, set_ms, set_ms + DAY_MS - 1));
    assert_true(policy_old_enough(&policy, set_ms, set_ms + DAY_MS));
    assert_true(policy_old_enough(&policy, set_ms, set_ms - 1));
    assert_true(policy_old_enough(&none, set_ms, set_ms));
}

/* S19: each policy says in both languages what it is, and what it counts. */
static void test_policies_in_words(void **state)
{
    (void)state;
    static const struct {
        const char *model;
        enum policy_role role;
        enum policy_language language;
        const char *says;
    } rows[] = {
        {"TB-1", POLICY_CASHIER, POLICY_EN, "6 to 12 digits (0-9), as many as you like.\n"},
        {"TB-1", POLICY_CASHIER, POLICY_ZH, "6 到 12 位数字（0-9），位数自定。\n"},
        {"TB-1", POLICY_CASHIER, POLICY_ZH, "忘记密码：主管、短信验证码。\n"},
        {"TB-1", POLICY_CASHIER, POLICY_EN, "it never stops working.\n"},
        {"TB-UP", POLICY_CASHIER, POLICY_EN, "Exactly 4 digits (0-9).\n"},
        {"TB-UP", POLICY_CASHIER, POLICY_ZH, "输错 5 次锁定"},
        {"TB-6K", POLICY_CASHIER, POLICY_EN, "8 to 16 digits (1-6)"},
        {"TB-2", POLICY_SUPERVISOR, POLICY_EN, "At least one letter, one digit and one sign.\n"},
        {"TB-QR", POLICY_CASHIER, POLICY_ZH, "每次登录还需在已配对的手机上确认。\n"},
        {"TB-DJ", POLICY_CASHIER, POLICY_EN, "It must be changed after 180 days; 3 more log-ins"},
        {"TB-DJ", POLICY_CASHIER, POLICY_EN, "wait 24 hours"},
        {"CONSOLE", POLICY_OWNER, POLICY_EN, "when there are 20 or more.\n"},
        {"CONSOLE-PCI", POLICY_STAFF, POLICY_EN, "At least one letter and one digit.\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[2048];
        struct writer w = writer_over(text, sizeof text - 1);
        struct policy policy = policy_of_model(bytes_text(rows[i].model), rows[i].role);
        policy_describe(&policy, rows[i].language, &w);
        assert_int_equal(w.fault, ERR_OK);
        text[w.len] = '\0';
        if (strstr(text, rows[i].says) == NULL) fail_msg("no \"%s\" in:\n%s", rows[i].says, text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reminders_are_exact),
        cmocka_unit_test(test_only_djbp_ends_one),
        cmocka_unit_test(test_least_age),
        cmocka_unit_test(test_policies_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
