/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device channel: events until they are acknowledged and over a restart, connections that
 * break, and what is no message of it. The messages themselves: wire_device_protocol_test.c.
 */
#include "tests/unit/terminal_rig.h"

/* ---- the conversation ---- */

static struct rig *rig_managed(void)
{
    struct rig *rig = rig_new();
    rig->with_manage = rig->manage_reachable = true;
    GOOD(rig_boot(rig));
    GOOD(rig_advance(rig, 100));
    return rig;
}

static bool asked(const struct rig *rig, const char *what)
{
    char wanted[64];
    snprintf(wanted, sizeof wanted, "\"ask\":\"%s\"", what);
    return strstr(rig->manage_said, wanted) != NULL;
}

/* S49: hello first, then what has happened, one after the other, each until it is acknowledged. */
static void test_events(void **state)
{
    (void)state;
    struct rig *rig = rig_managed();
    assert_true(asked(rig, "hello"));
    GOOD(manage_event(rig->terminal, "password_set", "01", ""));
    GOOD(manage_event(rig->terminal, "operator_changed", "02", "reset"));
    GOOD(rig_advance(rig, 100));
    assert_int_equal(rig->manage_frames, 1); /* nothing before hello is answered */
    GOOD(rig_manage_answer(rig, "ok", ""));
    GOOD(rig_advance(rig, 100));
    assert_true(asked(rig, "event"));
    assert_non_null(strstr(rig->manage_said, "password_set"));
    GOOD(rig_advance(rig, 1000));
    assert_int_equal(rig->manage_frames, 2); /* one at a time */
    rig->manage_online = false;              /* gone before it is acknowledged */
    GOOD(rig_pump(rig));
    GOOD(rig_restart(rig)); /* and a power cut besides */
    GOOD(rig_advance(rig, 100));
    assert_true(asked(rig, "hello"));
    GOOD(rig_manage_answer(rig, "ok", ""));
    GOOD(rig_advance(rig, 100));
    assert_non_null(strstr(rig->manage_said, "password_set"));
    assert_non_null(strstr(rig->manage_said, "\"number\":1,"));
    GOOD(rig_manage_answer(rig, "ok", ""));
    GOOD(rig_advance(rig, 100));
    assert_non_null(strstr(rig->manage_said, "\"number\":2,"));
    assert_non_null(strstr(rig->manage_said, "reset"));
    GOOD(rig_manage_answer(rig, "ok", ""));
    GOOD(rig_advance(rig, 100));
    assert_true(asked(rig, "place")); /* last: it helps who is looked for later */
    GOOD(rig_manage_answer(rig, "ok", ""));
    int frames = rig->manage_frames;
    GOOD(rig_advance(rig, 120000));
    assert_int_equal(rig->manage_frames, frames);
    rig_free(rig);
}

/* At most so many are kept; the newest are. */
static void test_events_are_bounded(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    int64_t count, least;
    GOOD(rig_boot(rig));
    for (int i = 0; i < NOTES_EVENTS_MAX + 20; i++)
        GOOD(manage_event(rig->terminal, "login_locked", "01", ""));
    GOOD(store_query_int(rig->store, "SELECT count(*) FROM event", &count));
    GOOD(store_query_int(rig->store, "SELECT min(number) FROM event", &least));
    assert_int_equal(count, NOTES_EVENTS_MAX);
    assert_int_equal(least, 21);
    rig_free(rig);
}

/* S184: nothing of a diagnosis leaves before somebody has said yes; and then no secret does. */
static void test_diagnostics_need_a_yes(void **state)
{
    (void)state;
    static const char *const answers[] = {"choice:send", "choice:refuse", "cancel"};
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        struct rig *rig = rig_managed();
        GOOD(rig_manage_answer(rig, "ok", ""));
        GOOD(rig_advance(rig, 100));
        GOOD(rig_manage_answer(rig, "ok", "")); /* which network it is on */
        int frames = rig->manage_frames;
        GOOD(rig_manage(rig, "{\"tell\":\"diagnose\",\"challenge\":\"0000000000000007\"}"));
        GOOD(rig_advance(rig, 100));
        assert_string_equal(rig_id(rig), "diagnose.consent");
        assert_int_equal(rig->manage_frames, frames);
        GOOD(rig_keys(rig, answers[i]));
        GOOD(rig_advance(rig, 100));
        assert_string_not_equal(rig_id(rig), "diagnose.consent");
        assert_true(asked(rig, "event"));
        if (i == 0) {
            assert_non_null(strstr(rig->manage_said, "\"kind\":\"diagnostics\""));
            assert_non_null(strstr(rig->manage_said, "0.1.0 "));
            assert_non_null(strstr(rig->manage_said, "check-ok"));
        } else {
            assert_non_null(strstr(rig->manage_said, "diagnostics_refused"));
            assert_null(strstr(rig->manage_said, "check-"));
        }
        rig_free(rig);
    }
}

/* Reconnects with growing pauses; nonsense and late answers are dropped; silence ends it. */
static void test_connection(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig->with_manage = true;
    GOOD(rig_boot(rig));
    GOOD(rig_advance(rig, 10000));
    assert_int_equal(rig->manage_frames, 0);
    rig->manage_reachable = true;
    GOOD(rig_advance(rig, 60000));
    assert_true(rig->manage_online && asked(rig, "hello"));
    GOOD(rig_manage(rig, "nonsense"));
    GOOD(rig_manage(rig, "{\"id\":999,\"status\":\"ok\"}"));
    assert_false(rig->terminal->manage.greeted);
    int64_t refused;
    for (int i = 0; i < 20; i++) GOOD(rig_manage(rig, "{\"tell\":\"nothing known\"}"));
    GOOD(store_query_int(rig->store, "SELECT count(*) FROM audit WHERE event = 'message_refused'",
                         &refused));
    assert_int_equal(refused, 10); /* each with its name, and no more than so many a minute */
    GOOD(store_query_int(rig->store,
                         "SELECT count(*) FROM audit WHERE event = 'message_refused'"
                         " AND detail = 'nothing was asked'",
                         &refused));
    assert_int_equal(refused, 1);
    int frames = rig->manage_frames;
    GOOD(rig_advance(rig, 30000)); /* no answer: hung up, and begun anew */
    assert_true(rig->manage_frames > frames);
    assert_true(asked(rig, "hello"));
    GOOD(rig_manage_answer(rig, "ok", ""));
    assert_true(rig->terminal->manage.greeted);
    rig_free(rig);
}

/* Without a back office everything works, and what needs one says so at once. */
static void test_without(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    assert_false(rig->terminal->manage.wanted);
    GOOD(rig_sale(rig));
    AT(rig, "sale.approved");
    manage_ask(rig->terminal, &(struct device_message){.ask = DEVICE_PAIR});
    GOOD(rig_advance(rig, 10));
    assert_int_equal(rig->terminal->manage.wish.progress, MANAGE_FAILED);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_connection),
        cmocka_unit_test(test_events_are_bounded),
        cmocka_unit_test(test_diagnostics_need_a_yes),
        cmocka_unit_test(test_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
