/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sale in instalments at the counter: whose card, how many periods, fee and months before the
 * card is taken; told to the host, on the slip, voided and refunded. Capability: S85.
 */
#include "tests/unit/terminal_rig.h"

static bool printed(const struct rig *rig, const char *text)
{
    return strstr(rig->printed_all, text) != NULL;
}

static void home(struct rig *rig)
{
    for (int i = 0; i < 8 && strcmp(rig_id(rig), "main.menu") != 0; i++)
        GOOD(rig_key(rig, "cancel"));
    AT(rig, "main.menu");
}

static err swipe(struct rig *rig, const char *masked)
{
    rig_card(rig, VAULT_CARD_READ, false);
    rig->card_pan = masked;
    return rig_advance(rig, 300);
}

/* 1,000 yuan in six months with the first issuer, before the card. */
static void choose(struct rig *rig)
{
    GOOD(rig_keys(rig, "choice:sale digit:1 digit:0 digit:0 digit:0 ok choice:instalment"));
    AT(rig, "instalment.issuer");
    GOOD(rig_key(rig, "choice:n_0"));
    AT(rig, "instalment.plan");
    GOOD(rig_key(rig, "choice:n_1"));
    AT(rig, "sale.present");
}

static uint32_t sold(struct rig *rig)
{
    choose(rig);
    GOOD(swipe(rig, "620001******0012"));
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

/* Every plan with its fee and months; the wrong card is told; what the host hears is the plan. */
static void test_plan(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(rig_keys(rig,
                  "choice:sale digit:1 digit:0 digit:0 digit:0 ok choice:instalment choice:n_0"));
    AT(rig, "instalment.plan");
    assert_string_equal(terminal_screen(rig->terminal)->choice[1].text,
                        "6 期  每期 174.16 元\n首期 174.20，手续费共 45.00，顾客承担");
    assert_true(rig_has_choice(rig, "n_3", true) && !rig_has_choice(rig, "n_4", true));
    GOOD(rig_keys(rig, "cancel choice:n_1"));
    assert_non_null(strstr(terminal_screen(rig->terminal)->choice[0].text, "商户承担"));
    GOOD(rig_keys(rig, "cancel choice:n_0 choice:n_1"));
    AT(rig, "sale.present");
    assert_string_equal(rig_line(rig, "INSTALMENT_MONTHS"), "分 6 期\t首期 174.20，以后 174.16");
    assert_string_equal(rig_line(rig, "INSTALMENT_FEE_CUSTOMER"), "手续费（顾客承担）\t45.00");
    assert_false(terminal_screen(rig->terminal)->scan || rig_has_choice(rig, "cash", true));
    GOOD(swipe(rig, "622209******6620"));
    AT(rig, "sale.present");
    assert_non_null(strstr(rig_line(rig, "INSTALMENT_OTHER_CARD"), "620001"));
    assert_int_equal(rig->sales_seen, 0);
    GOOD(swipe(rig, "620001******0012"));
    AT(rig, "sale.approved");
    assert_non_null(rig_line(rig, "INSTALMENT_MONTHS"));
    assert_int_equal(rig->last_type, PAYMENT_INSTALMENT);
    assert_int_equal(rig->last_plan.months, 6);
    assert_int_equal(rig->last_plan.fee_minor, 4500);
    assert_false(rig->last_plan.by_merchant);
    assert_int_equal(rig->row[0].amount, 100000); /* the fee is between customer and issuer */
    assert_true(printed(rig, "分期 6 期 首期 FIRST") && printed(rig, "174.16"));
    assert_true(printed(rig, "BORNE BY CARDHOLDER") && printed(rig, "分期消费/INSTALMENTS"));
    home(rig);
    GOOD(rig_restart(rig));
    GOOD(rig_keys(rig, "choice:records choice:query choice:row_1"));
    assert_non_null(rig_line(rig, "INSTALMENT_FEE_CUSTOMER"));
    GOOD(rig_key(rig, "choice:reprint"));
    assert_true(printed(rig, "分期 6 期 首期 FIRST"));
    rig_check_books(rig);
    rig_free(rig);
}

/* One step back is one sum again; what nobody offers a plan for has no such choice. */
static void test_in_one_sum(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    choose(rig);
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "sale.present");
    assert_null(rig_line(rig, "INSTALMENT_MONTHS"));
    assert_true(rig_has_choice(rig, "cash", true));
    GOOD(swipe(rig, "622209******6620"));
    AT(rig, "sale.approved");
    assert_int_equal(rig->last_type, PAYMENT_SALE);
    assert_int_equal(rig->last_plan.months, 0);
    home(rig);
    GOOD(rig_keys(rig, "choice:sale digit:9 digit:9 ok"));
    assert_false(rig_has_choice(rig, "instalment", true));
    home(rig);
    rig_check_books(rig);
    rig_free(rig);
}

/* A void is one of instalments; a refund is one as any other; the sums are right after both. */
static void test_given_back(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    uint32_t first = sold(rig), second = sold(rig);
    GOOD(rig_key(rig, "choice:void"));
    GOOD(type_voucher(rig, first));
    AT(rig, "void.confirm");
    GOOD(rig_key(rig, "ok"));
    GOOD(rig_enter(rig, "246813"));
    GOOD(swipe(rig, "620001******0012"));
    AT(rig, "sale.approved");
    assert_int_equal(rig->last_type, PAYMENT_INSTALMENT_VOID);
    assert_int_equal(rig->last_original.stan, first);
    assert_true(printed(rig, "分期撤销") && printed(rig, "-1000.00"));
    assert_int_equal(rig->terminal->records.batch_minor, 100000);
    home(rig);
    GOOD(rig_keys(rig, "choice:refund choice:voucher"));
    GOOD(type_voucher(rig, second));
    GOOD(rig_keys(rig, "digit:4 digit:0 digit:0 ok"));
    GOOD(rig_enter(rig, "246813"));
    GOOD(swipe(rig, "620001******0012"));
    AT(rig, "sale.approved");
    assert_int_equal(rig->last_type, PAYMENT_REFUND);
    assert_int_equal(rig->terminal->records.batch_minor, 60000);
    home(rig);
    GOOD(rig_keys(rig, "choice:manage choice:settle"));
    assert_string_equal(rig_line(rig, "SETTLE_DEBIT"), "收款\t2 笔，2000.00 元");
    assert_string_equal(rig_line(rig, "SETTLE_CREDIT"), "退还\t2 笔，1400.00 元");
    home(rig);
    rig_check_books(rig);
    rig_free(rig);
}

/* What the host refuses, and what it does not answer, is no plan. */
static void test_refused(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    memcpy(rig->code, "BB", 3);
    choose(rig);
    GOOD(swipe(rig, "620001******0012"));
    AT(rig, "sale.declined");
    assert_non_null(strstr(rig_line(rig, "SALE_DECLINED"), "分期方案"));
    memcpy(rig->code, "00", 3);
    home(rig);
    rig->mood = RIG_SILENT;
    choose(rig);
    GOOD(swipe(rig, "620001******0012"));
    GOOD(rig_advance(rig, 61000));
    AT(rig, "sale.reversed");
    home(rig);
    rig_check_books(rig);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plan),
        cmocka_unit_test(test_in_one_sum),
        cmocka_unit_test(test_given_back),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
