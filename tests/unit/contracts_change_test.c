/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes of a contract in force (S142, S135): name, contact, address and fees are asked for by one
 * and hold when another has decided; of fees the owner alone signs what he has read; what was stays
 * on record; nothing for strangers, or for who is leaving.
 */
#include "backoffice/contracts/change.h"
#include "backoffice/stock/elements.h"
#include "ledger/fee.h"
#include "registry/agreement.h"
#include "registry/names.h"
#include "tests/unit/fleet_rig.h"

#define MINE "/api/v1/contracts/" RIG_MID "/changes"

#define NAME                                                                                        \
    "{\"kind\":\"name\",\"reason\":\"new sign\",\"name_zh\":\"海淀区通宝面馆\",\"name_en\":" \
    "\"TONGBAO NOODLES\"}"
#define CONTACT                                                                              \
    "{\"kind\":\"contact\",\"reason\":\"sold\",\"name_zh\":\"李四\",\"pinyin\":\"li si\"," \
    "\"phone\":\"13700004321\"}"
#define ADDRESS \
    "{\"kind\":\"address\",\"reason\":\"moved\",\"address\":\"北京市海淀区中关村大街9号\"}"
#define FEES "{\"kind\":\"fees\",\"reason\":\"cheaper\",\"plan\":2}"
#define YES  "{\"agrees\":true,\"papers\":\"licence, original\"}"
#define NO   "{\"agrees\":false}"

struct scene {
    struct rig *rig;
    struct browser owner, agent, chief, other;
};

static struct scene open_scene(void)
{
    struct scene s = {.rig = with_devices()};
    s.owner = person(s.rig, "owner", RIG_MID, ROLE_OWNER);
    s.other = person(s.rig, "stranger", OTHER_MID, ROLE_OWNER);
    s.agent = person(s.rig, "agent", "", ROLE_AGENT | ROLE_APPROVER);
    s.chief = person(s.rig, "chief", "", ROLE_APPROVER);
    return s;
}

static unsigned act(struct scene *s, struct browser *who, const char *what, const char *body)
{
    char path[120];
    s->rig->now_ms += 1000;
    snprintf(path, sizeof path, MINE "%s", what);
    return rig_ask(s->rig, who, "POST", path, body);
}

static unsigned refused(struct scene *s, struct browser *who, const char *what, const char *body,
                        const char *code)
{
    char said[60];
    unsigned status = act(s, who, what, body);
    snprintf(said, sizeof said, "\"error\":\"%s\"", code);
    if (!rig_says(s->rig, said)) fail_msg("%s %s: not %s", what, body, code);
    return status;
}

static int64_t count_of(struct scene *s, const char *sql)
{
    int64_t count = -1;
    assert_ok(store_query_int(s->rig->b->store, sql, &count));
    return count;
}

static err count_names(void *context, const struct registry_name *name)
{
    (void)name;
    ++*(int *)context;
    return OK;
}

static void a_name_is_another_ones_decision(void **state)
{
    (void)state;
    struct scene s = open_scene();
    struct registry_merchant m;
    int names = 0;
    assert_int_equal(act(&s, &s.owner, "", NAME), 200);
    assert_true(rig_says(s.rig, "\"state\":\"waits\"") && rig_says(s.rig, "\"may_decide\":false"));
    assert_int_equal(refused(&s, &s.owner, "", NAME, "pending"), 409);
    assert_int_equal(refused(&s, &s.owner, "/1/decision", YES, "not_yours"), 409);
    assert_int_equal(refused(&s, &s.chief, "/1/decision", "{\"agrees\":true}", "no_papers"), 409);
    assert_ok(registry_find_merchant(s.rig->registry, BYTES(RIG_MID), &m));
    assert_string_not_equal(m.name_en, "TONGBAO NOODLES");
    assert_int_equal(rig_ask(s.rig, &s.chief, "GET", "/api/v1/changes", ""), 200);
    assert_true(rig_says(s.rig, "\"id\":1") && rig_says(s.rig, "\"may_decide\":true"));
    assert_int_equal(act(&s, &s.chief, "/1/decision", YES), 200);
    assert_true(rig_says(s.rig, "\"state\":\"taken\"") && rig_says(s.rig, "licence, original"));
    assert_ok(registry_find_merchant(s.rig->registry, BYTES(RIG_MID), &m));
    assert_string_equal(m.name_en, "TONGBAO NOODLES");
    assert_string_equal(m.name_zh, "海淀区通宝面馆");
    assert_ok(registry_names(s.rig->registry, BYTES(RIG_MID), count_names, &names));
    assert_int_equal(names, 2); /* what it was, and what it is */
    assert_int_equal(refused(&s, &s.chief, "/1/decision", YES, "no_request"), 409);
    assert_int_equal(refused(&s, &s.owner, "", NAME, "same"), 409);
    assert_true(FAILED(store_exec(s.rig->b->store, "UPDATE contract_change SET state = 1")));
    assert_true(FAILED(store_exec(s.rig->b->store, "DELETE FROM contract_change")));
    assert_int_equal(count_of(&s, "SELECT count(*) FROM event WHERE kind LIKE 'contract.change%'"),
                     2);
    rig_close(s.rig);
}

