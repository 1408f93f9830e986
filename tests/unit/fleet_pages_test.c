/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the pages of the fleet are told (S112, S113): what is new and for whom, troubles in words,
 * what somebody may want and why not, the second look of a wipe, the registered place, and how far
 * a command for many is.
 */
#include "backoffice/devices/device_commands.h"
#include "backoffice/devices/fleet_changes.h"
#include "backoffice/devices/fleet_may.h"
#include "backoffice/devices/fleet_troubles.h"
#include "backoffice/upkeep/fence.h"
#include "tests/unit/fleet_rig.h"

/* ---- the ring ---- */

static void the_ring_tells_all_or_says_that_it_cannot(void **state)
{
    (void)state;
    static struct fleet_changes c;
    fleet_changes_begin(&c, 5000);
    int64_t at = c.next, begun = c.next;
    assert_true(fleet_changes_has(&c, at));
    assert_null(fleet_changes_next(&c, &at));
    fleet_changes_add(&c, "10000001");
    fleet_changes_add(&c, "10000002");
    assert_string_equal(fleet_changes_next(&c, &at), "10000001");
    assert_string_equal(fleet_changes_next(&c, &at), "10000002");
    assert_null(fleet_changes_next(&c, &at));
    for (int i = 0; i < FLEET_CHANGES_KEPT - 2; i++) fleet_changes_add(&c, "10000003");
    assert_true(fleet_changes_has(&c, begun));
    fleet_changes_add(&c, "10000003");
    assert_false(fleet_changes_has(&c, begun)); /* one has left the ring */
    assert_true(fleet_changes_has(&c, begun + 1));
    assert_false(fleet_changes_has(&c, c.next + 1)); /* nobody has told that number */
    at = c.next;
    fleet_changes_all(&c);
    assert_false(fleet_changes_has(&c, at));
    assert_true(fleet_changes_has(&c, c.next));
    begun = c.next;
    fleet_changes_begin(&c, 10 * 1000); /* another life of the program */
    assert_false(fleet_changes_has(&c, begun));
}

/* ---- waiting ---- */

static char since[24];

static unsigned ask(struct rig *rig, struct browser *b, const char *number)
{
    b->query[0][0] = "since";
    b->query[0][1] = number;
    return rig_send(rig, b, "GET", "/api/v1/fleet/changes", "");
}

static void learn(struct rig *rig, struct browser *b)
{
    assert_int_equal(ask(rig, b, NULL), 200);
    assert_true(rig_says(rig, "\"all\":false,\"devices\":[]"));
    const char *now = strstr(rig->answer, "\"now\":");
    assert_non_null(now);
    snprintf(since, sizeof since, "%.*s", (int)strspn(now + 6, "0123456789"), now + 6);
}

static void everybody_hears_of_his_own(void **state)
{
    (void)state;
    struct rig *rig = with_devices();
    struct browser owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    struct browser other = person(rig, "other", OTHER_MID, ROLE_OWNER);
    struct browser agent = person(rig, "agent", "", ROLE_AGENT);
    learn(rig, &owner);
    assert_int_equal(ask(rig, &owner, since), 0);
    uint64_t his = rig->tickets;
    assert_int_equal(ask(rig, &other, since), 0);
    uint64_t others = rig->tickets;
    assert_int_equal(ask(rig, &agent, since), 0);
    uint64_t agents = rig->tickets;
    rig_turn(rig);
    assert_false(rig_pending(rig, his)->answered);
    come(rig, 3, "10000001", "TB-1");
    rig_turn(rig);
    assert_true(rig_pending(rig, his)->answered && rig_pending(rig, agents)->answered);
    assert_true(rig_says(rig, "\"devices\":[\"10000001\"]"));
    assert_false(rig_pending(rig, others)->answered);
    for (int i = 0; i < 25; i++) rig_pass(rig, 1000);
    assert_true(rig_pending(rig, others)->answered); /* nothing for him, and it is said */
    assert_true(rig_says(rig, "\"all\":false,\"devices\":[]"));
    /* Who comes late is told at once; who has slept through too much reads everything anew. */
    assert_int_equal(ask(rig, &owner, since), 200);
    assert_true(rig_says(rig, "\"devices\":[\"10000001\"]"));
    assert_int_equal(ask(rig, &owner, "5"), 200);
    assert_true(rig_says(rig, "\"all\":true,\"devices\":[]"));
    rig_close(rig);
}

