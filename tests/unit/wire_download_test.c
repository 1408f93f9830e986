/* SPDX-License-Identifier: Apache-2.0 */
/* Blocking GETs by the real curl, to a server in a loop of this program. S119. */
#include "tests/unit/scratch.h"

#include <pthread.h>
#include <stdatomic.h>

#include "lib/wire/download.h"
#include "lib/wire/http.h"

enum { TURN_MS = 5, ROOM = 4096 };

static struct loop *loop;
static struct http_server *server;
static struct download *download;
static char base[64];

static void give(void *context, const struct http_request *request, struct http_response *response)
{
    (void)context, (void)request;
    write_bytes(&response->body, BYTES("0123456789"));
}

static void missing(void *context, const struct http_request *request,
                    struct http_response *response)
{
    (void)context, (void)request;
    response->status = 404;
    for (size_t i = 0; i < ROOM; i++) write_bytes(&response->body, BYTES("not here "));
}

static void refuse(void *context, const struct http_request *request,
                   struct http_response *response)
{
    (void)context, (void)request;
    response->status = 500;
}

static void redirect(void *context, const struct http_request *request,
                     struct http_response *response)
{
    (void)context, (void)request;
    response->status = 302;
    http_response_header(response, "Location", "/give");
}

/* What the other thread asks for; the loop runs here until it has its answer. */
struct ask {
    const char *path;
    size_t max, len;
    char block[ROOM];
    err result;
    atomic_bool done;
};

static void *get(void *context)
{
    struct ask *ask = context;
    char url[DOWNLOAD_URL_MAX];
    snprintf(url, sizeof url, "%s%s", base, ask->path);
    ask->result = download_get(download, url, ask->block, ask->max, &ask->len);
    atomic_store(&ask->done, true);
    return NULL;
}

static err run(struct ask *ask)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, get, ask), 0);
    while (!atomic_load(&ask->done)) assert_ok(loop_once(loop, TURN_MS));
    pthread_join(thread, NULL);
    return ask->result;
}

static int open_all(void **state)
{
    (void)state;
    static const struct http_route routes[] = {{"GET", "/give", give, 0},
                                               {"GET", "/missing", missing, 0},
                                               {"GET", "/refuse", refuse, 0},
                                               {"GET", "/redirect", redirect, 0}};
    assert_ok(loop_create(&(struct loop_options){.clock = clock_system()}, &loop));
    const struct http_options options = {
        .loop = loop, .routes = routes, .route_count = ARRAY_LEN(routes), .programs = true};
    assert_ok(http_create(&options, &server));
    snprintf(base, sizeof base, "http://127.0.0.1:%u", (unsigned)http_port(server));
    assert_ok(download_create(&(struct download_options){NULL, true, 10000}, &download));
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    download_destroy(download);
    http_destroy(server);
    loop_destroy(loop);
    return 0;
}

static void a_body_whole_or_not_at_all(void **state)
{
    (void)state;
    struct ask whole = {.path = "/give", .max = 10}, over = {.path = "/give", .max = 9};
    assert_ok(run(&whole));
    assert_int_equal(whole.len, 10);
    assert_memory_equal(whole.block, "0123456789", 10);
    assert_err(run(&over), LENGTH);
    assert_int_equal(over.len, 0);
    assert_int_equal(over.block[9], 0); /* not a byte behind its end */
}

static void statuses(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        enum err_code code;
    } rows[] = {{"/missing", ERR_NOT_FOUND},
                {"/nowhere", ERR_NOT_FOUND},
                {"/refuse", ERR_IO},
                {"/redirect", ERR_IO}, /* is not followed */
                {"/give", ERR_OK}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct ask ask = {.path = rows[i].path, .max = 100};
        assert_int_equal(run(&ask).code, rows[i].code);
    }
}

static void nobody_there(void **state)
{
    (void)state;
    uint8_t block[8];
    size_t len = 0;
    /* Port 1 needs a right that nobody here uses. */
    assert_err(download_get(download, "http://127.0.0.1:1/", block, sizeof block, &len), REFUSED);
}

static void urls(void **state)
{
    (void)state;
    static const char *const bad[] = {"http://example.com/x",
                                      "ftp://127.0.0.1/",
                                      "file:///etc/hostname",
                                      "http://127.0.0.1@example.com/",
                                      "http://127.0.0.1.example.com/",
                                      "https://",
                                      "",
                                      "127.0.0.1"};
    uint8_t block[8];
    size_t len = 0;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_false(download_url_allowed(bad[i], true));
        assert_err(download_get(download, bad[i], block, sizeof block, &len), CONFIG);
    }
    assert_true(download_url_allowed("https://updates.example/x", false));
    assert_true(download_url_allowed("http://[::1]:8080/x", true));
    assert_false(download_url_allowed("http://127.0.0.1/", false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_whole_or_not_at_all),
        cmocka_unit_test(statuses),
        cmocka_unit_test(nobody_there),
        cmocka_unit_test(urls),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
