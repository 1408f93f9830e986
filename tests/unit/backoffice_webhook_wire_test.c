/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deliveries leave by the real tongbao-egress, a process for each (S177, HS-15, HS-16): what a
 * server is sent, what is heard of its answer, and what a process that fails is worth.
 */
#include "backoffice/webhooks/webhook_wire.h"

#include <sys/stat.h>

#include "lib/wire/helper.h"
#include "tests/unit/scratch.h"

enum { TURNS_MAX = 500, TURN_MS = 20 };

struct heard {
    unsigned count;
    int64_t delivery;
    struct egress_answer answer;
};

static struct {
    struct loop *loop;
    struct http_server *server;
    struct webhook_wire *wire;
    char program[256], url[80];
    struct heard heard;
    unsigned requests, status;
    char id[64], at[32], signatures[WEBHOOK_SIGNATURES_MAX + 1], body[256];
    char sent[WEBHOOK_SIGNATURES_MAX + 1]; /* as many as there are while both are changed */
} bench;

static void copy_header(const struct http_request *request, const char *name, char *to, size_t size)
{
    const char *said = http_request_header(request, name);
    snprintf(to, size, "%s", said == NULL ? "" : said);
}

static void on_hook(void *context, const struct http_request *request,
                    struct http_response *response)
{
    (void)context;
    bench.requests++;
    copy_header(request, "webhook-id", bench.id, sizeof bench.id);
    copy_header(request, "webhook-timestamp", bench.at, sizeof bench.at);
    copy_header(request, "webhook-signature", bench.signatures, sizeof bench.signatures);
    assert_ok(bytes_to_text(request->body, bench.body, sizeof bench.body));
    response->status = bench.status;
    if (bench.status == 503) http_response_header(response, "Retry-After", "17");
}

static void on_done(void *context, int64_t delivery, const struct egress_answer *answer)
{
    struct heard *heard = context;
    heard->count++;
    heard->delivery = delivery;
    heard->answer = *answer;
}

static void open_wire(const char *program, bool loopback)
{
    const struct webhook_wire_options options = {.loop = bench.loop,
                                                 .program = program,
                                                 .loopback = loopback,
                                                 .done = on_done,
                                                 .context = &bench.heard};
    assert_ok(webhook_wire_open(&options, &bench.wire));
}

static void close_wire(void)
{
    webhook_wire_close(bench.wire);
    bench.wire = NULL;
}

/* One letter to its end. */
static struct egress_answer deliver(const char *url)
{
    const struct webhook_letter letter = {7,          url,        "evt_4_1",
                                          bench.sent, 1614265330, BYTES("{\"type\":\"key.made\"}")};
    struct webhook_ports ports = webhook_wire_ports(bench.wire);
    bench.heard.count = 0;
    assert_ok(ports.send(ports.context, &letter));
    assert_int_equal(bench.heard.count, 0); /* never from inside */
    for (int i = 0; i < TURNS_MAX && bench.heard.count == 0; i++)
        assert_ok(loop_once(bench.loop, TURN_MS));
    assert_int_equal(bench.heard.count, 1);
    assert_int_equal(bench.heard.delivery, 7);
    return bench.heard.answer;
}

static int open_all(void **state)
{
    (void)state;
    static const struct http_route routes[] = {{"POST", "/hook", on_hook, 4096}};
    const struct http_options options = {
        .routes = routes, .route_count = ARRAY_LEN(routes), .programs = true};
    assert_ok(loop_create(&(struct loop_options){.clock = clock_system()}, &bench.loop));
    struct http_options with_loop = options;
    with_loop.loop = bench.loop;
    assert_ok(http_create(&with_loop, &bench.server));
    snprintf(bench.url, sizeof bench.url, "http://127.0.0.1:%u/hook", http_port(bench.server));
    memset(bench.sent, 'A', sizeof bench.sent - 1);
    memcpy(bench.sent, "v1,", 3);
    assert_ok(helper_find("../backoffice/tongbao-egress", bench.program, sizeof bench.program));
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    http_destroy(bench.server);
    loop_destroy(bench.loop);
    return 0;
}

