/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No default that a maker has printed opens anything at the back office (CR-10, D1, S33): each of
 * them is tried as every secret that any route takes, and may not be chosen by any of them. The
 * routes come from the router's own table: one that is in neither list below fails here.
 */
#include "lib/auth/policy_published.h"
#include "tests/unit/backoffice_rig.h"

/* How somebody comes to a route. */
enum comes { STRANGER, AFTER_PASSWORD, LOGGED_IN, WITH_LINK };

/* %s is where the default goes; LINK is a good set-up link, NAME a good account. */
static const struct {
    const char *path, *body;
    enum comes comes;
} doors[] = {
    {"/login", "{\"name\":\"NAME\",\"password\":\"%s\"}", STRANGER},
    {"/login", "{\"name\":\"%s\",\"password\":\"%s\"}", STRANGER},
    {"/login/totp", "{\"code\":\"%s\"}", AFTER_PASSWORD},
    {"/login/recovery", "{\"code\":\"%s\"}", AFTER_PASSWORD},
    {"/setup/look", "{\"token\":\"%s\"}", STRANGER},
    {"/setup", "{\"token\":\"%s\",\"password\":\"" RIG_OTHER "\"}", STRANGER},
    {"/setup", "{\"token\":\"LINK\",\"password\":\"%s\"}", WITH_LINK},
    {"/reset/look", "{\"token\":\"%s\"}", STRANGER},
    {"/reset", "{\"token\":\"%s\",\"password\":\"" RIG_OTHER "\"}", STRANGER},
    {"/strength/by-link", "{\"token\":\"%s\",\"password\":\"%s\"}", STRANGER},
    {"/security/password", "{\"current\":\"%s\",\"password\":\"" RIG_OTHER "\"}", LOGGED_IN},
    {"/security/password", "{\"current\":\"" RIG_PASSWORD "\",\"password\":\"%s\"}", LOGGED_IN},
    {"/login/change", "{\"password\":\"%s\"}", AFTER_PASSWORD},
    {"/step-up/totp", "{\"code\":\"%s\"}", LOGGED_IN},
    {"/security/totp/finish", "{\"pending\":\"%s\",\"code\":\"%s\"}", LOGGED_IN},
    {"/enrol/totp/finish", "{\"pending\":\"%s\",\"code\":\"%s\"}", AFTER_PASSWORD},
    {"/code", "{\"token\":\"%s\"}", STRANGER},
    {"/phone/offer", "{\"token\":\"%s\",\"key\":\"%s\",\"label\":\"a\"}", STRANGER},
    {"/phone/answer", "{\"approval\":1,\"signature\":\"%s\"}", STRANGER},
    /* What a passkey says is signed; here it is a default instead. */
    {"/login/passkey/finish",
     "{\"challenge\":\"%s\",\"id\":\"%s\",\"client_data\":\"%s\",\"data\":\"%s\",\"signature\":\"%s\"}",
     STRANGER},
    {"/step-up/passkey/finish",
     "{\"challenge\":\"%s\",\"id\":\"%s\",\"client_data\":\"%s\",\"data\":\"%s\",\"signature\":\"%s\"}",
     LOGGED_IN},
    {"/security/passkey/finish",
     "{\"challenge\":\"%s\",\"client_data\":\"%s\",\"object\":\"%s\",\"label\":\"a\"}", LOGGED_IN},
    {"/enrol/passkey/finish",
     "{\"challenge\":\"%s\",\"client_data\":\"%s\",\"object\":\"%s\",\"label\":\"a\"}",
     AFTER_PASSWORD},
};

/* What these take lets nobody in: who asks is known by the session, or nobody becomes known. */
static const char *const no_secret[] = {"/logout",
                                        "/desk/diagnose",
                                        "/desk/reissue",
                                        "/login/passkey/begin",
                                        "/login/strength",
                                        "/security/strength",
                                        "/reset/request",
                                        "/security/sessions/end",
                                        "/security/sessions/end-others",
                                        "/security/totp/begin",
                                        "/security/totp/remove",
                                        "/security/passkey/begin",
                                        "/security/passkey/remove",
                                        "/security/codes",
                                        "/enrol/totp/begin",
                                        "/enrol/passkey/begin",
                                        "/step-up/passkey/begin",
                                        "/people/add",
                                        "/people/status",
                                        "/people/roles",
                                        "/people/link",
                                        "/phone/forget",
                                        "/policies/check",
                                        "/policies/propose",
                                        "/policies/approve",
                                        "/policies/drop",
                                        "/desk/open",
                                        "/desk/open-account",
                                        "/desk/note",
                                        "/desk/answer",
                                        "/desk/challenge",
                                        "/desk/approve",
                                        "/desk/read-out",
                                        "/desk/end",
                                        "/desk/notices/seen",
                                        "/desk/pairs/remove",
                                        "/desk/say",
                                        "/chat/open",
                                        "/chat/say",
                                        "/payout/ask",
                                        "/payout/withdraw",
                                        "/payout/approve",
                                        "/payout/reject"};

