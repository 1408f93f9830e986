/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may do what to whom, whole: every role and every action (S47, S48, S55, CR-36), passwords
 * that are given (S17, S36), approvals by somebody else (S48, S56, S59), and one password tried on
 * many operators (S26).
 */
#include "tests/unit/vault_people_rig.h"

static int set_up(void **state)
{
    *state = rig_shop(81);
    return 0;
}

static int tear_down(void **state)
{
    rig_free(*state);
    return 0;
}

enum actor { NOBODY, CASHIER, SUPERVISOR, ADMINISTRATOR, ACTORS };

static void become(struct rig *rig, enum actor actor)
{
    static const struct {
        uint8_t id;
        const char *password;
    } who[ACTORS] = {[CASHIER] = {1, OWN_CASHIER},
                     [SUPERVISOR] = {0, OWN_SUPERVISOR},
                     [ADMINISTRATOR] = {99, OWN_ADMINISTRATOR}};
    rig_logout(rig);
    if (actor == NOBODY) return;
    assert_int_equal(rig_login(rig, who[actor].id, who[actor].password).verdict, VAULT_LOGIN_OK);
}

enum {
    GO = VAULT_OPERATOR_OK,
    NONE = VAULT_OPERATOR_NOT_FOUND,
    HERE = VAULT_OPERATOR_EXISTS,
    SAFE = VAULT_OPERATOR_PROTECTED,
    THEIRS = VAULT_OPERATOR_NOT_YOURS,
    NEVER = 100 /* the command itself is refused */
};

/*
 * Targets: a cashier who is there (2), a second supervisor (50), nobody (60), the supervisor, the
 * administrator. ADD is asked for with the role of the target, as a cashier for nobody.
 */
static const struct {
    uint8_t id, role;
} targets[] = {{2, VAULT_ROLE_CASHIER},
               {50, VAULT_ROLE_SUPERVISOR},
               {60, VAULT_ROLE_CASHIER},
               {0, VAULT_ROLE_SUPERVISOR},
               {99, VAULT_ROLE_ADMINISTRATOR}};

static const uint8_t expected[ACTORS][VAULT_OPERATOR_FORCE + 1][ARRAY_LEN(targets)] =
    {
        [SUPERVISOR] =
            {
                [VAULT_OPERATOR_ADD] = {HERE, THEIRS, GO, SAFE, SAFE},
                [VAULT_OPERATOR_DELETE] = {GO, THEIRS, NONE, SAFE, SAFE},
                [VAULT_OPERATOR_SUSPEND] = {GO, THEIRS, NONE, SAFE, SAFE},
                [VAULT_OPERATOR_RESUME] = {GO, THEIRS, NONE, SAFE, SAFE},
                [VAULT_OPERATOR_RESET] = {GO, THEIRS, NONE, SAFE, SAFE},
                [VAULT_OPERATOR_FORCE] = {GO, THEIRS, NONE, SAFE, SAFE},
            },
        [ADMINISTRATOR] =
            {
                [VAULT_OPERATOR_ADD] = {THEIRS, HERE, THEIRS, SAFE, SAFE},
                [VAULT_OPERATOR_DELETE] = {THEIRS, GO, NONE, SAFE, SAFE},
                [VAULT_OPERATOR_SUSPEND] = {THEIRS, GO, NONE, SAFE, SAFE},
                [VAULT_OPERATOR_RESUME] = {THEIRS, GO, NONE, SAFE, SAFE},
                [VAULT_OPERATOR_RESET] = {THEIRS, GO, NONE, GO, SAFE},
                [VAULT_OPERATOR_FORCE] = {THEIRS, GO, NONE, GO, SAFE},
            },
};

static void expect_one(enum actor actor, uint8_t action, size_t target)
{
    struct rig *rig = rig_shop(82);
    become(rig, ADMINISTRATOR);
    assert_int_equal(rig_operator(rig, VAULT_OPERATOR_ADD, 50, VAULT_ROLE_SUPERVISOR).verdict, GO);
    become(rig, actor);
    struct rig_given given = rig_operator(rig, action, targets[target].id, targets[target].role);
    bool manager = actor == SUPERVISOR || actor == ADMINISTRATOR;
    uint8_t want = manager ? expected[actor][action][target] : NEVER;
    if (want == NEVER) assert_status(given.status, VAULT_NOT_ALLOWED);
    else if (given.verdict != want)
        fail_msg("actor %d, action %d, operator %d: %d and not %d", actor, action,
                 targets[target].id, given.verdict, want);
    bool gives = want == GO && (action == VAULT_OPERATOR_ADD || action == VAULT_OPERATOR_RESET);
    assert_int_equal(given.password[0] != '\0', gives);
    rig_free(rig);
}

