/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An order paid in parts: cash, card and code; what is declined or reversed leaves it open; given
 * up, every paid part goes back; and wherever the power is cut, what is paid of it is what its
 * payments say. Capability: S84.
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

/* An order of 300 yuan, on its own screen. */
static err begin(struct rig *rig)
{
    return rig_keys(rig, "choice:sale digit:3 digit:0 digit:0 ok choice:split");
}

/* A part of 100 in cash; the order is on the screen again. */
static err by_cash(struct rig *rig)
{
    return rig_keys(rig, "digit:1 digit:0 digit:0 ok choice:cash ok choice:next");
}

static err by_card(struct rig *rig, const char *keys)
{
    TRY(rig_keys(rig, keys));
    rig_card(rig, VAULT_CARD_READ, false);
    return rig_advance(rig, 300);
}

static err by_code(struct rig *rig, const char *keys)
{
    TRY(rig_keys(rig, keys));
    TRY(terminal_on_code(rig->terminal, BYTES("280000000000000000")));
    return rig_pump(rig);
}

static const char paid_sum[] =
    "SELECT coalesce(sum(amount_minor * CASE type WHEN 1 THEN 1 ELSE -1 END), 0) FROM payment"
    " WHERE state = 3 AND order_number = 1";

/* Three parts, three means: slips of each and of the whole, and nothing said that did not come. */
static void test_three_means(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(begin(rig));
    AT(rig, "split.order");
    assert_string_equal(rig_line(rig, "SPLIT_REST"), "还差\t300.00 元");
    assert_int_equal(number(rig, "SELECT count(*) FROM orders"), 0);
    GOOD(rig_keys(rig, "digit:1 digit:0 digit:0 ok"));
    AT(rig, "sale.present");
    assert_false(rig_has_choice(rig, "split", true)); /* a part is not split again */
    assert_int_equal(number(rig, "SELECT total_minor FROM orders WHERE state = 1"), 30000);
    GOOD(rig_keys(rig, "choice:cash ok"));
    AT(rig, "sale.approved");
    GOOD(rig_key(rig, "choice:next"));
    AT(rig, "split.order");
    assert_string_equal(rig_line(rig, "SPLIT_REST"), "还差\t200.00 元");
    assert_non_null(rig_line(rig, "SPLIT_PART"));
    GOOD(by_card(rig, "digit:5 digit:0 ok"));
    AT(rig, "sale.approved");
    assert_int_equal(rig->row[0].amount, 5000);
    GOOD(rig_key(rig, "ok"));
    assert_string_equal(rig_line(rig, "SPLIT_REST"), "还差\t150.00 元");
    GOOD(by_code(rig, "ok")); /* all of the rest */
    AT(rig, "sale.approved");
    assert_string_equal(rig->spoken_text, "收款到账 150 元");
    GOOD(rig_key(rig, "choice:next"));
    AT(rig, "split.paid");
    assert_true(printed(rig, "订单结清单 ORDER 000001") && printed(rig, "PAID IN FULL"));
    assert_true(printed(rig, "现金 CASH") && printed(rig, "扫码 CODE"));
    assert_true(printed(rig, "银行卡 CARD") && printed(rig, "RMB 300.00"));
    assert_int_equal(rig->sales_seen, 2);
    assert_int_equal(number(rig, "SELECT count(*) FROM orders WHERE state = 3 AND ended_ms > 0"),
                     1);
    assert_int_equal(number(rig, paid_sum), 30000);
    GOOD(rig_key(rig, "ok"));
    AT(rig, "main.menu");
    assert_false(rig_has_choice(rig, "order", true));
    rig_check_books(rig);
    rig_free(rig);
}

/* What is bought, and a tip, belong to the order: they are on its slip and on no part's. */
static void test_goods(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(begin(rig));
    GOOD(basket_add(&rig->terminal->work.basket, "牛肉面", 27000));
    rig->terminal->order.tip_minor = 3000;
    GOOD(rig_keys(rig, "digit:1 digit:0 digit:0 ok choice:cash ok"));
    assert_false(printed(rig, "牛肉面"));
    GOOD(rig_restart(rig));
    GOOD(rig_keys(rig, "choice:order ok choice:cash ok ok"));
    AT(rig, "split.paid");
    assert_true(printed(rig, "牛肉面") && printed(rig, "其中小费 TIP"));
    assert_true(printed(rig, "RMB 30.00") && printed(rig, "RMB 200.00"));
    rig_free(rig);
}

