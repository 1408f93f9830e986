/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One effect, however often it is asked for under one Idempotency-Key (S177, HS-18). Generated from
 * the table of routes: every row that changes something is called by an owner, by the staff and by
 * a program, with a body that it takes; then a thousand times more. Each answer is the first one to
 * the byte, and nothing in the store has moved. Another call under the key is refused, the same key
 * of somebody else is another key, and what was refused was not kept. A row that nothing was
 * done with is named here, with the test that shows it, or is printed.
 */
#include "tests/unit/tenant_bench.h"

enum { REPEATS = 1000, BODY_MAX = 2048, DONE = 40 /* rows, at least */ };

/* Bodies that rows take, where their tables alone do not say what is right. */
static const struct {
    const char *method, *path, *body;
} bodies[] = {
    {"POST", "/alerts/people", "{\"people\":[],\"version\":0}"},
    {"POST", "/alerts/rules/{rule}",
     "{\"sms\":true,\"mail\":true,\"escalate_min\":9,\"version\":0}"},
    {"POST", "/alerts/trial", "{\"phone\":\"\",\"mail\":\"shop@example.com\"}"},
    {"POST", "/goods/{level}/{subject}", "{\"changes\":[],\"reason\":\"asked for\",\"version\":1}"},
    {"POST", "/devices/{tid}/commands", "{\"kind\":\"message\",\"text\":\"come here\"}"},
    {"POST", "/fleet/commands",
     "{\"kind\":\"message\",\"text\":\"come here\",\"merchant\":\"" RIG_MID "\"}"},
    {"POST", "/stock/models",
     "{\"model\":\"TB-9\",\"kind\":\"smart\",\"form\":\"TB9-####-######\"}"},
    {"POST", "/stock/lists",
     "{\"list\":\"serial,model,print\\nTB1-2031-000001,TB-1,"
     "1111111111111111111111111111111111111111111111111111111111111111\\n\"}"},
    {"POST", "/campaigns",
     "{\"name_zh\":\"x\",\"name_en\":\"x\",\"kind\":\"amount_off\",\"measure\":\"amount\","
     "\"off_minor\":5,\"from_ms\":1,\"until_ms\":2,\"budget_minor\":9,\"stacking\":\"alone\"}"},
    {"POST", "/campaigns/{campaign}",
     "{\"name_zh\":\"x\",\"name_en\":\"x\",\"kind\":\"amount_off\",\"measure\":\"amount\","
     "\"off_minor\":5,\"from_ms\":1,\"until_ms\":2,\"budget_minor\":9,\"stacking\":\"alone\","
     "\"version\":61}"},
    {"POST", "/campaigns/{campaign}/state", "{\"state\":\"ended\",\"version\":62}"},
    {"POST", "/membership/search", "{\"tail\":\"0001\"}"},
    {"POST", "/members",
     "{\"phone\":\"13800009999\",\"text_version\":\"2026-11\",\"programme\":true,"
     "\"messages\":false}"},
    {"POST", "/members/{member}",
     "{\"version\":" TENANT_MEMBER_VERSION ",\"name\":\"x\",\"birthday\":0}"},
    {"POST", "/members/{member}/consents", "{\"consent\":\"messages\",\"given\":false}"},
    {"POST", "/members/{member}/points", "{\"points\":5,\"reason\":\"x\"}"},
    {"POST", "/programme",
     "{\"version\":" TENANT_PROGRAMME_VERSION
     ",\"tiers\":[{\"from_minor\":0,\"per_100_yuan\":9}],\"bonuses\":[],"
     "\"points_per_yuan\":9,\"expiry_months\":9,\"quiet_from_minute\":0,"
     "\"quiet_until_minute\":0,\"messages_a_week\":0,\"may_be_free\":false}"},
    {"POST", "/regions/{region}/rename", "{\"name\":\"west\"}"},
    {"POST", "/groups/{group}/rename", "{\"name\":\"night\"}"},
    {"POST", "/webhooks", "{\"url\":\"https://shop.example/hook\",\"kinds\":[\"key.made\"]}"},
    {"PUT", "/webhooks/{webhook}/kinds", "{\"kinds\":[\"key.made\"]}"},
    {"POST", "/applicants/mine", "{\"identity\":\"110108198005062314\"}"},
    {"POST", "/applicants/listed", "{\"identity\":\"110108198005062314\",\"listed\":true}"},
    {"POST", "/upkeep/places",
     "{\"merchant\":\"" RIG_MID "\",\"outlet\":1,\"latitude_e6\":31230416,"
     "\"longitude_e6\":121473701,\"radius_m\":500,\"policy\":\"warn\"}"},
};

