/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stock as its people see it (S138): each step in each state for each role, as a table that is
 * held against what the rows of the interface answer; who asked for a replacement does not approve
 * it; a list with counts and a search; applications that wait, with what their form has.
 */
#include "backoffice/stock/stock_desk.h"
#include "tests/unit/stock_joint_scene.h"

#define DESK "/api/v1/stock/terminals/" SERIAL "/desk"

static enum stock_verdict verdict_of(struct scene *s, const struct stock_keeper *keeper,
                                     enum stock_desk_step step, const struct replacement *open)
{
    struct stock_terminal t;
    enum stock_verdict verdict;
    assert_ok(stock_find(s->t.rig->b->store, BYTES(SERIAL), &t));
    assert_ok(stock_may(s->t.rig->b->store, keeper, &t, open, step, &verdict));
    return verdict;
}

/* The steps whose turn it is in a state; everything else is not its turn, whoever asks. */
static const struct {
    enum stock_state state;
    const char *may; /* of one who has every role */
} turns[] = {
    {STOCK_IN_STOCK, "assign scrap print"},
    {STOCK_ASSIGNED, "unassign pack print"},
    {STOCK_PACKED, "unpack ship print"},
    {STOCK_SHIPPED, "deliver code return scrap replace print"},
    {STOCK_DELIVERED, "code return replace print"},
    {STOCK_ACTIVE, "return replace release print"},
    {STOCK_RETURNED, "restock scrap print"},
    {STOCK_SCRAPPED, "print"},
};

