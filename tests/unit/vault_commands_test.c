/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands of the host at the vault (DV-11, S115, S116, S117, S121): repeated, out of order,
 * altered, of another device or of nobody's hsm, each is refused; passwords that must be changed;
 * and wiping, wherever the power is cut.
 */
#include "lib/wire/vault_protocol_command.h"
#include "tests/unit/vault_people_rig.h"
#include "vault/state.h"

struct order {
    uint64_t number;
    const char *kind, *text, *tid, *serial;
    uint8_t nonce[RECOVERY_NONCE_BYTES], mac[RECOVERY_PROOF_BYTES];
};

/* As the hsm makes it; empty tid or serial: this device's. */
static struct order order_for(struct rig *rig, uint64_t number, const char *kind, const char *text,
                              const char *tid, const char *serial)
{
    struct order o = {.number = number, .kind = kind, .text = text, .tid = tid, .serial = serial};
    memset(o.nonce, (int)number, sizeof o.nonce);
    const struct recovery_command command = {bytes_text(tid),  bytes_text(serial), bytes_text(kind),
                                             bytes_text(text), BYTES_OF(o.nonce),  number};
    assert_ok(recovery_command_mac(&rig->crypto, &rig->recovery, &command, o.mac));
    return o;
}

static struct order order_of(struct rig *rig, uint64_t number, const char *kind, const char *text)
{
    return order_for(rig, number, kind, text, RIG_TID, RIG_SERIAL);
}

static enum vault_status send(struct rig *rig, const struct order *o, uint8_t *ret_verdict)
{
    const struct vault_command_ask ask = {o->number, bytes_text(o->kind), BYTES_OF(o->nonce),
                                          bytes_text(o->text), BYTES_OF(o->mac)};
    struct vault_command_said said = {255};
    vault_write_command_ask(rig_ask(rig, VAULT_COMMAND_CHECK), &ask);
    enum vault_status status = rig_send(rig);
    if (status == VAULT_OK) assert_ok(vault_read_command_said(&rig->answer, &said));
    *ret_verdict = said.verdict;
    return status;
}

static uint8_t told(struct rig *rig, const struct order *o)
{
    uint8_t verdict = 255;
    assert_status(send(rig, o, &verdict), VAULT_OK);
    return verdict;
}

static const char *const kinds[] = {"message", "lock",     "unlock",    "ring", "restart",
                                    "logs",    "snapshot", "passwords", "wipe", "lost"};

static void a_number_is_taken_once_and_only_upwards(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct rig *rig = rig_shop(600 + i);
        struct order first = order_of(rig, 7, kinds[i], ""), next = order_of(rig, 8, kinds[i], "");
        struct order later = order_of(rig, 20, kinds[i], "");
        assert_int_equal(told(rig, &first), VAULT_COMMAND_TAKEN);
        assert_int_equal(told(rig, &first), VAULT_COMMAND_BEFORE);
        assert_int_equal(told(rig, &later), VAULT_COMMAND_TAKEN);
        assert_int_equal(told(rig, &next), VAULT_COMMAND_OLD); /* it was overtaken */
        assert_int_equal(told(rig, &first), VAULT_COMMAND_OLD);
        rig_restart(rig);
        rig_panel(rig);
        assert_int_equal(told(rig, &later), VAULT_COMMAND_BEFORE);
        assert_int_equal(told(rig, &next), VAULT_COMMAND_OLD);
        /* The number of before with something else in it, as a host that was set back would say. */
        struct order other = order_of(rig, 20, "message", "Hello");
        other.nonce[0] ^= 1;
        const struct recovery_command command = {BYTES(RIG_TID),        BYTES(RIG_SERIAL),
                                                 BYTES("message"),      BYTES("Hello"),
                                                 BYTES_OF(other.nonce), 20};
        assert_ok(recovery_command_mac(&rig->crypto, &rig->recovery, &command, other.mac));
        assert_int_equal(told(rig, &other), VAULT_COMMAND_OLD);
        assert_int_equal(rig_logged(rig, "command_taken", NULL, NULL), 2);
        rig_free(rig);
    }
}

