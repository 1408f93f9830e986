/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Old copies of the store (CR-18): a thousand of them put back at random, and no try comes back;
 * the counter taken away, damaged or put back with the store; and the host that remembers.
 */
#include "tests/unit/vault_people_rig.h"

#include "lib/wire/vault_floor.h"

/* Everything that is on this device's disk. */
struct snapshot {
    struct bytes store;
    uint8_t counter[VAULT_COUNTER_MAX];
    size_t counter_len;
};

static struct snapshot take(struct rig *rig)
{
    struct snapshot s = {.counter_len = rig->counter_len};
    memcpy(s.counter, rig->counter, sizeof s.counter);
    assert_ok(store_anchor_image(rig->anchor, &s.store));
    return s;
}

/* Puts back the store, with the counter of then or as it is, and starts the vault over it. */
static void put_back(struct rig *rig, const struct snapshot *s, bool counter_too)
{
    vault_close(rig->vault);
    rig->vault = NULL;
    store_anchor_close(rig->anchor);
    assert_ok(store_anchor_open(rig->anchor_name, &rig->anchor));
    assert_ok(store_anchor_fill(rig->anchor, s->store));
    if (counter_too) {
        memcpy(rig->counter, s->counter, sizeof rig->counter);
        rig->counter_len = s->counter_len;
    }
    rig_open(rig);
    rig_panel(rig);
}

static uint8_t guess(struct rig *rig, uint8_t id)
{
    rig->now_ms += 100000; /* no wait stops him */
    return rig_login(rig, id, "000000").verdict;
}

static void come_back(struct rig *rig)
{
    struct rig_challenge c = rig_recover(rig, 0, VAULT_BY_SERVICE);
    struct recovery_proof proof = rig_prove(rig, &c, 0, VAULT_BY_SERVICE);
    assert_int_equal(rig_grant(rig, 0, proof.grant).verdict, VAULT_PROOF_OK);
    assert_int_equal(rig_set(rig, 0, "402869", "402869"), VAULT_PASSWORD_OK);
}

static void test_one_old_copy(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(131);
    struct snapshot old = take(rig);
    assert_int_equal(guess(rig, 1), VAULT_LOGIN_WRONG);
    put_back(rig, &old, false);
    assert_int_equal(rig_status(rig).rollback, 1);
    assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_LOCKED);
    assert_int_equal(rig_login(rig, 0, OWN_SUPERVISOR).verdict, VAULT_LOGIN_LOCKED);
    assert_int_equal(rig_login(rig, 99, OWN_ADMINISTRATOR).verdict, VAULT_LOGIN_LOCKED);
    assert_int_equal(rig_logged(rig, "rollback", "vault", "counter"), 1);
    rig_restart(rig); /* it is known now, and is not found out again */
    rig_panel(rig);
    assert_int_equal(rig_status(rig).rollback, 1);
    assert_int_equal(rig_logged(rig, "rollback", NULL, NULL), 1);

    /* Whom the host believes is in again, and helps the others. */
    come_back(rig);
    assert_int_equal(rig_status(rig).rollback, 0);
    assert_int_equal(rig_login(rig, 0, "402869").verdict, VAULT_LOGIN_OK);
    (void)rig_operator_ok(rig, VAULT_OPERATOR_RESET, 2);
    rig_logout(rig);
    assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_LOCKED);
    assert_int_equal(rig_approve(rig, 0, "402869", VAULT_APPROVE_UNLOCK, ""), VAULT_LOGIN_OK);
    assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_OK);
    store_image_free(old.store);
    rig_free(rig);
}

/*
 * A guesser with a copying machine: he keeps copies of the store at any moment and puts any of them
 * back at any moment. Of all his guesses the vault looks at ten, as without the machine.
 */