static bool lists(const char *words, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = words; (at = strstr(at, word)) != NULL; at += len)
        if ((at == words || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0')) return true;
    return false;
}

static void each_step_has_its_turn_and_its_people(void **state)
{
    (void)state;
    struct scene s = open_scene();
    const struct stock_keeper all = {ROLE_AGENT | ROLE_APPROVER | ROLE_ADMIN, "staff all"},
                              none = {ROLE_AUDITOR, "staff auditor"};
    struct stock_terminal t;
    assert_ok(stock_find(s.t.rig->b->store, BYTES(SERIAL), &t));
    for (size_t i = 0; i < ARRAY_LEN(turns); i++) {
        for (enum stock_desk_step step = 0; step < STOCK_STEPS; step++) {
            enum stock_verdict verdict;
            bool turn = lists(turns[i].may, stock_step_word(step));
            bool decides = step == STOCK_STEP_APPROVE || step == STOCK_STEP_REFUSE;
            t.state = turns[i].state;
            assert_ok(stock_may(s.t.rig->b->store, &all, &t, NULL, step, &verdict));
            assert_int_equal(verdict == STOCK_OK, turn);
            if (!turn)
                assert_true(verdict == STOCK_STATE || (decides && verdict == STOCK_NOT_ASKED));
            assert_ok(stock_may(s.t.rig->b->store, &none, &t, NULL, step, &verdict));
            assert_int_equal(verdict == STOCK_ROLE, turn);
        }
    }
    rig_close(s.t.rig);
}

static void who_asked_does_not_decide(void **state)
{
    (void)state;
    struct scene s = open_agreed();
    struct replacement open = {.id = 1, .state = REPLACEMENT_ASKED, .asked_by = "staff one"};
    const struct stock_keeper one = {ROLE_ADMIN, "staff one"}, two = {ROLE_APPROVER, "staff two"},
                              agent = {ROLE_AGENT, "staff three"};
    assert_int_equal(assign(&s, SERIAL), 200);
    assert_int_equal(step(&s, SERIAL, "pack", "{\"scanned\":\"" SERIAL "\"}"), 200);
    assert_int_equal(step(&s, SERIAL, "ship", ""), 200);
    assert_int_equal(verdict_of(&s, &one, STOCK_STEP_APPROVE, &open), STOCK_SAME_PERSON);
    assert_int_equal(verdict_of(&s, &one, STOCK_STEP_REFUSE, &open), STOCK_OK);
    assert_int_equal(verdict_of(&s, &two, STOCK_STEP_APPROVE, &open), STOCK_OK);
    assert_int_equal(verdict_of(&s, &agent, STOCK_STEP_APPROVE, &open), STOCK_ROLE);
    assert_int_equal(verdict_of(&s, &agent, STOCK_STEP_REPLACE, &open), STOCK_ASKED);
    assert_int_equal(verdict_of(&s, &two, STOCK_STEP_REPLACE, NULL), STOCK_ROLE);
    assert_int_equal(verdict_of(&s, &two, STOCK_STEP_APPROVE, NULL), STOCK_NOT_ASKED);
    rig_close(s.t.rig);
}

/* What may be done by the desk is done by its row, and what may not is refused by it. */
static void the_rows_say_what_the_desk_says(void **state)
{
    (void)state;
    struct scene s = open_agreed();
    struct rig *rig = s.t.rig;
    static const struct {
        const char *step, *body;
    } acts[] = {{"pack", "{\"scanned\":\"" SERIAL "\"}"},
                {"unassign", ""},
                {"unpack", ""},
                {"ship", ""},
                {"deliver", ""},
                {"restock", ""},
                {"return", "{\"reason\":\"x\"}"},
                {"scrap", "{\"reason\":\"x\"}"}};
    for (size_t i = 0; i < ARRAY_LEN(acts); i++) {
        char may[64];
        snprintf(may, sizeof may, "{\"name\":\"%s\",\"may\":true}", acts[i].step);
        assert_int_equal(rig_ask(rig, &s.admin, "GET", DESK, ""), 200);
        bool said = rig_says(rig, may);
        unsigned status = step(&s, SERIAL, acts[i].step, acts[i].body);
        assert_int_equal(status == 200, said);
        if (!said) assert_int_equal(status, 409);
        rig->now_ms += 5000;
    }
    rig_close(rig);
}

static void a_terminal_is_shown_with_its_shop(void **state)
{
    (void)state;
    struct scene s = open_agreed();
    struct rig *rig = s.t.rig;
    assert_int_equal(rig_ask(rig, &s.keeper, "GET", DESK, ""), 200);
    assert_false(rig_says(rig, "\"shop\""));
    assert_true(rig_says(rig, "\"name\":\"assign\",\"may\":true"));
    assert_true(rig_says(rig, "\"name\":\"scrap\",\"may\":false,\"why\":\"role\""));
    assert_true(rig_says(rig, "\"state_zh\":\"在库\""));
    assert_true(rig_says(rig, "\"text_en\":\"taken in\""));
    assert_int_equal(assign(&s, SERIAL), 200);
    assert_int_equal(rig_ask(rig, &s.keeper, "GET", DESK, ""), 200);
    assert_true(rig_says(rig, "\"shop\":\"海淀开源茶馆\"") &&
                rig_says(rig, "\"address\":\"北京市海淀区中关村大街1号\"") &&
                rig_says(rig, "\"text_zh\":\"分配给商户\""));
    assert_false(rig_says(rig, BENCH_PHONE));
    assert_int_equal(rig_ask(rig, &s.keeper, "GET", "/api/v1/stock/terminals/NONE/desk", ""), 404);
    rig_close(rig);
}

static unsigned search(struct scene *s, const char *name, const char *value)
{
    struct browser at = s->keeper;
    at.query[0][0] = name;
    at.query[0][1] = value;
    unsigned status = rig_ask(s->t.rig, &at, "GET", "/api/v1/stock/desk", "");
    return status;
}

static void the_stock_is_counted_and_searched(void **state)
{
    (void)state;
    struct scene s = open_agreed();
    struct rig *rig = s.t.rig;
    assert_int_equal(assign(&s, SERIAL), 200);
    static const struct {
        const char *name, *value;
        bool first, second;
    } rows[] = {{"state", "assigned", true, false},         {"state", "in_stock", false, true},
                {"state", "active", false, false},          {"search", "2030", true, true},
                {"search", "000018", false, true},          {"search", NUMBER, true, false},
                {"search", "898110158120001", true, false}, {"search", "%", false, false},
                {"search", "' OR 1", false, false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(search(&s, rows[i].name, rows[i].value), 200);
        assert_int_equal(rig_says(rig, "\"serial\":\"" SERIAL "\""), rows[i].first);
        assert_int_equal(rig_says(rig, "\"serial\":\"" OTHER "\""), rows[i].second);
        assert_true(rig_says(rig, "\"name\":\"assigned\",\"text_zh\":\"已分配\",\"text_en\":"
                                  "\"assigned to a shop\",\"count\":1"));
    }
    assert_int_equal(search(&s, "state", "lost"), 404);
    rig_close(rig);
}

static void applications_wait_with_what_their_form_has(void **state)
{
    (void)state;
    static const char path[] = "/api/v1/stock/waiting";
    struct scene s = open_scene();
    struct rig *rig = s.t.rig;
    assert_int_equal(rig_ask(rig, &s.keeper, "GET", path, ""), 200);
    assert_true(rig_says(rig, "\"applications\":[]"));
    rig->now_ms += 5000;
    agree(&s);
    assert_int_equal(rig_ask(rig, &s.keeper, "GET", path, ""), 200);
    assert_true(rig_says(rig, "\"application\":\"" NUMBER "\"") &&
                rig_says(rig, "\"region\":\"1101\"") && rig_says(rig, "\"city_zh\":\"北京\"") &&
                rig_says(rig, "\"name\":\"register\",\"may\":false,\"why\":\"role\""));
    assert_false(rig_says(rig, "\"merchant\""));
    assert_true(rig_says(rig, "\"phone\":\"139****1234\"") && !rig_says(rig, BENCH_PHONE));
    assert_int_equal(register_merchant(&s), 201);
    assert_int_equal(rig_ask(rig, &s.admin, "GET", path, ""), 200);
    assert_true(rig_says(rig, "\"merchant\":\"898110158120001\"") &&
                rig_says(rig, "\"name\":\"register\",\"may\":true"));
    assert_int_equal(assign(&s, SERIAL), 200);
    assert_int_equal(rig_ask(rig, &s.keeper, "GET", path, ""), 200);
    assert_true(rig_says(rig, "\"applications\":[]"));
    rig_close(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_step_has_its_turn_and_its_people),
        cmocka_unit_test(who_asked_does_not_decide),
        cmocka_unit_test(the_rows_say_what_the_desk_says),
        cmocka_unit_test(a_terminal_is_shown_with_its_shop),
        cmocka_unit_test(the_stock_is_counted_and_searched),
        cmocka_unit_test(applications_wait_with_what_their_form_has),
    };
    return cmocka_run_group_tests_name("stock_desk", tests, NULL, NULL);
}
