/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cash: taken with change, given back by void and refund, never told to the host and in none of its
 * totals, counted at the end of a shift, whole wherever the power is cut. Capabilities: S83 S107.
 */
#include "tests/unit/terminal_fuse.h"
#include "tests/unit/terminal_rig.h"

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

static void home(struct rig *rig)
{
    for (int i = 0; i < 8 && strcmp(rig_id(rig), "main.menu") != 0; i++)
        GOOD(rig_key(rig, "cancel"));
    AT(rig, "main.menu");
}

/* 128 yuan, paid with 150. */
static err pay(struct rig *rig)
{
    TRY(rig_keys(rig, "choice:sale digit:1 digit:2 digit:8 ok choice:cash"));
    return rig_key(rig, "choice:given_15000");
}

static uint32_t paid(struct rig *rig)
{
    GOOD(pay(rig));
    AT(rig, "sale.approved");
    uint32_t stan = rig->terminal->work.payment.key.stan;
    home(rig);
    return stan;
}

static err type_voucher(struct rig *rig, uint32_t stan)
{
    char keys[32];
    snprintf(keys, sizeof keys, "digit:%u ok", stan);
    return rig_keys(rig, keys);
}

static void settle(struct rig *rig)
{
    home(rig);
    GOOD(rig_keys(rig, "choice:manage choice:settle choice:yes"));
    AT(rig, "settle.done");
}

/* What was put down, and the change; the host hears nothing, nobody is told that money came. */
static void test_change(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    rig->transcript[0] = '\0';
    GOOD(rig_keys(rig, "choice:sale digit:1 digit:2 digit:8 ok choice:cash"));
    AT(rig, "cash.given");
    assert_false(terminal_screen(rig->terminal)->card || terminal_screen(rig->terminal)->scan);
    assert_true(rig_has_choice(rig, "given_13000", true));
    assert_true(rig_has_choice(rig, "given_20000", true));
    GOOD(rig_keys(rig, "digit:1 digit:5 digit:0"));
    assert_string_equal(rig_line(rig, "CASH_CHANGE"), "找零\t￥22.00");
    GOOD(rig_key(rig, "ok"));
    AT(rig, "sale.approved");
    assert_string_equal(rig->transcript, "sale.amount sale.present cash.given sale.approved ");
    assert_string_equal(rig_line(rig, "CASH_CHANGE"), "找零\t￥22.00");
    assert_int_equal(rig->printed, 2);
    assert_true(printed(rig, "现金收款单 CASH RECEIPT") && printed(rig, "2030/04/25 12:30:00"));
    assert_true(printed(rig, "RMB 150.00") && printed(rig, "RMB 22.00"));
    assert_false(printed(rig, "卡号"));
    assert_int_equal(rig->sales_seen, 0);
    assert_int_equal(rig->envelopes, 0);
    assert_int_equal(rig->spoken, 0);
    assert_int_equal(number(rig, "SELECT count(*) FROM payment WHERE means = 4 AND state = 3"
                                 " AND amount_minor = 12800 AND given_minor = 15000"
                                 " AND local_date = '0425' AND local_time = '123000'"),
                     1);
    GOOD(rig_key(rig, "choice:next"));
    AT(rig, "sale.amount");
    GOOD(rig_keys(rig, "digit:7 ok choice:cash ok")); /* just what is due */
    assert_string_equal(rig_line(rig, "CASH_CHANGE"), "找零\t￥0.00");
    home(rig);
    rig_check_books(rig);
    rig_free(rig);
}

/* Cash needs no host: it is taken when the line is cut, and in a batch that goes on. */
static void test_host_away(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    rig->reachable = rig->online = false;
    GOOD(rig_pump(rig));
    paid(rig);
    assert_int_equal(rig_count_rows(rig), 1);
    rig->reachable = true;
    GOOD(rig_advance(rig, 62000));
    GOOD(rig_sale(rig));
    AT(rig, "sale.approved");
    home(rig);
    assert_int_equal(rig->terminal->records.batch_minor, 25600);
    rig_check_books(rig);
    rig_free(rig);
}

