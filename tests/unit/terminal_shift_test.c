/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shifts: readings (X) and closings (Z) against the rows of payments, by operator, closed once
 * wherever the power is cut; and the search in the history. Capabilities: S56 S103 S107.
 */
#include "tests/unit/terminal_fuse.h"
#include "tests/unit/terminal_rig.h"

static void sell(struct rig *rig, int count)
{
    for (int i = 0; i < count; i++) {
        GOOD(rig_sale(rig));
        AT(rig, "sale.approved");
        GOOD(rig_key(rig, "cancel"));
    }
    AT(rig, "main.menu");
}

static void to_shift(struct rig *rig)
{
    GOOD(rig_keys(rig, "choice:manage choice:shift"));
    AT(rig, "shift.one");
}

static void home(struct rig *rig)
{
    for (int i = 0; i < 6 && strcmp(rig_id(rig), "main.menu") != 0; i++)
        GOOD(rig_key(rig, "cancel"));
    AT(rig, "main.menu");
}

static void as(struct rig *rig, const char *keys, const char *password)
{
    home(rig);
    GOOD(rig_keys(rig, "cancel choice:log_out"));
    GOOD(rig_panel_open(rig));
    GOOD(rig_login_as(rig, keys, password));
    AT(rig, "main.menu");
}

static bool printed(const struct rig *rig, const char *text)
{
    return strstr(rig->printed_all, text) != NULL;
}

static int64_t number(struct rig *rig, const char *sql)
{
    int64_t value;
    GOOD(store_query_int(rig->store, sql, &value));
    return value;
}

/* S82: tips are named, without that of a sale that was voided; a hold is in no sum and no count. */
static void test_tips_and_holds(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    sell(rig, 3);
    GOOD(store_exec(rig->store, "UPDATE payment SET tip_minor = 1000"));
    GOOD(store_exec(rig->store,
                    "UPDATE payment SET type = 2, original_batch = batch, tip_minor = 0,"
                    " original_stan = (SELECT stan FROM payment WHERE number = 1)"
                    " WHERE number = 3"));
    GOOD(rig_keys(rig, "choice:preauth choice:hold digit:5 digit:0 ok"));
    rig_card(rig, VAULT_CARD_READ, false);
    GOOD(rig_advance(rig, 300));
    AT(rig, "sale.approved");
    GOOD(rig_key(rig, "ok"));
    home(rig);
    to_shift(rig);
    GOOD(rig_key(rig, "choice:x"));
    assert_true(printed(rig, "合计 TOTAL  3 笔") && printed(rig, "RMB 128.00"));
    assert_true(printed(rig, "TIPS IN IT") && printed(rig, "RMB 10.00"));
    assert_true(printed(rig, "不计入合计 NOT IN TOTAL"));
    rig_free(rig);
}

/* X changes nothing, Z begins anew; what comes after it is in the next shift, once. S107 */
static void test_reading_and_closing(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    to_shift(rig);
    assert_non_null(rig_line(rig, "SHIFT_EMPTY"));
    GOOD(rig_key(rig, "choice:z")); /* grey */
    AT(rig, "shift.one");
    home(rig);
    sell(rig, 3);
    memcpy(rig->code, "51", 3);
    GOOD(rig_sale(rig));
    memcpy(rig->code, "00", 3);
    home(rig);
    to_shift(rig);
    assert_string_equal(rig_line(rig, "SHIFT_TOTAL"), "本班\t3 笔，384.00 元");
    for (int i = 0; i < 2; i++) {
        GOOD(rig_key(rig, "choice:x"));
        assert_true(printed(rig, "X REPORT") && printed(rig, "RMB 384.00"));
        assert_true(printed(rig, "失败 DECLINED  1 笔"));
    }
    assert_int_equal(number(rig, "SELECT count(*) FROM shift"), 0);
    GOOD(rig_keys(rig, "choice:z choice:yes"));
    AT(rig, "shift.closed");
    assert_true(printed(rig, "Z REPORT 000001") && printed(rig, "RMB 384.00"));
    assert_int_equal(number(rig, "SELECT minor FROM shift WHERE number = 1"), 38400);
    GOOD(rig_key(rig, "ok"));
    AT(rig, "shift.one");
    assert_non_null(rig_line(rig, "SHIFT_EMPTY"));
    home(rig);
    sell(rig, 1);
    to_shift(rig);
    assert_string_equal(rig_line(rig, "SHIFT_TOTAL"), "本班\t1 笔，128.00 元");
    GOOD(rig_keys(rig, "choice:z choice:yes"));
    assert_true(printed(rig, "Z REPORT 000002") && printed(rig, "RMB 128.00"));
    rig_free(rig);
}

