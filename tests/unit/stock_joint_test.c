/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stock and applications as one (S138, S141): a terminal is assigned to an agreed application and
 * to nothing else that is kept here; merchant, elements and address are the application's; every
 * step of the terminal is a line of its timeline; a parcel that is lost frees it; killed at every
 * call to the store both have moved, or neither.
 */
#include "backoffice/api/api.h"
#include "backoffice/contracts/contract.h"
#include "backoffice/stock/activation.h"
#include "registry/contact.h"
#include "registry/limits.h"
#include "registry/place.h"
#include "tests/unit/stock_joint_scene.h"

#define BLOCK "D0048P0AE00E0000F1A2B3C4D5E6F7A8B9C0D1E2F3A4B5C6"

static void only_an_agreed_application_gets_one(void **state)
{
    (void)state;
    struct scene s = open_scene();
    assert_int_equal(step(&s, SERIAL, "assign", "{\"application\":\"SQ00000099\"}"), 422);
    assert_true(rig_says(s.t.rig, "\"error\":\"application\""));
    assert_int_equal(step(&s, SERIAL, "assign", "{\"application\":\"A-17\"}"), 400);
    assert_int_equal(assign(&s, SERIAL), 409);
    assert_true(rig_says(s.t.rig, "\"error\":\"not_agreed\""));
    assert_int_equal(register_merchant(&s), 409);
    assert_true(rig_says(s.t.rig, "\"error\":\"not_agreed\""));
    s.t.rig->now_ms += 5000;
    agree(&s);
    assert_int_equal(assign(&s, SERIAL), 409);
    assert_true(rig_says(s.t.rig, "\"error\":\"not_numbered\""));
    assert_int_equal(register_merchant(&s), 201);
    s.t.rig->hsm_away = true;
    assert_int_equal(assign(&s, SERIAL), 503);
    s.t.rig->hsm_away = false;
    assert_int_equal(terminal_state(&s), STOCK_IN_STOCK);
    assert_int_equal(application_state(&s), APPLICATION_AGREED);
    assert_int_equal(assign(&s, SERIAL), 200);
    /* One application, one terminal. */
    s.t.rig->now_ms += 5000;
    assert_int_equal(assign(&s, OTHER), 409);
    assert_true(rig_says(s.t.rig, "\"error\":\"not_agreed\""));
    assert_int_equal(count_of(&s, "SELECT count(*) FROM stock_terminal WHERE state = 1"), 1);
    rig_close(s.t.rig);
}

/* S135: he is registered with the plan that he has signed, and with none of which a fee does not
 * stand there. */
static void no_fee_is_charged_that_was_not_signed(void **state)
{
    (void)state;
    static const char *const others[] = {
        "000000c9000000ca000000cb",         /* no fee for cards of abroad */
        "000000c9000000ca000000cb00000068", /* that of another plan */
        "",
    };
    struct registry_merchant merchant;
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        struct scene s = open_scene();
        agree_by(&s, others[i]);
        assert_int_equal(register_merchant(&s), 422);
        assert_true(rig_says(s.t.rig, "\"error\":\"unsigned_fee\""));
        rig_close(s.t.rig);
    }
    struct scene s = open_scene();
    agree(&s);
    assert_int_equal(register_merchant(&s), 201);
    assert_ok(registry_find_merchant(s.t.rig->b->registry, BYTES("898110158120001"), &merchant));
    assert_int_equal(merchant.fee_plan, FEE_PLAN_SMALL);
    rig_close(s.t.rig);
}

#define NEW(more)                                                                       \
    "{\"application\":\"" NUMBER "\",\"acquirer\":\"898\",\"name_en\":\"HAIDIAN TEA\"," \
    "\"contact_pinyin\":\"wang xiaoming\"" more "}"

/* Trade, place and telephone were looked at and agreed: they are not typed again, and not
 * otherwise.
 */
