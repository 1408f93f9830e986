/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interface for programs (S177): bodies keep to their tables (HS-03), keys are shown once and
 * end at once (HS-17), a repeated call has one effect (HS-18), callers have a price to pay
 * (HS-14), what is somebody else's is not there (HS-01, S163), and the published document says what
 * the gate does.
 */
#include "backoffice/api/fields.h"
#include "backoffice/api/keys.h"
#include "backoffice/api/openapi.h"
#include "backoffice/api/rates.h"
#include "tests/unit/backoffice_rig.h"

enum { DAY_MS = 86400000 };

#define OTHER_MID "898310153110002"

/* ---- tables of fields ---- */

static const char *const colours[] = {"red", "blue", NULL};
static const struct api_field inner_fields[] = {
    {"number", API_INT, .min = 1, .max = 9, .text = "A number"},
};
API_SCHEMA(inner, "Inner", inner_fields);
static const struct api_field outer_fields[] = {
    {"name", API_TEXT, .min = 2, .max = 6, .text = "A name"},
    {"colour", API_WORD, .words = colours, .text = "A colour"},
    {"price", API_MONEY, .optional = true, .max = 100, .text = "A price"},
    {"on", API_BOOL, .optional = true, .text = "Is it on?"},
    {"inner", API_OBJECT, .optional = true, .of = &inner, .text = "What is in it"},
    {"list", API_LIST, .optional = true, .max = 2, .of = &inner, .text = "Some"},
    {"texts", API_TEXTS, .optional = true, .min = 1, .max = 2, .text = "Words"},
};
API_SCHEMA(outer, "Outer", outer_fields);

