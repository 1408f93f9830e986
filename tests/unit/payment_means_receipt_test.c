/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The paper of other ways to pay, line by line: cash with its change and back again, a sale in
 * instalments, an order that was paid in parts, a shift whose drawer was counted. S83 S84 S85 S107
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/base/clock.h"
#include "payment/receipt.h"

#define RULE "--------------------------------"
#define HEAD                                                                  \
    RULE, "商户名称 MERCHANT NAME", "  巷口面馆", "商户编号 898310153110001", \
        "终端编号 10000017   操作员 01", RULE

static struct receipt made;

static struct payment sale(enum payment_means means)
{
    return (struct payment){
        .key = {.tid = "10000017", .batch = 12, .stan = 345},
        .type = PAYMENT_SALE,
        .state = PAYMENT_APPROVED,
        .means = means,
        .mid = "898310153110001",
        .operator_id = "01",
        .amount_minor = 12800,
        .currency = CURRENCY_CNY,
    };
}

static int64_t noon(void)
{
    return civil_to_ms((struct civil){2026, 11, 23, 12, 30, 15});
}

static void make(const struct payment *p, enum receipt_copy copy)
{
    struct receipt_context context = {
        .merchant_name = "巷口面馆", .copy = copy, .local_ms = noon()};
    assert_int_equal(receipt_make(p, &context, &made).code, ERR_OK);
}

static void lines_are(const char *const *expected, size_t count)
{
    for (size_t i = 0; i < count && i < made.count; i++) {
        if (strcmp(made.line[i].text, expected[i]) != 0) print_error("line %zu\n", i);
        assert_string_equal(made.line[i].text, expected[i]);
        assert_true(receipt_columns(made.line[i].text) <= made.columns);
    }
    assert_int_equal(made.count, count);
}
#define LINES_ARE(expected) lines_are(expected, ARRAY_LEN(expected))

/* No card, no reference, no signature; what was put down, and the change. */
static void cash(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "现金收款单 CASH RECEIPT",
        "商户存根           MERCHANT COPY",
        HEAD,
        "付款方式 PAID BY       现金 CASH",
        "交易类型 TXN TYPE      消费/SALE",
        "批次号 000012  凭证号 000345",
        "日期/时间 2026/11/23 12:30:15",
        "金额 AMOUNT  RMB          128.00",
        "实收 RECEIVED         RMB 150.00",
        "找零 CHANGE            RMB 22.00",
        RULE,
        "现金交易 无需签名",
    };
    struct payment p = sale(PAYMENT_CASH);
    p.given_minor = 15000;
    make(&p, RECEIPT_MERCHANT_COPY);
    LINES_ARE(expected);
}

static void cash_that_goes_back(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "撤销单 VOID SLIP",
        "持卡人存根       CARDHOLDER COPY",
        HEAD,
        "付款方式 PAID BY       现金 CASH",
        "交易类型 TXN TYPE  消费撤销/VOID",
        "批次号 000012  凭证号 000345",
        "日期/时间 2026/11/23 12:30:15",
        "原批次 000012 原凭证号 000344",
        "原交易日期 ORIG DATE 1123",
        "金额 AMOUNT  RMB         -128.00",
        RULE,
        "请妥善保管 PLEASE KEEP",
    };
    struct payment p = sale(PAYMENT_CASH);
    p.type = PAYMENT_VOID;
    p.original = (struct payment_original){.batch = 12, .stan = 344, .date = "1123"};
    make(&p, RECEIPT_CARDHOLDER_COPY);
    LINES_ARE(expected);
}

