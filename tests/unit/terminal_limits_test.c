/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much each role may do (S58), who says so (S48), whose payments they were (S56): the tables
 * whole, a supervisor's override for each limit with a real vault, the administrator's parameters,
 * and the report by operator against the rows in the store and what the host has heard.
 */
#include "tests/unit/terminal_rig_real.h"

#define OWN            "927461"
#define OWN_SUPERVISOR "381947"

/* ---- the tables ---- */

/* S58: at the limit, above it, and above what a supervisor may approve. */
static void test_limits(void **state)
{
    (void)state;
    static const struct {
        uint8_t role;
        bool duress;
        enum limit limit;
        int64_t value;
        enum permission_answer answer;
    } rows[] = {
        {VAULT_ROLE_CASHIER, false, LIMIT_SALE, 999999999, PERMISSION_YES},
        {VAULT_ROLE_CASHIER, false, LIMIT_SALE, 1000000000, PERMISSION_NO},
        {VAULT_ROLE_CASHIER, true, LIMIT_SALE, 50000, PERMISSION_YES},
        {VAULT_ROLE_CASHIER, true, LIMIT_SALE, 50001, PERMISSION_NO},
        {VAULT_ROLE_CASHIER, false, LIMIT_REFUND, 1, PERMISSION_WITH_APPROVAL},
        {VAULT_ROLE_CASHIER, false, LIMIT_REFUND, 5000000, PERMISSION_WITH_APPROVAL},
        {VAULT_ROLE_CASHIER, false, LIMIT_REFUND, 5000001, PERMISSION_NO},
        {VAULT_ROLE_CASHIER, true, LIMIT_REFUND, 1, PERMISSION_NO},
        {VAULT_ROLE_CASHIER, false, LIMIT_VOID, 1, PERMISSION_WITH_APPROVAL},
        {VAULT_ROLE_CASHIER, false, LIMIT_MANUAL, 1, PERMISSION_WITH_APPROVAL},
        {VAULT_ROLE_CASHIER, false, LIMIT_DISCOUNT, 5, PERMISSION_YES},
        {VAULT_ROLE_CASHIER, false, LIMIT_DISCOUNT, 6, PERMISSION_WITH_APPROVAL},
        {VAULT_ROLE_CASHIER, false, LIMIT_DISCOUNT, 51, PERMISSION_NO},
        {VAULT_ROLE_SUPERVISOR, false, LIMIT_SALE, 1, PERMISSION_NO},
        {VAULT_ROLE_ADMINISTRATOR, false, LIMIT_SALE, 1, PERMISSION_NO},
        {0, false, LIMIT_SALE, 1, PERMISSION_NO},
    };
    const struct role_limits delivered = limits_delivered();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(
            limit_check(&delivered, rows[i].role, rows[i].duress, rows[i].limit, rows[i].value),
            rows[i].answer);

    /* A shop that lowered it: the same, and under duress no other question than on other days. */
    struct role_limits lowered = delivered;
    lowered.cashier[LIMIT_SALE] = 10000;
    const uint8_t cashier = VAULT_ROLE_CASHIER;
    for (int duress = 0; duress < 2; duress++) {
        assert_int_equal(limit_check(&lowered, cashier, duress, LIMIT_SALE, 10000), PERMISSION_YES);
        assert_int_equal(limit_check(&lowered, cashier, duress, LIMIT_SALE, 10001),
                         PERMISSION_WITH_APPROVAL);
    }
    assert_int_equal(limit_check(&lowered, cashier, true, LIMIT_SALE, 50001), PERMISSION_NO);
}

/* S48, S58: every kind of payment has a limit, every limit a permission and an action of its own,
 * and the two tables say the same of a cashier. */