static void bodies_keep_to_their_tables(void **state)
{
    (void)state;
    static const struct {
        const char *body, *where, *why; /* where NULL: it is good */
    } rows[] = {
        {"{\"name\":\"ab\",\"colour\":\"red\"}", NULL, NULL},
        {"{\"name\":\"\xE8\x8C\xB6\xE9\xA6\x86\",\"colour\":\"blue\",\"price\":null,\"on\":true,"
         "\"inner\":{\"number\":9},\"list\":[{\"number\":1},{\"number\":2}],\"texts\":[\"a\"]}",
         NULL, NULL},
        {"{\"colour\":\"red\"}", "name", "is missing"},
        {"{\"name\":7,\"colour\":\"red\"}", "name", "is not a text"},
        {"{\"name\":\"a\",\"colour\":\"red\"}", "name", "is too short"},
        {"{\"name\":\"abcdefg\",\"colour\":\"red\"}", "name", "is too long"},
        {"{\"name\":\"ab\",\"colour\":\"green\"}", "colour", "is none of the words that it may be"},
        {"{\"name\":\"ab\",\"colour\":[]}", "colour", "is not a text"},
        {"{\"name\":\"ab\",\"colour\":\"red\",\"price\":101}", "price", "is out of its range"},
        {"{\"name\":\"ab\",\"colour\":\"red\",\"price\":-1}", "price", "is out of its range"},
        {"{\"name\":\"ab\",\"colour\":\"red\",\"price\":1.5}", "price", "is not a whole number"},
        {"{\"name\":\"ab\",\"colour\":\"red\",\"on\":1}", "on", "is not true or false"},
        {"{\"name\":\"ab\",\"colour\":\"red\",\"inner\":[]}", "inner", "is not an object"},
        {"{\"name\":\"ab\",\"colour\":\"red\",\"inner\":{}}", "inner.number", "is missing"},
        {"{\"name\":\"ab\",\"colour\":\"red\",\"list\":[{\"number\":1},{\"number\":10}]}",
         "list[1].number", "is out of its range"},
        {"{\"name\":\"ab\",\"colour\":\"red\",\"list\":[1]}", "list[0].number", "is missing"},
        {"{\"name\":\"ab\",\"colour\":\"red\",\"list\":[{},{},{}]}", "list",
         "has too many elements"},
        {"{\"name\":\"ab\",\"colour\":\"red\",\"texts\":[]}", "texts", "has too few elements"},
        {"{\"name\":\"ab\",\"colour\":\"red\",\"texts\":[1]}", "texts",
         "has an element that is not a text"},
        {"{\"name\":\"ab\",\"colour\":\"red\",\"owner\":true}", "Outer",
         "has a member that is not known"},
        {"{\"name\":\"ab\",\"colour\":\"red\",\"inner\":{\"number\":1,\"x\":2}}", "inner.Inner",
         "has a member that is not known"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(json_free) struct json_document document = {NULL};
        struct api_fault fault;
        assert_ok(json_parse(bytes_text(rows[i].body), 1000, &document));
        err e = api_check(&outer, document.root, &fault);
        assert_int_equal(e.code, rows[i].where == NULL ? ERR_OK : ERR_FIELD);
        if (rows[i].where == NULL) continue;
        assert_string_equal(fault.where, rows[i].where);
        assert_string_equal(fault.why, rows[i].why);
    }
}

/* ---- keys ---- */

/* A key with these scopes by this person, as what a program sends. */
static void make_key(struct rig *rig, struct browser *person, const char *scopes, char out[80])
{
    char secret[KEY_TEXT + 1];
    assert_int_equal(rig_post(rig, person, "/api/v1/keys",
                              "{\"name\":\"till\",\"scopes\":[%s],\"days\":30}", scopes),
                     201);
    rig_member(rig, "secret", secret, sizeof secret);
    snprintf(out, 80, "Bearer %s", secret);
}

static struct browser owner(struct rig *rig, const char *login, const char *mid)
{
    struct browser b = {.realm = "console"};
    rig->mid = mid;
    (void)rig_known(rig, &b, login, ROLE_OWNER);
    return b;
}

static void a_key_is_shown_once_and_ends(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser li = owner(rig, "li", RIG_MID), program = {.key = NULL};
    char key[80], spoilt[80];
    make_key(rig, &li, "\"keys:read\"", key);
    program.key = key;
    assert_int_equal(rig_ask(rig, &program, "GET", "/api/v1/keys", ""), 200);
    assert_true(rig_says(rig, "\"name\":\"till\"") && rig_says(rig, "\"by\":\"owner li\""));
    assert_false(rig_says(rig, "secret") || rig_says(rig, key + 11));
    /* Each character of it counts, and a mistyped one is told from a wrong one. */
    for (size_t i = 7; key[i] != '\0'; i++) {
        memcpy(spoilt, key, sizeof spoilt);
        spoilt[i] = spoilt[i] == 'A' ? 'B' : 'A';
        program.key = spoilt;
        assert_int_equal(rig_ask(rig, &program, "GET", "/api/v1/keys", ""), 401);
        assert_true(rig_says(rig, "is it all of it"));
        rig->now_ms += 100;
    }
    program.key = key;
    rig->now_ms += 31 * (int64_t)DAY_MS;
    assert_int_equal(rig_ask(rig, &program, "GET", "/api/v1/keys", ""), 401);
    rig_close(rig);
}

static void a_key_is_taken_back_at_once(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser li = owner(rig, "li", RIG_MID), wu = owner(rig, "wu", OTHER_MID), program = {0};
    char key[80];
    make_key(rig, &li, "\"keys:read\"", key);
    program.key = key;
    /* Somebody else's is not there, and no other than a missing one. */
    assert_int_equal(rig_ask(rig, &wu, "GET", "/api/v1/keys", ""), 200);
    assert_true(rig_says(rig, "\"keys\":[]"));
    assert_int_equal(rig_ask(rig, &wu, "DELETE", "/api/v1/keys/1", ""), 404);
    char foreign[256];
    snprintf(foreign, sizeof foreign, "%.255s", rig->answer);
    assert_int_equal(rig_ask(rig, &wu, "DELETE", "/api/v1/keys/99", ""), 404);
    assert_string_equal(rig->answer, foreign);
    assert_int_equal(rig_ask(rig, &program, "GET", "/api/v1/keys", ""), 200);
    assert_int_equal(rig_ask(rig, &li, "DELETE", "/api/v1/keys/1", ""), 200);
    assert_int_equal(rig_ask(rig, &program, "GET", "/api/v1/keys", ""), 401);
    assert_int_equal(rig_ask(rig, &li, "DELETE", "/api/v1/keys/1", ""), 404);
    rig_close(rig);
}

static void a_key_may_what_its_scopes_say(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser li = owner(rig, "li", RIG_MID), program = {0};
    char key[80];
    make_key(rig, &li, "\"alerts:read\",\"stock:read\"", key);
    program.key = key;
    assert_int_equal(rig_ask(rig, &program, "GET", "/api/v1/keys", ""), 403);
    assert_true(rig_says(rig, "\"error\":\"scope\""));
    assert_int_equal(rig_ask(rig, &program, "POST", "/api/v1/keys",
                             "{\"name\":\"x\",\"scopes\":[\"keys:read\"],\"days\":1}"),
                     403);
    assert_int_equal(rig_post(rig, &li, "/api/v1/keys",
                              "{\"name\":\"x\",\"scopes\":[\"money:steal\"],\"days\":1}"),
                     422);
    assert_int_equal(rig_post(rig, &li, "/api/v1/keys",
                              "{\"name\":\"x\",\"scopes\":[\"keys:read\"],\"days\":1,"
                              "\"mid\":\"" OTHER_MID "\"}"),
                     400);
    for (int i = 1; i < KEYS_EACH; i++) {
        rig->now_ms += 1000;
        make_key(rig, &li, "\"keys:read\"", key);
    }
    rig->now_ms += 1000;
    assert_int_equal(rig_post(rig, &li, "/api/v1/keys",
                              "{\"name\":\"x\",\"scopes\":[\"keys:read\"],\"days\":1}"),
                     409);
    rig_close(rig);
}

/* ---- repeats ---- */

static void a_repeat_has_one_effect_and_one_answer(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser li = owner(rig, "li", RIG_MID);
    char key[80];
    int64_t keys = 0;
    li.repeat = "0b7e";
    make_key(rig, &li, "\"keys:read\"", key);
    /* A secret is shown once: the repeat says that it was made. */
    assert_int_equal(rig_post(rig, &li, "/api/v1/keys",
                              "{\"name\":\"till\",\"scopes\":[\"keys:read\"],\"days\":30}"),
                     409);
    assert_true(rig_says(rig, "shown_once") && !rig_says(rig, "tbk_"));
    assert_int_equal(rig_post(rig, &li, "/api/v1/keys",
                              "{\"name\":\"tall\",\"scopes\":[\"keys:read\"],\"days\":30}"),
                     422);
    assert_ok(store_query_int(rig->b->store, "SELECT count(*) FROM api_key", &keys));
    assert_int_equal(keys, 1);
    /* What was refused may be corrected under its key. */
    li.repeat = "0b7f";
    assert_int_equal(rig_post(rig, &li, "/api/v1/keys", "{\"name\":\"t\"}"), 400);
    make_key(rig, &li, "\"keys:read\"", key);
    li.repeat = "gone";
    assert_int_equal(rig_ask(rig, &li, "DELETE", "/api/v1/keys/1", ""), 200);
    assert_int_equal(rig_ask(rig, &li, "DELETE", "/api/v1/keys/1", ""), 200);
    assert_true(rig_says(rig, "\"done\":true"));
    rig->now_ms += DAY_MS / 2;
    rig_close(rig);
}

static void a_repeat_is_forgotten_after_a_day(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser li = owner(rig, "li", RIG_MID);
    char key[80];
    int64_t kept = 0;
    li.repeat = "day";
    make_key(rig, &li, "\"keys:read\"", key);
    rig_pass(rig, DAY_MS);
    assert_ok(store_query_int(rig->b->store, "SELECT count(*) FROM api_repeat", &kept));
    assert_int_equal(kept, 0);
    static const char *const bad[] = {"", "a b", "\x01"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct browser wu = owner(rig, i == 0 ? "wu" : i == 1 ? "zhu" : "hu", RIG_MID);
        wu.repeat = bad[i];
        assert_int_equal(rig_post(rig, &wu, "/api/v1/keys",
                                  "{\"name\":\"t\",\"scopes\":[\"keys:read\"],\"days\":1}"),
                         400);
    }
    rig_close(rig);
}

/* ---- prices ---- */

static void who_asks_without_end_waits_alone(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser li = owner(rig, "li", RIG_MID), wu = owner(rig, "wu", OTHER_MID);
    unsigned passed = 0;
    for (int i = 0; i < 1000; i++)
        if (rig_ask(rig, &li, "GET", "/api/v1/keys", "") == 200) passed++;
    assert_int_equal(passed, RATES_BURST);
    assert_true(rig_says(rig, "too_many"));
    assert_int_equal(rig_ask(rig, &wu, "GET", "/api/v1/keys", ""), 200);
    rig->now_ms += 1000;
    passed = 0;
    for (int i = 0; i < 100; i++)
        if (rig_ask(rig, &li, "GET", "/api/v1/keys", "") == 200) passed++;
    assert_int_equal(passed, RATES_PER_SECOND);
    /* A clock that was set back shuts nobody out for as long. */
    rig->now_ms -= 3600 * 1000;
    assert_int_equal(rig_ask(rig, &wu, "GET", "/api/v1/keys", ""), 200);
    rig_close(rig);
}

/* Strangers share one account by address, and nobody with a key is in it. */
static void strangers_pay_by_address(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser li = owner(rig, "li", RIG_MID), stranger = {.key = "Bearer nothing"};
    unsigned refused = 0;
    for (int i = 0; i < 1000; i++)
        if (rig_ask(rig, &stranger, "GET", "/api/v1/keys", "") == 401) refused++;
    assert_int_equal(refused, RATES_BURST);
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/keys", ""), 200);
    rig_close(rig);
}

/* ---- lists ---- */

static void a_list_goes_on_where_it_ended(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser li = owner(rig, "li", RIG_MID);
    char key[80], next[API_CURSOR_MAX];
    for (int i = 0; i < 5; i++) {
        rig->now_ms += 1000;
        make_key(rig, &li, "\"keys:read\"", key);
    }
    li.limit = "2";
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/keys", ""), 200);
    assert_true(rig_says(rig, "\"id\":1,") && rig_says(rig, "\"id\":2,"));
    assert_false(rig_says(rig, "\"id\":3,"));
    rig_member(rig, "next", next, sizeof next);
    li.after = next;
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/keys", ""), 200);
    assert_true(rig_says(rig, "\"id\":3,") && rig_says(rig, "\"id\":4,"));
    li.after = "4";
    assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/keys", ""), 200);
    assert_true(rig_says(rig, "\"id\":5,") && rig_says(rig, "\"next\":null"));
    static const char *const bad[] = {"0", "201", "-1", "2x", "", "99999999"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        li.limit = bad[i];
        assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/keys", ""), 400);
    }
    rig_close(rig);
}

/* ---- every row ---- */

/* A row's path with numbers in its braces. */
static void path_of(const struct api_route *row, char out[192])
{
    size_t used = (size_t)snprintf(out, 192, "/api/v1");
    for (const char *at = row->path; *at != '\0'; at++) {
        if (*at == '{') {
            at += strcspn(at, "}");
            out[used++] = '1';
        } else out[used++] = *at;
    }
    out[used] = '\0';
}

/* Nobody, a half person, another's role, a key without the scope: each row refuses them, whatever
 * stands in the body. */
static void every_row_holds_its_policy(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser li = owner(rig, "li", RIG_MID), program = {0}, nobody = {0}, no_csrf;
    const struct api_route *row;
    char key[80], path[192];
    make_key(rig, &li, "\"keys:read\"", key);
    program.key = key;
    no_csrf = li;
    no_csrf.no_csrf = true;
    size_t rows = 0;
    for (size_t i = 0; (row = api_route_at(i)) != NULL; i++, rows++) {
        rig->now_ms += 3600 * 1000 / 20;
        assert_int_equal(rig_ask(rig, &li, "GET", "/api/v1/keys", ""), 200); /* still there */
        path_of(row, path);
        bool reads = strcmp(row->method, "GET") == 0, open = row->class == ROUTE_PUBLIC;
        assert_true(row->summary[0] != '\0');
        assert_int_equal(row->answer == NULL, (row->flags & (API_PDF | API_CSV)) != 0);
        assert_int_equal(__builtin_popcount(row->scope) <= 1, true);
        unsigned status = rig_ask(rig, &nobody, row->method, path, "{}");
        assert_int_equal(status == 401, !open);
        status = rig_ask(rig, &program, row->method, path, "{}");
        bool has = (row->scope & API_SCOPE_KEYS_READ) != 0;
        if (!open) assert_int_equal(status == 403, !has);
        status = rig_ask(rig, &no_csrf, row->method, path, "{}");
        if (!open && !reads) assert_int_equal(status, 403);
        struct browser wrong = li;
        wrong.site = "cross-site";
        if (!open) assert_int_equal(rig_ask(rig, &wrong, row->method, path, "{}"), 403);
    }
    assert_true(rows > 3);
    static const char *const nowhere[] = {"/api/v1/", "/api/v1/nothing", "/api/v1/keys/1/more",
                                          "/api/v1/keys/"};
    for (size_t i = 0; i < ARRAY_LEN(nowhere); i++)
        assert_int_equal(rig_ask(rig, &li, "GET", nowhere[i], ""), 404);
    assert_int_equal(rig_ask(rig, &li, "PUT", "/api/v1/keys", "{}"), 405);
    rig_close(rig);
}

/* The document is JSON with every row and every table of fields, each once. */
static void the_document_says_all_rows(void **state)
{
    (void)state;
    struct rig *rig = rig_open();
    struct browser nobody = {0};
    const struct api_route *row;
    CLEANUP(json_free) struct json_document document = {NULL};
    struct json_t *paths, *components, *schemas;
    assert_int_equal(rig_ask(rig, &nobody, "GET", "/api/v1/openapi.json", ""), 200);
    assert_ok(json_parse(bytes_text(rig->answer), sizeof rig->answer, &document));
    assert_ok(json_member(document.root, "paths", &paths));
    assert_ok(json_member(document.root, "components", &components));
    assert_ok(json_member(components, "schemas", &schemas));
    for (size_t i = 0; (row = api_route_at(i)) != NULL; i++) {
        struct json_t *path, *call, *answer;
        char method[8] = "";
        for (size_t k = 0; row->method[k] != '\0'; k++) method[k] = (char)(row->method[k] | 0x20);
        assert_ok(json_member(paths, row->path, &path));
        assert_ok(json_member(path, method, &call));
        assert_true(json_has(call, "operationId"));
        if (row->answer == NULL) continue;
        assert_ok(json_member(schemas, row->answer->name, &answer));
        assert_true(json_has(answer, "properties"));
    }
    rig_close(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_keep_to_their_tables),
        cmocka_unit_test(a_key_is_shown_once_and_ends),
        cmocka_unit_test(a_key_is_taken_back_at_once),
        cmocka_unit_test(a_key_may_what_its_scopes_say),
        cmocka_unit_test(a_repeat_has_one_effect_and_one_answer),
        cmocka_unit_test(a_repeat_is_forgotten_after_a_day),
        cmocka_unit_test(who_asks_without_end_waits_alone),
        cmocka_unit_test(strangers_pay_by_address),
        cmocka_unit_test(a_list_goes_on_where_it_ended),
        cmocka_unit_test(every_row_holds_its_policy),
        cmocka_unit_test(the_document_says_all_rows),
    };
    return cmocka_run_group_tests_name("backoffice_api", tests, NULL, NULL);
}