/* ---- what terminals hear of a name ---- */

static char told[8 * 1024];

static void keep_frame(void *context, uint32_t session, struct bytes frame)
{
    (void)context;
    size_t used = strlen(told);
    snprintf(told + used, sizeof told - used, "%u%.*s\n", session, (int)frame.len,
             (const char *)frame.at);
}

static err prove(void *context, const struct desk_command *command, uint8_t mac[16])
{
    (void)context;
    memset(mac, (int)command->number, 16);
    return OK;
}

static unsigned heard(const char *text)
{
    unsigned count = 0;
    for (const char *at = told; (at = strstr(at, text)) != NULL; at++) count++;
    return count;
}

#define NAMED "\"document\":\"tongbao parameters 1\\nshop 海淀区通宝面馆\\n\""

/* It is given to every terminal of the shop and to no other's, and is nobody's to set. */
static void terminals_get_the_name(void **state)
{
    (void)state;
    struct scene s = open_scene();
    struct browser admin = person(s.rig, "admin", "", ROLE_ADMIN);
    s.rig->b->desk->ports.command_mac = prove;
    s.rig->b->desk->ports.to_device = keep_frame;
    told[0] = '\0';
    come(s.rig, 3, "10000001", "TB-1");
    come(s.rig, 4, "20000001", "TB-1");
    assert_int_equal(act(&s, &s.owner, "", NAME), 200);
    assert_ok(backoffice_flush(s.rig->b));
    assert_int_equal(heard("\"tell\":\"parameters\""), 0);
    assert_int_equal(act(&s, &s.chief, "/1/decision", YES), 200);
    assert_ok(backoffice_flush(s.rig->b));
    assert_int_equal(heard("3{\"tell\":\"parameters\"," NAMED ",\"number\":1,"), 1);
    assert_int_equal(heard("\"tell\":\"parameters\""), 1);
    assert_int_equal(rig_ask(s.rig, &s.owner, "GET", "/api/v1/devices/10000001/parameters", ""),
                     200);
    assert_true(rig_says(s.rig, "\"number\":1,\"progress\":\"waiting\",\"current\":true") &&
                rig_says(s.rig, "\"name\":\"shop\",\"text\":\"海淀区通宝面馆\""));
    come(s.rig, 5, "10000003", "TB-1"); /* it was switched off */
    assert_int_equal(heard("5{\"tell\":\"parameters\"," NAMED), 1);
    assert_int_equal(rig_ask(s.rig, &admin, "GET", "/api/v1/parameters", ""), 200);
    assert_false(rig_says(s.rig, "\"name\":\"shop\""));
    assert_int_equal(rig_ask(s.rig, &admin, "POST", "/api/v1/parameters/terminals/10000001",
                             "{\"values\":{\"shop\":\"Mine\"},\"reason\":\"so\"}"),
                     400);
    rig_close(s.rig);
}

