/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who enters applications for others (S143): a merchant's key walks the whole road, sees what it
 * has entered with masks, and nobody else's; and the list of risks, which keeps no number (S130).
 */
#include "backoffice/applications/checks.h"
#include "tests/unit/applications_bench.h"

#define DAY_MS INT64_C(86400000)
#define MINE   "SQ00000001"

#define SENT(call) assert_int_equal(call, 200)

/* ---- those who enter for others ---- */

static void an_agent_sees_its_own_and_no_numbers(void **state)
{
    (void)state;
    struct bench t = bench_open();
    struct browser li = {.realm = "console"}, wu = {.realm = "console"}, key = {0};
    char code[7], secret[80], held[100];
    (void)rig_known(t.rig, &li, "li", ROLE_OWNER);
    t.rig->mid = "898310153110002";
    (void)rig_known(t.rig, &wu, "wu", ROLE_OWNER);
    assert_int_equal(rig_post(t.rig, &li, "/api/v1/keys",
                              "{\"name\":\"field\",\"scopes\":[\"applications:read\","
                              "\"applications:write\"],\"days\":30}"),
                     201);
    rig_member(t.rig, "secret", secret, sizeof secret);
    snprintf(held, sizeof held, "Bearer %s", secret);
    key.key = held;
    assert_int_equal(rig_post(t.rig, &key, "/api/v1/applications", "{\"english\":true}"), 201);
    assert_true(rig_says(t.rig, MINE) && rig_says(t.rig, "\"agent\":\"" RIG_MID "\""));
    assert_int_equal(rig_ask(t.rig, &key, "PUT", "/api/v1/applications/" MINE,
                             "{\"shop\":\"x\",\"phone\":\"1\"}"),
                     422);
    assert_true(rig_says(t.rig, "[shop]") && rig_says(t.rig, "[phone]"));
    SENT(rig_ask(t.rig, &key, "PUT", "/api/v1/applications/" MINE,
                 "{\"type\":\"micro\",\"needs\":\"mobile cards\",\"turnover\":\"120,000\",\"shop\":"
                 "\"海淀区流动茶摊\",\"trade\":\"5812\",\"region\":\"110108\",\"address\":"
                 "\"海淀黄庄路口\",\"owner\":\"王小明\",\"identity\":\"" BENCH_IDENTITY
                 "\",\"identity_ends\":\"2040-01-31\",\"phone\":\"" BENCH_PHONE
                 "\",\"bank\":\"中国银行\",\"holder\":\"王小明\",\"account\":\"" BENCH_ACCOUNT
                 "\"}"));
    assert_true(rig_says(t.rig, "139****1234") && rig_says(t.rig, "110***********2314"));
    assert_false(rig_says(t.rig, BENCH_IDENTITY) || rig_says(t.rig, BENCH_ACCOUNT) ||
                 rig_says(t.rig, BENCH_PHONE));
    assert_int_equal(rig_post(t.rig, &key, "/api/v1/applications/" MINE "/send", "{}"), 409);
    assert_true(rig_says(t.rig, "\"error\":\"phone\""));
    SENT(rig_post(t.rig, &key, "/api/v1/applications/" MINE "/code", "{}"));
    rig_turn(t.rig);
    bench_code(&t, code);
    assert_int_equal(rig_post(t.rig, &key, "/api/v1/applications/" MINE "/phone",
                              "{\"code\":\"%s\"}", strcmp(code, "000000") == 0 ? "1" : "000000"),
                     409);
    SENT(rig_post(t.rig, &key, "/api/v1/applications/" MINE "/phone", "{\"code\":\"%s\"}", code));
    SENT(rig_post(t.rig, &key, "/api/v1/applications/" MINE "/send", "{}"));
    assert_true(rig_says(t.rig, "\"state\":\"review\"") &&
                rig_says(t.rig, "\"outcome\":\"eligible\""));
    /* Somebody else's is not there, by every road. */
    static const struct {
        const char *method, *path, *body;
    } roads[] = {{"GET", "", ""},         {"GET", "/timeline", ""}, {"PUT", "", "{}"},
                 {"POST", "/code", "{}"}, {"POST", "/send", "{}"},  {"POST", "/withdraw", "{}"}};
    for (size_t i = 0; i < ARRAY_LEN(roads); i++) {
        char path[80], missing[300];
        snprintf(path, sizeof path, "/api/v1/applications/SQ00000099%s", roads[i].path);
        assert_int_equal(rig_ask(t.rig, &wu, roads[i].method, path, roads[i].body), 404);
        snprintf(missing, sizeof missing, "%.299s", t.rig->answer);
        snprintf(path, sizeof path, "/api/v1/applications/" MINE "%s", roads[i].path);
        assert_int_equal(rig_ask(t.rig, &wu, roads[i].method, path, roads[i].body), 404);
        assert_string_equal(t.rig->answer, missing);
    }
    SENT(rig_ask(t.rig, &wu, "GET", "/api/v1/applications", ""));
    assert_true(rig_says(t.rig, "\"applications\":[]"));
    SENT(rig_ask(t.rig, &key, "GET", "/api/v1/applications", ""));
    assert_true(rig_says(t.rig, MINE));
    SENT(rig_post(t.rig, &key, "/api/v1/applications/" MINE "/withdraw", "{}"));
    rig_close(t.rig);
}