static void test_every_kind_has_a_row(void **state)
{
    (void)state;
    const struct role_limits delivered = limits_delivered();
    bool taken[VAULT_APPROVED_ACTIONS] = {false};
    for (enum payment_type type = PAYMENT_SALE; type < PAYMENT_TYPES; type++)
        assert_true(limit_of_type(type) < LIMITS);
    for (enum limit limit = 0; limit < LIMITS; limit++) {
        const struct limit_row *row = limit_row(limit);
        assert_in_range(row->action, 1, VAULT_APPROVED_ACTIONS - 1);
        assert_false(taken[row->action]); /* what was approved is told apart in the log */
        taken[row->action] = true;
        assert_int_equal(permission_of(VAULT_ROLE_SUPERVISOR, row->permission), PERMISSION_NO);
        int64_t alone = delivered.cashier[limit];
        int64_t most = limit_of(&delivered, VAULT_ROLE_SUPERVISOR, false, limit);
        assert_true(alone >= 0 && alone <= most && most > 0);
        if (permission_of(VAULT_ROLE_CASHIER, row->permission) == PERMISSION_WITH_APPROVAL)
            assert_int_equal(alone, 0);
    }
}

/* S58: no payment is submitted for which nobody was asked, or for another amount. */
static void test_no_leave_no_money(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    struct terminal *t = rig->terminal;
    struct payment sale = {.type = PAYMENT_SALE, .amount_minor = 12800};
    assert_false(allowed(t, &sale));
    GOOD(rig_keys(rig, "choice:sale digit:1 digit:2 digit:8 ok"));
    AT(rig, "sale.present");
    assert_true(allowed(t, &sale));
    sale.amount_minor = 12801;
    assert_false(allowed(t, &sale));
    sale.amount_minor = 12800;
    sale.entry = PAYMENT_ENTRY_MANUAL; /* a card number by hand is a second thing to be asked */
    assert_false(allowed(t, &sale));
    t->work.leave[LIMIT_MANUAL] = (struct leave){.given = true, .value = 1};
    assert_true(allowed(t, &sale));
    GOOD(rig_keys(rig, "cancel cancel cancel choice:log_out"));
    sale.entry = PAYMENT_ENTRY_SWIPE;
    assert_false(allowed(t, &sale)); /* it was for that session */
    rig_free(rig);
}

/* ---- a supervisor's yes ---- */

/* What a procedure of some limit does; its end is a screen of its own. */
static err asking(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    PROCEDURE_CALL(t, p, allow);
    do {
        screen_begin(t, "test.asked", TEXT_MAIN_TITLE);
        screen_show(t);
        PROCEDURE_AWAIT(t, p);
    } while (!key_is(t, "ok"));
    PROCEDURE_END(t, p);
}

static void begin_allow(struct rig *rig, enum limit limit, int64_t value)
{
    rig->terminal->asked = (struct asked){limit, value};
    procedure_push(rig->terminal, asking);
    GOOD(terminal_event(rig->terminal, (struct event){.kind = EVENT_NONE}, false));
}

/* S48, S58: for each limit: asked, refused, given once, on record with who asked and who approved;
 * and above what he may approve he is not even asked. */
static void test_each_override(void **state)
{
    (void)state;
    struct rig *rig = rig_real("TB-1");
    struct terminal *t = rig->terminal;
    real_first_day(rig, 0, OWN_SUPERVISOR);
    real_log_out(rig);
    real_first_day(rig, 1, OWN);
    t->limits.cashier[LIMIT_SALE] = 10000;
    for (enum limit limit = 0; limit < LIMITS; limit++) {
        int64_t most = limit_of(&t->limits, VAULT_ROLE_SUPERVISOR, false, limit);
        begin_allow(rig, limit, most);
        AT(rig, "approve.password");
        GOOD(rig_key(rig, "cancel"));
        AT(rig, "test.asked");
        assert_false(t->work.leave[limit].given);
        begin_allow(rig, limit, most);
        GOOD(rig_enter(rig, OWN)); /* not by the cashier's own */
        AT(rig, "approve.password");
        assert_false(t->work.leave[limit].given);
        GOOD(rig_advance(rig, 10000));
        GOOD(rig_enter(rig, OWN_SUPERVISOR));
        AT(rig, "test.asked");
        assert_true(t->work.leave[limit].given);
        assert_int_equal(t->work.leave[limit].value, most);
        assert_string_equal(t->work.leave[limit].approver_id, "00");
        assert_string_equal(t->operator_id, "01"); /* the session is still the cashier's */
        begin_allow(rig, limit, most + 1);
        AT(rig, "test.asked");
        assert_false(t->work.leave[limit].given);
    }
    assert_int_equal(real_count(rig, "SELECT count(*) FROM audit WHERE event = 'approved'"
                                     " AND actor = 'operator 01' AND subject = '00'"),
                     LIMITS);
    assert_int_equal(real_count(rig, "SELECT count(*) FROM audit WHERE event = 'approve_refused'"),
                     LIMITS);
    rig_real_free(rig);
}

