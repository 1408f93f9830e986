/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes before the means of a sale: quick amounts, the calculator, the goods list with its
 * basket (S92), tips (S82), and how many touches it takes.
 */
#include "terminal/calculate.h"
#include "tests/unit/terminal_rig.h"

static void end(struct rig *rig)
{
    rig_check_books(rig);
    rig_free(rig);
}

/* As the administrator has set it. */
static void set(struct rig *rig, enum counter_setting setting, const char *name, int64_t value)
{
    GOOD(records_parameter_set(&rig->terminal->records, name, value, "00", ""));
    rig->terminal->counter.value[setting] = value;
}

static void stock(struct rig *rig, const char *text)
{
    struct goods_import done;
    GOOD(goods_import(&rig->terminal->records, bytes_text(text), "00", &done));
    assert_int_equal(done.verdict, GOODS_TAKEN);
}

static void swipe(struct rig *rig)
{
    AT(rig, "sale.present");
    rig_card(rig, VAULT_CARD_READ, false);
    GOOD(rig_advance(rig, 300));
    AT(rig, "sale.approved");
}

static const struct payment *last(struct rig *rig)
{
    return &rig->terminal->work.payment;
}

/* ---- the calculator, pure ---- */

static void test_calculate(void **state)
{
    (void)state;
    static const struct {
        const char *expression;
        enum calculate_verdict verdict;
        int64_t minor;
    } cases[] = {
        {"12.50*3+8", CALCULATE_GOOD, 4550},
        {"8+12.50*3", CALCULATE_GOOD, 4550},
        {"0.10+0.20", CALCULATE_GOOD, 30},
        {"0.1*3", CALCULATE_GOOD, 30},
        {"100-0.01", CALCULATE_GOOD, 9999},
        {"12.34*1.25", CALCULATE_GOOD, 1543}, /* 15.425: half a fen goes up */
        {"0.05*0.1", CALCULATE_GOOD, 1},      /* half a fen */
        {"0.05*0.09", CALCULATE_TOO_LITTLE, 0},
        {"0.04*0.1+0.01", CALCULATE_GOOD, 1}, /* rounded once, at the end */
        {"0.04*0.1+0.04*0.1", CALCULATE_GOOD, 1},
        {"19.99*0.95*3", CALCULATE_GOOD, 5697},
        {"9999999.99", CALCULATE_GOOD, 999999999},
        {"9999999.99+0.01", CALCULATE_TOO_MUCH, 0},
        {"9999999.99*9999999.99", CALCULATE_TOO_MUCH, 0},
        {"9999999.99*9999999.99*9999999.99", CALCULATE_TOO_MUCH, 0},
        {"5-5", CALCULATE_TOO_LITTLE, 0},
        {"5-6", CALCULATE_TOO_LITTLE, 0},
        {"1*1*1*1", CALCULATE_FACTORS_MANY, 0},
        {"", CALCULATE_OPEN, 0},
        {"3+", CALCULATE_OPEN, 0},
        {"3*", CALCULATE_OPEN, 0},
        {"3.", CALCULATE_GOOD, 300},
        {"+3", CALCULATE_MALFORMED, 0},
        {"3++4", CALCULATE_MALFORMED, 0},
        {"3/4", CALCULATE_MALFORMED, 0},
        {"1.234", CALCULATE_MALFORMED, 0},
        {"1e3", CALCULATE_MALFORMED, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t minor = -7;
        if (calculate(cases[i].expression, &minor) != cases[i].verdict)
            fail_msg("%s", cases[i].expression);
        assert_int_equal(minor, cases[i].verdict == CALCULATE_GOOD ? cases[i].minor : -7);
    }
}

/* Whatever is touched, what stands there is a beginning of a sum or a sum. */
static void test_calculator_keys(void **state)
{
    (void)state;
    static const struct {
        const char *keys, *made;
    } cases[] = {{"12.50*3+8", "12.50*3+8"},
                 {"+-*5", "5"},
                 {"5+-*2", "5*2"},
                 {"007", "7"},
                 {".5", "0.5"},
                 {"1.2.3", "1.23"},
                 {"1.234", "1.23"},
                 {"12345678", "1234567"},
                 {"5+.5", "5+0.5"},
                 {"0.0", "0.0"},
                 {"1.+2", "1.2"}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char sum[CALCULATE_MAX + 1] = "";
        for (const char *key = cases[i].keys; *key != '\0'; key++) calculate_key(sum, *key);
        assert_string_equal(sum, cases[i].made);
    }
    static const char all[] = "0123456789.+-*";
    uint32_t random = 7;
    for (int round = 0; round < 2000; round++) {
        char sum[CALCULATE_MAX + 1] = "";
        for (int i = 0; i < 60; i++) {
            int64_t minor;
            random = random * 1664525 + 1013904223;
            calculate_key(sum, all[(random >> 16) % (sizeof all - 1)]);
            assert_true(strlen(sum) <= CALCULATE_MAX);
            assert_true(calculate(sum, &minor) != CALCULATE_MALFORMED);
        }
    }
}

/* ---- at the counter ---- */

/* S92: a touch charges a quick amount; none is offered that nobody has set. */
static void test_quick(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    set(rig, COUNTER_QUICK_1, "quick_1", 1000);
    set(rig, COUNTER_QUICK_3, "quick_3", 2550);
    GOOD(rig_key(rig, "choice:sale"));
    assert_true(rig_has_choice(rig, "quick_1", true) && rig_has_choice(rig, "quick_3", true));
    assert_false(rig_has_choice(rig, "quick_2", true));
    assert_false(rig_has_choice(rig, "items", true)); /* there are none */
    GOOD(rig_key(rig, "choice:quick_2"));
    AT(rig, "sale.amount");
    GOOD(rig_key(rig, "choice:quick_3"));
    swipe(rig);
    assert_int_equal(last(rig)->amount_minor, 2550);
    end(rig);
}

/* Whatever a person does beside digits: keys of the screen, and holding a card to it. */
static int touches(struct rig *rig, const char *keys)
{
    int count = 0;
    for (const char *at = keys; *at != '\0'; at += *at == ' ') {
        size_t len = strcspn(at, " ");
        count += strncmp(at, "digit:", 6) != 0 && strncmp(at, "point", 5) != 0;
        at += len;
        if (*at == '\0') break;
    }
    GOOD(rig_keys(rig, keys));
    return count;
}

/* At most four touches from the main screen to an approved sale, three for a tap. S92 */
static void test_touches(void **state)
{
    (void)state;
    static const char *const ways[] = {"choice:sale digit:1 digit:8 ok",
                                       "choice:sale choice:quick_1"};
    struct rig *rig = rig_ready();
    set(rig, COUNTER_QUICK_1, "quick_1", 1000);
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        int tap = touches(rig, ways[i]) + 1; /* the card at the reader */
        swipe(rig);
        assert_true(tap <= 3);
        GOOD(rig_key(rig, "ok"));
        int pin = touches(rig, ways[i]) + 2; /* the card, and the ok behind the PIN */
        rig_card(rig, VAULT_CARD_READ, true);
        GOOD(rig_advance(rig, 300));
        AT(rig, "sale.pin");
        GOOD(rig_enter(rig, "135790"));
        AT(rig, "sale.approved");
        assert_true(pin <= 4);
        GOOD(rig_key(rig, "ok"));
        AT(rig, "main.menu");
    }
    end(rig);
}

