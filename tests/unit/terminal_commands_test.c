/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the back office may want of a device besides a lock (S116, S117, S121, DV-11): each command
 * once and in order, refused ones told; logs and snapshots without secrets; a restart, forced
 * passwords, a device that is lost, and one that is wiped, over power cuts.
 */
#include "lib/base/base64.h"
#include "tests/unit/terminal_rig_real.h"

enum { DAY_MS = 86400000 };

static char collected[64 * 1024];
static size_t collected_len;
static int parts;

static void command(struct rig *rig, int number, const char *kind, const char *text)
{
    char json[400];
    snprintf(json, sizeof json,
             "{\"tell\":\"command\",\"number\":%d,\"command\":\"%s\",\"text\":\"%s\",\"nonce\":"
             "\"00000000000000000000000000000000\",\"mac\":\"00000000000000000000000000000000\"}",
             number, kind, text);
    GOOD(rig_manage(rig, json));
}

static void forged(struct rig *rig, int number, const char *kind)
{
    char json[400];
    snprintf(json, sizeof json,
             "{\"tell\":\"command\",\"number\":%d,\"command\":\"%s\",\"text\":\"\",\"nonce\":"
             "\"00000000000000000000000000000000\",\"mac\":\"FF000000000000000000000000000000\"}",
             number, kind);
    GOOD(rig_manage(rig, json));
}

static bool said(const struct rig *rig, const char *text)
{
    return strstr(rig->manage_said, text) != NULL;
}

static void keep_part(const struct rig *rig)
{
    const char *at = strstr(rig->manage_said, "\"bytes\":\"");
    size_t len = 0, text = strcspn(at + 9, "\"");
    GOOD(base64_decode(bytes_of(at + 9, text), (uint8_t *)collected + collected_len,
                       sizeof collected - collected_len - 1, &len));
    collected_len += len;
    collected[collected_len] = '\0';
    parts++;
}

static char progress[256]; /* what was told of commands, one after the other */

static void keep_progress(const struct rig *rig)
{
    const char *number = strstr(rig->manage_said, "\"number\":"), *state;
    state = strstr(rig->manage_said, "\"state\":\"");
    size_t used = strlen(progress);
    snprintf(progress + used, sizeof progress - used, "%d:%.3s ", (int)strtol(number + 9, NULL, 10),
             state + 9);
}

/* Answers what is asked until nothing is; parts and progress are kept. */
static void settle(struct rig *rig)
{
    for (int i = 0; i < 60; i++) {
        int frames = rig->manage_frames;
        GOOD(rig_advance(rig, 20));
        bool asked = rig->terminal->manage.asked != DEVICE_NO_ASK;
        if (!asked && rig->manage_frames == frames) return;
        if (!asked) continue;
        if (said(rig, "\"ask\":\"part\"")) keep_part(rig);
        if (said(rig, "\"ask\":\"done\"")) keep_progress(rig);
        GOOD(rig_manage_answer(rig, "ok", ""));
    }
    fail_msg("it goes on asking: %s", rig->manage_said);
}

static void forget(void)
{
    progress[0] = '\0';
    collected_len = 0;
    parts = 0;
}

static struct rig *ready(void)
{
    struct rig *rig = rig_new();
    rig->with_manage = rig->manage_reachable = true;
    GOOD(rig_boot(rig));
    settle(rig);
    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
    GOOD(rig_keys(rig, "choice:sign_in"));
    GOOD(rig_key(rig, "ok"));
    settle(rig);
    forget();
    return rig;
}

static void power_cut(struct rig *rig)
{
    rig_off(rig);
    GOOD(rig_boot(rig));
    GOOD(rig_advance(rig, 8000));
    settle(rig);
}

/* ---- once, in order, and only the host's ---- */

static const char *const kinds[] = {"message", "lock",     "unlock",    "ring", "restart",
                                    "logs",    "snapshot", "passwords", "wipe", "lost"};

