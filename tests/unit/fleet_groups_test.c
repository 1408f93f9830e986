/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The organisation tree (S125) and groups of devices (S118) below /api/v1: made, named, moved,
 * removed; what is refused and why; searches and commands for a region and for a group; whose they
 * are.
 */
#include "backoffice/devices/device_commands.h"
#include "backoffice/devices/fleet_orders.h"
#include "backoffice/devices/groups.h"
#include "tests/unit/fleet_rig.h"

static struct rig *with_people(struct browser *owner, struct browser *other, struct browser *admin)
{
    struct rig *rig = with_devices();
    *owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    *other = person(rig, "other", OTHER_MID, ROLE_OWNER);
    *admin = person(rig, "admin", "", ROLE_ADMIN);
    return rig;
}

static unsigned post(struct rig *rig, struct browser *b, const char *path, const char *body)
{
    char full[120];
    snprintf(full, sizeof full, "/api/v1%s", path);
    rig->now_ms += 2000; /* callers pay by the second */
    return rig_ask(rig, b, "POST", full, body);
}

static unsigned get(struct rig *rig, struct browser *b, const char *path, const char *name,
                    const char *value)
{
    char full[120];
    snprintf(full, sizeof full, "/api/v1%s", path);
    b->query[0][0] = name;
    b->query[0][1] = value;
    rig->now_ms += 2000;
    unsigned status = rig_ask(rig, b, "GET", full, "");
    b->query[0][0] = NULL;
    return status;
}

static unsigned delete (struct rig *rig, struct browser *b, const char *path)
{
    char full[120];
    snprintf(full, sizeof full, "/api/v1%s", path);
    rig->now_ms += 2000;
    return rig_ask(rig, b, "DELETE", full, "");
}

/* ---- the tree ---- */

static void a_region_is_made_named_moved_and_removed(void **state)
{
    (void)state;
    struct browser owner, other, admin;
    struct rig *rig = with_people(&owner, &other, &admin);
    assert_int_equal(post(rig, &owner, "/regions", "{\"name\":\"北方\"}"), 201);
    assert_true(rig_says(rig, "\"region\":1"));
    assert_int_equal(post(rig, &owner, "/regions", "{\"name\":\"大连\",\"parent\":1}"), 201);
    assert_true(rig_says(rig, "\"parent\":1"));
    assert_int_equal(post(rig, &owner, "/outlets", "{\"outlet\":2,\"region\":2}"), 200);
    assert_int_equal(post(rig, &owner, "/regions/2/rename", "{\"name\":\"沈阳\"}"), 200);
    assert_true(rig_says(rig, "沈阳"));
    assert_int_equal(get(rig, &owner, "/outlets", NULL, NULL), 200);
    assert_true(rig_says(rig, "\"name\":\"Branch\",\"region\":2"));
    assert_int_equal(delete (rig, &owner, "/regions/1"), 409);
    assert_true(rig_says(rig, "not_empty"));
    assert_int_equal(delete (rig, &owner, "/regions/2"), 200);
    assert_int_equal(get(rig, &owner, "/outlets", NULL, NULL), 200);
    assert_true(rig_says(rig, "\"name\":\"Branch\",\"region\":1")); /* to what was above it */
    assert_int_equal(delete (rig, &owner, "/regions/1"), 200);
    assert_int_equal(get(rig, &owner, "/outlets", NULL, NULL), 200);
    assert_false(rig_says(rig, "\"region\""));
    rig_close(rig);
}