/* S92: 12.50 x 3 + 8, seen while it is typed, charged by ok; what is no amount has its own words.
 */
static void test_calculator(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(rig_keys(rig, "choice:sale choice:calculator"));
    AT(rig, "sale.calculator");
    GOOD(rig_key(rig, "ok"));
    assert_non_null(rig_line(rig, "CALCULATOR_OPEN"));
    GOOD(rig_keys(
        rig, "digit:1 digit:2 point digit:5 choice:times digit:3 choice:minus digit:9 digit:9"));
    assert_non_null(rig_line(rig, "CALCULATOR_TOO_LITTLE"));
    GOOD(rig_key(rig, "ok"));
    AT(rig, "sale.calculator");
    GOOD(rig_keys(rig, "backspace backspace choice:plus digit:8"));
    assert_string_equal(rig_line(rig, "CALCULATOR_RESULT"), "￥45.50");
    GOOD(rig_key(rig, "ok"));
    swipe(rig);
    assert_int_equal(last(rig)->amount_minor, 4550);
    end(rig);
}

/* S92: goods into a basket, on the customer's screen, in the store with the payment, on the
 * receipt, and again after a restart and another price. */
static void test_goods(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    stock(rig, "牛肉面 18.00\n卤蛋 2.50\n\n  Oolong tea\t12\r\n");
    GOOD(rig_keys(rig, "choice:sale choice:items"));
    AT(rig, "sale.items");
    GOOD(rig_key(rig, "ok"));
    assert_non_null(rig_line(rig, "ITEMS_EMPTY"));
    GOOD(rig_keys(rig, "choice:row_1 choice:row_2 choice:row_2 choice:row_3 choice:row_99"));
    assert_string_equal(rig_line(rig, "SALE_TOTAL"), "￥35.00");
    GOOD(rig_key(rig, "choice:basket"));
    AT(rig, "sale.basket");
    GOOD(rig_keys(rig, "choice:row_3 cancel"));
    AT(rig, "sale.items");
    GOOD(rig_key(rig, "ok"));
    AT(rig, "sale.present");
    assert_string_equal(rig_line(rig, "ITEMS_SAID"), "牛肉面 × 1\t￥18.00");
    swipe(rig);
    assert_int_equal(last(rig)->amount_minor, 2300);
    assert_non_null(strstr(rig->printed_all, "牛肉面                     18.00\n"
                                             "卤蛋\n"
                                             "  2 x 2.50                  5.00\n"));
    assert_null(strstr(rig->printed_all, "Oolong"));
    int64_t number = rig->terminal->work.number;

    stock(rig, "卤蛋 3.00");
    GOOD(rig_restart(rig));
    struct receipt receipt;
    GOOD(terminal_receipt_text(rig->terminal, number, RECEIPT_MERCHANT_COPY, &receipt));
    bool seen = false;
    for (size_t i = 0; i < receipt.count; i++)
        seen |= strcmp(receipt.line[i].text, "  2 x 2.50                  5.00") == 0;
    assert_true(seen);
    end(rig);
}