static void guess_with_copies(uint64_t seed, unsigned *ret_attacks, unsigned *ret_rollbacks)
{
    enum { COPIES = 8, STEPS = 66 };
    struct rig *rig = rig_shop(seed);
    struct random random = random_from_seed(&rig->source);
    struct snapshot copies[COPIES];
    unsigned count = 1, looked_at = 0;
    copies[0] = take(rig);
    for (unsigned i = 0; i < STEPS; i++) {
        switch (random_below(&random, 3)) {
        case 0:
            if (count < COPIES) copies[count++] = take(rig);
            break;
        case 1:
            put_back(rig, &copies[random_below(&random, count)], false);
            (*ret_attacks)++;
            break;
        default:
            looked_at += guess(rig, 1) == VAULT_LOGIN_WRONG;
        }
        rig->kept_len = 0;
    }
    assert_true(looked_at <= 10);
    *ret_rollbacks += rig_status(rig).rollback;
    for (unsigned i = 0; i < count; i++) store_image_free(copies[i].store);
    rig_free(rig);
}

static void test_a_thousand_old_copies(void **state)
{
    (void)state;
    unsigned attacks = 0, rollbacks = 0;
    for (uint64_t seed = 0; seed < 50; seed++) guess_with_copies(1400 + seed, &attacks, &rollbacks);
    assert_true(attacks >= 1000);
    assert_true(rollbacks > 40); /* of fifty: the copies were old */
}

/* Without its counter, or with a damaged one, a store is old. */
static void test_counter_gone_or_damaged(void **state)
{
    (void)state;
    for (int which = 0; which < 3; which++) {
        struct rig *rig = rig_shop(132);
        struct rig *other = rig_shop(133);
        if (which == 0) rig->counter_len = 0;
        if (which == 1) rig->counter[20] ^= 1;
        if (which == 2) memcpy(rig->counter, other->counter, sizeof rig->counter);
        rig_restart(rig);
        rig_panel(rig);
        assert_int_equal(rig_status(rig).rollback, 1);
        assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_LOCKED);
        assert_int_equal(rig_logged(rig, "rollback", NULL, "counter missing"), 1);
        rig_free(rig);
        rig_free(other);
    }
}

/* An old counter beside a store of today takes nothing and gives nothing. */
static void test_old_counter_alone(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(134);
    struct snapshot old = take(rig);
    for (int i = 0; i < 4; i++) assert_int_equal(guess(rig, 1), VAULT_LOGIN_WRONG);
    memcpy(rig->counter, old.counter, sizeof rig->counter);
    rig_restart(rig);
    rig_panel(rig);
    assert_int_equal(rig_status(rig).rollback, 0);
    rig->now_ms += 100000;
    assert_int_equal(rig_login(rig, 1, "000000").tries_left, 5);
    put_back(rig, &old, false); /* and the counter has caught up */
    assert_int_equal(rig_status(rig).rollback, 1);
    store_image_free(old.store);
    rig_free(rig);
}

/* A counter that cannot be written stops the log-in before anything is compared. */
static void test_counter_that_cannot_be_written(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(135);
    for (int i = 0; i < 3; i++) {
        rig->now_ms += 100000;
        rig->counter_error = ERR(FULL);
        rig_enter_for(rig, VAULT_ENTRY_PASSWORD, 1, OWN_CASHIER);
        (void)rig_login_entered(rig, 1);
        assert_int_equal(rig->response[2], VAULT_FAILED);
        rig->counter_error = OK;
    }
    rig->now_ms += 100000;
    assert_int_equal(rig_login(rig, 1, "000000").tries_left, 6); /* spent nevertheless */
    assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_WAIT);
    rig_free(rig);
}

/* ---- the host remembers ---- */

static struct vault_anchor anchor(struct rig *rig, uint64_t epoch, struct bytes mac)
{
    struct vault_anchor out = {.verdict = 255};
    const struct vault_anchor_ask ask = {epoch, mac};
    vault_write_anchor_ask(rig_ask(rig, VAULT_ANCHOR), &ask);
    assert_status(rig_send(rig), VAULT_OK);
    assert_ok(vault_read_anchor(&rig->answer, &out));
    return out;
}

static struct vault_anchor anchor_of_host(struct rig *rig, uint64_t epoch)
{
    uint8_t mac[RECOVERY_PROOF_BYTES];
    assert_ok(recovery_epoch_mac(&rig->crypto, &rig->recovery, RECOVERY_FROM_HOST, BYTES(RIG_TID),
                                 epoch, mac));
    return anchor(rig, epoch, BYTES_OF(mac));
}