/*
 * Rows that take nothing in the state in which the makers leave their objects: the tests named show
 * what they do, and that it is refused when it was done. That a row's answer is kept with its
 * effect, in one commit, is held by the gate for all of them (gate.c: `committed`).
 */
static const struct {
    const char *path, *where;
} elsewhere[] = {
    {"/alerts/trial", "backoffice_alerts_test"},
    {"/applications/{number}/code", "applications_life_test"},
    {"/applications/{number}/phone", "applications_life_test"},
    {"/applications/{number}/send", "applications_life_test"},
    {"/applications/{number}/notes", "applications_review_test"},
    {"/applications/{number}/checks", "applications_review_test"},
    {"/applications/{number}/proposal", "applications_review_test"},
    {"/applications/{number}/decision", "applications_review_test"},
    {"/applications/{number}/return", "applications_review_test"},
    {"/groups/{group}/devices", "fleet_groups_test"},
    {"/groups/{group}/devices/remove", "fleet_groups_test"},
    {"/contracts/{merchant}/changes", "contracts_change_test"},
    {"/contracts/{merchant}/changes/{id}/withdraw", "contracts_change_test"},
    {"/contracts/{merchant}/changes/{id}/decision", "contracts_change_test"},
    {"/papers/{merchant}/changes/{id}/{paper}", "contracts_papers_test"},
    {"/papers/{merchant}/payouts/{id}/{paper}", "contracts_papers_test"},
    {"/contracts/{merchant}/end", "contracts_test"},
    {"/contracts/{merchant}/end/withdraw", "contracts_test"},
    {"/contracts/{merchant}/end/decision", "contracts_test"},
    {"/contracts/{merchant}/end/close", "contracts_test"},
    {"/contracts/{merchant}/end/returns", "contracts_test"},
    {"/stock/merchants", "stock_joint_test"},
    {"/stock/terminals/{serial}/assign", "stock_joint_test"},
    {"/stock/terminals/{serial}/assign_contract", "stock_test"},
    {"/stock/terminals/{serial}/pack", "stock_test"},
    {"/stock/terminals/{serial}/unpack", "stock_test"},
    {"/stock/terminals/{serial}/ship", "stock_test"},
    {"/stock/terminals/{serial}/deliver", "stock_test"},
    {"/stock/terminals/{serial}/return", "stock_test"},
    {"/stock/terminals/{serial}/restock", "stock_test"},
    {"/stock/terminals/{serial}/code", "stock_activation_test"},
    {"/stock/terminals/{serial}/replace", "stock_replacement_test"},
    {"/stock/terminals/{serial}/replace/approve", "stock_replacement_test"},
    {"/stock/terminals/{serial}/replace/refuse", "stock_replacement_test"},
    {"/updates/rollouts", "updates_http_test"},
    {"/updates/rollouts/{id}/stop", "updates_http_test"},
    {"/webhooks/{webhook}/deliveries/{delivery}/again", "backoffice_webhooks_test"},
};

struct actor {
    const char *name;
    struct browser browser;
};

struct scene {
    struct bench bench;
    struct actor actor[3];
    unsigned keys; /* that were used */
    size_t rows, effects, repeats;
};

static struct answer first, again;

static void body_of(const struct api_route *row, char out[BODY_MAX])
{
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        if (strcmp(bodies[i].method, row->method) != 0 || strcmp(bodies[i].path, row->path) != 0)
            continue;
        snprintf(out, BODY_MAX, "%s", bodies[i].body);
        return;
    }
    (void)body_with(row, -1, "", out, BODY_MAX);
}

/* Rows of the store that were ever written. */
static int64_t written(struct scene *s)
{
    int64_t count = -1;
    assert_ok(store_query_int(s->bench.rig->b->store, "SELECT total_changes()", &count));
    return count;
}

static int64_t kept(struct scene *s)
{
    int64_t count = -1;
    assert_ok(store_query_int(s->bench.rig->b->store, "SELECT count(*) FROM api_repeat", &count));
    return count;
}

