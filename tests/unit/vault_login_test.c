/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log-ins and passwords: three levels (S47), verified on the device (S49), one-time passwords that
 * must be changed (S33, S37), tries that run out (S26), the rules by name (S11), and no password
 * in any answer or in the store (S27, S64).
 */
#include "lib/auth/policy.h"
#include "tests/unit/vault_rig.h"

static int set_up(void **state)
{
    struct rig *rig = rig_new(1);
    rig_provision(rig, KEY_AES128);
    rig_panel(rig);
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    rig_free(*state);
    return 0;
}

/* S47: 00 supervisor, 01-05 cashiers, 99 administrator; three have an initial password. */
static void test_operators_of_a_new_device(void **state)
{
    struct rig *rig = *state;
    static const struct vault_operator expected[] = {
        {.id = 0, .role = VAULT_ROLE_SUPERVISOR, .has_password = 1},
        {.id = 1, .role = VAULT_ROLE_CASHIER, .has_password = 1},
        {.id = 2, .role = VAULT_ROLE_CASHIER},
        {.id = 3, .role = VAULT_ROLE_CASHIER},
        {.id = 4, .role = VAULT_ROLE_CASHIER},
        {.id = 5, .role = VAULT_ROLE_CASHIER},
        {.id = 99, .role = VAULT_ROLE_ADMINISTRATOR, .has_password = 1},
    };
    struct vault_operator list[VAULT_OPERATORS_MAX];
    size_t count = 0;
    assert_status(rig_plain(rig, VAULT_OPERATORS), VAULT_OK);
    assert_ok(vault_read_operators(&rig->answer, list, ARRAY_LEN(list), &count));
    assert_int_equal(count, ARRAY_LEN(expected));
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(list[i].id, expected[i].id);
        assert_int_equal(list[i].role, expected[i].role);
        assert_int_equal(list[i].has_password, expected[i].has_password);
        assert_int_equal(list[i].locked + list[i].suspended, 0);
        assert_int_equal(list[i].last_login_ms, 0);
    }
}

/* S33, S37: the initial password opens nothing but its own change, and its use leaves a date. */
static void test_first_login_must_change(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(rig_status(rig).first_login_ms, 0);
    struct vault_login_answer said = rig_login(rig, 1, rig_initial(rig, 1));
    assert_int_equal(said.verdict, VAULT_LOGIN_MUST_CHANGE);
    assert_int_equal(said.role, VAULT_ROLE_CASHIER);
    assert_int_equal(said.first_login_ms, 0);
    assert_int_equal(said.last_login_ms, 0);
    assert_int_equal(rig_status(rig).first_login_ms, rig->now_ms);
    int64_t first_ms = rig->now_ms;

    assert_status(rig_arm(rig), VAULT_NOT_ALLOWED);
    assert_status(rig_plain(rig, VAULT_CARD_POLL), VAULT_NOT_ALLOWED);
    assert_status(rig_sign_in(rig), VAULT_NOT_ALLOWED);
    assert_status(rig_begin(rig, VAULT_ENTRY_PIN, false), VAULT_NOT_ALLOWED);
    assert_int_equal(rig_set(rig, 1, "739516", "739516"), VAULT_PASSWORD_OK);
    assert_status(rig_sign_in(rig), VAULT_OK);
    assert_status(rig_arm(rig), VAULT_OK);

    rig->now_ms += 60000;
    assert_int_equal(rig_login(rig, 1, rig_initial(rig, 1)).verdict, VAULT_LOGIN_WRONG);
    said = rig_login(rig, 1, "739516");
    assert_int_equal(said.verdict, VAULT_LOGIN_OK);
    assert_int_equal(said.last_login_ms, first_ms);
    assert_int_equal(said.first_login_ms, first_ms);
    assert_int_equal(rig_status(rig).first_login_ms, first_ms);
}

/* S49: no host is anywhere near, and a restart forgets nobody's password. */
static void test_login_survives_restart(void **state)
{
    struct rig *rig = *state;
    (void)rig_login(rig, 99, rig_initial(rig, 99));
    assert_int_equal(rig_set(rig, 99, "73951640", "73951640"), VAULT_PASSWORD_OK);
    rig_restart(rig);
    rig_panel(rig);
    struct vault_login_answer said = rig_login(rig, 99, "73951640");
    assert_int_equal(said.verdict, VAULT_LOGIN_OK);
    assert_int_equal(said.role, VAULT_ROLE_ADMINISTRATOR);
}

