/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The desk behind HTTP, through the gate, with sessions of the back office: who may do what (S168),
 * that one alone gets nobody in (CR-15), that no answer holds a grant, that a link is good for one
 * of many (CR-12), and that pages which wait are told.
 */
#include "backoffice/accounts/session.h"
#include "backoffice/core.h"
#include "tests/unit/desk_rig.h"

enum { ANSWER_MAX = 64 * 1024 };

struct person {
    int64_t id;
    char cookie_name[32], cookie[128], csrf[SESSION_CSRF_TEXT + 1];
};

static struct backoffice *office;
static struct person anna, bo, auditor, owner;
static const struct person *asking; /* NULL: nobody */
static const char *bearer, *query_name, *query_value;
static char later[256];
static uint64_t later_ticket;
static char body[ANSWER_MAX];
static unsigned status;

/* ---- the rig ---- */

static void put_answer(void *context, uint64_t ticket, const struct http_response *response)
{
    (void)context;
    later_ticket = ticket;
    snprintf(later, sizeof later, "%.*s", (int)response->body.len, (char *)response->body.at);
}

/* No password is hashed here. */
static void hash_nothing(void *context, const struct backoffice_hash *job)
{
    (void)context;
    (void)job;
    fail_msg("nothing is hashed here");
}

static const uint8_t pepper[PASSWORD_PEPPER_BYTES] = {1};

static const char *read_cookie(const void *context, const char *name)
{
    (void)context;
    return asking != NULL && strcmp(name, asking->cookie_name) == 0 ? asking->cookie : NULL;
}

static const char *read_header(const void *context, const char *name)
{
    (void)context;
    if (strcmp(name, "X-CSRF") == 0) return asking == NULL ? NULL : asking->csrf;
    return strcmp(name, "Authorization") == 0 ? bearer : NULL;
}

static err read_query(const void *context, const char *name, char *out, size_t size)
{
    (void)context;
    if (query_name == NULL || strcmp(name, query_name) != 0) return ERR(NOT_FOUND);
    return bytes_to_text(bytes_text(query_value), out, size);
}

static unsigned ask(const struct person *who, const char *method, const char *path,
                    const char *text)
{
    static uint8_t block[ANSWER_MAX];
    static uint64_t ticket;
    struct http_response response = {.status = 200, .body = writer_over(block, sizeof block)};
    const struct backoffice_request request = {
        .ticket = ++ticket,
        .method = method,
        .path = path,
        .body = bytes_text(text),
        .address = "192.0.2.1",
        .reader = {read_cookie, read_header, read_query, NULL}};
    asking = who;
    assert_ok(backoffice_on_request(office, &request, &response));
    assert_int_equal(response.body.fault, ERR_OK);
    snprintf(body, sizeof body, "%.*s", (int)response.body.len, (char *)block);
    status = response.later ? 0 : response.status;
    return status;
}

static unsigned post(const struct person *who, const char *path, const char *text)
{
    return ask(who, "POST", path, text);
}

static bool says(const char *text)
{
    return strstr(body, text) != NULL;
}

static struct person log_in(const char *login, enum account_kind kind, unsigned roles)
{
    struct person p = {0};
    struct account account = {.kind = kind, .status = ACCOUNT_ACTIVE, .roles = roles};
    struct http_response response = {.status = 200};
    uint8_t block[64];
    response.body = writer_over(block, sizeof block);
    snprintf(account.login, sizeof account.login, "%s", login);
    snprintf(account.name, sizeof account.name, "%s", login);
    if (kind == ACCOUNT_OWNER) snprintf(account.mid, sizeof account.mid, RIG_MID);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    assert_ok(store_begin(rig.store, &tx));
    assert_ok(account_add(&tx, &rig_admin, &account, &p.id));
    assert_ok(account_set_status(&tx, &rig_admin, p.id, ACCOUNT_ACTIVE));
    assert_ok(account_find(rig.store, p.id, &account));
    const struct session_start start = {.account = &account,
                                        .stage = SESSION_FULL,
                                        .stepped = true,
                                        .address = "192.0.2.1",
                                        .agent = "test",
                                        .now_ms = rig.now_ms};
    assert_ok(session_begin(office, &tx, &start, &response, p.csrf));
    assert_ok(store_commit(&tx));
    const char *set = response.headers[0].value, *value = strchr(set, '=') + 1;
    snprintf(p.cookie_name, sizeof p.cookie_name, "%.*s", (int)(value - set - 1), set);
    snprintf(p.cookie, sizeof p.cookie, "%.*s", (int)strcspn(value, ";"), value);
    return p;
}