static void what_cannot_be_is_refused_with_a_reason(void **state)
{
    (void)state;
    struct browser owner, other, admin;
    struct rig *rig = with_people(&owner, &other, &admin);
    char body[80], path[48];
    for (int i = 1; i <= REGION_DEPTH_MAX; i++) {
        snprintf(body, sizeof body, "{\"name\":\"level %d\"}", i);
        if (i > 1) snprintf(body, sizeof body, "{\"name\":\"level %d\",\"parent\":%d}", i, i - 1);
        assert_int_equal(post(rig, &owner, "/regions", body), 201);
    }
    assert_int_equal(post(rig, &owner, "/regions", "{\"name\":\"deeper\",\"parent\":6}"), 409);
    assert_true(rig_says(rig, "too_deep"));
    assert_int_equal(post(rig, &owner, "/regions", "{\"name\":\"level 1\"}"), 409);
    assert_true(rig_says(rig, "taken"));
    static const char *const names[] = {" x", "x ", "a\\tb", "a\\u007fb"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        snprintf(body, sizeof body, "{\"name\":\"%s\"}", names[i]);
        assert_int_equal(post(rig, &owner, "/regions", body), 422);
    }
    assert_int_equal(post(rig, &owner, "/regions", "{\"name\":\"\"}"), 400);
    assert_int_equal(post(rig, &owner, "/regions/1/move", "{\"parent\":4}"), 409);
    assert_true(rig_says(rig, "circle"));
    assert_int_equal(post(rig, &owner, "/regions/3/move", "{\"parent\":3}"), 409);
    assert_int_equal(post(rig, &owner, "/regions/3/move", "{}"), 200); /* to the merchant */
    assert_int_equal(post(rig, &owner, "/regions/1/move", "{\"parent\":6}"), 200);
    assert_int_equal(post(rig, &owner, "/regions/3/move", "{\"parent\":2}"), 409);
    assert_int_equal(post(rig, &owner, "/outlets", "{\"outlet\":77,\"region\":1}"), 404);
    assert_int_equal(post(rig, &owner, "/outlets", "{\"outlet\":1,\"region\":99}"), 404);
    static const char *const numbers[] = {"0", "01", "+1", "1x", "99999999999999999999"};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        snprintf(path, sizeof path, "/regions/%s", numbers[i]);
        assert_int_equal(get(rig, &owner, path, NULL, NULL), 404);
    }
    rig_close(rig);
}

static void regions_have_a_limit(void **state)
{
    (void)state;
    struct browser owner, other, admin;
    struct rig *rig = with_people(&owner, &other, &admin);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    enum tree_verdict verdict = TREE_OK;
    struct tree_region r = {.mid = RIG_MID};
    int64_t id;
    assert_ok(store_begin(rig->b->store, &tx));
    for (int i = 0; i < REGIONS_MAX; i++) {
        snprintf(r.name, sizeof r.name, "%d", i);
        assert_ok(region_add(&tx, &r, &id, &verdict));
        assert_int_equal(verdict, TREE_OK);
    }
    snprintf(r.name, sizeof r.name, "one more");
    assert_ok(region_add(&tx, &r, &id, &verdict));
    assert_int_equal(verdict, TREE_TOO_MANY);
    store_rollback(&tx);
    tx = (struct store_tx){0};
    rig_close(rig);
}

static void a_region_narrows_searches(void **state)
{
    (void)state;
    struct browser owner, other, admin;
    struct rig *rig = with_people(&owner, &other, &admin);
    assert_int_equal(post(rig, &owner, "/regions", "{\"name\":\"北方\"}"), 201);
    assert_int_equal(post(rig, &owner, "/regions", "{\"name\":\"大连\",\"parent\":1}"), 201);
    assert_int_equal(post(rig, &owner, "/outlets", "{\"outlet\":2,\"region\":2}"), 200);
    assert_int_equal(get(rig, &owner, "/devices", "region", "1"), 200);
    assert_true(rig_says(rig, "10000003"));
    assert_false(rig_says(rig, "10000001"));
    assert_int_equal(get(rig, &admin, "/fleet", "region", "1"), 200);
    assert_true(rig_says(rig, "\"all\":1,"));
    assert_int_equal(get(rig, &other, "/fleet", "region", "1"), 200); /* not his: none */
    assert_true(rig_says(rig, "\"all\":0,"));
    rig_close(rig);
}

/* ---- groups ---- */