static void four_eyes_and_no_stranger(void **state)
{
    (void)state;
    struct scene s = open_scene();
    assert_int_equal(act(&s, &s.agent, "", CONTACT), 200);
    assert_int_equal(refused(&s, &s.agent, "/1/decision", YES, "same_person"), 409);
    assert_true(FAILED(store_exec(s.rig->b->store, "UPDATE contract_change SET state = 2,"
                                                   " decided_by = asked_by")));
    assert_int_equal(act(&s, &s.other, "", NAME), 404);
    assert_int_equal(act(&s, &s.other, "/1/decision", YES), 404);
    assert_int_equal(rig_ask(s.rig, &s.other, "GET", MINE, ""), 404);
    assert_int_equal(rig_ask(s.rig, &s.owner, "GET", "/api/v1/changes", ""), 403);
    /* Its own path, and its own side takes it back. */
    char path[] = "/api/v1/contracts/" OTHER_MID "/changes/1/decision";
    assert_int_equal(rig_ask(s.rig, &s.chief, "POST", path, YES), 404);
    assert_int_equal(refused(&s, &s.owner, "/1/withdraw", "", "not_yours"), 409);
    assert_int_equal(act(&s, &s.chief, "/1/decision", YES), 200);
    assert_true(rig_says(s.rig, "137****4321") && !rig_says(s.rig, "13700004321"));
    struct registry_contact contact[CONTACTS_MAX];
    size_t count = 0;
    assert_ok(registry_contacts(s.rig->registry, BYTES(RIG_MID), contact, &count));
    assert_string_equal(contact[0].phone, "13700004321");
    assert_string_equal(contact[0].name_zh, "李四");
    assert_int_equal(count_of(&s, "SELECT count(*) FROM audit WHERE detail LIKE '%4321%'"), 0);
    s.rig->now_ms += SESSION_STEP_UP_MS;
    assert_int_equal(act(&s, &s.owner, "", NAME), 403);
    rig_close(s.rig);
}

static void what_has_not_its_form_is_not_asked(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{\"kind\":\"name\",\"reason\":\"x\",\"name_zh\":\"店\"}",
        "{\"kind\":\"name\",\"reason\":\"x\",\"name_zh\":\"店\",\"name_en\":\"店\"}",
        "{\"kind\":\"address\",\"reason\":\"x\",\"address\":\"大街9号\"}",
        "{\"kind\":\"contact\",\"reason\":\"x\",\"name_zh\":\"李\",\"pinyin\":\"li\",\"phone\":"
        "\"12\"}",
        "{\"kind\":\"contact\",\"reason\":\"x\",\"name_zh\":\"李\",\"pinyin\":\"Li\",\"phone\":"
        "\"13700004321\"}",
        "{\"kind\":\"fees\",\"reason\":\"x\",\"plan\":77}",
    };
    struct scene s = open_scene();
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(refused(&s, &s.agent, "", bad[i], "bad_value"), 422);
    assert_int_equal(act(&s, &s.agent, "", "{\"kind\":\"bank\",\"reason\":\"x\"}"), 400);
    assert_int_equal(count_of(&s, "SELECT count(*) FROM contract_change"), 0);
    rig_close(s.rig);
}

/* 259: the five elements are registered anew, and those of before stay. */
static void an_address_is_bound_anew(void **state)
{
    (void)state;
    struct scene s = open_scene();
    struct elements e;
    const struct elements_form form = {BYTES("91310000MA1FL0A062"), BYTES("6222020000001234"),
                                       BYTES("北京市海淀区中关村大街1号"), BYTES("13800005678"),
                                       false};
    CLEANUP(store_rollback) struct store_tx tx = {0};
    assert_ok(store_begin(s.rig->b->store, &tx));
    assert_ok(elements_prepare(s.rig->b, &tx, "TB1-1", RIG_MID, &form, 5));
    assert_ok(elements_find(s.rig->b->store, "TB1-1", &e));
    assert_ok(elements_bind(&tx, e.id, 6));
    assert_ok(elements_prepare(s.rig->b, &tx, "TB1-2", RIG_MID, &form, 7));
    assert_ok(store_commit(&tx));
    assert_int_equal(act(&s, &s.owner, "", ADDRESS), 200);
    s.rig->hsm_away = true;
    assert_int_equal(act(&s, &s.chief, "/1/decision", YES), 503);
    s.rig->hsm_away = false;
    assert_int_equal(count_of(&s, "SELECT count(*) FROM stock_binding"), 2);
    assert_int_equal(act(&s, &s.chief, "/1/decision", YES), 200);
    assert_ok(elements_find(s.rig->b->store, "TB1-1", &e));
    assert_string_equal(e.address, "北京市海淀区中关村大街9号");
    assert_string_equal(e.account_tail, "1234");
    assert_true(e.bound_ms > 6);
    assert_ok(elements_find(s.rig->b->store, "TB1-2", &e));
    assert_int_equal(e.bound_ms, 0); /* it was not activated yet */
    assert_int_equal(count_of(&s, "SELECT count(*) FROM stock_binding WHERE ended_ms <> 0 AND"
                                  " reason = 'another address'"),
                     2);
    rig_close(s.rig);
}

