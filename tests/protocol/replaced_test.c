/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A destroyed terminal and the one in its place (S124, S164, S165, S167), with every real program:
 * a device out of its box trades and hands its backup over to the back office by itself; it is
 * gone, processes, keys, files and all, with a refund and a payment that no answer came to; a spare
 * is asked for by one, approved by another, sent, activated, and offered the backup before its
 * first sign-in; restored with the owner's forty digits it has the payments, totals, batch and
 * numbers of the old one, trades on, and its batch is closed with totals that are the host's. The
 * old one, found again, is refused.
 *
 * And once more in a shop that has lost the digits: two people of the desk let the device have the
 * key. One of them alone, or twice, is refused, and what was used is used. This one sells on after
 * its backup, and a sale has no answer when it dies: the host tells the new one all of it at the
 * first sign-in, and that one voids, refunds and settles what it has never seen.
 */
#include "lib/crypto/backup_seal.h"
#include "tests/protocol/boxed_rig.h"
#include "tests/protocol/office.h"

#define OLD "TB1-2030-000099"
#define NEW "TB1-2030-000107"

/* Forty digits that fit together: the owner's, written down. */
#define DIGITS "7304916258730491625873049162587304916254"

static char old_vault[160], old_terminal[160], old_socket[160], new_print[65];

/* What a device has: payments and what they come to, where its numbers are. */
struct totals {
    int64_t payments, minor, approved, batch, stan, people;
};

static struct totals before;
static bool by_desk; /* nobody has the digits */

static int64_t query(const char *directory, const char *file, const char *sql)
{
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 2000};
    struct store *store = NULL;
    int64_t value = -1;
    assert_ok(store_open(host_path(directory, file), &options, NULL, &store));
    assert_ok(store_query_int(store, sql, &value));
    store_close(store);
    return value;
}

static struct totals totals_of(const char *terminal_state, const char *vault_state)
{
    return (struct totals){
        .payments = query(terminal_state, "terminal.db", "SELECT count(*) FROM payment"),
        .minor = query(terminal_state, "terminal.db", "SELECT sum(amount_minor) FROM payment"),
        .approved = query(terminal_state, "terminal.db",
                          "SELECT sum(amount_minor * (state = 3) * (type + 1)) FROM payment"),
        .batch = query(terminal_state, "terminal.db", "SELECT batch FROM state"),
        .stan = query(terminal_state, "terminal.db", "SELECT stan FROM state"),
        .people = query(vault_state, "vault.db", "SELECT count(*) FROM operator"),
    };
}

/* As if a supervisor had had them shown, and the owner had written them down. */
static void make_owner(void)
{
    CLEANUP(transport_pair_wipe) struct transport_pair pair = {0};
    const struct store_options options = {.mode = STORE_OPEN, .busy_ms = 5000};
    struct store *store = NULL;
    struct store_statement *update;
    assert_ok(backup_code_pair(BYTES(DIGITS), &pair));
    assert_ok(store_open(host_path(vault, "vault.db"), &options, NULL, &store));
    assert_ok(store_statement(store, "UPDATE device SET backup_owner = ?", &update));
    store_bind_blob(update, BYTES_OF(pair.public_key));
    assert_ok(store_run(update));
    store_close(store);
}

static int start(void **state)
{
    (void)state;
    counter_open(&counter);
    counter_host(&counter, &host);
    make_key(0);
    make_key(1);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    page_close(box.page);
    counter_close(&counter);
    return 0;
}

static void list_device(const char *serial, const char *print)
{
    char body[300];
    snprintf(body, sizeof body, "{\"list\":\"serial,model,print\\n%s,TB-1,%s\\n\"}", serial, print);
    post("lists", body, 201);
}

static void send_device(const char *serial)
{
    char path[100], body[80];
    snprintf(path, sizeof path, "terminals/%s/pack", serial);
    snprintf(body, sizeof body, "{\"scanned\":\"%s\"}", serial);
    post(path, body, 200);
    snprintf(path, sizeof path, "terminals/%s/ship", serial);
    post(path, "", 200);
}

