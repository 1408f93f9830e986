/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The alert centre (S126) under a clock that goes where it is told: one alert for a condition,
 * quiet hours and what breaks them, the next person when nobody answers, a storm that is a handful
 * of letters, and calls that show a merchant what is his and nothing else.
 */
#include "backoffice/alerts/alert_letters.h"
#include "backoffice/events/events.h"
#include "tests/unit/backoffice_rig.h"

enum { MINUTE = 60000, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

#define OTHER_MID "898310153110002"

/* RIG_START_MS is 12:30 in China. */
static void raise_at(struct rig *rig, const char *rule, const char *mid, const char *object)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    const struct alert_condition c = {rule, mid, 1, object, "seen", rig->now_ms};
    assert_ok(store_begin(rig->b->store, &tx));
    assert_ok(alert_raise(&tx, &c));
    assert_ok(store_commit(&tx));
}

static void people(struct rig *rig, const char *mid, const char *first, const char *second)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct alert_person list[2] = {
        {.name = "One", .english = true, .quiet_from = 22 * 60, .quiet_to = 7 * 60},
        {.name = "Two", .english = true}};
    snprintf(list[0].mail, sizeof list[0].mail, "%s@example.com", first);
    snprintf(list[1].mail, sizeof list[1].mail, "%s@example.com", second);
    assert_ok(store_begin(rig->b->store, &tx));
    assert_ok(alert_people_set(&tx, mid, 0, list, 2));
    assert_ok(store_commit(&tx));
}

static struct rig *open_rig(void)
{
    struct rig *rig = rig_open_desk(true);
    people(rig, "", "duty", "chief");
    people(rig, RIG_MID, "shop", "boss");
    return rig;
}

static unsigned letters_to(const struct rig *rig, const char *who)
{
    unsigned count = 0;
    for (unsigned i = 0; i < rig->letters; i++)
        count += strncmp(rig->letter[i].contact, who, strlen(who)) == 0;
    return count;
}

static int64_t count(struct rig *rig, const char *sql)
{
    int64_t value = -1;
    assert_ok(store_query_int(rig->b->store, sql, &value));
    return value;
}

static void the_table_is_whole(void **state)
{
    (void)state;
    const struct alert_rule *rule;
    for (size_t i = 0; (rule = alert_rule_at(i)) != NULL; i++) {
        assert_ptr_equal(alert_rule_named(bytes_text(rule->name)), rule);
        if (strcmp(rule->name, "webhook.failing") != 0 &&
            event_kind_find(bytes_text(rule->name)) == NULL)
            fail_msg("%s is no kind of an event", rule->name);
        assert_true(strlen(rule->name) <= ALERT_RULE_MAX && rule->ways != 0);
        assert_true(strlen(rule->zh) <= TEMPLATE_VALUE_MAX);
        assert_true(strlen(rule->en) <= TEMPLATE_VALUE_MAX);
        assert_true(rule->severity != ALERT_URGENT || rule->escalate_min > 0);
        assert_true(rule->severity != ALERT_URGENT || (rule->ways & ALERT_BY_SMS) != 0);
    }
    assert_null(alert_rule_named(BYTES("device")));
}

static void the_same_condition_is_one_alert(void **state)
{
    (void)state;
    struct rig *rig = open_rig();
    for (int i = 0; i < 5; i++) {
        raise_at(rig, "device.moved", RIG_MID, "terminals/10000017");
        rig_pass(rig, MINUTE);
    }
    assert_int_equal(count(rig, "SELECT count(*) FROM alert"), 1);
    assert_int_equal(count(rig, "SELECT count FROM alert"), 5);
    assert_int_equal(letters_to(rig, "shop"), 1);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    assert_ok(store_begin(rig->b->store, &tx));
    assert_ok(alert_end(&tx, "device.moved", RIG_MID, "terminals/10000017", rig->now_ms));
    assert_ok(store_commit(&tx));
    raise_at(rig, "device.moved", RIG_MID, "terminals/10000017");
    assert_int_equal(count(rig, "SELECT count(*) FROM alert"), 2);
    assert_int_equal(count(rig, "SELECT count(*) FROM alert WHERE state = 3"), 1);
    rig_close(rig);
}