/* Too little and far too much are not taken; Cancel goes back to the card, with the same amount. */
static void test_refused(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(rig_keys(rig, "choice:sale digit:1 digit:2 digit:8 ok choice:cash"));
    int arms = rig->arms;
    GOOD(rig_keys(rig, "digit:1 digit:0 digit:0 ok"));
    assert_non_null(strstr(rig_line(rig, "CASH_SHORT"), "28.00"));
    GOOD(rig_keys(rig, "clear digit:1 digit:5 digit:0 digit:0 digit:0 ok"));
    assert_non_null(strstr(rig_line(rig, "CASH_TOO_MUCH"), "15000.00"));
    assert_int_equal(rig_count_rows(rig), 0);
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "sale.present");
    assert_int_equal(rig->arms, arms + 1);
    rig_card(rig, VAULT_CARD_READ, false);
    GOOD(rig_advance(rig, 300));
    AT(rig, "sale.approved");
    assert_int_equal(rig->row[0].amount, 12800);
    home(rig);
    GOOD(rig_keys(rig, "choice:sale digit:5 ok choice:cash cancel cancel"));
    AT(rig, "sale.amount");
    assert_string_equal(terminal_screen(rig->terminal)->field.value, "5");
    rig_free(rig);
}

/* A void and a refund: a supervisor says yes, the money is handed back, the host hears nothing. */
static void test_given_back(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    uint32_t first = paid(rig), second = paid(rig);
    GOOD(rig_key(rig, "choice:void"));
    GOOD(type_voucher(rig, first));
    AT(rig, "void.confirm");
    assert_non_null(rig_line(rig, "CASH_MEANS"));
    GOOD(rig_key(rig, "ok"));
    AT(rig, "approve.password");
    GOOD(rig_enter(rig, "246813"));
    AT(rig, "cash.give");
    assert_int_equal(rig_count_rows(rig), 2);
    GOOD(rig_key(rig, "ok"));
    AT(rig, "sale.approved");
    assert_true(printed(rig, "撤销单 VOID SLIP") && printed(rig, "-128.00"));
    assert_int_equal(number(rig, "SELECT count(*) FROM payment WHERE type = 2 AND means = 4 AND"
                                 " state = 3 AND approver_id = '00' AND original_stan > 0"),
                     1);
    home(rig);
    GOOD(rig_key(rig, "choice:void"));
    GOOD(type_voucher(rig, first));
    assert_non_null(rig_line(rig, "AFTER_VOIDED"));
    home(rig);
    settle(rig);
    home(rig);
    GOOD(rig_keys(rig, "choice:sign_in ok"));
    /* Of a batch that is over: its voucher finds it, for there is no reference. */
    GOOD(rig_keys(rig, "choice:refund choice:voucher"));
    GOOD(type_voucher(rig, second));
    AT(rig, "refund.amount");
    GOOD(rig_keys(rig, "digit:2 digit:8 ok"));
    GOOD(rig_enter(rig, "246813"));
    AT(rig, "cash.give");
    GOOD(rig_key(rig, "ok"));
    AT(rig, "sale.approved");
    assert_true(printed(rig, "退货单 REFUND SLIP") && printed(rig, "-28.00"));
    home(rig);
    GOOD(rig_keys(rig, "choice:refund choice:voucher"));
    GOOD(type_voucher(rig, second));
    GOOD(rig_keys(rig, "digit:1 digit:0 digit:1 ok")); /* 100 are left */
    assert_non_null(rig_line(rig, "REFUND_OVER"));
    assert_int_equal(rig->sales_seen, 0);
    rig_check_books(rig);
    rig_free(rig);
}

