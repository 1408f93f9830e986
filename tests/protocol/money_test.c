/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The merchants' money with the real programs (S66, S68, S109, S110): a sale over TLS, then
 * `tongbao admin` holds, pays, prints and exports over the control socket and the stores; a script
 * that shares no code works the same books out again.
 */
#include "ledger/workday.h"
#include "lib/base/clock.h"
#include "registry/payout.h"
#include "tests/protocol/pos.h"

static struct host host;
static struct pos pos;
static struct said said;
static char export[160];

/* An account as the back office has it, without the staff that approves it. */
static void add_account(void)
{
    CLEANUP(store_close_at) struct store *store = NULL;
    const struct store_options options = {.mode = STORE_CREATE};
    assert_ok(store_open(host.payouts, &options, NULL, &store));
    assert_ok(store_migrate(store, &payout_schema));
    assert_ok(store_exec(store, "PRAGMA foreign_keys = OFF;"
                                "DROP TRIGGER payout_version_of_request;"
                                "INSERT INTO payout_account VALUES('" HOST_MID
                                "', 1, 'Wang', 'ICBC', '7781', x'00', 0, 1)"));
}

static int start(void **state)
{
    (void)state;
    host_start(&host);
    snprintf(export, sizeof export, "%s/export", host.directory);
    pos_make(&pos, &host, "10000018", PAYMENT_PROFILE_TONGBAO);
    pos_connect(&pos, &host);
    pos_sign_in(&pos);
    pos_pays(&pos, 100000);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    pos_free(&pos);
    host_stop(&host);
    return 0;
}

static void says(int status, const char *text)
{
    const char *where = status == 0 ? said.out : said.complaint;
    if (said.status != status || strstr(where, text) == NULL)
        fail_msg("status %d: \"%s\" \"%s\", and should say \"%s\"", said.status, said.out,
                 said.complaint, text);
}

#define ADMIN(...) programs_run(&host.children, &said, "tongbao", "admin", __VA_ARGS__, NULL)
#define CONTROL    "--control", host.control, "--actor", "wang"

static void figures_say(const char *text)
{
    /* The fold is a tenth of a second behind. */
    for (int i = 0; i < 100; i++) {
        ADMIN("figures", "--state", host.acquirer, "--mid", HOST_MID);
        if (said.status == 0 && strstr(said.out, text) != NULL) return;
        programs_pause();
    }
    says(0, text);
}

static void money_is_held_and_given_back(void **state)
{
    (void)state;
    figures_say("available                            995.00");
    ADMIN("hold", CONTROL, "--mid", HOST_MID, "--amount", "300.00", "--reason", "risk",
          "--evidence", "三日内的签购单", "--appeal", "risk desk, 400-000-0000");
    says(0, "order 1: 300.00");
    figures_say("held                                 300.00");
    assert_non_null(strstr(said.out, "available                            695.00"));
    assert_non_null(strstr(said.out, "交易异常，待核实"));
    assert_non_null(strstr(said.out, "wanted: 三日内的签购单"));
    assert_non_null(strstr(said.out, "to object: risk desk"));
    ADMIN("hold", CONTROL, "--mid", HOST_MID, "--amount", "300.00", "--reason", "whim",
          "--evidence", "x", "--appeal", "x");
    says(1, "not one of the table");
    ADMIN("holds", "--state", host.acquirer);
    says(0, "by wang");
    ADMIN("hold-end", CONTROL, "--order", "1", "--reason", "slips came");
    says(0, "order 2: 300.00");
    ADMIN("hold-end", CONTROL, "--order", "1", "--reason", "again");
    says(1, "it has its end already: release");
    ADMIN("holds", "--state", host.acquirer);
    assert_string_equal(said.out, "");
}

/* T+1 of a year that was not announced is refused by name. */
static void the_next_day_asks_the_calendar(void **state)
{
    (void)state;
    ADMIN("payout", CONTROL, "--mid", HOST_MID, "--day", "2019-06-01");
    assert_int_equal(said.status, 1);
    assert_non_null(strstr(said.out, "not known"));
    ADMIN("calendar");
    says(0, "2026  holidays 0101-0103");
    ADMIN("payout", CONTROL, "--mid", HOST_MID, "--day", "2026-02-30");
    assert_int_equal(said.status, 2);
}

/* The real clock decides which of the two is asked of the same day: it is paid from 8 to 22 only.
 */