/* ---- the administrator's parameters ---- */

static void set_limit(struct rig *rig, const char *choice, const char *keys)
{
    GOOD(rig_keys(rig, "clear"));
    GOOD(rig_login_as(rig, "digit:9 digit:9 ok", "73519"));
    AT(rig, "main.menu");
    GOOD(rig_keys(rig, "choice:manage choice:parameters"));
    AT(rig, "parameters.list");
    GOOD(rig_key(rig, choice));
    AT(rig, "parameters.value");
    GOOD(rig_keys(rig, keys));
}

static struct rig *with_administrator(void)
{
    struct rig *rig = rig_ready();
    memcpy(rig->password[99], "73519", 6);
    GOOD(rig_keys(rig, "choice:manage choice:parameters"));
    AT(rig, "need.administrator"); /* S48: not a cashier's business */
    GOOD(rig_keys(rig, "choice:log_out"));
    AT(rig, "login.operator");
    return rig;
}

static void cashier_in(struct rig *rig)
{
    GOOD(rig_keys(rig, "cancel cancel cancel"));
    while (strcmp(rig_id(rig), "session.leave") != 0) GOOD(rig_key(rig, "cancel"));
    GOOD(rig_key(rig, "choice:log_out"));
    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
    AT(rig, "main.menu");
}

/* S48, S58: a limit that the administrator has set is in force at once, over a restart too; above
 * it a supervisor is asked, and store and host know who it was. */
static void test_sale_above_the_limit(void **state)
{
    (void)state;
    struct rig *rig = with_administrator();
    set_limit(rig, "choice:limit_sale", "digit:1 digit:0 digit:0 ok");
    AT(rig, "parameters.list");
    assert_non_null(rig_line(rig, "PARAMETERS_SAVED"));
    cashier_in(rig);
    GOOD(rig_restart(rig));
    GOOD(rig_keys(rig, "choice:sale digit:1 digit:0 digit:0 ok"));
    AT(rig, "sale.present"); /* alone */
    GOOD(rig_keys(rig, "cancel clear digit:1 digit:2 digit:8 ok"));
    AT(rig, "approve.password");
    assert_non_null(strstr(rig_line(rig, "APPROVE_SALE"), "128.00"));
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "sale.amount");
    assert_string_equal(terminal_screen(rig->terminal)->field.value, "128");
    GOOD(rig_key(rig, "ok"));
    GOOD(rig_enter(rig, "8264")); /* not the cashier's own */
    AT(rig, "approve.password");
    GOOD(rig_enter(rig, "246813"));
    AT(rig, "sale.present");
    rig_card(rig, VAULT_CARD_READ, false);
    GOOD(rig_advance(rig, 300));
    AT(rig, "sale.approved");
    assert_string_equal(rig->row[rig->rows - 1].approver_id, "00"); /* in the 0200 */
    GOOD(rig_key(rig, "choice:next"));
    GOOD(rig_keys(rig, "digit:9 digit:9 ok")); /* the next one is nobody's but his own */
    rig_card(rig, VAULT_CARD_READ, false);
    GOOD(rig_advance(rig, 300));
    AT(rig, "sale.approved");
    assert_string_equal(rig->row[rig->rows - 1].approver_id, "");
    assert_int_equal(real_count(rig, "SELECT count(*) FROM payment WHERE operator_id = '01' AND"
                                     " approver_id = '00' AND amount_minor = 12800"),
                     1);
    assert_int_equal(real_count(rig, "SELECT count(*) FROM payment WHERE approver_id <> ''"), 1);
    GOOD(rig_keys(rig, "ok choice:records choice:query choice:row_1"));
    assert_non_null(strstr(rig_line(rig, "QUERY_APPROVER"), "00"));
    rig_check_books(rig);
    rig_free(rig);
}