/* From the box to the steps that are left. */
static void activate(const char *serial)
{
    char code[9] = "";
    await_code("+86" PHONE, "激活码 ", serial, 8, code);
    start_device();
    counter_shows(&box, "first.welcome");
    touch("choice:code", "first.code");
    assert_ok(page_digits(box.page, code));
    touch("ok", "first.confirm");
    touch("choice:yes", "first.steps");
}

static void log_in_as(const char *operator_id, const char *password, const char *then)
{
    char screens[80];
    counter_shows(&box, "login.operator");
    assert_ok(page_digits(box.page, operator_id));
    touch("ok", "login.password");
    snprintf(screens, sizeof screens, "%s|tip.show", then);
    enter(password, screens);
    if (strcmp(page_id(box.page), "tip.show") == 0) touch("ok", then);
}

static void a_shop_trades(void **state)
{
    (void)state;
    char print[65];
    make_device("first", OLD, print);
    if (!by_desk) make_owner();
    post("models", "{\"model\":\"TB-1\",\"kind\":\"smart\",\"form\":\"TB1-####-######\"}", 201);
    list_device(OLD, print);
    post("merchants",
         "{\"application\":\"A-17\",\"acquirer\":\"898\",\"region\":\"2900\",\"category\":\"5812\","
         "\"name_zh\":\"晨光面馆（示例）\",\"name_en\":\"DAWN NOODLES (EXAMPLE)\",\"city\":"
         "\"SHANGHAI\",\"contact_zh\":\"陈晓虹\",\"contact_pinyin\":\"chen xiaohong\",\"phone\":"
         "\"" PHONE "\"}",
         201);
    post("terminals/" OLD "/assign_contract",
         "{\"application\":\"A-17\",\"merchant\":\"898290058120002\",\"subject\":"
         "\"91310000MA1FL0A062\",\"account\":\"6222020000001234\",\"address\":"
         "\"上海市黄浦区中山东一路17号\",\"phone\":\"" PHONE "\"}",
         200);
    send_device(OLD);
    activate(OLD);
    choose_password("00", SUPERVISOR_PASSWORD);
    choose_password("01", CASHIER_PASSWORD);
    touch("choice:later", "login.operator|main.menu");
    if (strcmp(page_id(box.page), "main.menu") != 0) log_in_as("01", CASHIER_PASSWORD, "main.menu");
    counter_sign_in(&box);
    counter_sells(&box);
    counter_sells(&box);
}

static int64_t kept(void)
{
    return counter_audits(counter.stage.backoffice, "backoffice.db", "backup_kept", NULL);
}

static void await_kept(int64_t wanted)
{
    for (int waited = 0; waited < WAIT_MS && kept() < wanted; waited += 20) programs_pause();
    assert_int_equal(kept(), wanted);
}

/* The voucher of the newest payment. */
static void newest(char voucher[8])
{
    snprintf(voucher, 8, "%06lld",
             (long long)query(terminal, "terminal.db",
                              "SELECT stan FROM payment ORDER BY number DESC LIMIT 1"));
}

/* A part of it comes back, and the supervisor agrees. */
static void refund_of(const char *voucher)
{
    touch("choice:refund", "refund.by");
    touch("choice:voucher", "refund.number");
    assert_ok(page_digits(box.page, voucher));
    touch("ok", "refund.amount");
    assert_ok(page_digits(box.page, "5"));
    touch("ok", "approve.password");
    enter(SUPERVISOR_PASSWORD, "sale.present");
    swipe("sale.approved");
    touch("cancel", "main.menu");
}

static void refund(void)
{
    char voucher[8];
    newest(voucher);
    refund_of(voucher);
}

/* The customer has paid, and no answer comes: the host dies while this terminal waits. What is to
 * be taken back stays unsent, and goes with the device. */
