/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members below /api/v1 (S146, S147, S148, S154): enrolled with the text of consent that is in
 * force, found by number, tail and code, seen masked; corrected, points corrected with a reason,
 * consents taken back, exported whole, erased. Whose they are, who may, and that no clear number is
 * in loyalty.db. When the hsm is away nothing is half done.
 */
#include "loyalty/points.h"
#include "tests/unit/backoffice_people_rig.h"

static const char programme[] =
    "{\"version\":0,\"tiers\":[{\"from_minor\":0,\"per_100_yuan\":100}],\"bonuses\":[],"
    "\"points_per_yuan\":100,\"expiry_months\":12,\"quiet_from_minute\":1260,"
    "\"quiet_until_minute\":540,\"messages_a_week\":1,\"may_be_free\":false}";

static const char enrolment[] =
    "{\"phone\":\"%s\",\"name\":\"%s\",\"birthday\":%d,\"text_version\":\"%s\",\"programme\":%s,"
    "\"messages\":true}";

enum { BIRTHDAY = 229 };

struct people {
    struct browser owner, manager, cashier, other;
};

static struct rig *with_people(struct people *p)
{
    struct rig *rig = rig_open_desk(true);
    *p = (struct people){
        {.realm = "console"}, {.realm = "console"}, {.realm = "console"}, {.realm = "console"}};
    rig->mid = RIG_MID;
    (void)rig_known(rig, &p->owner, "owner", ROLE_OWNER);
    (void)rig_known(rig, &p->manager, "manager", ROLE_MANAGER);
    rig->outlet = 1;
    (void)rig_known(rig, &p->cashier, "cashier", ROLE_CASHIER);
    rig->outlet = 0;
    rig->mid = "898310153110002";
    (void)rig_known(rig, &p->other, "other", ROLE_OWNER);
    assert_int_equal(rig_post(rig, &p->owner, "/api/v1/programme", "%s", programme), 200);
    return rig;
}

/* Callers pay by the second. */
static unsigned get(struct rig *rig, struct browser *b, const char *path)
{
    rig->now_ms += 2000;
    return rig_ask(rig, b, "GET", path, "");
}

static unsigned post(struct rig *rig, struct browser *b, const char *path, const char *body)
{
    rig->now_ms += 2000;
    return rig_post(rig, b, path, "%s", body);
}

static unsigned enrol(struct rig *rig, struct browser *b, const char *phone, const char *name,
                      const char *version, const char *programme_too)
{
    rig->now_ms += 2000;
    return rig_post(rig, b, "/api/v1/members", enrolment, phone, name, BIRTHDAY, version,
                    programme_too);
}

static unsigned search(struct rig *rig, struct browser *b, const char *by, const char *text)
{
    rig->now_ms += 2000;
    return rig_post(rig, b, "/api/v1/membership/search", "{\"%s\":\"%s\"}", by, text);
}

/* "/api/v1/members/<id><what>" of a member who was enrolled just now. */
struct path {
    char text[96];
};

static struct path of(const char *id, const char *what)
{
    struct path path;
    snprintf(path.text, sizeof path.text, "/api/v1/members/%s%s", id, what);
    return path;
}

static void li(struct rig *rig, struct people *p, char id[24])
{
    assert_int_equal(enrol(rig, &p->owner, "13800005678", "李雷", "2026-11", "true"), 201);
    rig_member(rig, "member", id, 24);
}

