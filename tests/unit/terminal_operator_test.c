/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything about who stands at the terminal: self-check (S1), log-in (S49), the one-time password
 * (S33), changing one's own (S10 to S12), sign-in and sign-out (S50, S51), locking (S53), and the
 * way to the password settings (S3).
 */
#include "tests/unit/terminal_rig.h"

/* S1: the transcript of a good start, and how long it takes. */
static void test_boot(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    int64_t start_us = rig->now_us;
    GOOD(rig_boot(rig));
    assert_string_equal(rig->transcript, "boot.check login.operator ");
    assert_true(rig->now_us - start_us <= 3000000);
    rig_free(rig);
}

/* S1: each failed check has a screen and a code of its own, and is looked at again on OK. */
static void test_boot_faults(void **state)
{
    (void)state;
    static const struct {
        const char *screen, *code;
    } faults[] = {{"boot.vault", "E103"},   {"boot.self_test", "E104"},
                  {"boot.tamper", "E105"},  {"boot.unprovisioned", "E107"},
                  {"boot.network", "E109"}, {"boot.clock", "E102"}};
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        struct rig *rig = rig_new();
        if (i == 0) rig->unreachable = true;
        if (i == 1) rig->self_test = false;
        if (i == 2) rig->tampered = VAULT_TAMPER_CASE;
        if (i == 3) rig->provisioned = false;
        if (i == 4) rig->reachable = false;
        if (i == 5) rig->now_us = -INT64_C(200000000) * 1000000;
        GOOD(rig_open(rig));
        GOOD(terminal_boot(rig->terminal));
        GOOD(rig_pump(rig));
        AT(rig, faults[i].screen);
        assert_non_null(strstr(rig_line(rig, "BOOT_FAULT_CODE"), faults[i].code));
        rig->unreachable = false;
        rig->tampered = VAULT_TAMPER_NONE;
        rig->self_test = rig->provisioned = rig->reachable = true;
        if (i == 5) rig->now_us = 0;
        GOOD(rig_key(rig, "ok"));
        AT(rig, "login.operator");
        rig_free(rig);
    }
}

/* A printer that is broken is said and passed over. */
static void test_boot_printer(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    GOOD(rig_open(rig));
    struct terminal_devices devices = {.battery = 80, .printer_fault = true};
    GOOD(terminal_on_devices(rig->terminal, &devices));
    GOOD(terminal_boot(rig->terminal));
    AT(rig, "boot.printer");
    GOOD(rig_key(rig, "ok"));
    AT(rig, "login.operator");
    rig_free(rig);
}

/* A missing network does not keep anybody out: it passes by itself, and log-in needs none (S49). */
static void test_login_offline(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig->reachable = false;
    GOOD(rig_boot(rig));
    AT(rig, "boot.network");
    GOOD(rig_advance(rig, 6000));
    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
    AT(rig, "main.menu");
    assert_int_equal(terminal_screen(rig->terminal)->status.network, SCREEN_OFFLINE);
    int64_t logins;
    GOOD(store_query_int(rig->store,
                         "SELECT count(*) FROM audit WHERE event = 'login' AND detail = 'offline'",
                         &logins));
    assert_int_equal(logins, 1);
    rig_free(rig);
}

static void test_login_verdicts(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    GOOD(rig_boot(rig));
    GOOD(rig_keys(rig, "digit:1 ok"));
    assert_non_null(rig_line(rig, "LOGIN_TWO_DIGITS"));
    GOOD(rig_keys(rig, "clear digit:0 digit:1 ok"));
    AT(rig, "login.password");
    GOOD(rig_enter(rig, "000")); /* too short: stays open */
    AT(rig, "login.password");
    GOOD(rig_enter(rig, "0"));
    AT(rig, "login.operator");
    assert_string_equal(rig_line(rig, "LOGIN_WRONG"),
                        "密码不对，还可以试 4 次。忘记了请按“忘记密码”。");
    GOOD(rig_login_as(rig, "digit:7 digit:7 ok", "1234"));
    assert_non_null(rig_line(rig, "LOGIN_NO_OPERATOR"));
    rig->wrong_tries = 5;
    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
    assert_non_null(rig_line(rig, "LOGIN_LOCKED"));
    AT(rig, "login.operator");
    rig->wrong_tries = 0;
    rig->unreachable = true;
    GOOD(rig_keys(rig, "digit:0 digit:1 ok"));
    AT(rig, "login.operator");
    assert_non_null(rig_line(rig, "LOGIN_FAULT"));
    rig->unreachable = false;
    rig->panel_open = false; /* a new page: it opens its channel and the entry begins again */
    GOOD(rig_keys(rig, "digit:0 digit:1 ok"));
    AT(rig, "login.password");
    assert_int_equal(terminal_screen(rig->terminal)->entry.layout_len, 0);
    GOOD(rig_panel_open(rig));
    assert_int_equal(terminal_screen(rig->terminal)->entry.layout_len, 36);
    GOOD(rig_enter(rig, "8264"));
    AT(rig, "main.menu");
    rig_free(rig);
}

