/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every route, in every state that somebody can ask from (HS-02, CR-31, HS-05, S168). The table of
 * routes says what must happen, and the walk holds each row to it: a route that is added is tested
 * with it, and one whose handler can be reached without what its row asks for fails here.
 */
#include "tests/unit/backoffice_rig.h"

/* What somebody may come with. */
enum state {
    NOBODY,
    HALF_FACTOR,
    HALF_ENROL,
    FULL_OLD,   /* logged in; the factor was shown ten minutes ago */
    FULL_FRESH, /* logged in just now */
    OTHER_REALM,
    NO_CSRF,
    CROSS_SITE,
    SUSPENDED,
    STATES
};

static const char *const state_name[STATES] = {"nobody",
                                               "half, factor",
                                               "half, enrol",
                                               "full, old factor",
                                               "full, fresh factor",
                                               "full, of the other realm",
                                               "full without CSRF",
                                               "full, from another site",
                                               "suspended"};

/* One of each kind of person, in each state, with all roles of their realm. */
struct cast {
    struct rig *rig;
    struct browser browser[REALMS][STATES];
    unsigned roles[REALMS];
};

static void set_status(struct rig *rig, int64_t id, enum account_status status)
{
    const struct registry_actor actor = {BYTES("rig"), rig->now_ms};
    CLEANUP(store_rollback) struct store_tx tx = {0};
    assert_ok(store_begin(rig->b->store, &tx));
    assert_ok(account_set_status(&tx, &actor, id, status));
    assert_ok(store_commit(&tx));
}

static void make_cast(struct cast *cast, enum realm realm, unsigned roles)
{
    struct rig *rig = cast->rig;
    struct browser *b = cast->browser[realm];
    CLEANUP(token_wipe) struct token link;
    char login[24];
    snprintf(login, sizeof login, "person.%d.%x", (int)realm, roles);
    struct person p = rig_person(rig, login, roles, &link);
    assert_int_equal(rig_post(rig, &b[HALF_ENROL], rig_path(&p, "/setup"),
                              "{\"token\":\"%s\",\"password\":\"" RIG_PASSWORD "\"}", link.text),
                     200);
    snprintf(login, sizeof login, "known.%d.%x", (int)realm, roles);
    struct person known = rig_known(rig, &b[FULL_OLD], login, roles);
    rig->now_ms += 6 * 60000;
    assert_int_equal(rig_login(rig, &b[HALF_FACTOR], &known, RIG_PASSWORD), 200);
    rig_enter(rig, &b[FULL_FRESH], &known, RIG_PASSWORD);
    b[NO_CSRF] = b[CROSS_SITE] = b[FULL_FRESH];
    b[NO_CSRF].no_csrf = true;
    b[CROSS_SITE].site = "cross-site";
    b[FULL_FRESH].site = "same-origin";
    cast->browser[realm == REALM_STAFF ? REALM_CONSOLE : REALM_STAFF][OTHER_REALM] = b[FULL_FRESH];
    snprintf(login, sizeof login, "gone.%d.%x", (int)realm, roles);
    struct person gone = rig_known(rig, &b[SUSPENDED], login, roles);
    set_status(rig, gone.id, ACCOUNT_SUSPENDED);
    cast->roles[realm] = roles;
}

/* What the row says of this state: the status of the gate's refusal, or 0: the handler is asked. */
static unsigned expected(const struct route *route, enum state state, unsigned roles)
{
    bool reads = strcmp(route->method, "GET") == 0;
    if (state == CROSS_SITE) return 403;
    if (route->class == ROUTE_PUBLIC) return 0;
    switch (state) {
    case NOBODY:
    case OTHER_REALM:
    case SUSPENDED:
        return 401;
    case HALF_FACTOR:
    case HALF_ENROL:
        if (route->class != ROUTE_HALF) return 401;
        break;
    default:
        if (route->class == ROUTE_HALF) return 401;
    }
    if (state == NO_CSRF && !reads) return 403;
    if ((route->roles & roles) == 0) return 403;
    return route->class == ROUTE_STEP_UP && state == FULL_OLD ? 403 : 0;
}

static const char *const gate_codes[] = {"\"error\":\"session\"", "\"error\":\"step\"",
                                         "\"error\":\"csrf\"",    "\"error\":\"role\"",
                                         "\"error\":\"step_up\"", "\"error\":\"site\""};

static bool gate_said(const struct rig *rig)
{
    for (size_t i = 0; i < ARRAY_LEN(gate_codes); i++)
        if (rig_says(rig, gate_codes[i]) && !rig_says(rig, "another step")) return true;
    return false;
}

