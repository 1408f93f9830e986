/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP server over real sockets, with a client that sends what no library would, and a clock
 * that the test moves. The gate alone is in wire_http_gate_test.c, events in
 * wire_http_events_test.c, answers that leave later in wire_http_later_test.c.
 */
#include <stdlib.h>
#include <sys/stat.h>

#include "tests/unit/http_site.h"

static void echo(void *context, const struct http_request *request, struct http_response *response)
{
    struct site *site = context;
    site->handled++;
    site->body_len = request->body.len;
    http_response_header(response, "X-Test", "yes");
    write_bytes(&response->body, request->body);
}

static void show(void *context, const struct http_request *request, struct http_response *response)
{
    (void)context;
    char name[16] = "";
    err e = http_query(request, "name", name, sizeof name);
    const char *cookie = http_request_cookie(request, "s");
    response->content_type = "text/plain";
    write_format(&response->body, "[%.*s][%s][%s][%s]", (int)request->rest.len,
                 (const char *)request->rest.at, name, err_name(e), cookie != NULL ? cookie : "");
}

static void refuse(void *context, const struct http_request *request,
                   struct http_response *response)
{
    (void)context, (void)request;
    write_bytes(&response->body, BYTES("half an answer"));
    http_response_error(response, 409, "panel", "open the \"panel\" anew");
}

static void overflow(void *context, const struct http_request *request,
                     struct http_response *response)
{
    (void)context, (void)request;
    for (int i = 0; i < 1000; i++) write_bytes(&response->body, BYTES("0123456789"));
}

static void nothing(void *context, const struct http_request *request,
                    struct http_response *response)
{
    (void)context, (void)request;
    response->status = 204;
}

/* The query as it came, or why there is none. */
static void raw(void *context, const struct http_request *request, struct http_response *response)
{
    (void)context;
    char query[32];
    err e = http_raw_query(request, query, sizeof query);
    write_format(&response->body, "[%s]", FAILED(e) ? err_name(e) : query);
}

/* Ends badly, as simulators of bad servers do. */
static void end_badly(void *context, const struct http_request *request,
                      struct http_response *response)
{
    (void)context;
    write_bytes(&response->body, BYTES("0123456789"));
    response->cut = bytes_equal(request->rest, BYTES("cut"));
    response->hang_up = !response->cut;
}

/* Below /api/echo people read what is refused; everything else is for programs. */
static void draw_refusal(void *context, unsigned status, const struct http_request *request,
                         struct http_response *response)
{
    (void)context;
    assert_int_equal(request->body.len, 0);
    if (strcmp(request->path, "/api/echo") != 0) return;
    response->content_type = "text/html; charset=utf-8";
    write_format(&response->body, "<p>%s %u</p>", request->method, status);
}

static const struct http_route routes[] = {
    {"GET", "/api/raw", raw, 0},           {"GET", "/api/bad/", end_badly, 0},
    {"POST", "/api/echo", echo, 100},      {"GET", "/api/show/", show, 0},
    {"POST", "/api/refuse", refuse, 10},   {"GET", "/api/overflow", overflow, 0},
    {"POST", "/api/nothing", nothing, 10}, {"POST", "/api/large", echo, 100000},
};

static void put_file(const struct site *site, const char *name, const char *text)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", site->directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void drop(const struct site *site, const char *name)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", site->directory, name);
    assert_int_equal(remove(path), 0);
}

static bool site_refuses; /* the next site draws its refusals */