static void a_device_is_in_several_groups(void **state)
{
    (void)state;
    struct browser owner, other, admin;
    struct rig *rig = with_people(&owner, &other, &admin);
    assert_int_equal(post(rig, &owner, "/groups", "{\"name\":\"收银台\"}"), 201);
    assert_int_equal(post(rig, &owner, "/groups", "{\"name\":\"新打印机\"}"), 201);
    assert_int_equal(post(rig, &owner, "/groups", "{\"name\":\"收银台\"}"), 409);
    assert_int_equal(
        post(rig, &owner, "/groups/1/devices", "{\"devices\":[\"10000003\",\"10000001\"]}"), 200);
    assert_true(rig_says(rig, "\"devices\":2"));
    assert_int_equal(post(rig, &owner, "/groups/1/devices", "{\"devices\":[\"10000001\"]}"), 200);
    assert_true(rig_says(rig, "\"devices\":2")); /* it was in it */
    assert_int_equal(post(rig, &owner, "/groups/2/devices", "{\"devices\":[\"10000001\"]}"), 200);
    assert_int_equal(get(rig, &owner, "/devices/10000001", NULL, NULL), 200);
    assert_true(rig_says(rig, "\"groups\":[{\"group\":1,\"name\":\"收银台\"},{\"group\":2"));
    assert_int_equal(get(rig, &owner, "/devices", "group", "1"), 200);
    assert_true(rig_says(rig, "10000001") && rig_says(rig, "10000003"));
    assert_false(rig_says(rig, "10000002"));
    owner.after = "10000001";
    assert_int_equal(get(rig, &owner, "/devices", "group", "1"), 200);
    assert_false(rig_says(rig, "10000001\""));
    assert_true(rig_says(rig, "10000003"));
    owner.after = NULL;
    assert_int_equal(post(rig, &owner, "/groups/1/devices/remove", "{\"devices\":[\"10000001\"]}"),
                     200);
    assert_true(rig_says(rig, "\"devices\":1"));
    assert_int_equal(get(rig, &owner, "/fleet", "group", "1"), 200);
    assert_true(rig_says(rig, "\"all\":1,"));
    assert_int_equal(delete (rig, &owner, "/groups/1"), 200);
    assert_int_equal(get(rig, &owner, "/fleet", "group", "1"), 200);
    assert_true(rig_says(rig, "\"all\":0,"));
    rig_close(rig);
}

static void groups_are_whose_they_are(void **state)
{
    (void)state;
    struct browser owner, other, admin;
    struct rig *rig = with_people(&owner, &other, &admin);
    rig->outlet = 2;
    struct browser branch = person(rig, "branch", RIG_MID, ROLE_MANAGER);
    rig->outlet = 0;
    assert_int_equal(post(rig, &admin, "/groups", "{\"name\":\"All makers\"}"), 201); /* ours */
    assert_int_equal(post(rig, &owner, "/groups", "{\"name\":\"Mine\"}"), 201);
    static const char both[] = "{\"devices\":[\"10000001\",\"20000001\"]}";
    assert_int_equal(post(rig, &admin, "/groups/1/devices", both), 200);
    assert_int_equal(post(rig, &admin, "/groups/2/devices", both), 404); /* his alone */
    assert_int_equal(post(rig, &owner, "/groups/2/devices", both), 404); /* all or none */
    assert_int_equal(get(rig, &owner, "/groups/2", NULL, NULL), 200);
    assert_true(rig_says(rig, "\"devices\":0"));
    assert_int_equal(get(rig, &owner, "/groups", NULL, NULL), 200);
    assert_false(rig_says(rig, "All makers"));
    assert_int_equal(get(rig, &owner, "/devices/10000001", NULL, NULL), 200);
    assert_false(rig_says(rig, "All makers"));
    assert_int_equal(get(rig, &other, "/groups/2", NULL, NULL), 404);
    assert_int_equal(delete (rig, &owner, "/groups/1"), 404);
    assert_int_equal(get(rig, &branch, "/groups", NULL, NULL), 200);
    assert_true(rig_says(rig, "\"groups\":[]"));
    assert_int_equal(get(rig, &branch, "/groups/2", NULL, NULL), 404);
    assert_int_equal(get(rig, &branch, "/outlets", NULL, NULL), 200);
    assert_true(rig_says(rig, "Branch"));
    assert_false(rig_says(rig, "\"outlet\":1"));
    assert_int_equal(post(rig, &branch, "/groups", "{\"name\":\"x\"}"), 403);
    rig_close(rig);
}