/* Another amount drops the goods; the basket never says other than what is paid. */
static void test_basket_dropped(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    stock(rig, "卤蛋 2.50");
    GOOD(rig_keys(rig, "choice:sale choice:items choice:row_1 ok cancel"));
    AT(rig, "sale.amount");
    assert_non_null(rig_line(rig, "ITEMS_IN_BASKET"));
    GOOD(rig_keys(rig, "clear digit:7 ok"));
    assert_null(rig_line(rig, "ITEMS_SAID"));
    swipe(rig);
    assert_null(strstr(rig->printed_all, "卤蛋"));
    GOOD(rig_keys(rig, "choice:next choice:items choice:row_1 cancel"));
    AT(rig, "sale.amount");
    assert_int_equal(rig->terminal->work.basket.count, 0);
    GOOD(rig_keys(rig, "cancel"));
    end(rig);
}

static void test_full_basket(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    char text[1024];
    struct writer w = writer_over(text, sizeof text - 1);
    for (int i = 1; i <= BASKET_LINES + 1; i++) write_format(&w, "good %d 9999999.99\n", i);
    text[w.len] = '\0';
    stock(rig, text);
    GOOD(rig_keys(rig, "choice:sale choice:items choice:row_1 choice:row_1"));
    assert_non_null(rig_line(rig, "CALCULATOR_TOO_MUCH"));
    assert_int_equal(rig->terminal->work.basket.line[0].quantity, 1);

    struct basket basket = {0};
    char name[8] = "a";
    for (int i = 0; i < BASKET_LINES; i++, name[0]++) GOOD(basket_add(&basket, name, 100));
    assert_int_equal(basket_add(&basket, name, 100).code, ERR_FULL);
    assert_int_equal(basket_add(&basket, "a", 101).code, ERR_FULL);
    GOOD(basket_add(&basket, "a", 100));
    assert_int_equal(basket_minor(&basket), (BASKET_LINES + 1) * 100);
    basket_less(&basket, 0);
    basket_less(&basket, 0);
    assert_int_equal(basket.count, BASKET_LINES - 1);
    assert_string_equal(basket.line[0].name, "b");
    rig_free(rig);
}

