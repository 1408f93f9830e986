/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accounts of other people (S57, CR-15, CR-34, HS-01): an owner makes accounts of the own merchant
 * and no others, a manager sees his shop and changes its cashiers, nobody sees a link
 * or chooses a password for somebody else, and what is taken away is gone with the next request.
 */
#include "tests/unit/backoffice_rig.h"

#define NEW_PERSON                                                                         \
    "{\"login\":\"%s\",\"name\":\"Zhao\",\"roles\":[\"%s\"],\"mid\":\"%s\",\"outlet\":%d," \
    "\"mail\":\"%s@example.com\",\"phone\":\"\",\"english\":true}"
#define OWN   "898310153110001"
#define OTHER "898310153110002"

static unsigned add(struct rig *rig, struct browser *b, const struct person *who, const char *login,
                    const char *role, const char *mid, int outlet)
{
    return rig_post(rig, b, rig_path(who, "/people/add"), NEW_PERSON, login, role, mid, outlet,
                    login);
}

static int64_t id_of(struct rig *rig, const char *login)
{
    struct account a;
    enum account_kind kinds[] = {ACCOUNT_STAFF, ACCOUNT_OWNER};
    for (size_t i = 0; i < 2; i++)
        if (!FAILED(account_find_login(rig->b->store, kinds[i], bytes_text(login), &a)))
            return a.id;
    return 0;
}

/* The token of the last letter's link. */
static void letter_token(const struct rig *rig, struct token *token)
{
    const char *at = strstr(rig->letter[rig->letters - 1].text, "/setup#");
    assert_non_null(at);
    snprintf(token->text, sizeof token->text, "%s", at + 7);
}

static void an_owner_lets_people_in(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser own = {0}, new = {0};
    struct token link;
    struct person p = rig_known(rig, &own, "wang", ROLE_OWNER);
    assert_int_equal(add(rig, &own, &p, "zhao", "manager", OWN, 2), 200);
    assert_false(rig_says(rig, "setup#")); /* the link goes to the address, and nowhere else */
    assert_string_equal(rig->letter[rig->letters - 1].contact, "zhao@example.com");
    struct person zhao = {.id = id_of(rig, "zhao"), .base = "/api/console", .login = "zhao"};
    letter_token(rig, &link);
    rig_set_up(rig, &new, &zhao, &link);
    assert_int_equal(rig_ask(rig, &new, "GET", "/api/console/people", ""), 200);
    assert_false(rig_says(rig, "wang")); /* the owner is of all shops */
    assert_true(rig_says(rig, "zhao"));
    struct caller caller = {0};
    assert_ok(account_find(rig->b->store, zhao.id, &caller.account));
    assert_true(caller_may_see(&caller, OWN, 2));
    assert_false(caller_may_see(&caller, OWN, 1));
    assert_false(caller_may_see(&caller, OTHER, 2));

    assert_int_equal(rig_post(rig, &own, "/api/console/people/roles",
                              "{\"id\":%lld,\"roles\":[\"finance\"],\"outlet\":0}",
                              (long long)zhao.id),
                     204);
    rig_state(rig, &new, &zhao, "out"); /* HS-11: other roles, other session */
    assert_true(rig_says(rig, "\"why\":\"rights_changed\""));
    rig_enter(rig, &new, &zhao, RIG_PASSWORD);
    assert_int_equal(rig_post(rig, &own, "/api/console/people/status",
                              "{\"id\":%lld,\"status\":\"suspended\"}", (long long)zhao.id),
                     204);
    rig_state(rig, &new, &zhao, "out");
    rig->now_ms += 60000;
    assert_int_equal(rig_login(rig, &new, &zhao, RIG_PASSWORD), 401);
    assert_int_equal(rig_post(rig, &own, "/api/console/people/status",
                              "{\"id\":%lld,\"status\":\"active\"}", (long long)zhao.id),
                     204);
    rig_enter(rig, &new, &zhao, RIG_PASSWORD);
    rig_close(rig);
}

