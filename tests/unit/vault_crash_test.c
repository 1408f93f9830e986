/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A vault that is killed, or whose disk fails, at every single call to its store and at each write
 * of its counter: tries are never given back (CR-17, S26), a change, a recovery and what a
 * supervisor does end with exactly the old or the new (S13), keys and provisioning are all there or
 * not at all (S62); the version floor goes up or stays (S119). And no cut makes a vault believe
 * that an old copy was put back (CR-18).
 */
#include "tests/unit/vault_people_rig.h"

#include "lib/wire/vault_floor.h"

struct reaper {
    int left; /* calls that still succeed */
    enum err_code with;
};

static err reap(void *context, enum store_call call)
{
    struct reaper *reaper = context;
    (void)call;
    if (reaper->left-- == 0) return (err){reaper->with};
    return OK;
}

static struct rig *ready(void)
{
    struct rig *rig = rig_new(11);
    rig_provision(rig, KEY_AES128);
    rig_panel(rig);
    return rig;
}

static err reap_counter(void *context)
{
    return reap(context, STORE_CALL_STEP);
}

static void arm_reaper(struct rig *rig, struct reaper *reaper)
{
    store_set_fault(vault_store(rig->vault), reap, reaper);
    rig->counter_fault = reap_counter;
    rig->counter_context = reaper;
}

/* True when the reaper struck; the vault is then alive again, with a page. */
static bool struck(struct rig *rig, struct reaper *reaper)
{
    store_set_fault(vault_store(rig->vault), NULL, NULL);
    rig->counter_fault = NULL;
    if (reaper->left >= 0) return false;
    if (reaper->with == ERR_CRASHED) assert_err(rig->executed, CRASHED);
    if (FAILED(rig->executed)) rig_restart(rig);
    rig_panel(rig);
    assert_int_equal(rig_status(rig).rollback, 0);
    return true;
}

static int64_t used(struct rig *rig)
{
    int64_t count = -1;
    assert_ok(store_query_int(vault_store(rig->vault),
                              "SELECT tries_used FROM operator WHERE id = 1", &count));
    return count;
}

/* Once spent, a try stays spent, however early the end comes; and the end comes before the answer.
 */
static void wrong_login_fails_at(enum err_code with)
{
    bool spent = false;
    for (int n = 0;; n++) {
        struct rig *rig = ready();
        struct reaper reaper = {n, with};
        rig_enter(rig, VAULT_ENTRY_PASSWORD, "000000");
        arm_reaper(rig, &reaper);
        struct vault_login_answer said = rig_login_entered(rig, 1);
        bool hit = struck(rig, &reaper);
        int64_t count = used(rig);
        assert_in_range(count, 0, 1);
        assert_true(count >= spent);
        spent = count == 1;
        if (said.verdict == VAULT_LOGIN_WRONG) assert_true(spent);
        if (hit) assert_int_not_equal(said.verdict, VAULT_LOGIN_WRONG);
        assert_int_equal(rig_login(rig, 1, rig_initial(rig, 1)).verdict, VAULT_LOGIN_MUST_CHANGE);
        rig_free(rig);
        if (hit) continue;
        assert_true(spent && n > 5); /* the enumeration did pass through the calls */
        break;
    }
}

static void test_tries_are_never_given_back(void **state)
{
    (void)state;
    wrong_login_fails_at(ERR_CRASHED);
    wrong_login_fails_at(ERR_FULL);
    wrong_login_fails_at(ERR_IO);
}

/*
 * D5: the record is damaged, so whoever compares is found out by his error. No comparison is
 * reached unless the try was on disk before.
 */