/* What cannot be a part is said; Cancel before the first goes back to the card with the amount. */
static void test_parts(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(begin(rig));
    GOOD(rig_keys(rig, "digit:3 digit:0 digit:1 ok"));
    assert_non_null(rig_line(rig, "SPLIT_OVER"));
    GOOD(rig_keys(rig, "clear digit:0 ok"));
    assert_non_null(rig_line(rig, "SALE_AMOUNT_ZERO"));
    assert_int_equal(number(rig, "SELECT count(*) FROM orders"), 0);
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "sale.present");
    rig_card(rig, VAULT_CARD_READ, false);
    GOOD(rig_advance(rig, 300));
    AT(rig, "sale.approved");
    assert_int_equal(rig->row[0].amount, 30000);
    home(rig);
    GOOD(begin(rig));
    for (int i = 0; i < 9; i++) GOOD(rig_keys(rig, "digit:1 ok choice:cash ok ok"));
    GOOD(rig_keys(rig, "digit:1 ok"));
    assert_non_null(strstr(rig_line(rig, "SPLIT_LAST"), "291.00"));
    GOOD(rig_keys(rig, "clear ok choice:cash ok ok"));
    AT(rig, "split.paid");
    /* Nothing paid, nothing keeps it open; an idle screen leaves nothing behind either. */
    home(rig);
    GOOD(begin(rig));
    GOOD(rig_keys(rig, "digit:1 ok cancel"));
    AT(rig, "split.order");
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "main.menu");
    assert_int_equal(number(rig, "SELECT count(*) FROM orders WHERE state = 4"), 1);
    GOOD(begin(rig));
    GOOD(rig_advance(rig, 61000));
    AT(rig, "main.menu");
    assert_false(rig_has_choice(rig, "order", true));
    rig_check_books(rig);
    rig_free(rig);
}

/* A part that is declined, and one without an answer, leave the order as it was. */
static void test_failed_parts(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(begin(rig));
    GOOD(by_cash(rig));
    memcpy(rig->code, "51", 3);
    GOOD(by_card(rig, "digit:5 digit:0 ok"));
    AT(rig, "sale.declined");
    memcpy(rig->code, "00", 3);
    GOOD(rig_key(rig, "choice:next"));
    assert_string_equal(rig_line(rig, "SPLIT_REST"), "还差\t200.00 元");
    rig->mood = RIG_SILENT;
    GOOD(by_card(rig, "digit:5 digit:0 ok"));
    GOOD(rig_advance(rig, 61000));
    AT(rig, "sale.reversed");
    rig->mood = RIG_ANSWER;
    GOOD(rig_key(rig, "choice:next"));
    assert_string_equal(rig_line(rig, "SPLIT_REST"), "还差\t200.00 元");
    GOOD(by_card(rig, "ok"));
    GOOD(rig_key(rig, "ok"));
    AT(rig, "split.paid");
    assert_int_equal(number(rig, paid_sum), 30000);
    home(rig);
    rig_check_books(rig);
    rig_free(rig);
}

/* It waits on the main screen, over a restart and for another operator; meanwhile there is neither
 * another sale nor a settlement. */
static void test_left_open(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(begin(rig));
    GOOD(by_cash(rig));
    home(rig);
    assert_non_null(strstr(rig_line(rig, "MAIN_ORDER"), "还差 200.00 元"));
    GOOD(rig_key(rig, "choice:sale"));
    AT(rig, "need.order");
    GOOD(rig_key(rig, "choice:order"));
    AT(rig, "split.order");
    home(rig);
    GOOD(rig_keys(rig, "choice:manage choice:settle"));
    AT(rig, "need.order");
    home(rig);
    GOOD(rig_restart(rig));
    home(rig);
    GOOD(rig_keys(rig, "cancel choice:log_out"));
    GOOD(rig_panel_open(rig));
    GOOD(rig_login_as(rig, "digit:0 digit:2 ok", "9375"));
    GOOD(rig_key(rig, "choice:order"));
    AT(rig, "split.order");
    GOOD(by_card(rig, "ok"));
    GOOD(rig_key(rig, "ok"));
    AT(rig, "split.paid");
    home(rig);
    assert_int_equal(number(rig, "SELECT count(DISTINCT operator_id) FROM payment"), 2);
    GOOD(rig_keys(rig, "choice:manage choice:settle"));
    AT(rig, "settle.ask");
    rig_free(rig);
}

