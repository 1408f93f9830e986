/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S70, DV-07: a terminal in a shop is tampered with while nobody can be told: the back office is
 * down. Real terminal, vault, back office. It shows what to do and takes no payment; the alarm is
 * kept over restarts of both and told, once, when the line is back, without a key and without a
 * certificate. Then the device is provisioned again, pays, and what it signed before is worth
 * nothing.
 */
#include <signal.h>

#include "lib/wire/rpc.h"
#include "tests/protocol/counter.h"

enum { WAIT_MS = 20000, PAUSE_MS = 20 };

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

static int64_t alarms(void)
{
    int64_t count = 0;
    struct store *store = NULL;
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 2000};
    assert_ok(
        store_open(host_path(counter.stage.backoffice, "backoffice.db"), &options, NULL, &store));
    assert_ok(store_query_int(
        store, "SELECT count(*) FROM notice WHERE kind = 'tampered' AND alarm = 1", &count));
    store_close(store);
    return count;
}

static void await_alarms(int64_t wanted)
{
    for (int i = 0; i < WAIT_MS / PAUSE_MS && alarms() != wanted; i++) programs_pause();
    assert_int_equal(alarms(), wanted);
}

static void says_what_to_do(void)
{
    static const char *const lines[] = {"BOOT_TAMPER_FAULT", "BOOT_TAMPER_NOTICED",
                                        "BOOT_TAMPER_MONEY", "BOOT_TAMPER_CALL"};
    counter_shows(&counter, "boot.tamper");
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        if (!counter_says(&counter, lines[i])) fail_msg("it does not say %s", lines[i]);
}

/* Nothing leads to a payment. */
static void takes_no_payment(void)
{
    static const char *const keys[] = {"ok", "choice:sale", "cancel"};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        assert_ok(page_key(counter.page, keys[i])); /* what the screen has not does nothing */
        says_what_to_do();
    }
}

static void harmed(const char *kind)
{
    char body[48];
    long status;
    snprintf(body, sizeof body, "{\"name\":\"%s\"}", kind);
    assert_ok(
        page_post(counter.page, "/api/tray/harm", "application/json", bytes_text(body), &status));
    assert_int_equal(status, 204);
}

static void while_the_line_is_down(void **state)
{
    (void)state;
    counter_log_in_first(&counter);
    counter_sign_in(&counter);
    counter_sells(&counter);
    /* Not child_kill(): its place among the children is kept for it. */
    assert_int_equal(kill(counter.stage.process_backoffice->pid, SIGKILL), 0);
    harmed("case");
    says_what_to_do();
    takes_no_payment();
    assert_int_equal(counter_audits(counter.stage.vault, "vault.db", "tampered", "case"), 1);
    assert_int_equal(counter_audits(counter.stage.terminal, "terminal.db", "tampered", "case"), 1);
    child_kill(counter.stage.process_terminal); /* and the power goes */
    counter_restart(&counter, counter.stage.process_vault);
    counter_restart(&counter, counter.stage.process_terminal);
    says_what_to_do();
    assert_int_equal(alarms(), 0);
}

static void told_once_when_it_is_back(void **state)
{
    (void)state;
    counter_restart(&counter, counter.stage.process_backoffice);
    await_alarms(1);
    child_kill(counter.stage.process_terminal);
    counter_restart(&counter, counter.stage.process_vault);
    counter_restart(&counter, counter.stage.process_backoffice);
    counter_restart(&counter, counter.stage.process_terminal);
    says_what_to_do();
    takes_no_payment();
    assert_int_equal(alarms(), 1);
    assert_int_equal(counter_audits(counter.stage.terminal, "terminal.db", "impostor", NULL), 0);
    assert_int_equal(counter_audits(counter.stage.backoffice, "backoffice.db", "tampered", NULL),
                     1);
}

/* The case is closed again: the inputs notice nothing any more. */
static void repaired(void)
{
    uint8_t block[512];
    char question[96];
    struct rpc rpc;
    struct bytes answer;
    snprintf(question, sizeof question, "{\"ask\":\"mend\",\"reader\":\"%s\"}",
             counter.stage.serial);
    assert_ok(rpc_connect(&rpc, counter.stage.tray, WAIT_MS, sizeof block));
    assert_ok(rpc_call(&rpc, bytes_text(question), block, sizeof block, &answer));
    assert_true(bytes_equal(answer, BYTES("{\"ok\":true}")));
    rpc_close(&rpc);
}

static int provision(struct said *said, const char *serial, const char *vault, const char *again)
{
    programs_run(&host.children, said, "tongbao", "admin", "provision", "--state", host.admin,
                 "--hsm", host.hsm_socket, "--tid", counter.stage.tid, "--mid", counter.stage.mid,
                 "--serial", serial, "--device", vault, again, NULL);
    return said->status;
}

/* As an operator would, with a vault that knows nothing: the old directory is of no use. */
static void provisioned_again(void)
{
    static struct said said;
    struct stage *s = &counter.stage;
    char vault[150], document[200];
    snprintf(vault, sizeof vault, "%.120s/vault-again", s->directory);
    snprintf(document, sizeof document, "%s/provision.json", vault);
    programs_run(&host.children, &said, "tongbao-vault", "--state", vault, "--initialise",
                 "--serial", s->serial, "--model", "TB-1", NULL);
    if (said.status != 0) fail_msg("%s", said.complaint);
    /* By mistake nobody takes a number that is in use, nor another device this one's. */
    assert_int_equal(provision(&said, s->serial, vault, NULL), 1);
    assert_int_equal(provision(&said, "TB1-9999-000001", vault, "--again"), 1);
    assert_non_null(strstr(said.complaint, "--again is for the same device"));
    if (provision(&said, s->serial, vault, "--again") != 0) fail_msg("%s", said.complaint);
    char sheet[4096] = "";
    const char *const take[] = {"--state",      vault, "--provision", document,
                                "--secrets-fd", "@",   NULL};
    assert_ok(children_run(&s->children, "tongbao-vault", take, sheet, sizeof sheet));
    counter_passwords(&counter, sheet);
    snprintf(s->vault, sizeof s->vault, "%s", vault);
}

static void pays_again(void **state)
{
    (void)state;
    child_kill(counter.stage.process_terminal);
    child_kill(counter.stage.process_vault);
    repaired();
    provisioned_again();
    counter_restart(&counter, counter.stage.process_vault);
    counter_restart(&counter, counter.stage.process_terminal);
    counter_log_in_first(&counter);
    counter_sign_in(&counter);
    counter_sells(&counter);
    harmed("mesh"); /* and it is told of the next time, over the line that is up */
    says_what_to_do();
    await_alarms(2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(while_the_line_is_down),
        cmocka_unit_test(told_once_when_it_is_back),
        cmocka_unit_test(pays_again),
    };
    return cmocka_run_group_tests_name("protocol: tamper", tests, start, stop);
}
