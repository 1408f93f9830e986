/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Figures as pages and programs ask for them (S156, S158): rows and their words, who sees whose
 * (S163), questions that make no sense, and pages that wait until a payment is counted.
 */
#include "tests/unit/figures_rig.h"
#include "tests/unit/fleet_rig.h"

static struct figures_rig figures;
static struct rig *rig;

static void paid(const char *mid, const char *tid, int64_t minor, int64_t ago_ms)
{
    struct payment p = figures_rig_sale(&figures, minor);
    snprintf(p.mid, sizeof p.mid, "%s", mid);
    snprintf(p.key.tid, sizeof p.key.tid, "%s", tid);
    snprintf(p.token, sizeof p.token, "%016x", (unsigned)minor % 1000);
    (void)figures_rig_pay(&figures, &p, rig->now_ms - ago_ms);
}

static int start(void **state)
{
    (void)state;
    figures_rig_open(&figures);
    rig = with_devices();
    rig->b->config.figures_path = "figures-figures";
    paid(RIG_MID, "10000001", 10000, DAY_MS); /* 24 April 2030, noon */
    paid(RIG_MID, "10000001", 3000, 2 * HOUR_MS);
    paid(RIG_MID, "10000003", 4000, HOUR_MS); /* in the second outlet */
    paid(OTHER_MID, "20000001", 70000, HOUR_MS);
    figures_rig_fold(&figures, 100);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    rig_close(rig);
    figures_rig_close(&figures);
    return 0;
}

static unsigned get(struct browser *b, const char *path, const char *const (*query)[2],
                    size_t count)
{
    for (size_t i = 0; i < ARRAY_LEN(b->query); i++) {
        b->query[i][0] = i < count ? query[i][0] : NULL;
        b->query[i][1] = i < count ? query[i][1] : NULL;
    }
    return rig_send(rig, b, "GET", path, "");
}

#define ASK(who, path, ...)                                             \
    get(&(who), "/api/v1/" path, (const char *const[][2]){__VA_ARGS__}, \
        ARRAY_LEN(((const char *const[][2]){__VA_ARGS__})))
#define NOTHING    \
    {              \
        NULL, NULL \
    }

static void says(const char *text)
{
    if (!rig_says(rig, text)) fail_msg("\"%.900s\" does not say %s", rig->answer, text);
}

/* ---- rows ---- */

static void an_owner_asks_about_his_shop(void **state)
{
    (void)state;
    struct browser owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    assert_int_equal(ASK(owner, "figures", NOTHING), 200); /* today, all of it */
    says("\"rows\":[],\"more\":false,\"period\":{\"from\":\"2030-04-25\",\"to\":\"2030-04-25\","
         "\"total\":{\"payments\":2,\"gross\":7000,\"net\":7000,");
    says("\"before\":{\"from\":\"2030-04-24\",\"to\":\"2030-04-24\",\"total\":{\"payments\":1,"
         "\"gross\":10000,");
    says(
        "\"year_before\":{\"from\":\"2029-04-25\",\"to\":\"2029-04-25\",\"total\":{\"payments\":0");
    assert_int_equal(
        ASK(owner, "figures", {"from", "2030-04-24"}, {"to", "2030-04-25"}, {"group", "day"}), 200);
    says("\"rows\":[{\"key\":\"2030-04-24\",\"sums\":{\"payments\":1,\"gross\":10000");
    says("{\"key\":\"2030-04-25\",\"sums\":{\"payments\":2,\"gross\":7000");
    assert_int_equal(
        ASK(owner, "figures", {"group", "hour"}, {"order", "payments"}, {"limit", "1"}), 200);
    says("\"rows\":[{\"key\":\"10\",\"sums\":{\"payments\":1,\"gross\":3000");
    says("\"more\":true");
    assert_int_equal(ASK(owner, "figures", {"group", "method"}), 200);
    says("\"rows\":[{\"key\":\"card.swiped\"");
    assert_int_equal(ASK(owner, "figures", {"group", "class"}), 200);
    says("\"rows\":[{\"key\":\"credit\"");
    assert_int_equal(ASK(owner, "figures", {"group", "operator"}), 200);
    says("\"rows\":[{\"key\":\"01\"");
    assert_int_equal(ASK(owner, "figures", {"group", "type"}), 200);
    says("\"rows\":[{\"key\":\"sale\"");
    assert_int_equal(ASK(owner, "figures", {"group", "device"}, {"order", "net"}), 200);
    says("\"rows\":[{\"key\":\"10000003\",\"sums\":{\"payments\":1,\"gross\":4000");
    assert_int_equal(ASK(owner, "figures", {"device", "10000001"}), 200);
    says("\"total\":{\"payments\":1,\"gross\":3000");
    assert_int_equal(ASK(owner, "figures", {"outlet", "2"}), 200);
    says("\"total\":{\"payments\":1,\"gross\":4000");
    assert_int_equal(ASK(owner, "figures", {"means", "code"}), 200);
    says("\"total\":{\"payments\":0");
}

