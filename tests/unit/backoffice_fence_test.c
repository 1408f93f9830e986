/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S122, DV-14: a terminal that is carried away. Distances against known ones; a simulated move is
 * told at the next tick, refused where the place says so, and released by people; a jump that
 * nothing makes is an alarm of its own.
 */
#include "backoffice/devices/device_places.h"
#include "backoffice/upkeep/fence.h"
#include "tests/unit/backoffice_rig.h"

#define TID "10000017"

static struct rig *rig;

static int start(void **state)
{
    (void)state;
    rig = rig_open_desk(true);
    const struct registry_actor actor = {BYTES("rig"), rig->now_ms};
    const struct registry_terminal t = {.tid = TID,
                                        .serial = "TB1-2030-000017",
                                        .model = "TB-1",
                                        .mid = RIG_MID,
                                        .outlet = 1,
                                        .suite = REGISTRY_TONGBAO,
                                        .status = REGISTRY_ACTIVE,
                                        .master_block = "D0016D0AB00E0000",
                                        .first_batch = 1};
    assert_ok(registry_add_terminal(rig->registry, &actor, &t));
    rig_pass(rig, 20000); /* the fleet reads the registry */
    return 0;
}

static int stop(void **state)
{
    (void)state;
    rig_close(rig);
    return 0;
}

/* The terminal tells where it is, and a second passes. */
static void is_at(int64_t latitude_e6, int64_t longitude_e6, int64_t accuracy_m)
{
    const struct device_message said = {.link = 2,
                                        .network = "Shop",
                                        .has = DEVICE_HAS_POSITION,
                                        .latitude_e6 = latitude_e6,
                                        .longitude_e6 = longitude_e6,
                                        .accuracy_m = accuracy_m};
    assert_ok(place_take(backoffice_desk(rig->b), TID, "192.0.2.7", &said));
    rig_pass(rig, 1000);
}

static int64_t events(const char *kind)
{
    struct store_statement *s;
    bool row = false;
    assert_ok(store_statement(rig->b->store, "SELECT count(*) FROM event WHERE kind = ?", &s));
    store_bind_text(s, bytes_text(kind));
    assert_ok(store_step(s, &row));
    int64_t count = store_read_int(s);
    store_reset(s);
    return count;
}

static enum registry_status status(void)
{
    struct registry_terminal t;
    assert_ok(registry_find_terminal(rig->registry, BYTES(TID), &t));
    return t.status;
}

static void registers(const char *policy, unsigned wanted)
{
    struct browser staff = {.realm = "staff"};
    static unsigned people;
    char name[16];
    snprintf(name, sizeof name, "anna%u", ++people);
    (void)rig_known(rig, &staff, name, ROLE_APPROVER);
    assert_int_equal(rig_post(rig, &staff, "/api/v1/upkeep/places",
                              "{\"merchant\":\"" RIG_MID "\",\"outlet\":1,\"latitude_e6\":31230416,"
                              "\"longitude_e6\":121473701,\"radius_m\":200,\"policy\":\"%s\"}",
                              policy),
                     wanted);
}

/* Great-circle distances of a sphere of 6,378 km, to one per cent. */
static void distances(void **state)
{
    (void)state;
    static const struct {
        int64_t a, b, c, d, metres;
    } rows[] = {
        {31230416, 121473701, 31230416, 121473701, 0},
        {31230416, 121473701, 31231416, 121473701, 111},
        {31230416, 121473701, 39904200, 116407400, 1068000}, /* Shanghai, Beijing */
        {22543096, 114057865, 22319304, 114169361, 27400},   /* Shenzhen, Hong Kong */
        {0, 179999000, 0, -179999000, 222},                  /* over the date line */
        {60000000, 0, 60000000, 1000000, 55660},
        {-33868800, 151209300, -37813600, 144963100, 714000},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t got = fence_distance_m(rows[i].a, rows[i].b, rows[i].c, rows[i].d);
        int64_t slack = rows[i].metres / 100 + 1;
        if (got < rows[i].metres - slack || got > rows[i].metres + slack)
            fail_msg("row %zu: %lld m, not %lld", i, (long long)got, (long long)rows[i].metres);
        assert_int_equal(got, fence_distance_m(rows[i].c, rows[i].d, rows[i].a, rows[i].b));
    }
}

static void a_move_is_told_and_over_when_it_is_back(void **state)
{
    (void)state;
    registers("warn", 200);
    is_at(31230416, 121473701, 20);
    is_at(31231416, 121474701, 20);   /* the other end of the shop */
    is_at(31260416, 121473701, 5000); /* not known so exactly */
    assert_int_equal(events("device.moved"), 0);
    is_at(31260416, 121503701, 50);
    assert_int_equal(events("device.moved"), 1);
    assert_int_equal(status(), REGISTRY_ACTIVE);
    rig_pass(rig, 1000); /* the alert centre reads the events */
    struct browser li = {.realm = "console"};
    (void)rig_known(rig, &li, "li", ROLE_OWNER);
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/upkeep/moved", ""), 200);
    assert_true(rig_says(rig, TID) && rig_says(rig, "\"refused\":false"));
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/alerts", ""), 200);
    assert_true(rig_says(rig, "device.moved"));
    is_at(31230416, 121473701, 20);
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/upkeep/moved", ""), 200);
    assert_true(rig_says(rig, "\"terminals\":[]"));
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/alerts", ""), 200);
    assert_true(rig_says(rig, "\"alerts\":[]"));
}