/* Gives the part on the screen back, whatever it was paid with. */
static err give_back(struct rig *rig)
{
    TRY(rig_key(rig, "choice:back"));
    if (strcmp(rig_id(rig), "approve.password") != 0) return OK;
    TRY(rig_enter(rig, "246813"));
    if (strcmp(rig_id(rig), "cash.give") == 0) TRY(rig_key(rig, "ok"));
    if (strcmp(rig_id(rig), "sale.present") == 0) {
        rig_card(rig, VAULT_CARD_READ, false);
        TRY(rig_advance(rig, 300));
    }
    return rig_key(rig, "ok");
}

/* Given up: the newest first, each to where it came from, each with a supervisor; it can be left
 * and gone on with. */
static void test_given_up(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(begin(rig));
    GOOD(by_cash(rig));
    GOOD(by_card(rig, "digit:5 digit:0 ok"));
    GOOD(rig_key(rig, "ok"));
    GOOD(by_code(rig, "digit:7 digit:0 ok"));
    GOOD(rig_keys(rig, "ok choice:give_up"));
    AT(rig, "split.back");
    assert_string_equal(rig_line(rig, "SPLIT_LEFT"), "还要退回\t3 笔");
    assert_string_equal(rig_line(rig, "SALE_TOTAL"), "￥70.00");
    GOOD(give_back(rig));
    AT(rig, "split.back");
    assert_int_equal(rig->last_type, PAYMENT_VOID);
    assert_string_equal(rig_line(rig, "SPLIT_LEFT"), "还要退回\t2 笔");
    memcpy(rig->code, "51", 3); /* refused: it still stands */
    GOOD(give_back(rig));
    memcpy(rig->code, "00", 3);
    assert_string_equal(rig_line(rig, "SPLIT_LEFT"), "还要退回\t2 笔");
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "main.menu");
    assert_non_null(strstr(rig_line(rig, "MAIN_ORDER_BACK"), "150.00"));
    GOOD(rig_restart(rig));
    GOOD(rig_key(rig, "choice:order"));
    AT(rig, "split.back");
    GOOD(give_back(rig));
    GOOD(give_back(rig));
    AT(rig, "split.given_up");
    assert_int_equal(number(rig, paid_sum), 0);
    assert_int_equal(number(rig, "SELECT count(*) FROM orders WHERE state = 4"), 1);
    assert_int_equal(number(rig, "SELECT count(*) FROM payment WHERE type = 2 AND state = 3"
                                 " AND approver_id = '00'"),
                     3);
    home(rig);
    rig_check_books(rig);
    rig_free(rig);
}

/* A part in instalments is one as any other, and is voided as what it is. */
static void test_a_part_in_instalments(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(begin(rig));
    GOOD(by_cash(rig));
    GOOD(rig_keys(rig, "ok choice:instalment choice:n_0 choice:n_0"));
    AT(rig, "sale.present");
    rig_card(rig, VAULT_CARD_READ, false);
    rig->card_pan = "620001******0012";
    memcpy(rig->code, "51", 3);
    GOOD(rig_advance(rig, 300));
    AT(rig, "sale.declined");
    memcpy(rig->code, "00", 3);
    GOOD(rig_keys(rig, "choice:next digit:1 digit:5 digit:0 ok choice:instalment choice:n_0"));
    GOOD(rig_key(rig, "choice:n_0"));
    rig_card(rig, VAULT_CARD_READ, false);
    rig->card_pan = "620001******0012";
    GOOD(rig_advance(rig, 300));
    AT(rig, "sale.approved");
    assert_int_equal(rig->last_type, PAYMENT_INSTALMENT);
    GOOD(rig_key(rig, "choice:next"));
    assert_string_equal(rig_line(rig, "SPLIT_REST"), "还差\t50.00 元");
    GOOD(rig_keys(rig, "choice:give_up choice:back"));
    GOOD(rig_enter(rig, "246813"));
    rig_card(rig, VAULT_CARD_READ, false);
    rig->card_pan = "620001******0012";
    GOOD(rig_advance(rig, 300));
    AT(rig, "sale.approved");
    assert_int_equal(rig->last_type, PAYMENT_INSTALMENT_VOID);
    GOOD(rig_key(rig, "ok"));
    AT(rig, "split.back");
    GOOD(give_back(rig));
    AT(rig, "split.given_up");
    GOOD(rig_key(rig, "ok"));
    rig_check_books(rig);
    rig_free(rig);
}

