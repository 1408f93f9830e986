/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A network that is not to be trusted (S170, S171, CR-41): a real terminal and vault with somebody
 * in between, who records the wire. Where the driver says that the network is a bad one, people
 * log in and payments go on, and nothing of a password leaves; where somebody else answers than the
 * host, nothing at all does, and the terminal says so.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "cli/page.h"
#include "cli/stage.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/crypto/identity.h"
#include "lib/store/store.h"
#include "lib/wire/rpc.h"
#include "tests/protocol/rogue.h"

enum { SCREEN_MS = 8000, WAIT_MS = 20000, PAUSE_MS = 20, TRAY_MAX = 65536 };

#define DAY_MS      INT64_C(86400000)
#define OWNER_PHONE "+8613800005678"
#define WPA2        "{\"kind\":\"wifi\",\"security\":\"wpa2\",\"captive\":\"no\",\"name\":\"Shop\"}"
#define OPEN        "{\"kind\":\"wifi\",\"security\":\"open\",\"captive\":\"no\",\"name\":\"Cafe\"}"

static struct scratch place;
static struct stage stage;
static struct children gathered;
static struct page *page;
static struct rogue acquirer, office; /* before the one and before the other */
static long log_at;                   /* where the log of this run of the terminal begins */

static const char own_password[] = "7093185264"; /* no run, no repeat and no date */

struct pem {
    char certificate[IDENTITY_PEM_MAX], key[IDENTITY_PEM_MAX];
};
static struct pem server, other_server, other_terminal, stranger;

/* ---- certificates ---- */

static void read_pem(const char *name, enum file_access access, char out[IDENTITY_PEM_MAX])
{
    char path[256];
    size_t len = 0;
    snprintf(path, sizeof path, "%s/%s", stage.admin, name);
    assert_ok(file_read(path, access, out, IDENTITY_PEM_MAX - 1, &len));
    out[len] = '\0';
}

static void issue(struct pem *out, const struct identity_key *authority_key,
                  const char *authority_pem, const struct identity_subject *about)
{
    CLEANUP(identity_key_free) struct identity_key key = {NULL};
    const struct clock clock = clock_system();
    struct identity_subject subject = *about;
    struct writer pem = writer_over(out->key, sizeof out->key - 1);
    struct writer w = writer_over(out->certificate, sizeof out->certificate - 1);
    subject.not_before_ms = clock_now_ms(&clock) - DAY_MS;
    subject.not_after_ms = clock_now_ms(&clock) + DAY_MS;
    assert_ok(identity_key_generate(&key));
    assert_ok(identity_key_write(&key, &pem));
    assert_ok(identity_issue(authority_key, bytes_text(authority_pem), bytes_text(out->key),
                             &subject, &w));
}

/* The true authority's, for a server, another server and another terminal; and a stranger's. */
static void make_identities(void)
{
    static const char *const here[] = {"127.0.0.1", NULL}, *const elsewhere[] = {"10.9.8.7", NULL};
    static char authority[IDENTITY_PEM_MAX], key_pem[IDENTITY_PEM_MAX], fake[IDENTITY_PEM_MAX];
    CLEANUP(identity_key_free) struct identity_key key = {NULL}, fake_key = {NULL};
    const struct clock clock = clock_system();
    int64_t now_ms = clock_now_ms(&clock);
    const struct identity_subject good = {
        .common_name = BYTES("localhost"), .role = IDENTITY_SERVER, .addresses = here};
    struct identity_subject moved = good, terminal = good;
    moved.addresses = elsewhere;
    terminal.common_name = BYTES("10000018");
    terminal.role = IDENTITY_CLIENT;
    terminal.addresses = NULL;
    read_pem("ca.pem", FILE_PUBLIC, authority);
    read_pem("ca.key", FILE_PRIVATE, key_pem);
    assert_ok(identity_key_read(bytes_text(key_pem), &key));
    issue(&server, &key, authority, &good);
    issue(&other_server, &key, authority, &moved);
    issue(&other_terminal, &key, authority, &terminal);
    struct writer w = writer_over(fake, sizeof fake - 1);
    assert_ok(identity_key_generate(&fake_key));
    assert_ok(identity_make_authority(&fake_key, BYTES("Public CA"), now_ms - DAY_MS,
                                      now_ms + DAY_MS, &w));
    issue(&stranger, &fake_key, fake, &good);
}

