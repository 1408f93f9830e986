/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S118 with every real program: what is set at the console reaches the terminal and is in force
 * there; one whose proof is wrong and one that is older are refused by the device's own vault, told
 * as refused, and change nothing; to go back makes a new version, under a greater number. The wrong
 * ones are put into the back office's store while it stands still: it tells them as its own.
 *
 * And S142: a shop gets another name, asked for by one and agreed to by another; the terminal is
 * not set up again, and its next slip has the new name, while the one before is printed again with
 * the old one.
 */
#include "payment/receipt.h"
#include "tests/protocol/office.h"

#define TID     "10000017"
#define LEVEL   "/parameters/terminals/" TID
#define CHANGES "/contracts/898290058120001/changes"
#define PAPERS  "/papers/898290058120001/changes"

enum { PATIENCE = 1500 };

static struct counter counter;
static struct office chief, agent;

static int start(void **state)
{
    (void)state;
    counter_open(&counter);
    office_as_staff(&chief, &counter, "chief");
    office_as_staff(&agent, &counter, "agent");
    counter_shows(&counter, "login.operator");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    office_leave(&chief);
    office_leave(&agent);
    counter_close(&counter);
    return 0;
}

static bool says(const char *text)
{
    return strstr(chief.answer, text) != NULL;
}

/* The device says so of what it was given last. */
static void await(const char *progress)
{
    for (int i = 0; i < PATIENCE; i++) {
        long status =
            i % 20 == 0 ? office_ask(&chief, "GET", "/devices/" TID "/parameters", NULL) : 0;
        if (status == 200 && says(progress)) return;
        programs_pause();
    }
    child_print_log(counter.stage.process_terminal);
    fail_msg("%s was not said: %.300s", progress, chief.answer);
}

static void set(const char *values, const char *reason)
{
    char body[200];
    snprintf(body, sizeof body, "{\"values\":{%s},\"reason\":\"%s\"}", values, reason);
    office_must(&chief, "POST", LEVEL, body, 201);
}

/* What the terminal has in its store and works with, by number. */
static int64_t in_store(void)
{
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 5000};
    struct store *store = NULL;
    int64_t number = 0;
    assert_ok(store_open(host_path(counter.stage.terminal, "terminal.db"), &options, NULL, &store));
    assert_ok(store_query_int(store, "SELECT max(number) FROM afar", &number));
    store_close(store);
    return number;
}

static int64_t refusals(const char *why)
{
    return counter_audits(counter.stage.terminal, "terminal.db", "parameters_refused", why);
}

/* ---- tests, one after the other ---- */

static void what_is_set_is_in_force_at_the_terminal(void **state)
{
    (void)state;
    set("\"banner\":\"Stocktaking at 18:00\",\"limit_sale\":50000", "stocktaking");
    assert_true(says("\"text_en\":\"Cashier: sales up to: not set here → ¥500.00\""));
    await("{\"number\":1,\"progress\":\"in_force\",\"current\":true");
    assert_true(says("\"says_en\":\"¥500.00\""));
    assert_int_equal(in_store(), 1);
    counter_office_does(
        &counter,
        "CREATE TABLE kept AS SELECT * FROM parameters_device"); /* as somebody has listened in */
    set("\"limit_sale\":60000", "more of it");
    await("{\"number\":2,\"progress\":\"in_force\",\"current\":true");
    assert_int_equal(in_store(), 2);
}

static void one_with_a_wrong_proof_is_refused(void **state)
{
    (void)state;
    counter_office_does(
        &counter, "UPDATE parameters_device SET number = 7, mac = zeroblob(16), progress = 1");
    await("{\"number\":7,\"progress\":\"refused\",\"current\":true,\"why\":\"forged\"");
    assert_int_equal(refusals("forged"), 1);
    assert_int_equal(in_store(), 2);
    set("\"limit_sale\":70000", "what nobody has proved was not taken");
    await("{\"number\":8,\"progress\":\"in_force\",\"current\":true");
    assert_int_equal(in_store(), 8);
}