/* Each event of a kind that is a rule is taken once, over restarts; others are passed over. */
static void events_become_alerts(void **state)
{
    (void)state;
    struct rig *rig = open_rig();
    static const char *const kinds[] = {"device.moved", "key.made", "device.moved", "device.idle"};
    for (size_t i = 0; i < 1000; i++) {
        CLEANUP(store_rollback) struct store_tx tx = {0};
        const struct event e = {.mid = RIG_MID,
                                .outlet = 1,
                                .kind = kinds[i % ARRAY_LEN(kinds)],
                                .object = "devices/10000017",
                                .data = BYTES("{\"metres\":900}"),
                                .at_ms = rig->now_ms};
        assert_ok(store_begin(rig->b->store, &tx));
        assert_ok(event_append(&tx, &e, NULL));
        assert_ok(store_commit(&tx));
    }
    rig_pass(rig, 1000);
    rig_restart(rig);
    rig_pass(rig, 1000);
    assert_int_equal(count(rig, "SELECT count(*) FROM alert"), 2);
    assert_int_equal(count(rig, "SELECT count FROM alert WHERE rule = 'device.moved'"), 500);
    assert_int_equal(count(rig, "SELECT count FROM alert WHERE rule = 'device.idle'"), 250);
    assert_int_equal(count(rig, "SELECT count(*) FROM alert WHERE detail = '{\"metres\":900}'"), 2);
    rig_close(rig);
}

static void at_night_only_what_is_urgent_wakes(void **state)
{
    (void)state;
    struct rig *rig = open_rig();
    rig_pass(rig, 11 * HOUR); /* 23:30 */
    raise_at(rig, "device.moved", RIG_MID, "terminals/10000017");
    raise_at(rig, "device.tampered", RIG_MID, "terminals/10000017");
    rig_pass(rig, MINUTE);
    assert_int_equal(letters_to(rig, "shop"), 0);
    assert_int_equal(letters_to(rig, "duty"), 1);
    assert_non_null(strstr(rig->letter[0].text, "tampered"));
    for (int i = 0; i < 7; i++) rig_pass(rig, HOUR); /* 06:31 */
    assert_int_equal(letters_to(rig, "shop"), 0);
    rig_pass(rig, 29 * MINUTE);
    assert_int_equal(letters_to(rig, "shop"), 1);
    rig_close(rig);
}

static void quiet_hours_of_all_shapes(void **state)
{
    (void)state;
    const int64_t midnight = RIG_START_MS - 12 * (int64_t)HOUR - 30 * MINUTE;
    static const struct {
        int from, to, minute, until; /* until -1: not quiet */
    } rows[] = {{1320, 420, 1319, -1}, {1320, 420, 1320, 1860}, {1320, 420, 0, 420},
                {1320, 420, 419, 420}, {1320, 420, 420, -1},    {720, 840, 719, -1},
                {720, 840, 720, 840},  {720, 840, 840, -1},     {0, 0, 0, -1},
                {600, 600, 600, -1}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct alert_person p = {.quiet_from = rows[i].from, .quiet_to = rows[i].to};
        int64_t until = alert_quiet_until(&p, midnight + rows[i].minute * (int64_t)MINUTE);
        assert_int_equal(until, rows[i].until < 0 ? 0 : midnight + rows[i].until * (int64_t)MINUTE);
    }
}

static void who_does_not_answer_is_followed_by_the_next(void **state)
{
    (void)state;
    struct rig *rig = open_rig();
    raise_at(rig, "device.moved", RIG_MID, "terminals/10000017"); /* 60 minutes to the next */
    static const struct {
        int after_min;
        unsigned shop, boss, duty, chief;
    } steps[] = {{0, 1, 0, 0, 0}, {59, 1, 0, 0, 0}, {1, 1, 1, 0, 0},  {59, 1, 1, 0, 0},
                 {1, 1, 1, 0, 0}, {1, 1, 1, 1, 0},  {60, 1, 1, 1, 1}, {600, 1, 1, 1, 1}};
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        rig_pass(rig, steps[i].after_min * (int64_t)MINUTE);
        assert_int_equal(letters_to(rig, "shop"), steps[i].shop);
        assert_int_equal(letters_to(rig, "boss"), steps[i].boss);
        assert_int_equal(letters_to(rig, "duty"), steps[i].duty);
        assert_int_equal(letters_to(rig, "chief"), steps[i].chief);
    }
    /* Acknowledged: nobody further. */
    struct browser li = {.realm = "console"};
    rig_pass(rig, DAY);
    (void)rig_known(rig, &li, "li", ROLE_OWNER);
    unsigned before = letters_to(rig, "boss");
    raise_at(rig, "device.moved", RIG_MID, "terminals/10000018");
    rig_pass(rig, MINUTE);
    assert_int_equal(rig_ask(rig, &li, "POST", "/api/v1/alerts/2/acknowledge", ""), 200);
    assert_true(rig_says(rig, "\"acknowledged_by\":\"owner li\""));
    rig_pass(rig, 3 * HOUR);
    assert_int_equal(letters_to(rig, "boss"), before);
    rig_close(rig);
}