static void wait_for_an_answer(const char *yuan, const char *sql)
{
    long status;
    touch("choice:sale", "sale.amount");
    assert_ok(page_digits(box.page, yuan));
    touch("ok", "sale.present");
    assert_ok(page_post(box.page, "/api/tray/card", "application/json",
                        BYTES("{\"name\":\"silent\"}"), &status));
    assert_int_equal(status, 204);
    counter_shows(&box, "sale.pin");
    enter(COUNTER_PIN, "sale.wait");
    for (int waited = 0; waited < WAIT_MS; waited += 20) { /* the host has it: it has asked */
        if (query(counter.stage.acquirer, "journal.db", sql) > 0) return;
        programs_pause();
    }
    fail_msg("the host has not been asked");
}

static void lose_an_answer(void)
{
    wait_for_an_answer("77", "SELECT count(*) FROM journal WHERE amount_minor = 7700");
    child_kill(counter.stage.process_acquirer);
    counter_shows(&box, "sale.reversing");
    touch("cancel", "main.menu");
    assert_int_equal(query(terminal, "terminal.db", "SELECT count(*) FROM payment WHERE state = 5"),
                     1);
}

/* The first by itself; then one by hand, of all that there is. */
static void its_backup_is_at_the_office(void **state)
{
    (void)state;
    await_kept(1);
    counter_sells(&box);
    refund();
    lose_an_answer();
    touch("choice:manage", "manage.menu");
    touch("choice:log_out", "login.operator");
    log_in_as("00", SUPERVISOR_PASSWORD, "main.menu");
    touch("choice:manage", "manage.menu");
    touch("choice:backup", "backup.menu");
    touch("choice:now", "backup.menu");
    await_kept(2);
    before = totals_of(terminal, vault);
    assert_int_equal(before.payments, 5);
}

/* What the old device had not sent arrives from the new one, and once: taken back at the terminal
 * and at the host, which has one row of its reversal. */
static void await_reversed(void)
{
    static const char reversed[] = "SELECT count(*) FROM payment WHERE amount_minor = 7700"
                                   " AND state = 6";
    for (int waited = 0; waited < WAIT_MS; waited += 20) {
        if (query(terminal, "terminal.db", reversed) == 1) break;
        programs_pause();
    }
    assert_int_equal(query(terminal, "terminal.db", reversed), 1);
    assert_int_equal(query(counter.stage.acquirer, "journal.db",
                           "SELECT count(*) FROM journal WHERE amount_minor = 7700 AND state = 6"),
                     1);
    for (int waited = 0; waited < WAIT_MS && !counter_says(&box, "MAIN_LAST_REVERSED");
         waited += 20) { /* a key of a screen before is none of this one */
        programs_pause();
        counter_shows(&box, "main.menu");
    }
}

static char to_void[8], to_refund[8];

/* Two sales that no backup has, and a third that it is in the middle of when it burns. */
static void it_sells_on(void **state)
{
    (void)state;
    if (!by_desk) return; /* the other shop's device burns behind its backup */
    counter_restart(&counter, counter.stage.process_acquirer);
    touch("cancel", "manage.menu");
    touch("choice:log_out", "login.operator");
    log_in_as("01", CASHIER_PASSWORD, "main.menu");
    await_reversed();
    counter_sells(&box);
    newest(to_void);
    counter_sells(&box);
    newest(to_refund);
    wait_for_an_answer("66", "SELECT count(*) FROM journal WHERE amount_minor = 6600");
}

static void it_is_gone(void **state)
{
    (void)state;
    page_close(box.page);
    box.page = NULL;
    child_kill(screen);
    child_kill(device);
    counter_restart(&counter, counter.stage.process_acquirer); /* too late for it */
    snprintf(old_vault, sizeof old_vault, "%.100s/stolen-vault", counter.stage.directory);
    snprintf(old_terminal, sizeof old_terminal, "%.100s/stolen-terminal", counter.stage.directory);
    snprintf(old_socket, sizeof old_socket, "%.100s/stolen.sock", counter.stage.directory);
    assert_int_equal(rename(vault, old_vault), 0); /* who found it has it still */
    assert_int_equal(rename(terminal, old_terminal), 0);
}