static void commands_and_the_registry_are_news(void **state)
{
    (void)state;
    struct rig *rig = with_devices();
    struct browser owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    learn(rig, &owner);
    assert_int_equal(
        rig_post(rig, &owner, "/api/v1/devices/10000003/commands", "{\"kind\":\"ring\"}"), 201);
    assert_int_equal(ask(rig, &owner, since), 200);
    assert_true(rig_says(rig, "\"devices\":[\"10000003\"]"));
    learn(rig, &owner);
    fleet_stale(rig->b->desk->fleet);
    rig_pass(rig, 2 * FLEET_READ_MS);
    assert_int_equal(ask(rig, &owner, since), 200);
    assert_true(rig_says(rig, "\"all\":true"));
    rig_close(rig);
}

static void a_crowd_is_asked_to_wait(void **state)
{
    (void)state;
    struct rig *rig = with_devices();
    struct browser owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    learn(rig, &owner);
    for (int i = 0; i < 4; i++) assert_int_equal(ask(rig, &owner, since), 0);
    assert_int_equal(ask(rig, &owner, since), 200);
    assert_true(rig_says(rig, "\"again_ms\":30000"));
    rig_close(rig);
}

/* ---- troubles ---- */

static void every_trouble_has_its_condition(void **state)
{
    (void)state;
    enum { NOW = 1000 * 1000 * 1000, LATELY = NOW - 1000 };
    const struct fleet_device fine = {
        .status = REGISTRY_ACTIVE,
        .connected = true,
        .heard_ms = LATELY,
        .state = {.told_ms = LATELY, .battery = 90, .signed_in = true}};
    enum fleet_trouble found[FLEET_TROUBLES];
    assert_int_equal(fleet_troubles(&fine, NOW, found), 0);
    for (enum fleet_trouble at = 0; at < FLEET_TROUBLES; at++) {
        struct fleet_device d = fine;
        switch (at) {
        case FLEET_TROUBLE_CLOSED:
            d.status = REGISTRY_CLOSED;
            break;
        case FLEET_TROUBLE_SUSPENDED:
            d.status = REGISTRY_SUSPENDED;
            break;
        case FLEET_TROUBLE_LOST:
            d.state.hold = DEVICE_LOST;
            break;
        case FLEET_TROUBLE_LOCKED:
            d.state.hold = DEVICE_LOCKED;
            break;
        case FLEET_TROUBLE_OFFLINE:
            d.heard_ms = NOW - FLEET_MISSED * BEAT;
            break;
        case FLEET_TROUBLE_UNSENT:
            d.state.unsent = 1;
            break;
        case FLEET_TROUBLE_SIGNED_OUT:
            d.state.signed_in = false;
            break;
        case FLEET_TROUBLE_PAPER_OUT:
            d.state.paper = DEVICE_PAPER_OUT;
            break;
        case FLEET_TROUBLE_PRINTER:
            d.state.paper = DEVICE_PRINTER_FAULT;
            break;
        case FLEET_TROUBLE_BATTERY:
            d.state.battery = FLEET_LOW_BATTERY - 1;
            break;
        case FLEET_TROUBLE_PAPER_LOW:
            d.state.paper = DEVICE_PAPER_LOW;
            break;
        case FLEET_TROUBLE_UNUSED:
            d = (struct fleet_device){.status = REGISTRY_ACTIVE};
            break;
        case FLEET_TROUBLES:
            break;
        }
        assert_int_equal(fleet_troubles(&d, NOW, found), 1);
        assert_int_equal(found[0], at);
        const struct fleet_trouble_words *words = &fleet_trouble_words[at];
        assert_true((unsigned char)words->zh[0] >= 0x80 && (unsigned char)words->en[0] < 0x80);
        assert_true(strlen(words->code) > 0);
    }
}

static void a_device_says_what_is_wrong(void **state)
{
    (void)state;
    struct rig *rig = with_devices();
    struct browser owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    come(rig, 3, "10000001", "TB-1");
    say(rig, 3, STATE("out", "locked", 2));
    assert_int_equal(rig_ask(rig, &owner, "GET", "/api/v1/devices/10000001", ""), 200);
    assert_true(rig_says(rig, "\"troubles\":[{\"code\":\"locked\",\"grave\":true"));
    assert_true(rig_says(rig, "\"code\":\"unsent\"") && rig_says(rig, "\"code\":\"paper_out\""));
    assert_false(rig_says(rig, "\"registered\""));
    assert_true(rig_says(rig, "\"served\":[]"));
    rig_close(rig);
}

