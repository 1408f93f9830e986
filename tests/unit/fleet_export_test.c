/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of terminals as CSV (S113): the page's filters and words, pieces that go on where they
 * end, nothing of another merchant, serial numbers only for who may see them, no formula, and a
 * record of who has taken what.
 */
#include "backoffice/api/api.h"
#include "lib/base/csv.h"
#include "lib/store/audit.h"
#include "tests/unit/fleet_rig.h"

#define EXPORT "/api/v1/fleet/export"

static unsigned export(struct rig *rig, struct browser *b, const char *name, const char *value)
{
    b->query[0][0] = name;
    b->query[0][1] = value;
    return rig_ask(rig, b, "GET", EXPORT, "");
}

static size_t lines(const struct rig *rig)
{
    size_t count = 0;
    for (const char *at = rig->answer; (at = strstr(at, "\r\n")) != NULL; at += 2) count++;
    return count;
}

static bool begins(const struct rig *rig, const char *text)
{
    return strncmp(rig->answer, text, strlen(text)) == 0;
}

/* ---- one file ---- */

static void a_spreadsheet_reads_it_in_both_languages(void **state)
{
    (void)state;
    struct rig *rig = with_devices();
    struct browser owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    owner.language = "zh";
    come(rig, 3, "10000001", "TB-1");
    say(rig, 3, STATE("out", "locked", 2));
    assert_int_equal(export(rig, &owner, NULL, NULL), 200);
    assert_true(begins(rig, CSV_MARK "\"终端号\",\"序列号\""));
    assert_int_equal(lines(rig), 4);
    assert_true(rig_says(rig, "\r\n\"10000001\",\"TB-10000001\",\"TB-1\",\"" RIG_MID "\","));
    assert_true(rig_says(rig, ",1,\"正常\",\"在线\","));
    assert_true(rig_says(rig, ",\"0.9.1\",64,\"没有纸\",\"已锁定\",\"无线\",\"已签到\",\"01\",2,"
                              "1970-01-01 08:00:00,0,\"已锁定，不能收款：请解锁。 有交易"));
    /* Of what was never here nothing is known, and the columns are as many. */
    assert_true(rig_says(rig, ",1,\"正常\",\"未使用\",,\"\",,,,,,,,,,\"还没有连接过"));
    assert_false(rig_says(rig, "20000001"));
    owner.language = "en";
    assert_int_equal(export(rig, &owner, NULL, NULL), 200);
    assert_true(begins(rig, CSV_MARK "\"Terminal\",\"Serial number\""));
    assert_true(rig_says(rig, "\"out\",\"locked\",\"Wi-Fi\",\"yes\",\"01\",2,"));
    assert_true(rig_says(rig, "\"It is locked and takes no payment: unlock it."));
    rig_close(rig);
}

/* As many fields in every line as there are columns. */
static void every_line_has_every_column(void **state)
{
    (void)state;
    struct rig *rig = with_devices();
    struct browser agent = person(rig, "agent", "", ROLE_AGENT);
    come(rig, 3, "10000001", "TB-1");
    say(rig, 3, STATE("ok", "free", 0));
    assert_int_equal(export(rig, &agent, NULL, NULL), 200);
    size_t fields = 1, wanted = 0;
    bool quoted = false;
    for (const char *at = rig->answer; *at != '\0'; at++) {
        if (*at == '"') quoted = !quoted;
        if (*at == ',' && !quoted) fields++;
        if (*at != '\n' || quoted) continue;
        if (wanted == 0) wanted = fields;
        assert_int_equal(fields, wanted);
        fields = 1;
    }
    assert_int_equal(wanted, 20);
    assert_int_equal(lines(rig), 5);
    rig_close(rig);
}

static void it_is_narrowed_as_the_page_is(void **state)
{
    (void)state;
    struct rig *rig = with_devices();
    struct browser agent = person(rig, "agent", "", ROLE_AGENT);
    static const struct {
        const char *name, *value;
        size_t rows;
    } asked[] = {{"merchant", RIG_MID, 3}, {"model", "TB-1", 3},       {"presence", "online", 1},
                 {"text", "山茶", 1},      {"status", "suspended", 0}, {"hold", "locked", 1}};
    come(rig, 3, "10000001", "TB-1");
    say(rig, 3, STATE("ok", "locked", 0));
    for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
        assert_int_equal(export(rig, &agent, asked[i].name, asked[i].value), 200);
        assert_int_equal(lines(rig), asked[i].rows + 1);
    }
    assert_int_equal(export(rig, &agent, "presence", "asleep"), 400);
    assert_int_equal(export(rig, &agent, "limit", "1001"), 400);
    rig_close(rig);
}

/* ---- who sees what ---- */

static void serial_numbers_are_masked_as_on_the_page(void **state)
{
    (void)state;
    struct rig *rig = with_devices();
    struct browser owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    struct browser other = person(rig, "other", OTHER_MID, ROLE_OWNER);
    struct browser agent = person(rig, "agent", "", ROLE_AGENT);
    struct browser nobody = {.realm = "console"};
    assert_int_equal(export(rig, &owner, NULL, NULL), 200);
    assert_true(rig_says(rig, "\"TB-10000001\""));
    assert_int_equal(export(rig, &agent, NULL, NULL), 200);
    assert_false(rig_says(rig, "TB-10000001"));
    assert_int_equal(export(rig, &other, "merchant", RIG_MID), 200); /* as if nobody were there */
    assert_int_equal(lines(rig), 1);
    assert_int_equal(export(rig, &nobody, NULL, NULL), 401);
    rig_close(rig);
}