/* The first answer, and the same with the mark of a repeat in front; a secret is not told again. */
static void same_as_first(const struct api_route *row, const struct actor *actor)
{
    static const char mark[] = "Idempotent-Replayed: true\n";
    if (strncmp(again.text, mark, sizeof mark - 1) != 0)
        fail_msg("%s %s as %s was called again: %u %.300s", row->method, row->path, actor->name,
                 again.status, again.text);
    if (row->flags & API_SECRET) {
        assert_int_equal(again.status, 409);
        assert_non_null(strstr(again.text, "shown_once"));
        return;
    }
    assert_int_equal(again.status, first.status);
    const char *said = strchr(first.text, '{'), *repeated = strchr(again.text, '{');
    assert_non_null(said);
    assert_non_null(repeated);
    assert_string_equal(repeated, said);
}

static void repeat_it(struct scene *s, const struct api_route *row, struct actor *actor,
                      const char *path, const char *body)
{
    char other[BODY_MAX + 8];
    int64_t before = written(s);
    for (size_t i = 0; i < REPEATS; i++) {
        ask(&s->bench, &actor->browser, row->method, path, body, &again);
        same_as_first(row, actor);
    }
    s->repeats += REPEATS;
    if (written(s) != before)
        fail_msg("%s %s as %s: repeats have written", row->method, row->path, actor->name);
    /* One blank more is another call, as far as anybody can tell. */
    if (row->body == NULL) return;
    snprintf(other, sizeof other, "%s ", body);
    ask(&s->bench, &actor->browser, row->method, path, other, &again);
    assert_int_equal(again.status, 422);
    assert_non_null(strstr(again.text, "\"idempotency_key\""));
}

/* True when it was done. */
static bool call_it(struct scene *s, const struct api_route *row, struct actor *actor)
{
    char path[512], body[BODY_MAX], key[24];
    snprintf(key, sizeof key, "repeat-%u", ++s->keys);
    actor->browser.repeat = key;
    path_with(row, &s->bench.ids_a1, SIZE_MAX, "", path, sizeof path);
    body_of(row, body);
    int64_t before = kept(s);
    ask(&s->bench, &actor->browser, row->method, path, body, &first);
    bool done = first.status < 300;
    assert_int_equal(kept(s), before + (done ? 1 : 0));
    if (done) repeat_it(s, row, actor, path, body);
    actor->browser.repeat = NULL;
    return done;
}

static const char *reason_of(const struct api_route *row)
{
    for (size_t i = 0; i < ARRAY_LEN(elsewhere); i++)
        if (strcmp(elsewhere[i].path, row->path) == 0) return elsewhere[i].where;
    return NULL;
}

static void open_scene(struct scene *s)
{
    open_bench(&s->bench);
    tenant_rest(s->bench.rig);
    add_key(&s->bench, &s->bench.a1, &s->bench.ids_a1, "key of a", 0);
    s->actor[0] = (struct actor){"owner", s->bench.owner_a};
    s->actor[1] = (struct actor){"staff", s->bench.staff};
    s->actor[2] = (struct actor){"program", s->bench.caller[s->bench.callers - 1].browser};
}

static void every_change_is_made_once(void **state)
{
    (void)state;
    static struct scene s;
    const struct api_route *row;
    size_t rows_done = 0;
    open_scene(&s);
    for (size_t i = 0; (row = api_route_at(i)) != NULL; i++) {
        bool done = false;
        if (strcmp(row->method, "GET") == 0) continue;
        s.rows++;
        for (size_t a = 0; a < ARRAY_LEN(s.actor); a++)
            if (call_it(&s, row, &s.actor[a])) done = true, s.effects++;
        rows_done += done;
        if (done || reason_of(row) != NULL) continue;
        print_message("%s %s is done by nobody: %u %.200s\n", row->method, row->path, first.status,
                      first.text);
    }
    print_message("%zu rows that change something, %zu were done, %zu effects, %zu repeats\n",
                  s.rows, rows_done, s.effects, s.repeats);
    assert_true(rows_done >= DONE);
    rig_close(s.bench.rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_change_is_made_once)};
    return cmocka_run_group_tests_name("backoffice_repeats", tests, NULL, NULL);
}