/* ---- the terminal ---- */

static void network_is(const char *facts)
{
    assert_ok(file_write(scratch_path(&place, "network.json"), FILE_PUBLIC, bytes_text(facts)));
}

static long log_size(void)
{
    struct stat about;
    assert_int_equal(stat(stage.process_terminal->log, &about), 0);
    return (long)about.st_size;
}

/* Again, with somebody between it and everybody else. */
static void start_terminal(void)
{
    char host[32], manage[32], url[64];
    if (page != NULL) page_close(page);
    page = NULL;
    child_kill(stage.process_terminal);
    log_at = log_size(); /* it is appended to */
    snprintf(host, sizeof host, "127.0.0.1:%ld", acquirer.port);
    snprintf(manage, sizeof manage, "127.0.0.1:%ld", office.port);
    const char *const arguments[] = {
        "--state",  stage.terminal, "--vault",   stage.vault_socket,
        "--host",   host,           "--http",    "0",
        "--web",    stage.web,      "--tray",    stage.tray,
        "--manage", manage,         "--network", scratch_path(&place, "network.json"),
        NULL};
    assert_ok(children_start(&stage.children, "tongbao-terminal", arguments, true,
                             &stage.process_terminal));
    snprintf(url, sizeof url, "http://127.0.0.1:%ld/",
             child_ready_number(stage.process_terminal, "port"));
    assert_ok(page_open(url, &page));
}

static int start(void **state)
{
    static const char *const directories[] = {"web", "web/terminal"};
    struct process_fault fault = {""};
    (void)state;
    scratch_make(&place);
    programs_gather(&gathered, place.directory);
    for (size_t i = 0; i < ARRAY_LEN(directories); i++)
        assert_int_equal(mkdir(scratch_path(&place, directories[i]), 0700), 0);
    assert_ok(file_write(scratch_path(&place, "web/terminal/index.html"), FILE_PUBLIC,
                         BYTES("<!doctype html><title>Tongbao</title>")));
    err e = stage_start(&stage, gathered.programs, "/tmp", 0, NULL, &fault);
    if (FAILED(e)) fail_msg("%s", fault.text);
    make_identities();
    rogue_start(&acquirer);
    rogue_start(&office);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    if (page != NULL) page_close(page);
    stage_stop(&stage, false);
    rogue_stop(&acquirer);
    rogue_stop(&office);
    programs_remove(place.directory);
    return 0;
}

/* ---- a person ---- */

static void shows(const char *id)
{
    err waited = page_wait(page, id, SCREEN_MS);
    if (FAILED(waited)) fail_msg("%s is shown, not %s: %s", page_id(page), id, err_name(waited));
}

static void key(const char *name, const char *then)
{
    assert_ok(page_key(page, name));
    shows(then);
}

static void secret(const char *digits, const char *then)
{
    assert_ok(page_secret(page, digits));
    shows(then);
}

static bool line_is_shown(const char *id)
{
    struct json_t *lines;
    size_t count;
    struct bytes text;
    assert_ok(json_list(page_screen(page), "lines", 64, &lines, &count));
    for (size_t i = 0; i < count; i++)
        if (!FAILED(json_text(json_at(lines, i), "id", 64, &text)) &&
            bytes_equal(text, bytes_text(id)))
            return true;
    return false;
}

static void says(const char *id)
{
    if (!line_is_shown(id)) fail_msg("%s does not say %s", page_id(page), id);
}

/* Waits until the screen at hand says, or no longer says, `id`. */
static void becomes(const char *id, bool said)
{
    for (int waited = 0; waited < SCREEN_MS; waited += PAUSE_MS) {
        if (!FAILED(page_wait(page, "*", SCREEN_MS)) && line_is_shown(id) == said) return;
        programs_pause();
    }
    fail_msg("%s: %s", page_id(page), id);
}

/* Writes the driver's file and waits for what the screen makes of it. */
static void network_becomes(const char *facts, const char *id, bool said)
{
    network_is(facts);
    becomes(id, said);
}