static void test_every_role_and_every_action(void **state)
{
    (void)state;
    for (enum actor actor = NOBODY; actor < ACTORS; actor++)
        for (uint8_t action = VAULT_OPERATOR_ADD; action <= VAULT_OPERATOR_FORCE; action++)
            for (size_t target = 0; target < ARRAY_LEN(targets); target++)
                expect_one(actor, action, target);
}

/* Another supervisor than 00 cannot help 00 either, and nobody touches himself. */
static void test_two_supervisors(void **state)
{
    struct rig *rig = *state;
    become(rig, ADMINISTRATOR);
    struct rig_given given = rig_operator(rig, VAULT_OPERATOR_ADD, 50, VAULT_ROLE_SUPERVISOR);
    rig_own(rig, 50, given.password, "402869");
    assert_int_equal(rig_login(rig, 50, "402869").verdict, VAULT_LOGIN_OK);
    assert_int_equal(rig_operator(rig, VAULT_OPERATOR_RESET, 0, VAULT_ROLE_SUPERVISOR).verdict,
                     SAFE);
    assert_int_equal(rig_operator(rig, VAULT_OPERATOR_DELETE, 50, VAULT_ROLE_SUPERVISOR).verdict,
                     SAFE);
    assert_int_equal(rig_operator_ok(rig, VAULT_OPERATOR_RESET, 2).verdict, GO);
    assert_int_equal(rig_operator(rig, VAULT_OPERATOR_ADD, 7, VAULT_ROLE_ADMINISTRATOR).verdict,
                     THEIRS);
}

/* A password that must be changed opens no management either (S33). */
static void test_first_change_then_manage(void **state)
{
    (void)state;
    struct rig *rig = rig_new(83);
    rig_provision(rig, KEY_AES128);
    rig_panel(rig);
    (void)rig_login(rig, 0, rig_initial(rig, 0));
    assert_status(rig_operator(rig, VAULT_OPERATOR_RESET, 1, 1).status, VAULT_NOT_ALLOWED);
    assert_status(rig_plain(rig, VAULT_PAIR_BEGIN), VAULT_NOT_ALLOWED);
    assert_int_equal(rig_set(rig, 0, OWN_SUPERVISOR, OWN_SUPERVISOR), VAULT_PASSWORD_OK);
    (void)rig_operator_ok(rig, VAULT_OPERATOR_RESET, 1);
    rig_free(rig);
}

/* S47: room for ninety-nine; S17: what is given works once. */
static void test_room_for_all(void **state)
{
    struct rig *rig = *state;
    become(rig, SUPERVISOR);
    unsigned added = 0;
    uint8_t verdict = GO, id = 6;
    for (; id < 99 && verdict == GO; id++) {
        verdict = rig_operator(rig, VAULT_OPERATOR_ADD, id, VAULT_ROLE_CASHIER).verdict;
        added += verdict == GO;
    }
    assert_int_equal(verdict, VAULT_OPERATOR_FULL);
    assert_int_equal(added, VAULT_PEOPLE_MAX - 7);
    (void)rig_operator_ok(rig, VAULT_OPERATOR_DELETE, 20);
    assert_int_equal(rig_listed(rig, 20).id, 255);
    (void)rig_operator_ok(rig, VAULT_OPERATOR_ADD, 20);
}

