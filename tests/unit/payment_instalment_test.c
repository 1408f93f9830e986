/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plans of instalments as a table, their fees to the fen, and what makes a plan another than
 * the table's. Capability: S85.
 */
#include "payment/instalment.h"
#include "tests/unit/payment_rig.h"

#define NOW INT64_C(1790000000000) /* in September 2026 */

/* Each issuer has each of the periods once at a time, and nothing else; a bearer and a rate that is
 * one; no version is two rows. */
static void the_table_is_whole(void **state)
{
    (void)state;
    static const uint8_t months[] = {3, 6, 12, 24};
    size_t issuers, rows;
    const struct instalment_issuer *issuer = instalment_issuers(&issuers);
    const struct instalment_row *row = instalment_rows(&rows);
    size_t held = 0;
    for (size_t i = 0; i < rows; i++) {
        held += instalment_holds(&row[i], NOW);
        for (size_t k = 0; k < i; k++) assert_true(row[k].version < row[i].version);
    }
    assert_int_equal(held, issuers * ARRAY_LEN(months));
    for (size_t i = 0; i < issuers; i++) {
        assert_int_equal(strlen(issuer[i].bin), 6);
        for (size_t k = 0; k < ARRAY_LEN(months); k++) {
            const struct instalment_row *found =
                instalment_find(bytes_text(issuer[i].bin), months[k], NOW);
            assert_non_null(found);
            assert_int_equal(found->issuer, i);
        }
        assert_null(instalment_find(bytes_text(issuer[i].bin), 9, NOW));
    }
    for (size_t i = 0; i < rows; i++) {
        assert_true(row[i].rate > 0 && row[i].rate < 200);
        assert_true(row[i].least_minor > 0 && row[i].least_minor < row[i].most_minor);
    }
    assert_null(instalment_find(BYTES("620000"), 3, NOW));
    assert_null(instalment_find(BYTES("62000"), 3, NOW));
}

/* Worked by hand: 1,000.00 at 0.75 % for each of 6 months; a fee that is rounded up, and down. */
static void fees_are_right_to_the_fen(void **state)
{
    (void)state;
    static const struct {
        uint8_t months;
        int64_t amount, fee, first, each;
    } cases[] = {
        {6, 100000, 4500, 17420, 17416},       /* 1,045.00 in six */
        {3, 12800, 307, 4369, 4369},           /* 3.072 is 3.07; 131.07 in three */
        {3, 12811, 307, 4374, 4372},           /* 3.07464 is 3.07; 131.18 in three */
        {12, 10007, 793, 900, 900},            /* 7.925544 is 7.93; 108.00 in twelve */
        {24, 5000000, 744000, 239341, 239333}, /* 57,440.00 in twenty-four */
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct instalment_row *row = instalment_find(BYTES("620001"), cases[i].months, NOW);
        struct payment_plan plan = instalment_plan(row, cases[i].amount);
        struct instalment_months months = instalment_months(&plan, cases[i].amount);
        assert_int_equal(plan.fee_minor, cases[i].fee);
        assert_int_equal(months.first_minor, cases[i].first);
        assert_int_equal(months.each_minor, cases[i].each);
        assert_int_equal(months.first_minor + months.each_minor * (cases[i].months - 1),
                         cases[i].amount + cases[i].fee);
    }
    /* A fee that the merchant bears is no part of what the customer pays back. */
    struct payment_plan plan = instalment_plan(instalment_find(BYTES("620004"), 3, NOW), 100000);
    struct instalment_months months = instalment_months(&plan, 100000);
    assert_true(plan.by_merchant && plan.fee_minor == 1800);
    assert_int_equal(months.first_minor + 2 * months.each_minor, 100000);
}

/* Every amount that is offered, every plan: the months add up and the first is the largest. */
static void months_add_up(void **state)
{
    (void)state;
    size_t rows;
    const struct instalment_row *row = instalment_rows(&rows);
    for (size_t i = 0; i < rows; i++) {
        for (int64_t amount = row[i].least_minor; amount < row[i].least_minor + 3000; amount++) {
            struct payment_plan plan = instalment_plan(&row[i], amount);
            struct instalment_months m = instalment_months(&plan, amount);
            int64_t whole = amount + (plan.by_merchant ? 0 : plan.fee_minor);
            assert_int_equal(m.first_minor + m.each_minor * (plan.months - 1), whole);
            assert_true(m.first_minor >= m.each_minor &&
                        m.first_minor < m.each_minor + plan.months);
        }
    }
}