/* Settlement knows cards only; query, search and reprint know cash too. */
static void test_not_the_hosts(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    uint32_t stan = paid(rig);
    GOOD(rig_sale(rig));
    home(rig);
    paid(rig);
    GOOD(rig_keys(rig, "choice:records choice:query"));
    assert_string_equal(rig_line(rig, "QUERY_TOTAL"), "成功 3 笔\t384.00 元");
    GOOD(rig_key(rig, "choice:row_1"));
    assert_non_null(rig_line(rig, "CASH_MEANS"));
    GOOD(rig_key(rig, "choice:reprint"));
    assert_true(rig->printed_reprint && printed(rig, "CASH RECEIPT"));
    home(rig);
    GOOD(rig_keys(rig, "choice:records choice:search choice:voucher"));
    GOOD(type_voucher(rig, stan));
    assert_true(rig_has_choice(rig, "row_1", true));
    rig->settling.differs = true; /* every row is uploaded */
    settle(rig);
    assert_int_equal(rig->settling.said.side[PAYMENT_SIDE_DEBIT].count, 1);
    assert_int_equal(rig->settling.said.side[PAYMENT_SIDE_DEBIT].minor, 12800);
    assert_int_equal(rig->settling.rows, 1);
    assert_false(printed(rig, "CASH"));
    rig_free(rig);
}

/* A batch of nothing but cash is settled with nothing, and its shift has all of it. */
static void test_nothing_but_cash(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    paid(rig);
    settle(rig);
    assert_int_equal(rig->settling.said.side[PAYMENT_SIDE_DEBIT].count, 0);
    home(rig);
    GOOD(rig_keys(rig, "choice:sign_in ok"));
    AT(rig, "main.menu");
    rig_free(rig);
}

/* S107: the float, a reading, the count before anything is said, the difference in store and on
 * paper; the next shift begins without a float. */
static void test_count(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(rig_keys(rig, "choice:manage choice:shift choice:float ok"));
    assert_non_null(rig_line(rig, "SHIFT_COUNT_EMPTY"));
    GOOD(rig_keys(rig, "digit:2 digit:0 digit:0 ok"));
    AT(rig, "shift.one");
    assert_string_equal(rig_line(rig, "SHIFT_FLOAT_NOW"), "备用金\t200.00 元");
    home(rig);
    paid(rig);
    GOOD(rig_sale(rig));
    home(rig);
    GOOD(rig_restart(rig)); /* the float is in the store */
    GOOD(rig_keys(rig, "choice:manage choice:shift choice:x"));
    assert_true(printed(rig, "消费 SALE 现金 CASH") && printed(rig, "应有现金 EXPECTED"));
    assert_true(printed(rig, "RMB 328.00"));
    assert_false(printed(rig, "COUNTED"));
    GOOD(rig_key(rig, "choice:z"));
    AT(rig, "shift.count");
    assert_null(rig_line(rig, "SHIFT_EXPECTED"));
    GOOD(rig_keys(rig, "digit:3 digit:0 digit:0 ok"));
    AT(rig, "shift.ask");
    assert_string_equal(rig_line(rig, "SHIFT_EXPECTED"), "应有现金\t328.00 元");
    assert_string_equal(rig_line(rig, "SHIFT_UNDER"), "短款\t28.00 元");
    GOOD(rig_keys(rig, "choice:recount digit:3 digit:3 digit:0 ok"));
    assert_string_equal(rig_line(rig, "SHIFT_OVER"), "长款\t2.00 元");
    GOOD(rig_keys(rig, "choice:recount digit:3 digit:2 digit:0 ok choice:yes"));
    AT(rig, "shift.closed");
    assert_true(printed(rig, "清点现金 COUNTED") && printed(rig, "短款 SHORT"));
    assert_true(printed(rig, "RMB -8.00") && printed(rig, "RMB 256.00"));
    assert_int_equal(number(rig, "SELECT count(*) FROM shift WHERE float_minor = 20000 AND"
                                 " cash_minor = 12800 AND counted_minor = 32000"),
                     1);
    GOOD(rig_key(rig, "ok"));
    assert_null(rig_line(rig, "SHIFT_FLOAT_NOW"));
    GOOD(rig_keys(rig, "choice:old choice:z_1 choice:print"));
    assert_true(printed(rig, "重打印 DUPLICATE") && printed(rig, "RMB -8.00"));
    home(rig);
    GOOD(rig_sale(rig)); /* a shift without cash is closed as before */
    home(rig);
    GOOD(rig_keys(rig, "choice:manage choice:shift choice:z"));
    AT(rig, "shift.ask");
    rig_free(rig);
}