static void number_and_contact_are_the_applications(void **state)
{
    (void)state;
    static const char *const other[] = {",\"region\":\"3101\"", ",\"category\":\"7011\"",
                                        ",\"phone\":\"13900009999\""};
    struct scene s = open_scene();
    struct registry_merchant m;
    struct registry_place place;
    struct registry_contact contact[CONTACTS_MAX];
    size_t count = 0;
    char body[400];
    agree(&s);
    for (size_t i = 0; i < ARRAY_LEN(other); i++) {
        snprintf(body, sizeof body, NEW("%s"), other[i]);
        assert_int_equal(post(&s, &s.admin, "merchants", body), 422);
        assert_true(rig_says(s.t.rig, "\"error\":\"differs\""));
    }
    assert_int_equal(post(&s, &s.admin, "merchants", NEW("")), 201);
    assert_true(rig_says(s.t.rig, "\"merchant\":\"898110158120001\""));
    assert_ok(registry_find_merchant(s.t.rig->registry, BYTES("898110158120001"), &m));
    assert_string_equal(m.name_zh, "海淀区开源茶馆");
    assert_ok(registry_find_place(s.t.rig->registry, BYTES("898110158120001"), &place));
    assert_string_equal(place.category, "5812");
    assert_string_equal(place.city, "Beijing");
    assert_ok(registry_contacts(s.t.rig->registry, BYTES("898110158120001"), contact, &count));
    assert_string_equal(contact[0].phone, BENCH_PHONE);
    assert_string_equal(contact[0].name_zh, "王小明");
    /* On paper everything is typed. */
    assert_int_equal(post(&s, &s.admin, "merchants",
                          "{\"application\":\"A-1\",\"acquirer\":\"898\",\"name_en\":\"TEA\","
                          "\"contact_pinyin\":\"wang\"}"),
                     422);
    assert_true(rig_says(s.t.rig, "\"error\":\"paper\""));
    rig_close(s.t.rig);
}

/* S144: his limits are his person's, so the registry hears of both, once, and without a number. */
static void a_micro_merchant_comes_under_his_person(void **state)
{
    (void)state;
    const struct registry_actor staff = {BYTES("test"), 1};
    char risk[REGISTRY_RISK_MAX + 1], person[2 * TOKEN_HASH_BYTES + 1];
    char mates[REGISTRY_MATES_MAX][16];
    size_t count = 0;
    for (int micro = 0; micro < 2; micro++) {
        struct scene s = open_scene();
        struct registry *registry = s.t.rig->registry;
        if (micro)
            assert_ok(store_exec(s.t.as->store,
                                 "UPDATE application_value SET text = 'micro' WHERE field = 1"));
        agree(&s);
        assert_int_equal(register_merchant(&s), 201);
        assert_ok(registry_find_risk(registry, BYTES("898110158120001"), risk));
        assert_string_equal(risk, micro ? "micro" : "");
        assert_ok(application_person(s.t.as->store, s.t.a.id, person));
        assert_int_equal(strlen(person), 2 * TOKEN_HASH_BYTES);
        assert_ok(registry_set_person(registry, &staff, BYTES(RIG_MID), bytes_text(person)));
        assert_ok(registry_find_mates(registry, BYTES(RIG_MID), mates, &count));
        assert_int_equal(count, micro);
        assert_ok(registry_set_risk(registry, &staff, BYTES("898110158120001"), BYTES("watched")));
        assert_int_equal(register_merchant(&s), 201); /* the same number, and its class stays */
        assert_ok(registry_find_risk(registry, BYTES("898110158120001"), risk));
        assert_string_equal(risk, "watched");
        rig_close(s.t.rig);
    }
}

#define MADE "898110158120001"

/* Asked, agreed to and ended at this moment. */
static void end_contract(struct scene *s)
{
    const int64_t now_ms = s->t.rig->now_ms;
    const struct registry_actor li = {BYTES("staff li"), now_ms}, wu = {BYTES("staff wu"), now_ms};
    enum contract_verdict verdict;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    assert_ok(store_begin(s->t.as->store, &tx));
    assert_ok(contract_ask(&tx, &li, MADE, "moves abroad", &verdict));
    assert_ok(contract_decide(&tx, &wu, MADE, true, &verdict));
    assert_ok(contract_end(&tx, &wu, MADE, &verdict));
    assert_int_equal(verdict, CONTRACT_OK);
    assert_ok(store_commit(&tx));
}