static void a_member_is_enrolled_and_found(void **state)
{
    (void)state;
    struct people p;
    struct rig *rig = with_people(&p);
    char id[24], code[24];
    int64_t clear = -1;
    assert_int_equal(get(rig, &p.owner, "/api/v1/membership/texts"), 200);
    assert_true(rig_says(rig, "\"version\":\"2026-11\"") && rig_says(rig, "我同意成为本店会员"));
    assert_int_equal(enrol(rig, &p.owner, "13800005678", "李雷", "2025-01", "true"), 409);
    assert_int_equal(enrol(rig, &p.owner, "13800005678", "李雷", "2026-11", "false"), 422);
    assert_true(rig_says(rig, "\"no_consent\""));
    assert_int_equal(enrol(rig, &p.owner, "138-0000-5678", "李雷", "2026-11", "true"), 422);
    assert_true(rig_says(rig, "\"phone\""));
    li(rig, &p, id);
    assert_true(rig_says(rig, "\"phone\":\"138****5678\"") && rig_says(rig, "李雷"));
    assert_true(rig_says(rig, "\"messages\":true") && rig_says(rig, "\"birthday\":229"));
    rig_member(rig, "code", code, sizeof code);
    assert_int_equal(enrol(rig, &p.manager, "+8613800005678", "另一", "2026-11", "true"), 409);
    assert_true(rig_says(rig, "\"known\""));
    assert_int_equal(enrol(rig, &p.manager, "13911115678", "韩梅梅", "2026-11", "true"), 201);

    assert_int_equal(search(rig, &p.owner, "phone", "13800005678"), 200);
    assert_true(rig_says(rig, id) && !rig_says(rig, "韩"));
    assert_int_equal(search(rig, &p.cashier, "tail", "5678"), 200);
    assert_true(rig_says(rig, id) && rig_says(rig, "139****5678"));
    assert_true(rig_says(rig, "李*") && !rig_says(rig, "李雷"));
    assert_int_equal(search(rig, &p.cashier, "code", code), 200);
    assert_true(rig_says(rig, id));
    assert_int_equal(search(rig, &p.owner, "tail", "0000"), 200);
    assert_true(rig_says(rig, "\"members\":[]"));
    assert_int_equal(search(rig, &p.owner, "tail", "56x8"), 422);
    assert_int_equal(search(rig, &p.other, "phone", "13800005678"), 200);
    assert_true(rig_says(rig, "\"members\":[]"));
    assert_ok(store_query_int(rig->b->loyalty,
                              "SELECT count(*) FROM member WHERE instr(phone_sealed, x'3133383030')"
                              " OR instr(name_sealed, x'e69d8e')",
                              &clear));
    assert_int_equal(clear, 0);
    rig_close(rig);
}

static void whose_they_are_and_who_may(void **state)
{
    (void)state;
    struct people p;
    struct rig *rig = with_people(&p);
    char id[24];
    li(rig, &p, id);
    assert_int_equal(get(rig, &p.owner, of(id, "").text), 200);
    assert_int_equal(get(rig, &p.manager, of(id, "").text), 200);
    assert_int_equal(get(rig, &p.other, of(id, "").text), 404);
    assert_int_equal(get(rig, &p.cashier, of(id, "").text), 403);
    assert_int_equal(enrol(rig, &p.cashier, "13800001111", "x", "2026-11", "true"), 403);
    assert_int_equal(
        post(rig, &p.manager, of(id, "/points").text, "{\"points\":5,\"reason\":\"x\"}"), 403);
    assert_int_equal(post(rig, &p.other, of(id, "/points").text, "{\"points\":5,\"reason\":\"x\"}"),
                     404);
    assert_int_equal(get(rig, &p.manager, of(id, "/export").text), 403);
    rig->hsm_away = true;
    assert_int_equal(get(rig, &p.owner, of(id, "").text), 503);
    assert_int_equal(search(rig, &p.owner, "tail", "5678"), 503);
    assert_int_equal(enrol(rig, &p.owner, "13800001111", "x", "2026-11", "true"), 503);
    rig->hsm_away = false;
    assert_int_equal(search(rig, &p.owner, "tail", "1111"), 200);
    assert_true(rig_says(rig, "\"members\":[]"));
    rig_close(rig);
}

static void a_member_is_corrected(void **state)
{
    (void)state;
    struct people p;
    struct rig *rig = with_people(&p);
    char id[24];
    static const char change[] = "{\"version\":1,\"name\":\"李蕾\",\"birthday\":1231}";
    static const char bad_day[] = "{\"version\":2,\"name\":\"\",\"birthday\":230}";
    li(rig, &p, id);
    assert_int_equal(post(rig, &p.manager, of(id, "").text, change), 200);
    assert_true(rig_says(rig, "李蕾") && rig_says(rig, "\"version\":2"));
    assert_int_equal(post(rig, &p.owner, of(id, "").text, change), 409);
    assert_true(rig_says(rig, "\"changed_meanwhile\""));
    assert_int_equal(post(rig, &p.owner, of(id, "").text, bad_day), 422);

    const struct path points = of(id, "/points");
    p.owner.repeat = "points-1";
    assert_int_equal(post(rig, &p.owner, points.text, "{\"points\":50,\"reason\":\"开业赠送\"}"),
                     200);
    assert_true(rig_says(rig, "\"free\":50") && rig_says(rig, "开业赠送"));
    assert_ok(store_exec(rig->b->store, "DELETE FROM api_repeat")); /* the answer was lost */
    assert_int_equal(post(rig, &p.owner, points.text, "{\"points\":50,\"reason\":\"开业赠送\"}"),
                     200);
    assert_true(rig_says(rig, "\"free\":50"));
    p.owner.repeat = NULL;
    assert_int_equal(post(rig, &p.owner, points.text, "{\"points\":-51,\"reason\":\"x\"}"), 422);
    assert_true(rig_says(rig, "\"points_short\""));
    assert_int_equal(post(rig, &p.owner, points.text, "{\"points\":0,\"reason\":\"x\"}"), 422);
    assert_int_equal(post(rig, &p.owner, points.text, "{\"points\":-20,\"reason\":\"x\"}"), 200);
    assert_true(rig_says(rig, "\"free\":30"));
    rig_close(rig);
}