static void test_given_password_is_for_one_use(void **state)
{
    struct rig *rig = *state;
    become(rig, SUPERVISOR);
    struct rig_given given = rig_operator_ok(rig, VAULT_OPERATOR_RESET, 1);
    assert_int_equal(rig_listed(rig, 1).has_password, 1);
    assert_true(rig_never_shown(rig, given.password)); /* sealed, and hashed */
    rig_logout(rig);
    assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_WRONG);
    struct vault_login_answer said = rig_login(rig, 1, given.password);
    assert_int_equal(said.verdict, VAULT_LOGIN_MUST_CHANGE);
    assert_int_equal(said.reason, VAULT_CHANGE_ONE_TIME);
    assert_int_equal(rig_set(rig, 1, OWN_CASHIER, OWN_CASHIER), RIG_HISTORY); /* the old one */
    assert_int_equal(rig_set(rig, 1, given.password, given.password), RIG_SAME);
    assert_int_equal(rig_set(rig, 1, "402869", "402869"), VAULT_PASSWORD_OK);
    rig_logout(rig);
    assert_int_equal(rig_login(rig, 1, given.password).verdict, VAULT_LOGIN_WRONG);
    assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_WRONG);
    assert_int_equal(rig_login(rig, 1, "402869").verdict, VAULT_LOGIN_OK);
    assert_int_equal(rig_logged(rig, "password_reset", "operator 00", NULL), 1);
}

/* S36: of two given passwords the older is dead. */
static void test_newest_given_password_counts(void **state)
{
    struct rig *rig = *state;
    become(rig, SUPERVISOR);
    struct rig_given first = rig_operator_ok(rig, VAULT_OPERATOR_RESET, 2);
    struct rig_given second = rig_operator_ok(rig, VAULT_OPERATOR_RESET, 2);
    rig_logout(rig);
    assert_int_equal(rig_login(rig, 2, first.password).verdict, VAULT_LOGIN_WRONG);
    assert_int_equal(rig_login(rig, 2, second.password).verdict, VAULT_LOGIN_MUST_CHANGE);
}

/* Without a page there is nobody to read it, and nothing happens. */
static void test_no_page_no_password(void **state)
{
    struct rig *rig = *state;
    become(rig, SUPERVISOR);
    vault_forget_session(rig->vault);
    assert_status(rig_operator(rig, VAULT_OPERATOR_RESET, 1, 1).status, VAULT_NOT_ALLOWED);
    rig_panel(rig);
    assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_OK);
}

static void test_suspend_resume_force(void **state)
{
    struct rig *rig = *state;
    become(rig, SUPERVISOR);
    (void)rig_operator_ok(rig, VAULT_OPERATOR_SUSPEND, 1);
    assert_int_equal(rig_listed(rig, 1).suspended, 1);
    rig_logout(rig);
    assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_NO_OPERATOR);
    assert_int_equal(rig_recover(rig, 1, VAULT_BY_SMS).verdict, VAULT_RECOVERY_NO_OPERATOR);
    become(rig, SUPERVISOR);
    (void)rig_operator_ok(rig, VAULT_OPERATOR_RESUME, 1);
    (void)rig_operator_ok(rig, VAULT_OPERATOR_FORCE, 1);
    rig_logout(rig);
    struct vault_login_answer said = rig_login(rig, 1, OWN_CASHIER);
    assert_int_equal(said.verdict, VAULT_LOGIN_MUST_CHANGE);
    assert_int_equal(said.reason, VAULT_CHANGE_FORCED);
    assert_status(rig_arm(rig), VAULT_NOT_ALLOWED);
    assert_int_equal(rig_set(rig, 1, OWN_CASHIER, OWN_CASHIER), RIG_SAME);
    assert_int_equal(rig_set(rig, 1, "402869", "402869"), VAULT_PASSWORD_OK);
    assert_status(rig_arm(rig), VAULT_OK);
    assert_int_equal(rig_login(rig, 1, "402869").verdict, VAULT_LOGIN_OK);
    assert_int_equal(rig_listed(rig, 1).last_login_ms, rig->now_ms);
}

/* S48: a supervisor and an administrator do not trade. */
static void test_who_trades(void **state)
{
    struct rig *rig = *state;
    static const uint8_t trade[] = {VAULT_CARD_ARM, VAULT_CARD_POLL, VAULT_PIN_BLOCK};
    assert_status(rig_sign_in(rig), VAULT_OK);
    for (enum actor actor = NOBODY; actor < ACTORS; actor++) {
        become(rig, actor);
        for (size_t i = 0; i < ARRAY_LEN(trade); i++) {
            enum vault_status status =
                trade[i] == VAULT_CARD_ARM ? rig_arm(rig) : rig_plain(rig, trade[i]);
            bool refused = actor == SUPERVISOR || actor == ADMINISTRATOR;
            assert_int_equal(status == VAULT_NOT_ALLOWED, refused);
        }
    }
}