static void a_trend_stands_beside_its_row(void **state)
{
    (void)state;
    struct browser owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    assert_int_equal(
        ASK(owner, "figures", {"from", "2030-04-24"}, {"to", "2030-04-25"}, {"window", "2"}), 200);
    assert_false(rig_says(rig, "trend")); /* of no rows */
    owner.query[0][0] = "group";
    owner.query[0][1] = "weekday";
    owner.query[1][1] = "2030-04-25";
    assert_int_equal(rig_send(rig, &owner, "GET", "/api/v1/figures", ""), 200);
    says("{\"key\":\"4\",\"sums\":{\"payments\":2"); /* a Thursday */
    says("\"trend\":3500");
}

static void who_comes_again_is_told_by_shop(void **state)
{
    (void)state;
    struct browser owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    struct browser agent = person(rig, "agent", "", ROLE_AGENT);
    assert_int_equal(ASK(owner, "figures/customers", {"from", "2030-04-24"}, {"to", "2030-04-25"}),
                     200);
    assert_string_equal(rig->answer, "{\"visits\":3,\"customers\":1,\"again\":1,"
                                     "\"again_rate\":10000}");
    assert_int_equal(ASK(agent, "figures/customers", {"merchant", OTHER_MID}), 200);
    says("\"visits\":1");
    assert_int_equal(ASK(agent, "figures/customers", NOTHING), 422);
    says("\"error\":\"shops\"");
}

/* ---- who sees whose ---- */

static void everybody_sees_what_is_his(void **state)
{
    (void)state;
    struct browser owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    struct browser finance = person(rig, "finance", RIG_MID, ROLE_FINANCE);
    struct browser cashier = person(rig, "cashier", RIG_MID, ROLE_CASHIER);
    struct browser agent = person(rig, "agent", "", ROLE_AGENT);
    assert_int_equal(ASK(owner, "figures", {"merchant", RIG_MID}), 200);
    assert_int_equal(ASK(owner, "figures", {"merchant", OTHER_MID}), 404);
    assert_int_equal(ASK(owner, "figures/customers", {"merchant", OTHER_MID}), 404);
    assert_int_equal(ASK(owner, "figures", {"device", "20000001"}), 200);
    says("\"total\":{\"payments\":0"); /* as one that does not exist */
    assert_int_equal(ASK(finance, "figures", NOTHING), 200);
    assert_int_equal(ASK(cashier, "figures", NOTHING), 403);
    assert_int_equal(ASK(cashier, "figures/changes", NOTHING), 403);
    assert_int_equal(ASK(agent, "figures", {"group", "shop"}, {"order", "net"}), 200);
    says("\"rows\":[{\"key\":\"" OTHER_MID "\",\"sums\":{\"payments\":1,\"gross\":70000");
    says("{\"key\":\"" RIG_MID "\",\"sums\":{\"payments\":2,\"gross\":7000");
    assert_int_equal(ASK(agent, "figures", {"merchant", RIG_MID}), 200);
    says("\"total\":{\"payments\":2,\"gross\":7000");
}

/* Bound to one outlet: its devices, whatever is asked. */
static void a_manager_of_one_outlet_sees_its_devices(void **state)
{
    (void)state;
    struct browser manager = person(rig, "manager", RIG_MID, ROLE_MANAGER);
    assert_ok(store_exec(rig->b->store, "UPDATE account SET outlet = 2 WHERE login = 'manager'"));
    assert_int_equal(ASK(manager, "figures", NOTHING), 200);
    says("\"total\":{\"payments\":1,\"gross\":4000");
    assert_int_equal(ASK(manager, "figures", {"group", "device"}), 200);
    says("\"rows\":[{\"key\":\"10000003\"");
    assert_false(rig_says(rig, "10000001"));
    assert_int_equal(ASK(manager, "figures", {"outlet", "1"}), 404);
    assert_int_equal(ASK(manager, "figures", {"device", "10000001"}), 404);
    assert_int_equal(ASK(manager, "figures/customers", NOTHING), 404);
    assert_int_equal(ASK(manager, "figures/changes", NOTHING), 404);
}

/* ---- what makes no sense ---- */

static void a_question_without_sense_says_what_is_wrong(void **state)
{
    (void)state;
    struct browser owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    struct browser agent = person(rig, "agent", "", ROLE_AGENT);
    assert_int_equal(ASK(owner, "figures", {"from", "2030-04-31"}), 422);
    says("\"error\":\"range\"");
    assert_int_equal(ASK(owner, "figures", {"from", "2030-04-25"}, {"to", "2030-04-24"}), 422);
    says("\"error\":\"range\"");
    assert_int_equal(ASK(owner, "figures", {"from", "1999-01-01"}, {"to", "2030-04-24"}), 422);
    assert_int_equal(ASK(owner, "figures", {"group", "goods"}), 400);
    assert_int_equal(ASK(owner, "figures", {"operator", "x1"}), 422);
    says("\"error\":\"filter\"");
    assert_int_equal(ASK(owner, "figures", {"limit", "801"}), 400);
    assert_int_equal(ASK(agent, "figures", {"group", "device"}), 422);
    says("\"error\":\"shops\"");
    assert_int_equal(ASK(agent, "figures", {"outlet", "2"}), 422);
    says("\"error\":\"merchant\"");
    assert_int_equal(ASK(agent, "figures", {"group", "shop"}, {"means", "card"}), 422);
    says("\"error\":\"filter\"");
    assert_int_equal(
        ASK(owner, "figures", {"from", "2020-05-01"}, {"to", "2030-04-30"}, {"group", "month"}),
        200); /* ten years */
    says("{\"key\":\"2030-04-01\",\"sums\":{\"payments\":3,\"gross\":17000");
}

