/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device that is looked for, at the host (S45, S115): orders that say no more than is known,
 * over restarts of both ends and however often the device hears or says a thing; where it was; and
 * alarms for an impostor and a tampered device (S171, S70).
 */
#include "backoffice/devices/device_commands.h"
#include "backoffice/devices/device_places.h"
#include "tests/unit/desk_rig.h"

struct seen {
    size_t count;
    struct device_order order[COMMANDS_LISTED_MAX];
    struct device_stay stay[PLACES_KEPT];
};

static err keep_order(void *context, const struct device_order *order)
{
    struct seen *seen = context;
    seen->order[seen->count++] = *order;
    return OK;
}

static err keep_stay(void *context, const struct device_stay *stay)
{
    struct seen *seen = context;
    seen->stay[seen->count++] = *stay;
    return OK;
}

static void ask(enum device_command kind, const char *text, enum command_verdict expected)
{
    enum command_verdict verdict;
    assert_ok(command_ask(rig.desk, RIG_TID, kind, bytes_text(text), "owner li", &verdict));
    assert_int_equal(verdict, expected);
}

static struct device_order newest(void)
{
    struct seen seen = {0};
    assert_ok(command_list(rig.desk, RIG_TID, keep_order, &seen));
    assert_true(seen.count > 0);
    return seen.order[0];
}

static void is(enum command_state state)
{
    assert_int_equal(newest().state, state);
}

static void done(uint32_t session, int64_t number, const char *state)
{
    char text[100];
    snprintf(text, sizeof text, "{\"id\":9,\"ask\":\"done\",\"number\":%lld,\"state\":\"%s\"}",
             (long long)number, state);
    rig_say(session, text);
    assert_string_equal(rig_heard(), "{\"id\":9,\"status\":\"ok\"}");
}

/* ---- orders ---- */

static void it_says_no_more_than_is_known(void **state)
{
    (void)state;
    rig.frames = 0;
    ask(DEVICE_LOCK, "Call 138", COMMAND_OK);
    is(COMMAND_QUEUED);
    assert_int_equal(rig.frames, 0);
    rig_close_desk(); /* it is kept */
    rig_open_desk();
    is(COMMAND_QUEUED);
    rig_connect(3);
    assert_true(rig_heard_any("{\"tell\":\"command\",\"number\":1,\"command\":\"lock\",\"text\":"
                              "\"Call 138\","));
    is(COMMAND_DELIVERED);
    done(3, 1, "acknowledged");
    is(COMMAND_ACKNOWLEDGED);
    done(3, 1, "verified");
    is(COMMAND_VERIFIED);
    done(3, 1, "acknowledged"); /* late: it does not go back */
    is(COMMAND_VERIFIED);
    struct device_order order = newest();
    assert_true(order.asked_ms > 0 && order.delivered_ms >= order.asked_ms &&
                order.verified_ms >= order.acknowledged_ms);
    assert_string_equal(order.actor, "owner li");
    rig_audit_is_whole();
}

/* Told on every connection until its end is known, and then never again. */
static void it_is_told_until_it_is_verified(void **state)
{
    (void)state;
    rig_connect(3);
    ask(DEVICE_RING, "", COMMAND_OK);
    is(COMMAND_DELIVERED);
    for (uint32_t session = 4; session < 6; session++) {
        rig.frames = 0;
        assert_ok(devices_closed(rig.desk, session - 1));
        rig_connect(session);
        assert_true(rig_heard_any("\"command\":\"ring\""));
        is(COMMAND_DELIVERED);
    }
    done(5, 1, "verified"); /* what it acknowledged was lost on the way: verified says both */
    is(COMMAND_VERIFIED);
    assert_ok(devices_closed(rig.desk, 5));
    rig.frames = 0;
    rig_connect(6);
    assert_false(rig_heard_any("\"command\":\"ring\""));
}

static void another_device_cannot_speak_for_it(void **state)
{
    (void)state;
    ask(DEVICE_LOCK, "", COMMAND_OK);
    assert_ok(command_progress(rig.desk, RIG_OTHER, 1, DEVICE_VERIFIED, ""));
    is(COMMAND_QUEUED);
    assert_ok(command_progress(rig.desk, RIG_TID, 99, DEVICE_VERIFIED, ""));
    is(COMMAND_QUEUED);
}

static void what_cannot_be_shown_is_refused(void **state)
{
    (void)state;
    char longer[DEVICE_TEXT_MAX + 1];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    ask(DEVICE_MESSAGE, "", COMMAND_BAD_TEXT);
    ask(DEVICE_MESSAGE, "a\nb", COMMAND_BAD_TEXT);
    ask(DEVICE_MESSAGE, "\xff", COMMAND_BAD_TEXT);
    ask(DEVICE_MESSAGE, longer, COMMAND_BAD_TEXT);
    ask(DEVICE_RING, "text", COMMAND_BAD_TEXT);
    for (int i = 0; i < COMMANDS_OPEN_MAX; i++) ask(DEVICE_RING, "", COMMAND_OK);
    ask(DEVICE_RING, "", COMMAND_TOO_MANY);
    ask(DEVICE_UNLOCK, "", COMMAND_OK); /* the way out is never barred */
}

