/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bad input for every route of /api/v1 that takes a body (HS-03, HS-07, S177), generated from the
 * table of routes: bodies that are no JSON, that have a member too many, too few or of another
 * type; and scripts, formulas, line ends, overlong and broken texts in each member that is a text.
 * What is malformed is refused with a code and a sentence; nothing ends in an error of the host;
 * what a text says comes back, if it does, as JSON, which a page never takes for more. And of an
 * outlet that was not asked for nothing has changed.
 */
#include "tests/unit/tenant_bench.h"

enum { PAYLOADS = 2000, SLOTS = 24, LONG = 1500 };

/* Of texts, as they stand in JSON. */
static const char *const texts[] = {
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "javascript:alert(1)",
    "\"><iframe srcdoc='<script>alert(1)</script>'>",
    "';alert(1)//",
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}",
    "<a href=\"data:text/html,<script>alert(1)</script>\">x</a>",
    "=cmd|'/c calc'!A1",
    "@SUM(1+1)*cmd|'/c calc'!A1",
    "+1+1",
    "-2+3",
    "'; DROP TABLE account; --",
    "\" OR 1=1 --",
    "x\r\nSet-Cookie: a=b",
    "x\nX-Injected: yes",
    "../../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%00",
    "$(id)",
    "`id`",
    "| id",
    "{\"$gt\":\"\"}",
    "http://169.254.169.254/latest/meta-data",
    "\xe2\x80\xae"
    "evil", /* right to left */
    "\xef\xbb\xbf"
    "mark",
    "\xf0\x9f\x92\xb0\xf0\x9f\x92\xb0",
    "\xe9\xa4\x90\xe5\x8e\x85<b>",
    "%s%s%s%n",
    "NaN",
};

/* Bodies that no row takes. */
static const char *const malformed[] = {
    "",
    "{",
    "[]",
    "null",
    "true",
    "\"text\"",
    "{\"a\":1,}",
    "{'a':1}",
    "{\"a\":NaN}",
    "{\"a\":1e999}",
    "{} {}",
    "\xef\xbb\xbf{}",
    "{\"a\":\"\xff\xfe\"}",
    "{\"a\":\"\xed\xa0\x80\"}",
    "{\"__proto__\":{\"admin\":true}}",
    "{\"role\":\"admin\",\"mid\":\"" RIG_MID "\"}",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
};

static struct answer answer;
static size_t payloads, refused, taken;

/* A code and a sentence, as JSON, and no error of the host. */
static void typed(const struct api_route *row, const char *body)
{
    const char *said = strchr(answer.text, '{');
    bool away = answer.status == 503; /* says what is away, and when to ask again */
    if (answer.status >= 500 && !away)
        fail_msg("%s %s %s: %u %.300s", row->method, row->path, body, answer.status, answer.text);
    payloads++;
    if (answer.status < 400) {
        taken++;
        return;
    }
    refused++;
    if (said == NULL || strstr(said, "\"error\":\"") == NULL ||
        strstr(said, "\"message\":\"") == NULL)
        fail_msg("%s %s %s: %u without a reason: %.300s", row->method, row->path, body,
                 answer.status, answer.text);
    if (strstr(said, "\"error\":\"failed\"") != NULL ||
        strstr(said, "\"error\":\"internal\"") != NULL)
        fail_msg("%s %s %s: %.300s", row->method, row->path, body, said);
}

static void send(struct bench *bench, const struct browser *as, const struct api_route *row,
                 const char *path, const char *body)
{
    ask(bench, as, row->method, path, body, &answer);
    typed(row, body);
}

static void must_refuse(const struct api_route *row, const char *body)
{
    if (answer.status >= 400) return;
    fail_msg("%s %s has taken %s: %u", row->method, row->path, body, answer.status);
}

/* ---- what is no body of this row ---- */

static void malformed_bodies(struct bench *bench, const struct browser *as, const struct ids *ids,
                             const struct api_route *row)
{
    char path[512];
    path_with(row, ids, SIZE_MAX, "", path, sizeof path);
    for (size_t i = 0; i < ARRAY_LEN(malformed); i++) {
        send(bench, as, row, path, malformed[i]);
        must_refuse(row, malformed[i]);
    }
}