/* The longest plan there is fits its paper, whoever bears the fee. */
static void instalments(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "POS 签购单 SALES SLIP",
        "商户存根           MERCHANT COPY",
        HEAD,
        "卡号 CARD NO",
        "  620001******0012 /S",
        "交易类型 TXN TYPE",
        "            分期消费/INSTALMENTS",
        "有效期 EXP ****",
        "批次号 000012  凭证号 000345",
        "日期/时间 2026/11/23 12:30:15",
        "金额 AMOUNT  RMB        50000.00",
        "分期 24 期 首期 FIRST    2393.41",
        "以后每期 EACH            2393.33",
        "手续费 FEE               7440.00",
        "  持卡人承担 BORNE BY CARDHOLDER",
        RULE,
        "已凭密码确认",
        "NO SIGNATURE REQUIRED",
    };
    struct payment p = sale(PAYMENT_CARD);
    p.type = PAYMENT_INSTALMENT;
    p.entry = PAYMENT_ENTRY_SWIPE;
    p.pin_entered = true;
    p.amount_minor = 5000000;
    p.plan = instalment_plan(instalment_find(BYTES("620001"), 24, p.created_ms), p.amount_minor);
    memcpy(p.pan_masked, "620001******0012", 17);
    make(&p, RECEIPT_MERCHANT_COPY);
    LINES_ARE(expected);
    p.plan.by_merchant = true;
    make(&p, RECEIPT_MERCHANT_COPY);
    assert_string_equal(made.line[19].text, "  商户承担 BORNE BY MERCHANT");
}

static void an_order(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "订单结清单 ORDER 000007",
        RULE,
        "  巷口面馆",
        "商户编号 898310153110001",
        "终端编号 10000017   操作员 01",
        "时间 2026/11/23 12:30:15",
        RULE,
        "牛肉面                    270.00",
        RULE,
        "000345 现金 CASH      RMB 100.00",
        "000346 银行卡 CARD     RMB 50.00",
        "000347 收款码 SHOWN   RMB 150.00",
        RULE,
        "其中小费 TIP           RMB 30.00",
        "合计 TOTAL            RMB 300.00",
        "已付清 PAID IN FULL",
    };
    struct payment part[] = {sale(PAYMENT_CASH), sale(PAYMENT_CARD), sale(PAYMENT_SHOWN)};
    const struct payment *const parts[] = {&part[0], &part[1], &part[2]};
    struct basket basket = {0};
    struct receipt_order order = {.merchant_name = "巷口面馆",
                                  .mid = "898310153110001",
                                  .tid = "10000017",
                                  .operator_id = "01",
                                  .number = 7,
                                  .total_minor = 30000,
                                  .tip_minor = 3000,
                                  .basket = &basket,
                                  .local_ms = noon()};
    part[0].amount_minor = 10000;
    part[1].amount_minor = 5000;
    part[2].amount_minor = 15000;
    part[1].key.stan = 346;
    part[2].key.stan = 347;
    assert_int_equal(basket_add(&basket, "牛肉面", 27000).code, ERR_OK);
    assert_int_equal(receipt_order(&order, parts, 3, &made).code, ERR_OK);
    LINES_ARE(expected);
}

/* What should be there, what is, and the difference by its name. */
static void a_drawer_that_was_counted(void **state)
{
    (void)state;
    static const struct {
        int64_t counted;
        const char *line;
    } cases[] = {{32800, "差额 DIFFERENCE         RMB 0.00"},
                 {33000, "长款 OVER               RMB 2.00"},
                 {32000, "短款 SHORT             RMB -8.00"}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct receipt_report report = {
            .kind_of = RECEIPT_REPORT_Z,
            .number = 1,
            .merchant_name = "巷口面馆",
            .mid = "898310153110001",
            .tid = "10000017",
            .operator_id = "01",
            .kinds = 1,
            .kind = {{.type = PAYMENT_SALE, .means = PAYMENT_CASH, .count = 1, .minor = 12800}},
            .cash = true,
            .float_minor = 20000,
            .cash_minor = 12800,
            .counted_minor = cases[i].counted};
        assert_int_equal(receipt_report(&report, &made).code, ERR_OK);
        assert_string_equal(made.line[made.count - 1].text, cases[i].line);
        assert_string_equal(made.line[made.count - 3].text, "应有现金 EXPECTED     RMB 328.00");
        assert_string_equal(made.line[9].text, "消费 SALE 现金 CASH");
        report.kind_of = RECEIPT_REPORT_X; /* read, and nobody has counted */
        assert_int_equal(receipt_report(&report, &made).code, ERR_OK);
        assert_string_equal(made.line[made.count - 1].text, "应有现金 EXPECTED     RMB 328.00");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cash),
        cmocka_unit_test(cash_that_goes_back),
        cmocka_unit_test(instalments),
        cmocka_unit_test(an_order),
        cmocka_unit_test(a_drawer_that_was_counted),
    };
    return cmocka_run_group_tests_name("payment_means_receipt", tests, NULL, NULL);
}
