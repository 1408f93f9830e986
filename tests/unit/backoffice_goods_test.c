/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Price lists by shop (S125) at the back office: a merchant's goods, what regions and outlets say
 * of them, what a device of an outlet is given and fetches in pieces, versions and the way back,
 * two people who edit at once, 500 goods and not one more, and whose each list is.
 */
#include "backoffice/goods/goods.h"
#include "lib/base/base64.h"
#include "tests/unit/fleet_rig.h"

#define MERCHANT "/goods/merchants/" RIG_MID
#define OUTLET_1 "/goods/outlets/" RIG_MID "-1"
#define OUTLET_2 "/goods/outlets/" RIG_MID "-2"

static char told[64 * 1024];
static size_t told_len;

static void keep_frame(void *context, uint32_t session, struct bytes frame)
{
    (void)context;
    told_len += (size_t)snprintf(told + told_len, sizeof told - told_len, "%u%.*s\n", session,
                                 (int)frame.len, (const char *)frame.at);
    assert_true(told_len < sizeof told);
}

static err prove(void *context, const struct desk_command *command, uint8_t mac[16])
{
    (void)context;
    memset(mac, (int)command->number, 16);
    return OK;
}

struct people {
    struct browser owner, other, admin, agent;
};

static struct rig *with_people(struct people *p)
{
    struct rig *rig = with_devices();
    rig->b->desk->ports.command_mac = prove;
    rig->b->desk->ports.to_device = keep_frame;
    told[told_len = 0] = '\0';
    p->owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    p->other = person(rig, "other", OTHER_MID, ROLE_OWNER);
    p->admin = person(rig, "admin", "", ROLE_ADMIN);
    p->agent = person(rig, "agent", "", ROLE_AGENT);
    return rig;
}

static unsigned ask(struct rig *rig, struct browser *b, const char *method, const char *path,
                    const char *body)
{
    char full[120];
    snprintf(full, sizeof full, "/api/v1%s", path);
    rig->now_ms += 3000; /* callers pay by the second */
    unsigned status = rig_ask(rig, b, method, full, body);
    assert_ok(backoffice_flush(rig->b));
    return status;
}

static int64_t count(struct rig *rig, const char *sql)
{
    int64_t value = -1;
    assert_ok(store_query_int(rig->b->store, sql, &value));
    return value;
}

#define GET(who, path)        ask(rig, &p.who, "GET", path, "")
#define POST(who, path, body) ask(rig, &p.who, "POST", path, body)

#define EGG               "{\"code\":\"A01\",\"name\":\"卤蛋\",\"name_en\":\"Tea egg\",\"price\":250}"
#define TEA               "{\"code\":\"B01\",\"name\":\"茶\",\"category\":\"饮料\",\"price\":800}"
#define LIST(goods, seen) "{\"goods\":[" goods "],\"reason\":\"opening\",\"version\":" seen "}"
#define CHANGES(changes, seen) \
    "{\"changes\":[" changes "],\"reason\":\"rent\",\"version\":" seen "}"

/* The whole list that a device of a session fetches by the digest that it was told last. */
static size_t fetch(struct rig *rig, uint32_t session, char *out, size_t size)
{
    char question[200], digest[65], base64[8192];
    size_t len = 0, got = 0;
    const char *at = NULL, *next = told, *end;
    while ((next = strstr(next, "\\ngoods ")) != NULL) at = next++;
    if (at == NULL) return 0;
    snprintf(digest, sizeof digest, "%.64s", at + 8);
    for (char *c = digest; *c != '\0'; c++)
        if (*c >= 'a') *c = (char)(*c - 'a' + 'A');
    for (int part = 1;; part++) {
        told[told_len = 0] = '\0';
        snprintf(question, sizeof question,
                 "{\"id\":9,\"ask\":\"goods_fetch\",\"digest\":\"%s\",\"part\":%d}", digest, part);
        say(rig, session, question);
        if (strstr(told, "not_found") != NULL) break;
        at = strstr(told, "\"bytes\":\"");
        assert_non_null(at);
        end = strchr(at + 9, '"');
        snprintf(base64, sizeof base64, "%.*s", (int)(end - at - 9), at + 9);
        assert_ok(base64_decode(bytes_text(base64), (uint8_t *)out + len, size - len, &got));
        len += got;
    }
    assert_true(len < size);
    out[len] = '\0';
    return len;
}

