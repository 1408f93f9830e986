/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A merchant's programme and campaigns below /api/v1 (S150, S153): written, changed by two owners,
 * started, paused, ended; refusals with their words; whose they are; and what is asked again after
 * the host has lost the answer is done once.
 */
#include "tests/unit/backoffice_people_rig.h"

static const char programme[] =
    "{\"version\":%d,\"tiers\":[{\"from_minor\":0,\"per_100_yuan\":100}],\"bonuses\":[],"
    "\"points_per_yuan\":100,\"expiry_months\":12,\"quiet_from_minute\":1260,"
    "\"quiet_until_minute\":540,\"messages_a_week\":1,\"may_be_free\":false}";

static const char campaign[] =
    "{\"name_zh\":\"满减\",\"name_en\":\"Spring\",\"kind\":\"amount_off\",\"measure\":\"amount\","
    "\"off_minor\":1000,\"minimum_minor\":%d,\"from_ms\":1,\"until_ms\":4000000000000,"
    "\"budget_minor\":%d,\"stacking\":\"with_others\",\"shops\":[%s],\"version\":%d}";

struct people {
    struct browser owner, second, cashier, other, outlet;
};

static struct rig *with_people(struct people *p)
{
    struct rig *rig = rig_open_desk(true);
    *p = (struct people){{.realm = "console"},
                         {.realm = "console"},
                         {.realm = "console"},
                         {.realm = "console"},
                         {.realm = "console"}};
    rig->mid = RIG_MID;
    (void)rig_known(rig, &p->owner, "owner", ROLE_OWNER);
    (void)rig_known(rig, &p->second, "second", ROLE_OWNER);
    (void)rig_known(rig, &p->cashier, "cashier", ROLE_CASHIER);
    rig->outlet = 1;
    (void)rig_known(rig, &p->outlet, "outlet", ROLE_MANAGER);
    rig->outlet = 0;
    rig->mid = "898310153110002";
    (void)rig_known(rig, &p->other, "other", ROLE_OWNER);
    return rig;
}

static unsigned get(struct rig *rig, struct browser *b, const char *path)
{
    char full[120];
    snprintf(full, sizeof full, "/api/v1%s", path);
    rig->now_ms += 2000; /* callers pay by the second */
    return rig_ask(rig, b, "GET", full, "");
}

static unsigned save_campaign(struct rig *rig, struct browser *b, const char *path, int minimum,
                              int budget, const char *shops, int version)
{
    char full[120];
    snprintf(full, sizeof full, "/api/v1/campaigns%s", path);
    rig->now_ms += 2000;
    return rig_post(rig, b, full, campaign, minimum, budget, shops, version);
}

static unsigned set_state(struct rig *rig, struct browser *b, const char *path, const char *state,
                          int version)
{
    char full[120];
    snprintf(full, sizeof full, "/api/v1/campaigns%s/state", path);
    rig->now_ms += 2000;
    return rig_post(rig, b, full, "{\"state\":\"%s\",\"version\":%d}", state, version);
}

static void a_programme_is_suggested_and_saved(void **state)
{
    (void)state;
    struct people p;
    struct rig *rig = with_people(&p);
    assert_int_equal(get(rig, &p.owner, "/programme"), 200);
    assert_true(rig_says(rig, "\"version\":0"));
    assert_int_equal(save_campaign(rig, &p.owner, "", 0, 100, "", 0), 409);
    assert_true(rig_says(rig, "\"no_programme\""));
    assert_int_equal(rig_post(rig, &p.owner, "/api/v1/programme", programme, 0), 200);
    assert_true(rig_says(rig, "\"version\":1"));
    assert_int_equal(rig_post(rig, &p.second, "/api/v1/programme", programme, 7), 409);
    assert_true(rig_says(rig, "\"changed_meanwhile\""));
    assert_int_equal(get(rig, &p.cashier, "/programme"), 403);
    assert_int_equal(get(rig, &p.outlet, "/programme"), 404); /* of all outlets, not of his */
    rig_close(rig);
}