static int make(void **state)
{
    rig_make(state);
    rig_close_desk(); /* the office opens its own */
    const struct backoffice_config config = {.clock = {rig_now, rig_monotonic, NULL},
                                             .random = random_from_seed(&rig.seed),
                                             .log = &rig.log,
                                             .mode = STORE_CREATE,
                                             .store_path = rig.store_path,
                                             .registry_path = rig.registry_path,
                                             .origin = "http://pay.example",
                                             .cost = password_cost_full(),
                                             .hash_threads = 1};
    const struct backoffice_ports ports = {.answer = put_answer,
                                           .hash = hash_nothing,
                                           .keyed = password_keyed_by(pepper),
                                           .desk = {.prove = rig_prove,
                                                    .anchor_check = rig_anchor_check,
                                                    .anchor_make = rig_anchor_make,
                                                    .command_mac = rig_command_mac,
                                                    .to_device = rig_to_device,
                                                    .close_device = rig_close_device}};
    struct backoffice_fault fault = {""};
    err opened = backoffice_open(&config, &ports, &fault, &office);
    if (FAILED(opened)) fail_msg("%s", fault.text);
    rig.store = office->store;
    rig.desk = backoffice_desk(office);
    anna = log_in("anna", ACCOUNT_STAFF, ROLE_AGENT);
    bo = log_in("bo", ACCOUNT_STAFF, ROLE_APPROVER);
    auditor = log_in("auditor", ACCOUNT_STAFF, ROLE_AUDITOR);
    owner = log_in("owner", ACCOUNT_OWNER, ROLE_OWNER);
    bearer = query_name = NULL;
    later[0] = '\0';
    return 0;
}

static int drop(void **state)
{
    (void)state;
    backoffice_close(office);
    registry_close(rig.registry);
    scratch_remove(&rig.scratch);
    return 0;
}

/* ---- who may ---- */

static void without_a_session_there_is_no_desk(void **state)
{
    (void)state;
    static const struct {
        const char *method, *path;
    } routes[] = {{"GET", "/api/staff/desk/tickets"},       {"GET", "/api/staff/desk/tickets/1"},
                  {"POST", "/api/staff/desk/open"},         {"POST", "/api/staff/desk/note"},
                  {"POST", "/api/staff/desk/answer"},       {"POST", "/api/staff/desk/challenge"},
                  {"POST", "/api/staff/desk/approve"},      {"POST", "/api/staff/desk/read-out"},
                  {"POST", "/api/staff/desk/end"},          {"GET", "/api/staff/desk/changes"},
                  {"GET", "/api/staff/desk/devices"},       {"GET", "/api/staff/desk/notices"},
                  {"POST", "/api/staff/desk/notices/seen"}, {"GET", "/api/staff/desk/outbox"},
                  {"POST", "/api/staff/desk/pairs/remove"}, {"GET", "/api/staff/desk/calendar"}};
    for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
        assert_int_equal(ask(NULL, routes[i].method, routes[i].path, ""), 401);
        assert_int_equal(ask(&owner, routes[i].method, routes[i].path, ""), 401);
        /* An auditor reads and does nothing. */
        unsigned expected = strcmp(routes[i].method, "POST") == 0 ? 403 : 200;
        unsigned got = ask(&auditor, routes[i].method, routes[i].path, "");
        if (expected == 403) assert_int_equal(got, 403);
        else assert_true(got != 401 && got != 403);
    }
    struct person forged = anna;
    forged.csrf[0] ^= 1;
    assert_int_equal(post(&forged, "/api/staff/desk/open", "{}"), 403);
    assert_int_equal(ask(&anna, "GET", "/api/console/desk/tickets", ""), 404);
}

/* ---- a ticket ---- */