static void open_site_with(struct site *site, bool pages)
{
    static char path[128], below[128];
    *site = (struct site){.now_us = 1000000};
    (void)snprintf(site->directory, sizeof site->directory, "/tmp/wire_http_test.%d",
                   (int)getpid());
    assert_int_equal(mkdir(site->directory, 0700), 0);
    (void)snprintf(below, sizeof below, "%s/assets", site->directory);
    assert_int_equal(mkdir(below, 0700), 0);
    put_file(site, "index.html", "<!doctype html>");
    put_file(site, "assets/a.js", "let a");
    put_file(site, ".secret", "s");
    put_file(site, "assets/index.html", "<!doctype html>below");
    (void)snprintf(path, sizeof path, "%s/out", site->directory);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    (void)snprintf(path, sizeof path, "%s/etc", site->directory);
    assert_int_equal(symlink("/etc", path), 0);

    static struct http_mount mounts[] = {{"/below/", below, .one_page = false},
                                         {"/single/", below, .one_page = true},
                                         {"/none/", "/none", .optional = true}};
    struct loop_options loop = {.clock = {fake_us, fake_us, &site->now_us}};
    assert_false(FAILED(loop_create(&loop, &site->loop)));
    struct http_options options = {.loop = site->loop,
                                   .routes = routes,
                                   .route_count = ARRAY_LEN(routes),
                                   .context = site,
                                   .directory = site->directory,
                                   .mounts = mounts,
                                   .mount_count = ARRAY_LEN(mounts),
                                   .pages = pages,
                                   .origin = "https://pay.example",
                                   .trusted_types = true,
                                   .events_path = "/api/events",
                                   .response_max = 4096,
                                   .event_max = 3000,
                                   .connections_max = 8,
                                   .large_bodies = 1,
                                   .refuse = site_refuses ? draw_refusal : NULL,
                                   .events_clients_max = 2};
    assert_false(FAILED(http_create(&options, &site->server)));
    assert_true(http_port(site->server) != 0);
}

static void open_site(struct site *site)
{
    open_site_with(site, false);
}

static void close_site(struct site *site)
{
    http_destroy(site->server);
    loop_destroy(site->loop);
    const char *const names[] = {"index.html", "assets/a.js", "assets/index.html", ".secret", "out",
                                 "etc",        "assets"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) drop(site, names[i]);
    assert_int_equal(rmdir(site->directory), 0);
}

static char answer[ANSWER_MAX];

static void answers_by_its_routes(void **state)
{
    (void)state;
    struct site site;
    open_site(&site);
    assert_int_equal(post(&site, "/api/echo", "{\"serial\":12}", answer), 200);
    assert_string_equal(body_of(answer), "{\"serial\":12}");
    assert_non_null(strstr(answer, "Content-Type: application/json\r\n"));
    assert_non_null(strstr(answer, "X-Test: yes\r\n"));
    assert_int_equal(
        ask(&site, "GET /api/show/17.png?name=a%20b&x=1 HTTP/1.1\r\nCookie: s=42\r\n", "", answer),
        200);
    assert_string_equal(body_of(answer), "[17.png][a b][OK][42]");
    assert_int_equal(ask(&site, "GET /api/show/?name=%ff HTTP/1.1\r\n", "", answer), 200);
    assert_string_equal(body_of(answer), "[][][FORMAT][]");
    assert_int_equal(post(&site, "/api/refuse", "", answer), 409);
    assert_string_equal(body_of(answer),
                        "{\"error\":\"panel\",\"message\":\"Open the \\\"panel\\\" anew\"}");
    assert_int_equal(post(&site, "/api/nothing", "{}", answer), 204);
    assert_int_equal(ask(&site, "GET /api/overflow HTTP/1.1\r\n", "", answer), 500);
    close_site(&site);
}

static void every_answer_has_the_security_headers(void **state)
{
    (void)state;
    struct site site;
    open_site(&site);
    const char *const heads[] = {"GET / HTTP/1.1\r\n",          "GET /nothing HTTP/1.1\r\n",
                                 "GET /../x HTTP/1.1\r\n",      "POST /api/echo HTTP/1.1\r\n",
                                 "GET /api/show/ HTTP/1.1\r\n", "TRACE / HTTP/1.1\r\n"};
    const char *const needed[] = {"Content-Security-Policy: default-src 'self'; ",
                                  "frame-ancestors 'none'",
                                  "object-src 'none'",
                                  "base-uri 'none'",
                                  "X-Content-Type-Options: nosniff\r\n",
                                  "Referrer-Policy: no-referrer\r\n",
                                  "Cross-Origin-Opener-Policy: same-origin\r\n",
                                  "Cross-Origin-Resource-Policy: same-origin\r\n",
                                  "require-trusted-types-for 'script'",
                                  "Strict-Transport-Security: max-age=31536000\r\n",
                                  "Cache-Control: no-"};
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        assert_true(ask(&site, heads[i], "", answer) >= 200);
        for (size_t k = 0; k < ARRAY_LEN(needed); k++) assert_non_null(strstr(answer, needed[k]));
        assert_null(strstr(answer, "unsafe-inline"));
        assert_null(strstr(answer, "Access-Control"));
    }
    close_site(&site);
}