/* Hand-over: each has his own; the next one logs in. A supervisor sees and closes everybody's. */
static void test_hand_over(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    sell(rig, 2);
    as(rig, "digit:0 digit:2 ok", "9375");
    sell(rig, 1);
    to_shift(rig);
    assert_string_equal(rig_line(rig, "SHIFT_TOTAL"), "本班\t1 笔，128.00 元");
    GOOD(rig_keys(rig, "choice:z choice:yes choice:hand_over"));
    AT(rig, "login.operator");
    GOOD(rig_panel_open(rig));
    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
    GOOD(rig_keys(rig, "choice:manage choice:shift choice:old"));
    AT(rig, "shift.list");
    assert_false(rig_has_choice(rig, "z_1", true)); /* another's */
    as(rig, "digit:0 digit:0 ok", "246813");
    GOOD(rig_keys(rig, "choice:manage choice:shift"));
    AT(rig, "shift.operators");
    assert_true(rig_has_choice(rig, "id_01", true));
    assert_false(rig_has_choice(rig, "id_02", true));
    GOOD(rig_keys(rig, "choice:id_01 choice:z choice:yes"));
    AT(rig, "shift.closed");
    assert_true(printed(rig, "Z REPORT 000002") && printed(rig, "RMB 256.00"));
    assert_false(rig_has_choice(rig, "hand_over", true)); /* it was not his */
    assert_int_equal(
        number(rig, "SELECT count(*) FROM shift WHERE number = 2 AND closer_id = '00'"), 1);
    rig_free(rig);
}

/* Printed again a Z says so, and says the same. */
static void test_reprint(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    sell(rig, 2);
    to_shift(rig);
    GOOD(rig_keys(rig, "choice:z choice:yes ok"));
    home(rig);
    sell(rig, 1);
    GOOD(rig_restart(rig));
    to_shift(rig);
    GOOD(rig_keys(rig, "choice:old choice:z_1"));
    AT(rig, "shift.z");
    GOOD(rig_key(rig, "choice:print"));
    assert_true(rig->printed_reprint && printed(rig, "重打印 DUPLICATE"));
    assert_true(printed(rig, "Z REPORT 000001") && printed(rig, "RMB 256.00"));
    assert_int_equal(number(rig, "SELECT count(*) FROM shift"), 1);
    rig_free(rig);
}

/* A payment that is not decided keeps the shift open. */
static void test_undecided(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    sell(rig, 1);
    rig->refuse_reversal = true;
    rig->mood = RIG_SILENT;
    GOOD(rig_sale(rig));
    GOOD(rig_keys(rig, "cancel cancel"));
    to_shift(rig);
    GOOD(rig_key(rig, "choice:z"));
    assert_true(strncmp(rig_id(rig), "reverse.", 8) == 0);
    rig->refuse_reversal = false;
    rig->mood = RIG_ANSWER;
    GOOD(rig_advance(rig, 61000));
    if (strcmp(rig_id(rig), "reverse.failed") == 0) GOOD(rig_key(rig, "choice:retry"));
    AT(rig, "shift.ask");
    GOOD(rig_key(rig, "choice:yes"));
    assert_true(printed(rig, "冲正 REVERSED  1 笔"));
    assert_int_equal(number(rig, "SELECT count FROM shift"), 1);
    rig_free(rig);
}

/* ---- power ---- */