/* Everything that a MAC is bound to, altered; and each command for another device. */
static void what_was_altered_is_refused(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(620);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct order good = order_of(rig, 7, kinds[i], "x"), bad;
        bad = order_for(rig, 7, kinds[i], "x", "10000099", RIG_SERIAL);
        assert_int_equal(told(rig, &bad), VAULT_COMMAND_FORGED);
        bad = order_for(rig, 7, kinds[i], "x", RIG_TID, "TB1-00004712");
        assert_int_equal(told(rig, &bad), VAULT_COMMAND_FORGED);
        bad = good;
        bad.kind = kinds[(i + 1) % ARRAY_LEN(kinds)];
        assert_int_equal(told(rig, &bad), VAULT_COMMAND_FORGED);
        bad = good;
        bad.text = "y";
        assert_int_equal(told(rig, &bad), VAULT_COMMAND_FORGED);
        bad = good;
        bad.number = 8;
        assert_int_equal(told(rig, &bad), VAULT_COMMAND_FORGED);
        for (size_t bit = 0; bit < 8 * sizeof good.mac; bit++) {
            bad = good;
            bad.mac[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_int_equal(told(rig, &bad), VAULT_COMMAND_FORGED);
            bad = good;
            bad.nonce[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_int_equal(told(rig, &bad), VAULT_COMMAND_FORGED);
        }
    }
    struct order none = order_of(rig, 7, "lock", "");
    none.number = 0;
    assert_int_equal(told(rig, &none), VAULT_COMMAND_FORGED);
    assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_OK);
    assert_status(rig_plain(rig, VAULT_WIPE), VAULT_NOT_ALLOWED);
    struct order good = order_of(rig, 7, "lock", ""); /* and the number was not used up by that */
    assert_int_equal(told(rig, &good), VAULT_COMMAND_TAKEN);
    rig_free(rig);
}

/* S121: at the next log-in, for one or for all; and whoever is in is out. */
static void passwords_must_be_changed(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(630);
    struct order one = order_of(rig, 1, "passwords", "01"), all = order_of(rig, 2, "passwords", "");
    struct order odd = order_of(rig, 3, "passwords", "1 OR 1");
    assert_int_equal(rig_login(rig, 0, OWN_SUPERVISOR).verdict, VAULT_LOGIN_OK);
    assert_int_equal(told(rig, &one), VAULT_COMMAND_TAKEN);
    assert_status(rig_operator(rig, VAULT_OPERATOR_FORCE, 1, 1).status, VAULT_NOT_ALLOWED);
    rig->now_ms += 1000000;
    struct vault_login_answer in = rig_login(rig, 1, OWN_CASHIER);
    assert_int_equal(in.verdict, VAULT_LOGIN_MUST_CHANGE);
    assert_int_equal(in.reason, VAULT_CHANGE_FORCED);
    assert_int_equal(rig_set(rig, 1, "402869", "402869"), VAULT_PASSWORD_OK);
    assert_int_equal(rig_login(rig, 0, OWN_SUPERVISOR).verdict, VAULT_LOGIN_OK);
    assert_int_equal(told(rig, &one), VAULT_COMMAND_BEFORE); /* told again: he has changed it */
    assert_int_equal(rig_login(rig, 1, "402869").verdict, VAULT_LOGIN_OK);
    assert_int_equal(told(rig, &all), VAULT_COMMAND_TAKEN);
    assert_int_equal(rig_login(rig, 0, OWN_SUPERVISOR).verdict, VAULT_LOGIN_MUST_CHANGE);
    assert_int_equal(rig_login(rig, 1, "402869").verdict, VAULT_LOGIN_MUST_CHANGE);
    assert_int_equal(rig_set(rig, 1, "510974", "510974"), VAULT_PASSWORD_OK);
    assert_int_equal(told(rig, &odd), VAULT_COMMAND_TAKEN);
    assert_int_equal(rig_login(rig, 1, "510974").verdict, VAULT_LOGIN_OK);
    rig_free(rig);
}

static bool all_zero(const void *at, size_t len)
{
    const uint8_t *b = at;
    for (size_t i = 0; i < len; i++)
        if (b[i] != 0) return false;
    return true;
}

/* S117: nothing opens afterwards, and the last words are still there. */
static void assert_wiped(struct rig *rig)
{
    assert_int_equal(rig_status(rig).tampered, VAULT_TAMPER_WIPED);
    assert_true(all_zero(rig->vault->secrets, sizeof *rig->vault->secrets));
    int64_t secrets = -1;
    assert_ok(store_query_int(vault_store(rig->vault), "SELECT count(*) FROM secret", &secrets));
    assert_int_equal(secrets, 0);
    assert_status(rig_bytes(rig, VAULT_MAC_MAKE, BYTES("a message")), VAULT_TAMPERED);
    assert_status(rig_plain(rig, VAULT_LAST_WORDS), VAULT_OK);
}