/* A paper of a change and one of an account of this merchant, and one of another's change. */
static void send_papers(struct scene *s)
{
    static const char *const rows[] = {
        "INSERT INTO contract_change VALUES(5, '" MADE "', 1, 3, '', '', '', '', '', '', 0, '', '',"
        " '', 0, 0, '', 0), (6, '898310153110001', 1, 3, '', '', '', '', '', '', 0, '', '', '', 0,"
        " 0, '', 0)",
        "INSERT INTO payout_request VALUES(5, '" MADE "', '', '', '', x'00', '', 0, 0, 1, '', 0)",
        "INSERT INTO upload_file VALUES(zeroblob(32), 0)",
        "INSERT INTO upload VALUES(2, 5, 1, zeroblob(32), 3, 35, 0, 0, 0),"
        " (2, 6, 1, zeroblob(32), 3, 35, 0, 0, 0), (3, 5, 4, zeroblob(32), 3, 35, 0, 0, 0)",
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) assert_ok(store_exec(s->t.as->store, rows[i]));
}

/* S142: photos and identity data go when the years are over; that they went stays on record. */
static void files_go_with_their_contract(void **state)
{
    (void)state;
    static const char values[] = "SELECT count(*) FROM application_value";
    static const char bindings[] = "SELECT count(*) FROM stock_binding WHERE subject <> x'' OR"
                                   " account <> x'' OR phone <> '' OR address <> ''";
    struct scene s = open_scene();
    struct registry_contact contact[CONTACTS_MAX];
    size_t count = 0;
    agree(&s);
    assert_int_equal(register_merchant(&s), 201);
    assert_int_equal(assign(&s, SERIAL), 200);
    s.t.rig->now_ms += 1000;
    assert_int_equal(step(&s, SERIAL, "unassign", ""), 200);
    end_contract(&s);
    send_papers(&s);
    const int64_t over_ms = s.t.rig->now_ms + CONTRACT_KEPT_DAYS * INT64_C(86400000);
    assert_ok(contract_erase_due(s.t.rig->b, over_ms - 1));
    assert_true(count_of(&s, values) > 0);
    assert_int_equal(count_of(&s, bindings), 1);
    assert_ok(contract_erase_due(s.t.rig->b, over_ms));
    assert_int_equal(count_of(&s, values), 0);
    assert_int_equal(count_of(&s, "SELECT count(*) FROM upload"), 1);
    assert_int_equal(count_of(&s, "SELECT id FROM upload"), 6); /* another merchant's */
    assert_int_equal(count_of(&s, "SELECT count(*) FROM application WHERE mark <> x''"), 0);
    assert_int_equal(count_of(&s, bindings), 0);
    assert_int_equal(count_of(&s, "SELECT count(*) FROM stock_binding WHERE mid = '" MADE "'"), 1);
    assert_ok(registry_contacts(s.t.rig->registry, BYTES(MADE), contact, &count));
    assert_int_equal(count, 0);
    assert_int_equal(count_of(&s, "SELECT count(*) FROM audit WHERE event = 'contract.erased'"), 1);
    assert_int_equal(count_of(&s, "SELECT count(*) FROM application_agreement"), 1);
    assert_ok(contract_erase_due(s.t.rig->b, over_ms + 1)); /* once */
    assert_int_equal(count_of(&s, "SELECT count(*) FROM audit WHERE event = 'contract.erased'"), 1);
    rig_close(s.t.rig);
}

/* Who may arrange the stock does not make merchants. */
static void a_key_of_the_stock_registers_no_merchant(void **state)
{
    (void)state;
    const struct api_route *row = NULL;
    for (size_t i = 0; (row = api_route_at(i)) != NULL; i++)
        if (strcmp(row->path, "/stock/merchants") == 0) break;
    assert_non_null(row);
    assert_int_equal(row->scope, API_SCOPE_MERCHANTS_WRITE);
    assert_int_equal(row->roles, ROLE_APPROVER | ROLE_ADMIN);
}

/* Five elements that somebody types are a right of its own, whatever a key may do to the stock. */
static void a_key_of_the_stock_assigns_by_no_paper(void **state)
{
    (void)state;
    const struct api_route *row = NULL;
    for (size_t i = 0; (row = api_route_at(i)) != NULL; i++)
        if (strstr(row->path, "/assign_contract") != NULL) break;
    assert_non_null(row);
    assert_int_equal(row->scope, API_SCOPE_CONTRACTS_WRITE);
    assert_int_equal(row->roles, ROLE_ADMIN);
}