static void a_forged_or_old_one_is_refused_and_told(void **state)
{
    (void)state;
    struct rig *rig = ready();
    command(rig, 9, "logs", "");
    settle(rig);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        forget();
        forged(rig, 20, kinds[i]);
        settle(rig);
        assert_string_equal(progress, "20:ref ");
        assert_true(said(rig, "\"reason\":\"forged\""));
        forget();
        command(rig, 5, kinds[i], ""); /* it was overtaken */
        settle(rig);
        assert_string_equal(progress, "5:ref ");
        assert_true(said(rig, "\"reason\":\"old\""));
        AT(rig, "main.menu");
    }
    assert_false(rig->wipe_wanted && rig->tampered != VAULT_TAMPER_NONE);
    assert_int_equal(rig->restarts, 0);
    int64_t rows = 0;
    GOOD(store_query_int(rig->store, "SELECT count(*) FROM command", &rows));
    assert_int_equal(rows, 1);
    rig_free(rig);
}

/* Told again on another connection, and after a power cut: done once. */
static void a_repeat_does_nothing(void **state)
{
    (void)state;
    struct rig *rig = ready();
    command(rig, 9, "logs", "");
    settle(rig);
    assert_string_equal(progress, "9:ack 9:ver ");
    int once = parts;
    command(rig, 9, "logs", "");
    settle(rig);
    power_cut(rig);
    command(rig, 9, "logs", "");
    settle(rig);
    assert_int_equal(parts, once);
    assert_string_equal(progress, "9:ack 9:ver ");
    rig_free(rig);
}

/* ---- what is collected ---- */

static void logs_come_in_parts(void **state)
{
    (void)state;
    struct rig *rig = ready();
    for (int i = 0; i < 400; i++)
        GOOD(audit(rig->terminal, "tried", "something", "long enough to fill a part or two"));
    command(rig, 9, "logs", "");
    settle(rig);
    assert_true(parts > 2);
    assert_non_null(strstr(collected, "version 0.1.0"));
    assert_non_null(strstr(collected, "tried something"));
    rig_free(rig);
}

static void a_broken_connection_begins_again(void **state)
{
    (void)state;
    struct rig *rig = ready();
    for (int i = 0; i < 300; i++)
        GOOD(audit(rig->terminal, "tried", "something", "long enough to fill a part or two"));
    command(rig, 9, "logs", "");
    while (!said(rig, "\"part\":2")) {
        GOOD(rig_advance(rig, 20));
        if (!said(rig, "\"part\":2")) GOOD(rig_manage_answer(rig, "ok", ""));
    }
    rig->manage_online = false;
    GOOD(rig_pump(rig));
    GOOD(rig_advance(rig, 5000));
    forget();
    settle(rig);
    assert_true(parts > 2);
    assert_non_null(strstr(collected, "version 0.1.0"));
    assert_non_null(strstr(progress, "9:ver"));
    rig_free(rig);
}

/* Searched for what must not be in them: numbers of cards, passwords, what is being typed. */
static void nothing_collected_is_a_secret(void **state)
{
    (void)state;
    struct rig *rig = ready();
    GOOD(rig_sale(rig));
    settle(rig);
    command(rig, 9, "snapshot", "");
    settle(rig);
    GOOD(rig_key(rig, "ok"));
    GOOD(audit(rig->terminal, "odd", "6200001234567890123", "and 13800005678"));
    command(rig, 10, "logs", "");
    settle(rig);
    assert_non_null(strstr(collected, "sale"));
    static const char *const never[] = {"8264", "620000123456", "0012345678", "1380000"};
    for (size_t i = 0; i < ARRAY_LEN(never); i++) assert_null(strstr(collected, never[i]));
    for (size_t i = 0; i < collected_len; i++)
        assert_true(strspn(collected + i, "0123456789") <= COLLECTION_DIGITS_MAX);
    forget();
    GOOD(rig_keys(rig, "choice:sale digit:7 digit:7 digit:3"));
    command(rig, 11, "snapshot", "");
    settle(rig);
    assert_non_null(strstr(collected, "sale.amount"));
    assert_non_null(strstr(collected, "***"));
    assert_null(strstr(collected, "7.73"));
    rig_free(rig);
}