static void a_wiped_device_has_no_key(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(640);
    struct order wipe = order_of(rig, 9, "wipe", "");
    assert_status(rig_plain(rig, VAULT_WIPE), VAULT_NOT_ALLOWED);
    assert_int_equal(told(rig, &wipe), VAULT_COMMAND_TAKEN);
    assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_OK); /* not before */
    rig_restart(rig); /* what was taken stays wanted */
    (void)rig_plain(rig, VAULT_WIPE);
    assert_wiped(rig);
    rig_restart(rig);
    assert_wiped(rig);
    rig_free(rig);
}

/* ---- dying over it ---- */

struct reaper {
    int left;
    enum err_code with;
};

static err reap(void *context, enum store_call call)
{
    struct reaper *reaper = context;
    (void)call;
    if (reaper->left-- == 0) return (err){reaper->with};
    return OK;
}

/* A command is taken or not, wherever it is cut, and told again it is what it was. */
static void taking_is_cut(enum err_code with)
{
    unsigned cuts = 0;
    for (int n = 0;; n++) {
        struct rig *rig = rig_shop(650);
        struct reaper reaper = {n, with};
        struct order o = order_of(rig, 5, "passwords", "01"), old = order_of(rig, 4, "lock", "");
        uint8_t verdict = 255;
        store_set_fault(vault_store(rig->vault), reap, &reaper);
        (void)send(rig, &o, &verdict);
        store_set_fault(vault_store(rig->vault), NULL, NULL);
        bool struck = reaper.left < 0;
        if (FAILED(rig->executed)) rig_restart(rig);
        rig_panel(rig);
        if (!struck) assert_int_equal(verdict, VAULT_COMMAND_TAKEN);
        rig->now_ms += 1000000;
        bool forced = rig_login(rig, 1, OWN_CASHIER).verdict == VAULT_LOGIN_MUST_CHANGE;
        if (verdict == VAULT_COMMAND_TAKEN) assert_true(forced);
        assert_int_equal(told(rig, &o), forced ? VAULT_COMMAND_BEFORE : VAULT_COMMAND_TAKEN);
        assert_int_equal(told(rig, &old), VAULT_COMMAND_OLD);
        rig_free(rig);
        if (!struck) break;
        cuts++;
    }
    assert_true(cuts > 5);
}

static void wherever_taking_is_cut(void **state)
{
    (void)state;
    taking_is_cut(ERR_CRASHED);
    taking_is_cut(ERR_FULL);
}

/* Cut in the middle of wiping: it is wiped, or it has all its keys and is told again. */
static void wherever_wiping_is_cut(void **state)
{
    (void)state;
    bool struck = true;
    int cuts = 0;
    for (int n = 0; struck; n++, cuts++) {
        struct rig *rig = rig_shop(660);
        struct reaper reaper = {n, ERR_CRASHED};
        struct order wipe = order_of(rig, 9, "wipe", "");
        assert_int_equal(told(rig, &wipe), VAULT_COMMAND_TAKEN);
        store_set_fault(vault_store(rig->vault), reap, &reaper);
        (void)rig_plain(rig, VAULT_WIPE);
        store_set_fault(vault_store(rig->vault), NULL, NULL);
        struck = reaper.left < 0;
        rig_restart(rig);
        if (rig_status(rig).tampered == VAULT_TAMPER_NONE) {
            rig_panel(rig);
            assert_int_equal(told(rig, &wipe), VAULT_COMMAND_BEFORE);
            (void)rig_plain(rig, VAULT_WIPE);
        }
        assert_wiped(rig);
        rig_free(rig);
    }
    assert_true(cuts > 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_is_taken_once_and_only_upwards),
        cmocka_unit_test(what_was_altered_is_refused),
        cmocka_unit_test(passwords_must_be_changed),
        cmocka_unit_test(a_wiped_device_has_no_key),
        cmocka_unit_test(wherever_taking_is_cut),
        cmocka_unit_test(wherever_wiping_is_cut),
    };
    return cmocka_run_group_tests_name("vault_commands", tests, NULL, NULL);
}