/* A whole body with a member too many, and with one twice. */
static void members(struct bench *bench, const struct browser *as, const struct ids *ids,
                    const struct api_route *row)
{
    char path[512], good[2048], body[4400];
    path_with(row, ids, SIZE_MAX, "", path, sizeof path);
    (void)body_with(row, -1, "", good, sizeof good);
    if (row->body->count == 0) return;
    snprintf(body, sizeof body, "{\"nobody\":\"knows\"%s%s", good[1] == '}' ? "" : ",", good + 1);
    send(bench, as, row, path, body);
    must_refuse(row, body);
    const char *name = row->body->field[0].name;
    snprintf(body, sizeof body, "{\"%s\":1,\"%s\":2%s%s", name, name, good[1] == '}' ? "" : ",",
             good + 1);
    send(bench, as, row, path, body);
    must_refuse(row, body);
}

/* Each member, as what it is not. */
static void types(struct bench *bench, const struct browser *as, const struct ids *ids,
                  const struct api_route *row)
{
    static const char *const values[] = {"[]", "{}", "1.5", "-1e400", "\"\\u0000\""};
    char path[512], body[300];
    path_with(row, ids, SIZE_MAX, "", path, sizeof path);
    for (size_t i = 0; i < row->body->count; i++)
        for (size_t v = 0; v < ARRAY_LEN(values); v++) {
            snprintf(body, sizeof body, "{\"%s\":%s}", row->body->field[i].name, values[v]);
            send(bench, as, row, path, body);
        }
}

/* ---- what a text says ---- */

static void each_text(struct bench *bench, const struct browser *as, const struct ids *ids,
                      const struct api_route *row)
{
    char path[512], body[2048], over[LONG + 1];
    path_with(row, ids, SIZE_MAX, "", path, sizeof path);
    memset(over, 'A', LONG);
    over[LONG] = '\0';
    for (int slot = 0; slot < SLOTS; slot++) {
        for (size_t i = 0; i < ARRAY_LEN(texts); i++)
            if (body_with(row, slot, texts[i], body, sizeof body)) send(bench, as, row, path, body);
        if (body_with(row, slot, over, body, sizeof body)) send(bench, as, row, path, body);
    }
}

/* ---- what stays ---- */

static void read_all(struct bench *bench, struct writer *w)
{
    const struct api_route *row;
    char path[512];
    for (size_t i = 0; (row = api_route_at(i)) != NULL; i++) {
        if (strcmp(row->method, "GET") != 0 || braces_of(row) == 0) continue;
        path_with(row, &bench->ids_a1, SIZE_MAX, "", path, sizeof path);
        ask(bench, &bench->owner_a, "GET", path, "", &answer);
        write_bytes(w, bytes_text(answer.text));
    }
    assert_int_equal(w->fault, ERR_OK);
}

static void every_body_of_every_route(struct bench *bench, const struct browser *as,
                                      const struct ids *ids)
{
    const struct api_route *row;
    for (size_t i = 0; (row = api_route_at(i)) != NULL; i++) {
        if (row->body == NULL || row->class == ROUTE_PUBLIC) continue;
        malformed_bodies(bench, as, ids, row);
        members(bench, as, ids, row);
        types(bench, as, ids, row);
        each_text(bench, as, ids, row);
    }
}

static void a_merchant_sends_what_he_likes(void **state)
{
    (void)state;
    static struct bench bench;
    static uint8_t was[256 * 1024], is[256 * 1024];
    struct writer before = writer_over(was, sizeof was), after = writer_over(is, sizeof is);
    open_bench(&bench);
    read_all(&bench, &before);
    for (size_t c = 0; c < bench.callers; c++)
        if (strcmp(bench.caller[c].name, "b.owner") == 0 ||
            strcmp(bench.caller[c].name, "key of b") == 0)
            every_body_of_every_route(&bench, &bench.caller[c].browser, bench.caller[c].own);
    read_all(&bench, &after);
    assert_true(bytes_equal(writer_view(&before), writer_view(&after)));
    rig_close(bench.rig);
}

static void a_member_of_staff_sends_what_he_likes(void **state)
{
    (void)state;
    static struct bench bench;
    open_bench(&bench);
    every_body_of_every_route(&bench, &bench.staff, &bench.ids_b);
    rig_close(bench.rig);
    print_message("%zu payloads: %zu refused, %zu taken\n", payloads, refused, taken);
    assert_true(payloads >= PAYLOADS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_merchant_sends_what_he_likes),
        cmocka_unit_test(a_member_of_staff_sends_what_he_likes),
    };
    return cmocka_run_group_tests_name("backoffice_corpus", tests, NULL, NULL);
}
