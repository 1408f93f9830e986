/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that leave later: those that somebody else gives, and refusals that are held (HS-14). */
#include "tests/unit/http_site.h"

static char answer[ANSWER_MAX];

static void echo(void *context, const struct http_request *request, struct http_response *response)
{
    (void)context;
    write_bytes(&response->body, request->body);
}

static void put_off(void *context, const struct http_request *request,
                    struct http_response *response)
{
    struct site *site = context;
    site->ticket = request->ticket;
    response->later = true;
}

static void hold(void *context, const struct http_request *request, struct http_response *response)
{
    (void)context, (void)request;
    http_response_error(response, 429, "too_many", "again later");
    response->hold_ms = 500;
}

static const struct http_route routes[] = {
    {"POST", "/api/later", put_off, 10},
    {"POST", "/api/echo", echo, 100},
    {"GET", "/api/hold", hold, 0},
};

static void open_site(struct site *site)
{
    *site = (struct site){.now_us = 1000000};
    struct loop_options loop = {.clock = {fake_us, fake_us, &site->now_us}};
    assert_false(FAILED(loop_create(&loop, &site->loop)));
    struct http_options options = {.loop = site->loop,
                                   .routes = routes,
                                   .route_count = ARRAY_LEN(routes),
                                   .context = site,
                                   .response_max = 4096,
                                   .connections_max = 8};
    assert_false(FAILED(http_create(&options, &site->server)));
}

static void close_site(struct site *site)
{
    http_destroy(site->server);
    loop_destroy(site->loop);
}

/* A request on a connection of its own that is left waiting; returns its descriptor. */
static int ask_later(struct site *site)
{
    char text[256];
    int fd = dial(site);
    (void)snprintf(text, sizeof text,
                   "POST /api/later HTTP/1.1\r\nHost: localhost:%u\r\nOrigin: "
                   "http://localhost:%u\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
                   http_port(site->server), http_port(site->server));
    site->ticket = 0;
    say(site, fd, text);
    for (int i = 0; i < 10; i++) turn(site);
    assert_true(site->ticket != 0);
    return fd;
}

static struct http_response written(uint8_t *block, size_t size)
{
    struct http_response response = {
        .status = 201, .content_type = "application/json", .body = writer_over(block, size)};
    write_bytes(&response.body, BYTES("{\"at\":\"last\"}"));
    http_response_header(&response, "X-Later", "yes");
    return response;
}

static void an_answer_may_come_later(void **state)
{
    (void)state;
    struct site site;
    uint8_t block[64];
    open_site(&site);
    int first = ask_later(&site);
    uint64_t first_ticket = site.ticket;
    int second = ask_later(&site);
    assert_true(site.ticket != first_ticket);
    assert_int_equal(recv(first, answer, 1, MSG_DONTWAIT), -1);
    assert_int_equal(post(&site, "/api/echo", "{}", answer), 200); /* nobody else waits */
    struct http_response response = written(block, sizeof block);
    assert_true(http_answer(site.server, first_ticket, &response));
    assert_false(http_answer(site.server, first_ticket, &response));
    memset(block, 'x', sizeof block); /* it was copied */
    hear(&site, first, "", answer);
    assert_non_null(strstr(answer, "HTTP/1.1 201"));
    assert_non_null(strstr(answer, "X-Later: yes\r\n"));
    assert_string_equal(body_of(answer), "{\"at\":\"last\"}");
    assert_false(http_answer(site.server, first_ticket, &response));
    /* Whoever waits for too long hears so, and the ticket is void. */
    site.now_us += (int64_t)(HTTP_LATER_MS + 2000) * 1000;
    hear(&site, second, "", answer);
    assert_non_null(strstr(answer, "HTTP/1.1 503"));
    assert_false(http_answer(site.server, site.ticket, &response));
    int third = ask_later(&site);
    close_site(&site); /* with a request that still waits */
    close(first);
    close(second);
    close(third);
}

/* A request that is refused, on a connection of its own. */
static int ask_held(struct site *site)
{
    char text[128];
    int fd = dial(site);
    (void)snprintf(text, sizeof text,
                   "GET /api/hold HTTP/1.1\r\nHost: localhost:%u\r\nConnection: close\r\n\r\n",
                   http_port(site->server));
    say(site, fd, text);
    for (int i = 0; i < 10; i++) turn(site);
    return fd;
}

static void assert_refused(struct site *site, int fd)
{
    hear(site, fd, "", answer);
    assert_non_null(strstr(answer, "HTTP/1.1 429"));
    assert_non_null(strstr(answer, "too_many"));
    close(fd);
}

/* HS-14: whoever is refused and asks again without end has to wait for each refusal, and nobody
 * else does. Of eight connections two are held; a third one is refused at once. */
static void a_refusal_may_be_held(void **state)
{
    (void)state;
    struct site site;
    open_site(&site);
    int first = ask_held(&site), second = ask_held(&site), third = ask_held(&site);
    assert_int_equal(recv(first, answer, 1, MSG_DONTWAIT), -1);
    assert_int_equal(recv(second, answer, 1, MSG_DONTWAIT), -1);
    assert_refused(&site, third);
    assert_int_equal(post(&site, "/api/echo", "{}", answer), 200);
    site.now_us += 499 * 1000;
    for (int i = 0; i < 10; i++) turn(&site);
    assert_int_equal(recv(first, answer, 1, MSG_DONTWAIT), -1);
    site.now_us += 60 * 1000;
    assert_refused(&site, first);
    assert_refused(&site, second);
    int last = ask_held(&site); /* there is room again */
    assert_int_equal(recv(last, answer, 1, MSG_DONTWAIT), -1);
    close_site(&site); /* with one that is held */
    close(last);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_may_come_later),
        cmocka_unit_test(a_refusal_may_be_held),
    };
    return cmocka_run_group_tests_name("wire_http_later", tests, NULL, NULL);
}
