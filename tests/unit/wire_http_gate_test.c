/* SPDX-License-Identifier: Apache-2.0 */
/* The gate before every HTTP handler, as a pure function: paths, hosts, origins, escapes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/wire/http.h"
#include "lib/wire/http_gate.h"

static void allows_only_plain_paths(void **state)
{
    (void)state;
    const char *const allowed[] = {"/", "/a", "/assets/index-Bx_1~2.js", "/api/receipt/17.png",
                                   "/a/"};
    const char *const refused[] = {"",
                                   "a",
                                   "//",
                                   "/a//b",
                                   "/.",
                                   "/..",
                                   "/../etc/passwd",
                                   "/a/../b",
                                   "/a/.git",
                                   "/.env",
                                   "/%2e%2e/a",
                                   "/a%00b",
                                   "/a b",
                                   "/a\\b",
                                   "/a?b",
                                   "/a;b",
                                   "/\xe9\x80\x9a",
                                   "/a\n"};
    for (size_t i = 0; i < ARRAY_LEN(allowed); i++)
        assert_true(http_path_allowed(bytes_text(allowed[i])));
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        assert_false(http_path_allowed(bytes_text(refused[i])));
    char path[HTTP_PATH_MAX + 2];
    memset(path, 'a', sizeof path);
    path[0] = '/';
    assert_true(http_path_allowed(bytes_of(path, HTTP_PATH_MAX)));
    assert_false(http_path_allowed(bytes_of(path, HTTP_PATH_MAX + 1)));
}

static void allows_only_its_own_host_and_origin(void **state)
{
    (void)state;
    static const char *const more[] = {"pos.shop.test", NULL};
    const struct http_gate gate = {"192.0.2.7", 8080, more};
    const struct {
        const char *host;
        bool allowed;
    } hosts[] = {
        {"localhost:8080", true},
        {"LOCALHOST:8080", true},
        {"127.0.0.1:8080", true},
        {"[::1]:8080", true},
        {"192.0.2.7:8080", true},
        {"pos.shop.test:8080", true},
        {"localhost", false},
        {"localhost:80801", false},
        {"localhost:8081", false},
        {"evil.test:8080", false},
        {"", false},
        {":8080", false},
        {"localhost.evil:8080", false},
        {"xlocalhost:8080", false},
        {"127.0.0.1:8080:8080", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
        assert_int_equal(http_host_allowed(&gate, bytes_text(hosts[i].host)), hosts[i].allowed);
    const struct http_gate on_80 = {"127.0.0.1", 80, NULL};
    assert_true(http_host_allowed(&on_80, BYTES("localhost")));
    const struct bytes host = BYTES("localhost:8080");
    assert_true(http_origin_allowed(&gate, BYTES("http://localhost:8080"), host));
    assert_false(http_origin_allowed(&gate, BYTES("http://127.0.0.1:8080"), host));
    assert_false(http_origin_allowed(&gate, BYTES("https://localhost:8080"), host));
    assert_false(http_origin_allowed(&gate, BYTES("http://localhost:8080/"), host));
    assert_false(http_origin_allowed(&gate, BYTES("null"), host));
    assert_false(http_origin_allowed(&gate, BYTES(""), host));
    assert_false(
        http_origin_allowed(&gate, BYTES("http://evil.test:8080"), BYTES("evil.test:8080")));
}

static void lets_the_name_in_that_a_proxy_serves(void **state)
{
    (void)state;
    const struct http_gate gate = {"127.0.0.1", 8080, NULL, "https://pay.example"};
    assert_true(http_host_allowed(&gate, BYTES("pay.example")));
    assert_false(http_host_allowed(&gate, BYTES("pay.example:8080")));
    assert_true(http_host_allowed(&gate, BYTES("127.0.0.1:8080")));
    assert_true(http_origin_allowed(&gate, BYTES("https://pay.example"), BYTES("pay.example")));
    assert_false(http_origin_allowed(&gate, BYTES("http://pay.example"), BYTES("pay.example")));
    assert_false(http_origin_allowed(&gate, BYTES("https://pay.example"), BYTES("127.0.0.1:8080")));
    assert_false(
        http_origin_allowed(&gate, BYTES("https://pay.example.evil"), BYTES("pay.example")));
}

static void decides_by_method_path_host_and_origin(void **state)
{
    (void)state;
    const struct http_gate gate = {"127.0.0.1", 8080, NULL};
    const struct {
        const char *method, *path, *host, *origin;
        unsigned status;
    } rows[] = {
        {"GET", "/", "localhost:8080", "", 0},
        {"HEAD", "/", "localhost:8080", "", 0},
        {"POST", "/a", "localhost:8080", "http://localhost:8080", 0},
        {"DELETE", "/a", "localhost:8080", "http://localhost:8080", 0},
        {"POST", "/a", "localhost:8080", "", 403},
        {"POST", "/a", "localhost:8080", "http://evil.test", 403},
        {"GET", "/", "evil.test:8080", "", 403},
        {"GET", "/", "", "", 403},
        {"GET", "/..", "localhost:8080", "", 400},
        {"TRACE", "/", "localhost:8080", "", 405},
        {"get", "/", "localhost:8080", "", 405},
        {"", "/", "localhost:8080", "", 405},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(http_gate_check(&gate, bytes_text(rows[i].method),
                                         bytes_text(rows[i].path), bytes_text(rows[i].host),
                                         bytes_text(rows[i].origin), false),
                         rows[i].status);
}

/* Where clients are programs with a key, a request that a browser sends is turned away. */
static void programs_send_no_origin(void **state)
{
    (void)state;
    const struct http_gate gate = {.address = "127.0.0.1", .port = 8080, .programs = true};
    const struct bytes post = BYTES("POST"), path = BYTES("/a"), host = BYTES("localhost:8080");
    assert_int_equal(http_gate_check(&gate, post, path, host, BYTES(""), false), 0);
    assert_int_equal(
        http_gate_check(&gate, post, path, host, BYTES("http://localhost:8080"), false), 403);
    assert_int_equal(http_gate_check(&gate, post, path, host, BYTES("null"), false), 403);
    assert_int_equal(http_gate_check(&gate, post, path, BYTES("evil.test"), BYTES(""), false), 403);
    assert_int_equal(http_gate_check(&gate, BYTES("GET"), path, host, BYTES(""), false), 0);
}

