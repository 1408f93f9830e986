/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S123: what ends is said 90, 30 and 7 days before and on the day, once each, under a clock that
 * runs to the end and past it. S189: the page that says how the house is.
 */
#include "backoffice/upkeep/expiry.h"
#include "backoffice/upkeep/service.h"
#include "tests/unit/backoffice_rig.h"

#define DAY_MS INT64_C(86400000)

static int64_t count(struct rig *rig, const char *sql)
{
    int64_t value = -1;
    assert_ok(store_query_int(rig->b->store, sql, &value));
    return value;
}

#define NEAR "SELECT count(*) FROM event WHERE kind = 'expiry.near'"
#define OVER "SELECT count(*) FROM event WHERE kind = 'expiry.over'"

static void put(struct rig *rig, const char *subject, int64_t end_ms)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    assert_ok(store_begin(rig->b->store, &tx));
    assert_ok(expiry_put(&tx, EXPIRY_LICENCE, RIG_MID, subject, end_ms));
    assert_ok(store_commit(&tx));
}

static unsigned letters(const struct rig *rig)
{
    unsigned to_shop = 0;
    for (unsigned i = 0; i < rig->letters; i++)
        to_shop += strcmp(rig->letter[i].contact, "shop@example.com") == 0;
    return to_shop;
}

static void what_ends_is_said_in_time(void **state)
{
    (void)state;
    struct rig *rig = rig_open_desk(true);
    int64_t end_ms = rig->now_ms + 100 * DAY_MS;
    static const struct {
        int64_t before, near, over;
    } steps[] = {{91, 0, 0}, {90, 1, 0}, {31, 1, 0}, {30, 2, 0}, {8, 2, 0},
                 {7, 3, 0},  {1, 3, 0},  {0, 3, 1},  {-9, 3, 1}};
    put(rig, "business licence", end_ms);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        rig_pass(rig, end_ms - steps[i].before * DAY_MS - rig->now_ms);
        rig_pass(rig, 3600000);
        rig_pass(rig, 12 * 3600000); /* letters wait for the morning */
        assert_int_equal(count(rig, NEAR), steps[i].near);
        assert_int_equal(count(rig, OVER), steps[i].over);
        assert_int_equal(letters(rig) > 0, steps[i].near > 0);
        rig->now_ms = end_ms - steps[i].before * DAY_MS + 13 * 3600000;
    }
    assert_in_range(letters(rig), 4, 8); /* of each, by one way or two */
    /* One open alert of it, the others are closed. */
    assert_int_equal(count(rig, "SELECT count(*) FROM alert WHERE state <> 3"), 1);
    /* The same date again is nothing new; another one begins anew. */
    put(rig, "business licence", end_ms);
    rig_pass(rig, 3600000);
    assert_int_equal(count(rig, OVER), 1);
    put(rig, "business licence", rig->now_ms + 5 * DAY_MS);
    rig_pass(rig, 3600000);
    assert_int_equal(count(rig, NEAR), 4);
    rig_close(rig);
}

static void it_is_written_down_by_people(void **state)
{
    (void)state;
    struct rig *rig = rig_open_desk(true);
    struct browser staff = {.realm = "staff"}, li = {.realm = "console"};
    (void)rig_known(rig, &staff, "anna", ROLE_AGENT);
    (void)rig_known(rig, &li, "li", ROLE_OWNER);
    assert_int_equal(rig_post(rig, &staff, "/api/v1/upkeep/expiries",
                              "{\"merchant\":\"" RIG_MID "\",\"kind\":\"agreement\","
                              "\"what\":\"fees\",\"ends\":%lld}",
                              (long long)(rig->now_ms + 20 * DAY_MS)),
                     200);
    assert_int_equal(rig_post(rig, &staff, "/api/v1/upkeep/expiries",
                              "{\"merchant\":\"\",\"kind\":\"metadata\",\"what\":\"root\","
                              "\"ends\":%lld}",
                              (long long)(rig->now_ms - DAY_MS)),
                     200);
    assert_int_equal(rig_post(rig, &li, "/api/v1/upkeep/expiries",
                              "{\"merchant\":\"\",\"kind\":\"other\",\"what\":\"x\",\"ends\":1}"),
                     403);
    rig_pass(rig, 1000);
    assert_int_equal(count(rig, NEAR), 1);
    assert_int_equal(count(rig, OVER), 1);
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/upkeep/expiries", ""), 200);
    assert_true(rig_says(rig, "agreement") && !rig_says(rig, "metadata"));
    rig_close(rig);
}

/* S189 */
static void how_the_house_is(void **state)
{
    (void)state;
    struct rig *rig = rig_open_desk(true);
    struct browser staff = {.realm = "staff"}, li = {.realm = "console"}, nobody = {0};
    assert_int_equal(rig_ask(rig, &nobody, "GET", "/status", ""), 200);
    assert_true(rig_says(rig, "通宝 服务状态") && rig_says(rig, "card network"));
    assert_true(rig_says(rig, "<strong>payments</strong>: works") &&
                !rig_says(rig, "does not work"));
    assert_false(rig_says(rig, "<script"));
    (void)rig_known(rig, &staff, "anna", ROLE_AGENT);
    (void)rig_known(rig, &li, "li", ROLE_OWNER);
    static const char *const said =
        "{\"part\":\"wallets\",\"state\":\"down\",\"text_zh\":\"扫码支付"
        "暂不可用，请刷卡\",\"text_en\":\"Wallets <b>are</b> away\"}";
    assert_int_equal(rig_ask(rig, &li, "POST", "/api/v1/status", said), 403);
    assert_int_equal(rig_ask(rig, &staff, "POST", "/api/v1/status", said), 200);
    assert_int_equal(rig_ask(rig, &nobody, "GET", "/status", ""), 200);
    assert_true(rig_says(rig, "does not work") && rig_says(rig, "请刷卡"));
    assert_true(rig_says(rig, "Wallets &lt;b&gt;are&lt;/b&gt; away"));
    assert_false(rig_says(rig, "<b>"));
    assert_int_equal(rig_ask(rig, &nobody, "GET", "/api/v1/status", ""), 200);
    assert_true(rig_says(rig, "\"state\":\"down\""));
    assert_int_equal(count(rig, "SELECT count(*) FROM event WHERE kind = 'host.down'"), 1);
    assert_int_equal(
        rig_ask(rig, &staff, "POST", "/api/v1/status",
                "{\"part\":\"wallets\",\"state\":\"ok\",\"text_zh\":\"\",\"text_en\":\"\"}"),
        200);
    assert_int_equal(rig_ask(rig, &nobody, "GET", "/status", ""), 200);
    assert_true(rig_says(rig, "Lately") && rig_says(rig, "does not work")); /* it is remembered */
    rig_close(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_ends_is_said_in_time),
        cmocka_unit_test(it_is_written_down_by_people),
        cmocka_unit_test(how_the_house_is),
    };
    return cmocka_run_group_tests_name("backoffice_expiry", tests, NULL, NULL);
}