/* S58: never above what a supervisor may approve; 0 asks him each time; nothing typed is no 0. */
static void test_parameters(void **state)
{
    (void)state;
    struct rig *rig = with_administrator();
    set_limit(rig, "choice:limit_refund", "digit:5 digit:0 digit:0 digit:0 digit:1 ok");
    AT(rig, "parameters.value");
    assert_non_null(strstr(rig_line(rig, "PARAMETERS_HINT"), "50000.00"));
    GOOD(rig_keys(rig, "clear ok"));
    AT(rig, "parameters.value");
    GOOD(rig_keys(rig, "digit:2 digit:0 point digit:5 ok"));
    AT(rig, "parameters.list");
    assert_int_equal(rig->terminal->limits.cashier[LIMIT_REFUND], 2050);
    GOOD(rig_keys(rig, "choice:limit_discount digit:5 digit:1 ok"));
    AT(rig, "parameters.value");
    GOOD(rig_keys(rig, "clear digit:1 digit:0 ok"));
    assert_int_equal(rig->terminal->limits.cashier[LIMIT_DISCOUNT], 10);
    GOOD(rig_keys(rig, "choice:limit_sale digit:0 ok"));
    AT(rig, "parameters.list");
    GOOD(rig_keys(rig, "choice:limit_sale digit:9 cancel"));
    assert_int_equal(rig->terminal->limits.cashier[LIMIT_SALE], 0);
    assert_false(rig_has_choice(rig, "limit_void", true));
    assert_int_equal(real_count(rig, "SELECT count(*) FROM audit WHERE event = 'parameter_set'"),
                     3);
    cashier_in(rig);
    GOOD(rig_keys(rig, "choice:sale digit:1 ok"));
    AT(rig, "approve.password");
    /* What is in the store and not of ours stops the terminal, as any damage does. */
    GOOD(store_exec(rig->store, "UPDATE parameter SET value = 999999999999"));
    rig_off(rig);
    assert_int_equal(rig_boot(rig).code, ERR_CORRUPT);
    rig_free(rig);
}

/* ---- the report by operator (S56) ---- */

static void sell(struct rig *rig, const char *amount, bool by_code, const char *code)
{
    char keys[80];
    memcpy(rig->code, code, 3);
    snprintf(keys, sizeof keys, "choice:sale %s ok", amount);
    GOOD(rig_keys(rig, keys));
    AT(rig, "sale.present");
    if (by_code) {
        GOOD(terminal_on_code(rig->terminal, BYTES("134567890123456789")));
    } else {
        rig_card(rig, VAULT_CARD_READ, false);
    }
    GOOD(rig_advance(rig, 300));
    GOOD(rig_key(rig, "ok"));
    AT(rig, "main.menu");
}

static void change_to(struct rig *rig, const char *keys, const char *password)
{
    GOOD(rig_keys(rig, "cancel choice:log_out"));
    GOOD(rig_login_as(rig, keys, password));
    AT(rig, "main.menu");
}

/* Statements are kept by the address of their text: a literal each. */
#define OF_STORE(what, operator_id)                                                    \
    "SELECT " what " FROM payment WHERE state = 3 AND operator_id = '" operator_id "'" \
    " AND created_ms >= (SELECT signed_in_ms FROM state)"

/* What the screen says of an operator is what his rows add up to. */
static void check_row(struct rig *rig, const char *operator_id, const char *count_sql,
                      const char *sum_sql)
{
    char wanted[80];
    const struct screen *s = terminal_screen(rig->terminal);
    struct writer w = writer_over(wanted, sizeof wanted - 1);
    write_format(&w, "Operator %s\nPayments: %lld  RMB %s", operator_id,
                 (long long)real_count(rig, count_sql), amount_text(real_count(rig, sum_sql)).text);
    wanted[w.len] = '\0';
    bool found = false;
    for (size_t i = 0; i < s->choice_count; i++)
        found = found || strcmp(s->choice[i].text, wanted) == 0;
    assert_true(found);
}

#define CHECK_ROW(rig, id) \
    check_row(rig, id, OF_STORE("count(*)", id), OF_STORE("sum(amount_minor)", id))