static void two_owners_and_one_campaign(void **state)
{
    (void)state;
    struct people p;
    struct rig *rig = with_people(&p);
    char id[24], path[32];
    assert_int_equal(rig_post(rig, &p.owner, "/api/v1/programme", programme, 0), 200);
    assert_int_equal(save_campaign(rig, &p.owner, "", 0, 0, "", 0), 422);
    assert_true(rig_says(rig, "\"budget_zero\""));
    assert_int_equal(save_campaign(rig, &p.owner, "", 999, 5000, "", 0), 422);
    assert_true(rig_says(rig, "\"campaign_fault\"") && rig_says(rig, "above the price"));
    assert_int_equal(save_campaign(rig, &p.owner, "", 0, 5000, "\"2\",\"x\"", 0), 422);
    assert_true(rig_says(rig, "64 different shops"));
    assert_int_equal(save_campaign(rig, &p.owner, "", 0, 5000, "\"1\",\"20\"", 0), 201);
    assert_true(rig_says(rig, "\"state\":\"draft\"") && rig_says(rig, "\"shops\":[\"1\",\"20\"]"));
    rig_member(rig, "campaign", id, sizeof id);
    snprintf(path, sizeof path, "/%s", id);

    assert_int_equal(save_campaign(rig, &p.second, path, 2000, 6000, "", 1), 200);
    assert_true(rig_says(rig, "\"version\":2") && rig_says(rig, "\"minimum_minor\":2000"));
    assert_int_equal(save_campaign(rig, &p.owner, path, 3000, 7000, "", 1), 409);
    assert_true(rig_says(rig, "\"changed_meanwhile\""));
    assert_int_equal(set_state(rig, &p.owner, path, "paused", 2), 409);
    assert_true(rig_says(rig, "\"campaign_state\""));
    assert_int_equal(set_state(rig, &p.owner, path, "running", 2), 200);
    assert_true(rig_says(rig, "\"left_minor\":6000") && rig_says(rig, "\"state\":\"running\""));
    assert_int_equal(get(rig, &p.owner, "/campaigns"), 200);
    assert_true(rig_says(rig, id) && rig_says(rig, "\"next\":null"));

    char effect[64], one[64];
    snprintf(effect, sizeof effect, "/campaigns%s/effect", path);
    snprintf(one, sizeof one, "/campaigns%s", path);
    assert_int_equal(get(rig, &p.owner, effect), 200);
    assert_true(rig_says(rig, "\"times\":0") && rig_says(rig, "\"days\":7"));
    assert_int_equal(get(rig, &p.other, one), 404);
    assert_int_equal(get(rig, &p.outlet, one), 404);
    assert_int_equal(get(rig, &p.cashier, one), 403);
    assert_int_equal(set_state(rig, &p.other, path, "ended", 3), 404);
    assert_int_equal(set_state(rig, &p.owner, path, "ended", 3), 200);
    assert_true(rig_says(rig, "\"left_minor\":0"));
    rig_close(rig);
}

/* loyalty.db has committed, and the answer was lost with what backoffice.db knew of it. */
static void what_is_asked_again_is_done_once(void **state)
{
    (void)state;
    struct people p;
    struct rig *rig = with_people(&p);
    char first[24], again[24];
    assert_int_equal(rig_post(rig, &p.owner, "/api/v1/programme", programme, 0), 200);
    p.owner.repeat = "make-1";
    assert_int_equal(save_campaign(rig, &p.owner, "", 0, 5000, "", 0), 201);
    rig_member(rig, "campaign", first, sizeof first);
    assert_ok(store_exec(rig->b->store, "DELETE FROM api_repeat"));
    assert_int_equal(save_campaign(rig, &p.owner, "", 0, 5000, "", 0), 201);
    rig_member(rig, "campaign", again, sizeof again);
    assert_string_equal(again, first);
    p.owner.repeat = NULL;
    int64_t count = 0;
    assert_ok(store_query_int(rig->b->loyalty, "SELECT count(*) FROM campaign", &count));
    assert_int_equal(count, 1);
    rig_close(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_programme_is_suggested_and_saved),
        cmocka_unit_test(two_owners_and_one_campaign),
        cmocka_unit_test(what_is_asked_again_is_done_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