/* No journal here, or the fold has not begun: the rest of the back office goes on. */
static void without_figures_it_says_so(void **state)
{
    (void)state;
    struct browser owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    rig->b->config.figures_path = NULL;
    assert_int_equal(ASK(owner, "figures", NOTHING), 503);
    assert_int_equal(ASK(owner, "figures/customers", NOTHING), 503);
    assert_int_equal(ASK(owner, "figures/changes", NOTHING), 503);
    rig->b->config.figures_path = "figures-figures";
    rig_pass(rig, 5000);
    assert_int_equal(ASK(owner, "figures", NOTHING), 200);
}

/* ---- pages that wait ---- */

static char since[24];

static unsigned wait_for(struct browser *b, const char *number)
{
    const char *const query[][2] = {{"since", number}};
    return get(b, "/api/v1/figures/changes", query, number == NULL ? 0 : 1);
}

static void learn(struct browser *b)
{
    assert_int_equal(wait_for(b, NULL), 200);
    const char *now = strstr(rig->answer, "\"now\":");
    assert_non_null(now);
    snprintf(since, sizeof since, "%.*s", (int)strspn(now + 6, "0123456789"), now + 6);
}

static void a_page_hears_of_a_payment_of_its_own(void **state)
{
    (void)state;
    struct browser owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    struct browser other = person(rig, "other", OTHER_MID, ROLE_OWNER);
    struct browser agent = person(rig, "agent", "", ROLE_AGENT);
    learn(&other);
    assert_int_equal(wait_for(&other, since), 0);
    uint64_t others = rig->tickets;
    learn(&agent);
    assert_int_equal(wait_for(&agent, since), 0);
    uint64_t agents = rig->tickets;
    learn(&owner);
    says("\"day\":\"2030-04-25\",\"today\":{\"payments\":2,\"gross\":7000");
    assert_int_equal(wait_for(&owner, since), 0);
    uint64_t his = rig->tickets;
    rig_turn(rig);
    assert_false(rig_pending(rig, his)->answered);
    paid(RIG_MID, "10000001", 500, 0);
    paid(RIG_MID, "10000001", 600, 0); /* both are one answer */
    figures_rig_fold(&figures, 100);
    rig_turn(rig);
    assert_true(rig_pending(rig, his)->answered && rig_pending(rig, agents)->answered);
    assert_false(rig_pending(rig, others)->answered);
    assert_int_equal(wait_for(&owner, since), 200); /* who comes late is told at once */
    says("\"changed\":true,\"day\":\"2030-04-25\",\"today\":{\"payments\":4,\"gross\":8100");
    for (int i = 0; i < 25; i++) rig_pass(rig, 1000);
    assert_true(rig_pending(rig, others)->answered); /* nothing for him, and it is said */
    says("\"changed\":false");
}

static void a_crowd_is_asked_to_come_later(void **state)
{
    (void)state;
    struct browser owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    learn(&owner);
    for (int i = 0; i < 4; i++) assert_int_equal(wait_for(&owner, since), 0);
    assert_int_equal(wait_for(&owner, since), 200);
    says("\"again_ms\":30000");
}

/* The file is gone while somebody waits: he hears so, and it is opened again. */
static void who_waits_is_not_forgotten_when_the_store_fails(void **state)
{
    (void)state;
    struct browser owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    learn(&owner);
    assert_int_equal(wait_for(&owner, since), 0);
    uint64_t his = rig->tickets;
    assert_ok(store_exec(figures_fold_store(figures.fold), "DROP TABLE changed"));
    rig_turn(rig);
    assert_true(rig_pending(rig, his)->answered);
    assert_int_equal(rig_pending(rig, his)->status, 503);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_owner_asks_about_his_shop, start, stop),
        cmocka_unit_test_setup_teardown(a_trend_stands_beside_its_row, start, stop),
        cmocka_unit_test_setup_teardown(who_comes_again_is_told_by_shop, start, stop),
        cmocka_unit_test_setup_teardown(everybody_sees_what_is_his, start, stop),
        cmocka_unit_test_setup_teardown(a_manager_of_one_outlet_sees_its_devices, start, stop),
        cmocka_unit_test_setup_teardown(a_question_without_sense_says_what_is_wrong, start, stop),
        cmocka_unit_test_setup_teardown(without_figures_it_says_so, start, stop),
        cmocka_unit_test_setup_teardown(a_page_hears_of_a_payment_of_its_own, start, stop),
        cmocka_unit_test_setup_teardown(a_crowd_is_asked_to_come_later, start, stop),
        cmocka_unit_test_setup_teardown(who_waits_is_not_forgotten_when_the_store_fails, start,
                                        stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