/* S126: ten thousand events of as many terminals, by day, in a hundred seconds. */
static void a_storm_is_a_handful_of_letters(void **state)
{
    (void)state;
    struct rig *rig = open_rig();
    char object[32];
    for (int i = 0; i < 10000; i++) {
        snprintf(object, sizeof object, "terminals/%08d", 10000000 + i);
        raise_at(rig, i % 2 == 0 ? "device.moved" : "device.tampered", RIG_MID, object);
        if (i % 100 == 0) rig_pass(rig, 1000);
    }
    assert_int_equal(count(rig, "SELECT count(*) FROM alert"), 10000);
    assert_in_range(letters_to(rig, "shop"), 1, ALERT_LETTERS_AN_HOUR);
    assert_in_range(letters_to(rig, "duty"), 1, ALERT_LETTERS_AN_HOUR);
    unsigned before = letters_to(rig, "shop");
    /* The rest is told together, and nothing is forgotten. */
    rig_pass(rig, HOUR);
    assert_int_equal(letters_to(rig, "shop"), before + 1);
    assert_int_equal(count(rig, "SELECT count(*) FROM alert WHERE told = 0"), 0);
    bool together = false;
    for (unsigned i = 0; i < rig->letters; i++)
        together = together || strstr(rig->letter[i].text, "alerts wait for you") != NULL;
    assert_true(together);
    assert_in_range(rig->letters, 4, 6 * ALERT_LETTERS_AN_HOUR);
    rig_close(rig);
}

static struct browser owner(struct rig *rig, const char *login, const char *mid)
{
    struct browser b = {.realm = "console"};
    rig->mid = mid;
    (void)rig_known(rig, &b, login, ROLE_OWNER);
    return b;
}

static void a_merchant_sees_his_own_alone(void **state)
{
    (void)state;
    struct rig *rig = open_rig();
    struct browser li = owner(rig, "li", RIG_MID), wu = owner(rig, "wu", OTHER_MID);
    struct browser staff = {.realm = "staff"};
    (void)rig_known(rig, &staff, "anna", ROLE_AGENT);
    raise_at(rig, "device.moved", RIG_MID, "terminals/10000017");
    raise_at(rig, "device.duress", RIG_MID, "terminals/10000017"); /* never for the shop */
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/alerts", ""), 200);
    assert_true(rig_says(rig, "device.moved") && !rig_says(rig, "duress"));
    assert_true(rig_says(rig, "终端离开登记地点") && rig_says(rig, "away from its registered"));
    assert_int_equal(rig_ask(rig, &wu, "GET", "/api/v1/alerts", ""), 200);
    assert_true(rig_says(rig, "\"alerts\":[]"));
    assert_int_equal(rig_ask(rig, &staff, "GET", "/api/v1/alerts", ""), 200);
    assert_true(rig_says(rig, "device.moved") && rig_says(rig, "device.duress"));
    /* What is somebody else's, and what is for the acquirer alone, is not there. */
    assert_int_equal(rig_ask(rig, &wu, "POST", "/api/v1/alerts/99/close", ""), 404);
    char missing[256];
    snprintf(missing, sizeof missing, "%.255s", rig->answer);
    assert_int_equal(rig_ask(rig, &wu, "POST", "/api/v1/alerts/1/close", ""), 404);
    assert_string_equal(rig->answer, missing);
    assert_int_equal(rig_ask(rig, &li, "POST", "/api/v1/alerts/2/close", ""), 404);
    assert_string_equal(rig->answer, missing);
    assert_int_equal(rig_ask(rig, &li, "POST", "/api/v1/alerts/rules/device.duress",
                             "{\"sms\":false,\"mail\":true,\"escalate_min\":0,\"version\":0}"),
                     404);
    assert_int_equal(rig_ask(rig, &li, "POST", "/api/v1/alerts/1/close", ""), 200);
    assert_int_equal(rig_ask(rig, &li, "POST", "/api/v1/alerts/1/close", ""), 409);
    assert_int_equal(rig_ask(rig, &li, "POST", "/api/v1/alerts/1/acknowledge", ""), 409);
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/alerts/closed", ""), 200);
    assert_true(rig_says(rig, "\"closed_by\":\"owner li\""));
    rig_close(rig);
}

