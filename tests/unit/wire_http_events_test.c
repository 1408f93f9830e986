/* SPDX-License-Identifier: Apache-2.0 */
/* Server-sent events over real sockets: what pages hear, how many may listen, who has left. */
#include "tests/unit/http_site.h"

static char answer[ANSWER_MAX];

static void open_site(struct site *site)
{
    *site = (struct site){.now_us = 1000000};
    struct loop_options loop = {.clock = {fake_us, fake_us, &site->now_us}};
    assert_false(FAILED(loop_create(&loop, &site->loop)));
    struct http_options options = {.loop = site->loop,
                                   .events_path = "/api/events",
                                   .event_max = 3000,
                                   .connections_max = 8,
                                   .events_clients_max = 2};
    assert_false(FAILED(http_create(&options, &site->server)));
}

static void close_site(struct site *site)
{
    http_destroy(site->server);
    loop_destroy(site->loop);
}

static int listen_to_events(struct site *site)
{
    char text[256];
    int fd = dial(site);
    (void)snprintf(text, sizeof text, "GET /api/events HTTP/1.1\r\nHost: localhost:%u\r\n\r\n",
                   http_port(site->server));
    say(site, fd, text);
    return fd;
}

static void events_bring_the_latest_and_every_change(void **state)
{
    (void)state;
    struct site site;
    open_site(&site);
    assert_false(FAILED(http_events_publish(site.server, "message", BYTES("{\"serial\":1}"))));
    assert_false(FAILED(http_events_publish(site.server, "message", BYTES("{\"serial\":2}"))));
    assert_false(FAILED(http_events_publish(site.server, "tray", BYTES("{}"))));
    int fd = listen_to_events(&site);
    hear(&site, fd, "event: tray\nid: 1\ndata: {}\n\n", answer);
    assert_non_null(strstr(answer, "Content-Type: text/event-stream\r\n"));
    assert_non_null(strstr(answer, "event: message\nid: 2\ndata: {\"serial\":2}\n\n"));
    assert_null(strstr(answer, "\"serial\":1"));
    assert_int_equal(http_events_clients(site.server), 1);
    for (int i = 3; i < 20; i++) {
        char json[32], expected[64];
        (void)snprintf(json, sizeof json, "{\"serial\":%d}", i);
        (void)snprintf(expected, sizeof expected, "data: {\"serial\":%d}\n\n", i);
        assert_false(FAILED(http_events_publish(site.server, "message", bytes_text(json))));
        hear(&site, fd, expected, answer);
        assert_non_null(strstr(answer, expected));
    }
    /* One of the largest size passes whole; a larger one is refused. */
    static char big[3001];
    memset(big, '1', sizeof big);
    assert_int_equal(http_events_publish(site.server, "message", bytes_of(big, 3001)).code,
                     ERR_LENGTH);
    big[2999] = '7';
    assert_false(FAILED(http_events_publish(site.server, "message", bytes_of(big, 3000))));
    hear(&site, fd, "17\n\n", answer);
    assert_non_null(strstr(answer, "1117\n\n"));
    close(fd);
    close_site(&site);
}

static void events_have_few_clients_and_notice_who_has_gone(void **state)
{
    (void)state;
    struct site site;
    open_site(&site);
    assert_false(FAILED(http_events_publish(site.server, "message", BYTES("1"))));
    int first = listen_to_events(&site), second = listen_to_events(&site);
    hear(&site, first, "data: 1", answer);
    hear(&site, second, "data: 1", answer);
    int third = listen_to_events(&site);
    hear(&site, third, "busy", answer);
    assert_non_null(strstr(answer, "HTTP/1.1 503"));
    close(third);
    /* A page was closed, which nobody has seen yet: being full makes the server look. */
    close(second);
    third = listen_to_events(&site);
    hear(&site, third, "busy", answer);
    close(third);
    for (int i = 0; i < 10; i++) turn(&site);
    assert_int_equal(http_events_clients(site.server), 1);
    second = listen_to_events(&site);
    hear(&site, second, "data: 1", answer);
    assert_int_equal(http_events_clients(site.server), 2);
    close(first); /* the page was closed: MHD does not see that while it waits */
    for (int i = 0; i < 10; i++) turn(&site);
    site.now_us += 1100 * 1000;
    for (int i = 0; i < 10; i++) turn(&site);
    assert_int_equal(http_events_clients(site.server), 1);
    first = listen_to_events(&site);
    hear(&site, first, "data: 1", answer);
    assert_non_null(strstr(answer, "data: 1"));
    /* A heartbeat after fifteen seconds. */
    for (int s = 0; s < 16; s++) {
        site.now_us += 1000 * 1000;
        turn(&site);
    }
    hear(&site, second, ":\n\n", answer);
    assert_non_null(strstr(answer, ":\n\n"));
    close(first);
    close(second);
    close_site(&site); /* with clients connected and suspended */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_bring_the_latest_and_every_change),
        cmocka_unit_test(events_have_few_clients_and_notice_who_has_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
