/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fleet (S112-S114): what devices tell of themselves, who is online, away or offline and when
 * that turns, searching in pages, tenants kept apart (S163), and states over a restart.
 */
#include "tests/unit/fleet_rig.h"

static bool finds(struct rig *rig, struct browser *b, const char *name, const char *value,
                  const char *tids)
{
    char found[200] = "";
    b->query[0][0] = name;
    b->query[0][1] = value;
    assert_int_equal(rig_ask(rig, b, "GET", "/api/v1/devices", ""), 200);
    for (const char *at = rig->answer; (at = strstr(at, "\"tid\":\"")) != NULL; at += 7)
        snprintf(found + strlen(found), sizeof found - strlen(found), "%.8s ", at + 7);
    if (strcmp(found, tids) != 0) fprintf(stderr, "%s=%s: %s\n", name, value, found);
    return strcmp(found, tids) == 0;
}

/* ---- presence ---- */

static enum fleet_presence presence(struct rig *rig, const char *tid)
{
    return fleet_presence(fleet_find(rig->b->desk->fleet, tid), rig->now_ms);
}

static void a_device_is_offline_after_missed_beats(void **state)
{
    (void)state;
    struct rig *rig = with_devices();
    assert_int_equal(presence(rig, "10000001"), FLEET_NEW);
    come(rig, 3, "10000001", "TB-1");
    assert_int_equal(presence(rig, "10000001"), FLEET_ONLINE);
    rig->now_ms += FLEET_MISSED * BEAT - 1;
    assert_int_equal(presence(rig, "10000001"), FLEET_ONLINE);
    rig->now_ms += 1; /* the connection stands, and nobody speaks on it */
    assert_int_equal(presence(rig, "10000001"), FLEET_OFFLINE);
    say(rig, 3, STATE("ok", "free", 0));
    assert_int_equal(presence(rig, "10000001"), FLEET_ONLINE);
    assert_ok(devices_closed(rig->b->desk, 3));
    assert_int_equal(presence(rig, "10000001"), FLEET_AWAY);
    rig->now_ms += FLEET_MISSED * BEAT;
    assert_int_equal(presence(rig, "10000001"), FLEET_OFFLINE);
    come(rig, 4, "10000001", "TB-1");
    assert_int_equal(presence(rig, "10000001"), FLEET_ONLINE);
    rig_close(rig);
}

static void a_connection_that_was_taken_over_does_not_end_it(void **state)
{
    (void)state;
    struct rig *rig = with_devices();
    rig->b->desk->ports.close_device = (void (*)(void *, uint32_t))NULL;
    come(rig, 3, "10000001", "TB-1");
    assert_ok(devices_closed(rig->b->desk, 3));
    come(rig, 4, "10000001", "TB-1");
    assert_ok(devices_closed(rig->b->desk, 3)); /* late news of the old one */
    assert_int_equal(presence(rig, "10000001"), FLEET_ONLINE);
    rig_close(rig);
}

/* ---- states ---- */

static void what_was_told_outlives_a_restart(void **state)
{
    (void)state;
    struct rig *rig = with_devices();
    come(rig, 3, "10000001", "TB-1");
    say(rig, 3, STATE("low", "locked", 7));
    rig_pass(rig, 1000);
    unsigned commits = rig->commits;
    rig_pass(rig, 1000); /* nothing new, nothing written */
    assert_int_equal(rig->b->desk->connected.used, 1);
    unsigned idle = rig->commits - commits;
    say(rig, 3, STATE("low", "locked", 8));
    say(rig, 3, STATE("low", "locked", 9));
    assert_int_equal(rig->commits, commits + idle); /* not when it is told */
    rig_pass(rig, 1000);
    assert_int_equal(rig->commits, commits + 2 * idle + 1); /* both in one */
    rig_restart(rig);
    const struct fleet_device *d = fleet_find(rig->b->desk->fleet, "10000001");
    assert_int_equal(d->state.unsent, 9);
    assert_int_equal(d->state.paper, DEVICE_PAPER_LOW);
    assert_int_equal(d->state.hold, DEVICE_LOCKED);
    assert_string_equal(d->state.operator_id, "01");
    assert_string_equal(d->state.version, "0.9.1");
    assert_int_equal(presence(rig, "10000001"), FLEET_AWAY);
    rig_close(rig);
}

/* Cut at every store call: what is there afterwards is what was told at one time or another. */
static err cut(void *context, enum store_call call)
{
    int *left = context;
    (void)call;
    return (*left)-- == 0 ? ERR(CRASHED) : OK;
}