static void test_both_put_back_and_the_host(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(136);
    uint8_t mac[RECOVERY_PROOF_BYTES];
    struct snapshot old = take(rig);
    for (int i = 0; i < 5; i++) assert_int_equal(guess(rig, 1), VAULT_LOGIN_WRONG);
    struct vault_anchor said = anchor(rig, 0, BYTES(""));
    uint64_t remembered = said.epoch;
    assert_ok(recovery_epoch_mac(&rig->crypto, &rig->recovery, RECOVERY_FROM_VAULT, BYTES(RIG_TID),
                                 remembered, mac));
    assert_true(bytes_equal(said.mac, BYTES_OF(mac)));

    put_back(rig, &old, true); /* the vault itself cannot see it: SECURITY.md says so */
    assert_int_equal(rig_status(rig).rollback, 0);
    assert_int_equal(anchor_of_host(rig, remembered - 5).verdict, VAULT_ANCHOR_OK);
    assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_OK);
    said = anchor_of_host(rig, remembered);
    assert_int_equal(said.verdict, VAULT_ANCHOR_ROLLBACK);
    assert_true(said.epoch > remembered);
    vault_write_byte(rig_ask(rig, VAULT_PASSWORD_KEEP), 1);
    assert_status(rig_send(rig), VAULT_NOT_ALLOWED); /* nobody is logged in any more */
    assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_LOCKED);
    assert_int_equal(rig_logged(rig, "rollback", NULL, "host"), 1);
    /* The same word again is no news. */
    assert_int_equal(anchor_of_host(rig, remembered).verdict, VAULT_ANCHOR_OK);
    store_image_free(old.store);
    rig_free(rig);
}

static void test_words_that_are_not_the_hosts(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(137);
    uint8_t mac[RECOVERY_PROOF_BYTES];
    assert_ok(recovery_epoch_mac(&rig->crypto, &rig->recovery, RECOVERY_FROM_VAULT, BYTES(RIG_TID),
                                 999, mac)); /* a vault's own word, sent back to it */
    assert_int_equal(anchor(rig, 999, BYTES_OF(mac)).verdict, VAULT_ANCHOR_BAD_MAC);
    assert_ok(recovery_epoch_mac(&rig->crypto, &rig->recovery, RECOVERY_FROM_HOST, BYTES(RIG_TID),
                                 999, mac));
    assert_int_equal(anchor(rig, 998, BYTES_OF(mac)).verdict, VAULT_ANCHOR_BAD_MAC);
    assert_int_equal(anchor(rig, 999, bytes_of(mac, 15)).verdict, VAULT_ANCHOR_BAD_MAC);
    assert_int_equal(rig_status(rig).rollback, 0);
    assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_OK);
    const struct vault_anchor_ask odd = {UINT64_MAX, BYTES_OF(mac)};
    vault_write_anchor_ask(rig_ask(rig, VAULT_ANCHOR), &odd);
    assert_status(rig_send(rig), VAULT_BAD_REQUEST);
    rig_free(rig);
}

/* ---- the version floor (S119) ---- */

static enum vault_status floor_asked(struct rig *rig, uint64_t version, uint64_t *ret_floor)
{
    uint8_t answer[VAULT_FLOOR_FRAME_MAX], command = 0;
    enum vault_status status = VAULT_FAILED;
    struct writer w = writer_over(answer, sizeof answer);
    vault_floor_write(rig_ask(rig, VAULT_FLOOR), version);
    assert_ok(vault_execute_for_updater(rig->vault, writer_view(&rig->w), &w));
    struct reader r = reader_over(writer_view(&w));
    assert_ok(vault_read_answer(&r, &command, &status));
    assert_int_equal(command, VAULT_FLOOR);
    if (status == VAULT_OK) assert_ok(vault_floor_read(&r, ret_floor));
    return status;
}

static uint64_t floor_of(struct rig *rig, uint64_t version)
{
    uint64_t floor = UINT64_MAX;
    assert_status(floor_asked(rig, version, &floor), VAULT_OK);
    return floor;
}