/* Alarms of this kind that the desk has been given. */
static bool desk_has(const char *kind)
{
    char path[256];
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 5000};
    struct store *store;
    struct store_statement *query;
    bool row = false;
    snprintf(path, sizeof path, "%s/backoffice.db", stage.backoffice);
    assert_ok(store_open(path, &options, NULL, &store));
    assert_ok(store_statement(
        store, "SELECT 1 FROM notice WHERE kind = ? AND alarm = 1 AND seen_by IS NULL", &query));
    store_bind_text(query, bytes_text(kind));
    assert_ok(store_step(query, &row));
    store_reset(query);
    store_close(store);
    return row;
}

static const char *initial_password(void)
{
    for (size_t i = 0; i < stage.passwords; i++)
        if (strcmp(stage.password[i].operator_id, "01") == 0) return stage.password[i].password;
    fail_msg("operator 01 has no password");
    return "";
}

static void log_in(const char *password, const char *then)
{
    shows("login.operator");
    assert_ok(page_digits(page, "01"));
    key("ok", "login.password");
    secret(password, then);
}

static void to_the_menu(void)
{
    while (strcmp(page_id(page), "tip.show") == 0) key("ok", "tip.show|main.menu");
}

static void log_out(void)
{
    key("cancel", "session.leave");
    key("choice:log_out", "login.operator");
}

static void sell(void)
{
    long status;
    key("choice:sale", "sale.amount");
    assert_ok(page_digits(page, "8"));
    key("ok", "sale.present");
    assert_ok(page_post(page, "/api/tray/card", "application/json", BYTES("{\"name\":\"good\"}"),
                        &status));
    assert_int_equal(status, 204);
    shows("sale.pin");
    secret("246810", "sale.approved");
    key("cancel", "main.menu");
}

/* From the log-in to the ways of the supervisor. */
static void forget(void)
{
    shows("login.operator");
    assert_ok(page_digits(page, "00"));
    key("ok", "login.password");
    key("choice:forgotten", "forgot.ways");
}

static void back_to_the_log_in(void)
{
    key("cancel", "login.operator");
}

/* Every way that goes over the network is refused, with what the network is and what helps. */
static void every_way_is_refused(const char *named)
{
    static const char *const ways[] = {"choice:sms", "choice:mail", "choice:service"};
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        key(ways[i], "forgot.network");
        says(named);
        says("FORGOT_NETWORK");
        says("FORGOT_NETWORK_ADVICE");
        key("ok", "forgot.ways");
    }
}

/* ---- waiting for others ---- */