static void a_device_says_where_it_has_to_stand(void **state)
{
    (void)state;
    struct rig *rig = with_devices();
    struct browser owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct fence place = {.mid = RIG_MID,
                          .outlet = 1,
                          .latitude_e6 = 31230416,
                          .longitude_e6 = 121473701,
                          .radius_m = 300,
                          .policy = FENCE_WARN};
    const struct fence_moved moved = {
        .tid = "10000001", .mid = RIG_MID, .outlet = 1, .since_ms = 77, .metres = 1200};
    assert_ok(store_begin(rig->b->store, &tx));
    assert_ok(fence_put(&tx, &place));
    assert_ok(fence_moved_put(&tx, &moved));
    assert_ok(store_commit(&tx));
    assert_int_equal(rig_ask(rig, &owner, "GET", "/api/v1/devices/10000001", ""), 200);
    assert_true(rig_says(rig, "\"registered\":{\"latitude_e6\":31230416,\"longitude_e6\":121473701,"
                              "\"radius_m\":300,\"policy\":\"warn\",\"away_m\":1200,"
                              "\"away_since\":77,\"suspended\":false}"));
    assert_int_equal(rig_ask(rig, &owner, "GET", "/api/v1/devices/10000002", ""), 200);
    assert_true(rig_says(rig, "\"away_m\":0,\"suspended\":false"));
    assert_int_equal(rig_ask(rig, &owner, "GET", "/api/v1/devices/10000003", ""), 200);
    assert_false(rig_says(rig, "\"registered\""));
    rig_close(rig);
}

/* ---- what somebody may want ---- */

static void the_page_is_told_why_not(void **state)
{
    (void)state;
    struct rig *rig = with_devices();
    struct browser owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    struct browser agent = person(rig, "agent", "", ROLE_AGENT);
    rig_pass(rig, SESSION_STEP_UP_MS + 1000); /* the factor of the log-in is an old one */
    assert_int_equal(rig_ask(rig, &owner, "GET", "/api/v1/devices/10000001/commands", ""), 200);
    assert_true(rig_says(rig, "{\"kind\":\"message\",\"may\":true,\"factor\":false,"));
    assert_true(rig_says(rig, "{\"kind\":\"wipe\",\"may\":true,\"factor\":true,"));
    assert_int_equal(rig_ask(rig, &agent, "GET", "/api/v1/devices/10000001/commands", ""), 200);
    assert_true(rig_says(rig, "{\"kind\":\"unlock\",\"may\":false,\"factor\":false,\"why_zh\":"
                              "\"只有店主能做。\",\"why_en\":\"Only the owner"));
    assert_true(rig_says(rig, "{\"kind\":\"wipe\",\"may\":false,\"factor\":false,\"why_zh\":\"您"));
    for (int i = 0; i < COMMANDS_OPEN_MAX; i++) {
        assert_int_equal(
            rig_post(rig, &owner, "/api/v1/devices/10000001/commands", "{\"kind\":\"ring\"}"), 201);
        rig->now_ms += 1000; /* callers pay by the second */
    }
    assert_int_equal(rig_ask(rig, &owner, "GET", "/api/v1/devices/10000001/commands", ""), 200);
    assert_true(
        rig_says(rig, "{\"kind\":\"message\",\"may\":false,\"factor\":false,\"why_zh\":\"还"));
    assert_true(rig_says(rig, "{\"kind\":\"unlock\",\"may\":true,"));
    rig_close(rig);
}

static void a_page_is_told_what_may_be_called(void **state)
{
    (void)state;
    struct rig *rig = with_devices();
    struct browser admin = person(rig, "admin", "", ROLE_ADMIN);
    struct browser agent = person(rig, "agent", "", ROLE_AGENT);
    struct browser owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    assert_int_equal(rig_ask(rig, &admin, "GET", "/api/v1/rights", ""), 200);
    assert_true(rig_says(rig, "{\"call\":\"POST /updates/rollouts\",\"factor\":false}"));
    rig_pass(rig, SESSION_STEP_UP_MS + 1000); /* the factor of the log-in is an old one */
    assert_int_equal(rig_ask(rig, &admin, "GET", "/api/v1/rights", ""), 200);
    assert_true(rig_says(rig, "{\"call\":\"POST /updates/rollouts\",\"factor\":true}"));
    assert_int_equal(rig_ask(rig, &agent, "GET", "/api/v1/rights", ""), 200);
    assert_false(rig_says(rig, "\"POST /updates/rollouts\""));
    assert_true(rig_says(rig, "\"POST /updates/rollouts/{id}/stop\""));
    assert_true(rig_says(rig, "\"why_not_en\":\"Your role may not do this.\""));
    assert_int_equal(rig_ask(rig, &owner, "GET", "/api/v1/rights", ""), 200);
    assert_false(rig_says(rig, "/updates/")); /* nothing of the acquirer's */
    rig_close(rig);
}