/* ---- the list of goods ---- */

static err write_text(struct rig *rig, const char *text)
{
    return terminal_on_text(rig->terminal, terminal_screen(rig->terminal)->serial,
                            bytes_text(text));
}

static int64_t number(struct rig *rig, const char *sql)
{
    int64_t value;
    GOOD(store_query_int(rig->store, sql, &value));
    return value;
}

/* S92: the supervisor adds, changes, removes and imports; a cashier does not. */
static void test_goods_list(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(rig_keys(rig, "choice:manage choice:goods"));
    AT(rig, "need.manager");
    GOOD(rig_keys(rig, "cancel cancel cancel choice:log_out"));
    memcpy(rig->password[0], "246813", 7);
    GOOD(rig_login_as(rig, "digit:0 digit:0 ok", "246813"));
    GOOD(rig_keys(rig, "choice:manage choice:goods"));
    AT(rig, "goods.list");
    assert_non_null(rig_line(rig, "GOODS_NONE"));
    GOOD(rig_key(rig, "choice:add"));
    AT(rig, "goods.name");
    GOOD(write_text(rig, ""));
    assert_non_null(rig_line(rig, "GOODS_NO_NAME"));
    GOOD(terminal_on_text(rig->terminal, 1, BYTES("for another screen")));
    AT(rig, "goods.name");
    GOOD(write_text(rig, "卤蛋"));
    AT(rig, "goods.price");
    GOOD(rig_key(rig, "ok"));
    assert_non_null(rig_line(rig, "GOODS_BAD_PRICE"));
    GOOD(rig_keys(rig, "digit:2 point digit:5 ok"));
    AT(rig, "goods.list");
    assert_string_equal(rig_line(rig, "GOODS_SAVED"), "已保存：卤蛋");

    GOOD(rig_key(rig, "choice:import"));
    GOOD(write_text(rig, "牛肉面 18\n卤蛋 三块"));
    assert_string_equal(rig_line(rig, "GOODS_LINE"),
                        "第 2 行：末尾不是单价。请写成：品名 空格 单价。 什么都没有导入。");
    assert_int_equal(number(rig, "SELECT count(*) FROM good"), 1);
    GOOD(write_text(rig, " \n"));
    assert_non_null(rig_line(rig, "GOODS_NO_LINES"));
    GOOD(write_text(rig, "牛肉面 18\n卤蛋 3"));
    AT(rig, "goods.list");
    assert_string_equal(rig_line(rig, "GOODS_IMPORTED"), "已导入 2 种商品。");
    assert_int_equal(number(rig, "SELECT price_minor FROM good WHERE name = '卤蛋'"), 300);

    GOOD(rig_keys(rig, "choice:row_1 choice:name"));
    GOOD(write_text(rig, "牛肉面"));
    AT(rig, "goods.one");
    assert_non_null(rig_line(rig, "GOODS_TWICE"));
    assert_string_equal(rig_line(rig, "GOODS_ONE"), "卤蛋\t￥3.00");
    GOOD(rig_keys(rig, "choice:price digit:4 ok"));
    assert_string_equal(rig_line(rig, "GOODS_ONE"), "卤蛋\t￥4.00");
    GOOD(rig_keys(rig, "choice:remove cancel choice:remove choice:yes"));
    AT(rig, "goods.list");
    assert_int_equal(number(rig, "SELECT count(*) FROM good"), 1);
    assert_int_equal(number(rig, "SELECT count(*) FROM audit WHERE event LIKE 'good%'"), 4);
    end(rig);
}