static void consents_are_taken_back_and_a_member_is_erased(void **state)
{
    (void)state;
    struct people p;
    struct rig *rig = with_people(&p);
    char id[24], name[24];
    li(rig, &p, id);
    const struct path consents = of(id, "/consents");
    assert_int_equal(
        post(rig, &p.manager, consents.text, "{\"consent\":\"messages\",\"given\":false}"), 200);
    assert_true(rig_says(rig, "\"messages\":false") && rig_says(rig, "\"programme\":true"));
    assert_int_equal(post(rig, &p.owner, consents.text,
                          "{\"consent\":\"card\",\"given\":true,\"text_version\":\"2026-11\"}"),
                     422);
    assert_int_equal(
        post(rig, &p.owner, consents.text, "{\"consent\":\"messages\",\"given\":true}"), 409);
    assert_int_equal(
        post(rig, &p.owner, consents.text, "{\"consent\":\"programme\",\"given\":false}"), 200);
    assert_true(rig_says(rig, "\"state\":\"left\""));
    assert_int_equal(post(rig, &p.owner, consents.text,
                          "{\"consent\":\"programme\",\"given\":true,"
                          "\"text_version\":\"2026-11\"}"),
                     200);
    assert_int_equal(
        post(rig, &p.owner, of(id, "/points").text, "{\"points\":7,\"reason\":\"李雷说\"}"), 200);

    assert_int_equal(get(rig, &p.owner, of(id, "/export").text), 200);
    assert_true(rig_says(rig, "\"phone\":\"13800005678\"") && rig_says(rig, "李雷说"));
    assert_true(rig_says(rig, "text_version=2026-11") && rig_says(rig, "\"next\":null"));
    assert_int_equal(post(rig, &p.owner, of(id, "/erase").text, "{}"), 200);
    assert_true(rig_says(rig, "\"state\":\"erased\"") && rig_says(rig, "\"code\":\"\""));
    rig_member(rig, "name", name, sizeof name);
    assert_string_equal(name, "");
    assert_false(rig_says(rig, "李雷说"));
    assert_int_equal(search(rig, &p.owner, "phone", "13800005678"), 200);
    assert_true(rig_says(rig, "\"members\":[]"));
    rig_close(rig);
}

/* A year and a month later the points are gone, though nobody has asked for them, and the tier that
 * he had by what he bought long ago has fallen. */
static void by_the_clock_points_run_out_and_tiers_fall(void **state)
{
    (void)state;
    struct people p;
    struct rig *rig = with_people(&p);
    char id[24];
    int64_t rest = -1, tiers = -1, differing = -1;
    li(rig, &p, id);
    assert_int_equal(
        post(rig, &p.owner, of(id, "/points").text, "{\"points\":50,\"reason\":\"x\"}"), 200);
    assert_ok(store_exec(rig->b->loyalty, "UPDATE member SET tier = 1"));
    rig_pass(rig, 60000);
    assert_ok(store_query_int(rig->b->loyalty, "SELECT sum(rest) FROM points_lot", &rest));
    assert_int_equal(rest, 50);
    rig_pass(rig, INT64_C(390) * 86400000);
    for (int i = 0; i < 3; i++) rig_pass(rig, 1000);
    assert_ok(store_query_int(rig->b->loyalty, "SELECT sum(rest) FROM points_lot", &rest));
    assert_ok(store_query_int(rig->b->loyalty, "SELECT sum(tier) FROM member", &tiers));
    assert_ok(loyalty_points_check(rig->b->loyalty, &differing));
    assert_int_equal(rest, 0);
    assert_int_equal(tiers, 0);
    assert_int_equal(differing, 0);
    rig_close(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_is_enrolled_and_found),
        cmocka_unit_test(whose_they_are_and_who_may),
        cmocka_unit_test(a_member_is_corrected),
        cmocka_unit_test(by_the_clock_points_run_out_and_tiers_fall),
        cmocka_unit_test(consents_are_taken_back_and_a_member_is_erased),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