static void rules_and_people_are_set(void **state)
{
    (void)state;
    struct rig *rig = rig_open_desk(true);
    struct browser li = owner(rig, "li", RIG_MID), admin = {.realm = "staff"};
    (void)rig_known(rig, &admin, "root", ROLE_ADMIN);
    /* Nobody named: the contacts of the registry. */
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/alerts/people", ""), 200);
    assert_true(rig_says(rig, "shop@example.com") && rig_says(rig, "\"quiet_from\":1320"));
#define PERSON(rest) \
    "{\"version\":0,\"people\":[{\"name\":\"Li\",\"english\":true,\"quiet_from\":0," rest "}]}"
    assert_int_equal(rig_post(rig, &li, "/api/v1/alerts/people", PERSON("\"quiet_to\":0")), 422);
    assert_int_equal(
        rig_post(rig, &li, "/api/v1/alerts/people", PERSON("\"quiet_to\":0,\"mail\":\"not one\"")),
        422);
    assert_int_equal(rig_post(rig, &li, "/api/v1/alerts/people", PERSON("\"quiet_to\":1440")), 400);
    assert_int_equal(rig_post(rig, &li, "/api/v1/alerts/people",
                              PERSON("\"quiet_to\":0,\"mail\":\"zhao@example.com\"")),
                     200);
    raise_at(rig, "device.moved", RIG_MID, "terminals/10000017");
    rig_pass(rig, MINUTE);
    assert_int_equal(letters_to(rig, "zhao@"), 1);
    assert_int_equal(letters_to(rig, "shop"), 0);
    /* A rule without a way tells nobody and is in the list all the same; an urgent one may not. */
    assert_int_equal(rig_post(rig, &li, "/api/v1/alerts/rules/device.moved",
                              "{\"sms\":false,\"mail\":false,\"escalate_min\":0,\"version\":0}"),
                     200);
    raise_at(rig, "device.moved", RIG_MID, "terminals/10000018");
    rig_pass(rig, MINUTE);
    assert_int_equal(letters_to(rig, "zhao@"), 1);
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/alerts", ""), 200);
    assert_true(rig_says(rig, "terminals/10000018"));
    assert_int_equal(rig_post(rig, &admin, "/api/v1/alerts/rules/host.down",
                              "{\"sms\":false,\"mail\":false,\"escalate_min\":5,\"version\":0}"),
                     422);
    assert_true(rig_says(rig, "It is urgent"));
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/alerts/rules", ""), 200);
    assert_true(rig_says(rig, "device.moved") && !rig_says(rig, "device.duress"));
    rig_close(rig);
}

/* S126: of two who edit, the second is told, and what the first has set stays. */
static void nobody_writes_over_another_in_silence(void **state)
{
    (void)state;
    struct rig *rig = rig_open_desk(true);
    struct browser li = owner(rig, "li", RIG_MID), wu = owner(rig, "wu", OTHER_MID);
#define SET(sms, seen) "{\"sms\":" sms ",\"mail\":true,\"escalate_min\":30,\"version\":" seen "}"
    static const char path[] = "/api/v1/alerts/rules/device.moved";
    assert_int_equal(rig_post(rig, &li, path, SET("true", "0")), 200);
    assert_true(rig_says(rig, "\"version\":1"));
    assert_int_equal(rig_post(rig, &li, path, SET("false", "0")), 409);
    assert_true(rig_says(rig, "\"changed\"") && rig_says(rig, "Somebody has changed this"));
    assert_int_equal(rig_post(rig, &li, path, SET("false", "2")), 409);
    assert_int_equal(count(rig, "SELECT ways FROM alert_setting"), ALERT_BY_SMS | ALERT_BY_MAIL);
    assert_int_equal(rig_post(rig, &wu, path, SET("false", "0")), 200); /* his own */
    assert_int_equal(rig_post(rig, &li, path, SET("false", "1")), 200);
    assert_int_equal(count(rig, "SELECT count(*) FROM event WHERE kind = 'alerts.rule_set'"), 3);
    assert_int_equal(count(rig, "SELECT count(*) FROM audit WHERE event = 'alert_rule_set'"), 3);
#define LIST(name, seen)                                                         \
    "{\"version\":" seen ",\"people\":[{\"name\":\"" name "\",\"english\":true," \
    "\"quiet_from\":0,\"quiet_to\":0,\"mail\":\"zhao@example.com\"}]}"
    static const char list[] = "/api/v1/alerts/people";
    assert_int_equal(rig_post(rig, &li, list, LIST("First", "0")), 200);
    assert_true(rig_says(rig, "\"version\":1") && rig_says(rig, "\"contract\":false"));
    assert_int_equal(rig_post(rig, &li, list, LIST("Second", "0")), 409);
    assert_int_equal(rig_ask(rig, &li, "GET", list, ""), 200);
    assert_true(rig_says(rig, "First"));
    /* Nobody: the contacts of the contract, and the number goes on all the same. */
    assert_int_equal(rig_post(rig, &li, list, "{\"version\":1,\"people\":[]}"), 200);
    assert_true(rig_says(rig, "\"contract\":true") && rig_says(rig, "\"version\":2"));
    assert_int_equal(count(rig, "SELECT count(*) FROM event WHERE kind = 'alerts.people_set'"), 2);
    rig_restart(rig);
    assert_int_equal(rig_post(rig, &li, list, LIST("Third", "1")), 409);
    rig_close(rig);
}