static void identify(int64_t id)
{
    static const char *const answers[][2] = {
        {"owner", "wang xiaoming"}, {"phone", "13800005678"}, {"serial", RIG_SERIAL}};
    char text[200];
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        snprintf(text, sizeof text, "{\"ticket\":%lld,\"question\":\"%s\",\"said\":\"%s\"}",
                 (long long)id, answers[i][0], answers[i][1]);
        assert_int_equal(post(&anna, "/api/staff/desk/answer", text), 200);
        assert_true(says("\"right\""));
    }
    snprintf(text, sizeof text, "{\"ticket\":%lld,\"text\":\"called back\"}", (long long)id);
    assert_int_equal(post(&anna, "/api/staff/desk/note", text), 200);
}

/* S41: through HTTP too, the second approval must be somebody else's. */
static void one_alone_gets_nobody_in(void **state)
{
    (void)state;
    const struct desk_challenge c = rig_challenge(RECOVERY_SERVICE, "00", 1);
    rig_connect(5);
    struct recovery_answer asked = rig_ask(&c);
    assert_int_equal(asked.ticket, 1);
    assert_int_equal(post(&anna, "/api/staff/desk/approve", "{\"ticket\":1}"), 409);
    assert_true(says("needs_answers"));
    identify(1);
    assert_int_equal(post(&anna, "/api/staff/desk/approve", "{\"ticket\":1}"), 200);
    assert_true(says("needs_second"));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(post(&anna, "/api/staff/desk/approve", "{\"ticket\":1}"), 409);
        assert_true(says("same_person"));
    }
    /* Nobody can be approved for by name: whose session it is says who approves. */
    assert_int_equal(post(&anna, "/api/staff/desk/approve", "{\"ticket\":1,\"staff\":2}"), 400);
    assert_int_equal(post(&auditor, "/api/staff/desk/approve", "{\"ticket\":1}"), 403);
    assert_false(rig_heard_any("grant"));
    assert_int_equal(post(&bo, "/api/staff/desk/approve", "{\"ticket\":1}"), 200);
    assert_true(says("\"ok\""));
    assert_true(rig_heard_any("\"tell\":\"grant\""));
}

static void no_answer_holds_a_secret(void **state)
{
    (void)state;
    static const char *const paths[] = {"/api/staff/desk/tickets", "/api/staff/desk/tickets/1",
                                        "/api/staff/desk/notices", "/api/staff/desk/outbox"};
    uint8_t grant[DESK_GRANT_LEN];
    char hex[33];
    struct writer w = writer_over(hex, 32);
    const struct desk_challenge c = rig_challenge(RECOVERY_SERVICE, "00", 1);
    rig_grant(&c, grant);
    write_hex_upper(&w, BYTES_OF(grant));
    hex[32] = '\0';
    one_alone_gets_nobody_in(state);
    assert_true(rig_heard_any(hex)); /* it was given, to the terminal */
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        assert_int_equal(ask(&bo, "GET", paths[i], ""), 200);
        assert_false(says(hex));
        assert_false(says("challenge"));
        assert_false(says("13800005678")); /* nor what the desk asks for */
        assert_false(says(RIG_MID));
        assert_false(says(RIG_SERIAL));
        assert_false(says("wang@example.com"));
    }
    query_name = "q";
    query_value = RIG_TID;
    assert_int_equal(ask(&bo, "GET", "/api/staff/desk/devices", ""), 200);
    assert_true(says("138****5678") && says("w***@example.com") && says("TB****17"));
    assert_false(says("13800005678") || says(RIG_SERIAL) || says(RIG_MID));
    query_value = "1000"; /* nobody leafs through the devices */
    assert_int_equal(ask(&bo, "GET", "/api/staff/desk/devices", ""), 200);
    assert_string_equal(body, "{\"devices\":[]}");
    assert_false(rig_stored(hex));
}

