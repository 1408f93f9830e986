/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many devices at once: what they say in one iteration costs one sync and is answered after it,
 * whatever the power does in between (S114, S115); nobody waits for a hundred thousand rows of the
 * registry, nor for the hsm once a device; and as many as a process may hold can be connected.
 */
#include "backoffice/devices/device_commands.h"
#include "backoffice/devices/fleet_orders.h"
#include "backoffice/limits.h"
#include "tests/unit/fleet_rig.h"

/* ---- streams: what was sent leaves after the flush ---- */

static char held[64 * 1024], left[64 * 1024];
static size_t held_len, left_len;

static void hold(void *context, uint32_t session, struct bytes frame)
{
    (void)context;
    held_len += (size_t)snprintf(held + held_len, sizeof held - held_len, "%u%.*s\n", session,
                                 (int)frame.len, (const char *)frame.at);
    assert_true(held_len < sizeof held);
}

/* An iteration's end, as the program makes it. */
static err flush(struct rig *rig)
{
    TRY(backoffice_flush(rig->b));
    assert_true(held_len < sizeof left - left_len);
    memcpy(left + left_len, held, held_len + 1);
    left_len += held_len;
    held_len = 0;
    held[0] = '\0';
    return OK;
}

static unsigned has_left(const char *text)
{
    unsigned count = 0;
    for (const char *at = left; (at = strstr(at, text)) != NULL; at++) count++;
    return count;
}

static struct rig *with_streams(void)
{
    struct rig *rig = with_devices();
    rig->b->desk->ports.to_device = hold;
    held_len = left_len = 0;
    held[0] = left[0] = '\0';
    return rig;
}

static int64_t count(struct rig *rig, const char *sql)
{
    int64_t n = -1;
    assert_ok(store_query_int(rig->b->store, sql, &n));
    return n;
}

#define PLACE "{\"id\":31,\"ask\":\"place\",\"kind\":\"wifi\",\"name\":\"shop\",\"at_ms\":9}"
#define EVENT                                                                              \
    "{\"id\":32,\"ask\":\"event\",\"kind\":\"started\",\"operator\":\"\",\"detail\":\"\"," \
    "\"number\":7,\"at_ms\":9}"

static err tell(struct rig *rig, uint32_t session, const char *text)
{
    return devices_on_frame(rig->b->desk, session, bytes_text(text));
}

static void what_many_say_costs_one_sync(void **state)
{
    (void)state;
    struct rig *rig = with_streams();
    assert_ok(flush(rig));
    unsigned commits = rig->commits;
    come(rig, 3, "10000001", "TB-1");
    come(rig, 4, "10000002", "TB-2");
    come(rig, 5, "10000003", "TB-1");
    for (uint32_t session = 3; session <= 5; session++) {
        assert_ok(tell(rig, session, PLACE));
        assert_ok(tell(rig, session, EVENT));
    }
    assert_ok(devices_closed(rig->b->desk, 5));
    assert_int_equal(rig->commits, commits);
    assert_int_equal(left_len, 0);
    assert_ok(flush(rig));
    assert_int_equal(rig->commits, commits + 1);
    assert_int_equal(has_left("\"status\":\"ok\""), 9);
    assert_ok(flush(rig)); /* nothing waits */
    assert_int_equal(rig->commits, commits + 1);
    rig_close(rig);
}

static err cut(void *context, enum store_call call)
{
    int *calls = context;
    (void)call;
    return (*calls)-- == 0 ? ERR(CRASHED) : OK;
}

/* Two iterations of three devices. */
static err two_iterations(struct rig *rig)
{
    for (int i = 0; i < 2; i++) {
        for (uint32_t session = 3; session <= 5; session++)
            TRY(tell(rig, session, i == 0 ? PLACE : EVENT));
        TRY(flush(rig));
    }
    return OK;
}