static void a_listed_identity_is_not_kept(void **state)
{
    (void)state;
    struct bench t = bench_open();
    struct browser admin = {.realm = "staff"};
    struct bytes image;
    (void)rig_known(t.rig, &admin, "root", ROLE_ADMIN);
    assert_int_equal(rig_post(t.rig, &admin, "/api/v1/applicants/listed",
                              "{\"identity\":\"110108198005062315\"}"),
                     422);
    SENT(rig_post(t.rig, &admin, "/api/v1/applicants/listed",
                  "{\"identity\":\"" BENCH_IDENTITY "\"}"));
    assert_ok(store_anchor_image(t.rig->anchor, &image));
    assert_null(memmem(image.at, image.len, BENCH_IDENTITY, 18));
    store_image_free(image);
    bench_ready(&t);
    assert_int_equal(bench_send(&t), APPLY_VERDICT_REFUSED);
    SENT(rig_post(t.rig, &admin, "/api/v1/applicants/listed",
                  "{\"identity\":\"" BENCH_IDENTITY "\",\"listed\":false}"));
    rig_pass(t.rig, DAY_MS);
    bench_ready(&t);
    assert_int_equal(bench_send(&t), APPLY_VERDICT_OK);
    rig_close(t.rig);
}

static struct asked_last {
    unsigned count;
    char name[APPLY_TEXT_MAX + 1], identity[24], licence[24]; /* of the account */
} asked;

static err take_question(void *context, const struct check_question *q)
{
    struct asked_last *last = context;
    last->count++;
    if (q->kind != CHECK_ACCOUNT) return OK;
    snprintf(last->name, sizeof last->name, "%s", q->name);
    snprintf(last->identity, sizeof last->identity, "%s", q->identity);
    snprintf(last->licence, sizeof last->licence, "%s", q->licence == NULL ? "" : q->licence);
    return OK;
}

/* The account of a business goes with the business's document, and a person's with the person's. */
static void an_account_is_asked_for_with_its_holders_document(void **state)
{
    (void)state;
    static const struct {
        const char *type, *holder;
        bool business;
    } rows[] = {{"individual", "王小明", false},
                {"individual", "海淀区开源茶馆", true},
                {"company", "北京开源茶馆有限公司", true},
                {"company", "王小明", true},
                {"micro", "王小明", false},
                {"micro", "开源茶馆", false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bench t = bench_open();
        t.as->checks = (struct check_ports){&asked, take_question};
        memset(&asked, 0, sizeof asked);
        bench_ready(&t);
        assert_int_equal(bench_save(&t, APPLY_TYPE, rows[i].type), APPLY_VERDICT_OK);
        assert_int_equal(bench_save(&t, APPLY_HOLDER, rows[i].holder), APPLY_VERDICT_OK);
        assert_int_equal(bench_send(&t), APPLY_VERDICT_OK);
        rig_pass(t.rig, 1000);
        assert_int_equal(asked.count, 2);
        assert_string_equal(asked.name, rows[i].holder);
        assert_string_equal(asked.licence, rows[i].business ? "92110108MA00ABCD1Q" : "");
        assert_string_equal(asked.identity, rows[i].business ? "" : BENCH_IDENTITY);
        rig_close(t.rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_account_is_asked_for_with_its_holders_document),
        cmocka_unit_test(an_agent_sees_its_own_and_no_numbers),
        cmocka_unit_test(a_listed_identity_is_not_kept),
    };
    return cmocka_run_group_tests_name("applications_agent", tests, NULL, NULL);
}