static bool is_door(const char *path)
{
    for (size_t i = 0; i < ARRAY_LEN(doors); i++)
        if (strcmp(doors[i].path, path) == 0) return true;
    return false;
}

/* CR-31: every route that takes anything was thought of. */
static void every_route_is_in_one_list(void **state)
{
    (void)state;
    const struct route *route;
    unsigned seen = 0;
    for (size_t i = 0; (route = route_at(i)) != NULL; i++) {
        bool listed = false;
        if (strcmp(route->method, "GET") == 0) continue; /* changes nothing and lets nobody in */
        for (size_t k = 0; k < ARRAY_LEN(no_secret); k++)
            listed |= strcmp(no_secret[k], route->path) == 0;
        if (listed == is_door(route->path))
            fail_msg("%s: does it take a secret? Put it into one of the lists", route->path);
        seen++;
    }
    for (size_t i = 0; i < ARRAY_LEN(doors); i++) {
        bool known = false;
        (void)(route_find(REALM_CONSOLE, "POST", doors[i].path, &known));
        if (!known) fail_msg("%s: is no route", doors[i].path);
    }
    assert_true(seen > 30);
}

/* The body with the default, or what else is wanted, in its places. */
static void write_body(const char *body, struct bytes one, const char *link, char *out, size_t size)
{
    struct writer w = writer_over(out, size - 1);
    for (const char *at = body; *at != '\0';) {
        const char *instead = NULL;
        size_t len = 1;
        if (strncmp(at, "%s", 2) == 0) len = 2;
        else if (strncmp(at, "LINK", 4) == 0) len = 4, instead = link;
        else if (strncmp(at, "NAME", 4) == 0) len = 4, instead = "li";
        if (instead != NULL) write_bytes(&w, bytes_text(instead));
        else write_bytes(&w, len == 2 ? one : bytes_of(at, len));
        at += len;
    }
    assert_int_equal(w.fault, ERR_OK);
    out[w.len] = '\0';
}

enum { AT_ONE = 8 }; /* so many wrong ones an account takes before anybody has to wait */

/* Some defaults in a row at one door of a new back office; the next one. */
static struct bytes try_some(size_t door, unsigned roles, struct bytes one, unsigned *tried)
{
    struct rig *rig = rig_open_desk(true);
    struct browser in = {0}, stranger = {.address = "203.0.113.9"}, *from = &stranger;
    CLEANUP(token_wipe) struct token link;
    struct person p = rig_known(rig, &in, "li", roles);
    (void)rig_person(rig, "wu", roles, &link);
    char path[96], body[512];
    if (doors[door].comes == AFTER_PASSWORD)
        assert_int_equal(rig_login(rig, from, &p, RIG_PASSWORD), 200);
    if (doors[door].comes == LOGGED_IN) from = &in;
    snprintf(path, sizeof path, "%s", rig_path(&p, doors[door].path));
    for (int i = 0; i < AT_ONE && one.len > 0; i++, one = policy_published_next(one)) {
        if (memchr(one.at, '"', one.len) != NULL || memchr(one.at, '\\', one.len) != NULL) continue;
        rig->now_ms += 60000; /* past the waits between wrong ones */
        write_body(doors[door].body, one, link.text, body, sizeof body);
        unsigned status = rig_ask(rig, from, "POST", path, body);
        if (status < 400)
            fail_msg("%s took %.*s: %u %s", path, (int)one.len, one.at, status, rig->answer);
        *tried += status != 429;
    }
    if (from == &stranger && doors[door].comes == STRANGER) rig_state(rig, from, &p, "out");
    rig_close(rig);
    return one;
}

/* CR-10, S33 */
static void no_default_opens_any_door(void **state)
{
    (void)state;
    unsigned all = 0;
    for (size_t door = 0; door < ARRAY_LEN(doors); door++) {
        bool staff = false;
        unsigned tried = 0, turn = 0;
        (void)route_find(REALM_STAFF, "POST", doors[door].path, &staff);
        struct bytes one = policy_published_next((struct bytes){0});
        for (; one.len > 0; turn++)
            one = try_some(door, staff && turn % 2 == 0 ? ROLE_AGENT : ROLE_OWNER, one, &tried);
        printf("%-26s %u defaults tried, 0 accepted\n", doors[door].path, tried);
        assert_true(tried >= 60);
        all += tried;
    }
    printf("%u in all\n", all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_is_in_one_list),
        cmocka_unit_test(no_default_opens_any_door),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