static void long_numbers_are_hidden(void **state)
{
    (void)state;
    static const struct {
        const char *text, *masked;
    } rows[] = {{"", ""},
                {"12345", "12345"},
                {"123456", "****56"},
                {"a6200001234567890123b", "a*****************23b"},
                {"1234567", "*****67"},
                {"12345 123456", "12345 ****56"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[64];
        snprintf(text, sizeof text, "%s", rows[i].text);
        collection_mask((uint8_t *)text, strlen(text));
        assert_string_equal(text, rows[i].masked);
    }
}

/* ---- restart ---- */

static void a_restart_is_done_when_it_has_started_again(void **state)
{
    (void)state;
    struct rig *rig = ready();
    GOOD(rig_keys(rig, "choice:sale digit:1"));
    command(rig, 9, "restart", "");
    settle(rig);
    assert_int_equal(rig->restarts, 0); /* not into a sale */
    assert_string_equal(progress, "9:ack ");
    GOOD(rig_key(rig, "cancel"));
    settle(rig);
    assert_int_equal(rig->restarts, 1);
    assert_string_equal(progress, "9:ack ");
    power_cut(rig);
    assert_string_equal(progress, "9:ack 9:ver ");
    assert_int_equal(rig->restarts, 1);
    power_cut(rig);
    assert_int_equal(rig->restarts, 1);
    rig_free(rig);
}

/* Nobody would start it again: it goes on, and says so. */
static void a_restart_that_cannot_be_is_refused(void **state)
{
    (void)state;
    struct rig *rig = ready();
    rig->terminal->ports.restart = NULL;
    command(rig, 9, "restart", "");
    settle(rig);
    assert_non_null(strstr(progress, "9:ref "));
    assert_true(said(rig, "\"reason\":\"cannot\""));
    AT(rig, "main.menu");
    power_cut(rig);
    assert_int_equal(rig->restarts, 0);
    rig_free(rig);
}

/* ---- lost ---- */

static void a_lost_device_locks_itself(void **state)
{
    (void)state;
    struct rig *rig = ready();
    command(rig, 9, "lost", "Call 138");
    settle(rig);
    assert_string_equal(progress, "9:ack 9:ver ");
    AT(rig, "main.menu"); /* whoever has it notices nothing */
    rig->manage_reachable = rig->manage_online = false;
    GOOD(rig_pump(rig));
    GOOD(rig_advance(rig, DEVICE_LOST_DAYS * (int64_t)DAY_MS - 7200000));
    rig_off(rig); /* a restart does not begin the count anew */
    GOOD(rig_boot(rig));
    GOOD(rig_advance(rig, 8000));
    AT(rig, "lock.locked");
    GOOD(rig_advance(rig, 2 * 7200000));
    AT(rig, "find.locked");
    rig_off(rig);
    GOOD(rig_boot(rig));
    GOOD(rig_advance(rig, 8000));
    AT(rig, "find.locked");
    rig->manage_reachable = true;
    GOOD(rig_advance(rig, 70000));
    settle(rig);
    GOOD(rig_advance(rig, 20000));
    settle(rig);
    assert_non_null(strstr(rig->state_said, "\"hold\":\"lost\""));
    AT(rig, "find.locked"); /* heard again: it stays locked until the owner opens it */
    command(rig, 10, "unlock", "");
    settle(rig);
    AT(rig, "lock.locked");
    GOOD(rig_advance(rig, 20000));
    settle(rig);
    assert_non_null(strstr(rig->state_said, "\"hold\":\"free\""));
    rig->manage_reachable = rig->manage_online = false;
    GOOD(rig_pump(rig));
    GOOD(rig_advance(rig, 2 * DEVICE_LOST_DAYS * (int64_t)DAY_MS));
    AT(rig, "lock.locked");
    rig_free(rig);
}

static void a_lost_device_that_is_heard_of_works_on(void **state)
{
    (void)state;
    struct rig *rig = ready();
    command(rig, 9, "lost", "");
    settle(rig);
    for (int day = 0; day < 2 * DEVICE_LOST_DAYS; day++) {
        GOOD(rig_advance(rig, DAY_MS));
        settle(rig);
    }
    assert_false(rig->terminal->remote.locked);
    rig_free(rig);
}

/* ---- passwords, and a real vault ---- */

static void tell_real(struct rig *rig, int number, const char *kind, const char *text)
{
    char json[400];
    bench_command(rig->bench, number, kind, text, json, sizeof json);
    GOOD(rig_manage(rig, json));
}

static void forced_passwords_take_effect_at_once(void **state)
{
    (void)state;
    struct rig *rig = rig_real("TB-1");
    settle(rig);
    real_first_day(rig, 1, "826047");
    AT(rig, "main.menu");
    settle(rig);
    forget();
    tell_real(rig, 3, "passwords", "01");
    settle(rig);
    assert_string_equal(progress, "3:ack 3:ver ");
    AT(rig, "login.operator"); /* whoever is in is out */
    GOOD(rig_keys(rig, real_keys_of(1)));
    GOOD(rig_enter(rig, "826047"));
    GOOD(rig_key(rig, "choice:continue"));
    AT(rig, "password.new");
    rig_real_free(rig);
}

static void a_command_for_another_device_is_forged(void **state)
{
    (void)state;
    struct rig *rig = rig_real("TB-1");
    settle(rig);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        forget();
        command(rig, 7, kinds[i], ""); /* whoever it is for, it is not this one */
        settle(rig);
        assert_string_equal(progress, "7:ref ");
        AT(rig, "login.operator");
    }
    rig_real_free(rig);
}

