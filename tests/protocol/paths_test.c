/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S172: a real terminal with two ways to a real acquirer, each an address of this machine. The link
 * of the first goes while a payment has no answer; the payment is taken back over the second (S87,
 * S88), the next is paid over it.
 */
#include <signal.h>

#include "lib/base/file.h"
#include "tests/protocol/counter.h"

enum { TRIES = 500 };

static const char link_up[] =
    "{\"kind\":\"ethernet\",\"security\":\"unknown\",\"captive\":\"no\",\"link\":\"up\"}";
static const char link_down[] =
    "{\"kind\":\"ethernet\",\"security\":\"unknown\",\"captive\":\"no\",\"link\":\"down\"}";
static const char mobile[] =
    "{\"kind\":\"mobile\",\"security\":\"unknown\",\"captive\":\"no\",\"link\":\"up\"}";

static struct counter counter;
static char cable_file[256], mobile_file[256];

static void write_text(const char *path, const char *text)
{
    assert_ok(file_write(path, FILE_PRIVATE, bytes_text(text)));
}

/* The stage's terminal, started again with two ways out. */
static void start_terminal(void)
{
    struct stage *s = &counter.stage;
    char host[32], manage[32], networks[600];
    snprintf(cable_file, sizeof cable_file, "%s/cable.json", s->directory);
    snprintf(mobile_file, sizeof mobile_file, "%s/mobile.json", s->directory);
    write_text(cable_file, link_up);
    write_text(mobile_file, mobile);
    snprintf(networks, sizeof networks, "%s@127.0.0.2,%s@127.0.0.3", cable_file, mobile_file);
    snprintf(host, sizeof host, "127.0.0.1:%ld", s->acquirer_port);
    snprintf(manage, sizeof manage, "127.0.0.1:%ld", s->device_port);
    const char *const arguments[] = {
        "--state",  s->terminal, "--vault",   s->vault_socket, "--host", host,
        "--http",   "0",         "--web",     s->web,          "--tray", s->tray,
        "--manage", manage,      "--network", networks,        NULL};
    child_kill(s->process_terminal);
    assert_ok(
        children_start(&s->children, "tongbao-terminal", arguments, true, &s->process_terminal));
    s->terminal_port = child_ready_number(s->process_terminal, "port");
    counter_look(&counter);
}

static int start(void **state)
{
    (void)state;
    counter_open(&counter);
    start_terminal();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    counter_close(&counter);
    return 0;
}

static bool status_is(const char *name, const char *wanted)
{
    struct json_t *status;
    struct bytes text;
    assert_ok(json_member(page_screen(counter.page), "status", &status));
    return !FAILED(json_text(status, name, 64, &text)) && bytes_equal(text, bytes_text(wanted));
}

/* The terminal's log has a line with both. */
static bool terminal_logged(const char *event, const char *member)
{
    static uint8_t text[1 << 20];
    size_t len = 0;
    assert_ok(file_read(counter.stage.process_terminal->log, FILE_PUBLIC, text, sizeof text, &len));
    for (size_t at = 0; at < len;) {
        const uint8_t *end = memchr(text + at, '\n', len - at);
        size_t line = end == NULL ? len - at : (size_t)(end - (text + at));
        if (memmem(text + at, line, event, strlen(event)) != NULL &&
            memmem(text + at, line, member, strlen(member)) != NULL)
            return true;
        at += line + 1;
    }
    return false;
}

static void until_logged(const char *event, const char *member)
{
    for (int i = 0; i < TRIES; i++) {
        if (terminal_logged(event, member)) return;
        programs_pause();
    }
    fail_msg("the terminal has not logged %s with %s", event, member);
}

static void the_cable_is_used(void **state)
{
    (void)state;
    counter_log_in_first(&counter);
    counter_sign_in(&counter);
    counter_sells(&counter);
    assert_true(status_is("link", "ethernet"));
    assert_false(terminal_logged("\"path\"", "\"kind\":3"));
}

/* To the PIN, and the host is stopped in the moment in which it has the payment or has it not. */
static void sell_to_a_silent_host(void)
{
    long status;
    counter_key(&counter, "choice:sale", "sale.amount");
    assert_ok(page_digits(counter.page, "256"));
    counter_key(&counter, "ok", "sale.present");
    assert_ok(page_post(counter.page, "/api/tray/card", "application/json",
                        BYTES("{\"name\":\"good\"}"), &status));
    assert_int_equal(status, 204);
    counter_shows(&counter, "sale.pin");
    assert_int_equal(kill(counter.stage.process_acquirer->pid, SIGSTOP), 0);
    assert_ok(page_secret(counter.page, COUNTER_PIN));
    counter_shows(&counter, "sale.wait");
}

static void a_payment_between_two_paths_is_taken_back(void **state)
{
    (void)state;
    sell_to_a_silent_host();
    write_text(cable_file, link_down);
    until_logged("\"path\"", "\"kind\":3");
    assert_int_equal(kill(counter.stage.process_acquirer->pid, SIGCONT), 0);
    counter_shows(&counter, "sale.reversed");
    assert_true(status_is("link", "mobile"));
    counter_key(&counter, "ok", "main.menu");
    counter_sells(&counter);
    assert_true(status_is("link", "mobile"));
}

/* The two that were paid are there, and nothing else. */
static void the_books_say_the_same(void **state)
{
    (void)state;
    counter_key(&counter, "choice:manage", "manage.menu");
    counter_key(&counter, "choice:settle", "settle.ask");
    counter_key(&counter, "choice:yes", "settle.done");
    assert_true(counter_says(&counter, "SETTLE_DONE")); /* totals are equal */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cable_is_used),
        cmocka_unit_test(a_payment_between_two_paths_is_taken_back),
        cmocka_unit_test(the_books_say_the_same),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