static void where_the_place_says_so_it_is_refused(void **state)
{
    (void)state;
    registers("refuse", 200);
    is_at(31230416, 121473701, 20);
    assert_int_equal(status(), REGISTRY_ACTIVE);
    is_at(31260416, 121473701, 20);
    assert_int_equal(status(), REGISTRY_SUSPENDED);
    assert_int_equal(events("device.moved"), 1);
    assert_int_equal(events("device.stopped"), 1);
    is_at(31230416, 121473701, 20); /* carried back in a hurry: people look first */
    assert_int_equal(status(), REGISTRY_SUSPENDED);
    struct browser li = {.realm = "console"}, staff = {.realm = "staff"};
    (void)rig_known(rig, &li, "li", ROLE_OWNER);
    (void)rig_known(rig, &staff, "bert", ROLE_APPROVER);
    assert_int_equal(rig_ask(rig, &li, "POST", "/api/v1/upkeep/moved/" TID "/release", ""), 403);
    assert_int_equal(rig_ask(rig, &staff, "POST", "/api/v1/upkeep/moved/99999999/release", ""),
                     404);
    assert_int_equal(rig_ask(rig, &staff, "POST", "/api/v1/upkeep/moved/" TID "/release", ""), 200);
    assert_int_equal(status(), REGISTRY_ACTIVE);
    rig_restart(rig); /* no stay is looked at twice */
    rig_pass(rig, 20000);
    assert_int_equal(events("device.moved"), 1);
    assert_int_equal(status(), REGISTRY_ACTIVE);
}

/* Shanghai, and ten minutes later Beijing: nothing travels so fast. A night later one may be. */
static void nothing_travels_so_fast(void **state)
{
    (void)state;
    is_at(31230416, 121473701, 20);
    rig_pass(rig, 600000);
    is_at(39904200, 116407400, 20);
    assert_int_equal(events("device.travelled"), 1);
    rig_pass(rig, 12 * 3600000);
    is_at(31230416, 121473701, 20);
    assert_int_equal(events("device.travelled"), 1);
    assert_int_equal(events("device.moved"), 0); /* no place was registered */
}

static void a_place_must_be_one(void **state)
{
    (void)state;
    struct browser staff = {.realm = "staff"};
    (void)rig_known(rig, &staff, "anna", ROLE_APPROVER);
    registers("sometimes", 400);
    static const char *const bad[] = {
        "{\"merchant\":\"898310153119999\",\"outlet\":1,\"latitude_e6\":1,\"longitude_e6\":1,"
        "\"radius_m\":200,\"policy\":\"warn\"}",
        "{\"merchant\":\"" RIG_MID "\",\"outlet\":1,\"latitude_e6\":90000001,\"longitude_e6\":1,"
        "\"radius_m\":200,\"policy\":\"warn\"}",
        "{\"merchant\":\"" RIG_MID "\",\"outlet\":1,\"latitude_e6\":1,\"longitude_e6\":1,"
        "\"radius_m\":19,\"policy\":\"warn\"}",
    };
    static const unsigned said[] = {422, 400, 400};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(rig_ask(rig, &staff, "POST", "/api/v1/upkeep/places", bad[i]), said[i]);
}

/* Many that come at once have told where they are: one sync for all of them. */
static void many_stays_are_looked_at_with_one_sync(void **state)
{
    (void)state;
    int64_t last = 0, at = 0;
    const struct device_message said = {.link = 2,
                                        .network = "Shop",
                                        .has = DEVICE_HAS_POSITION,
                                        .latitude_e6 = 31230416,
                                        .longitude_e6 = 121473701,
                                        .accuracy_m = 20};
    rig_pass(rig, 1000);
    unsigned before = rig->commits;
    rig_pass(rig, 1000);
    unsigned idle = rig->commits - before;
    for (int i = 0; i < 60; i++) {
        char tid[9];
        snprintf(tid, sizeof tid, "300000%02d", i);
        assert_ok(place_take(backoffice_desk(rig->b), tid, "192.0.2.7", &said));
    }
    before = rig->commits;
    rig_pass(rig, 1000);
    assert_in_range(rig->commits - before, 1, idle + 2);
    assert_ok(store_query_int(rig->b->store, "SELECT max(id) FROM device_place", &last));
    assert_ok(store_query_int(rig->b->store, "SELECT id FROM fence_position", &at));
    assert_int_equal(at, last);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances),
        cmocka_unit_test_setup_teardown(a_move_is_told_and_over_when_it_is_back, start, stop),
        cmocka_unit_test_setup_teardown(where_the_place_says_so_it_is_refused, start, stop),
        cmocka_unit_test_setup_teardown(nothing_travels_so_fast, start, stop),
        cmocka_unit_test_setup_teardown(many_stays_are_looked_at_with_one_sync, start, stop),
        cmocka_unit_test_setup_teardown(a_place_must_be_one, start, stop),
    };
    return cmocka_run_group_tests_name("backoffice_fence", tests, NULL, NULL);
}