static void test_nobody_and_nothing_entered(void **state)
{
    struct rig *rig = *state;
    vault_write_person(rig_ask(rig, VAULT_LOGIN), (struct vault_person){1, rig->language});
    assert_status(rig_send(rig), VAULT_NO_ENTRY);
    assert_int_equal(rig_login(rig, 2, "739516").verdict, VAULT_LOGIN_NO_OPERATOR);
    assert_int_equal(rig_login(rig, 42, "739516").verdict, VAULT_LOGIN_NO_OPERATOR);
    assert_int_equal(rig_login(rig, 255, "739516").verdict, VAULT_LOGIN_NO_OPERATOR);
    /* Another's password is no password of one's own. */
    assert_int_equal(rig_login(rig, 0, rig_initial(rig, 1)).verdict, VAULT_LOGIN_WRONG);
    /* The entry is consumed, whatever the outcome. */
    (void)rig_login(rig, 1, "739516");
    vault_write_person(rig_ask(rig, VAULT_LOGIN), (struct vault_person){1, rig->language});
    assert_status(rig_send(rig), VAULT_NO_ENTRY);
}

/* S26: the waits of attempts.h, over restarts, and a lock that the right password does not open. */
static void test_tries_run_out(void **state)
{
    struct rig *rig = *state;
    static const uint32_t wait_s[] = {0, 0, 0, 1, 2, 4, 8, 16, 32, 64};
    for (uint8_t i = 0; i < 10; i++) {
        if (wait_s[i] > 0) {
            struct vault_login_answer early = rig_login(rig, 1, rig_initial(rig, 1));
            assert_int_equal(early.verdict, VAULT_LOGIN_WAIT);
            assert_int_equal(early.wait_s, wait_s[i]);
            assert_int_equal(early.tries_left, 10 - i);
            rig_restart(rig);
            rig_panel(rig);
            rig->now_ms += (int64_t)wait_s[i] * 1000;
        }
        struct vault_login_answer said = rig_login(rig, 1, "000000");
        assert_int_equal(said.verdict, VAULT_LOGIN_WRONG);
        assert_int_equal(said.tries_left, 9 - i);
    }
    rig->now_ms += (int64_t)86400 * 1000 * 365;
    struct vault_login_answer locked = rig_login(rig, 1, rig_initial(rig, 1));
    assert_int_equal(locked.verdict, VAULT_LOGIN_LOCKED);
    assert_int_equal(locked.tries_left, 0);
    rig_restart(rig);
    rig_panel(rig);
    assert_int_equal(rig_login(rig, 1, rig_initial(rig, 1)).verdict, VAULT_LOGIN_LOCKED);
    assert_int_equal(rig_login(rig, 0, rig_initial(rig, 0)).verdict, VAULT_LOGIN_MUST_CHANGE);

    struct vault_operator list[VAULT_OPERATORS_MAX];
    size_t count = 0;
    assert_status(rig_plain(rig, VAULT_OPERATORS), VAULT_OK);
    assert_ok(vault_read_operators(&rig->answer, list, ARRAY_LEN(list), &count));
    assert_int_equal(list[0].locked, 0);
    assert_int_equal(list[1].locked, 1);
}

/* A right password gives the tries back. */
static void test_right_password_refreshes_tries(void **state)
{
    struct rig *rig = *state;
    for (int i = 0; i < 3; i++) (void)rig_login(rig, 1, "000000");
    rig->now_ms += 1000;
    assert_int_equal(rig_login(rig, 1, rig_initial(rig, 1)).tries_left, 10);
    struct vault_login_answer said = rig_login(rig, 1, "000000");
    assert_int_equal(said.tries_left, 9);
}