static void turns_away_what_the_gate_refuses(void **state)
{
    (void)state;
    struct site site;
    char text[256];
    open_site(&site);
    assert_int_equal(ask(&site, "POST /api/echo HTTP/1.1\r\nContent-Length: 2\r\n", "{}", answer),
                     403);
    assert_int_equal(ask(&site,
                         "POST /api/echo HTTP/1.1\r\nOrigin: http://evil.test\r\n"
                         "Content-Length: 2\r\n",
                         "{}", answer),
                     403);
    assert_int_equal(ask(&site, "GET / HTTP/1.1\r\nHost: evil.test\r\n", "", answer), 400);
    assert_int_equal(site.handled, 0);
    /* Without our Host line: a page of another name that resolves to us. */
    int fd = dial(&site);
    (void)snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: evil.test:%u\r\n\r\n",
                   http_port(site.server));
    say(&site, fd, text);
    hear(&site, fd, "own address", answer);
    assert_non_null(strstr(answer, "HTTP/1.1 403"));
    close(fd);
    assert_int_equal(ask(&site, "DELETE /api/echo HTTP/1.1\r\n", "", answer), 403);
    assert_int_equal(ask(&site, "GET /api/echo HTTP/1.1\r\n", "", answer), 405);
    assert_int_equal(post(&site, "/index.html", "", answer), 404);
    assert_int_equal(ask(&site, "GET /%2e%2e/etc/passwd HTTP/1.1\r\n", "", answer), 400);
    assert_int_equal(ask(&site, "GET /../etc/passwd HTTP/1.1\r\n", "", answer), 400);
    assert_int_equal(ask(&site, "GET /.secret HTTP/1.1\r\n", "", answer), 400);
    close_site(&site);
}

static void refuses_a_body_that_is_too_large(void **state)
{
    (void)state;
    struct site site;
    char big[200];
    open_site(&site);
    memset(big, 'x', sizeof big);
    big[100] = '\0';
    assert_int_equal(post(&site, "/api/echo", big, answer), 200); /* exactly the maximum */
    assert_int_equal(site.body_len, 100);
    big[100] = 'x';
    big[101] = '\0';
    assert_int_equal(post(&site, "/api/echo", big, answer), 413);
    assert_int_equal(site.handled, 1);
    char head[256], body[400];
    (void)snprintf(head, sizeof head,
                   "POST /api/echo HTTP/1.1\r\nOrigin: http://localhost:%u\r\n"
                   "Transfer-Encoding: chunked\r\n",
                   http_port(site.server));
    (void)snprintf(body, sizeof body, "32\r\n%.50s\r\n33\r\n%.51s\r\n0\r\n\r\n", big, big);
    assert_int_equal(ask(&site, head, body, answer), 413);
    assert_int_equal(site.handled, 1);
    (void)snprintf(body, sizeof body, "32\r\n%.50s\r\n32\r\n%.50s\r\n0\r\n\r\n", big, big);
    assert_int_equal(ask(&site, head, body, answer), 200);
    /* Two ways to say how long it is: the gap that smuggled requests slip through. */
    (void)snprintf(head, sizeof head,
                   "POST /api/echo HTTP/1.1\r\nOrigin: http://localhost:%u\r\n"
                   "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
                   http_port(site.server));
    assert_int_equal(ask(&site, head, "0\r\n\r\n", answer), 400);
    assert_int_equal(ask(&site, "GET / HTTP/1.1\r\nContent-Length: 5\r\n", "12345", answer), 413);
    close_site(&site);
}

/* A person who has sent too much reads a page, after all of it was read past; a program reads
 * JSON, and so does who is not let through the gate. */
static void refuses_people_with_a_page(void **state)
{
    (void)state;
    struct site site;
    static char big[4000];
    char head[256];
    site_refuses = true;
    open_site(&site);
    site_refuses = false;
    memset(big, 'x', sizeof big - 1);
    assert_int_equal(post(&site, "/api/echo", big, answer), 413);
    assert_non_null(strstr(answer, "text/html"));
    assert_non_null(strstr(answer, "<p>POST 413</p>"));
    assert_int_equal(post(&site, "/api/refuse", big, answer), 413);
    assert_non_null(strstr(answer, "{\"error\":\"too_large\""));
    assert_int_equal(ask(&site, "GET /api/echo HTTP/1.1\r\n", "", answer), 405);
    assert_non_null(strstr(answer, "<p>GET 405</p>"));
    /* Above what is read past, the answer comes before the body. */
    (void)snprintf(head, sizeof head,
                   "POST /api/echo HTTP/1.1\r\nOrigin: http://localhost:%u\r\n"
                   "Content-Length: %u\r\n",
                   http_port(site.server), HTTP_READ_PAST + 1u);
    assert_int_equal(ask(&site, head, "", answer), 413);
    assert_non_null(strstr(answer, "<p>POST 413</p>"));
    assert_int_equal(ask(&site,
                         "POST /api/echo HTTP/1.1\r\nOrigin: http://evil.example\r\n"
                         "Content-Length: 1\r\n",
                         "x", answer),
                     403);
    assert_non_null(strstr(answer, "{\"error\":\"forbidden\""));
    assert_int_equal(site.handled, 0);
    close_site(&site);
}