static void another_is_sent(void **state)
{
    (void)state;
    make_device("spare", NEW, new_print);
    list_device(NEW, new_print);
    post("terminals/" OLD "/replace", "{\"spare\":\"" NEW "\",\"reason\":\"burnt\"}", 201);
    post("terminals/" OLD "/replace/approve", "", 409); /* by who has asked */
    who = 1;
    post("terminals/" OLD "/replace/approve", "", 200);
    who = 0;
    send_device(NEW);
    activate(NEW);
}

static void await_line(const char *id)
{
    for (int waited = 0; waited < WAIT_MS && !counter_says(&box, id); waited += 20) {
        programs_pause();
        counter_shows(&box, "backup.desk");
    }
    if (!counter_says(&box, id)) fail_msg("the device does not say %s", id);
}

#define YES "{\"note\":\"called back at the registered number\"}"

static void restore_by_desk(void)
{
    struct office agent, chief;
    touch("choice:desk", "backup.desk");
    await_line("BACKUP_DESK_WAITS");
    office_as_staff(&agent, &counter, "agent"); /* the back office starts anew: it is asked again */
    for (int waited = 0; waited < WAIT_MS; waited += 20) {
        office_must(&agent, "GET", "/restores", NULL, 200);
        if (strstr(agent.answer, "\"state\":\"waits\"") != NULL) break;
        programs_pause();
    }
    office_must(&agent, "POST", "/restores/1/approve", "{}", 400); /* without a reason */
    office_must(&agent, "POST", "/restores/1/approve", YES, 200);
    office_must(&agent, "POST", "/restores/1/approve", YES, 409); /* the same person */
    assert_non_null(strstr(agent.answer, "same_person"));
    office_as_staff(&chief, &counter, "chief");
    assert_true(counter_says(&box, "BACKUP_DESK_WAITS")); /* one alone gives nothing away */
    office_must(&chief, "POST", "/restores/1/approve", YES, 200);
    office_must(&chief, "POST", "/restores/1/approve", YES, 409);
    await_line("BACKUP_DESK_GRANTED");
    touch("choice:restore", "backup.restored");
    for (int waited = 0; waited < WAIT_MS; waited += 20) {
        office_must(&chief, "GET", "/restores", NULL, 200);
        if (strstr(chief.answer, "\"state\":\"done\"") != NULL) break;
        programs_pause();
    }
    assert_non_null(strstr(chief.answer, "\"state\":\"done\""));
    office_leave(&agent);
    office_leave(&chief);
}

static void it_is_offered_what_the_old_one_had(void **state)
{
    (void)state;
    choose_password("00", SUPERVISOR_PASSWORD);
    touch("choice:next", "login.operator");
    log_in_as("00", SUPERVISOR_PASSWORD, "first.restore");
    assert_true(counter_says(&box, "FIRST_REPLACES"));
    touch("choice:restore", "backup.office");
    for (int i = 0; i < 200 && !counter_says(&box, "BACKUP_AT_OFFICE"); i++) {
        programs_pause();
        counter_shows(&box, "backup.office");
    }
    touch("choice:fetch", "backup.one|backup.office");
    counter_shows(&box, "backup.one");
    if (by_desk) restore_by_desk();
    else {
        touch("choice:owner", "backup.key");
        enter(DIGITS, "backup.restored");
    }
    touch("ok", "login.operator");
    struct totals after = totals_of(terminal, vault);
    assert_memory_equal(&after, &before, sizeof before);
}

