/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lost sheet is printed anew (S36): the order of the host makes another first password, the old
 * one is dead at once, told twice it changes nothing, and an old order brings no old sheet back
 * to life. A vault that dies over it has the old password or the new one.
 */
#include "tests/unit/vault_people_rig.h"

struct order {
    uint8_t operator_id, challenge[VAULT_CHALLENGE_MAX];
    struct recovery_proof grant, sheet;
};

/* What the host would say, and what would stand on the sheet. */
static struct order order_of(struct rig *rig, uint8_t id, uint8_t number)
{
    struct order o = {.operator_id = id};
    o.challenge[7] = number;
    memset(o.challenge + 8, 0xA5 ^ number, 8);
    const struct recovery_subject order = {RECOVERY_REISSUE, id, BYTES(RIG_TID),
                                           BYTES_OF(o.challenge)};
    const struct recovery_subject sheet = {RECOVERY_SHEET, id, BYTES(RIG_TID),
                                           BYTES_OF(o.challenge)};
    assert_ok(recovery_prove(&rig->crypto, &rig->recovery, &order, &o.grant));
    assert_ok(recovery_prove(&rig->crypto, &rig->recovery, &sheet, &o.sheet));
    return o;
}

static enum vault_status send(struct rig *rig, const struct order *o, uint8_t *ret_verdict)
{
    const struct vault_reissue ask = {o->operator_id, BYTES_OF(o->challenge),
                                      BYTES_OF(o->grant.grant)};
    vault_write_reissue(rig_ask(rig, VAULT_REISSUE), &ask);
    enum vault_status status = rig_send(rig);
    if (status == VAULT_OK) assert_ok(vault_read_byte(&rig->answer, ret_verdict));
    return status;
}

static uint8_t told(struct rig *rig, const struct order *o)
{
    uint8_t verdict = 255;
    assert_status(send(rig, o, &verdict), VAULT_OK);
    return verdict;
}

static uint8_t login(struct rig *rig, uint8_t id, const char *password)
{
    rig->now_ms += 1000000;
    return rig_login(rig, id, password).verdict;
}

static void the_old_sheet_is_dead_and_the_new_one_opens_once(void **state)
{
    (void)state;
    struct rig *rig = rig_new(71);
    rig_provision(rig, KEY_AES128);
    rig_panel(rig);
    struct order o = order_of(rig, 0, 1);
    assert_int_equal(told(rig, &o), VAULT_REISSUE_TAKEN);
    assert_int_equal(login(rig, 0, rig_initial(rig, 0)), VAULT_LOGIN_WRONG);
    assert_int_equal(login(rig, 1, rig_initial(rig, 1)), VAULT_LOGIN_MUST_CHANGE); /* not his */
    assert_int_equal(login(rig, 0, o.sheet.code), VAULT_LOGIN_MUST_CHANGE);
    assert_int_equal(rig_set(rig, 0, OWN_SUPERVISOR, OWN_SUPERVISOR), VAULT_PASSWORD_OK);
    assert_int_equal(login(rig, 0, o.sheet.code), VAULT_LOGIN_WRONG);
    assert_int_equal(login(rig, 0, OWN_SUPERVISOR), VAULT_LOGIN_OK);
    assert_int_equal(rig_logged(rig, "reissued", NULL, NULL), 1);
    assert_true(rig_never_shown(rig, o.sheet.code));
    rig_free(rig);
}

static void own_password_duress_and_lock_go_with_it(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(72);
    for (int i = 0; i < 10; i++) (void)login(rig, 0, "000000");
    assert_int_equal(login(rig, 0, OWN_SUPERVISOR), VAULT_LOGIN_LOCKED);
    struct order o = order_of(rig, 0, 1);
    assert_int_equal(told(rig, &o), VAULT_REISSUE_TAKEN);
    assert_int_equal(login(rig, 0, OWN_SUPERVISOR), VAULT_LOGIN_WRONG);
    assert_int_equal(login(rig, 0, o.sheet.code), VAULT_LOGIN_MUST_CHANGE);
    assert_int_equal(rig_set(rig, 0, OWN_SUPERVISOR, OWN_SUPERVISOR), RIG_HISTORY); /* of before */
    rig_free(rig);
}

static void twice_is_once_and_old_is_never(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(73);
    struct order first = order_of(rig, 0, 1), second = order_of(rig, 0, 2), same = second;
    assert_int_equal(told(rig, &first), VAULT_REISSUE_TAKEN);
    assert_int_equal(told(rig, &first), VAULT_REISSUE_BEFORE);
    rig_restart(rig);
    rig_panel(rig);
    assert_int_equal(told(rig, &first), VAULT_REISSUE_BEFORE);
    assert_int_equal(login(rig, 0, first.sheet.code), VAULT_LOGIN_MUST_CHANGE);
    assert_int_equal(told(rig, &second), VAULT_REISSUE_TAKEN);
    assert_int_equal(told(rig, &first), VAULT_REISSUE_REFUSED);
    assert_int_equal(login(rig, 0, first.sheet.code), VAULT_LOGIN_WRONG);
    assert_int_equal(login(rig, 0, second.sheet.code), VAULT_LOGIN_MUST_CHANGE);
    assert_int_equal(rig_set(rig, 0, "402869", "402869"), VAULT_PASSWORD_OK);
    /* Told again after he has chosen his own: it stays his. */
    assert_int_equal(told(rig, &same), VAULT_REISSUE_BEFORE);
    assert_int_equal(told(rig, &first), VAULT_REISSUE_REFUSED);
    assert_int_equal(login(rig, 0, "402869"), VAULT_LOGIN_OK);
    assert_int_equal(rig_logged(rig, "reissue_refused", NULL, NULL), 2);
    rig_free(rig);
}

