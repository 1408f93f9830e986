/* SPDX-License-Identifier: Apache-2.0 */
/*
 * New software on a terminal (S119): what the back office says goes to whoever has started it; it
 * is healthy when its vault, its store and its host have answered; and it starts anew in its hours,
 * from a screen that begins things, with no order open. What runs is told on every connection.
 */
#include "tests/unit/terminal_rig.h"

#include "terminal/updater.h"

struct heard {
    unsigned assigned, healthy, restarts;
    char assignment[64];
};

static struct heard heard;

static void on_assign(void *context, struct bytes assignment)
{
    (void)context;
    heard.assigned++;
    GOOD(bytes_to_text(assignment, heard.assignment, sizeof heard.assignment));
}

static void on_healthy(void *context)
{
    (void)context;
    heard.healthy++;
}

static void on_restart(void *context)
{
    (void)context;
    heard.restarts++;
}

static void attach(struct rig *rig)
{
    heard = (struct heard){0};
    rig->terminal->ports.update_assign = on_assign;
    rig->terminal->ports.update_healthy = on_healthy;
    rig->terminal->ports.update_restart = on_restart;
}

static void settle(struct rig *rig)
{
    for (int i = 0; i < 20; i++) {
        GOOD(rig_advance(rig, 20));
        if (rig->terminal->manage.asked == DEVICE_NO_ASK) return;
        GOOD(rig_manage_answer(rig, "ok", ""));
    }
    fail_msg("it goes on asking: %s", rig->manage_said);
}

static struct rig *connected(void)
{
    struct rig *rig = rig_new();
    rig->with_manage = rig->manage_reachable = true;
    GOOD(rig_boot(rig));
    attach(rig);
    settle(rig);
    return rig;
}

static void facts(struct rig *rig, struct terminal_software software)
{
    GOOD(terminal_on_software(rig->terminal, &software));
}

static void hours_of_a_day(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned from, to;
    } rows[] = {{"02:00-05:00", 120, 300}, {"22:30-04:00", 1350, 240},
                {"00:00-24:00", 0, 1440},  {"", 0, 0},
                {"2:00-5:00", 0, 0},       {"02:00-05:00 ", 0, 0},
                {"25:00-05:00", 0, 0},     {"02:00/05:00", 0, 0}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        unsigned from = 9, to = 9;
        update_hours(bytes_text(rows[i].text), &from, &to);
        assert_int_equal(from, rows[i].from);
        assert_int_equal(to, rows[i].to);
    }
    assert_true(update_in_hours(120, 300, 120) && update_in_hours(120, 300, 299));
    assert_false(update_in_hours(120, 300, 119) || update_in_hours(120, 300, 300));
    assert_true(update_in_hours(1350, 240, 1439) && update_in_hours(1350, 240, 0));
    assert_false(update_in_hours(1350, 240, 240) || update_in_hours(1350, 240, 1349));
    for (unsigned minute = 0; minute < 1440; minute++) assert_true(update_in_hours(7, 7, minute));
}

static void lines_of_the_updater(void **state)
{
    (void)state;
    struct terminal_software s;
    GOOD(updater_read(BYTES("facts 12 trying 0 11 "), &s));
    assert_int_equal(s.image, 12);
    assert_true(s.trying);
    assert_int_equal(s.refused, 11);
    assert_string_equal(s.why, "");
    GOOD(updater_read(BYTES("facts 12 healthy 13 0 no line here"), &s));
    assert_int_equal(s.waiting, 13);
    assert_string_equal(s.why, "no line here");
    static const char *const bad[] = {"",
                                      "facts",
                                      "facts 0 healthy 0 0 ",
                                      "facts 1 sick 0 0 ",
                                      "facts -1 healthy 0 0 ",
                                      "facts 1 healthy x 0 ",
                                      "facts 9999999999999999999 healthy 0 0 ",
                                      "fact 1 healthy 0 0 "};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_string_equal(err_name(updater_read(bytes_text(bad[i]), &s)), "FORMAT");
    /* A long reason is cut between characters. */
    char line[600];
    int len = snprintf(line, sizeof line, "facts 1 healthy 0 0 ");
    for (int i = 0; i < 100; i++) len += snprintf(line + len, sizeof line - (size_t)len, "镜");
    GOOD(updater_read(bytes_of((const uint8_t *)line, (size_t)len), &s));
    assert_int_equal(strlen(s.why), 159);
    assert_true(json_utf8_valid(bytes_text(s.why)));
}