static void the_nearest_price_counts(void **state)
{
    (void)state;
    struct people p;
    struct rig *rig = with_people(&p);
    assert_int_equal(POST(owner, "/regions", "{\"name\":\"North\"}"), 201);
    assert_int_equal(POST(owner, "/outlets", "{\"outlet\":2,\"region\":1}"), 200);
    assert_int_equal(GET(owner, MERCHANT), 200);
    assert_true(rig_says(rig, "\"version\":0") && rig_says(rig, "\"goods\":[]"));
    assert_int_equal(POST(owner, MERCHANT, LIST(EGG "," TEA, "0")), 201);
    assert_true(rig_says(rig, "\"version\":1,\"count\":2"));
    assert_int_equal(
        POST(owner, "/goods/regions/1", CHANGES("{\"code\":\"A01\",\"price\":300}", "0")), 201);
    assert_int_equal(POST(owner, OUTLET_2, CHANGES("{\"code\":\"B01\",\"sold\":false}", "0")), 201);
    assert_int_equal(GET(owner, OUTLET_2), 200);
    assert_true(rig_says(rig, "\"code\":\"A01\",\"name\":\"卤蛋\",\"name_en\":\"Tea egg\","
                              "\"category\":\"\",\"barcode\":\"\",\"price\":300,\"sold\":true,"
                              "\"above\":300,\"sold_above\":true,\"price_here\":false"));
    assert_true(rig_says(rig, "\"price\":800,\"sold\":false,\"above\":800,\"sold_above\":true,"
                              "\"price_here\":false,\"sold_here\":true"));
    assert_int_equal(GET(owner, OUTLET_1), 200);
    assert_true(rig_says(rig, "\"price\":250") && !rig_says(rig, "\"sold\":false"));
    assert_int_equal(GET(owner, "/goods/regions/1"), 200);
    assert_true(rig_says(rig, "\"price\":300,\"sold\":true,\"above\":250"));
    /* Another list without the egg: what is said of it says nothing any more. */
    assert_int_equal(POST(owner, MERCHANT, LIST(TEA, "1")), 201);
    assert_int_equal(GET(owner, OUTLET_2), 200);
    assert_false(rig_says(rig, "A01"));
    assert_int_equal(count(rig, "SELECT count(*) FROM event WHERE kind = 'goods.changed'"), 4);
    assert_int_equal(count(rig, "SELECT count(*) FROM audit WHERE event = 'goods_set'"), 4);
    rig_close(rig);
}

/* Only its digest goes with the hsm's word; the device fetches what has that digest. */
static void devices_are_given_what_their_outlet_sells(void **state)
{
    (void)state;
    struct people p;
    struct rig *rig = with_people(&p);
    char list[4096];
    come(rig, 1, "10000001", "TB-1");
    come(rig, 3, "10000003", "TB-1");
    come(rig, 9, "20000001", "TB-1");
    told[told_len = 0] = '\0';
    assert_int_equal(POST(owner, MERCHANT, LIST(EGG "," TEA, "0")), 201);
    assert_non_null(strstr(told, "1{\"tell\":\"parameters\",\"document\":"));
    assert_non_null(strstr(told, "3{\"tell\":\"parameters\",\"document\":"));
    assert_null(strstr(told, "9{\"tell\":\"parameters\"")); /* somebody else's */
    (void)fetch(rig, 1, list, sizeof list);
    assert_string_equal(list, "tongbao prices 1\nA01\t250\t\t\t卤蛋\tTea egg\nB01\t800\t\t饮料\t"
                              "茶\t\n");
    /* An outlet's own: the others hear nothing. */
    told[told_len = 0] = '\0';
    assert_int_equal(POST(owner, OUTLET_2,
                          CHANGES("{\"code\":\"A01\",\"sold\":false},{\"code\":\"B01\",\"price\":"
                                  "900}",
                                  "0")),
                     201);
    assert_non_null(strstr(told, "3{\"tell\":\"parameters\",\"document\":"));
    assert_null(strstr(told, "1{\"tell\":\"parameters\""));
    char kept[sizeof told];
    memcpy(kept, told, sizeof kept);
    (void)fetch(rig, 3, list, sizeof list);
    assert_string_equal(list, "tongbao prices 1\nB01\t900\t\t饮料\t茶\t\n");
    /* Another merchant's device is told that there is nothing. */
    memcpy(told, kept, sizeof kept);
    assert_int_equal(fetch(rig, 9, list, sizeof list), 0);
    /* An empty list gives every terminal its own back. */
    told[told_len = 0] = '\0';
    assert_int_equal(POST(owner, MERCHANT, LIST("", "1")), 201);
    assert_non_null(strstr(told, "1{\"tell\":\"parameters\",\"document\":"));
    assert_null(strstr(told, "goods"));
    rig_close(rig);
}

static void a_change_is_a_version_that_was_seen(void **state)
{
    (void)state;
    struct people p;
    struct rig *rig = with_people(&p);
    assert_int_equal(POST(owner, MERCHANT, LIST(EGG, "0")), 201);
    assert_int_equal(POST(owner, MERCHANT, LIST(TEA, "0")), 409);
    assert_true(rig_says(rig, "\"changed\""));
    assert_int_equal(POST(admin, MERCHANT, LIST(TEA, "1")), 201);
    assert_int_equal(POST(owner, MERCHANT "/versions/9/back", "{\"reason\":\"no\"}"), 404);
    assert_int_equal(POST(owner, MERCHANT "/versions/0/back", "{\"reason\":\"no\"}"), 404);
    assert_int_equal(POST(owner, MERCHANT "/versions/1/back", "{\"reason\":\"no\"}"), 201);
    assert_int_equal(GET(owner, MERCHANT), 200);
    assert_true(rig_says(rig, "\"version\":3") && rig_says(rig, "卤蛋") && !rig_says(rig, "B01"));
    assert_int_equal(GET(owner, MERCHANT "/versions"), 200);
    const char *third = strstr(rig->answer, "\"version\":3"),
               *first = strstr(rig->answer, "\"version\":1");
    assert_true(third != NULL && first != NULL && third < first);
    static const char *const never[] = {"UPDATE goods_version SET reason = 'x'",
                                        "DELETE FROM goods_version"};
    for (size_t i = 0; i < ARRAY_LEN(never); i++) {
        struct store_statement *s;
        assert_ok(store_statement(rig->b->store, never[i], &s));
        assert_true(FAILED(store_run(s)));
    }
    rig_close(rig);
}