static void nothing_is_told_that_is_not_kept(void **state)
{
    (void)state;
    int cuts = 0;
    for (int calls = 0, struck = 1; struck; calls++) {
        struct rig *rig = with_streams();
        int until = calls;
        come(rig, 3, "10000001", "TB-1");
        come(rig, 4, "10000002", "TB-2");
        come(rig, 5, "10000003", "TB-1");
        assert_ok(flush(rig));
        store_set_fault(rig->b->store, cut, &until);
        struck = FAILED(two_iterations(rig));
        cuts += struck;
        store_set_fault(rig->b->store, NULL, NULL);
        rig->may_end = true;
        rig_restart(rig);
        int64_t places = count(rig, "SELECT count(*) FROM device_place");
        int64_t events = count(rig, "SELECT count(*) FROM device_event");
        assert_true(places == 0 || places == 3); /* an iteration whole, or nothing of it */
        assert_true(events == 0 || (events == 3 && places == 3));
        assert_true(has_left("\"id\":31") <= places);
        assert_true(has_left("\"id\":32") <= events);
        if (!struck) assert_int_equal(has_left("\"id\":32"), 3);
        rig_close(rig);
    }
    assert_true(cuts > 10);
}

/* Who asks for a page is shown nothing that a power cut could take back. */
static void a_page_is_shown_what_is_kept(void **state)
{
    (void)state;
    struct rig *rig = with_streams();
    struct browser li = person(rig, "li", RIG_MID, ROLE_OWNER);
    come(rig, 3, "10000001", "TB-1");
    assert_ok(flush(rig));
    assert_ok(tell(rig, 3, PLACE));
    unsigned commits = rig->commits;
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/devices/10000001", ""), 200);
    assert_true(rig_says(rig, "\"network\":\"shop\""));
    assert_true(rig->commits > commits);
    store_set_fault(rig->b->store, NULL, NULL);
    rig_restart(rig);
    assert_int_equal(count(rig, "SELECT count(*) FROM device_place"), 1);
    rig_close(rig);
}

/* ---- the registry ---- */

static void many(struct rig *rig, char first, unsigned from, unsigned to)
{
    registry_group_begin(rig->registry);
    for (unsigned i = from; i < to; i++) {
        char tid[9];
        snprintf(tid, sizeof tid, "%c%07u", first, i);
        terminal(rig, tid, RIG_MID, 1, "TB-9");
    }
    assert_ok(registry_group_commit(rig->registry));
}

static void the_registry_is_read_in_slices(void **state)
{
    (void)state;
    struct rig *rig = with_streams();
    come(rig, 3, "10000001", "TB-1");
    many(rig, '3', 0, 2 * FLEET_READ_SLICE);
    rig->now_ms += 2 * FLEET_READ_MS;
    assert_ok(backoffice_tick(rig->b));
    assert_true(backoffice_busy(rig->b));
    assert_int_equal(fleet_count(rig->b->desk->fleet), 4); /* as before, and alive */
    say(rig, 3, STATE("low", "free", 5));
    terminal(rig, "00000001", RIG_MID, 1, "TB-1"); /* its slice has been read */
    come(rig, 4, "00000001", "TB-1");
    int turns = 0;
    for (; backoffice_busy(rig->b); turns++) assert_ok(flush(rig));
    assert_true(turns >= 2);
    assert_int_equal(fleet_count(rig->b->desk->fleet), 4 + 2 * FLEET_READ_SLICE + 1);
    assert_int_equal(fleet_find(rig->b->desk->fleet, "10000001")->state.unsent, 5);
    assert_true(fleet_find(rig->b->desk->fleet, "10000001")->connected);
    assert_true(fleet_find(rig->b->desk->fleet, "00000001")->connected);
    assert_string_equal(fleet_find(rig->b->desk->fleet, "30000007")->serial, "TB-30000007");
    assert_ok(fleet_write(rig->b->desk->fleet));
    assert_int_equal(count(rig, "SELECT unsent FROM device_state WHERE tid = '10000001'"), 5);
    rig_close(rig);
}

/* ---- proofs ---- */

static unsigned asked, asked_many;
static const char *spoiled; /* nothing is proved for this one */
static enum err_code why;

static err prove_one(void *context, const struct desk_command *c, uint8_t mac[16])
{
    (void)context;
    asked++;
    if (why != ERR_OK && (spoiled == NULL || strcmp(spoiled, c->tid) == 0)) return (err){why};
    memset(mac, 5, 16);
    return OK;
}

static err prove_many(void *context, const struct desk_command *c, size_t n, uint8_t (*macs)[16])
{
    unsigned before = asked;
    asked_many++;
    for (size_t i = 0; i < n; i++) TRY(prove_one(context, &c[i], macs[i]));
    asked = before;
    return OK;
}