static void a_trial_reaches_the_person(void **state)
{
    (void)state;
    struct rig *rig = rig_open_desk(true);
    struct browser li = owner(rig, "li", RIG_MID), wu = owner(rig, "wu", OTHER_MID);
    static const char list[] = "/api/v1/alerts/people", trial[] = "/api/v1/alerts/trial";
    unsigned before = rig->letters;
    assert_int_equal(rig_post(rig, &li, list, LIST("Zhao", "0")), 200);
#define TO(mail) "{\"phone\":\"\",\"mail\":\"" mail "\"}"
    assert_int_equal(rig_post(rig, &li, trial, TO("shop@example.com")), 404);
    assert_int_equal(rig_post(rig, &li, trial, TO("")), 404);
    assert_int_equal(rig->letters, before);
    assert_int_equal(rig_post(rig, &li, trial, TO("zhao@example.com")), 200);
    assert_true(rig_says(rig, "\"name\":\"Zhao\",\"sms\":false,\"mail\":true"));
    rig_pass(rig, 1000);
    assert_int_equal(letters_to(rig, "zhao@"), 1);
    assert_non_null(strstr(rig->letter[rig->letters - 1].text, "trial"));
    /* Whoever presses on and on is told; nobody is flooded. */
    unsigned status = 200, tries = 0;
    while (status == 200 && tries++ < 50) {
        status = rig_post(rig, &li, trial, TO("zhao@example.com"));
        rig_pass(rig, 2000);
    }
    assert_int_equal(status, 409);
    assert_true(rig_says(rig, "\"limit\"") && rig_says(rig, "try again in an hour"));
    /* Nobody of somebody else's list. */
    assert_int_equal(rig_post(rig, &wu, trial, TO("zhao@example.com")), 404);
    rig_close(rig);
}

/* Each rule says what a page needs; the urgent ones why a way stays on. */
static void rules_say_why_they_cannot_be_switched_off(void **state)
{
    (void)state;
    struct rig *rig = rig_open_desk(true);
    struct browser li = owner(rig, "li", RIG_MID);
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/alerts/rules", ""), 200);
    assert_true(rig_says(rig, "\"name\":\"restore.granted\",\"severity\":\"urgent\""));
    assert_true(rig_says(rig, "\"always_zh\":\"这是紧急告警"));
    assert_int_equal(rig_post(rig, &li, "/api/v1/alerts/rules/restore.granted",
                              "{\"sms\":false,\"mail\":false,\"escalate_min\":5,\"version\":0}"),
                     422);
    assert_int_equal(rig_post(rig, &li, "/api/v1/alerts/rules/restore.granted",
                              "{\"sms\":true,\"mail\":false,\"escalate_min\":5,\"version\":0}"),
                     200);
    assert_true(rig_says(rig, "\"escalate_min\":5"));
    rig_close(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_whole),
        cmocka_unit_test(the_same_condition_is_one_alert),
        cmocka_unit_test(events_become_alerts),
        cmocka_unit_test(at_night_only_what_is_urgent_wakes),
        cmocka_unit_test(quiet_hours_of_all_shapes),
        cmocka_unit_test(who_does_not_answer_is_followed_by_the_next),
        cmocka_unit_test(a_storm_is_a_handful_of_letters),
        cmocka_unit_test(a_merchant_sees_his_own_alone),
        cmocka_unit_test(rules_and_people_are_set),
        cmocka_unit_test(nobody_writes_over_another_in_silence),
        cmocka_unit_test(a_trial_reaches_the_person),
        cmocka_unit_test(rules_say_why_they_cannot_be_switched_off),
    };
    return cmocka_run_group_tests_name("backoffice_alerts", tests, NULL, NULL);
}
