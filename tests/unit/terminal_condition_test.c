/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a device tells of itself (S114): when it has changed, not more often than it may, and as a
 * beat when nothing changes; all of it anew on every connection.
 */
#include "tests/unit/terminal_rig.h"

static bool says(const struct rig *rig, const char *text)
{
    return strstr(rig->state_said, text) != NULL;
}

/* Answers everything else that is asked, until nothing is. */
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
    settle(rig);
    GOOD(rig_advance(rig, 5000));
    return rig;
}

static void it_is_told_after_a_start(void **state)
{
    (void)state;
    struct rig *rig = connected();
    assert_int_equal(rig->states, 1);
    assert_true(says(rig, "\"version\":\"0.1.0\",\"operator\":\"\""));
    assert_true(says(rig,
                     "\"paper\":\"ok\",\"hold\":\"free\",\"link\":\"ethernet\",\"signed_in\":0,"
                     "\"unsent\":0,\"last_payment_ms\":0,\"parameters\":0}"));
    rig_free(rig);
}

static void a_beat_comes_when_nothing_happens(void **state)
{
    (void)state;
    struct rig *rig = connected();
    for (int beats = 2; beats < 6; beats++) {
        GOOD(rig_advance(rig, DEVICE_BEAT_MS));
        assert_int_equal(rig->states, beats);
    }
    rig_free(rig);
}

static void a_change_is_told_but_not_every_change(void **state)
{
    (void)state;
    struct rig *rig = connected();
    struct terminal_devices devices = {.battery = 90, .paper = SCREEN_PAPER_LOW};
    GOOD(rig_advance(rig, DEVICE_STATE_GAP_MS));
    GOOD(terminal_on_devices(rig->terminal, &devices));
    GOOD(rig_advance(rig, 100));
    assert_int_equal(rig->states, 2);
    assert_true(says(rig, "\"battery\":90,\"paper\":\"low\""));
    /* A roll that flickers is told once in a while, as it is then. */
    for (int i = 0; i < 50; i++) {
        devices.paper = i % 2 == 0 ? SCREEN_PAPER_OUT : SCREEN_PAPER_LOW;
        GOOD(terminal_on_devices(rig->terminal, &devices));
        GOOD(rig_advance(rig, 100));
    }
    assert_int_equal(rig->states, 2);
    devices.printer_fault = true;
    GOOD(terminal_on_devices(rig->terminal, &devices));
    GOOD(rig_advance(rig, DEVICE_STATE_GAP_MS));
    assert_int_equal(rig->states, 3);
    assert_true(says(rig, "\"paper\":\"fault\""));
    /* A point less of the battery waits for the beat; too little does not. */
    devices.battery = 60;
    GOOD(terminal_on_devices(rig->terminal, &devices));
    GOOD(rig_advance(rig, 2 * DEVICE_STATE_GAP_MS));
    assert_int_equal(rig->states, 3);
    devices.battery = 19;
    GOOD(terminal_on_devices(rig->terminal, &devices));
    GOOD(rig_advance(rig, DEVICE_STATE_GAP_MS));
    assert_true(says(rig, "\"battery\":19"));
    rig_free(rig);
}

static void a_sale_is_news_and_no_secret(void **state)
{
    (void)state;
    struct rig *rig = connected();
    char last[48];
    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
    GOOD(rig_keys(rig, "choice:sign_in"));
    GOOD(rig_key(rig, "ok"));
    settle(rig);
    const struct network_place here = {
        .known = true, .latitude_e6 = 31230416, .longitude_e6 = 121473701, .accuracy_m = 20};
    GOOD(terminal_on_place(rig->terminal, &here));
    settle(rig);
    rig->manage_said[0] = '\0';
    GOOD(rig_sale(rig));
    settle(rig);
    GOOD(rig_advance(rig, 2 * DEVICE_STATE_GAP_MS));
    /* S122: where it was paid is told behind it, though nothing has moved. */
    assert_non_null(strstr(rig->manage_said, "\"ask\":\"place\""));
    assert_non_null(strstr(rig->manage_said, "\"latitude_e6\":31230416"));
    settle(rig);
    rig->manage_said[0] = '\0';
    GOOD(rig_advance(rig, 2 * DEVICE_STATE_GAP_MS));
    assert_null(strstr(rig->manage_said, "\"ask\":\"place\"")); /* and once */
    snprintf(last, sizeof last, "\"last_payment_ms\":%lld",
             (long long)terminal_payment(rig->terminal)->created_ms);
    assert_true(says(rig, "\"operator\":\"01\"") && says(rig, "\"signed_in\":1") &&
                says(rig, last));
    assert_false(says(rig, terminal_payment(rig->terminal)->pan_masked));
    rig_free(rig);
}

static void another_connection_hears_all_of_it(void **state)
{
    (void)state;
    struct rig *rig = connected();
    rig->manage_online = false;
    GOOD(rig_pump(rig));
    GOOD(rig_advance(rig, 5000));
    settle(rig);
    GOOD(rig_advance(rig, 5000));
    assert_int_equal(rig->states, 2);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_told_after_a_start),
        cmocka_unit_test(a_beat_comes_when_nothing_happens),
        cmocka_unit_test(a_change_is_told_but_not_every_change),
        cmocka_unit_test(a_sale_is_news_and_no_secret),
        cmocka_unit_test(another_connection_hears_all_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