/* The host's answer to a plan that is not its own, whatever differs. */
static void another_plan_is_refused(void **state)
{
    (void)state;
    const struct bytes pan = BYTES("620001******0012");
    struct payment_plan right = instalment_plan(instalment_find(pan, 6, NOW), 100000), plan = right;
    assert_null(instalment_refusal(&plan, pan, 100000, NOW));
    plan.fee_minor--;
    assert_string_equal(instalment_refusal(&plan, pan, 100000, NOW), "BB");
    plan = right;
    plan.by_merchant = true;
    assert_string_equal(instalment_refusal(&plan, pan, 100000, NOW), "BB");
    plan = right;
    plan.months = 9;
    assert_string_equal(instalment_refusal(&plan, pan, 100000, NOW), "BB");
    assert_string_equal(instalment_refusal(&right, pan, 100001 * 50, NOW),
                        "BB"); /* above the most */
    assert_string_equal(instalment_refusal(&right, pan, 9999, NOW), "BB");
    assert_string_equal(instalment_refusal(&right, BYTES("620000******0005"), 100000, NOW), "BB");
    assert_string_equal(instalment_refusal(&right, (struct bytes){0}, 100000, NOW), "BB");
}

/* A plan that changes: what was agreed before is explained by what held then, for ever; for ten
 * minutes it is still taken, and then no more. */
static void versions_explain_what_was_agreed(void **state)
{
    (void)state;
    const struct bytes pan = BYTES("620004******0012");
    const int64_t from = INT64_C(1798732800000);
    const struct instalment_row *old = instalment_find(pan, 24, from - 1);
    const struct instalment_row *new = instalment_find(pan, 24, from);
    assert_int_equal(old->version, 1008);
    assert_int_equal(new->version, 1009);
    assert_ptr_equal(instalment_find(pan, 12, from - 1), instalment_find(pan, 12, from));
    struct payment_plan before = instalment_plan(old, 100000), after = instalment_plan(new, 100000);
    assert_int_equal(before.fee_minor, 14400); /* 0.60 % for each of 24 months */
    assert_int_equal(after.fee_minor, 13440);
    assert_ptr_equal(instalment_explain(&before, pan, 100000, NOW), old);
    assert_ptr_equal(instalment_explain(&before, pan, 100000, from), old);
    assert_ptr_equal(instalment_explain(&after, pan, 100000, from), new);
    assert_null(instalment_explain(&after, pan, 100000, from - 1));
    assert_null(instalment_refusal(&before, pan, 100000, from + INSTALMENT_GRACE_MS - 1));
    assert_string_equal(instalment_refusal(&before, pan, 100000, from + INSTALMENT_GRACE_MS), "BB");
    assert_null(instalment_refusal(&after, pan, 100000, from + INSTALMENT_GRACE_MS));
}

/* Field 62, as it is written and what it must not be; nothing is touched then. */
static void field_62(void **state)
{
    (void)state;
    static const struct {
        const char *field;
        enum err_code code;
    } odd[] = {{"06C00000000450", ERR_LENGTH}, {"06C0000000045000", ERR_LENGTH},
               {"00C000000004500", ERR_RANGE}, {"06X000000004500", ERR_FORMAT},
               {"6aC000000004500", ERR_DIGIT}, {"06C00000000450a", ERR_DIGIT}};
    struct payment sent = rig_sale(PAYMENT_CARD);
    sent.type = PAYMENT_INSTALMENT;
    sent.plan = (struct payment_plan){6, false, 4500};
    struct arena arena = rig_arena();
    struct iso8583_message m;
    iso8583_start(&m, 0x0200);
    assert_int_equal(instalment_write(&sent.plan, &arena, &m).code, ERR_OK);
    assert_true(bytes_equal(iso8583_get(&m, 62), BYTES("06C000000004500")));
    struct payment_plan got = {9, true, 1};
    for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
        iso8583_set(&m, 62, bytes_text(odd[i].field));
        assert_int_equal(instalment_read(&m, &got).code, odd[i].code);
        assert_true(got.months == 9 && got.by_merchant && got.fee_minor == 1);
    }
    iso8583_start(&m, 0x0200);
    assert_int_equal(instalment_read(&m, &got).code, ERR_MISSING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_whole),
        cmocka_unit_test(fees_are_right_to_the_fen),
        cmocka_unit_test(months_add_up),
        cmocka_unit_test(another_plan_is_refused),
        cmocka_unit_test(versions_explain_what_was_agreed),
        cmocka_unit_test(field_62),
    };
    return cmocka_run_group_tests_name("payment_instalment", tests, NULL, NULL);
}