static void test_spent_before_compared(void **state)
{
    (void)state;
    for (int n = 0;; n++) {
        struct rig *rig = ready();
        struct reaper reaper = {n, ERR_CRASHED};
        assert_ok(store_exec(vault_store(rig->vault),
                             "UPDATE operator SET record = 'damaged' WHERE id = 1"));
        rig_enter(rig, VAULT_ENTRY_PASSWORD, rig_initial(rig, 1));
        arm_reaper(rig, &reaper);
        (void)rig_login_entered(rig, 1);
        bool crashed = rig->executed.code == ERR_CRASHED;
        if (!crashed &&
            reaper.left < 0) { /* it compared, and died when it opened the store again */
            rig_free(rig);
            continue;
        }
        (void)struck(rig, &reaper);
        if (!crashed) assert_int_equal(used(rig), 1);
        rig_free(rig);
        if (!crashed) break;
    }
}

/* A guesser who kills the vault at random store calls gets ten answers at most. */
static void test_killing_gives_no_more_guesses(void **state)
{
    (void)state;
    struct rig *rig = ready();
    struct random random = random_from_seed(&rig->source);
    int answers = 0, rounds = 0;
    for (; rounds < 400; rounds++) {
        struct reaper reaper = {(int)random_below(&random, 25), ERR_CRASHED};
        rig->now_ms += 100000; /* no wait stops him */
        rig_enter(rig, VAULT_ENTRY_PASSWORD, "000000");
        arm_reaper(rig, &reaper);
        struct vault_login_answer said = rig_login_entered(rig, 1);
        (void)struck(rig, &reaper);
        answers += said.verdict == VAULT_LOGIN_WRONG;
        assert_true(used(rig) >= answers);
        if (said.verdict == VAULT_LOGIN_LOCKED) break;
    }
    assert_true(rounds < 400);
    assert_true(answers <= 10);
    assert_int_equal(rig_login(rig, 1, rig_initial(rig, 1)).verdict, VAULT_LOGIN_LOCKED);
    rig_free(rig);
}

/* S13: afterwards exactly one of the two verifies. */
static void change_fails_at(enum err_code with)
{
    bool changed = false;
    for (int n = 0;; n++) {
        struct rig *rig = ready();
        struct reaper reaper = {n, with};
        uint8_t verdict = 255;
        (void)rig_login(rig, 1, rig_initial(rig, 1));
        rig_enter_for(rig, VAULT_ENTRY_NEW, 1, "739516");
        rig_enter_for(rig, VAULT_ENTRY_REPEAT, 1, "739516");
        arm_reaper(rig, &reaper);
        enum vault_status status = rig_set_entered(rig, 1, &verdict);
        bool hit = struck(rig, &reaper);
        uint8_t old = rig_login(rig, 1, rig_initial(rig, 1)).verdict;
        uint8_t new = rig_login(rig, 1, "739516").verdict;
        if (old == VAULT_LOGIN_MUST_CHANGE) {
            assert_int_equal(new, VAULT_LOGIN_WRONG);
            assert_false(changed);
        } else {
            assert_int_equal(old, VAULT_LOGIN_WRONG);
            assert_int_equal(new, VAULT_LOGIN_OK);
            changed = true;
        }
        if (status == VAULT_OK) {
            assert_int_equal(verdict, VAULT_PASSWORD_OK);
            assert_true(changed);
        }
        rig_free(rig);
        if (!hit) break;
    }
    assert_true(changed);
}

static void test_change_is_old_or_new(void **state)
{
    (void)state;
    change_fails_at(ERR_CRASHED);
    change_fails_at(ERR_FULL);
    change_fails_at(ERR_IO);
}

static enum vault_status duress(struct rig *rig, uint8_t action)
{
    vault_write_duress(rig_ask(rig, VAULT_DURESS_SET),
                       &(struct vault_duress){{1, VAULT_ENGLISH}, action});
    return rig_send(rig);
}