static void an_offline_code_is_shown_once(void **state)
{
    (void)state;
    assert_int_equal(post(&anna, "/api/staff/desk/open",
                          "{\"tid\":\"10000017\",\"operator\":\"01\",\"origin\":\"call\","
                          "\"note\":\"no network\"}"),
                     200);
    identify(1);
    assert_int_equal(
        post(&anna, "/api/staff/desk/challenge", "{\"ticket\":1,\"digits\":\"799 2739 8713\"}"),
        200);
    assert_int_equal(post(&anna, "/api/staff/desk/read-out", "{\"ticket\":1}"), 409);
    assert_int_equal(post(&anna, "/api/staff/desk/approve", "{\"ticket\":1}"), 200);
    assert_int_equal(post(&anna, "/api/staff/desk/read-out", "{\"ticket\":1}"), 200);
    assert_true(says("\"code\":\""));
    assert_int_equal(post(&anna, "/api/staff/desk/read-out", "{\"ticket\":1}"), 409);
    assert_string_equal(body, "{\"verdict\":\"shown\",\"error\":\"shown\"}");
    assert_int_equal(ask(&anna, "GET", "/api/staff/desk/tickets/1", ""), 200);
    assert_true(says("\"delivery\":\"read_out\""));
}

/* ---- the shop ---- */

/* S44, S59: asked for by the owner, approved by two; the number goes in and never comes out. */
static void a_payout_account_takes_two(void **state)
{
    (void)state;
    static const char asked[] = "{\"holder\":\"王小明\",\"bank\":\"招商银行\",\"number\":"
                                "\"6222 0212 3456 7890 128\"}";
    assert_int_equal(post(&auditor, "/api/console/payout/ask", asked), 401);
    assert_int_equal(post(&owner, "/api/console/payout/ask", asked), 200);
    assert_int_equal(post(&owner, "/api/console/payout/ask", asked), 409);
    assert_true(says("\"pending\""));
    assert_int_equal(post(&auditor, "/api/staff/payout/approve", "{\"request\":1}"), 403);
    assert_int_equal(post(&owner, "/api/staff/payout/approve", "{\"request\":1}"), 401);
    assert_int_equal(post(&anna, "/api/staff/payout/approve", "{\"request\":1}"), 200);
    assert_true(says("needs_second"));
    assert_int_equal(post(&anna, "/api/staff/payout/approve", "{\"request\":1}"), 409);
    assert_true(says("same_person"));
    assert_int_equal(ask(&owner, "GET", "/api/console/payout", ""), 200);
    assert_true(says("\"version\":0") && says("\"approvals\":1"));
    assert_int_equal(post(&bo, "/api/staff/payout/approve", "{\"request\":1}"), 200);
    assert_true(says("\"verdict\":\"ok\""));
    assert_int_equal(ask(&owner, "GET", "/api/console/payout", ""), 200);
    assert_true(says("\"version\":1") && says("\"last4\":\"0128\"") && !says("7890"));
    assert_int_equal(ask(&bo, "GET", "/api/staff/payout/requests", ""), 200);
    assert_true(says("\"taken\"") && !says("7890") && !says("62220212"));
    assert_false(rig_stored("6222021234567890128"));
}

/* S44: the refusal says why and until when, in both languages. */
static void a_recovery_stops_a_payout_change(void **state)
{
    (void)state;
    char until[32];
    rig_event(RIG_TID, 1, "recovered", "00");
    assert_int_equal(post(&owner, "/api/console/payout/ask",
                          "{\"holder\":\"me\",\"bank\":\"b\",\"number\":\"12345678\"}"),
                     409);
    snprintf(until, sizeof until, "\"until\":%lld", (long long)(rig.now_ms + 7 * RIG_DAY_MS));
    assert_true(says("\"error\":\"cools\"") && says(until));
    assert_true(says("冷静期") && says("stands still for a while"));
    rig.now_ms += 6 * 60 * 1000; /* the factor was shown too long ago */
    assert_int_equal(post(&owner, "/api/console/payout/ask",
                          "{\"holder\":\"me\",\"bank\":\"b\",\"number\":\"12345678\"}"),
                     403);
    assert_true(says("\"step_up\""));
}

/* S42: the owner sees the words and the steps, and not what the desk notes; pages that wait hear.
 */