static void a_name_is_no_formula(void **state)
{
    (void)state;
    struct rig *rig = with_devices();
    const char mid[] = "898310153110009";
    const struct registry_merchant shop = {"898310153110009", "=HYPERLINK(\"x\")", "+1,2", 1,
                                           REGISTRY_ACTIVE};
    struct browser agent = person(rig, "agent", "", ROLE_AGENT);
    assert_ok(registry_add_merchant(rig->registry, &fleet_actor, &shop));
    terminal(rig, "30000001", mid, 1, "TB-1");
    fleet_stale(rig->b->desk->fleet);
    rig_pass(rig, 2 * FLEET_READ_MS);
    agent.language = "zh";
    assert_int_equal(export(rig, &agent, "merchant", mid), 200);
    assert_true(rig_says(rig, ",\"'=HYPERLINK(\"\"x\"\")\",1,"));
    agent.language = "en";
    assert_int_equal(export(rig, &agent, "merchant", mid), 200);
    assert_true(rig_says(rig, ",\"'+1,2\",1,"));
    rig_close(rig);
}

/* ---- pieces, and the record ---- */

/* The log of acts takes a number of fifteen digits for a card's, and masks it. */
#define MASKED_MID "898310*****0001"

static bool audited(struct rig *rig, const char *actor, const char *whose, const char *detail)
{
    struct store_statement *query;
    bool row = false;
    assert_ok(store_statement(rig->b->store,
                              "SELECT 1 FROM audit WHERE event = 'terminals_exported'"
                              " AND actor = ? AND subject = ? AND detail = ?",
                              &query));
    store_bind_text(query, bytes_text(actor));
    store_bind_text(query, bytes_text(whose));
    store_bind_text(query, bytes_text(detail));
    assert_ok(store_step(query, &row));
    store_reset(query);
    return row;
}

static void a_piece_goes_on_where_the_last_one_ended(void **state)
{
    (void)state;
    struct rig *rig = with_devices();
    struct browser owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    assert_int_equal(export(rig, &owner, "limit", "2"), 200);
    assert_string_equal(rig->next, "10000002");
    assert_int_equal(lines(rig), 3);
    owner.query[1][0] = "after";
    owner.query[1][1] = "10000002";
    assert_int_equal(export(rig, &owner, "limit", "2"), 200);
    assert_string_equal(rig->next, "");
    assert_true(begins(rig, "\"10000003\","));
    assert_int_equal(lines(rig), 1);
    assert_true(audited(rig, "owner owner", MASKED_MID, "10000001 to 10000002, 2:"));
    assert_true(audited(rig, "owner owner", MASKED_MID, "10000003 to 10000003, 1:"));
    rig_close(rig);
}

static void who_took_what_is_written_down(void **state)
{
    (void)state;
    struct rig *rig = with_devices();
    struct browser agent = person(rig, "agent", "", ROLE_AGENT);
    agent.query[1][0] = "model";
    agent.query[1][1] = "TB-1";
    assert_int_equal(export(rig, &agent, "presence", "new"), 200);
    assert_true(audited(rig, "staff agent", "all merchants",
                        "10000001 to 20000001, 3: presence=new model=TB-1"));
    rig_close(rig);
}

/* An answer that is full ends in front of the row that has no room in it. */
static void a_fleet_that_is_too_long_for_one_answer_comes_in_pieces(void **state)
{
    (void)state;
    enum { DEVICES = 1500 };
    struct rig *rig = with_devices();
    struct browser agent = person(rig, "agent", "", ROLE_AGENT);
    char tid[9], after[9] = "";
    for (int i = 0; i < DEVICES; i++) {
        snprintf(tid, sizeof tid, "4%07d", i);
        terminal(rig, tid, RIG_MID, 1, "TB-9");
    }
    fleet_stale(rig->b->desk->fleet);
    rig_pass(rig, 2 * FLEET_READ_MS);
    size_t rows = 0, pieces = 0;
    agent.query[1][0] = "after";
    do {
        agent.query[1][1] = after[0] == '\0' ? NULL : after;
        assert_int_equal(export(rig, &agent, "model", "TB-9"), 200);
        rows += lines(rig);
        pieces++;
        assert_true(strcmp(rig->next, after) > 0 || rig->next[0] == '\0');
        snprintf(after, sizeof after, "%.8s", rig->next);
    } while (after[0] != '\0');
    assert_int_equal(rows, DEVICES + 1);
    assert_true(pieces > 1 && pieces <= 4);
    rig_close(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_spreadsheet_reads_it_in_both_languages),
        cmocka_unit_test(every_line_has_every_column),
        cmocka_unit_test(it_is_narrowed_as_the_page_is),
        cmocka_unit_test(serial_numbers_are_masked_as_on_the_page),
        cmocka_unit_test(a_name_is_no_formula),
        cmocka_unit_test(a_piece_goes_on_where_the_last_one_ended),
        cmocka_unit_test(who_took_what_is_written_down),
        cmocka_unit_test(a_fleet_that_is_too_long_for_one_answer_comes_in_pieces),
    };
    return cmocka_run_group_tests_name("fleet_export", tests, NULL, NULL);
}