/* `count` goods at their longest as a body. */
static char *many(size_t count)
{
    static char body[256 * 1024];
    size_t used = (size_t)snprintf(body, sizeof body,
                                   "{\"reason\":\"all\",\"version\":0,"
                                   "\"goods\":[");
    for (size_t i = 0; i < count; i++)
        used +=
            (size_t)snprintf(body + used, sizeof body - used,
                             "%s{\"code\":\"CODE-OF-A-%06zu\",\"name\":\"一二三四五六七八九十%06zu"
                             "\",\"name_en\":\"English name of good %06zu\",\"category\":"
                             "\"一二三四五六七八\",\"barcode\":\"69012345678928\",\"price\":"
                             "999999999}",
                             i == 0 ? "" : ",", i, i, i);
    snprintf(body + used, sizeof body - used, "]}");
    return body;
}

static void five_hundred_goods_and_not_one_more(void **state)
{
    (void)state;
    static char list[PRICE_LIST_MAX + 1];
    struct people p;
    struct rig *rig = with_people(&p);
    assert_int_equal(POST(owner, MERCHANT, many(PRICE_GOODS_MAX + 1)), 400);
    come(rig, 1, "10000001", "TB-1");
    told[told_len = 0] = '\0';
    assert_int_equal(POST(owner, MERCHANT, many(PRICE_GOODS_MAX)), 201);
    size_t len = fetch(rig, 1, list, sizeof list), lines = 0;
    for (size_t i = 0; i < len; i++) lines += list[i] == '\n';
    assert_int_equal(lines, PRICE_GOODS_MAX + 1);
    assert_int_equal(GET(owner, OUTLET_1), 200);
    assert_true(rig_says(rig, "CODE-OF-A-000499"));
    /* Other calls take no such body. */
    assert_int_equal(POST(owner, "/regions", many(PRICE_GOODS_MAX)), 413);
    rig_close(rig);
}

static void what_is_no_good_is_refused_with_its_row(void **state)
{
    (void)state;
    struct people p;
    struct rig *rig = with_people(&p);
    static const char *const bad[] = {
        EGG "," EGG,
        EGG ",{\"code\":\"A02\",\"name\":\"卤蛋\",\"price\":1}",
        EGG ",{\"code\":\"A02\",\"name\":\"x\",\"name_en\":\"Tea egg\",\"price\":1}",
        EGG ",{\"code\":\"A 2\",\"name\":\"x\",\"price\":1}",
        EGG ",{\"code\":\"A2\",\"name\":\" x\",\"price\":1}",
        EGG ",{\"code\":\"A2\",\"name\":\"x\\ty\",\"price\":1}",
        EGG ",{\"code\":\"A2\",\"name\":\"x\",\"barcode\":\"12a\",\"price\":1}",
    };
    char body[600];
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        snprintf(body, sizeof body, LIST("%s", "0"), bad[i]);
        assert_int_equal(POST(owner, MERCHANT, body), 422);
        if (!rig_says(rig, "Row 2:")) fail_msg("%zu: %s", i, rig->answer);
    }
    assert_int_equal(
        POST(owner, MERCHANT, LIST("{\"code\":\"A\",\"name\":\"x\",\"price\":0}", "0")), 400);
    assert_int_equal(POST(owner, MERCHANT, CHANGES("", "0")), 422);
    assert_int_equal(POST(owner, OUTLET_1, LIST(EGG, "0")), 422);
    assert_int_equal(POST(owner, OUTLET_1, CHANGES("{\"code\":\"A01\"}", "0")), 422); /* no list */
    assert_int_equal(count(rig, "SELECT count(*) FROM goods_version"), 0);
    /* Whose it is, and which levels have one. */
    assert_int_equal(GET(other, MERCHANT), 404);
    assert_int_equal(POST(other, MERCHANT, LIST(EGG, "0")), 404);
    assert_int_equal(GET(owner, "/goods/terminals/10000001"), 404);
    assert_int_equal(POST(agent, MERCHANT, LIST(EGG, "0")), 403);
    assert_int_equal(GET(agent, MERCHANT), 200);
    rig_close(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_price_counts),
        cmocka_unit_test(devices_are_given_what_their_outlet_sells),
        cmocka_unit_test(a_change_is_a_version_that_was_seen),
        cmocka_unit_test(five_hundred_goods_and_not_one_more),
        cmocka_unit_test(what_is_no_good_is_refused_with_its_row),
    };
    return cmocka_run_group_tests_name("backoffice_goods", tests, NULL, NULL);
}