/* ---- approvals ---- */

enum { YES = VAULT_LOGIN_OK, NO = VAULT_LOGIN_NO_OPERATOR };

static void test_who_approves_what(void **state)
{
    struct rig *rig = *state;
    static const struct {
        uint8_t approver;
        const char *password;
        uint8_t said[VAULT_APPROVED_ACTIONS];
    } rows[] = {
        {1, OWN_CASHIER, {0, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO}},
        {0, OWN_SUPERVISOR, {0, YES, YES, YES, YES, YES, YES, YES, YES, YES, YES}},
        {99, OWN_ADMINISTRATOR, {0, NO, NO, NO, YES, NO, YES, NO, NO, NO, NO}},
        {42, "402869", {0, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (uint8_t action = 1; action < VAULT_APPROVED_ACTIONS; action++)
            assert_int_equal(
                rig_approve(rig, rows[i].approver, rows[i].password, action, "refund 12.00"),
                rows[i].said[action]);
    assert_int_equal(rig_logged(rig, "approved", "operator 00", NULL), 10);
    assert_int_equal(rig_logged(rig, "approved", "operator 99", NULL), 2);
    assert_int_equal(rig_logged(rig, "approved", NULL, "refund for nobody logged in"), 1);
}

/* S48, S56, S59: the cashier stays logged in, and is named; nobody approves for himself. */
static void test_approval_is_no_login(void **state)
{
    struct rig *rig = *state;
    struct vault_login_answer out;
    become(rig, CASHIER);
    assert_int_equal(rig_approve(rig, 0, "000000", VAULT_APPROVE_REFUND, ""), VAULT_LOGIN_WRONG);
    assert_int_equal(rig_approve(rig, 0, OWN_SUPERVISOR, VAULT_APPROVE_REFUND, "refund 1"), YES);
    assert_int_equal(rig_logged(rig, "approved", "operator 00", "refund for operator 01"), 1);
    assert_status(rig_arm(rig), VAULT_OK); /* still a cashier's session */
    assert_status(rig_operator(rig, VAULT_OPERATOR_RESET, 2, 1).status, VAULT_NOT_ALLOWED);
    /* Not twice on one entry, and not without one. */
    assert_status(rig_approve_entered(rig, 0, VAULT_APPROVE_REFUND, "", &out), VAULT_NO_ENTRY);
    become(rig, SUPERVISOR);
    rig_enter_for(rig, VAULT_ENTRY_APPROVER, 0, OWN_SUPERVISOR);
    assert_status(rig_approve_entered(rig, 0, VAULT_APPROVE_REFUND, "", &out), VAULT_NOT_ALLOWED);
    /* A password that must be changed approves nothing. */
    become(rig, ADMINISTRATOR);
    assert_int_equal(rig_operator(rig, VAULT_OPERATOR_FORCE, 0, VAULT_ROLE_SUPERVISOR).verdict, GO);
    become(rig, CASHIER);
    assert_int_equal(rig_approve(rig, 0, OWN_SUPERVISOR, VAULT_APPROVE_REFUND, ""),
                     VAULT_LOGIN_MUST_CHANGE);
    assert_int_equal(rig_logged(rig, "approved", NULL, NULL), 1);
    const struct vault_approve odd[] = {{0, 0, BYTES("")}, {0, VAULT_APPROVED_ACTIONS, BYTES("")}};
    for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
        vault_write_approve(rig_ask(rig, VAULT_APPROVE), &odd[i]);
        assert_status(rig_send(rig), VAULT_BAD_REQUEST);
    }
}

/* The approver's tries are the same tries. */
static void test_approvals_are_guesses_too(void **state)
{
    struct rig *rig = *state;
    become(rig, CASHIER);
    for (int i = 0; i < 10; i++) {
        rig->now_ms += 100000;
        assert_int_equal(rig_approve(rig, 0, "000000", VAULT_APPROVE_VOID, ""), VAULT_LOGIN_WRONG);
    }
    rig->now_ms += 100000;
    assert_int_equal(rig_approve(rig, 0, OWN_SUPERVISOR, VAULT_APPROVE_VOID, ""),
                     VAULT_LOGIN_LOCKED);
    assert_int_equal(rig_login(rig, 0, OWN_SUPERVISOR).verdict, VAULT_LOGIN_LOCKED);
}

/* ---- S26: tries ---- */

static uint8_t wrong(struct rig *rig, uint8_t id)
{
    rig->now_ms += 100000; /* no wait stops him */
    return rig_login(rig, id, "000000").verdict;
}

static void test_unlock(void **state)
{
    struct rig *rig = *state;
    for (int i = 0; i < 10; i++) assert_int_equal(wrong(rig, 1), VAULT_LOGIN_WRONG);
    assert_int_equal(wrong(rig, 1), VAULT_LOGIN_LOCKED);
    assert_int_equal(rig_approve(rig, 99, OWN_ADMINISTRATOR, VAULT_APPROVE_UNLOCK, "01"), YES);
    assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_LOCKED); /* not his */
    assert_int_equal(rig_approve(rig, 0, OWN_SUPERVISOR, VAULT_APPROVE_UNLOCK, "02"), YES);
    assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_LOCKED);
    assert_int_equal(rig_approve(rig, 0, OWN_SUPERVISOR, VAULT_APPROVE_UNLOCK, "01"), YES);
    assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_OK);
}