/* CR-37: a duress password that is given up opens or does not; the real one always does. */
static void giving_up_fails_at(enum err_code with)
{
    bool gone = false;
    for (int n = 0;; n++) {
        struct rig *rig = rig_shop(17);
        struct reaper reaper = {n, with};
        (void)rig_login(rig, 1, OWN_CASHIER);
        rig_enter_for(rig, VAULT_ENTRY_NEW, 1, "582093");
        rig_enter_for(rig, VAULT_ENTRY_REPEAT, 1, "582093");
        assert_status(duress(rig, VAULT_DURESS_CHOOSE), VAULT_OK);
        (void)rig_login(rig, 1, OWN_CASHIER);
        arm_reaper(rig, &reaper);
        enum vault_status status = duress(rig, VAULT_DURESS_REMOVE);
        bool hit = struck(rig, &reaper);
        bool opens = rig_login(rig, 1, "582093").verdict == VAULT_LOGIN_OK;
        assert_true(opens || n > 0);
        if (status == VAULT_OK) assert_false(opens);
        assert_true(!(gone && opens));
        gone = !opens;
        struct vault_login_answer own = rig_login(rig, 1, OWN_CASHIER);
        assert_int_equal(own.verdict, VAULT_LOGIN_OK);
        assert_int_equal(own.duress, 0);
        rig_free(rig);
        if (!hit) break;
    }
    assert_true(gone);
}

static void test_duress_is_given_up_or_not(void **state)
{
    (void)state;
    giving_up_fails_at(ERR_CRASHED);
    giving_up_fails_at(ERR_FULL);
    giving_up_fails_at(ERR_IO);
}

/* S13, S43: the same for who has forgotten the old one. Either it all happened, or he begins anew.
 */
static void recovery_fails_at(enum err_code with)
{
    bool recovered = false;
    for (int n = 0;; n++) {
        struct rig *rig = rig_shop(14);
        struct reaper reaper = {n, with};
        uint8_t verdict = 255;
        struct rig_challenge c = rig_recover(rig, 0, VAULT_BY_SERVICE);
        struct recovery_proof proof = rig_prove(rig, &c, 0, VAULT_BY_SERVICE);
        assert_int_equal(rig_grant(rig, 0, proof.grant).verdict, VAULT_PROOF_OK);
        rig_enter_for(rig, VAULT_ENTRY_NEW, 0, "402869");
        rig_enter_for(rig, VAULT_ENTRY_REPEAT, 0, "402869");
        arm_reaper(rig, &reaper);
        enum vault_status status = rig_set_entered(rig, 0, &verdict);
        bool hit = struck(rig, &reaper);
        uint8_t old = rig_login(rig, 0, OWN_SUPERVISOR).verdict;
        uint8_t new = rig_login(rig, 0, "402869").verdict;
        assert_int_equal((old == VAULT_LOGIN_OK) + (new == VAULT_LOGIN_OK), 1);
        assert_true(new == VAULT_LOGIN_OK || !recovered);
        recovered = new == VAULT_LOGIN_OK;
        if (status == VAULT_OK) assert_true(recovered);
        rig_free(rig);
        if (!hit) break;
    }
    assert_true(recovered);
}

static void test_recovery_is_old_or_new(void **state)
{
    (void)state;
    recovery_fails_at(ERR_CRASHED);
    recovery_fails_at(ERR_FULL);
    recovery_fails_at(ERR_IO);
}

/* A proof is looked at five times, however often the vault dies over it; and is good once. */
static void test_killing_gives_no_more_proofs(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(15);
    struct random random = random_from_seed(&rig->source);
    const uint8_t wrong[VAULT_GRANT_BYTES] = {0};
    unsigned answers = 0;
    struct rig_challenge c = rig_recover(rig, 0, VAULT_BY_SERVICE);
    struct recovery_proof proof = rig_prove(rig, &c, 0, VAULT_BY_SERVICE);
    for (int round = 0; round < 200; round++) {
        struct reaper reaper = {(int)random_below(&random, 25), ERR_CRASHED};
        struct vault_recovery_ended out = {.verdict = 255};
        arm_reaper(rig, &reaper);
        (void)rig_finish_sent(rig, 0, BYTES_OF(wrong), &out);
        (void)struck(rig, &reaper);
        answers += out.verdict == VAULT_PROOF_WRONG;
        if (out.verdict == VAULT_PROOF_NONE) break;
    }
    assert_in_range(answers, 1, VAULT_CHALLENGE_TRIES);
    assert_int_equal(rig_grant(rig, 0, proof.grant).verdict, VAULT_PROOF_NONE);
    rig_free(rig);
}