static void test_report(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(rig_keys(rig, "language choice:records choice:report"));
    AT(rig, "report.list");
    assert_non_null(rig_line(rig, "REPORT_EMPTY"));
    GOOD(rig_keys(rig, "cancel cancel"));
    sell(rig, "digit:1 digit:2 digit:8", false, "00");
    sell(rig, "digit:5 point digit:5", true, "00");
    sell(rig, "digit:7", false, "51"); /* declined: brings nothing */
    change_to(rig, "digit:0 digit:2 ok", "9375");
    sell(rig, "digit:2 digit:0", false, "00");
    rig->mood = RIG_SILENT; /* reversed: brings nothing */
    GOOD(rig_sale(rig));
    GOOD(rig_key(rig, "cancel"));
    rig->mood = RIG_ANSWER;
    GOOD(rig_advance(rig, 100));
    GOOD(rig_keys(rig, "cancel choice:records choice:report"));
    AT(rig, "report.list");
    CHECK_ROW(rig, "01");
    CHECK_ROW(rig, "02");
    assert_non_null(strstr(rig_line(rig, "REPORT_TOTAL"), "153.50"));
    assert_int_equal(real_count(rig, OF_STORE("sum(amount_minor)", "01")) +
                         real_count(rig, OF_STORE("sum(amount_minor)", "02")),
                     15350);

    GOOD(rig_key(rig, "choice:id_01"));
    AT(rig, "report.operator");
    int printed = rig->printed;
    GOOD(rig_key(rig, "choice:print"));
    AT(rig, "report.operator");
    assert_int_equal(rig->printed, printed + 1);
    static const char *const lines[] = {
        "操作员报表 OPERATOR REPORT\n",
        "操作员 01\n",
        "消费 SALE 银行卡 CARD\n  1 笔                RMB 128.00\n",
        "消费 SALE 扫码 CODE\n  1 笔                  RMB 5.50\n",
        "合计 TOTAL  2 笔      RMB 133.50\n",
        "失败 DECLINED  1 笔\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        assert_non_null(strstr(rig->printed_all, lines[i]));
    assert_null(strstr(rig->printed_all, "REVERSED"));
    assert_int_equal(real_count(rig, "SELECT count(*) FROM audit WHERE event = 'report_printed'"),
                     1);
    GOOD(rig_keys(rig, "cancel choice:id_02 choice:print"));
    assert_non_null(strstr(rig->printed_all, "冲正 REVERSED  1 笔\n"));
    rig_check_books(rig);

    /* The next sign-in begins anew; a restart in between loses nothing. */
    GOOD(rig_restart(rig));
    GOOD(rig_keys(rig, "choice:records choice:report"));
    CHECK_ROW(rig, "01");
    GOOD(rig_advance(rig, 2000));
    GOOD(rig_keys(rig, "cancel cancel choice:manage choice:sign_in ok cancel"));
    GOOD(rig_keys(rig, "choice:records choice:report"));
    assert_non_null(rig_line(rig, "REPORT_EMPTY"));
    rig_free(rig);
}

/* More operators than a page holds: all are there, each once. */
static void test_report_pages(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    int seen = 0;
    sell(rig, "digit:1", false, "00");
    for (int id = 2; id <= 15; id++) { /* as operator 01 did */
        char sql[512];
        snprintf(sql, sizeof sql,
                 "CREATE TEMP TABLE copy AS SELECT * FROM payment WHERE number = 1;"
                 "UPDATE copy SET number = number + %d, stan = stan + %d, operator_id = '%02d';"
                 "INSERT INTO payment SELECT * FROM copy; DROP TABLE copy",
                 id, id, id);
        GOOD(store_exec(rig->store, sql));
    }
    GOOD(rig_keys(rig, "choice:records choice:report"));
    assert_non_null(strstr(rig_line(rig, "REPORT_TOTAL"), "15.00"));
    for (;;) {
        const struct screen *s = terminal_screen(rig->terminal);
        for (size_t i = 0; i < s->choice_count; i++) {
            if (strncmp(s->choice[i].key, "id_", 3) != 0) continue;
            assert_int_equal(operator_number(s->choice[i].key + 3), ++seen);
        }
        if (!rig_has_choice(rig, "more", true)) break;
        GOOD(rig_key(rig, "choice:more"));
    }
    assert_int_equal(seen, 15);
    GOOD(rig_key(rig, "choice:first"));
    assert_true(rig_has_choice(rig, "id_01", true));
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_every_kind_has_a_row),
        cmocka_unit_test(test_no_leave_no_money),
        cmocka_unit_test(test_each_override),
        cmocka_unit_test(test_sale_above_the_limit),
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_report),
        cmocka_unit_test(test_report_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