/* S33: nothing before the one-time password is replaced; cancelling goes back to the log-in. */
static void test_must_change(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig->one_time[1] = true;
    GOOD(rig_boot(rig));
    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
    AT(rig, "login.first");
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "login.operator");
    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
    GOOD(rig_key(rig, "choice:continue"));
    AT(rig, "password.new");
    assert_non_null(rig_line(rig, "PASSWORD_MUST_CHANGE"));
    assert_non_null(strstr(rig_line(rig, "PASSWORD_RULES"), "4 到 12"));
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "login.operator");
    assert_string_equal(rig->terminal->operator_id, "");

    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
    GOOD(rig_key(rig, "choice:continue"));
    GOOD(rig_enter(rig, "7391"));
    AT(rig, "password.repeat");
    GOOD(rig_enter(rig, "7392"));
    AT(rig, "password.review");
    GOOD(rig_key(rig, "choice:save"));
    AT(rig, "password.new");
    assert_non_null(rig_line(rig, "PASSWORD_MISMATCH"));
    GOOD(rig_enter(rig, "8264"));
    GOOD(rig_enter(rig, "8264"));
    GOOD(rig_key(rig, "choice:save"));
    assert_string_equal(rig_line(rig, "PASSWORD_REFUSED"), "It is the same.");
    GOOD(rig_enter(rig, "1111"));
    GOOD(rig_enter(rig, "1111"));
    GOOD(rig_key(rig, "choice:save"));
    assert_string_equal(rig_line(rig, "PASSWORD_REFUSED"), "It repeats.");
    GOOD(rig_enter(rig, "7391"));
    GOOD(rig_enter(rig, "7391"));
    GOOD(rig_key(rig, "choice:save"));
    AT(rig, "password.saved");
    GOOD(rig_advance(rig, 31000)); /* it goes on by itself, through the tip, and he is in */
    AT(rig, "tip.show");
    GOOD(rig_advance(rig, 31000));
    AT(rig, "main.menu");
    assert_string_equal(rig->terminal->operator_id, "01");
    assert_string_equal(rig->password[1], "7391");
    rig_free(rig);
}

/* S3: main -> 设置 -> 安全设置 -> 密码设置 in three actions, by digits alone; then the change
 * works. */
static void test_change_password(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(rig_key(rig, "digit:0"));
    AT(rig, "settings.menu");
    GOOD(rig_key(rig, "digit:1"));
    AT(rig, "settings.security");
    GOOD(rig_key(rig, "digit:1"));
    AT(rig, "settings.passwords");
    GOOD(rig_key(rig, "digit:1"));
    AT(rig, "password.current");
    GOOD(rig_enter(rig, "0000"));
    AT(rig, "password.current");
    assert_non_null(rig_line(rig, "LOGIN_WRONG"));
    GOOD(rig_enter(rig, "8264"));
    GOOD(rig_enter(rig, "7391"));
    GOOD(rig_enter(rig, "7391"));
    GOOD(rig_key(rig, "choice:save"));
    AT(rig, "password.saved");
    GOOD(rig_keys(rig, "ok ok"));
    AT(rig, "settings.passwords");
    assert_string_equal(rig->password[1], "7391");
    rig_free(rig);
}

/* S50: every way a sign-in can end. */
static void test_sign_in(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    GOOD(rig_boot(rig));
    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
    assert_non_null(rig_line(rig, "MAIN_NOT_SIGNED_IN"));

    memcpy(rig->sign_in_code, "97", 3);
    GOOD(rig_key(rig, "choice:sign_in"));
    AT(rig, "sign_in.failed");
    assert_non_null(strstr(rig_line(rig, "SIGN_IN_REFUSED"), "97"));
    memcpy(rig->sign_in_code, "00", 3);

    rig->silent_sign_in = true;
    GOOD(rig_key(rig, "choice:retry"));
    AT(rig, "sign_in.wait");
    GOOD(rig_advance(rig, 61000));
    assert_non_null(rig_line(rig, "SIGN_IN_NO_ANSWER"));
    rig->silent_sign_in = false;

    rig->bad_keys = true;
    GOOD(rig_key(rig, "choice:retry"));
    assert_non_null(rig_line(rig, "SIGN_IN_BAD_KEYS"));
    assert_false(rig->terminal->records.signed_in);
    rig->bad_keys = false;

    GOOD(rig_key(rig, "choice:retry"));
    AT(rig, "sign_in.done");
    assert_true(rig->terminal->records.signed_in);
    assert_int_equal(rig->terminal->records.batch, rig->host_batch);
    GOOD(rig_restart(rig)); /* signed in is in the store, logged in is not */
    assert_true(rig->terminal->records.signed_in);
    assert_null(rig_line(rig, "MAIN_NOT_SIGNED_IN"));
    rig_free(rig);
}