static unsigned walk(struct cast *cast, enum realm realm)
{
    unsigned calls = 0;
    const struct route *route;
    for (size_t i = 0; (route = route_at(i)) != NULL; i++) {
        if (!route_in_realm(route, realm)) continue;
        if (strcmp(route->path, "/logout") == 0) continue; /* would end the cast's sessions */
        for (int state = 0; state < STATES; state++) {
            char path[160];
            struct browser browser = cast->browser[realm][state]; /* a copy: cookies may change */
            unsigned wanted = expected(route, (enum state)state, cast->roles[realm]);
            if (wanted == 0 && state != NOBODY && state != FULL_FRESH) continue;
            snprintf(path, sizeof path, "%s%s",
                     realm == REALM_STAFF ? "/api/staff" : "/api/console", route->path);
            /* A body that no handler takes: whoever is let in is told so, and changes nothing. */
            unsigned status = rig_ask(cast->rig, &browser, route->method, path,
                                      strcmp(route->method, "GET") == 0 ? "" : "[]");
            calls++;
            if (wanted == 0 ? gate_said(cast->rig) : status != wanted || !gate_said(cast->rig))
                fail_msg("%s %s, %s: %u, not %u: %s", route->method, path, state_name[state],
                         status, wanted, cast->rig->answer);
        }
    }
    return calls;
}

/* Each role alone, so that a row that forgets a role, or names one too many, is seen. */
static void every_route_asks_for_what_its_row_says(void **state)
{
    (void)state;
    static const unsigned roles[] = {ROLE_AGENT, ROLE_APPROVER, ROLE_AUDITOR, ROLE_ADMIN,
                                     ROLE_OWNER, ROLE_MANAGER,  ROLE_CASHIER, ROLE_FINANCE};
    unsigned calls = 0;
    for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
        struct cast *cast = calloc(1, sizeof *cast);
        cast->rig = rig_open();
        enum realm realm = (roles[i] & ROLES_STAFF) != 0 ? REALM_STAFF : REALM_CONSOLE;
        make_cast(cast, realm == REALM_STAFF ? REALM_CONSOLE : REALM_STAFF,
                  realm == REALM_STAFF ? ROLE_OWNER : ROLE_AGENT);
        make_cast(cast, realm, roles[i]); /* the last, so that its factor is still fresh */
        calls += walk(cast, realm);
        rig_close(cast->rig);
        free(cast);
    }
    print_message("%u calls\n", calls);
    assert_true(calls > 300);
}

static void every_row_is_whole(void **state)
{
    (void)state;
    const struct route *route, *other;
    for (size_t i = 0; (route = route_at(i)) != NULL; i++) {
        assert_true(route->path[0] == '/' && route->handle != NULL);
        assert_true((int)route->class >= 0 && route->class < ROUTE_CLASSES);
        assert_true(route->roles != 0 && (route->roles & ~(unsigned)ROLES_ALL) == 0);
        assert_true(route->body_max <= BACKOFFICE_BODY_MAX);
        bool reads = strcmp(route->method, "GET") == 0;
        assert_true(reads || strcmp(route->method, "POST") == 0);
        assert_int_equal(reads, route->body_max == 0); /* nothing changes by GET (HS-05) */
        for (size_t k = 0; k < i; k++) {
            other = route_at(k);
            assert_false(strcmp(route->path, other->path) == 0 &&
                         strcmp(route->method, other->method) == 0 &&
                         (route->roles & other->roles) != 0);
        }
    }
}

static void what_is_no_route_does_not_exist(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser b = {0};
    const struct {
        const char *method, *path;
        unsigned status;
    } rows[] = {{"GET", "/api/staff/nothing", 404},
                {"GET", "/api/staff", 404},
                {"GET", "/api/nobody/session", 404},
                {"GET", "/api/staffsession", 404},
                {"POST", "/api/staff/session", 405},
                {"GET", "/api/staff/login", 405},
                {"GET", "/api/staff/session/", 404},
                {"GET", "/api/staff/session", 200},
                {"GET", "/", 404}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(rig_ask(rig, &b, rows[i].method, rows[i].path, ""), rows[i].status);
    char *big = calloc(1, 10000);
    memset(big, ' ', 9000);
    assert_int_equal(rig_ask(rig, &b, "POST", "/api/staff/login", big), 413);
    free(big);
    /* HS-03: a member that is not asked for is an error. */
    assert_int_equal(rig_ask(rig, &b, "POST", "/api/staff/login",
                             "{\"name\":\"a\",\"password\":\"b\",\"admin\":true}"),
                     400);
    rig_close(rig);
}

static void cookies_are_strict_and_tied_to_https(void **state)
{
    (void)state;
    struct rig *rig = rig_open_at("https://pay.example");
    struct browser b = {0};
    (void)rig_known(rig, &b, "li", ROLE_AGENT);
    assert_string_equal(b.cookie[0][0], "__Host-tongbao-staff");
    assert_string_equal(b.cookie[1][0], "__Host-tongbao-staff-device");
    /* Without the prefix it is no cookie of ours, whoever has set it. */
    memmove(b.cookie[0][0], b.cookie[0][0] + 7, strlen(b.cookie[0][0]) - 6);
    assert_int_equal(rig_ask(rig, &b, "GET", "/api/staff/security", ""), 401);
    rig_close(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_whole),
        cmocka_unit_test(every_route_asks_for_what_its_row_says),
        cmocka_unit_test(what_is_no_route_does_not_exist),
        cmocka_unit_test(cookies_are_strict_and_tied_to_https),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