/* One large body at a time here: who holds its room shuts out large ones, and nobody else. */
static void large_bodies_share_their_room(void **state)
{
    (void)state;
    struct site site;
    char text[256];
    open_site(&site);
    int fd = dial(&site);
    (void)snprintf(text, sizeof text,
                   "POST /api/large HTTP/1.1\r\nHost: localhost:%u\r\nConnection: close\r\n"
                   "Origin: http://localhost:%u\r\nContent-Length: 5\r\n\r\n12",
                   http_port(site.server), http_port(site.server));
    say(&site, fd, text);
    for (int i = 0; i < 10; i++) turn(&site);
    assert_int_equal(post(&site, "/api/large", "y", answer), 503);
    assert_int_equal(post(&site, "/api/echo", "y", answer), 200);
    say(&site, fd, "345");
    hear(&site, fd, "", answer);
    assert_non_null(strstr(answer, "12345"));
    close(fd);
    for (int i = 0; i < 10; i++) turn(&site);
    assert_int_equal(post(&site, "/api/large", "y", answer), 200);
    /* Who goes in the middle leaves the room free. */
    fd = dial(&site);
    say(&site, fd, text);
    for (int i = 0; i < 10; i++) turn(&site);
    close(fd);
    for (int i = 0; i < 10; i++) turn(&site);
    assert_int_equal(post(&site, "/api/large", "y", answer), 200);
    close_site(&site);
}

static void serves_files_and_nothing_beside_them(void **state)
{
    (void)state;
    struct site site;
    char head[256], etag[80] = "";
    open_site(&site);
    assert_int_equal(ask(&site, "GET / HTTP/1.1\r\n", "", answer), 200);
    assert_string_equal(body_of(answer), "<!doctype html>");
    assert_non_null(strstr(answer, "Content-Type: text/html; charset=utf-8\r\n"));
    assert_non_null(strstr(answer, "Cache-Control: no-cache\r\n"));
    const char *at = strstr(answer, "ETag: ");
    assert_non_null(at);
    (void)snprintf(etag, sizeof etag, "%.*s", (int)strcspn(at + 6, "\r"), at + 6);
    (void)snprintf(head, sizeof head, "GET / HTTP/1.1\r\nIf-None-Match: %s\r\n", etag);
    assert_int_equal(ask(&site, head, "", answer), 304);
    assert_string_equal(body_of(answer), "");
    assert_int_equal(ask(&site, "HEAD / HTTP/1.1\r\n", "", answer), 200);
    assert_string_equal(body_of(answer), "");
    assert_int_equal(ask(&site, "GET /assets/a.js HTTP/1.1\r\n", "", answer), 200);
    assert_non_null(strstr(answer, "immutable"));
    assert_int_equal(ask(&site, "GET /nothing HTTP/1.1\r\n", "", answer), 404);
    assert_int_equal(ask(&site, "GET /assets HTTP/1.1\r\n", "", answer), 404);
    assert_int_equal(ask(&site, "GET /assets/ HTTP/1.1\r\n", "", answer), 404);
    assert_int_equal(ask(&site, "GET /out HTTP/1.1\r\n", "", answer), 404); /* links lead nowhere */
    assert_int_equal(ask(&site, "GET /etc/passwd HTTP/1.1\r\n", "", answer), 404);
    close_site(&site);
}

static void closes_who_never_finishes_a_request(void **state)
{
    (void)state;
    struct site site;
    open_site(&site);
    int fd = dial(&site);
    say(&site, fd, "GET / HTTP/1.1\r\nX-Slow: ");
    bool closed = false;
    for (int second = 0; second < 12 && !closed; second++) {
        char byte;
        /* A byte a second keeps no connection. */
        if (send(fd, "x", 1, MSG_NOSIGNAL) != 1) closed = true;
        site.now_us += 1000 * 1000;
        for (int i = 0; i < 5; i++) turn(&site);
        closed = closed || recv(fd, &byte, 1, MSG_DONTWAIT) == 0;
        if (second < 8) assert_false(closed);
    }
    assert_true(closed);
    close(fd);
    close_site(&site);
}

