/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What pages show of parameters (S113, S118): values as people say them, and the list of what is
 * set, to each whose it is.
 */
#include "backoffice/parameters/words.h"
#include "tests/unit/fleet_rig.h"

struct people {
    struct browser owner, other, admin;
};

static unsigned ask(struct rig *rig, struct browser *b, const char *method, const char *path,
                    const char *body)
{
    char full[120];
    snprintf(full, sizeof full, "/api/v1%s", path);
    rig->now_ms += 3000; /* callers pay by the second */
    return rig_ask(rig, b, method, full, body);
}

static unsigned post(struct rig *rig, struct browser *b, const char *path, const char *body)
{
    return ask(rig, b, "POST", path, body);
}

static unsigned get(struct rig *rig, struct browser *b, const char *path)
{
    return ask(rig, b, "GET", path, "");
}

static unsigned set(struct rig *rig, struct browser *b, const char *subject, const char *values)
{
    char path[80], body[400];
    snprintf(path, sizeof path, "/parameters/%s", subject);
    snprintf(body, sizeof body, "{\"values\":{%s},\"reason\":\"asked for\"}", values);
    return post(rig, b, path, body);
}

/* Each value of the table is said in both languages; of two sets only what differs is. */
static void values_are_said_as_people_say_them(void **state)
{
    (void)state;
    static const struct {
        enum device_parameter which;
        struct device_parameter_value value;
        const char *zh, *en;
    } rows[] = {
        {DEVICE_PARAMETER_tip, {true, 1, ""}, "开", "on"},
        {DEVICE_PARAMETER_tip, {true, 0, ""}, "关", "off"},
        {DEVICE_PARAMETER_tip, {false, 0, ""}, "这里不设", "not set here"},
        {DEVICE_PARAMETER_limit_sale, {true, 12345, ""}, "¥123.45", "¥123.45"},
        {DEVICE_PARAMETER_tip_most, {true, 30, ""}, "30%", "30%"},
        {DEVICE_PARAMETER_lock_s, {true, 90, ""}, "90 秒", "90 s"},
        {DEVICE_PARAMETER_settle_at, {true, -1, ""}, "不自动", "never"},
        {DEVICE_PARAMETER_settle_at, {true, 150, ""}, "02:30", "02:30"},
        {DEVICE_PARAMETER_receipt_copies, {true, 2, ""}, "2", "2"},
        {DEVICE_PARAMETER_banner, {true, 0, ""}, "空", "nothing"},
        {DEVICE_PARAMETER_banner, {true, 0, "盘点"}, "“盘点”", "“盘点”"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (unsigned english = 0; english < 2; english++) {
            char text[DEVICE_PARAMETER_TEXT_MAX + 24] = "";
            struct writer w = writer_over((uint8_t *)text, sizeof text - 1);
            parameters_say(rows[i].which, &rows[i].value, english == 1, &w);
            assert_string_equal(text, english == 1 ? rows[i].en : rows[i].zh);
        }
}

/* What is set anywhere: the latest first, the newest version of each, and to each whose it is. */
static void what_is_set_is_listed(void **state)
{
    (void)state;
    struct rig *rig = with_devices();
    struct people p = {person(rig, "owner", RIG_MID, ROLE_OWNER),
                       person(rig, "other", OTHER_MID, ROLE_OWNER),
                       person(rig, "admin", "", ROLE_ADMIN)};
    assert_int_equal(get(rig, &p.admin, "/parameter-sets"), 200);
    assert_true(rig_says(rig, "{\"sets\":[],\"next\":null}"));
    assert_int_equal(post(rig, &p.admin, "/groups", "{\"name\":\"Food court\"}"), 201);
    assert_int_equal(set(rig, &p.admin, "models/TB-1", "\"tip\":1"), 201);
    assert_int_equal(set(rig, &p.admin, "groups/1", "\"tip\":0"), 201);
    assert_int_equal(set(rig, &p.owner, "terminals/10000001", "\"tip\":1"), 201);
    assert_int_equal(set(rig, &p.admin, "models/TB-1", "\"tip\":0"), 201);
    assert_int_equal(get(rig, &p.admin, "/parameter-sets"), 200);
    assert_true(rig_says(rig, "\"text_zh\":\"小费：开 → 关\",\"text_en\":\"Tips: on → off\""));
    assert_true(rig_says(rig, "\"text_en\":\"Tips: not set here → on\""));
    const char *model = strstr(rig->answer, "\"Model TB-1\",\"version\":2");
    const char *terminal = strstr(rig->answer, "\"Terminal 10000001\",\"version\":1");
    const char *group = strstr(rig->answer, "\"subject_zh\":\"分组 Food court\"");
    assert_true(model != NULL && terminal != NULL && group != NULL);
    assert_true(model < terminal && terminal < group);
    assert_null(strstr(group, "Model TB-1")); /* the version before is not the newest */
    p.admin.query[0][0] = "limit", p.admin.query[0][1] = "1";
    assert_int_equal(get(rig, &p.admin, "/parameter-sets"), 200);
    assert_true(rig_says(rig, "\"next\":\"4\""));
    p.admin.query[1][0] = "after", p.admin.query[1][1] = "4";
    assert_int_equal(get(rig, &p.admin, "/parameter-sets"), 200);
    assert_true(rig_says(rig, "Terminal 10000001") && rig_says(rig, "\"next\":\"3\""));
    assert_int_equal(get(rig, &p.owner, "/parameter-sets"), 200);
    assert_true(rig_says(rig, "Terminal 10000001") && !rig_says(rig, "Model TB-1"));
    assert_int_equal(get(rig, &p.other, "/parameter-sets"), 200);
    assert_true(rig_says(rig, "{\"sets\":[],\"next\":null}"));
    assert_int_equal(post(rig, &p.admin, "/groups/1/rename", "{\"name\":\"Hall\"}"), 200);
    p.admin.query[1][1] = "3";
    assert_int_equal(get(rig, &p.admin, "/parameter-sets"), 200);
    assert_true(rig_says(rig, "Group Hall"));
    rig_close(rig);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_said_as_people_say_them),
        cmocka_unit_test(what_is_set_is_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