static void test_a_floor_only_rises(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(138);
    uint64_t floor = 0;
    assert_int_equal(floor_of(rig, 0), 0);
    assert_int_equal(floor_of(rig, 7), 7);
    unsigned writes = rig->counter_writes;
    assert_int_equal(floor_of(rig, 6), 7);
    assert_int_equal(floor_of(rig, 7), 7);
    assert_int_equal(rig->counter_writes, writes); /* nothing was to be done */
    rig_restart(rig);
    rig_panel(rig);
    assert_int_equal(floor_of(rig, 0), 7);
    assert_int_equal(rig_status(rig).rollback, 0);
    assert_int_equal(floor_of(rig, 8), 8);
    assert_int_equal(rig_logged(rig, "version_floor", "vault", "7"), 1);
    assert_int_equal(rig_logged(rig, "version_floor", "vault", "8"), 1);
    assert_status(floor_asked(rig, UINT64_MAX, &floor), VAULT_BAD_REQUEST);
    /* The terminal program does not have the command, and the updater has no other. */
    vault_floor_write(rig_ask(rig, VAULT_FLOOR), 9);
    assert_status(rig_send(rig), VAULT_BAD_REQUEST);
    struct writer w = writer_over(rig->response, sizeof rig->response);
    (void)rig_ask(rig, VAULT_STATUS);
    assert_ok(vault_execute_for_updater(rig->vault, writer_view(&rig->w), &w));
    assert_int_equal(rig->response[2], VAULT_BAD_REQUEST);
    assert_int_equal(floor_of(rig, 0), 8);
    rig_free(rig);
}

/* An old vault.db: found out, and the floor is the counter's. With its counter: the host's word
 * finds it out, because a floor moves the epoch as a try does. */
static void test_a_floor_and_old_copies(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(139);
    struct snapshot old = take(rig);
    uint64_t before = anchor(rig, 0, BYTES("")).epoch;
    assert_int_equal(floor_of(rig, 7), 7);
    uint64_t remembered = anchor(rig, 0, BYTES("")).epoch;
    assert_true(remembered > before);
    put_back(rig, &old, false);
    assert_int_equal(rig_status(rig).rollback, 1);
    assert_int_equal(floor_of(rig, 0), 7);
    rig_restart(rig); /* and it is in the store again */
    rig->counter_len = 0;
    rig_restart(rig);
    assert_int_equal(floor_of(rig, 0), 7);
    put_back(rig, &old, true);
    assert_int_equal(floor_of(rig, 0), 0);
    assert_int_equal(anchor_of_host(rig, remembered).verdict, VAULT_ANCHOR_ROLLBACK);
    store_image_free(old.store);
    rig_free(rig);
}

/* A counter that fails: the vault says that it failed, and knows the floor all the same. */
static void test_a_floor_and_a_counter_that_fails(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(140);
    uint64_t floor = 0;
    rig->counter_error = ERR(FULL);
    assert_status(floor_asked(rig, 7, &floor), VAULT_FAILED);
    rig->counter_error = OK;
    assert_int_equal(floor_of(rig, 0), 7);
    rig_restart(rig);
    assert_int_equal(rig_status(rig).rollback, 0);
    assert_int_equal(floor_of(rig, 0), 7);
    rig_free(rig);
}

/* Nobody's yet: no version is too old, and none is kept. */
static void test_no_floor_before_it_is_somebodys(void **state)
{
    (void)state;
    struct rig *rig = rig_new(141);
    uint64_t floor = 1;
    rig_open(rig);
    assert_int_equal(floor_of(rig, 0), 0);
    assert_status(floor_asked(rig, 3, &floor), VAULT_NOT_READY);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_old_copy),
        cmocka_unit_test(test_a_thousand_old_copies),
        cmocka_unit_test(test_counter_gone_or_damaged),
        cmocka_unit_test(test_old_counter_alone),
        cmocka_unit_test(test_counter_that_cannot_be_written),
        cmocka_unit_test(test_both_put_back_and_the_host),
        cmocka_unit_test(test_words_that_are_not_the_hosts),
        cmocka_unit_test(test_a_floor_only_rises),
        cmocka_unit_test(test_a_floor_and_old_copies),
        cmocka_unit_test(test_a_floor_and_a_counter_that_fails),
        cmocka_unit_test(test_no_floor_before_it_is_somebodys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