/* Texts that are no list: the line and the reason, and nothing of it is taken. */
static void test_imports(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum goods_verdict verdict;
        size_t line;
    } cases[] = {
        {"tea", GOODS_NO_PRICE, 1},
        {"\n\n12.50", GOODS_NO_NAME, 3},
        {"tea 0", GOODS_BAD_PRICE, 1},
        {"tea 10000000", GOODS_BAD_PRICE, 1},
        {"tea 99999999999999999999", GOODS_BAD_PRICE, 1},
        {"tea 1.234", GOODS_NO_PRICE, 1},
        {"tea -1", GOODS_NO_PRICE, 1},
        {"tea 1\ntea 2", GOODS_TWICE, 2},
        {"a\x01"
         "b 1",
         GOODS_BAD_NAME, 1},
        {"a\xff 1", GOODS_BAD_NAME, 1},
        {"\xe5\x8d 1", GOODS_BAD_NAME, 1},
        {"一二三四五六七八九十一二三四五六七 1", GOODS_LONG_NAME, 1},
        {"abcdefghijklmnopqrstuvwxyz abcdefghi 1", GOODS_LONG_NAME, 1},
        {"abcdefghijklmnopqrstuvwxyz abcdefghijklmnopqrstuvwxyz 1", GOODS_LONG_NAME, 1},
    };
    struct rig *rig = rig_ready();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct goods_import done;
        GOOD(goods_import(&rig->terminal->records, bytes_text(cases[i].text), "00", &done));
        if (done.verdict != cases[i].verdict) fail_msg("%s: %d", cases[i].text, done.verdict);
        assert_int_equal(done.line, cases[i].line);
        assert_int_equal(done.count, 0);
        assert_int_equal(number(rig, "SELECT count(*) FROM good"), 0);
    }
    char text[GOODS_MAX * 16];
    struct writer w = writer_over(text, sizeof text - 1);
    struct goods_import done;
    for (int i = 0; i <= GOODS_MAX; i++) write_format(&w, "g%d 1\n", i);
    GOOD(goods_import(&rig->terminal->records, writer_view(&w), "00", &done));
    assert_int_equal(done.verdict, GOODS_FULL);
    assert_int_equal(done.line, GOODS_MAX + 1);
    rig_free(rig);
}

/* ---- tips ---- */

/* S82: by share, typed, or none; within the most; told, stored, printed apart, and in the totals.
 */
static void test_tips(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(rig_keys(rig, "choice:sale digit:8 ok"));
    AT(rig, "sale.present"); /* off as delivered */
    GOOD(rig_keys(rig, "cancel cancel"));
    set(rig, COUNTER_TIP, "tip", 1);

    GOOD(rig_keys(rig, "choice:sale digit:1 digit:2 digit:8 ok"));
    AT(rig, "sale.tip");
    GOOD(rig_key(rig, "choice:share_2"));
    assert_string_equal(rig_line(rig, "SALE_TOTAL"), "￥140.80");
    assert_string_equal(rig_line(rig, "GRATUITY_WITHIN"), "其中小费\t￥12.80");
    swipe(rig);
    assert_int_equal(last(rig)->amount_minor, 14080);
    assert_int_equal(last(rig)->tip_minor, 1280);
    assert_int_equal(rig->row[rig->rows - 1].amount, 14080);
    assert_int_equal(rig->row[rig->rows - 1].tip, 1280);
    assert_non_null(strstr(rig->printed_all, "金额 AMOUNT  RMB          128.00\n"
                                             "小费 TIPS                  12.80\n"
                                             "总计 TOTAL   RMB          140.80\n"));
    assert_int_equal(number(rig, "SELECT tip_minor FROM payment WHERE number = 1"), 1280);
    assert_int_equal(rig->terminal->records.batch_minor, 14080);

    /* Typed; back and none; more than the most, and a fen less than more. */
    GOOD(rig_keys(rig, "choice:next digit:1 digit:00 ok digit:3 digit:0 point digit:0 digit:1 ok"));
    assert_string_equal(rig_line(rig, "GRATUITY_OVER"), "小费最多 30.00 元。请减少。");
    GOOD(rig_keys(rig, "cancel"));
    AT(rig, "sale.amount");
    assert_string_equal(terminal_screen(rig->terminal)->field.value, "100.00");
    GOOD(rig_keys(rig, "ok digit:3 digit:0 ok"));
    assert_string_equal(rig_line(rig, "SALE_TOTAL"), "￥130.00");
    swipe(rig);
    GOOD(rig_keys(rig, "ok choice:records choice:query choice:row_1"));
    assert_string_equal(rig_line(rig, "GRATUITY_WITHIN"), "其中小费\t￥12.80");
    GOOD(rig_keys(rig, "cancel cancel cancel choice:sale digit:5 ok choice:none"));
    assert_null(rig_line(rig, "GRATUITY_WITHIN"));
    swipe(rig);
    assert_int_equal(last(rig)->tip_minor, 0);
    assert_int_equal(rig->row[rig->rows - 1].tip, 0);
    end(rig);
}