/* S55: what a supervisor does is done or not, and the list says which. */
static void supervisor_fails_at(uint8_t action, uint8_t id)
{
    for (int n = 0;; n++) {
        struct rig *rig = rig_shop(16);
        struct reaper reaper = {n, ERR_CRASHED};
        assert_int_equal(rig_login(rig, 0, OWN_SUPERVISOR).verdict, VAULT_LOGIN_OK);
        struct vault_operator before = rig_listed(rig, id);
        arm_reaper(rig, &reaper);
        struct rig_given given = rig_operator(rig, action, id, VAULT_ROLE_CASHIER);
        bool hit = struck(rig, &reaper);
        struct vault_operator after = rig_listed(rig, id);
        bool done = action == VAULT_OPERATOR_FORCE
                        ? rig_login(rig, id, OWN_CASHIER).verdict == VAULT_LOGIN_MUST_CHANGE
                        : memcmp(&before, &after, sizeof before) != 0;
        if (!hit) assert_true(given.verdict == VAULT_OPERATOR_OK && done);
        /* Somebody who was given a password can come in by it, or by the one he had. */
        if (action == VAULT_OPERATOR_RESET && !done)
            assert_int_equal(rig_login(rig, id, OWN_CASHIER).verdict, VAULT_LOGIN_OK);
        rig_free(rig);
        if (!hit) break;
    }
}

static void test_supervisor_is_whole(void **state)
{
    (void)state;
    supervisor_fails_at(VAULT_OPERATOR_ADD, 7);
    supervisor_fails_at(VAULT_OPERATOR_DELETE, 1);
    supervisor_fails_at(VAULT_OPERATOR_SUSPEND, 1);
    supervisor_fails_at(VAULT_OPERATOR_RESET, 1);
    supervisor_fails_at(VAULT_OPERATOR_FORCE, 1);
}

/* S50, S62: after a cut the three working keys are of one delivery; after a bad one there are none.
 */
static void test_keys_are_of_one_delivery(void **state)
{
    (void)state;
    for (int n = 0;; n++) {
        struct rig *rig = ready();
        struct reaper reaper = {n, ERR_CRASHED};
        uint8_t pin[2][KEY_CHECK_BYTES], mac[2][KEY_CHECK_BYTES];
        assert_status(rig_sign_in(rig), VAULT_OK);
        assert_ok(key_check_value(&rig->crypto, &rig->working.pin, pin[0]));
        assert_ok(key_check_value(&rig->crypto, &rig->working.mac, mac[0]));
        arm_reaper(rig, &reaper);
        enum vault_status status = rig_sign_in(rig);
        bool hit = struck(rig, &reaper);
        assert_ok(key_check_value(&rig->crypto, &rig->working.pin, pin[1]));
        assert_ok(key_check_value(&rig->crypto, &rig->working.mac, mac[1]));
        struct vault_status_answer said = rig_status(rig);
        assert_int_equal(said.working_keys, 1);
        int which = memcmp(said.kcv_pin.at, pin[1], KEY_CHECK_BYTES) == 0;
        assert_memory_equal(said.kcv_pin.at, pin[which], KEY_CHECK_BYTES);
        assert_memory_equal(said.kcv_mac.at, mac[which], KEY_CHECK_BYTES);
        if (status == VAULT_OK) assert_int_equal(which, 1);
        rig_free(rig);
        if (!hit) break;
    }
}

/* A disk that is full stops a log-in and nothing more: the vault answers, and works when there is
 * room. */
static void test_full_disk_is_answered(void **state)
{
    (void)state;
    struct rig *rig = ready();
    struct reaper reaper = {0, ERR_FULL};
    rig_enter(rig, VAULT_ENTRY_PASSWORD, rig_initial(rig, 1));
    arm_reaper(rig, &reaper);
    (void)rig_login_entered(rig, 1);
    assert_ok(rig->executed);
    assert_int_equal(rig->response[2], VAULT_FAILED);
    store_set_fault(vault_store(rig->vault), NULL, NULL);
    assert_int_equal(rig_login(rig, 1, rig_initial(rig, 1)).verdict, VAULT_LOGIN_MUST_CHANGE);
    rig_free(rig);
}