/* The host's clock is adopted, and used for everything that shows a time. */
static void test_clock(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig->now_us = INT64_C(3600000000); /* our clock is an hour fast */
    GOOD(rig_boot(rig));
    assert_string_equal(terminal_screen(rig->terminal)->status.time, "13:30");
    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
    GOOD(rig_keys(rig, "choice:sign_in ok"));
    assert_string_equal(terminal_screen(rig->terminal)->status.time, "12:30");
    rig_free(rig);
}

/* S51: refused while a reversal is open; otherwise true when the host has said so. */
static void test_sign_out(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    rig->mood = RIG_SILENT;
    rig->refuse_reversal = true;
    GOOD(rig_sale(rig));
    GOOD(rig_key(rig, "cancel"));
    GOOD(rig_keys(rig, "cancel choice:manage choice:sign_out"));
    AT(rig, "need.idle");
    rig->refuse_reversal = false;
    GOOD(rig_advance(rig, 62000));
    if (strcmp(rig_id(rig), "main.menu") == 0) GOOD(rig_keys(rig, "choice:manage choice:sign_out"));
    AT(rig, "sign_out.ask");
    GOOD(rig_key(rig, "cancel"));
    assert_true(rig->terminal->records.signed_in);
    GOOD(rig_keys(rig, "choice:sign_out choice:yes"));
    AT(rig, "sign_out.done");
    assert_false(rig->terminal->records.signed_in);
    rig_check_books(rig);
    rig_free(rig);
}

/* S53: the lock holds over a restart; only its operator or the supervisor opens it. */
static void test_lock(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(rig_keys(rig, "choice:manage choice:lock"));
    AT(rig, "lock.locked");
    assert_true(terminal_screen(rig->terminal)->status.locked);
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "lock.locked");
    GOOD(rig_key(rig, "choice:unlock"));
    GOOD(rig_enter(rig, "9375")); /* the password of operator 02 */
    AT(rig, "lock.locked");
    assert_non_null(rig_line(rig, "LOGIN_WRONG"));
    rig_off(rig);
    GOOD(rig_boot(rig));
    AT(rig, "lock.locked");
    GOOD(rig_key(rig, "choice:unlock"));
    GOOD(rig_enter(rig, "8264"));
    AT(rig, "main.menu");
    assert_string_equal(rig->terminal->operator_id, "01");

    GOOD(rig_keys(rig, "cancel choice:lock choice:supervisor"));
    GOOD(rig_enter(rig, "246813"));
    AT(rig, "login.operator"); /* open, but nobody is in */
    assert_false(terminal_screen(rig->terminal)->status.locked);
    rig_free(rig);
}

/* A reversal that the host will not acknowledge because the keys are old goes out after sign-in. */
static void test_reversal_needs_sign_in(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    rig->mood = RIG_SILENT;
    rig->refuse_reversal = true;
    memcpy(rig->reversal_code, "A0", 3);
    GOOD(rig_sale(rig));
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "sale.reversing");
    assert_false(rig->terminal->records.signed_in);
    assert_true(rig_has_choice(rig, "sign_in", true));
    rig->refuse_reversal = false;
    GOOD(rig_keys(rig, "choice:sign_in"));
    AT(rig, "sign_in.done");
    GOOD(rig_key(rig, "ok"));
    AT(rig, "sale.reversed");
    rig_check_books(rig);
    rig_free(rig);
}

/* The connection is kept alive by an echo; a host that does not answer one is left and found again.
 */
static void test_echo(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(rig_advance(rig, 61000));
    assert_int_equal(rig->echoes_seen, 1);
    rig->silent_echo = true;
    GOOD(rig_advance(rig, 80000));
    assert_int_equal(rig->echoes_seen, 2);
    assert_int_equal(terminal_screen(rig->terminal)->status.network, SCREEN_ONLINE);
    rig->reachable = rig->online = false;
    GOOD(rig_pump(rig));
    assert_int_equal(terminal_screen(rig->terminal)->status.network, SCREEN_OFFLINE);
    GOOD(rig_advance(rig, 40000));
    rig->reachable = true;
    GOOD(rig_advance(rig, 31000));
    assert_int_equal(terminal_screen(rig->terminal)->status.network, SCREEN_ONLINE);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_boot),
        cmocka_unit_test(test_boot_faults),
        cmocka_unit_test(test_boot_printer),
        cmocka_unit_test(test_login_offline),
        cmocka_unit_test(test_login_verdicts),
        cmocka_unit_test(test_must_change),
        cmocka_unit_test(test_change_password),
        cmocka_unit_test(test_sign_in),
        cmocka_unit_test(test_clock),
        cmocka_unit_test(test_sign_out),
        cmocka_unit_test(test_lock),
        cmocka_unit_test(test_reversal_needs_sign_in),
        cmocka_unit_test(test_echo),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
