/* SPDX-License-Identifier: Apache-2.0 */
/* /api/v1/updates (S119, S177): what is published, a roll-out from its beginning to its end, every
 * refusal by its name, and nothing of it for a merchant. */
#include "tests/unit/backoffice_rig.h"

#include "backoffice/desk/desk_internal.h"
#include "tests/unit/scratch.h"
#include "tests/unit/updates_site.h"

static struct scratch scratch;
static char directory[160];
static struct rig *rig;

static int begin(void **state)
{
    (void)state;
    scratch_make(&scratch);
    snprintf(directory, sizeof directory, "%.120s/updates", scratch.directory);
    rig = rig_open_desk(true);
    updates_site_make(directory, rig->now_ms);
    rig->b->desk->config.updates = directory;
    return 0;
}

static int end(void **state)
{
    (void)state;
    rig_close(rig);
    return 0;
}

static struct browser person(const char *login, const char *mid, unsigned roles)
{
    struct browser b = {.realm = roles & ROLES_STAFF ? "staff" : "console"};
    rig->mid = mid;
    (void)rig_known(rig, &b, login, roles);
    return b;
}

static void a_roll_out_from_beginning_to_end(void **state)
{
    (void)state;
    struct browser admin = person("zhou", "", ROLE_ADMIN);
    assert_int_equal(rig_ask(rig, &admin, "GET", "/api/v1/updates/files", ""), 200);
    assert_true(
        rig_says(rig, "{\"name\":\"TB-1.2\",\"length\":102,\"image\":2,\"model\":\"TB-1\"}"));
    assert_true(rig_says(rig, "{\"name\":\"notes.txt\",\"length\":5}"));
    assert_int_equal(rig_ask(rig, &admin, "POST", "/api/v1/updates/rollouts",
                             "{\"name\":\"TB-1.2\",\"hours\":\"02:00-05:00\"}"),
                     201);
    assert_true(rig_says(rig, "\"stage\":1,\"state\":\"running\",\"hours\":\"02:00-05:00\","
                              "\"fail_percent\":5,\"unknown_hours\":72,\"stage_hours\":24"));
    assert_int_equal(rig_ask(rig, &admin, "POST", "/api/v1/updates/rollouts/1/stop", "{}"), 200);
    assert_true(rig_says(rig, "\"state\":\"stopped\""));
    assert_true(rig_says(rig, "\"stopped_en\":\"Stopped by staff zhou: 0 of 0 terminals"));
    assert_int_equal(rig_ask(rig, &admin, "POST", "/api/v1/updates/rollouts/1/stop", "{}"), 409);
    assert_int_equal(rig_ask(rig, &admin, "POST", "/api/v1/updates/rollouts/1/resume", "{}"), 200);
    assert_true(rig_says(rig, "\"state\":\"running\""));
    assert_int_equal(rig_ask(rig, &admin, "POST", "/api/v1/updates/rollouts/1/abort", "{}"), 200);
    assert_int_equal(rig_ask(rig, &admin, "POST", "/api/v1/updates/rollouts/1/resume", "{}"), 409);
    assert_int_equal(rig_ask(rig, &admin, "GET", "/api/v1/updates/rollouts", ""), 200);
    assert_true(rig_says(rig, "\"state\":\"aborted\"") && rig_says(rig, "\"next\":null"));
    assert_int_equal(rig_ask(rig, &admin, "GET", "/api/v1/updates/rollouts/1", ""), 200);
    assert_true(rig_says(rig, "\"confirmed\":0,\"rolled_back\":0,\"unknown\":0}"));
    assert_int_equal(rig_ask(rig, &admin, "GET", "/api/v1/updates/devices", ""), 200);
    assert_true(rig_says(rig, "\"devices\":[],\"next\":null"));
}

static void refused_by_name(void **state)
{
    (void)state;
    struct browser admin = person("zhou", "", ROLE_ADMIN);
    static const struct {
        const char *body, *code;
        unsigned status;
    } rows[] = {{"{\"name\":\"TB-1.9\"}", "no_file", 422},
                {"{\"name\":\"notes.txt\"}", "no_file", 422},
                {"{\"name\":\"TB-1.2\",\"hours\":\"noon\"}", "hours", 422},
                {"{\"name\":\"TB-1.2\",\"fail_percent\":101}", "fail_percent", 400},
                {"{\"name\":\"TB-1.2\",\"stage\":100}", "not known", 400},
                {"{}", "name", 400}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(rig_ask(rig, &admin, "POST", "/api/v1/updates/rollouts", rows[i].body),
                         rows[i].status);
        if (!rig_says(rig, rows[i].code)) fail_msg("%s: %s", rows[i].body, rig->answer);
    }
    assert_int_equal(
        rig_ask(rig, &admin, "POST", "/api/v1/updates/rollouts", "{\"name\":\"TB-1.2\"}"), 201);
    assert_int_equal(
        rig_ask(rig, &admin, "POST", "/api/v1/updates/rollouts", "{\"name\":\"TB-1.2\"}"), 409);
    assert_true(rig_says(rig, "\"older\""));
    assert_int_equal(rig_ask(rig, &admin, "GET", "/api/v1/updates/rollouts/9", ""), 404);
    assert_int_equal(rig_ask(rig, &admin, "POST", "/api/v1/updates/rollouts/9/stop", "{}"), 404);
}

static void who_may(void **state)
{
    (void)state;
    struct browser agent = person("lin", "", ROLE_AGENT);
    struct browser owner = person("wang", RIG_MID, ROLE_OWNER);
    assert_int_equal(
        rig_ask(rig, &agent, "POST", "/api/v1/updates/rollouts", "{\"name\":\"TB-1.2\"}"), 403);
    assert_int_equal(rig_ask(rig, &agent, "GET", "/api/v1/updates/rollouts", ""), 200);
    assert_true(rig_says(rig, "\"rollouts\":[]"));
    assert_in_range(rig_ask(rig, &owner, "GET", "/api/v1/updates/files", ""), 403, 404);
    assert_in_range(rig_ask(rig, &owner, "GET", "/api/v1/updates/devices", ""), 403, 404);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_roll_out_from_beginning_to_end, begin, end),
        cmocka_unit_test_setup_teardown(refused_by_name, begin, end),
        cmocka_unit_test_setup_teardown(who_may, begin, end),
    };
    return cmocka_run_group_tests_name("updates_http", tests, NULL, NULL);
}