/* One password on ninety operators: thirty guesses and no more, and the supervisor still helps. */
static void test_spraying_runs_dry(void **state)
{
    struct rig *rig = *state;
    become(rig, SUPERVISOR);
    for (uint8_t id = 6; id < 96; id++) (void)rig_operator_ok(rig, VAULT_OPERATOR_ADD, id);
    rig_logout(rig);
    unsigned guesses = 0;
    for (int round = 0; round < 3; round++)
        for (uint8_t id = 1; id < 96; id++) guesses += wrong(rig, id) == VAULT_LOGIN_WRONG;
    assert_int_equal(guesses, VAULT_TRIES_DEVICE);
    for (int i = 0; i < 12; i++) {
        guesses += wrong(rig, 0) == VAULT_LOGIN_WRONG;
        guesses += wrong(rig, 99) == VAULT_LOGIN_WRONG;
    }
    assert_int_equal(guesses, VAULT_TRIES_DEVICE + 20);
    assert_int_equal(rig_logged(rig, "login_locked", NULL, "device"), 1);
    assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_LOCKED);
    rig_free(rig);

    /* The same with a supervisor in time. */
    *state = rig = rig_shop(84);
    for (uint8_t i = 0; i < VAULT_TRIES_DEVICE / 10; i++) {
        become(rig, SUPERVISOR);
        (void)rig_operator_ok(rig, VAULT_OPERATOR_ADD, (uint8_t)(30 + i));
        rig_logout(rig);
        for (int k = 0; k < 10; k++)
            assert_int_equal(wrong(rig, (uint8_t)(30 + i)), VAULT_LOGIN_WRONG);
    }
    assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_LOCKED);
    assert_int_equal(rig_approve(rig, 0, OWN_SUPERVISOR, VAULT_APPROVE_UNLOCK, ""), YES);
    assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_OK);
}

/* Slips that their makers have made good do not add up. */
static void test_honest_slips_are_forgiven(void **state)
{
    struct rig *rig = *state;
    for (int day = 0; day < 2 * VAULT_TRIES_DEVICE; day++) {
        assert_int_equal(wrong(rig, 1), VAULT_LOGIN_WRONG);
        assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_role_and_every_action),
        cmocka_unit_test_setup_teardown(test_two_supervisors, set_up, tear_down),
        cmocka_unit_test(test_first_change_then_manage),
        cmocka_unit_test_setup_teardown(test_room_for_all, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_given_password_is_for_one_use, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_newest_given_password_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_page_no_password, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_suspend_resume_force, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_who_trades, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_who_approves_what, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_approval_is_no_login, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_approvals_are_guesses_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_unlock, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_spraying_runs_dry, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_honest_slips_are_forgiven, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