/* Provisioning: all of it or none, and what came to be is usable or can be repeated. */
static void test_provisioning_is_whole(void **state)
{
    (void)state;
    for (int n = 0;; n++) {
        struct rig *rig = rig_new(12);
        struct reaper reaper = {n, ERR_CRASHED};
        struct vault_provision p = rig_prepare(rig, KEY_AES128);
        arm_reaper(rig, &reaper);
        err provisioned = vault_provision(rig->vault, &p, NULL, rig->initials);
        if (FAILED(provisioned)) assert_err(provisioned, CRASHED);
        rig_restart(rig);
        rig_panel(rig);
        struct vault_status_answer said = rig_status(rig);
        assert_int_equal(said.provisioned, said.kcv_master.len == KEY_CHECK_BYTES);
        if (!FAILED(provisioned)) assert_int_equal(said.provisioned, 1);
        if (!said.provisioned) /* once more, and it is done */
            assert_ok(vault_provision(rig->vault, &p, NULL, rig->initials));
        rig_free(rig);
        if (!FAILED(provisioned)) break;
    }
}

/* What the updater hears of the version floor; rig->executed says whether anything. */
static bool floor_heard(struct rig *rig, uint64_t version, uint64_t *ret_floor)
{
    uint8_t answer[VAULT_FLOOR_FRAME_MAX], command;
    enum vault_status status = VAULT_FAILED;
    struct writer w = writer_over(answer, sizeof answer);
    vault_floor_write(rig_ask(rig, VAULT_FLOOR), version);
    rig->executed = vault_execute_for_updater(rig->vault, writer_view(&rig->w), &w);
    if (FAILED(rig->executed)) return false;
    struct reader r = reader_over(writer_view(&w));
    assert_ok(vault_read_answer(&r, &command, &status));
    return status == VAULT_OK && !FAILED(vault_floor_read(&r, ret_floor));
}

/* S119: the old floor or the new one, the new one once it was answered, and never lower after. */
static void floor_fails_at(enum err_code with)
{
    for (int n = 0;; n++) {
        struct rig *rig = ready();
        struct reaper reaper = {n, with};
        uint64_t floor = 0, said = 0;
        assert_true(floor_heard(rig, 7, &floor));
        arm_reaper(rig, &reaper);
        bool answered = floor_heard(rig, 8, &said);
        bool hit = struck(rig, &reaper);
        if (answered) assert_int_equal(said, 8);
        assert_true(floor_heard(rig, 0, &floor));
        assert_in_range(floor, answered ? 8 : 7, 8);
        rig_restart(rig);
        rig_panel(rig);
        assert_int_equal(rig_status(rig).rollback, 0);
        assert_true(floor_heard(rig, 0, &said));
        assert_int_equal(said, floor);
        rig_free(rig);
        if (hit) continue;
        assert_true(answered && n > 5);
        break;
    }
}

static void test_a_floor_is_old_or_new(void **state)
{
    (void)state;
    floor_fails_at(ERR_CRASHED);
    floor_fails_at(ERR_FULL);
    floor_fails_at(ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tries_are_never_given_back),
        cmocka_unit_test(test_spent_before_compared),
        cmocka_unit_test(test_killing_gives_no_more_guesses),
        cmocka_unit_test(test_change_is_old_or_new),
        cmocka_unit_test(test_duress_is_given_up_or_not),
        cmocka_unit_test(test_recovery_is_old_or_new),
        cmocka_unit_test(test_killing_gives_no_more_proofs),
        cmocka_unit_test(test_supervisor_is_whole),
        cmocka_unit_test(test_keys_are_of_one_delivery),
        cmocka_unit_test(test_full_disk_is_answered),
        cmocka_unit_test(test_provisioning_is_whole),
        cmocka_unit_test(test_a_floor_is_old_or_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
