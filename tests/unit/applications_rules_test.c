/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decision tables of an application: who may have the free terminal (S130, S131, S144), and
 * which terminal suits (S134). Every row of the first is asked alone, at its edge, and together
 * with others; the second over every set of needs.
 */
#include "backoffice/applications/recommend.h"
#include "tests/unit/scratch.h"

/* A shop that passes every row. */
static struct eligibility_question good(void)
{
    return (struct eligibility_question){.today = 20261129,
                                         .type = APPLICANT_INDIVIDUAL,
                                         .needs = NEED_COUNTER | NEED_PRINT,
                                         .turnover_minor = 36000000,
                                         .born = 19800506,
                                         .identity_ends = 20300101,
                                         .licence_ends = ELIGIBILITY_LONG_TERM};
}

static struct eligibility_decision decide(const struct eligibility_question *q)
{
    struct eligibility_decision d;
    const struct eligibility_rules *rules = eligibility_version(1);
    assert_non_null(rules);
    assert_ok(eligibility_decide(rules, q, &d));
    assert_int_equal(d.version, 1);
    return d;
}

static void only(struct eligibility_question q, enum eligibility_rule rule)
{
    struct eligibility_decision d = decide(&q);
    assert_int_equal(d.findings, rule == 0 ? 0 : 1u << rule);
    assert_int_equal(d.outcome, rule == 0 ? ELIGIBLE : eligibility_rule_outcome(rule));
}

#define WITH(member, value)                           \
    ({                                                \
        struct eligibility_question changed = good(); \
        changed.member = (value);                     \
        changed;                                      \
    })

static void each_row_stands_alone(void **state)
{
    (void)state;
    only(good(), 0);
    only(WITH(type, APPLICANT_PERSON), ELIGIBILITY_TYPE);
    only(WITH(type, APPLICANT_COMPANY), 0);
    only(WITH(needs, 0), ELIGIBILITY_NEED);
    only(WITH(turnover_minor, -1), ELIGIBILITY_TURNOVER);
    only(WITH(born, 20100101), ELIGIBILITY_YOUNG);
    only(WITH(born, 19500101), ELIGIBILITY_OLD);
    only(WITH(identity_ends, ELIGIBILITY_NONE), ELIGIBILITY_IDENTITY);
    only(WITH(licence_ends, ELIGIBILITY_NONE), ELIGIBILITY_LICENCE);
    only(WITH(black_listed, true), ELIGIBILITY_LISTED);
}

/* S131: a million is free; a fen more is another offer, and never a bare refusal. */
static void the_cap_is_exact(void **state)
{
    (void)state;
    only(WITH(turnover_minor, 100000000), 0);
    only(WITH(turnover_minor, 100000001), ELIGIBILITY_CAP);
    only(WITH(turnover_minor, INT64_MAX), ELIGIBILITY_CAP);
    only(WITH(turnover_minor, 0), 0);
    assert_int_equal(eligibility_rule_outcome(ELIGIBILITY_CAP), ELIGIBLE_OTHER);
}

static void ages_and_documents_end_on_a_day(void **state)
{
    (void)state;
    only(WITH(born, 20081129), 0); /* eighteen today */
    only(WITH(born, 20081130), ELIGIBILITY_YOUNG);
    only(WITH(born, 19601130), 0); /* sixty-six tomorrow */
    only(WITH(born, 19601129), ELIGIBILITY_OLD);
    only(WITH(identity_ends, 20261130), 0);
    only(WITH(identity_ends, 20261129), ELIGIBILITY_IDENTITY);
    only(WITH(licence_ends, 20261129), ELIGIBILITY_LICENCE);
    assert_int_equal(eligibility_age(20080229, 20260228), 17);
    assert_int_equal(eligibility_age(20080229, 20260301), 18);
    assert_int_equal(eligibility_age(20080229, 20280229), 20);
}

/* S144: one person, two merchants; and a micro-merchant needs no licence. */
static void a_micro_merchant_has_limits_of_his_own(void **state)
{
    (void)state;
    struct eligibility_question q = good();
    q.type = APPLICANT_MICRO;
    q.licence_ends = ELIGIBILITY_NONE;
    only(q, 0);
    q.micro_merchants = 1;
    only(q, 0);
    q.micro_merchants = 2;
    only(q, ELIGIBILITY_MICRO);
    q.type = APPLICANT_COMPANY;
    q.licence_ends = ELIGIBILITY_LONG_TERM;
    only(q, 0);
}