static void the_tables_hold_it(void **state)
{
    (void)state;
    ask(DEVICE_MESSAGE, "Hello", COMMAND_OK);
    assert_ok(command_progress(rig.desk, RIG_TID, 1, DEVICE_VERIFIED, ""));
    assert_err(store_exec(rig.store, "UPDATE device_command SET state = 1"), DENIED);
    assert_err(store_exec(rig.store, "UPDATE device_command SET text = 'Bye'"), DENIED);
    assert_err(store_exec(rig.store, "DELETE FROM device_command"), DENIED);
}

/* ---- places ---- */

static void place(uint32_t session, const char *members)
{
    char text[300];
    snprintf(text, sizeof text, "{\"id\":9,\"ask\":\"place\",\"at_ms\":1,%s}", members);
    rig_say(session, text);
    assert_string_equal(rig_heard(), "{\"id\":9,\"status\":\"ok\"}");
}

#define SHOP         "\"kind\":\"wifi\",\"name\":\"Shop\""
#define AT(latitude) ",\"latitude_e6\":" latitude ",\"longitude_e6\":121473701,\"accuracy_m\":20"

static void a_stay_grows_until_something_changes(void **state)
{
    (void)state;
    struct seen seen = {0};
    rig_connect(3);
    devices_from(rig.desk, 3, BYTES("192.0.2.7:4711"));
    int64_t first_ms = rig.now_ms;
    place(3, SHOP);
    rig.now_ms += 60000;
    devices_from(rig.desk, 3, BYTES("192.0.2.7:4712")); /* another connection, the same place */
    place(3, SHOP);
    rig.now_ms += 60000;
    place(3, SHOP AT("31230416"));
    rig.now_ms += 60000;
    place(3, SHOP AT("31230500")); /* nine metres on, and known to twenty */
    place(3, SHOP AT("31330416"));
    rig.now_ms += 60000;
    assert_ok(devices_closed(rig.desk, 3)); /* seen until now, not until hello */
    struct device_facts facts;
    assert_ok(device_facts_of(rig.desk, RIG_TID, &facts));
    assert_int_equal(facts.seen_ms, rig.now_ms);
    assert_ok(place_list(rig.desk, RIG_TID, keep_stay, &seen));
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.stay[0].latitude_e6, 31330416);
    assert_int_equal(seen.stay[0].until_ms, rig.now_ms);
    assert_false(seen.stay[2].positioned);
    assert_int_equal(seen.stay[2].from_ms, first_ms);
    assert_int_equal(seen.stay[2].until_ms, first_ms + 60000);
    assert_string_equal(seen.stay[2].address, "192.0.2.7");
    assert_string_equal(seen.stay[2].network, "Shop");
}

static void places_are_forgotten(void **state)
{
    (void)state;
    struct seen seen = {0};
    char members[64];
    rig_connect(3);
    for (int i = 0; i < PLACES_KEPT + 5; i++) {
        rig.now_ms += 60000;
        snprintf(members, sizeof members, "\"kind\":\"wifi\",\"name\":\"%d\"", i);
        place(3, members);
    }
    assert_int_equal(rig_count("SELECT count(*) FROM device_place"), PLACES_KEPT);
    rig.now_ms += (int64_t)(PLACES_DAYS + 1) * 86400000;
    place(3, SHOP);
    assert_ok(place_list(rig.desk, RIG_TID, keep_stay, &seen));
    assert_int_equal(seen.count, 1);
}

/* ---- alarms ---- */

static void an_impostor_and_a_tampered_device_are_alarms(void **state)
{
    (void)state;
    rig_event(RIG_TID, 1, "impostor", "");
    rig_event(RIG_TID, 2, "tampered", "");
    rig_event(RIG_TID, 2, "tampered", "");
    assert_int_equal(rig_count("SELECT count(*) FROM notice WHERE alarm = 1"), 2);
    assert_int_equal(rig.messages, 0); /* the desk looks first */
}

/* S16: the contacts hear whose password at the terminal is another one now, at every address. */
static void a_new_password_is_told_to_everybody(void **state)
{
    (void)state;
    rig_event(RIG_TID, 1, "password_set", "01");
    rig_event(RIG_TID, 1, "password_set", "01");
    assert_int_equal(rig.messages, 2); /* SMS and mail, once */
    assert_int_equal(rig_count("SELECT count(*) FROM notice WHERE kind = 'password_set' AND"
                               " operator = '01'"),
                     1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_says_no_more_than_is_known, rig_make, rig_drop),
        cmocka_unit_test_setup_teardown(it_is_told_until_it_is_verified, rig_make, rig_drop),
        cmocka_unit_test_setup_teardown(another_device_cannot_speak_for_it, rig_make, rig_drop),
        cmocka_unit_test_setup_teardown(what_cannot_be_shown_is_refused, rig_make, rig_drop),
        cmocka_unit_test_setup_teardown(the_tables_hold_it, rig_make, rig_drop),
        cmocka_unit_test_setup_teardown(a_stay_grows_until_something_changes, rig_make, rig_drop),
        cmocka_unit_test_setup_teardown(places_are_forgotten, rig_make, rig_drop),
        cmocka_unit_test_setup_teardown(a_new_password_is_told_to_everybody, rig_make, rig_drop),
        cmocka_unit_test_setup_teardown(an_impostor_and_a_tampered_device_are_alarms, rig_make,
                                        rig_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