static void to_go_back_is_a_new_version(void **state)
{
    (void)state;
    office_must(&chief, "POST", LEVEL "/versions/1/back", "{\"reason\":\"it was right\"}", 201);
    assert_true(says("\"version\":4") && says("\"reason\":\"it was right\""));
    await("{\"number\":9,\"progress\":\"in_force\",\"current\":true");
    assert_true(says("\"says_en\":\"¥500.00\""));
    assert_int_equal(in_store(), 9);
}

/* It is what the device is to have, word for word, with the proof that was good for number 1. */
static void an_older_one_is_refused(void **state)
{
    (void)state;
    counter_office_does(
        &counter,
        "DROP TRIGGER parameters_device_counts;"
        "UPDATE parameters_device SET number = (SELECT number FROM kept), nonce = (SELECT nonce"
        " FROM kept), mac = (SELECT mac FROM kept), progress = 1");
    await("{\"number\":10,\"progress\":\"in_force\",\"current\":true"); /* it has learned */
    assert_int_equal(refusals("old"), 1);
    assert_int_equal(in_store(), 10);
}

/* ---- the shop's name ---- */

static bool slip_says(const char *text)
{
    struct json_t *receipt, *lines;
    size_t count = 0;
    bool says_so = false;
    assert_ok(json_member(page_screen(counter.page), "receipt", &receipt));
    assert_ok(json_list(receipt, "lines", RECEIPT_LINES, &lines, &count));
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        struct bytes line;
        assert_ok(json_value_text(json_at(lines, i), RECEIPT_LINE_BYTES, &line));
        says_so = says_so || memmem(line.at, line.len, text, strlen(text)) != NULL;
    }
    return says_so;
}

/* Does the slip of this voucher have the new name, when it is printed again? */
static bool has_new_name(const char *voucher)
{
    counter_key(&counter, "choice:records", "records.menu");
    counter_key(&counter, "choice:reprint_any", "reprint.number");
    assert_ok(page_digits(counter.page, voucher));
    counter_key(&counter, "ok", "reprint.done");
    bool has = slip_says("江边茶楼");
    counter_key(&counter, "ok", "records.menu");
    counter_key(&counter, "cancel", "main.menu");
    return has;
}

static void sell(char voucher[8])
{
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 5000};
    struct store *store = NULL;
    int64_t stan = 0;
    counter_sells(&counter);
    assert_ok(store_open(host_path(counter.stage.terminal, "terminal.db"), &options, NULL, &store));
    assert_ok(store_query_int(store, "SELECT max(stan) FROM payment", &stan));
    store_close(store);
    snprintf(voucher, 8, "%06lld", (long long)stan);
}

static void a_shop_gets_another_name(void **state)
{
    (void)state;
    char first[8], second[8];
    counter_log_in_first(&counter);
    counter_sign_in(&counter);
    sell(first);
    assert_false(has_new_name(first));
    office_must(&agent, "POST", CHANGES,
                "{\"kind\":\"name\",\"reason\":\"a new sign\",\"name_zh\":\"江边茶楼\","
                "\"name_en\":\"RIVERSIDE TEA\"}",
                200);
    office_send_paper(&agent, PAPERS "/1/licence");
    office_must(&chief, "POST", CHANGES "/1/decision",
                "{\"agrees\":true,\"papers\":\"licence, original\"}", 200);
    await("{\"number\":11,\"progress\":\"in_force\",\"current\":true");
    assert_true(says("\"name\":\"shop\",\"text\":\"江边茶楼\""));
    sell(second);
    assert_true(has_new_name(second));
    assert_false(has_new_name(first));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_set_is_in_force_at_the_terminal),
        cmocka_unit_test(one_with_a_wrong_proof_is_refused),
        cmocka_unit_test(to_go_back_is_a_new_version),
        cmocka_unit_test(an_older_one_is_refused),
        cmocka_unit_test(a_shop_gets_another_name),
    };
    return cmocka_run_group_tests_name("device_parameters", tests, start, stop);
}