static void groups_have_limits(void **state)
{
    (void)state;
    struct browser owner, other, admin;
    struct rig *rig = with_people(&owner, &other, &admin);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    enum tree_verdict verdict = TREE_OK;
    struct device_group g = {.mid = RIG_MID};
    int64_t id = 0;
    assert_ok(store_begin(rig->b->store, &tx));
    for (int i = 0; i < GROUPS_MAX; i++) {
        snprintf(g.name, sizeof g.name, "%d", i);
        assert_ok(group_add(&tx, &g, &id, &verdict));
        assert_int_equal(verdict, TREE_OK);
        assert_ok(group_put_in(rig->b->desk, &tx, id, "10000001", &verdict));
        assert_int_equal(verdict, i < GROUPS_OF_A_DEVICE ? TREE_OK : TREE_TOO_MANY);
    }
    snprintf(g.name, sizeof g.name, "one more");
    assert_ok(group_add(&tx, &g, &id, &verdict));
    assert_int_equal(verdict, TREE_TOO_MANY);
    store_rollback(&tx);
    tx = (struct store_tx){0};
    rig_close(rig);
}

/* ---- commands ---- */

static int64_t commands_of(struct rig *rig, const char *tid)
{
    struct store_statement *query;
    bool row = false;
    assert_ok(store_statement(rig->b->store, "SELECT count(*) FROM device_command WHERE tid = ?",
                              &query));
    store_bind_text(query, bytes_text(tid));
    assert_ok(store_step(query, &row));
    int64_t count = store_read_int(query);
    store_reset(query);
    return count;
}

static void a_command_goes_to_a_group_and_to_a_region(void **state)
{
    (void)state;
    struct browser owner, other, admin;
    struct rig *rig = with_people(&owner, &other, &admin);
    assert_int_equal(post(rig, &owner, "/groups", "{\"name\":\"Mine\"}"), 201);
    assert_int_equal(post(rig, &owner, "/groups/1/devices", "{\"devices\":[\"10000001\"]}"), 200);
    assert_int_equal(post(rig, &owner, "/regions", "{\"name\":\"北方\"}"), 201);
    assert_int_equal(post(rig, &owner, "/outlets", "{\"outlet\":2,\"region\":1}"), 200);
    static const char group[] = "{\"kind\":\"ring\",\"group\":1}";
    static const char region[] = "{\"kind\":\"ring\",\"region\":1}";
    assert_int_equal(post(rig, &owner, "/fleet/commands", group), 201);
    assert_true(rig_says(rig, "\"devices\":1"));
    rig_pass(rig, 1000);
    assert_int_equal(commands_of(rig, "10000001"), 1);
    assert_int_equal(commands_of(rig, "10000003"), 0);
    assert_int_equal(post(rig, &admin, "/fleet/commands", region), 201);
    assert_true(rig_says(rig, "\"devices\":1"));
    rig_pass(rig, 1000);
    assert_int_equal(commands_of(rig, "10000001"), 1);
    assert_int_equal(commands_of(rig, "10000003"), 1);
    assert_int_equal(commands_of(rig, "20000001"), 0); /* an outlet 2 of its own is not meant */
    assert_int_equal(post(rig, &other, "/fleet/commands", group), 201);
    assert_true(rig_says(rig, "\"devices\":0"));
    rig_pass(rig, 1000);
    assert_int_equal(commands_of(rig, "10000001"), 1);
    rig_close(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_region_is_made_named_moved_and_removed),
        cmocka_unit_test(what_cannot_be_is_refused_with_a_reason),
        cmocka_unit_test(regions_have_a_limit),
        cmocka_unit_test(a_region_narrows_searches),
        cmocka_unit_test(a_device_is_in_several_groups),
        cmocka_unit_test(groups_are_whose_they_are),
        cmocka_unit_test(groups_have_limits),
        cmocka_unit_test(a_command_goes_to_a_group_and_to_a_region),
    };
    return cmocka_run_group_tests_name("fleet_groups", tests, NULL, NULL);
}
