/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Roll-outs (S119, S118's stages): who is chosen, what a device is told and what its own words make
 * of it, stages, the stop by itself, resuming, aborting, and an hsm that is away.
 */
#include "tests/unit/desk_rig.h"

#include "backoffice/desk/desk_internal.h"
#include "backoffice/events/events.h"
#include "tests/unit/updates_site.h"

#define HOUR INT64_C(3600000)

static char directory[160];
static unsigned signatures;

static err sign(void *context, struct bytes key, struct bytes text, uint8_t ret_signature[64])
{
    (void)context;
    if (rig.hsm_away) return ERR(REFUSED);
    assert_int_equal(key.len, 4);
    assert_true(text.len > 0);
    memset(ret_signature, 7, 64);
    signatures++;
    return OK;
}

static void publish(int64_t image)
{
    updates_site_publish(directory, image, rig.now_ms);
}

static int begin(void **state)
{
    int made = rig_make(state);
    snprintf(directory, sizeof directory, "%.120s/updates", rig.scratch.directory);
    updates_site_make(directory, rig.now_ms);
    signatures = 0;
    rig.desk->config.updates = directory;
    rig.desk->ports.sign_assignment = sign;
    return made;
}

static enum rollout_verdict make(const char *name, const char *hours, int64_t stage_hours,
                                 int64_t *ret_id)
{
    enum rollout_verdict verdict = ROLLOUT_MISSING;
    struct rollout wish = {.fail_percent = 5, .unknown_hours = 72, .stage_hours = stage_hours};
    CLEANUP(store_rollback) struct store_tx tx = {0};
    snprintf(wish.name, sizeof wish.name, "%s", name);
    snprintf(wish.hours, sizeof wish.hours, "%s", hours);
    assert_ok(store_begin(rig.store, &tx));
    assert_ok(rollout_make(rig.desk, &tx, &wish, "chief", ret_id, &verdict));
    assert_ok(store_commit(&tx));
    return verdict;
}

static enum rollout_verdict turn(int64_t id, enum rollout_state to)
{
    enum rollout_verdict verdict = ROLLOUT_MISSING;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    assert_ok(store_begin(rig.store, &tx));
    assert_ok(rollout_turn(rig.desk, &tx, id, to, "chief", &verdict));
    assert_ok(store_commit(&tx));
    return verdict;
}

static struct rollout look(int64_t id)
{
    struct rollout r;
    assert_ok(rollout_find(rig.desk, id, &r));
    return r;
}

static err keep(void *context, const struct update_device *device)
{
    *(struct update_device *)context = *device;
    return OK;
}

static struct update_device device(void)
{
    struct update_device d = {.state = UPDATE_NONE};
    assert_ok(updates_list(rig.desk, "", 0, UPDATE_NONE, 1, keep, &d));
    return d;
}

static void ticks(unsigned count)
{
    for (unsigned i = 0; i < count; i++) assert_ok(desk_tick(rig.desk));
}

static unsigned told(void)
{
    unsigned count = 0;
    for (size_t i = 0; i < rig.frames; i++)
        count += strstr(rig.frame[i], "\"tell\":\"update\"") != NULL;
    return count;
}

static void says(int64_t image, int64_t waiting, int64_t refused, const char *software)
{
    char text[200];
    snprintf(text, sizeof text,
             "{\"id\":9,\"ask\":\"installed\",\"number\":%lld,\"text\":\"\",\"waiting\":%lld,"
             "\"refused\":%lld,\"software\":\"%s\"}",
             (long long)image, (long long)waiting, (long long)refused, software);
    rig_say(1, text);
}

#define assert_state(expected) \
    assert_string_equal(update_state_word(device().state), update_state_word(expected))

static void who_is_chosen(void **state)
{
    (void)state;
    unsigned one = 0, ten = 0, both = 0, all = 0;
    for (unsigned i = 0; i < 10000; i++) {
        char serial[24];
        snprintf(serial, sizeof serial, "TB1-2030-%06u", i);
        bool first = rollout_chooses(1, serial, 1), tenth = rollout_chooses(1, serial, 10);
        assert_true(!first || tenth);
        one += first;
        ten += tenth;
        all += rollout_chooses(1, serial, 100);
        both += first && rollout_chooses(2, serial, 1);
    }
    assert_int_equal(all, 10000);
    assert_in_range(one, 60, 140);
    assert_in_range(ten, 850, 1150);
    assert_true(both < 10); /* not always the same shops */
}

static void one_device_goes_all_the_way(void **state)
{
    (void)state;
    int64_t id = 0;
    assert_int_equal(make("TB-1.2", "02:00-05:00", 0, &id), ROLLOUT_OK);
    ticks(1);
    assert_int_equal(look(id).stage, 10);
    ticks(1);
    assert_int_equal(look(id).stage, 100);
    rig_connect(1);
    assert_int_equal(told(), 1);
    assert_true(rig_heard_any("\\\"serial\\\":\\\"" RIG_SERIAL "\\\""));
    assert_true(rig_heard_any("\"text\":\"02:00-05:00\""));
    assert_state(UPDATE_TOLD);
    says(1, 0, 0, "healthy");
    assert_state(UPDATE_TOLD);
    says(1, 2, 0, "healthy");
    assert_state(UPDATE_DOWNLOADED);
    ticks(3);
    assert_int_equal(told(), 1); /* once on a connection */
    says(2, 0, 0, "trying");
    assert_state(UPDATE_STARTED);
    says(2, 0, 0, "healthy");
    assert_state(UPDATE_CONFIRMED);
    assert_int_equal(look(id).count[UPDATE_CONFIRMED], 1);
    says(1, 0, 0, "healthy"); /* what was confirmed stays so */
    assert_state(UPDATE_CONFIRMED);
    assert_int_equal(device().image, 1);
    assert_int_equal(rig_count("SELECT count(*) FROM event WHERE kind = 'update.widened'"), 2);
    rig_audit_is_whole();
}

static void told_on_every_connection_until_it_runs(void **state)
{
    (void)state;
    int64_t id = 0;
    assert_int_equal(make("TB-1.2", "", 0, &id), ROLLOUT_OK);
    ticks(2);
    for (uint32_t session = 1; session < 4; session++) {
        rig_connect(session);
        assert_int_equal(told(), session);
        assert_ok(devices_closed(rig.desk, session));
    }
    assert_int_equal(rig_count("SELECT number FROM update_device"), 1); /* the same assignment */
}

static void one_that_goes_back_stops_it(void **state)
{
    (void)state;
    int64_t id = 0;
    assert_int_equal(make("TB-1.2", "", 0, &id), ROLLOUT_OK);
    ticks(2);
    rig_connect(1);
    says(2, 0, 0, "trying");
    ticks(1);
    assert_int_equal(look(id).state, ROLLOUT_RUNNING);
    says(1, 0, 2, "healthy");
    assert_state(UPDATE_ROLLED_BACK);
    assert_int_equal(rig_count("SELECT count(*) FROM event WHERE kind = 'update.failed'"), 1);
    ticks(1);
    assert_int_equal(look(id).state, ROLLOUT_STOPPED);
    assert_int_equal(rig_count("SELECT count(*) FROM event WHERE kind = 'update.stopped'"), 1);
    assert_string_equal(look(id).turned_by, "desk"); /* by itself */
    /* Somebody goes on in spite of it: only what fails from now on counts. */
    assert_int_equal(turn(id, ROLLOUT_RUNNING), ROLLOUT_OK);
    ticks(3);
    assert_int_equal(look(id).state, ROLLOUT_RUNNING);
    assert_int_equal(turn(id, ROLLOUT_RUNNING), ROLLOUT_NOT_NOW);
}

static void one_that_is_not_heard_of_counts(void **state)
{
    (void)state;
    int64_t id = 0;
    assert_int_equal(make("TB-1.2", "", 0, &id), ROLLOUT_OK);
    ticks(2);
    rig_connect(1);
    assert_state(UPDATE_TOLD);
    rig.now_ms += 72 * HOUR - 1;
    ticks(1);
    assert_state(UPDATE_TOLD);
    rig.now_ms += 1;
    ticks(1);
    assert_state(UPDATE_UNKNOWN);
    assert_int_equal(look(id).state, ROLLOUT_STOPPED);
    says(2, 0, 0, "healthy"); /* it was only away */
    assert_state(UPDATE_CONFIRMED);
}

static int64_t outdated(void)
{
    return rig_count("SELECT count(*) FROM event WHERE kind = 'device.outdated' AND object ="
                     " 'devices/" RIG_TID "'");
}

/* An alert for a device that stays behind what all of its model have, once for each version. */
static void one_that_stays_behind_is_told_of(void **state)
{
    (void)state;
    int64_t id = 0, next = 0;
    assert_int_equal(make("TB-1.2", "", 0, &id), ROLLOUT_OK);
    ticks(2);
    rig_connect(1);
    says(1, 0, 0, "healthy");
    rig.now_ms += OUTDATED_DAYS * 24 * HOUR - 1;
    assert_ok(outdated_tick(rig.desk));
    assert_int_equal(outdated(), 0);
    rig.now_ms += 1;
    assert_ok(outdated_tick(rig.desk));
    assert_int_equal(outdated(), 1);
    assert_int_equal(rig_count("SELECT outdated FROM update_device"), 2);
    assert_ok(outdated_tick(rig.desk)); /* once */
    says(1, 0, 0, "healthy");
    assert_ok(outdated_tick(rig.desk));
    assert_int_equal(outdated(), 1);
    publish(3); /* a later version: once more, when its own days are over */
    assert_int_equal(make("TB-1.3", "", 0, &next), ROLLOUT_OK);
    ticks(2);
    assert_int_equal(look(next).stage, 100);
    assert_int_equal(outdated(), 1);
    rig.desk->config.outdated_days = 3;
    rig.now_ms += 3 * 24 * HOUR;
    assert_ok(outdated_tick(rig.desk));
    assert_int_equal(outdated(), 2);
    says(3, 0, 0, "healthy"); /* it has caught up: what was said of it is over */
    assert_ok(outdated_tick(rig.desk));
    assert_int_equal(rig_count("SELECT outdated FROM update_device"), 0);
    assert_int_equal(outdated(), 2);
}

static void who_is_not_behind_is_left_alone(void **state)
{
    (void)state;
    int64_t id = 0;
    assert_int_equal(make("TB-1.2", "", 0, &id), ROLLOUT_OK);
    ticks(2);
    rig_connect(1); /* has told no version */
    rig.now_ms += 2 * OUTDATED_DAYS * 24 * HOUR;
    assert_ok(outdated_tick(rig.desk));
    says(2, 0, 0, "healthy");
    assert_ok(outdated_tick(rig.desk));
    says(1, 0, 0, "healthy");
    assert_int_equal(turn(id, ROLLOUT_STOPPED), ROLLOUT_OK); /* nobody should have it now */
    assert_ok(outdated_tick(rig.desk));
    assert_int_equal(outdated(), 0);
}

static void a_stage_lasts(void **state)
{
    (void)state;
    int64_t id = 0;
    assert_int_equal(make("TB-1.2", "", 24, &id), ROLLOUT_OK);
    ticks(5);
    assert_int_equal(look(id).stage, 1);
    rig.now_ms += 24 * HOUR;
    ticks(5);
    assert_int_equal(look(id).stage, 10);
    rig.now_ms += 24 * HOUR;
    ticks(1);
    assert_int_equal(look(id).stage, 100);
}

static void aborted_and_superseded(void **state)
{
    (void)state;
    int64_t id = 0, next = 0;
    assert_int_equal(make("TB-1.2", "", 0, &id), ROLLOUT_OK);
    ticks(2);
    rig.hsm_away = true;
    rig_connect(1);
    assert_int_equal(told(), 0);
    assert_state(UPDATE_ASSIGNED);
    assert_int_equal(turn(id, ROLLOUT_ABORTED), ROLLOUT_OK);
    assert_state(UPDATE_NONE);
    rig.hsm_away = false;
    ticks(3);
    assert_int_equal(told(), 0);
    assert_int_equal(turn(id, ROLLOUT_RUNNING), ROLLOUT_NOT_NOW);
    publish(3);
    assert_int_equal(make("TB-1.3", "", 0, &next), ROLLOUT_OK);
    ticks(4);
    assert_int_equal(told(), 1);
    assert_int_equal(device().wanted, 3);
    assert_int_equal(rig_count("SELECT number FROM update_device"), 2);
}

static void an_hsm_that_is_away(void **state)
{
    (void)state;
    int64_t id = 0;
    assert_int_equal(make("TB-1.2", "", 0, &id), ROLLOUT_OK);
    ticks(2);
    rig.hsm_away = true;
    rig_connect(1);
    ticks(2);
    assert_state(UPDATE_ASSIGNED);
    assert_int_equal(told(), 0);
    rig.hsm_away = false;
    ticks(1);
    assert_state(UPDATE_TOLD);
    assert_int_equal(told(), 1);
    assert_int_equal(signatures, 1);
}

static void what_is_refused(void **state)
{
    (void)state;
    int64_t id = 0;
    static const char *const hours[] = {"2-5", "02:00-02:00", "25:00-26:00", "02:60-03:00", "x"};
    for (size_t i = 0; i < ARRAY_LEN(hours); i++)
        assert_int_equal(make("TB-1.2", hours[i], 0, &id), ROLLOUT_BAD_HOURS);
    assert_int_equal(make("TB-1.9", "", 0, &id), ROLLOUT_NO_FILE);
    assert_int_equal(make("notes.txt", "", 0, &id), ROLLOUT_NO_FILE);
    assert_int_equal(make("TB-1.2", "", 0, &id), ROLLOUT_OK);
    assert_int_equal(make("TB-1.2", "", 0, &id), ROLLOUT_OLDER);
    assert_int_equal(make("TB-1.1", "", 0, &id), ROLLOUT_OLDER);
    assert_int_equal(turn(99, ROLLOUT_STOPPED), ROLLOUT_MISSING);
    /* A number of an assignment never goes back, whoever writes. */
    rig_connect(1);
    ticks(3);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct store_statement *update;
    assert_ok(store_begin(rig.store, &tx));
    assert_ok(store_statement(rig.store, "UPDATE update_device SET number = number - 1", &update));
    assert_true(FAILED(store_run(update)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_chosen),
        cmocka_unit_test_setup_teardown(one_device_goes_all_the_way, begin, rig_drop),
        cmocka_unit_test_setup_teardown(told_on_every_connection_until_it_runs, begin, rig_drop),
        cmocka_unit_test_setup_teardown(one_that_goes_back_stops_it, begin, rig_drop),
        cmocka_unit_test_setup_teardown(one_that_is_not_heard_of_counts, begin, rig_drop),
        cmocka_unit_test_setup_teardown(one_that_stays_behind_is_told_of, begin, rig_drop),
        cmocka_unit_test_setup_teardown(who_is_not_behind_is_left_alone, begin, rig_drop),
        cmocka_unit_test_setup_teardown(a_stage_lasts, begin, rig_drop),
        cmocka_unit_test_setup_teardown(aborted_and_superseded, begin, rig_drop),
        cmocka_unit_test_setup_teardown(an_hsm_that_is_away, begin, rig_drop),
        cmocka_unit_test_setup_teardown(what_is_refused, begin, rig_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