/* A part of a batch that is over cannot be voided: it goes back as a refund. */
static void test_given_up_in_another_batch(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(begin(rig));
    GOOD(by_card(rig, "digit:5 digit:0 ok"));
    home(rig);
    rig->terminal->records.batch = ++rig->host_batch; /* as a sign-in may say */
    GOOD(rig_keys(rig, "choice:order choice:give_up"));
    GOOD(give_back(rig));
    AT(rig, "split.given_up");
    assert_int_equal(rig->last_type, PAYMENT_REFUND);
    rig_free(rig);
}

/* S84: a part that another terminal has refunded is refused for ever; with a supervisor's yes the
 * order ends all the same, and the shop can sell and settle again. */
static void test_given_up_and_refused(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(begin(rig));
    GOOD(by_card(rig, "digit:5 digit:0 ok"));
    GOOD(rig_keys(rig, "ok choice:give_up"));
    AT(rig, "split.back");
    assert_false(rig_has_choice(rig, "leave", true)); /* not before it was tried */
    memcpy(rig->code, "B9", 3);
    GOOD(give_back(rig));
    memcpy(rig->code, "00", 3);
    AT(rig, "split.back");
    GOOD(rig_key(rig, "choice:leave"));
    AT(rig, "approve.password");
    GOOD(rig_enter(rig, "246813"));
    AT(rig, "split.given_up");
    assert_non_null(rig_line(rig, "SPLIT_ENDED"));
    assert_int_equal(number(rig, paid_sum), 5000);
    home(rig);
    GOOD(rig_key(rig, "choice:sale"));
    AT(rig, "sale.amount");
    rig_free(rig);
}

/* ---- its slip ---- */

/* Paid, and its slip handed to the printer. */
static struct rig *paid_order(void)
{
    struct rig *rig = rig_ready();
    rig_printer_tells(rig);
    GOOD(begin(rig));
    GOOD(rig_keys(rig, "digit:1 digit:0 digit:0 ok choice:cash ok choice:next"));
    GOOD(rig_keys(rig, "ok choice:cash ok choice:next"));
    AT(rig, "split.paid");
    assert_true(printed(rig, "PAID IN FULL"));
    GOOD(rig_key(rig, "ok"));
    AT(rig, "main.menu");
    assert_null(rig_line(rig, "MAIN_UNSURE_ORDER")); /* the printer has it */
    return rig;
}

/* It waits for paper, and the power goes: named, and printed as what it may be, a second one. */
static void a_slip_that_waits_for_paper(void **state)
{
    (void)state;
    struct rig *rig = paid_order();
    for (int i = 0; i < 2; i++) {
        int printed_before = rig->printed;
        GOOD(rig_restart(rig));
        AT(rig, "main.menu");
        assert_int_equal(rig->printed, printed_before); /* never by itself */
        assert_string_equal(
            rig_line(rig, "MAIN_UNSURE_ORDER"),
            "订单 000001 的结清单可能没有打完，共 300.00 元，请看一下；没有时请打印。");
        GOOD(rig_key(rig, "choice:refusal"));
        assert_int_equal(rig->printed, printed_before + 1);
        assert_true(printed(rig, "订单结清单 ORDER 000001") && printed(rig, "DUPLICATE"));
        assert_true(printed(rig, "PAID IN FULL") && printed(rig, "RMB 300.00"));
        assert_null(rig_line(rig, "MAIN_UNSURE_ORDER"));
    }
    GOOD(terminal_on_unsure_slip(rig->terminal, -1)); /* paper ran out under it */
    assert_non_null(rig_line(rig, "MAIN_UNSURE_ORDER"));
    GOOD(rig_key(rig, "choice:refusal"));
    GOOD(terminal_on_printed_slip(rig->terminal, -1));
    assert_int_equal(number(rig, "SELECT count(*) FROM order_slip"), 0);
    GOOD(rig_restart(rig));
    assert_null(rig_line(rig, "MAIN_UNSURE_ORDER"));
    rig_free(rig);
}

/* It is on paper, and nothing is owed: neither now nor after a restart. */
static void a_slip_that_came_out(void **state)
{
    (void)state;
    struct rig *rig = paid_order();
    GOOD(terminal_on_printed_slip(rig->terminal, 0)); /* a report */
    GOOD(terminal_on_printed_slip(rig->terminal, 1)); /* the slip of a part */
    assert_int_equal(number(rig, "SELECT count(*) FROM order_slip"), 1);
    GOOD(terminal_on_printed_slip(rig->terminal, -1));
    assert_int_equal(number(rig, "SELECT count(*) FROM order_slip"), 0);
    int before = rig->printed;
    GOOD(rig_restart(rig));
    assert_null(rig_line(rig, "MAIN_UNSURE_ORDER"));
    assert_int_equal(rig->printed, before);
    rig_free(rig);
}