/* A contract on paper is an administrator's, and is never an application that is kept here. */
static void nobody_types_what_an_application_says(void **state)
{
    (void)state;
    struct scene s = open_agreed();
    static const char body[] = "{\"application\":\"" NUMBER "\",\"merchant\":\"" RIG_MID
                               "\",\"subject\":\"91310000MA1FL0A062\",\"account\":"
                               "\"6222020000001234\",\"address\":\"中山东一路17号\","
                               "\"phone\":\"13800005678\"}";
    assert_int_equal(step(&s, SERIAL, "assign_contract", body), 422);
    assert_true(rig_says(s.t.rig, "\"error\":\"not_paper\""));
    assert_int_equal(post(&s, &s.keeper, "terminals/" SERIAL "/assign_contract", body), 403);
    assert_int_equal(terminal_state(&s), STOCK_IN_STOCK);
    rig_close(s.t.rig);
}

static void elements_and_address_are_the_applications(void **state)
{
    (void)state;
    struct scene s = open_agreed();
    assert_int_equal(
        post(&s, &s.keeper, "terminals/" SERIAL "/assign", "{\"application\":\"" NUMBER "\"}"),
        200);
    assert_true(rig_says(s.t.rig, "\"merchant\":\"898110158120001\"") &&
                rig_says(s.t.rig, "\"application\":\"" NUMBER "\""));
    assert_int_equal(rig_ask(s.t.rig, &s.keeper, "GET", "/api/v1/stock/terminals/" SERIAL, ""),
                     200);
    assert_true(rig_says(s.t.rig, "北京市海淀区中关村大街1号") &&
                rig_says(s.t.rig, "\"subject\":\"CD1Q\"") &&
                rig_says(s.t.rig, "\"account\":\"0567\""));
    assert_false(rig_says(s.t.rig, BENCH_ACCOUNT));
    assert_int_equal(count_of(&s, "SELECT count(*) FROM stock_binding WHERE phone = '" BENCH_PHONE
                                  "' AND instr(account, CAST('" BENCH_ACCOUNT "' AS BLOB)) = 0"),
                     1);
    /* The binding knows the right tail: the account was opened and sealed anew. */
    struct elements e;
    bool right = false;
    assert_ok(elements_find(s.t.rig->b->store, SERIAL, &e));
    assert_ok(elements_tail_is(s.t.rig->b, &e, BYTES("ABCD1Q"), &right));
    assert_true(right);
    rig_close(s.t.rig);
}

static void each_step_is_a_line_of_the_timeline(void **state)
{
    (void)state;
    struct scene s = open_agreed();
    static const struct {
        const char *what, *body;
        enum application_state becomes;
    } rows[] = {{"unassign", "", APPLICATION_AGREED},
                {"assign", "{\"application\":\"" NUMBER "\"}", APPLICATION_ASSIGNED},
                {"pack", "{\"scanned\":\"" SERIAL "\"}", APPLICATION_ASSIGNED},
                {"unpack", "", APPLICATION_ASSIGNED},
                {"pack", "{\"scanned\":\"" SERIAL "\"}", APPLICATION_ASSIGNED},
                {"ship", "", APPLICATION_SHIPPED},
                {"deliver", "", APPLICATION_DELIVERED},
                {"return", "{\"reason\":\"nobody there\"}", APPLICATION_AGREED}};
    assert_int_equal(assign(&s, SERIAL), 200);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        s.t.rig->now_ms += 5000;
        assert_int_equal(step(&s, SERIAL, rows[i].what, rows[i].body), 200);
        assert_int_equal(application_state(&s), rows[i].becomes);
    }
    assert_int_equal(count_of(&s, "SELECT count(*) FROM application_event WHERE event IN"
                                  " (21, 22, 23, 25) AND actor LIKE '%admin%'"),
                     6);
    assert_int_equal(
        count_of(&s, "SELECT count(*) FROM application_note WHERE text = '" SERIAL "'"), 6);
    /* Another terminal goes out for it; scrapping the first does not take that one away. */
    assert_int_equal(assign(&s, OTHER), 200);
    s.t.rig->now_ms += 5000;
    assert_int_equal(step(&s, SERIAL, "scrap", "{\"reason\":\"broken\"}"), 200);
    assert_int_equal(application_state(&s), APPLICATION_ASSIGNED);
    rig_close(s.t.rig);
}