static void a_power_cut_leaves_whole_states(void **state)
{
    (void)state;
    for (int calls = 0, crashed = 1; crashed; calls++) {
        struct rig *rig = with_devices();
        int left = calls;
        come(rig, 3, "10000001", "TB-1");
        say(rig, 3, STATE("low", "free", 1));
        rig_pass(rig, 1000);
        say(rig, 3, STATE("out", "locked", 2));
        store_set_fault(rig->b->store, cut, &left);
        err e = fleet_write(rig->b->desk->fleet);
        crashed = FAILED(e);
        store_set_fault(rig->b->store, NULL, NULL);
        rig->may_end = true;
        rig_restart(rig);
        const struct fleet_state *s = &fleet_find(rig->b->desk->fleet, "10000001")->state;
        bool older = s->paper == DEVICE_PAPER_LOW && s->hold == DEVICE_FREE && s->unsent == 1;
        bool newer = s->paper == DEVICE_PAPER_OUT && s->hold == DEVICE_LOCKED && s->unsent == 2;
        assert_true(crashed ? older || newer : newer);
        rig_close(rig);
    }
}

/* ---- searching ---- */

static void it_is_searched(void **state)
{
    (void)state;
    struct rig *rig = with_devices();
    struct browser staff = person(rig, "zhang", "", ROLE_AGENT);
    come(rig, 3, "10000001", "TB-1");
    say(rig, 3, STATE("out", "free", 0));
    come(rig, 4, "20000001", "TB-1");
    say(rig, 4, STATE("ok", "locked", 2));
    assert_true(finds(rig, &staff, "x", "", "10000001 10000002 10000003 20000001 "));
    assert_true(finds(rig, &staff, "text", "0002", "10000002 "));
    assert_true(finds(rig, &staff, "text", "tb-10000003", "10000003 "));
    assert_true(finds(rig, &staff, "text", "b-1000000", "")); /* nobody feels his way to a serial */
    assert_true(finds(rig, &staff, "text", "camellia", "20000001 "));
    assert_true(finds(rig, &staff, "text", "书店", "20000001 "));
    assert_true(finds(rig, &staff, "text", "nobody", ""));
    /* A caller is asked for it: who asks does not read it here. */
    assert_int_equal(rig_ask(rig, &staff, "GET", "/api/v1/devices/10000001", ""), 200);
    assert_true(rig_says(rig, "\"serial\":\"TB****01\"") && !rig_says(rig, "TB-10000001"));
    assert_true(finds(rig, &staff, "merchant", OTHER_MID, "20000001 "));
    assert_true(finds(rig, &staff, "outlet", "2", "10000003 "));
    assert_true(finds(rig, &staff, "model", "TB-2", "10000002 "));
    assert_true(finds(rig, &staff, "version", "0.9.1", "10000001 20000001 "));
    assert_true(finds(rig, &staff, "presence", "online", "10000001 20000001 "));
    assert_true(finds(rig, &staff, "presence", "new", "10000002 10000003 "));
    assert_true(finds(rig, &staff, "hold", "locked", "20000001 "));
    assert_true(finds(rig, &staff, "unsent", "true", "20000001 "));
    assert_true(finds(rig, &staff, "trouble", "true", "10000001 "));
    assert_true(finds(rig, &staff, "status", "closed", ""));
    static const char *const bad[][2] = {{"outlet", "0"},   {"outlet", "x"}, {"presence", "gone"},
                                         {"merchant", "1"}, {"text", ""},    {"unsent", "yes"}};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        staff.query[0][0] = bad[i][0];
        staff.query[0][1] = bad[i][1];
        assert_int_equal(rig_ask(rig, &staff, "GET", "/api/v1/devices", ""), 400);
        assert_true(rig_says(rig, bad[i][0]));
    }
    staff.query[0][0] = NULL;
    assert_int_equal(rig_ask(rig, &staff, "GET", "/api/v1/fleet", ""), 200);
    assert_true(rig_says(rig,
                         "{\"all\":4,\"new\":2,\"online\":2,\"away\":0,\"offline\":0,\"locked\":1,"
                         "\"unsent\":1,\"trouble\":1}"));
    rig_close(rig);
}

static void it_comes_in_pages(void **state)
{
    (void)state;
    struct rig *rig = with_devices();
    struct browser staff = person(rig, "zhang", "", ROLE_AGENT);
    char next[API_CURSOR_MAX];
    staff.limit = "3";
    assert_true(finds(rig, &staff, "x", "", "10000001 10000002 10000003 "));
    rig_member(rig, "next", next, sizeof next);
    staff.after = next;
    assert_true(finds(rig, &staff, "x", "", "20000001 "));
    assert_true(rig_says(rig, "\"next\":null"));
    staff.after = "10000001x"; /* no number of any: the list goes on behind where it would be */
    assert_true(finds(rig, &staff, "x", "", "10000002 10000003 20000001 "));
    rig_close(rig);
}

