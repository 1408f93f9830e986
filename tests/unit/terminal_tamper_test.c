/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A terminal whose vault has been tampered with (S70): wherever it is, it ends at a screen that
 * says what happened and what to do, and the back office hears of it once.
 */
#include "tests/unit/terminal_rig.h"

static void assert_shown(struct rig *rig)
{
    AT(rig, "boot.tamper");
    assert_non_null(rig_line(rig, "BOOT_TAMPER_FAULT"));
    assert_non_null(rig_line(rig, "BOOT_TAMPER_NOTICED"));
    assert_non_null(rig_line(rig, "BOOT_TAMPER_MONEY"));
    assert_non_null(rig_line(rig, "BOOT_TAMPER_CALL"));
    assert_string_equal(rig->terminal->operator_id, "");
}

/* Nothing leads away from it: no key, no time. */
static void assert_stays(struct rig *rig)
{
    static const char *const keys[] = {"ok", "cancel", "digit:1", "choice:sale", "clear"};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        GOOD(rig_key(rig, keys[i]));
        assert_shown(rig);
    }
    GOOD(rig_advance(rig, 600000));
    assert_shown(rig);
}

/* The back office answers whatever is asked until it is asked this. */
static void settle(struct rig *rig, const char *what)
{
    for (int i = 0; i < 10 && strstr(rig->manage_said, what) == NULL; i++) {
        GOOD(rig_manage_answer(rig, "ok", ""));
        GOOD(rig_advance(rig, 100));
    }
    assert_non_null(strstr(rig->manage_said, what));
}

/* Each kind has words of its own, in both languages; erased by order is none (S142). */
static void test_each_kind_is_named(void **state)
{
    (void)state;
    char seen[2 * VAULT_TAMPERS][80] = {{0}};
    size_t count = 0;
    for (uint8_t kind = 1; kind < VAULT_TAMPER_WIPED; kind++) {
        struct rig *rig = rig_new();
        rig->tampered = kind;
        GOOD(rig_open(rig));
        GOOD(terminal_boot(rig->terminal));
        for (int language = 0; language < 2; language++) {
            assert_shown(rig);
            snprintf(seen[count], sizeof seen[count], "%s", rig_line(rig, "BOOT_TAMPER_NOTICED"));
            for (size_t i = 0; i < count; i++) assert_string_not_equal(seen[i], seen[count]);
            count++;
            GOOD(rig_key(rig, "language"));
        }
        assert_stays(rig);
        rig_free(rig);
    }
}

/* At the main screen nobody asks the vault for anything: it is looked at all the same. */
static void test_noticed_while_it_stands(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig->watch_ms = 2000;
    rig->with_manage = rig->manage_reachable = true;
    GOOD(rig_boot(rig));
    GOOD(rig_advance(rig, 100));
    settle(rig, "\"ask\":\"hello\"");
    GOOD(rig_manage_answer(rig, "ok", ""));
    GOOD(rig_advance(rig, 5000));
    unsigned asked = rig->asked_status;
    GOOD(rig_advance(rig, 10000));
    assert_in_range(rig->asked_status - asked, 4, 6);
    rig->tampered = VAULT_TAMPER_CASE;
    GOOD(rig_advance(rig, 2500));
    assert_shown(rig);
    settle(rig, "\"kind\":\"tampered\"");
    assert_non_null(strstr(rig->manage_said, "\"detail\":\"case\""));
    GOOD(rig_manage_answer(rig, "ok", ""));
    assert_stays(rig);
    int64_t waiting = -1; /* told once: nothing of it waits */
    assert_false(FAILED(store_query_int(
        rig->store, "SELECT count(*) FROM event WHERE kind = 'tampered'", &waiting)));
    assert_int_equal(waiting, 0);
    rig_free(rig);
}

/* A command that is refused is enough, without a watch. */
static void test_noticed_by_a_refusal(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(rig_keys(rig, "choice:sale digit:1 digit:2 digit:8 ok"));
    AT(rig, "sale.present");
    rig->tampered = VAULT_TAMPER_READER;
    GOOD(rig_advance(rig, 1000)); /* the next look for a card */
    assert_shown(rig);
    assert_stays(rig);
    rig_free(rig);
}

/* A sale that waits for the host ends first, one way or the other, and is not lost. */
static void test_in_the_middle_of_a_sale(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    rig->watch_ms = 2000;
    rig->mood = RIG_SILENT;
    GOOD(rig_keys(rig, "choice:sale digit:1 digit:2 digit:8 ok"));
    rig_card(rig, VAULT_CARD_READ, false);
    GOOD(rig_advance(rig, 300));
    AT(rig, "sale.wait");
    rig->tampered = VAULT_TAMPER_MESH;
    GOOD(rig_advance(rig, 5000));
    AT(rig, "sale.wait");
    GOOD(rig_advance(rig, 120000));
    assert_shown(rig);
    assert_int_equal(rig->terminal->records.unsent, 1); /* a reversal is still owed */
    rig_free(rig);
}