static void a_wipe_is_looked_at_twice(void **state)
{
    (void)state;
    struct rig *rig = with_devices();
    struct browser owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    static const char path[] = "/api/v1/devices/10000001/commands";
    assert_int_equal(rig_post(rig, &owner, path, "{\"kind\":\"wipe\"}"), 422);
    assert_int_equal(rig_post(rig, &owner, path, "{\"kind\":\"wipe\",\"serial\":\"TB-10000002\"}"),
                     422);
    assert_true(rig_says(rig, "\"serial\""));
    assert_int_equal(rig_post(rig, &owner, path, "{\"kind\":\"wipe\",\"serial\":\"TB-10000001\"}"),
                     201);
    rig_close(rig);
}

/* ---- many ---- */

static void how_far_many_are_is_the_acquirers(void **state)
{
    (void)state;
    struct rig *rig = with_devices();
    struct browser owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    struct browser admin = person(rig, "admin", "", ROLE_ADMIN);
    assert_int_equal(rig_ask(rig, &admin, "GET", "/api/v1/fleet/commands", ""), 200);
    assert_true(rig_says(rig, "{\"commands\":[],\"may\":[{\"kind\":\"message\",\"may\":true"));
    assert_false(rig_says(rig, "\"wipe\""));
    for (int i = 0; i < 7; i++) {
        assert_int_equal(rig_post(rig, &admin, "/api/v1/fleet/commands",
                                  "{\"kind\":\"message\",\"text\":\"Number %d\"}", i),
                         201);
        rig_pass(rig, 4000);
    }
    while (backoffice_busy(rig->b)) assert_ok(backoffice_flush(rig->b));
    assert_int_equal(rig_ask(rig, &admin, "GET", "/api/v1/fleet/commands", ""), 200);
    assert_true(rig_says(rig, "\"text\":\"Number 6\",\"by\":\"staff admin\""));
    assert_true(rig_says(rig, "\"queued\":4,\"delivered\":0"));
    assert_true(rig_says(rig, "Number 2") && !rig_says(rig, "Number 1")); /* the newest five */
    assert_int_equal(rig_ask(rig, &owner, "GET", "/api/v1/fleet/commands", ""), 403);
    rig_close(rig);
}

/* S37: the owner reads when somebody was in first; a duress alarm is not his to read. S45, S168: a
 * manager of one outlet sees its devices alone, and not their serial numbers. */
static void what_happened_there_is_the_owners_to_know(void **state)
{
    (void)state;
    struct rig *rig = with_devices();
    struct browser owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    struct browser other = person(rig, "other", OTHER_MID, ROLE_OWNER);
    rig->outlet = 2;
    struct browser manager = person(rig, "manager", RIG_MID, ROLE_MANAGER);
    rig->outlet = 0;
    come(rig, 3, "10000003", "TB-1");
    say(rig, 3,
        "{\"id\":8,\"ask\":\"event\",\"kind\":\"first_login\",\"operator\":\"00\","
        "\"detail\":\"\",\"number\":1,\"at_ms\":1}");
    say(rig, 3,
        "{\"id\":9,\"ask\":\"event\",\"kind\":\"duress\",\"operator\":\"01\","
        "\"detail\":\"\",\"number\":2,\"at_ms\":2}");
    assert_int_equal(rig_ask(rig, &owner, "GET", "/api/v1/devices/10000003", ""), 200);
    assert_true(rig_says(rig, "\"kind\":\"first_login\",\"operator\":\"00\""));
    assert_true(rig_says(rig, "\"serial\":\"TB-10000003\"") && !rig_says(rig, "duress"));
    assert_int_equal(rig_ask(rig, &manager, "GET", "/api/v1/devices/10000003", ""), 200);
    assert_false(rig_says(rig, "TB-10000003"));
    assert_int_equal(rig_ask(rig, &manager, "GET", "/api/v1/devices/10000001", ""), 404);
    assert_int_equal(rig_ask(rig, &other, "GET", "/api/v1/devices/10000003", ""), 404);
    rig_close(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ring_tells_all_or_says_that_it_cannot),
        cmocka_unit_test(everybody_hears_of_his_own),
        cmocka_unit_test(commands_and_the_registry_are_news),
        cmocka_unit_test(a_crowd_is_asked_to_wait),
        cmocka_unit_test(every_trouble_has_its_condition),
        cmocka_unit_test(a_device_says_what_is_wrong),
        cmocka_unit_test(a_device_says_where_it_has_to_stand),
        cmocka_unit_test(the_page_is_told_why_not),
        cmocka_unit_test(a_page_is_told_what_may_be_called),
        cmocka_unit_test(a_wipe_is_looked_at_twice),
        cmocka_unit_test(how_far_many_are_is_the_acquirers),
        cmocka_unit_test(what_happened_there_is_the_owners_to_know),
    };
    return cmocka_run_group_tests_name("fleet_pages", tests, NULL, NULL);
}