static void what_is_no_order_changes_nothing(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(74);
    struct order o = order_of(rig, 0, 1), other = order_of(rig, 1, 1), none = order_of(rig, 42, 1);
    uint8_t verdict = 255;
    struct order bad = o;
    bad.operator_id = 1; /* another operator's */
    assert_int_equal(told(rig, &bad), VAULT_REISSUE_REFUSED);
    bad = o;
    bad.challenge[15] ^= 1;
    assert_int_equal(told(rig, &bad), VAULT_REISSUE_REFUSED);
    bad = o;
    bad.grant = other.grant;
    assert_int_equal(told(rig, &bad), VAULT_REISSUE_REFUSED);
    bad = o; /* the grant of a recovery is none of a sheet */
    const struct recovery_subject service = {RECOVERY_SERVICE, 0, BYTES(RIG_TID),
                                             BYTES_OF(o.challenge)};
    assert_ok(recovery_prove(&rig->crypto, &rig->recovery, &service, &bad.grant));
    assert_int_equal(told(rig, &bad), VAULT_REISSUE_REFUSED);
    assert_int_equal(told(rig, &none), VAULT_REISSUE_REFUSED);
    const struct vault_reissue shorter = {0, BYTES("1234567"), BYTES_OF(o.grant.grant)};
    vault_write_reissue(rig_ask(rig, VAULT_REISSUE), &shorter);
    assert_status(rig_send(rig), VAULT_BAD_REQUEST);
    assert_int_equal(login(rig, 0, OWN_SUPERVISOR), VAULT_LOGIN_OK);
    assert_int_equal(login(rig, 1, OWN_CASHIER), VAULT_LOGIN_OK);
    assert_status(send(rig, &o, &verdict), VAULT_OK); /* and it was not used up by all that */
    assert_int_equal(verdict, VAULT_REISSUE_TAKEN);
    rig_free(rig);
}

static void who_is_in_is_out(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(75);
    assert_int_equal(login(rig, 0, OWN_SUPERVISOR), VAULT_LOGIN_OK);
    struct order cashier = order_of(rig, 1, 1), own = order_of(rig, 0, 1);
    assert_int_equal(told(rig, &cashier), VAULT_REISSUE_TAKEN);
    assert_int_equal(rig_operator(rig, VAULT_OPERATOR_FORCE, 1, 1).status, VAULT_OK);
    assert_int_equal(told(rig, &own), VAULT_REISSUE_TAKEN);
    assert_int_equal(rig_operator(rig, VAULT_OPERATOR_FORCE, 1, 1).status, VAULT_NOT_ALLOWED);
    rig_free(rig);
}

/* ---- dying over it ---- */

struct reaper {
    int left; /* calls to the store that still succeed */
    enum err_code with;
};

static err reap(void *context, enum store_call call)
{
    struct reaper *reaper = context;
    (void)call;
    if (reaper->left-- == 0) return (err){reaper->with};
    return OK;
}

static void it_fails_at(enum err_code with)
{
    unsigned cuts = 0;
    for (int n = 0;; n++) {
        struct rig *rig = rig_shop(76);
        struct reaper reaper = {n, with};
        struct order o = order_of(rig, 0, 1);
        uint8_t verdict = 255;
        store_set_fault(vault_store(rig->vault), reap, &reaper);
        (void)send(rig, &o, &verdict);
        store_set_fault(vault_store(rig->vault), NULL, NULL);
        bool struck = reaper.left < 0;
        if (FAILED(rig->executed)) rig_restart(rig);
        rig_panel(rig);
        if (!struck) assert_int_equal(verdict, VAULT_REISSUE_TAKEN);
        bool is_new = login(rig, 0, o.sheet.code) == VAULT_LOGIN_MUST_CHANGE;
        bool is_old = login(rig, 0, OWN_SUPERVISOR) == VAULT_LOGIN_OK;
        assert_true(is_new != is_old);
        if (verdict == VAULT_REISSUE_TAKEN) assert_true(is_new);
        assert_int_equal(told(rig, &o), is_new ? VAULT_REISSUE_BEFORE : VAULT_REISSUE_TAKEN);
        assert_int_equal(login(rig, 0, o.sheet.code), VAULT_LOGIN_MUST_CHANGE);
        rig_free(rig);
        if (!struck) break;
        cuts++;
    }
    assert_true(cuts > 10);
}

static void old_or_new_wherever_it_is_cut(void **state)
{
    (void)state;
    it_fails_at(ERR_CRASHED);
    it_fails_at(ERR_FULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_old_sheet_is_dead_and_the_new_one_opens_once),
        cmocka_unit_test(own_password_duress_and_lock_go_with_it),
        cmocka_unit_test(twice_is_once_and_old_is_never),
        cmocka_unit_test(what_is_no_order_changes_nothing),
        cmocka_unit_test(who_is_in_is_out),
        cmocka_unit_test(old_or_new_wherever_it_is_cut),
    };
    return cmocka_run_group_tests_name("vault_reissue", tests, NULL, NULL);
}