static void a_chat_has_two_ends(void **state)
{
    (void)state;
    assert_int_equal(post(&owner, "/api/console/chat/open",
                          "{\"tid\":\"10000017\",\"operator\":\"00\",\"text\":\"help\"}"),
                     200);
    assert_true(says("\"ticket\":1"));
    query_name = "since";
    query_value = "0";
    assert_int_equal(ask(&owner, "GET", "/api/console/desk/changes", ""), 200);
    char since[16];
    snprintf(since, sizeof since, "%d", (int)strtol(strstr(body, ":") + 1, NULL, 10));
    query_value = since;
    assert_int_equal(ask(&owner, "GET", "/api/console/desk/changes", ""), 0); /* later */
    assert_int_equal(post(&anna, "/api/staff/desk/say", "{\"ticket\":1,\"text\":\"hello\"}"), 200);
    assert_ok(backoffice_flush(office));
    assert_non_null(strstr(later, "\"now\":"));
    assert_int_equal(post(&anna, "/api/staff/desk/note", "{\"ticket\":1,\"text\":\"odd\"}"), 200);
    assert_int_equal(post(&anna, "/api/staff/desk/say", "{\"ticket\":1,\"text\":\"482913\"}"), 409);
    assert_true(says("\"secret\""));
    assert_int_equal(ask(&owner, "GET", "/api/console/chats/1", ""), 200);
    assert_true(says("\"help\"") && says("\"hello\"") && !says("odd") && !says("anna"));
    assert_int_equal(ask(&owner, "GET", "/api/console/chats", ""), 200);
    assert_true(says("\"10000018\"") && says("R-000001"));
    assert_int_equal(ask(&owner, "GET", "/api/console/chats/2", ""), 404);
}

static void bad_input_is_named(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "[]",
                                      "{}",
                                      "{\"ticket\":0}",
                                      "{\"ticket\":\"1\"}",
                                      "{\"ticket\":1,\"ticket\":1}",
                                      "{\"ticket\":1,\"x\":1}",
                                      "{\"ticket\":1.5}"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(post(&anna, "/api/staff/desk/approve", bad[i]), 400);
    assert_int_equal(post(&anna, "/api/staff/desk/approve", "{\"ticket\":99}"), 404);
    static char huge[4096];
    memset(huge, 'x', sizeof huge - 1);
    assert_int_equal(post(&anna, "/api/staff/desk/note", huge), 413);
    assert_int_equal(ask(&anna, "GET", "/api/staff/desk/tickets/1x", ""), 404);
    assert_int_equal(post(&anna, "/api/staff/desk/open",
                          "{\"tid\":\"10000017\",\"operator\":\"01\",\"origin\":\"fax\","
                          "\"note\":\"\"}"),
                     400);
}

/* ---- waiting ---- */

static void a_page_that_waits_is_told(void **state)
{
    (void)state;
    query_name = "since";
    query_value = "0";
    assert_int_equal(ask(&anna, "GET", "/api/staff/desk/changes", ""), 0); /* later */
    assert_ok(backoffice_flush(office));
    assert_string_equal(later, "");
    const struct desk_challenge c = rig_challenge(RECOVERY_SERVICE, "00", 1);
    rig_ask(&c);
    assert_ok(backoffice_flush(office));
    assert_string_equal(later, "{\"now\":1}");
    assert_int_equal(ask(&anna, "GET", "/api/staff/desk/changes", ""), 200); /* at once */
    assert_string_equal(body, "{\"now\":1}");
    query_value = "1";
    later[0] = '\0';
    assert_int_equal(ask(&anna, "GET", "/api/staff/desk/changes", ""), 0);
    rig.now_ms += 26000; /* and not for ever */
    assert_ok(backoffice_flush(office));
    assert_string_equal(later, "{\"now\":1}");
}

/* CR-37: from the terminal's word to the desk's page in the same iteration. */
static void duress_reaches_the_desk_at_once(void **state)
{
    (void)state;
    query_name = "since";
    query_value = "0";
    assert_int_equal(ask(&anna, "GET", "/api/staff/desk/changes", ""), 0);
    rig_event(RIG_TID, 1, "duress", "01");
    assert_ok(backoffice_flush(office));
    assert_string_equal(later, "{\"now\":1}");
    assert_int_equal(ask(&anna, "GET", "/api/staff/desk/notices", ""), 200);
    assert_true(says("\"kind\":\"duress\"") && says("\"alarm\":true"));
    assert_int_equal(post(&anna, "/api/staff/desk/notices/seen", "{\"notice\":1}"), 200);
    assert_int_equal(post(&bo, "/api/staff/desk/notices/seen", "{\"notice\":1}"), 404);
}