static void a_letter_arrives_whole(void **state)
{
    (void)state;
    open_wire(bench.program, true);
    bench.status = 200;
    struct egress_answer answer = deliver(bench.url);
    assert_int_equal(answer.fault, EGRESS_NONE);
    assert_ok(answer.reason);
    assert_int_equal(answer.status, 200);
    assert_string_equal(bench.id, "evt_4_1");
    assert_string_equal(bench.at, "1614265330");
    assert_string_equal(bench.signatures, bench.sent);
    assert_string_equal(bench.body, "{\"type\":\"key.made\"}");
    bench.status = 503;
    answer = deliver(bench.url);
    assert_int_equal(answer.status, 503);
    assert_int_equal(answer.retry_after_s, 17);
    close_wire();
}

/* Without the switch of the demo this machine is out of reach, and the process says why. */
static void this_machine_is_out_of_reach(void **state)
{
    (void)state;
    open_wire(bench.program, false);
    bench.requests = 0;
    assert_int_equal(deliver(bench.url).fault, EGRESS_SCHEME);
    assert_int_equal(deliver("https://localhost/").fault, EGRESS_LOCAL);
    assert_int_equal(deliver("https://127.0.0.1/").fault, EGRESS_ADDRESS);
    assert_int_equal(bench.requests, 0);
    close_wire();
}

/* A process that is not there, that dies, or that says what it should not: nothing was delivered.
 */
static void a_process_that_fails_has_delivered_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *script, *reason;
    } rows[] = {
        {"exit 3", "CLOSED"},
        {"kill -9 $$", "CLOSED"},
        {"echo nonsense", "FORMAT"},
        {"echo '{\"fault\":\"ok\",\"reason\":0}'", "MISSING"},
        {"echo '{\"fault\":\"fine\",\"reason\":0,\"status\":200,\"retry_after\":0}'", "FORMAT"},
        {"head -c 100000 /dev/zero", "FULL"},
    };
    struct scratch place;
    scratch_make(&place);
    const char *path = scratch_path(&place, "egress");
    open_wire(path, true);
    assert_err(deliver(bench.url).reason, REFUSED); /* not there */
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        (void)unlink(path);
        FILE *file = fopen(path, "we");
        assert_non_null(file);
        assert_true(fprintf(file, "#!/bin/sh\n%s\n", rows[i].script) > 0);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(chmod(path, 0700), 0);
        struct egress_answer answer = deliver(bench.url);
        assert_int_equal(answer.fault, EGRESS_NONE);
        assert_string_equal(err_name(answer.reason), rows[i].reason);
        assert_int_equal(answer.status, 0);
    }
    close_wire();
    scratch_remove(&place);
}

/* As many at a time as there are threads; one more is told to wait. */
static void so_many_at_a_time(void **state)
{
    (void)state;
    const struct webhook_letter letter = {1,          "http://127.0.0.1:1/", "evt_1_1", "v1,a", 1,
                                          BYTES("{}")};
    open_wire(bench.program, true);
    struct webhook_ports ports = webhook_wire_ports(bench.wire);
    bench.heard.count = 0;
    for (int i = 0; i < WEBHOOK_IN_FLIGHT; i++) assert_ok(ports.send(ports.context, &letter));
    assert_err(ports.send(ports.context, &letter), FULL);
    for (int i = 0; i < TURNS_MAX && bench.heard.count < WEBHOOK_IN_FLIGHT; i++)
        assert_ok(loop_once(bench.loop, TURN_MS));
    assert_int_equal(bench.heard.count, WEBHOOK_IN_FLIGHT);
    assert_err(bench.heard.answer.reason, REFUSED);
    assert_ok(ports.send(ports.context, &letter));
    close_wire();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_letter_arrives_whole),
        cmocka_unit_test(this_machine_is_out_of_reach),
        cmocka_unit_test(a_process_that_fails_has_delivered_nothing),
        cmocka_unit_test(so_many_at_a_time),
    };
    return cmocka_run_group_tests_name("backoffice_webhook_wire", tests, open_all, close_all);
}
