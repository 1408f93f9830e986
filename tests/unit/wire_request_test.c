/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTP request and its whole answer, by the real curl to a server in this loop. S77. */
#include "tests/unit/scratch.h"

#include "lib/wire/http.h"
#include "lib/wire/request.h"

enum { TURNS_MAX = 2000, TURN_MS = 20, ANSWER_MAX = 2048 };

#define ID "633300000001p"

static struct loop *loop;
static struct outbound *outbound;
static struct http_server *server;

/* What the server has heard last. */
static struct {
    char method[8], sign[64], body[128];
} seen;

static void say(void *context, const struct http_request *request, struct http_response *response)
{
    (void)context;
    const char *sign = http_request_header(request, "X-Sign");
    snprintf(seen.method, sizeof seen.method, "%s", request->method);
    snprintf(seen.sign, sizeof seen.sign, "%s", sign == NULL ? "" : sign);
    snprintf(seen.body, sizeof seen.body, "%.*s", (int)request->body.len,
             request->body.len > 0 ? (const char *)request->body.at : "");
    response->status = 404;
    http_response_header(response, "Wechatpay-Nonce", "n0nce");
    write_bytes(&response->body, BYTES("{\"code\":\"ORDER_NOT_EXIST\"}"));
}

static void flood(void *context, const struct http_request *request, struct http_response *response)
{
    (void)context, (void)request;
    for (size_t i = 0; i < ANSWER_MAX + 1; i++) write_bytes(&response->body, BYTES("x"));
}

static int open_all(void **state)
{
    (void)state;
    static const struct http_route routes[] = {
        {"POST", "/v3/pay", say, 1000}, {"GET", "/v3/pay", say, 0}, {"GET", "/flood", flood, 0}};
    assert_ok(loop_create(&(struct loop_options){.clock = clock_system()}, &loop));
    assert_ok(outbound_create(&(struct outbound_options){loop, 2, ANSWER_MAX}, &outbound));
    const struct http_options options = {
        .loop = loop, .routes = routes, .route_count = ARRAY_LEN(routes), .programs = true};
    assert_ok(http_create(&options, &server));
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    outbound_destroy(outbound);
    http_destroy(server);
    loop_destroy(loop);
    return 0;
}

struct heard {
    unsigned count;
    err reason;
    int status;
    char body[ANSWER_MAX + 1], nonce[32];
    err nonce_found;
};

static void on_done(void *context, const char *id, const struct request_answer *answer)
{
    struct heard *heard = context;
    heard->count++;
    heard->reason = answer->reason;
    heard->status = answer->status;
    assert_string_equal(id, ID);
    if (FAILED(answer->reason)) return;
    assert_ok(bytes_to_text(answer->body, heard->body, sizeof heard->body));
    heard->nonce_found =
        request_answer_header(answer, "wechatpay-nonce", heard->nonce, sizeof heard->nonce);
}

static struct heard ask(struct request request, const char *path)
{
    static struct heard heard;
    char url[80];
    heard = (struct heard){0};
    snprintf(url, sizeof url, "http://127.0.0.1:%u%s", http_port(server), path);
    request.id = ID;
    request.url = url;
    request.timeout_ms = 20000;
    assert_ok(request_send(outbound, &request, on_done, &heard));
    for (int i = 0; heard.count == 0 && i < TURNS_MAX; i++) assert_ok(loop_once(loop, TURN_MS));
    assert_int_equal(heard.count, 1);
    assert_int_equal(outbound_room(outbound), 2);
    return heard;
}

static void an_answer_comes_back_whole(void **state)
{
    (void)state;
    const struct request_header sign = {"X-Sign", "a b=\"c\""};
    struct heard heard = ask(
        (struct request){
            .method = "POST", .headers = &sign, .header_count = 1, .body = BYTES("{}")},
        "/v3/pay");
    assert_ok(heard.reason);
    assert_int_equal(heard.status, 404);
    assert_string_equal(heard.body, "{\"code\":\"ORDER_NOT_EXIST\"}");
    assert_string_equal(heard.nonce, "n0nce");
    assert_string_equal(seen.method, "POST");
    assert_string_equal(seen.sign, "a b=\"c\"");
    assert_string_equal(seen.body, "{}");
    heard = ask((struct request){.method = "GET"}, "/v3/pay?mchid=1900000001");
    assert_int_equal(heard.status, 404);
    assert_string_equal(seen.method, "GET");
    assert_string_equal(seen.body, "");
}

static void an_answer_above_its_maximum_is_none(void **state)
{
    (void)state;
    struct heard heard = ask((struct request){.method = "GET"}, "/flood");
    assert_err(heard.reason, LENGTH);
    assert_int_equal(heard.status, 0);
}

static void what_must_not_leave_does_not(void **state)
{
    (void)state;
    static const struct {
        const char *url, *name, *value, *error;
    } rows[] = {
        {"http://pay.example/v3", "A", "b", "CONFIG"},
        {"https://user@pay.example/", "A", "b", "CONFIG"},
        {"http://127.0.0.1.example/", "A", "b", "CONFIG"},
        {"ftp://127.0.0.1/", "A", "b", "CONFIG"},
        {"http://127.0.0.1:1/", "A", "b\r\nC: d", "FORMAT"},
        {"http://127.0.0.1:1/", "A\nB", "b", "FORMAT"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct request_header header = {rows[i].name, rows[i].value};
        const struct request request = {.id = ID,
                                        .method = "GET",
                                        .url = rows[i].url,
                                        .headers = &header,
                                        .header_count = 1,
                                        .timeout_ms = 1000};
        assert_string_equal(err_name(request_send(outbound, &request, on_done, NULL)),
                            rows[i].error);
    }
    assert_int_equal(outbound_room(outbound), 2);
}

static void a_header_is_there_once_or_not_at_all(void **state)
{
    (void)state;
    char out[16];
    const struct request_answer answer = {
        .headers = BYTES("HTTP/1.1 200 OK\r\nA: 1\r\nBB:  two words \r\na-b:3\r\nDD: x\r\ndd: y\r\n"
                         "Long: 0123456789abcdef\r\n\r\n")};
    assert_ok(request_answer_header(&answer, "bb", out, sizeof out));
    assert_string_equal(out, "two words");
    assert_ok(request_answer_header(&answer, "A-B", out, sizeof out));
    assert_string_equal(out, "3");
    assert_err(request_answer_header(&answer, "B", out, sizeof out), NOT_FOUND);
    assert_err(request_answer_header(&answer, "DD", out, sizeof out), CONFLICT);
    assert_err(request_answer_header(&answer, "Long", out, sizeof out), LENGTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_comes_back_whole),
        cmocka_unit_test(an_answer_above_its_maximum_is_none),
        cmocka_unit_test(what_must_not_leave_does_not),
        cmocka_unit_test(a_header_is_there_once_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
