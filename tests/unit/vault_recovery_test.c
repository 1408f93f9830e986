/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forgotten passwords: the ways of each role (S38, S39, S41, S43, S46), the first password by a
 * code (S34), every transition from challenge to new password and the way back at each step (S13,
 * S14, S16), and everything that somebody without the host's proof may try (CR-12, CR-16).
 */
#include "tests/unit/vault_people_rig.h"

enum { BEGUN = VAULT_RECOVERY_BEGUN, NO_WAY = VAULT_RECOVERY_NO_WAY };

static int set_up(void **state)
{
    *state = rig_shop(91);
    return 0;
}

static int tear_down(void **state)
{
    rig_free(*state);
    return 0;
}

/* Begins, and the proof of it. */
static struct recovery_proof begun(struct rig *rig, uint8_t id, uint8_t way)
{
    struct rig_challenge c = rig_recover(rig, id, way);
    assert_int_equal(c.verdict, BEGUN);
    return rig_prove(rig, &c, id, way);
}

/* S38: exactly the ways of the role; another policy, other ways. */
static void test_ways_of_each_role(void **state)
{
    struct rig *rig = *state;
    static const struct {
        uint8_t id, verdict[VAULT_WAYS + 1];
    } rows[] = {
        {1, {NO_WAY, BEGUN, NO_WAY, NO_WAY, NO_WAY, NO_WAY}},
        {0, {NO_WAY, BEGUN, BEGUN, BEGUN, BEGUN, NO_WAY}},
        {99, {NO_WAY, NO_WAY, NO_WAY, BEGUN, BEGUN, NO_WAY}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (uint8_t way = 0; way <= VAULT_WAYS; way++)
            assert_int_equal(rig_recover(rig, rows[i].id, way).verdict, rows[i].verdict[way]);
    assert_int_equal(rig_recover(rig, 42, VAULT_BY_SMS).verdict, VAULT_RECOVERY_NO_OPERATOR);
    assert_int_equal(rig_recover(rig, 255, VAULT_BY_SMS).verdict, VAULT_RECOVERY_NO_OPERATOR);
}

/* From the challenge to the new password, by each way of the supervisor. */
static void test_every_way_to_the_end(void **state)
{
    (void)state;
    static const struct {
        uint8_t way;
        size_t len;
        uint32_t valid_s;
    } rows[] = {{VAULT_BY_SMS, 16, 300},
                {VAULT_BY_MAIL, 16, 1800},
                {VAULT_BY_SERVICE, 16, 86400},
                {VAULT_BY_OFFLINE, RECOVERY_OFFLINE_DIGITS, 900}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rig *rig = rig_shop(92 + i);
        struct rig_challenge c = rig_recover(rig, 0, rows[i].way);
        assert_int_equal(c.len, rows[i].len);
        assert_int_equal(c.valid_s, rows[i].valid_s);
        if (rows[i].way == VAULT_BY_OFFLINE)
            assert_true(recovery_spoken_valid(bytes_of(c.at, c.len)));
        struct recovery_proof proof = rig_prove(rig, &c, 0, rows[i].way);
        assert_status(rig_begin_for(rig, VAULT_ENTRY_NEW, false, 0), VAULT_NOT_ALLOWED);
        struct vault_recovery_ended said =
            proof.code[0] == '\0' ? rig_grant(rig, 0, proof.grant) : rig_code(rig, 0, proof.code);
        assert_int_equal(said.verdict, VAULT_PROOF_OK);

        /* Not a log-in: nothing is open but the new password, and the old one still works. */
        assert_status(rig_operator(rig, VAULT_OPERATOR_RESET, 1, 1).status, VAULT_NOT_ALLOWED);
        assert_status(rig_begin_for(rig, VAULT_ENTRY_NEW, false, 1), VAULT_NOT_ALLOWED);
        assert_int_equal(rig_set(rig, 0, OWN_SUPERVISOR, OWN_SUPERVISOR), RIG_SAME);
        assert_int_equal(rig_set(rig, 0, "402869", "402869"), VAULT_PASSWORD_OK);
        assert_status(rig_operator(rig, VAULT_OPERATOR_RESET, 1, 1).status, VAULT_NOT_ALLOWED);
        assert_int_equal(rig_login(rig, 0, OWN_SUPERVISOR).verdict, VAULT_LOGIN_WRONG);
        assert_int_equal(rig_login(rig, 0, "402869").verdict, VAULT_LOGIN_OK);
        assert_int_equal(rig_logged(rig, "recovery_begun", NULL, NULL), 1);
        assert_int_equal(rig_logged(rig, "recovery_proved", "operator 00", NULL), 1);
        assert_int_equal(rig_logged(rig, "recovered", "operator 00", NULL), 1);
        if (proof.code[0] != '\0') assert_true(rig_never_shown(rig, proof.code));
        rig_free(rig);
    }
}

/* S43: who is locked out comes back in, and has his tries again. */
static void test_locked_out_and_back(void **state)
{
    struct rig *rig = *state;
    for (int i = 0; i < 10; i++) {
        rig->now_ms += 100000;
        (void)rig_login(rig, 0, "000000");
    }
    rig->now_ms += 100000;
    assert_int_equal(rig_login(rig, 0, OWN_SUPERVISOR).verdict, VAULT_LOGIN_LOCKED);
    struct recovery_proof proof = begun(rig, 0, VAULT_BY_OFFLINE);
    assert_int_equal(rig_code(rig, 0, proof.code).verdict, VAULT_PROOF_OK);
    assert_int_equal(rig_login(rig, 0, OWN_SUPERVISOR).verdict, VAULT_LOGIN_LOCKED);
    proof = begun(rig, 0, VAULT_BY_OFFLINE);
    assert_int_equal(rig_code(rig, 0, proof.code).verdict, VAULT_PROOF_OK);
    assert_int_equal(rig_set(rig, 0, "402869", "402869"), VAULT_PASSWORD_OK);
    assert_int_equal(rig_login(rig, 0, "402869").tries_left, 10);
}

/* S34: an operator who never had a password gets his first by a code to the registered contact. */
static void test_first_password_by_code(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(rig_login(rig, 2, "402869").verdict, VAULT_LOGIN_NO_OPERATOR);
    struct recovery_proof proof = begun(rig, 2, VAULT_BY_SMS);
    assert_int_equal(rig_code(rig, 2, proof.code).verdict, VAULT_PROOF_OK);
    assert_int_equal(rig_set(rig, 2, "402869", "402869"), VAULT_PASSWORD_OK);
    assert_int_equal(rig_login(rig, 2, "402869").verdict, VAULT_LOGIN_OK);
    assert_int_equal(rig_code(rig, 2, proof.code).verdict, VAULT_PROOF_NONE); /* used */
}

/* S46: for the administrator neither the host's proof nor the supervisor alone is enough. */
static void test_administrator_needs_both(void **state)
{
    struct rig *rig = *state;
    struct recovery_proof proof = begun(rig, 99, VAULT_BY_SERVICE);
    assert_int_equal(rig_grant(rig, 99, proof.grant).verdict, VAULT_PROOF_NEEDS_APPROVAL);
    assert_int_equal(rig_approve(rig, 0, OWN_SUPERVISOR, VAULT_APPROVE_REFUND, "99"),
                     VAULT_LOGIN_OK);
    assert_int_equal(rig_grant(rig, 99, proof.grant).verdict, VAULT_PROOF_NEEDS_APPROVAL);
    assert_int_equal(rig_approve(rig, 0, OWN_SUPERVISOR, VAULT_APPROVE_RECOVERY, "99"),
                     VAULT_LOGIN_OK);
    assert_status(rig_begin_for(rig, VAULT_ENTRY_NEW, false, 99), VAULT_NOT_ALLOWED);
    rig->now_ms += (VAULT_RECOVERY_APPROVED_WITHIN_S + 1) * 1000;
    assert_int_equal(rig_grant(rig, 99, proof.grant).verdict, VAULT_PROOF_NEEDS_APPROVAL);
    assert_int_equal(rig_approve(rig, 0, OWN_SUPERVISOR, VAULT_APPROVE_RECOVERY, "99"),
                     VAULT_LOGIN_OK);
    assert_int_equal(rig_grant(rig, 99, proof.grant).verdict, VAULT_PROOF_OK);
    assert_int_equal(rig_set(rig, 99, "40286917", "40286917"), VAULT_PASSWORD_OK);
    assert_int_equal(rig_login(rig, 99, "40286917").verdict, VAULT_LOGIN_OK);

    /* A yes is for one recovery; a code that was typed waits for it. */
    proof = begun(rig, 99, VAULT_BY_OFFLINE);
    struct vault_recovery_ended said = rig_code(rig, 99, proof.code);
    assert_int_equal(said.verdict, VAULT_PROOF_NEEDS_APPROVAL);
    assert_int_equal(said.tries_left, 5);
    rig_logout(rig);
    assert_int_equal(rig_approve(rig, 0, OWN_SUPERVISOR, VAULT_APPROVE_RECOVERY, "99"),
                     VAULT_LOGIN_OK);
    assert_int_equal(rig_code(rig, 99, proof.code).verdict, VAULT_PROOF_OK);
}

/* S14, S13: turning back at any step leaves everything as it was. */
static void test_turning_back_changes_nothing(void **state)
{
    (void)state;
    for (int step = 0; step < 6; step++) {
        struct rig *rig = rig_shop(101);
        struct vault_entry_answer out;
        struct recovery_proof proof = begun(rig, 0, VAULT_BY_SMS);
        if (step >= 1) assert_status(rig_begin_for(rig, VAULT_ENTRY_CODE, false, 0), VAULT_OK);
        if (step == 1) assert_status(rig_touch(rig, 'X', &out), VAULT_OK);
        if (step >= 2) assert_int_equal(rig_code(rig, 0, proof.code).verdict, VAULT_PROOF_OK);
        if (step >= 3) assert_status(rig_begin_for(rig, VAULT_ENTRY_NEW, false, 0), VAULT_OK);
        if (step == 3) assert_status(rig_touch(rig, 'X', &out), VAULT_OK);
        if (step >= 4) rig_enter_for(rig, VAULT_ENTRY_NEW, 0, "402869");
        if (step >= 5) assert_status(rig_begin_for(rig, VAULT_ENTRY_REPEAT, false, 0), VAULT_OK);
        if (step == 5) assert_status(rig_touch(rig, 'X', &out), VAULT_OK);
        uint8_t verdict = 255;
        assert_status(rig_set_entered(rig, 0, &verdict), VAULT_NO_ENTRY);
        rig_logout(rig);
        assert_status(rig_begin_for(rig, VAULT_ENTRY_NEW, false, 0), VAULT_NOT_ALLOWED);
        assert_int_equal(rig_login(rig, 0, OWN_SUPERVISOR).verdict, VAULT_LOGIN_OK);
        assert_int_equal(rig_logged(rig, "recovered", NULL, NULL), 0);
        rig_free(rig);
    }
}

/* S16: whoever is in by the password that was forgotten is out. */
static void test_recovery_ends_the_session(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_OK);
    struct recovery_proof proof = begun(rig, 1, VAULT_BY_SMS);
    assert_int_equal(rig_code(rig, 1, proof.code).verdict, VAULT_PROOF_OK);
    assert_int_equal(rig_set(rig, 1, "402869", "402869"), VAULT_PASSWORD_OK);
    vault_write_byte(rig_ask(rig, VAULT_PASSWORD_KEEP), 1);
    assert_status(rig_send(rig), VAULT_NOT_ALLOWED); /* nobody is logged in */
    /* Five minutes for the new password, and not for somebody else's. */
    proof = begun(rig, 1, VAULT_BY_SMS);
    assert_int_equal(rig_code(rig, 1, proof.code).verdict, VAULT_PROOF_OK);
    rig->now_ms += VAULT_CHANGE_WITHIN_S * 1000 + 1;
    assert_status(rig_begin_for(rig, VAULT_ENTRY_NEW, false, 1), VAULT_NOT_ALLOWED);
}

/* ---- who has no proof ---- */

static void test_five_tries_a_challenge(void **state)
{
    struct rig *rig = *state;
    struct recovery_proof proof = begun(rig, 0, VAULT_BY_SMS);
    const char *other = strcmp(proof.code, "000000") == 0 ? "000001" : "000000";
    for (uint8_t i = 0; i < VAULT_CHALLENGE_TRIES; i++) {
        struct vault_recovery_ended said = rig_code(rig, 0, other);
        assert_int_equal(said.verdict, VAULT_PROOF_WRONG);
        assert_int_equal(said.tries_left, 4 - i);
    }
    assert_int_equal(rig_code(rig, 0, proof.code).verdict, VAULT_PROOF_NONE);
    assert_int_equal(rig_logged(rig, "recovery_locked", NULL, "sms"), 1);

    /* What is typed does not outlive a restart; the desk's grant does, and its tries with it. */
    proof = begun(rig, 0, VAULT_BY_MAIL);
    rig_restart(rig);
    rig_panel(rig);
    assert_int_equal(rig_code(rig, 0, proof.code).verdict, VAULT_PROOF_EXPIRED);
    proof = begun(rig, 0, VAULT_BY_SERVICE);
    const uint8_t wrong[VAULT_GRANT_BYTES] = {0};
    for (uint8_t i = 0; i < VAULT_CHALLENGE_TRIES; i++) {
        assert_int_equal(rig_grant(rig, 0, wrong).tries_left, 4 - i);
        rig_restart(rig);
        rig_panel(rig);
    }
    assert_int_equal(rig_grant(rig, 0, proof.grant).verdict, VAULT_PROOF_NONE);
}

/* Everything that a proof is bound to, one thing changed at a time. */
static void test_proofs_of_something_else(void **state)
{
    struct rig *rig = *state;
    struct rig_challenge c = rig_recover(rig, 0, VAULT_BY_SMS);
    struct recovery_proof right = rig_prove(rig, &c, 0, VAULT_BY_SMS);
    struct recovery_proof other = rig_prove(rig, &c, 1, VAULT_BY_SMS); /* operator */
    assert_int_equal(rig_code(rig, 0, other.code).verdict, VAULT_PROOF_WRONG);
    assert_int_equal(rig_code(rig, 1, right.code).verdict, VAULT_PROOF_NONE);
    struct rig_challenge d = c;
    d.at[0] ^= 1;
    other = rig_prove(rig, &d, 0, VAULT_BY_SMS); /* challenge */
    assert_int_equal(rig_code(rig, 0, other.code).verdict, VAULT_PROOF_WRONG);
    struct rig *device = rig_shop(99);
    other = rig_prove(device, &c, 0, VAULT_BY_SMS); /* device */
    rig_free(device);
    assert_int_equal(rig_code(rig, 0, other.code).verdict, VAULT_PROOF_WRONG);
    struct recovery_proof mail = rig_prove(rig, &c, 0, VAULT_BY_MAIL); /* way */
    assert_int_equal(rig_code(rig, 0, mail.code).verdict, VAULT_PROOF_WRONG);
    /* The grant of a way that has a code is not taken, nor a code where there is a grant. */
    assert_int_equal(rig_grant(rig, 0, right.grant).verdict, VAULT_PROOF_WRONG);
    right = begun(rig, 0, VAULT_BY_SERVICE);
    assert_int_equal(rig_code(rig, 0, "402869").verdict, VAULT_PROOF_WRONG);
    uint8_t grant[VAULT_GRANT_BYTES];
    memcpy(grant, right.grant, sizeof grant);
    grant[15] ^= 1;
    assert_int_equal(rig_grant(rig, 0, grant).verdict, VAULT_PROOF_WRONG);
    assert_int_equal(rig_grant(rig, 0, right.grant).verdict, VAULT_PROOF_OK);
    assert_int_equal(rig_grant(rig, 0, right.grant).verdict, VAULT_PROOF_NONE); /* replay */
}

static void test_newest_challenge_counts(void **state)
{
    struct rig *rig = *state;
    struct recovery_proof first = begun(rig, 0, VAULT_BY_SMS);
    struct recovery_proof second = begun(rig, 0, VAULT_BY_SMS);
    assert_int_equal(rig_code(rig, 0, first.code).verdict, VAULT_PROOF_WRONG);
    assert_int_equal(rig_code(rig, 0, second.code).verdict, VAULT_PROOF_OK);
}

/* The end of each way to the second, and clocks that were set (CR-12). */
static void test_time(void **state)
{
    struct rig *rig = *state;
    static const struct {
        uint8_t way;
        int64_t valid_ms;
    } rows[] = {{VAULT_BY_SMS, 300000}, {VAULT_BY_MAIL, 1800000}, {VAULT_BY_OFFLINE, 900000}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (int late = 0; late < 2; late++) {
            rig->now_ms += 3600 * 1000;
            struct recovery_proof proof = begun(rig, 0, rows[i].way);
            rig->now_ms += rows[i].valid_ms + late;
            assert_int_equal(rig_code(rig, 0, proof.code).verdict,
                             late ? VAULT_PROOF_EXPIRED : VAULT_PROOF_OK);
        }
    }
    /* Set back: the wall clock says that there is time, the other one does not. */
    rig->now_ms += 3600 * 1000;
    struct recovery_proof proof = begun(rig, 0, VAULT_BY_SMS);
    rig->now_ms += 301 * 1000;
    rig->wall_offset_ms = -200 * 1000;
    assert_int_equal(rig_code(rig, 0, proof.code).verdict, VAULT_PROOF_EXPIRED);
    rig->wall_offset_ms = 0;
    rig->now_ms += 3600 * 1000;
    proof = begun(rig, 0, VAULT_BY_SMS);
    rig->wall_offset_ms = -1000;
    assert_int_equal(rig_code(rig, 0, proof.code).verdict, VAULT_PROOF_EXPIRED);
    rig->wall_offset_ms = 0;

    /* The desk's grant outlives a restart, and not its day, and not a clock before its beginning.
     */
    for (int which = 0; which < 3; which++) {
        rig->now_ms += 3600 * 1000;
        proof = begun(rig, 0, VAULT_BY_SERVICE);
        rig_restart(rig);
        rig_panel(rig);
        rig->now_ms += which == 0 ? 86400000 : which == 1 ? 86400001 : 1000;
        if (which == 2) rig->wall_offset_ms = -2000;
        assert_int_equal(rig_grant(rig, 0, proof.grant).verdict,
                         which == 0 ? VAULT_PROOF_OK : VAULT_PROOF_EXPIRED);
    }
}

/* S39: five challenges an hour, restarts and clocks notwithstanding. */
static void test_five_challenges_an_hour(void **state)
{
    struct rig *rig = *state;
    for (int i = 0; i < VAULT_CHALLENGES_AN_HOUR; i++) {
        assert_int_equal(rig_recover(rig, 0, VAULT_BY_SMS).verdict, BEGUN);
        rig->now_ms += 1000;
    }
    assert_int_equal(rig_recover(rig, 0, VAULT_BY_MAIL).verdict, VAULT_RECOVERY_TOO_MANY);
    assert_int_equal(rig_recover(rig, 1, VAULT_BY_SMS).verdict, BEGUN); /* another's own */
    rig_restart(rig);
    rig_panel(rig);
    assert_int_equal(rig_recover(rig, 0, VAULT_BY_SMS).verdict, VAULT_RECOVERY_TOO_MANY);
    rig->now_ms += (3600 - VAULT_CHALLENGES_AN_HOUR) * 1000;
    assert_int_equal(rig_recover(rig, 0, VAULT_BY_SMS).verdict, BEGUN);
    assert_int_equal(rig_recover(rig, 0, VAULT_BY_SMS).verdict, VAULT_RECOVERY_TOO_MANY);
    rig->wall_offset_ms = -INT64_C(86400000) * 365; /* an hour at most, not a year */
    assert_int_equal(rig_recover(rig, 0, VAULT_BY_SMS).verdict, VAULT_RECOVERY_TOO_MANY);
    rig->now_ms += 3600 * 1000;
    assert_int_equal(rig_recover(rig, 0, VAULT_BY_SMS).verdict, BEGUN);
}

/*
 * CR-16: somebody who never tires and has the machine to himself. A hundred thousand random codes
 * by the shortest way; the vault looks at fifty of them, and then only the desk is left.
 */
static void test_a_hundred_thousand_codes(void **state)
{
    struct rig *rig = *state;
    struct random random = random_from_seed(&rig->source);
    unsigned looked_at = 0, right = 0, challenges = 0;
    for (int i = 0; i < 100000; i++) {
        char code[8];
        snprintf(code, sizeof code, "%06u", random_below(&random, 1000000));
        rig_enter_for(rig, VAULT_ENTRY_CODE, 0, code);
        struct vault_recovery_ended out = {.verdict = 255};
        assert_status(rig_finish_sent(rig, 0, (struct bytes){0}, &out), VAULT_OK);
        looked_at += out.verdict == VAULT_PROOF_WRONG;
        right += out.verdict == VAULT_PROOF_OK;
        if (out.verdict == VAULT_PROOF_NONE) {
            rig->now_ms += 3600 * 1000;
            challenges += rig_recover(rig, 0, VAULT_BY_SMS).verdict == BEGUN;
        }
        rig->kept_len = 0;
    }
    assert_int_equal(right, 0);
    assert_int_equal(looked_at, VAULT_CODES_WRONG_MAX);
    assert_int_equal(challenges, VAULT_CODES_WRONG_MAX / VAULT_CHALLENGE_TRIES);
    assert_int_equal(rig_recover(rig, 0, VAULT_BY_OFFLINE).verdict, VAULT_RECOVERY_TOO_MANY);
    struct recovery_proof proof = begun(rig, 0, VAULT_BY_SERVICE);
    assert_int_equal(rig_grant(rig, 0, proof.grant).verdict, VAULT_PROOF_OK);
    assert_int_equal(rig_set(rig, 0, "402869", "402869"), VAULT_PASSWORD_OK);
    assert_int_equal(rig_recover(rig, 0, VAULT_BY_OFFLINE).verdict, BEGUN);
}

static void test_malformed(void **state)
{
    struct rig *rig = *state;
    struct vault_recovery_ended out;
    assert_status(rig_finish_sent(rig, 0, (struct bytes){0}, &out), VAULT_NO_ENTRY);
    assert_status(rig_finish_sent(rig, 0, BYTES("fifteen letters"), &out), VAULT_BAD_REQUEST);
    assert_status(rig_finish_sent(rig, 255, BYTES("sixteen letters."), &out), VAULT_OK);
    assert_int_equal(out.verdict, VAULT_PROOF_NONE);
    assert_status(rig_begin_for(rig, VAULT_ENTRY_CODE, false, 0), VAULT_OK);
    assert_int_equal(rig->shown.min, 6);
    assert_int_equal(rig->shown.max, 11);
}

int main(void)
{
#define SHOP(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        SHOP(test_ways_of_each_role),
        cmocka_unit_test(test_every_way_to_the_end),
        SHOP(test_locked_out_and_back),
        SHOP(test_first_password_by_code),
        SHOP(test_administrator_needs_both),
        cmocka_unit_test(test_turning_back_changes_nothing),
        SHOP(test_recovery_ends_the_session),
        SHOP(test_five_tries_a_challenge),
        SHOP(test_proofs_of_something_else),
        SHOP(test_newest_challenge_counts),
        SHOP(test_time),
        SHOP(test_five_challenges_an_hour),
        SHOP(test_a_hundred_thousand_codes),
        SHOP(test_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