/* S177: beside browsers, a program shows a key and has no Origin; a browser that shows one has it.
 */
static void a_key_needs_no_origin(void **state)
{
    (void)state;
    const struct http_gate gate = {.address = "127.0.0.1", .port = 8080, .keys = true};
    const struct http_gate closed = {.address = "127.0.0.1", .port = 8080};
    const struct bytes post = BYTES("POST"), path = BYTES("/a"), host = BYTES("localhost:8080"),
                       own = BYTES("http://localhost:8080"), evil = BYTES("http://evil.test"),
                       none = BYTES("");
    assert_int_equal(http_gate_check(&gate, post, path, host, none, true), 0);
    assert_int_equal(http_gate_check(&gate, post, path, host, own, true), 0);
    assert_int_equal(http_gate_check(&gate, post, path, host, own, false), 0);
    assert_int_equal(http_gate_check(&gate, post, path, host, evil, true), 403);
    assert_int_equal(http_gate_check(&gate, post, path, host, none, false), 403);
    assert_int_equal(http_gate_check(&gate, post, path, BYTES("evil.test"), none, true), 403);
    assert_int_equal(http_gate_check(&closed, post, path, host, none, true), 403);
}

static void unescapes_strictly(void **state)
{
    (void)state;
    char out[16] = "kept";
    assert_int_equal(http_unescape(BYTES("a%20b+c"), out, sizeof out).code, ERR_OK);
    assert_string_equal(out, "a b c");
    assert_int_equal(http_unescape(BYTES("%E9%80%9a"), out, sizeof out).code, ERR_OK);
    assert_string_equal(out, "\xe9\x80\x9a");
    const char *const refused[] = {"%", "%4", "%4g", "%00", "%0a", "%ff", "a%c0%af"};
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        assert_int_equal(http_unescape(bytes_text(refused[i]), out, sizeof out).code, ERR_FORMAT);
    assert_int_equal(http_unescape(BYTES("0123456789abcdef"), out, sizeof out).code, ERR_LENGTH);
    assert_string_equal(out, "\xe9\x80\x9a");
    assert_string_equal(http_content_type(BYTES("/a.js")), "text/javascript; charset=utf-8");
    assert_string_equal(http_content_type(BYTES("/js")), "application/octet-stream");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allows_only_plain_paths),
        cmocka_unit_test(allows_only_its_own_host_and_origin),
        cmocka_unit_test(lets_the_name_in_that_a_proxy_serves),
        cmocka_unit_test(decides_by_method_path_host_and_origin),
        cmocka_unit_test(programs_send_no_origin),
        cmocka_unit_test(a_key_needs_no_origin),
        cmocka_unit_test(unescapes_strictly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