/* ---- power ---- */

/* Two parts, then it is given up; ends early when the store is gone. */
static err scenario(struct rig *rig)
{
    TRY(begin(rig));
    TRY(by_cash(rig));
    TRY(by_card(rig, "digit:5 digit:0 ok"));
    TRY(rig_advance(rig, 62000));
    if (strcmp(rig_id(rig), "main.menu") == 0) TRY(rig_key(rig, "choice:order"));
    else TRY(rig_key(rig, "ok"));
    TRY(rig_key(rig, "choice:give_up"));
    for (int i = 0; i < 4 && strcmp(rig_id(rig), "split.back") == 0; i++) TRY(give_back(rig));
    return rig_key(rig, "ok");
}

/* Two parts that pay it. */
static err to_its_end(struct rig *rig)
{
    TRY(begin(rig));
    TRY(by_cash(rig));
    TRY(by_card(rig, "ok"));
    TRY(rig_advance(rig, 20000));
    return rig_keys(rig, "ok ok");
}

/* What the main screen offers is gone on with until nothing is open. */
static void finish(struct rig *rig)
{
    GOOD(rig_restart(rig));
    GOOD(rig_advance(rig, 20000));
    for (int i = 0; i < 12; i++) {
        if (strcmp(rig_id(rig), "split.back") == 0) GOOD(give_back(rig));
        else if (strcmp(rig_id(rig), "split.order") == 0) GOOD(rig_keys(rig, "ok choice:cash ok"));
        else if (strcmp(rig_id(rig), "main.menu") != 0) GOOD(rig_key(rig, "cancel"));
        else if (rig_has_choice(rig, "order", true)) GOOD(rig_key(rig, "choice:order"));
        else break;
    }
    AT(rig, "main.menu");
    assert_int_equal(number(rig, "SELECT count(*) FROM orders WHERE state < 3"), 0);
}

/* F-09: every call of the store in turn, whatever the host does with the card. */
static void cut(err (*run)(struct rig *rig), enum rig_mood mood, int *cuts)
{
    for (int at = 0;; at++) {
        struct rig *rig = rig_ready();
        struct fuse fuse = {.left = at};
        rig->mood = mood;
        rig_set_fault(rig, burn, &fuse);
        err e = run(rig);
        assert_int_equal(FAILED(e), fuse.blown);
        rig_set_fault(rig, NULL, NULL);
        rig->mood = RIG_ANSWER;
        finish(rig);
        bool whole = number(rig, "SELECT count(*) FROM orders WHERE state = 3") == 1;
        assert_int_equal(number(rig, paid_sum), whole ? 30000 : 0);
        if (whole) assert_true(number(rig, "SELECT total_minor FROM orders") == 30000);
        /* Its slip is out, or it is said that it may not be. */
        if (whole)
            assert_true(rig->orders_printed == 1 || rig->terminal->records.doubted.number == -1);
        assert_true(rig->orders_printed <= 1);
        assert_true(number(rig, "SELECT count(*) FROM orders") <= 1);
        rig_check_books(rig);
        rig_free(rig);
        if (!fuse.blown) break;
        ++*cuts;
    }
}

static void test_power_cut(void **state)
{
    (void)state;
    static const enum rig_mood moods[] = {RIG_ANSWER, RIG_SILENT, RIG_DROP};
    int cuts = 0;
    for (size_t i = 0; i < ARRAY_LEN(moods); i++) cut(scenario, moods[i], &cuts);
    cut(to_its_end, RIG_ANSWER, &cuts);
    print_message("%d power cuts\n", cuts);
    assert_true(cuts > 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_three_means),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_goods),
        cmocka_unit_test(test_failed_parts),
        cmocka_unit_test(test_left_open),
        cmocka_unit_test(test_given_up),
        cmocka_unit_test(test_given_up_in_another_batch),
        cmocka_unit_test(test_a_part_in_instalments),
        cmocka_unit_test(test_given_up_and_refused),
        cmocka_unit_test(a_slip_that_waits_for_paper),
        cmocka_unit_test(a_slip_that_came_out),
        cmocka_unit_test(test_power_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