#define UNTIL(condition)                                                                 \
    do {                                                                                 \
        int waited_ = 0;                                                                 \
        for (; !(condition) && waited_ < WAIT_MS; waited_ += PAUSE_MS) programs_pause(); \
        if (!(condition)) fail_msg("in vain: %s", #condition);                           \
    } while (0)

static bool is_logged(const char *event, const char *why)
{
    char text[4096];
    FILE *file = fopen(stage.process_terminal->log, "re");
    bool found = false;
    assert_non_null(file);
    assert_int_equal(fseek(file, log_at, SEEK_SET), 0);
    while (!found && fgets(text, sizeof text, file) != NULL)
        found = strstr(text, event) != NULL && strstr(text, why) != NULL;
    fclose(file);
    return found;
}

static bool has_received(const char *contact, const char *text)
{
    static uint8_t block[TRAY_MAX];
    char question[128];
    struct rpc rpc;
    struct bytes said;
    snprintf(question, sizeof question, "{\"ask\":\"messages\",\"contact\":\"%s\"}", contact);
    assert_ok(rpc_connect(&rpc, stage.tray, SCREEN_MS, TRAY_MAX));
    assert_ok(rpc_call(&rpc, bytes_text(question), block, sizeof block, &said));
    rpc_close(&rpc);
    return memmem(said.at, said.len, text, strlen(text)) != NULL;
}

static void nothing_personal_was_asked(void)
{
    struct rogue_seen seen = rogue_seen(&office);
    assert_true(seen.asks > 0);
    for (unsigned i = 0; i < seen.asks; i++)
        if (strcmp(seen.ask[i], "hello") != 0 && strcmp(seen.ask[i], "event") != 0 &&
            strcmp(seen.ask[i], "place") != 0 &&     /* which network it is */
            strcmp(seen.ask[i], "state") != 0 &&     /* paper, battery, how much is unsent */
            strcmp(seen.ask[i], "backup_find") != 0) /* is there one of this number: no more */
            fail_msg("%s has left", seen.ask[i]);
}

/* ---- bad networks ---- */

/* S170: somebody who can even read the device channel hears nothing of a password. */
static void on_a_bad_network_no_credential_leaves(void **state)
{
    (void)state;
    static const struct {
        const char *facts, *named;
    } rows[] = {
        {"{\"kind\":\"wifi\",\"security\":\"wep\",\"captive\":\"no\"}", "NETWORK_IS_WEP"},
        {"{\"kind\":\"wifi\",\"security\":\"wpa2\",\"captive\":\"yes\"}", "NETWORK_IS_CAPTIVE"},
        {"{\"kind\":\"wifi\",\"security\":\"unknown\",\"captive\":\"no\"}", "NETWORK_IS_UNKNOWN"},
        {OPEN, "NETWORK_IS_OPEN"},
        {"not what a driver writes", "NETWORK_IS_UNKNOWN"},
    };
    const struct rogue_identity good = {server.certificate, server.key, false};
    rogue_relay(&acquirer, stage.acquirer_port);
    rogue_tls(&office, ROGUE_OFFICE, &good);
    network_is(OPEN);
    start_terminal();
    log_in(initial_password(), "login.first");
    key("choice:continue", "password.new");
    secret(own_password, "password.repeat");
    secret(own_password, "password.review");
    key("choice:save", "password.saved");
    key("ok", "tip.show|main.menu");
    to_the_menu();
    says("NETWORK_IS_OPEN");
    key("choice:sign_in", "sign_in.done");
    key("ok", "main.menu");
    sell(); /* payments go on, in their tunnel */
    log_out();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        network_becomes(rows[i].facts, rows[i].named, true);
        forget();
        every_way_is_refused(rows[i].named);
        back_to_the_log_in();
        log_in(own_password, "tip.show|main.menu");
        to_the_menu();
        log_out();
    }
    UNTIL(rogue_asked(&office, "event") > 0);
    nothing_personal_was_asked();
}

/* The same terminal, the same request: it is the network that decides. */
static void on_a_good_network_the_request_goes_out(void **state)
{
    (void)state;
    static const char *const good[] = {
        WPA2, "{\"kind\":\"ethernet\",\"security\":\"unknown\",\"captive\":\"no\"}"};
    static const char *const ways[] = {"choice:sms", "choice:mail"};
    for (unsigned i = 0; i < ARRAY_LEN(good); i++) {
        network_becomes(good[i], "NETWORK_IS_UNKNOWN", false);
        UNTIL(rogue_asked(&office, "recover_end") == i); /* of the last time, held until now */
        forget();
        key(ways[i], "recover.sent");
        assert_int_equal(rogue_asked(&office, "recover"), i + 1);
        network_becomes("{\"kind\":\"unknown\",\"security\":\"unknown\",\"captive\":\"no\"}",
                        "NETWORK_IS_UNKNOWN", true);
        key("cancel", "forgot.ways");
        back_to_the_log_in();
        log_in(own_password, "tip.show|main.menu");
        to_the_menu();
        log_out();
        assert_int_equal(rogue_asked(&office, "recover_end"), i);
    }
    assert_int_equal(rogue_asked(&office, "approve") + rogue_asked(&office, "pair"), 0);
}

/* ---- a capture of the line to the real back office ---- */

/* Until nothing has been on the wire for half a second: what was queued has been told. */
static struct rogue_seen when_quiet(void)
{
    struct rogue_seen seen = rogue_seen(&office);
    for (int waited = 0, quiet = 0; waited < WAIT_MS; waited += PAUSE_MS) {
        programs_pause();
        struct rogue_seen now = rogue_seen(&office);
        quiet = now.up == seen.up && now.down == seen.down && now.up > 0 ? quiet + PAUSE_MS : 0;
        seen = now;
        if (quiet >= 500) return seen;
    }
    fail_msg("the line does not come to rest: %u connections, %zu up, %zu down", seen.connections,
             seen.up, seen.down);
    return seen;
}