/* F-09: there is one Z or none, and every payment is in one shift. */
static void test_power_cut(void **state)
{
    (void)state;
    int cuts = 0;
    for (int at = 0;; at++) {
        struct rig *rig = rig_ready();
        struct fuse fuse = {.left = at};
        sell(rig, 3);
        rig_set_fault(rig, burn, &fuse);
        err e = rig_keys(rig, "choice:manage choice:shift choice:z choice:yes");
        assert_int_equal(FAILED(e), fuse.blown);
        rig_set_fault(rig, NULL, NULL);
        GOOD(rig_restart(rig));
        bool closed = number(rig, "SELECT count(*) FROM shift") == 1;
        to_shift(rig);
        if (closed) assert_non_null(rig_line(rig, "SHIFT_EMPTY"));
        else assert_string_equal(rig_line(rig, "SHIFT_TOTAL"), "本班\t3 笔，384.00 元");
        if (!closed) GOOD(rig_keys(rig, "choice:z choice:yes"));
        assert_int_equal(number(rig, "SELECT count(*) FROM shift"), 1);
        assert_int_equal(number(rig, "SELECT upto FROM shift"), 3);
        assert_int_equal(number(rig, "SELECT count(*) FROM audit WHERE event = 'shift_closed'"), 1);
        rig_free(rig);
        if (!fuse.blown) break;
        cuts++;
    }
    assert_true(cuts > 10);
}

/* ---- search (S103) ---- */

static size_t found(struct rig *rig)
{
    const struct screen *s = terminal_screen(rig->terminal);
    size_t rows = 0;
    AT(rig, "search.list");
    for (size_t i = 0; i < s->choice_count; i++) rows += strncmp(s->choice[i].key, "row_", 4) == 0;
    return rows;
}

static void search_for(struct rig *rig, const char *way, const char *keys)
{
    char choice[32];
    home(rig);
    GOOD(rig_keys(rig, "choice:records choice:search"));
    AT(rig, "search.menu");
    snprintf(choice, sizeof choice, "choice:%s", way);
    GOOD(rig_key(rig, choice));
    AT(rig, "search.value");
    GOOD(rig_keys(rig, keys));
}

static void test_search(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    sell(rig, 8);
    GOOD(rig_keys(rig, "choice:manage choice:settle choice:yes ok cancel choice:sign_in ok"));
    home(rig);
    GOOD(rig_keys(rig, "choice:sale digit:5 ok")); /* another amount, another batch, a code */
    GOOD(terminal_on_code(rig->terminal, BYTES("281234567890123456")));
    GOOD(rig_pump(rig));
    AT(rig, "sale.approved");
    uint32_t stan = terminal_payment(rig->terminal)->key.stan;

    search_for(rig, "amount", "digit:5 ok");
    assert_int_equal(found(rig), 1);
    GOOD(rig_key(rig, "choice:row_9"));
    AT(rig, "query.detail");
    search_for(rig, "amount", "digit:1 digit:2 digit:8 ok"); /* of the batch before */
    assert_int_equal(found(rig), 6);
    GOOD(rig_key(rig, "choice:older"));
    assert_int_equal(found(rig), 2);
    search_for(rig, "card", "digit:3 digit:4 digit:5 digit:6 ok");
    assert_int_equal(found(rig), 1);
    search_for(rig, "card", "digit:6 digit:6 digit:2 digit:0 ok");
    assert_int_equal(found(rig), 6);
    char keys[64] = "";
    for (uint32_t rest = stan, place = 100000; place > 0; rest %= place, place /= 10)
        snprintf(keys + strlen(keys), sizeof keys - strlen(keys), "digit:%u ", rest / place);
    snprintf(keys + strlen(keys), sizeof keys - strlen(keys), "ok");
    search_for(rig, "voucher", keys);
    assert_int_equal(found(rig), 1);
    search_for(rig, "date", "digit:0 digit:4 digit:2 digit:5 ok");
    assert_int_equal(found(rig), 6);
    search_for(rig, "date", "digit:0 digit:4 digit:2 digit:4 ok");
    assert_int_equal(found(rig), 0);
    assert_non_null(rig_line(rig, "SEARCH_NOTHING"));
    search_for(rig, "date", "digit:0 digit:2 digit:3 digit:0 ok"); /* no such day */
    AT(rig, "search.value");
    assert_non_null(rig_line(rig, "SEARCH_BAD"));
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tips_and_holds), cmocka_unit_test(test_reading_and_closing),
        cmocka_unit_test(test_hand_over),      cmocka_unit_test(test_reprint),
        cmocka_unit_test(test_undecided),      cmocka_unit_test(test_power_cut),
        cmocka_unit_test(test_search),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