static void what_it_is_told_goes_to_the_updater(void **state)
{
    (void)state;
    struct rig *rig = connected();
    GOOD(rig_manage(rig, "{\"tell\":\"update\",\"document\":\"signed\",\"text\":\"\"}"));
    assert_int_equal(heard.assigned, 1);
    assert_string_equal(heard.assignment, "signed");
    rig_free(rig);
}

static void it_is_healthy_once(void **state)
{
    (void)state;
    struct rig *rig = connected();
    facts(rig, (struct terminal_software){.image = 2, .trying = true, .refused = 1});
    assert_int_equal(heard.healthy, 1);
    GOOD(rig_advance(rig, 60000));
    assert_int_equal(heard.healthy, 1);
    settle(rig);
    assert_true(strstr(rig->manage_said, "\"ask\":\"installed\"") != NULL);
    assert_true(strstr(rig->manage_said, "\"software\":\"trying\"") != NULL);
    facts(rig, (struct terminal_software){.image = 2, .refused = 1, .why = "no line"});
    settle(rig);
    assert_true(strstr(rig->manage_said,
                       "\"number\":2,\"text\":\"no line\",\"waiting\":0,\"refused\":1,\"software\":"
                       "\"healthy\"") != NULL);
    rig_free(rig);
}

static void without_a_host_it_is_not_healthy(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig->reachable = false;
    GOOD(rig_boot(rig));
    attach(rig);
    facts(rig, (struct terminal_software){.image = 2, .trying = true});
    GOOD(rig_advance(rig, 60000));
    assert_int_equal(heard.healthy, 0);
    rig->reachable = true;
    GOOD(rig_advance(rig, 120000));
    assert_int_equal(heard.healthy, 1);
    rig_free(rig);
}

static void it_starts_anew_in_its_hours(void **state)
{
    (void)state;
    struct rig *rig = connected();
    unsigned minute = (unsigned)(now_local_ms(rig->terminal) / 60000 % 1440);
    char tell[96];
    unsigned from = (minute + 3) % 1440, to = (minute + 10) % 1440;
    snprintf(tell, sizeof tell,
             "{\"tell\":\"update\",\"document\":\"x\",\"text\":\"%02u:%02u-%02u:%02u\"}", from / 60,
             from % 60, to / 60, to % 60);
    GOOD(rig_manage(rig, tell));
    facts(rig, (struct terminal_software){.image = 2, .waiting = 3});
    settle(rig);
    GOOD(rig_advance(rig, 60000));
    assert_int_equal(heard.restarts, 0);
    for (int i = 0; i < 5; i++) {
        GOOD(rig_advance(rig, 60000));
        settle(rig);
    }
    assert_int_equal(heard.restarts, 1);
    rig_free(rig);
}

static void never_in_the_middle_of_something(void **state)
{
    (void)state;
    struct rig *rig = connected();
    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
    GOOD(rig_keys(rig, "choice:sign_in"));
    GOOD(rig_key(rig, "ok"));
    settle(rig);
    GOOD(rig_keys(rig, "choice:sale digit:1"));
    facts(rig, (struct terminal_software){.image = 2, .waiting = 3});
    settle(rig);
    GOOD(rig_advance(rig, 2000));
    assert_int_equal(heard.restarts, 0);
    facts(rig, (struct terminal_software){.image = 2});
    GOOD(rig_key(rig, "cancel"));
    assert_string_equal(terminal_screen(rig->terminal)->id, "main.menu");
    rig->terminal->order.state = ORDER_OPEN;
    facts(rig, (struct terminal_software){.image = 2, .waiting = 3});
    settle(rig);
    GOOD(rig_advance(rig, 2000));
    assert_int_equal(heard.restarts, 0);
    rig->terminal->order.state = ORDER_NONE;
    GOOD(rig_advance(rig, 100));
    assert_int_equal(heard.restarts, 1);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hours_of_a_day),
        cmocka_unit_test(lines_of_the_updater),
        cmocka_unit_test(what_it_is_told_goes_to_the_updater),
        cmocka_unit_test(it_is_healthy_once),
        cmocka_unit_test(without_a_host_it_is_not_healthy),
        cmocka_unit_test(it_starts_anew_in_its_hours),
        cmocka_unit_test(never_in_the_middle_of_something),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