/* S10-S12: who may change what, and which rule is named. */
static void test_change_rules(void **state)
{
    struct rig *rig = *state;
    uint8_t verdict = 255;
    assert_status(rig_begin_for(rig, VAULT_ENTRY_NEW, false, 1), VAULT_NOT_ALLOWED);
    assert_status(rig_set_entered(rig, 1, &verdict), VAULT_NO_ENTRY);
    (void)rig_login(rig, 1, rig_initial(rig, 1));

    assert_int_equal(rig_set(rig, 1, "739516", "739517"), VAULT_PASSWORD_MISMATCH);
    assert_int_equal(rig_set(rig, 1, "739516", "7395160"), VAULT_PASSWORD_MISMATCH);
    assert_int_equal(rig_set(rig, 1, "123456", "123456"), RIG_RUN);
    assert_int_equal(rig_set(rig, 1, "198605", "198605"), RIG_DATE);
    assert_int_equal(rig_set(rig, 1, "166816", "166816"), RIG_PUBLISHED);
    assert_int_equal(rig_set(rig, 1, "829005", "829005"), RIG_OWN_NUMBER); /* of the MID */
    assert_int_equal(rig_set(rig, 1, rig_initial(rig, 1), rig_initial(rig, 1)), RIG_SAME);
    assert_status(rig_set_entered(rig, 1, &verdict), VAULT_NO_ENTRY); /* consumed */

    /* Nothing of that has changed anything. */
    rig_restart(rig);
    rig_panel(rig);
    assert_int_equal(rig_login(rig, 1, rig_initial(rig, 1)).verdict, VAULT_LOGIN_MUST_CHANGE);

    /* Not for another operator, not twice on one showing of the password, not long afterwards. */
    rig_enter_for(rig, VAULT_ENTRY_NEW, 1, "739516");
    rig_enter_for(rig, VAULT_ENTRY_REPEAT, 1, "739516");
    assert_status(rig_set_entered(rig, 0, &verdict), VAULT_NOT_ALLOWED);
    assert_int_equal(rig_set(rig, 1, "739516", "739516"), VAULT_PASSWORD_OK);
    assert_status(rig_begin_for(rig, VAULT_ENTRY_NEW, false, 1), VAULT_NOT_ALLOWED);
    assert_int_equal(rig_login(rig, 1, "739516").verdict, VAULT_LOGIN_OK);
    rig->now_ms += VAULT_CHANGE_WITHIN_S * 1000 + 1;
    assert_status(rig_begin_for(rig, VAULT_ENTRY_NEW, false, 1), VAULT_NOT_ALLOWED);
    /* A wrong password in between takes the right away. */
    assert_int_equal(rig_login(rig, 1, "739516").verdict, VAULT_LOGIN_OK);
    assert_status(rig_begin_for(rig, VAULT_ENTRY_NEW, false, 1), VAULT_OK);
    assert_int_equal(rig_login(rig, 1, "739517").verdict, VAULT_LOGIN_WRONG);
    assert_status(rig_begin_for(rig, VAULT_ENTRY_NEW, false, 1), VAULT_NOT_ALLOWED);
}

/* The keypad says how long; the administrator's is longer. */
static void test_lengths_by_purpose(void **state)
{
    struct rig *rig = *state;
    assert_status(rig_begin(rig, VAULT_ENTRY_PASSWORD, false), VAULT_OK);
    assert_int_equal(rig->shown.min, 4);
    assert_int_equal(rig->shown.max, 16);
    (void)rig_login(rig, 99, rig_initial(rig, 99));
    assert_status(rig_begin_for(rig, VAULT_ENTRY_NEW, false, 99), VAULT_OK);
    assert_int_equal(rig->shown.min, 8);
    assert_int_equal(rig->shown.max, 12);
    (void)rig_login(rig, 0, rig_initial(rig, 0));
    assert_status(rig_begin_for(rig, VAULT_ENTRY_REPEAT, false, 0), VAULT_OK);
    assert_int_equal(rig->shown.min, 6);
    assert_int_equal(rig->shown.max, 12);
}

/* S15, S27, S64: neither answers nor store hold a password, the initial ones included. */
static void test_no_password_is_shown(void **state)
{
    struct rig *rig = *state;
    (void)rig_login(rig, 1, rig_initial(rig, 1));
    assert_int_equal(rig_set(rig, 1, "73951640", "73951640"), VAULT_PASSWORD_OK);
    assert_int_equal(rig_login(rig, 1, "73951640").verdict, VAULT_LOGIN_OK);
    assert_int_equal(rig_login(rig, 1, "80246173").verdict, VAULT_LOGIN_WRONG);
    assert_true(rig_never_shown(rig, "73951640"));
    assert_true(rig_never_shown(rig, "80246173"));
    for (size_t i = 0; i < VAULT_INITIALS; i++)
        assert_true(rig_never_shown(rig, rig->initials[i].password));
}

/* S71: what happened is in the chain, and the chain holds. */
static err count_event(void *context, const struct audit_record *record)
{
    unsigned *counts = context;
    static const char *const events[] = {"initialise",  "provision",        "login",
                                         "login_wrong", "password_refused", "password_set"};
    for (size_t i = 0; i < ARRAY_LEN(events); i++)
        counts[i] += bytes_equal(record->entry.event, bytes_text(events[i]));
    return OK;
}

static void test_audit(void **state)
{
    struct rig *rig = *state;
    unsigned counts[6] = {0};
    struct audit_report report;
    (void)rig_login(rig, 1, "000000");
    (void)rig_login(rig, 1, rig_initial(rig, 1));
    (void)rig_set(rig, 1, "111111", "111111");
    (void)rig_set(rig, 1, "739516", "739516");
    assert_ok(audit_verify(vault_store(rig->vault), &report));
    assert_int_equal(report.verdict, AUDIT_INTACT);
    assert_ok(audit_read(vault_store(rig->vault), 1, count_event, counts));
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) assert_int_equal(counts[i], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_operators_of_a_new_device, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_first_login_must_change, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_login_survives_restart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nobody_and_nothing_entered, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_tries_run_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_right_password_refreshes_tries, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_change_rules, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lengths_by_purpose, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_password_is_shown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_audit, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