static void a_page_has_many_paths_and_a_file_has_one(void **state)
{
    (void)state;
    struct site site;
    open_site_with(&site, true);
    const struct {
        const char *head, *body;
        unsigned status;
    } rows[] = {
        {"GET /below/ HTTP/1.1\r\n", "<!doctype html>below", 200},
        {"GET /below/security HTTP/1.1\r\n", "<!doctype html>below", 200},
        {"GET /below/a.js HTTP/1.1\r\n", "let a", 200},
        {"GET /single/ HTTP/1.1\r\n", "<!doctype html>below", 200},
        {"GET /below/b.js HTTP/1.1\r\n", NULL, 404},
        {"GET /single/security HTTP/1.1\r\n", NULL, 404},
        {"GET /none/ HTTP/1.1\r\n", NULL, 404},
        {"GET /setup HTTP/1.1\r\n", "<!doctype html>", 200},
        {"GET /etc/passwd HTTP/1.1\r\n", "<!doctype html>", 200}, /* the page, not that file */
        {"GET /missing.png HTTP/1.1\r\n", NULL, 404},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(ask(&site, rows[i].head, "", answer), rows[i].status);
        if (rows[i].body != NULL) assert_string_equal(body_of(answer), rows[i].body);
    }
    close_site(&site);
}

static void a_query_is_given_as_it_came(void **state)
{
    (void)state;
    static struct site site;
    static const struct {
        const char *query, *expected;
    } rows[] = {
        {"", "[]"},
        {"?mchid=1&bill_date=2026-11-29", "[mchid=1&bill_date=2026-11-29]"},
        {"?b=%E5%BA%97+1&a=%2B%20=", "[b=%E5%BA%97+1&a=%2B%20=]"},
        {"?flag&x=", "[flag&x=]"},
        {"?a=0123456789012345678901234567", "[a=0123456789012345678901234567]"},
        {"?a=01234567890123456789012345678901", "[LENGTH]"},
    };
    open_site(&site);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char head[128];
        (void)snprintf(head, sizeof head, "GET /api/raw%s HTTP/1.1\r\n", rows[i].query);
        assert_int_equal(ask(&site, head, "", answer), 200);
        assert_string_equal(body_of(answer), rows[i].expected);
    }
    close_site(&site);
}

static void a_simulator_can_end_badly(void **state)
{
    (void)state;
    static struct site site;
    open_site(&site);
    assert_int_equal(ask(&site, "GET /api/bad/cut HTTP/1.1\r\n", "", answer), 200);
    assert_non_null(strstr(answer, "Content-Length: 10\r\n"));
    assert_string_equal(body_of(answer), "01234");
    assert_int_equal(ask(&site, "GET /api/bad/hang HTTP/1.1\r\n", "", answer), 0);
    assert_string_equal(answer, "");
    close_site(&site);
}

static void says_that_the_port_is_taken(void **state)
{
    (void)state;
    struct site site;
    struct http_server *second = NULL;
    open_site(&site);
    struct http_options options = {.loop = site.loop, .port = http_port(site.server)};
    assert_int_equal(http_create(&options, &second).code, ERR_BUSY);
    options.port = 0;
    options.directory = "/nonexistent";
    assert_int_equal(http_create(&options, &second).code, ERR_CONFIG);
    close_site(&site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_by_its_routes),
        cmocka_unit_test(every_answer_has_the_security_headers),
        cmocka_unit_test(turns_away_what_the_gate_refuses),
        cmocka_unit_test(refuses_a_body_that_is_too_large),
        cmocka_unit_test(refuses_people_with_a_page),
        cmocka_unit_test(large_bodies_share_their_room),
        cmocka_unit_test(serves_files_and_nothing_beside_them),
        cmocka_unit_test(closes_who_never_finishes_a_request),
        cmocka_unit_test(a_page_has_many_paths_and_a_file_has_one),
        cmocka_unit_test(a_query_is_given_as_it_came),
        cmocka_unit_test(a_simulator_can_end_badly),
        cmocka_unit_test(says_that_the_port_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