/* ---- whose they are ---- */

static void everybody_finds_his_own(void **state)
{
    (void)state;
    struct rig *rig = with_devices();
    struct browser li = person(rig, "li", RIG_MID, ROLE_OWNER);
    struct browser wu = person(rig, "wu", OTHER_MID, ROLE_OWNER);
    assert_true(finds(rig, &li, "x", "", "10000001 10000002 10000003 "));
    assert_true(finds(rig, &li, "merchant", OTHER_MID, ""));
    assert_true(finds(rig, &li, "text", "20000001", ""));
    assert_true(finds(rig, &wu, "x", "", "20000001 "));
    char foreign[512];
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/devices/20000001", ""), 404);
    snprintf(foreign, sizeof foreign, "%.511s", rig->answer);
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/devices/99999999", ""), 404);
    assert_string_equal(rig->answer, foreign);
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/devices/10000001", ""), 200);
    assert_true(rig_says(rig, "\"serial\":\"TB-10000001\"") && rig_says(rig, "\"places\":[]"));
    assert_true(rig_says(rig, "\"merchant_zh\":\"开源茶馆\""));
    wu.query[0][0] = NULL;
    assert_int_equal(rig_ask(rig, &wu, "GET", "/api/v1/fleet", ""), 200);
    assert_true(rig_says(rig, "\"all\":1,"));
    rig_close(rig);
}

/* ---- a large one ---- */

static void a_hundred_thousand_are_known(void **state)
{
    (void)state;
    struct rig *rig = rig_open_desk(true);
    struct browser staff = person(rig, "zhang", "", ROLE_AGENT);
    enum { MANY = 100000 };
    struct store *store = registry_store(rig->registry);
    /* Not one by one, each with its audit record: this is no test of the registry's. */
    assert_ok(store_exec(
        store, "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999)"
               " INSERT INTO terminal(tid, serial, model, mid, outlet, suite, status, fingerprint,"
               " master_block, first_batch, recovery_block, ksn) SELECT printf('3%07d', i),"
               " printf('TB-%07d', i), 'TB-1', '" RIG_MID "', 1, 1, 1, '', 'D0016D0AB00E0000', 1,"
               " '', x'' FROM n"));
    rig_restart(rig);
    assert_int_equal(fleet_count(rig->b->desk->fleet), MANY);
    assert_true(finds(rig, &staff, "text", "TB-0099999", "30099999 "));
    staff.limit = "2";
    assert_true(finds(rig, &staff, "text", "tea house", "30000000 30000001 "));
    staff.query[0][0] = NULL;
    assert_int_equal(rig_ask(rig, &staff, "GET", "/api/v1/fleet", ""), 200);
    assert_true(rig_says(rig, "\"all\":100000,\"new\":100000,"));
    /* Groups: none larger than it may be. */
    for (int i = 0; i < 3000; i++) {
        char tid[9];
        snprintf(tid, sizeof tid, "3%07d", i * 30);
        struct registry_terminal t;
        assert_ok(registry_find_terminal(rig->b->registry, bytes_text(tid), &t));
        assert_ok(fleet_came(rig->b->desk->fleet, &t, "0.9.1", rig->now_ms));
    }
    int64_t rows = 0;
    for (int64_t wanted = FLEET_GROUP; wanted < 4 * FLEET_GROUP; wanted += FLEET_GROUP) {
        assert_ok(fleet_tick(rig->b->desk->fleet, rig->now_ms));
        assert_ok(store_query_int(rig->b->store, "SELECT count(*) FROM device_state", &rows));
        assert_int_equal(rows, wanted < 3000 ? wanted : 3000);
    }
    rig_close(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_is_offline_after_missed_beats),
        cmocka_unit_test(a_connection_that_was_taken_over_does_not_end_it),
        cmocka_unit_test(what_was_told_outlives_a_restart),
        cmocka_unit_test(a_power_cut_leaves_whole_states),
        cmocka_unit_test(it_is_searched),
        cmocka_unit_test(it_comes_in_pages),
        cmocka_unit_test(everybody_finds_his_own),
        cmocka_unit_test(a_hundred_thousand_are_known),
    };
    return cmocka_run_group_tests_name("fleet", tests, NULL, NULL);
}