/* It has what the old one had: two sales, and the one that is taken back, at the host as well. */
static void it_has_caught_up(void)
{
    static const char taken_back[] = "SELECT count(*) FROM payment WHERE amount_minor = 6600"
                                     " AND state = 6";
    assert_int_equal(
        query(terminal, "terminal.db", "SELECT count(*) FROM payment WHERE restored = 1"),
        by_desk ? 3 : 0);
    if (!by_desk) return;
    for (int waited = 0; waited < WAIT_MS && query(terminal, "terminal.db", taken_back) == 0;
         waited += 20)
        programs_pause();
    assert_int_equal(query(terminal, "terminal.db", taken_back), 1);
    assert_int_equal(
        counter_audits(counter.stage.acquirer, "audit.db", "terminal_restored", "got 3 payments"),
        1);
    for (int waited = 0; waited < WAIT_MS; waited += 20) {
        if (query(counter.stage.backoffice, "backoffice.db",
                  "SELECT count(*) FROM event WHERE kind = 'restore.gap'") == 1)
            return;
        programs_pause();
    }
    fail_msg("the shop was not told of what may be lost");
}

/* A void and a refund of what this device has never seen. */
static void it_gives_back(void)
{
    touch("choice:void", "void.number");
    assert_ok(page_digits(box.page, to_void));
    touch("ok", "void.confirm");
    touch("ok", "approve.password");
    enter(SUPERVISOR_PASSWORD, "sale.present");
    swipe("sale.approved");
    touch("cancel", "main.menu");
    refund_of(to_refund);
}

static void sign_in(void)
{
    touch("choice:manage", "manage.menu");
    touch("choice:sign_in", "catch_up.done");
    touch("ok", "sign_in.done");
    touch("ok", "manage.menu");
    touch("cancel", "main.menu");
}

/* Batch and totals go on, and the host closes it with the same. */
static void it_trades_on(void **state)
{
    (void)state;
    log_in_as("01", CASHIER_PASSWORD, "main.menu");
    sign_in();
    await_reversed();
    it_has_caught_up();
    assert_int_equal(query(terminal, "terminal.db", "SELECT batch FROM state"), before.batch);
    if (by_desk) it_gives_back();
    counter_sells(&box);
    touch("choice:manage", "manage.menu");
    touch("choice:settle", "settle.ask");
    touch("choice:yes", "settle.done");
    assert_int_equal(query(terminal, "terminal.db", "SELECT count(*) FROM settlement"), 1);
    assert_int_equal(query(counter.stage.acquirer, "journal.db",
                           "SELECT count(*) FROM batch_close WHERE how = 1"),
                     1); /* with equal totals */
    assert_int_equal(query(counter.stage.acquirer, "journal.db", "SELECT count(*) FROM work_item"),
                     0);
    assert_int_equal(
        counter_audits(counter.stage.backoffice, "backoffice.db", "device_refused", "replaced"), 0);
}

/* Its keys are whole and its certificate is valid: they are not the ones of this place any more. */
static void the_old_one_is_refused(void **state)
{
    (void)state;
    page_close(box.page);
    box.page = NULL;
    snprintf(vault, sizeof vault, "%s", old_vault);
    snprintf(terminal, sizeof terminal, "%s", old_terminal);
    snprintf(socket_path, sizeof socket_path, "%s", old_socket);
    start_device();
    for (int waited = 0; waited < WAIT_MS; waited += 20) {
        if (counter_audits(counter.stage.backoffice, "backoffice.db", "device_refused",
                           "replaced") > 0)
            return;
        programs_pause();
    }
    fail_msg("nobody has refused the old device");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shop_trades),   cmocka_unit_test(its_backup_is_at_the_office),
        cmocka_unit_test(it_sells_on),     cmocka_unit_test(it_is_gone),
        cmocka_unit_test(another_is_sent), cmocka_unit_test(it_is_offered_what_the_old_one_had),
        cmocka_unit_test(it_trades_on),    cmocka_unit_test(the_old_one_is_refused),
    };
    int failed = cmocka_run_group_tests_name("replaced", tests, start, stop);
    by_desk = true;
    return failed + cmocka_run_group_tests_name("replaced, digits lost", tests, start, stop);
}