static int64_t waiting(struct rig *rig)
{
    int64_t count = -1;
    GOOD(store_query_int(rig->store, "SELECT count(*) FROM event WHERE kind = 'tampered'", &count));
    return count;
}

static void restart(struct rig *rig)
{
    rig_off(rig);
    rig->manage_online = rig->manage_connecting = false;
    rig->manage_said[0] = '\0';
    GOOD(rig_open(rig));
    GOOD(terminal_boot(rig->terminal));
    GOOD(rig_advance(rig, 100));
    assert_shown(rig);
}

/*
 * The line is down when it happens. The event waits, over a restart; with no key any more the
 * terminal comes without a certificate, says its last words until they are acknowledged, and
 * nothing else; then it is silent.
 */
static void test_told_when_the_line_is_back(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig->watch_ms = 2000;
    rig->with_manage = rig->with_bare = rig->manage_reachable = true;
    GOOD(rig_boot(rig));
    GOOD(rig_advance(rig, 100));
    settle(rig, "\"ask\":\"hello\"");
    GOOD(rig_manage_answer(rig, "ok", ""));
    rig->manage_reachable = rig->manage_online = false; /* somebody cuts the line first */
    GOOD(rig_pump(rig));
    GOOD(rig_advance(rig, 5000));
    assert_int_equal(rig->bare, 0);
    rig->tampered = VAULT_TAMPER_MESH;
    GOOD(rig_advance(rig, 100000));
    assert_shown(rig);
    assert_int_equal(waiting(rig), 1);
    assert_true(rig->bare > 0); /* tried, in vain */
    restart(rig);
    assert_int_equal(waiting(rig), 1);
    rig->manage_reachable = true;
    GOOD(rig_advance(rig, 100000));
    assert_non_null(strstr(rig->manage_said, "\"ask\":\"last_words\""));
    assert_non_null(strstr(rig->manage_said, "\"detail\":\"mesh\""));
    assert_non_null(strstr(rig->manage_said, "\"words\":\"3045\""));
    assert_int_equal(waiting(rig), 1); /* said is not heard */
    restart(rig);                      /* the power goes before the answer */
    GOOD(rig_advance(rig, 1000));
    assert_non_null(strstr(rig->manage_said, "\"number\":1,"));
    GOOD(rig_manage_answer(rig, "ok", ""));
    GOOD(rig_advance(rig, 1000));
    assert_int_equal(waiting(rig), 0);
    assert_false(rig->manage_online); /* there is nothing else to say */
    unsigned connects = rig->connects;
    GOOD(rig_advance(rig, 3600000));
    restart(rig);
    GOOD(rig_advance(rig, 3600000));
    assert_int_equal(rig->connects, connects);
    assert_stays(rig);
    rig_free(rig);
}

/* It was repaired and given new keys: it works, and tells of the next time as it did of this. */
static void test_new_keys_begin_anew(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    int64_t count = 0;
    for (int time = 1; time <= 2; time++) {
        rig->tampered = VAULT_TAMPER_CASE;
        GOOD(rig_open(rig));
        GOOD(terminal_boot(rig->terminal));
        assert_shown(rig);
        GOOD(store_query_int(rig->store, "SELECT count(*) FROM audit WHERE event = 'tampered'",
                             &count));
        assert_int_equal(count, time);
        rig_off(rig);
        rig->tampered = VAULT_TAMPER_NONE;
        GOOD(rig_boot(rig));
        AT(rig, "login.operator");
        rig_off(rig);
    }
    GOOD(rig_open(rig));
    rig_free(rig);
}

/* On record once, however often it starts. */
static void test_on_record_once(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    int64_t count = 0;
    rig->tampered = VAULT_TAMPER_HEAT;
    for (int i = 0; i < 4; i++) {
        if (i > 0) rig_off(rig);
        GOOD(rig_open(rig));
        GOOD(terminal_boot(rig->terminal));
    }
    assert_shown(rig);
    assert_false(FAILED(store_query_int(
        rig->store, "SELECT count(*) FROM audit WHERE event = 'tampered' AND detail = 'heat'",
        &count)));
    assert_int_equal(count, 1);
    assert_false(FAILED(
        store_query_int(rig->store, "SELECT count(*) FROM event WHERE kind = 'tampered'", &count)));
    assert_int_equal(count, 1);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_kind_is_named),
        cmocka_unit_test(test_noticed_while_it_stands),
        cmocka_unit_test(test_noticed_by_a_refusal),
        cmocka_unit_test(test_in_the_middle_of_a_sale),
        cmocka_unit_test(test_on_record_once),
        cmocka_unit_test(test_told_when_the_line_is_back),
        cmocka_unit_test(test_new_keys_begin_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