static void a_parcel_that_is_lost_frees_its_application(void **state)
{
    (void)state;
    struct scene s = open_agreed();
    assert_int_equal(assign(&s, SERIAL), 200);
    assert_int_equal(step(&s, SERIAL, "pack", "{\"scanned\":\"" SERIAL "\"}"), 200);
    assert_int_equal(step(&s, SERIAL, "ship", ""), 200);
    s.t.rig->now_ms += 5000;
    assert_int_equal(step(&s, SERIAL, "scrap", "{\"reason\":\"lost\"}"), 200);
    assert_int_equal(application_state(&s), APPLICATION_AGREED);
    assert_int_equal(assign(&s, OTHER), 200);
    rig_close(s.t.rig);
}

/* As the device at the shop does it: stock, application, and its row in the registry. */
static void activate(struct scene *s)
{
    struct rig *rig = s->t.rig;
    const struct registry_actor actor = {BYTES("device"), rig->now_ms};
    struct stock_terminal t;
    enum stock_verdict verdict;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    assert_ok(stock_find(rig->b->store, BYTES(SERIAL), &t));
    assert_ok(store_begin(rig->b->store, &tx));
    assert_ok(stock_step(&tx, &actor, STOCK_DOES_ACTIVATE, "", &t, &verdict));
    assert_int_equal(verdict, STOCK_OK);
    assert_ok(joint_follow(rig->b, &tx, &actor, STOCK_DOES_ACTIVATE, STOCK_DELIVERED, NUMBER,
                           SERIAL, &verdict));
    assert_int_equal(verdict, STOCK_OK);
    assert_ok(store_commit(&tx));
    struct registry_terminal known = {.outlet = 1,
                                      .suite = REGISTRY_TONGBAO,
                                      .status = REGISTRY_ACTIVE,
                                      .master_block = BLOCK,
                                      .model = "TB-1",
                                      .first_batch = 1,
                                      .fingerprint = PRINT_A,
                                      .serial = SERIAL};
    memcpy(known.tid, t.tid, sizeof known.tid);
    memcpy(known.mid, t.mid, sizeof known.mid);
    assert_ok(registry_add_terminal(rig->registry, &actor, &known));
}

/* S124: a spare goes the same way to a shop that is at work. Its application has had its terminal:
 * no step of the spare moves it, and none is refused because of it. */
static void a_spare_moves_no_application(void **state)
{
    (void)state;
    struct scene s = open_agreed();
    static const struct {
        const char *what, *body;
    } way[] = {{"pack", "{\"scanned\":\"" OTHER "\"}"},
               {"unpack", ""},
               {"pack", "{\"scanned\":\"" OTHER "\"}"},
               {"ship", ""},
               {"deliver", ""}};
    assert_int_equal(assign(&s, SERIAL), 200);
    assert_int_equal(step(&s, SERIAL, "pack", "{\"scanned\":\"" SERIAL "\"}"), 200);
    assert_int_equal(step(&s, SERIAL, "ship", ""), 200);
    assert_int_equal(step(&s, SERIAL, "deliver", ""), 200);
    activate(&s);
    assert_int_equal(application_state(&s), APPLICATION_ACTIVE);
    int64_t events = count_of(&s, "SELECT count(*) FROM application_event");
    s.t.rig->now_ms += 5000;
    assert_int_equal(post(&s, &s.keeper, "terminals/" SERIAL "/replace",
                          "{\"spare\":\"" OTHER "\",\"reason\":\"screen broken\"}"),
                     201);
    assert_int_equal(step(&s, SERIAL, "replace/approve", ""), 200);
    for (size_t i = 0; i < ARRAY_LEN(way); i++) {
        s.t.rig->now_ms += 5000;
        assert_int_equal(step(&s, OTHER, way[i].what, way[i].body), 200);
        assert_int_equal(application_state(&s), APPLICATION_ACTIVE);
    }
    assert_int_equal(count_of(&s, "SELECT count(*) FROM application_event"), events);
    assert_int_equal(count_of(&s, "SELECT count(*) FROM stock_terminal WHERE serial = '" OTHER
                                  "' AND state = 5 AND application = '" NUMBER
                                  "' AND mid = '898110158120001'"),
                     1);
    rig_close(s.t.rig);
}