static void a_capture_has_not_a_byte_of_it(void **state)
{
    (void)state;
    rogue_relay(&office, stage.device_port);
    network_is(OPEN);
    start_terminal();
    shows("login.operator");
    UNTIL(is_logged("manage_connected", ""));
    struct rogue_seen before = when_quiet();
    forget();
    every_way_is_refused("NETWORK_IS_OPEN");
    back_to_the_log_in();
    log_in(own_password, "tip.show|main.menu");
    to_the_menu();
    log_out();
    struct rogue_seen after = when_quiet();
    assert_int_equal(after.up, before.up);
    assert_int_equal(after.down, before.down);
    assert_false(has_received(OWNER_PHONE, "验证码"));
    network_becomes(WPA2, "NETWORK_IS_OPEN", false);
    forget();
    key("choice:sms", "recover.sent");
    assert_true(rogue_seen(&office).up > after.up);
    UNTIL(has_received(OWNER_PHONE, "验证码"));
    assert_false(rogue_overheard(&office, bytes_text(stage.serial)));
    assert_false(rogue_overheard(&office, BYTES("recover")));
    key("cancel", "forgot.ways");
    back_to_the_log_in();
}

/* ---- somebody else than the host ---- */

static void nothing_was_said_to(struct rogue *r)
{
    struct rogue_seen seen = rogue_seen(r);
    assert_int_equal(seen.established, 0);
    assert_int_equal(seen.plain, 0);
    assert_false(rogue_overheard(r, bytes_text(stage.serial)));
    assert_false(rogue_overheard(r, bytes_text(stage.tid)));
    assert_false(rogue_overheard(r, BYTES("hello")));
    assert_false(rogue_overheard(r, BYTES("recover")));
}

/* In place of the acquirer and of the back office (S171, CR-41). The network is one that may be
 * trusted, so it is the handshake alone that stands between them and a request for a code. */
static void attack(const char *why, bool ask)
{
    start_terminal();
    shows("boot.network");
    says("BOOT_NETWORK_FAULT");
    UNTIL(is_logged("host_lost", why));
    UNTIL(is_logged("manage_lost", why));
    shows("login.operator");
    becomes("IMPOSTOR_HOST", true); /* what has happened, and what to do */
    becomes("IMPOSTOR_OFFICE", true);
    if (ask) {
        unsigned before = rogue_seen(&office).ended;
        forget();
        key("choice:sms", "recover.asking");
        UNTIL(rogue_seen(&office).ended > before);
        key("cancel", "forgot.ways");
        back_to_the_log_in();
    }
    nothing_was_said_to(&acquirer);
    nothing_was_said_to(&office);
}

static void whoever_else_answers_hears_nothing(void **state)
{
    (void)state;
    const struct {
        struct rogue_identity identity;
        const char *why;
        bool ask;
    } rows[] = {
        {{stranger.certificate, stranger.key, false}, "issuer certificate", true},
        {{other_terminal.certificate, other_terminal.key, false}, "purpose", true},
        {{other_server.certificate, other_server.key, false}, "mismatch", false},
        {{server.certificate, server.key, true}, "protocol version", false},
    };
    network_is(WPA2);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        rogue_tls(&acquirer, ROGUE_TLS, &rows[i].identity);
        rogue_tls(&office, ROGUE_OFFICE, &rows[i].identity);
        attack(rows[i].why, rows[i].ask);
    }
    rogue_plain(&acquirer);
    rogue_plain(&office);
    attack("wrong version", false);
}

/* When the true ones answer again, the terminal is at work again, by itself. */
static void afterwards_it_goes_on(void **state)
{
    (void)state;
    rogue_relay(&acquirer, stage.acquirer_port);
    rogue_relay(&office, stage.device_port);
    UNTIL(is_logged("host_connected", "") && is_logged("manage_connected", ""));
    becomes("IMPOSTOR_HOST", false);
    becomes("IMPOSTOR_OFFICE", false);
    UNTIL(desk_has("impostor")); /* S171: told when the true one is there again */
    log_in(own_password, "tip.show|main.menu");
    to_the_menu();
    sell();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_a_bad_network_no_credential_leaves),
        cmocka_unit_test(on_a_good_network_the_request_goes_out),
        cmocka_unit_test(a_capture_has_not_a_byte_of_it),
        cmocka_unit_test(whoever_else_answers_hears_nothing),
        cmocka_unit_test(afterwards_it_goes_on),
    };
    return cmocka_run_group_tests_name("protocol: rogue networks", tests, start, stop);
}