/* Every call that names an account, with accounts that are somebody else's: as if not there. */
static void what_is_somebody_elses_is_not_found(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser own = {0}, agent = {0};
    struct person p = rig_known(rig, &own, "wang", ROLE_OWNER);
    struct person s = rig_known(rig, &agent, "chief", ROLE_ADMIN);
    assert_int_equal(add(rig, &agent, &s, "other", "owner", OTHER, 0), 200);
    char missing[256];
    const int64_t foreign[] = {id_of(rig, "other"), s.id, 999999};
    static const struct {
        const char *path, *more;
    } calls[] = {{"/people/status", ",\"status\":\"closed\""},
                 {"/people/roles", ",\"roles\":[\"finance\"],\"outlet\":0"},
                 {"/people/link", ""}};
    for (size_t c = 0; c < ARRAY_LEN(calls); c++) {
        for (size_t i = 0; i < ARRAY_LEN(foreign); i++) {
            assert_int_equal(rig_post(rig, &own, rig_path(&p, calls[c].path), "{\"id\":%lld%s}",
                                      (long long)foreign[i], calls[c].more),
                             404);
            if (i == 0) snprintf(missing, sizeof missing, "%.255s", rig->answer);
            assert_string_equal(rig->answer, missing);
        }
    }
    assert_int_equal(rig_ask(rig, &own, "GET", "/api/console/people", ""), 200);
    assert_false(rig_says(rig, "other"));
    assert_false(rig_says(rig, "chief"));
    assert_true(rig_says(rig, "wang"));
    assert_int_equal(add(rig, &own, &p, "spy", "finance", OTHER, 0), 404);
    assert_int_equal(add(rig, &own, &p, "spy", "admin", "", 0), 404); /* no staff by an owner */
    assert_int_equal(id_of(rig, "spy"), 0);
    rig_close(rig);
}

static void nobody_does_it_to_himself_or_without_an_address(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser own = {0};
    struct person p = rig_known(rig, &own, "wang", ROLE_OWNER);
    assert_int_equal(rig_post(rig, &own, "/api/console/people/status",
                              "{\"id\":%lld,\"status\":\"closed\"}", (long long)p.id),
                     409);
    assert_int_equal(rig_post(rig, &own, "/api/console/people/roles",
                              "{\"id\":%lld,\"roles\":[\"cashier\"],\"outlet\":0}",
                              (long long)p.id),
                     409);
    assert_int_equal(
        rig_post(rig, &own, "/api/console/people/link", "{\"id\":%lld}", (long long)p.id),
        409); /* the own password is reset where everybody resets it */
    assert_int_equal(
        rig_ask(rig, &own, "POST", "/api/console/people/add",
                "{\"login\":\"x1\",\"name\":\"X\",\"roles\":[\"cashier\"],\"mid\":\"" OWN
                "\",\"outlet\":1,\"mail\":\"\",\"phone\":\"\",\"english\":true}"),
        400);
    assert_int_equal(add(rig, &own, &p, "wang", "cashier", OWN, 1), 409);
    assert_int_equal(add(rig, &own, &p, "li", "king", OWN, 1), 400);
    assert_int_equal(add(rig, &own, &p, "li", "owner", OWN, 1), 400); /* an owner has all outlets */
    /* Five minutes after the last factor it is asked for again. */
    rig->now_ms += SESSION_STEP_UP_MS;
    assert_int_equal(add(rig, &own, &p, "li", "cashier", OWN, 1), 403);
    rig_close(rig);
}

/* ---- a manager ---- */

static int64_t added(struct rig *rig, struct browser *b, const struct person *who,
                     const char *login, const char *role, const char *mid, int outlet)
{
    assert_int_equal(add(rig, b, who, login, role, mid, outlet), 200);
    return id_of(rig, login);
}

/* Every call that names an account, by a manager, with everybody who is not a cashier of his shop,
 * is answered as for one who does not exist, to the byte. */