static void the_same_day_is_paid_in_its_hours(void **state)
{
    (void)state;
    const struct clock clock = clock_system();
    ADMIN("payout", CONTROL, "--mid", HOST_MID, "--same-day");
    assert_int_equal(said.status, 1); /* nobody has agreed to it */
    assert_non_null(strstr(said.out, "商户协议未约定当日到账"));
    assert_non_null(strstr(said.out, "has no payout on the same day"));
    ADMIN("fee-plan", "--state", host.admin, "--mid", HOST_MID, "--same-day", "801");
    assert_int_equal(said.status, 2);
    ADMIN("fee-plan", "--state", host.admin, "--mid", HOST_MID, "--same-day", "802");
    says(0, "D+0 by rule 802 (可当日到账)");
    ADMIN("payout", CONTROL, "--mid", HOST_MID, "--same-day");
    assert_int_equal(said.status, 1); /* nobody has approved an account, or it is not the hour */
    add_account();
    figures_say("available                            995.00");
    for (int i = 0; i < 100; i++) {
        ADMIN("payout", CONTROL, "--mid", HOST_MID, "--same-day");
        if (strstr(said.out, "being folded") == NULL) break;
        programs_pause();
    }
    struct civil local = civil_from_ms(clock_now_ms(&clock) + CLOCK_CHINA_OFFSET_MS);
    if (local.hour < 8 || local.hour >= 22) {
        assert_int_equal(said.status, 1);
        assert_non_null(strstr(said.out, "from 08:00 to 22:00"));
        return;
    }
    says(0, "992.01  fee 2.99"); /* 0.20 % of 995.00, and 1.00 */
    ADMIN("payout", CONTROL, "--mid", HOST_MID, "--same-day");
    says(0, "was paid before");
    ADMIN("payouts", "--state", host.acquirer);
    says(0, "by rule 802, to account version 1  [open]");
    ADMIN("payout-end", CONTROL, "--order", "3", "--reference", "ICBC 0001");
    says(0, "order 4: 992.01");
    ADMIN("payouts", "--state", host.acquirer, "--all");
    says(0, "ICBC 0001");
}

/* What somebody has typed is a text in a spreadsheet, and no formula. */
static void a_reason_is_no_formula(const char *today)
{
    ADMIN("correct", CONTROL, "--mid", HOST_MID, "--amount", "1.00", "--reason",
          "=HYPERLINK(\"http://x\")", "--reference", " +cmd|' /C calc'!A0");
    says(0, "order");
    for (int i = 0; i < 100; i++) { /* as in figures_say() */
        ADMIN("statement", "--state", host.acquirer, "--mid", HOST_MID, "--day", today, "--csv");
        if (said.status == 0 && strstr(said.out, "HYPERLINK") != NULL) break;
        programs_pause();
    }
    says(0, ",\"'=HYPERLINK(\"\"http://x\"\")\",\"' +cmd|' /C calc'!A0\",100,");
}

static void a_statement_adds_up_and_is_recomputed(void **state)
{
    (void)state;
    char today[WORKDAY_TEXT_MAX];
    const struct clock clock = clock_system();
    workday_text(workday_of(clock_now_ms(&clock)), today);
    ADMIN("statement", "--state", host.acquirer, "--mid", HOST_MID, "--day", today);
    says(0, "rule 101, agreement 1");
    ADMIN("statement", "--state", host.acquirer, "--mid", HOST_MID, "--day", today, "--json");
    says(0, "\"taken_minor\":100000,\"given\":0");
    ADMIN("statement", "--state", host.acquirer, "--mid", HOST_MID, "--day", today, "--csv");
    says(0, ",100000,-500,101,1,0\n");
    a_reason_is_no_formula(today);
    ADMIN("fee-plan", "--state", host.admin, "--mid", HOST_MID, "--plan", "2");
    says(0, "version 3  plan 2");
    says(0, "D+0 by rule 802"); /* which was agreed before, and goes on */
    ADMIN("fees");
    says(0, " 802   d0");
    ADMIN("export", "--state", host.acquirer, "--to", export);
    says(0, "journal row");
    char command[400];
    snprintf(command, sizeof command, "tests/recompute/recompute %s", export);
    /* A script of this tree, and a directory that we have made ourselves. */
    FILE *recompute = popen(command, "re"); /* tidy: banned */
    assert_non_null(recompute);
    char last[200] = "";
    while (fgets(last, sizeof last, recompute) != NULL) {
    }
    assert_int_equal(pclose(recompute), 0);
    assert_non_null(strstr(last, " 0 differ"));
    ADMIN("audit", "verify", host_path(host.acquirer, "journal.db"));
    says(0, "intact");
    ADMIN("rebuild", "--check", "--state", host.acquirer);
    says(0, "and order");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(money_is_held_and_given_back),
        cmocka_unit_test(the_next_day_asks_the_calendar),
        cmocka_unit_test(the_same_day_is_paid_in_its_hours),
        cmocka_unit_test(a_statement_adds_up_and_is_recomputed),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
