/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S123: a terminal whose certificate has ended, with the real programs. The host turns it away;
 * over the rescue channel it gets another for the key that it has, by the hsm, and pays again;
 * nobody did anything.
 */
#include <signal.h>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/crypto/identity.h"
#include "tests/protocol/counter.h"

#define DAY_MS INT64_C(86400000)

static struct counter counter;
static struct host host;

static int start(void **state)
{
    (void)state;
    counter_open(&counter);
    counter_host(&counter, &host);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    counter_close(&counter);
    return 0;
}

static struct bytes read_pem(const char *directory, const char *name, enum file_access access,
                             char block[IDENTITY_PEM_MAX])
{
    size_t len = 0;
    assert_ok(file_read(host_path(directory, name), access, block, IDENTITY_PEM_MAX, &len));
    return bytes_of(block, len);
}

/* For the device's key, by its authority, and it has ended yesterday. */
static void make_ended(char out[IDENTITY_PEM_MAX], int64_t *ret_end_ms)
{
    char ca[IDENTITY_PEM_MAX], secret[IDENTITY_PEM_MAX], request[IDENTITY_PEM_MAX];
    CLEANUP(identity_key_free) struct identity_key key = {NULL};
    struct clock clock = clock_system();
    struct writer w = writer_over(out, IDENTITY_PEM_MAX - 1);
    int64_t end_ms = clock_now_ms(&clock) / 1000 * 1000 - DAY_MS / 2;
    const struct identity_subject subject = {.common_name = bytes_text(counter.stage.tid),
                                             .role = IDENTITY_CLIENT,
                                             .not_before_ms = end_ms - DAY_MS / 4,
                                             .not_after_ms = end_ms};
    struct bytes authority = read_pem(host.admin, "ca.pem", FILE_PUBLIC, ca);
    assert_ok(identity_key_read(read_pem(host.admin, "ca.key", FILE_PRIVATE, secret), &key));
    assert_ok(identity_issue(&key, authority,
                             read_pem(counter.stage.vault, "device.csr", FILE_PUBLIC, request),
                             &subject, &w));
    out[w.len] = '\0';
    *ret_end_ms = end_ms;
}

static void change(const char *directory, const char *file, const char *sql, const char *text,
                   int64_t number)
{
    struct store *store = NULL;
    struct store_statement *s;
    const struct store_options options = {.mode = STORE_OPEN, .busy_ms = 2000};
    CLEANUP(store_rollback) struct store_tx tx = {0};
    assert_ok(store_open(host_path(directory, file), &options, NULL, &store));
    assert_ok(store_begin(store, &tx));
    assert_ok(store_statement(store, sql, &s));
    if (text != NULL) store_bind_text(s, bytes_text(text));
    store_bind_int(s, number);
    assert_ok(store_run(s));
    assert_int_equal(store_changes(store), 1);
    assert_ok(store_commit(&tx));
    store_close(store);
}

static void it_pays_and_its_certificate_ends(void **state)
{
    (void)state;
    char ended[IDENTITY_PEM_MAX];
    int64_t end_ms = 0;
    counter_log_in_first(&counter);
    counter_sign_in(&counter);
    counter_sells(&counter);
    assert_int_equal(kill(counter.stage.process_backoffice->pid, SIGKILL), 0);
    child_kill(counter.stage.process_terminal);
    child_kill(counter.stage.process_vault);
    make_ended(ended, &end_ms);
    change(counter.stage.vault, "vault.db",
           "UPDATE device SET certificate = ?, certificate_expiry_ms = ?", ended, end_ms);
    counter_restart(&counter, counter.stage.process_vault);
    counter_restart(&counter, counter.stage.process_terminal);
    counter_shows(&counter, "boot.certificate"); /* the back office is down: it waits */
    assert_true(counter_says(&counter, "BOOT_CERTIFICATE_FAULT"));
    change(counter.stage.backoffice, "backoffice.db", "UPDATE terminal SET certificate_end_ms = ?",
           NULL, end_ms);
}

static void it_is_rescued_and_pays_again(void **state)
{
    (void)state;
    counter_restart(&counter, counter.stage.process_backoffice);
    counter_shows(&counter, "login.operator"); /* by itself */
    counter_log_in(&counter);
    counter_sign_in(&counter);
    counter_sells(&counter);
    assert_int_equal(counter_audits(counter.stage.vault, "vault.db", "certificate_renewed", NULL),
                     1);
    assert_int_equal(
        counter_audits(counter.stage.terminal, "terminal.db", "certificate_renewed", NULL), 1);
    assert_int_equal(counter_audits(counter.stage.backoffice, "backoffice.db",
                                    "certificate_renewed", "over the rescue channel"),
                     1);
}

/* And it keeps it. */
static void over_a_restart(void **state)
{
    (void)state;
    child_kill(counter.stage.process_terminal);
    child_kill(counter.stage.process_vault);
    counter_restart(&counter, counter.stage.process_vault);
    counter_restart(&counter, counter.stage.process_terminal);
    counter_log_in(&counter);
    counter_sells(&counter);
    assert_int_equal(
        counter_audits(counter.stage.backoffice, "backoffice.db", "certificate_renewed", NULL), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_pays_and_its_certificate_ends),
        cmocka_unit_test(it_is_rescued_and_pays_again),
        cmocka_unit_test(over_a_restart),
    };
    return cmocka_run_group_tests_name("protocol: certificate", tests, start, stop);
}