/* ---- telephones without an account ---- */

/* S40: unknown, used and malformed links are told apart by nobody. */
static void what_is_no_token_gets_one_answer(void **state)
{
    (void)state;
    static const char *const tokens[] = {"", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
    char text[100], first[400] = "";
    for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
        snprintf(text, sizeof text, "{\"token\":\"%s\"}", tokens[i]);
        assert_int_equal(post(NULL, "/api/console/code", text), 410);
        if (i == 0) memcpy(first, body, strlen(body) + 1);
        assert_string_equal(body, first);
    }
    /* Looking does nothing, and there is nothing to look at. */
    assert_int_equal(ask(NULL, "GET", "/api/console/code", ""), 405);
    assert_int_equal(post(NULL, "/api/staff/code", "{\"token\":\"\"}"), 404);
}

/* S173 */
static void a_phone_pairs_and_approves(void **state)
{
    (void)state;
    char said[100], offer[400];
    rig_connect(3);
    rig_say(3, "{\"id\":2,\"ask\":\"pair\",\"token\":\"000102030405060708090A0B0C0D0E0F\"}");
    assert_true(rig_heard_any("http://pay.example/pair#0001"));
    snprintf(
        offer, sizeof offer,
        "{\"token\":\"000102030405060708090A0B0C0D0E0F\",\"label\":\"p\",\"key\":\"04%0128d\"}", 0);
    assert_int_equal(post(NULL, "/api/console/phone/offer", offer), 200);
    assert_int_equal(strncmp(body, "{\"bearer\":\"", 11), 0);
    snprintf(said, sizeof said, "Bearer %.43s", body + 11);
    assert_int_equal(post(NULL, "/api/console/phone/offer", offer), 403); /* once */
    assert_int_equal(ask(NULL, "GET", "/api/console/phone", ""), 403);
    bearer = said;
    assert_int_equal(ask(NULL, "GET", "/api/console/phone", ""), 200);
    assert_true(says("\"state\":\"waits\""));
    rig_say(3, "{\"id\":3,\"ask\":\"pair_end\",\"token\":\"000102030405060708090A0B0C0D0E0F\","
               "\"pair\":1}");
    rig_say(3, "{\"id\":4,\"ask\":\"approve\",\"challenge\":\"C0FFEE\",\"operator\":\"00\"}");
    assert_int_equal(ask(NULL, "GET", "/api/console/phone", ""), 200);
    assert_true(says("\"state\":\"paired\"") && says("\"challenge\":\"C0FFEE\""));
    snprintf(offer, sizeof offer, "{\"approval\":1,\"signature\":\"%0128d\"}", 7);
    assert_int_equal(post(NULL, "/api/console/phone/answer", offer), 200);
    assert_non_null(strstr(rig_heard(), "\"tell\":\"approval\""));
    assert_int_equal(post(NULL, "/api/console/phone/forget", "{}"), 200);
    assert_int_equal(ask(NULL, "GET", "/api/console/phone", ""), 403); /* at once */
}

int main(void)
{
#define WITH_OFFICE(test) cmocka_unit_test_setup_teardown(test, make, drop)
    const struct CMUnitTest tests[] = {
        WITH_OFFICE(without_a_session_there_is_no_desk),
        WITH_OFFICE(one_alone_gets_nobody_in),
        WITH_OFFICE(no_answer_holds_a_secret),
        WITH_OFFICE(an_offline_code_is_shown_once),
        WITH_OFFICE(a_payout_account_takes_two),
        WITH_OFFICE(a_recovery_stops_a_payout_change),
        WITH_OFFICE(a_chat_has_two_ends),
        WITH_OFFICE(bad_input_is_named),
        WITH_OFFICE(a_page_that_waits_is_told),
        WITH_OFFICE(duress_reaches_the_desk_at_once),
        WITH_OFFICE(what_is_no_token_gets_one_answer),
        WITH_OFFICE(a_phone_pairs_and_approves),
    };
    return cmocka_run_group_tests_name("desk_http", tests, NULL, NULL);
}