/* S135: the staff offers, the owner signs the rules that he has read, and pays by them from now. */
static void fees_are_signed_by_the_owner(void **state)
{
    (void)state;
    struct scene s = open_scene();
    struct registry_agreement g;
    static struct fee_rule table[32];
    size_t count = 0;
    const struct fee_rule *rules = fee_rules(&count);
    assert_int_equal(refused(&s, &s.owner, "", FEES, "not_yours"), 409);
    assert_int_equal(act(&s, &s.agent, "", FEES), 200);
    assert_int_equal(refused(&s, &s.chief, "/1/decision", YES, "not_yours"), 409);
    assert_true(FAILED(store_exec(s.rig->b->store, "UPDATE contract_change SET state = 2,"
                                                   " by_staff = 0, decided_by = 'x'")));
    assert_int_equal(rig_ask(s.rig, &s.owner, "GET", MINE, ""), 200);
    assert_true(rig_says(s.rig, "\"rules\":\"201,202,203,204\""));
    assert_true(rig_says(s.rig, "\"text_en\":\"credit cards: 0.38 % (rule 202)\",\"rule\":202"));
    assert_int_equal(refused(&s, &s.owner, "/1/decision", YES, "changed"), 409);
    assert_int_equal(
        act(&s, &s.owner, "/1/decision", "{\"agrees\":true,\"papers\":\"201,202,203,204\"}"), 200);
    assert_ok(registry_find_agreement(s.rig->registry, RIG_MID, s.rig->now_ms, &g));
    assert_int_equal(g.fee_plan, FEE_PLAN_SMALL);
    assert_int_equal(g.signed_ms, s.rig->now_ms);
    assert_int_equal(refused(&s, &s.agent, "", FEES, "same"), 409);
    /* A rule that comes later is shown as one that waits, and may be offered. */
    memcpy(table, rules, count * sizeof table[0]);
    table[count] =
        (struct fee_rule){302, FEE_PLAN_SMALL, FEE_CREDIT, s.rig->now_ms + 5000, 5000, 0};
    fee_rules_use(table, count + 1);
    s.rig->now_ms += 10000;
    assert_int_equal(rig_ask(s.rig, &s.owner, "GET", MINE, ""), 200);
    assert_true(rig_says(s.rig, "\"rule\":202") && rig_says(s.rig, "\"waits\":302"));
    assert_int_equal(act(&s, &s.agent, "", FEES), 200);
    assert_int_equal(
        act(&s, &s.owner, "/2/decision", "{\"agrees\":true,\"papers\":\"201,302,203,204\"}"), 200);
    assert_false(rig_says(s.rig, "\"waits\":302"));
    assert_true(rig_says(s.rig, "\"rule\":302"));
    fee_rules_use(NULL, 0);
    rig_close(s.rig);
}

static void what_nobody_decides_ends(void **state)
{
    (void)state;
    struct scene s = open_scene();
    assert_int_equal(act(&s, &s.owner, "", NAME), 200);
    assert_int_equal(act(&s, &s.owner, "", CONTACT), 200);
    assert_int_equal(act(&s, &s.chief, "/2/decision", NO), 200);
    s.rig->now_ms += CHANGE_LASTS_DAYS * DAY_MS - 5000;
    assert_ok(change_sweep(s.rig->b->store, s.rig->now_ms));
    assert_int_equal(count_of(&s, "SELECT state FROM contract_change WHERE id = 1"), CHANGE_WAITS);
    assert_ok(change_sweep(s.rig->b->store, s.rig->now_ms + 5000));
    assert_int_equal(count_of(&s, "SELECT state FROM contract_change WHERE id = 1"),
                     CHANGE_EXPIRED);
    assert_int_equal(count_of(&s, "SELECT state FROM contract_change WHERE id = 2"),
                     CHANGE_REFUSED);
    rig_close(s.rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_another_ones_decision),
        cmocka_unit_test(terminals_get_the_name),
        cmocka_unit_test(four_eyes_and_no_stranger),
        cmocka_unit_test(what_has_not_its_form_is_not_asked),
        cmocka_unit_test(an_address_is_bound_anew),
        cmocka_unit_test(fees_are_signed_by_the_owner),
        cmocka_unit_test(what_nobody_decides_ends),
    };
    return cmocka_run_group_tests_name("contracts_change", tests, NULL, NULL);
}