/* ---- wiping ---- */

static void a_wiped_device_has_nothing_left(void **state)
{
    (void)state;
    struct rig *rig = rig_real("TB-1");
    rig->with_bare = true;
    settle(rig);
    forget();
    tell_real(rig, 3, "wipe", "");
    GOOD(rig_advance(rig, 20));
    AT(rig, "find.locked");
    settle(rig);
    assert_string_equal(progress, "3:ack ");
    GOOD(rig_advance(rig, 5000));
    assert_int_equal(rig->terminal->facts.tampered, VAULT_TAMPER_WIPED);
    AT(rig, "boot.wiped");
    rig_real_free(rig);
}

/* What is unsent is sent first; when that cannot be, the back office hears of it. */
static void what_is_unsent_is_told_first(void **state)
{
    (void)state;
    struct rig *rig = ready();
    rig->mood = RIG_SILENT;
    GOOD(rig_sale(rig));
    rig->reachable = rig->online = false;
    GOOD(rig_pump(rig));
    GOOD(rig_advance(rig, 61000));
    settle(rig);
    assert_true(rig->terminal->records.unsent > 0);
    command(rig, 9, "wipe", "");
    settle(rig);
    GOOD(rig_advance(rig, 300000));
    settle(rig);
    AT(rig, "find.locked");
    assert_int_equal(rig->tampered, VAULT_TAMPER_NONE); /* the host may come back */
    GOOD(rig_advance(rig, 301000));
    assert_true(said(rig, "\"kind\":\"wiping\"") && said(rig, "\"detail\":\"unsent-1\""));
    assert_int_equal(rig->tampered, VAULT_TAMPER_NONE); /* until that is acknowledged */
    settle(rig);
    GOOD(rig_advance(rig, 3000));
    assert_int_equal(rig->tampered, VAULT_TAMPER_WIPED);
    rig_free(rig);
}

/* S142: what the screen says ever after: the contract ended, or it was erased by order; and never
 * that somebody had tampered with it, in neither language and after no power cut. */