/* F-09: there is one row or none, and the slips are of that row. */
static void test_power_cut(void **state)
{
    (void)state;
    int cuts = 0;
    for (int at = 0;; at++) {
        struct rig *rig = rig_ready();
        struct fuse fuse = {.left = at};
        uint32_t stan = paid(rig);
        rig_set_fault(rig, burn, &fuse);
        err e = pay(rig);
        if (!FAILED(e)) e = rig_key(rig, "ok");
        if (!FAILED(e)) e = rig_key(rig, "choice:void");
        if (!FAILED(e)) e = type_voucher(rig, stan);
        if (!FAILED(e)) e = rig_key(rig, "ok");
        if (!FAILED(e)) e = rig_enter(rig, "246813");
        if (!FAILED(e)) e = rig_key(rig, "ok");
        assert_int_equal(FAILED(e), fuse.blown);
        rig_set_fault(rig, NULL, NULL);
        GOOD(rig_restart(rig));
        int64_t sales = number(rig, "SELECT count(*) FROM payment WHERE type = 1");
        int64_t voids = number(rig, "SELECT count(*) FROM payment WHERE type = 2");
        assert_true(sales == 1 || sales == 2);
        assert_true(voids == 0 || (voids == 1 && sales == 2));
        assert_int_equal(rig_count_rows(rig), number(rig, "SELECT count(*) FROM payment"
                                                          " WHERE state = 3 AND means = 4"));
        assert_int_equal(rig->terminal->records.batch_minor, 12800 * (sales - voids));
        GOOD(pay(rig));
        AT(rig, "sale.approved");
        rig_check_books(rig);
        rig_free(rig);
        if (!fuse.blown) break;
        cuts++;
    }
    assert_true(cuts > 15);
}

/* ---- touches ---- */

/* Keys that a person touches, without the digits of an amount and of a PIN. */
static err touch(struct rig *rig, const char *keys, int *touches)
{
    for (const char *at = keys; *at != '\0'; at++)
        if ((at == keys || at[-1] == ' ') && strncmp(at, "digit:", 6) != 0) ++*touches;
    return rig_keys(rig, keys);
}

/* From the main screen to an approved sale: at most four touches; three, the tap one of them. */
static void test_touches(void **state)
{
    (void)state;
    static const struct vault_chip tap[] = {
        {.state = VAULT_CHIP_ONLINE, .entry = 7, .field55 = BYTES("\x9F\x36\x02\x00\x07")},
        {.state = VAULT_CHIP_DONE, .entry = 7, .field55 = BYTES("\x9F\x36\x02\x00\x07")}};
    struct rig *rig = rig_ready();
    int touches = 1; /* the card on the reader */
    rig->chip = tap;
    GOOD(touch(rig, "choice:sale digit:9 ok", &touches));
    rig_card(rig, VAULT_CARD_CHIP, false);
    GOOD(rig_advance(rig, 300));
    AT(rig, "sale.approved");
    assert_true(touches <= 3);
    home(rig);

    touches = 2; /* the card through the reader, and OK behind its PIN */
    GOOD(touch(rig, "choice:sale digit:9 ok", &touches));
    rig_card(rig, VAULT_CARD_READ, true);
    GOOD(rig_advance(rig, 300));
    GOOD(rig_enter(rig, "135790"));
    AT(rig, "sale.approved");
    assert_true(touches <= 4);
    home(rig);

    touches = 1; /* the customer's code under the scanner */
    GOOD(touch(rig, "choice:sale digit:9 ok", &touches));
    GOOD(terminal_on_code(rig->terminal, BYTES("280000000000000000")));
    GOOD(rig_pump(rig));
    AT(rig, "sale.approved");
    assert_true(touches <= 4);
    home(rig);

    touches = 0;
    GOOD(touch(rig, "choice:sale digit:9 ok choice:cash choice:given_1000", &touches));
    AT(rig, "sale.approved");
    assert_true(touches <= 4);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_change),           cmocka_unit_test(test_refused),
        cmocka_unit_test(test_given_back),       cmocka_unit_test(test_not_the_hosts),
        cmocka_unit_test(test_nothing_but_cash), cmocka_unit_test(test_count),
        cmocka_unit_test(test_power_cut),        cmocka_unit_test(test_touches),
        cmocka_unit_test(test_host_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