/* What a person may take is counted with the tip (S58). */
static void test_tip_counts_for_the_limit(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    set(rig, COUNTER_TIP, "tip", 1);
    rig->terminal->limits.cashier[LIMIT_SALE] = 10000;
    GOOD(rig_keys(rig, "choice:sale digit:1 digit:00 ok choice:none"));
    AT(rig, "sale.present");
    GOOD(rig_keys(rig, "cancel ok choice:share_1"));
    AT(rig, "approve.password");
    GOOD(rig_keys(rig, "cancel"));
    AT(rig, "sale.amount");
    GOOD(rig_keys(rig, "cancel"));
    end(rig);
}

/* The administrator sets each of them, within its bounds; a damaged store is refused. */
static void test_settings(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    memcpy(rig->password[99], "975310", 7);
    GOOD(rig_keys(rig, "cancel choice:log_out"));
    GOOD(rig_login_as(rig, "digit:9 digit:9 ok", "975310"));
    GOOD(rig_keys(rig, "choice:manage choice:parameters choice:counter choice:tip"));
    AT(rig, "parameters.counter");
    assert_int_equal(rig->terminal->counter.value[COUNTER_TIP], 1);
    GOOD(rig_keys(rig, "choice:tip_most digit:0 ok"));
    assert_non_null(rig_line(rig, "COUNTER_RANGE"));
    GOOD(rig_keys(rig, "clear digit:5 digit:1 ok"));
    assert_non_null(rig_line(rig, "COUNTER_RANGE"));
    GOOD(rig_keys(rig, "clear digit:2 digit:0 ok choice:quick_1 digit:1 digit:5 point digit:5 ok"));
    AT(rig, "parameters.counter");
    assert_non_null(rig_line(rig, "PARAMETERS_SAVED"));
    assert_int_equal(number(rig, "SELECT value FROM parameter WHERE name = 'quick_1'"), 1550);
    GOOD(rig_restart(rig));
    assert_int_equal(rig->terminal->counter.value[COUNTER_QUICK_1], 1550);
    assert_int_equal(rig->terminal->counter.value[COUNTER_TIP_MOST], 20);
    GOOD(store_exec(rig->store, "UPDATE parameter SET value = 99 WHERE name = 'tip_most'"));
    struct counter_settings settings;
    assert_int_equal(counter_load(&rig->terminal->records, &settings).code, ERR_CORRUPT);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calculate),      cmocka_unit_test(test_calculator_keys),
        cmocka_unit_test(test_quick),          cmocka_unit_test(test_touches),
        cmocka_unit_test(test_calculator),     cmocka_unit_test(test_goods),
        cmocka_unit_test(test_basket_dropped), cmocka_unit_test(test_full_basket),
        cmocka_unit_test(test_goods_list),     cmocka_unit_test(test_imports),
        cmocka_unit_test(test_tips),           cmocka_unit_test(test_tip_counts_for_the_limit),
        cmocka_unit_test(test_settings),
    };
    return cmocka_run_group_tests_name("terminal_counter", tests, NULL, NULL);
}