static void a_manager_has_his_shop(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser own = {0}, chief = {0}, shop = {0};
    struct token link;
    char missing[256] = "";
    struct person p = rig_known(rig, &own, "wang", ROLE_OWNER);
    struct person s = rig_known(rig, &chief, "chief", ROLE_ADMIN);
    int64_t zhao_id = added(rig, &own, &p, "zhao", "manager", OWN, 2);
    letter_token(rig, &link);
    struct person zhao = {.id = zhao_id, .base = "/api/console", .login = "zhao"};
    rig_set_up(rig, &shop, &zhao, &link);
    int64_t his = added(rig, &own, &p, "cashier2", "cashier", OWN, 2);
    const int64_t foreign[] = {
        9999,
        added(rig, &own, &p, "cashier1", "cashier", OWN, 1),
        added(rig, &own, &p, "cashier0", "cashier", OWN, 0),
        added(rig, &own, &p, "finance2", "finance", OWN, 2),
        added(rig, &own, &p, "manager2", "manager", OWN, 2),
        added(rig, &chief, &s, "elsewhere", "cashier", OTHER, 2),
        p.id,
        s.id,
    };
    static const struct {
        const char *path, *more;
    } calls[] = {{"/people/status", ",\"status\":\"suspended\""},
                 {"/people/status", ",\"status\":\"closed\""},
                 {"/people/roles", ",\"roles\":[\"cashier\"],\"outlet\":2"},
                 {"/people/link", ""}};
    unsigned letters = rig->letters;
    for (size_t c = 0; c < ARRAY_LEN(calls); c++) {
        for (size_t i = 0; i < ARRAY_LEN(foreign); i++) {
            assert_int_equal(rig_post(rig, &shop, rig_path(&zhao, calls[c].path), "{\"id\":%lld%s}",
                                      (long long)foreign[i], calls[c].more),
                             404);
            if (missing[0] == '\0') snprintf(missing, sizeof missing, "%.255s", rig->answer);
            assert_string_equal(rig->answer, missing);
        }
    }
    assert_int_equal(rig->letters, letters); /* and nobody was written to */
    /* Whom he sees: his shop and nobody else; whom he may change is told. */
    assert_int_equal(rig_ask(rig, &shop, "GET", "/api/console/people", ""), 200);
    static const char *const seen[] = {"zhao", "cashier2", "finance2", "manager2"};
    static const char *const unseen[] = {"wang", "cashier1", "cashier0", "elsewhere", "chief"};
    for (size_t i = 0; i < ARRAY_LEN(seen); i++) assert_true(rig_says(rig, seen[i]));
    for (size_t i = 0; i < ARRAY_LEN(unseen); i++) assert_false(rig_says(rig, unseen[i]));
    const char *yours = strstr(rig->answer, "\"yours\":true");
    assert_non_null(yours);
    assert_null(strstr(yours + 1, "\"yours\":true")); /* the cashier, and no other */

    /* What he may do, and what he may not make of it. */
    assert_int_equal(add(rig, &shop, &zhao, "new2", "cashier", OWN, 2), 200);
    assert_int_equal(add(rig, &shop, &zhao, "new1", "cashier", OWN, 1), 404);
    assert_int_equal(add(rig, &shop, &zhao, "new0", "cashier", OWN, 0), 404);
    assert_int_equal(add(rig, &shop, &zhao, "boss", "manager", OWN, 2), 404);
    assert_int_equal(add(rig, &shop, &zhao, "rich", "owner", OWN, 0), 404);
    const char *const more[] = {"\"roles\":[\"manager\"],\"outlet\":2",
                                "\"roles\":[\"cashier\"],\"outlet\":1",
                                "\"roles\":[\"cashier\"],\"outlet\":0"};
    for (size_t i = 0; i < ARRAY_LEN(more); i++)
        assert_int_equal(rig_post(rig, &shop, "/api/console/people/roles", "{\"id\":%lld,%s}",
                                  (long long)his, more[i]),
                         404);
    assert_int_equal(
        rig_post(rig, &shop, "/api/console/people/link", "{\"id\":%lld}", (long long)his), 204);
    assert_string_equal(rig->letter[rig->letters - 1].contact, "cashier2@example.com");
    assert_int_equal(rig_post(rig, &shop, "/api/console/people/status",
                              "{\"id\":%lld,\"status\":\"closed\"}", (long long)his),
                     204);
    rig_close(rig);
}

/* An active account gets a link to choose another password, at its own address, three in an hour.
 */
static void a_reset_goes_to_the_person(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser own = {0}, at = {0};
    struct token link;
    struct person p = rig_known(rig, &own, "wang", ROLE_OWNER);
    int64_t id = added(rig, &own, &p, "zhao", "finance", OWN, 0);
    letter_token(rig, &link);
    struct person zhao = {.id = id, .base = "/api/console", .login = "zhao"};
    rig_set_up(rig, &at, &zhao, &link);
    for (int i = 0; i < RESET_LINKS_IN_HOUR; i++) {
        assert_int_equal(
            rig_post(rig, &own, "/api/console/people/link", "{\"id\":%lld}", (long long)id), 204);
        assert_false(rig_says(rig, "reset#"));
        assert_string_equal(rig->letter[rig->letters - 1].contact, "zhao@example.com");
        assert_non_null(strstr(rig->letter[rig->letters - 1].text, "/reset#"));
    }
    assert_int_equal(
        rig_post(rig, &own, "/api/console/people/link", "{\"id\":%lld}", (long long)id), 409);
    assert_true(rig_says(rig, "no_link"));
    rig_state(rig, &at, &zhao, "in"); /* until the person uses it nothing has changed */
    rig_close(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_owner_lets_people_in),
        cmocka_unit_test(what_is_somebody_elses_is_not_found),
        cmocka_unit_test(nobody_does_it_to_himself_or_without_an_address),
        cmocka_unit_test(a_manager_has_his_shop),
        cmocka_unit_test(a_reset_goes_to_the_person),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