/* Everything that is wrong is told at once, and the decision is the furthest. */
static void all_findings_are_kept(void **state)
{
    (void)state;
    struct eligibility_question q = good();
    q.turnover_minor = 100000001;
    q.identity_ends = ELIGIBILITY_NONE;
    struct eligibility_decision d = decide(&q);
    assert_int_equal(d.findings, 1u << ELIGIBILITY_CAP | 1u << ELIGIBILITY_IDENTITY);
    assert_int_equal(d.outcome, ELIGIBLE_MEND);
    q.black_listed = true;
    assert_int_equal(decide(&q).outcome, ELIGIBLE_NO);
    assert_string_equal(eligibility_outcome_word(ELIGIBLE_NO), "no");
    const struct eligibility_rules *rules = eligibility_version(1);
    struct eligibility_question wrong[] = {WITH(type, 0), WITH(type, APPLICANT_TYPES),
                                           WITH(needs, NEEDS_ALL + 1), WITH(turnover_minor, -2)};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_int_equal(eligibility_decide(rules, &wrong[i], &d).code, ERR_RANGE);
}

/* What was published stays: another rule is another version (the first as it was in 2026). */
static void a_version_is_for_ever(void **state)
{
    (void)state;
    size_t count;
    const struct eligibility_rules *all = eligibility_versions(&count);
    for (size_t i = 0; i < count; i++) assert_int_equal(all[i].version, i + 1);
    assert_int_equal(all[0].cap_minor, 100000000);
    assert_int_equal(all[0].age_min, 18);
    assert_int_equal(all[0].age_max, 65);
    assert_int_equal(all[0].micro_merchants_max, 2);
    assert_null(eligibility_version(0));
    assert_null(eligibility_version((uint32_t)count + 1));
    for (enum eligibility_rule r = ELIGIBILITY_TYPE; r < ELIGIBILITY_RULES; r++) {
        assert_true(strlen(eligibility_rule_text(r, true)) > 20);
        assert_true(strlen(eligibility_rule_text(r, false)) > 20);
        assert_true(strlen(eligibility_rule_word(r)) > 1);
    }
}

/* ---- S134 ---- */

static void every_need_gets_a_terminal_and_another(void **state)
{
    (void)state;
    static const struct {
        unsigned needs;
        enum terminal_kind best, other;
    } rows[] = {
        {NEED_COUNTER, KIND_SPEAKER, KIND_HANDHELD},
        {NEED_MOBILE, KIND_HANDHELD, KIND_SMART},
        {NEED_COUNTER | NEED_CARDS, KIND_HANDHELD, KIND_COUNTER},
        {NEED_MOBILE | NEED_PRINT, KIND_SMART, KIND_HANDHELD},
        {NEED_COUNTER | NEED_PRINT | NEED_CARDS, KIND_COUNTER, KIND_SMART},
        {NEED_HOTEL | NEED_PRINT | NEED_CARDS | NEED_COUNTER, KIND_COUNTER, KIND_SMART},
        {NEED_CATERING | NEED_TILL | NEED_PRINT, KIND_TILL, KIND_COUNTER},
        {NEED_VOLUME | NEED_COUNTER, KIND_COUNTER, KIND_TILL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct recommendation r = recommend(rows[i].needs);
        assert_int_equal(r.best, rows[i].best);
        assert_int_equal(r.other, rows[i].other);
        assert_int_equal(r.missing, 0);
    }
    for (unsigned needs = 1; needs <= NEEDS_ALL; needs++) {
        struct recommendation r = recommend(needs);
        assert_true(r.best != r.other);
        assert_int_equal(r.met | r.missing, needs);
        assert_int_equal(r.met & r.missing, 0);
        /* Nothing that has everything is passed over for what lacks something. */
        bool possible = false;
        for (enum terminal_kind k = KIND_SPEAKER; k < TERMINAL_KINDS; k++)
            possible = possible || (needs & ~terminal_kind_row(k)->can) == 0;
        assert_int_equal(r.missing == 0, possible);
    }
    for (unsigned i = 0; i < 8; i++)
        assert_true(need_text(1u << i, true) != NULL && need_text(1u << i, false) != NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_stands_alone),
        cmocka_unit_test(the_cap_is_exact),
        cmocka_unit_test(ages_and_documents_end_on_a_day),
        cmocka_unit_test(a_micro_merchant_has_limits_of_his_own),
        cmocka_unit_test(all_findings_are_kept),
        cmocka_unit_test(a_version_is_for_ever),
        cmocka_unit_test(every_need_gets_a_terminal_and_another),
    };
    return cmocka_run_group_tests_name("applications_rules", tests, NULL, NULL);
}