/* Twenty connected devices, and one command for all of them. */
static struct rig *with_twenty(enum err_code code, const char *tid)
{
    struct rig *rig = with_streams();
    struct browser li = person(rig, "li", RIG_MID, ROLE_OWNER);
    rig->b->desk->ports.command_mac = prove_one;
    rig->b->desk->ports.command_macs = prove_many;
    asked = asked_many = 0;
    why = code;
    spoiled = tid;
    many(rig, '3', 0, 20);
    rig_pass(rig, 2 * FLEET_READ_MS);
    for (uint32_t i = 0; i < 20; i++) {
        char number[9];
        snprintf(number, sizeof number, "3%07u", i);
        come(rig, 100 + i, number, "TB-9");
    }
    assert_int_equal(
        rig_post(rig, &li, "/api/v1/fleet/commands", "{\"kind\":\"restart\",\"model\":\"TB-9\"}"),
        201);
    while (backoffice_busy(rig->b)) assert_ok(flush(rig));
    return rig;
}

static void the_hsm_is_asked_once_for_many(void **state)
{
    (void)state;
    struct rig *rig = with_twenty(ERR_OK, NULL);
    assert_int_equal(asked_many, 1);
    assert_int_equal(asked, 0);
    assert_int_equal(has_left("\"command\":\"restart\""), 20);
    assert_int_equal(count(rig, "SELECT count(*) FROM device_command WHERE state = 2"), 20);
    rig_close(rig);
}

static void one_that_cannot_be_proved_spoils_no_other(void **state)
{
    (void)state;
    struct rig *rig = with_twenty(ERR_KEY, "30000007");
    assert_int_equal(has_left("\"command\":\"restart\""), 19);
    assert_int_equal(count(rig, "SELECT count(*) FROM device_command WHERE state = 1"), 1);
    rig_close(rig);
}

static void an_hsm_that_is_away_is_asked_once(void **state)
{
    (void)state;
    struct rig *rig = with_twenty(ERR_TIMEOUT, NULL);
    assert_int_equal(asked_many + asked, 1 + 1); /* and not twenty timeouts one after the other */
    assert_int_equal(has_left("\"command\":\"restart\""), 0);
    assert_int_equal(count(rig, "SELECT count(*) FROM device_command WHERE state = 1"), 20);
    rig_close(rig);
}

/* ---- how many ---- */

static unsigned closed;

static void turn_away(void *context, uint32_t session)
{
    (void)context;
    assert_int_equal(session, 1000 + BACKOFFICE_TERMINALS);
    closed++;
}

static void as_many_as_descriptors_allow(void **state)
{
    (void)state;
    struct rig *rig = with_streams();
    rig->b->desk->ports.close_device = turn_away;
    static_assert(BACKOFFICE_TERMINALS >= 10000, "what a fleet of 100,000 has connected");
    static_assert(BACKOFFICE_TERMINALS + BACKOFFICE_CONNECTIONS + 64 < 20000, "descriptors");
    many(rig, '4', 0, BACKOFFICE_TERMINALS + 1);
    for (uint32_t i = 0; i <= BACKOFFICE_TERMINALS; i++) {
        char tid[9];
        snprintf(tid, sizeof tid, "4%07u", i);
        assert_ok(devices_opened(rig->b->desk, 1000 + i, bytes_text(tid), 0));
    }
    assert_non_null(connected_tid(&rig->b->desk->connected, "40010000"));
    assert_int_equal(rig->b->desk->connected.used, BACKOFFICE_TERMINALS);
    assert_int_equal(closed, 1);
    rig_close(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_many_say_costs_one_sync),
        cmocka_unit_test(nothing_is_told_that_is_not_kept),
        cmocka_unit_test(a_page_is_shown_what_is_kept),
        cmocka_unit_test(the_registry_is_read_in_slices),
        cmocka_unit_test(the_hsm_is_asked_once_for_many),
        cmocka_unit_test(one_that_cannot_be_proved_spoils_no_other),
        cmocka_unit_test(an_hsm_that_is_away_is_asked_once),
        cmocka_unit_test(as_many_as_descriptors_allow),
    };
    return cmocka_run_group_tests_name("fleet_group", tests, NULL, NULL);
}