static void assert_erased(struct rig *rig, const char *screen, const char *fault, const char *todo)
{
    for (int start = 0; start < 2; start++) {
        if (start > 0) {
            rig_off(rig);
            GOOD(rig_open(rig));
            GOOD(terminal_boot(rig->terminal));
        }
        for (int language = 0; language < 2; language++) {
            AT(rig, screen);
            assert_non_null(rig_line(rig, fault));
            assert_non_null(rig_line(rig, "BOOT_TAMPER_MONEY"));
            assert_non_null(strstr(rig_line(rig, todo), rig->terminal->config.support));
            assert_non_null(strstr(rig_line(rig, todo), rig->terminal->facts.serial));
            assert_null(rig_line(rig, "BOOT_TAMPER_FAULT"));
            assert_null(rig_line(rig, "BOOT_TAMPER_NOTICED"));
            GOOD(rig_keys(rig, "ok cancel language"));
        }
        GOOD(rig_advance(rig, 600000));
    }
}

/* S142: at the end of a contract the batch is settled, on a screen that says what happens and takes
 * nothing; then the keys go. Without the host it is not waited for longer than for what is unsent.
 */
static void the_end_of_a_contract_settles_first(void **state)
{
    (void)state;
    for (int host = 0; host < 2; host++) {
        struct rig *rig = ready();
        int64_t closed = 0;
        GOOD(rig_sale(rig));
        GOOD(rig_key(rig, "ok"));
        AT(rig, "main.menu");
        settle(rig);
        if (host == 0) {
            rig->reachable = rig->online = false;
            GOOD(rig_pump(rig));
        }
        command(rig, 9, "wipe", DEVICE_WIPE_SETTLES);
        for (int i = 0; i < 40 && rig->tampered == VAULT_TAMPER_NONE; i++) {
            GOOD(rig_advance(rig, 500));
            settle(rig);
        }
        GOOD(store_query_int(rig->store, "SELECT count(*) FROM settlement WHERE stage = 3",
                             &closed));
        assert_int_equal(closed, host);
        assert_int_equal(rig->tampered, host == 1 ? VAULT_TAMPER_WIPED : VAULT_TAMPER_NONE);
        if (host == 0) {
            assert_true(rig->terminal->remote.locked);
            GOOD(rig_advance(rig, 601000));
            settle(rig);
            GOOD(rig_advance(rig, 3000));
            assert_int_equal(rig->tampered, VAULT_TAMPER_WIPED);
        }
        GOOD(rig_advance(rig, 3000));
        assert_erased(rig, "boot.ended", "BOOT_ENDED_FAULT", "BOOT_ENDED_RETURN");
        rig_free(rig);
    }
}

static void a_wipe_waits_over_a_power_cut(void **state)
{
    (void)state;
    struct rig *rig = ready();
    GOOD(rig_manage(rig, "{}"));
    command(rig, 9, "wipe", "");
    power_cut(rig);
    GOOD(rig_advance(rig, 3000));
    settle(rig);
    GOOD(rig_advance(rig, 3000));
    assert_int_equal(rig->tampered, VAULT_TAMPER_WIPED);
    GOOD(rig_advance(rig, 3000));
    assert_erased(rig, "boot.wiped", "BOOT_WIPED_FAULT", "BOOT_WIPED_CALL");
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_forged_or_old_one_is_refused_and_told),
        cmocka_unit_test(a_repeat_does_nothing),
        cmocka_unit_test(logs_come_in_parts),
        cmocka_unit_test(a_broken_connection_begins_again),
        cmocka_unit_test(nothing_collected_is_a_secret),
        cmocka_unit_test(long_numbers_are_hidden),
        cmocka_unit_test(a_restart_is_done_when_it_has_started_again),
        cmocka_unit_test(a_restart_that_cannot_be_is_refused),
        cmocka_unit_test(a_lost_device_locks_itself),
        cmocka_unit_test(a_lost_device_that_is_heard_of_works_on),
        cmocka_unit_test(forced_passwords_take_effect_at_once),
        cmocka_unit_test(a_command_for_another_device_is_forged),
        cmocka_unit_test(a_wiped_device_has_nothing_left),
        cmocka_unit_test(what_is_unsent_is_told_first),
        cmocka_unit_test(the_end_of_a_contract_settles_first),
        cmocka_unit_test(a_wipe_waits_over_a_power_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