/* ---- killed anywhere ---- */

struct reaper {
    int left;
};

static err reap(void *context, enum store_call call)
{
    struct reaper *reaper = context;
    (void)call;
    return reaper->left-- == 0 ? ERR(IO) : OK;
}

static const struct {
    const char *what, *body;
    int terminal, application;
} acts[] = {{"assign", "{\"application\":\"" NUMBER "\"}", STOCK_ASSIGNED, APPLICATION_ASSIGNED},
            {"pack", "{\"scanned\":\"" SERIAL "\"}", STOCK_PACKED, APPLICATION_ASSIGNED},
            {"ship", "", STOCK_SHIPPED, APPLICATION_SHIPPED},
            {"deliver", "", STOCK_DELIVERED, APPLICATION_DELIVERED},
            {"return", "{\"reason\":\"refused\"}", STOCK_RETURNED, APPLICATION_AGREED}};

/* Cut at the `cut`th call; true when the act went through without being cut. */
static bool cut_at(size_t act, int cut)
{
    struct scene s = open_agreed();
    struct reaper reaper = {cut};
    int64_t was[2];
    for (size_t i = 0; i < act; i++)
        assert_int_equal(step(&s, SERIAL, acts[i].what, acts[i].body), 200);
    was[0] = terminal_state(&s);
    was[1] = application_state(&s);
    s.t.rig->may_end = true;
    store_set_fault(s.t.rig->b->store, reap, &reaper);
    unsigned status = step(&s, SERIAL, acts[act].what, acts[act].body);
    bool over = !s.t.rig->ended;
    bench_restart(&s.t);
    bool moved = terminal_state(&s) == acts[act].terminal;
    if (status == 200 && over) assert_true(moved);
    assert_int_equal(terminal_state(&s), moved ? acts[act].terminal : was[0]);
    assert_int_equal(application_state(&s), moved ? acts[act].application : was[1]);
    if (!moved) assert_int_equal(step(&s, SERIAL, acts[act].what, acts[act].body), 200);
    assert_int_equal(terminal_state(&s), acts[act].terminal);
    assert_int_equal(application_state(&s), acts[act].application);
    assert_int_equal(count_of(&s, "SELECT count(*) FROM application a WHERE state <> (SELECT"
                                  " to_state FROM application_event e WHERE e.application = a.id"
                                  " ORDER BY number DESC LIMIT 1)"),
                     0);
    rig_close(s.t.rig);
    return over;
}

static void killed_anywhere_both_have_moved_or_neither(void **state)
{
    (void)state;
    for (size_t act = 0; act < ARRAY_LEN(acts); act++) {
        int cut = 0;
        while (!cut_at(act, cut)) cut++;
        assert_true(cut > 5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_an_agreed_application_gets_one),
        cmocka_unit_test(no_fee_is_charged_that_was_not_signed),
        cmocka_unit_test(number_and_contact_are_the_applications),
        cmocka_unit_test(a_micro_merchant_comes_under_his_person),
        cmocka_unit_test(files_go_with_their_contract),
        cmocka_unit_test(a_key_of_the_stock_assigns_by_no_paper),
        cmocka_unit_test(a_key_of_the_stock_registers_no_merchant),
        cmocka_unit_test(nobody_types_what_an_application_says),
        cmocka_unit_test(elements_and_address_are_the_applications),
        cmocka_unit_test(each_step_is_a_line_of_the_timeline),
        cmocka_unit_test(a_parcel_that_is_lost_frees_its_application),
        cmocka_unit_test(a_spare_moves_no_application),
        cmocka_unit_test(killed_anywhere_both_have_moved_or_neither),
    };
    return cmocka_run_group_tests_name("stock_joint", tests, NULL, NULL);
}
